#!/bin/bash
# SPDX-License-Identifier: MIT
# mdevctl 1.4, as Debian 13 has it, fetched and run with its own C library: as client-mdevctl-1.2.
# seconds: 240
# not over a host: 4.20 does not show what a guest holds, and where a host refuses what the trial let through, run says so
set -eu
[ "$(id -u)" = 0 ] || { echo 'skip: only root can lay folders over /usr/lib beforehand'; exit 77; }
[ -d /etc/mdevctl.d ] || { echo 'skip: there is no /etc/mdevctl.d to bind upon (package mdevctl)'; exit 77; }
. "$TOP/tests/clients/mdevctl-trixie.sh"
mdevctl_trixie
. "$TOP/tests/clients/mdevctl-case.sh" 1.4.0 "$mdevctl_first"
