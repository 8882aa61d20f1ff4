/* SPDX-License-Identifier: MIT */
#include "fs/passed_file.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs/server.h"

#define FILES 1024
#define PROBES 8

struct passed_file {
	uint64_t node;		/* whose text is in it; 0: nobody's */
	uint64_t original;	/* the inode that it is; 0: a memory file, or not known yet */
	unsigned users;
	unsigned read;		/* memory files: opens before which it had been read since the one before */
	int fd;			/* memory files: 0: not made yet */
	int backing;		/* its number for the kernel; 0: none */
	bool is_original;
	bool making;		/* by the first opener, who has no lock meanwhile */
	bool outdated;		/* originals: to be closed when nobody has it any more */
};

struct passed_files {
	pthread_mutex_t lock;
	pthread_cond_t made;
	unsigned texts;		/* how many memory files there may be */
	/* protected by lock, as what is in them */
	struct passed_file text[FILES];
	struct passed_file original[FILES];
};

/* A memory file takes a descriptor: at most half of those we may have. The other kind takes none. */
static unsigned texts_allowed(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return PROBES;
	if (limit.rlim_cur < 2 * FILES && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max < 2 * FILES ? limit.rlim_max : 2 * FILES;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
	return limit.rlim_cur / 2 < FILES ? (unsigned)limit.rlim_cur / 2 : FILES;
}

struct passed_files *passed_files_new(void)
{
	struct passed_files *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->made, NULL);
	p->texts = texts_allowed();
	for (unsigned i = 0; i < FILES; i++)
		p->original[i].is_original = true;
	return p;
}

/* The kernel forgets numbers with the session. */
void passed_files_free(struct passed_files *p)
{
	if (!p)
		return;
	for (unsigned i = 0; i < FILES; i++)
		if (p->text[i].fd)
			close(p->text[i].fd);
	pthread_mutex_destroy(&p->lock);
	pthread_cond_destroy(&p->made);
	free(p);
}

static struct passed_files *files_of(const struct server *s)
{
	return s->passthrough->files;
}

/* The node's file, or one that it may take; of those one that holds nothing, if there is. */
static struct passed_file *find(struct passed_file *files, unsigned count, uint64_t node)
{
	unsigned first = (unsigned)((node * UINT64_C(0x9e3779b97f4a7c15)) >> 32);
	struct passed_file *found = NULL;

	for (unsigned i = 0; i < PROBES; i++) {
		struct passed_file *f = &files[(first + i) % count];

		if (f->node == node)
			return f;
		if (!f->users && (!found || (found->node && !f->node)))
			found = f;
	}
	return found;
}

/* --- texts that cannot change ------------------------------------------------------------------------ */

static int make_text(struct server *s, struct passed_file *f)
{
	int fd = memfd_create("apsysfs", MFD_CLOEXEC);
	int rc = fd < 0 ? -errno : passthrough_backing(s, fd);

	if (rc < 0) {
		if (fd >= 0)
			close(fd);
		return rc;
	}
	f->fd = fd;
	f->backing = rc;
	return 0;
}

static bool read_lately(const struct passed_file *f)
{
	struct stat st;

	return fstat(f->fd, &st) == 0 && (st.st_atim.tv_sec || st.st_atim.tv_nsec);
}

/* The text, and no time at which it was read. */
static int fill(struct server *s, struct passed_file *f, uint64_t node, const struct caller *caller)
{
	static const struct timespec unread[2] = { { .tv_nsec = 0 }, { .tv_nsec = UTIME_OMIT } };
	char text[SYSFS_PAGE];
	struct backend_call call = { .caller = *caller, .opener = *caller };
	int rc;

	if (f->node != node) {
		page_init_fixed(&call.page, text, sizeof(text));
		rc = s->backend->ops->show(s->backend, node, &call);
		if (rc)
			return rc < 0 ? rc : -EAGAIN;
		f->node = 0;
		if (pwrite(f->fd, text, call.page.length, 0) != (ssize_t)call.page.length ||
		    ftruncate(f->fd, (off_t)call.page.length) < 0)
			return -errno;
		f->node = node;
	}
	f->read += f->users && read_lately(f);
	return futimens(f->fd, unread) < 0 ? -errno : 0;
}

