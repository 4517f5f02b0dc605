/* SPDX-License-Identifier: Apache-2.0 */
/* callgate suggest: the smallest change of a profile that mends what was denied. */
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <time.h>

#include "common/near.h"
#include "common/text.h"
#include "common/unified_diff.h"
#include "profiles/syscalls.h"
#include "supervisor/commands/command.h"
#include "supervisor/commands/suggest_options.h"
#include "supervisor/files/output_file.h"
#include "supervisor/files/profile_file.h"
#include "supervisor/files/replace_file.h"
#include "supervisor/events/state_file.h"

/* 1: some of the calls would still be denied. */
enum { EXIT_MENDED = 0, EXIT_DENIED = 1, EXIT_TROUBLE = 2 };

/* All that a run of the command has in hand. */
struct suggest {
	const struct suggest_options *options;
	struct profile_options resolve; /* the options', or what the events say */
	const char *events;             /* the file */
	struct denials denials;
	const char *name; /* of the profile, as the user or the events name it */
	struct profile_bytes bytes;
	struct diags diags;
	struct profile *profile;
	struct ruleset *ruleset;
	struct observed *observed;
	size_t n_observed;
	struct suggestions suggestions;
	struct suggest_items items;
	struct amendment *amendment; /* NULL where nothing is to be changed */
	int terminal;                /* of -i; else -EBADF */
};

static void suggest_deinit(struct suggest *suggest)
{
	amendment_freep(&suggest->amendment);
	suggest_items_deinit(&suggest->items);
	suggestions_deinit(&suggest->suggestions);
	free(suggest->observed);
	ruleset_freep(&suggest->ruleset);
	profile_freep(&suggest->profile);
	profile_bytes_deinit(&suggest->bytes);
	diags_deinit(&suggest->diags);
	denials_deinit(&suggest->denials);
	cleanup_close(&suggest->terminal);
}

static int failed(int error, const char *what)
{
	command_error("suggest: %s: %s", what, strerror(-error));
	return error;
}

/* ---- the events */

/* "3 lines that are no JSON", where there are any. */
static void say_skipped(uint64_t count, const char *what)
{
	if (count > 0)
		command_error("suggest: %llu %s%s", (unsigned long long)count,
		              count == 1 ? "line " : "lines ", what);
}

static void say_skips(const struct denials *denials)
{
	say_skipped(denials->skips.not_json, "skipped: no JSON, or cut off");
	say_skipped(denials->skips.not_event, "skipped: no event");
	say_skipped(denials->skips.too_long, "skipped: too long");
	say_skipped(denials->skips.later,
	            "skipped: from a later version of callgate than this one");
	say_skipped(denials->unreadable, "skipped: an event that does not say which call it is of");
	if (denials->by_policy > 0)
		command_error("suggest: %llu calls left out: a policy's rules denied them, and no "
		              "profile can change that",
		              (unsigned long long)denials->by_policy);
	if (denials->left_out > 0)
		command_error("suggest: %llu calls left out: more different ones than can be kept",
		              (unsigned long long)denials->left_out);
	if (denials->incomplete)
		command_error("suggest: the last run had more kinds of calls than it remembered; "
		              "run --log json:FILE writes them all");
}

static int read_events(struct suggest *suggest, const char *file)
{
	char path[PATH_MAX];
	bool last_run = file == NULL;
	int r = 0;

	if (last_run)
		r = state_file_path(path, sizeof(path));
	if (r == 0)
		r = denials_read(last_run ? path : file, last_run, &suggest->denials);
	if (r == -ENOENT && last_run) {
		command_error("suggest: no run is remembered; expected callgate run first, or "
		              "EVENTS.jsonl as run --log json:FILE writes it");
		return r;
	}
	if (r < 0)
		return failed(r, last_run ? "the last run" : file);
	suggest->events = last_run ? "the last run" : file;
	say_skips(&suggest->denials);
	if (!last_run && strcmp(file, "-") == 0)
		return 0;
	r = profile_options_recall(&suggest->resolve, last_run ? path : file, NULL);
	return r < 0 ? failed(r, suggest->events) : 0;
}

/* ---- the profile */

