/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/profile.h"

#include "tests/support/profile_rows.h"

#define UNCONFINED "neither a defaultAction nor syscalls, so everything is allowed\n"

static const struct profile_row rows[] = {
	{ "{'defaultAction':'SCMP_ACT_ALLOW'}", "" },
	{ "{'defaultAction':'SCMP_ACT_ERRNO','syscalls':null,'flags':[],'listenerPath':'/x',"
	  "'listenerMetadata':'m','comment':5}",
	  "" },
	{ "[]", "f:1:1: a list; expected an object\n" },
	{ "'x'", "f:1:1: a string; expected an object\n" },
	{ "null", "f:1:1: warning: " UNCONFINED },
	{ "{}", "f:1:1: warning: " UNCONFINED },
	{ "{'defaultAction':'','syscalls':[]}", "f:1:1: warning: " UNCONFINED },
	{ "{'Vcpu':1}", "f:1:1: warning: " UNCONFINED
	                "f:1:9: warning: /Vcpu: unknown key \"Vcpu\"; it is ignored\n" },
	/* all the errors, in the order of the file */
	{ "{'syscalls':[{'names':['read'],'action':'ALLOW'},\n"
	  "{'names':'read','action':'SCMP_ACT_LOG'}],\n"
	  "'defaultAction':'SCMP_ACT_DENY','flags':7,'listenerPath':[]}",
	  "f:1:41: /syscalls/0/action: unknown action \"ALLOW\"; expected SCMP_ACT_ALLOW, ERRNO, "
	  "NOTIFY, LOG, TRACE, TRAP, KILL, KILL_THREAD or KILL_PROCESS\n"
	  "f:2:1: warning: /syscalls/1: the rule names no syscall, so it does nothing; expected "
	  "names\n"
	  "f:2:10: /syscalls/1/names: a string; expected a list\n"
	  "f:3:17: /defaultAction: unknown action \"SCMP_ACT_DENY\"; expected SCMP_ACT_ALLOW, "
	  "ERRNO, NOTIFY, LOG, TRACE, TRAP, KILL, KILL_THREAD or KILL_PROCESS\n"
	  "f:3:41: /flags: a number; expected a list\n"
	  "f:3:58: /listenerPath: a list; expected a string\n" },
	/* the default action */
	{ "{'syscalls':[{'names':['read'],'action':'SCMP_ACT_ALLOW'}]}",
	  "f:1:1: no defaultAction; expected SCMP_ACT_ALLOW, SCMP_ACT_ERRNO or the like\n" },
	{ "{'defaultAction':'','syscalls':[{'names':['read'],'action':'SCMP_ACT_ALLOW'}]}",
	  "f:1:1: no defaultAction; expected SCMP_ACT_ALLOW, SCMP_ACT_ERRNO or the like\n" },
	{ "{'defaultAction':'SCMP_ACT_NOTIFY'}",
	  "f:1:18: warning: /defaultAction: runc and Docker refuse SCMP_ACT_NOTIFY as default "
	  "action\n" },
	{ "{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':0}", "" },
	{ "{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':4094}", "" },
	{ "{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':4095}",
	  "f:1:53: /defaultErrnoRet: libseccomp refuses errno 4095; expected less than 4095\n" },
	{ "{'defaultAction':'SCMP_ACT_TRACE','defaultErrnoRet':65535}", "" },
	{ "{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':'1'}",
	  "f:1:53: /defaultErrnoRet: a string; expected an unsigned integer\n" },
	{ "{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':1.0}",
	  "f:1:53: /defaultErrnoRet: not a number that a profile can have; expected an integer "
	  "from 0 to 18446744073709551615, without sign, fraction or exponent\n" },
	{ "{'defaultAction':'SCMP_ACT_KILL','defaultErrnoRet':1}",
	  "f:1:52: warning: /defaultErrnoRet: SCMP_ACT_KILL_THREAD takes no errno; Docker ignores "
	  "it, podman would refuse the profile\n" },
	/* keys */
	{ "{'DEFAULTACTION':'SCMP_ACT_LOG'}",
	  "f:1:18: warning: /DEFAULTACTION: \"DEFAULTACTION\" is read as \"defaultAction\", as "
	  "Docker reads it; expected that spelling\n" },
	{ "{'default_action':'SCMP_ACT_LOG','defaultAction':'SCMP_ACT_LOG'}",
	  "f:1:19: warning: /default_action: unknown key \"default_action\"; it is ignored; did "
	  "you mean \"defaultAction\"?\n" },
	{ "{'defaultAction':'SCMP_ACT_LOG','\\u001b[1m':1}",
	  "f:1:45: warning: /\\x1b[1m: unknown key \"\\x1b[1m\"; it is ignored\n" },
	/* flags and the listener */
	{ "{'defaultAction':'SCMP_ACT_LOG','flags':['SECCOMP_FILTER_FLAG_LOG',"
	  "'SECCOMP_FILTER_FLAG_SPEC_ALLOW','SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV']}",
	  "" },
	{ "{'defaultAction':'SCMP_ACT_LOG','flags':['SECCOMP_FILTER_FLAG_TSYNC']}",
	  "f:1:42: warning: /flags/0: SECCOMP_FILTER_FLAG_TSYNC is ignored: the filter is "
	  "installed before there are threads\n" },
	{ "{'defaultAction':'SCMP_ACT_LOG','flags':['SECCOMP_FILTER_FLAG_LOGS']}",
	  "f:1:42: /flags/0: unknown flag \"SECCOMP_FILTER_FLAG_LOGS\"; expected "
	  "SECCOMP_FILTER_FLAG_LOG, SPEC_ALLOW, TSYNC or WAIT_KILLABLE_RECV; did you mean "
	  "\"SECCOMP_FILTER_FLAG_LOG\"?\n" },
	{ "{'defaultAction':'SCMP_ACT_LOG','listenerMetadata':'x'}",
	  "f:1:52: warning: /listenerMetadata: listenerMetadata goes nowhere; expected a "
	  "listenerPath with it\n" },
	/* a runtime's config.json */
	{ "{'ociVersion':'1.0.2','process':{},'linux':{'seccomp':{'defaultAction':"
	  "'SCMP_ACT_LOG'}}}",
	  "" },
	{ "{'ociVersion':'1.0.2'}",
	  "f:1:1: warning: the configuration has no linux.seccomp, so everything is allowed\n" },
	{ "{'linux':{'seccomp':[]}}", "f:1:21: /linux/seccomp: a list; expected an object\n" },
	{ "{'linux':[]}",
	  "f:1:1: warning: the configuration has no linux.seccomp, so everything is allowed\n"
	  "f:1:10: /linux: a list; expected an object\n" },
	{ "{'linux':{'seccomp':{'defaultAction':'SCMP_ACT_LOG','syscalls':[{'names':['read'],"
	  "'action':'SCMP_ACT_ALLOW','includes':{'caps':['CAP_BPF']}}]}}}",
	  "f:1:120: warning: /linux/seccomp/syscalls/0/includes: \"includes\" means nothing in a "
	  "profile for the OCI runtime-spec; it is ignored\n" },
};

