/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/stacks/stack_unwind.h"

#include <stdlib.h>
#include <unistd.h>

#include "supervisor/stacks/stack_modules.h"
#include "supervisor/stacks/stack_scan.h"

enum {
	THREAD = 1,          /* the one thread that libdw is told of */
	CANDIDATES_MAX = 16, /* frame pointers that are tried */
	SCANNED_MAX = 16,    /* frames by scan: the further up, the less they are worth */
};

struct stack_unwinder {
	struct stack_modules modules;
	const struct stack_snapshot *snapshot; /* borrowed */
	/* Registers where libdw is to begin. */
	uint64_t sp;
	uint64_t pc;
	uint64_t frame_pointer; /* 0: not known */
};

/* Instruction pointers, innermost first. */
struct walk {
	const struct stack_snapshot *snapshot;
	unsigned count;
	bool complete; /* the last one has no caller */
	uint64_t ips[STACK_FRAMES_MAX];
};

const char *stack_unwind_version(void)
{
	return dwfl_version(NULL);
}

int stack_unwinder_new(struct stack_unwinder **ret_unwinder)
{
	struct stack_unwinder *unwinder = calloc(1, sizeof(*unwinder));

	if (!unwinder)
		return -ENOMEM;
	*ret_unwinder = unwinder;
	return 0;
}

void stack_unwinder_free(struct stack_unwinder *unwinder)
{
	if (unwinder)
		stack_unwinder_forget(unwinder);
	free(unwinder);
}

void stack_unwinder_forget(struct stack_unwinder *unwinder)
{
	stack_modules_forget(&unwinder->modules);
}

/* --- libdw's view of the thread --- */

static pid_t next_thread(_unused_ Dwfl *dwfl, void *argument, void **thread)
{
	if (*thread)
		return 0;
	*thread = argument;
	return THREAD;
}

static bool get_thread(_unused_ Dwfl *dwfl, _unused_ pid_t tid, void *argument, void **thread)
{
	*thread = argument;
	return true;
}

static bool read_memory(_unused_ Dwfl *dwfl, Dwarf_Addr address, Dwarf_Word *result, void *argument)
{
	const struct stack_unwinder *self = argument;
	uint64_t word;

	if (!stack_snapshot_word(self->snapshot, address, &word))
		return false;
	*result = word;
	return true;
}

static bool set_registers(Dwfl_Thread *thread, void *argument)
{
	const struct stack_unwinder *self = argument;
	Dwarf_Word sp = self->sp, frame_pointer = self->frame_pointer;

	if (!dwfl_thread_state_registers(thread, DWARF_X86_64_RSP, 1, &sp))
		return false;
	if (frame_pointer != 0 &&
	    !dwfl_thread_state_registers(thread, DWARF_X86_64_RBP, 1, &frame_pointer))
		return false;
	dwfl_thread_state_register_pc(thread, self->pc);
	return true;
}

static const Dwfl_Thread_Callbacks thread_callbacks = {
	.next_thread = next_thread,
	.get_thread = get_thread,
	.memory_read = read_memory,
	.set_initial_registers = set_registers,
};

/* --- walking --- */

/* Return addresses stand after the call; the call is what is looked up. */
static uint64_t lookup_address(unsigned index, uint64_t ip)
{
	return index == 0 ? ip : ip - 1;
}

/* An address in no code was read from where no return address is: what libdw was told is wrong. */
static int add_frame(Dwfl_Frame *frame, void *argument)
{
	struct walk *walk = argument;
	Dwarf_Addr ip;

	if (!dwfl_frame_pc(frame, &ip, NULL) ||
	    !stack_snapshot_range(walk->snapshot, lookup_address(walk->count, ip)))
		return DWARF_CB_ABORT;
	walk->ips[walk->count++] = ip;
	return walk->count < STACK_FRAMES_MAX ? DWARF_CB_OK : DWARF_CB_ABORT;
}

/*
 * The C library's clone3 has no information at its syscall instruction, and hand-written wrappers
 * have none anywhere; what they have is the return address on top of the stack.
 */
static bool is_bare_leaf(const struct stack_unwinder *self, const struct stack_scan *scan,
                         uint64_t *ret_caller)
{
	const struct stack_snapshot *snapshot = self->snapshot;
	uint64_t slot;

	return !stack_modules_informed(&self->modules, snapshot->pc) &&
	       stack_scan_return(scan, snapshot->sp, &slot, ret_caller) && slot == snapshot->sp;
}

/* As far as libdw comes, with a frame pointer or 0; it says "done" where it could not go on, too.
 */
static void walk_frames(struct stack_unwinder *self, const struct stack_scan *scan,
                        uint64_t frame_pointer, struct walk *walk)
{
	walk->snapshot = self->snapshot;
	walk->count = 0;
	self->sp = self->snapshot->sp;
	self->pc = self->snapshot->pc;
	self->frame_pointer = frame_pointer;
	if (is_bare_leaf(self, scan, &self->pc)) {
		walk->ips[walk->count++] = self->snapshot->pc;
		self->sp += sizeof(self->pc);
	}
	if (self->modules.dwfl)
		(void)dwfl_getthread_frames(self->modules.dwfl, THREAD, add_frame, walk);
	if (walk->count == 0)
		walk->ips[walk->count++] = self->pc;
	walk->complete = stack_modules_ends(
		&self->modules, lookup_address(walk->count - 1, walk->ips[walk->count - 1]));
}

