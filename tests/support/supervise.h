/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a real target under a real filter with a real worker, and counts what came of it. */
#pragma once

#include "supervisor/target.h"
#include "supervisor/stacks/unwinders.h"
#include "supervisor/workers.h"

/* A word of an argv: its characters are not const. */
#define WORD(literal) ((char[]){ literal })

/* What supervise() is to do. */
struct supervision {
	char **arguments;      /* of the target */
	const char *profile;   /* JSON text */
	struct filter *filter; /* NULL: the one compiled from the profile */
	enum mode mode;
	bool perform_all;   /* as serve.h has it */
	bool stacks;        /* taken and unwound */
	bool freeze;        /* the target gets a cgroup of its own */
	const char *policy; /* JSON text, or NULL */
	/* Called again and again until the target ends; may be NULL. */
	void (*meddle)(struct workers *workers, void *context);
	void *context;
};

/* What it found. */
struct supervised {
	int started;     /* target_start()'s result */
	int wait_status; /* of the target */
	int error;       /* of the handover */
	enum agent_step step;
	uint64_t received; /* notifications */
	uint64_t events;   /* told one by one */
	uint64_t folded;   /* counted in folds */
	uint64_t stacks;   /* events that came with frames */
	unsigned replaced; /* workers that died and were replaced */
	bool worker_ended; /* the last worker ended by itself when the target was gone */
};

/* A filter that notifies every syscall there is, on every ABI. */
struct filter *filter_notifying_everything(void);

/* A filter that notifies exactly the calls that have an operation; the ruleset then decides. */
struct filter *filter_notifying_performable(void);

/* Fails the test (cmocka) when the machinery itself fails. */
void supervise(const struct supervision *supervision, struct supervised *ret_supervised);
