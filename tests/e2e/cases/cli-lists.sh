#!/bin/bash
# SPDX-License-Identifier: MIT
# Each command's --help, what it takes, the manual and the completion say the same: an option that is in one and not in
# another fails. And what the completion offers on some lines.
# seconds: 180
set -eu
man=$TOP/fs/man/apsysfs.1
failed=0
fail() { echo "$*"; failed=1; }
# shellcheck source=/dev/null
. "$TOP/fs/completion/apsysfs"

# complete LINE...: the words; the last is the one that is being typed
complete_line() {
	COMP_WORDS=("$APSYSFS" "$@")
	COMP_CWORD=$#
	_apsysfs "$APSYSFS"
	printf '%s\n' "${COMPREPLY[@]+"${COMPREPLY[@]}"}" | sort -u
}
# Is it in the manual, as \-\-name?
text=$(sed 's/\\-/-/g' "$man")
in_manual() { [[ $text =~ (^|[^a-z-])$1([^a-z-]|$) ]]; }
# What a command says of an option, followed by one that no command has
say() { said=$("$APSYSFS" "$@" --no-such-option 2>&1 </dev/null) || :; }

"$APSYSFS" --help | sed -n 's/^  \([a-z]*\) .*/\1/p' | sort >commands
[ "$(wc -l <commands)" -ge 13 ]
diff <(complete_line '' | grep -xFf commands) commands || fail 'the completion of a command lacks some'
: >all
while read -r command; do
	in_manual "apsysfs $command" || grep -qx -- ".SS $command" "$man" || fail "the manual says nothing of $command"
	"$APSYSFS" "$command" --help >help || fail "$command --help: status $?"
	[ "$(awk 'length > 130' help | wc -l)" = 0 ] || fail "$command --help: lines too long"
	# the column of options ends at two blanks
	sed -n 's/^ \{2,6\}\(-.*\)/\1/p' help | sed 's/   *.*//' | grep -o -- '--[a-z-]*' | sort -u >options
	cat options >>all
	complete_line "$command" -- >offered
	diff options offered || fail "$command: the completion offers others than --help names"
	while read -r option; do
		in_manual "$option" || fail "the manual does not name $option of $command"
		[ "$option" = --help ] && continue
		say "$command" "$option"
		case $said in *"unrecognized option '$option'"*) fail "$command does not take $option, which --help names" ;; esac
	done <options
	# getopt tells what begins with a letter, where it is more than one
	for letter in {a..z}; do
		say "$command" --$letter
		case $said in
		*"unrecognized option '--$letter'"*) ;;
		*"option '--$letter' is ambiguous"*)
			grep -o "'--[a-z-]*'" <<<"$said" | tr -d "'" | sort -u | grep -vx -- "--$letter" >taken
			comm -13 options taken | grep . >extra && fail "$command takes what --help does not name: $(paste -sd' ' extra)" ;;
		*) grep -q "^--$letter" options || fail "$command takes an option with --$letter that --help does not name" ;;
		esac
	done
done <commands
# the manual names no option that there is not
sed 's/\\-/-/g' "$man" | grep -oE -- '(^|[^a-z-])--[a-z][a-z-]+' | grep -oE -- '--.*' | sort -u >named
sort -u all | comm -13 - named | grep . >extra && fail "the manual names what no command has: $(paste -sd' ' extra)"

echo '-- what is offered'
expect() { # WORDS LINE...
	local words=$1 got
	shift
	got=$(complete_line "$@" | tr '\n' ' ')
	[ "$got" = "$words " ] || fail "apsysfs $*: offered \"$got\", expected \"$words\""
}
expect 'machine mask module mount' m
expect '4.20 5.10 6.1 6.12 7.2' plan --kernel ''
expect '--json' show --j
expect 'adapter apply' machine a
expect 'set' machine adapter s
expect 'apmask aqmask' mask --for ''
expect 'real virtual' run --clock ''
mkdir m dir
touch file.yaml
expect 'file.yaml' plan f
expect 'file.yaml' machine apply f
expect 'dir doctor' d
"$APSYSFS" m
trap 'fusermount3 -uz m' EXIT
uuid=62177883-f1bb-47f0-914d-32a22e3a8804
echo $uuid >m/devices/vfio_ap/matrix/mdev_supported_types/vfio_ap-passthrough/create
expect '0x05 0x06' machine --mount m adapter set ''
expect 'state=checkstopped state=deconfigured state=online' machine --mount m adapter set 5 st
expect $uuid guest --mount m start ''
"$APSYSFS" guest --mount m start $uuid
expect "$uuid all" guest --mount m stop ''
expect 'vfio_ap vfio_iommu_type1' module --mount m unload vfio_
complete_line show --mount '' | grep -qx "$PWD/m" || fail '--mount does not offer the mounts'
exit $failed
