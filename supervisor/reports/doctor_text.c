/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <sys/utsname.h>

#include "common/text.h"
#include "supervisor/reports/columns.h"
#include "supervisor/reports/doctor.h"

enum {
	STATE_WIDTH = 12,
	NAME_WIDTH = 20,
	INDENT = 2,
	WORDS_AT = INDENT + STATE_WIDTH + NAME_WIDTH,
};

#define WORKS "callgate run works here"
#define WORKS_NOT "callgate run works here with --deny-in-kernel at most"

/* "  STATE       NAME                WORDS", with the words wrapped behind the name. */
static void print_row(FILE *out, unsigned width, const char *state, const char *name,
                      const char *words)
{
	char bytes[1024];
	struct text escaped = TEXT_OVER(bytes);

	text_escape_message(&escaped, words);
	if (bytes[0] == '\0') {
		fprintf(out, "%*s%-*s%s\n", INDENT, "", STATE_WIDTH, state, name);
		return;
	}
	fprintf(out, "%*s%-*s%-*s", INDENT, "", STATE_WIDTH, state, NAME_WIDTH, name);
	columns_wrap(out, width, WORDS_AT, WORDS_AT, bytes);
}

static void print_check(FILE *out, unsigned width, const struct doctor_check *check,
                        const struct doctor_finding *finding)
{
	char lost[512];

	print_row(out, width, doctor_state_name(finding->state), check->name, finding->detail);
	if (finding->state == DOCTOR_OK)
		return;
	snprintf(lost, sizeof(lost), "lost: %s", check->lost);
	print_row(out, width, "", "", lost);
}

static void print_runtime(FILE *out, unsigned width, const struct doctor_runtime *runtime)
{
	char words[512];

	snprintf(words, sizeof(words), "%s: %s",
	         runtime->version[0] ? runtime->version : "says no version", runtime->how);
	print_row(out, width, doctor_reach_name(runtime->reach), runtime->name, words);
}

void doctor_text(FILE *out, const struct doctor_report *report, unsigned width)
{
	const char *group = "";
	struct utsname system;

	if (uname(&system) == 0)
		fprintf(out, "%s %s %s\n", system.sysname, system.release, system.machine);
	for (size_t i = 0; doctor_checks[i].name; i++) {
		if (strcmp(group, doctor_checks[i].group) != 0)
			fprintf(out, "\n%s\n", doctor_checks[i].group);
		group = doctor_checks[i].group;
		print_check(out, width, &doctor_checks[i], &report->findings[i]);
	}
	fputs("\nruntimes on PATH, and whether their listeners reach a supervisor\n", out);
	for (size_t i = 0; i < report->runtimes.n; i++)
		print_runtime(out, width, &report->runtimes.found[i]);
	if (report->runtimes.n == 0)
		fprintf(out, "%*snone\n", INDENT, "");
	fprintf(out, "\n%s\n", doctor_able(report) ? WORKS : WORKS_NOT);
}
