#!/bin/bash
# SPDX-License-Identifier: MIT
# run.sh: measures apsysfs, the null server, the kernel's sysfs, tmpfs and the peers that this machine can have, in
# turn, and compares them with goals.tsv. Client and daemons share one CPU but where it says otherwise. As root. Works in
# a mount namespace of its own, on /mnt, where paths are as long as those of /sys: a component costs as much as a stat.
# ROUNDS (15) samples of SECONDS_EACH (0.1); ADAPTERS: the sizes at which growth is measured, each with 256 domains;
# MDEVS (65536): so many mediated devices at a time. Takes some minutes; nobody has to be there.
# Leaves in $BUILD/bench: samples.tsv, growth.tsv, mdevs.tsv, report.md, growth.svg
set -eu
cd "$(dirname "$(readlink -f "$0")")/../.."
BUILD=$(cd "${BUILD:-build}" && pwd)
ROUNDS=${ROUNDS:-15}
SECONDS_EACH=${SECONDS_EACH:-0.1}
ADAPTERS=${ADAPTERS:-2 16 64 256}
MDEVS=${MDEVS:-65536}
CPU=${CPU:-0}
out=$BUILD/bench work=/mnt
mkdir -p "$out"
: >"$out/samples.tsv"
mounts=

note() { printf 'bench: %s\n' "$*" >&2; }

cleanup() {
	cd /
	for m in $mounts; do
		umount "$m" 2>/dev/null || umount -l "$m" 2>/dev/null || :
	done
}
trap cleanup EXIT
trap 'exit 130' INT TERM

[ "$(id -u)" = 0 ] || { note 'only root may mount the null server and pin what is measured'; exit 2; }
[ "${1:-}" = --own-mounts ] || exec unshare -m --propagation private "$0" --own-mounts
mount -t tmpfs bench $work

on_cpu() { taskset -c "$CPU" "$@"; }

# started NAME COMMAND...: a server that stays in the foreground, mounted on $work/NAME; false: it did not come up
started() {
	local name=$1 tries=0
	shift
	mkdir -p "$work/$name"
	"$@" >"$work/$name.log" 2>&1 </dev/null &
	until mountpoint -q "$work/$name"; do
		tries=$((tries + 1))
		if [ $tries -gt 100 ] || ! kill -0 $! 2>/dev/null; then
			note "$name does not come up: $(tail -n 1 "$work/$name.log")"
			return 1
		fi
		sleep 0.05
	done
	mounts="$work/$name $mounts"
}

