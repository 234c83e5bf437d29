"""The local pages of `autodeploy ui`: they read the state, and change nothing."""
