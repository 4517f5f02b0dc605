/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/events/event_text.h"

#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "supervisor/events/render.h"
#include "tests/support/notification.h"

#define TIME "16:39:10.622  "

static const struct text_style plain = { 0 };

static struct notification notification;
static char bytes[16 << 10];
static struct text line;

static const struct call_row {
	enum mode mode;
	const char *syscall;
	uint64_t args[6];
	const char *line;
} call_rows[] = {
	{ MODE_ENFORCE,
	  "unshare",
	  { 0x10000000 },
	  TIME "DENY   sh[4242]            unshare(CLONE_NEWUSER) = -1 EPERM                 "
	       "default (my.json:8 needs CAP_SYS_ADMIN)  #1\n" },
	{ MODE_ENFORCE,
	  "reboot",
	  { 0 },
	  TIME "DENY   sh[4242]            reboot(0, 0, LINUX_REBOOT_CMD_CAD_OFF) = -1 EPERM  "
	       "default (no rule)  #1\n" },
	{ MODE_ENFORCE,
	  "socket",
	  { 38, 5, 0 },
	  TIME "DENY   sh[4242]            socket(AF_ALG, SOCK_SEQPACKET, 0) = -1 EPERM      "
	       "default (my.json:10 needs domain < 38)  #1\n" },
	{ MODE_ENFORCE,
	  "clone",
	  { 0x10000011 },
	  TIME "DENY   sh[4242]            clone(CLONE_NEWUSER|SIGCHLD, NULL, NULL, NULL, 0) = -1 "
	       "EPERM  default (my.json:12 needs flags & 0x7e020000 == 0)  #1\n" },
	{ MODE_ENFORCE,
	  "keyctl",
	  { 0, 5 },
	  TIME "DENY   sh[4242]            keyctl(KEYCTL_GET_KEYRING_ID, 5, 0) = -1 EACCES   "
	       "rule my.json:7  #1\n" },
	{ MODE_ENFORCE,
	  "umask",
	  { 0 },
	  TIME "DENY   sh[4242]            umask(0) = 0                                      "
	       "rule my.json:17  #1\n" },
	{ MODE_ENFORCE,
	  "personality",
	  { 8 },
	  TIME "DENY   sh[4242]            personality(PER_LINUX32) = -1 EPERM               "
	       "no rule for SCMP_ACT_NOTIFY (my.json:14)  #1\n" },
	{ MODE_ENFORCE,
	  "ptrace",
	  { 0 },
	  TIME "DENY   sh[4242]            ptrace(PTRACE_TRACEME) = -1 EPERM                 "
	       "default (my.json:15 needs Linux 99.1)  #1\n" },
	{ MODE_ENFORCE,
	  "cachestat",
	  { 0 },
	  TIME "DENY   sh[4242]            cachestat(0, NULL, NULL, 0) = -1 ENOSYS           "
	       "newer than the profile; programs fall back  #1\n" },
	{ MODE_COMPLAIN,
	  "unshare",
	  { 0x10000000 },
	  TIME "WOULD  sh[4242]            unshare(CLONE_NEWUSER)                            "
	       "complain: would be EPERM, default (my.json:8 needs CAP_SYS_ADMIN)  #1\n" },
	{ MODE_COMPLAIN,
	  "umask",
	  { 0 },
	  TIME "WOULD  sh[4242]            umask(0)                                          "
	       "complain: would be 0, rule my.json:17  #1\n" },
	{ MODE_COMPLAIN,
	  "keyctl",
	  { 0, 5 },
	  TIME "WOULD  sh[4242]            keyctl(KEYCTL_GET_KEYRING_ID, 5, 0)               "
	       "complain: would be EACCES, rule my.json:7  #1\n" },
};

