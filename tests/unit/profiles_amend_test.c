/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/changes/amend.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "profiles/emit_oci.h"
#include "profiles/flatten.h"
#include "tests/support/diags_text.h"
#include "tests/support/observed_rows.h"
#include "tests/support/random_profile.h"

/* A profile with the text it was read from, and what was observed under it. */
struct scene {
	char *json;
	struct fixture fixture;
	struct observed observed[OBSERVED_ROWS_MAX];
	struct suggestions suggestions;
};

static void scene_make(struct scene *scene, const char *profile, const struct observed_row *rows,
                       size_t n)
{
	scene->json = with_quotes(profile);
	assert_int_equal(fixture_parse_as(&scene->fixture, scene->json, NULL, fixture_host()), 0);
	observe_rows(rows, n, scene->observed);
	assert_int_equal(
		suggestions_find(scene->fixture.ruleset, scene->observed, n, &scene->suggestions),
		0);
}

static void scene_free(struct scene *scene)
{
	suggestions_deinit(&scene->suggestions);
	fixture_free(&scene->fixture);
	free(scene->json);
}

/* With the choice of a kind for each suggestion that has one. */
static struct amendment *amended(const struct scene *scene, enum change_kind kind)
{
	const struct patch_source source = { scene->fixture.profile, scene->json,
		                             strlen(scene->json) };
	struct chosen chosen[OBSERVED_ROWS_MAX];
	struct amendment *amendment = NULL;
	size_t n = 0;

	for (size_t i = 0; i < scene->suggestions.n; i++) {
		const struct suggestion *suggestion = &scene->suggestions.list[i];
		const struct choice *choice = suggestion_choice(suggestion, kind);

		if (choice)
			chosen[n++] = (struct chosen){ suggestion, choice };
	}
	assert_int_equal(amend(&source, scene->fixture.ruleset, chosen, n, "head", &amendment), 0);
	return amendment;
}

/* ---- the text that comes of it */

#define HEAD "{'defaultAction':'SCMP_ACT_ERRNO','archMap':[],'syscalls':["

struct text_row {
	const char *profile;
	struct observed_row calls[4];
	enum change_kind kind;
	const char *text;
};

static const struct text_row texts[] = {
	/* names that want the same share a rule, and a comment */
	{ HEAD "]}",
	  { { "getpid", { 0 }, .count = 37, .comm = "ls" },
	    { "getuid", { 0 }, .count = 2, .comm = "node" },
	    { "getuid", { 1 }, .count = 1, .comm = "ls" } },
	  CHANGE_ALLOW,
	  HEAD "{'names':['getpid', 'getuid'], 'action':'SCMP_ACT_ALLOW', "
	       "'comment':'head: 40 calls by ls, node'}]}" },
	/* the kernel takes 32 bits of a family, and 64 of unshare's flags */
	{ HEAD "]}",
	  { { "socket", { AF_UNIX, SOCK_STREAM, 0 }, .count = 1, .comm = "a" } },
	  CHANGE_ALLOW_ARGS,
	  HEAD "{'names':['socket'], 'action':'SCMP_ACT_ALLOW', 'args':["
	       "{'index':0, 'value':4294967295, 'valueTwo':1, 'op':'SCMP_CMP_MASKED_EQ'}, "
	       "{'index':1, 'value':4294967295, 'valueTwo':1, 'op':'SCMP_CMP_MASKED_EQ'}, "
	       "{'index':2, 'value':4294967295, 'valueTwo':0, 'op':'SCMP_CMP_MASKED_EQ'}], "
	       "'comment':'head: 1 call by a'}]}" },
	/* each rule counts its own calls */
	{ HEAD "]}",
	  { { "unshare", { CLONE_NEWNS }, .count = 3, .comm = "a" },
	    { "unshare", { CLONE_NEWNET }, .count = 1, .comm = "b" } },
	  CHANGE_ALLOW_ARGS,
	  HEAD "{'names':['unshare'], 'action':'SCMP_ACT_ALLOW', 'args':["
	       "{'index':0, 'value':131072, 'op':'SCMP_CMP_EQ'}], "
	       "'comment':'head: 3 calls by a'}, "
	       "{'names':['unshare'], 'action':'SCMP_ACT_ALLOW', 'args':["
	       "{'index':0, 'value':1073741824, 'op':'SCMP_CMP_EQ'}], "
	       "'comment':'head: 1 call by b'}]}" },
	/* the name goes out of the rule that denies it */
	{ HEAD "{'names':['getpid','unshare'],'action':'SCMP_ACT_TRAP'}]}",
	  { { "unshare", { 0 }, .count = 1 } },
	  CHANGE_ALLOW,
	  HEAD "{'names':['getpid'],'action':'SCMP_ACT_TRAP'}, "
	       "{'names':['unshare'],'action':'SCMP_ACT_ALLOW','comment':'head: 1 call'}]}" },
	{ HEAD "]}",
	  { { "keyctl", { 0 }, .count = 1 } },
	  CHANGE_ERRNO,
	  HEAD "{'names':['keyctl'], 'action':'SCMP_ACT_ERRNO', 'errnoRet':38, "
	       "'comment':'head: 1 call'}]}" },
	/* what a target is called may be anything */
	{ HEAD "]}",
	  { { "getpid", { 0 }, .count = 1, .comm = "\x1b[1m\xff" } },
	  CHANGE_ALLOW,
	  HEAD "{'names':['getpid'], 'action':'SCMP_ACT_ALLOW', "
	       "'comment':'head: 1 call by \\\\x1b[1m\\\\xff'}]}" },
};