/* Of several profiles in the events, the one asked for, or the one that most calls name. */
static int choose_profile(struct suggest *suggest)
{
	const struct denial_profile *most = denials_main_profile(&suggest->denials);
	const char *wanted = suggest->options->wanted;
	const char *of = NULL;

	for (size_t i = 0; wanted && i < suggest->denials.n_profiles; i++)
		if (strcmp(suggest->denials.profiles[i].name, wanted) == 0)
			of = wanted;
	suggest->name = wanted ? wanted : most ? most->name : "docker-default";
	if (!wanted && most)
		of = most->name;
	if (!wanted && suggest->denials.n_profiles > 1)
		command_error("suggest: the events are of %zu profiles; taken is %s, which most of "
		              "them name (--profile takes another)",
		              suggest->denials.n_profiles, suggest->name);
	return denials_of(&suggest->denials, of, &suggest->observed, &suggest->n_observed);
}

static int open_profile(struct suggest *suggest)
{
	const struct profile_options *options = &suggest->resolve;
	const struct host host = profile_options_host(options);
	struct profile_source source = { .name = suggest->name };
	int r;

	diags_init(&suggest->diags, suggest->name);
	r = profile_read(suggest->name, &suggest->diags, &suggest->bytes);
	if (r == 0) {
		source.file = suggest->bytes.file;
		source.bytes = suggest->bytes.bytes;
		source.len = suggest->bytes.len;
		r = profile_parse_as(&source, options->as_given ? &options->as : NULL,
		                     &suggest->diags, &suggest->profile);
	}
	if (r == 0)
		r = ruleset_build(suggest->profile, &host, &suggest->diags, &suggest->ruleset);
	diags_print(&suggest->diags, stderr, "callgate: ", false);
	if (r < 0 && suggest->diags.errors == 0)
		return failed(r, suggest->name);
	return r;
}

static int find_suggestions(struct suggest *suggest)
{
	int r = suggestions_find(suggest->ruleset, suggest->observed, suggest->n_observed,
	                         &suggest->suggestions);

	if (r == 0)
		r = suggest_pick(suggest->ruleset, &suggest->suggestions, &suggest->options->wishes,
		                 &suggest->items);
	return r < 0 ? failed(r, suggest->name) : 0;
}

/* A name that is in no event is a slip more often than not. */
static void check_includes(const struct suggest *suggest)
{
	const struct suggest_wishes *wishes = &suggest->options->wishes;

	for (size_t i = 0; i < wishes->n_include; i++) {
		struct near near = near_to(wishes->include[i]);
		bool found = false;

		for (size_t j = 0; j < suggest->suggestions.n; j++) {
			found |= strcmp(suggest->suggestions.list[j].name, wishes->include[i]) == 0;
			near_offer(&near, suggest->suggestions.list[j].name);
		}
		if (!found)
			command_error("suggest: --include %s: no such call was denied%s%s%s",
			              wishes->include[i], near.best ? "; did you mean " : "",
			              near.best ? near.best : "", near.best ? "?" : "");
	}
}

/* ---- the amended profile */

/* Makes what was chosen; none where nothing was. */
static int amend_once(struct suggest *suggest)
{
	const struct patch_source source = { suggest->profile, suggest->bytes.bytes,
		                             suggest->bytes.len };
	_cleanup_free_ struct chosen *chosen = NULL;
	char comment[64];
	time_t now = time(NULL);
	struct tm tm;
	size_t n;
	int r = suggest_chosen(&suggest->items, &chosen, &n);

	if (r < 0 || n == 0)
		return r;
	if (!localtime_r(&now, &tm) ||
	    strftime(comment, sizeof(comment), "callgate suggest %Y-%m-%d", &tm) == 0)
		return -EINVAL;
	amendment_freep(&suggest->amendment);
	suggest->amendment = NULL;
	return amend(&source, suggest->ruleset, chosen, n, comment, &suggest->amendment);
}

static int make_amendment(struct suggest *suggest)
{
	int r = amend_once(suggest);

	if (r == 0 && suggest->amendment && !suggest->amendment->fault)
		r = suggest_keep(suggest->ruleset, suggest->amendment->ruleset, &suggest->items);
	if (r == SUGGEST_KEPT)
		r = amend_once(suggest);
	if (r < 0)
		return failed(r, suggest->bytes.file);
	if (!suggest->amendment || !suggest->amendment->fault)
		return 0;
	command_error("suggest: %s: internal error: %s; nothing is changed", suggest->bytes.file,
	              suggest->amendment->fault);
	return -ENOTRECOVERABLE;
}

