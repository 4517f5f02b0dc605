/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the kernel would do a call that seccomp let through, as far as can be told. */
#include "supervisor/reports/explain.h"

#include <seccomp.h>
#include <stdio.h>
#include <string.h>

#include "profiles/changes/demand.h"
#include "supervisor/reports/profile_text.h"

const char *alone_answer_name(enum alone_answer answer)
{
	static const char *const names[] = {
		[ALONE_YES] = "yes",
		[ALONE_NO] = "no",
		[ALONE_CANNOT_TELL] = "cannot-tell",
	};

	return names[answer];
}

/* What is being found out. */
struct question {
	const struct explanation *explanation;
	const struct demand *demand; /* or NULL */
	struct alone *alone;
	struct text text;
};

static bool answer(struct question *question, enum alone_answer given)
{
	question->alone->answer = given;
	return true;
}

/* ---- whether the kernel has it */

static bool older(const struct kernel_version *a, const struct kernel_version *b)
{
	return a->major != b->major ? a->major < b->major : a->minor < b->minor;
}

static bool ask_kernel(struct question *question)
{
	const struct explanation *explanation = question->explanation;
	const struct kernel_version *kernel = &explanation->ruleset->host.kernel;
	const struct kernel_version since = syscall_since(explanation->name);
	const struct demand *demand = question->demand;

	if (demand && demand->kind == DEMAND_GONE && !older(kernel, &demand->until)) {
		text_printf(&question->text, "no kernel since Linux %u.%u has the call: ENOSYS",
		            demand->until.major, demand->until.minor);
		return answer(question, ALONE_NO);
	}
	if (kernel->major > 0 && older(kernel, &since)) {
		text_printf(&question->text,
		            "Linux %u.%u is the first that has it, and the kernel is %u.%u: ENOSYS",
		            since.major, since.minor, kernel->major, kernel->minor);
		return answer(question, ALONE_NO);
	}
	if (explanation->arch == SCMP_ARCH_X32) {
		text_string(&question->text, "few kernels take x32's calls: the others answer "
		                             "ENOSYS");
		return answer(question, ALONE_CANNOT_TELL);
	}
	if (strncmp(explanation->name, "syscall_", strlen("syscall_")) == 0) {
		text_string(&question->text, "nothing is known of a number without a name; a "
		                             "kernel that lacks it answers ENOSYS");
		return answer(question, ALONE_CANNOT_TELL);
	}
	return false;
}

/* ---- how this host is set */

static bool read_setting(const char *path, int *ret_value)
{
	char name[128];
	bool read;
	FILE *file;

	snprintf(name, sizeof(name), "/proc/sys/%s", path);
	file = fopen(name, "re");
	if (!file)
		return false;
	read = fscanf(file, "%d", ret_value) == 1;
	fclose(file);
	return read;
}

/* "kernel.dmesg_restrict is 1" */
static void setting_text(struct text *text, const struct setting *setting, int value)
{
	for (const char *c = setting->path; *c; c++)
		text_printf(text, "%c", *c == '/' ? '.' : *c);
	text_printf(text, " is %d", value);
}

/* The capabilities of the caller where its event says so, else those of the container's root. */
static uint64_t held_caps(const struct question *question)
{
	const struct event_record *event = question->explanation->subject->event;

	return event && event->has_caps ? event->caps : question->explanation->ruleset->host.caps;
}

static bool ask_setting(struct question *question, const struct setting *setting)
{
	struct text *text = &question->text;
	int value;

	if (setting->says == SETTING_TOLD || setting->caps & held_caps(question) ||
	    !read_setting(setting->path, &value) || value < setting->from || value > setting->to)
		return false;
	text_string(text, text->len > 0 ? "; " : "");
	if (setting->says == SETTING_FREES) {
		question->alone->caps = 0;
		text_string(text, "no capability is needed, for here ");
		setting_text(text, setting, value);
		return answer(question, ALONE_YES);
	}
	text_string(text, "here the kernel refuses it");
	if (setting->caps) {
		text_string(text, " to who has no ");
		capabilities_text(text, setting->caps, " or ");
	}
	text_string(text, ", for ");
	setting_text(text, setting, value);
	return answer(question, ALONE_NO);
}

static bool ask_settings(struct question *question)
{
	const struct demand *demand = question->demand;

	if (!demand || !demand->settings || question->explanation->subject->elsewhere)
		return false;
	for (const struct setting *setting = demand->settings; setting->path; setting++)
		if (ask_setting(question, setting))
			return true;
	return false;
}

