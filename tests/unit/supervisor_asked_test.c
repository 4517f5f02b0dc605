/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "supervisor/asking/asked.h"
#include "tests/support/notification.h"

enum { ASK_SECONDS = 30 };

struct fixture {
	struct test_session test;
	struct asking asking;
	uint64_t ids;
};

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	test_session_open(&fixture->test, "my.json", test_profile, MODE_ASK);
	atomic_store(&fixture->asking.somebody, true);
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	test_session_close(&fixture->test);
	free(fixture);
	return 0;
}

/* keyctl(first, ...) by a process, as the worker has it decided. */
static void keyctl(struct fixture *fixture, uint64_t first, pid_t pid,
                   struct notification *ret_notification)
{
	const uint64_t args[6] = { 0, first, 0 };

	test_call(ret_notification, &fixture->test, "keyctl", args);
	ret_notification->request.id = ++fixture->ids;
	ret_notification->caller.pid = pid;
	ret_notification->verdict.ask_seconds = ASK_SECONDS;
	notification_set_state(ret_notification, NOTIFICATION_NEW);
	notification_set_state(ret_notification, NOTIFICATION_DECIDED);
}

static void park(struct fixture *fixture, uint64_t first, pid_t pid, uint64_t now_ms)
{
	struct notification notification;

	keyctl(fixture, first, pid, &notification);
	assert_int_equal(asked_park(&fixture->asking, &notification, now_ms), ASKED_PARKED);
	assert_int_equal(notification_state(&notification), NOTIFICATION_FREE);
}

/* A call that is not to wait: what becomes of it. */
static enum verdict_kind at_once(struct fixture *fixture, uint64_t first, pid_t pid,
                                 enum asked_by by)
{
	struct notification notification;

	keyctl(fixture, first, pid, &notification);
	assert_int_equal(asked_park(&fixture->asking, &notification, 0), 0);
	assert_int_equal(notification.verdict.asked_by, by);
	return notification.verdict.kind;
}

/* The next settled slot, which must be this; given back as answered. */
static void expect_settled(struct fixture *fixture, uint64_t now_ms, enum verdict_kind kind,
                           enum asked_by by)
{
	struct asked *slot = asked_settled(&fixture->asking, now_ms);

	assert_non_null(slot);
	assert_int_equal(notification_state(&slot->notification), NOTIFICATION_DECIDED);
	assert_int_equal(slot->notification.verdict.kind, kind);
	assert_int_equal(slot->notification.verdict.asked_by, by);
	notification_set_state(&slot->notification, NOTIFICATION_ANSWERED);
	notification_release(&slot->notification);
}

static void answer(struct fixture *fixture, enum ask_scope scope, enum ask_answer said)
{
	struct asked question;

	assert_true(asked_oldest(&fixture->asking, &question));
	assert_int_equal(asked_answer(&fixture->asking, &question, scope, said), 0);
}

static void test_once_is_for_equal_calls_of_the_process(void **state)
{
	struct fixture *fixture = *state;
	struct asked question;

	park(fixture, 1, getpid(), 0);
	park(fixture, 1, getpid(), 0);
	park(fixture, 2, getpid(), 0);
	park(fixture, 1, getppid(), 0);
	assert_true(asked_oldest(&fixture->asking, &question));
	assert_int_equal(question.notification.request.id, 1);
	assert_int_equal(asked_count(&fixture->asking, &question), 2);
	answer(fixture, ASK_ONCE, ASK_ALLOW);
	assert_int_equal(asked_count(&fixture->asking, &question), 0);
	expect_settled(fixture, 0, VERDICT_ALLOW, ASKED_USER);
	expect_settled(fixture, 0, VERDICT_ALLOW, ASKED_USER);
	assert_null(asked_settled(&fixture->asking, 0));
	answer(fixture, ASK_ONCE, ASK_DENY);
	expect_settled(fixture, 0, VERDICT_DENY, ASKED_USER);
	park(fixture, 1, getpid(), 0); /* once is not remembered */
}

static void test_remembered(void **state)
{
	struct fixture *fixture = *state;

	park(fixture, 1, getpid(), 0);
	answer(fixture, ASK_PROCESS, ASK_ALLOW);
	park(fixture, 2, getpid(), 0);
	answer(fixture, ASK_RUN, ASK_DENY);
	assert_int_equal(at_once(fixture, 1, getpid(), ASKED_REMEMBERED), VERDICT_ALLOW);
	assert_int_equal(at_once(fixture, 2, getpid(), ASKED_REMEMBERED), VERDICT_DENY);
	assert_int_equal(at_once(fixture, 2, getppid(), ASKED_REMEMBERED), VERDICT_DENY);
	park(fixture, 1, getppid(), 0);
}

