# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Inside run, in a secure-execution guest: queues are bound and associated.
say() {
	echo "\$ $*"
	"$@" 2>&1
	echo "rc=$?"
}
say lszcrypt -b
say lszcrypt -V
say chzcrypt -V --se-unbind 0a.0004
say lszcrypt -V 0a
say lszcrypt -c 0a.0004
say chzcrypt --se-associate 7 0a.0004
say chzcrypt -V --se-bind 0a.0004
say lszcrypt -V 0a
say chzcrypt --se-bind 0a.0004
say chzcrypt -V --se-associate 7 0a.0004
say lszcrypt -V 0a
say lszcrypt -c 0a.0004
say chzcrypt --se-associate 8 0a.0004
say chzcrypt -V --se-unbind 06.0004
say chzcrypt -V --se-bind 06.0004
say lszcrypt -V 06
say lszcrypt -c 06.0004
say chzcrypt --se-bind 05.0004
say chzcrypt --se-bind 0b.0004
