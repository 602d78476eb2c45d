"""R1-Omni (arXiv 2503.05379), native: face and voice into one language model that names the
emotion and says why. Rooms, in the order of the data:

``config`` sizes · ``tokens`` prompt · ``prepare`` pictures and sound → tensors · ``vision``
``audio`` ``connector`` ``gate`` the parts · ``model`` the whole · ``generate`` ``answers`` text ·
``config_file`` ``keys`` ``survey`` ``record`` ``checkpoint`` folders · ``describe`` what it weighs.
"""
