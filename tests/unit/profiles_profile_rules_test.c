/* SPDX-License-Identifier: Apache-2.0 */
/* profiles/profile_rules.c and profile_syscalls.c: the rules of a profile. */
#include "tests/support/profile_rows.h"

#define RULE(rest) "{'defaultAction':'SCMP_ACT_ERRNO','syscalls':[\n{" rest "}]}"
#define READ(rest) RULE("'names':['read'],'action':'SCMP_ACT_ALLOW'" rest)
#define ARG(rest) READ(",'args':[\n{" rest "}]")
#define NUMBER_EXPECTED                                                                            \
	"not a number that a profile can have; expected an integer from 0 to "                     \
	"18446744073709551615, without sign, fraction or exponent\n"
#define OPERATORS "expected SCMP_CMP_NE, LT, LE, EQ, GE, GT or MASKED_EQ"

static const struct profile_row rule_rows[] = {
	{ READ(""), "" },
	{ RULE("'name':'read','action':'SCMP_ACT_ALLOW'"), "" },
	{ RULE("'name':'','names':['read'],'action':'SCMP_ACT_ALLOW'"), "" },
	{ RULE("'name':'read','names':[],'action':'SCMP_ACT_ALLOW'"), "" },
	{ RULE("'name':'read','names':['write'],'action':'SCMP_ACT_ALLOW'"),
	  "f:2:9: /syscalls/0/name: both name and names; expected names alone\n" },
	{ RULE("'action':'SCMP_ACT_ALLOW'"),
	  "f:2:1: warning: /syscalls/0: the rule names no syscall, so it does nothing; expected "
	  "names\n" },
	{ RULE("'names':['read']"), "f:2:1: /syscalls/0: no action; expected SCMP_ACT_ALLOW, "
	                            "SCMP_ACT_ERRNO or the like\n" },
	{ RULE("'names':['read'],'action':'SCMP_ACT_ALOW'"),
	  "f:2:28: /syscalls/0/action: unknown action \"SCMP_ACT_ALOW\"; expected SCMP_ACT_ALLOW, "
	  "ERRNO, NOTIFY, LOG, TRACE, TRAP, KILL, KILL_THREAD or KILL_PROCESS; did you mean "
	  "\"SCMP_ACT_ALLOW\"?\n" },
	{ "{'defaultAction':'SCMP_ACT_ERRNO','syscalls':[null]}",
	  "f:1:47: /syscalls/0: null; expected an object\n" },
	{ RULE("'names':['read',null,5,''],'action':'SCMP_ACT_ALLOW'"),
	  "f:2:18: /syscalls/0/names/1: null; expected a string\n"
	  "f:2:23: /syscalls/0/names/2: a number; expected a string\n"
	  "f:2:25: /syscalls/0/names/3: an empty name; expected a syscall's\n" },
	{ RULE("'names':['read\\u0000x'],'action':'SCMP_ACT_ALLOW'"),
	  "f:2:16: unexpected '\\\\'; expected no NUL character in a string\n" },
	{ READ(",'comment':5"), "f:2:55: /syscalls/0/comment: a number; expected a string\n" },
	{ READ(",'priority':5"),
	  "f:2:56: warning: /syscalls/0/priority: unknown key \"priority\"; it is ignored\n" },
	{ RULE("'names':['write'],'action':'SCMP_ACT_NOTIFY'"),
	  "f:2:1: warning: /syscalls/0: runc and Docker refuse SCMP_ACT_NOTIFY on write\n" },
	{ RULE("'names':['writev'],'action':'SCMP_ACT_NOTIFY'"), "" },
};

/* Names that no table has; what newer kernels have is known all the same. */
static const struct profile_row name_rows[] = {
	{ RULE("'names':['mseal','statmount','riscv_hwprobe'],'action':'SCMP_ACT_ALLOW'"), "" },
	{ RULE("'names':['socketcall','breakpoint','s390_pci_mmio_read'],'action':'SCMP_ACT_LOG'"),
	  "" },
	{ RULE("'names':['opennat'],'action':'SCMP_ACT_ALLOW'"),
	  "f:2:11: warning: /syscalls/0/names/0: no syscall is called \"opennat\"; the runtimes "
	  "skip it; did you mean \"openat\"?\n" },
	{ RULE("'name':'msael','action':'SCMP_ACT_ALLOW'"),
	  "f:2:9: warning: /syscalls/0/name: no syscall is called \"msael\"; the runtimes skip it; "
	  "did you mean \"mseal\"?\n" },
	{ RULE("'names':['READ','0','syscall_470'],'action':'SCMP_ACT_ALLOW'"),
	  "f:2:11: warning: /syscalls/0/names/0: no syscall is called \"READ\"; the runtimes skip "
	  "it; did you mean \"read\"?\n"
	  "f:2:18: warning: /syscalls/0/names/1: no syscall is called \"0\"; the runtimes skip "
	  "it\n"
	  "f:2:22: warning: /syscalls/0/names/2: no syscall is called \"syscall_470\"; the "
	  "runtimes skip it\n" },
	{ RULE("'names':['\\ud800'],'action':'SCMP_ACT_ALLOW'"),
	  "f:2:11: warning: /syscalls/0/names/0: no syscall is called \"\xef\xbf\xbd\"; the "
	  "runtimes skip it\n"
	  "f:2:12: warning: half of a surrogate pair; it is read as U+FFFD\n" },
};

