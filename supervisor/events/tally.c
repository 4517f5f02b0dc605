/* SPDX-License-Identifier: Apache-2.0 */
#define HASH_NONFATAL_OOM 1    /* what finds no memory is counted one level up */
#define HASH_FUNCTION HASH_FNV /* clang takes the default one for a switch that falls through */
#include "supervisor/events/tally.h"

#include <stdlib.h>
#include <string.h>

#include "profiles/resolve.h"
#include "profiles/syscalls.h"
#include "supervisor/events/reason.h"

#define SECOND_NS UINT64_C(1000000000)

void tally_init(struct tally *tally)
{
	*tally = (struct tally){ 0 };
}

void tally_deinit(struct tally *tally)
{
	struct kind *kind, *next_kind;
	struct syscall_count *entry, *next_entry;

	HASH_ITER (hh, tally->kinds, kind, next_kind) {
		HASH_DEL(tally->kinds, kind);
		free(kind);
	}
	HASH_ITER (hh, tally->syscalls, entry, next_entry) {
		HASH_DEL(tally->syscalls, entry);
		free(entry);
	}
}

static struct syscall_count *syscall_count_new(struct tally *tally, const struct kind_key *key)
{
	struct syscall_count *entry;

	if (tally->n_syscalls >= TALLY_SYSCALLS_MAX)
		return NULL;
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return NULL;
	entry->key.arch = key->arch;
	entry->key.nr = key->nr;
	entry->key.verdict = key->verdict;
	entry->key.falls_back = key->falls_back;
	HASH_ADD(hh, tally->syscalls, key, sizeof(entry->key), entry);
	if (!entry->hh.tbl) {
		free(entry);
		return NULL;
	}
	tally->n_syscalls++;
	return entry;
}

/* The count of the call's syscall, or NULL where there are too many. */
static struct syscall_count *count(struct tally *tally, const struct kind_key *key, uint64_t calls)
{
	struct syscall_count *entry = NULL;

	tally->totals[key->verdict] += calls;
	tally->fallbacks[key->verdict] += key->falls_back ? calls : 0;
	/* The syscall's key is the head of the kind's, without the errno. */
	HASH_FIND(hh, tally->syscalls, key, sizeof(entry->key), entry);
	if (!entry)
		entry = syscall_count_new(tally, key);
	if (entry)
		entry->count += calls;
	return entry;
}

_Static_assert(sizeof(((struct syscall_count *)NULL)->key) == offsetof(struct kind_key, error),
               "a syscall's key is the head of a kind's");
_Static_assert(offsetof(struct kind, call) == offsetof(struct kind, key) + sizeof(struct kind_key),
               "the text follows the key");

/* The key and the text as the bytes that a kind is found by. */
struct lookup {
	struct kind_key key;
	char call[TALLY_CALL_MAX];
};

static unsigned lookup_init(struct lookup *lookup, const struct notification *notification,
                            const struct text *call)
{
	const struct seccomp_data *seccomp = &notification->request.data;
	size_t len = call->len < sizeof(lookup->call) ? call->len : sizeof(lookup->call);
	const char *comm = notification->caller.comm;

	lookup->key = (struct kind_key){
		.arch = syscall_arch(seccomp->arch, seccomp->nr),
		.nr = seccomp->nr,
		.verdict = notification->verdict.kind,
		.falls_back = reason_fallback(&notification->verdict, seccomp) != NULL,
		.error = notification->verdict.error,
	};
	memcpy(lookup->key.comm, comm, strnlen(comm, sizeof(lookup->key.comm)));
	memcpy(lookup->call, call->bytes, len);
	return (unsigned)(sizeof(lookup->key) + len);
}

static struct kind *kind_new(struct tally *tally, const struct event *event,
                             const struct lookup *lookup, unsigned len)
{
	const struct notification *notification = event->notification;
	size_t call_len = len - sizeof(lookup->key);
	struct kind *kind;

	if (tally->n_kinds >= TALLY_KINDS_MAX)
		return NULL;
	kind = calloc(1, sizeof(*kind) + call_len + 1);
	if (!kind)
		return NULL;
	kind->id = event->sequence;
	kind->pid = notification->caller.pid ? notification->caller.pid
	                                     : (pid_t)notification->request.pid;
	kind->first = notification->request.data;
	kind->verdict = notification->verdict;
	kind->key = lookup->key;
	kind->call_len = call_len;
	memcpy(kind->call, lookup->call, call_len);
	HASH_ADD(hh, tally->kinds, key, len, kind);
	if (!kind->hh.tbl) {
		free(kind);
		return NULL;
	}
	tally->n_kinds++;
	return kind;
}

/* Whether the second has room to show one more new kind. */
static bool show_new(struct tally *tally, uint64_t now_ns)
{
	/* The clock may be set back: then a second begins. */
	if (now_ns < tally->second_ns || now_ns - tally->second_ns >= SECOND_NS) {
		tally->second_ns = now_ns;
		tally->news = 0;
	}
	if (tally->news < TALLY_NEW_A_SECOND) {
		tally->news++;
		return true;
	}
	tally->held++;
	return false;
}

static bool power_of_ten(uint64_t number)
{
	while (number >= 10 && number % 10 == 0)
		number /= 10;
	return number == 1;
}

/* Whether the line of a kind is due, now that it has one call more. */
static bool is_due(struct tally *tally, const struct kind *kind, struct syscall_count *entry,
                   uint64_t now_ns)
{
	if (!kind->key.falls_back)
		return kind->count == 1 ? show_new(tally, now_ns) : power_of_ten(kind->count);
	if (!entry || entry->shown)
		return false;
	entry->shown = true;
	return show_new(tally, now_ns);
}

bool tally_add(struct tally *tally, const struct event *event, const struct text *call,
               const struct kind **ret_kind)
{
	struct lookup lookup;
	unsigned len = lookup_init(&lookup, event->notification, call);
	struct syscall_count *entry = count(tally, &lookup.key, 1);
	struct kind *kind = NULL;
	bool show;

	HASH_FIND(hh, tally->kinds, &lookup, len, kind);
	if (!kind)
		kind = kind_new(tally, event, &lookup, len);
	*ret_kind = kind;
	if (!kind) {
		tally->more_kinds = true;
		return false;
	}
	kind->count++;
	show = is_due(tally, kind, entry, event->time_ns);
	if (show)
		kind->shown = kind->count;
	return show;
}

void tally_add_fold(struct tally *tally, const struct event *event)
{
	const struct seccomp_data call = {
		.arch = scmp_arch_audit(event->fold.arch),
		.nr = event->fold.nr,
	};
	struct kind_key key = {
		.arch = event->fold.arch,
		.nr = event->fold.nr,
		.verdict = event->fold.verdict.kind,
		.falls_back = reason_fallback(&event->fold.verdict, &call) != NULL,
	};

	(void)count(tally, &key, event->fold.count);
}

uint64_t tally_take_held(struct tally *tally)
{
	uint64_t held = tally->held;

	tally->held = 0;
	return held;
}

const struct kind *tally_take_behind(struct tally *tally)
{
	for (struct kind *kind = tally->kinds; kind; kind = kind->hh.next) {
		if (kind->shown == 0 || kind->shown == kind->count || kind->key.falls_back)
			continue;
		kind->shown = kind->count;
		return kind;
	}
	return NULL;
}
