server ENV.fetch("ADDRESS"), user: "admin", roles: %w[web], ssh_options: {
  keys: [ENV.fetch("KEY")],
  user_known_hosts_file: [ENV.fetch("KNOWN_HOSTS")],
  verify_host_key: :always,
}
