/* SPDX-License-Identifier: Apache-2.0 */
/* One notification's straight line: decide, capture, answer once, record. Worker only. */
#pragma once

#include "supervisor/journal.h"
#include "supervisor/stacks/stack_take.h"

struct container;
struct identity;
struct performers;

/* What a worker serves. All of it is borrowed. */
struct service {
	int listener;
	struct journal *journal;
	struct stack_taker *stacks; /* NULL: none are taken */
	const struct ruleset *ruleset;
	enum mode mode;
	const struct policy *policy;       /* or NULL */
	const struct container *container; /* NULL under run */
	pid_t init;                        /* the first process of the target; 0: nobody knows */
	const struct identity *home;       /* whose root the rules' paths begin at; NULL: any */
	int freezer;                   /* the leaf that the target is in (freezer.h); or -EBADF */
	struct performers *performers; /* NULL: nothing is performed */
	bool perform_all;              /* tests: whatever is allowed and can be performed is */
};

/*
 * Receives one notification and brings it to its end. Call it after POLLIN. 0: served, or gone
 * before it could be; -errno: the listener is of no use any more.
 */
_must_check_ int serve_next(const struct service *service);

/* What becomes of a call, by what the view can see of it. */
void serve_decide(const struct service *service, struct view *view, struct verdict *ret_verdict);

/*
 * Records what the performers have done, and answers what they could not do. Call it when
 * performers_fd() is readable, and once after serve_unfinished(). 0 or -errno, as serve_next().
 */
_must_check_ int serve_performed(const struct service *service);

/*
 * Answers calls that a person has been asked about: those that have their answer, and those that
 * will have none. Call it when the prompter has written, and each asked_patience().
 */
_must_check_ int serve_asked(const struct service *service);

/* Brings to its end what a dead worker left in the journal. 0 or -errno, as serve_next(). */
_must_check_ int serve_unfinished(const struct service *service);
