/* SPDX-License-Identifier: MIT */
/* Landlock, by its system calls: the C library has no functions for it. */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fs/privileges.h"

/* What the first version of its interface knew, and versions 2, 3 and 5 added: newer than some headers. */
#define VERSION_1 ((UINT64_C(1) << 13) - 1)
#define REFER (UINT64_C(1) << 13)
#define TRUNCATE (UINT64_C(1) << 14)
#define IOCTL_DEVICE (UINT64_C(1) << 15)

#define READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
/* Rights that only a folder can have, besides READ_DIR */
#define OF_FOLDERS (LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_READ_DIR | REFER)
#define WRITE (READ | OF_FOLDERS | LANDLOCK_ACCESS_FS_WRITE_FILE | TRUNCATE)

static uint64_t rights_known(long version)
{
	return VERSION_1 | (version >= 2 ? REFER : 0) | (version >= 3 ? TRUNCATE : 0) | (version >= 5 ? IOCTL_DEVICE : 0);
}

/* A path that is not there, or out of reach, is left out: then it stays out of reach. */
static void allow(int rules, const char *path, uint64_t rights)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = rights, .parent_fd = open(path, O_PATH | O_CLOEXEC) };
	struct stat st;

	if (rule.parent_fd < 0)
		return;
	if (fstat(rule.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed_access &= ~(uint64_t)OF_FOLDERS;
	syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	close(rule.parent_fd);
}

int files_limit(const struct privileges *p)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct landlock_ruleset_attr handled = { 0 };
	int rules, rc = 0;

	if (version < 0)
		return errno == ENOSYS ? -EOPNOTSUPP : -errno;
	handled.handled_access_fs = rights_known(version);
	rules = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof(handled.handled_access_fs), 0);
	if (rules < 0)
		return -errno;
	if (p->list)
		allow(rules, p->list, LANDLOCK_ACCESS_FS_READ_DIR);
	for (unsigned i = 0; i < p->reads; i++)
		allow(rules, p->read[i], READ & handled.handled_access_fs);
	for (unsigned i = 0; i < p->writes; i++)
		allow(rules, p->write[i], WRITE & handled.handled_access_fs);
	if (syscall(SYS_landlock_restrict_self, rules, 0) < 0)
		rc = -errno;
	close(rules);
	return rc;
}
