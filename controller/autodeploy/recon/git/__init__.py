"""Git, behind one door: what it fetches, has and writes; nothing of a repository runs."""
