#!/bin/bash
# SPDX-License-Identifier: MIT
# seconds: 400
# What plain users try against a policy with tenants (tests/attack has the tables), before the machine itself and before
# a host, for which another mount stands: there every fourth, as each judged write reads all of the host first. Then with a policy that grants all to all: what gets through is seen.
set -eu
[ "$(id -u)" = 0 ] || { echo 'skip: needs root, to be other users'; exit 77; }
command -v setpriv >/dev/null || { echo 'skip: no setpriv (util-linux)'; exit 77; }
chmod 755 "$CASE_DIR" "$(dirname "$CASE_DIR")"
mkdir host m
. "$TOP/tests/e2e/leave-host.sh"
trap 'leave_host m host; fusermount3 -uqz m || :; fusermount3 -uqz host || :' EXIT
root='{ name: host, to: "uid:0", see: all, pool: all, assign: all, mdevs: all, actions: all }'
cat >tenants.yaml <<END
grants:
  - $root
  - name: first
    to: uid:2001
    pool: { adapters: 5, domains: all }
    assign: { adapters: 5, domains: [4, 0x47] }
    mdevs: own
    actions: [create, remove, assign, pool, online]
    limits: { mdevs: 1 }
  - name: second
    to: uid:2002
    see: { adapters: 6, domains: all }
    assign: { adapters: 6, domains: [0xab, 0xff] }
    mdevs: own
    actions: [create, remove, assign]
    limits: { mdevs: 1 }
  - name: fourth
    to: uid:2004
    assign: { adapters: 5, domains: 4 }
    mdevs: own
    actions: [create, remove, assign]
    limits: { mdevs: 1 }
END
cat >open.yaml <<END
grants:
  - $root
  - { name: open, to: everyone, see: all, pool: all, assign: all, mdevs: all, actions: all }
END
matrix=devices/vfio_ap/matrix
create=mdev_supported_types/vfio_ap-passthrough/create
a1=a1000000-0000-4000-8000-000000000001 b1=b1000000-0000-4000-8000-000000000001
as() { setpriv --reuid="$1" --regid="$1" --clear-groups -- bash -ec "cd '$CASE_DIR/m/$matrix'; $2"; }
attack() { # POLICY memory|host STEP: sets status; what it says is in out
	local host=m daemon
	cp "$1" policy.yaml
	if [ "$2" = host ]; then
		host=host
		"$APSYSFS" mount --clock virtual host
		"$APSYSFS" mount -f --host host --policy policy.yaml --audit audit --owners owners m 2>said &
	else
		"$APSYSFS" mount -f --clock virtual --policy policy.yaml --audit audit --owners owners m 2>said &
	fi
	daemon=$!
	for _ in $(seq 200); do [ -d m/bus/ap ] && break; sleep 0.05; done
	echo -6 >$host/bus/ap/apmask
	echo -0xab,-0xff >$host/bus/ap/aqmask
	as 2001 "echo -5 >../../../bus/ap/apmask; echo $a1 >$create; echo 5 >$a1/assign_adapter; echo 0x47 >$a1/assign_domain"
	as 2002 "echo $b1 >$create; echo 6 >$b1/assign_adapter; echo 0xab >$b1/assign_domain"
	status=0
	"$BUILD/attack" "$PWD/m" "$PWD/audit" $daemon "$PWD/$host" "$3" >out 2>&1 || status=$?
	leave_host m host
	wait $daemon || :
	rm -f owners audit
	echo "== $1, $2: $SECONDS s so far"
}
for behind in memory host; do
	if [ $behind = memory ]; then step=1 least=700; else step=4 least=200; fi
	attack tenants.yaml $behind $step
	cat out said
	[ $status = 0 ]
	[ "$(sed -n 's/^\([0-9]*\) attempts, .* 0 breaches$/\1/p' out)" -ge $least ]
	[ ! -s said ]
done
attack open.yaml memory 3
tail -n 1 out
[ $status = 1 ]
[ "$(grep -c '^breach: .* the state changed' out)" -ge 20 ]
for family in 'masks: relative' 'own mdev: ap_config' 'root opened, he writes' 'opened, then another user' 'what is hidden' \
	'hidden mdevs in listings' 'in the groups of root' 'root of a user namespace'; do
	grep -q "^breach: $family:" out || { cat out; echo "not seen to fail: $family"; exit 1; }
done
