#!/bin/bash
# SPDX-License-Identifier: MIT
# Statically linked programs, which no preloaded library reaches: busybox of Debian 12, and a C program made here that
# reads as dump2tar does, many files at once, each within five seconds; and rsync.
# seconds: 180
set -eu
cat >reader.c <<'E2'
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static char *path[1 << 20];
static size_t paths, next, bytes, failed;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int take(const char *name, const struct stat *st, int type, struct FTW *at)
{
	if (type == FTW_F && (st->st_mode & 0444) && paths < sizeof(path) / sizeof(*path))
		path[paths++] = strdup(name);
	return 0;
}

static void read_one(const char *name)
{
	struct timespec from, to;
	char text[70000];
	ssize_t n;
	size_t got = 0;
	int fd;

	clock_gettime(CLOCK_MONOTONIC, &from);
	fd = open(name, O_RDONLY);
	while (fd >= 0 && (n = read(fd, text, sizeof(text))) > 0)
		got += (size_t)n;
	clock_gettime(CLOCK_MONOTONIC, &to);
	if (to.tv_sec - from.tv_sec > 5) {
		printf("%s took %ld s\n", name, (long)(to.tv_sec - from.tv_sec));
		exit(1);
	}
	pthread_mutex_lock(&lock);
	bytes += got;
	failed += fd < 0 || n < 0;
	pthread_mutex_unlock(&lock);
	if (fd >= 0)
		close(fd);
}

static void *work(void *arg)
{
	for (;;) {
		size_t mine;

		pthread_mutex_lock(&lock);
		mine = next++;
		pthread_mutex_unlock(&lock);
		if (mine >= paths)
			return NULL;
		read_one(path[mine]);
	}
}

int main(int argc, char **argv)
{
	pthread_t thread[16];

	for (int i = 1; i < argc; i++)
		nftw(argv[i], take, 64, FTW_PHYS);
	for (int i = 0; i < 16; i++)
		pthread_create(&thread[i], NULL, work, NULL);
	for (int i = 0; i < 16; i++)
		pthread_join(thread[i], NULL);
	printf("files %zu failed %zu\n", paths, failed);
	return bytes == 0;
}
E2
${CC:-cc} -static -O1 -pthread -o reader reader.c
file=$(od -An -tx1 -N4 reader | tr -d ' ')
[ "$file" = 7f454c46 ]
cat >machine.yaml <<'E2'
usage: [0-31]
adapters:
  - { id: 5, type: CEX5C }
  - { id: 6, type: CEX8A }
  - { id: 7, type: CEX7P }
E2
ours='/sys/devices/ap /sys/bus/ap /sys/devices/vfio_ap /sys/bus/mdev /sys/class/zcrypt'
export ours
arch=$(dpkg --print-architecture)
busybox=$TOP/build/clients/busybox
why=$("$TOP/tests/clients/fetch.sh" --only bookworm "$arch" "$busybox" busybox-static 2>&1) || {
	echo "note: without busybox-static: $(echo "$why" | tail -n 1)"
	busybox=
}
export busybox
cat >inside.sh <<'E2'
set -eu
# everything once while masks change, by sixteen threads
(for _ in 1 2 3 4 5; do echo -5 > /sys/bus/ap/apmask; echo +5 > /sys/bus/ap/apmask; done) &
./reader $ours >moving
wait
./reader $ours >still
read -r _ files _ failed <still
[ "$files" -gt 500 ] || { echo "only $files files" >&2; exit 1; }
# the kernel gives two files an r and no way to read them
[ "$failed" -le 2 ] || { echo "$failed of $files files cannot be read" >&2; exit 1; }
if [ -n "$busybox" ]; then
	b=$busybox/bin/busybox
	[ "$($b cat /sys/devices/ap/card05/type)" = CEX5C ]
	[ "$($b find $ours | sort)" = "$(find $ours | sort)" ]
	$b sh -c 'echo 0 > /sys/devices/ap/card06/online'
	[ "$($b cat /sys/devices/ap/card06/online)" = 0 ]
	$b cp -a /sys/devices/ap copied-by-busybox 2>/dev/null || :
	[ "$(cat copied-by-busybox/card06/type)" = CEX8A ]
	$b ls -l /sys/bus/ap/devices | grep -q 'card05 -> ../../../devices/ap/card05'
fi
if command -v rsync >/dev/null; then
	# as on any sysfs: a file that is shorter than its size is told of (23), all else is copied
	timeout 60 rsync -a /sys/devices/ap copy/ 2>rsync-said || [ $? = 23 ] || { tail rsync-said >&2; exit 1; }
	(cd /sys/devices && find ap -type d -print -o -type l -printf '%p %l\n' | sort) >have
	(cd copy && find ap -type d -print -o -type l -printf '%p %l\n' | sort) >copied
	diff have copied
	# and it sees every file
	[ "$(rsync -r --list-only /sys/devices/ap | grep -c '^-')" = "$(find /sys/devices/ap -type f | wc -l)" ]
else
	echo 'note: there is no rsync'
fi
E2
"$APSYSFS" run --machine machine.yaml -- sh inside.sh
[ -n "$busybox" ] || { echo 'skip: busybox-static cannot be had; the rest passed'; exit 77; }
command -v rsync >/dev/null || { echo 'skip: there is no rsync; "make deps-test" installs it; the rest passed'; exit 77; }
