/* SPDX-License-Identifier: Apache-2.0 */
/* callgate run: a program under a profile, its denials shown live. */
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "profiles/compile.h"
#include "profiles/syscalls.h"
#include "supervisor/commands/command.h"
#include "supervisor/commands/log_options.h"
#include "supervisor/commands/options.h"
#include "supervisor/commands/profile_options.h"
#include "supervisor/commands/run_ask.h"
#include "supervisor/commands/run_policy.h"
#include "supervisor/drain.h"
#include "supervisor/files/filter_cache.h"
#include "supervisor/keeper.h"
#include "supervisor/listener.h"
#include "supervisor/files/policy_file.h"
#include "supervisor/signals.h"
#include "supervisor/stacks/stack_unwind.h"

enum {
	CLOSE_TIMEOUT_MS = 5000, /* for a reader of our log that has stopped reading */
	/* At some 10 to 100 us each: a run pays a few milliseconds at most. */
	STACK_LOOKS_REMEMBERED = 64,
};

/* What the user asked for. Const once parsed. */
struct run_options {
	struct profile_options resolve; /* first, for PROFILE_USE_ROWS */
	const char *profile;            /* NULL: the policy's, or the default one */
	const char *policy;             /* NULL: none */
	struct plan_options plan;
	enum mode mode;
	bool stacks;
	bool wait_all;
	bool no_state;
	struct run_ask_options ask;
	bool no_reload;
	struct log_options log;
};

/* Everything a run is made of, in the order in which it comes to be. */
struct run {
	struct target_command command;
	struct generations policies;
	struct freezer freezer; /* of a policy that needs one */
	struct loaded_profile loaded;
	struct plan *plan;
	struct filter filter;
	struct session session;
	struct run_ask ask;
};

/* --- options --- */

static int set_profile(void *target, const char *argument)
{
	((struct run_options *)target)->profile = argument;
	return 0;
}

static int set_policy(void *target, const char *argument)
{
	((struct run_options *)target)->policy = argument;
	return 0;
}

static int set_mode(void *target, const char *argument)
{
	struct run_options *options = target;

	for (enum mode mode = 0; mode < MODE_COUNT; mode++) {
		if (strcmp(argument, mode_name(mode)) != 0)
			continue;
		options->mode = mode;
		options->plan.complain = mode != MODE_ENFORCE;
		return 0;
	}
	command_error("run: --mode %s: expected enforce, complain or ask", argument);
	return -EINVAL;
}

static int set_deny_in_kernel(void *target, _unused_ const char *argument)
{
	((struct run_options *)target)->plan.deny_in_kernel = true;
	return 0;
}

static int set_log(void *target, const char *argument)
{
	return log_options_add(&((struct run_options *)target)->log, "run", argument);
}

static int set_wait_all(void *target, _unused_ const char *argument)
{
	((struct run_options *)target)->wait_all = true;
	return 0;
}

static int set_stack(void *target, _unused_ const char *argument)
{
	((struct run_options *)target)->stacks = true;
	return 0;
}

static int set_quiet(void *target, _unused_ const char *argument)
{
	((struct run_options *)target)->log.quiet = true;
	return 0;
}

static int set_no_state(void *target, _unused_ const char *argument)
{
	((struct run_options *)target)->no_state = true;
	return 0;
}

static int set_ask_on(void *target, const char *argument)
{
	((struct run_options *)target)->ask.on = argument;
	return 0;
}

static int set_ask_save(void *target, const char *argument)
{
	((struct run_options *)target)->ask.save = argument;
	return 0;
}

static int set_no_reload(void *target, _unused_ const char *argument)
{
	((struct run_options *)target)->no_reload = true;
	return 0;
}

