/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <seccomp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "common/text.h"
#include "supervisor/commands/command.h"
#include "supervisor/stacks/stack_unwind.h"

static const struct command *const commands[] = {
	&run_command,   &serve_command, &watch_command, &explain_command, &suggest_command,
	&check_command, &show_command,  &diff_command,  &compile_command, &doctor_command,
};

void command_error(const char *format, ...)
{
	char message[4096], escaped[2 * sizeof(message)];
	struct text line = TEXT_OVER(escaped);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	text_escape_message(&line, message);
	fprintf(stderr, "callgate: %s\n", escaped);
}

static int print_help(void)
{
	puts("usage: callgate COMMAND [ARGUMENT]...\n\n"
	     "A seccomp supervisor: runs programs under Docker-format profiles and shows what is\n"
	     "denied, with arguments and reasons.\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		printf("  %-8s %s\n", commands[i]->name, commands[i]->summary);
	puts("\ncallgate COMMAND --help shows a command's options.");
	return 0;
}

static int print_version(void)
{
	const struct scmp_version *seccomp = seccomp_version();
	const char *libdw = stack_unwind_version();

	printf("callgate %s (libseccomp %u.%u.%u, libuv %s, %s%s)\n", CALLGATE_VERSION,
	       seccomp->major, seccomp->minor, seccomp->micro, uv_version_string(),
	       libdw ? "libdw " : "without libdw", libdw ? libdw : "");
	return 0;
}

/*
 * A closed standard descriptor would be taken by the next open of ours. The stand-in has
 * close-on-exec, so the target finds it closed, as it was.
 */
static void fill_standard_descriptors(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		(void)close(fd);
}

static int dispatch(int argc, char **argv)
{
	if (argc < 2) {
		command_error("no command (callgate --help lists them)");
		return EXIT_OURS;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return print_help();
	if (strcmp(argv[1], "--version") == 0)
		return print_version();
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (strcmp(argv[1], commands[i]->name) == 0)
			return commands[i]->run(argc - 1, argv + 1);
	command_error("no command \"%s\" (callgate --help lists them)", argv[1]);
	return EXIT_OURS;
}

/* What went to standard output is lost if it cannot be written: that is no success. */
int main(int argc, char **argv)
{
	int status;

	fill_standard_descriptors();
	status = dispatch(argc, argv);
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	command_error("standard output: %s", strerror(errno));
	return EXIT_OURS;
}
