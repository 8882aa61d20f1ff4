/* SPDX-License-Identifier: MIT */
/*
 * The parts of the model of policies. A world is a machine, a policy and who owns which mdev; a wish is a write that somebody
 * would like to make. The model knows of policies what apsysfs-policy(5) says, and of the machine what a user reads.
 */
#ifndef TESTS_MODEL_POLICY_H
#define TESTS_MODEL_POLICY_H

#include "core/attr.h"

#define GRANTS 4
#define UUIDS 5		/* the last one is never created */
#define CALLERS 5
#define WAITING 3
#define MATRIX "devices/vfio_ap/matrix/"
#define LENGTH(a) (sizeof(a) / sizeof(*(a)))

extern const char *const uuids[UUIDS];
extern const struct caller callers[CALLERS];

/* --- policies.c: random ones ------------------------------------------------------------------------------ */

/* in the order of the names in policies.c */
enum action {
	CREATE, REMOVE, ASSIGN, POOL, BIND, UNBIND, ONLINE, CONFIG, RESET, COUNTERS, SCAN, SETTINGS, OVERRIDE, SECURE, UEVENT,
	ZCRYPT, GUEST, MACHINE, ACTIONS_OF_GRANTS
};

struct ids {
	bool has[AP_IDS];
};

struct things {
	struct ids adapters, domains, controls;
};

struct mdevs_of_grant {
	bool all, own, named[UUIDS];
};

struct allowance {
	char to[2][16];
	unsigned to_count;
	struct things see, pool, assign;
	struct mdevs_of_grant see_mdevs, mdevs;
	bool may[ACTIONS_OF_GRANTS], delegates;
	int limit;			/* -1: none */
};

enum meaning { MEANS_NOTHING, MEANS_MASK, MEANS_MATRIX };

struct wish {
	char kind[24];			/* for the statistics */
	char path[160], text[1200];
	size_t length;
	enum meaning meaning;
	struct ids wanted[3];		/* MASK: the first; MATRIX: adapters, domains, control domains */
};

struct world {
	uint64_t random;
	struct engine engine;
	uint32_t tickets;
	struct allowance grant[GRANTS];
	unsigned grants;
	int64_t owner[UUIDS];		/* uid; -1: nobody's, so root's */
	struct waiting {
		struct node node;	/* of a write that waits, and has begun */
		uint32_t ticket;	/* 0: there is none */
		struct wish wish;
	} waiting[WAITING];
	struct node stale;		/* a file that was there once */
	bool few;			/* the masks have few bits set */
};

unsigned pick(struct world *w, unsigned below);
unsigned random_adapter(struct world *w);
unsigned random_domain(struct world *w);
void random_policy(struct world *w);
void print_policy(struct world *w, struct page *out);

/* --- grants.c: what they grant ---------------------------------------------------------------------------- */

/* Grants that act for a caller have an effect on what he may; the others only on what he sees. */
struct person {
	const struct world *w;
	uint32_t uid;
	const struct allowance *shown[GRANTS], *acting[GRANTS];
	unsigned shows, acts;
	bool leaves_to_modes;		/* what they let him do, the files' modes must let him do as well */
};

struct person person_of(const struct world *w, const struct caller *c);
uint32_t owner_of(const struct world *w, unsigned uuid);

/* Does an acting grant have the action, anywhere; and the APQN in its pool or to assign; all that a card has; the mdev? */
bool may(const struct person *p, enum action a);
bool may_queue(const struct person *p, enum action a, unsigned adapter, unsigned domain);
bool may_pool(const struct person *p, int adapter, int domain);
/* By this name: a grant that names mdevs alone is about those alone. */
bool may_create(const struct person *p, unsigned uuid);
bool may_mdev(const struct person *p, enum action a, unsigned uuid);
bool may_mdev_anything(const struct person *p, unsigned uuid);
bool may_assign(const struct person *p, unsigned uuid, const int id[3]);
/* -1: any. admin: to administer. */
bool may_zcrypt(const struct person *p, int adapter, int domain, bool admin);
bool may_reset(const struct person *p, unsigned adapter, unsigned domain);
/* -1: as many as he likes */
int limit_of(const struct person *p);

bool sees_adapter(const struct person *p, unsigned adapter);
bool sees_domain(const struct person *p, unsigned domain);
bool sees_control(const struct person *p, unsigned domain);
bool sees_queue(const struct person *p, unsigned adapter, unsigned domain);
bool sees_mdev(const struct person *p, unsigned uuid);
bool sees_all_queues(const struct person *p);
bool sees_all_mdevs(const struct person *p);

/* --- wishes.c: writes ----------------------------------------------------------------------------------- */

