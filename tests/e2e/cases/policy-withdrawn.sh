#!/bin/bash
# SPDX-License-Identifier: MIT
# seconds: 120
# A grant is withdrawn while descriptors opened under it are still there: what is hidden now cannot be read any more, not
# even the rest of a text or of a listing that was begun; what is not granted now cannot be written. Of memory, and of a
# host. Given back, all of it works again, by the same descriptors.
set -eu
[ "$(id -u)" = 0 ] || { echo 'skip: needs root, to be another user'; exit 77; }
for tool in setpriv /usr/bin/python3; do
	command -v $tool >/dev/null || { echo "skip: there is no $tool"; exit 77; }
done
top=$(mktemp -d /tmp/apsysfs-withdrawn.XXXXXX)
m=$top/m host=$top/host
mkdir "$m" "$host"
chmod 755 "$top"
trap 'fusermount3 -uqz "$m" || :; fusermount3 -uqz "$host" || :; rm -rf "$top"' EXIT
policy() { # GRANT...
	printf '%s\n' 'grants:' "$@" >"$top/policy.yaml"
}
given='  - { name: five, to: "uid:2001", see: { control_domains: all }, pool: { adapters: [5, 6], domains: all },
      assign: { adapters: [5, 6], domains: all, control_domains: all }, mdevs: own, actions: [create, remove, assign, pool, online, uevent] }'
six='  - { name: six, to: "uid:2001", see: { adapters: 6, domains: 4 } }'
seen='  - { name: seen, to: "uid:2001", see: { adapters: [5, 6], domains: all, control_domains: all, mdevs: all } }'
uuid=a1000000-0000-4000-8000-000000000001
cat >"$top/client.py" <<'END'
import ctypes, errno, os, sys
m, uuid = sys.argv[1:]
libc = ctypes.CDLL(None, use_errno=True)
failed = 0
mdevs = "/devices/vfio_ap/matrix/"
def step(name):
    "Tells the one who holds the policy, and waits until he has done it."
    global now
    now = name
    print(name, flush=True)
    sys.stdin.readline()
def outcome(fn, *args):
    try:
        return fn(*args)
    except OSError as e:
        return errno.errorcode[e.errno]
def expect(what, got, wanted):
    global failed
    if got != wanted:
        failed = 1
        print(f"{now}: {what}: {got!r}, expected {wanted!r}", file=sys.stderr)
def names(fd, size=1 << 16):
    "What one getdents64 gives."
    buffer = ctypes.create_string_buffer(size)
    n = libc.getdents64(fd, buffer, size)
    if n < 0:
        raise OSError(ctypes.get_errno(), "getdents64")
    found, at = set(), 0
    while at < n:
        length = int.from_bytes(buffer.raw[at + 16:at + 18], sys.byteorder)
        found.add(buffer.raw[at + 19:at + length].split(b"\0")[0].decode())
        at += length
    return found
def again(fd):
    os.lseek(fd, 0, 0)
    return fd
def read(path): return os.open(m + path, os.O_RDONLY)
def write(path): return os.open(m + path, os.O_WRONLY)
def put(path, text):
    fd = write(path)
    try:
        return os.write(fd, text)
    finally:
        os.close(fd)

put(mdevs + "mdev_supported_types/vfio_ap-passthrough/create", uuid.encode())
put(mdevs + uuid + "/assign_domain", b"4")
readers = {p: read(p) for p in ("/devices/ap/card05/hwtype", "/devices/ap/card05/05.0004/online", "/devices/ap/card05/uevent",
                                mdevs + uuid + "/control_domains", mdevs + uuid + "/uevent")}
begun = {p: read(p) for p in ("/devices/ap/card05/type", mdevs + uuid + "/uevent", "/devices/ap/card05/05.0004/uevent")}
for fd in begun.values():
    os.read(fd, 1)
mask, mask_begun = read("/bus/ap/apmask"), read("/bus/ap/apmask")
os.read(mask_begun, 2)
writers = {p: (write(p), text) for p, text in (("/devices/ap/card05/online", b"1"),
           ("/devices/ap/card05/05.0004/online", b"1"), ("/bus/ap/apmask", b"-5"), (mdevs + uuid + "/assign_adapter", b"5"), ("/devices/ap/card05/uevent", b"change"),
           (mdevs + uuid + "/remove", b"1"), (mdevs + "mdev_supported_types/vfio_ap-passthrough/create", uuid[:-1].encode() + b"2"))}
