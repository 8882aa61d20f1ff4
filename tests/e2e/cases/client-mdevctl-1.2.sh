#!/bin/bash
# SPDX-License-Identifier: MIT
# mdevctl 1.2, as Debian 12 has it: types, define, modify, start, list, stop, undefine, and what the kernel refuses.
# seconds: 180
# not over a host: 4.20 does not show what a guest holds, and where a host refuses what the trial let through, run says so
set -eu
command -v mdevctl >/dev/null || { echo 'skip: there is no mdevctl; "make deps-test" installs it'; exit 77; }
version=$(mdevctl --version | cut -d' ' -f2)
[ "$version" = 1.2.0 ] || { echo "skip: mdevctl is $version, expected 1.2.0"; exit 77; }
. "$TOP/tests/clients/mdevctl-case.sh" 1.2.0
