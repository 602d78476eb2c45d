"""A school of simulated learners: what each set of sensors brings, and what it does not.

Pure and fast: no browser, no server, no Django. Hidden knowledge and a hidden state make a learner
act; the real engine sees only what it would see of a real one.
"""
