/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "hostbackend/host_backend.h"

static const struct { const char *path; bool has; } paths[] = {
	{ "bus/ap", true }, { "bus/ap/apmask", true }, { "devices/vfio_ap/matrix/features", true }, { "module/vfio_ap/refcnt", true },
	{ "class/vfio", true }, { "bus", false }, { "", false }, { "/bus/ap/apmask", false }, { "bus/apple", false },
	{ "bus/pci/devices", false }, { "bus/ap/../pci/rescan", false }, { "bus/ap/..", false }, { "../bus/ap", false },
	{ "kernel/uevent_helper", false }, { "module/vfio_app/refcnt", false }, { "devices/virtual/misc/fuse", false },
};

Test(host_places, what_is_opened_later_is_of_rows_alone)
{
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		cr_expect(host_backend_has_place(paths[i].path) == paths[i].has, "%s", paths[i].path);
}
