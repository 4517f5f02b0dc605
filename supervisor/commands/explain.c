/* SPDX-License-Identifier: Apache-2.0 */
/* callgate explain: one call, or one event, with reasons and remedies. */
#include <limits.h>
#include <seccomp.h>
#include <string.h>
#include <unistd.h>

#include "profiles/arguments/typed_call.h"
#include "supervisor/reports/columns.h"
#include "supervisor/commands/command.h"
#include "supervisor/commands/profile_options.h"
#include "supervisor/reports/explain.h"
#include "supervisor/reports/explain_policy.h"
#include "supervisor/files/policy_file.h"
#include "supervisor/events/state_file.h"

/* As diff's: 1 is no trouble of ours. */
enum { EXIT_NOTHING = 1, EXIT_TROUBLE = 2 };

enum { ARCHS_MAX = 16 };

struct explain_options {
	struct profile_options profile; /* first: PROFILE_OPTION_ROWS */
	const char *wanted;             /* --profile, or NULL */
	const char *policy;             /* --policy, or NULL */
	const char *from;               /* --from, or NULL */
	bool last;
	bool json;
};

static int set_profile(void *target, const char *argument)
{
	((struct explain_options *)target)->wanted = argument;
	return 0;
}

static int set_policy(void *target, const char *argument)
{
	((struct explain_options *)target)->policy = argument;
	return 0;
}

static int set_from(void *target, const char *argument)
{
	((struct explain_options *)target)->from = argument;
	return 0;
}

static int set_last(void *target, _unused_ const char *argument)
{
	((struct explain_options *)target)->last = true;
	return 0;
}

static int set_json(void *target, _unused_ const char *argument)
{
	((struct explain_options *)target)->json = true;
	return 0;
}

static const struct option_row rows[] = {
	{ "profile", "NAME|FILE", "the profile; else the event's, or docker-default", set_profile },
	{ "policy", "FILE", "which rule of this policy decides, before the profile does",
	  set_policy },
	{ "from", "FILE", "where IDs are looked for; else in the last run", set_from },
	{ "last", NULL, "the last event that was denied, in place of WHAT", set_last },
	{ "json", NULL, "one JSON object", set_json },
	PROFILE_OPTION_ROWS,
	{ 0 },
};

static void print_help(FILE *out)
{
	fputs("usage: callgate explain [OPTION]... WHAT\n"
	      "       callgate explain [OPTION]... --last\n\n"
	      "Says why a profile denies a call, or does not, whether it would work without\n"
	      "seccomp, and what could be changed. WHAT is an event's ID, an event as a line of\n"
	      "JSON, - for such a line on standard input, or a call:\n\n"
	      "  callgate explain 3\n"
	      "  callgate explain 'socket(AF_ALG, SOCK_SEQPACKET, 0)'\n\n",
	      out);
	options_help(rows, out);
	fputs("\nExit status: 0; 1 where WHAT names nothing that can be explained; 2 for "
	      "trouble.\n",
	      out);
}

/* ---- explaining */

/* Writes the line about the policy, where one was given. */
static int ask_policy(const struct explain_options *options, const struct ruleset *ruleset,
                      struct explain_subject *subject, struct text *words)
{
	_cleanup_(loaded_policy_deinit) struct loaded_policy loaded = { 0 };
	int r;

	if (!options->policy)
		return 0;
	r = loaded_policy_open(options->policy, options->profile.arch, GENERATION_FIRST, &loaded);
	diags_print(&loaded.diags, stderr, "callgate: ", false);
	if (r < 0)
		return r;
	explain_policy_text(words, loaded.policy, ruleset, &subject->call, subject->event);
	subject->policy = words->bytes;
	return 0;
}

static int show(const struct explain_options *options, const struct ruleset *ruleset,
                struct explain_subject *subject)
{
	_cleanup_(explanation_deinit) struct explanation explanation = { 0 };
	char bytes[4 * PATH_MAX];
	struct text words = TEXT_OVER(bytes);
	int r = ask_policy(options, ruleset, subject, &words);

