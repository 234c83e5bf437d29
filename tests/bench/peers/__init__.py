"""What others need for the same: each peer is a class, and its files are in `content/`."""
