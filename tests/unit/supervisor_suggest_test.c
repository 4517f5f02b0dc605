/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/reports/suggest.h"

#include <fnmatch.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "policies/policy.h"
#include "tests/support/observed_rows.h"

#define NEWER "{'names':['cachestat'],'action':'SCMP_ACT_ALLOW'}"
#define DENY_ALL "{'defaultAction':'SCMP_ACT_ERRNO','syscalls':[" NEWER "]}"

/* ---- what is picked, and the words for it */

static const char *include_unshare[] = { "unshare" };
static const char *include_keyctl[] = { "keyctl" };

struct pick_row {
	const char *profile; /* a file, or text */
	struct observed_row calls[3];
	struct suggest_wishes wishes;
	/* And the replay on the profile as it is: fnmatch(3), for other tables have words too. */
	const char *report;
};

static const struct pick_row picks[] = {
	{ DENY_ALL,
	  { { "getpid", { 0 }, .count = 37, .comm = "ls" },
	    { "getpid", { 0 }, .count = 1, .comm = "a\x1b[1mb" } },
	  { 0 },
	  "callgate: allow: getpid ×38 (ls, a\\x1b?1mb): severity low\n"
	  "replay: 0 calls allowed, 38 still denied\n" },
	{ DENY_ALL,
	  { { "socket", { AF_UNIX, SOCK_STREAM, 0 }, .count = 1 } },
	  { 0 },
	  "callgate: allow: socket where domain == AF_UNIX and type == SOCK_STREAM and protocol == "
	  "0 ×1: severity low\n"
	  "replay: 0 calls allowed, 1 still denied\n" },
	{ DENY_ALL,
	  { { "unshare", { CLONE_NEWNS }, .count = 1 },
	    { "unshare", { CLONE_NEWNET }, .count = 1 } },
	  { 0 },
	  "callgate: not included: unshare where flags == CLONE_NEWNS, or flags == CLONE_NEWNET "
	  "×2: severity high (*); --include unshare allows it\n"
	  "replay: 0 calls allowed, 2 still denied\n" },
	{ DENY_ALL,
	  { { "unshare", { CLONE_NEWNS }, .count = 1 } },
	  { .include = include_unshare, .n_include = 1, .wide = true },
	  "callgate: allow: unshare ×1: severity high (*)\n"
	  "replay: 0 calls allowed, 1 still denied\n" },
	{ DENY_ALL,
	  { { "unshare", { CLONE_NEWNS }, .count = 1 } },
	  { .error = ENOSYS },
	  "callgate: deny with ENOSYS: unshare ×1: opens nothing\n"
	  "replay: 0 calls allowed, 1 still denied\n" },
	{ DENY_ALL,
	  { { "unshare", { 0 }, .count = 1, .i386 = true } },
	  { 0 },
	  "callgate: no rule can mend: unshare ×1\n"
	  "replay: 0 calls allowed, 1 still denied\n" },
	{ DENY_ALL,
	  { { "cachestat", { 0 }, .count = 2 }, { "462", { 0 }, .count = 3 } },
	  { 0 },
	  "callgate: nothing to mend: cachestat ×2: the profile allows this already\n"
	  "callgate: nothing to mend: mseal ×3: denied with ENOSYS, and *\n"
	  "replay: 2 calls allowed, 3 with nothing to mend, 0 still denied\n" },
	/* of one syscall, but not of one kind */
	{ DENY_ALL,
	  { { "ioctl", { 0, 0x5413 }, .count = 1 }, { "ioctl", { 0, 0x5412 }, .count = 2 } },
	  { 0 },
	  "callgate: allow: ioctl where request == TIOCGWINSZ ×1: severity low\n"
	  "callgate: not included: ioctl where request == TIOCSTI ×2: severity high (*); --include "
	  "ioctl allows it\n"
	  "replay: 0 calls allowed, 3 still denied\n" },
	{ DENY_ALL,
	  { { "keyctl", { 0 }, .count = 1 } },
	  { 0 },
	  "callgate: deny with ENOSYS: keyctl ×1: opens nothing; *\n"
	  "replay: 0 calls allowed, 1 still denied\n" },
	/* Of what is used together, where one is allowed the others are not denied otherwise. */
	{ "{'defaultAction':'SCMP_ACT_ERRNO','syscalls':[{'names':['mbind'],"
	  "'action':'SCMP_ACT_ALLOW'}]}",
	  { { "get_mempolicy", { 0 }, .count = 1 } },
	  { 0 },
	  "callgate: allow: get_mempolicy where flags == 0 ×1: severity medium (*)\n"
	  "replay: 0 calls allowed, 1 still denied\n" },
	{ DENY_ALL,
	  { { "keyctl", { 0 }, .count = 1 }, { "add_key", { 0 }, .count = 1 } },
	  { .include = include_keyctl, .n_include = 1 },
	  "callgate: allow: keyctl where operation == KEYCTL_GET_KEYRING_ID ×1: severity high (*)\n"
	  "callgate: not included: add_key ×1: severity high (*); --include add_key allows it\n"
	  "replay: 0 calls allowed, 2 still denied\n" },
	{ "{'defaultAction':'SCMP_ACT_ERRNO','syscalls':[{'names':['io_uring_setup'],"
	  "'action':'SCMP_ACT_ALLOW'}]}",
	  { { "io_uring_enter", { 0 }, .count = 1 } },
	  { 0 },
	  "callgate: not included: io_uring_enter*; --include io_uring_enter allows it\n"
	  "replay: 0 calls allowed, 1 still denied\n" },
	{ PROFILE_FILE("moby-default.json"),
	  { { "mount", { 0 }, .count = 3 } },
	  { 0 },
	  "callgate: not included: mount where mountflags == 0 ×3: severity high (*); --include "
	  "mount allows it\n"
	  "callgate:   3 of these calls are allowed by the rule in line 633 of test if the "
	  "container has CAP_SYS_ADMIN (--cap-add SYS_ADMIN)\n"
	  "replay: 0 calls allowed, 3 still denied\n" },
};