static void test_says_what_is_wrong(void **state)
{
	(void)state;
	check_profile_rows(rows, ARRAY_SIZE(rows));
}

/* ---- dialects */

#define RULE(rest) "{'defaultAction':'SCMP_ACT_LOG','syscalls':[{" rest "}]}"

static const struct {
	const char *json;
	enum dialect dialect;
} dialects[] = {
	{ "{'defaultAction':'SCMP_ACT_LOG'}", DIALECT_OCI },
	{ RULE("'names':['read'],'action':'SCMP_ACT_ALLOW'"), DIALECT_OCI },
	{ RULE("'name':'read','action':'SCMP_ACT_ALLOW'"), DIALECT_DOCKER },
	{ RULE("'names':['read'],'comment':'','action':'SCMP_ACT_ALLOW'"), DIALECT_DOCKER },
	{ RULE("'names':['read'],'includes':{},'action':'SCMP_ACT_ALLOW'"), DIALECT_DOCKER },
	{ RULE("'names':['read'],'errno':'EPERM','action':'SCMP_ACT_ERRNO'"), DIALECT_PODMAN },
	{ RULE("'names':['read'],'errno':'EPERM','excludes':{},'action':'SCMP_ACT_ERRNO'"),
	  DIALECT_PODMAN },
	{ RULE("'names':['read'],'errno':1,'action':'SCMP_ACT_ERRNO'"), DIALECT_OCI },
	{ "{'defaultAction':'SCMP_ACT_ERRNO','defaultErrno':'ENOSYS'}", DIALECT_PODMAN },
	{ "{'defaultAction':'SCMP_ACT_ERRNO','archMap':[]}", DIALECT_DOCKER },
	{ "{'linux':{'seccomp':{'defaultAction':'SCMP_ACT_ERRNO','archMap':[]}}}", DIALECT_OCI },
};

