"""The one door to AWS."""
