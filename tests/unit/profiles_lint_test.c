/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/lint/lint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "common/text.h"
#include "tests/support/diags_text.h"
#include "tests/support/profile_fixture.h"

/* ---- profiles, one rule a line from line 2 on; ' stands for " */

#define PROFILE(action, more, rules)                                                               \
	"{'defaultAction':'SCMP_ACT_" action "'," more "'syscalls':[\n" rules "]}"
#define DENY(rules) PROFILE("ERRNO", "", rules)
#define ALLOW(rules) PROFILE("ALLOW", "", rules)
#define WITH_X86 "'architectures':['SCMP_ARCH_X86_64','SCMP_ARCH_X86'],"

#define RULE(action, names, more) "{'names':[" names "],'action':'SCMP_ACT_" action "'" more "}"
#define ARGS(args) ",'args':[" args "]"
#define ARG(index, op, value) "{'index':" #index ",'op':'SCMP_CMP_" op "','value':" #value "}"
#define MASKED(index, mask, value)                                                                 \
	"{'index':" #index ",'op':'SCMP_CMP_MASKED_EQ','value':" #mask ",'valueTwo':" #value "}"
#define ENOSYS_RET ",'errnoRet':38"
#define NEEDS_ADMIN ",'includes':{'caps':['CAP_SYS_ADMIN']}"

struct row {
	const char *about; /* the lint that the row is for, or against */
	const char *json;
	const char *found; /* all that is found, "id:line " each */
};

