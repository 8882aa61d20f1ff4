#!/bin/bash
# SPDX-License-Identifier: MIT
# The recordings of real kernels, replayed: every script of tests/corpus through a mount, line by line
# against what the kernel printed. What may differ, and why, stands in exceptions.tsv.
#	KERNEL="7.2 6.1"	only these kernels		ONLY="p06 r1"	only these recordings
#	CORPUS=DIR		another folder of the same shape (scripts, machines, recorded)
#	OVERLAY=policy		with a policy in front that grants all: nothing may differ by it
#	OVERLAY=host		through "run --host" of a mount: every text and errno comes from a host
#	OVERLAY=host-policy	the same with that policy; what the trial of a write and the host disagree on is shown too
#	RUN_OPTIONS="..."	more options for apsysfs run, such as --passthrough
#	KEEP=DIR		leave what was printed there, as KERNEL/NAME.txt
set -u
cd "$(dirname "$0")/../.." || exit 1
TOP=$PWD
BUILD=$(cd "${BUILD:-build}" && pwd) || exit 1
CORPUS=$(cd "${CORPUS:-tests/corpus}" && pwd) || exit 1
KERNEL=${KERNEL:-4.20 5.10 6.1 6.12 7.2}
ONLY=${ONLY:-}
SECONDS_EACH=${SECONDS_EACH:-300}
overlay='' over_host='' over_policy=''
case ${OVERLAY:-} in
'') ;;
policy) overlay="--policy $TOP/tests/replay/all.policy.yaml" ;;
host) over_host=" " ;;
host-policy) over_host="--policy /tmp/all.policy.yaml" over_policy=1 ;;
*) echo "run.sh: OVERLAY=$OVERLAY: expected policy, host or host-policy" >&2; exit 2 ;;
esac
work=$(mktemp -d "${TMPDIR:-/tmp}/apsysfs-replay.XXXXXX") || exit 1
trap 'rm -rf --one-file-system "$work"' EXIT
trap 'exit 130' INT TERM

machine_of() { # NAME SET: the machine a recording was made on (FORMAT.md)
	case $1 in
	p15*|p33*) echo small ;;
	p18*) echo minimal_kvm ;;
	p19*) echo empty ;;
	r[0-9]*) echo "${1%%-*}" ;;
	*) echo std ;;
	esac | sed "s/\$/$2/"
}

cmdline_of() { # NAME
	case $1 in
	p17*) echo 'panic=5 ap.apmask=0xffff ap.aqmask=0x40 ap.domain=0x47 ap.poll_thread=1 ap.useirq=0' ;;
	p37-*) echo 'ap.apmask=0xzz ap.aqmask=+0-79,-3 ap.domain=5 ap.useirq=1' ;;
	p37b*) echo 'ap.apmask=+5,+0xb ap.aqmask=fff ap.domain=0x4 ap.poll_thread=x' ;;
	esac
}

# A value in a tree gets its path, so that a line says by itself what it is of.
with_paths() { # FILE
	awk '/^  = / { print path $0; next } { path = $1; print }' "$1"
}

