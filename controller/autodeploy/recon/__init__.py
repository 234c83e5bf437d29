"""Recon: the repository, and what it is made of."""
