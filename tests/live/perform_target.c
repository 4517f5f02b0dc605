/* SPDX-License-Identifier: Apache-2.0 */
/*
 * perform_target WHAT: calls that are hard to make for another, and what came of them as its exit
 * status. Its working directory is a scratch one.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/err.h"
#include "tests/live/race_time.h"

/* ---- FIFOs: each end waits for the other */

static void *write_end(void *argument)
{
	int fd = open("fifo", O_WRONLY);

	(void)argument;
	if (fd >= 0 && write(fd, "x", 1) == 1)
		close(fd);
	return NULL;
}

static int fifo(void)
{
	pthread_t thread;
	char byte = 0;
	int fd;

	if (mkfifo("fifo", 0600) < 0 || pthread_create(&thread, NULL, write_end, NULL) != 0)
		return 2;
	fd = open("fifo", O_RDONLY);
	if (fd < 0 || read(fd, &byte, 1) != 1)
		return 3;
	pthread_join(thread, NULL);
	return byte == 'x' ? 0 : 4;
}

/* Children that wait in an open for ever, and are killed: the next calls must not suffer. */
static int killed(void)
{
	pid_t children[8];

	if (mkfifo("fifo", 0600) < 0)
		return 2;
	for (size_t i = 0; i < ARRAY_SIZE(children); i++) {
		children[i] = fork();
		if (children[i] == 0)
			_exit(open("fifo", O_RDONLY) >= 0);
	}
	for (int i = 0; i < 100; i++)
		close(open("/dev/null", O_RDONLY));
	for (size_t i = 0; i < ARRAY_SIZE(children); i++) {
		int status;

		kill(children[i], SIGKILL);
		if (waitpid(children[i], &status, 0) != children[i] || !WIFSIGNALED(status))
			return 3;
	}
	return open("fifo", O_RDWR) >= 0 ? 0 : 4;
}

/* ---- races: one thread rewrites what the other's call points to */

static union {
	char text[64];
	_Atomic uint64_t words[8];
} shared __attribute__((aligned(64)));
static _Atomic int stop;

static void *flip(void *argument)
{
	uint64_t good, evil;

	(void)argument;
	memcpy(&good, "good\0\0\0", 8);
	memcpy(&evil, "evil\0\0\0", 8);
	while (!atomic_load(&stop)) {
		atomic_store(&shared.words[0], evil);
		for (volatile int i = 0; i < 1500; i++)
			;
		atomic_store(&shared.words[0], good);
		for (volatile int i = 0; i < 1500; i++)
			;
	}
	return NULL;
}

/* A link that is swapped under the path; the policy knows the files, not the link. */
static void *swap(void *argument)
{
	(void)argument;
	while (!atomic_load(&stop)) {
		(void)!symlink("evil", "next");
		(void)!rename("next", "link");
		(void)!symlink("good", "next");
		(void)!rename("next", "link");
	}
	return NULL;
}

/* Prints how many opens gave the good file, the forbidden one, or failed. */
static int race(void *(*meddle)(void *), const char *path)
{
	unsigned good = 0, evil = 0, denied = 0;
	double end = now() + race_seconds();
	pthread_t thread;

	if (pthread_create(&thread, NULL, meddle, NULL) != 0)
		return 2;
	while (now() < end) {
		char byte = 0;
		int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY);

		if (fd < 0) {
			denied++;
			continue;
		}
		if (read(fd, &byte, 1) == 1)
			*(byte == 'g' ? &good : &evil) += 1;
		close(fd);
	}
	atomic_store(&stop, 1);
	pthread_join(thread, NULL);
	printf("good %u evil %u denied %u\n", good, evil, denied);
	return 0;
}

static int race_of_text(void)
{
	memcpy(shared.text, "good", 5);
	return race(flip, shared.text);
}

static int race_of_links(void)
{
	return symlink("good", "link") < 0 ? 2 : race(swap, "link");
}

/* ---- odd arguments and odd callers */

static int edges(void)
{
	char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *edge = pages + 4096 - 10;

	munmap(pages + 4096, 4096);
	memcpy(edge, "/dev/null", 10); /* its NUL is the last byte there is */
	if (open(edge, O_RDONLY) < 0)
		return 2;
	memcpy(edge, "/dev/nulll", 10); /* no NUL */
	if (open(edge, O_RDONLY) >= 0 || errno != EFAULT)
		return 3;
	if (open((char *)1, O_RDONLY) >= 0 || errno != EFAULT)
		return 4;
	return 0;
}

