/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exact counts of what was denied: in total, by syscall, and by kind. Calls are of one kind when
 * caller's name, syscall, shown text, verdict and errno are the same; a kind is shown in full once
 * and then counted.
 *
 * All of it is bounded, for the target chooses what there is to count: past TALLY_KINDS_MAX kinds a
 * new one is counted by syscall only, past TALLY_SYSCALLS_MAX syscalls in the totals only.
 */
#pragma once

#include <uthash.h>

#include "common/text.h"
#include "supervisor/events/event.h"

enum {
	TALLY_KINDS_MAX = 1024,
	TALLY_SYSCALLS_MAX = 1024,
	TALLY_NEW_A_SECOND = 20, /* kinds shown in one second */
	TALLY_CALL_MAX = 8 << 10,
};

/* What makes calls one kind, without padding or pointers: compared as bytes with the text. */
struct kind_key {
	uint32_t arch; /* SCMP_ARCH_* */
	int32_t nr;
	uint32_t verdict;    /* enum verdict_kind */
	uint32_t falls_back; /* 1: programs go another way at the errno */
	uint32_t error;
	char comm[CALLER_COMM_SIZE]; /* zeroes after its end */
};

struct kind {
	uint64_t id;    /* the sequence number of its first call */
	uint64_t count; /* exact */
	uint64_t shown; /* what its last line said; 0: it has had none */
	pid_t pid;      /* of the first caller */
	struct seccomp_data first;
	struct verdict verdict;
	UT_hash_handle hh;
	/* The key, and right after it call_len bytes of render_call()'s text, NUL-terminated. */
	size_t call_len;
	struct kind_key key;
	char call[];
};

struct syscall_count {
	struct {
		uint32_t arch;
		int32_t nr;
		uint32_t verdict;
		uint32_t falls_back;
	} key;
	uint64_t count;
	bool shown; /* one of its kinds was */
	UT_hash_handle hh;
};

struct tally {
	uint64_t totals[VERDICT_KIND_COUNT];
	uint64_t fallbacks[VERDICT_KIND_COUNT]; /* of these, the calls that fall back */
	struct kind *kinds;                     /* in the order of their ids, by hh.next */
	size_t n_kinds;
	bool more_kinds; /* than TALLY_KINDS_MAX */
	struct syscall_count *syscalls;
	size_t n_syscalls;
	uint64_t second_ns; /* when the present second of new kinds began */
	unsigned news;      /* kinds shown in it */
	uint64_t held;      /* and not shown */
};

void tally_init(struct tally *tally);
void tally_deinit(struct tally *tally);

/*
 * Counts one EVENT_SYSCALL whose call shows as call. True when its kind is to be shown now, with
 * its count so far: at the first, the 10th, 100th, ... call. Where programs fall back there is
 * little to mend: of all such calls of a syscall only the first is shown. *ret_kind is NULL where
 * the call has none.
 */
bool tally_add(struct tally *tally, const struct event *event, const struct text *call,
               const struct kind **ret_kind);

/* Counts an EVENT_FOLD. */
void tally_add_fold(struct tally *tally, const struct event *event);

/* How many new kinds were not shown, because their second had shown enough, since last asked. */
uint64_t tally_take_held(struct tally *tally);

/*
 * The next kind, in order, that was shown with a count that is no longer true; marks it shown. Not
 * of those that fall back, which the summary counts.
 */
const struct kind *tally_take_behind(struct tally *tally);
