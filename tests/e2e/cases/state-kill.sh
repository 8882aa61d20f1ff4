#!/bin/bash
# SPDX-License-Identifier: MIT
# kill -9 at 500 random moments: all that was answered is there, and no half of anything.
# seconds: 600
set -eu
pids=()
for kernel in 7.2 6.12; do
	mkdir $kernel
	(cd $kernel && state_kill "$APSYSFS" $kernel "$((${STATE_KILLS:-500} / 2))" ${STATE_SEED:+"$STATE_SEED"}) &
	pids+=($!)
done
# both at once: most of the time is spent waiting for a mount to come and go
for pid in "${pids[@]}"; do wait "$pid"; done
