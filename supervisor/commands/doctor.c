/* SPDX-License-Identifier: Apache-2.0 */
/* callgate doctor: what this kernel and host can do. */
#include <signal.h>
#include <stdbool.h>

#include "common/cleanup.h"
#include "supervisor/reports/columns.h"
#include "supervisor/commands/command.h"
#include "supervisor/commands/options.h"
#include "supervisor/reports/doctor.h"

enum { EXIT_ABLE = 0, EXIT_UNABLE = 1, EXIT_TROUBLE = 2 };

struct doctor_options {
	bool json;
};

static int set_json(void *target, _unused_ const char *argument)
{
	((struct doctor_options *)target)->json = true;
	return 0;
}

static const struct option_row rows[] = {
	{ "json", NULL, "one JSON object", set_json },
	{ 0 },
};

static void print_help(FILE *out)
{
	fputs("usage: callgate doctor [OPTION]...\n\n"
	      "Shows what this kernel and host can do, with what is lost where something is\n"
	      "missing; answers a few calls of a child to see that it works; and lists the\n"
	      "container runtimes.\n\n",
	      out);
	options_help(rows, out);
	fputs("\nExit status: 0 where callgate run works, 1 where it does not, 2 for bad usage.\n",
	      out);
}

static int doctor_main(int argc, char **argv)
{
	struct doctor_options options = { 0 };
	struct doctor_report report;
	int rest, r = options_parse_mixed(argc, argv, rows, &options, &rest);

	if (r == OPTIONS_HELP) {
		print_help(stdout);
		return 0;
	}
	if (r < 0)
		return EXIT_TROUBLE;
	if (argc > rest) {
		command_error("doctor: no argument is expected, and there is \"%s\"", argv[rest]);
		return EXIT_TROUBLE;
	}
	signal(SIGCHLD, SIG_DFL); /* an inherited SIG_IGN would lose our children's statuses */
	doctor_examine(&report);
	if (options.json)
		doctor_json(stdout, &report);
	else
		doctor_text(stdout, &report, columns_of(stdout));
	r = doctor_able(&report) ? EXIT_ABLE : EXIT_UNABLE;
	doctor_runtimes_deinit(&report.runtimes);
	return r;
}

const struct command doctor_command = {
	.name = "doctor",
	.summary = "show what this kernel and host can do, and try it",
	.run = doctor_main,
};
