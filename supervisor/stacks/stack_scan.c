/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/stacks/stack_scan.h"

enum { WORD = sizeof(uint64_t) };

/*
 * The length of "call r/m64" (0xff /2) by its ModRM and SIB bytes, 0 where it is another one (Intel
 * SDM 2.1.5). A REX prefix before it changes nothing here.
 */
static unsigned indirect_call_length(unsigned char modrm, unsigned char sib)
{
	unsigned mode = modrm >> 6, rm = modrm & 7;
	unsigned length = 2;

	if ((modrm >> 3 & 7) != 2)
		return 0;
	if (mode == 3)
		return length;
	if (rm == 4)
		length++;
	if (mode == 1)
		return length + 1;
	if (mode == 2 || rm == 5 || (rm == 4 && (sib & 7) == 5))
		return length + 4;
	return length;
}

bool stack_code_calls(const unsigned char code[STACK_CALL_MAX])
{
	const unsigned char *end = code + STACK_CALL_MAX;

	if (end[-5] == 0xe8) /* call rel32 */
		return true;
	for (unsigned length = 2; length <= STACK_CALL_MAX; length++) {
		const unsigned char *start = end - length;

		if (start[0] == 0xff &&
		    indirect_call_length(start[1], length > 2 ? start[2] : 0) == length)
			return true;
	}
	return false;
}

/* Code that was written at run time cannot be read any more: it is taken at its word. */
static bool returns_to(const struct stack_scan *scan, uint64_t address, bool readable_only)
{
	const struct stack_range *range = stack_snapshot_range(scan->snapshot, address - 1);
	unsigned char code[STACK_CALL_MAX];

	if (!range)
		return false;
	if (address - range->low < STACK_CALL_MAX ||
	    !scan->read_code(scan->context, range, address, code))
		return !readable_only;
	return stack_code_calls(code);
}

/* What stands where a saved frame pointer points to: the next pair, or the end of the chain. */
static bool continues_chain(const struct stack_scan *scan, uint64_t slot)
{
	uint64_t next, address;

	if (!stack_snapshot_word(scan->snapshot, slot, &next) ||
	    !stack_snapshot_word(scan->snapshot, slot + WORD, &address))
		return false;
	if (next == 0 || next == 1) /* the ABI's end, and what __libc_start_main finds in rbp */
		return true;
	return next > slot && returns_to(scan, address, false);
}

static bool is_saved_pointer(const struct stack_scan *scan, uint64_t slot)
{
	uint64_t saved, address;

	return stack_snapshot_word(scan->snapshot, slot, &saved) &&
	       stack_snapshot_word(scan->snapshot, slot + WORD, &address) && saved % WORD == 0 &&
	       saved > slot && continues_chain(scan, saved) && returns_to(scan, address, false);
}

/* The first word of the stack at or after an address. */
static uint64_t first_word(const struct stack_snapshot *snapshot, uint64_t from)
{
	uint64_t start = from > snapshot->sp ? from : snapshot->sp;

	return (start + WORD - 1) / WORD * WORD;
}

bool stack_scan_frame_pointer(const struct stack_scan *scan, uint64_t from, uint64_t *ret_pointer)
{
	uint64_t word;

	for (uint64_t slot = first_word(scan->snapshot, from);
	     stack_snapshot_word(scan->snapshot, slot, &word); slot += WORD) {
		if (!is_saved_pointer(scan, slot))
			continue;
		*ret_pointer = slot;
		return true;
	}
	return false;
}

bool stack_scan_return(const struct stack_scan *scan, uint64_t from, uint64_t *ret_slot,
                       uint64_t *ret_address)
{
	uint64_t word;

	for (uint64_t slot = first_word(scan->snapshot, from);
	     stack_snapshot_word(scan->snapshot, slot, &word); slot += WORD) {
		if (!returns_to(scan, word, true))
			continue;
		*ret_slot = slot;
		*ret_address = word;
		return true;
	}
	return false;
}
