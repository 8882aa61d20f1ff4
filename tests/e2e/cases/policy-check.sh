#!/bin/bash
# SPDX-License-Identifier: MIT
# policy check: what a policy would let through, on a virtual machine and on the record of a host, and no option that
# would mean nothing there.
set -eu
mkdir host
"$APSYSFS" host
trap 'fusermount3 -u host' EXIT
cat >policy.yaml <<'END'
grants:
  - name: operator
    to: uid:2001
    see: all
    pool: {adapters: 5, domains: all}
    actions: [pool]
END
check() { # STATUS [OPTION...] write PATH TEXT
	local want=$1 got=0
	shift
	"$APSYSFS" policy check policy.yaml --uid 2001 "$@" >out 2>err || got=$?
	[ $got = "$want" ] || { cat out err; echo "status $got, expected $want: $*"; exit 1; }
}
check 0 write bus/ap/apmask -5
grep -q 'let through by grant "operator"' out
check 1 write bus/ap/apmask -6
grep -q refused out
check 0 --json write /sys/bus/ap/apmask -0x5
[ "$(python3 -c 'import json; print(json.load(open("out"))[0]["allowed"])')" = True ]

# an absolute mask that takes 5 alone on a fresh machine gives 6 back on this host
taken=0xfbffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
check 0 write bus/ap/apmask $taken
echo -6 >host/bus/ap/apmask
"$APSYSFS" record --sys host >host.yaml
check 1 --machine host.yaml write bus/ap/apmask $taken
grep -q 'refused' out
# and asking has changed nothing
grep -q '^0xfdff' host/bus/ap/apmask

for option in --host=host --state=kept --trace=trace --policy=policy.yaml --owners=owned --audit=audit --dry-run \
	--passthrough --io-uring --state-sync; do
	check 2 $option write bus/ap/apmask -5
	grep -qF -- "${option%=*}" err
done
[ ! -e kept ] && [ ! -e trace ] && [ ! -e audit ] && [ ! -e owned ]
