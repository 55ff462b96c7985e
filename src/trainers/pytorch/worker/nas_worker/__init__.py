"""Trains op graphs with PyTorch 1.13 or later for the host, which speaks to it in lines of JSON."""
