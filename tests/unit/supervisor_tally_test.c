/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/events/tally.h"

#include <linux/audit.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define SECOND UINT64_C(1000000000)

static struct notification notification;
static uint64_t sequence;

/* One call: by comm, of number nr, that shows as call. */
static bool add(struct tally *tally, const char *comm, int nr, const char *call, uint64_t time_ns)
{
	char bytes[TALLY_CALL_MAX + 1];
	struct text text = TEXT_OVER(bytes);
	struct event event = {
		.kind = EVENT_SYSCALL,
		.sequence = ++sequence,
		.time_ns = time_ns,
		.notification = &notification,
	};
	const struct kind *kind;

	notification.request.data = (struct seccomp_data){ .nr = nr, .arch = AUDIT_ARCH_X86_64 };
	snprintf(notification.caller.comm, sizeof(notification.caller.comm), "%s", comm);
	text_string(&text, call);
	return tally_add(tally, &event, &text, &kind);
}

static int setup(void **state)
{
	static struct tally tally;

	tally_init(&tally);
	memset(&notification, 0, sizeof(notification));
	notification.verdict = (struct verdict){ .kind = VERDICT_DENY, .error = EPERM };
	sequence = 0;
	*state = &tally;
	return 0;
}

static int teardown(void **state)
{
	tally_deinit(*state);
	return 0;
}

static void test_shows_the_first_and_the_powers_of_ten(void **state)
{
	struct tally *tally = *state;

	for (int i = 1; i <= 100000; i++) {
		bool shown = add(tally, "sh", 165, "mount()", (uint64_t)i);

		assert_int_equal(shown, i == 1 || i == 10 || i == 100 || i == 1000 || i == 10000 ||
		                                i == 100000);
	}
	assert_int_equal(tally->n_kinds, 1);
	assert_int_equal(tally->kinds->count, 100000);
	assert_int_equal(tally->kinds->id, 1);
	assert_int_equal(tally->totals[VERDICT_DENY], 100000);
	assert_int_equal(tally->n_syscalls, 1);
	assert_int_equal(tally->syscalls->count, 100000);
}

static const struct {
	const char *comm;
	int nr;
	const char *call;
	enum verdict_kind verdict;
	uint16_t error;
	uint64_t id; /* of the kind it belongs to */
} kind_rows[] = {
	{ "sh", 165, "mount(1)", VERDICT_DENY, EPERM, 1 },
	{ "sh", 165, "mount(2)", VERDICT_DENY, EPERM, 2 },
	{ "sh", 165, "mount(1)", VERDICT_DENY, EPERM, 1 },
	{ "bash", 165, "mount(1)", VERDICT_DENY, EPERM, 4 },
	{ "sh", 166, "mount(1)", VERDICT_DENY, EPERM, 5 },
	{ "sh", 165, "mount(1)", VERDICT_DENY, EACCES, 6 },
	{ "sh", 165, "mount(1)", VERDICT_WOULD, EPERM, 7 },
	{ "sh", 165, "mount(1", VERDICT_DENY, EPERM, 8 },
	{ "sh", 165, "", VERDICT_DENY, EPERM, 9 },
	{ "123456789012345", 165, "", VERDICT_DENY, EPERM, 10 },
	{ "sh", 165, "", VERDICT_DENY, EPERM, 9 },
};

static void test_tells_kinds_apart(void **state)
{
	struct tally *tally = *state;

	for (size_t i = 0; i < ARRAY_SIZE(kind_rows); i++) {
		struct kind *kind;

		notification.verdict.kind = kind_rows[i].verdict;
		notification.verdict.error = kind_rows[i].error;
		memset(notification.caller.comm, 'x',
		       CALLER_COMM_SIZE); /* what a shorter one left */
		assert_int_equal(
			add(tally, kind_rows[i].comm, kind_rows[i].nr, kind_rows[i].call, 1),
			kind_rows[i].id == i + 1);
		for (kind = tally->kinds; kind && kind->id != kind_rows[i].id; kind = kind->hh.next)
			;
		assert_non_null(kind);
		assert_string_equal(kind->call, kind_rows[i].call);
		assert_int_equal(kind->count, kind_rows[i].id == i + 1 ? 1 : 2);
	}
	assert_int_equal(tally->totals[VERDICT_DENY], 10);
	assert_int_equal(tally->totals[VERDICT_WOULD], 1);
}

static unsigned add_new_kinds(struct tally *tally, unsigned count, uint64_t time_ns)
{
	unsigned shown = 0;

	for (unsigned i = 0; i < count; i++) {
		char call[32];

		snprintf(call, sizeof(call), "call(%u)", (unsigned)sequence);
		shown += add(tally, "sh", 1, call, time_ns);
	}
	return shown;
}

static void test_holds_new_kinds_back_past_twenty_a_second(void **state)
{
	struct tally *tally = *state;

	assert_int_equal(add_new_kinds(tally, 25, 5 * SECOND), 20);
	assert_int_equal(add_new_kinds(tally, 5, 6 * SECOND - 1), 0);
	assert_int_equal(tally_take_held(tally), 10);
	assert_int_equal(tally_take_held(tally), 0);
	assert_int_equal(add_new_kinds(tally, 21, 6 * SECOND), 20);
	assert_int_equal(tally_take_held(tally), 1);
	assert_int_equal(add_new_kinds(tally, 1, 2 * SECOND), 1); /* the clock was set back */
	assert_int_equal(tally->n_kinds, 52);
	assert_int_equal(tally->totals[VERDICT_DENY], 52);
}