static const struct row rows[] = {
	{ "unreachable-rule",
	  DENY(RULE("ALLOW", "'read'", "") ",\n" RULE("ERRNO", "'read'", ",'errnoRet':5")),
	  "unreachable-rule:3 " },
	{ "unreachable-rule", DENY(RULE("ALLOW", "'read'", "") ",\n" RULE("ALLOW", "'read'", "")),
	  "unreachable-rule:3 " },
	/* whatever their order, the one without arguments decides */
	{ "unreachable-rule",
	  DENY(RULE("ALLOW", "'fchdir'", ARGS(ARG(0, "EQ", 3))) ",\n" RULE("ALLOW", "'fchdir'",
	                                                                   "")),
	  "unreachable-rule:2 " },
	/* one name of several: only where the action differs */
	{ "unreachable-rule",
	  DENY(RULE("ALLOW", "'read'", "") ",\n" RULE("LOG", "'read','write'", "")),
	  "unreachable-rule:3 " },
	{ "unreachable-rule",
	  DENY(RULE("ALLOW", "'read'", "") ",\n" RULE("ALLOW", "'read','write'", "")), "" },
	/* a rule that does not count here, or names what this host lacks, is not the author's slip
	 */
	{ "unreachable-rule",
	  DENY(RULE("ALLOW", "'read'", "") ",\n" RULE("LOG", "'read'", NEEDS_ADMIN)), "" },
	{ "unreachable-rule", DENY(RULE("ALLOW", "'arm_fadvise64_64','zzz'", "")), "" },
	{ "unreachable-rule",
	  PROFILE("ERRNO", WITH_X86,
	          RULE("ALLOW", "'socketcall'", "") ",\n" RULE("ALLOW", "'recv'", "")),
	  "" },

	{ "rule-is-default", DENY(RULE("ERRNO", "'read'", "")), "rule-is-default:2 " },
	{ "rule-is-default", ALLOW(RULE("ALLOW", "'read'", "")), "rule-is-default:2 " },
	{ "rule-is-default", DENY(RULE("ERRNO", "'read'", ENOSYS_RET)), "" },
	{ "rule-is-default", DENY(RULE("ERRNO", "'read'", NEEDS_ADMIN)), "" },

	{ "pointer-as-number", DENY(RULE("ALLOW", "'read','openat'", ARGS(ARG(1, "EQ", 4096)))),
	  "pointer-as-number:2 " },
	{ "pointer-as-number", DENY(RULE("ALLOW", "'sigaltstack'", ARGS(ARG(0, "EQ", 0)))), "" },
	{ "pointer-as-number", DENY(RULE("ALLOW", "'mmap'", ARGS(ARG(2, "EQ", 4096)))), "" },

	{ "absent-argument", DENY(RULE("ALLOW", "'close'", ARGS(ARG(1, "EQ", 4)))),
	  "absent-argument:2 " },
	{ "absent-argument", DENY(RULE("ALLOW", "'getpid'", ARGS(ARG(0, "EQ", 4)))),
	  "absent-argument:2 " },
	{ "absent-argument", DENY(RULE("ALLOW", "'dup2'", ARGS(ARG(1, "EQ", 4)))), "" },

	/* allowed although the kernel reads a value that is not */
	{ "wide-compare", DENY(RULE("ALLOW", "'fchdir'", ARGS(ARG(0, "GT", 40)))),
	  "wide-compare:2 " },
	{ "wide-compare", DENY(RULE("ALLOW", "'fchdir'", ARGS(ARG(0, "GE", 40)))),
	  "wide-compare:2 " },
	{ "wide-compare", DENY(RULE("ALLOW", "'fchdir'", ARGS(ARG(0, "NE", 40)))),
	  "wide-compare:2 " },
	{ "wide-compare", ALLOW(RULE("ERRNO", "'fchdir'", ARGS(ARG(0, "EQ", 40)))),
	  "wide-compare:2 " },
	{ "wide-compare", ALLOW(RULE("ERRNO", "'fchdir'", ARGS(ARG(0, "LT", 40)))),
	  "wide-compare:2 " },
	{ "wide-compare", ALLOW(RULE("ERRNO", "'fchdir'", ARGS(ARG(0, "LE", 0)))),
	  "wide-compare:2 " },
	{ "wide-compare",
	  ALLOW(RULE("ERRNO", "'socket'", ARGS(ARG(0, "EQ", 40) "," ARG(1, "EQ", 3)))),
	  "io-uring-open:1 wide-compare:2 " },
	/* the rule that lets it through is the one to mend */
	{ "wide-compare",
	  DENY(RULE("ALLOW", "'fchdir'", ARGS(ARG(0, "LT", 38))) ",\n" RULE(
		  "ALLOW", "'fchdir'", ARGS(ARG(0, "GT", 40)))),
	  "wide-compare:3 " },
	/* refused although the kernel reads a value that is allowed */
	{ "wide-compare", DENY(RULE("ALLOW", "'personality'", ARGS(ARG(0, "EQ", 4294967295)))),
	  "wide-compare:2 " },
	{ "wide-compare", DENY(RULE("ALLOW", "'fchdir'", ARGS(ARG(0, "LT", 40)))), "" },
	{ "wide-compare", DENY(RULE("ALLOW", "'fchdir'", ARGS(ARG(0, "EQ", 40)))), "" },
	{ "wide-compare", ALLOW(RULE("ERRNO", "'fchdir'", ARGS(ARG(0, "GT", 40)))), "" },
	{ "wide-compare", ALLOW(RULE("ERRNO", "'fchdir'", ARGS(MASKED(0, 4294967295, 40)))), "" },
	{ "wide-compare", ALLOW(RULE("ERRNO", "'alarm','lseek'", ARGS(ARG(1, "EQ", 40)))),
	  "absent-argument:2 " },
	{ "wide-compare", ALLOW(RULE("ERRNO", "'lseek'", ARGS(ARG(1, "EQ", 40)))), "" },

	{ "truncated-value",
	  PROFILE("ERRNO", WITH_X86, RULE("ALLOW", "'lseek'", ARGS(MASKED(1, 4294967296, 0)))),
	  "truncated-value:2 " },
	{ "truncated-value",
	  PROFILE("ERRNO", WITH_X86, RULE("ALLOW", "'lseek'", ARGS(ARG(1, "EQ", 4294967301)))),
	  "truncated-value:2 " },
	{ "truncated-value", DENY(RULE("ALLOW", "'lseek'", ARGS(MASKED(1, 4294967296, 0)))), "" },
	{ "truncated-value",
	  PROFILE("ERRNO", WITH_X86,
	          RULE("ALLOW", "'lseek'", ARGS(ARG(1, "EQ", 18446744073709551615)))),
	  "" },

	{ "fatal-eperm", DENY(RULE("ALLOW", "'clone','openat','newer','memfd_secret'", "")),
	  "fatal-eperm:1 " },
	{ "fatal-eperm", ALLOW(RULE("ERRNO", "'clone3'", "")), "fatal-eperm:2 " },
	{ "fatal-eperm", ALLOW(RULE("ERRNO", "'clone3'", ENOSYS_RET)), "" },
	{ "fatal-eperm", ALLOW(RULE("KILL_PROCESS", "'openat2'", "")),
	  "fatal-eperm:2 sibling-open:2 " },
	/* newer than the profile: the runtimes answer ENOSYS */
	{ "fatal-eperm", DENY(RULE("ALLOW", "'clone','openat'", "")), "" },
	/* the fallback is denied as well */
	{ "fatal-eperm", DENY(RULE("ALLOW", "'memfd_secret'", "")), "" },
	/* 32-bit programs on a 64-bit host */
	{ "fatal-eperm",
	  PROFILE("ERRNO", WITH_X86, RULE("ALLOW", "'clock_gettime','memfd_secret'", "")),
	  "fatal-eperm:1 " },
	{ "fatal-eperm", DENY(RULE("ALLOW", "'clock_gettime','memfd_secret'", "")), "" },

	{ "sibling-open", ALLOW(RULE("ERRNO", "'chmod','fchmod','fchmodat'", "")),
	  "sibling-open:2 " },
	{ "sibling-open", ALLOW(RULE("ERRNO", "'chmod','fchmod','fchmodat','fchmodat2'", "")), "" },
	{ "sibling-open",
	  DENY(RULE("ALLOW", "'clone'",
	            ARGS(MASKED(0, 2114060288, 0))) ",\n" RULE("ALLOW", "'unshare'", "")),
	  "sibling-open:2 " },
	/* an allowlist is not about what it leaves out; unless it says so */
	{ "sibling-open", DENY(RULE("ALLOW", "'openat'", "")), "" },
	{ "sibling-open", DENY(RULE("ALLOW", "'fchownat'", "") ",\n" RULE("ERRNO", "'chown'", "")),
	  "rule-is-default:3 sibling-open:3 " },
	/* ENOSYS only leads to the other */
	{ "sibling-open", ALLOW(RULE("ERRNO", "'openat2'", ENOSYS_RET)), "" },
	/* what goes further than its sibling */
	{ "sibling-open", ALLOW(RULE("ERRNO", "'open_by_handle_at'", "")), "" },
	{ "sibling-open",
	  PROFILE("ALLOW", WITH_X86, RULE("ERRNO", "'chown','fchown','lchown','fchownat'", "")),
	  "sibling-open:2 " },

	{ "io-uring-open", DENY(RULE("ALLOW", "'io_uring_setup'", "")), "io-uring-open:2 " },
	{ "io-uring-open", ALLOW(RULE("ERRNO", "'mkdir','mkdirat'", "")), "io-uring-open:1 " },
	{ "io-uring-open",
	  ALLOW(RULE("ERRNO", "'mkdir','mkdirat'", "") ",\n" RULE("ERRNO", "'io_uring_setup'", "")),
	  "" },
	{ "io-uring-open", ALLOW(RULE("ERRNO", "'mount','move_mount'", "")), "" },

	{ "foreign-abi-open",
	  PROFILE("ERRNO", WITH_X86,
	          RULE("ALLOW", "'socket'", ARGS(ARG(0, "EQ", 1))) ",\n" RULE(
			  "ALLOW", "'shmget'", ARGS(ARG(0, "EQ", 1)))),
	  "foreign-abi-open:2 foreign-abi-open:3 " },
	{ "foreign-abi-open",
	  PROFILE("ERRNO", WITH_X86, RULE("ALLOW", "'socket'", ARGS(ARG(0, "EQ", 1)))),
	  "foreign-abi-open:2 " },
	{ "foreign-abi-open",
	  PROFILE("ERRNO", WITH_X86,
	          RULE("ALLOW", "'socketcall'", "") ",\n" RULE("ERRNO", "'listen'", "")),
	  "foreign-abi-open:3 rule-is-default:3 " },
	{ "foreign-abi-open", DENY(RULE("ALLOW", "'socket'", ARGS(ARG(0, "EQ", 1)))), "" },
	{ "foreign-abi-open",
	  PROFILE("ERRNO", WITH_X86,
	          RULE("ALLOW", "'socket'",
	               ARGS(ARG(0, "EQ", 1))) ",\n" RULE("ERRNO", "'socketcall'", ENOSYS_RET)),
	  "" },

	{ "notify-runtime",
	  PROFILE("ERRNO", "'listenerPath':'/s',", RULE("NOTIFY", "'sendmsg','fcntl'", "")),
	  "notify-runtime:2 notify-runtime:2 " },
	{ "notify-runtime", PROFILE("ERRNO", "'listenerPath':'/s',", RULE("NOTIFY", "'read'", "")),
	  "" },
	{ "notify-runtime", DENY(RULE("LOG", "'sendmsg'", "")), "" },

	{ "notify-no-listener",
	  DENY(RULE("NOTIFY", "'read'", "") ",\n" RULE("NOTIFY", "'fsync'", "")),
	  "notify-no-listener:2 " },
	{ "notify-no-listener", "{'defaultAction':'SCMP_ACT_NOTIFY'}", "notify-no-listener:1 " },
	{ "notify-no-listener",
	  PROFILE("ERRNO", "'listenerPath':'/s',", RULE("NOTIFY", "'read'", "")), "" },
	{ "notify-no-listener", DENY(RULE("NOTIFY", "'read'", NEEDS_ADMIN)), "" },

	{ "refused-flag",
	  "{'defaultAction':'SCMP_ACT_ALLOW',\n'flags':['SECCOMP_FILTER_FLAG_LOG']}",
	  "refused-flag:2 " },
	{ "refused-flag", "{'defaultAction':'SCMP_ACT_ALLOW',\n'flags':[]}", "" },

	{ "other-architecture",
	  "{'defaultAction':'SCMP_ACT_ALLOW',\n'architectures':['SCMP_ARCH_X86']}",
	  "other-architecture:2 " },
	{ "other-architecture",
	  "{'defaultAction':'SCMP_ACT_ALLOW',\n'architectures':['SCMP_ARCH_X86_64']}", "" },

	{ "libseccomp-hang",
	  DENY(RULE("ALLOW", "'copy_file_range'",
	            ARGS(ARG(4, "GE", 5) "," ARG(
			    5, "EQ", 9))) ",\n" RULE("ALLOW", "'copy_file_range'",
	                                             ARGS(ARG(4, "GE", 5) "," ARG(0, "EQ", 1)))),
	  "libseccomp-wrong:2 " },
	{ "libseccomp-hang",
	  DENY(RULE("ALLOW", "'lseek'", ARGS(ARG(1, "GE", 5) "," ARG(2, "EQ", 9))) ",\n" RULE(
		  "ALLOW", "'lseek'", ARGS(ARG(1, "GE", 5) "," ARG(2, "EQ", 1)))),
	  "libseccomp-wrong:2 " },
	{ "libseccomp-hang",
	  DENY(RULE("ALLOW", "'sendfile'", ARGS(ARG(0, "LE", 5) "," ARG(1, "EQ", 9))) ",\n" RULE(
		  "ALLOW", "'sendfile'", ARGS(ARG(0, "LE", 5) "," ARG(3, "EQ", 1)))),
	  "libseccomp-hang:3 " },
	{ "libseccomp-hang",
	  DENY(RULE("ALLOW", "'sendfile'", ARGS(ARG(0, "EQ", 5) "," ARG(1, "EQ", 9))) ",\n" RULE(
		  "ALLOW", "'sendfile'", ARGS(ARG(0, "EQ", 5) "," ARG(3, "EQ", 1)))),
	  "" },

	{ "libseccomp-wrong", DENY(RULE("ALLOW", "'lseek'", ARGS(ARG(1, "LE", 4294967296)))),
	  "libseccomp-wrong:2 " },
	{ "libseccomp-wrong", DENY(RULE("ALLOW", "'lseek'", ARGS(ARG(1, "LE", 5)))), "" },
	{ "libseccomp-wrong", DENY(RULE("ALLOW", "'lseek'", ARGS(ARG(1, "EQ", 4294967296)))), "" },

	/* what everything else rests on, and what is allowed on purpose */
	{ "", "{}", "" },
	{ "", "{'defaultAction':'SCMP_ACT_ALLOW'}", "" },
	{ "", "{'defaultAction':'SCMP_ACT_KILL'}", "" },
};

