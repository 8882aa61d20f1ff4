#!/bin/bash
# SPDX-License-Identifier: MIT
# not below a policy: it finds its daemons by their command lines
# What a daemon holds once it is mounted: no capability it could use, no way to gain one, few system calls. Every
# other case runs under the same limits, and shows that nothing they need was taken away.
set -eu
if grep -qsE '__(asan|tsan)_init|__gcov_' "$APSYSFS"; then
	echo 'skip: built with a sanitizer or for coverage, where nothing is given up'
	exit 77
fi
is() { [ "$2" = "$3" ] || { echo "$1: expected \"$3\", but it is \"$2\"" >&2; exit 1; }; }
field() { sed -n "s/^$2:[[:space:]]*//p" "$1/status"; }
daemon_of() { # MOUNT: the process that serves it; the one that waits to unmount is its child
	local p
	for p in $(pgrep -x apsysfs); do
		[ "$(readlink "/proc/$p/exe")" = "$(readlink -f "$APSYSFS")" ] || continue
		tr '\0' '\n' <"/proc/$p/cmdline" | grep -qx "$1" || continue
		[ "$(tr '\0' '\n' <"/proc/$(field "/proc/$p" PPid)/cmdline" 2>/dev/null | grep -cx "$1")" = 0 ] && echo "$p"
	done | head -n 1
}
held() { # PID CAPABILITIES: of every thread
	local t n=0
	for t in "/proc/$1/task"/*; do
		is "$t CapEff" "$(field "$t" CapEff)" "$2"
		is "$t NoNewPrivs" "$(field "$t" NoNewPrivs)" 1
		is "$t Seccomp" "$(field "$t" Seccomp)" 2
		n=$((n + 1))
	done
	[ $n -ge 4 ]
	is CapPrm "$(field "/proc/$1" CapPrm)" "$2"
	[ "$(id -u)" != 0 ] || is CapBnd "$(field "/proc/$1" CapBnd)" 0000000000000000
}
none=0000000000000000

mkdir m
"$APSYSFS" mount -d "$PWD/m" 2>log &
for _ in $(seq 100); do [ -e m/bus/ap ] && break; sleep 0.1; done
daemon=$(daemon_of "$PWD/m")
held "$daemon" $none
# what the kernel could not limit it says; here only Landlock may be missing
if grep 'not limited here' log | grep -v Landlock; then exit 1; fi
grep 'not limited here' log || :
echo -5 >m/bus/ap/apmask
kill -TERM "$daemon"
for _ in $(seq 100); do [ -e "/proc/$daemon" ] || break; sleep 0.1; done
[ ! -e m/bus ]

# "run" makes device nodes as long as it runs, so there only what executing could gain is given up
cat >inside.sh <<'E2'
for p in /proc/[0-9]*; do
	[ "$(cat $p/comm)" != apsysfs ] || sed -n 's/^NoNewPrivs:[[:space:]]*//p' $p/status
done | sort -u | tr '\n' ' '
E2
"$APSYSFS" run -- sh inside.sh | grep -q 1