/* The line of the notification as the count-th call of its kind. */
static void render(const struct test_session *test, const struct text_style *style, unsigned count)
{
	struct event event = test_event(test, &notification, 1);
	char call_bytes[TALLY_CALL_MAX + 1];
	struct text call = TEXT_OVER(call_bytes);
	const struct kind *kind;
	struct tally tally;

	tally_init(&tally);
	render_call(&call, &notification);
	for (unsigned i = 0; i < count; i++)
		(void)tally_add(&tally, &event, &call, &kind);
	line = TEXT_OVER(bytes);
	event_text(&line, style, &event, kind);
	tally_deinit(&tally);
}

static void test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(call_rows); i++) {
		struct test_session test;

		test_session_open(&test, "./some/my.json", test_profile, call_rows[i].mode);
		test_call(&notification, &test, call_rows[i].syscall, call_rows[i].args);
		render(&test, &plain, 1);
		assert_string_equal(line.bytes, call_rows[i].line);
		test_session_close(&test);
	}
}

static const struct verdict_row {
	struct verdict verdict;
	const char *line;
} verdict_rows[] = {
	{ { .kind = VERDICT_KILL,
	    .error = EPERM,
	    .by = DECIDED_BY_RULE,
	    .action = { ACTION_KILL_PROCESS, 0 },
	    .rule = 1 },
	  TIME "KILL   sh[4242]            umask(0) = ?                                      "
	       "rule my.json:7  #1\n" },
	{ { .kind = VERDICT_WOULD,
	    .error = EPERM,
	    .by = DECIDED_BY_RULE,
	    .action = { ACTION_KILL_THREAD, 0 },
	    .rule = 1 },
	  TIME "WOULD  sh[4242]            umask(0)                                          "
	       "complain: would be killed, rule my.json:7  #1\n" },
	{ { .kind = VERDICT_DENY,
	    .error = 524,
	    .by = DECIDED_BY_BAD_ARCH,
	    .action = { ACTION_ERRNO, 524 },
	    .rule = -1 },
	  TIME "DENY   sh[4242]            umask(0) = -1 errno 524                           "
	       "architecture is not in the profile  #1\n" },
	{ { .kind = VERDICT_DENY, .error = EPERM, .rule = -1 }, /* as it is born */
	  TIME "DENY   sh[4242]            umask(0) = -1 EPERM                               "
	       "refused without a decision  #1\n" },
	{ { .kind = VERDICT_DENY,
	    .error = EPERM,
	    .by = DECIDED_BY_DEFAULT,
	    .action = { ACTION_NOTIFY, 0 },
	    .rule = -1 },
	  TIME "DENY   sh[4242]            umask(0) = -1 EPERM                               "
	       "no rule for SCMP_ACT_NOTIFY  #1\n" },
};

static void test_verdicts(void **state)
{
	struct test_session test;

	(void)state;
	test_session_open(&test, "my.json", test_profile, MODE_ENFORCE);
	for (size_t i = 0; i < ARRAY_SIZE(verdict_rows); i++) {
		test_call(&notification, &test, "umask", NULL);
		notification.verdict = verdict_rows[i].verdict;
		render(&test, &plain, 1);
		assert_string_equal(line.bytes, verdict_rows[i].line);
	}
	test_session_close(&test);
}

static const struct who_row {
	const char *comm;
	pid_t pid;
	const char *who;
} who_rows[] = {
	{ "sh", 4242, "  sh[4242]            umask" },
	{ "sh", 0, "  sh[4243]            umask" }, /* /proc did not tell: the thread */
	{ "", 4242, "  ?[4242]             umask" },
	{ "\033[31m", 4242, "  \\x1b[31m[4242]      umask" },
	{ "a b\n", 4242, "  a b\\n[4242]         umask" },
	{ "\xe2\x80\xae", 4242, "  \\xe2\\x80\\xae[4242]  umask" },
	{ "gr\xc3\xbc\xc3\x9f", 4242, "  gr\xc3\xbc\xc3\x9f[4242]          umask" },
	{ "123456789012345", 4194304, "  123456789012345[4194304]  umask" },
};