struct passed_file *passed_file_open_text(struct server *s, uint64_t node, const struct caller *caller, unsigned *ret_mark)
{
	struct passed_files *p = files_of(s);
	struct passed_file *f;

	pthread_mutex_lock(&p->lock);
	f = find(p->text, p->texts, node);
	if (f && !f->fd && make_text(s, f) < 0)
		f = NULL;
	if (f && fill(s, f, node, caller) < 0)
		f = NULL;
	if (f) {
		f->users++;
		*ret_mark = f->read;
	}
	pthread_mutex_unlock(&p->lock);
	return f;
}

/* --- files of others' ---------------------------------------------------------------------------------- */

static void forget(struct server *s, struct passed_file *f)
{
	if (f->backing)
		passthrough_backing_close(s, f->backing);
	*f = (struct passed_file){ .is_original = true };
}

/* Returns the number for the kernel, or -errno. */
static int make_original(struct server *s, uint64_t node, const struct node_stat *st, const struct caller *caller)
{
	int fd = s->backend->ops->original(s->backend, node, caller);
	struct stat now;
	int rc;

	if (fd < 0)
		return fd;
	rc = fstat(fd, &now) < 0 ? -errno : now.st_ino != st->original ? -ESTALE : passthrough_backing(s, fd);
	close(fd);
	return rc;
}

/* Returns true if the file is the caller's to make. */
static bool take(struct server *s, struct passed_file *f, uint64_t node)
{
	if (f->node != node) {
		forget(s, f);
		f->node = node;
		f->making = true;
	}
	f->users++;
	return f->making && f->users == 1;
}

struct passed_file *passed_file_open_original(struct server *s, uint64_t node, const struct node_stat *st,
					      const struct caller *caller)
{
	struct passed_files *p = files_of(s);
	struct passed_file *f;
	int rc;

	pthread_mutex_lock(&p->lock);
	f = find(p->original, FILES, node);
	/* a file that came in the place of another has a node of its own, as long as somebody has that */
	if (f && f->node == node && !f->users && f->original != st->original)
		forget(s, f);
	if (f && take(s, f, node)) {
		pthread_mutex_unlock(&p->lock);
		rc = make_original(s, node, st, caller);
		pthread_mutex_lock(&p->lock);
		f->backing = rc < 0 ? 0 : rc;
		f->original = st->original;
		f->making = false;
		pthread_cond_broadcast(&p->made);
	}
	while (f && f->making)
		pthread_cond_wait(&p->made, &p->lock);
	if (f && (!f->backing || f->original != st->original)) {
		if (--f->users == 0)
			forget(s, f);
		f = NULL;
	}
	pthread_mutex_unlock(&p->lock);
	return f;
}

/* --- both ------------------------------------------------------------------------------------------------ */

void passed_file_release(struct server *s, struct passed_file *f)
{
	struct passed_files *p = files_of(s);

	pthread_mutex_lock(&p->lock);
	f->users--;
	if (!f->users && f->outdated)
		forget(s, f);
	pthread_mutex_unlock(&p->lock);
}

bool passed_file_was_read(struct server *s, const struct passed_file *f, unsigned mark)
{
	struct passed_files *p = files_of(s);
	bool read;

	if (f->is_original)
		return false;
	pthread_mutex_lock(&p->lock);
	read = f->read != mark || read_lately(f);
	pthread_mutex_unlock(&p->lock);
	return read;
}

bool passed_file_is_original(const struct passed_file *f)
{
	return f->is_original;
}

int passed_file_backing(const struct passed_file *f)
{
	return f->backing;
}

/* Others' files are not asked about, which might take them long: whoever opens one looks for himself. */
static void drop_original(struct server *s, struct passed_file *f)
{
	if (f->users)
		f->outdated = true;
	else if (f->node)
		forget(s, f);
}

static void drop_text(struct server *s, struct passed_file *f)
{
	struct node_stat st;

	if (f->users && s->backend->ops->stat(s->backend, f->node, NULL, &st) < 0)
		(void)!ftruncate(f->fd, 0);
}

void passed_files_drop_gone(struct server *s)
{
	struct passed_files *p = s->passthrough ? files_of(s) : NULL;

	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	for (unsigned i = 0; i < FILES; i++) {
		drop_text(s, &p->text[i]);
		drop_original(s, &p->original[i]);
	}
	pthread_mutex_unlock(&p->lock);
}