/* ---- what is written */

static const char *target_file(const struct suggest *suggest)
{
	return suggest->options->output ? suggest->options->output : suggest->bytes.file;
}

static int write_diff(const struct suggest *suggest, FILE *out)
{
	const struct diff_side from = { suggest->bytes.file, suggest->bytes.bytes,
		                        suggest->bytes.len };
	struct diff_side to = from;

	if (!suggest->amendment)
		return 0;
	if (suggest->options->write)
		to.label = target_file(suggest);
	to.bytes = suggest->amendment->text;
	to.len = suggest->amendment->len;
	return unified_diff(&from, &to, out);
}

static int write_json_patch(const struct suggest *suggest, FILE *out)
{
	const struct patch_source source = { suggest->profile, suggest->bytes.bytes,
		                             suggest->bytes.len };

	if (suggest->amendment)
		return profile_patch_json(&source, &suggest->amendment->patch, out);
	return fputs("[]\n", out) < 0 ? -EIO : 0;
}

static int write_profile(const struct suggest *suggest, FILE *out)
{
	const struct amendment *amendment = suggest->amendment;

	if (amendment)
		fwrite(amendment->text, 1, amendment->len, out);
	else
		fwrite(suggest->bytes.bytes, 1, suggest->bytes.len, out);
	return ferror(out) ? -EIO : 0;
}

static int write_policy(const struct suggest *suggest, FILE *out)
{
	static const struct patch nothing;

	return profile_patch_policy(
		suggest->name, suggest->amendment ? &suggest->amendment->patch : &nothing, out);
}

static int (*const formats[])(const struct suggest *suggest, FILE *out) = {
	[SUGGEST_DIFF] = write_diff,
	[SUGGEST_JSON_PATCH] = write_json_patch,
	[SUGGEST_PROFILE] = write_profile,
	[SUGGEST_POLICY] = write_policy,
};

/* In memory first: a file is whole, or not written. */
static int render(const struct suggest *suggest, char **ret_bytes, size_t *ret_len)
{
	FILE *out = open_memstream(ret_bytes, ret_len);
	int r;

	if (!out)
		return err_errno();
	r = formats[suggest->options->format](suggest, out);
	if (fclose(out) != 0 && r == 0)
		r = -ENOMEM;
	return r;
}

static int put_product(const struct suggest *suggest)
{
	_cleanup_free_ char *bytes = NULL;
	size_t len = 0;
	bool to_file = suggest->options->output && !suggest->options->write;
	int r = render(suggest, &bytes, &len);

	if (r == 0 && to_file)
		r = output_file_write(suggest->options->output, bytes, len);
	else if (r == 0)
		(void)fwrite(bytes, 1, len, stdout); /* what cannot be written is main's to say */
	return r < 0 ? failed(r, to_file ? suggest->options->output : "the change") : 0;
}

/* --write: the profile's own file, or --output FILE as a new one. */
static int change_file(const struct suggest *suggest)
{
	const struct suggest_options *options = suggest->options;
	_cleanup_free_ char *backup = NULL;
	struct file_change change = {
		.path = target_file(suggest),
		.new = suggest->amendment->text,
		.new_len = suggest->amendment->len,
	};
	int r;

	if (!options->output || strcmp(options->output, suggest->bytes.file) == 0) {
		change.old = suggest->bytes.bytes;
		change.old_len = suggest->bytes.len;
	}
	r = replace_file(&change, &backup);
	if (r == -ESTALE)
		command_error("suggest: %s: %s; nothing is written", change.path,
		              change.old ? "it was changed meanwhile" : "it is there already");
	else if (r < 0)
		return failed(r, change.path);
	else if (backup)
		command_error("suggest: %s is changed; what it was is in %s", change.path, backup);
	else
		command_error("suggest: %s is written", change.path);
	return r;
}

/* ---- asking */

static int open_terminal(struct suggest *suggest)
{
	suggest->terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (suggest->terminal < 0 && isatty(STDIN_FILENO))
		suggest->terminal = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	if (suggest->terminal >= 0)
		return 0;
	command_error("suggest: -i asks on a terminal, and there is none");
	return -ENOTTY;
}

