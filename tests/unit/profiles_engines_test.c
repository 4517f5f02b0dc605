/* SPDX-License-Identifier: Apache-2.0 */
/* profile_parse_as() and ruleset_build() against the engines themselves: tests/data/edgecases.tsv.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/diags_text.h"
#include "tests/support/profile_fixture.h"

/* ---- the rows */

enum column {
	COLUMN_NAME,
	COLUMN_MOBY,   /* real moby and runc */
	COLUMN_COMMON, /* real containers-common and runc */
	COLUMN_ORACLE_DOCKER,
	COLUMN_CRUN, /* containers-common and crun, as written */
	COLUMN_POINTS,
	COLUMN_AGREE,
	COLUMN_PROFILE,
	COLUMNS,
};

struct row {
	const char *columns[COLUMNS];
};

/* Splits at tabs, in place. */
static void split(char *line, struct row *ret_row)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		ret_row->columns[i] = line;
		line += strcspn(line, "\t\n");
		if (i + 1 < COLUMNS)
			assert_int_equal(*line, '\t');
		*line++ = '\0';
	}
}

/* ---- one engine's voice */

struct voice {
	enum dialect dialect;
	enum column column;
	bool points; /* the row's points are its */
};

static const struct voice voices[] = {
	{ DIALECT_DOCKER, COLUMN_MOBY, true },
	{ DIALECT_PODMAN, COLUMN_CRUN, false },
};

/* What differs on purpose. */
static const struct {
	const char *row;
	const char *why;
} exceptions[] = {
	{ "hang GE/EQ", "libseccomp never returns; here the planner keeps such rules from it" },
	{ "\\u0000 in name", "they cut the name and match what is left; here a NUL is refused" },
};

static bool is_exception(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(exceptions); i++)
		if (strcmp(exceptions[i].row, name) == 0)
			return true;
	return false;
}

/* "OK", "NONE" for unconfined, else "REFUSED". */
static const char *outcome_of(const char *json, enum dialect engine, struct fixture *fixture)
{
	int r = fixture_parse_as(fixture, json, &engine, fixture_host());

	assert_true(r == 0 || r == -EBADMSG);
	if (r < 0)
		return "REFUSED";
	return fixture->profile->unconfined ? "NONE" : "OK";
}

/* The column's outcome in the same words: Go's panics are refusals too. */
static const char *outcome_told(const char *told)
{
	static const char *const outcomes[][2] = {
		{ "OK", "OK" },         { "NONE", "NONE" }, { "REFUSED", "REFUSED" },
		{ "PANIC", "REFUSED" }, { "HANG", "HANG" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(outcomes); i++)
		if (strncmp(told, outcomes[i][0], strlen(outcomes[i][0])) == 0)
			return outcomes[i][1];
	fail_msg("no outcome: %s", told);
	return NULL;
}

static void print_verdict(FILE *out, struct action action)
{
	fputs(action_name(action.kind) + strlen("SCMP_ACT_"), out);
	if (action.kind == ACTION_ERRNO || action.kind == ACTION_TRACE)
		fprintf(out, "(%u)", action.number);
}

/* read(1, ...) | read(5, ...) | write(0, ...), as the file has them. Malloc'ed. */
static char *points_of(const struct ruleset *ruleset)
{
	static const struct seccomp_data calls[] = {
		{ .arch = AUDIT_ARCH_X86_64, .nr = 0, .args = { 1 } },
		{ .arch = AUDIT_ARCH_X86_64, .nr = 0, .args = { 5 } },
		{ .arch = AUDIT_ARCH_X86_64, .nr = 1 },
	};
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		struct decision decision;

		ruleset_evaluate(ruleset, &calls[i], &decision);
		fputs(i ? " | " : "", out);
		print_verdict(out, decision.action);
	}
	fclose(out);
	return text;
}

