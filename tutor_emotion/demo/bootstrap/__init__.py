"""Sets up a fresh machine. Standard library only: it runs before anything is installed.

It is started as ``python3 -m bootstrap`` from the folder above, so that neither Django nor
anything else of ``tutor_emotion`` is imported.
"""
