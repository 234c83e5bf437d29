"""The one door to Ansible and to SSH."""
