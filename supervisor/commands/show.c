/* SPDX-License-Identifier: Apache-2.0 */
/* callgate show: the plan of a profile, where each syscall is decided and how. */
#include <string.h>

#include "supervisor/reports/columns.h"
#include "supervisor/commands/command.h"
#include "supervisor/commands/profile_options.h"
#include "supervisor/reports/show.h"

enum { EXIT_TROUBLE = 125, EXIT_USAGE = 2 };

struct show_command_options {
	struct profile_options profile; /* first: PROFILE_OPTION_ROWS */
	struct plan_options plan;
	bool json;
	bool why;
};

static int set_json(void *target, _unused_ const char *argument)
{
	((struct show_command_options *)target)->json = true;
	return 0;
}

static int set_why(void *target, _unused_ const char *argument)
{
	((struct show_command_options *)target)->why = true;
	return 0;
}

static int set_deny_in_kernel(void *target, _unused_ const char *argument)
{
	((struct show_command_options *)target)->plan.deny_in_kernel = true;
	return 0;
}

static int set_mode(void *target, const char *argument)
{
	struct show_command_options *options = target;

	options->plan.complain = strcmp(argument, "complain") == 0;
	if (options->plan.complain || strcmp(argument, "enforce") == 0)
		return 0;
	command_error("show: --mode %s: expected enforce or complain", argument);
	return -EINVAL;
}

static const struct option_row rows[] = {
	PROFILE_OPTION_ROWS,
	{ "json", NULL, "one JSON object, with every syscall of every ABI", set_json },
	{ "why", NULL, "with what is known of each call that is not allowed", set_why },
	{ "mode", "MODE", "of run: enforce (default) or complain", set_mode },
	{ "deny-in-kernel", NULL, "of run: denials stay in the kernel", set_deny_in_kernel },
	{ 0 },
};

static void print_help(FILE *out)
{
	fputs("usage: callgate show [OPTION]... PROFILE\n\n"
	      "Shows where each syscall is decided under PROFILE, a file or a shipped profile's\n"
	      "name, and how.\n\n",
	      out);
	options_help(rows, out);
	fputs("\nExit status: 0; 2 for bad usage; 125 for a profile that cannot be shown.\n", out);
}

static int show(const struct show_command_options *options, const struct ruleset *ruleset)
{
	_cleanup_(plan_freep) struct plan *plan = NULL;
	const struct show_options text = { .width = columns_of(stdout), .why = options->why };
	int r = plan_build(ruleset, &options->plan, &plan);

	if (r == 0)
		r = options->json ? show_json(stdout, plan) : show_text(stdout, plan, &text);
	if (r < 0)
		command_error("show: %s", strerror(-r));
	return r < 0 ? EXIT_TROUBLE : 0;
}

static int parse(int argc, char **argv, struct show_command_options *options,
                 const char **ret_wanted)
{
	int rest, r = options_parse_mixed(argc, argv, rows, options, &rest);

	if (r != 0)
		return r;
	if (argc - rest != 1) {
		command_error("show: %s (callgate show --help shows how)",
		              rest == argc ? "no profile" : "more than one profile");
		return -EINVAL;
	}
	if (options->plan.complain && options->plan.deny_in_kernel) {
		command_error("show: --mode complain and --deny-in-kernel exclude each other");
		return -EINVAL;
	}
	*ret_wanted = argv[rest];
	return 0;
}

static int show_main(int argc, char **argv)
{
	_cleanup_(loaded_profile_deinit) struct loaded_profile loaded = { 0 };
	struct show_command_options options = { 0 };
	const char *wanted = NULL;
	int r = parse(argc, argv, &options, &wanted);

	if (r == OPTIONS_HELP) {
		print_help(stdout);
		return 0;
	}
	if (r < 0)
		return EXIT_USAGE;
	r = loaded_profile_open(wanted, &options.profile, &loaded);
	diags_print(&loaded.diags, stderr, "callgate: ", false);
	return r < 0 ? EXIT_TROUBLE : show(&options, loaded.ruleset);
}

const struct command show_command = {
	.name = "show",
	.summary = "show where each syscall is decided under a profile, and how",
	.run = show_main,
};
