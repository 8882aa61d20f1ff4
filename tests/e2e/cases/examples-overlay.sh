#!/bin/bash
# SPDX-License-Identifier: MIT
# seconds: 180
# not below a policy: the examples have theirs
# The examples of the overlay, as they stand: each script over a run that stands for the host, with users of its own; what
# the unit and the DaemonSet start is started, with their words but for paths.
set -eu
[ "$(id -u)" = 0 ] || { echo 'skip: needs root, to be several users'; exit 77; }
command -v setpriv >/dev/null && command -v unshare >/dev/null || { echo 'skip: no setpriv and unshare (util-linux)'; exit 77; }
examples=$TOP/mount-examples
# where other users get at it
top=$(mktemp -d /tmp/apsysfs-examples.XXXXXX)
trap 'umount -lq "$top/n" || :; umount -lq "$top/m" || :; rm -rf --one-file-system "$top"' EXIT
chmod 755 "$top"
cd "$top"
(cat /etc/passwd; echo 'operator:x:2003:2003::/nonexistent:/bin/sh') >passwd
(cat /etc/group; echo 'apops:x:2004:operator'; echo 'operator:x:2003:') >group
example() { # SCRIPT ARGUMENT...
	rm -rf run
	mkdir run
	"$APSYSFS" run --bind "$PWD/run:/run" --bind "$PWD/passwd:/etc/passwd" --bind "$PWD/group:/etc/group" -- \
		sh "$examples/$1" "${@:2}" >out 2>err || { echo "$1 failed:"; cat out err; exit 1; }
	cat err
}

example libvirt-operators.sh operator
diff -u - out <<'END'
the operator's mdev has 05.0004
adapter 6 is not for operators
nor is it theirs to take from the host
the host has made it: 05.0004
END
grep -q '"uid":2003.*assign_domain.*"rule":"operators"' run/apsysfs/operators.audit

example two-tenants.sh
diff -u - out <<'END'
red sees devices/ap/card05, blue devices/ap/card06
05.0004
06.0047
there is no mdev of red's for blue
nor an adapter 5 that he could take
and he has the one mdev that he may have
refused by the audit's count: 2
END

example container-mdev.sh
diff -u - out <<'END'
mdevs in the container: 62177883-f1bb-47f0-914d-32a22e3a8804
cards: /sys/devices/ap/card05
its matrix: 05.0004
it cannot remove it
nor take the adapter back
the host sees the same: 05.0004
END

for policy in "$examples"/*.policy.yaml; do
	case $policy in */operators*) continue ;; esac	# names a group that this machine need not have; it was mounted above
	"$APSYSFS" policy check "$policy" >/dev/null
done

# the manual's: each block of YAML is a policy, each command says what the text says that it does
awk '/^\.nf/ { n++; inside = 1; next } /^\.fi/ { inside = 0; next } inside { print >("manual." n) }' \
	"$TOP/fs/man/apsysfs-policy.5"
yaml=0
for block in manual.*; do
	grep -q '^grants:' "$block" || continue
	sed -i 's/group:apops/gid:2004/; s/user:alice/uid:2001/' "$block"
	"$APSYSFS" policy check "$block" >/dev/null
	yaml=$((yaml + 1))
