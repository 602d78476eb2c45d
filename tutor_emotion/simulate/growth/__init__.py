"""What a country would cost: the figures of one machine carried on to a million learners.

Pure and fast: no server, no Django. What was measured is in ``fitted.toml``, what is supposed in
``assumptions.toml``, with its range and its source.
"""
