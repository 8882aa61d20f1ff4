/* SPDX-License-Identifier: MIT */
/* What a kept machine was booted with, as text in its file, against what is asked for now. */
#ifndef FS_KEPT_OPTIONS_H
#define FS_KEPT_OPTIONS_H

#include "fs/machine_file.h"
#include "fs/options.h"

/* A line each: kernel, clock, modules, cmdline; then the machine. */
void kept_options_print(const struct memory_options *options, struct page *out);

/* Does what the user named, and only that, agree? now: as kept_options_print gives it. false after saying what does not. */
bool kept_options_agree(const struct machine_options *o, const struct machine_setup *setup, const char *kept, const char *now);

#endif
