/* SPDX-License-Identifier: Apache-2.0 */
/* Whether calls would work without seccomp, with nothing read from this machine. */
#include "supervisor/explain.h"

#include <linux/capability.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/profile_fixture.h"

#define CAP(name) (UINT64_C(1) << CAP_##name)

enum { NO_EVENT = -2 };

static const struct {
	const char *name;
	uint64_t first;
	uint64_t caps; /* beside Docker's */
	int64_t uid;   /* of the event */
	unsigned kernel_minor;
	enum alone_answer answer;
	uint64_t needs;
	const char *words;
} rows[] = {
	{ "read", 0, 0, NO_EVENT, 1, ALONE_YES, 0, "no capability is needed" },
	{ "mount", 0, 0, NO_EVENT, 1, ALONE_NO, CAP(SYS_ADMIN),
	  "it needs CAP_SYS_ADMIN, which is not among the container's capabilities; Docker's "
	  "AppArmor "
	  "profile, where there is one, denies mounts too" },
	{ "reboot", 0, CAP(SYS_BOOT), NO_EVENT, 1, ALONE_YES, CAP(SYS_BOOT),
	  "it needs CAP_SYS_BOOT, which the container has" },
	{ "reboot", 0, CAP(SYS_BOOT), 0, 1, ALONE_YES, CAP(SYS_BOOT),
	  "it needs CAP_SYS_BOOT, which the container has" },
	{ "reboot", 0, CAP(SYS_BOOT), 1000, 1, ALONE_CANNOT_TELL, CAP(SYS_BOOT),
	  "it needs CAP_SYS_BOOT, which the container has; the caller was user 1000, and only root "
	  "mostly holds any" },
	{ "reboot", 0, 0, 1000, 1, ALONE_NO, CAP(SYS_BOOT),
	  "it needs CAP_SYS_BOOT, which is not among the container's capabilities; the caller was "
	  "user "
	  "1000, and only root mostly holds any" },
	{ "reboot", 0, 0, 0, 1, ALONE_CANNOT_TELL, CAP(SYS_BOOT),
	  "it needs CAP_SYS_BOOT, which is not among the container's capabilities; what the "
	  "process "
	  "itself held the event does not say, and root outside a container holds all" },
	{ "unshare", 0x10000000, 0, 1000, 1, ALONE_YES, 0,
	  "no capability is needed; a user namespace of its own gives the capabilities for the "
	  "others" },
	{ "syslog", 0, 0, NO_EVENT, 1, ALONE_CANNOT_TELL, CAP(SYSLOG) | CAP(SYS_ADMIN),
	  "that depends: none to read where kernel.dmesg_restrict is 0, else CAP_SYSLOG" },
	{ "mknod", 0, 0, NO_EVENT, 1, ALONE_YES, CAP(MKNOD),
	  "the most that it may need is CAP_MKNOD, which the container has" },
	{ "nfsservctl", 0, 0, NO_EVENT, 1, ALONE_NO, 0,
	  "no kernel since Linux 3.1 has the call: ENOSYS" },
	{ "cachestat", 0, 0, NO_EVENT, 1, ALONE_NO, 0,
	  "Linux 6.5 is the first that has it, and the kernel is 6.1: ENOSYS" },
	{ "cachestat", 0, 0, NO_EVENT, 5, ALONE_YES, 0, "no capability is needed" },
	{ "syscall_900", 0, 0, NO_EVENT, 1, ALONE_CANNOT_TELL, 0,
	  "nothing is known of a number without a name; a kernel that lacks it answers ENOSYS" },
};

static int number_of(const char *name)
{
	if (strcmp(name, "syscall_900") == 0)
		return 900;
	return strcmp(name, "cachestat") == 0
	               ? 451
	               : seccomp_syscall_resolve_name_arch(SCMP_ARCH_X86_64, name);
}

static void check_row(size_t i)
{
	struct host host = fixture_host();
	const struct event_record event = { .uid = rows[i].uid, .verdict = -1 };
	const struct explain_subject subject = {
		.call = { .arch = AUDIT_ARCH_X86_64,
		          .nr = number_of(rows[i].name),
		          .args = { rows[i].first } },
		.text = rows[i].name,
		.event = rows[i].uid == NO_EVENT ? NULL : &event,
		.args_known = true,
		.elsewhere = true,
	};
	struct explanation explanation;
	struct fixture fixture;

	host.caps |= rows[i].caps;
	host.kernel.minor = rows[i].kernel_minor;
	assert_int_equal(fixture_parse(&fixture, "{'defaultAction':'SCMP_ACT_ERRNO'}", host), 0);
	assert_int_equal(explanation_build(fixture.ruleset, &subject, &explanation), 0);
	assert_string_equal(explanation.alone.words, rows[i].words);
	assert_int_equal(explanation.alone.answer, rows[i].answer);
	assert_int_equal(explanation.alone.caps, rows[i].needs);
	explanation_deinit(&explanation);
	fixture_free(&fixture);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_row(i);
}

/* What this machine is set to, read beside it. */
static void test_settings(void **state)
{
	const struct explain_subject subject = {
		.call = { .arch = AUDIT_ARCH_X86_64, .nr = 175 },
		.text = "init_module()",
		.args_known = true,
	};
	FILE *file = fopen("/proc/sys/kernel/modules_disabled", "re");
	struct host host = fixture_host();
	struct explanation explanation;
	struct fixture fixture;
	int disabled;

	(void)state;
	if (!file)
		skip();
	assert_int_equal(fscanf(file, "%d", &disabled), 1);
	fclose(file);
	host.caps |= CAP(SYS_MODULE);
	assert_int_equal(fixture_parse(&fixture, "{'defaultAction':'SCMP_ACT_ERRNO'}", host), 0);
	assert_int_equal(explanation_build(fixture.ruleset, &subject, &explanation), 0);
	assert_int_equal(explanation.alone.answer, disabled ? ALONE_NO : ALONE_YES);
	assert_int_equal(strstr(explanation.alone.words, "kernel.modules_disabled is 1") != NULL,
	                 disabled);
	explanation_deinit(&explanation);
	fixture_free(&fixture);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(alone_answer_name(ALONE_YES), "yes");
	assert_string_equal(alone_answer_name(ALONE_NO), "no");
	assert_string_equal(alone_answer_name(ALONE_CANNOT_TELL), "cannot-tell");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
