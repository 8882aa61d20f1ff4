#!/bin/bash
# SPDX-License-Identifier: MIT
# not below a policy: it finds its daemons by their command lines
# What a daemon holds once it is mounted: no capability it could use, no way to gain one, few system calls. Every
# other case runs under the same limits, and shows that nothing they need was taken away.
# seconds: 120
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

# the same, with a policy, before a host, and with both; the audit is in a folder of somebody else's in the last
cat >policy.yaml <<'E2'
grants:
  - { name: all, to: everyone, see: all, pool: all, assign: all, mdevs: all, actions: all }
E2
"$APSYSFS" mount m
mkdir n other
chown 2001 other
leave() { # m, which what was mounted before it keeps busy until it is gone
	for _ in $(seq 200); do fusermount3 -uq m && return; sleep 0.1; done
	exit 1
}
override=0000000000000002
[ "$(id -u)" = 0 ] || override=$none
limited() { # CAPABILITIES OPTION...: mounts on n, looks, writes through it, and that nothing else is reached
	local want=$1
	shift
	"$APSYSFS" mount -d "$@" "$PWD/n" 2>log &
	for _ in $(seq 100); do [ -e n/bus/ap ] && break; sleep 0.1; done
	daemon=$(daemon_of "$PWD/n")
	held "$daemon" "$want"
	if grep 'not limited here' log | grep -v Landlock; then exit 1; fi
	echo +5 >n/bus/ap/apmask
	echo -5 >n/bus/ap/apmask
	kill -TERM "$daemon"
	for _ in $(seq 100); do [ -e "/proc/$daemon" ] || break; sleep 0.1; done
}
limited $none --policy policy.yaml --audit audit --owners owners
limited $none --host m
limited $none --host m --policy policy.yaml --audit audit --owners owners
[ "$(id -u)" != 0 ] || limited $override --host m --policy policy.yaml --audit other/audit
grep -q '"outcome":"allowed"' audit
leave

# "run" makes device nodes and sends uevents as long as it runs: it keeps what that takes, and can execute nothing
cat >inside.sh <<'E2'
for p in /proc/[0-9]*; do
	[ "$(cat $p/comm)" = apsysfs ] || continue
	# the one with threads serves; who waits for the command executed nothing but it
	[ "$(ls $p/task | wc -l)" -ge 4 ] || continue
	sed -n 's/^\(NoNewPrivs\|Seccomp\|CapEff\|CapBnd\):[[:space:]]*/\1 /p' $p/status
	for t in $p/task/*; do sed -n 's/^\(Seccomp\|CapEff\):[[:space:]]*/\1 /p' $t/status; done
done | sort -u | tr '\n' ' '
E2
of_run='CapBnd 0000000000000000 CapEff 000000000820000b NoNewPrivs 1 Seccomp 2 '
is 'run' "$("$APSYSFS" run -- sh inside.sh)" "$of_run"
"$APSYSFS" mount m
is 'run --host' "$("$APSYSFS" run --host m -- sh inside.sh)" "$of_run"
leave
