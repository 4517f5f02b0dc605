/* SPDX-License-Identifier: Apache-2.0 */
/* callgate check: everything that is wrong with profiles, or looks like a slip. */
#include <string.h>

#include "common/text.h"
#include "policies/policy_lint.h"
#include "profiles/lint/lint.h"
#include "supervisor/commands/check_policy.h"
#include "supervisor/commands/check_replay.h"
#include "supervisor/commands/command.h"
#include "supervisor/commands/profile_options.h"
#include "supervisor/reports/json_out.h"

enum {
	STATUS_ERRORS = 1,
	STATUS_TROUBLE = 2,
};

struct check_options {
	struct profile_options profile; /* first: PROFILE_OPTION_ROWS writes there */
	bool strict;
	bool json;
	bool list;
	const char *replay;  /* the events, or NULL */
	const char *against; /* the policy or profile in use, or NULL: what was logged */
	struct check_host host;
};

/* What was found in all files. */
struct tally {
	size_t errors;
	size_t warnings;
	bool trouble; /* a file could not be read */
};

static const char *const level_names[] = {
	[DIAG_WARNING] = "warning",
	[DIAG_ERROR] = "error",
};

/* ---- options */

static int set_strict(void *target, _unused_ const char *argument)
{
	((struct check_options *)target)->strict = true;
	return 0;
}

static int set_json(void *target, _unused_ const char *argument)
{
	((struct check_options *)target)->json = true;
	return 0;
}

static int set_list(void *target, _unused_ const char *argument)
{
	((struct check_options *)target)->list = true;
	return 0;
}

static int set_replay(void *target, const char *argument)
{
	((struct check_options *)target)->replay = argument;
	return 0;
}

static int set_against(void *target, const char *argument)
{
	((struct check_options *)target)->against = argument;
	return 0;
}

static int set_host(void *target, _unused_ const char *argument)
{
	((struct check_options *)target)->host.asked = true;
	return 0;
}

static const struct option_row rows[] = {
	{ "strict", NULL, "a warning counts as an error for the exit status", set_strict },
	{ "json", NULL, "one JSON object a line, without the final count", set_json },
	{ "list", NULL, "list what is looked for in a profile that has no errors", set_list },
	{ "replay", "FILE|last", "say which of these logged calls would be decided otherwise",
	  set_replay },
	{ "against", "FILE", "with --replay: than by this policy, not than they were",
	  set_against },
	{ "host", NULL, "say of a policy whether this host can hold to it", set_host },
	PROFILE_OPTION_ROWS,
	{ 0 },
};

static void print_help(void)
{
	fputs("usage: callgate check [OPTION]... FILE|PROFILE...\n\n"
	      "Says what is wrong with each profile, a file or the name of one, or policy, and "
	      "what\n"
	      "in it is probably not meant: FILE:LINE:COLUMN: /json/pointer: error|warning: "
	      "message\n"
	      "[id]. Of a policy also how the calls that each rule is on are answered.\n\n",
	      stdout);
	options_help(rows, stdout);
	fputs("\nExits with 0 where there is no error, 1 where there is one, 2 where a file could\n"
	      "not be read or an option is wrong. With --replay 1 where a verdict would change, 2\n"
	      "for errors too.\n",
	      stdout);
}

static void print_list(void)
{
	for (size_t i = 0; i < lint_rows_count; i++)
		printf("%-24s %s\n", lint_rows[i].id, lint_rows[i].finds);
	for (size_t i = 0; i < policy_lint_rows_count; i++)
		printf("%-24s %s\n", policy_lint_rows[i].id, policy_lint_rows[i].finds);
}

/* ---- output */

static void print_escaped(const char *string)
{
	char buf[1024];
	size_t len = strlen(string);

	while (len > 0) {
		struct text text = TEXT_OVER(buf);
		size_t done = text_escape_terminal(&text, string, len, sizeof(buf) / 8);

		fputs(text.bytes, stdout);
		string += done;
		len -= done;
	}
}

static void print_text(const char *file, const struct diag *diag)
{
	print_escaped(file);
	putchar(':');
	if (diag->place.line > 0)
		printf("%u:%u:", diag->place.line, diag->place.column);
	if (diag->pointer[0])
		printf(" %s:", diag->pointer);
	printf(" %s: %s [%s]\n", level_names[diag->level], diag->message, diag->id);
}

static void print_json(const char *file, const struct diag *diag)
{
	struct json_out json = { .out = stdout };

	json_out_object(&json, NULL);
	json_out_string(&json, "file", file);
	json_out_int(&json, "line", diag->place.line);
	json_out_int(&json, "column", diag->place.column);
	json_out_string(&json, "pointer", diag->pointer);
	json_out_string(&json, "level", level_names[diag->level]);
	json_out_string(&json, "id", diag->id);
	json_out_string(&json, "message", diag->message);
	json_out_close(&json, '}');
}

