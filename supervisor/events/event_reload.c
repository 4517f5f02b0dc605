/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/events/event_reload.h"

#include <limits.h>
#include <string.h>

#include "profiles/syscall_near.h"
#include "profiles/syscalls.h"
#include "supervisor/events/json_line.h"

enum {
	ERRORS_SHOWN_MAX = 5,
	ERROR_BYTES_MAX = 400,    /* of one, of which a byte may take six in JSON */
	UNREACHED_SHOWN_MAX = 32, /* names */
	SHA256_SHOWN = 12,        /* digits, on a terminal */
};

/* ---- the parts */

/* "web.json:3:5: /rules/0: what is wrong", with only what is harmless on a terminal. */
static void error_text(struct text *text, const char *file, const struct diag *diag)
{
	text_escape_terminal(text, file, strlen(file), PATH_MAX);
	text_string(text, ":");
	if (diag->place.line > 0)
		text_printf(text, "%u:%u:", diag->place.line, diag->place.column);
	text_string(text, " ");
	if (diag->pointer[0]) {
		text_escape_message(text, diag->pointer);
		text_string(text, ": ");
	}
	text_escape_message(text, diag->message);
}

/* The first errors, in the order of the file; how many. */
static size_t first_errors(const struct diags *diags, const struct diag *ret_errors[])
{
	const struct diag *sorted[DIAGS_MAX];
	size_t count = diags_sorted(diags, sorted), n = 0;

	for (size_t i = 0; i < count && n < ERRORS_SHOWN_MAX; i++)
		if (sorted[i]->level == DIAG_ERROR)
			ret_errors[n++] = sorted[i];
	return n;
}

static bool named_before(const struct reload_report *report, size_t index, const char *name)
{
	char buf[SYSCALL_NAME_SIZE];

	for (size_t i = 0; i < index; i++) {
		const struct plan_call *call = &report->unreached[i];

		if (strcmp(syscall_name(call->arch, call->nr, buf, sizeof(buf)), name) == 0)
			return true;
	}
	return false;
}

/* Calls write() with each name once, whatever the number of ABIs that have it. */
static void each_unreached(const struct reload_report *report, struct text *text,
                           void (*write)(struct text *text, const char *name, size_t index))
{
	size_t n = 0;

	for (size_t i = 0; i < report->n_unreached && n < UNREACHED_SHOWN_MAX; i++) {
		const struct plan_call *call = &report->unreached[i];
		char buf[SYSCALL_NAME_SIZE];
		const char *name = syscall_name(call->arch, call->nr, buf, sizeof(buf));

		if (!named_before(report, i, name))
			write(text, name, n++);
	}
}

/* ---- for people */

static void write_name(struct text *text, const char *name, size_t index)
{
	text_printf(text, "%s%s", index > 0 ? ", " : "", name);
}

static void unreached_text(struct text *text, const struct text_style *style,
                           const struct reload_report *report)
{
	if (report->total_unreached == 0)
		return;
	event_line_start(text, style);
	text_string(text, "warning: the policy cannot reach ");
	each_unreached(report, text, write_name);
	if (report->total_unreached > report->n_unreached)
		text_string(text, ", ...");
	text_string(text, ": the filter of this target, which stays as it was installed, does not "
	                  "notify it");
	event_line_end(text);
}

static void replaced_text(struct text *text, const struct text_style *style,
                          const struct reload_report *report)
{
	const struct policy *policy = report->policy;
	long more = (long)policy->n_rules - (long)report->before->n_rules;

	event_line_start(text, style);
	text_printf(text, "policy reloaded: generation %u, %zu rule%s", policy->generation,
	            policy->n_rules, policy->n_rules == 1 ? "" : "s");
	if (more != 0)
		text_printf(text, " (%+ld)", more);
	text_printf(text, ", sha256:%.*s", SHA256_SHOWN, policy->sha256);
	event_line_end(text);
	unreached_text(text, style, report);
}

static void refused_text(struct text *text, const struct text_style *style,
                         const struct reload_report *report)
{
	const struct diag *errors[ERRORS_SHOWN_MAX];
	size_t n = first_errors(report->errors, errors);

	for (size_t i = 0; i < n; i++) {
		event_line_start(text, style);
		error_text(text, report->errors->file, errors[i]);
		event_line_end(text);
	}
	event_line_start(text, style);
	text_printf(text, "policy not reloaded: %zu error%s; keeping generation %u",
	            report->errors->errors, report->errors->errors == 1 ? "" : "s",
	            report->policy->generation);
	event_line_end(text);
}

void event_reload_text(struct text *text, const struct text_style *style,
                       const struct reload_report *report)
{
	(report->errors ? refused_text : replaced_text)(text, style, report);
}

/* ---- for programs */

static void errors_field(struct json_line *line, const struct diags *diags)
{
	const struct diag *errors[ERRORS_SHOWN_MAX];
	size_t n = first_errors(diags, errors);

	json_line_key(line, "policy.errors");
	for (size_t i = 0; i < n; i++) {
		char bytes[ERROR_BYTES_MAX];
		struct text error = TEXT_OVER(bytes);

		error_text(&error, diags->file, errors[i]);
		text_string(line->text, i == 0 ? "[" : ",");
		text_json_string(line->text, error.bytes, error.len, &line->lossy);
		line->truncated |= error.overflow;
	}
	text_string(line->text, n == 0 ? "[]" : "]");
	json_line_int(line, "policy.errors.count", (int64_t)diags->errors);
}

static void write_json_name(struct text *text, const char *name, size_t index)
{
	text_string(text, index > 0 ? "," : "");
	text_json_string(text, name, strlen(name), NULL);
}

static void unreached_field(struct json_line *line, const struct reload_report *report)
{
	json_line_key(line, "policy.unreached");
	text_string(line->text, "[");
	each_unreached(report, line->text, write_json_name);
	text_string(line->text, "]");
}

void event_reload_json(struct text *text, const struct event *event, uint64_t note)
{
	const struct reload_report *report = event->reload;
	struct json_line line;

	json_line_start(&line, text, "policy.reload", event, note);
	json_line_string(&line, "event.outcome", report->errors ? "failure" : "success");
	json_line_string(&line, "policy.trigger", report->trigger);
	json_line_string(&line, "policy.file", report->policy->file);
	json_line_string(&line, "policy.name", report->policy->name);
	json_line_int(&line, "policy.generation", report->policy->generation);
	json_line_int(&line, "policy.rules", (int64_t)report->policy->n_rules);
	json_line_string(&line, "policy.sha256", report->policy->sha256);
	if (report->errors)
		errors_field(&line, report->errors);
	else
		unreached_field(&line, report);
	(void)json_line_end(&line);
}