static void test_a_held_kind_shows_at_the_tenth_call(void **state)
{
	struct tally *tally = *state;

	add_new_kinds(tally, TALLY_NEW_A_SECOND, SECOND);
	for (int i = 1; i <= 10; i++)
		assert_int_equal(add(tally, "late", 2, "late()", SECOND), i == 10);
}

static void test_knows_which_shown_counts_are_behind(void **state)
{
	struct tally *tally = *state;
	const struct kind *kind;

	add(tally, "sh", 1, "once()", 1);
	for (int i = 0; i < 3; i++)
		add(tally, "sh", 1, "thrice()", 1);
	for (int i = 0; i < 10; i++)
		add(tally, "sh", 1, "ten()", 1);
	add_new_kinds(tally, TALLY_NEW_A_SECOND - 3, 1);
	for (int i = 0; i < 2; i++)
		add(tally, "sh", 1, "held()", 1);
	kind = tally_take_behind(tally);
	assert_non_null(kind);
	assert_string_equal(kind->call, "thrice()");
	assert_int_equal(kind->count, 3);
	assert_null(tally_take_behind(tally));
}

static void test_counts_stay_exact_past_every_bound(void **state)
{
	struct tally *tally = *state;
	uint64_t by_kind = 0, by_syscall = 0;

	for (int i = 0; i < 100000; i++) {
		char call[32];

		snprintf(call, sizeof(call), "call(%d)", i % 3000);
		add(tally, "sh", i % 2000, call, SECOND);
	}
	assert_int_equal(tally->totals[VERDICT_DENY], 100000);
	assert_int_equal(tally->n_kinds, TALLY_KINDS_MAX);
	assert_true(tally->more_kinds);
	assert_int_equal(tally->n_syscalls, TALLY_SYSCALLS_MAX);
	for (struct kind *kind = tally->kinds; kind; kind = kind->hh.next) {
		assert_in_range(kind->count, 16, 17); /* of 6000 calls each is one */
		by_kind += kind->count;
	}
	for (struct syscall_count *entry = tally->syscalls; entry; entry = entry->hh.next) {
		assert_int_equal(entry->count, 50);
		by_syscall += entry->count;
	}
	assert_int_equal(by_syscall, 50 * TALLY_SYSCALLS_MAX);
	assert_true(by_kind < 100000);
}

static void test_folds_count(void **state)
{
	struct tally *tally = *state;
	struct event fold = {
		.kind = EVENT_FOLD,
		.fold = { .arch = SCMP_ARCH_X86_64,
		          .nr = 165,
		          .verdict = { .kind = VERDICT_DENY, .error = EPERM },
		          .count = 7 },
	};

	add(tally, "sh", 165, "mount()", 1);
	tally_add_fold(tally, &fold);
	fold.fold.verdict.kind = VERDICT_WOULD;
	tally_add_fold(tally, &fold);
	assert_int_equal(tally->totals[VERDICT_DENY], 8);
	assert_int_equal(tally->totals[VERDICT_WOULD], 7);
	assert_int_equal(tally->n_kinds, 1);
	assert_int_equal(tally->n_syscalls, 2);
	assert_int_equal(tally->syscalls->count, 8);
}

/* Of what programs fall back from one line a syscall is enough, whatever the arguments. */
static void test_shows_a_fallback_once(void **state)
{
	struct tally *tally = *state;
	struct event fold = {
		.kind = EVENT_FOLD,
		.fold = { .arch = SCMP_ARCH_X86_64,
		          .nr = 435,
		          .verdict = { .kind = VERDICT_DENY, .error = ENOSYS },
		          .count = 7 },
	};

	notification.verdict.error = ENOSYS;
	tally_add_fold(tally, &fold);
	for (int i = 1; i <= 100; i++)
		assert_int_equal(add(tally, "node", 435, i % 2 ? "clone3(1)" : "clone3(2)", 1),
		                 i == 1);
	assert_true(add(tally, "node", 332, "statx()", 1));
	notification.verdict.error = EPERM; /* at which nobody falls back */
	assert_true(add(tally, "node", 435, "clone3(1)", 1));
	assert_int_equal(tally->totals[VERDICT_DENY], 109);
	assert_int_equal(tally->fallbacks[VERDICT_DENY], 108);
	assert_int_equal(tally->kinds->count, 50);
	assert_int_equal(tally->n_kinds, 4);
	assert_int_equal(tally->n_syscalls, 3);
	assert_null(tally_take_behind(tally));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_shows_the_first_and_the_powers_of_ten),
		TEST(test_tells_kinds_apart),
		TEST(test_holds_new_kinds_back_past_twenty_a_second),
		TEST(test_a_held_kind_shows_at_the_tenth_call),
		TEST(test_knows_which_shown_counts_are_behind),
		TEST(test_counts_stay_exact_past_every_bound),
		TEST(test_folds_count),
		TEST(test_shows_a_fallback_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
