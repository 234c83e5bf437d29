#!/bin/sh
# Says what a host is, one `KEY VALUE` a line. Reads only; $1 is the application's name.

say() {
    printf '%s %s\n' "$1" "$2"
}

if [ -r /etc/os-release ]; then
    # shellcheck source=/dev/null
    . /etc/os-release
    say system "${ID:-linux}-${VERSION_ID:-unknown}"
fi
say machine "$(uname -m)"
say ssh_port "${SSH_CONNECTION##* }"
[ -r /etc/ssh/ssh_host_ed25519_key.pub ] && say host_key "$(cut -d ' ' -f 1,2 /etc/ssh/ssh_host_ed25519_key.pub)"
[ -x /usr/bin/python3 ] && say has python3
{ [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; } && say has sudo
[ -r /var/lib/autodeploy/claim ] && say claim "$(cat /var/lib/autodeploy/claim)"
for path in "/srv/$1" "/var/cache/$1" /usr/sbin/nginx; do
    [ -e "$path" ] && say taken "$path"
done
getent passwd "app-$1" >/dev/null && say taken "the user app-$1"
# Local addresses in state LISTEN, as the kernel writes them.
cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | while read -r _ local _ state _; do
    [ "$state" = 0A ] && say listens "$local"
done
exit 0
