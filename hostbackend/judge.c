/* SPDX-License-Identifier: MIT */
/* The order of the questions. The states are compared in judge_difference.c, errors and names looked at in judge_words.c. */
#include "hostbackend/judge.h"

#include "core/tree.h"

/* A call that waited comes back: what it began was judged then, and must not be left half done. */
static bool goes_on(const struct trial *t)
{
	const struct state *s = t->before->state;
	uint32_t ticket = t->before->ticket;

	if (!ticket)
		return false;
	if (s->lock_ticket == ticket)
		return true;
	return t->node.kind == DIR_MDEV && s->mdev[t->node.index].phase == MDEV_LEAVING &&
	       s->mdev[t->node.index].leaving_ticket == ticket;
}

/* What is granted as such, whatever it brings: the hardware's doing, or the virtual machine's own controls. */
static bool is_granted_whole(const struct trial *t, const struct rights *r)
{
	switch (t->row->effect) {
	case EFFECT_SCAN:
		return true;
	case EFFECT_CONTROL:
	case EFFECT_CLOCK:
		return rights_act(r, ACTION(MACHINE));
	default:
		return false;
	}
}

void judge_write(const struct trial *t, const struct rights *r, struct verdict *v)
{
	const struct grant *g;

	verdict_init(v);
	if (goes_on(t))
		return;
	if (!t->row || !t->row->store || tree_alive(t->before, t->node) < 0)
		return; /* the write fails whoever makes it, and changes nothing */
	g = rights_write(r, t->before, t->node, t->row);
	verdict_need(v, g, r->count ? "no grant lets him write here" : "there is no grant for him");
	if (v->rc < 0 || is_granted_whole(t, r))
		return;
	judge_words(t, r, v);
	if (v->rc == 0)
		judge_difference(t, r, v);
}
