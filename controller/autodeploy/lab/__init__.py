"""The lab: an AWS-shaped cloud on this machine."""
