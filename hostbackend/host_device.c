/* SPDX-License-Identifier: MIT */
/* Cards and queues of a host, as they are found. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/binding.h"
#include "core/mirror.h"
#include "core/parse.h"
#include "hostbackend/host_mirror.h"

static void card_path(unsigned adapter, char path[HOST_PATH])
{
	snprintf(path, HOST_PATH, "devices/ap/card%02x", adapter);
}

static void queue_path(unsigned queue, char path[HOST_PATH])
{
	snprintf(path, HOST_PATH, "devices/ap/card%02x/%02x.%04x", queue >> 8, queue >> 8, queue & 255);
}

static struct host_seen look(const struct host_mirror *m, const char *dir)
{
	char path[HOST_PATH];
	struct host_seen seen = { .object = host_inode(m, dir) };

	if (seen.object)
		seen.driver = host_inode(m, host_join(path, dir, "driver"));
	return seen;
}

static enum driver_id driver_named(const char *name)
{
	for (enum driver_id d = DRIVER_NONE + 1; d < DRIVERS; d++)
		if (strcmp(driver_get(d)->name, name) == 0)
			return d;
	return DRIVER_NONE;
}

/* A copied tree may have lost its links: then the files that a driver makes tell. */
static enum driver_id driver_by_files(const struct host_mirror *m, const char *dir, bool card, unsigned hwtype)
{
	char path[HOST_PATH];

	if (m->sys->live)
		return DRIVER_NONE;
	if (host_inode(m, host_join(path, dir, "status")))
		return DRIVER_VFIO_AP;
	if (!host_inode(m, host_join(path, dir, "online")))
		return DRIVER_NONE;
	for (enum driver_id d = DRIVER_NONE + 1; d < DRIVER_VFIO_AP; d++)
		if (driver_get(d)->is_card == card && driver_knows_type(d, m->engine.rules, hwtype))
			return d;
	return DRIVER_NONE;
}

static enum driver_id driver_of(struct host_mirror *m, const char *dir, struct host_seen seen, bool card,
				unsigned hwtype)
{
	char name[HOST_NAME], path[HOST_PATH];
	enum driver_id driver;

	if (!seen.driver)
		return driver_by_files(m, dir, card, hwtype);
	if (!host_link_name(m, dir, "driver", name))
		return DRIVER_NONE;
	driver = driver_named(name);
	if (driver == DRIVER_NONE || driver_get(driver)->is_card != card) {
		host_complain(m, host_join(path, dir, "driver"), 0, "one of the bus's own drivers");
		return DRIVER_NONE;
	}
	return driver;
}

static uint8_t byte_of(struct host_mirror *m, const char *dir, const char *name)
{
	long value = 0;

	host_number(m, dir, name, &value);
	return value < 0 || value > UINT8_MAX ? 0 : (uint8_t)value;
}

/* What cannot change while the card lives. */
static void read_identity(struct host_mirror *m, const char *dir, struct card *c)
{
	long value = 0;

	c->hwtype = byte_of(m, dir, "hwtype");
	c->raw_hwtype = byte_of(m, dir, "raw_hwtype");
	if (!c->raw_hwtype)
		c->raw_hwtype = c->hwtype;
	c->depth = byte_of(m, dir, "depth");
	if (m->engine.rules->depth_plus_one && c->depth)
		c->depth--;
	if (host_number(m, dir, "ap_functions", &value))
		c->functions = (uint32_t)value;
	value = 0;
	host_number(m, dir, "max_msg_size", &value);
	/* 12288 is what no limit is shown as */
	c->message_limit = 0;
	if (value != 12288 && value >= 0 && value / 4096 <= UINT8_MAX)
		c->message_limit = (uint8_t)(value / 4096 & UINT8_MAX);
}

/* What is shown as offline may only be deconfigured: what was written to online is taken for 1 then. */
static bool read_online(struct host_mirror *m, const char *dir, bool config, bool chkstop)
{
	bool online = true;

	if ((m->engine.rules->adapter_config && !config) || (m->engine.rules->online_by_chkstop && chkstop))
		return true;
	host_flag(m, dir, "online", &online);
	return online;
}

static void record_card(struct host_mirror *m, const char *dir, unsigned adapter, struct card *c)
{
	char serial[32], ordinal[32] = "";

	m->pending[adapter] = 0;
	c->ordinal_read = host_text(m, dir, "API_ordinalnr", ordinal, sizeof(ordinal)) && *ordinal;
	c->serial_read = false;
	if (!host_text(m, dir, "serialnr", serial, sizeof(serial)))
		return;
	for (size_t n = strlen(serial); n > 0 && serial[n - 1] == ' '; n--)
		serial[n - 1] = 0;
	c->serial_read = *serial;
	snprintf(m->serial[adapter], ADAPTER_SERIAL, "%.16s", serial);
}

