#!/bin/bash
# SPDX-License-Identifier: MIT
# apsysfs run where the host forbids a step: it says which, and what to do about it, with status 125.
set -eu
[ "$(id -u)" = 0 ] || { echo 'skip: only root can make a host that forbids'; exit 77; }
chmod 755 "$CASE_DIR" "$(dirname "$CASE_DIR")"
cp "$APSYSFS" apsysfs
refused() { # WHAT-IT-SAYS COMMAND...: it fails, and says so
	local want=$1 s=0
	shift
	"$@" >out 2>err || s=$?
	[ $s = 125 ] || { echo "exit status $s, expected 125: $*"; cat out err; exit 1; }
	[ ! -s out ] || { echo 'the command ran'; exit 1; }
	grep -q "$want" err || { echo "expected \"$want\", but it says: $(cat err)"; exit 1; }
}
user='setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set=-all --inh-caps=-all'

# user namespaces used up: the limit of a namespace of this case's own, in which nobody is 65534 too
mkfifo hold go
unshare -U sh -c 'echo >hold; read -r _ <go; exec "$@"' sh sh -euc '
	echo 0 > /proc/sys/user/max_user_namespaces
	exec setpriv --reuid 65534 --regid 65534 --clear-groups ./apsysfs run -- echo ran' >out 2>err &
inside=$!
read -r _ <hold
for map in uid_map gid_map; do echo '0 0 65536' >/proc/$inside/$map; done
echo >go
s=0
wait $inside || s=$?
[ $s = 125 ] && grep -q 'user namespaces are not available' err && grep -q 'user.max_user_namespaces' err && [ ! -s out ] ||
	{ echo "exit status $s: $(cat out err)"; exit 1; }

# a container's root, who has not the right to mount
refused 'private namespaces are not available' setpriv --bounding-set=-all --inh-caps=-all ./apsysfs run -- echo ran
# no /dev/fuse, and one that is root's alone
refused '/dev/fuse: No such file.*modprobe fuse' unshare -m sh -c 'mount -t tmpfs none /dev && exec ./apsysfs run -- echo ran'
mknod fuse c 10 229
chmod 600 fuse
refused '/dev/fuse: Permission denied.*0666' unshare -m sh -c "mount --bind fuse /dev/fuse && exec $user ./apsysfs run -- echo ran"
# /proc with something over it, as in containers: no new one may be mounted there
chmod 666 fuse
unshare -m sh -c 'mount --bind fuse /dev/fuse && mount -t tmpfs none /proc/sys && exec "$@"' sh $user ./apsysfs run -- echo ran >out 2>err &&
	{ echo 'note: this kernel lets a user mount /proc all the same'; exit 0; }
grep -q 'mounting /proc.*containers' err || { cat err; exit 1; }
