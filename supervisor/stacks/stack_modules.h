/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a snapshot as libdw reads them. Part of stack_unwind.c, where there is libdw. */
#pragma once

#include <elfutils/libdwfl.h>
#include <sys/stat.h>

#include "supervisor/stacks/stack_ring.h"

enum {
	DWARF_X86_64_RBP = 6, /* System V ABI, AMD64 supplement, figure 3.36 */
	DWARF_X86_64_RSP = 7,
};

/* What tells a module of one process from another's: the file, as it is, and where. */
struct stack_identity {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec modified;
	uint64_t base;
};

/* Those of the last snapshot are kept, for the next is often of the same process. */
struct stack_modules {
	Dwfl *dwfl; /* NULL where nothing could be made of them */
	struct stack_identity identities[STACK_MODULES_MAX];
	Dwfl_Module *modules[STACK_MODULES_MAX];
	const struct stack_snapshot *snapshot; /* borrowed, as fds */
	const int *fds;
};

/* Makes the modules those of the snapshot; true where they are new: a new Dwfl. */
bool stack_modules_load(struct stack_modules *self, const struct stack_snapshot *snapshot,
                        const int *fds);

void stack_modules_forget(struct stack_modules *self);

/*
 * Call frame information. Whether there is any for an address; whether it says that the frame there
 * is a thread's first; whether it finds the caller's frame at an offset from the frame pointer.
 */
bool stack_modules_informed(const struct stack_modules *self, uint64_t address);
bool stack_modules_ends(const struct stack_modules *self, uint64_t address);
bool stack_modules_needs_pointer(const struct stack_modules *self, uint64_t address,
                                 int64_t *ret_offset);

/* Symbol and build id of an address in one of the frame's module, as far as they are known. */
void stack_modules_name(const struct stack_modules *self, uint64_t address,
                        struct stack_frame *frame);
void stack_modules_build_id(const struct stack_modules *self, unsigned index,
                            struct stack_module *module);
