/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/reports/show.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/profile_fixture.h"

#define PROFILE                                                                                    \
	"{'defaultAction':'SCMP_ACT_ALLOW',\n"                                                     \
	"'syscalls':[\n"                                                                           \
	"{'names':['mkdir','vhangup'],'action':'SCMP_ACT_ERRNO','errnoRet':13},\n"                 \
	"{'names':['reboot'],'action':'SCMP_ACT_KILL_PROCESS'},\n"                                 \
	"{'names':['socket'],'action':'SCMP_ACT_ERRNO','args':[{'index':0,'op':'SCMP_CMP_EQ',"     \
	"'value':38}]},\n"                                                                         \
	"{'names':['ioctl'],'action':'SCMP_ACT_ERRNO','args':[{'index':0,'op':'SCMP_CMP_GT',"      \
	"'value':1},{'index':1,'op':'SCMP_CMP_EQ','value':256}]}]}"

static const struct {
	struct plan_options plan;
	bool why;
	const char *expected; /* from the first call that is not just allowed */
} rows[] = {
	{ { 0 },
	  false,
	  "kernel-args: 1 call, allowed in the kernel under conditions, else notified\n"
	  "  socket\n"
	  "    ERRNO(EPERM) if domain == 38 (AF_ALG), line 5\n"
	  "    else ALLOW, the default action\n"
	  "\n"
	  "notify: 3 calls, answered by callgate, and reported\n"
	  "  ERRNO(EACCES), line 3: 2\n"
	  "    mkdir    vhangup\n"
	  "  ioctl\n"
	  "    ERRNO(EPERM) if fd > 1 and request == 0x100, line 6\n"
	  "    else ALLOW, the default action\n"
	  "    (decided by callgate, for libseccomp could compile these conditions wrong)\n"
	  "\n"
	  "kernel: 1 call, left to the kernel as the profile has it\n"
	  "  KILL_PROCESS, line 4: 1\n"
	  "    reboot\n"
	  "\n"
	  "Numbers without a name: ALLOW, the default action (kernel-allow).\n" },
	{ { .complain = true },
	  true,
	  "kernel-args: 1 call, allowed in the kernel under conditions, else notified\n"
	  "  socket\n"
	  "    ERRNO(EPERM) if domain == 38 (AF_ALG), line 5\n"
	  "    else ALLOW, the default action\n"
	  "    two families: AF_ALG, the kernel's cryptography, and AF_VSOCK, which passes\n"
	  "    network namespaces by; AF_ALG is among them since moby#52494; without it:\n"
	  "    cryptography is done in the library; agents of virtual machines go without\n"
	  "    their host (moby#52494; moby default profile)\n"
	  "\n"
	  "notify: 4 calls, allowed by callgate, and reported\n"
	  "  ERRNO(EACCES), line 3: 2\n"
	  "    mkdir\n"
	  "    vhangup  hangs up the terminal for everybody on it; allowed with\n"
	  "             CAP_SYS_TTY_CONFIG; without it: login programs go on without (moby\n"
	  "             default profile)\n" },
};

static char *shown(const struct ruleset *ruleset, const struct plan_options *options, bool why)
{
	const struct show_options show = { .width = 80, .why = why };
	struct plan *plan;
	char *bytes;
	size_t len;
	FILE *out = open_memstream(&bytes, &len);

	assert_int_equal(plan_build(ruleset, options, &plan), 0);
	assert_int_equal(show_text(out, plan, &show), 0);
	fclose(out);
	plan_free(plan);
	return bytes;
}

static void test_rows(void **state)
{
	struct fixture fixture;

	(void)state;
	assert_int_equal(fixture_parse(&fixture, PROFILE, fixture_host()), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *text = shown(fixture.ruleset, &rows[i].plan, rows[i].why);
		char *from = strstr(text, "\nkernel-args:");

		assert_non_null(from);
		if (strlen(from + 1) > strlen(rows[i].expected) && rows[i].why)
			from[1 + strlen(rows[i].expected)] = '\0';
		assert_string_equal(from + 1, rows[i].expected);
		free(text);
	}
	fixture_free(&fixture);
}

static void test_head(void **state)
{
	struct fixture fixture;
	char *text;

	(void)state;
	assert_int_equal(fixture_parse(&fixture, PROFILE, fixture_host()), 0);
	text = shown(fixture.ruleset, &rows[0].plan, false);
	assert_non_null(strstr(text, "profile       test\nread as       "));
	assert_non_null(strstr(text, "\ndefault       ALLOW\n"
	                             "ABIs          x86_64; calls of any other: KILL_THREAD\n"
	                             "capabilities  CHOWN DAC_OVERRIDE "));
	assert_non_null(strstr(text, "\nkernel        6.1\nrules         4 of 4 count here\n"));
	free(text);
	fixture_free(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_head),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
