/* SPDX-License-Identifier: Apache-2.0 */
#define HASH_NONFATAL_OOM 1    /* an entry that finds no memory is not in the table */
#define HASH_FUNCTION HASH_FNV /* clang takes the default one for a switch that falls through */
#include "supervisor/reports/denials.h"

#include <string.h>
#include <uthash.h>

#include "profiles/syscalls.h"

enum { COMM_SIZE = 32 };

/* What makes denials alike; compared as bytes, so that it has no padding and no pointers. */
struct denial_key {
	uint64_t args[6];
	uint32_t arch; /* AUDIT_ARCH_* */
	int32_t nr;
	uint32_t profile; /* index */
	uint8_t has_args, enforced, unused[2];
	char comm[COMM_SIZE]; /* zeroes after its end */
};

struct denial {
	struct denial_key key;
	uint64_t count;
	char *id;                       /* of the first event */
	char *text;                     /* as it showed */
	struct json_document *document; /* owned; NULL unless it has a stack */
	UT_hash_handle hh;
};

static void denial_free(struct denial *denial)
{
	json_free(denial->document);
	free(denial->text);
	free(denial->id);
	free(denial);
}

void denials_deinit(struct denials *denials)
{
	struct denial *denial, *next;

	HASH_ITER (hh, denials->entries, denial, next) {
		HASH_DEL(denials->entries, denial);
		denial_free(denial);
	}
	for (size_t i = 0; i < denials->n_profiles; i++)
		free(denials->profiles[i].name);
	*denials = (struct denials){ 0 };
}

/* ---- from events to entries */

static bool is_denial(const struct event_record *record)
{
	return record->verdict == VERDICT_DENY || record->verdict == VERDICT_WOULD ||
	       record->verdict == VERDICT_KILL;
}

/* -ENOSPC where there are too many. */
static int find_profile(struct denials *denials, const char *name, uint32_t *ret_index)
{
	char *copy;

	for (size_t i = 0; i < denials->n_profiles; i++)
		if (strcmp(denials->profiles[i].name, name) == 0) {
			*ret_index = (uint32_t)i;
			return 0;
		}
	if (denials->n_profiles == DENIAL_PROFILES_MAX)
		return -ENOSPC;
	copy = strdup(name);
	if (!copy)
		return -ENOMEM;
	*ret_index = (uint32_t)denials->n_profiles;
	denials->profiles[denials->n_profiles++].name = copy;
	return 0;
}

/* Whether the line has every argument that the syscall takes. */
static bool has_all_arguments(const struct event_record *record)
{
	char buf[SYSCALL_NAME_MAX];
	const struct signature *signature = signature_find(
		record->arch, syscall_name(record->arch, record->call.nr, buf, sizeof(buf)));

	return record->kind == EVENT_RECORD_SYSCALL &&
	       record->n_args >= (signature ? signature_length(signature) : 6);
}

static struct denial_key key_of(const struct event_record *record, uint32_t profile)
{
	struct denial_key key = {
		.arch = record->call.arch,
		.nr = record->call.nr,
		.profile = profile,
		.has_args = has_all_arguments(record),
		.enforced = record->verdict != VERDICT_WOULD,
	};

	if (key.has_args)
		for (size_t i = 0; i < ARRAY_SIZE(key.args); i++)
			key.args[i] = record->call.args[i];
	if (record->comm)
		memcpy(key.comm, record->comm, strnlen(record->comm, COMM_SIZE - 1));
	return key;
}

/* Keeps of an event what is shown of the first of its like. */
static int keep(struct denial *denial, struct event_record *record)
{
	denial->id = strdup(record->id ? record->id : "");
	denial->text = strdup(record->text ? record->text : "");
	if (!denial->id || !denial->text)
		return -ENOMEM;
	if (cJSON_IsArray(json_member(record->json, "stack")))
		denial->document = TAKE_PTR(record->document);
	return 0;
}

static int add_new(struct denials *denials, const struct denial_key *key,
                   struct event_record *record, struct denial **ret_denial)
{
	struct denial *denial = calloc(1, sizeof(*denial));
	int r;

	if (!denial)
		return -ENOMEM;
	denial->key = *key;
	r = keep(denial, record);
	if (r < 0) {
		denial_free(denial);
		return r;
	}
	HASH_ADD(hh, denials->entries, key, sizeof(denial->key), denial);
	if (!denial->hh.tbl) {
		denial_free(denial);
		return -ENOMEM;
	}
	denials->n++;
	*ret_denial = denial;
	return 0;
}