static const struct option_row rows[] = {
	{ "profile", "NAME|FILE", "profile to run under (default: the policy's, or docker-default)",
	  set_profile },
	{ "policy", "FILE", "rules that decide before the profile does", set_policy },
	{ "no-reload", NULL, "the policy stays as it was read at the start", set_no_reload },
	{ "mode", "MODE", "enforce (default), complain or ask", set_mode },
	{ "ask-on", "TTY", "the terminal to ask on (default: the controlling one)", set_ask_on },
	{ "ask-save", "FILE", "keep answers for the run, as rules of a policy", set_ask_save },
	{ "deny-in-kernel", NULL, "denials stay in the kernel: faster, and not shown",
	  set_deny_in_kernel },
	{ "log", "SINK", LOG_OPTION_HELP, set_log },
	{ "stack", NULL, "the call stack of each call that is shown", set_stack },
	{ "wait-all", NULL, "end with the last process under the filter, not the first",
	  set_wait_all },
	{ "quiet", NULL, "no lines on standard error", set_quiet },
	{ "no-state", NULL, "do not remember this run for explain and suggest", set_no_state },
	PROFILE_USE_ROWS,
	{ 0 },
};

static void print_help(FILE *out)
{
	fputs("usage: callgate run [OPTION]... [--] COMMAND [ARGUMENT]...\n\n"
	      "Runs COMMAND under a Docker-format seccomp profile and shows every call that is\n"
	      "denied, with its arguments and the reason, on standard error.\n\n",
	      out);
	options_help(rows, out);
	fputs("\n--mode complain allows every call, and marks what would be denied as WOULD: it "
	      "is\n"
	      "really executed, so never use it on code that is not trusted. --mode ask asks you,\n"
	      "on the terminal, about each call that would be denied.\n",
	      out);
	fputs("\nThe capabilities choose among the profile's rules; COMMAND keeps those that it "
	      "has.\n",
	      out);
	fputs("\nExit status: COMMAND's; a signal that killed COMMAND kills callgate too; 125 for\n"
	      "errors of callgate itself, 126 when COMMAND cannot be executed, 127 when there is\n"
	      "no such COMMAND.\n",
	      out);
}

static int check_options(const struct run_options *options)
{
	if (options->plan.complain && options->plan.deny_in_kernel) {
		command_error("run: --mode %s and --deny-in-kernel exclude each other: what the "
		              "kernel denies cannot be allowed",
		              mode_name(options->mode));
		return -EINVAL;
	}
	if (options->stacks && !stack_unwind_version()) {
		command_error("run: --stack: this callgate was built without libdw, which it needs "
		              "to unwind stacks");
		return -EINVAL;
	}
	return 0;
}

/* --- from a policy and a profile to a filter --- */

static int load_policy(const struct run_options *options, struct run *run)
{
	if (!options->policy)
		return 0;
	return run_policy_open(options->policy, options->mode, &run->policies, &run->freezer);
}

static const char *profile_name(const struct run_options *options, const struct run *run)
{
	const struct policy *policy = generations_present(&run->policies);

	if (options->profile)
		return options->profile;
	if (policy && policy->profile)
		return policy->profile;
	return "docker-default";
}

static int load_profile(const struct run_options *options, struct run *run)
{
	struct loaded_profile *loaded = &run->loaded;
	char name[32];
	int result = loaded_profile_open(profile_name(options, run), &options->resolve, loaded);

	if (result == 0 && !profile_covers_arch(loaded->profile, loaded->ruleset->host.arch)) {
		diags_add(&loaded->diags, DIAG_ERROR, "other-architecture", (struct place){ 0 }, "",
		          "the profile is for another architecture than this one; expected %s",
		          syscall_arch_name(loaded->ruleset->host.arch, name, sizeof(name)));
		result = -EBADMSG;
	}
	diags_print(&loaded->diags, stderr, "callgate: ", false);
	return result;
}

