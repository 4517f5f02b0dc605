/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/changes/suggestion.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "tests/support/observed_rows.h"

static const char *const states[] = {
	[SUGGESTION_OPEN] = "open",
	[SUGGESTION_ALLOWED] = "allowed",
	[SUGGESTION_FALLBACK] = "fallback",
	[SUGGESTION_HOPELESS] = "hopeless",
};

static void write_change(FILE *out, const struct change *change)
{
	if (change->kind == CHANGE_ERRNO)
		fprintf(out, " errno-%u", change->action.number);
	for (unsigned i = 0; i < change->n_args; i++) {
		const struct comparison *arg = &change->args[i];

		if (arg->op == COMPARE_MASKED_EQ && arg->value != UINT32_MAX)
			fprintf(out, " a%u&%#llx==%#llx", arg->index,
			        (unsigned long long)arg->value, (unsigned long long)arg->value_two);
		else
			fprintf(out, " a%u==%#llx", arg->index,
			        (unsigned long long)(arg->op == COMPARE_EQ ? arg->value
			                                                   : arg->value_two));
	}
	if (change->instead)
		fprintf(out, " instead-%zu", change->instead->index);
}

/* "unshare x3 open: a0==0x1, a0==0x2 high | * high; caps x3 rule 46" */
static void write_suggestion(FILE *out, const struct suggestion *suggestion)
{
	fprintf(out, "%s x%llu %s", suggestion->name,
	        (unsigned long long)(suggestion->count + suggestion->allowed_count),
	        states[suggestion->state]);
	for (size_t i = 0; i < suggestion->n_choices; i++) {
		const struct choice *choice = &suggestion->choices[i];

		fputs(i == 0 ? ":" : " |", out);
		for (size_t j = 0; j < choice->n_changes; j++) {
			fputs(j == 0 ? "" : ",", out);
			write_change(out, &choice->changes[j]);
		}
		if (choice->kind == CHANGE_ALLOW)
			fputs(" *", out);
		if (choice->kind != CHANGE_ERRNO)
			fprintf(out, " %s", severity_name(choice->severity));
	}
	if (suggestion->caps_rule)
		fprintf(out, "; caps %#llx x%llu", (unsigned long long)suggestion->caps,
		        (unsigned long long)suggestion->caps_count);
	fputc('\n', out);
}

static char *suggestions_text(const struct suggestions *suggestions)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	for (size_t i = 0; i < suggestions->n; i++)
		write_suggestion(out, &suggestions->list[i]);
	fclose(out);
	return text;
}

static void check(const char *profile, const struct observed_row *rows, size_t n, const char *text)
{
	struct observed observed[OBSERVED_ROWS_MAX];
	struct suggestions suggestions;
	struct fixture fixture;
	char *got;

	if (profile[0] == '{')
		assert_int_equal(fixture_parse(&fixture, profile, fixture_host()), 0);
	else
		assert_int_equal(fixture_load(&fixture, profile, fixture_host()), 0);
	observe_rows(rows, n, observed);
	assert_int_equal(suggestions_find(fixture.ruleset, observed, n, &suggestions), 0);
	got = suggestions_text(&suggestions);
	assert_string_equal(got, text);
	free(got);
	suggestions_deinit(&suggestions);
	fixture_free(&fixture);
}

#define CHECK(profile, rows, text) check(profile, rows, ARRAY_SIZE(rows), text)
#define DENY_ALL "{'defaultAction':'SCMP_ACT_ERRNO','syscalls':[]}"

/* ---- one call, one choice after the other */

static void test_from_narrow_to_wide(void **state)
{
	static const struct observed_row rows[] = {
		{ "unshare", { CLONE_NEWUSER }, .count = 3 },
		{ "getpid", { 7 }, .count = 1 },
		{ "keyctl", { 5, 0xfffffffd }, .count = 2 },
	};

	(void)state;
	CHECK(DENY_ALL, rows,
	      "unshare x3 open: a0==0x10000000 high | * high\n"
	      "getpid x1 open: * low\n"
	      "keyctl x2 open: errno-38 | a0==0x5 high | * high\n");
}

