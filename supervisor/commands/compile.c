/* SPDX-License-Identifier: Apache-2.0 */
/* callgate compile: a profile as what other programs take. */
#include <string.h>

#include "common/text.h"
#include "profiles/compile.h"
#include "profiles/disassemble.h"
#include "profiles/emit_oci.h"
#include "profiles/flatten.h"
#include "profiles/notify_variant.h"
#include "profiles/syscalls.h"
#include "supervisor/commands/command.h"
#include "supervisor/commands/profile_options.h"
#include "supervisor/files/output_file.h"

enum { STATUS_USAGE = 2 };

struct compile_options {
	struct profile_options profile; /* first: PROFILE_OPTION_ROWS writes there */
	const struct format *format;
	const char *output; /* NULL: standard output */
	const char *listener;
	const char *metadata;
};

/* One thing that a profile can be made. */
struct format {
	const char *name;
	bool has_listener;
	bool is_binary;
	/* Writes it, or says why not. */
	int (*write)(const struct compile_options *options, const struct ruleset *ruleset,
	             FILE *out);
};

static int failed(const struct ruleset *ruleset, int error, const char *what)
{
	char name[24];

	command_error("%s: %s (%s)", ruleset->profile->file, what,
	              err_name(error, name, sizeof(name)));
	return error;
}

/* --- bpf and asm: the program that answers everything in the kernel --- */

/* Says why the row cannot be decided in the kernel, if so. */
static void explain_row(const struct plan_abi *abi, const struct plan_row *row)
{
	char number[32], arch_number[32];
	const char *name = syscall_name(abi->abi->scmp_arch, row->nr, number, sizeof(number));
	const char *arch = syscall_arch_name(abi->abi->scmp_arch, arch_number, sizeof(arch_number));

	for (size_t i = 0; i < row->rules->n_matches; i++) {
		const struct match *match = &row->rules->matches[i];

		if (match->action.kind != ACTION_NOTIFY)
			continue;
		command_error("  %s %s: SCMP_ACT_NOTIFY in line %u", arch, name,
		              match->rule->place.line);
		return;
	}
	if (row->why == PLAN_UNSAFE_RULES)
		command_error("  %s %s: argument rules that libseccomp compiles wrongly", arch,
		              name);
}

static void explain_notified(const struct plan *plan)
{
	command_error("%s: a program without a supervisor cannot decide all of it:",
	              plan->ruleset->profile->file);
	if (plan->rest == PLAN_NOTIFY)
		command_error("  what no rule names: the default action is SCMP_ACT_NOTIFY");
	for (size_t i = 0; i < plan->n_abis; i++)
		for (size_t j = 0; j < plan->abis[i].n_rows; j++)
			explain_row(&plan->abis[i], &plan->abis[i].rows[j]);
}

static int make_program(const struct ruleset *ruleset, struct plan **ret_plan,
                        struct filter *ret_filter)
{
	const struct plan_options in_kernel = { .deny_in_kernel = true };
	_cleanup_(plan_freep) struct plan *plan = NULL;
	int r = plan_build(ruleset, &in_kernel, &plan);

	if (r == 0)
		r = filter_compile(plan, ret_filter);
	if (r < 0)
		return failed(ruleset, r, "no filter could be made that does what it says");
	*ret_plan = TAKE_PTR(plan);
	return 0;
}

static int write_bpf(_unused_ const struct compile_options *options, const struct ruleset *ruleset,
                     FILE *out)
{
	_cleanup_(filter_deinit) struct filter filter = { 0 };
	_cleanup_(plan_freep) struct plan *plan = NULL;
	int r = make_program(ruleset, &plan, &filter);

	if (r < 0)
		return r;
	if (filter.notifies) {
		explain_notified(plan);
		return -EOPNOTSUPP;
	}
	if (filter.log)
		command_error("%s: warning: the program does not hold the profile's flag "
		              "SECCOMP_FILTER_FLAG_LOG; who installs it must set it",
		              ruleset->profile->file);
	return fwrite(filter.instructions, sizeof(*filter.instructions), filter.count, out) ==
	                       filter.count
	               ? 0
	               : -EIO;
}

static int write_asm(_unused_ const struct compile_options *options, const struct ruleset *ruleset,
                     FILE *out)
{
	_cleanup_(filter_deinit) struct filter filter = { 0 };
	_cleanup_(plan_freep) struct plan *plan = NULL;
	int r = make_program(ruleset, &plan, &filter);

	return r < 0 ? r : disassemble(&filter, out);
}

/* --- oci and notify: a profile for a runtime --- */

static int set_string(char **string, const char *value)
{
	char *copy = strdup(value);

	if (!copy)
		return -ENOMEM;
	free(*string);
	*string = copy;
	return 0;
}

