/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/stacks/stack_ring.h"

#include <string.h>
#include <sys/mman.h>
#include <time.h>

int stack_ring_new(struct stack_ring **ret_ring)
{
	struct stack_ring *ring = mmap(NULL, sizeof(*ring), PROT_READ | PROT_WRITE,
	                               MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (ring == MAP_FAILED)
		return err_errno();
	ring->looks = STACK_LOOKS_ALL;
	*ret_ring = ring;
	return 0;
}

void stack_ring_free(struct stack_ring *ring)
{
	if (ring)
		(void)munmap(ring, sizeof(*ring));
}

uint64_t stack_ring_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

bool stack_slot_move(struct stack_slot *slot, enum stack_slot_state from, enum stack_slot_state to)
{
	uint32_t expected = from;

	if (!atomic_compare_exchange_strong(&slot->state, &expected, to))
		return false;
	if (to == STACK_SLOT_WAITING || to == STACK_SLOT_UNWINDING)
		atomic_store(&slot->since_ns, stack_ring_now_ns());
	return true;
}

int stack_ring_take(struct stack_ring *ring)
{
	for (int i = 0; i < STACK_SLOTS; i++) {
		struct stack_slot *slot = &ring->slots[i];

		if (!stack_slot_move(slot, STACK_SLOT_FREE, STACK_SLOT_TAKING))
			continue;
		slot->ticket++;
		slot->snapshot.size = 0;
		slot->snapshot.n_ranges = 0;
		slot->stack.status = STACK_NOT_TAKEN;
		slot->stack.n_frames = 0;
		slot->stack.n_modules = 0;
		return i;
	}
	return -EAGAIN;
}

/* The status is written after the state: none but the keeper reads it, and the keeper calls this.
 */
static bool end(struct stack_slot *slot, enum stack_slot_state state, enum stack_status status)
{
	if (!stack_slot_move(slot, state, STACK_SLOT_DONE))
		return false;
	slot->stack.status = status;
	return true;
}

unsigned stack_ring_end(struct stack_ring *ring, enum stack_slot_state state,
                        enum stack_status status)
{
	unsigned ended = 0;

	for (int i = 0; i < STACK_SLOTS; i++)
		ended += end(&ring->slots[i], state, status);
	return ended;
}

bool stack_slot_overdue(const struct stack_slot *slot)
{
	uint64_t since_ns = atomic_load(&slot->since_ns);
	uint64_t now_ns = stack_ring_now_ns();

	return stack_slot_pending(slot) && now_ns > since_ns &&
	       now_ns - since_ns > (uint64_t)STACK_DEADLINE_MS * 1000000;
}

bool stack_slot_pending(const struct stack_slot *slot)
{
	uint32_t state = atomic_load(&slot->state);

	return state == STACK_SLOT_WAITING || state == STACK_SLOT_UNWINDING;
}

static void bound_module(struct stack_module *module)
{
	if (module->path_length > STACK_PATH_MAX)
		module->path_length = STACK_PATH_MAX;
	if (module->build_id_length > STACK_BUILD_ID_MAX)
		module->build_id_length = STACK_BUILD_ID_MAX;
}

static void bound_frame(struct stack_frame *frame, unsigned n_modules)
{
	if (frame->module >= n_modules)
		frame->module = STACK_NO_MODULE;
	if (frame->symbol_length > STACK_SYMBOL_MAX)
		frame->symbol_length = STACK_SYMBOL_MAX;
}

void stack_slot_collect(struct stack_slot *slot, struct stack *ret_stack)
{
	memcpy(ret_stack, &slot->stack, sizeof(*ret_stack));
	atomic_store_explicit(&slot->state, STACK_SLOT_FREE, memory_order_release);
	if (ret_stack->n_frames > STACK_FRAMES_MAX)
		ret_stack->n_frames = STACK_FRAMES_MAX;
	if (ret_stack->n_modules > STACK_MODULES_MAX)
		ret_stack->n_modules = STACK_MODULES_MAX;
	for (unsigned i = 0; i < ret_stack->n_modules; i++)
		bound_module(&ret_stack->modules[i]);
	for (unsigned i = 0; i < ret_stack->n_frames; i++)
		bound_frame(&ret_stack->frames[i], ret_stack->n_modules);
}

const struct stack_range *stack_range_find(const struct stack_range *ranges, size_t count,
                                           uint64_t address)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct stack_range *range = &ranges[middle];

		if (address < range->low)
			high = middle;
		else if (address >= range->high)
			low = middle + 1;
		else
			return range;
	}
	return NULL;
}

const struct stack_range *stack_snapshot_range(const struct stack_snapshot *snapshot,
                                               uint64_t address)
{
	return stack_range_find(snapshot->ranges, snapshot->n_ranges, address);
}

bool stack_snapshot_word(const struct stack_snapshot *snapshot, uint64_t address,
                         uint64_t *ret_word)
{
	uint64_t offset = address - snapshot->sp;

	if (address < snapshot->sp || snapshot->size < sizeof(*ret_word) ||
	    offset > snapshot->size - sizeof(*ret_word))
		return false;
	memcpy(ret_word, &snapshot->bytes[offset], sizeof(*ret_word));
	return true;
}
