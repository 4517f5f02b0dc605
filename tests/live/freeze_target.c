/* SPDX-License-Identifier: Apache-2.0 */
/*
 * freeze_target WHAT: calls that only their caller can make, raced and made among odd neighbours.
 * Its working directory is a scratch one, where "good" and "evil" are programs that exit with 0 and
 * 1. Races print how often which was reached; the rest tells by its exit status.
 */
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/err.h"
#include "tests/live/race_time.h"

enum {
	STACK = 64 * 1024,
	DENIED = 77, /* a child's status where its execve failed */
};

/* ---- a name that another thread rewrites, four bytes in one step */

static union {
	_Atomic uint32_t word;
	char text[8];
} name = { .text = "good" };

static _Atomic int stop;

static uint32_t word_of(const char *text)
{
	uint32_t word;

	memcpy(&word, text, sizeof(word));
	return word;
}

static void *flip(void *argument)
{
	(void)argument;
	while (!atomic_load(&stop)) {
		atomic_store(&name.word, word_of("evil"));
		for (volatile int i = 0; i < 2000; i++)
			;
		atomic_store(&name.word, word_of("good"));
		for (volatile int i = 0; i < 2000; i++)
			;
	}
	return NULL;
}

struct count {
	unsigned good, evil, denied, killed, other;
};

static void print_count(const struct count *count)
{
	printf("good %u evil %u denied %u killed %u other %u\n", count->good, count->evil,
	       count->denied, count->killed, count->other);
}

static void count_status(struct count *count, int status)
{
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		count->killed++;
	else if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		count->good++;
	else if (WIFEXITED(status) && WEXITSTATUS(status) == 1)
		count->evil++;
	else if (WIFEXITED(status) && WEXITSTATUS(status) == DENIED)
		count->denied++;
	else
		count->other++;
}

static void execute(const char *path)
{
	char *arguments[] = { (char[]){ "x" }, NULL };

	syscall(SYS_execve, path, arguments, arguments + 1);
	_exit(DENIED);
}

static int execute_in_child(void *path)
{
	execute(path);
	return 0;
}

/* The child has the memory that the flipping thread writes to. */
static void try_execve(struct count *count)
{
	static char stack[STACK] __attribute__((aligned(16)));
	pid_t child = clone(execute_in_child, stack + sizeof(stack), CLONE_VM | SIGCHLD, name.text);
	int status;

	if (child > 0 && waitpid(child, &status, 0) == child)
		count_status(count, status);
}

static void try_chdir(struct count *count)
{
	char path[PATH_MAX];

	if (syscall(SYS_chdir, name.text) < 0) {
		count->denied++;
		return;
	}
	if (!getcwd(path, sizeof(path)) || fchdir(3) < 0)
		_exit(2);
	*(strstr(path, "evil") ? &count->evil : &count->good) += 1;
}

/* A rule names a socket by its absolute path. */
static struct sockaddr_un address = { .sun_family = AF_UNIX };
static char *address_name;

static bool set_address(const char *file)
{
	if (!getcwd(address.sun_path, sizeof(address.sun_path) - sizeof("/good")))
		return false;
	address_name = address.sun_path + strlen(address.sun_path) + 1;
	address_name[-1] = '/';
	memcpy(address_name, file, strlen(file) + 1);
	return true;
}

static void *flip_address(void *argument)
{
	(void)argument;
	while (!atomic_load(&stop)) {
		memcpy(address_name, "evil", 4);
		atomic_signal_fence(memory_order_seq_cst);
		for (volatile int i = 0; i < 2000; i++)
			;
		memcpy(address_name, "good", 4);
		atomic_signal_fence(memory_order_seq_cst);
		for (volatile int i = 0; i < 2000; i++)
			;
	}
	return NULL;
}

static int listening(const char *file)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (!set_address(file) || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, 4) < 0)
		return -1;
	return fd;
}

static int listeners[2];

/* Which one was reached is who has somebody to accept. */
static void try_connect(struct count *count)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), peer;

	if (syscall(SYS_connect, fd, &address, sizeof(address)) < 0) {
		count->denied++;
	} else if ((peer = accept4(listeners[0], NULL, NULL, SOCK_NONBLOCK)) >= 0) {
		count->good++;
		close(peer);
	} else if ((peer = accept4(listeners[1], NULL, NULL, SOCK_NONBLOCK)) >= 0) {
		count->evil++;
		close(peer);
	} else {
		count->other++;
	}
	close(fd);
}

static int race(void *(*meddle)(void *), void (*attempt)(struct count *))
{
	struct count count = { 0 };
	double end = now() + race_seconds();
	pthread_t thread;

	if (meddle && pthread_create(&thread, NULL, meddle, NULL) != 0)
		return 2;
	while (now() < end)
		attempt(&count);
	atomic_store(&stop, 1);
	if (meddle)
		pthread_join(thread, NULL);
	print_count(&count);
	return 0;
}

static int race_of_execve(void)
{
	return race(flip, try_execve);
}

/* Descriptor 3 leads back. */
static int race_of_chdir(void)
{
	int here = open(".", O_RDONLY | O_DIRECTORY);

	if (here != 3 && dup2(here, 3) != 3)
		return 3;
	return race(flip, try_chdir);
}

static int race_of_connect(void)
{
	listeners[0] = listening("good");
	listeners[1] = listening("evil");
	if (listeners[0] < 0 || listeners[1] < 0)
		return 3;
	return race(flip_address, try_connect);
}

