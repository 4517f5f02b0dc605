/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The call stack of a notified call, as it is told. It was read from the memory of the target,
 * which may have written there whatever it likes: it explains, and nothing is decided by it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
	STACK_FRAMES_MAX = 48,
	STACK_MODULES_MAX = 64,
	STACK_PATH_MAX = 256,   /* bytes of a module's path that are kept */
	STACK_SYMBOL_MAX = 128, /* bytes of a symbol that are kept */
	STACK_BUILD_ID_MAX = 32,
	STACK_NO_MODULE = 255,
};

/* Whether there is a stack, and why not. */
enum stack_status {
	STACK_NONE,      /* none was asked for */
	STACK_PENDING,   /* a slot of the ring has the snapshot */
	STACK_UNWOUND,   /* frames follow */
	STACK_REPEATED,  /* taken often enough at this place before */
	STACK_FOREIGN,   /* an architecture that is not unwound */
	STACK_NO_PROC,   /* /proc does not tell, for want of permission or because it is gone */
	STACK_NOWHERE,   /* the stack pointer points to no memory that can be read */
	STACK_BUSY,      /* as many as there is room for wait to be unwound */
	STACK_NOT_TAKEN, /* the worker died over it, or was replaced */
	STACK_CRASHED,   /* the unwinder died over it */
	STACK_LATE,      /* it was not unwound in time */
	STACK_STATUS_COUNT,
};

/* How a frame was found, from the surest on. */
enum stack_how {
	STACK_CFI,  /* by the module's call frame information, from registers that are known; or, of
	               an innermost function that has none, by the return address atop the stack */
	STACK_FP,   /* by a frame pointer that was recovered from the stack */
	STACK_SCAN, /* a word of the stack that looks like a return address; may be a stale one */
	STACK_HOW_COUNT,
};

/* A file that was mapped executable. */
struct stack_module {
	uint16_t path_length;
	uint8_t build_id_length; /* 0: none, or the file could not be read */
	uint8_t build_id[STACK_BUILD_ID_MAX];
	char path[STACK_PATH_MAX]; /* as /proc/PID/maps shows it; not NUL-terminated, may be cut */
};

struct stack_frame {
	uint64_t ip;            /* for all but the first a return address: the call stands before */
	uint64_t offset;        /* of ip in the module's file */
	uint64_t symbol_offset; /* of ip in the symbol */
	uint8_t module;         /* or STACK_NO_MODULE */
	uint8_t how;            /* enum stack_how */
	uint8_t symbol_length;  /* 0: none is known */
	char symbol[STACK_SYMBOL_MAX]; /* as the file has it: C++ is not demangled; may be cut */
};

struct stack {
	uint8_t status; /* enum stack_status */
	uint8_t n_frames;
	uint8_t n_modules;
	struct stack_frame frames[STACK_FRAMES_MAX];
	struct stack_module modules[STACK_MODULES_MAX];
};

/* "cfi", "fp", "scan" */
const char *stack_how_name(unsigned how);

/* Why there are no frames, in words; NULL for STACK_NONE and STACK_UNWOUND. */
const char *stack_missing(unsigned status);
