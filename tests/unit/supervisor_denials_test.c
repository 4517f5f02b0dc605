/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/reports/denials.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/support/diags_text.h"

/* Writes lines, ' for ", to a file and reads them. */
static void read_lines(const char *lines, bool first_only, struct denials *denials)
{
	char path[] = "/tmp/callgate-denials-XXXXXX";
	char *text = with_quotes(lines);
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(close(fd), 0);
	free(text);
	*denials = (struct denials){ 0 };
	assert_int_equal(denials_read(path, first_only, denials), 0);
	assert_int_equal(unlink(path), 0);
}

/* "nr(args) xcount comm" in one line for each entry; args only where they are known. */
static char *denials_text(const struct denials *denials, const char *profile)
{
	struct observed *list;
	char *text = NULL;
	size_t n, len;
	FILE *out = open_memstream(&text, &len);

	assert_int_equal(denials_of(denials, profile, &list, &n), 0);
	for (size_t i = 0; i < n; i++) {
		fprintf(out, "%d", list[i].call.nr);
		if (list[i].has_args)
			fprintf(out, "(%#llx)", (unsigned long long)list[i].call.args[0]);
		fprintf(out, " x%llu %s%s\n", (unsigned long long)list[i].count, list[i].comm,
		        list[i].enforced ? "" : " would");
	}
	fclose(out);
	free(list);
	return text;
}

static void check(const char *lines, bool first_only, const char *profile, const char *wanted)
{
	struct denials denials;
	char *text;

	read_lines(lines, first_only, &denials);
	text = denials_text(&denials, profile);
	assert_string_equal(text, wanted);
	free(text);
	denials_deinit(&denials);
}

#define EVENT(id, verdict, profile, comm, arg)                                                     \
	"{'schema':'callgate.event/1','event.id':'b-" id "','event.name':'syscall',"               \
	"'seccomp.verdict':'" verdict "','syscall.name':'unshare','syscall.number':272,"           \
	"'syscall.arch':'SCMP_ARCH_X86_64','syscall.args':[{'name':'flags','raw':'" arg "'}],"     \
	"'profile.name':'" profile "','process.executable.name':'" comm "'}\n"
#define FOLD(count)                                                                                \
	"{'schema':'callgate.event/1','event.id':'b-n2','event.name':'fold',"                      \
	"'seccomp.verdict':'deny','syscall.name':'unshare','syscall.number':272,"                  \
	"'syscall.arch':'SCMP_ARCH_X86_64','seccomp.repeat':" count "}\n"

static void test_alike_is_one_entry(void **state)
{
	(void)state;
	check(EVENT("1", "deny", "p", "ls", "0x1") EVENT("2", "deny", "p", "ls", "0x1")
	              EVENT("3", "deny", "p", "ls", "0x2") EVENT("4", "deny", "p", "sh", "0x1")
	                      EVENT("5", "would_deny", "p", "ls", "0x1")
	                              EVENT("6", "kill", "p", "ls", "0x1"),
	      false, NULL,
	      "272(0x1) x3 ls\n272(0x2) x1 ls\n272(0x1) x1 sh\n272(0x1) x1 ls would\n");
}

static void test_what_is_allowed_or_something_else_is_not_counted(void **state)
{
	(void)state;
	check(EVENT("1", "allow", "p", "ls",
	            "0x1") "{'schema':'callgate.event/"
	                   "1','event.name':'summary','summary.denied':7}\n",
	      false, NULL, "");
}

static void test_profiles_are_kept_apart(void **state)
{
	static const char lines[] = EVENT("1", "deny", "p", "a", "0x1")
		EVENT("2", "deny", "q", "b", "0x1") EVENT("3", "deny", "q", "b", "0x1") FOLD("9");
	struct denials denials;

	(void)state;
	check(lines, false, "p", "272(0x1) x1 a\n272 x9 \n");
	check(lines, false, "q", "272(0x1) x2 b\n272 x9 \n");
	check(lines, false, "r", "272 x9 \n");
	read_lines(lines, false, &denials);
	assert_string_equal(denials_main_profile(&denials)->name, "q");
	assert_int_equal(denials.calls, 12);
	denials_deinit(&denials);
}

