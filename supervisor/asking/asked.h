/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Notifications that wait for a person, and what persons have said. All of it is memory that the
 * worker shares with the prompter (prompter.h): the worker parks a notification here and goes on
 * with others; the prompter shows the question and writes the answer; the worker, or its
 * successor, finds that and answers the call. Deadlines are the worker's.
 *
 * Who has no answer by then, no room, or nobody to ask, is denied. Zeroed memory has nobody.
 */
#pragma once

#include "supervisor/notification.h"

enum {
	ASKED_MAX = 64,          /* calls that can wait at one time */
	ASKED_ANSWERS_MAX = 256, /* remembered answers */
	ASKED_KEY_BYTES = 1024,
};

enum ask_answer {
	ASK_UNANSWERED,
	ASK_ALLOW,
	ASK_DENY,
};

/* Which calls an answer is for. */
enum ask_scope {
	ASK_ONCE,    /* the equal calls of the process that wait now */
	ASK_PROCESS, /* those, and later ones of the process */
	ASK_RUN,     /* those of every process */
};

/*
 * What is asked. Two calls are equal where the same rule asks, and the registers and the memory
 * behind them are the same; addresses of memory that is read or only written do not count.
 */
struct asked_key {
	int32_t policy_rule; /* -1: the profile */
	uint32_t generation; /* of that policy: after a reload the index means another rule */
	uint32_t arch;       /* AUDIT_ARCH_* */
	int32_t nr;
	bool alone;  /* not all of it was read: equal to no other, and not remembered */
	bool shifts; /* a relative path, a descriptor, a pid: by the next call it may mean another
	              */
	uint16_t length;
	char bytes[ASKED_KEY_BYTES];
};

/* A pid may be given to another process, but not one that started at the same time. */
struct asked_process {
	pid_t pid;        /* 0: unknown */
	uint64_t started; /* 0: unknown; then nothing is remembered for it */
};

/* A parked notification; the other members are written before its state says `asked`. */
struct asked {
	struct notification notification;
	struct asked_key key;
	struct asked_process process;
	uint64_t since_ms, until_ms; /* CLOCK_MONOTONIC */
	uint32_t ticket;             /* counts the questions: a slot is used again */
	_Atomic uint64_t answer;     /* with its ticket, so that it is an answer to no other */
};

struct asked_answer {
	struct asked_key key;
	struct asked_process process; /* of ASK_PROCESS */
	uint8_t scope, answer;
};

struct asking {
	_Atomic bool somebody;      /* can be asked */
	_Atomic bool foreground;    /* the prompter has the terminal, or is about to give it back */
	_Atomic uint32_t tickets;   /* given out, ever */
	_Atomic uint32_t n_answers; /* of those the first; they never change */
	struct asked_answer answers[ASKED_ANSWERS_MAX];
	struct asked slots[ASKED_MAX];
};

/* Pure: from what was captured. */
void asked_key_of(const struct notification *notification, struct asked_key *ret_key);
/* Whether all that was captured of a call is what is captured now. */
bool asked_is_same(const struct notification *before, const struct notification *now);

/* The answer was to something else: refused. */
void asked_deny_changed(struct verdict *verdict);

bool asked_key_equal(const struct asked_key *left, const struct asked_key *right);

/* --- the worker's --- */

/* Named outcome of asked_park(). */
enum { ASKED_PARKED = 1 };

/*
 * A decided notification whose verdict asks. ASKED_PARKED: it waits in the table, and its slot is
 * free. 0: it is settled at once, its verdict says how, and the caller answers it.
 */
_must_check_ int asked_park(struct asking *asking, struct notification *notification,
                            uint64_t now_ms);

/*
 * A slot that waits no longer, its state decided, answered or gone; NULL when there is none. The
 * verdict is what was answered: allow, or the refusal that it was.
 */
struct asked *asked_settled(struct asking *asking, uint64_t now_ms);

/* Whether a slot of the table holds this id; what a dead worker moved half is there twice. */
bool asked_holds(const struct asking *asking, uint64_t id);

/* Whether anything has been asked since the target began: else there is nothing to look for. */
static inline bool asked_ever(const struct asking *asking)
{
	return atomic_load_explicit(&asking->tickets, memory_order_relaxed) > 0;
}

/* How long until the next deadline: ms; -1 where nothing waits. */
int asked_patience(const struct asking *asking, uint64_t now_ms);

/* --- the prompter's --- */

/* Copies the question to ask next, the oldest. Calls that are answered already get their answer. */
bool asked_oldest(struct asking *asking, struct asked *ret_question);

/* Whether the worker has still to answer the call. */
bool asked_is_waiting(const struct asking *asking, const struct asked *question);

/* How many calls an answer to this question would be for now; 0: none waits for it any more. */
unsigned asked_count(const struct asking *asking, const struct asked *question);

/*
 * Answers a question, and those that are equal to it. 0, or -ENOSPC where it is not remembered: the
 * calls that wait have been answered all the same.
 */
int asked_answer(struct asking *asking, const struct asked *question, enum ask_scope scope,
                 enum ask_answer answer);
