/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/commands/suggest_options.h"

#include <string.h>

#include "common/near.h"
#include "profiles/profile_names.h"
#include "supervisor/commands/command.h"

static int set_profile(void *target, const char *argument)
{
	((struct suggest_options *)target)->wanted = argument;
	return 0;
}

static int set_format(void *target, const char *argument)
{
	static const char *const names[] = {
		[SUGGEST_DIFF] = "diff",
		[SUGGEST_JSON_PATCH] = "json-patch",
		[SUGGEST_PROFILE] = "profile",
		[SUGGEST_POLICY] = "policy",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(names[i], argument) == 0) {
			((struct suggest_options *)target)->format = (enum suggest_format)i;
			return 0;
		}
	command_error("suggest: --output-format %s: expected diff, json-patch, profile or policy",
	              argument);
	return -EINVAL;
}

static int set_output(void *target, const char *argument)
{
	((struct suggest_options *)target)->output = argument;
	return 0;
}

static int set_allow(void *target, _unused_ const char *argument)
{
	((struct suggest_options *)target)->wishes.allow = true;
	return 0;
}

static int set_errno(void *target, const char *argument)
{
	struct suggest_options *options = target;
	struct near near = near_to(argument);

	if (errno_by_name(argument, &options->wishes.error, &near))
		return 0;
	command_error("suggest: --errno %s: no such errno%s%s%s", argument,
	              near.best ? "; did you mean " : "", near.best ? near.best : "",
	              near.best ? "?" : "");
	return -EINVAL;
}

static int set_include(void *target, const char *argument)
{
	struct suggest_options *options = target;

	if (options->wishes.n_include == SUGGEST_INCLUDE_MAX) {
		command_error("suggest: more than %d times --include", SUGGEST_INCLUDE_MAX);
		return -EINVAL;
	}
	options->include[options->wishes.n_include++] = argument;
	return 0;
}

static int set_narrow(void *target, _unused_ const char *argument)
{
	((struct suggest_options *)target)->wishes.narrow = true;
	return 0;
}

static int set_wide(void *target, _unused_ const char *argument)
{
	((struct suggest_options *)target)->wishes.wide = true;
	return 0;
}

static int set_interactive(void *target, _unused_ const char *argument)
{
	((struct suggest_options *)target)->interactive = true;
	return 0;
}

static int set_write(void *target, _unused_ const char *argument)
{
	((struct suggest_options *)target)->write = true;
	return 0;
}

static const struct option_row rows[] = {
	{ "profile", "NAME|FILE", "the profile to change; else the events'", set_profile },
	{ "interactive", NULL, "ask what is to become of each syscall; also -i", set_interactive },
	{ "allow", NULL, "allow also where another errno would do", set_allow },
	{ "errno", "NAME", "deny with this errno instead; opens nothing", set_errno },
	{ "include", "SYSCALL", "allow it although it may do much (repeat)", set_include },
	{ "narrow", NULL, "always with conditions on the arguments", set_narrow },
	{ "wide", NULL, "never with conditions", set_wide },
	{ "output-format", "FORMAT", "diff, json-patch, profile or policy", set_format },
	{ "output", "FILE", "write there, not to standard output; also -o FILE", set_output },
	{ "write", NULL, "change the profile's file, and keep a backup", set_write },
	PROFILE_OPTION_ROWS,
	{ 0 },
};

static void print_help(FILE *out)
{
	fputs("usage: callgate suggest [OPTION]... [EVENTS.jsonl]\n\n"
	      "From the calls that were denied in the last run, or in the events that run --log\n"
	      "json:EVENTS.jsonl wrote (- for standard input), makes the smallest change of the\n"
	      "profile that mends them, as a diff, and says what it opens.\n\n",
	      out);
	options_help(rows, out);
	fputs("\nExit status: 0 where all is mended, 1 where calls are still denied, 2 for "
	      "trouble.\n",
	      out);
}

static int check_options(const struct suggest_options *options, int n_words)
{
	if (n_words > 1)
		command_error("suggest: more than one file of events (callgate suggest --help "
		              "shows how)");
	else if (options->wishes.narrow && options->wishes.wide)
		command_error("suggest: --narrow and --wide exclude each other");
	else if (options->wishes.error && options->wishes.allow)
		command_error("suggest: --errno and --allow exclude each other");
	else if (options->wishes.error && options->wishes.n_include > 0)
		command_error("suggest: --errno and --include exclude each other");
	else
		return 0;
	return -EINVAL;
}

int suggest_options_parse(int argc, char **argv, struct suggest_options *ret_options)
{
	int rest = argc;
	int r;

	*ret_options = (struct suggest_options){ .format = SUGGEST_DIFF };
	ret_options->wishes.include = ret_options->include;
	r = options_parse_mixed(argc, argv, rows, ret_options, &rest);
	if (r == OPTIONS_HELP)
		print_help(stdout);
	if (r != 0)
		return r;
	ret_options->events = argv[rest];
	return check_options(ret_options, argc - rest);
}
