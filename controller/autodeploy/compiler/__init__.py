"""The Compiler: from source to artifact."""
