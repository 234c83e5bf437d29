"""The AWS-shaped API: moto, with what it lacks in front of and around it."""