static int make_filter(const struct run_options *options, struct run *run)
{
	const struct policy *policy = generations_present(&run->policies);
	struct plan_options plan = options->plan;
	int result;

	if (policy) {
		plan.asked = policy->notified;
		plan.n_asked = policy->n_notified;
	}
	result = plan_build(run->loaded.ruleset, &plan, &run->plan);
	if (result == 0)
		result = filter_obtain(run->plan, &run->filter);
	if (result < 0) {
		char name[24];

		command_error("%s: no filter could be made that does what the profile says (%s)",
		              profile_name(options, run), err_name(result, name, sizeof(name)));
		return result;
	}
	result = run->filter.notifies ? listener_probe(NOTIFICATION_ROOM) : 0;
	if (result < 0)
		command_error("this kernel has no seccomp notifications that callgate can use "
		              "(it takes Linux 5.0 or later); --deny-in-kernel needs none");
	return result;
}

static int start_session(const struct run_options *options, struct run *run)
{
	run->session = (struct session){
		.ruleset = run->loaded.ruleset,
		.mode = options->mode,
		.policies = options->policy ? &run->policies : NULL,
		.command = run->command.arguments[0],
		.shows_stacks = options->stacks,
	};
	return drain_draw_boot(&run->session);
}

static void run_deinit(struct run *run)
{
	run_ask_deinit(&run->ask);
	filter_deinit(&run->filter);
	plan_freep(&run->plan);
	loaded_profile_deinit(&run->loaded);
	generations_deinit(&run->policies);
	target_command_deinit(&run->command);
	freezer_deinit(&run->freezer);
}

/* --- the end --- */

/* What each step of the launch says when it fails. */
static const struct {
	int error; /* 0: any */
	enum agent_step step;
	const char *message;
} launch_errors[] = {
	{ EBUSY, AGENT_INSTALL,
	  "a supervisor with a listener is already there (callgate, or a container "
	  "runtime's agent), and the kernel allows one for a process tree; "
	  "--deny-in-kernel needs none" },
	{ EINVAL, AGENT_INSTALL,
	  "the kernel refuses the filter; is seccomp filtering configured "
	  "(CONFIG_SECCOMP_FILTER)?" },
	{ ENOSYS, AGENT_INSTALL, "this kernel has no seccomp(2)" },
	{ 0, AGENT_INSTALL, "the filter cannot be installed" },
	{ 0, AGENT_NO_NEW_PRIVS, "no_new_privs cannot be set" },
	{ 0, AGENT_CLONE_HELPER, "no process can be started" },
	{ 0, AGENT_HAND_OVER, "the listener could not be handed over" },
};

/* Whether the profile keeps every program from starting: then it is not the command's fault. */
static bool denies_execve(const struct run *run)
{
	const struct seccomp_data call = { .nr = SYS_execve,
		                           .arch = run->loaded.ruleset->abis[0].audit_arch };
	struct decision decision;

	ruleset_evaluate(run->loaded.ruleset, &call, &decision);
	return decision.action.kind != ACTION_ALLOW && decision.action.kind != ACTION_LOG;
}

static int launch_failed(const struct run *run, const struct keeper_result *result)
{
	char name[24];

	if (result->step == AGENT_EXEC) {
		command_error("%s: %s%s", run->command.arguments[0], strerror(result->error),
		              denies_execve(run) ? " (the profile denies execve, so no program "
		                                   "can start under it)"
		                                 : "");
		return result->error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
	}
	for (size_t i = 0; i < ARRAY_SIZE(launch_errors); i++) {
		if (launch_errors[i].step != result->step ||
		    (launch_errors[i].error && launch_errors[i].error != result->error))
			continue;
		command_error("%s (%s)", launch_errors[i].message,
		              err_name(result->error, name, sizeof(name)));
		break;
	}
	return EXIT_OURS;
}

/* What the kernel kills for is no notification, and would be a death without a reason. */
static void tell_of_sigsys(const struct run *run)
{
	if (run->session.mode == MODE_ENFORCE)
		command_error("%s: killed by SIGSYS (where a profile kills or traps, the kernel "
		              "decides, and the call is not shown; --mode complain shows it)",
		              run->command.arguments[0]);
}

