/* SPDX-License-Identifier: MIT */
/* Parameters of modules, beyond their files. */
#ifndef CORE_ATTR_PARAMETER_H
#define CORE_ATTR_PARAMETER_H

#include "core/engine.h"

/*
 * Would the kernel take these words ("name=value ...") when it loads the module? 0, -EINVAL, -ERANGE (a number
 * too large), -ENOSPC. A name the module does not have is logged and let through, as the kernel does.
 */
int parameters_check(struct engine *e, enum module_id module, const char *text);
/* The module was loaded with them, after parameters_check; what they do not name has its default. */
void parameters_set(struct engine *e, enum module_id module, const char *text);
/* A line "parm: NAME:TEXT (TYPE)" for each. */
void parameters_print(const struct engine *e, enum module_id module, struct page *out);

#endif