# measure [OPTION...] -- KIND LABEL PATH...: targets whose path is not there are left out
measure() {
	local options=() targets=() pin=on_cpu
	while [ "$1" != -- ]; do
		if [ "$1" = unpinned ]; then pin=; else options+=("$1"); fi
		shift
	done
	shift
	while [ $# -ge 3 ]; do
		[ ! -e "$3" ] || targets+=("$1" "$2" "$3")
		shift 3
	done
	$pin "$BUILD/attrbench" --rounds "$ROUNDS" --seconds "$SECONDS_EACH" "${options[@]}" "${targets[@]}" \
		>>"$out/samples.tsv" || note 'operations failed; see above'
}

# copy_tree FROM TO: directories, links and files with the same texts
copy_tree() {
	mkdir -p "$2"
	(cd "$1" && find . -type d -print0) | (cd "$2" && xargs -0 mkdir -p)
	(cd "$1" && find . -type l -printf '%l\n%p\n') | (cd "$2" && while read -r to && read -r at; do ln -s "$to" "$at"; done)
	(cd "$1" && find . -type f -perm /444 -print0) | (cd "$1" && xargs -0 -n 100 tail -qn 9 >/dev/null 2>&1) || :
	(cd "$1" && find . -type f -print) | while read -r f; do cat "$1/$f" >"$2/$f" 2>/dev/null || :; done
}

machine() { # ADAPTERS
	printf 'usage: [0-255]\ncontrol: [0-255]\nadapters:\n'
	seq 0 $(($1 - 1)) | sed 's/.*/  - { id: &, type: CEX8C }/'
}

passthrough_ll() {
	local source=/usr/share/doc/libfuse3-dev/examples/passthrough_ll.c
	[ -e $source ] || { note "passthrough_ll: no $source (libfuse3-dev)"; return 1; }
	# shellcheck disable=SC2046 # flags
	"${CC:-cc}" -O2 $(pkg-config --cflags fuse3) -o "$out/passthrough_ll" $source $(pkg-config --libs fuse3)
}

# --- one attribute, small trees -----------------------------------------------------------------------

# six components each
a=$work/a sys=/sys/devices/virtual/net/lo/mtu
dynamic=$a/devices/ap/card05/online link=$a/bus/ap/devices/card05
started a taskset -c "$CPU" "$BUILD/apsysfs" mount -f "$a"
started fast taskset -c "$CPU" "$BUILD/apsysfs" mount -f --passthrough "$work/fast" || :
started free "$BUILD/apsysfs" mount -f "$work/free"
started null taskset -c "$CPU" "$BUILD/nullfuse" "$work/null"
if passthrough_ll; then
	started ptll taskset -c "$CPU" "$out/passthrough_ll" -f -s -o source=/sys,cache=auto "$work/ptll" || :
	started ptll_free "$out/passthrough_ll" -f -o source=/sys,cache=auto "$work/ptll_free" || :
fi
if command -v passthrough_hp >/dev/null; then
	started pthp taskset -c "$CPU" passthrough_hp --foreground --single /sys "$work/pthp" || :
else
	note "passthrough_hp, an example of libfuse that Debian has no package of, is not in \$PATH: not measured"
fi
for peer in bindfs lxcfs fuse-overlayfs; do
	command -v $peer >/dev/null || note "$peer is not installed: not measured (apt-get install $peer)"
done
started bindfs taskset -c "$CPU" bindfs -f -s /sys "$work/bindfs" || :
started lxcfs taskset -c "$CPU" lxcfs -f "$work/lxcfs" || :
started overlay taskset -c "$CPU" fuse-overlayfs -f -o lowerdir=/sys/devices/virtual/net "$work/overlay" || :

measure -- \
	read sysfs $sys read null "$work/null/file05" read dynamic "$dynamic" \
	read constant "$work/fast/devices/ap/card05/hwtype" \
	read passthrough_ll "$work/ptll/devices/virtual/net/lo/mtu" \
	read passthrough_hp "$work/pthp/devices/virtual/net/lo/mtu" \
	read bindfs "$work/bindfs/devices/virtual/net/lo/mtu" \
	read lxcfs "$work/lxcfs/sys/devices/system/cpu/online" read fuse-overlayfs "$work/overlay/lo/mtu" \
	cat sysfs $sys cat null "$work/null/file05" cat dynamic "$dynamic" \
	cat constant "$work/fast/devices/ap/card05/hwtype" \
	pread sysfs $sys pread null "$work/null/file05" pread dynamic "$dynamic" \
	pread constant "$work/fast/devices/ap/card05/hwtype" \
	stat sysfs $sys stat null "$work/null/file05" stat dynamic "$dynamic" \
	link sysfs /sys/devices/virtual/net/lo/subsystem link apsysfs "$link" \
	list sysfs /sys/devices/virtual/net/lo list small "$a/bus/ap"
measure --value 1 -- write null "$work/null/file05" write dynamic "$a/bus/ap/drivers_autoprobe"
measure unpinned --threads 8 -- read threads-8 "$work/free/bus/ap/apmask" \
	read passthrough_ll-8 "$work/ptll_free/devices/virtual/net/lo/mtu"

copy_tree "$a" "$work/copy"
started bindfs_copy taskset -c "$CPU" bindfs -f -s "$work/copy" "$work/bindfs_copy" || :
measure -- find tmpfs "$work/copy" find apsysfs "$a" find bindfs "$work/bindfs_copy" \
	names tmpfs "$work/copy" names apsysfs "$a" \
	grep tmpfs "$work/copy" grep apsysfs "$a" grep bindfs "$work/bindfs_copy"

# --- growth --------------------------------------------------------------------------------------------------

clock_us() { echo $(($(date +%s%N) / 1000)); }

# grown N: a machine of N adapters with 256 domains; a line of growth.tsv, and listings for samples.tsv
grown() {
	local m=$work/grown t0 t1 pid entries find_rate rss mask live
	machine "$1" >"$work/machine-$1.yaml"
	mkdir -p "$m"
	t0=$(clock_us)
	on_cpu "$BUILD/apsysfs" mount --machine "$work/machine-$1.yaml" "$m"
	t1=$(clock_us)
	mounts="$m $mounts"
	# the oldest: the one that waits to unmount is its child, and has the same command line
	pid=$(pgrep -of "mount --machine $work/machine-$1.yaml")
	on_cpu "$BUILD/attrbench" --rounds 1 --count 1 names cold "$m" >"$work/cold"
	entries=$(find "$m" | wc -l)
	rss=$(awk '/VmRSS/ { print $2 }' "/proc/$pid/status") || rss=0
	list_like_tmpfs "$m/bus/ap/devices" $(($1 * 257))
	mask=$(mask_write "$m")
	on_cpu "$BUILD/attrbench" --rounds 5 --value 30 read x "$m/bus/ap/apmask" stat x "$m/devices/ap/card01/hwtype" \
		write x "$m/bus/ap/config_time" >"$work/some"
	live=$(on_cpu bash -c "$(declare -f clock_us mdev_uuid lives); lives $m 0 200 >/dev/null; lives $m 200 200")
	find_rate=$(awk -v n="$entries" '{ printf "%.3f", 1e6 / $4 / n }' "$work/cold")
	awk -v n="$1" -v e="$entries" -v ready=$((t1 - t0)) -v mask="$mask" -v rss="$rss" -v each="$find_rate" \
		-v live="$live" -v OFS='\t' '{ v[$1] = $5 }
		END { print n, n * 256, e, ready, rss, each, mask, v["read"], v["stat"], v["write"], live }' \
		"$work/some" >>"$out/growth.tsv"
	note "$1 adapters: $entries entries, ready in $((t1 - t0)) us, $((rss / 1024)) MiB, find $find_rate us an entry," \
		"mask $mask us"
	umount "$m"
}

# mask_write MOUNT: us of one that moves every queue, from open to close; the median of 10, half of them back
mask_write() {
	local text
	for _ in 1 2 3 4 5; do
		for text in 0x0 "0x$(printf 'f%.0s' {1..64})"; do
			on_cpu "$BUILD/attrbench" --rounds 1 --count 1 --value "$text" write x "$1/bus/ap/apmask"
		done
	done | cut -f5 | sort -g | sed -n 5p
}

mdev_uuid() { printf -v uuid '%08x-1f1c-4d1a-8a3d-3d3d5b0f4c2e' $((($1 * 2654435769) & 0xffffffff)); }

# lives MOUNT FROM COUNT: us of one mdev that is created and removed, between others
lives() {
	local uuid i m=$1/devices/vfio_ap/matrix begin
	begin=$(clock_us)
	for ((i = $2; i < $2 + $3; i++)); do
		mdev_uuid $i
		echo "$uuid" >"$m/mdev_supported_types/vfio_ap-passthrough/create"
		echo 1 >"$m/$uuid/remove"
	done
	awk -v t=$(($(clock_us) - begin)) -v n="$3" 'BEGIN { printf "%.1f", t / n }'
}

# The same by one shell for MDEVS at a time: us of each create, assignment, remove, PART by PART.
many_mdevs() {
	local m=$work/mdevs uuid from i t0 t1 t2 t3 part=$((MDEVS < 4096 ? MDEVS / 4 : 1024)) matrix
	machine 256 >"$work/machine.yaml"
	mkdir -p "$m"
	on_cpu "$BUILD/apsysfs" mount --machine "$work/machine.yaml" "$m"
	matrix=$m/devices/vfio_ap/matrix
	echo 0x0 >"$m/bus/ap/apmask"
	for ((from = 0; from + part <= MDEVS; from += part)); do
		t0=$(clock_us)
		for ((i = from; i < from + part; i++)); do
			mdev_uuid $i
			echo "$uuid" >"$matrix/mdev_supported_types/vfio_ap-passthrough/create"
		done
		t1=$(clock_us)
		for ((i = from; i < from + part; i++)); do
			mdev_uuid $i
			echo $((i >> 8 & 255)) >"$matrix/$uuid/assign_adapter"
			echo $((i & 255)) >"$matrix/$uuid/assign_domain"
		done
		t2=$(clock_us)
		# part of them only: what is looked at is how it grows
		for ((i = from; i < from + part / 8; i++)); do
			mdev_uuid $i
			echo 1 >"$matrix/$uuid/remove"
		done
		t3=$(clock_us)
		awk -v n=$from -v p=$part -v c=$((t1 - t0)) -v a=$((t2 - t1)) -v r=$((t3 - t2)) -v OFS='\t' \
			'BEGIN { print n + p, c / p, a / p / 2, r / int(p / 8) }'
	done
	umount "$m"
}

# cold KIND LABEL DIR ROUND: one walk, as a line for samples.tsv
cold() {
	on_cpu "$BUILD/attrbench" --rounds 1 --count 1 "$1" "$2" "$3" | sed "s/\\t0\\t/\\t$4\\t/"
}

# Walks of a mount of 4,096 queues that nobody has looked at yet, of tmpfs with a tree of the same names, and of a null
# server with as many directories and entries: names only (names, as find does) and with each one's lstat (find -size).
cold_walks() {
	local m=$work/c round kind dirs files
	machine 16 >"$work/machine.yaml"
	mkdir -p "$m" "$work/t"
	on_cpu "$BUILD/apsysfs" mount --machine "$work/machine.yaml" "$m"
	(cd "$m" && find . -type d -print0) | (cd "$work/t" && xargs -0 mkdir -p)
	(cd "$m" && find . ! -type d -print0) | (cd "$work/t" && xargs -0 touch)
	umount "$m"
	dirs=$(find "$work/t" -type d | wc -l)
	files=$(find "$work/t" ! -type d | wc -l)
	for round in 0 1 2 3 4 5 6; do
		for kind in names find; do
			on_cpu "$BUILD/apsysfs" mount --machine "$work/machine.yaml" "$m"
			cold $kind cold "$m" $round
			umount "$m"
			cold $kind tmpfs-cold "$work/t" $round
			started null_tree taskset -c "$CPU" "$BUILD/nullfuse" "$work/null_tree" "$dirs" $((files / dirs)) $kind
			cold $kind null-cold "$work/null_tree/tree" $round
			umount "$work/null_tree"
		done
	done >>"$out/samples.tsv"
	rm -rf "$work/t"
}

# The listing of DIR, and of a directory of tmpfs with as many files.
list_like_tmpfs() {
	local label=
	case $2 in
	4112) label=4096 ;;
	65792) label=65536 ;;
	*) return 0 ;;
	esac
	mkdir "$work/$label"
	(cd "$work/$label" && seq 1 "$2" | sed 's/^/queue/' | xargs touch)
	measure -- list tmpfs-$label "$work/$label" list $label "$1"
}

