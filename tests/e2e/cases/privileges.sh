#!/bin/bash
# SPDX-License-Identifier: MIT
# not below a policy: it finds its daemons by their command lines
# What a daemon holds once it is mounted: no capability it could use, no way to gain one, few system calls. Every
# other case runs under the same limits, and shows that nothing they need was taken away.
# seconds: 240
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

# The same of "run", which makes device nodes and sends uevents as long as it runs: it keeps what these take, where they
# are wanted.
cat >server.sh <<'E2'
for p in /proc/[0-9]*; do
	# the one with threads serves; who waits for the command has none
	[ "$(cat $p/comm)" != apsysfs ] || [ "$(ls $p/task | wc -l)" -lt 4 ] || server=$p
done
E2
cat >limits.sh <<'E2'
. ./server.sh
sed -n 's/^\(CapBnd\):[[:space:]]*/\1 /p' $server/status
sed -n 's/^\(NoNewPrivs\|Seccomp\|CapPrm\|CapEff\):[[:space:]]*/\1 /p' $server/task/*/status
E2
cat >tries.sh <<'E2'
. ./server.sh
while read -r want call; do
	got=$(forced ${server#/proc/} $call)
	# a descriptor is as good as another
	case $want:$got in "$got:$got"|fd:[1-9]*) ;; *) echo "$call: expected $want, but it is $got"; exit 1 ;; esac
done
E2
within() { # CAPABILITIES OPTION...
	local want="CapBnd $none CapEff $1 CapPrm $1 NoNewPrivs 1 Seccomp 2 "
	shift
	is "run $*" "$("$APSYSFS" run "$@" -- sh limits.sh | sort -u | tr '\n' ' ')" "$want"
}
if [ "$(id -u)" = 0 ]; then
	nodes=0000000008000000 nodes_and_events=0000000008200000
else
	nodes=$none nodes_and_events=0000000000200000
fi
events=0000000000200000
within $nodes
within $nodes_and_events --net
within $nodes --state state --policy policy.yaml --audit audit
"$APSYSFS" mount m
within $none --host m
within $events --host m --net
within $none --host m --policy policy.yaml --audit audit --owners owners

# Its server is made to try what it may not, and what it must be able to.
tries() { # OPTION... -- then lines of RESULT CALL ARGUMENT...
	"$APSYSFS" run "$@" -- sh tries.sh
}
landlock() { python3 -c 'import ctypes, sys; sys.exit(ctypes.CDLL(None).syscall(444, 0, 0, 1) < 1)'; }
touch beside
mkdir etc
cp policy.yaml etc
if ! forced $$ getpid >why 2>&1; then
	echo "not tried here: $(cat why)"
	leave
	exit
fi
if landlock; then
	tries <<-E2
		EACCES openat -100 /etc/passwd 0
		EACCES openat -100 $PWD/beside 0
		EACCES openat -100 $PWD/new 0101 0600
		EACCES openat -100 /dev 0200000
	E2
	tries --state state <<-E2
		fd openat -100 $PWD/beside 0
		fd openat -100 $PWD/new 0101 0600
		EACCES openat -100 /etc/passwd 0
	E2
	tries --host m --policy etc/policy.yaml <<-E2
		fd openat -100 $PWD/m/bus/ap/apmask 2
		fd openat -100 $PWD/m/bus 0200000
		fd openat -100 /proc/self/comm 0
		EACCES openat -100 /etc/passwd 0
		EACCES openat -100 /proc/self/comm 1
		EACCES openat -100 $PWD/m/.apsysfs/machine 0
		EACCES openat -100 $PWD/m/../beside 1
	E2
fi
if [ "$(id -u)" = 0 ]; then
	tries <<-E2
		0 mknodat -100 /dev/tried 0020600 0x103
		0 fchmodat -100 /dev/tried 0666
		EPERM fchmodat -100 /dev/tried 04666
		0 unlinkat -100 /dev/tried 0
		EPERM mknodat -100 /dev/tried 0060600 0x103
	E2
	! landlock || tries <<-E2
		EACCES mknodat -100 $PWD/tried 0020600 0x103
	E2
	tries --host m <<-E2
		EPERM mknodat -100 $PWD/tried 0020600 0x103
	E2
fi
for option in '' --net "--host $PWD/m" "--host $PWD/m --net"; do
	# shellcheck disable=SC2086 # its words
	tries $option <<-E2
		EPERM socket 2 1 0
		EPERM clone 17 0 0 0 0
		EPERM symlinkat / -100 $PWD/tried
		EPERM kill 1 0
	E2
	# shellcheck disable=SC2086
	tries $option <<-E2
		SIGSYS execve /bin/true 0 0
	E2
done
for deadly in "mount none /tmp tmpfs 0 0" "umount2 /sys 2" "setns 0 0" "unshare 0x20000" "open_tree -100 / 1" "chroot /" \
	"ptrace 16 1 0 0" "bpf 0 0 0"; do
	tries --host "$PWD/m" --net <<-E2
		SIGSYS $deadly
	E2
done
leave
