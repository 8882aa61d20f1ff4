#!/bin/bash
# SPDX-License-Identifier: MIT
# apsysfs, as the cases call it while OVERLAY is set (run.sh): mount and run with a policy that grants all, or over a run.
# There what controls the virtual machine goes to the host, which APSYSFS_OUTER is: an overlay has nothing to control.
policy=$TOP/tests/replay/all.policy.yaml
case " $* " in *" --policy "*|*" --host "*|*" --help "*|*" -h "*) exec "$APSYSFS_REAL" "$@" ;; esac
case ${OVERLAY}:${1:-}:${APSYSFS_OUTER:+inside} in
policy:mount:|policy:run:) exec "$APSYSFS_REAL" "$1" --policy "$policy" "${@:2}" ;;
host:over-host:) # in the first run: INNER_OPTION... -- COMMAND...
	APSYSFS_OUTER=$(mktemp -d "${CASE_DIR:?}/.outer.XXXXXX") && mount --rbind /sys "$APSYSFS_OUTER" || exit 1
	export APSYSFS_OUTER
	exec "$APSYSFS_REAL" run --host /sys --policy "$policy" "${@:2}" ;;
host:run:) ;;
host:guest:inside|host:machine:inside|host:scenario:inside|host:run:inside)
	[ "${APSYSFS_MOUNT:-/sys}" != /sys ] || export APSYSFS_MOUNT=$APSYSFS_OUTER
	# a guest is in a world of its own
	[ "$1" != run ] || unset APSYSFS_OUTER
	exec "$APSYSFS_REAL" "$@" ;;
*) exec "$APSYSFS_REAL" "$@" ;;
esac
# where run's own options end, and those among them that the inner one needs as well
words=("$@") inner=() i=1
while [ $i -lt $# ]; do
	case ${words[i]} in
	--) break ;;
	--net|--no-epoch|--no-modules|--passthrough|--state-sync|--dry-run)
		[ "${words[i]}" != --net ] || inner+=(--net) ;;
	--*=*) ;;
	--*) i=$((i + 1)) ;;
	*) break ;;
	esac
	i=$((i + 1))
done
outer=("${words[@]:1:i-1}")
[ "${words[i]:-}" != -- ] || i=$((i + 1))
[ $i -lt $# ] || exec "$APSYSFS_REAL" "$@"
exec "$APSYSFS_REAL" run "${outer[@]}" -- "$0" over-host "${inner[@]}" -- "${words[@]:i}"
