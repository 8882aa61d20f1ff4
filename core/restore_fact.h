/* SPDX-License-Identifier: MIT */
/* The lines of core/restore.h, word by word; for the files that restore. */
#ifndef CORE_RESTORE_FACT_H
#define CORE_RESTORE_FACT_H

#include "core/engine.h"

#define RESTORE_WORD 2048
#define RESTORE_NAME 128

/* A line being read. */
struct fact {
	struct engine *e;
	const char *rest;
	struct page *message;
	char place[64];
	bool filtered;		/* mdev: the guest's part was given */
};

/* A word, undone: the key, and its value behind it. */
struct pair {
	char text[RESTORE_WORD];
	const char *key, *value;
};

/* Says what is wrong. Returns -EINVAL, as all below do when they have said so. */
int fact_refuse(struct fact *l, const char *what, const char *expected);
/* The next word as it is; false: none, or (cut) too long for any meaning. */
bool fact_word(struct fact *l, char *word, size_t size);
/* The next KEY=VALUE; key is NULL at the end of the line. */
int fact_pair(struct fact *l, struct pair *p);
bool pair_is(const struct pair *p, const char *key);
/* "\20" is a blank: in place. */
void fact_undo_escapes(char *text);
int fact_number(struct fact *l, const char *text, uint64_t max, uint64_t *ret);
int fact_flag(struct fact *l, const struct pair *p, bool *ret);
int fact_mask(struct fact *l, const struct pair *p, struct ap_mask *ret);
/* "5,0x10-0x1f" */
int fact_list(struct fact *l, const struct pair *p, struct ap_mask *ret);

/* The lines that begin with device and mdev. */
int restore_device(struct fact *l);
int restore_mdev(struct fact *l);

#endif