static void test_tells_the_dialects_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(dialects); i++) {
		struct profile *profile = read_profile(dialects[i].json);

		assert_int_equal(profile->dialect, dialects[i].dialect);
		profile_free(profile);
	}
}

/* ---- values */

static const struct {
	const char *json;
	struct action action;
} defaults[] = {
	{ "{'defaultAction':'SCMP_ACT_ERRNO'}", { ACTION_ERRNO, 1 } },
	{ "{'defaultAction':'SCMP_ACT_TRACE'}", { ACTION_TRACE, 1 } },
	{ "{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':0}", { ACTION_ERRNO, 0 } },
	{ "{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':65537}", { ACTION_ERRNO, 1 } },
	{ "{'defaultAction':'SCMP_ACT_KILL','defaultErrnoRet':3}", { ACTION_KILL_THREAD, 0 } },
	{ "{'defaultAction':'SCMP_ACT_KILL_PROCESS'}", { ACTION_KILL_PROCESS, 0 } },
	/* podman's word counts, not its number */
	{ "{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':1,'defaultErrno':'ENOSYS'}",
	  { ACTION_ERRNO, 38 } },
	{ "{'defaultAction':'SCMP_ACT_ERRNO','defaultErrno':'38'}", { ACTION_ERRNO, 38 } },
	{ "{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':7,'defaultErrno':''}",
	  { ACTION_ERRNO, 7 } },
	/* Go: the last one, in whatever case; also with its two letters outside ASCII */
	{ "{'defaultAction':'SCMP_ACT_LOG','defaultAction':'SCMP_ACT_TRAP'}", { ACTION_TRAP, 0 } },
	{ "{'defaultAction':'SCMP_ACT_LOG','DefaultAction':'SCMP_ACT_TRAP'}", { ACTION_TRAP, 0 } },
	{ "{'DefaultAction':'SCMP_ACT_LOG','defaultAction':'SCMP_ACT_TRAP'}", { ACTION_TRAP, 0 } },
};

static void test_reads_the_default_action(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(defaults); i++) {
		struct profile *profile = read_profile(defaults[i].json);

		assert_true(action_equal(profile->default_action, defaults[i].action));
		profile_free(profile);
	}
}

static void test_folds_keys_as_go_does(void **state)
{
	struct profile *profile =
		read_profile("{'defaultAction':'SCMP_ACT_LOG','\xc5\xbfy\xc5\xbf"
	                     "calls':[{'names':['read'],'action':'SCMP_ACT_ALLOW'}]}");

	(void)state;
	assert_int_equal(profile->n_rules, 1);
	profile_free(profile);
}

static void test_remembers_names_and_places(void **state)
{
	struct profile *profile = read_profile("{\n  'defaultAction': 'SCMP_ACT_LOG' }");

	(void)state;
	assert_string_equal(profile->name, "n");
	assert_string_equal(profile->file, "f");
	assert_int_equal(profile->default_place.line, 2);
	assert_int_equal(profile->default_place.column, 20);
	assert_false(profile->unconfined);
	/* printf '{\n  "defaultAction": "SCMP_ACT_LOG" }' | sha256sum */
	assert_string_equal(profile->sha256,
	                    "495cf4d5f9d68aadf69112ceb687724b17bcb3368be4f8e1aa3a6def1a79c772");
	profile_free(profile);
}