static void check_text(const struct text_row *row)
{
	_cleanup_free_ char *wanted = with_quotes(row->text);
	struct amendment *amendment;
	struct scene scene;
	size_t n = 0;

	while (n < ARRAY_SIZE(row->calls) && row->calls[n].name)
		n++;
	scene_make(&scene, row->profile, row->calls, n);
	amendment = amended(&scene, row->kind);
	assert_null(amendment->fault);
	assert_string_equal(amendment->text, wanted);
	amendment_free(amendment);
	scene_free(&scene);
}

static void test_the_new_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		check_text(&texts[i]);
}

/* ---- what a change may alter, and what not */

static void test_a_difference_is_stated_or_not(void **state)
{
	static const struct observed_row rows[] = {
		{ "unshare", { CLONE_NEWNS }, .count = 1 },
		{ "getpid", { 0 }, .count = 1 },
	};
	static const struct {
		const char *name;
		unsigned args_mask;
		uint64_t arg;
		bool stated;
	} differences[] = {
		{ "getpid", 0, 0, false }, /* it has no conditions, so only the other kind has it */
		{ "unshare", 1, CLONE_NEWNS, true },
		{ "unshare", 1, CLONE_NEWNET, false },
		{ "unshare", 0, CLONE_NEWNS, false },
		{ "mount", 0, 0, false },
	};
	struct amendment *amendment;
	struct scene scene;

	(void)state;
	scene_make(&scene, HEAD "]}", rows, ARRAY_SIZE(rows));
	amendment = amended(&scene, CHANGE_ALLOW_ARGS);
	for (size_t i = 0; i < ARRAY_SIZE(differences); i++) {
		int nr = seccomp_syscall_resolve_name(differences[i].name);
		const struct difference difference = {
			.arch = SCMP_ARCH_X86_64,
			.nr = nr,
			.last_nr = nr,
			.args_mask = differences[i].args_mask,
			.args = { differences[i].arg },
		};

		assert_int_equal(
			changes_state(amendment->changes, amendment->n_changes, &difference),
			differences[i].stated);
	}
	amendment_free(amendment);
	scene_free(&scene);
}

/* ---- random profiles, random calls, every choice */

/* The profile as text; malloc'ed. NULL where the runtimes would refuse it. */
static char *random_json(uint64_t seed)
{
	struct random_profile random;
	char *json = NULL;
	size_t len;
	FILE *out;

	random_profile_make(seed, SHAPES_ANY, &random);
	random.profile.flag_spec_allow = true;
	if (random.profile.n_archs == 0)
		random.profile.archs = NULL;
	out = open_memstream(&json, &len);
	assert_int_equal(emit_oci(&random.profile, out), 0);
	fclose(out);
	return json;
}

/* Returns how many amendments were made. */
static size_t try_calls(const char *json, uint64_t seed)
{
	const struct patch_source source = { NULL, json, strlen(json) };
	uint64_t random = seed * 2 + 1;
	struct fixture fixture;
	size_t made = 0;

	if (fixture_parse_as(&fixture, json, NULL, fixture_host()) < 0)
		return 0;
	for (int i = 0; i < 8 && fixture.ruleset->abis[0].n_syscalls > 0; i++) {
		struct patch_source of_profile = source;
		struct observed observed = { .has_args = true, .count = 1 };
		struct suggestions suggestions;

		of_profile.profile = fixture.profile;
		random_call(&random, &fixture.ruleset->abis[0], &observed.call);
		assert_int_equal(suggestions_find(fixture.ruleset, &observed, 1, &suggestions), 0);
		for (size_t j = 0; j < suggestions.list[0].n_choices; j++) {
			const struct chosen chosen = { &suggestions.list[0],
				                       &suggestions.list[0].choices[j] };
			struct amendment *amendment;

			assert_int_equal(
				amend(&of_profile, fixture.ruleset, &chosen, 1, "head", &amendment),
				0);
			assert_null(amendment->fault);
			made++;
			amendment_free(amendment);
		}
		suggestions_deinit(&suggestions);
	}
	fixture_free(&fixture);
	return made;
}

static void test_random_profiles(void **state)
{
	size_t made = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 300; seed++) {
		char *json = random_json(seed);

		made += try_calls(json, seed);
		free(json);
	}
	assert_in_range(made, 100, SIZE_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_new_text),
		cmocka_unit_test(test_a_difference_is_stated_or_not),
		cmocka_unit_test(test_random_profiles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
