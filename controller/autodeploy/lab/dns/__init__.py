"""The names of the lab's internet: Route 53's public zones, and who answers for them."""
