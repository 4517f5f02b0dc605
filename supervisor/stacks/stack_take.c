/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/stacks/stack_take.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/audit.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "supervisor/stacks/maps.h"
#include "supervisor/memory.h"
#include "supervisor/stacks/module_file.h"

enum {
	MAPS_MAX = 512 << 10, /* of text; what does not fit is not looked at */
	ABANDONED_MAX = 3,    /* workers that may die over a target's stacks */
	PLACE_WORDS = 128,    /* of the stack, in which a place's return addresses are looked for */
	PLACE_RETURNS = 4,
};

/* The executable memory of the process that was looked at last. */
struct known_code {
	pid_t pid;
	uint32_t count;
	struct stack_range ranges[STACK_RANGES_MAX];
};

struct stack_taker {
	struct stack_ring *ring;
	int post;
	struct known_code code;
	/* Of the snapshot in hand: */
	struct stack_parcel parcel;
	struct mapping files[STACK_MODULES_MAX]; /* by module; their paths point into maps */
	uint64_t stack_end; /* of the mapping that sp is in; 0: it is in none */
	char maps[MAPS_MAX];
};

int stack_taker_new(struct stack_ring *ring, int post, struct stack_taker **ret_taker)
{
	struct stack_taker *taker = malloc(sizeof(*taker));

	if (!taker)
		return -ENOMEM;
	taker->ring = ring;
	taker->post = post;
	taker->code.pid = 0;
	stack_parcel_init(&taker->parcel);
	*ret_taker = taker;
	return 0;
}

void stack_taker_free(struct stack_taker *taker)
{
	free(taker);
}

int stack_taker_post(const struct stack_taker *taker)
{
	return taker->post;
}

void stack_taker_recover(struct stack_taker *taker)
{
	atomic_fetch_add(&taker->ring->abandoned,
	                 stack_ring_end(taker->ring, STACK_SLOT_TAKING, STACK_NOT_TAKEN));
}

/* --- where the thread stands --- */

/* Opens a file of the thread in /proc. */
static int open_proc(pid_t tid, const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", tid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? err_errno() : fd;
}

/* All of a file of /proc, as far as it fits: its length. */
static size_t read_all(int fd, char *buf, size_t size)
{
	size_t length = 0;
	ssize_t count = 1;

	while (count > 0 && length < size) {
		count = read(fd, buf + length, size - length);
		length += count > 0 ? (size_t)count : 0;
	}
	return length;
}

/* "NR ARG0 ... ARG5 SP PC": what proc_pid_syscall(5) shows of a thread that is in a call. */
static bool read_registers(pid_t tid, uint64_t *ret_sp, uint64_t *ret_pc)
{
	_cleanup_close_ int fd = open_proc(tid, "syscall");
	char line[256];
	size_t length = fd < 0 ? 0 : read_all(fd, line, sizeof(line) - 1);

	line[length] = '\0';
	return sscanf(line, "%*s %*x %*x %*x %*x %*x %*x %" SCNx64 " %" SCNx64, ret_sp, ret_pc) ==
	       2;
}

/* --- places --- */

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 29;
}

/*
 * What is known of a process holds until it executes another program; then the call is hardly where
 * the old one had code. Without code that was mapped since, places are only told apart less well.
 */
static bool knows_code(const struct stack_taker *taker, pid_t pid, uint64_t pc)
{
	const struct known_code *code = &taker->code;

	return pid != 0 && code->pid == pid && stack_range_find(code->ranges, code->count, pc);
}

/* A hash of the call and the first words of the stack that point to code: return addresses. */
static uint64_t place_hash(const struct stack_taker *taker, const struct seccomp_data *call,
                           const uint64_t *words, size_t count)
{
	uint64_t hash = mix(mix(0, (uint64_t)call->nr), call->instruction_pointer);
	unsigned found = 0;

	for (size_t i = 0; i < count && found < PLACE_RETURNS; i++) {
		if (!stack_range_find(taker->code.ranges, taker->code.count, words[i]))
			continue;
		found++;
		hash = mix(hash, words[i]);
	}
	return hash;
}

