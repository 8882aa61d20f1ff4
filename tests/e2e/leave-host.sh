# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# leave_host OVERLAY HOST: unmounts both. The daemon of the overlay keeps its host busy until it is gone: for 30 s at most.
leave_host() {
	local i=0
	fusermount3 -uq "$1" || :
	while [ -e "$2/bus" ] && ! fusermount3 -uq "$2" && [ $i -lt 600 ]; do i=$((i + 1)); sleep 0.05; done
}