static void check_pick(const struct pick_row *row)
{
	struct observed observed[OBSERVED_ROWS_MAX];
	char replayed[512];
	struct text replay_text = TEXT_OVER(replayed);
	struct suggestions suggestions;
	struct suggest_items items;
	struct suggest_replay replay;
	struct fixture fixture;
	char *text = NULL;
	size_t n = 0, len;
	FILE *out = open_memstream(&text, &len);

	while (n < ARRAY_SIZE(row->calls) && row->calls[n].name)
		n++;
	assert_int_equal(row->profile[0] == '{'
	                         ? fixture_parse(&fixture, row->profile, fixture_host())
	                         : fixture_load(&fixture, row->profile, fixture_host()),
	                 0);
	observe_rows(row->calls, n, observed);
	assert_int_equal(suggestions_find(fixture.ruleset, observed, n, &suggestions), 0);
	assert_int_equal(suggest_pick(fixture.ruleset, &suggestions, &row->wishes, &items), 0);
	suggest_report(out, fixture.ruleset, &items);
	suggest_replay(fixture.ruleset, &items, &replay);
	suggest_replay_text(&replay_text, &replay);
	fprintf(out, "%s\n", replayed);
	fclose(out);
	if (fnmatch(row->report, text, FNM_NOESCAPE) != 0)
		fail_msg("%s is not %s", text, row->report);
	free(text);
	suggest_items_deinit(&items);
	suggestions_deinit(&suggestions);
	fixture_free(&fixture);
}

static void test_picks(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(picks); i++)
		check_pick(&picks[i]);
}

/* ---- the policy that is written is one */

static void test_policy_reads_back(void **state)
{
	static const char *names[] = { "unshare", "keyctl" };
	static const struct comparison args[] = {
		{ 0, COMPARE_MASKED_EQ, UINT32_MAX, CLONE_NEWNS },
		{ 1, COMPARE_EQ, 5, 0 },
	};
	static const struct patch_rule rules[] = {
		{ names, 2, { ACTION_ALLOW, 0 }, args, 1, "why" },
		{ names + 1, 1, { ACTION_ERRNO, ENOSYS }, args + 1, 1, "why" },
	};
	const struct patch patch = { .rules = rules, .n_rules = 2 };
	struct policy_source source = { .name = "p", .file = "p", .arch = SCMP_ARCH_X86_64 };
	struct policy *policy = NULL;
	struct diags diags;
	char *text = NULL;
	FILE *out = open_memstream(&text, &source.len);

	(void)state;
	assert_int_equal(profile_patch_policy("docker-default", &patch, out), 0);
	fclose(out);
	source.bytes = text;
	diags_init(&diags, "p");
	assert_true(policy_recognised(text, source.len));
	assert_int_equal(policy_parse(&source, &diags, &policy), 0);
	assert_int_equal(diags.count, 0);
	assert_string_equal(policy->profile, "docker-default");
	assert_int_equal(policy->n_rules, 2);
	assert_int_equal(policy->rules[1].action, POLICY_ERRNO);
	assert_int_equal(policy->rules[1].error, ENOSYS);
	policy_free(policy);
	diags_deinit(&diags);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_picks),
		cmocka_unit_test(test_policy_reads_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