static bool read_code(const void *context, const struct stack_range *range, uint64_t address,
                      unsigned char code[STACK_CALL_MAX])
{
	const struct stack_modules *modules = context;
	uint64_t offset = range->offset + (address - range->low) - STACK_CALL_MAX;

	return range->module < STACK_MODULES_MAX && modules->fds[range->module] >= 0 &&
	       pread(modules->fds[range->module], code, STACK_CALL_MAX, (off_t)offset) ==
	               STACK_CALL_MAX;
}

/* The slot after the one that the last return address was found in; sp where it is not there. */
static uint64_t slot_after(const struct stack_snapshot *snapshot, uint64_t ip)
{
	uint64_t word;

	for (uint64_t slot = snapshot->sp; stack_snapshot_word(snapshot, slot, &word);
	     slot += sizeof(word))
		if (word == ip)
			return slot + sizeof(word);
	return snapshot->sp;
}

/* What the frame pointer may have been, one after the other. */
struct candidates {
	const struct stack_scan *scan;
	uint64_t from;
	bool by_information; /* each return address may be the one at the known offset */
	int64_t offset;
};

static bool next_candidate(struct candidates *candidates, uint64_t *ret_pointer)
{
	uint64_t slot, ip;

	if (!candidates->by_information) {
		if (!stack_scan_frame_pointer(candidates->scan, candidates->from, ret_pointer))
			return false;
		candidates->from = *ret_pointer + sizeof(slot);
		return true;
	}
	if (!stack_scan_return(candidates->scan, candidates->from, &slot, &ip))
		return false;
	candidates->from = slot + sizeof(slot);
	*ret_pointer = candidates->from - (uint64_t)candidates->offset;
	return true;
}

/* Where a walk stopped short it may have needed the frame pointer: tries what may have been it. */
static void recover(struct stack_unwinder *self, const struct stack_scan *scan, struct walk *best)
{
	unsigned last = best->count - 1;
	struct candidates candidates = { .scan = scan, .from = self->snapshot->sp };
	uint64_t pointer;

	candidates.by_information = stack_modules_needs_pointer(
		&self->modules, lookup_address(last, best->ips[last]), &candidates.offset);
	if (candidates.by_information && last > 0)
		candidates.from = slot_after(self->snapshot, best->ips[last]);
	for (int i = 0; i < CANDIDATES_MAX && !best->complete; i++) {
		struct walk walk;

		if (!next_candidate(&candidates, &pointer))
			return;
		walk_frames(self, scan, pointer, &walk);
		if (walk.complete || walk.count > best->count)
			*best = walk;
	}
}

static void scan_frames(const struct stack_scan *scan, struct walk *walk)
{
	uint64_t from = slot_after(scan->snapshot, walk->ips[walk->count - 1]);
	uint64_t slot, ip;

	for (int i = 0; i < SCANNED_MAX && walk->count < STACK_FRAMES_MAX; i++) {
		if (!stack_scan_return(scan, from, &slot, &ip))
			return;
		walk->ips[walk->count++] = ip;
		from = slot + sizeof(ip);
	}
}

/* --- what is told --- */

static void fill_frame(const struct stack_unwinder *self, unsigned index, uint64_t ip,
                       struct stack *stack)
{
	uint64_t address = lookup_address(index, ip);
	const struct stack_range *range = stack_snapshot_range(self->snapshot, address);
	struct stack_frame *frame = &stack->frames[index];

	frame->ip = ip;
	frame->module = range ? range->module : STACK_NO_MODULE;
	frame->offset = range ? range->offset + (ip - range->low) : 0;
	stack_modules_name(&self->modules, address, frame);
	if (frame->module < STACK_MODULES_MAX)
		stack_modules_build_id(&self->modules, frame->module,
		                       &stack->modules[frame->module]);
}

void stack_unwind(struct stack_unwinder *self, const struct stack_snapshot *snapshot,
                  const int *fds, struct stack *stack)
{
	const struct stack_scan scan = { snapshot, read_code, &self->modules };
	unsigned by_cfi, by_pointer;
	struct walk walk;

	self->snapshot = snapshot;
	/* To attach fails without a file that is ELF, and then so does every walk. */
	if (stack_modules_load(&self->modules, snapshot, fds))
		(void)dwfl_attach_state(self->modules.dwfl, NULL, THREAD, &thread_callbacks, self);
	walk_frames(self, &scan, 0, &walk);
	by_cfi = walk.count;
	recover(self, &scan, &walk);
	by_pointer = walk.count;
	if (!walk.complete)
		scan_frames(&scan, &walk);
	for (unsigned i = 0; i < walk.count; i++) {
		fill_frame(self, i, walk.ips[i], stack);
		stack->frames[i].how = i < by_cfi       ? STACK_CFI
		                       : i < by_pointer ? STACK_FP
		                                        : STACK_SCAN;
	}
	stack->n_frames = (uint8_t)walk.count;
}
