#!/bin/bash
# SPDX-License-Identifier: MIT
# apsysfs run at a terminal, under an interactive shell: it has the terminal, Ctrl-C and Ctrl-Z and a change of the
# window's size reach the command once, fg goes on with it; and signals sent by hand, or ignored beforehand.
set -eu
command -v script >/dev/null || { echo 'skip: there is no script(1) (package bsdutils)'; exit 77; }
await() { # PATTERN: until the terminal shows it
	for _ in $(seq 200); do grep -aq "$1" screen && return; sleep 0.05; done
	echo "the terminal never showed \"$1\", but:"
	cat -v screen
	exit 1
}
type() { printf "$@" >&3; }
cat >asks.sh <<'E2'
test -t 0 && test -t 1 && test -t 2 && test "$(tty)" != 'not a tty' && echo "a terminal"
read -r word
echo "got <$word>"
E2
cat >traps.sh <<'E2'
trap 'n=$((n + 1))' INT
trap 'echo "window $(stty size)"' WINCH
n=0
echo begun
while [ $n -eq 0 ]; do sleep 0.1; done
sleep 0.3
echo "interrupts <$n>"
exit 5
E2
mkfifo keys
: >screen
TERM=dumb env --default-signal=INT,QUIT script -qefc 'exec bash --norc --noediting -i' screen <keys >/dev/null 2>&1 &
shell=$!
exec 3>keys
type 'PS1=; stty -echo cols 80 rows 24; tty >terminal; echo shell-is-$((40 + 2))\n'
await shell-is-42
type '"$APSYSFS" run -- sh asks.sh\n'
await 'a terminal'
type '\032'
await 'Stopped'
type 'fg\n'
sleep 0.2
type 'hello\n'
await 'got <hello>'
type '"$APSYSFS" run -- sh traps.sh; echo "status <$?>"\n'
await begun
stty -F "$(cat terminal)" cols 77
await 'window 24 77'
type '\003'
await 'interrupts <1>'
await 'status <5>'
# a shell in there has job control of its own
type '"$APSYSFS" run -- bash --norc --noediting -i\n'
type 'PS1=; echo inner-$((40 + 4)); sleep 1000\n'
await inner-44
# before it has its terminal it would be the outer shell's job that stops; before its own job is there, nothing does
for _ in $(seq 100); do [ "$(grep -ac Stopped screen)" -ge 2 ] && break; type '\032'; sleep 0.05; done
[ "$(grep -ac Stopped screen)" -ge 2 ]
# not by exit: it stays for a job that it has not yet seen end
type 'kill %%1; exec true\n'
type 'echo again-$((40 + 3))\n'
await again-43
type 'exit\n'
exec 3>&-
wait $shell || :

# by hand: to apsysfs alone, and the command has it
for signal in INT QUIT TERM HUP USR1 USR2; do
	"$APSYSFS" run -- bash -c "trap 'echo caught; exit 7' $signal; echo begun; while :; do sleep 0.05; done" >log-$signal &
	pid=$!
	for _ in $(seq 200); do grep -q begun log-$signal && break; sleep 0.05; done
	# in the background of a script INT and QUIT are ignored, for the command too
	kill -$signal $pid
	case $signal in
	INT|QUIT) kill -TERM $pid; want=143 ;;
	*) want=7 ;;
	esac
	s=0
	wait $pid || s=$?
	[ $s = $want ] || { echo "SIG$signal: exit status $s, expected $want"; exit 1; }
done
# not ignored: as timeout(1) sends it
s=0
timeout -s INT 2 "$APSYSFS" run -- bash -c 'trap "echo caught; exit 7" INT; while :; do sleep 0.05; done' >log || s=$?
[ $s = 124 ]
grep -q caught log
nohup "$APSYSFS" run -- sh -c 'kill -HUP $$; echo survived' </dev/null 2>/dev/null | grep -q survived
# stopped and continued by hand, together with its command
"$APSYSFS" run -- sh -c 'echo $$; exec sleep 1000' >log &
pid=$!
for _ in $(seq 200); do [ -s log ] && break; sleep 0.05; done
sleep 0.2
kill -TSTP $pid
state() { ps -o stat= -p "$1" | cut -c1; }
for _ in $(seq 100); do [ "$(state $pid)" = T ] && break; sleep 0.05; done
[ "$(state $pid)" = T ]
kill -CONT $pid
for _ in $(seq 100); do [ "$(state $pid)" != T ] && break; sleep 0.05; done
[ "$(state $pid)" != T ]
kill -TERM $pid
s=0
wait $pid || s=$?
[ $s = 143 ]
