/* SPDX-License-Identifier: Apache-2.0 */
/* callgate serve: one supervisor for the containers of every runtime. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervisor/commands/command.h"
#include "supervisor/commands/log_options.h"
#include "supervisor/commands/options.h"
#include "supervisor/descriptors.h"
#include "supervisor/listener.h"
#include "supervisor/notification.h"
#include "supervisor/containers/serve_keeper.h"
#include "supervisor/signals.h"

enum { CLOSE_TIMEOUT_MS = 5000 }; /* for a reader of our log that has stopped reading */

#define SYSTEM_DIRECTORY "/run/callgate"
#define SOCKET_NAME "seccomp.sock"

/* What the user asked for. Const once parsed. */
struct serve_command_options {
	const char *socket; /* NULL: the default one */
	struct serve_places places;
	struct log_options log;
};

/* ---- options */

static int set_socket(void *target, const char *argument)
{
	((struct serve_command_options *)target)->socket = argument;
	return 0;
}

static int set_config(void *target, const char *argument)
{
	((struct serve_command_options *)target)->places.config = argument;
	return 0;
}

static int set_profiles(void *target, const char *argument)
{
	((struct serve_command_options *)target)->places.profiles = argument;
	return 0;
}

static int set_policies(void *target, const char *argument)
{
	((struct serve_command_options *)target)->places.policies = argument;
	return 0;
}

/* A daemon that is started again has told what is there already. */
static int set_log(void *target, const char *argument)
{
	struct log_options *log = &((struct serve_command_options *)target)->log;
	int result = log_options_add(log, "serve", argument);

	if (result == 0)
		log->sinks[log->n_sinks - 1].append = true;
	return result;
}

static int set_quiet(void *target, _unused_ const char *argument)
{
	((struct serve_command_options *)target)->log.quiet = true;
	return 0;
}

static const struct option_row rows[] = {
	{ "config", "FILE", "which container gets which profile, policy and mode", set_config },
	{ "socket", "PATH", "where runtimes send their listeners (listenerPath)", set_socket },
	{ "profiles", "DIR", "where profiles are looked for by name first", set_profiles },
	{ "policies", "DIR", "where policies are looked for by name", set_policies },
	{ "log", "SINK", LOG_OPTION_HELP, set_log },
	{ "quiet", NULL, "no lines on standard error", set_quiet },
	{ 0 },
};

static void print_help(FILE *out)
{
	fputs("usage: callgate serve [OPTION]...\n\n"
	      "Decides the notified calls of containers whose runtime hands their seccomp "
	      "listener\n"
	      "to the socket, and shows every call that is denied.\n\n",
	      out);
	options_help(rows, out);
	fputs("\nThe socket is " SYSTEM_DIRECTORY "/" SOCKET_NAME " for root, else\n"
	      "$XDG_RUNTIME_DIR/callgate/" SOCKET_NAME ". SIGHUP reads the configuration again;\n"
	      "SIGTERM ends it, and calls that need a decision then fail with ENOSYS.\n",
	      out);
}

/* ---- the parts */

/* The default socket, in a directory of ours that is made where it is not there. */
static int default_socket(char **ret_path)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	_cleanup_free_ char *directory = NULL;

	if (geteuid() == 0)
		directory = strdup(SYSTEM_DIRECTORY);
	else if (!runtime || runtime[0] != '/')
		return -ENOENT;
	else if (asprintf(&directory, "%s/callgate", runtime) < 0)
		directory = NULL;
	if (!directory)
		return -ENOMEM;
	if (mkdir(directory, 0755) < 0 && errno != EEXIST)
		return err_errno();
	return asprintf(ret_path, "%s/" SOCKET_NAME, directory) < 0 ? -ENOMEM : 0;
}

static int find_socket(const struct serve_command_options *options, char **ret_path)
{
	int result = 0;

	if (options->socket)
		*ret_path = strdup(options->socket);
	else
		result = default_socket(ret_path);
	if (result == 0 && !*ret_path)
		result = -ENOMEM;
	if (result == -ENOENT)
		command_error("serve: no XDG_RUNTIME_DIR; --socket PATH says where to listen");
	else if (result < 0)
		command_error("serve: no place for the socket: %s", strerror(-result));
	return result;
}

static int read_config(const struct serve_places *places, struct serve_config **ret_config)
{
	struct diags diags;
	int result;

	diags_init(&diags, places->config ? places->config : "configuration");
	result = serve_config_read(places, &diags, ret_config);
	if (result < 0 && diags.errors == 0)
		command_error("serve: %s", strerror(-result));
	diags_print(&diags, stderr, "callgate: ", false);
	diags_deinit(&diags);
	return result;
}

/* Standard output is given away, so that who waits for its end need not wait for ours. */
static int serve(struct serve_options *options)
{
	struct signals_inherited signals;
	int result;

	signals_block(&signals);
	result = descriptors_close_inherited();
	if (result == 0)
		result = serve_keeper_run(options);
	else
		serve_config_release(options->config);
	if (result == -EADDRINUSE)
		command_error("serve: %s: somebody listens there, or it is no socket",
		              options->socket);
	else if (result < 0)
		command_error("serve: %s: %s", options->socket, strerror(-result));
	return result;
}

static int open_and_serve(const struct serve_command_options *asked, const char *socket)
{
	struct serve_options options = { .socket = socket, .places = asked->places };
	uv_loop_t loop;
	int result = read_config(&asked->places, &options.config);

	if (result < 0)
		return result;
	result = uv_loop_init(&loop);
	if (result < 0) {
		command_error("serve: no event loop: %s", uv_strerror(result));
		serve_config_release(options.config);
		return result;
	}
	options.loop = &loop;
	result = log_options_open(&asked->log, "serve", &loop, &options.log);
	if (result == 0) {
		result = serve(&options);
		log_close(options.log, NULL, CLOSE_TIMEOUT_MS);
	} else {
		serve_config_release(options.config);
	}
	(void)uv_loop_close(&loop); /* busy only where a reader of the log never came back */
	return result;
}

static int serve_main(int argc, char **argv)
{
	struct serve_command_options options = { 0 };
	_cleanup_free_ char *socket = NULL;
	int rest, result = options_parse(argc, argv, rows, &options, &rest);

	if (result == OPTIONS_HELP) {
		print_help(stdout);
		return 0;
	}
	if (result < 0)
		return EXIT_OURS;
	if (rest < argc) {
		command_error("serve: %s: no words but options are expected", argv[rest]);
		return EXIT_OURS;
	}
	log_options_add_standard_error(&options.log);
	if (listener_probe(NOTIFICATION_ROOM) < 0) {
		command_error("this kernel has no seccomp notifications that callgate can use (it "
		              "takes Linux 5.0 or later)");
		return EXIT_OURS;
	}
	if (find_socket(&options, &socket) < 0 || open_and_serve(&options, socket) < 0)
		return EXIT_OURS;
	return 0;
}

const struct command serve_command = {
	.name = "serve",
	.summary = "decide the calls of the containers of every runtime",
	.run = serve_main,
};