static const struct {
	const char *flags;
	bool log;
	bool spec_allow;
} flag_rows[] = {
	{ "null", false, true },
	{ "[]", false, true },
	{ "['SECCOMP_FILTER_FLAG_LOG']", true, false },
	{ "['SECCOMP_FILTER_FLAG_SPEC_ALLOW','SECCOMP_FILTER_FLAG_LOG']", true, true },
	{ "['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV']", false, false },
};

static void test_reads_flags(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(flag_rows); i++) {
		struct profile *profile;
		char json[256];

		snprintf(json, sizeof(json), "{'defaultAction':'SCMP_ACT_LOG','flags':%s}",
		         flag_rows[i].flags);
		profile = read_profile(json);
		assert_int_equal(profile->flag_log, flag_rows[i].log);
		assert_int_equal(profile->flag_spec_allow, flag_rows[i].spec_allow);
		profile_free(profile);
	}
}

static void test_unconfined(void **state)
{
	static const char *const files[] = { "null", "{}", "{'linux':{}}",
		                             "{'architectures':['SCMP_ARCH_X86']}" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		struct profile *profile = read_profile(files[i]);

		assert_true(profile->unconfined);
		assert_int_equal(profile->n_rules, 0);
		profile_free(profile);
	}
}

/* ---- damage */

static const char whole[] =
	"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrno\":\"ENOSYS\",\"archMap\":[{"
	"\"architecture\":\"SCMP_ARCH_X86_64\",\"subArchitectures\":[\"SCMP_ARCH_X86\"]}],"
	"\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\"],\"syscalls\":[{\"name\":\"read\",\"action\":"
	"\"SCMP_ACT_ALLOW\",\"comment\":\"c\",\"args\":[{\"index\":1,\"value\":2,\"valueTwo\":3,"
	"\"op\":\"SCMP_CMP_MASKED_EQ\"}],\"includes\":{\"caps\":[\"CAP_BPF\"],\"arches\":["
	"\"amd64\"]},\"excludes\":{\"minKernel\":\"4.8\"}}]}";

static void try_bytes(const char *bytes, size_t len, bool damaged)
{
	struct profile *profile = NULL;
	struct diags diags;
	int r;

	diags_init(&diags, "f");
	r = profile_parse("n", "f", bytes, len, &diags, &profile);
	if (r < 0) {
		assert_int_equal(r, -EBADMSG);
		assert_true(diags.errors > 0);
		assert_true(diags.list[diags.count - 1].place.line > 0);
	}
	assert_true(!damaged || r < 0);
	profile_free(profile);
	diags_deinit(&diags);
}

static void test_every_prefix_is_refused(void **state)
{
	(void)state;
	for (size_t len = 0; len < strlen(whole); len++) {
		_cleanup_free_ char *prefix = malloc(len + 1);

		memcpy(prefix, whole, len);
		try_bytes(prefix, len, true);
	}
	try_bytes(whole, strlen(whole), false);
}

/* Each value in turn becomes one of another type. */
static void test_every_value_may_be_of_any_type(void **state)
{
	static const char *const values[] = { "null", "[]",   "{}",     "\"\"",
		                              "-1",   "true", "[null]", "[{}]" };
	size_t len = strlen(whole);

	(void)state;
	for (size_t at = 0; at < len; at++) {
		size_t end = at + 1;

		if (whole[at] != ':')
			continue;
		end += strcspn(whole + end, ",}");
		for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
			char copy[sizeof(whole) + 16];
			int n = snprintf(copy, sizeof(copy), "%.*s%s%s", (int)at + 1, whole,
			                 values[i], whole + end);

			try_bytes(copy, (size_t)n, false);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_says_what_is_wrong),
		cmocka_unit_test(test_tells_the_dialects_apart),
		cmocka_unit_test(test_reads_the_default_action),
		cmocka_unit_test(test_folds_keys_as_go_does),
		cmocka_unit_test(test_remembers_names_and_places),
		cmocka_unit_test(test_reads_flags),
		cmocka_unit_test(test_unconfined),
		cmocka_unit_test(test_every_prefix_is_refused),
		cmocka_unit_test(test_every_value_may_be_of_any_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
