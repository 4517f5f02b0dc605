/* SPDX-License-Identifier: Apache-2.0 */
/* profiles/profile_gate.c: includes and excludes. */
#include <linux/capability.h>

#include "tests/support/profile_rows.h"

#define GATE(gate)                                                                                 \
	"{'defaultAction':'SCMP_ACT_ERRNO','syscalls':[{'names':['read'],'action':"                \
	"'SCMP_ACT_ALLOW',\n" gate "}]}"
#define AT "f:2:"
#define VERSION_EXPECTED                                                                           \
	"is not a kernel version; expected two numbers up to 255, such as \"4.8\", and not 0.0\n"

static const struct profile_row rows[] = {
	{ GATE("'includes':{'caps':['CAP_BPF'],'arches':['amd64','s390x'],'minKernel':'4.8'},"
	       "'excludes':null"),
	  "" },
	{ GATE("'includes':{'minKernel':'04.08'}"), "" },
	{ GATE("'includes':{'minKernel':'255.255'}"), "" },
	{ GATE("'includes':{'minKernel':''}"), "" },
	{ GATE("'includes':{'minKernel':'4'}"),
	  AT "25: /syscalls/0/includes/minKernel: \"4\" " VERSION_EXPECTED },
	{ GATE("'includes':{'minKernel':'4.'}"),
	  AT "25: /syscalls/0/includes/minKernel: \"4.\" " VERSION_EXPECTED },
	{ GATE("'includes':{'minKernel':'.8'}"),
	  AT "25: /syscalls/0/includes/minKernel: \".8\" " VERSION_EXPECTED },
	{ GATE("'includes':{'minKernel':'4.8.1'}"),
	  AT "25: /syscalls/0/includes/minKernel: \"4.8.1\" " VERSION_EXPECTED },
	{ GATE("'includes':{'minKernel':'4.256'}"),
	  AT "25: /syscalls/0/includes/minKernel: \"4.256\" " VERSION_EXPECTED },
	{ GATE("'includes':{'minKernel':'+4.8'}"),
	  AT "25: /syscalls/0/includes/minKernel: \"+4.8\" " VERSION_EXPECTED },
	{ GATE("'excludes':{'minKernel':'0.0'}"),
	  AT "25: /syscalls/0/excludes/minKernel: \"0.0\" " VERSION_EXPECTED },
	{ GATE("'excludes':{'minKernel':4.8}"),
	  AT "25: /syscalls/0/excludes/minKernel: a number; expected a string\n" },
	{ GATE("'includes':['amd64']"),
	  AT "12: /syscalls/0/includes: a list; expected an object\n" },
	{ GATE("'includes':{'caps':'CAP_CHOWN'}"),
	  AT "20: /syscalls/0/includes/caps: a string; expected a list\n" },
	{ GATE("'includes':{'caps':[5],'arches':[{}]}"),
	  AT "21: /syscalls/0/includes/caps/0: a number; expected a string\n" AT
	     "34: /syscalls/0/includes/arches/0: an object; expected a string\n" },
	{ GATE("'includes':{'kernel':'9.9'}"),
	  AT "22: warning: /syscalls/0/includes/kernel: unknown key \"kernel\"; it is ignored\n" },
	{ GATE("'includes':{'caps':['SYS_ADMIN']}"),
	  AT "21: warning: /syscalls/0/includes/caps/0: no capability is called \"SYS_ADMIN\", so "
	     "nobody holds it; expected CAP_CHOWN or the like; did you mean \"CAP_SYS_ADMIN\"?\n" },
	{ GATE("'includes':{'caps':['cap_chown']}"),
	  AT "21: warning: /syscalls/0/includes/caps/0: no capability is called \"cap_chown\", so "
	     "nobody holds it; expected CAP_CHOWN or the like; did you mean \"CAP_CHOWN\"?\n" },
	{ GATE("'includes':{'arches':['x86_64','SCMP_ARCH_AARCH64','arm46','zzz']}"),
	  AT "23: warning: /syscalls/0/includes/arches/0: no host is called \"x86_64\", so it "
	     "never matches; expected Go's name, amd64 or the like; did you mean \"amd64\"?\n" AT
	     "32: warning: /syscalls/0/includes/arches/1: no host is called "
	     "\"SCMP_ARCH_AARCH64\", so it never matches; expected Go's name, amd64 or the like; "
	     "did you mean \"arm64\"?\n" AT
	     "52: warning: /syscalls/0/includes/arches/2: no host is called \"arm46\", so it "
	     "never matches; expected Go's name, amd64 or the like; did you mean \"arm64\"?\n" AT
	     "60: warning: /syscalls/0/includes/arches/3: no host is called \"zzz\", so it never "
	     "matches; expected Go's name, amd64 or the like\n" },
	/* podman knows no minKernel: such a rule counts on every kernel */
	{ GATE("'includes':{'minKernel':'4'},'errno':''"),
	  AT "25: warning: /syscalls/0/includes/minKernel: \"minKernel\" means nothing in a "
	     "profile for podman; it is ignored\n" },
};

static void test_says_what_is_wrong(void **state)
{
	(void)state;
	check_profile_rows(rows, ARRAY_SIZE(rows));
}

static void test_reads_gates(void **state)
{
	struct profile *profile = read_profile(
		GATE("'includes':{'caps':['CAP_CHOWN','CAP_CHECKPOINT_RESTORE'],"
	             "'arches':['arm','arm64'],'minKernel':'5.010'},'excludes':{'caps':['NONE']}"));
	const struct gate *includes = &profile->rules[0].includes;
	const struct gate *excludes = &profile->rules[0].excludes;

	(void)state;
	assert_int_equal(includes->caps, 1ULL << CAP_CHOWN | 1ULL << CAP_CHECKPOINT_RESTORE);
	assert_false(includes->unknown_caps);
	assert_int_equal(includes->n_arches, 2);
	assert_string_equal(includes->arches[1], "arm64");
	assert_int_equal(includes->min_kernel.major, 5);
	assert_int_equal(includes->min_kernel.minor, 10);
	assert_int_equal(excludes->caps, 0);
	assert_true(excludes->unknown_caps);
	assert_int_equal(excludes->n_arches, 0);
	assert_int_equal(excludes->min_kernel.major, 0);
	profile_free(profile);
}

static void test_podman_ignores_the_kernel(void **state)
{
	struct profile *profile = read_profile(GATE("'includes':{'minKernel':'9.9'},'errno':''"));

	(void)state;
	assert_int_equal(profile->rules[0].includes.min_kernel.major, 0);
	profile_free(profile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_says_what_is_wrong),
		cmocka_unit_test(test_reads_gates),
		cmocka_unit_test(test_podman_ignores_the_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