static int ask(struct suggest *suggest)
{
	int r = open_terminal(suggest);

	if (r == 0)
		r = suggest_ask(suggest->terminal, suggest->ruleset, &suggest->items);
	if (r < 0 && r != -ENOTTY)
		return failed(r, "the terminal");
	if (r == SUGGEST_QUIT)
		command_error("suggest: left as it is");
	return r;
}

/* Whether the change that was shown may be saved. */
static int may_write(const struct suggest *suggest, bool *ret_may)
{
	char question[PATH_MAX + 64];
	struct text text = TEXT_OVER(question);
	int r;

	*ret_may = true;
	if (!suggest->options->interactive)
		return 0;
	(void)fflush(stdout);
	text_string(&text, "Save this to ");
	text_escape_message(&text, target_file(suggest));
	text_string(&text, "? (y/N) > ");
	r = suggest_confirm(suggest->terminal, question);
	*ret_may = r == 1;
	return r < 0 ? failed(r, "the terminal") : 0;
}

/* ---- the whole of it */

static int say_replay(const struct suggest *suggest)
{
	const struct ruleset *amended =
		suggest->amendment ? suggest->amendment->ruleset : suggest->ruleset;
	struct suggest_replay replay;
	char bytes[512];
	struct text text = TEXT_OVER(bytes);

	suggest_replay(amended, &suggest->items, &replay);
	suggest_replay_text(&text, &replay);
	command_error("%s", bytes);
	return replay.denied + replay.unknown > 0 ? EXIT_DENIED : EXIT_MENDED;
}

static int write_all(const struct suggest *suggest)
{
	bool may;
	int r = put_product(suggest);

	if (r < 0 || !suggest->options->write || !suggest->amendment)
		return r;
	r = may_write(suggest, &may);
	if (r < 0)
		return r;
	if (may)
		return change_file(suggest);
	command_error("suggest: nothing is written");
	return 0;
}

static int propose(struct suggest *suggest)
{
	int r = make_amendment(suggest);

	if (r < 0)
		return EXIT_TROUBLE;
	suggest_report(stderr, suggest->ruleset, &suggest->items);
	if (suggest->amendment)
		suggest_report_beside(stderr, suggest->amendment);
	r = write_all(suggest);
	return r < 0 ? EXIT_TROUBLE : say_replay(suggest);
}

static int run(struct suggest *suggest)
{
	int r = read_events(suggest, suggest->options->events);

	if (r == 0)
		r = choose_profile(suggest);
	if (r == 0)
		r = open_profile(suggest);
	if (r == 0)
		r = find_suggestions(suggest);
	if (r < 0)
		return EXIT_TROUBLE;
	check_includes(suggest);
	command_error("%s: %llu denied call%s in %s, %zu syscall%s", suggest->bytes.file,
	              (unsigned long long)suggest->denials.calls,
	              suggest->denials.calls == 1 ? "" : "s", suggest->events,
	              suggest->suggestions.n, suggest->suggestions.n == 1 ? "" : "s");
	if (suggest->bytes.shipped && suggest->options->write && !suggest->options->output) {
		command_error("suggest: %s is in callgate itself and cannot be changed; expected "
		              "--output FILE, a profile to be made of it",
		              suggest->name);
		return EXIT_TROUBLE;
	}
	if (suggest->options->interactive)
		r = ask(suggest);
	if (r != 0)
		return r == SUGGEST_QUIT ? EXIT_DENIED : EXIT_TROUBLE;
	return propose(suggest);
}

static int suggest_main(int argc, char **argv)
{
	_cleanup_(suggest_deinit) struct suggest suggest = { .terminal = -EBADF };
	struct suggest_options options;
	int r = suggest_options_parse(argc, argv, &options);

	if (r == OPTIONS_HELP)
		return 0;
	if (r < 0)
		return EXIT_TROUBLE;
	suggest.options = &options;
	suggest.resolve = options.profile;
	return run(&suggest);
}

const struct command suggest_command = {
	.name = "suggest",
	.summary = "make the smallest change of a profile that mends what was denied",
	.run = suggest_main,
};
