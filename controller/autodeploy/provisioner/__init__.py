"""The Provisioner: from needs to AWS resources."""