/* A call that was on its way into the table when the answer to it was given. */
static void test_remembered_by_the_prompter(void **state)
{
	struct fixture *fixture = *state;
	struct asked question;

	park(fixture, 1, getpid(), 0);
	assert_true(asked_oldest(&fixture->asking, &question));
	answer(fixture, ASK_RUN, ASK_ALLOW);
	expect_settled(fixture, 0, VERDICT_ALLOW, ASKED_USER);
	atomic_store(&fixture->asking.n_answers, 0);
	park(fixture, 1, getppid(), 0);
	atomic_store(&fixture->asking.n_answers, 1);
	assert_false(asked_oldest(&fixture->asking, &question));
	expect_settled(fixture, 0, VERDICT_ALLOW, ASKED_REMEMBERED);
}

static void test_deadlines(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(asked_patience(&fixture->asking, 0), -1);
	park(fixture, 1, getpid(), 1000);
	park(fixture, 2, getpid(), 5000);
	assert_int_equal(asked_patience(&fixture->asking, 6000), 25000);
	assert_null(asked_settled(&fixture->asking, 30999));
	assert_int_equal(asked_patience(&fixture->asking, 31000), 0);
	expect_settled(fixture, 31000, VERDICT_DENY, ASKED_TIMEOUT);
	assert_null(asked_settled(&fixture->asking, 31000));
	assert_int_equal(asked_patience(&fixture->asking, 31000), 4000);
}

/* The answer comes while the slot has another question already. */
static void test_answer_to_another_question(void **state)
{
	struct fixture *fixture = *state;
	struct asked late;

	park(fixture, 1, getpid(), 0);
	assert_true(asked_oldest(&fixture->asking, &late));
	expect_settled(fixture, ASK_SECONDS * 1000, VERDICT_DENY, ASKED_TIMEOUT);
	park(fixture, 2, getpid(), ASK_SECONDS * 1000);
	assert_int_equal(asked_answer(&fixture->asking, &late, ASK_ONCE, ASK_ALLOW), 0);
	assert_null(asked_settled(&fixture->asking, ASK_SECONDS * 1000));
}

static void test_nobody(void **state)
{
	struct fixture *fixture = *state;

	park(fixture, 1, getpid(), 0);
	atomic_store(&fixture->asking.somebody, false);
	assert_int_equal(at_once(fixture, 2, getpid(), ASKED_NOBODY), VERDICT_DENY);
	expect_settled(fixture, 0, VERDICT_DENY, ASKED_NOBODY);
}

static void test_full(void **state)
{
	struct fixture *fixture = *state;

	for (uint64_t i = 0; i < ASKED_MAX; i++)
		park(fixture, i, getpid(), 0);
	assert_int_equal(at_once(fixture, 1, getpid(), ASKED_NOBODY), VERDICT_DENY);
	answer(fixture, ASK_ONCE, ASK_ALLOW);
	expect_settled(fixture, 0, VERDICT_ALLOW, ASKED_USER);
	park(fixture, 1, getpid(), 0);
}

static void test_answers_are_bounded(void **state)
{
	struct fixture *fixture = *state;
	struct asked question;

	for (uint64_t i = 0; i < ASKED_ANSWERS_MAX; i++) {
		park(fixture, i, getpid(), 0);
		answer(fixture, ASK_RUN, ASK_ALLOW);
		expect_settled(fixture, 0, VERDICT_ALLOW, ASKED_USER);
	}
	park(fixture, ASKED_ANSWERS_MAX, getpid(), 0);
	assert_true(asked_oldest(&fixture->asking, &question));
	assert_int_equal(asked_answer(&fixture->asking, &question, ASK_RUN, ASK_ALLOW), -ENOSPC);
	expect_settled(fixture, 0, VERDICT_ALLOW, ASKED_USER);
}

/* ---- what is equal */

static void key_of(struct fixture *fixture, const char *syscall, const uint64_t args[6],
                   struct asked_key *ret_key)
{
	struct notification notification;

	test_call(&notification, &fixture->test, syscall, args);
	asked_key_of(&notification, ret_key);
}

