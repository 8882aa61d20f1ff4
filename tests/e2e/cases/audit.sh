#!/bin/bash
# SPDX-License-Identifier: MIT
# The audit of a policy: a line a decision, none without it; --dry-run; SIGHUP reads the policy anew and opens the log
# anew; a broken policy changes nothing.
# seconds: 120
# not below a policy: its last mount must have none; the others bring their own
# not over a host: the same
set -eu
[ "$(id -u)" = 0 ] || { echo 'skip: needs root, to be other users'; exit 77; }
chmod 755 "$CASE_DIR" "$(dirname "$CASE_DIR")"
is() { [ "$2" = "$3" ] || { echo "$1: expected \"$3\", but it is \"$2\"" >&2; exit 1; }; }
as() { setpriv --reuid="$1" --regid="$1" --clear-groups -- bash -c "cd '$CASE_DIR/m' && $2"; }
refused() { # UID ERROR COMMAND
	if as "$1" "$3" 2>why; then echo "uid $1 may: $3" >&2; exit 1; fi
	grep -q "$2" why || { echo "$3: expected $2, but: $(cat why)" >&2; exit 1; }
}
policy() { # UID...: who may take adapter 5
	echo 'grants:'
	for u; do
		printf '  - { name: "of %s", to: "uid:%s", see: all, pool: { adapters: 5, domains: all }, actions: [pool] }\n' "$u" "$u"
	done
}
last() { # KEY: of the last line
	tail -n 1 "${log:-log}" | sed -n 's/.*"'"$1"'":\("\([^"\\]\|\\.\)*"\|[0-9]*\).*/\1/p'
}
start() { # OPTION...
	"$APSYSFS" mount -f --policy policy.yaml "$@" m 2>err &
	daemon=$!
	for _ in $(seq 100); do [ -d m/bus/ap ] && return; sleep 0.1; done
	cat err >&2
	exit 1
}
stop() {
	fusermount3 -u m
	wait $daemon || :
}
hangup() { # LINES: as many the log must come to have
	kill -HUP $daemon
	for _ in $(seq 100); do [ "$(grep -c '"event":"policy"' log 2>/dev/null)" -ge "$1" ] && return; sleep 0.1; done
	echo 'nothing was read anew' >&2
	exit 1
}
mkdir m
trap 'fusermount3 -uqz m || :' EXIT
full=0x$(printf '%064d' 0 | tr 0 f)

# --- who, what, why ---
policy 1001 >policy.yaml
start --audit log
is 'mode of the log' "$(stat -c %a log)" 600
is first "$(last event) $(last outcome)" '"policy" "loaded"'
as 1001 'echo -5 > bus/ap/apmask'
is allowed "$(last outcome) $(last uid) $(last gid) $(last command) $(last attribute) $(last value) $(last rule) $(last result)" \
	'"allowed" 1001 1001 "bash" "/bus/ap/apmask" "-5\n" "of 1001" "done"'
[ -n "$(last before)" ] && [ -n "$(last after)" ]
last time | grep -qE '^"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{6}Z"$'
refused 1001 'Permission denied' 'echo -6 > bus/ap/apmask'
is denied "$(last event) $(last outcome) $(last result) $(last rule)" '"write" "denied" "EACCES" '
[ -n "$(last reason)" ]
refused 1002 'Permission denied' 'echo -5 > bus/ap/apmask'
is 'no grant' "$(last uid) $(last outcome)" '1002 "denied"'
lines=$(wc -l <log)
as 1002 'ls -R . >/dev/null; cat bus/ap/apmask >/dev/null; [ ! -e devices/ap/card05 ]' 2>/dev/null || :
is 'reading is not recorded' "$(wc -l <log)" "$lines"
as 1001 'printf "+5\0\377\033[2J\n" > bus/ap/apmask' 2>/dev/null || :
last value | grep -qF '+5\u0000'
if LC_ALL=C grep -q "$(printf '[\001-\011\013-\037\177-\377]\[')" log; then echo 'bytes a terminal obeys' >&2; exit 1; fi

# --- SIGHUP ---
policy 1002 >policy.yaml
mv log old
hangup 1
is 'read anew' "$(last outcome)" '"loaded"'
refused 1001 'Permission denied' 'echo +5 > bus/ap/apmask'
as 1002 'echo +5 > bus/ap/apmask'
echo 'grants: [ { name: x, to: nobody-at-all } ]' >policy.yaml
hangup 2
is broken "$(last outcome)" '"refused"'
last reason | grep -q 'policy.yaml:1:'
grep -q 'policy.yaml:1:.*the policy stays as it was' err
as 1002 'echo -5 > bus/ap/apmask'
refused 1001 'Permission denied' 'echo +5 > bus/ap/apmask'
policy 1001 1002 >new.yaml
mv new.yaml policy.yaml
hangup 3
as 1001 'echo +5 > bus/ap/apmask'
is 'the mount lives' "$(as 1001 'cat bus/ap/apmask')" $full
stop

# --- what cannot be recorded does not happen ---
policy 1001 >policy.yaml
start --audit /dev/full
refused 1001 'Input/output error' 'echo -5 > bus/ap/apmask'
refused 1002 'Input/output error' 'echo -5 > bus/ap/apmask'
is '/dev/full' "$(as 1001 'cat bus/ap/apmask')" $full
stop
mkdir small
mount -t tmpfs -o size=8k none small
start --audit small/log
n=0
while as 1001 'echo -5 > bus/ap/apmask; echo +5 > bus/ap/apmask' 2>why; do n=$((n + 1)); [ $n -lt 100 ]; done
grep -q 'Input/output error' why
before=$(as 1001 'cat bus/ap/apmask')
refused 1001 'Input/output error' 'echo 0x0 > bus/ap/apmask'
is 'full disk' "$(as 1001 'cat bus/ap/apmask')" "$before"
is 'whole lines' "$(tail -c 2 small/log | od -An -c | tr -d ' ')" '}\n'
is 'whole lines' "$(grep -vc '^{"v":1,.*}$' small/log)" 0
stop
umount small
if "$APSYSFS" mount --policy policy.yaml --audit /nowhere/log m 2>why; then exit 1; fi
grep -q '/nowhere/log: No such file' why
# a journal that is not there, in a name space where nobody listens
if unshare -m sh -c 'mount -t tmpfs none /run && exec "$0" mount --policy policy.yaml --audit journal m' "$APSYSFS" 2>why; then exit 1; fi
grep -q -- '--audit journal: No such file' why

# --- dry run ---
rm log
start --audit log --dry-run
as 1001 'echo -5 > bus/ap/apmask'
is 'dry run' "$(last outcome) $(last result)" '"would-allow" "done"'
refused 1001 'Permission denied' 'echo -6 > bus/ap/apmask'
is 'dry run' "$(last outcome)" '"denied"'
is 'dry run' "$(as 1001 'cat bus/ap/apmask')" $full
stop
# without a policy, a SIGHUP ends the mount as before
"$APSYSFS" mount -f m &
daemon=$!
for _ in $(seq 100); do [ -d m/bus/ap ] && break; sleep 0.1; done
kill -HUP $daemon
wait $daemon
[ ! -d m/bus ]
