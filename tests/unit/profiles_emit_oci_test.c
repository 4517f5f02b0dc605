/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/emit_oci.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "profiles/flatten.h"
#include "tests/support/profile_fixture.h"
#include "tests/support/random_profile.h"
#include "tests/support/ruleset_same.h"

/* What emit_oci() wrote; malloc'ed. */
static char *emitted(const struct ruleset *ruleset)
{
	struct profile *flat = NULL;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_int_equal(profile_flatten(ruleset, &flat), 0);
	assert_int_equal(emit_oci(flat, out), 0);
	fclose(out);
	profile_free(flat);
	return text;
}

/* And " becomes '. */
static void remove_blanks(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++)
		if (!strchr(" \t\n", *from))
			*to++ = *from;
	*to = '\0';
	for (to = text; (to = strchr(to, '"'));)
		*to = '\'';
}

#define HEAD "'defaultAction':'SCMP_ACT_ALLOW','architectures':['SCMP_ARCH_X86_64'],"

/* Of a profile, and what is written of it; ' is ". */
static const struct {
	const char *profile;
	const char *written;
} rows[] = {
	{ "{}", "{}" },
	{ "{'defaultAction':'SCMP_ACT_ALLOW'}", "{" HEAD "'syscalls':[]}" },
	{ "{'defaultAction':'SCMP_ACT_ERRNO'}",
	  "{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':1,"
	  "'architectures':['SCMP_ARCH_X86_64'],'syscalls':[]}" },
	{ "{'defaultAction':'SCMP_ACT_KILL','architectures':['SCMP_ARCH_X32','SCMP_ARCH_X86']}",
	  "{'defaultAction':'SCMP_ACT_KILL_THREAD',"
	  "'architectures':['SCMP_ARCH_X86_64','SCMP_ARCH_X32','SCMP_ARCH_X86'],'syscalls':[]}" },
	{ "{'defaultAction':'SCMP_ACT_ALLOW','flags':['SECCOMP_FILTER_FLAG_SPEC_ALLOW']}",
	  "{" HEAD "'syscalls':[]}" },
	{ "{'defaultAction':'SCMP_ACT_ALLOW','flags':['SECCOMP_FILTER_FLAG_LOG']}",
	  "{" HEAD "'flags':['SECCOMP_FILTER_FLAG_LOG'],'syscalls':[]}" },
	{ "{'defaultAction':'SCMP_ACT_ALLOW','flags':['SECCOMP_FILTER_FLAG_TSYNC']}",
	  "{" HEAD "'flags':['SECCOMP_FILTER_FLAG_TSYNC'],'syscalls':[]}" },
	{ "{'defaultAction':'SCMP_ACT_ALLOW','listenerPath':'/s','listenerMetadata':'m'}",
	  "{" HEAD "'listenerPath':'/s','listenerMetadata':'m','syscalls':[]}" },
	{ "{'defaultAction':'SCMP_ACT_ALLOW','syscalls':[{'names':['read'],"
	  "'action':'SCMP_ACT_TRACE','errnoRet':65535,'args':["
	  "{'index':5,'op':'SCMP_CMP_NE','value':18446744073709551615,'valueTwo':3},"
	  "{'index':0,'op':'SCMP_CMP_MASKED_EQ','value':9007199254740993,'valueTwo':1}]}]}",
	  "{" HEAD "'syscalls':[{'names':['read'],'action':'SCMP_ACT_TRACE','errnoRet':65535,"
	  "'args':[{'index':5,'value':18446744073709551615,'op':'SCMP_CMP_NE'},"
	  "{'index':0,'value':9007199254740993,'valueTwo':1,'op':'SCMP_CMP_MASKED_EQ'}]}]}" },
};

static void test_rows(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct fixture fixture;
		char *text;

		assert_int_equal(fixture_parse(&fixture, rows[i].profile, fixture_host()), 0);
		text = emitted(fixture.ruleset);
		remove_blanks(text);
		assert_string_equal(text, rows[i].written);
		free(text);
		fixture_free(&fixture);
	}
}

/* Reads back what was written: the same ruleset. */
static void check_round_trip(const struct ruleset *ruleset)
{
	char *text = emitted(ruleset);
	struct fixture again;

	assert_int_equal(fixture_parse(&again, text, ruleset->host), 0);
	assert_int_equal(again.profile->dialect, DIALECT_OCI);
	assert_true(
		ruleset_same(ruleset, again.ruleset, ruleset->profile->dialect != DIALECT_PODMAN));
	fixture_free(&again);
	free(text);
}

static void test_real_profiles(void **state)
{
	static const char *const files[] = {
		PROFILE_FILE("moby-default.json"),
		PROFILE_FILE("moby-default-v1.11.2.json"),
		PROFILE_FILE("containers-common.json"),
		PROFILE_FILE("spec-example.json"),
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		struct fixture fixture;

		assert_int_equal(fixture_load(&fixture, files[i], fixture_host()), 0);
		check_round_trip(fixture.ruleset);
		fixture_free(&fixture);
	}
}

static void test_random_profiles(void **state)
{
	unsigned checked = 0;
	(void)state;

	for (uint64_t seed = 0; seed < 600; seed++) {
		struct host host = fixture_host();
		struct random_profile random;
		struct ruleset *ruleset = NULL;
		struct diags diags;

		random_profile_make(seed, seed % SHAPES_COUNT, &random);
		random.profile.flag_spec_allow = true;
		diags_init(&diags, "random");
		if (ruleset_build(&random.profile, &host, &diags, &ruleset) == 0) {
			check_round_trip(ruleset);
			checked++;
		}
		ruleset_free(ruleset);
		diags_deinit(&diags);
	}
	assert_true(checked > 300);
}

/* No runtime has a word for PA-RISC. */
static void test_unknown_architecture(void **state)
{
	uint32_t sub[] = { SCMP_ARCH_PARISC };
	struct arch_entry archs = { .sub = sub, .n_sub = 1 };
	struct profile profile = { .archs = &archs, .n_archs = 1 };
	(void)state;

	assert_int_equal(emit_oci(&profile, stderr), -EINVAL);
}

static void test_full(void **state)
{
	const struct profile profile = { .unconfined = true };
	FILE *full = fopen("/dev/full", "we");
	(void)state;

	setvbuf(full, NULL, _IONBF, 0);
	assert_int_equal(emit_oci(&profile, full), -EIO);
	fclose(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_real_profiles),
		cmocka_unit_test(test_random_profiles),
		cmocka_unit_test(test_unknown_architecture),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
