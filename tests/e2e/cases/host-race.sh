#!/bin/bash
# SPDX-License-Identifier: MIT
# seconds: 240
# A tenant writes masks of every form while the host's own people change theirs: no bit outside the grant ever changes
# through us. WRITES=N: how many writes of the tenant (500).
set -eu
[ "$(id -u)" = 0 ] || { echo 'skip: needs root, to be another user'; exit 77; }
chmod 755 "$CASE_DIR" "$(dirname "$CASE_DIR")"
mkdir host m
leave() {
	fusermount3 -uqz m || :
	for _ in $(seq 300); do fusermount3 -uq host && return; sleep 0.1; done
}
trap leave EXIT
cat >policy.yaml <<'END'
grants:
  - { name: first, to: "uid:2001", pool: { adapters: [5, 16-31], domains: all }, actions: [pool] }
END
"$APSYSFS" mount host
"$APSYSFS" mount --host host --policy policy.yaml m
"$BUILD/host_race" host/bus/ap/apmask m/bus/ap/apmask "${WRITES:-500}"
