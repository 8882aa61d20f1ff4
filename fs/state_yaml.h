/* SPDX-License-Identifier: MIT */
/* The part of a machine file that says what state the machine is in; in lines it is core/restore.h's. */
#ifndef FS_STATE_YAML_H
#define FS_STATE_YAML_H

#include <cyaml/cyaml.h>

#include "core/page.h"

struct state_ids {
	char **id;
	unsigned id_count;
};

struct state_bus {
	char *apmask, *aqmask, *domain, *config_time, *poll_thread, *poll_timeout, *autoprobe, *mdev_autoprobe,
		*matrix_autoprobe;
};

struct state_device {
	char *device, *driver, *online, *config, *chkstop, *read, *ordinal_read, *initiated, *resetting, *interrupts,
		*override, *bind_state, *association;
};

struct state_node {
	char *node, *minor, *ioctls, *adapters, *domains, *admin;
};

struct state_mdev {
	char *mdev, *bound, *guest, *group, *device;
	char **adapters, **domains, **controls, **guest_adapters, **guest_domains, **guest_controls;
	unsigned adapters_count, domains_count, controls_count, guest_adapters_count, guest_domains_count,
		guest_controls_count;
};

/* What a file says of the state. */
struct state_yaml {
	char **modules;		/* each with its parameters; NULL: all that a kernel usually has loaded */
	unsigned modules_count;
	struct state_bus *bus;
	struct state_device *devices;
	struct state_node *nodes;
	struct state_mdev *mdevs;
	unsigned devices_count, nodes_count, mdevs_count;
};

extern const cyaml_schema_field_t state_bus_fields[];
extern const cyaml_schema_value_t state_device_schema, state_node_schema, state_mdev_schema, state_word_schema;

/* As lines for restore_state, each with its path within the file, such as devices.3. */
void state_yaml_lines(const struct state_yaml *y, struct page *out);
/* The lines as YAML. */
void state_yaml_print(const char *lines, struct page *out);

#endif
