#!/bin/bash
# SPDX-License-Identifier: MIT
# fetch.sh SUITE ARCH DIR PACKAGE...: unpacks Debian packages of another suite or architecture, with what they
# depend on, below DIR. With lists, cache and status of its own: the machine's packages stay as they are, and
# no script of a package runs. Exit status 1, and a reason, if they cannot be had.
set -eu
suite=$1 arch=$2 dir=$3
shift 3
mirror=$(sed -n 's/^URIs: *\([^ ]*\).*/\1/p; s/^deb \(\[[^]]*\] \)*\([^ ]*\) .*/\2/p' \
	/etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null | head -n 1)
[ -n "$mirror" ] || { echo 'apt knows no mirror' >&2; exit 1; }
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
[ ! -e "$dir/.complete" ] || exit 0
apt=$dir/.apt
mkdir -p "$apt"/{lists/partial,state,cache/archives/partial,debs}
: >"$apt/status"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$apt/sources.list"
cat >"$apt/apt.conf" <<C
APT::Architecture "$arch";
APT::Architectures { "$arch"; };
APT::Sandbox::User "root";
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "$apt/state";
Dir::State::lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
C
export APT_CONFIG=$apt/apt.conf
timeout 120 apt-get update -qq >"$apt/log" 2>&1 || { tail -n 3 "$apt/log" >&2; exit 1; }
# nothing is installed as far as this apt knows, so it plans for all that is needed
timeout 300 apt-get install -y -qq --no-install-recommends --download-only "$@" >"$apt/log" 2>&1 || { tail -n 3 "$apt/log" >&2; exit 1; }
for deb in "$apt"/cache/archives/*.deb; do dpkg-deb -x "$deb" "$dir"; done
for d in bin sbin lib; do [ -e "$dir/$d" ] || [ ! -d "$dir/usr/$d" ] || ln -s "usr/$d" "$dir/$d"; done
# an emulator that looks for files below DIR first must not find this one
rmdir "$dir/sys" 2>/dev/null || :
rm -rf "$apt"
: >"$dir/.complete"
