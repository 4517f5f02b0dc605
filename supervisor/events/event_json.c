/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/events/event_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "profiles/knowledge.h"
#include "profiles/profile_names.h"
#include "profiles/syscalls.h"
#include "supervisor/events/event_reload.h"
#include "supervisor/events/json_line.h"
#include "supervisor/reports/profile_text.h"
#include "supervisor/events/reason.h"
#include "supervisor/events/render.h"
#include "supervisor/stacks/stack_text.h"

enum {
	MESSAGE_MAX = 2000,    /* of which a byte may take six */
	CALL_SHOWN_MAX = 2000, /* of which a byte may take two: it is escaped for terminals */
};

/* What the target got in place of the call, where that is no errno. */
static void return_field(struct json_line *line, const struct verdict *verdict)
{
	if (verdict->kind == VERDICT_RETURN)
		json_line_hex(line, "seccomp.return", (uint64_t)verdict->value);
	else if (verdict->kind == VERDICT_DENY && verdict->error == 0)
		json_line_hex(line, "seccomp.return", 0);
}

/* What came of asking a person; not of calls that nobody was to be asked about. */
static void asked_field(struct json_line *line, const struct verdict *verdict)
{
	if (verdict->asked_by == ASKED_NOT)
		return;
	json_line_key(line, "seccomp.asked");
	text_printf(line->text, "{\"answer\":\"%s\",\"by\":\"%s\",\"seconds\":%u}",
	            verdict->kind == VERDICT_ALLOW ? "allow" : "deny",
	            asked_by_name((enum asked_by)verdict->asked_by), verdict->asked_seconds);
}

static void verdict_fields(struct json_line *line, const struct event *event,
                           const struct verdict *verdict)
{
	bool refused = verdict->kind == VERDICT_DENY || verdict->kind == VERDICT_KILL;
	char buf[32];

	json_line_string(line, "event.outcome", refused ? "failure" : "success");
	json_line_string(line, "seccomp.verdict", verdict_json_name(verdict->kind));
	json_line_string(line, "seccomp.mode", mode_name(event->session->mode));
	json_line_string(line, "seccomp.action", action_name(verdict->action.kind));
	asked_field(line, verdict);
	return_field(line, verdict);
	if (verdict->kind == VERDICT_ALLOW || verdict->kind == VERDICT_RETURN)
		return;
	json_line_int(line, "seccomp.errno", verdict->error);
	if (verdict->error)
		json_line_string(line, "seccomp.errno_name",
		                 err_name(verdict->error, buf, sizeof(buf)));
}

/* Whether the kernel went on with the call, which reads its memory again. */
static bool continued(const struct verdict *verdict)
{
	return verdict->kind == VERDICT_WOULD ||
	       (verdict->kind == VERDICT_ALLOW && verdict->allow_by != ALLOW_BY_PERFORM);
}

/* Whether what is told of the call's memory may not be what the kernel then read. */
static bool racy(const struct notification *notification)
{
	const struct verdict *verdict = &notification->verdict;

	if (!continued(verdict) || verdict->allow_by == ALLOW_BY_FREEZE)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(notification->captures); i++)
		if (notification->captures[i].status == CAPTURE_WHOLE ||
		    notification->captures[i].status == CAPTURE_CUT)
			return true;
	return false;
}

static void answer_fields(struct json_line *line, const struct notification *notification)
{
	json_line_string(line, "seccomp.source", "notify");
	json_line_bool(line, "seccomp.continue", continued(&notification->verdict));
	json_line_bool(line, "seccomp.racy", racy(notification));
	json_line_hex(line, "seccomp.notif.id", notification->request.id);
}

static void latency_field(struct json_line *line, uint32_t latency_ns)
{
	json_line_key(line, "seccomp.latency_us");
	text_printf(line->text, "%" PRIu32 ".%03" PRIu32, latency_ns / 1000, latency_ns % 1000);
}

