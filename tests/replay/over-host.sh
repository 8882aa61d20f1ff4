#!/bin/sh
# SPDX-License-Identifier: MIT
# over-host.sh DIR OPTIONS HOST_OPTIONS COMMAND...: in namespaces of its own, with DIR as /tmp, mounts a virtual host by
# OPTIONS and does COMMAND in a run over it. What the host alone has, its .apsysfs, is below /tmp/outer for session.sh.
set -eu
dir=$1 options=$2 host_options=$3
shift 3
cp "$BUILD/apsysfs" "$TOP/tests/replay/all.policy.yaml" "$dir"
mount --bind "$dir" /tmp
mkdir -p /tmp/outer
# the command line has blanks
# shellcheck disable=SC2086 # several words
/tmp/apsysfs mount $options --cmdline "$(cat /tmp/cmdline)" /tmp/outer
export SESSION_CONTROL=/tmp/outer/.apsysfs SESSION_MOMENT=0.2
cd /
# shellcheck disable=SC2086
/tmp/apsysfs run --host /tmp/outer $host_options -- "$@" && status=0 || status=$?
umount /tmp/outer
exit $status
