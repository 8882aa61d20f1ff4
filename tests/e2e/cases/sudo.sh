#!/bin/bash
# SPDX-License-Identifier: MIT
# Scripts that call sudo, in a plain user's run: there he is root, and sudo runs what it is given; nowhere else.
# not over a host: it loads and unloads modules, which there the host's own commands do
set -eu
if [ -z "${AS_USER:-}" ]; then
	[ "$(id -u)" != 0 ] || exec "$TOP/tests/clients/as-user.sh" sudo
	[ -e /usr/bin/sudo ] || { echo 'skip: this host has no sudo to stand in for'; exit 77; }
else
	# a host that has sudo, which refuses as the real one does there
	[ -e /usr/bin/sudo ] || {
		mkdir -p up/upper up/work
		mount -t tmpfs none up
		mkdir up/upper up/work
		mount -t overlay none -o "lowerdir=/usr/bin,upperdir=$PWD/up/upper,workdir=$PWD/up/work" /usr/bin 2>why ||
			{ echo "skip: no sudo on this host, and none can be put there: $(cat why)"; exit 77; }
		printf '#!/bin/sh\necho "sudo: it belongs to nobody here" >&2; exit 1\n' >/usr/bin/sudo
		chmod 755 /usr/bin/sudo
	}
fi
cat >inside.sh <<'E2'
set -eu
trap 'echo "inside.sh: line $LINENO" >&2' ERR
fail() { echo "$*" >&2; exit 1; }
is() { [ "$1" = "$2" ] || fail "expected \"$2\", but it is \"$1\""; }
apmask() { cut -c1-4 /sys/bus/ap/apmask; }
status() { s=0; "$@" >out 2>&1 || s=$?; echo $s; }
# as scripts have it
echo -5 | sudo tee /sys/bus/ap/apmask >/dev/null
is "$(apmask)" 0xfb
sudo -n sh -c 'echo +5 > /sys/bus/ap/apmask'
is "$(apmask)" 0xff
sudo -E -H -u root modprobe -r vfio_ap
[ ! -e /sys/devices/vfio_ap ]
sudo /sbin/modprobe vfio_ap 2>/dev/null || sudo modprobe vfio_ap
[ -e /sys/devices/vfio_ap ]
is "$(A=1 sudo --preserve-env=A B=2 sh -c 'echo $A$B')" 12
is "$(sudo -- echo -n x)" x
is "$(SHELL=/bin/sh sudo -s echo 'a  b;c' '$((1+1))')" 'a  b;c $((1+1))'
is "$(echo 'echo $0' | SHELL=/bin/sh sudo -i)" /bin/sh
is "$(sudo -D /sys/bus/ap pwd)" /sys/bus/ap
sudo -v
sudo -k
is "$(status sudo sh -c 'exit 7')" 7
is "$(status sudo nosuch_command)" 1
is "$(cat out)" 'sudo: nosuch_command: command not found'
is "$(status sudo -u daemon id)" 1
grep -q 'nobody but root' out
is "$(status sudo)" 1
is "$(status sudo --nosuch)" 1
# and a run in the run
is "$(apsysfs run -- sudo sh -c 'echo -6 >/sys/bus/ap/apmask; cut -c1-4 /sys/bus/ap/apmask')" 0xfd
E2
${AS_USER:-} "$APSYSFS" run -- bash ./inside.sh
# outside it is the host's
if cmp -s /usr/bin/sudo "$APSYSFS"; then exit 1; fi