/* The registers alone, for a line that the decoded arguments made too long. */
static void raw_arguments(struct json_line *line, const struct seccomp_data *call)
{
	json_line_key(line, "syscall.args");
	for (unsigned i = 0; i < ARRAY_SIZE(call->args); i++)
		text_printf(line->text, "%c{\"name\":\"a%u\",\"raw\":\"0x%" PRIx64 "\"}",
		            i == 0 ? '[' : ',', i, (uint64_t)call->args[i]);
	text_string(line->text, "],\"syscall.args.truncated\":true");
}

/* The call as a terminal shows it, cut between characters. */
static void shown_call(struct json_line *line, const struct text *call)
{
	size_t len = call->len;

	if (len > CALL_SHOWN_MAX) {
		len = CALL_SHOWN_MAX;
		while (((unsigned char)call->bytes[len] & 0xc0) == 0x80)
			len--;
	}
	json_line_bytes(line, "syscall.call", call->bytes, len);
	if (len < call->len)
		text_string(line->text, ",\"syscall.call.truncated\":true");
}

static void call_fields(struct json_line *line, const struct event *event, bool whole)
{
	const struct notification *notification = event->notification;
	const struct seccomp_data *call = &notification->request.data;

	answer_fields(line, notification);
	latency_field(line, notification->latency_ns);
	json_line_syscall(line, syscall_arch(call->arch, call->nr), call->nr);
	json_line_hex(line, "syscall.ip", call->instruction_pointer);
	shown_call(line, event->call);
	if (!whole) {
		raw_arguments(line, call);
		return;
	}
	json_line_key(line, "syscall.args");
	render_json_arguments(line->text, notification);
}

static void near_field(struct json_line *line, const struct seccomp_data *call,
                       const struct reason *reason)
{
	if (reason->n_near == 0)
		return;
	json_line_key(line, "rule.near");
	for (size_t i = 0; i < reason->n_near; i++) {
		const struct rule *rule = reason->near[i].rule;
		char why_bytes[JSON_LINE_NAME_MAX];
		struct text why = TEXT_OVER(why_bytes);

		reason_near_text(&why, call, &reason->near[i]);
		text_printf(line->text, "%c{\"index\":%zu,\"line\":%u", i == 0 ? '[' : ',',
		            rule->index, rule->place.line);
		json_line_bytes(line, "why", why.bytes, why.len);
		text_string(line->text, "}");
	}
	text_string(line->text, "]");
}

/* The reason in the words of the text lines, without complain mode's "would be". */
static void why_field(struct json_line *line, const struct event *event,
                      const struct seccomp_data *call, const struct reason *reason)
{
	char bytes[JSON_LINE_NAME_MAX];
	struct text why = TEXT_OVER(bytes);

	reason_text(&why, event->session, call, reason);
	json_line_bytes(line, "rule.why", why.bytes, why.len);
}

static void rule_id_field(struct json_line *line, const struct event *event,
                          const struct reason *reason)
{
	char bytes[JSON_LINE_NAME_MAX];
	struct text id = TEXT_OVER(bytes);

	if (reason_rule_id(&id, event->session, reason))
		json_line_bytes(line, "rule.id", id.bytes, id.len);
}

static void policy_rule_fields(struct json_line *line, const struct reason *reason)
{
	char name[24];

	json_line_string(line, "rule.file", reason->policy->file);
	json_line_int(line, "rule.line", reason->policy_rule->place.line);
	json_line_int(line, "rule.index", (int64_t)reason->policy_rule->index);
	if (reason->doubt)
		json_line_string(line, "rule.doubt",
		                 err_name((int)reason->doubt, name, sizeof(name)));
}

/* policy decided, or is the one in use; NULL: there is none. */
static void session_fields(struct json_line *line, const struct session *session,
                           const struct policy *policy)
{
	const struct profile *profile = session->ruleset->profile;

	json_line_string(line, "profile.name", profile->name);
	json_line_string(line, "profile.sha256", profile->sha256);
	if (policy)
		json_line_string(line, "policy.name", policy->name);
}