/* What diags had no room for. */
static void print_dropped(const struct diags *diags, const char *file,
                          void (*print)(const char *file, const struct diag *diag))
{
	char message[64], pointer[] = "";
	const struct diag more = {
		.level = diags->errors > 0 ? DIAG_ERROR : DIAG_WARNING,
		.id = "not-shown",
		.pointer = pointer,
		.message = message,
	};

	if (diags->dropped == 0)
		return;
	snprintf(message, sizeof(message), "%zu more not shown", diags->dropped);
	print(file, &more);
}

static void print_all(const struct diags *diags, bool json)
{
	void (*print)(const char *file, const struct diag *diag) = json ? print_json : print_text;
	const struct diag *sorted[DIAGS_MAX];
	const char *file = diags->file ? diags->file : "?";
	size_t count = diags_sorted(diags, sorted);

	for (size_t i = 0; i < count; i++)
		print(file, sorted[i]);
	print_dropped(diags, file, print);
}

static void print_tally(const struct tally *tally)
{
	printf("%zu error%s, %zu warning%s\n", tally->errors, tally->errors == 1 ? "" : "s",
	       tally->warnings, tally->warnings == 1 ? "" : "s");
}

/* ---- checking */

/* Prints and counts what was found in one file, whose reading gave r. */
static void report(struct diags *diags, int r, const struct check_options *options,
                   struct tally *tally)
{
	if (r == -ENOMEM && diags->errors == 0)
		diags_add(diags, DIAG_ERROR, "system", (struct place){ 0 }, "", "%s", strerror(-r));
	tally->trouble |= r < 0 && r != -EBADMSG && r != -EFBIG;
	tally->errors += diags->errors;
	tally->warnings += diags->count + diags->dropped - diags->errors;
	print_all(diags, options->json);
}

static void check_policy(const char *path, const struct check_options *options, struct tally *tally)
{
	_cleanup_(loaded_policy_deinit) struct loaded_policy loaded;
	int r = check_policy_open(path, &options->profile, &options->host, &loaded);

	report(&loaded.diags, r, options, tally);
	if (loaded.policy)
		check_policy_print(loaded.policy, options->json);
}

static void check_profile(const char *wanted, const struct check_options *options,
                          struct tally *tally)
{
	_cleanup_(loaded_profile_deinit) struct loaded_profile loaded;
	int r = loaded_profile_open(wanted, &options->profile, &loaded);

	if (r == 0)
		r = lint_profile(loaded.ruleset, &loaded.diags);
	report(&loaded.diags, r, options, tally);
}

static int exit_status(const struct check_options *options, const struct tally *tally)
{
	if (tally->trouble)
		return STATUS_TROUBLE;
	if (tally->errors > 0 || (options->strict && tally->warnings > 0))
		return STATUS_ERRORS;
	return 0;
}

static int check_replay_main(const struct check_options *options, int n, char **files)
{
	if (!options->replay || n != 1) {
		command_error("check: %s", options->replay ? "--replay takes one policy or profile"
		                                           : "--against without --replay");
		return STATUS_TROUBLE;
	}
	return check_replay(&(struct check_replay){ .events = options->replay,
	                                            .against = options->against,
	                                            .wanted = files[0],
	                                            .profile = options->profile,
	                                            .json = options->json });
}

/* As run would: with a cgroup that is gone when we return. */
static void try_host(struct check_host *host)
{
	struct freezer freezer;

	host->want = freezer_init(&freezer);
	freezer_deinit(&freezer);
}

static int check_main(int argc, char **argv)
{
	struct check_options options = { 0 };
	struct tally tally = { 0 };
	int rest, result;

	result = options_parse_mixed(argc, argv, rows, &options, &rest);
	if (result == OPTIONS_HELP) {
		print_help();
		return 0;
	}
	if (result < 0)
		return STATUS_TROUBLE;
	if (options.list) {
		print_list();
		return 0;
	}
	if (rest == argc) {
		command_error("check: no profile (callgate check --help shows how)");
		return STATUS_TROUBLE;
	}
	if (options.replay || options.against)
		return check_replay_main(&options, argc - rest, argv + rest);
	if (options.host.asked) {
		try_host(&options.host);
		check_host_print(&options.host, options.json);
	}
	for (int i = rest; i < argc; i++)
		(policy_file_recognised(argv[i]) ? check_policy : check_profile)(argv[i], &options,
		                                                                 &tally);
	if (!options.json)
		print_tally(&tally);
	return exit_status(&options, &tally);
}

const struct command check_command = {
	.name = "check",
	.summary = "say what is wrong with profiles and policies, and what is probably not meant",
	.run = check_main,
};