static void drop_card(struct host_mirror *m, unsigned adapter)
{
	for (unsigned queue = adapter << 8; queue < (adapter + 1) << 8; queue++) {
		mirror_drop_queue(&m->engine, queue);
		m->queue[queue] = (struct host_seen){ 0 };
	}
	mirror_drop_card(&m->engine, adapter);
	m->card[adapter] = (struct host_seen){ 0 };
}

void host_scan_card(struct host_mirror *m, unsigned adapter, enum host_depth depth)
{
	char dir[HOST_PATH];
	struct card c = m->engine.state->card[adapter];
	struct host_seen seen;
	unsigned life;

	card_path(adapter, dir);
	seen = look(m, dir);
	if (!seen.object) {
		drop_card(m, adapter);
		return;
	}
	life = host_life(&m->card[adapter], seen);
	if (life & MIRROR_RENEWED) {
		c = (struct card){ .config = true, .online = true };
		read_identity(m, dir, &c);
	}
	if (life)
		c.driver = (uint8_t)driver_of(m, dir, seen, true, c.hwtype);
	if (depth >= HOST_STATE) {
		c.config = true;
		c.chkstop = false;
		host_flag(m, dir, "config", &c.config);
		host_flag(m, dir, "chkstop", &c.chkstop);
		c.online = read_online(m, dir, c.config, c.chkstop);
	}
	if (depth >= HOST_RECORD)
		record_card(m, dir, adapter, &c);
	mirror_put_card(&m->engine, adapter, &c, life);
}

/* --- queues ------------------------------------------------------------------------------------------- */

/* The word is asked of the queue itself: whoever gets an error there has one of the odd response codes. */
static bool answers(const struct host_mirror *m, const char *dir)
{
	char text[32], path[HOST_PATH];

	return host_read(m->sys, host_join(path, dir, "ap_functions"), text, sizeof(text)) != -EIO;
}

static void read_secure(struct host_mirror *m, const char *dir, unsigned queue, enum host_depth depth)
{
	struct queue_hardware *hw = &m->engine.state->hardware[queue];
	char text[64];
	long functions = 0;

	hw->bind_state = 0;
	hw->association = 0;
	if (!m->secure || !host_text(m, dir, "se_bind", text, sizeof(text)))
		return;
	if (answers(m, dir) && host_number(m, dir, "ap_functions", &functions))
		hw->bind_state = (uint8_t)(1 + (functions >> 14 & 3));
	if (!host_text(m, dir, "se_associate", text, sizeof(text)))
		return;
	if (strncmp(text, "associated ", 11) == 0)
		hw->association = 1 + (uint32_t)strtoul(text + 11, NULL, 10);
	else if (strcmp(text, "association pending") == 0 && depth < HOST_RECORD)
		hw->association = 1; /* with which secret is not shown, and nothing depends on it */
}

/* A queue that is up and of which the card tells nothing does not answer. */
static void record_patterns(struct host_mirror *m, const char *dir, unsigned queue, struct queue *q)
{
	const struct card *c = &m->engine.state->card[queue >> 8];
	char text[1024];
	bool blank;

	if (!host_text(m, dir, "mkvps", text, sizeof(text)))
		return;
	blank = strstr(text, ": - -") != NULL;
	if (blank && q->online && c->online && q->config && c->config && !q->chkstop && !c->chkstop)
		m->answer[queue] = AP_RC_BUSY;
	q->patterns_read = !blank;
}

static void record_queue(struct host_mirror *m, const char *dir, unsigned queue, struct queue *q)
{
	char text[64];
	long waiting = 0, pending = 0;

	m->answer[queue] = AP_RC_NORMAL;
	q->interrupts = host_text(m, dir, "interrupt", text, sizeof(text)) && strcmp(text, "Interrupts enabled.") == 0;
	m->engine.state->hardware[queue].interrupts = q->interrupts;
	q->resetting = host_text(m, dir, "reset", text, sizeof(text)) && strncmp(text, "Reset in", 8) == 0;
	q->initiated = host_text(m, dir, "request_count", text, sizeof(text)) && strcmp(text, "-") != 0;
	if (m->engine.rules->undriven_queues_run)
		q->initiated = q->driver != DRIVER_NONE && q->driver != DRIVER_VFIO_AP;
	record_patterns(m, dir, queue, q);
	/* a reset that never ends; such a queue answers nothing either */
	if (q->resetting)
		m->answer[queue] = AP_RC_RESET;
	if (!answers(m, dir))
		m->answer[queue] = AP_RC_BUSY + 1;
	host_number(m, dir, "requestq_count", &waiting);
	host_number(m, dir, "pendingq_count", &pending);
	if (waiting >= 0 && pending >= 0 && waiting + pending <= UINT16_MAX && waiting + pending > m->pending[queue >> 8])
		m->pending[queue >> 8] = (uint16_t)(waiting + pending);
}