static void rule_fields(struct json_line *line, const struct event *event,
                        const struct seccomp_data *call)
{
	const struct profile *profile = event->session->ruleset->profile;
	struct reason reason;

	reason_find(event->session, &event->notification->verdict, call, &reason);
	json_line_string(line, "rule.reason", reason_name(&reason));
	rule_id_field(line, event, &reason);
	if (reason.policy_rule)
		policy_rule_fields(line, &reason);
	else
		json_line_string(line, "rule.file", profile->file);
	if (reason.rule) {
		json_line_int(line, "rule.line", reason.rule->place.line);
		json_line_int(line, "rule.index", (int64_t)reason.rule->index);
	} else if (reason.kind == REASON_NO_RULE || reason.kind == REASON_NEAR) {
		json_line_int(line, "rule.line", profile->default_place.line);
	}
	why_field(line, event, call, &reason);
	near_field(line, call, &reason);
	session_fields(line, event->session,
	               reason.policy ? reason.policy
	                             : generations_present(event->session->policies));
	if (event->notification->verdict.generation > 0)
		json_line_int(line, "policy.generation", event->notification->verdict.generation);
}

/* Why profiles block this call at all, where that is known. */
static void knowledge_field(struct json_line *line, const struct notification *notification)
{
	const struct seccomp_data *call = &notification->request.data;
	const struct knowledge *knowledge;
	char buf[32];

	if (notification->verdict.kind == VERDICT_ALLOW)
		return;
	knowledge = knowledge_find(
		syscall_name(syscall_arch(call->arch, call->nr), call->nr, buf, sizeof(buf)));
	if (knowledge)
		json_line_string(line, "seccomp.knowledge", knowledge->why);
}

/* What programs do at the errno, where it is one at which they go another way. */
static void fallback_field(struct json_line *line, const struct notification *notification)
{
	const struct fallback *fallback =
		reason_fallback(&notification->verdict, &notification->request.data);

	if (fallback)
		json_line_string(line, "seccomp.fallback", fallback->reader);
}

static void caller_fields(struct json_line *line, const struct notification *notification)
{
	const struct caller *caller = &notification->caller;
	pid_t tid = caller->tid ? caller->tid : (pid_t)notification->request.pid;
	size_t comm = strnlen(caller->comm, sizeof(caller->comm));
	size_t exe = caller->exe_length < CALLER_EXE_MAX ? caller->exe_length : CALLER_EXE_MAX;

	json_line_int(line, "process.tid", tid);
	if (comm > 0)
		json_line_bytes(line, "process.executable.name", caller->comm, comm);
	if (exe > 0)
		json_line_bytes(line, "process.executable.path", caller->exe, exe);
	line->truncated = line->truncated || exe == CALLER_EXE_MAX;
	if (caller->pid == 0) /* /proc did not tell: nor would the rest be true */
		return;
	json_line_int(line, "process.pid", caller->pid);
	if (caller->vpid > 0)
		json_line_int(line, "process.vpid", caller->vpid);
	json_line_int(line, "process.parent_pid", caller->ppid);
	json_line_int(line, "process.user.id", caller->uid);
	json_line_int(line, "process.real_user.id", caller->real_uid);
	json_line_int(line, "process.group.id", caller->gid);
	if (caller->has_caps)
		json_line_hex(line, "process.linux.cap_eff", caller->caps);
}

static bool syscall_event(struct text *text, const struct event *event, bool whole)
{
	const struct notification *notification = event->notification;
	struct json_line line;

	json_line_start(&line, text, "syscall", event, 0);
	verdict_fields(&line, event, &notification->verdict);
	call_fields(&line, event, whole);
	rule_fields(&line, event, &notification->request.data);
	knowledge_field(&line, notification);
	fallback_field(&line, notification);
	caller_fields(&line, notification);
	if (event->stack)
		stack_json(&line, event->stack);
	return json_line_end(&line);
}

static void syscall_line(struct text *text, const struct event *event, uint64_t note)
{
	(void)note;
	if (syscall_event(text, event, true))
		return;
	text_clear(text);
	if (!syscall_event(text, event, false))
		text_clear(text);
}

/* What the profile's rules were resolved for. */
static void host_fields(struct json_line *line, const struct host *host)
{
	const char *joint = "";

	json_line_arch(line, "profile.arch", host->arch);
	json_line_key(line, "profile.kernel");
	text_printf(line->text, "\"%u.%u\"", host->kernel.major, host->kernel.minor);
	json_line_key(line, "profile.capabilities");
	text_string(line->text, "[");
	for (unsigned cap = 0; cap < 64; cap++) {
		const char *name = host->caps >> cap & 1 ? capability_name(cap) : NULL;

		if (!name)
			continue;
		text_printf(line->text, "%s\"%s\"", joint, name);
		joint = ",";
	}
	text_string(line->text, "]");
}

