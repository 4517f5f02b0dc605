/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "common/err.h"
#include "profiles/syscalls.h"
#include "supervisor/reports/columns.h"
#include "supervisor/reports/explain.h"
#include "supervisor/reports/explain_policy.h"
#include "supervisor/reports/explain_stack.h"
#include "supervisor/reports/profile_text.h"

enum {
	LABEL_WIDTH = 9, /* "CHANGE   " */
	STEP = 3,        /* "1. " */
	LINE_MAX_BYTES = 8192,
	NAME_COLUMNS = 64,
	NAMES_SHOWN = 8, /* of what a change opens; JSON has all */
};

struct page {
	FILE *out;
	unsigned width;
	const char *label; /* of the section, until its first line is out */
};

/* ---- lines */

/* One wrapped paragraph of the section, indented by so much more; words may quote a file. */
static void put(struct page *page, unsigned indent, const struct text *words)
{
	_cleanup_free_ char *bytes = malloc(2 * LINE_MAX_BYTES);
	struct text escaped;

	if (!bytes)
		return;
	escaped = (struct text){ .bytes = bytes, .size = 2 * LINE_MAX_BYTES };
	text_clear(&escaped);
	text_escape_message(&escaped, words->bytes);
	fprintf(page->out, "%-*s%*s", LABEL_WIDTH, page->label ? page->label : "", (int)indent, "");
	page->label = NULL;
	columns_wrap(page->out, page->width, LABEL_WIDTH + indent, LABEL_WIDTH + indent, bytes);
}

_printf_(3, 4) static void say(struct page *page, unsigned indent, const char *format, ...)
{
	char bytes[LINE_MAX_BYTES];
	struct text words = TEXT_OVER(bytes);
	va_list arguments;
	int len;

	va_start(arguments, format);
	len = vsnprintf(bytes, sizeof(bytes), format, arguments);
	va_end(arguments);
	words.len = len < 0 ? 0 : (size_t)len;
	put(page, indent, &words);
}

static void place_text(struct text *text, const struct explanation *explanation,
                       const struct rule *rule)
{
	text_printf(text, "%s:%u", explanation->ruleset->profile->file, rule->place.line);
}

/* ---- what was called */

static bool has_verdict(const struct explanation *explanation, enum verdict_kind verdict)
{
	const struct event_record *event = explanation->subject->event;

	return event && event->verdict == (int)verdict;
}

static void result_text(struct text *text, const struct explanation *explanation)
{
	char name[24];

	if (has_verdict(explanation, VERDICT_RETURN))
		text_printf(text, " = %" PRId64, explanation->subject->event->value);
	else if (explanation->error > 0 && !has_verdict(explanation, VERDICT_WOULD))
		text_printf(text, " = -1 %s", err_name(explanation->error, name, sizeof(name)));
}

static const char *or_unknown(const char *string)
{
	return string && string[0] ? string : "?";
}

static void put_caller(struct page *page, const struct event_record *event)
{
	char bytes[LINE_MAX_BYTES];
	struct text words = TEXT_OVER(bytes);

	text_printf(&words, "%s",
	            event->verdict >= 0 ? verdict_name((enum verdict_kind)event->verdict)
	                                : "verdict unknown");
	if (event->count > 1)
		text_printf(&words, " x%" PRIu64, event->count);
	if (event->time)
		text_printf(&words, "  %s", event->time);
	if (event->comm || event->pid > 0)
		text_printf(&words, "  %s[%" PRId64 "]", or_unknown(event->comm), event->pid);
	if (event->uid >= 0)
		text_printf(&words, "  user %" PRId64, event->uid);
	if (event->exe)
		text_printf(&words, "  %s", event->exe);
	put(page, 0, &words);
	if (event->verdict == VERDICT_WOULD)
		say(page, 0, "complain mode let it through; what follows is of enforce mode");
}

static void put_what(struct page *page, const struct explanation *explanation)
{
	const struct explain_subject *subject = explanation->subject;
	const struct event_record *event = subject->event;
	char bytes[LINE_MAX_BYTES], buf[32];
	struct text words = TEXT_OVER(bytes);

	page->label = "WHAT";
	if (event && event->sequence > 0)
		text_printf(&words, "#%" PRIu64 "  ", event->sequence);
	text_string(&words, subject->text);
	if (!explanation_allows(explanation) || explanation_policy(explanation))
		result_text(&words, explanation);
	if (!subject->args_known)
		text_string(&words, ", with arguments that nobody kept");
	if (strncmp(subject->text, explanation->name, strlen(explanation->name)) != 0)
		text_printf(&words, ", which is %s", explanation->name);
	if (explanation->arch != explanation->ruleset->host.arch)
		text_printf(&words, ", of %s",
		            syscall_arch_name(explanation->arch, buf, sizeof(buf)));
	put(page, 0, &words);
	if (subject->note)
		say(page, 0, "%s", subject->note);
	if (event)
		put_caller(page, event);
}

