/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/commands/options.h"

#include <getopt.h>
#include <string.h>

#include "supervisor/commands/command.h"

enum {
	MAX_OPTIONS = 32,
	FIRST_VALUE = 256, /* above every character getopt_long may return */
	HELP_VALUE = FIRST_VALUE + MAX_OPTIONS,
	HELP_COLUMN = 28,
};

static void fill(const struct option_row *rows, struct option ret_options[static MAX_OPTIONS + 2])
{
	size_t count = 0;

	for (; rows[count].name; count++) {
		assert(count < MAX_OPTIONS);
		ret_options[count] = (struct option){
			.name = rows[count].name,
			.has_arg = rows[count].argument ? required_argument : no_argument,
			.val = FIRST_VALUE + (int)count,
		};
	}
	ret_options[count] = (struct option){ .name = "help", .val = HELP_VALUE };
	ret_options[count + 1] = (struct option){ 0 };
}

/* -o is --output and -i --interactive, where a command has them. */
static int short_value(const struct option_row *rows, int letter)
{
	const char *name = letter == 'o' ? "output" : "interactive";

	for (int i = 0; rows[i].name; i++)
		if (strcmp(rows[i].name, name) == 0)
			return FIRST_VALUE + i;
	return '?';
}

/* shorts: getopt(3)'s, which say by a '+' that options end with the first word that is none. */
static int parse(int argc, char **argv, const struct option_row *rows, void *target,
                 const char *shorts)
{
	struct option options[MAX_OPTIONS + 2];
	int value, result;

	fill(rows, options);
	opterr = 0;
	optind = 1;
	while ((value = getopt_long(argc, argv, shorts, options, NULL)) != -1) {
		if (value == 'o' || value == 'i')
			value = short_value(rows, value);
		if (value == HELP_VALUE || value == 'h')
			return OPTIONS_HELP;
		if (value == ':' || value == '?') {
			command_error("%s: %s %s (callgate %s --help lists the options)", argv[0],
			              value == ':' ? "no argument for" : "unknown option",
			              argv[optind - 1], argv[0]);
			return -EINVAL;
		}
		result = rows[value - FIRST_VALUE].set(target, optarg);
		if (result < 0)
			return result;
	}
	return 0;
}

int options_parse(int argc, char **argv, const struct option_row *rows, void *target, int *ret_rest)
{
	int r = parse(argc, argv, rows, target, "+:h");

	if (r == 0)
		*ret_rest = optind;
	return r;
}

int options_parse_mixed(int argc, char **argv, const struct option_row *rows, void *target,
                        int *ret_rest)
{
	int r = parse(argc, argv, rows, target, ":hio:");

	if (r == 0)
		*ret_rest = optind;
	return r;
}

void options_help(const struct option_row *rows, FILE *out)
{
	for (; rows->name; rows++) {
		int width = fprintf(out, "  --%s%s%s", rows->name, rows->argument ? " " : "",
		                    rows->argument ? rows->argument : "");

		fprintf(out, "%*s%s\n", width < HELP_COLUMN ? HELP_COLUMN - width : 1, "",
		        rows->help);
	}
}
