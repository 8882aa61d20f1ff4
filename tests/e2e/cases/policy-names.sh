#!/bin/bash
# SPDX-License-Identifier: MIT
# Users and groups of a policy are looked up when it is read, and again on SIGHUP: also those that were added since, whose
# files programs replace by new ones. The daemon itself reads nothing of /etc.
# not below a policy: it has one of its own
# seconds: 60
set -eu
[ "$(id -u)" = 0 ] || { echo 'skip: only root can have an /etc of his own'; exit 77; }
# an /etc of its own: what is added is nobody's afterwards
if [ "${1:-}" != inside ]; then exec unshare -m "$0" inside; fi
command -v setpriv >/dev/null || { echo 'skip: there is no setpriv'; exit 77; }
# where other users come as well
mount -t tmpfs -o mode=755 none "$CASE_DIR"
cd "$CASE_DIR"
cp -a /etc etc
mount --bind etc /etc
user() { echo "$1:x:$2:$2::/:/bin/sh" >>/etc/passwd.new; }
replace() { mv "/etc/$1.new" "/etc/$1"; }
as() { # UID COMMAND...
	setpriv --reuid "$1" --regid "$1" --clear-groups -- "${@:2}"
}
sees() { as "$1" test -e /mnt/devices/ap/card05; }
sees_not() { ! sees "$1" || { echo "$1 sees what is not his" >&2; exit 1; }; }
try() { # COMMAND...: until it succeeds
	for _ in $(seq 50); do "$@" && return; sleep 0.1; done
	echo "never: $*" >&2
	exit 1
}
cp /etc/passwd /etc/passwd.new
user apsysfs-one 70001
replace passwd
cp /etc/group /etc/group.new
echo 'apsysfs-group:x:70000:apsysfs-one' >>/etc/group.new
replace group
mkdir policy
cat >policy/policy.yaml <<'E2'
grants:
  - { name: group, to: group:apsysfs-group, see: all }
E2
"$APSYSFS" mount -f --policy policy/policy.yaml /mnt 2>log &
daemon=$!
try sees 70001
sees_not 70002

# a user more, in the group and for himself
cp /etc/passwd /etc/passwd.new
user apsysfs-two 70002
user apsysfs-three 70003
replace passwd
sed 's/^apsysfs-group:.*/&,apsysfs-two/' /etc/group >/etc/group.new
replace group
sees_not 70002
kill -HUP $daemon
try sees 70002
sees 70001
sees_not 70003
sed -i 's/to: group:apsysfs-group/to: [group:apsysfs-group, user:apsysfs-three]/' policy/policy.yaml
kill -HUP $daemon
try sees 70003

# a name that nobody knows leaves the policy as it was
sed -i 's/user:apsysfs-three/user:apsysfs-four/' policy/policy.yaml
kill -HUP $daemon
try grep -q 'user:apsysfs-four: this system knows no such user; the policy stays as it was' log
sees 70003
# and when nobody can be asked any more that is no reason to forget whom one knows
for helper in $(pgrep -P $daemon); do case $(readlink "/proc/$helper/fd/0") in socket:*) break ;; esac; done
kill -KILL "${helper:?}"
kill -HUP $daemon
try grep -q 'group:apsysfs-group: cannot be looked up: Broken pipe; the policy stays as it was' log
sees 70003
kill $daemon
wait $daemon
