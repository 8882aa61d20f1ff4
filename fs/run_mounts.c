/* SPDX-License-Identifier: MIT */
#include "fs/run_mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fs/dev_backend.h"

/* A descriptor for each */
static void raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static int clone_places(struct run_mounts *m)
{
	char path[4096];

	m->clones = m->places.count;
	m->clone = calloc(m->clones + 1, sizeof(*m->clone));
	for (size_t i = 0; m->clone && i < m->clones; i++) {
		m->clone[i] = -1;
		if (m->places.place[i].type == NODE_IS_LINK)
			continue;
		snprintf(path, sizeof(path), "/sys/%s", m->places.place[i].path);
		m->clone[i] = (int)syscall(SYS_open_tree, AT_FDCWD, path,
					   1 /* OPEN_TREE_CLONE */ | O_CLOEXEC | 0x8000 /* AT_RECURSIVE */);
	}
	return m->clone ? 0 : -ENOMEM;
}

int run_mounts_take(struct run_mounts *m)
{
	int rc;

	*m = (struct run_mounts){ 0 };
	raise_file_limit();
	rc = host_places_read(&m->places, "/sys");
	if (rc == 0)
		rc = clone_places(m);
	if (rc < 0) {
		fprintf(stderr, "apsysfs run: reading the host's /sys: %s\n", strerror(-rc));
		return -1;
	}
	rc = dev_entries_take(&m->dev);
	if (rc < 0)
		fprintf(stderr, "apsysfs run: reading the host's /dev: %s\n", strerror(-rc));
	return rc < 0 ? -1 : 0;
}

int run_mounts_serve_dev(struct run_mounts *m)
{
	char path[sizeof(DEV_BACKEND_PATH) + NAME_MAX + 2];

	m->serves_dev = true;
	for (int i = 0; i < m->dev.count; i++) {
		const struct dev_entry *e = &m->dev.entry[i];
		enum node_type type = e->directory ? NODE_IS_DIRECTORY : NODE_IS_FILE;

		snprintf(path, sizeof(path), "%s/%s", DEV_BACKEND_PATH, e->name);
		if (host_places_add(&m->places, path, e->target ? NODE_IS_LINK : type, e->target) < 0) {
			fprintf(stderr, "apsysfs run: /dev: %s\n", strerror(ENOMEM));
			return -1;
		}
	}
	return 0;
}

void run_mounts_let_go(struct run_mounts *m)
{
	for (size_t i = 0; i < m->clones; i++)
		if (m->clone[i] >= 0)
			close(m->clone[i]);
	m->clones = 0;
	dev_entries_let_go(&m->dev);
}

static void attach_places(const struct run_mounts *m)
{
	char path[4096];

	for (size_t i = 0; i < m->clones; i++) {
		if (m->clone[i] < 0)
			continue;
		snprintf(path, sizeof(path), "/sys/%s", m->places.place[i].path);
		syscall(SYS_move_mount, m->clone[i], "", AT_FDCWD, path, 4 /* MOVE_MOUNT_F_EMPTY_PATH */);
		close(m->clone[i]);
	}
}

static int cover_dev(const struct run_mounts *m)
{
	int dir;

	if (mount("/sys/" DEV_BACKEND_PATH, "/dev", NULL, MS_BIND, NULL) < 0 ||
	    (dir = open("/dev", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) {
		fprintf(stderr, "apsysfs run: covering /dev: %s\n", strerror(errno));
		return -1;
	}
	dev_entries_attach(&m->dev, dir);
	close(dir);
	return 0;
}

int run_mounts_put(struct run_mounts *m)
{
	int rc;

	attach_places(m);
	rc = m->serves_dev ? cover_dev(m) : 0;
	free(m->clone);
	dev_entries_free(&m->dev);
	host_places_free(&m->places);
	return rc;
}
