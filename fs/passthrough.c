/* SPDX-License-Identifier: MIT */
#include "fs/passthrough.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "fs/server.h"

/* Of the FUSE protocol, 7.40; the headers of Debian 12 have no names for them. */
#define OPEN_DIRECT_IO (UINT32_C(1) << 0)
#define OPEN_PASSTHROUGH (UINT32_C(1) << 7)

struct backing_map {
	int32_t fd;
	uint32_t flags;
	uint64_t padding;
};

#define BACKING_OPEN _IOW(229, 1, struct backing_map)
#define BACKING_CLOSE _IOW(229, 2, uint32_t)

struct open_out {
	uint64_t handle;
	uint32_t flags;
	int32_t backing;
};

struct passthrough *passthrough_new(void)
{
	struct passthrough *p = calloc(1, sizeof(*p));

	if (p)
		p->files = passed_files_new();
	if (p && p->files)
		return p;
	free(p);
	return NULL;
}

void passthrough_free(struct passthrough *p)
{
	if (p)
		passed_files_free(p->files);
	free(p);
}

bool passthrough_works(const struct server *s)
{
	return s->passthrough && atomic_load(&s->passthrough->works);
}

int passthrough_backing(struct server *s, int fd)
{
	struct backing_map map = { .fd = fd };
	int backing = ioctl(fuse_session_fd(s->session), BACKING_OPEN, &map);

	if (backing > 0)
		return backing;
	/* not allowed: it will not be later either */
	if (backing < 0 && errno == EPERM)
		atomic_store(&s->passthrough->works, false);
	return backing < 0 ? -errno : -EIO;
}

void passthrough_backing_close(struct server *s, int backing)
{
	uint32_t number = (uint32_t)backing;

	(void)ioctl(fuse_session_fd(s->session), BACKING_CLOSE, &number);
}

int passthrough_reply_open(fuse_req_t req, uint64_t handle, const struct passed_file *f, bool direct)
{
	struct open_out out = { handle, OPEN_PASSTHROUGH | (direct ? OPEN_DIRECT_IO : 0), passed_file_backing(f) };

	return fuse_reply_buf(req, (const char *)&out, sizeof(out));
}