static void test_who(void **state)
{
	struct test_session test;

	(void)state;
	test_session_open(&test, "my.json", test_profile, MODE_ENFORCE);
	for (size_t i = 0; i < ARRAY_SIZE(who_rows); i++) {
		test_call(&notification, &test, "umask", NULL);
		memset(notification.caller.comm, 0, CALLER_COMM_SIZE);
		strcpy(notification.caller.comm, who_rows[i].comm);
		notification.caller.pid = who_rows[i].pid;
		render(&test, &plain, 1);
		assert_non_null(strstr(line.bytes, who_rows[i].who));
	}
	test_session_close(&test);
}

static const struct style_row {
	struct text_style style;
	unsigned count;
	const char *line;
} style_rows[] = {
	{ { .prefix = true },
	  1,
	  "callgate: " TIME "DENY   sh[4242]            umask(0) = 0                               "
	  "       rule my.json:17  #1\n" },
	{ { 0 },
	  1000,
	  TIME "DENY   sh[4242]            umask(0) = 0                                      "
	       "rule my.json:17  ×1000  #1\n" },
	{ { .colour = true },
	  1,
	  TIME
	  "\033[1;31mDENY\033[0m   \033[36msh[4242]\033[0m            umask(0) = 0              "
	  "                        rule my.json:17  #1\n" },
};

static void test_styles(void **state)
{
	struct test_session test;

	(void)state;
	test_session_open(&test, "my.json", test_profile, MODE_ENFORCE);
	for (size_t i = 0; i < ARRAY_SIZE(style_rows); i++) {
		test_call(&notification, &test, "umask", NULL);
		render(&test, &style_rows[i].style, style_rows[i].count);
		assert_string_equal(line.bytes, style_rows[i].line);
	}
	test_session_close(&test);
}

/* Less bright, and it says why in words. */
static void test_a_fallback_is_dim(void **state)
{
	const struct text_style style = { .prefix = true, .colour = true };
	struct test_session test;

	(void)state;
	test_session_open(&test, "my.json", test_profile, MODE_ENFORCE);
	test_call(&notification, &test, "cachestat", NULL);
	render(&test, &style, 100);
	assert_string_equal(
		line.bytes,
		"callgate: \033[2m" TIME
		"DENY   sh[4242]            cachestat(0, NULL, NULL, 0) = -1 ENOSYS      "
		"     newer than the profile; programs fall back  ×100  #1\033[0m\n");
	test_session_close(&test);
}

static size_t columns(const char *string)
{
	size_t count = 0;

	for (; *string && *string != '\n'; string++)
		count += ((unsigned char)*string & 0xc0) != 0x80;
	return count;
}

static void long_mount(const struct test_session *test, const struct text_style *style)
{
	char path[200];

	memset(path, 'x', sizeof(path));
	path[100] = '\xc3';
	path[101] = '\xbc';
	test_call(&notification, test, "mount", (uint64_t[6]){ 8, 9 });
	test_memory(&notification, 0, path, sizeof(path));
	test_memory(&notification, 1, "/end", 4);
	render(test, style, 1);
}

static void assert_utf8(const struct text *text)
{
	for (size_t i = 0, step; i < text->len; i += step) {
		step = text_utf8_length((unsigned char *)text->bytes + i, text->len - i);
		assert_int_not_equal(step, 0);
	}
}

/* The middle of a call gives way, never its name or its result; and not past 40 columns. */
static void test_fits_the_terminal(void **state)
{
	struct test_session test;
	size_t whole, least;

	(void)state;
	test_session_open(&test, "my.json", test_profile, MODE_ENFORCE);
	long_mount(&test, &plain);
	whole = columns(line.bytes);
	long_mount(&test, &(struct text_style){ .width = 1 });
	least = columns(line.bytes);
	assert_in_range(least, 80, 140);
	for (unsigned width = 1; width < whole + 20; width++) {
		size_t wanted = width < least ? least : width > whole ? whole : width;

		long_mount(&test, &(struct text_style){ .width = width });
		assert_int_equal(columns(line.bytes), wanted);
		assert_int_equal(strstr(line.bytes, "…") != NULL, width < whole);
		assert_non_null(strstr(line.bytes, "  mount(\"xxxx"));
		assert_non_null(strstr(line.bytes, "NULL) = -1 EPERM  default ("));
		assert_utf8(&line);
	}
	test_session_close(&test);
}

