/* SPDX-License-Identifier: MIT */
#include "fs/open_file.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "fs/access.h"
#include "fs/changes.h"
#include "fs/held.h"

/* One read or write under way or waiting its turn. */
struct operation {
	struct backend_call call;	/* first: answer() finds the operation by it */
	struct operation *next;
	void (*run)(struct operation *op);
	struct open_file *file;
	fuse_req_t req;
	size_t size;
	off_t offset;
	char *data;			/* what is written, or where the text comes */
	struct audience audience;	/* of the text that is read */
};

struct open_file {
	struct server *server;
	struct caller opener;
	struct held held;
	struct watcher watcher;			/* of a file that notifies */
	struct passed_file *passed;		/* where the kernel reads it, NULL: here */
	unsigned passed_mark;

	pthread_mutex_t lock;
	unsigned users;				/* the opener and the operations; protected by lock */
	bool busy;				/* an operation runs; protected by lock */
	struct operation *queue;		/* those behind it; protected by lock */

	/* the running operation's alone */
	char *text;
	struct audience audience;	/* of the text */
	size_t length;
	off_t base;		/* where text[0] stands in the file */
	off_t position;		/* where the last read ended */
	atomic_bool was_read;
};

struct open_file *open_file_new(struct server *s, uint64_t node, const struct node_stat *at_open, fuse_req_t req)
{
	struct open_file *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->server = s;
	f->opener = access_caller(req);
	f->position = -1;
	f->users = 1;
	pthread_mutex_init(&f->lock, NULL);
	held_add(s, &f->held, node, at_open);
	return f;
}

/* An answered operation may still be at work when the file is released: the last one out frees it. */
static void drop(struct open_file *f)
{
	bool last;

	pthread_mutex_lock(&f->lock);
	last = --f->users == 0;
	pthread_mutex_unlock(&f->lock);
	if (!last)
		return;
	held_remove(f->server, &f->held);
	if (f->passed)
		passed_file_release(f->server, f->passed);
	changes_forget(f->server, &f->watcher);
	pthread_mutex_destroy(&f->lock);
	free(f->text);
	free(f);
}

void open_file_free(struct open_file *f)
{
	drop(f);
}

void open_file_pass(struct open_file *f, struct passed_file *p, unsigned mark)
{
	f->passed = p;
	f->passed_mark = mark;
}

/* Answers are out: the next in line runs. Without recursion, however long the line is. */
static void finish(struct operation *op)
{
	struct open_file *f = op->file;
	struct operation *next;

	if (op->call.page.grows)
		page_free(&op->call.page);
	free(op);
	pthread_mutex_lock(&f->lock);
	next = f->queue;
	if (next)
		f->queue = next->next;
	else
		f->busy = false;
	pthread_mutex_unlock(&f->lock);
	if (next)
		next->run(next);
	drop(f);
}

static void submit(struct operation *op)
{
	struct open_file *f = op->file;
	bool wait;

	pthread_mutex_lock(&f->lock);
	f->users++;
	wait = f->busy;
	if (wait) {
		struct operation **last = &f->queue;

		while (*last)
			last = &(*last)->next;
		*last = op;
	}
	f->busy = true;
	pthread_mutex_unlock(&f->lock);
	if (!wait)
		op->run(op);
}

static struct operation *operation_new(struct open_file *f, fuse_req_t req, size_t extra)
{
	struct operation *op = calloc(1, sizeof(*op) + extra);

	if (!op)
		return NULL;
	op->file = f;
	op->req = req;
	op->data = (char *)(op + 1);
	op->call.caller = access_caller(req);
	op->call.opener = f->opener;
	return op;
}

/* --- reads ------------------------------------------------------------------------------------- */

static void reply_text(struct operation *op)
{
	struct open_file *f = op->file;
	size_t skip = op->offset > f->base ? (size_t)(op->offset - f->base) : 0;
	size_t n = skip < f->length ? f->length - skip : 0;

	if (n > op->size)
		n = op->size;
	f->position = op->offset + (off_t)n;
	fuse_reply_buf(op->req, f->text + (n ? skip : 0), n);
}

/* The show is done: keep its text for the reads that follow, and answer this one. */
static void text_arrived(struct operation *op, int result)
{
	struct open_file *f = op->file;
	const struct page *p = &op->call.page;
	bool repeat = f->server->backend->traits.reads_repeat && op->offset > 0 && (size_t)op->offset < p->length;
	size_t length = p->length + (repeat ? p->length : 0);
	char *text;

	if (result < 0) {
		reply_error(op->req, result);
		return;
	}
	text = realloc(f->text, length + 1);
	if (!text) {
		reply_error(op->req, -ENOMEM);
		return;
	}
	memcpy(text, p->data, p->length);
	if (repeat)
		memcpy(text + p->length, p->data, p->length);
	f->text = text;
	f->audience = op->audience;
	f->length = length;
	f->base = 0;
	atomic_store(&f->was_read, true);
	reply_text(op);
}

