#!/bin/bash
# SPDX-License-Identifier: MIT
# apsysfs doctor: all is well, a live mount, a dead one, a stuck one, a daemon without a mount; and a host that
# lacks this or that, each made so in a namespace of its own. What it advises works.
set -eu
# what others have mounted or running on this machine is not to be judged here
if [ "$(id -u)" = 0 ] && [ -z "${ALONE:-}" ]; then
	# shellcheck disable=SC2016 # for the shell in there
	ALONE=1 exec unshare -mpf --kill-child --mount-proc --propagation private sh -c '
		awk "/ - fuse.apsysfs /{ print \$5 }" /proc/self/mountinfo | tac | while read -r m; do umount -l "$m"; done
		exec "$0"' "$0"
fi
trap 'echo "line $LINENO"; cat none 2>/dev/null || :' ERR
fail() { echo "$*" >&2; exit 1; }
mkdir m
up() {
	"$APSYSFS" mount -f m &
	daemon=$!
	for _ in $(seq 50); do [ -e m/bus/ap ] && return; sleep 0.1; done
	fail 'the mount did not come up'
}
up
"$APSYSFS" doctor >well
cat well
grep -q "^ok .*/m: a mount that answers" well
"$APSYSFS" doctor --json >json
grep -q '"wrong":0' json
[ "$(grep -c '"what":' json)" = "$(grep -cE '^(ok|note|WRONG) ' well)" ]

# stopped: it is said, and doctor itself does not hang
kill -STOP $daemon
if "$APSYSFS" doctor >stuck; then fail 'the stuck mount was not seen'; fi
grep -q '^WRONG .*/m: its daemon does not answer' stuck
kill -CONT $daemon
"$APSYSFS" doctor >/dev/null

# unmounted while a file is open: the daemon lives on
exec 3<m/bus/ap/apmask
umount -l m 2>/dev/null || fusermount3 -uz m
if "$APSYSFS" doctor >stale; then fail 'the daemon without a mount was not seen'; fi
grep -q "^WRONG  process $daemon: a daemon whose mount is gone" stale
exec 3<&-
advice=$(sed -n "s/.*or by \(kill $daemon\)$/\1/p" stale)
sh -c "$advice" 2>/dev/null || :
wait $daemon 2>/dev/null || :
"$APSYSFS" doctor >/dev/null

up
kill -KILL $daemon
wait $daemon 2>/dev/null || :
if "$APSYSFS" doctor >dead; then fail 'the dead mount was not seen'; fi
cat dead
grep -q '^WRONG .*/m: Transport endpoint is not connected' dead
if "$APSYSFS" doctor --json >json; then fail 'with --json the status is another'; fi
grep -q '"wrong":1' json
if "$APSYSFS" mount m 2>why; then exit 1; fi
grep -q 'holds a dead mount; remove it' why
advice=$(sed -n 's/.*its daemon is gone: \(.*\) (as root.*/\1/p' dead)
sh -c "$advice"
"$APSYSFS" doctor >/dev/null
if "$APSYSFS" doctor too much 2>why; then exit 1; fi

# an older kernel costs, but is not wrong
setarch --uname-2.6 "$APSYSFS" doctor >old
grep -A1 '^note   kernel: 2\.6' old | grep -q 'before Linux 6.16'

[ "$(id -u)" = 0 ] || { echo 'note: not root, so hosts that lack something were not made'; exit 0; }
lacking() { # HOW: as root in a mount namespace; $1 is the program
	if unshare -m sh -euc "$1" "$APSYSFS" >none; then status=0; else status=1; fi
}
lacking 'mount -t tmpfs none /dev && exec "$0" doctor'
[ $status = 1 ]
grep -q '^WRONG  /dev/fuse: No such file' none
lacking 'mount -t tmpfs none /dev && mknod /dev/fuse c 10 229 && chmod 600 /dev/fuse &&
	exec setpriv --reuid 65534 --regid 65534 --clear-groups "$0" doctor' || :
grep -A1 '^WRONG  /dev/fuse: Permission denied' none | grep -q 'chmod 666'
cp /usr/bin/fusermount3 helper
chmod 755 helper
chmod 755 "$CASE_DIR" "$(dirname "$CASE_DIR")"
lacking 'mount --bind helper /usr/bin/fusermount3 && exec setpriv --reuid 65534 --regid 65534 --clear-groups "$0" doctor'
[ $status = 1 ]
grep -q '^WRONG  fusermount3: is not set-user-ID root' none
if [ -e /usr/bin/kmod ]; then
	: >empty
	lacking 'mount --bind empty /usr/bin/kmod && exec "$0" doctor'
	[ $status = 0 ]
	grep -A1 '^note   kmod: there is no /sbin/modprobe' none | grep -q 'apt-get install kmod'
fi
# limits of namespaces are those of the user namespace one is in
limit() { # LIMIT WHO
	unshare -U --map-user="$2" --map-group="$2" --keep-caps sh -euc 'echo 0 >/proc/sys/user/$1; exec "$0" doctor' \
		"$APSYSFS" "$1" >none && status=0 || status=$?
}
limit max_user_namespaces 1000
[ $status = 1 ]
grep -A1 "^WRONG  namespaces: 'run' gets no user namespaces: No space left" none | grep -q 'sysctl -w user.max_user_namespaces='
limit max_mnt_namespaces 0
[ $status = 1 ]
grep -A1 "^WRONG  namespaces: 'run' gets no mount and process namespaces" none | grep -q CAP_SYS_ADMIN
limit max_net_namespaces 0
[ $status = 0 ]
grep -A1 '^note   uevents: no network namespace: No space left' none | grep -q 'run --net'
# Debian's and Ubuntu's switches, as files of ours
mkdir kernel
echo 0 >kernel/unprivileged_userns_clone
echo 1 >kernel/apparmor_restrict_unprivileged_userns
lacking 'mount --bind kernel /proc/sys/kernel
	exec unshare -U --map-user=1000 --map-group=1000 --keep-caps sh -euc "echo 0 >/proc/sys/user/max_user_namespaces; exec \"\$0\" doctor" "$0"'
[ $status = 1 ]
grep -q 'sysctl -w kernel.unprivileged_userns_clone=1 as root' none
grep -q 'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0' none
# something over a part of /proc, as containers have it
lacking 'mount -t tmpfs none /proc/sys; exec unshare -U --map-user=1000 --map-group=1000 -m "$0" doctor'
[ $status = 1 ]
grep -A1 "^WRONG  namespaces: 'run' gets no /proc of its own" none | grep -q 'unmask /proc'