/* Counts a stack at this place; false where there have been enough. */
static bool place_wants(struct stack_ring *ring, uint64_t hash)
{
	_Atomic uint8_t *times = &ring->places[hash % STACK_PLACES];

	if (atomic_load_explicit(times, memory_order_relaxed) >= STACK_TIMES_A_PLACE)
		return false;
	atomic_fetch_add_explicit(times, 1, memory_order_relaxed);
	return true;
}

/* --- memory and modules --- */

/* The file whose mappings are being read: they follow each other, and the first has its head. */
struct current_file {
	struct mapping first;
	uint8_t module; /* STACK_NO_MODULE until something of it is executable */
};

static bool is_file(const struct mapping *mapping)
{
	return mapping->inode != 0 && mapping->path_length > 0 && mapping->path[0] == '/';
}

static void add_module(struct stack_taker *taker, struct stack_slot *slot,
                       struct current_file *file)
{
	const struct mapping *first = &file->first;
	struct stack_module *module;

	if (slot->stack.n_modules == STACK_MODULES_MAX)
		return;
	file->module = slot->stack.n_modules++;
	taker->files[file->module] = *first;
	module = &slot->stack.modules[file->module];
	module->build_id_length = 0;
	module->path_length = (uint16_t)(first->path_length < STACK_PATH_MAX ? first->path_length
	                                                                     : STACK_PATH_MAX);
	memcpy(module->path, first->path, module->path_length);
	slot->snapshot.bases[file->module] =
		first->low > first->offset ? first->low - first->offset : 0;
}

static void add_range(struct stack_taker *taker, struct stack_slot *slot,
                      const struct mapping *mapping, struct current_file *file)
{
	struct stack_snapshot *snapshot = &slot->snapshot;

	if (snapshot->n_ranges == STACK_RANGES_MAX)
		return;
	if (is_file(mapping) && file->module == STACK_NO_MODULE)
		add_module(taker, slot, file);
	snapshot->ranges[snapshot->n_ranges++] = (struct stack_range){
		.low = mapping->low,
		.high = mapping->high,
		.offset = mapping->offset,
		.module = is_file(mapping) ? file->module : STACK_NO_MODULE,
	};
}

/* Fills ranges and modules, and what the taker knows. */
static void read_maps(struct stack_taker *taker, struct stack_slot *slot,
                      const struct notification *notification)
{
	_cleanup_close_ int fd = open_proc((pid_t)notification->request.pid, "maps");
	const char *rest = taker->maps;
	const char *end = rest + (fd < 0 ? 0 : read_all(fd, taker->maps, sizeof(taker->maps)));
	struct current_file file = { .module = STACK_NO_MODULE };
	const struct stack_snapshot *snapshot = &slot->snapshot;
	struct mapping mapping;

	taker->stack_end = 0;
	while (maps_next(&rest, end, &mapping)) {
		if (is_file(&mapping) &&
		    (mapping.inode != file.first.inode || mapping.device != file.first.device))
			file = (struct current_file){ mapping, STACK_NO_MODULE };
		if (mapping.executable)
			add_range(taker, slot, &mapping, &file);
		if (mapping.low <= snapshot->sp && snapshot->sp < mapping.high)
			taker->stack_end = mapping.high;
	}
	taker->code.pid = notification->caller.pid;
	taker->code.count = snapshot->n_ranges;
	memcpy(taker->code.ranges, snapshot->ranges,
	       snapshot->n_ranges * sizeof(*snapshot->ranges));
}

static void open_modules(struct stack_taker *taker, unsigned count, pid_t tid)
{
	for (unsigned i = 0; i < count; i++)
		taker->parcel.fds[i] = module_file_open(tid, &taker->files[i]);
}

/* One read, no further than the mapping goes. */
static bool read_stack(struct stack_snapshot *snapshot, int memory, uint64_t high)
{
	uint64_t size = high > snapshot->sp ? high - snapshot->sp : 0;
	ssize_t count;

	if (size > STACK_BYTES_MAX)
		size = STACK_BYTES_MAX;
	count = memory_read(memory, snapshot->sp, snapshot->bytes, size);
	snapshot->size = count > 0 ? (uint32_t)count : 0;
	return count > 0;
}

