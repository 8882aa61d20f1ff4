#!/bin/bash
# SPDX-License-Identifier: MIT
# fetch.sh [--only] SUITE ARCH DIR PACKAGE...: unpacks packages of a Debian suite and architecture below DIR, with all
# that they depend on, or with --only nothing else. With lists and packages of its own, in build/clients/apt, kept
# for the next who asks: the machine's packages stay as they are, and no script of a package runs.
# Exit status 1, and a reason, if they cannot be had. DIR/.versions tells what came.
set -eu
only=false
[ "$1" != --only ] || { only=true; shift; }
suite=$1 arch=$2 dir=$3
shift 3
here=$(cd "$(dirname "$0")" && pwd)
apt=$here/../../build/clients/apt/$suite-$arch
mirror=$(sed -n 's/^URIs: *\([^ ]*\).*/\1/p; s/^deb \(\[[^]]*\] \)*\([^ ]*\) .*/\2/p' \
	/etc/apt/sources.list.d/debian.sources /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -n 1)
[ -n "$mirror" ] || { echo 'apt knows no mirror' >&2; exit 1; }
mkdir -p "$dir" "$apt"/{lists/partial,state,cache/archives/partial,debs}
dir=$(cd "$dir" && pwd) apt=$(cd "$apt" && pwd)
exec 9>"$apt/lock"
flock 9
[ ! -e "$dir/.versions" ] || exit 0
: >"$apt/status"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$apt/sources.list"
cat >"$apt/apt.conf" <<C
APT::Architecture "$arch";
APT::Architectures { "$arch"; };
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::Retries "3";
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "$apt/state";
Dir::State::lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
Dir::Log "$apt";
C
export APT_CONFIG=$apt/apt.conf

try() { "$@" >"$apt/log" 2>&1 || { grep -a '^[EW]:' "$apt/log" | tail -n 1 >&2; exit 1; }; }

update() {
	[ -e "$apt/updated" ] || { try timeout 120 apt-get update -qq --error-on=any; : >"$apt/updated"; }
}

# Prints the file of a package that the tests name by version; fails if there is none, or the mirror has it no more.
pinned() { # PACKAGE
	local path sum file
	read -r path sum < <(awk -v k="$suite $arch $1" '$1 " " $2 " " $3 == k { print $4, $5 }' "$here/pins") || return 1
	file=$apt/debs/${path##*/}
	[ -s "$file" ] || timeout 120 /usr/lib/apt/apt-helper download-file "$mirror/$path" "$file" "SHA256:$sum" >"$apt/log" 2>&1 || return 1
	echo "$file"
}

# Prints the file of a package as the suite has it now.
present() { # PACKAGE
	local file
	update
	file=$(apt-get download -qq --print-uris "$1" 2>"$apt/log" | awk '{ print $2 }')
	[ -n "$file" ] || { echo "$suite has no package $1 for $arch" >&2; return 1; }
	(cd "$apt/debs" && try timeout 120 apt-get download -qq "$1") || return 1
	echo "$apt/debs/$file"
}

collect() {
	local package
	for package; do pinned "$package" || present "$package" || return 1; done
}

if $only; then
	debs=$(collect "$@") || exit 1
else
	update
	rm -f "$apt"/cache/archives/*.deb
	# nothing is installed as far as this apt knows, so it plans for all that is needed
	try timeout 300 apt-get install -y -qq --no-install-recommends --download-only "$@"
	debs=$(printf '%s\n' "$apt"/cache/archives/*.deb)
fi
for deb in $debs; do
	dpkg-deb -x "$deb" "$dir"
	dpkg-deb -W --showformat='${Package} ${Version}\n' "$deb" >>"$dir/.versions.part"
done
# links that a script of base-files would have made
for d in bin sbin lib lib64; do [ -e "$dir/$d" ] || [ ! -d "$dir/usr/$d" ] || ln -s "usr/$d" "$dir/$d"; done
# an emulator that looks for files below DIR first must not find this one
rmdir "$dir/sys" 2>/dev/null || :
mv "$dir/.versions.part" "$dir/.versions"
