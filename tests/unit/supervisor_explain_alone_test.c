/* SPDX-License-Identifier: Apache-2.0 */
/* Whether calls would work without seccomp, with nothing read from this machine. */
#include "supervisor/reports/explain.h"

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
	{ "syslog", 3, 0, NO_EVENT, 1, ALONE_CANNOT_TELL, CAP(SYSLOG) | CAP(SYS_ADMIN),
	  "that depends: none where kernel.dmesg_restrict is 0, else CAP_SYSLOG" },
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

/* What the caller held counts, and not what the container's root would. */
static void test_caller(void **state)
{
	static const struct {
		uint64_t caps, container_caps;
		enum alone_answer answer;
		const char *words;
	} callers[] = {
		{ 0, CAP(SYS_BOOT), ALONE_NO,
		  "it needs CAP_SYS_BOOT, which the caller did not hold" },
		{ CAP(SYS_BOOT) | CAP(KILL), 0, ALONE_YES,
		  "it needs CAP_SYS_BOOT, which the caller held in its user namespace and a "
		  "container as the profile is resolved for does not" },
		{ CAP(SYS_BOOT), CAP(SYS_BOOT), ALONE_YES,
		  "it needs CAP_SYS_BOOT, which the caller held in its user namespace" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(callers); i++) {
		const struct event_record event = { .verdict = -1,
			                            .has_caps = true,
			                            .caps = callers[i].caps };
		const struct explain_subject subject = {
			.call = { .arch = AUDIT_ARCH_X86_64, .nr = number_of("reboot") },
			.text = "reboot()",
			.event = &event,
			.args_known = true,
			.elsewhere = true,
		};
		struct host host = fixture_host();
		struct explanation explanation;
		struct fixture fixture;

		host.caps |= callers[i].container_caps;
		assert_int_equal(
			fixture_parse(&fixture, "{'defaultAction':'SCMP_ACT_ERRNO'}", host), 0);
		assert_int_equal(explanation_build(fixture.ruleset, &subject, &explanation), 0);
		assert_string_equal(explanation.alone.words, callers[i].words);
		assert_int_equal(explanation.alone.answer, callers[i].answer);
		explanation_deinit(&explanation);
		fixture_free(&fixture);
	}
}

static int read_number(const char *path)
{
	FILE *file = fopen(path, "re");
	int number;

	if (!file)
		skip();
	assert_int_equal(fscanf(file, "%d", &number), 1);
	fclose(file);
	return number;
}

/* What a note names is looked up where it can be: the answer, or the value beside the note. */
static void test_settings_of_notes(void **state)
{
	const struct explain_subject dmesg = {
		.call = { .arch = AUDIT_ARCH_X86_64, .nr = number_of("syslog"), .args = { 3 } },
		.text = "syslog()",
		.args_known = true,
	};
	const struct explain_subject perf = {
		.call = { .arch = AUDIT_ARCH_X86_64, .nr = number_of("perf_event_open") },
		.text = "perf_event_open()",
	};
	int restricted = read_number("/proc/sys/kernel/dmesg_restrict");
	int paranoid = read_number("/proc/sys/kernel/perf_event_paranoid");
	struct explanation explanation;
	struct fixture fixture;
	char words[64];

	(void)state;
	assert_int_equal(
		fixture_parse(&fixture, "{'defaultAction':'SCMP_ACT_ERRNO'}", fixture_host()), 0);
	assert_int_equal(explanation_build(fixture.ruleset, &dmesg, &explanation), 0);
	assert_int_equal(explanation.alone.answer, restricted ? ALONE_NO : ALONE_YES);
	assert_string_equal(explanation.alone.words,
	                    restricted ? "here the kernel refuses it to who has no CAP_SYS_ADMIN "
	                                 "or CAP_SYSLOG, for kernel.dmesg_restrict is 1"
	                               : "no capability is needed, for here "
	                                 "kernel.dmesg_restrict is 0");
	explanation_deinit(&explanation);
	assert_int_equal(explanation_build(fixture.ruleset, &perf, &explanation), 0);
	assert_int_equal(explanation.alone.answer, ALONE_CANNOT_TELL);
	snprintf(words, sizeof(words), "; here kernel.perf_event_paranoid is %d", paranoid);
	assert_non_null(strstr(explanation.alone.words, words));
	explanation_deinit(&explanation);
	fixture_free(&fixture);
}

/* What this machine is set to, read beside it. */
static void test_settings(void **state)
{
	const struct explain_subject subject = {
		.call = { .arch = AUDIT_ARCH_X86_64, .nr = 175 },
		.text = "init_module()",
		.args_known = true,
	};
	int disabled = read_number("/proc/sys/kernel/modules_disabled");
	struct host host = fixture_host();
	struct explanation explanation;
	struct fixture fixture;

	(void)state;
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
		cmocka_unit_test(test_caller),
		cmocka_unit_test(test_settings_of_notes),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