/* Whether ours says what the engine says; if not, *ret_ours is what. Malloc'ed. */
static bool agrees(const struct row *row, const struct voice *voice, char **ret_ours)
{
	const char *told = outcome_told(row->columns[voice->column]);
	const char *points = row->columns[COLUMN_POINTS];
	struct fixture fixture;
	const char *outcome = outcome_of(row->columns[COLUMN_PROFILE], voice->dialect, &fixture);
	bool same = strcmp(outcome, told) == 0;
	char *ours = strdup(outcome);

	if (same && voice->points && strcmp(outcome, "OK") == 0) {
		free(ours);
		ours = points_of(fixture.ruleset);
		same = strcmp(ours, points) == 0;
	}
	fixture_free(&fixture);
	*ret_ours = ours;
	return same;
}

static bool check_row(const struct row *row)
{
	const char *name = row->columns[COLUMN_NAME];
	bool same = true;

	for (size_t i = 0; i < ARRAY_SIZE(voices); i++) {
		char *ours;

		if (!agrees(row, &voices[i], &ours)) {
			same = false;
			if (!is_exception(name))
				print_error("%s, engine %zu: ours %s, theirs %s %s\n", name, i,
				            ours, row->columns[voices[i].column],
				            row->columns[COLUMN_POINTS]);
		}
		free(ours);
	}
	return same;
}

static void test_agrees_with_the_engines(void **state)
{
	FILE *file = fopen(TEST_DATA "/edgecases.tsv", "re");
	size_t size = 0, rows = 0, differ = 0, excepted = 0;
	char *line = NULL;

	(void)state;
	assert_non_null(file);
	while (getline(&line, &size, file) > 0) {
		struct row row;

		if (line[0] == '#' || strncmp(line, "case\t", 5) == 0)
			continue;
		split(line, &row);
		rows++;
		excepted += is_exception(row.columns[COLUMN_NAME]);
		if (!check_row(&row))
			differ++;
		else if (is_exception(row.columns[COLUMN_NAME]))
			fail_msg("%s no longer differs", row.columns[COLUMN_NAME]);
	}
	print_message("%zu rows, %zu agree\n", rows, rows - differ);
	for (size_t i = 0; i < ARRAY_SIZE(exceptions); i++)
		print_message("excepted: %s: %s\n", exceptions[i].row, exceptions[i].why);
	assert_int_equal(rows, 86);
	assert_int_equal(excepted, ARRAY_SIZE(exceptions));
	assert_int_equal(differ, excepted);
	free(line);
	fclose(file);
}

/* ---- where the engines differ, row for row of what is known of them */

#define RULES(rules) "{'defaultAction':'SCMP_ACT_ERRNO','syscalls':[" rules "]}"
#define ALLOW(rest) "'action':'SCMP_ACT_ALLOW'" rest "}"
#define READ(rest) RULES("{'names':['read']," ALLOW(rest))
#define ARG(index, value) "{'index':" #index ",'value':" #value ",'op':'SCMP_CMP_EQ'}"
#define SEVEN_ARGS                                                                                 \
	",'args':[" ARG(0, 5) "," ARG(1, 0) "," ARG(2, 0) "," ARG(3, 0) "," ARG(4, 0) "," ARG(     \
		5, 0) "," ARG(0, 1) "]"
#define HELD ",'includes':{'caps':['CAP_CHOWN']}"
#define NOT_HELD ",'includes':{'caps':['CAP_SYS_ADMIN']}"
#define CONFIG(seccomp) "{'ociVersion':'1.0.2','linux':{'seccomp':" seccomp "}}"

