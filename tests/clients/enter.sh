#!/bin/bash
# SPDX-License-Identifier: MIT
# enter.sh ROOT COMMAND...: runs a command of an unpacked root (fetch.sh) with that root's own libraries, but this
# /sys, /proc, /dev, /run and working folder. Inside 'apsysfs run', whose mounts nobody else sees. Without a command it
# only makes what is missing there, for a user who may not write to it.
set -eu
root=$1
shift
here=$PWD
# two that enter at once must not both make what is missing
exec 9<"$root"
flock 9
for d in /sys /proc /dev /run "$here"; do
	mkdir -p "$root$d"
	if [ $# -gt 0 ] && [ ! "$root$d" -ef "$d" ]; then mount --rbind "$d" "$root$d"; fi
done
# no script of a package ran
[ -L "$root/var/run" ] || { rmdir "$root/var/run" 2>/dev/null || :; mkdir -p "$root/var" && ln -s ../run "$root/var/run"; }
for name in sh=bash awk=mawk; do
	[ -e "$root/usr/bin/${name%=*}" ] || ln -s "${name#*=}" "$root/usr/bin/${name%=*}"
done
for name in passwd group; do
	[ -e "$root/etc/$name" ] || cp "/etc/$name" "$root/etc/$name"
done
exec 9<&-
[ $# -gt 0 ] || exit 0
# systemd's programs refuse some of their work in a chroot
export SYSTEMD_IGNORE_CHROOT=1
# shellcheck disable=SC2016 # for the shell in there
exec chroot "$root" /usr/bin/bash -c 'cd "$0" && exec "$@"' "$here" "$@"
