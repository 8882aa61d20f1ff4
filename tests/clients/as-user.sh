#!/bin/bash
# SPDX-License-Identifier: MIT
# as-user.sh CASE: a case once more, its runs as a plain user. For root alone: who is none runs all cases so.
set -eu
[ "$(id -u)" = 0 ] || { echo 'skip: not root, so all cases ran as a plain user'; exit 77; }
if [ -z "${IN_PRIVATE:-}" ]; then
	# the tree may be where the user cannot go; and /dev/fuse root's alone
	mkdir -m 777 top user
	chmod 755 "$CASE_DIR" "$(dirname "$CASE_DIR")"
	exec unshare -m env IN_PRIVATE=1 "$0" "$1"
fi
mount --bind "$TOP" top
mknod fuse c 10 229
chmod 666 fuse
mount --bind fuse /dev/fuse
BUILD=$CASE_DIR/top${BUILD#"$TOP"}
export TOP=$CASE_DIR/top BUILD PATH=$BUILD:$PATH
# with an overlay (run.sh) APSYSFS is a script that calls the program
if [ -n "${OVERLAY:-}" ]; then
	export APSYSFS_REAL=$BUILD/apsysfs PATH=${APSYSFS%/*}:$PATH
else
	export APSYSFS=$BUILD/apsysfs
fi
export AS_USER='setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all'
cd user
umask 0
export CASE_DIR=$PWD
$AS_USER "$APSYSFS" run -- true 2>why || {
	grep 'namespaces are not available' why && { echo 'skip: this host lets no plain user have namespaces'; exit 77; }
	cat why
	exit 1
}
exec "$TOP/tests/e2e/cases/$1.sh"
