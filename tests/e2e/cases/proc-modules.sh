#!/bin/bash
# SPDX-License-Identifier: MIT
# /proc/modules in a run: our modules, then the host's whose names are not ours; both as they are now. (The booted
# s390x machine of check-s390x-boot has such a file, should this kernel have none.)
# not over a host: there /proc/modules is the host's
set -eu
[ -e /proc/modules ] || { echo 'skip: this kernel has no modules, so there is no /proc/modules to cover'; exit 77; }
cut -d' ' -f1 /proc/modules | sort >host.before
cat >inside.sh <<'E2'
set -eu
fail() { echo "$*" >&2; cat /proc/modules >&2; exit 1; }
names() { cut -d' ' -f1 /proc/modules | sort; }
# name by name: the virtual kernel's, and what else the host has (a host may have vfio too)
expected() { { cut -d' ' -f1 host.before; cat mine; } | sort -u; }
ours='zcrypt zcrypt_cex4 vfio_ap vfio mdev kvm'
cut -d' ' -f1 /sys/.apsysfs/proc_modules | sort >mine
for name in $ours; do grep -qx "$name" mine || fail "$name is not among the modules"; done
names | diff - <(expected) || fail 'not the sum of both'
[ -z "$(names | uniq -d)" ] || fail 'one stands twice'
# each line has six words, as lsmod needs; and lsmod tells the same
[ -z "$(awk 'NF != 6' /proc/modules)" ] || fail 'a line is no line of a module'
lsmod | awk 'NR > 1 { print $1 }' | sort | diff - <(names) || fail 'lsmod says something else'
# a module of ours goes and comes back
rmmod vfio_ap
if grep -q '^vfio_ap ' /proc/modules; then fail 'vfio_ap is still there'; fi
[ "$(awk '$1 == "vfio" { print $3 }' /proc/modules)" -lt 2 ] || fail 'vfio is still used by it'
modprobe vfio_ap
grep -q '^vfio_ap [0-9]* 0 - Live 0x' /proc/modules || fail 'vfio_ap is not back'
grep -q '^vfio [0-9]* [1-9][0-9]* .*vfio_ap,.* Live 0x' /proc/modules || fail 'vfio is not used'
# a run in the run
[ "$(apsysfs run -- cut -d' ' -f1 /proc/modules | sort)" = "$(names)" ] || fail 'an inner run has others'
# read in pieces it is whole
dd if=/proc/modules bs=7 2>/dev/null | cmp - /proc/modules || fail 'in pieces it is another'
E2
"$APSYSFS" run -- bash ./inside.sh
cut -d' ' -f1 /proc/modules | sort | diff host.before -
# without any of ours only the host's are there
"$APSYSFS" run --no-modules -- cut -d' ' -f1 /proc/modules | sort | diff <(grep -vxE 'ap|zcrypt.*|vfio.*|mdev|kvm|irqbypass|iommufd' host.before) -
# the test has a module of the host to see
[ -s host.before ] || { echo 'skip: the host has no module loaded, so nothing was merged; the rest passed'; exit 77; }