static const struct profile_row errno_rows[] = {
	{ READ(",'errnoRet':1"),
	  "f:2:56: warning: /syscalls/0/errnoRet: SCMP_ACT_ALLOW takes no errno; Docker ignores "
	  "it, podman would refuse the profile\n" },
	{ READ(",'errnoRet':-1"), "f:2:56: /syscalls/0/errnoRet: " NUMBER_EXPECTED },
	{ RULE("'names':['read'],'action':'SCMP_ACT_ERRNO','errnoRet':4094"), "" },
	{ RULE("'names':['read'],'action':'SCMP_ACT_ERRNO','errnoRet':40000"),
	  "f:2:56: /syscalls/0/errnoRet: libseccomp refuses errno 40000; expected less than "
	  "4095\n" },
	{ RULE("'names':['read'],'action':'SCMP_ACT_ERRNO','errnoRet':65538"),
	  "f:2:56: warning: /syscalls/0/errnoRet: the runtimes keep 16 bits of the errno, so it "
	  "means 2; expected less than 4095\n" },
	{ RULE("'names':['read'],'action':'SCMP_ACT_TRACE','errnoRet':40000"), "" },
	/* libseccomp never hears of a name that it does not know */
	{ RULE("'names':['raed'],'action':'SCMP_ACT_ERRNO','errnoRet':40000"),
	  "f:2:11: warning: /syscalls/0/names/0: no syscall is called \"raed\"; the runtimes skip "
	  "it; did you mean \"read\"?\n"
	  "f:2:56: warning: /syscalls/0/errnoRet: libseccomp refuses errno 40000; expected less "
	  "than 4095\n" },
	/* podman */
	{ RULE("'names':['read'],'action':'SCMP_ACT_ERRNO','errno':'EACCES'"), "" },
	{ RULE("'names':['read'],'action':'SCMP_ACT_ERRNO','errno':'13'"), "" },
	{ RULE("'names':['read'],'action':'SCMP_ACT_ERRNO','errno':'EACCESS'"),
	  "f:2:53: /syscalls/0/errno: unknown errno \"EACCESS\"; expected EPERM or the like, or "
	  "its number; did you mean \"EACCES\"?\n" },
	{ RULE("'names':['read'],'action':'SCMP_ACT_ERRNO','errno':'1x'"),
	  "f:2:53: /syscalls/0/errno: unknown errno \"1x\"; expected EPERM or the like, or its "
	  "number\n" },
	{ RULE("'names':['read'],'action':'SCMP_ACT_ALLOW','errno':'EPERM'"),
	  "f:2:53: /syscalls/0/errno: SCMP_ACT_ALLOW takes no errno; podman refuses the profile, "
	  "expected none\n" },
	/* Docker knows no such key */
	{ RULE("'name':'read','action':'SCMP_ACT_ERRNO','errno':5"),
	  "f:2:50: warning: /syscalls/0/errno: \"errno\" means nothing in a profile for Docker; it "
	  "is ignored\n" },
};

