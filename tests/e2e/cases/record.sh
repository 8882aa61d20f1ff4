#!/bin/sh
# SPDX-License-Identifier: MIT
# seconds: 120
# record: five kernels, each of a mount and of a copy of its tree; what is mounted again is the same tree. And the
# example, what stands in the file where something cannot be read, and what is said of a state that cannot be.
set -eu
mkdir m n
trap 'fusermount3 -u m 2>/dev/null || true; fusermount3 -u n 2>/dev/null || true' EXIT
uuid=62177883-f1bb-47f0-914d-32a22e3a8804
other=ef03cef0-9bba-4b7b-a0b2-0d6e7ec9d3a1

# names, links and texts; counters and what counts reads are left out
tree() (
	cd "$1"
	find . -type l -printf '%p -> %l\n' | sort
	find . -type d | sort
	find . -type f | sort
	grep -r --exclude=request_count --exclude=scans --exclude=bindings_complete_count '' . 2>&1 | sort
)
write() { echo "$1" >"m/$2"; }

cat >machine.yaml <<'END'
usage: [4, 0x0a, 0x47]
control: [4, 5]
adapters:
  - { id: 5, type: CEX5C }
  - { id: 6, type: CEX5A, depth: 4, pending: 9 }
  - { id: 0x0a, type: CEX6P, serial: "93AABEET00000001" }
queues:
  - { queue: "5.0x47", rc: 4 }
END
for kernel in 4.20 5.10 6.1 6.12 7.2; do
	"$APSYSFS" mount --kernel $kernel --machine machine.yaml --cmdline "ap.aqmask=0xffff" m
	matrix=devices/vfio_ap/matrix
	write +0-255 bus/ap/aqmask
	write 90 bus/ap/config_time
	write 06.0004 bus/ap/drivers/cex4queue/unbind
	write 0 devices/ap/card0a/online
	write 'a node' class/zcrypt/create
	write -5 bus/ap/apmask
	write $uuid $matrix/mdev_supported_types/vfio_ap-passthrough/create
	write $other $matrix/mdev_supported_types/vfio_ap-passthrough/create
	write 5 $matrix/$uuid/assign_adapter
	write 4 $matrix/$uuid/assign_domain
	write 4 $matrix/$uuid/assign_control_domain
	write "start $uuid" .apsysfs/guests/control
	"$APSYSFS" record --sys m >live.yaml
	cp -a m copy 2>/dev/null || true # class/zcrypt/create cannot be read
	"$APSYSFS" record --sys copy >copied.yaml
	for f in live copied; do
		"$APSYSFS" mount --machine $f.yaml n
		tree m >before
		tree n >after
		diff -u before after
		fusermount3 -u n
	done
	fusermount3 -u m
	rm -rf copy
done

# a tree that lacks things: the file says what, and what is left still mounts
"$APSYSFS" m
cp -a m copy 2>/dev/null || true
fusermount3 -u m
echo nonsense >copy/bus/ap/apmask
rm -r copy/module/ap
"$APSYSFS" record --sys copy >part.yaml
grep -q '^# bus/ap/apmask: not understood; expected a mask$' part.yaml
"$APSYSFS" mount --machine part.yaml n
[ -d n/devices/ap/card05/05.0004 ]
fusermount3 -u n

# no link leads out of the copy
rm copy/bus/ap/aqmask
ln -s /etc/passwd copy/bus/ap/aqmask
"$APSYSFS" record --sys copy >link.yaml
grep -q '^# bus/ap/aqmask: not read: ' link.yaml
if grep -q root: link.yaml; then exit 1; fi
rm copy/bus/ap/aqmask
mkfifo copy/bus/ap/aqmask
timeout 10 "$APSYSFS" record --sys copy | grep -q '^# bus/ap/aqmask: not read: '

# what is wrong is named with its place
if "$APSYSFS" record --sys /etc 2>why; then exit 1; fi
grep -q 'no bus/ap' why
if "$APSYSFS" record now 2>why; then exit 1; fi
refused() { # WHY: the file on standard input is refused so
	cat machine.yaml - >bad.yaml
	if "$APSYSFS" mount --machine bad.yaml n 2>why; then echo "mounted: $1" >&2; fusermount3 -u n; exit 1; fi
	grep -q "$1" why || { echo "expected: $1" >&2; cat why >&2; exit 1; }
}
echo "modules: [zcrypt, no_such]" | refused 'bad.yaml:9:19: modules.1: "no_such": expected a module'
echo "modules: [vfio_ap]" | refused 'needs to be named before'
echo "bus: { apmask: 5z }" | refused 'bad.yaml:9:6: bus: "5z": expected a mask'
printf 'devices:\n  - { device: "05.0099", online: 0 }\n' | refused 'bad.yaml:10:5: devices.0: "05.0099": expected a card'
printf 'devices:\n  - { device: "05.0004", driver: cex4card }\n' | refused '"cex4card": expected none, or a loaded driver'
printf 'mdevs:\n  - { mdev: %s, adapters: [5], domains: [4] }\n  - { mdev: %s, adapters: [5], domains: [4] }\n' $uuid $other |
	refused 'bad.yaml:11:5: mdevs.1: .*: expected APQNs that no other mdev has'
printf 'mdevs:\n  - { mdev: %s, guest: maybe }\n' $uuid | refused '"maybe": expected none, kvm or nokvm'
printf 'nodes:\n  - { node: x, minor: 256 }\n' | refused '"256": expected a number from 0 to 255'
printf 'mdevs:\n  - { mdev: %s, nonsense: 1 }\n' $uuid | refused 'bad.yaml:'

TMPDIR=$CASE_DIR sh "$TOP/mount-examples/record.sh" >out
cat out
grep -q "mdev: $uuid, adapters: \[0x05\], domains: \[0x04\]" out
grep -qx 05.0004 out
