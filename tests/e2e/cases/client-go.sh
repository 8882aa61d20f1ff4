#!/bin/bash
# SPDX-License-Identifier: MIT
# Statically linked Go programs of Debian 12, which make their system calls themselves and wait with epoll: cindex walks
# the tree, csearch and cgrep read it, emd writes an attribute, duf asks statfs of each mount; ripgrep (Rust) walks with
# many threads and would map files. At rest, and while cards and masks change.
# seconds: 120
set -eu
arch=$(dpkg --print-architecture)
root=$TOP/build/clients/go
why=$("$TOP/tests/clients/fetch.sh" --only bookworm "$arch" "$root" codesearch emd duf ripgrep libpcre2-8-0 2>&1) ||
	{ echo "skip: codesearch, emd, duf and ripgrep cannot be had: $(echo "$why" | tail -n 1)"; exit 77; }
cat "$root/.versions"
export root
for program in cindex csearch cgrep emd duf; do
	if readelf -d "$root/usr/bin/$program" | grep -q NEEDED; then
		echo "$program is not statically linked, so something may be between it and the kernel" >&2
		exit 1
	fi
done
cat >inside.sh <<'E2'
set -eu
trap 'echo "inside.sh: line $LINENO" >&2' ERR
fail() { echo "$*" >&2; exit 1; }
is() { [ "$1" = "$2" ] || fail "expected \"$2\", but it is \"$1\""; }
go() { program=$1; shift; timeout 60 "$root/usr/bin/$program" "$@"; }
rg() { LD_LIBRARY_PATH=$(echo "$root"/usr/lib/*/) timeout 60 "$root/usr/bin/rg" "$@"; }
ours='/sys/devices/ap /sys/bus/ap /sys/devices/vfio_ap /sys/class/zcrypt'
export CSEARCHINDEX=$PWD/index

# what they read is what grep reads, file by file
# shellcheck disable=SC2086 # one word a folder
go cindex $ours 2>cindex.log
go csearch -l . | sort >csearch.files
# shellcheck disable=SC2086
grep -rlsa . $ours | sort >grep.files
[ "$(wc -l <grep.files)" -gt 100 ]
diff grep.files csearch.files
# (reading some files makes the kernel ask the card, which counts that)
lines() { grep -v /request_count: "$1" | sort; }
# shellcheck disable=SC2046
go cgrep . $(cat grep.files) >cgrep.lines
# shellcheck disable=SC2046
grep . $(cat grep.files) >grep.lines
diff <(lines grep.lines) <(lines cgrep.lines)
# shellcheck disable=SC2086 # 2: some cannot be read
rg --mmap --no-ignore --hidden -a --no-heading -N . $ours >rg.lines 2>rg.log || [ $? = 2 ]
diff <(lines grep.lines) <(lines rg.lines)

# writing: with a new content, one that is refused, to a file that nobody may write, to none
card=/sys/devices/ap/card05
printf 0 >zero
go emd gen -in zero -out $card/online
is "$(cat $card/online $card/05.0004/online | tr '\n' ' ')" '0 0 '
printf 7 >seven
# (emd does not say what it is told, and tries to read what it may not write)
go emd gen -in seven -out $card/online
is "$(cat $card/online)" 0
go emd gen -in zero -out $card/type
is "$(cat $card/type)" CEX5C
if go emd gen -in zero -out $card/nosuch 2>said; then fail 'emd made a file'; fi
grep -q 'Cannot open out destination' said
printf 1 >one
go emd gen -in one -out $card/online
is "$(cat $card/05.0004/online)" 1
printf -- -6 >edit
go emd gen -in edit -out /sys/bus/ap/apmask
is "$(cut -c1-4 /sys/bus/ap/apmask)" 0xfd

# statfs
go duf -json -all >duf.json
python3 -c '
import json
sys = [m for m in json.load(open("duf.json")) if m["mount_point"] == "/sys"]
assert len(sys) >= 1 and sys[-1]["total"] == 0, sys'

# and all at once while everything changes: none hangs, none crashes
(
	for _ in 1 2 3 4 5 6 7 8; do
		echo -5 >/sys/bus/ap/apmask
		apsysfs machine adapter add 9 type=CEX8C
		echo +5 >/sys/bus/ap/apmask
		apsysfs machine adapter remove 9
	done
) &
ended() { [ "$1" -lt 124 ] || touch "hung.$2"; }
for n in 1 2 3; do
	# shellcheck disable=SC2086
	(s=0; CSEARCHINDEX=$PWD/index.$n go cindex $ours >moving.$n 2>&1 || s=$?; ended $s cindex) &
	# shellcheck disable=SC2046
	(s=0; go cgrep -c . $(cat grep.files) >/dev/null 2>&1 || s=$?; ended $s cgrep) &
	# shellcheck disable=SC2086
	(s=0; rg --mmap --no-ignore -a . $ours >/dev/null 2>&1 || s=$?; ended $s rg) &
done
wait
for f in hung.*; do [ ! -e "$f" ] || fail "$f"; done
if grep -q '^panic\|goroutine' moving.*; then cat moving.*; exit 1; fi
E2
"$APSYSFS" run -- bash ./inside.sh