card, cards, cards_begun = read("/devices/ap/card05"), read("/devices/ap"), read("/bus/ap/devices")
names(cards_begun, 80)
os.chdir(m + "/devices/ap/card05/05.0004")

step("withdrawn")
for path, fd in readers.items():
    expect("read " + path, outcome(os.pread, fd, 4096, 0), "ENODEV")
for path, fd in begun.items():
    expect("the rest of " + path, outcome(os.read, fd, 4096), "ENODEV")
expect("mask", os.pread(mask, 100, 0), b"0x02" + 62 * b"0" + b"\n")
expect("the rest of a mask", os.read(mask_begun, 100), b"02" + 62 * b"0" + b"\n")
for path, (fd, text) in writers.items():
    expect("write " + path, outcome(os.write, fd, text), "EACCES")
expect("list a card", outcome(names, again(card)), {".", ".."})
expect("find in a card", outcome(os.stat, "hwtype"), "ENOENT")
expect("find in a queue's directory", outcome(os.open, "online", os.O_RDONLY), "ENOENT")
expect("stat a card", outcome(os.stat, m + "/devices/ap/card05"), "ENOENT")
expect("cards", {n for n in names(again(cards)) if n.startswith("card")}, {"card06"})
expect("the rest of a listing", {n for n in names(cards_begun) if "05" in n.split(".")[0]}, set())
expect("open anew", outcome(read, "/devices/ap/card05/hwtype"), "ENOENT")

step("seen")
expect("read", outcome(os.pread, readers["/devices/ap/card05/hwtype"], 4096, 0), b"11\n")
expect("read of an mdev", outcome(os.pread, readers[mdevs + uuid + "/control_domains"], 4096, 0), b"")
expect("mask", os.pread(mask, 100, 0), b"0x06" + 62 * b"0" + b"\n")
for path, (fd, text) in writers.items():
    expect("write " + path, outcome(os.write, fd, text), "EACCES")
expect("open anew", outcome(write, "/bus/ap/apmask"), "EACCES")

step("given")
for path, (fd, text) in writers.items():
    expect("write " + path, outcome(os.write, fd, text), len(text))
expect("mdev", os.path.exists(m + mdevs + uuid), False)
sys.exit(failed)
END
chmod 644 "$top/client.py"
failed=0
for where in memory host; do
	policy "$given"
	if [ $where = host ]; then
		"$APSYSFS" mount "$host"
		over="--host $host"
	else
		over=
	fi
	# shellcheck disable=SC2086 # an option and its value
	"$APSYSFS" mount -f $over --policy "$top/policy.yaml" --audit "$top/audit.$where" "$m" 2>err &
	daemon=$!
	for _ in $(seq 100); do [ -d "$m/bus/ap" ] && break; sleep 0.1; done
	loads=1
	coproc client { setpriv --reuid=2001 --regid=2001 --clear-groups -- /usr/bin/python3 "$top/client.py" "$m" $uuid; }
	pid=${client_PID:?}
	while read -r step; do
		case $step in
		withdrawn) policy "$six" ;;
		seen) policy "$seen" ;;
		given) policy "$given" ;;
		esac
		loads=$((loads + 1))
		kill -HUP $daemon
		for _ in $(seq 100); do [ "$(grep -c '"event":"policy","outcome":"loaded"' "$top/audit.$where")" = $loads ] && break; sleep 0.05; done
		echo >&"${client[1]}"
	done <&"${client[0]}"
	wait "$pid" || { echo "FAIL: $where" >&2; failed=1; }
	[ "$(grep -c '"outcome":"denied"' "$top/audit.$where")" -ge 14 ] || { echo "$where: not each refusal is in the audit" >&2; failed=1; }
	fusermount3 -u "$m"
	wait $daemon
	[ $where = memory ] || fusermount3 -u "$host"
done
exit $failed
