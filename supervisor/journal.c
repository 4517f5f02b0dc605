/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/journal.h"

#include <sys/mman.h>

#include "profiles/syscalls.h"

int journal_new(struct journal **ret_journal)
{
	struct journal *journal;

	journal = mmap(NULL, sizeof(*journal), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
	               -1, 0);
	if (journal == MAP_FAILED)
		return err_errno();
	*ret_journal = journal;
	return 0;
}

void journal_free(struct journal *journal)
{
	if (journal)
		(void)munmap(journal, sizeof(*journal));
}

void journal_share(struct journal *journal, bool shared)
{
	(void)madvise(journal, sizeof(*journal), shared ? MADV_DOFORK : MADV_DONTFORK);
}

static struct notification *ring_slot(struct journal *journal, uint64_t position)
{
	return &journal->ring[position % JOURNAL_SLOTS];
}

struct notification *journal_slot(struct journal *journal)
{
	uint64_t produced = atomic_load_explicit(&journal->produced, memory_order_relaxed);
	uint64_t consumed = atomic_load_explicit(&journal->consumed, memory_order_acquire);

	if (produced - consumed >= JOURNAL_SLOTS)
		return &journal->spare;
	return ring_slot(journal, produced);
}

/* What makes two calls the same kind; never 0. */
static uint64_t fold_key(uint32_t arch, int nr, const struct verdict *verdict)
{
	return (uint64_t)arch << 32 ^ (uint64_t)(uint32_t)nr << 8 ^ (uint64_t)verdict->error << 48 ^
	       (uint64_t)(verdict->kind + 1);
}

static bool fold_is(const struct journal_fold *fold, uint32_t arch, int nr,
                    const struct verdict *verdict)
{
	return fold->arch == arch && fold->nr == nr && fold->verdict.kind == verdict->kind &&
	       fold->verdict.error == verdict->error;
}

/* The fold of a kind, taken into use if need be; the last one when the table is full. */
static struct journal_fold *fold_find(struct journal *journal, uint32_t arch, int nr,
                                      const struct verdict *verdict)
{
	uint64_t key = fold_key(arch, nr, verdict);

	for (size_t probe = 0; probe < JOURNAL_FOLDS; probe++) {
		struct journal_fold *fold = &journal->folds[(key + probe) % JOURNAL_FOLDS];
		uint64_t there = atomic_load_explicit(&fold->key, memory_order_relaxed);

		if (there == key && fold_is(fold, arch, nr, verdict))
			return fold;
		if (there == 0) {
			fold->arch = arch;
			fold->nr = nr;
			fold->verdict = *verdict;
			atomic_store_explicit(&fold->key, key, memory_order_release);
			return fold;
		}
	}
	return &journal->folds[JOURNAL_FOLDS];
}

static void fold(struct journal *journal, const struct notification *notification)
{
	const struct seccomp_data *call = &notification->request.data;
	uint32_t arch = syscall_arch(call->arch, call->nr);
	struct journal_fold *fold = fold_find(journal, arch, call->nr, &notification->verdict);

	atomic_fetch_add(&fold->count, 1);
	atomic_fetch_add(&journal->folded, 1);
}

void journal_finish(struct journal *journal, struct notification *notification, bool event)
{
	if (event && notification != &journal->spare) {
		atomic_fetch_add_explicit(&journal->produced, 1, memory_order_release);
		return;
	}
	if (event)
		fold(journal, notification);
	notification_release(notification);
}

/*
 * A dead worker had at most one slot in hand: the ring's next or the spare. A slot that is free
 * with an id in it was filled by the kernel and not yet noticed.
 */
static struct notification *unfinished(struct notification *slot)
{
	if (notification_state(slot) == NOTIFICATION_FREE && slot->request.id != 0)
		notification_set_state(slot, NOTIFICATION_NEW);
	return notification_state(slot) == NOTIFICATION_FREE ? NULL : slot;
}

struct notification *journal_unfinished(struct journal *journal)
{
	uint64_t produced = atomic_load(&journal->produced);
	struct notification *slot = NULL;

	if (produced - atomic_load(&journal->consumed) < JOURNAL_SLOTS)
		slot = unfinished(ring_slot(journal, produced));
	assert(journal);
	return slot ? slot : unfinished(&journal->spare);
}

struct notification *journal_oldest(struct journal *journal)
{
	uint64_t consumed = atomic_load_explicit(&journal->consumed, memory_order_relaxed);

	if (consumed == atomic_load_explicit(&journal->produced, memory_order_acquire))
		return NULL;
	return ring_slot(journal, consumed);
}

void journal_consume(struct journal *journal)
{
	uint64_t consumed = atomic_load_explicit(&journal->consumed, memory_order_relaxed);

	notification_release(ring_slot(journal, consumed));
	atomic_store_explicit(&journal->consumed, consumed + 1, memory_order_release);
}

bool journal_take_fold(struct journal *journal, struct journal_fold_taken *ret_fold)
{
	for (size_t i = 0; i <= JOURNAL_FOLDS; i++) {
		struct journal_fold *fold = &journal->folds[i];
		uint64_t count = atomic_exchange(&fold->count, 0);

		if (count == 0)
			continue;
		*ret_fold =
			(struct journal_fold_taken){ fold->arch, fold->nr, fold->verdict, count };
		return true;
	}
	return false;
}