/* What docker, podman and oci make of a profile: the points of a good one. */
static const struct {
	const char *profile;
	const char *told[3];
} difference_rows[] = {
	/* errno names */
	{ "{'defaultAction':'SCMP_ACT_ERRNO','defaultErrno':'ENOSYS'}",
	  { "ERRNO(1) | ERRNO(1) | ERRNO(1)", "ERRNO(38) | ERRNO(38) | ERRNO(38)",
	    "ERRNO(1) | ERRNO(1) | ERRNO(1)" } },
	{ "{'defaultAction':'SCMP_ACT_ERRNO','defaultErrno':5}",
	  { "ERRNO(1) | ERRNO(1) | ERRNO(1)", "REFUSED", "ERRNO(1) | ERRNO(1) | ERRNO(1)" } },
	/* minKernel, and gates at all */
	{ READ(",'includes':{'minKernel':'9.9'}"),
	  { "ERRNO(1) | ERRNO(1) | ERRNO(1)", "ALLOW | ALLOW | ERRNO(1)",
	    "ALLOW | ALLOW | ERRNO(1)" } },
	{ READ(NOT_HELD),
	  { "ERRNO(1) | ERRNO(1) | ERRNO(1)", "ERRNO(1) | ERRNO(1) | ERRNO(1)",
	    "ALLOW | ALLOW | ERRNO(1)" } },
	{ READ(",'includes':5"), { "REFUSED", "REFUSED", "ALLOW | ALLOW | ERRNO(1)" } },
	{ READ(",'comment':5"), { "REFUSED", "REFUSED", "ALLOW | ALLOW | ERRNO(1)" } },
	/* an errno that the action does not take: crun sees it where the rule counts */
	{ READ(",'errnoRet':1"),
	  { "ALLOW | ALLOW | ERRNO(1)", "REFUSED", "ALLOW | ALLOW | ERRNO(1)" } },
	{ READ(HELD ",'errnoRet':1"),
	  { "ALLOW | ALLOW | ERRNO(1)", "REFUSED", "ALLOW | ALLOW | ERRNO(1)" } },
	{ READ(NOT_HELD ",'errnoRet':1"),
	  { "ERRNO(1) | ERRNO(1) | ERRNO(1)", "ERRNO(1) | ERRNO(1) | ERRNO(1)",
	    "ALLOW | ALLOW | ERRNO(1)" } },
	/* name with names: moby looks before the gates, containers-common behind them */
	{ RULES("{'name':'read','names':['write']," ALLOW("")),
	  { "REFUSED", "REFUSED", "ERRNO(1) | ERRNO(1) | ALLOW" } },
	{ RULES("{'name':'read','names':['write']," ALLOW(NOT_HELD)),
	  { "REFUSED", "ERRNO(1) | ERRNO(1) | ERRNO(1)", "ERRNO(1) | ERRNO(1) | ALLOW" } },
	{ RULES("{'name':'read'," ALLOW("")),
	  { "ALLOW | ALLOW | ERRNO(1)", "ALLOW | ALLOW | ERRNO(1)",
	    "ERRNO(1) | ERRNO(1) | ERRNO(1)" } },
	/* seven conditions: the last makes them alternatives, but crun never sees it */
	{ READ(SEVEN_ARGS),
	  { "ALLOW | ALLOW | ERRNO(1)", "ERRNO(1) | ALLOW | ERRNO(1)",
	    "ALLOW | ALLOW | ERRNO(1)" } },
	/* an action that is none, in a rule that never reaches the runtime */
	{ RULES("{'names':['read'],'action':'SCMP_ACT_DENY'" NOT_HELD "}"),
	  { "ERRNO(1) | ERRNO(1) | ERRNO(1)", "ERRNO(1) | ERRNO(1) | ERRNO(1)", "REFUSED" } },
	{ RULES("{'names':['read'],'action':'SCMP_ACT_DENY'" HELD "}"),
	  { "REFUSED", "REFUSED", "REFUSED" } },
	/* runc cannot notify its own writes */
	{ RULES("{'names':['write'],'action':'SCMP_ACT_NOTIFY'" NOT_HELD "}"),
	  { "ERRNO(1) | ERRNO(1) | ERRNO(1)", "ERRNO(1) | ERRNO(1) | ERRNO(1)", "REFUSED" } },
	{ RULES("{'names':['write'],'action':'SCMP_ACT_NOTIFY'" HELD "}"),
	  { "REFUSED", "ERRNO(1) | ERRNO(1) | NOTIFY", "REFUSED" } },
	{ "{'defaultAction':'SCMP_ACT_NOTIFY'}",
	  { "REFUSED", "NOTIFY | NOTIFY | NOTIFY", "REFUSED" } },
	/* architectures: crun is lenient, but containers-common looks its host up exactly */
	{ "{'defaultAction':'SCMP_ACT_LOG','architectures':['X86','SCMP_ARCH_x32']}",
	  { "REFUSED", "LOG | LOG | LOG", "REFUSED" } },
	{ "{'defaultAction':'SCMP_ACT_LOG','archMap':[{'architecture':'x86_64',"
	  "'subArchitectures':['SCMP_ARCH_FOO']}]}",
	  { "LOG | LOG | LOG", "LOG | LOG | LOG", "LOG | LOG | LOG" } },
	{ "{'defaultAction':'SCMP_ACT_LOG','archMap':[{'architecture':'SCMP_ARCH_X86_64',"
	  "'subArchitectures':['x86']}]}",
	  { "REFUSED", "LOG | LOG | LOG", "LOG | LOG | LOG" } },
	{ "{'defaultAction':'SCMP_ACT_LOG','archMap':[{'architecture':'SCMP_ARCH_AARCH64',"
	  "'subArchitectures':['SCMP_ARCH_FOO']}]}",
	  { "LOG | LOG | LOG", "LOG | LOG | LOG", "LOG | LOG | LOG" } },
	/* a rule without names has operators that runc never sees; crun sees none of an inert rule
	 */
	{ RULES("{'names':[]," ALLOW(",'args':[{'op':'x'}]")),
	  { "ERRNO(1) | ERRNO(1) | ERRNO(1)", "ERRNO(1) | ERRNO(1) | ERRNO(1)",
	    "ERRNO(1) | ERRNO(1) | ERRNO(1)" } },
	{ RULES("{'names':['read'],'action':'SCMP_ACT_ERRNO','args':[{'op':'x'}]}"),
	  { "REFUSED", "ERRNO(1) | ERRNO(1) | ERRNO(1)", "REFUSED" } },
	/* a runtime's config.json is a profile for nobody but a runtime */
	{ CONFIG("{'defaultAction':'SCMP_ACT_LOG'}"), { "NONE", "NONE", "LOG | LOG | LOG" } },
};