void random_wish(struct world *w, struct wish *x);

/* --- texts.c: what a user reads ------------------------------------------------------------------------- */

struct texts {
	struct text { size_t path, text; } *entry;	/* sorted by path; both are places in data */
	size_t count, size;
	struct page data;
};

void texts_new(struct texts *t);
void texts_free(struct texts *t);
void texts_keep(struct texts *t, const char *path, const char *text);
void texts_sort(struct texts *t);
/* The parts of the tree that policies are about; hardware: also .apsysfs/machine, which is long. */
void read_texts(struct engine *e, bool hardware, struct texts *t);
const char *text_path(const struct texts *t, size_t i);
const char *text_at(const struct texts *t, size_t i);
/* NULL: there is no such file. Directories have an empty text, links their target. */
const char *text_of(const struct texts *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The file read right now: "" if it is not there. */
void read_now(struct engine *e, const char *path, char text[SYSFS_PAGE]);
void read_mask(const char *text, struct ids *ret);
/* Of the texts of matrix and control_domains; NULL: not there. */
void read_matrix(const char *matrix, const char *controls, struct ids ret[3]);

/* --- world.c: machines, and what happens to them --------------------------------------------------------- */

/* The last one is freed by the next. */
void new_world(struct world *w);
void free_world(struct world *w);
/* Root writes: no policy is asked. */
void root_writes(struct world *w, const char *path, const char *text);
/* Is there room for one more write that waits? Without it, another comes to its end first. */
bool has_place(const struct world *w);
/* Something happens that no policy is asked about. */
void world_moves(struct world *w);
/* Makes the write, whose file is n, for owner (-1: nobody). What it returns; one that waits is carried on with later. */
int make_wish(struct world *w, const struct wish *x, struct node n, int64_t owner);

/* --- model.c: what is right ------------------------------------------------------------------------------ */

struct attempt {
	struct person p;
	const struct wish *x;
	bool fails_anyway;		/* the file is gone, or takes no writes */
	bool goes_on;			/* it has waited, and was judged when it began */
	int result;
	const struct texts *before, *after;
	char why[200];			/* it is not allowed */
};

bool model_allows(struct attempt *a);
/* The first of its questions, of which stat(2) tells too: could he write to the file, whatever it was? */
bool may_write_here(const struct attempt *a);

/* Without it he may not; the first reason stays. */
bool need(struct attempt *a, bool granted, const char *format, ...) __attribute__((format(printf, 3, 4)));
bool begins(const char *text, const char *begin);
bool ends(const char *text, const char *end);
/* Of a text that begins with one, in any case; of a path below matrix. UUIDS: none of ours. */
unsigned uuid_of(const char *text);
unsigned mdev_of_path(const char *path);
bool is_there(const struct texts *t, unsigned uuid);
/* "kvm" or "nokvm"; NULL: no guest has it. */
const char *guest_of(const struct texts *t, unsigned uuid);
/* Its remove waits for a guest: most of its files are gone. */
bool is_leaving(const struct texts *t, unsigned uuid);
/* The card's own, and each of its queues. */
bool may_card(const struct attempt *a, enum action action, unsigned adapter);

/* --- words.c, differences.c: the parts of it -------------------------------------------------------------- */

void judge_words_of(struct attempt *a);
void judge_differences(struct attempt *a);
/* apmask and aqmask; adapters, domains and control domains: what differs must be granted. */
void masks_differ(struct attempt *a, const struct ids was[2], const struct ids is[2]);
void matrix_differs(struct attempt *a, unsigned uuid, const struct ids was[3], const struct ids is[3]);
void matrix_in(const struct texts *t, unsigned uuid, struct ids ret[3]);
bool in_pool(const struct texts *t, unsigned adapter, unsigned domain);

/* --- read_view.c, hidden.c, views.c: what a tenant reads ------------------------------------------------------------- */

/* A backend that shows the world, without a policy. */
struct backend *world_backend(struct world *w);
/* The whole tree, as this caller has it (NULL: the program itself). False: something in it does not fit together. */
bool read_view(struct backend *b, const struct caller *c, struct texts *t);

struct view {
	struct person p;
	const struct texts *all;	/* what there is */
};

/* Root changes something that he does not see, and only that. False: it did not come about. */
bool move_hidden(struct world *w, const struct view *v);

struct views {
	struct backend *whole, *tenants;	/* the world, and through its policy */
	struct texts all, before, after;
	unsigned long moved;			/* views across a change of hidden things */
};

/* One view, as it is now and across a change of hidden things only. False: it is wrong, and has said what. */
bool check_view(struct views *x, struct world *w, const struct caller *c);

#endif