static void test_long_calls_are_whole_off_a_terminal(void **state)
{
	char path[1400];
	struct test_session test;

	(void)state;
	memset(path, '\xff', sizeof(path));
	test_session_open(&test, "my.json", test_profile, MODE_ENFORCE);
	test_call(&notification, &test, "mount", (uint64_t[6]){ 8, 9 });
	test_memory(&notification, 0, path, sizeof(path));
	render(&test, &plain, 1);
	assert_null(strstr(line.bytes, "…"));
	assert_non_null(strstr(line.bytes, "NULL) = -1 EPERM  default ("));
	assert_int_equal(line.bytes[line.len - 1], '\n');
	test_session_close(&test);
}

static const struct note_row {
	enum mode mode;
	struct event event;
	const char *line;
} note_rows[] = {
	{ MODE_ENFORCE, { .kind = EVENT_START }, "" },
	{ MODE_COMPLAIN,
	  { .kind = EVENT_START },
	  "callgate: complain mode: calls that profile my.json would deny are really executed; "
	  "never use it on untrusted code\n" },
	{ MODE_ENFORCE,
	  { .kind = EVENT_WARNING, .message = "a \"b\" \\x1b \033[0m\nc" },
	  "callgate: warning: a \"b\" \\x1b \\x1b[0m\\nc\n" },
	{ MODE_ENFORCE,
	  { .kind = EVENT_FOLD,
	    .time_ns = TEST_TIME_NS,
	    .fold = { SCMP_ARCH_X86_64, 165, { .kind = VERDICT_DENY, .error = EPERM }, 120 } },
	  "callgate: " TIME "DENY   ?                   mount(…) = -1 EPERM                        "
	  "       too many at once to show  ×120\n" },
	{ MODE_ENFORCE, { .kind = EVENT_SUMMARY }, "" },
};

static void test_notes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(note_rows); i++) {
		struct text_style style = { .prefix = true };
		struct event event = note_rows[i].event;
		struct test_session test;

		test_session_open(&test, "my.json", test_profile, note_rows[i].mode);
		event.session = &test.session;
		line = TEXT_OVER(bytes);
		event_text(&line, &style, &event, NULL);
		assert_string_equal(line.bytes, note_rows[i].line);
		test_session_close(&test);
	}
}

static void test_held_and_unwritten(void **state)
{
	struct unwritten unwritten = { .counts = { [VERDICT_DENY] = 5, [VERDICT_KILL] = 1 } };

	(void)state;
	line = TEXT_OVER(bytes);
	event_text_held(&line, &plain, 1);
	event_text_held(&line, &plain, 12);
	event_text_unwritten(&line, &plain, &unwritten);
	unwritten = (struct unwritten){ .counts = { [VERDICT_KIND_COUNT] = 1 } };
	event_text_unwritten(&line, &plain, &unwritten);
	assert_string_equal(line.bytes,
	                    "... 1 more kind in this second\n"
	                    "... 12 more kinds in this second\n"
	                    "6 lines were not written: the reader is too slow (DENY ×5, KILL ×1)\n"
	                    "1 line was not written: the reader is too slow\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_who),
		cmocka_unit_test(test_styles),
		cmocka_unit_test(test_a_fallback_is_dim),
		cmocka_unit_test(test_fits_the_terminal),
		cmocka_unit_test(test_long_calls_are_whole_off_a_terminal),
		cmocka_unit_test(test_notes),
		cmocka_unit_test(test_held_and_unwritten),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
