#!/bin/bash
# SPDX-License-Identifier: MIT
# seconds: 120
# kill -9 of the daemon before a host, at random moments while two tenants write: the host is as the last answered write
# left it, or has the one under way whole; a daemon started again knows whose which mdev is, and counts its limits on.
# KILLS=N: how often (12); SEED=N.
set -eu
[ "$(id -u)" = 0 ] || { echo 'skip: needs root, to be two users'; exit 77; }
command -v setpriv >/dev/null || { echo 'skip: no setpriv (util-linux)'; exit 77; }
chmod 755 "$CASE_DIR" "$(dirname "$CASE_DIR")"
mkdir host m
chmod 777 .
leave() { # m is gone soon after its daemon
	fusermount3 -uqz m || :
	for _ in $(seq 300); do fusermount3 -uq host && return; sleep 0.1; done
}
trap 'fusermount3 -uqz m || :; leave' EXIT
RANDOM=${SEED:-$$}
echo "seed ${SEED:-$$}"
fail() { echo "FAIL: round $round: $*"; exit 1; }
cat >policy.yaml <<'END'
grants:
  - name: first
    to: uid:2001
    pool: { adapters: [5, 16-31], domains: all }
    mdevs: own
    actions: [create, remove, pool]
    limits: { mdevs: 2 }
  - name: second
    to: uid:2002
    pool: { adapters: [6, 32-47], domains: all }
    mdevs: own
    actions: [create, remove, pool]
    limits: { mdevs: 2 }
END
matrix=devices/vfio_ap/matrix
create=$matrix/mdev_supported_types/vfio_ap-passthrough/create
# Writes until one gets no answer; what it wrote last and what was under way is in said.UID, a line each: bits, then mdev.
cat >writer.sh <<'END'
cd "$1/m"; said=$1/said.$2; first=$3 uuid=$4
RANDOM=$5
while :; do
	if [ $((RANDOM % 3)) = 0 ]; then
		if [ -d "MATRIX/$uuid" ]; then what="mdev 0"; file=MATRIX/$uuid/remove text=1; else what="mdev 1"; file=CREATE text=$uuid; fi
	else
		bits=$((RANDOM % 65536)) text=
		for i in {0..15}; do
			if [ $((bits >> i & 1)) = 1 ]; then text="$text,+$((first + i))"; else text="$text,-$((first + i))"; fi
		done
		what="bits $bits" file=bus/ap/apmask text=${text#,}
	fi
	echo "try $what" >>"$said"
	if echo "$text" 2>/dev/null >"$file"; then echo "done $what" >>"$said"; else exit 0; fi
done 2>/dev/null
END
sed -i "s|MATRIX|$matrix|g; s|CREATE|$create|g" writer.sh
start() {
	"$APSYSFS" mount -f --host host --policy policy.yaml --audit audit --owners owners m 2>>said.daemon &
	daemon=$!
	for _ in $(seq 200); do [ -d m/bus/ap ] && return; sleep 0.05; done
	fail 'the daemon did not start'
}
bits_of() { # FIRST: of the host's apmask, the first adapter lowest
	local mask i bit bits=0
	mask=$(cat host/bus/ap/apmask)
	for i in {0..15}; do
		bit=$(($1 + i))
		bits=$((bits | ((0x${mask:$((2 + bit / 4)):1} >> (3 - bit % 4) & 1) << i)))
	done
	echo $bits
}
uuid_of() { echo "a$1-0000-4000-8000-000000000001"; }
check() { # UID FIRST
	local kind found last next
	for kind in bits mdev; do
		if [ $kind = bits ]; then found=$(bits_of "$2"); else found=$([ -d "host/$matrix/$(uuid_of 000$1)" ] && echo 1 || echo 0); fi
		last=$(sed -n "s/^done $kind //p" "said.$1" | tail -n 1)
		next=$(tail -n 1 "said.$1" | sed -n "s/^try $kind //p")
		[ -z "$last$next" ] || [ "$found" = "${last:-none}" ] || [ "$found" = "${next:-none}" ] || [ -z "$last" ] ||
			fail "uid $1, $kind: found $found, answered $last, under way $next"
	done
}
"$APSYSFS" mount host
writes=0
for round in $(seq "${KILLS:-12}"); do
	start
	for who in 2001:16 2002:32; do
		uid=${who%:*}
		# what is there counts as answered
		chown 0 said.$uid 2>/dev/null || :
		{ echo "done bits $(bits_of "${who#*:}")"; echo "done mdev $([ -d "host/$matrix/$(uuid_of 000$uid)" ] && echo 1 || echo 0)"; } >said.$uid
		chown $uid said.$uid
		setpriv --reuid=$uid --regid=$uid --clear-groups -- bash writer.sh "$CASE_DIR" $uid "${who#*:}" "$(uuid_of 000$uid)" $RANDOM &
	done
	# each has written something; then any moment will do
	for uid in 2001 2002; do
		for _ in $(seq 200); do [ "$(grep -c ^done said.$uid)" -gt 2 ] && break; sleep 0.02; done
	done
	sleep 0.$((RANDOM % 3))$((RANDOM % 10))
	kill -9 $daemon
	wait
	fusermount3 -uqz m || :
	check 2001 16
	check 2002 32
	writes=$((writes + $(cat said.2001 said.2002 | grep -c ^done) - 4))
done
[ $writes -gt "${KILLS:-12}" ] || fail "only $writes writes were answered"
# whose they are, and the limits, are as before
start
for uid in 2001 2002; do
	uuid=$(uuid_of 000$uid)
	as() { setpriv --reuid=$uid --regid=$uid --clear-groups -- bash -c "cd m; $1"; }
	[ -d "host/$matrix/$uuid" ] || as "echo $uuid >$create"
	as "echo b${uuid#a} >$create"
done
kill -9 $daemon
wait
fusermount3 -uqz m || :
start
for uid in 2001 2002; do
	[ "$(as "ls $matrix | grep -c -- -4000-")" = 2 ] || fail "uid $uid does not see his two"
	! as "echo c000$uid-0000-4000-8000-000000000001 >$create" 2>/dev/null || fail "uid $uid got a third"
	[ "$(grep -c " $uid\$" owners)" = 2 ] || fail "owners: $(cat owners)"
	as "echo 1 >$matrix/b000$uid-0000-4000-8000-000000000001/remove"
	as "echo b000$uid-0000-4000-8000-000000000001 >$create"
done
kill $daemon
wait
[ ! -s said.daemon ] || { cat said.daemon; exit 1; }
echo "${KILLS:-12} kills, $writes writes answered"
