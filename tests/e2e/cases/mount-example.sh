#!/bin/sh
# SPDX-License-Identifier: MIT
# mount-examples/mount.sh: mounts, shows, changes, and leaves nothing behind.
set -eu
export TMPDIR="$CASE_DIR"
sh "$TOP/mount-examples/mount.sh" >out
cat out
grep -qx 'apmask             0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff' out
grep -qx 'type of card05     CEX5C' out
tail -n 3 out | sed 's|.*/||' >end

diff -u - end <<'EOF'
cex4queue
0xfbffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
vfio_ap
EOF