/* As run leaves it: the first of each kind, and how many there were. */
static void test_the_summary_counts_what_was_not_written(void **state)
{
	static const char lines[] = EVENT("1", "deny", "p", "ls", "0x1")
		EVENT("4", "deny", "p", "ls",
	              "0x2") "{'schema':'callgate.event/1','event.name':'summary','summary.list':["
			     "{'event.id':'b-1','seccomp.repeat':30},{'event.id':'b-4','seccomp."
			     "repeat':1},"
			     "{'event.id':'b-9','seccomp.repeat':5},{'event.id':7},3],"
			     "'summary.list.complete':false}\n";
	struct denials denials;

	(void)state;
	check(lines, true, "p", "272(0x1) x30 ls\n272(0x2) x1 ls\n");
	/* in a whole log the summary counts what stands there */
	check(lines, false, "p", "272(0x1) x1 ls\n272(0x2) x1 ls\n");
	read_lines(lines, true, &denials);
	assert_true(denials.incomplete);
	denials_deinit(&denials);
}

static void test_bad_lines_are_counted(void **state)
{
	struct denials denials;

	(void)state;
	read_lines("{'schema':'callgate.event/2','event.name':'syscall'}\n"
	           "{'schema':'callgate.event/1','event.na\n"
	           "{}\n"
	           "{'schema':'callgate.event/"
	           "1','event.name':'syscall','syscall.name':'x','seccomp.verdict':'deny'}\n"
	           "{'schema':'callgate.event/"
	           "1','event.name':'syscall','syscall.name':'x','seccomp.verdict':'eaten'}\n",
	           false, &denials);
	assert_int_equal(denials.skips.later, 1);
	assert_int_equal(denials.skips.not_json, 1);
	assert_int_equal(denials.skips.not_event, 1);
	assert_int_equal(denials.unreadable, 2);
	assert_int_equal(denials.calls, 0);
	assert_null(denials_main_profile(&denials));
	denials_deinit(&denials);
}

static void test_what_a_policy_denied_is_left_out(void **state)
{
	struct denials denials;

	(void)state;
	read_lines("{'schema':'callgate.event/1','event.id':'b-1','event.name':'syscall',"
	           "'seccomp.verdict':'deny','syscall.name':'unshare','syscall.number':272,"
	           "'syscall.arch':'SCMP_ARCH_X86_64','rule.reason':'policy','profile.name':'p'}\n",
	           false, &denials);
	assert_int_equal(denials.by_policy, 1);
	assert_int_equal(denials.calls, 0);
	denials_deinit(&denials);
}

static void test_arguments_that_are_missing_are_not_known(void **state)
{
	(void)state;
	check("{'schema':'callgate.event/1','event.id':'b-1','event.name':'syscall',"
	      "'seccomp.verdict':'deny','syscall.name':'mount','syscall.number':165,'syscall.arch':"
	      "'SCMP_ARCH_X86_64',"
	      "'syscall.args':[{'raw':'0x1'},{'raw':'0x2'}]}\n",
	      false, NULL, "165 x1 \n");
}

/* A target chooses what it calls: the memory is bounded, the count is exact. */
static void test_different_calls_without_end(void **state)
{
	enum { EVENTS = DENIALS_MAX + 10 };
	char path[] = "/tmp/callgate-denials-XXXXXX";
	FILE *out = fdopen(mkstemp(path), "w");
	struct denials denials = { 0 };

	(void)state;
	assert_non_null(out);
	for (int i = 0; i < EVENTS; i++)
		fprintf(out,
		        "{\"schema\":\"callgate.event/1\",\"event.name\":\"syscall\","
		        "\"seccomp.verdict\":\"deny\",\"syscall.name\":\"x\",\"syscall.number\":"
		        "272,"
		        "\"syscall.arch\":\"SCMP_ARCH_X86_64\",\"syscall.args\":[{\"raw\":\"%#x\"}]"
		        "}\n",
		        i + 1);
	fclose(out);
	assert_int_equal(denials_read(path, false, &denials), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(denials.n, DENIALS_MAX);
	assert_int_equal(denials.left_out, 10);
	assert_int_equal(denials.calls, EVENTS);
	denials_deinit(&denials);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alike_is_one_entry),
		cmocka_unit_test(test_what_is_allowed_or_something_else_is_not_counted),
		cmocka_unit_test(test_profiles_are_kept_apart),
		cmocka_unit_test(test_the_summary_counts_what_was_not_written),
		cmocka_unit_test(test_bad_lines_are_counted),
		cmocka_unit_test(test_what_a_policy_denied_is_left_out),
		cmocka_unit_test(test_arguments_that_are_missing_are_not_known),
		cmocka_unit_test(test_different_calls_without_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