/* What was asked for in place of what the profile has. */
static int set_listener(const struct compile_options *options, struct profile *profile)
{
	int r = 0;

	if (options->listener)
		r = set_string(&profile->listener_path, options->listener);
	if (r == 0 && options->metadata)
		r = set_string(&profile->listener_metadata, options->metadata);
	return r;
}

static bool profile_notifies(const struct profile *profile)
{
	for (size_t i = 0; i < profile->n_rules; i++)
		if (profile->rules[i].action.kind == ACTION_NOTIFY)
			return true;
	return false;
}

static void warn_of_runtimes(const struct profile *profile)
{
	if (profile->unconfined)
		command_error("%s: warning: it confines nothing, and crun refuses an empty "
		              "linux.seccomp: leave it out",
		              profile->file);
	if (!profile->listener_path && profile_notifies(profile))
		command_error("%s: warning: it has SCMP_ACT_NOTIFY and no listenerPath, which runc "
		              "refuses; --listener gives it one",
		              profile->file);
}

static int write_oci(const struct compile_options *options, const struct ruleset *ruleset,
                     FILE *out)
{
	_cleanup_(profile_freep) struct profile *profile = NULL;
	int r = profile_flatten(ruleset, &profile);

	if (r == 0)
		r = set_listener(options, profile);
	if (r == 0)
		r = emit_oci(profile, out);
	if (r < 0)
		return failed(ruleset, r, "it cannot be written for a runtime");
	warn_of_runtimes(profile);
	return 0;
}

/* The profile's name or, for a file, a path that holds in other directories too. */
static char *lasting_name(const struct profile *profile)
{
	return profile->file[0] == '/' || strcmp(profile->file, profile->name) == 0
	               ? realpath(profile->file, NULL)
	               : NULL;
}

static void append_member(struct text *text, const char *key, const char *value)
{
	text_printf(text, "%s\"%s\":", text->len > 1 ? "," : "", key);
	text_json_string(text, value, strlen(value), NULL);
}

/* listenerMetadata tells the supervisor whose denials these are: {"profile":...,"metadata":...}. */
static int make_metadata(const struct compile_options *options, const struct profile *profile,
                         char **ret_metadata)
{
	enum { ROOM = 64, JSON_GROWTH = 6 };
	_cleanup_free_ char *path = lasting_name(profile), *bytes = NULL;
	const char *name = path ? path : profile->name;
	size_t size = strlen(name) + (options->metadata ? strlen(options->metadata) : 0);
	struct text text = { .size = size * JSON_GROWTH + ROOM };

	bytes = malloc(text.size);
	if (!bytes)
		return -ENOMEM;
	text.bytes = text_start_(bytes);
	text_string(&text, "{");
	append_member(&text, "profile", name);
	if (options->metadata)
		append_member(&text, "metadata", options->metadata);
	text_string(&text, "}");
	*ret_metadata = TAKE_PTR(bytes);
	return 0;
}

static int add_listener(const struct compile_options *options, const struct ruleset *ruleset,
                        struct profile *profile)
{
	_cleanup_free_ char *metadata = NULL;
	struct compile_options asked = *options;
	int r = make_metadata(options, ruleset->profile, &metadata);

	if (r < 0)
		return r;
	asked.metadata = metadata;
	return set_listener(&asked, profile);
}

static int check_notifiable(const struct compile_options *options, const struct ruleset *ruleset,
                            const struct notify_variant *variant)
{
	if (variant->n_notified == 0) {
		command_error("%s: it denies nothing that a listener could be told of",
		              ruleset->profile->file);
		return -EOPNOTSUPP;
	}
	if (!options->listener && !ruleset->profile->listener_path) {
		command_error("compile: --to notify: no listener; expected --listener PATH, the "
		              "socket on which a supervisor waits");
		return -EINVAL;
	}
	return 0;
}

static int write_notify(const struct compile_options *options, const struct ruleset *ruleset,
                        FILE *out)
{
	_cleanup_(notify_variant_deinit) struct notify_variant variant = { 0 };
	int r = notify_variant_build(ruleset, &variant);

	if (r < 0)
		return failed(ruleset, r, "no notifying variant of it could be made");
	r = check_notifiable(options, ruleset, &variant);
	if (r < 0)
		return r;
	r = add_listener(options, ruleset, variant.profile);
	if (r == 0)
		r = emit_oci(variant.profile, out);
	if (r < 0)
		return failed(ruleset, r, "it cannot be written for a runtime");
	for (size_t i = 0; i < variant.n_left_out; i++)
		command_error("%s: warning: denials of %s are left to the kernel: %s",
		              ruleset->profile->file, variant.left_out[i].name,
		              variant.left_out[i].why);
	return 0;
}

static const struct format formats[] = {
	{ "bpf", false, true, write_bpf },
	{ "asm", false, false, write_asm },
	{ "oci", true, false, write_oci },
	{ "notify", true, false, write_notify },
};

/* --- options --- */