static const struct profile_row arg_rows[] = {
	{ ARG("'index':5,'value':18446744073709551615,'op':'SCMP_CMP_EQ'"), "" },
	{ ARG("'op':'SCMP_CMP_EQ'"), "" },
	{ ARG("'index':0,'value':240,'valueTwo':0,'op':'SCMP_CMP_MASKED_EQ'"), "" },
	{ ARG("'index':6,'op':'SCMP_CMP_EQ'"),
	  "f:3:10: /syscalls/0/args/0/index: a syscall has no argument 6; expected 0 to 5\n" },
	{ ARG("'index':4294967296,'op':'SCMP_CMP_EQ'"),
	  "f:3:10: /syscalls/0/args/0/index: a syscall has no argument 4294967296; expected 0 to "
	  "5\n" },
	{ ARG("'value':18446744073709551616,'op':'SCMP_CMP_EQ'"),
	  "f:3:10: /syscalls/0/args/0/value: " NUMBER_EXPECTED },
	{ ARG("'value':'0x3','op':'SCMP_CMP_EQ'"),
	  "f:3:10: /syscalls/0/args/0/value: a string; expected an unsigned integer\n" },
	{ ARG("'value':true,'op':'SCMP_CMP_EQ'"),
	  "f:3:10: /syscalls/0/args/0/value: a boolean; expected an unsigned integer\n" },
	{ ARG("'value':3"), "f:3:1: /syscalls/0/args/0: no operator; " OPERATORS "\n" },
	{ ARG("'op':'SCMP_CMP_MASK_EQ'"),
	  "f:3:7: /syscalls/0/args/0/op: unknown operator \"SCMP_CMP_MASK_EQ\"; " OPERATORS
	  "; did you mean \"SCMP_CMP_MASKED_EQ\"?\n" },
	{ ARG("'op':'=='"),
	  "f:3:7: /syscalls/0/args/0/op: unknown operator \"==\"; " OPERATORS "\n" },
	{ READ(",'args':[null]"), "f:2:53: /syscalls/0/args/0: null; expected an object\n" },
	{ READ(",'args':{}"), "f:2:52: /syscalls/0/args: an object; expected a list\n" },
	{ ARG("'value':1,'valueTwo':2,'op':'SCMP_CMP_GT'"),
	  "f:3:23: warning: /syscalls/0/args/0/valueTwo: only SCMP_CMP_MASKED_EQ has a valueTwo; "
	  "it is ignored\n" },
	{ ARG("'value':0,'valueTwo':8,'op':'SCMP_CMP_MASKED_EQ'"),
	  "f:3:30: warning: /syscalls/0/args/0/op: the mask is 0, so the condition always holds; "
	  "expected the mask in value and the wanted bits in valueTwo\n" },
	{ ARG("'value':15,'valueTwo':17,'op':'SCMP_CMP_MASKED_EQ'"),
	  "f:3:24: warning: /syscalls/0/args/0/valueTwo: valueTwo has bits outside the mask in "
	  "value; they are ignored\n" },
	{ ARG("'op':'SCMP_CMP_EQ'},{'value':1,'op':'SCMP_CMP_EQ'"),
	  "f:2:52: warning: /syscalls/0/args: argument 0 is compared more than once, so the rule "
	  "counts where any of these conditions holds, not all\n" },
	/* what the runtimes never look at is no error: the default action, an unknown name */
	{ RULE("'names':['read'],'action':'SCMP_ACT_ERRNO','args':[{'index':9,"
	       "'op':'SCMP_CMP_EQ'}]"),
	  "f:2:62: warning: /syscalls/0/args/0/index: a syscall has no argument 9; expected 0 to "
	  "5\n" },
	{ RULE("'names':['zzzzz'],'action':'SCMP_ACT_ALLOW','args':[{'index':9,"
	       "'op':'SCMP_CMP_FOO'}]"),
	  "f:2:11: warning: /syscalls/0/names/0: no syscall is called \"zzzzz\"; the runtimes "
	  "skip it\n"
	  "f:2:63: warning: /syscalls/0/args/0/index: a syscall has no argument 9; expected 0 to "
	  "5\n" },
	{ RULE("'names':['zzzzz'],'action':'SCMP_ACT_ALLOW','args':[{'op':'SCMP_CMP_FOO'}]"),
	  "f:2:11: warning: /syscalls/0/names/0: no syscall is called \"zzzzz\"; the runtimes "
	  "skip it\n"
	  "f:2:60: /syscalls/0/args/0/op: unknown operator \"SCMP_CMP_FOO\"; " OPERATORS "\n" },
};

static void test_says_what_is_wrong_with_a_rule(void **state)
{
	(void)state;
	check_profile_rows(rule_rows, ARRAY_SIZE(rule_rows));
}

static void test_warns_of_names_that_are_no_syscalls(void **state)
{
	(void)state;
	check_profile_rows(name_rows, ARRAY_SIZE(name_rows));
}

static void test_says_what_is_wrong_with_an_errno(void **state)
{
	(void)state;
	check_profile_rows(errno_rows, ARRAY_SIZE(errno_rows));
}

static void test_says_what_is_wrong_with_arguments(void **state)
{
	(void)state;
	check_profile_rows(arg_rows, ARRAY_SIZE(arg_rows));
}

