#!/bin/bash
# SPDX-License-Identifier: MIT
# /dev in a run: the host's entries, which work as before, and the nodes of the virtual kernel's devices, which come and
# go with them, say what they are and cannot be opened; the same two runs deep.
# not over a host: modules come and go, which there the host's own commands do
set -eu
cat >inside.sh <<'E2'
set -eu
trap 'echo "inside.sh: line $LINENO" >&2' ERR
fail() { echo "$*" >&2; exit 1; }
is() { [ "$1" = "$2" ] || fail "expected \"$2\", but it is \"$1\""; }
node() { stat -c '%F %a %t:%T' "/dev/$1" 2>/dev/null || echo none; }
uuid=11111111-2222-4333-8444-555555555555

# the host's: devices, links, folders
echo x >/dev/null
is "$(head -c 3 /dev/zero | od -An -tx1)" ' 00 00 00'
is "$(echo through | cat /dev/stdin)" through
is "$(readlink /dev/fd)" /proc/self/fd
echo kept >/dev/shm/apsysfs-e2e.$$
is "$(cat /dev/shm/apsysfs-e2e.$$)" kept
rm /dev/shm/apsysfs-e2e.$$
# a new terminal, whose name is as long as it takes
is "$(script -qec 'tty | sed "s/[0-9]*$//"; test -t 0 && stty size' /dev/null </dev/null 2>&1 | tr -d '\r')" '/dev/.host/pts/
0 0'
is "$(ls /dev | sort | uniq -d)" ''

# the virtual kernel's
is "$(node z90crypt)" 'character special file 600 a:102'
is "$(node vfio/vfio)" 'character special file 666 a:c4'
is "$(cat /dev/z90crypt 2>&1)" 'cat: /dev/z90crypt: Permission denied'
is "$(node vfio/0)" none
echo $uuid >/sys/devices/vfio_ap/matrix/mdev_supported_types/vfio_ap-passthrough/create
is "$(node vfio/0)" "character special file 600 $(awk -F'[:]' '{ printf "%x:%x", $1, $2 }' /sys/class/vfio/0/dev)"
is "$(find /dev/vfio -type c | sort | tr '\n' ' ')" '/dev/vfio/0 /dev/vfio/vfio '
echo 1 >/sys/bus/mdev/devices/$uuid/remove
is "$(node vfio/0)" none
# links by number, as udev makes them, stay in here
ls -l /dev/char >/dev/null
ln -s ../mine /dev/char/4095:$1
echo mine >/sys/class/zcrypt/create
is "$(node mine)" "character special file 600 $(awk -F'[:]' '{ printf "%x:%x", $1, $2 }' /sys/class/zcrypt/mine/dev)"
ls /dev | grep -qx mine
chmod 666 /dev/mine
is "$(stat -c %a /dev/mine)" 666
rmmod vfio_ap
modprobe -r zcrypt_cex4 zcrypt
is "$(node mine)$(node z90crypt)" nonenone
modprobe zcrypt_cex4
is "$(node z90crypt)" 'character special file 600 a:102'
echo mine >/sys/class/zcrypt/create
# what the outer one's has is not the inner one's
if [ $1 != 0 ]; then apsysfs run -- bash ./inside.sh $(($1 - 1)); fi
is "$(node mine | cut -d' ' -f1-4)" 'character special file 600'
E2
${AS_USER:-} "$APSYSFS" run -- bash ./inside.sh 2
for n in 0 1 2; do [ ! -L /dev/char/4095:$n ] || { echo "a link is left in /dev/char" >&2; exit 1; }; done
# the terminal it is started from keeps its name
script -qec "${AS_USER:-} $APSYSFS run -- tty" /dev/null </dev/null | tr -d '\r' | grep -qx '/dev/pts/[0-9]*'
# its entries stay when others come and go
${AS_USER:-} "$APSYSFS" run -- sh -euc 'echo 1 >/sys/bus/ap/scans; echo x >/dev/null; test -c /dev/null
	apsysfs machine adapter add 9 type=CEX8P; echo x >/dev/null; test -e /sys/devices/ap/card09'
