/* SPDX-License-Identifier: MIT */
#include "core/engine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/assign.h"
#include "core/bus.h"
#include "core/device.h"
#include "core/load.h"
#include "core/module.h"
#include "core/parse.h"
#include "core/queue_state.h"
#include "core/scenario.h"

#define CONFIG_TIME 30			/* seconds */
#define POLL_TIMEOUT 250000		/* nanoseconds */

static void init_state(struct state *s)
{
	s->default_domain = -1;
	ap_mask_fill(&s->apmask, true);
	ap_mask_fill(&s->aqmask, true);
	s->autoprobe = true;
	s->config_time = CONFIG_TIME;
	s->poll_timeout = POLL_TIMEOUT;
	s->boot.useirq = 1;
	ring_init(&s->order, s->order_link, DEVICES);
	for (uint32_t d = 0; d < DRIVERS; d++)
		ring_init(&s->bound[d], s->bound_link, DEVICES + d);
}

/* A mask parameter: from all zeros; what cannot be parsed leaves all zeros (abi.md 9.3). */
static void boot_mask(const struct engine *e, const char *text, struct ap_mask *mask)
{
	struct ap_mask none, value;

	ap_mask_fill(&none, false);
	*mask = none;
	if (mask_parse(text, &none, e->rules->overflow, &value) == 0)
		*mask = value;
}

static int boot_mask_parameter(struct engine *e, const char *value, size_t length, bool adapters)
{
	struct boot *boot = &e->state->boot;
	char *text = adapters ? boot->apmask : boot->aqmask;

	if (length >= sizeof(boot->apmask))
		return -EINVAL;
	memcpy(text, value, length);
	text[length] = 0;
	if (adapters)
		boot->has_apmask = true;
	else
		boot->has_aqmask = true;
	boot_mask(e, text, adapters ? &e->state->apmask : &e->state->aqmask);
	return 0;
}

/* A number by kstrtoint: signed, base by prefix. What is none keeps the default, and the kernel says so. */
static void boot_number(struct engine *e, const char *name, const char *value, size_t length, int *target)
{
	char text[64], *end;
	long number;

	if (length >= sizeof(text))
		length = sizeof(text) - 1;
	memcpy(text, value, length);
	text[length] = 0;
	errno = 0;
	number = strtol(text, &end, 0);
	if (length == 0 || *end || errno) {
		journal_log(e->journal, "Booting kernel: `%s' invalid for parameter `ap.%s'", text, name);
		return;
	}
	*target = (int)number;
}

static int boot_parameter(struct engine *e, const char *word, size_t length)
{
	static const char *const names[] = { "apmask", "aqmask", "domain", "poll_thread", "useirq" };
	struct boot *boot = &e->state->boot;
	int *targets[] = { NULL, NULL, &e->state->default_domain, &boot->poll_thread, &boot->useirq };
	const char *equals = memchr(word, '=', length);
	size_t rest;

	if (!equals || strncmp(word, "ap.", 3) != 0)
		return 0;
	rest = length - (size_t)(equals + 1 - word);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (targets[i] == &boot->useirq && e->state->kernel < KERNEL_6_1)
			continue;
		if (strlen(names[i]) != (size_t)(equals - word - 3) ||
		    strncmp(names[i], word + 3, strlen(names[i])) != 0)
			continue;
		if (!targets[i])
			return boot_mask_parameter(e, equals + 1, rest, i == 0);
		boot_number(e, names[i], equals + 1, rest, targets[i]);
	}
	return 0;
}

static int boot_cmdline(struct engine *e, const char *cmdline)
{
	while (cmdline && *cmdline) {
		size_t length = strcspn(cmdline, " \t\n");
		int rc = length ? boot_parameter(e, cmdline, length) : 0;

		if (rc < 0)
			return rc;
		cmdline += length + strspn(cmdline + length, " \t\n");
	}
	return 0;
}

/* A default domain from the command line must be one; otherwise the bus chooses. */
static void check_boot_domain(struct engine *e)
{
	struct state *s = e->state;
	int domain = s->default_domain;

	if (domain == -1)
		return;
	if (domain >= 0 && domain < AP_IDS && ap_mask_has(&s->aqmask, (unsigned)domain))
		return;
	journal_log(e->journal, "ap: %d is not a valid cryptographic domain", domain);
	s->default_domain = -1;
}