static void read_override(struct host_mirror *m, const char *dir, unsigned queue)
{
	char text[SYSFS_PAGE], path[HOST_PATH];

	if (!host_text(m, dir, "driver_override", text, sizeof(text)))
		return;
	/* how the kernel shows that there is none */
	if (strcmp(text, "(null)") == 0)
		*text = 0;
	if (mirror_set_override(&m->engine, queue, text) < 0)
		host_complain(m, host_join(path, dir, "driver_override"), 0, "not more than 64 different texts");
}

void host_scan_queue(struct host_mirror *m, unsigned queue, enum host_depth depth)
{
	struct state *s = m->engine.state;
	char dir[HOST_PATH], path[HOST_PATH];
	struct queue q = s->queue[queue];
	struct host_seen seen;
	unsigned life;

	queue_path(queue, dir);
	seen = look(m, dir);
	if (!seen.object) {
		mirror_drop_queue(&m->engine, queue);
		m->queue[queue] = (struct host_seen){ 0 };
		return;
	}
	life = host_life(&m->queue[queue], seen);
	if (life & MIRROR_RENEWED)
		q = (struct queue){ .hwtype = s->card[queue >> 8].hwtype, .config = true, .online = true, .initiated = true };
	/* a kernel that runs in secure execution gives these files to the queues of some cards, always */
	if ((life & MIRROR_RENEWED) && !m->secure)
		m->secure = s->machine.secure_guest = host_inode(m, host_join(path, dir, "se_bind")) != 0;
	if (life)
		q.driver = (uint8_t)driver_of(m, dir, seen, false, q.hwtype);
	if (depth >= HOST_STATE) {
		q.config = true;
		q.chkstop = false;
		host_flag(m, dir, "config", &q.config);
		host_flag(m, dir, "chkstop", &q.chkstop);
		if (q.driver != DRIVER_VFIO_AP)
			q.online = read_online(m, dir, q.config, q.chkstop);
		read_secure(m, dir, queue, depth);
	}
	if (depth >= HOST_RECORD)
		record_queue(m, dir, queue, &q);
	mirror_put_queue(&m->engine, queue, &q, life);
	if (depth >= HOST_BINDINGS && m->engine.rules->driver_override)
		read_override(m, dir, queue);
}

/* --- which there are ------------------------------------------------------------------------------------ */

struct found {
	struct ap_mask ids;
	unsigned adapter;	/* of queues */
};

static void find_card(void *ctx, const char *name)
{
	struct found *f = ctx;
	char check[HOST_NAME];
	unsigned adapter;

	if (sscanf(name, "card%2x", &adapter) != 1)
		return;
	snprintf(check, sizeof(check), "card%02x", adapter);
	if (strcmp(check, name) == 0)
		ap_mask_set(&f->ids, adapter);
}

static void find_queue(void *ctx, const char *name)
{
	struct found *f = ctx;
	unsigned adapter, domain;

	if (parse_apqn(name, &adapter, &domain) == 0 && adapter == f->adapter)
		ap_mask_set(&f->ids, domain);
}

void host_scan_cards(struct host_mirror *m, enum host_depth depth)
{
	struct found f = { 0 };
	int rc = host_list(m->sys, "devices/ap", find_card, &f);

	if (rc < 0)
		host_complain(m, "devices/ap", rc, NULL);
	for (unsigned adapter = 0; adapter < AP_IDS; adapter++)
		if (ap_mask_has(&f.ids, adapter) || m->engine.state->card[adapter].life.born)
			host_scan_card(m, adapter, depth);
}

void host_scan_queues(struct host_mirror *m, unsigned adapter, enum host_depth depth)
{
	struct found f = { .adapter = adapter };
	char dir[HOST_PATH];

	card_path(adapter, dir);
	(void)host_list(m->sys, dir, find_queue, &f);
	for (unsigned domain = 0; domain < AP_IDS; domain++)
		if (ap_mask_has(&f.ids, domain) || m->engine.state->queue[adapter << 8 | domain].life.born)
			host_scan_queue(m, adapter << 8 | domain, depth);
}
