#!/bin/bash
# SPDX-License-Identifier: MIT
# seconds: 300
# mount --host --passthrough: a text of the host's that nobody sees otherwise is read by the kernel from the host's own file:
# an open is one request, a read is none, and what is read is what the host's file says at that moment. What a policy
# cuts is read by the daemon. As on the host an object that is gone answers with ENODEV. What differs is what is documented.
# not below a policy: it is about its own
# not over a host: it is about its own
set -eu
[ "$(id -u)" = 0 ] || { echo 'skip: needs root, as passthrough does'; exit 77; }
for tool in setpriv /usr/bin/python3; do
	command -v $tool >/dev/null || { echo "skip: there is no $tool"; exit 77; }
done
top=$(mktemp -d /tmp/apsysfs-passed.XXXXXX)
chmod 755 "$top"
cd "$top"
mkdir m n p
. "$TOP/tests/e2e/leave-host.sh"
trap 'exec 5<&- 6<&- 7<&- || :; fusermount3 -uqz p || :; leave_host n m; cd /; rm -rf --one-file-system "$top"' EXIT
"$APSYSFS" mount --passthrough p
grep -qx 'passthrough 1' p/.apsysfs/stats || { echo 'skip: no passthrough here (Linux 6.9 and CAP_SYS_ADMIN)'; exit 77; }
fusermount3 -u p
fail() { echo "FAIL: $*" >&2; exit 1; }
is() { [ "$1" = "$2" ] || fail "expected \"$2\", but it is \"$1\""; }
# over OPTION...: n is a mount over m, whose requests are in the file log
over() {
	"$APSYSFS" mount -d --host m --passthrough "$@" n 2>>log &
	daemon=$!
	for _ in $(seq 100); do [ -e n/bus/ap ] && return; sleep 0.05; done
	fail 'the mount does not come'
}
# requests COMMAND...: what of them came to the daemon that is about texts
requests() {
	: >log
	"$@" >/dev/null
	# this one is behind all of them
	stat n/none >/dev/null 2>&1 || :
	grep -aoE 'opcode: (OPEN|READ|WRITE) ' log | awk '{ n[$2]++ } END { for (o in n) print o "*" n[o] }' | sort | tr '\n' ' '
}

"$APSYSFS" m
over
texts() { (cd "$1" && grep -rs --exclude=request_count '' . || :); }
texts m >one
for i in 1 2 3; do texts n >two; cmp one two || fail "read $i of all texts"; done
[ "$(wc -l <one)" -gt 100 ]
card=n/devices/ap/card05
is "$(requests attrbench --rounds 1 --count 200 pread x $card/hwtype)" 'OPEN*1 '
is "$(requests attrbench --rounds 1 --count 50 read x $card/hwtype)" 'OPEN*50 '
is "$(requests attrbench --rounds 1 --count 50 cat x n/bus/ap/apmask)" 'OPEN*50 '
is "$(requests attrbench --rounds 1 --count 50 --value 30 write x n/bus/ap/config_time)" 'OPEN*50 WRITE*50 '

# what each system call answers
try() { (cd "$1" && shift && probe x "$@" | sed 's/^x [^ ]* //'); }
same() {
	is "$(try n "$@")" "$(try m "$@")"
}
for file in devices/ap/card05/hwtype bus/ap/apmask; do
	same $file r r:4096 r:1 r:4096
	same $file r r:1 r:2 pr:3:10 r:100 s:0:0 r:4
	same $file r poll:0 r:3 poll:0 poll:0
	same $file r fstat ft:0 w:x ioctl:1 mmap
	same $file rw r:1
	same $file w w:x
	same $file 'r|DIRECT' r:1
	same $file r pr:4095:10 pr:4096:10 s:0:2 r:1 s:-1:0
done
same bus/ap/apmask rw w:+9 pr:0:8 w:-9 pr:0:8 r:5
same bus/ap/apmask 'r|TRUNC' r:5
same bus/ap/rescan r r:1
same devices/ap/card05/uevent rw r:20 w:change r:20

