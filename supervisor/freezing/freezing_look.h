/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is read and decided while the target is frozen, by a process that has become what the caller
 * is, for paths are resolved as the caller's. It answers nothing: whoever froze the target does.
 */
#pragma once

#include "supervisor/performing/hands.h"
#include "supervisor/serve.h"

/* Which file something is. */
struct file_id {
	dev_t device;
	ino_t inode;
};

struct freezing_range {
	uint64_t address;
	uint64_t length;
};

/* Memory that the looker and whoever waits for it share. */
struct freezing_look {
	struct notification notification; /* a copy of the slot: the verdict and captures go here */
	int prepared;                     /* perform_prepare()'s result */
	bool has_file;
	struct file_id file; /* what the path leads to; of a script the interpreter that is run */
	size_t n_ranges;
	struct freezing_range ranges[PERFORM_COPIES]; /* what was looked at */
};

/* What the looker is given. */
struct freezing_looker {
	const struct service *service;
	int proc;
	pid_t parent;
	const struct identity *identity;
	const struct identity_thread *thread;
	const int *hands; /* hands.h */
};

/* Its whole life: looks, and exits with 0; other than that, and there is no verdict. */
_Noreturn void freezing_look_run(const struct freezing_looker *looker, struct freezing_look *look);

/*
 * The interpreter of a script's first bytes ("#! /bin/sh -e"), NUL-terminated into buf: 1; 0 where
 * they are no script; -ENOEXEC where the kernel would not run it. Pure.
 */
_must_check_ int freezing_interpreter(const char *bytes, size_t length, char *buf, size_t size);