/* ---- why */

static void decider_text(struct text *text, const struct explanation *explanation)
{
	const struct decision *decision = &explanation->decision;
	const struct abi *abi = ruleset_abi(explanation->ruleset, &explanation->call);
	char buf[32];

	switch (decision->by) {
	case DECIDED_BY_RULE:
		text_string(text, "the rule ");
		place_text(text, explanation, decision->rule);
		break;
	case DECIDED_BY_DEFAULT:
		text_string(text, explanation->n_near > 0
		                          ? "no rule applies, so the default action"
		                          : "no rule names it, so the default action");
		break;
	case DECIDED_BY_NEWER:
		text_printf(text, "newer than anything that the profile names (%u)",
		            abi ? (unsigned)syscall_plain_number(abi->scmp_arch, (int)abi->newest)
		                : 0);
		break;
	case DECIDED_BY_BAD_ARCH:
		text_printf(text, "the profile does not cover %s",
		            syscall_arch_name(explanation->arch, buf, sizeof(buf)));
		break;
	}
}

static void put_near(struct page *page, const struct explanation *explanation,
                     const struct near_miss *near)
{
	char bytes[LINE_MAX_BYTES];
	struct text words = TEXT_OVER(bytes);

	place_text(&words, explanation, near->rule);
	text_string(&words, " would allow it, but ");
	if (near->comparison) {
		text_string(&words, "for ");
		comparison_text(&words, explanation->signature, near->comparison);
		text_string(&words, ": ");
		explanation_got(&words, explanation, near->comparison);
	} else {
		reason_near_text(&words, &explanation->call, near);
	}
	put(page, 2, &words);
}

static void put_place(struct page *page, const struct explanation *explanation)
{
	static const char *const words[] = {
		[PLAN_KERNEL_ALLOW] = "decided in the kernel, whatever the arguments",
		[PLAN_KERNEL_ARGS] = "decided in the kernel where it is allowed, else by callgate",
		[PLAN_KERNEL_DENY] = "decided in the kernel",
		[PLAN_KERNEL] = "decided in the kernel",
		[PLAN_NOTIFY] = "decided by callgate, to which the kernel hands it",
	};

	say(page, 0, "%s (%s)%s", words[explanation->place], plan_place_name(explanation->place),
	    explanation->place_why == PLAN_UNSAFE_RULES
	            ? ", for libseccomp cannot be trusted with the profile's rules for it"
	            : "");
}

static void put_why(struct page *page, const struct explanation *explanation)
{
	const struct ruleset *ruleset = explanation->ruleset;
	const struct rule *rule = explanation->decision.rule;
	char bytes[LINE_MAX_BYTES];
	struct text words = TEXT_OVER(bytes);

	page->label = "WHY";
	if (explain_policy_event_text(&words, explanation->subject->event))
		put(page, 0, &words);
	text_clear(&words);
	if (explanation->subject->policy)
		say(page, 0, "%s", explanation->subject->policy);
	text_printf(&words, "profile %s%s: ", ruleset->profile->name,
	            explanation_policy(explanation) ? " by itself" : "");
	decider_text(&words, explanation);
	text_string(&words, ": ");
	action_text(&words, explanation->decision.action);
	put(page, 0, &words);
	if (rule && rule->comment && rule->comment[0])
		say(page, 2, "%s", rule->comment);
	for (size_t i = 0; i < explanation->n_near; i++)
		put_near(page, explanation, &explanation->near[i]);
	if (explanation->decision.action.kind == ACTION_NOTIFY)
		say(page, 2, "the profile leaves it to a policy; where none decides, it is denied");
	if (!explanation_policy(explanation))
		put_place(page, explanation);
	if (explanation_contradicts_event(explanation))
		say(page, 0,
		    "the event says otherwise: it was decided under another profile, or another "
		    "version of it, as by another engine, or with other capabilities "
		    "(--profile, --as, --cap-add)");
}

/* ---- where */

static void put_where(struct page *page, const struct explanation *explanation)
{
	const struct event_record *event = explanation->subject->event;
	char bytes[LINE_MAX_BYTES];
	struct text words = TEXT_OVER(bytes);

	page->label = "WHERE";
	for (unsigned i = 0; event && stack_frame_text(&words, event->json, i); i++) {
		put(page, 0, &words);
		text_clear(&words);
	}
	if (event && stack_missing_text(event->json))
		say(page, 0, "no stack: %s", stack_missing_text(event->json));
	page->label = NULL;
}