static void test_what_needs_no_mending(void **state)
{
	static const struct observed_row rows[] = {
		{ "clone3", { 0 }, .count = 12 },
		{ "read", { 0 }, .count = 4 },
	};

	(void)state;
	CHECK(PROFILE_FILE("moby-default.json"), rows,
	      "clone3 x12 fallback: instead-20 * high; caps 0x200000 x12\n"
	      "read x4 allowed\n");
}

static void test_a_capability_would_do(void **state)
{
	static const struct observed_row rows[] = {
		{ "mount", { 0x1000, 0x2000, 0x3000, 1 }, .count = 5 },
		{ "mount", { 0x1001, 0x2001, 0x3001, 1 }, .count = 2 },
	};

	(void)state;
	CHECK(PROFILE_FILE("moby-default.json"), rows,
	      "mount x7 open: a3==0x1 high | * high; caps 0x200000 x7\n");
}

static void test_calls_that_are_partly_allowed(void **state)
{
	static const struct observed_row rows[] = {
		{ "personality", { 0 }, .count = 4 },
		{ "personality", { 0x40000 }, .count = 2 },
	};

	(void)state;
	CHECK(PROFILE_FILE("moby-default.json"), rows,
	      "personality x6 open: a0==0x40000 medium | * medium\n");
}

/* ---- many calls, few rules */

static void test_up_to_four_kinds_are_told_apart(void **state)
{
	static const struct observed_row rows[] = {
		{ "socket", { AF_INET, SOCK_STREAM, 0 }, .count = 1 },
		{ "socket", { AF_INET, SOCK_STREAM, 0 }, .count = 2 },
		{ "socket", { AF_UNIX, SOCK_DGRAM, 0 }, .count = 1 },
	};

	(void)state;
	CHECK(DENY_ALL, rows,
	      "socket x4 open: a0==0x2 a1==0x1 a2==0, a0==0x1 a1==0x2 a2==0 low | * high\n");
}

static void test_flags_that_vary_forbid_what_was_never_seen(void **state)
{
	static const struct observed_row rows[] = {
		{ "mount", { 1, 2, 3, 0x01 }, .count = 1 },
		{ "mount", { 1, 2, 3, 0x02 }, .count = 1 },
		{ "mount", { 1, 2, 3, 0x04 }, .count = 1 },
		{ "mount", { 1, 2, 3, 0x08 }, .count = 1 },
		{ "mount", { 1, 2, 3, 0x11 }, .count = 1 },
	};

	(void)state;
	CHECK(DENY_ALL, rows, "mount x5 open: a3&0xffffffffffffffe0==0 high | * high\n");
}

static void test_what_varies_otherwise_is_not_looked_at(void **state)
{
	static const struct observed_row rows[] = {
		{ "socket", { 1, 1, 0 }, .count = 1 }, { "socket", { 2, 1, 0 }, .count = 1 },
		{ "socket", { 3, 1, 0 }, .count = 1 }, { "socket", { 4, 1, 0 }, .count = 1 },
		{ "socket", { 5, 1, 0 }, .count = 1 },
	};

	(void)state;
	CHECK(DENY_ALL, rows, "socket x5 open: a1==0x1 a2==0 low | * high\n");
}

static void test_folded_calls_have_no_arguments(void **state)
{
	static const struct observed_row alone[] = {
		{ "unshare", { 0 }, .count = 900, .folded = true },
	};
	static const struct observed_row beside[] = {
		{ "unshare", { CLONE_NEWUSER }, .count = 1 },
		{ "unshare", { 0 }, .count = 900, .folded = true },
	};

	(void)state;
	CHECK(DENY_ALL, alone, "unshare x900 open: * high\n");
	CHECK(DENY_ALL, beside, "unshare x901 open: a0==0x10000000 high | * high\n");
}

