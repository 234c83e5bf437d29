"""autodeploy: a git repository to a running application on AWS, and back."""

__version__ = "0.1.0"