static int set_to(void *target, const char *argument)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (strcmp(formats[i].name, argument) == 0) {
			((struct compile_options *)target)->format = &formats[i];
			return 0;
		}
	command_error("compile: --to %s: expected bpf, asm, oci or notify", argument);
	return -EINVAL;
}

static int set_output(void *target, const char *argument)
{
	((struct compile_options *)target)->output = argument;
	return 0;
}

/* crun wants an absolute path; runc also takes others, from its own directory. */
static int set_listener_path(void *target, const char *argument)
{
	((struct compile_options *)target)->listener = argument;
	if (argument[0] == '/')
		return 0;
	command_error("compile: --listener %s: expected an absolute path", argument);
	return -EINVAL;
}

static int set_metadata(void *target, const char *argument)
{
	((struct compile_options *)target)->metadata = argument;
	return 0;
}

static const struct option_row rows[] = {
	{ "to", "FORMAT", "bpf, asm, oci or notify", set_to },
	{ "output", "FILE", "write there, not to standard output; also -o FILE", set_output },
	{ "listener", "PATH", "oci, notify: the socket that gets the listener", set_listener_path },
	{ "metadata", "TEXT", "oci, notify: what the socket is told with it", set_metadata },
	PROFILE_OPTION_ROWS,
	{ 0 },
};

static void print_help(FILE *out)
{
	fputs("usage: callgate compile --to FORMAT [OPTION]... PROFILE\n\n"
	      "Makes of PROFILE, a file or a shipped profile's name, for one machine:\n"
	      "  bpf     the seccomp filter, as bwrap --seccomp takes it\n"
	      "  asm     the same filter, to be read\n"
	      "  oci     the linux.seccomp object of a runtime's config.json\n"
	      "  notify  such an object that tells a supervisor of every call PROFILE denies\n\n",
	      out);
	options_help(rows, out);
	fputs("\nExit status: 0; 2 for bad usage; 125 for a profile of which it cannot be made.\n",
	      out);
}

static int check_options(const struct compile_options *options, int n_words)
{
	if (n_words != 1)
		command_error("compile: %s (callgate compile --help shows how)",
		              n_words ? "more than one profile" : "no profile");
	else if (!options->format)
		command_error("compile: no --to; expected --to bpf, asm, oci or notify");
	else if (!options->format->has_listener && (options->listener || options->metadata))
		command_error("compile: --to %s has no listener; expected --to oci or --to notify "
		              "with --listener and --metadata",
		              options->format->name);
	else if (options->format->is_binary && !options->output && isatty(STDOUT_FILENO))
		command_error("compile: a program is no text for a terminal; expected --output "
		              "FILE or a redirection, or --to asm to read it");
	else
		return 0;
	return -EINVAL;
}

/* --- the command --- */

static int check_arch(const struct ruleset *ruleset)
{
	char name[32];

	if (profile_covers_arch(ruleset->profile, ruleset->host.arch))
		return 0;
	command_error("%s: the profile is for another architecture; expected %s",
	              ruleset->profile->file,
	              syscall_arch_name(ruleset->host.arch, name, sizeof(name)));
	return -EOPNOTSUPP;
}

static int put(const struct compile_options *options, const char *bytes, size_t len)
{
	int r = 0;

	/* What cannot be written to standard output is main's to say. */
	if (!options->output)
		(void)fwrite(bytes, 1, len, stdout);
	else
		r = output_file_write(options->output, bytes, len);
	if (r < 0)
		command_error("%s: %s", options->output, strerror(-r));
	return r;
}

static int compile(const struct compile_options *options, const struct ruleset *ruleset)
{
	_cleanup_free_ char *bytes = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&bytes, &len);
	int r;

	if (!out)
		return failed(ruleset, err_errno(), "no memory");
	r = check_arch(ruleset);
	if (r == 0)
		r = options->format->write(options, ruleset, out);
	if (fclose(out) != 0 && r == 0)
		r = failed(ruleset, -ENOMEM, "no memory");
	return r < 0 ? r : put(options, bytes, len);
}

static int compile_main(int argc, char **argv)
{
	_cleanup_(loaded_profile_deinit) struct loaded_profile loaded = { 0 };
	struct compile_options options = { 0 };
	int rest = argc;
	int r = options_parse_mixed(argc, argv, rows, &options, &rest);

	if (r == OPTIONS_HELP) {
		print_help(stdout);
		return 0;
	}
	if (r == 0)
		r = check_options(&options, argc - rest);
	if (r < 0)
		return STATUS_USAGE;
	r = loaded_profile_open(argv[rest], &options.profile, &loaded);
	diags_print(&loaded.diags, stderr, "callgate: ", false);
	if (r == 0)
		r = compile(&options, loaded.ruleset);
	return r < 0 ? EXIT_OURS : 0;
}

const struct command compile_command = {
	.name = "compile",
	.summary = "make a profile a BPF program, or what a container runtime takes",
	.run = compile_main,
};