# always as the host is now: changed behind our back, and by us; who writes stands beside who reads
cat >fresh.py <<'PY'
import os
fd = os.open("n/bus/ap/apmask", os.O_RDONLY)
for i in range(64):
    for mount in "mn":
        for sign in "-+":
            with open(mount + "/bus/ap/apmask", "w") as f:
                f.write(f"{sign}{i}")
            got, host = os.pread(fd, 100, 0), open("m/bus/ap/apmask", "rb").read()
            digit = int(got[2 + i // 4:3 + i // 4], 16) >> (3 - i % 4) & 1
            if got != host or digit != (sign == "+"):
                raise SystemExit(f"FAIL: after {sign}{i} to {mount}: {got!r}, the host {host!r}")
PY
/usr/bin/python3 fresh.py

# modes that are ours alone: what the host's kernel would refuse stays with us
chmod 644 $card/type
is "$(try n devices/ap/card05/type rw r:4096 w:x)" "$(chmod 644 m/devices/ap/card05/type; try m devices/ap/card05/type rw r:4096 w:x)"
chmod 000 $card/depth
is "$(try n devices/ap/card05/depth r)" 'r -> open -1 EACCES'

# every file at once, more than are passed at a time, each with its own text
cat >all.py <<'PY'
import os, resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (8192, 8192))
files = []
for where, _, names in os.walk("n"):
    for name in names:
        path = os.path.join(where, name)
        if os.path.isfile(path) and not os.path.islink(path) and os.stat(path).st_mode & 0o444 and name != "request_count":
            files.append((path, os.open(path, os.O_RDONLY)))
def text(fd):
    try:
        return os.pread(fd, 4096, 0)
    except OSError as e:
        return e.errno
for path, fd in files:
    host = os.open("m" + path[1:], os.O_RDONLY)
    a, b = text(fd), text(host)
    os.close(host)
    if a != b:
        raise SystemExit(f"FAIL: {path}: {a!r}, the host {b!r}")
print(len(files), "files open at a time")
if len(files) <= 1024:
    raise SystemExit("FAIL: too few to say anything")
PY
for i in $(seq 12 35); do "$APSYSFS" machine --mount m adapter add "$i" type=CEX5C; done
/usr/bin/python3 all.py
for i in $(seq 12 35); do "$APSYSFS" machine --mount m adapter remove "$i"; done

# gone, and back as another: who has the old one has nothing, who opens has the new one
exec 5<$card/hwtype 6<m/devices/ap/card05/hwtype
"$APSYSFS" machine --mount m adapter remove 5
for fd in 5 6; do ! cat <&$fd 2>why || fail "read of what is gone: $fd"; grep -q 'No such device' why || fail "$(cat why)"; done
[ ! -e $card ] || fail 'the card is still there'
"$APSYSFS" machine --mount m adapter add 5 type=CEX7P
is "$(cat $card/hwtype)" 13
! cat <&5 2>/dev/null || fail 'the old file reads again'
exec 5<&- 6<&-
# without a look at it in between, and the files that only a driver gives
for i in $(seq 20); do
	cat $card/hwtype >/dev/null
	"$APSYSFS" machine --mount m adapter remove 5
	"$APSYSFS" machine --mount m adapter add 5 type=CEX$((5 + i % 2 * 2))C
	is "$(cat $card/hwtype)" "$(cat m/devices/ap/card05/hwtype)"
done
queue=06.0004
exec 5<n/devices/ap/card06/"$queue"/online
echo "$queue" >m/bus/ap/drivers/cex4queue/unbind
echo "$queue" >m/bus/ap/drivers/cex4queue/bind
is "$(cat n/devices/ap/card06/"$queue"/online)" "$(cat m/devices/ap/card06/"$queue"/online)"
exec 5<&-

# a policy: what is hidden cannot be opened, what is cut is not passed to anybody, what is whole is
kill "$daemon"
wait "$daemon" || :
policy() { printf 'grants:\n  - { name: root, to: "uid:0", see: all }\n  - { name: some, to: "uid:2001", see: { adapters: [%s], domains: all } }\n' "$1" >policy.yaml; }
policy 6
over --policy "$top/policy.yaml" --audit "$top/audit"
tenant() { setpriv --reuid=2001 --regid=2001 --clear-groups -- "$@"; }
exec 7<n/bus/ap/apmask
is "$(tenant cat n/bus/ap/apmask)" "0x02$(printf %062d 0)"
is "$(cat <&7)" "$(cat m/bus/ap/apmask)"
is "$(requests tenant cat n/bus/ap/apmask)" 'OPEN*1 READ*2 '
is "$(requests cat n/bus/ap/apmask)" 'OPEN*1 READ*2 '
is "$(requests cat n/devices/ap/card06/request_count)" 'OPEN*1 READ*2 '
exec 7<&-
is "$(requests tenant cat n/devices/ap/card06/hwtype)" 'OPEN*1 '
is "$(tenant cat n/devices/ap/card06/hwtype)" "$(cat m/devices/ap/card06/hwtype)"
! tenant cat $card/hwtype 2>why || fail 'what is hidden is read'
grep -q 'No such file' why || fail "$(cat why)"
! tenant sh -c 'echo 1 >n/devices/ap/card06/online' 2>why || fail 'written without a grant'
grep -q 'Permission denied' why || fail "$(cat why)"
grep -q '"outcome":"denied"' audit || fail 'a refusal is not in the audit'
# a grant that is withdrawn counts from the next open on; apsysfs(1) says so
cat >held.py <<'PY'
import os, sys
fd = os.open("n/devices/ap/card06/hwtype", os.O_RDONLY)
print("open", flush=True)
sys.stdin.readline()
try:
    os.open("n/devices/ap/card06/hwtype", os.O_RDONLY)
    print("opened anew")
except FileNotFoundError:
    print(os.pread(fd, 100, 0).decode().strip())
PY
coproc held { tenant /usr/bin/python3 "$top/held.py"; }
read -r said <&"${held[0]}"
is "$said" open
policy 0xa
kill -HUP $daemon
for _ in $(seq 100); do [ "$(grep -c '"event":"policy","outcome":"loaded"' audit)" = 2 ] && break; sleep 0.05; done
echo >&"${held[1]}"
read -r said <&"${held[0]}"
is "$said" "$(cat m/devices/ap/card06/hwtype)"
kill "$daemon"
wait "$daemon" || :