static uint64_t sum(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static int add(struct denials *denials, struct event_record *record)
{
	uint64_t count = record->count;
	struct denial *denial = NULL;
	struct denial_key key;
	uint32_t profile;
	int r = find_profile(denials, record->profile_name ? record->profile_name : "", &profile);

	denials->calls = sum(denials->calls, count);
	if (r == 0) {
		key = key_of(record, profile);
		HASH_FIND(hh, denials->entries, &key, sizeof(key), denial);
		if (!denial && denials->n == DENIALS_MAX)
			r = -ENOSPC;
		else if (!denial)
			r = add_new(denials, &key, record, &denial);
	}
	if (r == -ENOSPC) {
		denials->left_out = sum(denials->left_out, count);
		return 0;
	}
	if (r < 0)
		return r;
	assert(denial);
	denial->count = sum(denial->count, count);
	denials->profiles[profile].calls = sum(denials->profiles[profile].calls, count);
	return 0;
}

/* ---- the counts of a run of which only the first calls are there */

static struct denial *find_by_id(const struct denials *denials, const char *id)
{
	for (struct denial *denial = denials->entries; id && denial; denial = denial->hh.next)
		if (strcmp(denial->id, id) == 0)
			return denial;
	return NULL;
}

static void count_kind(struct denials *denials, const struct event_record *record,
                       const cJSON *kind)
{
	struct denial *denial =
		find_by_id(denials, cJSON_GetStringValue(json_member(kind, "event.id")));
	const cJSON *repeat = json_member(kind, "seccomp.repeat");
	uint64_t count;

	if (!denial || !repeat || json_uint(record->document, repeat, UINT64_MAX, &count) < 0 ||
	    count <= 1)
		return;
	denial->count = sum(denial->count, count - 1);
	denials->profiles[denial->key.profile].calls =
		sum(denials->profiles[denial->key.profile].calls, count - 1);
	denials->calls = sum(denials->calls, count - 1);
}

static void read_summary(struct denials *denials, const struct event_record *record)
{
	const cJSON *kind;

	cJSON_ArrayForEach (kind, json_member(record->json, "summary.list")) {
		count_kind(denials, record, kind);
	}
	denials->incomplete |= cJSON_IsFalse(json_member(record->json, "summary.list.complete"));
}

/* ---- files */

static int read_record(struct denials *denials, struct event_record *record, bool first_only)
{
	if (record->kind == EVENT_RECORD_OTHER) {
		if (first_only && strcmp(record->event_name, "summary") == 0)
			read_summary(denials, record);
		return 0;
	}
	if (record->verdict < 0 ||
	    (is_denial(record) && (record->arch == 0 || record->call.nr < 0)))
		denials->unreadable++;
	else if (is_denial(record) && record->by_policy)
		denials->by_policy = sum(denials->by_policy, record->count);
	else if (is_denial(record))
		return add(denials, record);
	return 0;
}

int denials_read(const char *path, bool first_only, struct denials *denials)
{
	_cleanup_(event_reader_freep) struct event_reader *reader = NULL;
	int r = event_reader_open(path, &reader);

	while (r == 0) {
		struct event_record record;

		r = event_reader_next(reader, &record);
		if (r != 0)
			break;
		r = read_record(denials, &record, first_only);
		event_record_deinit(&record);
	}
	if (r < 0)
		return r;
	denials->skips = *event_reader_skips(reader);
	return 0;
}

/* ---- asking */

const struct denial_profile *denials_main_profile(const struct denials *denials)
{
	const struct denial_profile *most = NULL;

	for (size_t i = 0; i < denials->n_profiles; i++)
		if (denials->profiles[i].name[0] &&
		    (!most || denials->profiles[i].calls > most->calls))
			most = &denials->profiles[i];
	return most;
}

static struct observed observed_of(const struct denial *denial)
{
	struct observed observed = {
		.call = { .nr = denial->key.nr, .arch = denial->key.arch },
		.has_args = denial->key.has_args,
		.enforced = denial->key.enforced,
		.count = denial->count,
		.comm = denial->key.comm,
		.text = denial->text,
		.event = denial->document ? json_root(denial->document) : NULL,
	};

	for (size_t i = 0; i < ARRAY_SIZE(denial->key.args); i++)
		observed.call.args[i] = denial->key.args[i];
	return observed;
}

/* An event that names no profile, as of folded calls, is taken for any profile's. */
static bool is_of(const struct denials *denials, const struct denial *denial, const char *profile)
{
	const char *name = denials->profiles[denial->key.profile].name;

	return !profile || !name[0] || strcmp(name, profile) == 0;
}

int denials_of(const struct denials *denials, const char *profile, struct observed **ret_observed,
               size_t *ret_n)
{
	struct observed *list = calloc(denials->n + 1, sizeof(*list));
	size_t n = 0;

	if (!list)
		return -ENOMEM;
	for (const struct denial *denial = denials->entries; denial; denial = denial->hh.next)
		if (is_of(denials, denial, profile))
			list[n++] = observed_of(denial);
	*ret_observed = list;
	*ret_n = n;
	return 0;
}
