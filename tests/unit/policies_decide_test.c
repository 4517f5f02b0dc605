/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/decide.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/profile_fixture.h"

#define RULE(name, action) "{'names':['" name "'],'action':'SCMP_ACT_" action "'}"
#define NUMBERED(name, action, number)                                                             \
	"{'names':['" name "'],'action':'SCMP_ACT_" action "','errnoRet':" #number "}"

static const char profile[] = "{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':12,'syscalls':["
	/* 0 */ RULE("read", "ALLOW") "," /* 1 */ RULE("write", "LOG") ","
	/* 2 */ NUMBERED("open", "ERRNO", 13) ","
	/* 3 */ NUMBERED("close", "ERRNO", 0) ","
	/* 4 */ RULE("stat", "NOTIFY") "," /* 5 */ NUMBERED("fstat", "TRACE", 7) ","
	/* 6 */ RULE("lstat", "TRAP") "," /* 7 */ RULE("poll", "KILL") ","
	/* 8 */ RULE("lseek", "KILL_PROCESS") "," /* 9 */ RULE("shmdt", "ALLOW") "]}";

static const struct {
	int nr;
	enum verdict_kind enforce;
	enum verdict_kind complain;
	uint16_t error;
	enum decided_by by;
	int rule;
} rows[] = {
	{ 0, VERDICT_ALLOW, VERDICT_ALLOW, 0, DECIDED_BY_RULE, 0 },
	{ 1, VERDICT_ALLOW, VERDICT_ALLOW, 0, DECIDED_BY_RULE, 1 },
	{ 2, VERDICT_DENY, VERDICT_WOULD, 13, DECIDED_BY_RULE, 2 },
	{ 3, VERDICT_DENY, VERDICT_WOULD, 0, DECIDED_BY_RULE, 3 },      /* skipped, returns 0 */
	{ 4, VERDICT_DENY, VERDICT_WOULD, EPERM, DECIDED_BY_RULE, 4 },  /* nobody to ask */
	{ 5, VERDICT_DENY, VERDICT_WOULD, ENOSYS, DECIDED_BY_RULE, 5 }, /* no tracer */
	{ 6, VERDICT_KILL, VERDICT_WOULD, EPERM, DECIDED_BY_RULE, 6 },
	{ 7, VERDICT_KILL, VERDICT_WOULD, EPERM, DECIDED_BY_RULE, 7 },
	{ 8, VERDICT_KILL, VERDICT_WOULD, EPERM, DECIDED_BY_RULE, 8 },
	{ 9, VERDICT_DENY, VERDICT_WOULD, 12, DECIDED_BY_DEFAULT, -1 },
	{ 67, VERDICT_ALLOW, VERDICT_ALLOW, 0, DECIDED_BY_RULE, 9 },
	{ 68, VERDICT_DENY, VERDICT_WOULD, ENOSYS, DECIDED_BY_NEWER, -1 },
	{ 0x40000000, VERDICT_KILL, VERDICT_WOULD, EPERM, DECIDED_BY_BAD_ARCH, -1 },
};

static void check(const struct fixture *fixture, size_t row, enum mode mode)
{
	const struct seccomp_data call = { .arch = AUDIT_ARCH_X86_64, .nr = rows[row].nr };
	enum verdict_kind kind = mode == MODE_ENFORCE ? rows[row].enforce : rows[row].complain;
	struct decision decision;
	struct verdict verdict;

	ruleset_evaluate(fixture->ruleset, &call, &decision);
	decide(&(struct decider){ .ruleset = fixture->ruleset, .mode = mode },
	       &(struct view){ .call = &call }, &verdict);
	if (verdict.kind != kind || verdict.error != rows[row].error ||
	    verdict.by != rows[row].by || verdict.rule != rows[row].rule ||
	    !action_equal(verdict.action, decision.action))
		fail_msg("nr %d mode %u: kind %u error %u by %u rule %d", call.nr, mode,
		         verdict.kind, verdict.error, verdict.by, verdict.rule);
}

static void test_verdicts(void **state)
{
	struct fixture fixture;

	(void)state;
	assert_int_equal(fixture_parse(&fixture, profile, fixture_host()), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		check(&fixture, i, MODE_ENFORCE);
		check(&fixture, i, MODE_COMPLAIN);
	}
	fixture_free(&fixture);
}

/* A verdict nobody made denies. */
static void test_zero_denies(void **state)
{
	const struct verdict verdict = { 0 };

	(void)state;
	assert_int_equal(verdict.kind, VERDICT_DENY);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(mode_name(MODE_ENFORCE), "enforce");
	assert_string_equal(mode_name(MODE_COMPLAIN), "complain");
	assert_string_equal(verdict_name(VERDICT_WOULD), "WOULD");
	assert_string_equal(verdict_json_name(VERDICT_WOULD), "would_deny");
	for (unsigned kind = 0; kind < VERDICT_KIND_COUNT; kind++) {
		assert_non_null(verdict_name(kind));
		assert_non_null(verdict_json_name(kind));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_zero_denies),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