/* ---- alone, errno, known */

static void put_alone(struct page *page, const struct explanation *explanation)
{
	static const char *const words[] = {
		[ALONE_YES] = "without seccomp it would work, as far as can be told",
		[ALONE_NO] = "without seccomp it would fail too",
		[ALONE_CANNOT_TELL] = "whether it would work without seccomp cannot be told",
	};

	page->label = "ALONE";
	say(page, 0, "%s: %s", words[explanation->alone.answer], explanation->alone.words);
}

/* Of a call that seccomp lets through: what else gives the errno that is taken for its. */
static void put_other_causes(struct page *page, const struct explanation *explanation)
{
	say(page, 0,
	    "seccomp lets it through. EPERM or EACCES then comes from the kernel: a capability "
	    "that the process does not hold (ALONE), a security module, the owner and mode of a "
	    "file, no_new_privs, or a user namespace that does not own the object; EROFS from a "
	    "read-only file system.");
	if (explanation->fallback)
		say(page, 0, "At %s %s.", strerrorname_np(explanation->fallback->error),
		    explanation->fallback->reader);
}

/* What the program sees where the profile answers with no errno. */
static const char *const answers[ACTION_KIND_COUNT] = {
	[ACTION_ERRNO] = "none: the call is skipped, and returns 0 as if it were done",
	[ACTION_TRAP] = "none: the process gets SIGSYS, which ends it unless it has a handler",
	[ACTION_TRACE] = "that of the tracer; without one ENOSYS",
	[ACTION_KILL_THREAD] = "none: the thread is killed",
	[ACTION_KILL_PROCESS] = "none: the process is killed",
};

/* By the policy where one decided, else by the profile. */
static bool is_let_through(const struct explanation *explanation)
{
	return explanation_policy(explanation) ? has_verdict(explanation, VERDICT_ALLOW)
	                                       : explanation_allows(explanation);
}

static void put_errno(struct page *page, const struct explanation *explanation)
{
	const struct fallback *fallback = explanation->fallback;
	char name[24];

	page->label = "ERRNO";
	if (is_let_through(explanation)) {
		put_other_causes(page, explanation);
		return;
	}
	if (has_verdict(explanation, VERDICT_RETURN)) {
		say(page, 0, "none: the call is skipped, and returns as if it were done");
		return;
	}
	if (explanation->error == 0) {
		say(page, 0, "%s", answers[explanation->decision.action.kind]);
		return;
	}
	say(page, 0, "%s: %s.", err_name(explanation->error, name, sizeof(name)),
	    errno_meaning(explanation->error));
	if (!fallback)
		say(page, 0, "No other errno is known to lead programs another way.");
	else if (fallback->error == explanation->error)
		say(page, 0, "At it %s: there may be nothing to mend.", fallback->reader);
	else
		say(page, 0, "At %s instead, %s.", err_name(fallback->error, name, sizeof(name)),
		    fallback->reader);
}

static void put_known(struct page *page, const struct knowledge *knowledge)
{
	char bytes[LINE_MAX_BYTES];
	struct text words = TEXT_OVER(bytes);

	if (!knowledge)
		return;
	page->label = "KNOWN";
	text_printf(&words, "Docker's default profile blocks it on purpose: %s", knowledge->why);
	if (knowledge->since)
		text_printf(&words, "; %s", knowledge->since);
	if (knowledge->freed_by)
		text_string(&words, "; it is allowed with ");
	capabilities_text(&words, knowledge->freed_by, " or ");
	text_string(&words, ".");
	put(page, 0, &words);
	say(page, 0, "When it is denied, %s. (%s)", knowledge->fallback, knowledge->source);
}

/* ---- changes */

static void title_text(struct text *text, const struct explanation *explanation,
                       const struct change *change)
{
	char name[24];

	switch (change->kind) {
	case CHANGE_ERRNO:
		text_printf(text, "answer %s instead",
		            err_name(change->action.number, name, sizeof(name)));
		break;
	case CHANGE_ALLOW_ARGS:
		text_printf(text, "allow %s only where ", change->name);
		for (unsigned i = 0; i < change->n_args; i++) {
			text_string(text, i > 0 ? " and " : "");
			comparison_text(text, explanation->signature, &change->args[i]);
		}
		break;
	case CHANGE_ALLOW:
		text_printf(text, "allow %s, whatever its arguments", change->name);
		break;
	case CHANGE_CAPABILITY:
		text_string(text, "give the container the capability: --cap-add ");
		capabilities_text(text, change->caps, " --cap-add ");
		break;
	case CHANGE_KIND_COUNT:
		break;
	}
}