printf '%s\t' adapters queues entries ready_us rss_kib cold_find_us_per_entry mask_us read_us stat_us write_us |
	sed 's/$/mdev_us\n/' >"$out/growth.tsv"
cold_walks
for n in $ADAPTERS; do
	grown "$n"
done
printf 'mdevs\tcreate_us\tassign_us\tremove_us\n' >"$out/mdevs.tsv"
mounts="$work/mdevs $mounts"
# one shell for all, on the CPU where the daemon is
on_cpu bash -c "set -eu; $(declare -f on_cpu clock_us machine mdev_uuid many_mdevs)
	work='$work' BUILD='$BUILD' CPU='$CPU' MDEVS=$MDEVS; many_mdevs" >>"$out/mdevs.tsv"

as_table() {
	awk -F '\t' 'BEGIN { OFS = " | " } { $1 = $1; print "| " $0 " |" } NR == 1 { gsub(/[^|]+/, "---"); print "|" $0 "|" }'
}

# --- what came out -------------------------------------------------------------------------------------------

{
	printf 'Linux %s, %s CPUs, load %s, %s rounds\n\n' "$(uname -r)" "$(nproc)" "$(cut -d' ' -f1 /proc/loadavg)" "$ROUNDS"
	awk -f tests/bench/report.awk tests/bench/goals.tsv "$out/samples.tsv" "$out/growth.tsv" "$out/mdevs.tsv"
	printf '\n'
	as_table <"$out/growth.tsv"
	printf '\n'
	awk 'NR < 3 || log(NR - 1) / log(2) % 1 == 0' "$out/mdevs.tsv" | as_table
} | tee "$out/report.md"
if command -v gnuplot >/dev/null; then
	gnuplot -e "growth='$out/growth.tsv'; mdevs='$out/mdevs.tsv'; svg='$out/growth.svg'" tests/bench/growth.gp
else
	note 'gnuplot is not installed: no plot (apt-get install gnuplot-nox)'
fi