	if (r < 0)
		return EXIT_TROUBLE;
	subject->elsewhere = options->profile.arch || options->profile.kernel.major > 0;
	r = explanation_build(ruleset, subject, &explanation);
	if (r < 0) {
		command_error("explain: %s", strerror(-r));
		return EXIT_TROUBLE;
	}
	if (options->json)
		explain_json(stdout, &explanation);
	else
		explain_text(stdout, &explanation, columns_of(stdout));
	return 0;
}

static int open_profile(const struct explain_options *options, const char *otherwise,
                        struct loaded_profile *loaded)
{
	const char *wanted = options->wanted ? options->wanted : otherwise;
	int r = loaded_profile_open(wanted ? wanted : "docker-default", &options->profile, loaded);

	diags_print(&loaded->diags, stderr, "callgate: ", false);
	if (r < 0 && !options->wanted && otherwise)
		command_error("explain: the event names this profile; --profile takes another");
	return r;
}

/* ---- a typed call */

static void add_arch(uint32_t archs[static ARCHS_MAX], size_t *n, uint32_t arch)
{
	for (size_t i = 0; i < *n; i++)
		if (archs[i] == arch)
			return;
	if (*n < ARCHS_MAX)
		archs[(*n)++] = arch;
}

/* Where a name is looked for: the profile's ABIs, and what else an x86-64 kernel takes. */
static size_t find_archs(const struct ruleset *ruleset, uint32_t archs[static ARCHS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < ruleset->n_abis; i++)
		add_arch(archs, &n, ruleset->abis[i].scmp_arch);
	if (ruleset->host.arch == SCMP_ARCH_X86_64)
		add_arch(archs, &n, SCMP_ARCH_X86);
	return n;
}

static int parse_call(const char *text, const struct ruleset *ruleset, struct typed_call *ret_call)
{
	uint32_t archs[ARCHS_MAX];
	size_t n = find_archs(ruleset, archs);
	struct diags diags;
	int r;

	diags_init(&diags, "call");
	r = typed_call_parse(text, archs, n, &diags, ret_call);
	diags_print(&diags, stderr, "callgate: ", false);
	diags_deinit(&diags);
	return r;
}

static int explain_call(const struct explain_options *options, const char *text)
{
	_cleanup_(loaded_profile_deinit) struct loaded_profile loaded = { 0 };
	_cleanup_free_ char *shown = NULL;
	struct explain_subject subject = { .args_known = true };
	struct typed_call typed;

	if (open_profile(options, NULL, &loaded) < 0)
		return EXIT_TROUBLE;
	if (parse_call(text, loaded.ruleset, &typed) < 0)
		return EXIT_NOTHING;
	shown = strndup(text, typed.length);
	if (!shown)
		return EXIT_TROUBLE;
	subject.call = typed.call;
	subject.text = shown;
	if (typed.missing)
		subject.note = "arguments that were not typed are taken as 0";
	return show(options, loaded.ruleset, &subject);
}

/* ---- an event */

static bool is_call(const struct event_record *event)
{
	return (event->kind == EVENT_RECORD_SYSCALL || event->kind == EVENT_RECORD_FOLD) &&
	       event->syscall_name;
}

static int explain_event(const struct explain_options *options, const struct event_record *event)
{
	_cleanup_(loaded_profile_deinit) struct loaded_profile loaded = { 0 };
	struct explain_subject subject = {
		.call = event->call,
		.text = event->text ? event->text : event->syscall_name,
		.event = event,
		.args_known = event->n_args > 0 || event->kind == EVENT_RECORD_SYSCALL,
	};

	if (!is_call(event)) {
		command_error("explain: %s is no event of a call", event->id ? event->id : "that");
		return EXIT_NOTHING;
	}
	if (open_profile(options, event->profile_name, &loaded) < 0)
		return EXIT_TROUBLE;
	return show(options, loaded.ruleset, &subject);
}

/* The next event of a call, or with last the last that was not let through. */
static int read_event(const char *path, bool last, struct event_record *ret_record)
{
	_cleanup_(event_reader_freep) struct event_reader *reader = NULL;
	struct event_record record;
	bool found = false;
	int r = event_reader_open(path, &reader);

	while (r == 0 && (last || !found) && (r = event_reader_next(reader, &record)) == 0) {
		if (!is_call(&record) || (last && record.verdict == VERDICT_ALLOW)) {
			event_record_deinit(&record);
			continue;
		}
		if (found)
			event_record_deinit(ret_record);
		*ret_record = record;
		found = true;
	}
	if (r < 0 && found)
		event_record_deinit(ret_record);
	if (r < 0)
		return r;
	return found ? 0 : -ENOENT;
}