/* "opens mount, bpf and 21 more"; what the call itself needs is not counted among the others. */
static void opens_text(struct text *text, const struct explanation *explanation,
                       const struct candidate *candidate)
{
	size_t shown = 0, others = 0;

	for (size_t i = 0; i < candidate->diff->n; i++) {
		const char *name = candidate->diff->list[i].name;

		if (!difference_opens(candidate->diff, i) || strcmp(name, explanation->name) == 0)
			continue;
		others++;
		if (shown == NAMES_SHOWN)
			continue;
		text_printf(text, "%s%s", shown++ == 0 ? "" : ", ", name);
	}
	if (others > shown)
		text_printf(text, " and %zu more", others - shown);
}

static void effect_text(struct text *text, const struct explanation *explanation,
                        const struct candidate *candidate)
{
	const struct change_effect *effect = &candidate->effect;
	size_t others = effect->opened > 0 ? effect->opened - 1 : 0;

	if (effect->opened == 0)
		text_string(text, "Opens nothing");
	else if (others == 0)
		text_string(text, "Opens no other syscall");
	else
		text_printf(text, "Opens %zu other syscalls: ", others);
	if (others > 0)
		opens_text(text, explanation, candidate);
	if (effect->closed > 0)
		text_printf(text, "; closes calls of %zu", effect->closed);
	if (effect->altered > 1)
		text_printf(text, "; calls of %zu syscalls are denied otherwise than now",
		            effect->altered);
	else if (effect->altered > 0 && candidate->change.kind != CHANGE_ERRNO)
		text_string(text, "; its other calls are denied otherwise than now");
	text_string(text, ".");
}

static void put_candidate(struct page *page, const struct explanation *explanation, size_t index)
{
	const struct candidate *candidate = &explanation->candidates.list[index];
	const struct change *change = &candidate->change;
	char bytes[LINE_MAX_BYTES];
	struct text words = TEXT_OVER(bytes);

	text_printf(&words, "%zu. ", index + 1);
	title_text(&words, explanation, change);
	put(page, 0, &words);
	text_clear(&words);
	effect_text(&words, explanation, candidate);
	if (change->kind != CHANGE_ERRNO)
		text_printf(&words, " Severity %s%s%s.", severity_name(candidate->severity),
		            candidate->severity_why ? ": " : "",
		            candidate->severity_why ? candidate->severity_why : "");
	put(page, STEP, &words);
	if (candidate->unsafe)
		say(page, STEP,
		    "Good under callgate, not for a runtime: libseccomp may make wrong code of "
		    "it.");
	if (change->instead)
		say(page, STEP, "The name has to go out of the rule in line %u.",
		    change->instead->place.line);
	if (change->kind == CHANGE_CAPABILITY)
		return;
	text_clear(&words);
	change_rule_text(&words, change);
	put(page, STEP, &words);
}

static void put_no_change(struct page *page, const struct explanation *explanation)
{
	if (explanation->decision.by == DECIDED_BY_BAD_ARCH)
		say(page, 0, "no rule helps: the ABI has to be in the profile's architectures");
	else
		say(page, 0,
		    "no rule helps: this libseccomp has no name for it, and runtimes pass over "
		    "names that theirs does not know");
}

static void put_changes(struct page *page, const struct explanation *explanation)
{
	bool capability = false;

	if (is_let_through(explanation))
		return;
	page->label = "CHANGE";
	if (explanation_policy(explanation)) {
		say(page, 0,
		    "the policy's rule, after which no profile is asked: see callgate check");
		return;
	}
	for (size_t i = 0; i < explanation->candidates.n; i++) {
		put_candidate(page, explanation, i);
		capability |= explanation->candidates.list[i].change.kind == CHANGE_CAPABILITY;
	}
	if (explanation->candidates.n == 0)
		put_no_change(page, explanation);
	else if (!capability)
		say(page, 0, "A capability does not help: no rule for it waits for one.");
	if (explanation->candidates.n > 0 && explanation->subject->event)
		say(page, 0, "callgate suggest makes a patch of such changes.");
}

void explain_text(FILE *out, const struct explanation *explanation, unsigned width)
{
	struct page page = { .out = out, .width = width };

	put_what(&page, explanation);
	put_why(&page, explanation);
	put_where(&page, explanation);
	put_alone(&page, explanation);
	put_errno(&page, explanation);
	put_known(&page, explanation->knowledge);
	put_changes(&page, explanation);
}