static void test_abis_of_one_name_are_one(void **state)
{
	static const struct observed_row rows[] = {
		{ "unshare", { CLONE_NEWNS }, .count = 1 },
		{ "unshare", { CLONE_NEWNS }, .count = 2, .i386 = true },
	};

	(void)state;
	CHECK("{'defaultAction':'SCMP_ACT_ERRNO','architectures':['SCMP_ARCH_X86_64',"
	      "'SCMP_ARCH_X86'],'syscalls':[]}",
	      rows, "unshare x3 open: a0==0x20000 high | * high\n");
}

/* ---- rules that are in the way */

static void test_a_rule_that_denies_gives_way(void **state)
{
	static const struct observed_row rows[] = { { "unshare", { CLONE_NEWNS }, .count = 1 } };

	(void)state;
	CHECK("{'defaultAction':'SCMP_ACT_ERRNO','syscalls':[{'names':['getpid','unshare'],"
	      "'action':'SCMP_ACT_KILL_PROCESS'}]}",
	      rows, "unshare x1 open: a0==0x20000 instead-0 high | instead-0 * high\n");
}

static void test_no_rule_can_mend(void **state)
{
	static const struct observed_row rows[] = {
		{ "unshare", { 0 }, .count = 1, .i386 = true }, /* an ABI the profile lacks */
		{ "9999", { 0 }, .count = 1 },
	};

	(void)state;
	CHECK(DENY_ALL, rows, "unshare x1 hopeless\nsyscall_9999 x1 hopeless\n");
}

/* ---- another errno */

static const struct {
	const char *profile;
	struct observed_row row;
	const char *wanted; /* the change, or "" */
} errnos[] = {
	{ DENY_ALL, { "socket", { AF_UNIX }, .count = 1 }, " errno-97" },
	/* what is allowed stays so: conditions are needed */
	{ "{'defaultAction':'SCMP_ACT_ERRNO','syscalls':[{'names':['socket'],"
	  "'action':'SCMP_ACT_ALLOW','args':[{'index':0,'value':2,'op':'SCMP_CMP_EQ'}]}]}",
	  { "socket", { AF_UNIX }, .count = 1 },
	  " errno-97 a0==0x1" },
	{ DENY_ALL, { "unshare", { 0 }, .i386 = true }, "" },
};

static void test_deny_with_another_errno(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(errnos); i++) {
		struct suggestions suggestions;
		struct observed observed;
		struct fixture fixture;
		struct choice choice;
		char *text = NULL;
		size_t len;
		FILE *out = open_memstream(&text, &len);

		assert_int_equal(fixture_parse(&fixture, errnos[i].profile, fixture_host()), 0);
		observe_rows(&errnos[i].row, 1, &observed);
		assert_int_equal(suggestions_find(fixture.ruleset, &observed, 1, &suggestions), 0);
		assert_int_equal(suggestion_errno(fixture.ruleset, &suggestions.list[0],
		                                  EAFNOSUPPORT, &choice),
		                 0);
		for (size_t j = 0; j < choice.n_changes; j++)
			write_change(out, &choice.changes[j]);
		fclose(out);
		assert_string_equal(text, errnos[i].wanted);
		free(text);
		choice_deinit(&choice);
		suggestions_deinit(&suggestions);
		fixture_free(&fixture);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_from_narrow_to_wide),
		cmocka_unit_test(test_what_needs_no_mending),
		cmocka_unit_test(test_a_capability_would_do),
		cmocka_unit_test(test_calls_that_are_partly_allowed),
		cmocka_unit_test(test_up_to_four_kinds_are_told_apart),
		cmocka_unit_test(test_flags_that_vary_forbid_what_was_never_seen),
		cmocka_unit_test(test_what_varies_otherwise_is_not_looked_at),
		cmocka_unit_test(test_folded_calls_have_no_arguments),
		cmocka_unit_test(test_abis_of_one_name_are_one),
		cmocka_unit_test(test_a_rule_that_denies_gives_way),
		cmocka_unit_test(test_no_rule_can_mend),
		cmocka_unit_test(test_deny_with_another_errno),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
