"""The Deployer: from artifact to running release."""
