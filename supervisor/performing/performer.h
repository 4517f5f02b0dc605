/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The performer: a process that has become what a thread of the target is (identity.h). It decides
 * calls by what is in the target's memory, and makes those that are allowed, one at a time,
 * answering each itself; the others are the worker's to answer. It may wait as long as a call takes
 * (a FIFO, a slow server), for it serves nobody else. The worker starts it, and takes for it from
 * the target what only the worker may.
 *
 * It dies with its worker: a call that was being made then is the successor's to answer.
 */
#pragma once

#include "supervisor/performing/hands.h"
#include "supervisor/serve.h"

/* One call, by SOCK_SEQPACKET, with the descriptors of hands.h beside it (SCM_RIGHTS). */
struct performer_order {
	struct identity_thread thread;
	int errors[HANDS]; /* 0: the descriptor follows; else -errno */
};

/* What the performer says, one byte: the slot's state tells the rest. */
enum performer_word {
	PERFORMER_DONE,   /* the slot is answered, or gone, or what performers_next() says */
	PERFORMER_UNABLE, /* it may not be who it should be, and ends */
};

struct performer {
	const struct service *service;   /* what it decides by */
	int socket;                      /* to the worker */
	int proc;                        /* of our own pid namespace */
	pid_t worker;                    /* the parent */
	pid_t like;                      /* the thread whose identity is taken on */
	const struct identity *identity; /* what the worker read of it */
	struct notification *slot;       /* new when an order comes */
};

/* The performer's whole life, in a process forked for it. Ends when the worker hangs up. */
_Noreturn void performer_run(const struct performer *performer);

/*
 * For whoever decides by a performance that was prepared: the verdict on the notification, after a
 * person's answer too, and what an event or a question needs of its memory.
 */
void performer_decide(const struct service *service, const struct performance *performance,
                      int prepared, struct notification *slot);

/* Whether the caller has another root than the one that the rules' paths begin at. */
bool performer_is_abroad(const struct service *service, const struct identity *identity);
