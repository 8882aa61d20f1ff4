#!/bin/sh
# SPDX-License-Identifier: MIT
# check-layers.sh OBJECT...: holds the one rule of layers, which the README draws. Prints every
# line that breaks it and fails.
set -u
bad=0

# --- what is allowed, each list in one place ----------------------------------------------------
# The only files of core that may know threads: the lock, and the clock.
threads='core/memory(_backend)?\.[ch]'
# What fs/ sees of core: the waist and the value types. The composition root sees all: main.c, the
# commands, and the files that turn what the user asks for into what a backend is made from.
root='main|cmd_[a-z_]*|options|options_host|options_policy|kept_options|plan_file|plan_output|plan_source|machine_file|machine_yaml|scenario_yaml'
values='backend|node|page|mask|mask_parse|parse|machine|recorder'
# Mutable variables that were looked at and may stay, as file.o:name; none so far.
mutable=''

report() { # WHAT TEXT
	[ -n "$2" ] || return 0
	printf '%s:\n%s\n' "$1" "$2" | sed '2,$s/^/    /'
	bad=1
}

# includes PATTERN FILE...: the #include lines that match, with file and line
includes() {
	pattern=$1
	shift
	for f in "$@"; do
		[ -e "$f" ] && grep -HnE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]($pattern)" "$f"
	done
}

report 'core/ must know nothing of the layers above it' \
	"$(includes 'fuse|fs/|hostbackend/|yaml|cyaml|json|uuid/|seccomp|cap-ng' core/*.[ch])"
report 'core/ knows threads only where its lock is' \
	"$(includes 'pthread|threads\.h|semaphore' core/*.[ch] | grep -vE "^($threads):")"
report 'hostbackend/ must not know FUSE or fs/' \
	"$(includes 'fuse|fs/' hostbackend/*.[ch])"
report 'fs/ meets the backends only in core/backend.h (but for the composition root)' \
	"$(includes 'core/|hostbackend/' fs/*.[ch] |
		grep -vE "^fs/($root)\.[ch]:" |
		grep -vE "include[[:space:]]*\"core/($values)\.h\"")"
report 'includes of our own headers name their folder' \
	"$(includes '[a-z_]+\.h"' core/*.[ch] fs/*.[ch] hostbackend/*.[ch] | grep '"')"

# A header needs only headers below it: with a loop there is no order, and tsort says which.
loops=$(for f in core/*.h fs/*.h hostbackend/*.h; do
	[ -e "$f" ] || continue
	sed -nE "s|^#[[:space:]]*include[[:space:]]*\"([^\"]*)\".*|$f \\1|p" "$f"
done | tsort 2>&1 >/dev/null)
report 'headers include each other in a loop' "$loops"

# State lives in what is handed in. Constant tables with pointers are in .data.rel.ro: no state.
report 'mutable variables at file scope' "$(for o in "$@"; do
	objdump -t "$o" | awk -v o="${o##*/}" '
		/ [dOB]* *O? *(\.data|\.bss|\.tdata|\.tbss|\*COM\*)/ && !/\.data\.rel\.ro/ && $NF !~ /^\./ {
			print o ":" $NF
		}'
done | { if [ -n "$mutable" ]; then grep -vxF "$mutable"; else cat; fi })"

[ $bad -eq 0 ] && echo 'check-layers: every file keeps to its layer'
exit $bad
