#!/bin/bash
# SPDX-License-Identifier: MIT
# A callout for mdevctl 1.4 (mdevctl.8, "event scripts"), of the tests' own: tells what an active mdev of vfio_ap holds,
# and gives it other queues in one write of ap_config. mdevctl needs one for both, and Debian's s390-tools have none.
set -eu
while getopts t:e:a:s:u:p: o; do declare "o_$o=$OPTARG"; done
# shellcheck disable=SC2154 # getopts sets them
[ "$o_t" = vfio_ap-passthrough ] || exit 2
# shellcheck disable=SC2154
mdev=/sys/bus/mdev/devices/$o_u
adapter=() domain=() control_domain=()

held() {
	local line
	while IFS=. read -r a d; do
		[ -z "$a" ] || adapter[16#$a]=1
		[ -z "$d" ] || domain[16#$d]=1
	done <"$mdev/matrix"
	while read -r line; do control_domain[16#$line]=1; done <"$mdev/control_domains"
}

attributes() {
	local n comma=
	printf '['
	for n in "${!adapter[@]}"; do printf '%s{"assign_adapter":"%d"}' "$comma" "$n"; comma=,; done
	for n in "${!domain[@]}"; do printf '%s{"assign_domain":"%d"}' "$comma" "$n"; comma=,; done
	for n in "${!control_domain[@]}"; do printf '%s{"assign_control_domain":"%d"}' "$comma" "$n"; comma=,; done
	echo ']'
}

wanted() { # JSON
	local rest=$1
	while [[ $rest =~ \"assign_(adapter|domain|control_domain)\":\ *\"([0-9a-fA-Fx]+)\"(.*) ]]; do
		rest=${BASH_REMATCH[3]}
		declare -g "${BASH_REMATCH[1]}[$((BASH_REMATCH[2]))]=1"
	done
}

mask() { # NUMBER...: bit 0 is the leftmost of 256
	local n digits=()
	for n; do digits[n / 4]=$((${digits[n / 4]:-0} | 8 >> n % 4)); done
	printf 0x
	for ((n = 0; n < 64; n++)); do printf %x "${digits[n]:-0}"; done
}

# shellcheck disable=SC2154
case $o_e-$o_a in
get-capabilities)
	# all that mdevctl has
	IFS= read -r -d '' json || :
	echo "${json/provides/supports}"
	;;
get-attributes)
	held
	attributes
	;;
live-modify)
	IFS= read -r -d '' json || :
	wanted "$json"
	echo "$(mask "${!adapter[@]}"),$(mask "${!domain[@]}"),$(mask "${!control_domain[@]}")" >"$mdev/ap_config"
	;;
esac
