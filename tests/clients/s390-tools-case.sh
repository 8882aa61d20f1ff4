# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Sourced by the cases of the three versions: SUITE VERSION.
# The golden files: layout as these tools print it, values as the machine below has them; what it leaves open
# (serial numbers, master key patterns) is as core/card.c and core/queue.c make it from a card's number.
set -eu
. "$TOP/tests/clients/s390-tools.sh"
s390_tools "$1"
[ "${version%%-*}" = "$2" ] || { echo "skip: s390-tools of $1 is $version, expected $2"; exit 77; }
cat >host.yaml <<'E2'
usage: [4, 0x47, 0xab, 0xff]
control: [1, 4, 0x47, 0xab]
qact: true
rc8a: true
adapters:
  - { id: 5, type: CEX5C, serial: 93AAC1B4 }
  - { id: 6, type: CEX5A, depth: 16 }
  - { id: 0x0a, type: CEX7P, serial: 93ABCDEF01234567, ml: 16 }
E2
cat >secure.yaml <<'E2'
usage: [4]
control: []
qact: true
rc8a: true
apsb: true
secure_guest: true
adapters:
  - { id: 5, type: CEX5C }
  - { id: 6, type: CEX8A, bs: 2 }
  - { id: 0x0a, type: CEX8P, bs: 2 }
E2
# once more as a plain user the other kernels are the newest's to try: emulated programs are slow
kernels='4.20 5.10 6.1 6.12' until=
[ -z "${AS_USER:-}" ] || [ "$1" = forky ] || kernels='' until='=== Linux'
{
	${AS_USER:-} "$APSYSFS" run --clock virtual --machine host.yaml -- sh "$TOP/tests/clients/s390-tools-host.sh"
	echo '=== a secure-execution guest'
	${AS_USER:-} "$APSYSFS" run --clock virtual --machine secure.yaml -- sh "$TOP/tests/clients/s390-tools-secure.sh"
	for kernel in $kernels; do
		echo "=== Linux $kernel"
		${AS_USER:-} "$APSYSFS" run --clock virtual --kernel $kernel --machine host.yaml -- sh -c '
			echo -0x47 > /sys/bus/ap/aqmask
			for o in "" -V -b -d "-c 5" "-c 0a.0004"; do echo "\$ lszcrypt $o"; lszcrypt $o 2>&1; echo "rc=$?"; done'
	done
} >said 2>&1
same_as_golden s390-tools "$version" said "$until"
# 2.16 knows no device type ap
if [ "$1" != bookworm ]; then
	${AS_USER:-} "$APSYSFS" run --clock virtual -- sh "$TOP/tests/clients/s390-tools-zdev.sh" >zdev 2>&1
	same_as_golden zdev "$version" zdev
fi
${AS_USER:-} "$APSYSFS" run --clock virtual -- sh "$TOP/tests/clients/s390-tools-nodes.sh" >nodes 2>&1
same_as_golden zcryptctl "$version" nodes
