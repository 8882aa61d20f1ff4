#!/bin/bash
# SPDX-License-Identifier: MIT
# seconds: 120
# plan: the kernel document's three guests become its own commands; what cannot be done names who is in the way.
set -eu
u1=93e16ad1-9276-478d-84a1-a1391d853e10 u2=9bef9f47-41b9-49c1-bd0b-ac7509f6031b u3=d0d0889f-6097-4049-a581-ec01e60397e0
cp "$TOP/mount-examples/three-guests.yaml" guests.yaml
cat >documentation <<EOF
echo -5,-6 > /sys/bus/ap/apmask
echo -4,-0x47,-0xab,-0xff > /sys/bus/ap/aqmask
echo $u1 > /sys/devices/vfio_ap/matrix/mdev_supported_types/vfio_ap-passthrough/create
echo $u2 > /sys/devices/vfio_ap/matrix/mdev_supported_types/vfio_ap-passthrough/create
echo $u3 > /sys/devices/vfio_ap/matrix/mdev_supported_types/vfio_ap-passthrough/create
echo 5 > /sys/devices/vfio_ap/matrix/$u1/assign_adapter
echo 6 > /sys/devices/vfio_ap/matrix/$u1/assign_adapter
echo 4 > /sys/devices/vfio_ap/matrix/$u1/assign_domain
echo 0xab > /sys/devices/vfio_ap/matrix/$u1/assign_domain
echo 5 > /sys/devices/vfio_ap/matrix/$u2/assign_adapter
echo 0x47 > /sys/devices/vfio_ap/matrix/$u2/assign_domain
echo 0xff > /sys/devices/vfio_ap/matrix/$u2/assign_domain
echo 6 > /sys/devices/vfio_ap/matrix/$u3/assign_adapter
echo 0x47 > /sys/devices/vfio_ap/matrix/$u3/assign_domain
echo 0xff > /sys/devices/vfio_ap/matrix/$u3/assign_domain
EOF
refused() { # WORDS OPTION...
	words=$1
	shift
	if "$APSYSFS" plan "$@" >out 2>err; then cat out; echo "planned in spite of: $words"; return 1; fi
	grep -q "$words" err || { cat err; echo "expected: $words"; return 1; }
}

echo '-- the documentation, on every kernel; the script works and leaves nothing to do'
for kernel in 4.20 5.10 6.1 6.12 7.2; do
	"$APSYSFS" plan --kernel $kernel guests.yaml >script
	grep -v '^#\|^set' script | diff documentation -
	"$APSYSFS" run --kernel $kernel -- sh -euc '
		sh script
		"$0" plan guests.yaml >again
		"$0" plan --mdevctl guests.yaml >mdevctl' "$APSYSFS"
	if grep echo again; then exit 1; fi
	grep -q 'holds already' again
	if grep -q 'mdevctl st' mdevctl; then exit 1; fi
done

echo '-- applied at a mount; then others want what they have'
mkdir m
"$APSYSFS" mount m
trap 'fusermount3 -uz m' EXIT
"$APSYSFS" plan --mount m --apply guests.yaml
[ "$(cat m/devices/vfio_ap/matrix/$u2/matrix)" = "$(printf '05.0047\n05.00ff')" ]
want() { printf 'guests:\n  - { name: Other, adapters: [%s], domains: [%s], control: [%s] }\n' "$1" "$2" "${3-}" >wish.yaml; }
want 5 0x47
refused "Other: 05.0047 is held by the mdev $u2" --mount m wish.yaml
"$APSYSFS" guest --mount m start $u2
refused "held by the mdev $u2, whose guest runs" --mount m wish.yaml
want 9 4
refused 'Other: adapter 9 (0x09) is not there' --mount m wish.yaml
want 6 5
refused '06.0005 is not there' --mount m wish.yaml
want 5 4 0x10
refused 'control domain 16 (0x10) is not one' --machine /dev/stdin wish.yaml <<'EOF'
usage: [4]
control: [4]
adapters:
  - { id: 5, type: CEX5C }
EOF
refused '171 (0xab) is too large: this machine has them up to 63' --machine /dev/stdin guests.yaml <<'EOF'
max_domain: 63
usage: [4]
adapters:
  - { id: 5, type: CEX5C }
  - { id: 6, type: CEX5C }
EOF
want 5 4
refused '05.0004 is held by the host, driver cex4queue, by apmask and aqmask' --kernel 7.2 --keep-masks wish.yaml

echo '-- only what must be taken from the host is'
printf 'usage: [4, 5]\nadapters:\n  - { id: 5, type: CEX5C }\n  - { id: 6, type: CEX5C }\n  - { id: 7, type: CEX5C }\n' >machine.yaml
"$APSYSFS" plan --machine machine.yaml wish.yaml >script
grep -q 'echo -5 > /sys/bus/ap/apmask' script
if grep -q aqmask script; then exit 1; fi

