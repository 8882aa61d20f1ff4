# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Sourced by cases: mdevctl 1.4 of Debian 13, run by the C library it came with. Puts it into $PATH, and sets
# $mdevctl_first: what has to be done inside a run before it works.
mdevctl_trixie() {
	local root=$TOP/build/clients/mdevctl-trixie version loader why
	[ "$(dpkg --print-architecture)" = amd64 ] || { echo 'skip: mdevctl of trixie is fetched for amd64 alone'; exit 77; }
	why=$("$TOP/tests/clients/fetch.sh" --only trixie amd64 "$root" mdevctl libc6 libgcc-s1 2>&1) ||
		{ echo "skip: mdevctl of trixie cannot be had: $(echo "$why" | tail -n 1)"; exit 77; }
	version=$(sed -n 's/^mdevctl //p' "$root/.versions")
	echo "mdevctl $version"
	[ "${version%%-*}" = 1.4.0 ] || { echo "skip: mdevctl of trixie is $version, expected 1.4.0"; exit 77; }
	loader=$root/lib64/ld-linux-x86-64.so.2
	mkdir -p bin lib/mdevctl/scripts.d/callouts lib/mdevctl/scripts.d/notifiers
	printf '#!/bin/sh\nexec "%s" --library-path "%s" "%s" "$@"\n' \
		"$loader" "$root/usr/lib/x86_64-linux-gnu" "$root/usr/bin/mdevctl" >bin/mdevctl
	chmod +x bin/mdevctl
	export PATH="$PWD/bin:$PATH"
	# it insists on its folders in /usr/lib
	mdevctl_first="mount -t overlay overlay -o 'lowerdir=$PWD/lib:/usr/lib' /usr/lib"
	unshare -m sh -c "$mdevctl_first" 2>why || { echo "skip: /usr/lib cannot be overlaid here: $(cat why)"; exit 77; }
}