done
[ $yaml = 2 ]
manual=$(grep -l alice manual.* | xargs grep -l '^apsysfs policy check')
first=$(grep -l operators manual.*)
checked() { # NUMBER: of the manual's commands
	eval "$(sed -n "$1{s/\\\\//g; s/^apsysfs/\"\$APSYSFS\"/; s/FILE/$first/; s/--user alice/--uid 2001/p}" "$manual")" >out
}
! checked 1
checked 2

# LXC: keys with values, of files that the other example makes
grep -vE '^(#|$)' "$examples/lxc-mdev.conf" | grep -vE '^lxc\.[a-z0-9.]+ = .+$' && { echo 'lxc-mdev.conf: no "lxc.KEY = VALUE"'; exit 1; }
while read -r _ _ from to _; do
	[ "${from#/run/apsysfs/container/}" = "${to#sys/}" ] || [ "$from" = "/$to" ] || { echo "lxc-mdev.conf: $from is bound to $to"; exit 1; }
done < <(grep '^lxc.mount.entry' "$examples/lxc-mdev.conf")

# the unit: what it starts, stops and says to it, within the capabilities that it leaves
mkdir m n state
"$APSYSFS" mount m
unit=$examples/apsysfs@.service
here() { sed "s|%i|operators|g; s|/usr/bin/apsysfs|$APSYSFS|; s|--host /sys|--host $PWD/m|; s|/etc/apsysfs/operators|$PWD/policy|
	s|/var/lib/apsysfs|$PWD/state|g; s|/run/apsysfs/operators|$PWD/n|g; s|\$MAINPID|${daemon:-}|"; }
value() { sed -n "s/^$1=-\{0,1\}//p" "$unit" | here; }
sed 's/group:apops/uid:2003/' "$examples/operators.policy.yaml" >policy.policy.yaml
bounds=$(value CapabilityBoundingSet | tr 'A-Z ' 'a-z,' | sed 's/cap_/+/g')
# shellcheck disable=SC2046 # the unit's words, in which nothing is quoted
setpriv --bounding-set="-all,$bounds" --no-new-privs $(value ExecStart) &
daemon=$!
eval "$(value ExecStartPost)"
[ "$(setpriv --reuid=2003 --regid=2003 --clear-groups sh -c "cd $PWD/n && echo devices/ap/*")" = 'devices/ap/card05 devices/ap/card06 devices/ap/uevent' ]
setpriv --reuid=2003 --regid=2003 --clear-groups sh -c "echo -5 >$PWD/n/bus/ap/apmask"
[ "$(cut -c1-4 m/bus/ap/apmask)" = 0xfb ]
sed -i 's/adapters: 5,/adapters: 6,/' policy.policy.yaml
loaded() { grep -c '"event":"policy","outcome":"loaded"' state/operators.audit; }
before=$(loaded)
eval "$(value ExecReload)"
for _ in $(seq 100); do [ "$(loaded)" -gt "$before" ] && break; sleep 0.1; done
setpriv --reuid=2003 --regid=2003 --clear-groups sh -c "echo -6 >$PWD/n/bus/ap/apmask"
eval "$(value ExecStopPost)"
wait $daemon || :
if command -v systemd-analyze >/dev/null; then
	mkdir units
	here <"$unit" >units/apsysfs@operators.service
	sed "s|^\[Service\]|&\nExecStart=/bin/true|; s|/run/apsysfs/operators/|$PWD/m/|" "$examples/virtnodedevd.conf" >units/virtnodedevd.service
	systemd-analyze verify --man=no "$PWD/units/apsysfs@operators.service" "$PWD/units/virtnodedevd.service" 2>verify || { cat verify; exit 1; }
	! grep -E "$PWD/units" verify
else
	echo 'not checked by systemd-analyze, which is not here (package systemd)'
fi

# the DaemonSet: its parts fit each other, its policy is one, and its command serves
python3 - "$examples/daemonset.yaml" >words <<'END'
import sys, yaml
parts = {d["kind"]: d for d in yaml.safe_load_all(open(sys.argv[1]))}
def need(what, true):
    if not true: sys.exit("daemonset.yaml: " + what)
for kind, version in {"ConfigMap": "v1", "DaemonSet": "apps/v1", "Pod": "v1"}.items():
    need(f"{kind} is of {version}", parts[kind]["apiVersion"] == version and parts[kind]["metadata"]["name"])
pod = parts["DaemonSet"]["spec"]["template"]
need("the selector has the pods' labels", parts["DaemonSet"]["spec"]["selector"]["matchLabels"].items() <= pod["metadata"]["labels"].items())
for spec in pod["spec"], parts["Pod"]["spec"]:
    volumes = {v["name"]: v for v in spec["volumes"]}
    for c in spec["containers"]:
        for m in c["volumeMounts"]:
            need(f"there is a volume {m['name']}", m["name"] in volumes)
            need("propagation is a known word", m.get("mountPropagation", "None") in ("None", "HostToContainer", "Bidirectional"))
            need("only what is privileged may be Bidirectional", m.get("mountPropagation") != "Bidirectional" or c["securityContext"]["privileged"])
(daemon,) = pod["spec"]["containers"]
(manager,) = parts["Pod"]["spec"]["containers"]
tree = {v["name"]: v for v in pod["spec"]["volumes"]}["tree"]["hostPath"]["path"]
mount = [m for m in daemon["volumeMounts"] if m.get("mountPropagation") == "Bidirectional"][0]
need("the mount point is below what goes to the node", daemon["args"][-1].startswith(mount["mountPath"] + "/"))
need("pods mount what the daemon does", {v["name"]: v for v in parts["Pod"]["spec"]["volumes"]}["tree"]["hostPath"]["path"] == tree)
need("and see mounts that come later", manager["volumeMounts"][0]["mountPropagation"] == "HostToContainer")
need("the policy is the one that is mounted", tree and {v["name"]: v for v in pod["spec"]["volumes"]}["policy"]["configMap"]["name"] == parts["ConfigMap"]["metadata"]["name"])
open("pods.yaml", "w").write(parts["ConfigMap"]["data"]["policy.yaml"])
print("\n".join(daemon["args"]))
END
# and Kubernetes knows each of its words, and takes each value: its own types are in kubectl, which needs no cluster for this
if "$TOP/tests/clients/fetch.sh" --only bookworm "$(dpkg --print-architecture)" "$BUILD/clients/kubectl" kubernetes-client; then
	kubectl=$BUILD/clients/kubectl/usr/bin/kubectl
	kept() { # FILE: all of it is in what comes back; what no type has is dropped there
		python3 -c 'import sys, yaml
yaml.safe_dump_all([d for d in yaml.safe_load_all(sys.stdin) if d["kind"] != "ConfigMap"], sys.stdout)' <"$1" >given.yaml
		KUBECONFIG=/dev/null "$kubectl" set env --local -f given.yaml SEEN=yes -o json >typed.json || return
		python3 - given.yaml typed.json <<'END'
import json, sys, yaml
text = open(sys.argv[2]).read()
typed, at = {}, 0
while at < len(text.rstrip()):
    d, at = json.JSONDecoder().raw_decode(text, at)
    typed[d["kind"]] = d
    at += len(text[at:]) - len(text[at:].lstrip())
def missing(mine, theirs, path):
    if isinstance(mine, dict):
        return [m for k in mine for m in (missing(mine[k], theirs[k], f"{path}.{k}") if k in theirs else [f"{path}.{k}"])]
    if isinstance(mine, list):
        return [m for i, (a, b) in enumerate(zip(mine, theirs)) for m in missing(a, b, f"{path}[{i}]")]
    return [] if mine == theirs else [f"{path}: {mine} becomes {theirs}"]
lost = [m for d in yaml.safe_load_all(open(sys.argv[1])) for m in missing(d, typed[d["kind"]], d["kind"])]
if lost: sys.exit("daemonset.yaml: Kubernetes does not know: " + ", ".join(lost))
END
	}
	kept "$examples/daemonset.yaml"
	for wrong in s/mountPropagation/mountPropagatoin/ s/readinessProbe/readynessProbe/ 's/privileged: true/privileged: "yes"/'; do
		sed "$wrong" "$examples/daemonset.yaml" >wrong.yaml
		if kept wrong.yaml 2>/dev/null; then echo "Kubernetes takes $wrong" >&2; exit 1; fi
	done
else
	echo 'not checked by kubectl, which cannot be had'
fi
mapfile -t words < <(sed "s|^/host/sys$|$PWD/m|; s|^/etc/apsysfs/policy.yaml$|$PWD/pods.yaml|; s|^/var/lib/apsysfs|$PWD/state|; s|^/run/apsysfs/tree$|$PWD/n|" words)
"$APSYSFS" policy check pods.yaml >/dev/null
"$APSYSFS" "${words[@]}" &
daemon=$!
for _ in $(seq 100); do [ -e n/bus/ap/apmask ] && break; sleep 0.1; done
[ "$(setpriv --reuid=100000 --regid=100000 --clear-groups sh -c "cd $PWD/n && echo devices/ap/card*")" = devices/ap/card05 ]
umount n
wait $daemon
