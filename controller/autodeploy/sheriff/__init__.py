"""The Sheriff: what is hardened, what is found."""
