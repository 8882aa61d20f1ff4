/* SPDX-License-Identifier: MIT */
/* What modinfo prints of a module: its file and what its source declares. */
#include <string.h>

#include "core/attr_parameter.h"
#include "core/module.h"

struct module_info {
	const char *file;		/* below /lib/modules/RELEASE/kernel/ */
	const char *description, *author, *license;
	const char *aliases;		/* one a word */
	const char *softdep;
};

static const struct module_info infos[MODULES] = {
	[MODULE_AP] = { "drivers/s390/crypto/ap.ko", "Adjunct Processor Bus driver", "IBM Corporation", "GPL", "", "" },
	[MODULE_ZCRYPT] = { "drivers/s390/crypto/zcrypt.ko", "Cryptographic Coprocessor interface", "IBM Corporation",
			    "GPL", "", "" },
	[MODULE_ZCRYPT_CEX2A] = { "drivers/s390/crypto/zcrypt_cex2a.ko", "CEX2A/CEX3A Cryptographic Coprocessor device driver",
				  "IBM Corporation", "GPL", "ap:t06* ap:t08*", "" },
	[MODULE_ZCRYPT_CEX2C] = { "drivers/s390/crypto/zcrypt_cex2c.ko", "CEX2C/CEX3C Cryptographic Coprocessor device driver",
				  "IBM Corporation", "GPL", "ap:t07* ap:t09*", "" },
	[MODULE_ZCRYPT_CEX4] = { "drivers/s390/crypto/zcrypt_cex4.ko", "CEX4 and newer Cryptographic Card device driver",
				 "IBM Corporation", "GPL", "ap:t0A* ap:t0B* ap:t0C* ap:t0D* ap:t0E*", "" },
	[MODULE_VFIO] = { "drivers/vfio/vfio.ko", "VFIO - User Level meta-driver", "Alex Williamson", "GPL v2",
			  "devname:vfio/vfio char-major-10-196", "post: vfio_iommu_type1 vfio_iommu_spapr_tce" },
	[MODULE_MDEV] = { "drivers/vfio/mdev/mdev.ko", "Mediated device Core Driver", "NVIDIA Corporation", "GPL v2", "", "" },
	[MODULE_VFIO_MDEV] = { "drivers/vfio/mdev/vfio_mdev.ko", "VFIO based driver for Mediated device", "NVIDIA Corporation",
			       "GPL v2", "", "" },
	[MODULE_KVM] = { "arch/s390/kvm/kvm.ko", "Kernel-based Virtual Machine (KVM) Hypervisor", "Qumranet", "GPL",
			 "devname:kvm char-major-10-232", "" },
	[MODULE_VFIO_AP] = { "drivers/s390/crypto/vfio_ap.ko", "VFIO AP device driver", "IBM Corporation", "GPL v2", "", "" },
	[MODULE_IRQBYPASS] = { "virt/lib/irqbypass.ko", "IRQ bypass manager utility module", "Red Hat, Inc.", "GPL v2", "", "" },
	[MODULE_IOMMUFD] = { "drivers/iommu/iommufd/iommufd.ko", "I/O Address Space Management for passthrough devices",
			     "Jason Gunthorpe", "GPL", "devname:iommu", "" },
	[MODULE_VFIO_VIRQFD] = { "drivers/vfio/vfio_virqfd.ko", "IRQFD support for VFIO bus drivers", "Alex Williamson",
				 "GPL v2", "", "" },
	[MODULE_VFIO_IOMMU_TYPE1] = { "drivers/vfio/vfio_iommu_type1.ko", "Type1 IOMMU driver for VFIO", "Alex Williamson",
				      "GPL v2", "", "" },
};

static void print_words(struct page *out, const char *key, const char *text)
{
	while (*text) {
		size_t length = strcspn(text, " ");

		page_printf(out, "%s: %.*s\n", key, (int)length, text);
		text += length + (text[length] == ' ');
	}
}

static void print_needs(const struct engine *e, enum module_id module, struct page *out)
{
	const char *comma = "";

	page_printf(out, "depends: ");
	for (enum module_id need = 0; need < MODULES; need++) {
		if (!(module_needs(module) >> need & 1) || !module_exists(e, need))
			continue;
		page_printf(out, "%s%s", comma, module_name(need));
		comma = ",";
	}
	page_printf(out, "\n");
}

void module_print_info(const struct engine *e, enum module_id module, struct page *out)
{
	const struct module_info *info = &infos[module];
	const char *version = module_version(module);

	if (module_builtin(module))
		page_printf(out, "name: %s\nfilename: (builtin)\n", module_name(module));
	else
		page_printf(out, "filename: %s\n", info->file);
	if (*info->softdep)
		page_printf(out, "softdep: %s\n", info->softdep);
	print_words(out, "alias", info->aliases);
	page_printf(out, "description: %s\nauthor: %s\nlicense: %s\n", info->description, info->author, info->license);
	if (version)
		page_printf(out, "version: %s\nsrcversion: %s\n", version, module_source_version(e));
	if (!module_builtin(module)) {
		print_needs(e, module, out);
		page_printf(out, "intree: Y\nname: %s\nvermagic: %s SMP mod_unload modversions \n", module_name(module),
			    e->rules->release);
	}
	parameters_print(e, module, out);
	page_printf(out, "\n");
}
