/* SPDX-License-Identifier: Apache-2.0 */
/* callgate diff: the calls on which two profiles differ. */
#include <string.h>

#include "supervisor/reports/columns.h"
#include "supervisor/commands/command.h"
#include "supervisor/commands/profile_options.h"
#include "supervisor/reports/diff.h"

/* As diff(1) has them. */
enum { EXIT_SAME = 0, EXIT_DIFFERENT = 1, EXIT_TROUBLE = 2 };

struct diff_options {
	struct profile_options profile; /* first: PROFILE_OPTION_ROWS */
	bool json;
};

static int set_json(void *target, _unused_ const char *argument)
{
	((struct diff_options *)target)->json = true;
	return 0;
}

static const struct option_row rows[] = {
	PROFILE_OPTION_ROWS,
	{ "json", NULL, "one JSON object", set_json },
	{ 0 },
};

static void print_help(FILE *out)
{
	fputs("usage: callgate diff [OPTION]... FROM TO\n\n"
	      "Shows the calls that the profiles FROM and TO, files or shipped profiles' names,\n"
	      "decide differently, with example arguments where these make the difference.\n\n",
	      out);
	options_help(rows, out);
	fputs("\nExit status: 0 for no difference, 1 for some, 2 for trouble.\n", out);
}

static int compare(const struct diff_options *options, const struct ruleset *from,
                   const struct ruleset *to)
{
	_cleanup_(profile_diff_freep) struct profile_diff *diff = NULL;
	struct diff_view view = { .from = from->profile->name, .to = to->profile->name };
	int r = profile_diff_build(from, to, &diff);

	if (r == 0) {
		view.diff = diff;
		if (options->json)
			diff_json(stdout, &view);
		else
			r = diff_text(stdout, &view, columns_of(stdout));
	}
	if (r < 0) {
		command_error("diff: %s", strerror(-r));
		return EXIT_TROUBLE;
	}
	return diff->n > 0 ? EXIT_DIFFERENT : EXIT_SAME;
}

static int open_profile(const char *wanted, const struct diff_options *options,
                        struct loaded_profile *loaded)
{
	int r = loaded_profile_open(wanted, &options->profile, loaded);

	diags_print(&loaded->diags, stderr, "callgate: ", false);
	return r;
}

static int diff_main(int argc, char **argv)
{
	_cleanup_(loaded_profile_deinit) struct loaded_profile from = { 0 }, to = { 0 };
	struct diff_options options = { 0 };
	int rest, r = options_parse_mixed(argc, argv, rows, &options, &rest);

	if (r == OPTIONS_HELP) {
		print_help(stdout);
		return 0;
	}
	if (r < 0)
		return EXIT_TROUBLE;
	if (argc - rest != 2) {
		command_error("diff: expected two profiles (callgate diff --help shows how)");
		return EXIT_TROUBLE;
	}
	r = open_profile(argv[rest], &options, &from);
	if (open_profile(argv[rest + 1], &options, &to) < 0 || r < 0)
		return EXIT_TROUBLE;
	return compare(&options, from.ruleset, to.ruleset);
}

const struct command diff_command = {
	.name = "diff",
	.summary = "show the calls on which two profiles differ",
	.run = diff_main,
};