/* Ends as the command ended. */
static int finish(const struct run_options *options, const struct run *run,
                  const struct keeper_result *result)
{
	if (result->error != 0)
		return launch_failed(run, result);
	if (WIFSIGNALED(result->wait_status)) {
		if (WTERMSIG(result->wait_status) == SIGSYS && !options->log.quiet)
			tell_of_sigsys(run);
		signals_die_of(WTERMSIG(result->wait_status));
	}
	return WEXITSTATUS(result->wait_status);
}

/* Without --stack only so many that those who explain the run find where its denials came from. */
static uint32_t stack_looks(const struct run_options *options)
{
	if (options->stacks)
		return STACK_LOOKS_ALL;
	return options->no_state || !stack_unwind_version() ? 0 : STACK_LOOKS_REMEMBERED;
}

static int run_under_filter(const struct run_options *options, struct run *run)
{
	const struct reload_options reload = { options->policy, run->plan, &run->policies };
	struct keeper_result result;
	struct log *log;
	uv_loop_t loop;
	struct signals_inherited signals;
	int error = uv_loop_init(&loop);

	if (error < 0) {
		command_error("run: no event loop: %s", uv_strerror(error));
		return EXIT_OURS;
	}
	if (log_options_open(&options->log, "run", &loop, &log) < 0)
		return EXIT_OURS;
	if (!options->no_state)
		log_remember(log);
	signals_block(&signals);
	error = keeper_run(
		&(struct keeper_options){ .command = &run->command,
	                                  .filter = &run->filter,
	                                  .session = &run->session,
	                                  .signals = &signals,
	                                  .loop = &loop,
	                                  .log = log,
	                                  .reload = options->policy && !options->no_reload ? &reload
	                                                                                   : NULL,
	                                  .ask = run->ask.may ? &run->ask.asker : NULL,
	                                  .stack_looks = stack_looks(options),
	                                  .freezer = run->freezer.directory,
	                                  .wait_all = options->wait_all },
		&result);
	freezer_deinit(&run->freezer); /* before we may die of the command's signal */
	if (error < 0) {
		command_error("run: %s", strerror(-error));
		return EXIT_OURS;
	}
	log_close(log, &run->session, CLOSE_TIMEOUT_MS);
	(void)uv_loop_close(&loop); /* busy only where a reader of the log never came back */
	return finish(options, run, &result);
}

static int find_command(char **arguments, struct run *run)
{
	int result = target_command_find(arguments, &run->command);

	if (result == 0)
		return 0;
	command_error("%s: %s", arguments[0],
	              result == -ENOENT ? "no such command" : strerror(-result));
	return result == -ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

static int prepare_and_run(const struct run_options *options, char **arguments)
{
	_cleanup_(run_deinit) struct run run = { .ask.asker.terminal = -EBADF,
		                                 .freezer = FREEZER_NONE };
	int status;

	if (load_policy(options, &run) < 0 || load_profile(options, &run) < 0)
		return EXIT_OURS;
	status = find_command(arguments, &run);
	if (status != 0)
		return status;
	if (make_filter(options, &run) < 0 || start_session(options, &run) < 0 ||
	    run_ask_open(&options->ask, options->mode, &run.policies, &run.ask) < 0)
		return EXIT_OURS;
	return run_under_filter(options, &run);
}

static int run_main(int argc, char **argv)
{
	struct run_options options = { 0 };
	int rest, result;

	result = options_parse(argc, argv, rows, &options, &rest);
	if (result == OPTIONS_HELP) {
		print_help(stdout);
		return 0;
	}
	if (result < 0 || check_options(&options) < 0)
		return EXIT_OURS;
	if (rest == argc) {
		command_error("run: no command (callgate run --help shows how)");
		return EXIT_OURS;
	}
	log_options_add_standard_error(&options.log);
	return prepare_and_run(&options, argv + rest);
}

const struct command run_command = {
	.name = "run",
	.summary = "run a program under a profile and show denied calls, live",
	.run = run_main,
};
