"""Application load balancers that are a real HAProxy on a host of the lab's own."""