echo '-- an mdev that is there changes by what differs'
cat >guests2.yaml <<EOF
guests:
  - { name: One, uuid: $u1, adapters: [5], domains: [4, 0xab] }
  - { name: Three, uuid: $u3, adapters: [6], domains: [0x47, 0xff, 4] }
EOF
"$APSYSFS" plan --mount m guests2.yaml >script
grep -v '^#\|^set' script >got
diff got /dev/stdin <<EOF
echo 6 > /sys/devices/vfio_ap/matrix/$u1/unassign_adapter
echo 4 > /sys/devices/vfio_ap/matrix/$u3/assign_domain
EOF
"$APSYSFS" plan --mount m --json guests2.yaml >json
grep -q '"possible":true' json

echo '-- bad files'
printf 'guests:\n  - { adapters: [5, 256], domains: [4] }\n' >bad.yaml
refused 'bad.yaml:2:21: guests.0.adapters.1: "256": expected a number from 0 to 255' --kernel 7.2 bad.yaml
printf 'guests:\n  - { uuid: 12, adapters: [5] }\n' >bad.yaml
refused 'bad.yaml:2:13: guests.0.uuid: "12": expected a UUID' --kernel 7.2 bad.yaml
printf 'guests:\n  - { colour: red }\n' >bad.yaml
refused 'bad.yaml:2' --kernel 7.2 bad.yaml
refused 'nowhere.yaml: No such file' --kernel 7.2 nowhere.yaml

echo '-- against a sysfs and a copy of it: what is planned for the copy works at the mount it was copied from'
mkdir n
for kernel in 4.20 6.1 7.2; do
	"$APSYSFS" mount --kernel $kernel n
	trap 'fusermount3 -uz m; fusermount3 -uzq n || :' EXIT
	echo 0 >n/devices/ap/card06/online
	"$APSYSFS" plan --mount n guests.yaml | sed "s|/sys/|n/|" >script
	sh script
	"$APSYSFS" guest --mount n start $u2
	cp -a n copy 2>/dev/null || : # some files cannot be read
	for tree in n copy; do
		"$APSYSFS" plan --sys $tree guests.yaml >again 2>err
		grep -q 'holds already' again || { cat again err; exit 1; }
		want 5 0x47
		# only the mount tells which guest runs; of a copy that is a guess, and is said to be
		refused "Other: 05.0047 is held by the mdev $u2, whose guest runs" --sys $tree wish.yaml
		cat >swap.yaml <<SWAP
guests:
  - { name: One, uuid: $u1, adapters: [5, 6], domains: [4] }
  - { name: Three, uuid: $u3, adapters: [6], domains: [0x47, 0xff, 0xab] }
SWAP
		"$APSYSFS" plan --sys $tree swap.yaml >swap.$tree 2>err
	done
	cmp swap.n swap.copy
	grep -q "$u1/unassign_domain" swap.copy
	sed "s|/sys/|n/|" swap.copy | sh -
	[ "$(cat n/devices/vfio_ap/matrix/$u3/matrix)" = "$(printf '06.0047\n06.00ab\n06.00ff')" ]
	# a copy would take writes as any files do
	refused 'copy is a copy' --sys copy --apply swap.yaml
	"$APSYSFS" record --sys n >recorded.yaml
	"$APSYSFS" plan --machine recorded.yaml swap.yaml >again
	grep -q 'holds already' again || { cat again; exit 1; }
	fusermount3 -u n
	rm -rf copy
done
refused 'has no bus/ap' --sys /etc wish.yaml
refused 'expected one of' --sys n --mount m wish.yaml

echo '-- by ap_config: each guest changes at once, also while it runs; who is in the way gives up first'
cat >swap.yaml <<EOF
guests:
  - { name: One, uuid: $u1, adapters: [5], domains: [0x47, 0xff] }
  - { name: Two, uuid: $u2, adapters: [5], domains: [4, 0xab] }
EOF
"$APSYSFS" plan --mount m --ap-config swap.yaml >script
[ "$(grep -c '/ap_config$' script)" = 4 ]
if grep -q assign script; then exit 1; fi
"$APSYSFS" guest --mount m start $u1
"$APSYSFS" plan --mount m --ap-config --apply swap.yaml
[ "$(cat m/devices/vfio_ap/matrix/$u1/guest_matrix)" = "$(printf '05.0047\n05.00ff')" ]
[ "$(cat m/devices/vfio_ap/matrix/$u2/guest_matrix)" = "$(printf '05.0004\n05.00ab')" ]
refused 'kernel 6.1 has no ap_config' --kernel 6.1 --ap-config guests.yaml
