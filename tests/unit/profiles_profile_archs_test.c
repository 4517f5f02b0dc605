/* SPDX-License-Identifier: Apache-2.0 */
/* profiles/profile_archs.c: architectures and archMap. */
#include <seccomp.h>

#include "tests/support/profile_rows.h"

#define ARCHS(rest) "{'defaultAction':'SCMP_ACT_LOG',\n" rest "}"
#define PODMAN_ARCHS(list) ARCHS("'architectures':" list ",'defaultErrno':''")
#define EXPECTED "expected SCMP_ARCH_X86_64 or the like"

static const struct profile_row rows[] = {
	{ ARCHS("'architectures':['SCMP_ARCH_X86','SCMP_ARCH_X86','SCMP_ARCH_S390X']"), "" },
	{ ARCHS("'architectures':null,'archMap':[{'architecture':'SCMP_ARCH_RISCV64'}]"), "" },
	{ ARCHS("'architectures':[],'archMap':[{'architecture':'SCMP_ARCH_LOONGARCH64',"
	        "'subArchitectures':null}]"),
	  "" },
	{ ARCHS("'architectures':['SCMP_ARCH_X86'],'archMap':[{'architecture':'SCMP_ARCH_X86'}]"),
	  "f:2:45: /archMap: both archMap and architectures; expected one of them\n" },
	{ ARCHS("'architectures':'SCMP_ARCH_X86'"),
	  "f:2:17: /architectures: a string; expected a list\n" },
	{ ARCHS("'architectures':['x86_64',1]"),
	  "f:2:18: /architectures/0: unknown architecture \"x86_64\"; " EXPECTED "; did you mean "
	  "\"SCMP_ARCH_X86_64\"?\n"
	  "f:2:27: /architectures/1: a number; expected a string\n" },
	{ ARCHS("'architectures':['SCMP_ARCH_NATIVE','SCMP_ARCH_PARISC']"),
	  "f:2:18: /architectures/0: unknown architecture \"SCMP_ARCH_NATIVE\"; " EXPECTED
	  "; did you mean \"SCMP_ARCH_X86_64\"?\n"
	  "f:2:37: /architectures/1: unknown architecture \"SCMP_ARCH_PARISC\"; " EXPECTED "\n" },
	{ ARCHS("'archMap':[{'architecture':'SCMP_ARCH_AMD64'},{},{'architecture':"
	        "'SCMP_ARCH_X86_64','subArchitectures':['SCMP_ARCH_I386']}]"),
	  "f:2:28: warning: /archMap/0/architecture: unknown architecture "
	  "\"SCMP_ARCH_AMD64\"; " EXPECTED "; did you mean \"SCMP_ARCH_X86_64\"?\n"
	  "f:2:47: warning: /archMap/1: no architecture; the entry is never used\n"
	  "f:2:105: /archMap/2/subArchitectures/0: unknown architecture "
	  "\"SCMP_ARCH_I386\"; " EXPECTED "; did you mean \"SCMP_ARCH_X86\"?\n" },
	{ ARCHS("'archMap':[7]"), "f:2:12: /archMap/0: a number; expected an object\n" },
	/* crun is lenient, but not that lenient */
	{ PODMAN_ARCHS("['x86_64','SCMP_ARCH_x86','SCMP_ARCH_NATIVE','parisc']"), "" },
	{ PODMAN_ARCHS("['amd64']"),
	  "f:2:18: /architectures/0: unknown architecture \"amd64\"; " EXPECTED
	  "; did you mean \"SCMP_ARCH_X86_64\"?\n" },
};

static void test_says_what_is_wrong(void **state)
{
	(void)state;
	check_profile_rows(rows, ARRAY_SIZE(rows));
}

/* libseccomp learnt of LoongArch in 2.6. */
static void test_refuses_what_libseccomp_cannot_filter(void **state)
{
	struct profile *profile = NULL;
	const char *json = "{\"defaultAction\":\"SCMP_ACT_LOG\",\"architectures\":["
			   "\"SCMP_ARCH_LOONGARCH64\"]}";
	bool known = seccomp_arch_resolve_name("loongarch64") != 0;
	struct diags diags;

	(void)state;
	diags_init(&diags, "f");
	assert_int_equal(profile_parse("n", "f", json, strlen(json), &diags, &profile),
	                 known ? 0 : -EBADMSG);
	assert_int_equal(diags.errors, known ? 0 : 1);
	profile_free(profile);
	diags_deinit(&diags);
}

static void test_reads_the_list(void **state)
{
	struct profile *profile =
		read_profile(ARCHS("'architectures':['SCMP_ARCH_X86_64','SCMP_ARCH_X32']"));

	(void)state;
	assert_int_equal(profile->n_archs, 1);
	assert_int_equal(profile->archs[0].arch, 0);
	assert_int_equal(profile->archs[0].n_sub, 2);
	assert_int_equal(profile->archs[0].sub[0], SCMP_ARCH_X86_64);
	assert_int_equal(profile->archs[0].sub[1], SCMP_ARCH_X32);
	profile_free(profile);
}

/* An entry that can never be found is left out; the others keep their order: the first counts. */
static void test_reads_the_map(void **state)
{
	struct profile *profile = read_profile(ARCHS(
		"'archMap':[{'architecture':'x'},{'architecture':'SCMP_ARCH_X86_64',"
		"'subArchitectures':['SCMP_ARCH_X86']},{'architecture':'SCMP_ARCH_X86_64'}]"));

	(void)state;
	assert_int_equal(profile->n_archs, 2);
	assert_int_equal(profile->archs[0].arch, SCMP_ARCH_X86_64);
	assert_int_equal(profile->archs[0].n_sub, 1);
	assert_int_equal(profile->archs[0].sub[0], SCMP_ARCH_X86);
	assert_int_equal(profile->archs[1].n_sub, 0);
	profile_free(profile);
}

static const struct {
	const char *json;
	uint32_t arch;
	bool covers;
} covers_rows[] = {
	{ ARCHS("'architectures':[]"), SCMP_ARCH_X86_64, true },
	{ ARCHS("'architectures':['SCMP_ARCH_AARCH64']"), SCMP_ARCH_X86_64, false },
	{ ARCHS("'architectures':['SCMP_ARCH_AARCH64']"), SCMP_ARCH_AARCH64, true },
	{ ARCHS("'architectures':['SCMP_ARCH_X86','SCMP_ARCH_X86_64']"), SCMP_ARCH_X86_64, true },
	{ ARCHS("'architectures':['SCMP_ARCH_X86']"), SCMP_ARCH_X86_64, false },
	{ ARCHS("'archMap':[{'architecture':'SCMP_ARCH_AARCH64'}]"), SCMP_ARCH_X86_64, true },
};

static void test_tells_whom_a_profile_is_for(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(covers_rows); i++) {
		struct profile *profile = read_profile(covers_rows[i].json);

		assert_int_equal(profile_covers_arch(profile, covers_rows[i].arch),
		                 covers_rows[i].covers);
		profile_free(profile);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_says_what_is_wrong),
		cmocka_unit_test(test_refuses_what_libseccomp_cannot_filter),
		cmocka_unit_test(test_reads_the_list),
		cmocka_unit_test(test_reads_the_map),
		cmocka_unit_test(test_tells_whom_a_profile_is_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