/* A full table: nothing may be created by an open that then has no number. */
static int full_table(void)
{
	struct rlimit limit = { 20, 20 };

	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 2;
	while (open("/dev/null", O_RDONLY) >= 0)
		;
	if (errno != EMFILE)
		return 3;
	if (open("created", O_CREAT | O_WRONLY, 0600) >= 0 || errno != EMFILE)
		return 4;
	(void)close_range(3, ~0U, 0); /* the end of a sanitized program opens files too */
	return access("created", F_OK) < 0 ? 0 : 5;
}

static int size_limit(void)
{
	struct rlimit limit = { 1000, 1000 };

	signal(SIGXFSZ, SIG_IGN);
	close(open("file", O_CREAT | O_WRONLY, 0600));
	if (setrlimit(RLIMIT_FSIZE, &limit) < 0 || truncate("file", 900) < 0)
		return 2;
	return truncate("file", 1100) < 0 && errno == EFBIG ? 0 : 3;
}

/* A thread with ids of its own makes what is its own: the kernel has them for each thread. */
static void *make_as_other(void *argument)
{
	(void)argument;
	if (syscall(SYS_setresgid, -1, 4321, -1) == 0 && syscall(SYS_setresuid, -1, 4321, -1) == 0)
		close(open("theirs", O_CREAT | O_WRONLY, 0600));
	return NULL;
}

static int thread_identity(void)
{
	struct stat theirs, ours;
	pthread_t thread;

	(void)umask(027);
	if (chmod(".", 0777) < 0 || pthread_create(&thread, NULL, make_as_other, NULL) != 0)
		return 2;
	pthread_join(thread, NULL);
	close(open("ours", O_CREAT | O_WRONLY, 0666));
	if (stat("theirs", &theirs) < 0 || stat("ours", &ours) < 0)
		return 3;
	if (theirs.st_uid != 4321 || theirs.st_gid != 4321 || ours.st_uid != geteuid())
		return 4;
	return (ours.st_mode & 0777) == 0640 ? 0 : 5;
}

/* A thread with a directory and descriptors that are its own. */
static void *open_elsewhere(void *result)
{
	int fd;

	if (unshare(CLONE_FS | CLONE_FILES) < 0 || chdir("below") < 0)
		return NULL;
	fd = open("here", O_RDONLY);
	if (fd >= 0 && openat(dup2(open(".", O_RDONLY), 77), "here", O_RDONLY) >= 0 &&
	    openat(77, "here", O_RDONLY) >= 0)
		*(int *)result = 1;
	return NULL;
}

static int thread_places(void)
{
	pthread_t thread;
	int found = 0;

	if (mkdir("below", 0700) < 0)
		return 2;
	close(open("below/here", O_CREAT | O_WRONLY, 0600));
	if (pthread_create(&thread, NULL, open_elsewhere, &found) != 0)
		return 3;
	pthread_join(thread, NULL);
	return found && open("here", O_RDONLY) < 0 && openat(77, "here", O_RDONLY) < 0 ? 0 : 4;
}

static int idle_priority(void)
{
	struct sched_param none = { 0 };

	if (sched_setscheduler(0, SCHED_IDLE, &none) < 0)
		return 2;
	for (int i = 0; i < 20; i++)
		if (close(open("/dev/null", O_RDONLY)) < 0)
			return 3;
	return 0;
}

/* Many calls that are not idempotent, each of which must have had its effect exactly once. */
static int storm(void)
{
	int lost = 0;

	for (int i = 0; i < 3000; i++) {
		char name[16];

		snprintf(name, sizeof(name), "d%d", i);
		if (mkdir(name, 0700) == 0)
			continue;
		if (errno != EIO)
			return 2;
		lost++;
	}
	printf("lost %d\n", lost);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(void);
	} rows[] = {
		{ "fifo", fifo },
		{ "killed", killed },
		{ "race-of-text", race_of_text },
		{ "race-of-links", race_of_links },
		{ "edges", edges },
		{ "full-table", full_table },
		{ "size-limit", size_limit },
		{ "thread-identity", thread_identity },
		{ "thread-places", thread_places },
		{ "idle-priority", idle_priority },
		{ "storm", storm },
	};

	for (size_t i = 0; argc == 2 && i < ARRAY_SIZE(rows); i++)
		if (strcmp(argv[1], rows[i].name) == 0)
			return rows[i].run();
	return 99;
}
