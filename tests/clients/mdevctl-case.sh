# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Sourced by the cases of mdevctl's versions, with "mdevctl" in $PATH inside the run: VERSION [COMMAND]. Compares with
# tests/clients/golden/mdevctl-VERSION.txt, one part a kernel. COMMAND: what to do first, inside the run.
set -eu
mkdir -p defs
for kernel in 7.2 6.12 6.1 5.10 4.20; do
	rm -rf defs
	mkdir -p defs/scripts.d/callouts defs/scripts.d/notifiers
	echo "=== Linux $kernel"
	chmod -R a+rwX defs
	${AS_USER:-} "$APSYSFS" run --kernel $kernel --bind "$PWD/defs:/etc/mdevctl.d" -- \
		sh -c "${2:-:} && . '$TOP/tests/clients/mdevctl-inside.sh'"
done >all 2>&1
if [ -n "${UPDATE_GOLDEN:-}" ]; then cp all "$TOP/tests/clients/golden/mdevctl-$1.txt"; fi
diff -u "$TOP/tests/clients/golden/mdevctl-$1.txt" all