/* Somebody who is in no cgroup of ours renames "link" all the while. */
static void try_link(struct count *count)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		execute("link");
	if (waitpid(child, &status, 0) == child)
		count_status(count, status);
}

static int race_of_outsider(void)
{
	return race(NULL, try_link);
}

/* ---- memory that others can write */

static int shared_path(void)
{
	char *path = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char *arguments[] = { path, NULL };

	memcpy(path, "good", 5);
	if (syscall(SYS_execve, path, arguments, arguments + 1) == 0)
		return 1;
	return errno == EACCES ? 0 : 2;
}

/* ---- neighbours */

static bool runs_good(void)
{
	struct count count = { 0 };

	for (int i = 0; i < 20; i++)
		try_execve(&count);
	return count.good == 20;
}

static void *spin(void *argument)
{
	(void)argument;
	while (!atomic_load(&stop))
		;
	return NULL;
}

static int beside_spinners(void)
{
	pthread_t threads[3];
	bool good;

	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		if (pthread_create(&threads[i], NULL, spin, NULL) != 0)
			return 2;
	good = runs_good();
	atomic_store(&stop, 1);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);
	return good ? 0 : 1;
}

static int end_child(pid_t child, bool good)
{
	(void)kill(child, SIGKILL);
	(void)waitpid(child, NULL, 0);
	return good ? 0 : 1;
}

static int beside_stopped(void)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		raise(SIGSTOP);
		_exit(0);
	}
	if (waitpid(child, &status, WUNTRACED) != child || !WIFSTOPPED(status))
		return 2;
	return end_child(child, runs_good());
}

/* Stopped for us, who are frozen too. */
static int beside_traced(void)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGUSR1);
		_exit(0);
	}
	if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
		return 2;
	return end_child(child, runs_good());
}

/* One that waits in an open that is being made for it, until the FIFO has another end. */
static int beside_waiting(void)
{
	pid_t child;

	if (mkfifo("fifo", 0600) < 0)
		return 2;
	child = fork();
	if (child == 0)
		_exit(open("fifo", O_RDONLY) < 0);
	return end_child(child, runs_good());
}

static int execute_traced(void *path)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
		return 3;
	execute(path);
	return 0;
}

/* It stops at its new program's first instruction, for its tracer. */
static int traced(void)
{
	static char stack[STACK] __attribute__((aligned(16)));
	pid_t child = clone(execute_traced, stack + sizeof(stack), SIGCHLD, name.text);
	int status;

	if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status) ||
	    WSTOPSIG(status) != SIGTRAP || ptrace(PTRACE_CONT, child, NULL, 0) < 0)
		return 2;
	return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : 3;
}

/* As vfork(2) does: we wait in the kernel, and no freezer gets hold of us there. */
static int vforked(void)
{
	static char stack[STACK] __attribute__((aligned(16)));

	for (int i = 0; i < 20; i++) {
		pid_t child = clone(execute_in_child, stack + sizeof(stack),
		                    CLONE_VM | CLONE_VFORK | SIGCHLD, name.text);
		int status;

		if (waitpid(child, &status, 0) != child || status != 0)
			return 1;
	}
	return 0;
}

static void *execute_in_thread(void *argument)
{
	execute(argument);
	return NULL;
}

/* The thread takes over its group's first id. */
static int from_thread(void)
{
	pid_t child = fork();
	pthread_t thread;
	int status;

	if (child == 0) {
		if (pthread_create(&thread, NULL, execute_in_thread, name.text) == 0)
			pthread_join(thread, NULL);
		_exit(3);
	}
	return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}

/* An execve that fails leaves its caller where it was, and no PATH would be searched else. */
static int failing(void)
{
	char *arguments[] = { name.text, NULL };

	if (syscall(SYS_execve, "missing", arguments, arguments + 1) == 0 || errno != ENOENT)
		return 1;
	if (syscall(SYS_execve, "/", arguments, arguments + 1) == 0 || errno != EACCES)
		return 2;
	if (syscall(SYS_execve, "text", arguments, arguments + 1) == 0 || errno != ENOEXEC)
		return 3;
	return 0;
}

/* Many processes at once, each with many calls: none may be lost, or hang. */
static int storm(void)
{
	struct count all = { 0 };
	int status;

	for (int i = 0; i < 4; i++)
		if (fork() == 0) {
			struct count count = { 0 };

			for (int k = 0; k < 60; k++)
				try_execve(&count);
			_exit((int)(60 - count.good));
		}
	for (int i = 0; i < 4; i++)
		if (wait(&status) > 0 && WIFEXITED(status))
			all.denied += (unsigned)WEXITSTATUS(status);
		else
			all.other++;
	all.good = 240 - all.denied;
	print_count(&all);
	return all.other == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(void);
	} rows[] = {
		{ "race-of-execve", race_of_execve },
		{ "race-of-chdir", race_of_chdir },
		{ "race-of-connect", race_of_connect },
		{ "race-of-outsider", race_of_outsider },
		{ "shared-path", shared_path },
		{ "beside-spinners", beside_spinners },
		{ "beside-stopped", beside_stopped },
		{ "beside-traced", beside_traced },
		{ "beside-waiting", beside_waiting },
		{ "traced", traced },
		{ "vforked", vforked },
		{ "from-thread", from_thread },
		{ "failing", failing },
		{ "storm", storm },
	};

	for (size_t i = 0; argc == 2 && i < ARRAY_SIZE(rows); i++)
		if (strcmp(argv[1], rows[i].name) == 0)
			return rows[i].run();
	return 99;
}