static void show_answered(struct backend_call *call, int result)
{
	struct operation *op = (struct operation *)call;

	text_arrived(op, result);
	finish(op);
}

/* A file without the method: EIO once chmod let it be opened (4.20's bus files: nothing). */
static int missing_method(const struct open_file *f)
{
	return f->server->backend->traits.no_method_is_ignored && f->held.at_open.ignores_missing ? 0 : -EIO;
}

static bool goes_on(const struct operation *op)
{
	const struct open_file *f = op->file;

	return op->offset != 0 && op->offset == f->position && f->text &&
	       access_is_for(f->server, &f->audience, &op->call.caller);
}

static void run_read(struct operation *op)
{
	struct open_file *f = op->file;
	struct backend *b = f->server->backend;
	struct node_stat st;
	int rc;

	if (goes_on(op)) {
		/* the text goes on; at its end the kernel looks whether the object is still there */
		rc = (size_t)(op->offset - f->base) < f->length ? 0 : b->ops->stat(b, f->held.node, &op->call.caller, &st);
		if (rc < 0)
			reply_error(op->req, -ENODEV);
		else
			reply_text(op);
		finish(op);
		return;
	}
	if (f->held.at_open.control)
		rc = page_init_growing(&op->call.page);
	else
		rc = (page_init_fixed(&op->call.page, op->data, SYSFS_PAGE), 0);
	op->audience = access_audience(f->server, &op->call.caller);
	if (f->held.at_open.notifies)
		changes_see(f->server, &f->watcher);
	op->call.answer = show_answered;
	if (rc == 0)
		rc = f->held.at_open.can_show ? b->ops->show(b, f->held.node, &op->call) : missing_method(f);
	if (rc == BACKEND_WAITS)
		return;
	text_arrived(op, rc);
	finish(op);
}

void open_file_read(struct open_file *f, fuse_req_t req, size_t size, off_t offset)
{
	struct operation *op = operation_new(f, req, SYSFS_PAGE);

	if (!op) {
		reply_error(req, -ENOMEM);
		return;
	}
	op->run = run_read;
	op->size = size;
	op->offset = offset;
	submit(op);
}

/* --- writes ------------------------------------------------------------------------------------ */

static void reply_store(struct operation *op, int result)
{
	if (result < 0)
		reply_error(op->req, result);
	else
		fuse_reply_write(op->req, op->size);
}

static void store_answered(struct backend_call *call, int result)
{
	struct operation *op = (struct operation *)call;

	reply_store(op, result);
	finish(op);
}

static void run_write(struct operation *op)
{
	struct open_file *f = op->file;
	struct backend *b = f->server->backend;
	int rc;

	op->call.answer = store_answered;
	/* what was ignored was not taken */
	if (!f->held.at_open.can_store)
		op->size = 0;
	rc = f->held.at_open.can_store ? b->ops->store(b, f->held.node, &op->call) : missing_method(f);
	if (rc == BACKEND_WAITS)
		return;
	reply_store(op, rc);
	finish(op);
}

void open_file_write(struct open_file *f, fuse_req_t req, const char *data, size_t size)
{
	struct operation *op;

	/* a store never sees more than a page; the caller is told how much it took */
	if (!f->held.at_open.control && size > SYSFS_PAGE)
		size = SYSFS_PAGE;
	op = operation_new(f, req, size + 1);
	if (!op) {
		reply_error(req, -ENOMEM);
		return;
	}
	memcpy(op->data, data, size);
	op->size = size;
	op->run = run_write;
	op->call.page = (struct page){ .data = op->data, .length = size, .size = size + 1 };
	submit(op);
}

void open_file_poll(struct open_file *f, fuse_req_t req, struct fuse_pollhandle *handle)
{
	struct backend *b = f->server->backend;
	unsigned events = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
	struct caller caller = access_caller(req);
	struct node_stat st;

	/* no attribute ever notifies: only a file not yet read, or gone, says there is something new */
	if (f->passed && passed_file_was_read(f->server, f->passed, f->passed_mark))
		atomic_store(&f->was_read, true);
	if (!atomic_load(&f->was_read) || b->ops->stat(b, f->held.node, &caller, &st) < 0)
		events |= POLLERR | POLLPRI;
	/* whether it was read nobody knows: the first poll says that there is something new, whoever then waits waits */
	if (f->passed && passed_file_is_original(f->passed))
		atomic_store(&f->was_read, true);
	if (f->held.at_open.notifies) {
		if (changes_news(f->server, &f->watcher, handle))
			events |= POLLERR | POLLPRI;
	} else if (handle) {
		fuse_pollhandle_destroy(handle);
	}
	fuse_reply_poll(req, events);
}
