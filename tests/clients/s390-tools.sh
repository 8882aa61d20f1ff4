# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Sourced by cases: Debian's s390-tools for s390x under qemu-user.

# Puts the tools of a suite into $PATH, by their names, and sets $version; or ends the case, skipped, with the reason.
s390_tools() { # SUITE
	local root=$TOP/build/clients/s390-tools-$1 packages='s390-tools libc6' tool path why
	command -v qemu-s390x-static >/dev/null ||
		{ echo 'skip: there is no qemu-s390x-static (package qemu-user-static)'; exit 77; }
	# that of Debian 12 needs no JSON
	[ "$1" = bookworm ] || packages="$packages libjson-c5"
	# shellcheck disable=SC2086 # one word a package
	why=$("$TOP/tests/clients/fetch.sh" --only "$1" s390x "$root" $packages 2>&1) ||
		{ echo "skip: s390-tools of $1 cannot be had: $(echo "$why" | tail -n 1)"; exit 77; }
	version=$(sed -n 's/^s390-tools //p' "$root/.versions")
	echo "s390-tools $version"
	mkdir -p "$CASE_DIR/bin-$1"
	for tool in lszcrypt chzcrypt zcryptctl lszdev chzdev; do
		for path in "$root/sbin/$tool" "$root/usr/sbin/$tool"; do
			[ -e "$path" ] || continue
			printf '#!/bin/sh\nexec qemu-s390x-static -L "%s" "%s" "$@"\n' "$root" "$path" >"$CASE_DIR/bin-$1/$tool"
			chmod +x "$CASE_DIR/bin-$1/$tool"
		done
	done
	export PATH="$CASE_DIR/bin-$1:$PATH"
}

# Compares with tests/clients/golden/NAME-VERSION.txt, or with what it has before the first line that begins with
# UNTIL; a version that nobody wrote one for skips the case.
same_as_golden() { # NAME VERSION FILE [UNTIL]
	local golden=$TOP/tests/clients/golden/$1-${2%%-*}.txt
	if [ -n "${UPDATE_GOLDEN:-}" ] && [ -z "${4:-}" ]; then
		cp "$3" "$golden"
	fi
	[ -e "$golden" ] || { echo "skip: s390-tools $2 came, for which there is no ${golden#"$TOP/"}"; exit 77; }
	awk -v until="${4:-}" 'until != "" && index($0, until) == 1 { exit } { print }' "$golden" | diff -u - "$3"
}