static bool is_id(const char *what)
{
	const char *digits = what + (*what == '#');
	size_t hex = strspn(digits, "0123456789abcdef");

	if (digits[strspn(digits, "0123456789")] == '\0')
		return *digits != '\0';
	return hex == 8 && digits[hex] == '-';
}

static int find_event(const char *file, const char *what, struct event_record *ret_record)
{
	if (!what)
		return read_event(file, true, ret_record);
	if (what[0] == '{')
		return event_record_parse(what, strlen(what), ret_record);
	if (what[0] == '-')
		return read_event(file, false, ret_record);
	return event_find(file, what, ret_record);
}

/* What -errno of find_event() means to who asked. given: the file was named by an option. */
static int report_event(const char *file, const char *what, bool given, int r)
{
	bool is_file = strcmp(file, "-") != 0;
	const char *shown = is_file ? file : "standard input";

	if (r == -EBADMSG)
		command_error("explain: that line of JSON is no event of callgate's");
	else if (r == -ENOENT && is_file && access(file, F_OK) < 0)
		command_error("explain: %s: there is no such file%s", file,
		              given ? "" : " (callgate run makes it; --from names another)");
	else if (r == -ENOENT && !what)
		command_error("explain: %s: no event that was denied", shown);
	else if (r == -ENOENT && what[0] == '-')
		command_error("explain: %s: no event of a call", shown);
	else if (r == -ENOENT)
		command_error("explain: %s: no event %s", shown, what);
	else
		command_error("explain: %s: %s", shown, strerror(-r));
	return r == -EBADMSG || r == -ENOENT ? EXIT_NOTHING : EXIT_TROUBLE;
}

/* The file that IDs are looked for in. */
static int find_file(const struct explain_options *options, const char *what, char *path,
                     size_t size)
{
	int r = 0;

	if (what && (what[0] == '{' || what[0] == '-'))
		snprintf(path, size, "-");
	else if (options->from)
		snprintf(path, size, "%s", options->from);
	else
		r = state_file_path(path, size);
	if (r < 0)
		command_error("explain: no place for the last run's events; --from names a file");
	return r;
}

/* Of an event in a file the engine and the capabilities that it was decided with. */
static int explain_found(const struct explain_options *options, const char *file,
                         const struct event_record *event)
{
	struct explain_options recalled = *options;
	int r = 0;

	if (file && event->id)
		r = profile_options_recall(&recalled.profile, file, event->id);
	if (r < 0) {
		command_error("explain: %s: %s", file, strerror(-r));
		return EXIT_TROUBLE;
	}
	return explain_event(&recalled, event);
}

static int explain(const struct explain_options *options, const char *what)
{
	struct event_record event;
	char file[PATH_MAX];
	int r;

	if (what && what[0] != '{' && what[0] != '-' && !is_id(what))
		return explain_call(options, what);
	if (find_file(options, what, file, sizeof(file)) < 0)
		return EXIT_TROUBLE;
	r = find_event(file, what, &event);
	if (r < 0)
		return report_event(file, what, options->from, r);
	r = explain_found(options, strcmp(file, "-") == 0 ? NULL : file, &event);
	event_record_deinit(&event);
	return r;
}

static int explain_main(int argc, char **argv)
{
	struct explain_options options = { 0 };
	int rest, r = options_parse_mixed(argc, argv, rows, &options, &rest);

	if (r == OPTIONS_HELP) {
		print_help(stdout);
		return 0;
	}
	if (r < 0)
		return EXIT_TROUBLE;
	if (argc - rest != (options.last ? 0 : 1)) {
		command_error("explain: expected %s (callgate explain --help shows how)",
		              options.last ? "nothing beside --last" : "one call or event");
		return EXIT_TROUBLE;
	}
	return explain(&options, options.last ? NULL : argv[rest]);
}

const struct command explain_command = {
	.name = "explain",
	.summary = "explain why a call is denied, and what could be changed",
	.run = explain_main,
};
