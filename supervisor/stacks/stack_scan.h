/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding frames where nothing says where they are: by words of the stack that look as only frames
 * do. Pure; x86-64.
 */
#pragma once

#include "supervisor/stacks/stack_ring.h"

enum { STACK_CALL_MAX = 7 }; /* bytes of the longest call instruction */

/* Whether these bytes, which stand before an address, end with a call: it may return there. */
bool stack_code_calls(const unsigned char code[STACK_CALL_MAX]);

struct stack_scan {
	const struct stack_snapshot *snapshot;
	/* The code before an address of a range; false where it is not to be had. */
	bool (*read_code)(const void *context, const struct stack_range *range, uint64_t address,
	                  unsigned char code[STACK_CALL_MAX]);
	const void *context;
};

/*
 * The lowest slot from `from` on that holds a saved frame pointer: beside it is a return address,
 * and where it points to stands such a pair again, or the end of the chain. So it is what the frame
 * pointer register was. False where there is none.
 */
bool stack_scan_frame_pointer(const struct stack_scan *scan, uint64_t from, uint64_t *ret_pointer);

/* The lowest slot from `from` on that holds a return address, and that address. */
bool stack_scan_return(const struct stack_scan *scan, uint64_t from, uint64_t *ret_slot,
                       uint64_t *ret_address);
