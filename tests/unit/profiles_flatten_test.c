/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/flatten.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/profile_fixture.h"
#include "tests/support/random_profile.h"
#include "tests/support/ruleset_same.h"

/* Flattens and resolves again: the same rules in the same order. */
static void check_same(const struct ruleset *ruleset)
{
	struct profile *flat = NULL;
	struct ruleset *again = NULL;
	struct diags diags;

	diags_init(&diags, "flat");
	assert_int_equal(profile_flatten(ruleset, &flat), 0);
	assert_int_equal(ruleset_build(flat, &ruleset->host, &diags, &again), 0);
	/* runc, which reads OCI, has a rule that podman's engine has not. */
	assert_true(ruleset_same(ruleset, again, ruleset->profile->dialect != DIALECT_PODMAN));
	ruleset_free(again);
	profile_free(flat);
	diags_deinit(&diags);
}

static void test_real_profiles(void **state)
{
	static const char *const files[] = {
		PROFILE_FILE("moby-default.json"),
		PROFILE_FILE("moby-default-v25.0.9.json"),
		PROFILE_FILE("moby-default-v1.11.2.json"),
		PROFILE_FILE("containers-common.json"),
		PROFILE_FILE("spec-example.json"),
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		struct fixture fixture;
		struct host host = fixture_host();

		for (unsigned caps = 0; caps <= 1; caps++) {
			host.caps = caps ? UINT64_MAX : host_docker_caps();
			assert_int_equal(fixture_load(&fixture, files[i], host), 0);
			check_same(fixture.ruleset);
			fixture_free(&fixture);
		}
	}
}

static void test_random_profiles(void **state)
{
	unsigned checked = 0;
	(void)state;

	for (uint64_t seed = 0; seed < 2000; seed++) {
		struct host host = fixture_host();
		struct random_profile random;
		struct ruleset *ruleset = NULL;
		struct diags diags;

		random_profile_make(seed, seed % SHAPES_COUNT, &random);
		diags_init(&diags, "random");
		if (ruleset_build(&random.profile, &host, &diags, &ruleset) == 0) {
			check_same(ruleset);
			checked++;
		}
		ruleset_free(ruleset);
		diags_deinit(&diags);
	}
	assert_true(checked > 1000);
}

#define ALLOW "'action':'SCMP_ACT_ALLOW'"
#define ERRNO "'action':'SCMP_ACT_ERRNO','errnoRet':5"
#define EQ(value) "'args':[{'index':0,'op':'SCMP_CMP_EQ','value':" #value "}]"

/* Which names end up in which rule; a rule is its names with ',', rules are separated by ' '. */
static const struct {
	const char *rules;
	const char *groups;
} groups[] = {
	{ "", "" },
	{ "{'names':['write','read']," ALLOW "}", "read,write" },
	{ "{'names':['read']," ALLOW "},{'names':['write','read']," ALLOW "}", "read,write" },
	{ "{'names':['read']," ALLOW "},{'names':['write']," ERRNO "}", "read write" },
	{ "{'names':['read']," ALLOW "},{'names':['read']," ALLOW "," EQ(1) "}", "read read" },
	/* another rule of the same name stands between: the order stays */
	{ "{'names':['read','open']," ALLOW "},{'names':['read']," ERRNO
	  "},{'names':['read','close']," ALLOW "}",
	  "open,read read close,read" },
	/* gates are gone, and what they kept out */
	{ "{'names':['read']," ALLOW ",'includes':{'caps':['CAP_CHOWN']}},"
	  "{'names':['open']," ALLOW ",'excludes':{'caps':['CAP_CHOWN']}}",
	  "read" },
	/* what no ABI has, and what does as the default, stays: newer systems look at the names */
	{ "{'names':['nonsense']," ALLOW "},{'names':['bpf'],'action':'SCMP_ACT_KILL'}",
	  "nonsense bpf" },
};

static void write_groups(const struct profile *profile, char *text, size_t size)
{
	FILE *out = fmemopen(text, size, "w");

	for (size_t i = 0; i < profile->n_rules; i++)
		for (size_t j = 0; j < profile->rules[i].n_names; j++)
			fprintf(out, "%s%s", j ? "," : i ? " " : "", profile->rules[i].names[j]);
	fputc('\0', out);
	fclose(out);
}

static void test_groups(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		struct fixture fixture;
		struct profile *flat = NULL;
		char json[1024], text[256] = "";

		snprintf(json, sizeof(json), "{'defaultAction':'SCMP_ACT_KILL','syscalls':[%s]}",
		         groups[i].rules);
		assert_int_equal(fixture_parse(&fixture, json, fixture_host()), 0);
		assert_int_equal(profile_flatten(fixture.ruleset, &flat), 0);
		write_groups(flat, text, sizeof(text));
		assert_string_equal(text, groups[i].groups);
		profile_free(flat);
		fixture_free(&fixture);
	}
}

static void test_head(void **state)
{
	struct fixture fixture;
	struct profile *flat = NULL;
	(void)state;

	assert_int_equal(fixture_parse(&fixture,
	                               "{'defaultAction':'SCMP_ACT_TRACE','defaultErrnoRet':7,"
	                               "'archMap':[{'architecture':'SCMP_ARCH_X86_64',"
	                               "'subArchitectures':['SCMP_ARCH_X32']}],"
	                               "'flags':['SECCOMP_FILTER_FLAG_LOG'],"
	                               "'listenerPath':'/s','listenerMetadata':'m'}",
	                               fixture_host()),
	                 0);
	assert_int_equal(profile_flatten(fixture.ruleset, &flat), 0);
	assert_int_equal(flat->dialect, DIALECT_OCI);
	assert_int_equal(flat->default_action.kind, ACTION_TRACE);
	assert_int_equal(flat->default_action.number, 7);
	assert_int_equal(flat->n_archs, 1);
	assert_int_equal(flat->archs[0].arch, 0);
	assert_int_equal(flat->archs[0].n_sub, 2);
	assert_int_equal(flat->archs[0].sub[1], SCMP_ARCH_X32);
	assert_true(flat->flag_log && !flat->flag_spec_allow);
	assert_string_equal(flat->listener_path, "/s");
	assert_string_equal(flat->listener_metadata, "m");
	profile_free(flat);
	fixture_free(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_real_profiles),
		cmocka_unit_test(test_random_profiles),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_head),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
