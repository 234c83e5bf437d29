#!/bin/sh
# Makes the root folder of a build and runs a command there as an unprivileged user.
#
# Runs as root, in mount and PID namespaces of its own: nothing here changes the machine. What a
# build may see is listed; all else of the machine is not there.
#
# enter.sh ROOT UID PASSWD GROUP TEMPORARY [ro|rw PATH TARGET]... -- COMMAND...
set -eu
umask 022

root=$1 user=$2 passwd=$3 group=$4 temporary=$5
shift 5

mount -t tmpfs -o mode=755,nosuid,nodev tmpfs "$root"
for name in usr etc bin sbin lib lib32 lib64 libx32; do
    if [ -L "/$name" ]; then
        cp -P "/$name" "$root/$name"
    elif [ -d "/$name" ]; then
        mkdir "$root/$name"
        mount --rbind "/$name" "$root/$name"
    fi
done

mkdir "$root/proc" "$root/sys" "$root/dev" "$root/tmp" "$root/var"
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$root/dev/shm"
mount --bind "$temporary" "$root/tmp"
ln -s ../tmp "$root/var/tmp"

mount --bind "$passwd" "$root/etc/passwd"
mount --bind "$group" "$root/etc/group"
names=$(readlink -f /etc/resolv.conf || true)
case $names in
/etc/* | "") ;;
*) set -- ro "$names" "$names" "$@" ;;
esac

while [ "$1" != -- ]; do
    # One may lie below another that is there already.
    if [ -d "$2" ]; then
        mkdir -p "$root$3"
    elif [ ! -e "$root$3" ]; then
        mkdir -p "$root$(dirname "$3")"
        : >"$root$3"
    fi
    mount --bind -o "$1,nosuid,nodev" "$2" "$root$3"
    shift 3
done
shift
mount -o remount,ro "$root"

# The kernel forgets the parent-death signal that unshare set when the user changes.
exec chroot "$root" setpriv --pdeathsig KILL --reuid "$user" --regid "$user" --clear-groups --no-new-privs \
    --bounding-set=-all --inh-caps=-all -- "$@"