/* An engine with zeroed state and an empty journal. */
static int allocate(struct engine *e)
{
	*e = (struct engine){ 0 };
	/* untouched pages of the map cost nothing: a small machine stays small */
	e->state = mmap(NULL, sizeof(*e->state), PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (e->state == MAP_FAILED) {
		e->state = NULL;
		return -ENOMEM;
	}
	e->journal = journal_new();
	if (!e->journal) {
		engine_free(e);
		return -ENOMEM;
	}
	return 0;
}

int engine_restore(struct engine *e, int (*read)(void *ctx, void *bytes, size_t size), void *ctx)
{
	int rc = allocate(e);

	if (rc < 0)
		return rc;
	rc = read(ctx, e->state, sizeof(*e->state));
	if (rc == 0 && e->state->kernel > KERNEL_NEWEST)
		rc = -EINVAL;
	if (rc < 0)
		engine_free(e);
	else
		e->rules = kernel_rules(e->state->kernel);
	return rc;
}

int engine_boot(struct engine *e, enum kernel_id kernel, const struct machine *machine,
		const char *cmdline, int64_t now)
{
	int rc;

	rc = allocate(e);
	if (rc < 0)
		return rc;
	e->rules = kernel_rules(kernel);
	init_state(e->state);
	e->state->kernel = kernel;
	e->state->now = e->state->booted = now;
	engine_set_machine(e, machine);
	snprintf(e->state->boot.cmdline, sizeof(e->state->boot.cmdline), "%s", cmdline ? cmdline : "");
	rc = boot_cmdline(e, cmdline);
	if (rc < 0) {
		engine_free(e);
		return rc;
	}
	check_boot_domain(e);
	e->state->poll_thread = e->state->boot.poll_thread && !e->state->boot.useirq;
	e->state->module[MODULE_AP] = (struct module_state){ .loaded = true, .time = now, .loads = 1 };
	scan_run(e);
	return 0;
}

void engine_set_now(struct engine *e, int64_t now)
{
	if (now > e->state->now)
		e->state->now = now;
	load_advance(e);
}

/* Has the hardware anything that lasts, which the bus looks at from time to time? */
static bool bus_polls(const struct state *s)
{
	return s->machine.reset_delay || s->machine.associate_delay;
}

void engine_set_machine(struct engine *e, const struct machine *machine)
{
	load_advance(e);
	if (!bus_polls(e->state))
		e->state->next_tick = e->state->now + NANOSECONDS;
	e->state->machine = *machine;
	e->state->has_load = machine_has_load(machine);
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t engine_next_due(const struct engine *e)
{
	const struct state *s = e->state;
	int64_t due = earlier(s->next_scan, scenario_due(e));

	if (bus_polls(s))
		due = earlier(due, s->next_tick);
	if (s->lock_ticket)
		due = earlier(due, s->reset_wait.due);
	return due;
}

static void tick(struct engine *e)
{
	queue_state_tick(e);
	queue_associate_tick(e, POLLS_PER_SECOND);
	e->state->next_tick = e->state->now + NANOSECONDS;
}

void engine_advance(struct engine *e, int64_t now)
{
	struct state *s = e->state;

	while (engine_next_due(e) <= now) {
		engine_set_now(e, engine_next_due(e));
		if (bus_polls(s) && s->now >= s->next_tick)
			tick(e);
		if (s->lock_ticket && s->now >= s->reset_wait.due)
			assign_tick(e);
		if (s->now >= s->next_scan)
			scan_run(e);
		scenario_run(e);
	}
	engine_set_now(e, now);
}

void engine_load_default_modules(struct engine *e)
{
	static const enum module_id order[] = {
		MODULE_ZCRYPT, MODULE_ZCRYPT_CEX2C, MODULE_ZCRYPT_CEX2A, MODULE_ZCRYPT_CEX4, MODULE_VFIO,
		MODULE_VFIO_IOMMU_TYPE1, MODULE_MDEV, MODULE_VFIO_MDEV, MODULE_KVM, MODULE_VFIO_AP,
	};

	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
		if (module_exists(e, order[i]))
			module_load(e, order[i]);
}

void engine_free(struct engine *e)
{
	journal_free(e->journal);
	if (e->state)
		munmap(e->state, sizeof(*e->state));
	if (e->shared)
		close(e->shared - 1);
	*e = (struct engine){ 0 };
}