/* --- one snapshot --- */

static enum stack_status fill(struct stack_taker *taker, struct stack_slot *slot,
                              const struct notification *notification)
{
	struct stack_snapshot *snapshot = &slot->snapshot;
	pid_t tid = (pid_t)notification->request.pid;
	_cleanup_close_ int memory = -EBADF;
	uint64_t words[PLACE_WORDS];
	ssize_t count;
	bool known;

	if (!read_registers(tid, &snapshot->sp, &snapshot->pc))
		return STACK_NO_PROC;
	memory = memory_open(tid);
	if (memory < 0)
		return STACK_NO_PROC;
	count = memory_read(memory, snapshot->sp, words, sizeof(words));
	if (count < 0)
		return STACK_NOWHERE;
	known = knows_code(taker, notification->caller.pid, snapshot->pc);
	if (!known)
		read_maps(taker, slot, notification);
	if (!place_wants(taker->ring, place_hash(taker, &notification->request.data, words,
	                                         (size_t)count / sizeof(*words))))
		return STACK_REPEATED;
	if (known)
		read_maps(taker, slot, notification);
	open_modules(taker, slot->stack.n_modules, tid);
	return read_stack(snapshot, memory, taker->stack_end) ? STACK_PENDING : STACK_NOWHERE;
}

/* Spends one of the looks that are left, where they are counted. */
static bool may_look(struct stack_ring *ring)
{
	uint32_t left = atomic_load(&ring->looks);

	if (left != STACK_LOOKS_ALL && left > 0)
		atomic_store(&ring->looks, left - 1); /* there is one worker at a time */
	return left > 0;
}

void stack_take(struct stack_taker *taker, struct notification *notification)
{
	struct stack_slot *slot;
	int index;

	if (!may_look(taker->ring))
		return;
	if (notification->attempts > 1) { /* the worker before this one may have died over it */
		if (notification->stack_status == STACK_NONE)
			notification->stack_status = STACK_NOT_TAKEN;
		return;
	}
	if (notification->request.data.arch != AUDIT_ARCH_X86_64) {
		notification->stack_status = STACK_FOREIGN;
		return;
	}
	if (atomic_load(&taker->ring->abandoned) >= ABANDONED_MAX) {
		notification->stack_status = STACK_NOT_TAKEN;
		return;
	}
	index = stack_ring_take(taker->ring);
	if (index < 0) {
		notification->stack_status = STACK_BUSY;
		return;
	}
	slot = &taker->ring->slots[index];
	notification->stack_slot = taker->parcel.slot = (uint8_t)index;
	taker->parcel.ticket = slot->ticket;
	notification->stack_status = STACK_PENDING;
	notification->stack_status = (uint8_t)fill(taker, slot, notification);
	if (notification->stack_status != STACK_PENDING) {
		stack_parcel_deinit(&taker->parcel);
		(void)stack_slot_move(slot, STACK_SLOT_TAKING, STACK_SLOT_FREE);
	}
}

void stack_give(struct stack_taker *taker, struct notification *notification, bool event)
{
	struct stack_slot *slot = &taker->ring->slots[notification->stack_slot];

	if (notification->stack_status != STACK_PENDING)
		return;
	if (!event) {
		/* Ended by stack_taker_recover() where this is a successor's. */
		(void)(stack_slot_move(slot, STACK_SLOT_TAKING, STACK_SLOT_FREE) ||
		       stack_slot_move(slot, STACK_SLOT_DONE, STACK_SLOT_FREE));
		notification->stack_status = STACK_NONE;
	} else if (stack_slot_move(slot, STACK_SLOT_TAKING, STACK_SLOT_WAITING) &&
	           stack_post_send(taker->post, &taker->parcel) < 0) {
		slot->stack.status = STACK_BUSY;
		(void)stack_slot_move(slot, STACK_SLOT_WAITING, STACK_SLOT_DONE);
	}
	stack_parcel_deinit(&taker->parcel);
}