/* Many unknown names are many warnings, but no long wait: the near miss is not sought for all. */
static void test_bounds_the_search_for_near_misses(void **state)
{
	enum { NAMES = 100000 };
	_cleanup_free_ char *json = NULL;
	struct profile *profile;
	size_t len;
	FILE *out = open_memstream(&json, &len);

	(void)state;
	fprintf(out, "{'defaultAction':'SCMP_ACT_ERRNO','syscalls':[{'action':'SCMP_ACT_ALLOW',"
	             "'names':['read'");
	for (int i = 0; i < NAMES; i++)
		fprintf(out, ",'nothing_%d'", i);
	fprintf(out, "]}]}");
	fclose(out);
	profile = read_profile(json);
	assert_int_equal(profile->rules[0].n_names, NAMES + 1);
	profile_free(profile);
}

static void test_bounds_the_number_of_rules(void **state)
{
	enum { RULES = 65537 };
	_cleanup_free_ char *json = NULL;
	struct profile *profile = NULL;
	struct diags diags;
	size_t len;
	FILE *out = open_memstream(&json, &len);

	(void)state;
	fprintf(out, "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{}");
	for (int i = 1; i < RULES; i++)
		fprintf(out, ",{}");
	fprintf(out, "]}");
	fclose(out);
	diags_init(&diags, "f");
	assert_int_equal(profile_parse("n", "f", json, len, &diags, &profile), -EBADMSG);
	assert_int_equal(diags.errors, 1);
	assert_string_equal(diags.list[0].message, "65537 rules; expected at most 65536");
	diags_deinit(&diags);
}

/* ---- values */

static void test_reads_a_rule(void **state)
{
	struct profile *profile =
		read_profile("{'defaultAction':'SCMP_ACT_LOG','syscalls':[{'names':[],'action':"
	                     "'SCMP_ACT_KILL'},\n {'names':['read','mseal'],'comment':'why',"
	                     "'action':'SCMP_ACT_ERRNO','errnoRet':65538,'args':["
	                     "{'index':2,'value':7,'valueTwo':9,'op':'SCMP_CMP_GE'},"
	                     "{'value':240,'valueTwo':16,'op':'SCMP_CMP_MASKED_EQ'}]}]}");
	const struct rule *rule = &profile->rules[1];

	(void)state;
	assert_int_equal(profile->n_rules, 2);
	assert_int_equal(profile->rules[0].action.kind, ACTION_KILL_THREAD);
	assert_int_equal(rule->index, 1);
	assert_int_equal(rule->place.line, 2);
	assert_int_equal(rule->place.column, 2);
	assert_int_equal(rule->n_names, 2);
	assert_string_equal(rule->names[1], "mseal");
	assert_true(action_equal(rule->action, (struct action){ ACTION_ERRNO, 2 }));
	assert_int_equal(rule->n_args, 2);
	assert_int_equal(rule->args[0].index, 2);
	assert_int_equal(rule->args[0].op, COMPARE_GE);
	assert_int_equal(rule->args[0].value, 7);
	assert_int_equal(rule->args[0].value_two, 0);
	assert_int_equal(rule->args[1].index, 0);
	assert_int_equal(rule->args[1].op, COMPARE_MASKED_EQ);
	assert_int_equal(rule->args[1].value, 240);
	assert_int_equal(rule->args[1].value_two, 16);
	assert_string_equal(rule->comment, "why");
	profile_free(profile);
}

/* An index that is no error, because nobody looks at it, must not reach who indexes by it. */
static void test_keeps_bad_indexes_out(void **state)
{
	struct profile *profile = read_profile(
		RULE("'names':['read'],'action':'SCMP_ACT_ERRNO','args':["
	             "{'index':9,'op':'SCMP_CMP_EQ'},{'index':3,'op':'SCMP_CMP_EQ'}]"));

	(void)state;
	assert_int_equal(profile->rules[0].n_args, 1);
	assert_int_equal(profile->rules[0].args[0].index, 3);
	profile_free(profile);
}

/* The runtimes skip the name, and so never see the index. */
static void test_disarms_a_rule_that_lost_a_condition(void **state)
{
	struct profile *profile =
		read_profile(RULE("'names':['zzzzz'],'action':'SCMP_ACT_ALLOW','args':[{'index':9,"
	                          "'op':'SCMP_CMP_EQ'}]"));

	(void)state;
	assert_int_equal(profile->rules[0].n_names, 0);
	profile_free(profile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_says_what_is_wrong_with_a_rule),
		cmocka_unit_test(test_warns_of_names_that_are_no_syscalls),
		cmocka_unit_test(test_says_what_is_wrong_with_an_errno),
		cmocka_unit_test(test_says_what_is_wrong_with_arguments),
		cmocka_unit_test(test_bounds_the_search_for_near_misses),
		cmocka_unit_test(test_bounds_the_number_of_rules),
		cmocka_unit_test(test_reads_a_rule),
		cmocka_unit_test(test_keeps_bad_indexes_out),
		cmocka_unit_test(test_disarms_a_rule_that_lost_a_condition),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