/* "id:line " of each, in the order of the file; the ids of one line by name. */
static int by_line(const void *a, const void *b)
{
	const struct diag *left = *(const struct diag *const *)a;
	const struct diag *right = *(const struct diag *const *)b;

	if (left->place.line != right->place.line)
		return left->place.line < right->place.line ? -1 : 1;
	return strcmp(left->id, right->id);
}

static void ids_and_lines(const struct diags *diags, struct text *text)
{
	const struct diag *sorted[DIAGS_MAX];
	size_t count = diags_sorted(diags, sorted);

	qsort(sorted, count, sizeof(sorted[0]), by_line);
	for (size_t i = 0; i < count; i++)
		text_printf(text, "%s:%u ", sorted[i]->id, sorted[i]->place.line);
}

static void lint_text(const char *json, struct diags *diags)
{
	struct fixture fixture;

	diags_init(diags, "f");
	assert_int_equal(fixture_parse(&fixture, json, fixture_host()), 0);
	assert_int_equal(lint_profile(fixture.ruleset, diags), 0);
	fixture_free(&fixture);
}

static void test_rows(_unused_ void **state)
{
	size_t failed = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char buf[1024];
		struct text found = TEXT_OVER(buf);
		struct diags diags;

		lint_text(rows[i].json, &diags);
		ids_and_lines(&diags, &found);
		diags_deinit(&diags);
		if (strcmp(found.bytes, rows[i].found) == 0)
			continue;
		failed++;
		print_error("%s: \"%s\" instead of \"%s\"\n", rows[i].json, found.bytes,
		            rows[i].found);
	}
	assert_int_equal(failed, 0);
}

