/* SPDX-License-Identifier: Apache-2.0 */
/* What a runtime says of the container, or of the process in it, whose listener it hands over. */
#pragma once

#include "common/text.h"
#include "policies/arena.h"
#include "policies/view.h"

/* Strings are NULL where the runtime did not say. All of them belong to the arena. */
struct container {
	const char *id;
	const char *name;    /* of an annotation: runtimes have no word for it */
	const char *bundle;  /* a directory; relative where crun says no more */
	const char *runtime; /* "runc", "crun": whoever sent the message */
	const char *metadata;
	const char *profile; /* that `callgate compile --to notify` made the filter of */
	struct view_annotation *annotations;
	size_t n_annotations;
	pid_t pid;  /* that the filter was loaded for; 0: crun does not say of its exec */
	pid_t init; /* the container's first process; 0 likewise */
	bool exec;  /* a process beside the first */
	struct arena arena;
};

void container_deinit(struct container *container);

/* Finds the name among the annotations: Kubernetes' and others' keys for it. */
void container_find_name(struct container *container);

/*
 * How people are shown which container it is: its name, else its id, cut as the engines cut it
 * where it is 64 hexadecimal digits. Harmless on a terminal.
 */
void container_text(struct text *text, const struct container *container);