static void policy_fields(struct json_line *line, const struct policy *policy)
{
	if (!policy)
		return;
	json_line_string(line, "policy.file", policy->file);
	json_line_string(line, "policy.unmatched", policy->allow_unmatched ? "allow" : "deny");
}

/* Which of the container's processes it is, beside what every event has. */
static void container_fields(struct json_line *line, const struct container *container)
{
	json_line_string(line, "oci.process", container->exec ? "exec" : "init");
	if (container->bundle)
		json_line_string(line, "oci.bundle", container->bundle);
}

static void start_line(struct text *text, const struct event *event, uint64_t note)
{
	const struct policy *policy = generations_present(event->session->policies);
	const struct profile *profile = event->session->ruleset->profile;
	struct json_line line;

	json_line_start(&line, text, "target.start", event, note);
	json_line_string(&line, "seccomp.mode", mode_name(event->session->mode));
	json_line_string(&line, "rule.file", profile->file);
	session_fields(&line, event->session, policy);
	if (profile->as_engine)
		json_line_string(&line, "profile.engine", dialect_name(profile->dialect));
	host_fields(&line, &event->session->ruleset->host);
	policy_fields(&line, policy);
	if (event->session->container)
		container_fields(&line, event->session->container);
	else
		json_line_string(&line, "process.command", event->session->command);
	if (event->start.pid > 0)
		json_line_int(&line, "process.pid", event->start.pid);
	if (event->start.cgroup)
		json_line_string(&line, "process.linux.cgroup", event->start.cgroup);
	(void)json_line_end(&line);
}

static void fold_line(struct text *text, const struct event *event, uint64_t note)
{
	struct json_line line;

	json_line_start(&line, text, "fold", event, note);
	verdict_fields(&line, event, &event->fold.verdict);
	json_line_syscall(&line, event->fold.arch, event->fold.nr);
	json_line_int(&line, "seccomp.repeat", (int64_t)event->fold.count);
	json_line_string(&line, "fold.reason", "journal_full");
	(void)json_line_end(&line);
}

static void warning_line(struct text *text, const struct event *event, uint64_t note)
{
	size_t len = strnlen(event->message, MESSAGE_MAX);
	struct json_line line;

	json_line_start(&line, text, "supervisor.warning", event, note);
	json_line_bytes(&line, "message", event->message, len);
	line.truncated = event->message[len] != '\0';
	(void)json_line_end(&line);
}

static void (*const lines[EVENT_KIND_COUNT])(struct text *text, const struct event *event,
                                             uint64_t note) = {
	[EVENT_START] = start_line,         [EVENT_SYSCALL] = syscall_line,
	[EVENT_FOLD] = fold_line,           [EVENT_WARNING] = warning_line,
	[EVENT_RELOAD] = event_reload_json,
};

void event_json(struct text *text, const struct event *event, uint64_t note)
{
	if (lines[event->kind])
		lines[event->kind](text, event, note);
}

void event_json_unwritten(struct text *text, const struct event *event, uint64_t note,
                          const struct unwritten *unwritten)
{
	struct json_line line;
	uint64_t total = 0;

	json_line_start(&line, text, "fold", event, note);
	for (int i = 0; i < VERDICT_KIND_COUNT; i++) {
		char key[64];

		total += unwritten->counts[i];
		if (unwritten->counts[i] == 0)
			continue;
		snprintf(key, sizeof(key), "fold.%s", verdict_json_name(i));
		json_line_int(&line, key, (int64_t)unwritten->counts[i]);
	}
	json_line_int(&line, "fold.other", (int64_t)unwritten->counts[VERDICT_KIND_COUNT]);
	json_line_int(&line, "seccomp.repeat", (int64_t)total);
	json_line_string(&line, "fold.reason", "sink_full");
	(void)json_line_end(&line);
}