replay() { # RECORDING: prints "KERNEL[/SET] NAME LINES EXCUSED DIFFERENT", then the lines that differ
	local file=$1 kernel set='' name dir machine options command
	name=$(basename "$file" .txt)
	kernel=${file#"$CORPUS"/recorded/}
	kernel=${kernel%%/*}
	case $file in */std-420/*) set=-420 ;; esac
	dir=$work/$kernel$set.$name
	mkdir -p "$dir/host"
	machine=$CORPUS/machines/$(machine_of "$name" "$set").conf
	[ -e "$machine" ] || machine=$CORPUS/machines/$(machine_of "$name" '').conf
	sed 's/#.*//' "$machine" >"$dir/host/ap.conf"
	cp "$TOP/tests/replay/session.sh" "$CORPUS/scripts/$name.sh" "$BUILD/probe" "$dir"
	# the set for 4.20 was recorded with types it knows, in the script too
	case $set$name in -420p19*) sed -i 's/type=13/type=12/g' "$dir/$name.sh" ;; esac
	cmdline_of "$name" >"$dir/cmdline"
	sed -f "$TOP/tests/replay/machine.sed" "$dir/host/ap.conf" >"$dir/boot.machine"
	cp "$TOP/tests/replay/machine.sed" "$dir"
	options="--kernel $kernel --machine $dir/boot.machine --clock virtual --no-modules"
	command=(env PATH="/tmp:$PATH" sh /tmp/session.sh "/tmp/$name.sh")
	# shellcheck disable=SC2086 # several words
	if [ -n "$over_host" ]; then
		set -- unshare --mount --pid --fork --kill-child sh "$TOP/tests/replay/over-host.sh" "$dir" "${options//"$dir"//tmp}" \
			"$over_host" "${command[@]}"
	else
		set -- "$BUILD/apsysfs" run $overlay ${RUN_OPTIONS:-} $options --cmdline "$(cmdline_of "$name")" \
			${TRACES:+--trace "$TRACES/$kernel$set.$name"} --bind "$dir:/tmp" -- "${command[@]}"
	fi
	timeout --kill-after=5 "$SECONDS_EACH" "$@" >"$dir/got" 2>"$dir/errors" </dev/null
	# what a trial and the host disagree on is no line of a recording, and wrong all the same
	grep -a 'the host answered' "$dir/errors" >>"$dir/got"
	[ -z "${KEEP:-}" ] || { mkdir -p "$KEEP/$kernel$set" && cp "$dir/got" "$KEEP/$kernel$set/$name.txt" && cp "$dir/errors" "$KEEP/$kernel$set/$name.err"; }
	diff -a <(with_paths "$file") <(with_paths "$dir/got") | awk -v kernel="$kernel" -v set="$set" -v name="$name" \
		-v total="$(wc -l <"$file")" -f "$TOP/tests/replay/compare.awk" "$TOP/tests/replay/exceptions.tsv" \
		${over_host:+"$TOP/tests/replay/exceptions-host.tsv"} \
		${over_policy:+"$TOP/tests/replay/exceptions-host-policy.tsv"} - >"$dir/report"
	cat "$dir/report"
	rm -rf --one-file-system "$dir"
}

wanted() { # NAME
	local o
	[ -z "$ONLY" ] && return 0
	for o in $ONLY; do case $1 in "$o"|"$o"[!0-9b]*) return 0 ;; esac; done
	return 1
}

[ -x "$BUILD/apsysfs" ] && [ -x "$BUILD/probe" ] || { echo "run.sh: build them first: make tests" >&2; exit 1; }
export -f replay with_paths machine_of cmdline_of
export TOP BUILD CORPUS SECONDS_EACH work overlay over_host over_policy
failed=0
for kernel in $KERNEL; do
	files=()
	for f in "$CORPUS/recorded/$kernel"/*.txt "$CORPUS/recorded/$kernel"/std-420/*.txt; do
		[ -e "$f" ] && wanted "$(basename "$f" .txt)" && files+=("$f")
	done
	if [ ${#files[@]} -eq 0 ]; then
		echo "run.sh: no recording of kernel $kernel${ONLY:+ named $ONLY}" >&2
		failed=1
		continue
	fi
	printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$(nproc)" bash -c 'replay "$1"' bash >"$work/all"
	awk -v kernel="$kernel" '
		/^@/ { lines += $4; excused += $5; different += $6; count++
		       if ($6) printf "%s %s: %d lines, %d in the list, %d differ\n", $2, $3, $4, $5, $6; next }
		{ print }
		END { printf "kernel %s: %d recordings, %d lines, %d the same, %d in the list of exceptions (%.2f %%), %d differ\n",
			kernel, count, lines, lines - excused - different, excused, 100 * excused / lines, different
		      exit different > 0 || excused * 100 >= lines && lines > 10000 }' "$work/all" || failed=1
done
exit $failed
