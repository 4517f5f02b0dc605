/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "supervisor/reports/doctor.h"

static char *text_of(const struct doctor_report *report)
{
	char *bytes = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&bytes, &size);

	assert_non_null(out);
	doctor_text(out, report, 80);
	assert_int_equal(fclose(out), 0);
	return bytes;
}

static void assert_has(const struct doctor_report *report, const char *part)
{
	char *text = text_of(report);

	if (!strstr(text, part))
		fail_msg("no \"%s\" in:\n%s", part, text);
	free(text);
}

static void assert_lacks(const struct doctor_report *report, const char *part)
{
	char *text = text_of(report);

	assert_null(strstr(text, part));
	free(text);
}

static void test_rows(void **state)
{
	struct doctor_report report = { 0 };

	(void)state;
	assert_has(&report, "\nkernel\n  ok          USER_NOTIF\n");
	assert_has(&report, "\n  none\n");
	assert_has(&report, "\ncallgate run works here\n");
	assert_lacks(&report, "lost:");
	report.findings[0].state = DOCTOR_MISSING;
	strcpy(report.findings[0].detail, "a reason");
	report.findings[1].state = DOCTOR_UNKNOWN;
	assert_has(&report, "  missing     USER_NOTIF          a reason\n"
	                    "                                  lost: run: ");
	assert_has(&report, "  cannot tell WAIT_KILLABLE_RECV\n"
	                    "                                  lost: a signal ");
	assert_has(&report, "\ncallgate run works here with --deny-in-kernel at most\n");
}

/* What a program prints goes to a terminal. */
static void test_versions_are_escaped(void **state)
{
	struct doctor_report report = {
		.runtimes = { .n = 2,
		              .found = { { .name = "runc", .version = "1.\033[2J", .how = "so" },
		                         { .name = "crun", .how = "so" } } },
	};

	(void)state;
	assert_has(&report, "  yes         runc                1.\\x1b[2J: so\n");
	assert_has(&report, "  yes         crun                says no version: so\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_versions_are_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