/* What a note speaks of, and alone does not decide. */
static void tell_settings(struct question *question)
{
	const struct setting *setting = question->demand ? question->demand->settings : NULL;
	int value;

	for (; setting && setting->path; setting++) {
		if (setting->says != SETTING_TOLD || !read_setting(setting->path, &value))
			continue;
		text_string(&question->text, "; here ");
		setting_text(&question->text, setting, value);
	}
}

/* ---- what it asks */

static bool ask_demand(struct question *question)
{
	const struct demand *demand = question->demand;

	if (!demand || demand->kind == DEMAND_NOTHING || demand->kind == DEMAND_GONE)
		return false;
	question->alone->caps = demand->caps;
	if (demand->kind == DEMAND_CAPS) {
		text_string(&question->text, "it needs ");
		capabilities_text(&question->text, demand->caps, " or ");
		return false;
	}
	if (demand->caps & held_caps(question)) {
		text_string(&question->text, "the most that it may need is ");
		capabilities_text(&question->text, demand->caps, " or ");
		return false;
	}
	if (ask_settings(question))
		return true;
	text_string(&question->text, "that depends: ");
	text_string(&question->text, demand->note);
	return answer(question, ALONE_CANNOT_TELL);
}

/* Who has what is needed, by the container the profile is resolved for, as far as its root goes. */
static bool ask_container(struct question *question)
{
	const struct event_record *event = question->explanation->subject->event;
	bool held = question->alone->caps & question->explanation->ruleset->host.caps;

	text_string(&question->text, held ? ", which the container has"
	                                  : ", which is not among the container's capabilities");
	if (event && event->uid > 0) {
		text_printf(&question->text,
		            "; the caller was user %lld, and only root mostly "
		            "holds any",
		            (long long)event->uid);
		return answer(question, held ? ALONE_CANNOT_TELL : ALONE_NO);
	}
	if (held)
		return false;
	if (event)
		text_string(&question->text, "; what the process itself held the event does not "
		                             "say, and root outside a container holds all");
	return answer(question, event ? ALONE_CANNOT_TELL : ALONE_NO);
}

static bool ask_caller(struct question *question)
{
	const struct event_record *event = question->explanation->subject->event;

	if (question->alone->caps == 0)
		return false;
	if (!event || !event->has_caps)
		return ask_container(question);
	if (question->alone->caps & event->caps) {
		text_string(&question->text, ", which the caller held in its user namespace");
		if (!(question->alone->caps & question->explanation->ruleset->host.caps))
			text_string(&question->text, " and a container as the profile is resolved "
			                             "for does not");
		return false;
	}
	text_string(&question->text, ", which the caller did not hold");
	return answer(question, ALONE_NO);
}

/* ---- what else may refuse it */

static const struct {
	const char *name; /* in /sys/kernel/security/lsm */
	const char *words;
} modules[] = {
	{ "apparmor", "AppArmor" },
	{ "selinux", "SELinux" },
	{ "smack", "Smack" },
	{ "tomoyo", "TOMOYO" },
};

/* The security modules of this host that have rules of their own. */
static void module_words(struct question *question)
{
	const char *joint = "; this host also has ";
	char line[256] = "";
	FILE *file = fopen("/sys/kernel/security/lsm", "re");

	if (!file)
		return;
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	fclose(file);
	for (size_t i = 0; i < ARRAY_SIZE(modules); i++) {
		if (!strstr(line, modules[i].name))
			continue;
		text_printf(&question->text, "%s%s", joint, modules[i].words);
		joint = " and ";
	}
	if (joint[0] == ' ')
		text_string(&question->text, ", which may refuse it");
}

static void ask(struct question *question)
{
	if (ask_kernel(question) || ask_demand(question) || ask_caller(question) ||
	    ask_settings(question))
		return;
	question->alone->answer = ALONE_YES;
	if (question->text.len == 0)
		text_string(&question->text, "no capability is needed");
}

void alone_find(const struct explanation *explanation, struct alone *ret_alone)
{
	struct question question = {
		.explanation = explanation,
		.demand = demand_find(explanation->name, &explanation->call),
		.alone = ret_alone,
		.text = TEXT_OVER(ret_alone->words),
	};

	*ret_alone = (struct alone){ 0 };
	ask(&question);
	if (question.demand && question.demand->kind != DEMAND_DEPENDS && question.demand->note) {
		text_string(&question.text, "; ");
		text_string(&question.text, question.demand->note);
	}
	if (explanation->subject->elsewhere)
		return;
	tell_settings(&question);
	if (ret_alone->answer != ALONE_NO)
		module_words(&question);
}
