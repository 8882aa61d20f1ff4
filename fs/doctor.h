/* SPDX-License-Identifier: MIT */
/* What 'apsysfs doctor' looks at, one thing after the other. */
#ifndef FS_DOCTOR_H
#define FS_DOCTOR_H

enum finding_level {
	FINDING_OK,
	FINDING_NOTE,	/* works, but costs or lacks something */
	FINDING_WRONG,
};

struct finding {
	enum finding_level level;
	const char *what, *state;
	const char *advice;	/* NULL: none needed */
};

typedef void finding_fn(void *ctx, const struct finding *f);

/* Each calls take once for each thing it looked at; none changes anything. */
void doctor_check_fuse(finding_fn *take, void *ctx);		/* /dev/fuse, fusermount3 */
void doctor_check_namespaces(finding_fn *take, void *ctx);	/* what run needs, and run --net */
void doctor_check_comfort(finding_fn *take, void *ctx);		/* the kernel's version, kmod, /proc/modules */
void doctor_check_mounts(finding_fn *take, void *ctx);
void doctor_check_daemons(finding_fn *take, void *ctx);

#endif
