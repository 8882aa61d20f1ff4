/* SPDX-License-Identifier: MIT */
/* Additional zcrypt device nodes: /sys/class/zcrypt create and destroy (abi.md 8). */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/mask_parse.h"
#include "core/module.h"
#include "core/uevent.h"

void zcrypt_sysfs_name(const struct engine *e, unsigned node, char name[ZCRYPT_NODE_NAME])
{
	snprintf(name, ZCRYPT_NODE_NAME, "%s", e->state->node[node].name);
	for (char *p = strchr(name, '/'); p; p = strchr(p, '/'))
		*p = '!';
}

/* Leading blanks skipped, cut to 31 bytes, white space at the end stripped: as the kernel, in this order. */
static void trim(const char *text, char name[ZCRYPT_NODE_NAME])
{
	size_t length;

	while (isspace((unsigned char)*text))
		text++;
	snprintf(name, ZCRYPT_NODE_NAME, "%s", text);
	length = strlen(name);
	while (length > 0 && isspace((unsigned char)name[length - 1]))
		name[--length] = 0;
}

/* The node with this name as sysfs shows it; -ENOENT. */
static int find(const struct engine *e, const char *name)
{
	char shown[ZCRYPT_NODE_NAME];

	for (unsigned i = 0; i < ZCRYPT_NODES; i++) {
		if (!e->state->node[i].name[0])
			continue;
		zcrypt_sysfs_name(e, i, shown);
		if (strcmp(shown, name) == 0)
			return (int)i;
	}
	return -ENOENT;
}

/* The lowest free minor, or -ENOSPC. */
static int free_minor(const struct engine *e)
{
	for (int i = 0; i < ZCRYPT_NODES; i++)
		if (!e->state->node[i].name[0])
			return i;
	return -ENOSPC;
}

int zcrypt_store_create(struct engine *e, const char *text)
{
	char name[ZCRYPT_NODE_NAME], shown[ZCRYPT_NODE_NAME];
	struct zcrypt_node *node;
	int minor = free_minor(e);
	uint32_t lives;

	if (minor < 0)
		return minor;
	trim(text, name);
	if (!name[0])
		snprintf(name, sizeof(name), "zcrypt_%d", minor);
	snprintf(shown, sizeof(shown), "%s", name);
	for (char *p = strchr(shown, '/'); p; p = strchr(p, '/'))
		*p = '!';
	if (find(e, shown) >= 0)
		return -EEXIST;
	node = &e->state->node[minor];
	lives = node->life.lives + 1;
	*node = (struct zcrypt_node){ .life = { e->state->now, lives, lives, 0 } };
	memcpy(node->name, name, sizeof(name));
	e->state->node_count++;
	e->state->topology++;
	uevent_send(e, UEVENT_ADD, (struct uevent_source){ OBJECT_ZCRYPT_NODE, (uint32_t)minor, NULL }, NULL);
	return 0;
}

static void destroy(struct engine *e, unsigned minor)
{
	uevent_send(e, UEVENT_REMOVE, (struct uevent_source){ OBJECT_ZCRYPT_NODE, minor, NULL }, NULL);
	e->state->node[minor].name[0] = 0;
	e->state->node[minor].life.born = 0;
	e->state->node_count--;
	e->state->topology++;
}

int zcrypt_store_destroy(struct engine *e, const char *text)
{
	char name[ZCRYPT_NODE_NAME];
	int minor;

	trim(text, name);
	minor = name[0] ? find(e, name) : -ENOENT;
	if (minor < 0)
		return minor;
	destroy(e, (unsigned)minor);
	return 0;
}

void zcrypt_remove_all(struct engine *e)
{
	for (unsigned i = 0; i < ZCRYPT_NODES; i++)
		if (e->state->node[i].name[0])
			destroy(e, i);
}

int zcrypt_store_mask(struct engine *e, struct ap_mask *mask, const char *text)
{
	struct ap_mask next;
	int rc = mask_parse(text, mask, e->rules->overflow, &next);

	if (rc == 0)
		*mask = next;
	return rc;
}