/* Each lint has a profile in which it finds something, and one in which it must not. */
static void test_every_lint_has_rows(_unused_ void **state)
{
	for (size_t i = 0; i < lint_rows_count; i++) {
		bool with = false, without = false;

		for (size_t j = 0; j < ARRAY_SIZE(rows); j++) {
			if (strcmp(rows[j].about, lint_rows[i].id) != 0)
				continue;
			if (strstr(rows[j].found, lint_rows[i].id))
				with = true;
			else
				without = true;
		}
		if (!with || !without)
			print_message("%s\n", lint_rows[i].id);
		assert_true(with);
		assert_true(without);
	}
}

static void test_messages(_unused_ void **state)
{
	static const struct {
		const char *json;
		const char *text;
	} messages[] = {
		{ DENY(RULE("ALLOW", "'fchdir'", ARGS(ARG(0, "GT", 40)))),
		  "f:2:1: warning: /syscalls/0: fchdir: the kernel takes 32 bits of argument 0 "
		  "(fd), the condition 64, so 0x100000028 passes where 40 does not, and is the "
		  "same to the kernel; compare with SCMP_CMP_MASKED_EQ and the mask 4294967295, "
		  "one rule a value\n" },
		{ ALLOW(RULE("ERRNO", "'chmod'", "")),
		  "f:2:1: warning: /syscalls/0: chmod: denied, but what changes modes too is "
		  "allowed: fchmod, fchmodat, fchmodat2; treat them alike, in one rule\n" },
		/* each name once, however often and near to another */
		{ PROFILE("ERRNO", WITH_X86,
		          RULE("ALLOW", "'socketpair'", ARGS(ARG(0, "EQ", 1))) ",\n" RULE(
				  "ALLOW", "'socket','socketpair'", ARGS(ARG(0, "EQ", 2)))),
		  "f:2:1: warning: /syscalls/0: socketpair, socket: any argument passes on x86 "
		  "through socketcall, which has the arguments in memory, where no filter looks; "
		  "leave the architecture out, or deny the multiplexer\n" },
		/* the pointer is the file's, also in a runtime's configuration */
		{ "{'ociVersion':'1.0.2','linux':{'seccomp':\n" DENY(
			  RULE("ERRNO", "'read'", "")) "}}",
		  "f:3:1: warning: /linux/seccomp/syscalls/0: EPERM is the default action already, "
		  "so the runtimes skip the rule; remove it, or the names from the rules that "
		  "allow them\n" },
		{ ALLOW(RULE("ERRNO", "'clone3','statx'", ",'errnoRet':13")),
		  "f:2:1: warning: /syscalls/0: EACCES, where only ENOSYS leads to a fallback: "
		  "clone3 (libc: clone), statx (libc: newfstatat); answer with errnoRet 38 "
		  "(ENOSYS), or allow what the fallback may do anyway\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(messages); i++) {
		struct diags diags;
		char *text;

		lint_text(messages[i].json, &diags);
		text = diags_text(&diags);
		assert_string_equal(text, messages[i].text);
		free(text);
		diags_deinit(&diags);
	}
}

/* Profiles in wide use: what is true of them, and no more. */
static void test_known_profiles(_unused_ void **state)
{
	static const struct {
		const char *path;
		const char *found;
	} known[] = {
		{ PROFILE_FILE("moby-default.json"),
		  "foreign-abi-open:439 wide-compare:465 wide-compare:530 " },
		{ PROFILE_FILE("containers-common.json"),
		  "wide-compare:548 unreachable-rule:713 foreign-abi-open:960 wide-compare:1056 " },
		{ PROFILE_FILE("moby-default-v1.11.2.json"), "wide-compare:875 " },
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		char buf[1024];
		struct text found = TEXT_OVER(buf);
		struct fixture fixture;
		struct diags diags;

		diags_init(&diags, "f");
		assert_int_equal(fixture_load(&fixture, known[i].path, fixture_host()), 0);
		assert_int_equal(lint_profile(fixture.ruleset, &diags), 0);
		ids_and_lines(&diags, &found);
		assert_string_equal(found.bytes, known[i].found);
		fixture_free(&fixture);
		diags_deinit(&diags);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_every_lint_has_rows),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_known_profiles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