static char *told_by(const char *profile, enum dialect engine)
{
	char *json = with_quotes(profile);
	struct fixture fixture;
	const char *outcome = outcome_of(json, engine, &fixture);
	char *told = strcmp(outcome, "OK") == 0 ? points_of(fixture.ruleset) : strdup(outcome);

	fixture_free(&fixture);
	free(json);
	return told;
}

static void test_the_engine_decides_the_reading(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(difference_rows); i++)
		for (unsigned k = DIALECT_DOCKER; k <= DIALECT_OCI; k++) {
			char *told = told_by(difference_rows[i].profile, (enum dialect)k);

			if (strcmp(told, difference_rows[i].told[k]) != 0)
				fail_msg("%s\nengine %u: %s, expected %s",
				         difference_rows[i].profile, k, told,
				         difference_rows[i].told[k]);
			free(told);
		}
}

/* Numbers that are newer than every rule: only runc has a rule for them. */
static void test_newer_numbers(void **state)
{
	const struct seccomp_data call = { .arch = AUDIT_ARCH_X86_64, .nr = 500 };

	(void)state;
	for (unsigned k = DIALECT_DOCKER; k <= DIALECT_OCI; k++) {
		char *json = with_quotes(RULES("{'names':['openat2']," ALLOW("")));
		bool stub = k != DIALECT_PODMAN;
		struct decision decision;
		struct fixture fixture;

		assert_string_equal(outcome_of(json, (enum dialect)k, &fixture), "OK");
		ruleset_evaluate(fixture.ruleset, &call, &decision);
		assert_int_equal(decision.by, stub ? DECIDED_BY_NEWER : DECIDED_BY_DEFAULT);
		assert_int_equal(decision.action.number, stub ? ENOSYS : EPERM);
		fixture_free(&fixture);
		free(json);
	}
}

/* ---- what is said */