static void test_keys(void **state)
{
	static const struct {
		const char *syscall;
		uint64_t left[6], right[6];
		bool equal;
	} rows[] = {
		{ "keyctl", { 0, 1 }, { 0, 1 }, true },
		{ "keyctl", { 0, 1 }, { 0, 2 }, false },
		/* registers that the call has no argument for */
		{ "umask", { 18, 1 }, { 18, 2 }, true },
		/* as the kernel takes it: 32 bits */
		{ "umask", { 18 }, { (UINT64_C(1) << 32) + 18 }, true },
		/* a path that was not read */
		{ "swapon", { 4096, 0 }, { 4096, 0 }, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct asked_key left, right;

		key_of(*state, rows[i].syscall, rows[i].left, &left);
		key_of(*state, rows[i].syscall, rows[i].right, &right);
		assert_int_equal(asked_key_equal(&left, &right), rows[i].equal);
	}
}

static void test_keys_of_memory(void **state)
{
	static const uint64_t here[6] = { 4096 }, there[6] = { 8192 };
	struct fixture *fixture = *state;
	struct notification left, right;
	struct asked_key left_key, right_key;

	test_call(&left, &fixture->test, "swapon", here);
	test_memory(&left, 0, "/a", 3);
	test_call(&right, &fixture->test, "swapon", there);
	test_memory(&right, 0, "/a", 3);
	asked_key_of(&left, &left_key);
	asked_key_of(&right, &right_key);
	assert_true(asked_key_equal(&left_key, &right_key));
	assert_true(asked_is_same(&left, &right));
	right.bytes[1] = 'b';
	asked_key_of(&right, &right_key);
	assert_false(asked_key_equal(&left_key, &right_key));
	assert_false(asked_is_same(&left, &right));
	left.captures[0].status = CAPTURE_CUT;
	asked_key_of(&left, &left_key);
	assert_false(asked_key_equal(&left_key, &left_key));
}

/* A path from a directory, a descriptor, a process: by the next call they may be others. */
static void test_what_may_shift(void **state)
{
	static const struct {
		const char *syscall;
		uint64_t args[6];
		const char *path; /* behind the second argument; NULL: the call has none */
		bool shifts;
	} rows[] = {
		{ "openat", { (uint32_t)AT_FDCWD, 4096 }, "/a", false },
		{ "openat", { (uint32_t)AT_FDCWD, 4096 }, "a", true },
		{ "openat", { 3, 4096 }, "a", true },
		{ "fchdir", { 3 }, NULL, true },
		{ "getpgid", { 4242 }, NULL, true },
		{ "keyctl", { 0, 1 }, NULL, false },
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct notification call;
		struct asked_key key;

		test_call(&call, &fixture->test, rows[i].syscall, rows[i].args);
		if (rows[i].path)
			test_memory(&call, 1, rows[i].path, strlen(rows[i].path) + 1);
		asked_key_of(&call, &key);
		assert_int_equal(key.shifts, rows[i].shifts);
	}
}

/* Then an allow is for once, and a denial may be remembered. */
static void test_shifting_is_not_allowed_again(void **state)
{
	static const uint64_t args[6] = { 3 };
	struct fixture *fixture = *state;
	struct notification call;
	struct asked question;

	test_call(&call, &fixture->test, "fchdir", args);
	call.request.id = ++fixture->ids;
	call.caller.pid = getpid();
	call.verdict.ask_seconds = ASK_SECONDS;
	notification_set_state(&call, NOTIFICATION_NEW);
	notification_set_state(&call, NOTIFICATION_DECIDED);
	assert_int_equal(asked_park(&fixture->asking, &call, 0), ASKED_PARKED);
	assert_true(asked_oldest(&fixture->asking, &question));
	assert_int_equal(asked_answer(&fixture->asking, &question, ASK_RUN, ASK_ALLOW), -ENOSPC);
	assert_int_equal(atomic_load(&fixture->asking.n_answers), 0);
	assert_int_equal(asked_answer(&fixture->asking, &question, ASK_RUN, ASK_DENY), 0);
	assert_int_equal(atomic_load(&fixture->asking.n_answers), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_once_is_for_equal_calls_of_the_process, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(test_remembered, setup, teardown),
		cmocka_unit_test_setup_teardown(test_remembered_by_the_prompter, setup, teardown),
		cmocka_unit_test_setup_teardown(test_deadlines, setup, teardown),
		cmocka_unit_test_setup_teardown(test_answer_to_another_question, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nobody, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full, setup, teardown),
		cmocka_unit_test_setup_teardown(test_answers_are_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(test_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(test_keys_of_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_may_shift, setup, teardown),
		cmocka_unit_test_setup_teardown(test_shifting_is_not_allowed_again, setup,
		                                teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
