"""The Conductor: the story."""