static const struct {
	enum dialect engine;
	const char *profile;
	const char *diags;
} said_rows[] = {
	{ DIALECT_PODMAN, READ(HELD ",'errnoRet':1"),
	  "f:1:47: /syscalls/0: the rule counts here, so the engine refuses the profile, for what "
	  "the warning in this rule says\n"
	  "f:1:136: warning: /syscalls/0/errnoRet: SCMP_ACT_ALLOW takes no errno; podman refuses "
	  "the profile, expected none\n" },
	{ DIALECT_PODMAN, READ(SEVEN_ARGS),
	  "f:1:98: warning: /syscalls/0/args: crun looks at the first 6 conditions only; expected "
	  "no more\n" },
	{ DIALECT_PODMAN,
	  "{'defaultAction':'SCMP_ACT_KILL','syscalls':[{'names':['read'],'action':"
	  "'SCMP_ACT_KILL_PROCESS'}]}",
	  "f:1:73: warning: /syscalls/0/action: containers-common's ValidateProfile does not know "
	  "SCMP_ACT_KILL_PROCESS, so tools that ask it refuse the profile\n" },
	{ DIALECT_DOCKER, "{'defaultAction':'SCMP_ACT_ERRNO','defaultErrno':'ENOSYS'}",
	  "f:1:50: warning: /defaultErrno: \"defaultErrno\" means nothing in a profile for Docker; "
	  "it is ignored\n" },
	{ DIALECT_PODMAN, READ(",'includes':{'minKernel':4}"),
	  "f:1:115: warning: /syscalls/0/includes/minKernel: \"minKernel\" means nothing in a "
	  "profile for podman; it is ignored\n" },
	{ DIALECT_DOCKER, "{'defaultAction':'SCMP_ACT_NOTIFY'}",
	  "f:1:18: /defaultAction: runc and Docker refuse SCMP_ACT_NOTIFY as default action\n" },
	{ DIALECT_DOCKER,
	  "{'defaultAction':'SCMP_ACT_LOG','archMap':[{'architecture':'SCMP_ARCH_X86_64',"
	  "'subArchitectures':['x86']}]}",
	  "f:1:18: the archMap entry of this host has an architecture that the engine refuses, as "
	  "the warning there says\n"
	  "f:1:99: warning: /archMap/0/subArchitectures/0: unknown architecture \"x86\"; expected "
	  "SCMP_ARCH_X86_64 or the like; did you mean \"SCMP_ARCH_X86\"?\n" },
};

static void test_says_what_the_engine_does(void **state)
{
	const struct host host = fixture_host();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(said_rows); i++) {
		char *json = with_quotes(said_rows[i].profile);
		const struct profile_source source = { "n", "f", json, strlen(json) };
		struct ruleset *ruleset = NULL;
		struct profile *profile = NULL;
		struct diags diags;
		char *text;
		int r;

		diags_init(&diags, "f");
		r = profile_parse_as(&source, &said_rows[i].engine, &diags, &profile);
		if (r == 0)
			r = ruleset_build(profile, &host, &diags, &ruleset);
		text = diags_text(&diags);
		assert_string_equal(text, said_rows[i].diags);
		assert_int_equal(r, diags.errors ? -EBADMSG : 0);
		ruleset_free(ruleset);
		profile_free(profile);
		diags_deinit(&diags);
		free(text);
		free(json);
	}
}

/* libseccomp learnt the flag in 2.6.0; crun does without libseccomp. */
static void test_wait_killable(void **state)
{
	static const char profile[] = "{'defaultAction':'SCMP_ACT_LOG','flags':["
				      "'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV']}";
	bool old = seccomp_version()->major == 2 && seccomp_version()->minor < 6;
	const char *runc = old ? "REFUSED" : "LOG | LOG | LOG";
	const char *const told[] = { runc, "LOG | LOG | LOG", runc };

	(void)state;
	for (unsigned k = DIALECT_DOCKER; k <= DIALECT_OCI; k++) {
		char *ours = told_by(profile, (enum dialect)k);

		assert_string_equal(ours, told[k]);
		free(ours);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_agrees_with_the_engines),
		cmocka_unit_test(test_the_engine_decides_the_reading),
		cmocka_unit_test(test_newer_numbers),
		cmocka_unit_test(test_says_what_the_engine_does),
		cmocka_unit_test(test_wait_killable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
