/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/reports/doctor_trip.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "supervisor/listener.h"
#include "supervisor/memory.h"
#include "supervisor/notification.h"
#include "supervisor/target.h"

enum {
	PATIENCE_MS = 2000,  /* for one notification, from a child that has nothing else to do */
	TRIP_ERRNO = EXFULL, /* which getsid(2) never has by itself */
};

/* What the child opens; it is not there, so only a descriptor of ours can be the result. */
static const char opened[] = "/nonexistent/callgate-doctor";
static const char content[] = "callgate";

/* What the child was told, in memory shared with it. */
struct told {
	uint64_t nanoseconds[DOCTOR_TRIP_CALLS];
	unsigned refused; /* with TRIP_ERRNO */
	pid_t parent;
	char content[sizeof(content)];
};

static uint64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* The child's life: the calls in the order in which serve() answers them. */
static void make_calls(void *argument)
{
	struct told *told = argument;
	int fd;

	for (unsigned i = 0; i < DOCTOR_TRIP_CALLS; i++) {
		uint64_t start = now_ns();
		long result = syscall(SYS_getsid, 0);

		told->nanoseconds[i] = now_ns() - start;
		told->refused += result == -1 && errno == TRIP_ERRNO;
	}
	told->parent = (pid_t)syscall(SYS_getppid);
	fd = (int)syscall(SYS_openat, AT_FDCWD, opened, O_RDONLY, 0);
	if (fd < 0 || read(fd, told->content, sizeof(told->content)) < 0)
		told->content[0] = '\0';
}

/* The child is ours and native: the architecture need not be looked at. */
static int start(struct told *told, struct target *ret_target)
{
	struct sock_filter instructions[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getsid, 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
	};
	const struct filter filter = { .instructions = instructions,
		                       .count = ARRAY_SIZE(instructions),
		                       .notifies = true };
	struct signals_inherited signals = { 0 };

	sigprocmask(SIG_SETMASK, NULL, &signals.mask);
	return target_start_body(make_calls, told, &filter, &signals, ret_target);
}

/* A kernel to come may write more than it does today; NOTIFICATION_ROOM is what run has for it. */
union arrival {
	struct seccomp_notif request;
	unsigned char room[NOTIFICATION_ROOM];
};

/* The next notification, which is one of number. -ETIMEDOUT, -EPROTO where it is another. */
static int next(int listener, int number, struct seccomp_notif *ret_request)
{
	struct pollfd readable = { .fd = listener, .events = POLLIN };
	union arrival arrival = { .room = { 0 } };
	int result = poll(&readable, 1, PATIENCE_MS);

	if (result < 0)
		return err_errno();
	if (result == 0)
		return -ETIMEDOUT;
	result = readable.revents & POLLIN ? listener_receive(listener, &arrival.request)
	                                   : LISTENER_GONE;
	if (result != 0)
		return result < 0 ? result : -ECHILD;
	if (arrival.request.data.nr != number)
		return -EPROTO;
	*ret_request = arrival.request;
	return 0;
}

/* An answer to a notification that is gone is none. */
static int sent(int result)
{
	return result == LISTENER_GONE ? -ECHILD : result;
}

static void refuse_calls(int listener, struct doctor_trip *trip)
{
	struct seccomp_notif request;

	for (unsigned i = 0; i < DOCTOR_TRIP_CALLS; i++) {
		int result = next(listener, SYS_getsid, &request);

		if (i == 0)
			trip->received = result;
		if (result < 0)
			return;
		trip->refused = sent(listener_refuse(listener, request.id, TRIP_ERRNO));
		if (trip->refused < 0)
			return;
	}
}

static void continue_call(int listener, struct doctor_trip *trip)
{
	struct seccomp_notif request;

	trip->continued = next(listener, SYS_getppid, &request);
	if (trip->continued < 0)
		return;
	trip->continued = sent(listener_continue(listener, request.id));
	if (trip->continued < 0)
		(void)!listener_refuse(listener, request.id, ENOSYS);
}

/* Exits with the errno. */
static _Noreturn void read_path(const struct seccomp_notif *request)
{
	char path[sizeof(opened)];
	int memory = memory_open((pid_t)request->pid);
	ssize_t length = memory;

	if (memory >= 0)
		length = memory_read(memory, request->data.args[1], path, sizeof(path));
	if (length < 0)
		_exit((int)-length);
	_exit(length == sizeof(opened) && memcmp(path, opened, sizeof(opened)) == 0 ? 0 : EBADMSG);
}

/*
 * A worker is a sibling of its target, which matters where only an ancestor may look (Yama): so
 * what reads here is a sibling too.
 */
static int read_as_sibling(const struct seccomp_notif *request)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		read_path(request);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return err_errno();
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -ECHILD;
}

/* A descriptor from which content can be read; the pipe's other end is closed. */
static int content_open(void)
{
	_cleanup_close_ int reader = -EBADF, writer = -EBADF;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_errno();
	reader = ends[0];
	writer = ends[1];
	if (write(writer, content, sizeof(content)) != sizeof(content))
		return err_errno();
	return TAKE_FD(reader);
}

static void give_descriptor(int listener, struct doctor_trip *trip)
{
	_cleanup_close_ int fd = content_open();
	struct seccomp_notif request;
	int number;

	trip->added = fd < 0 ? fd : next(listener, SYS_openat, &request);
	if (trip->added < 0)
		return;
	trip->read = read_as_sibling(&request);
	number = listener_add_fd(listener, request.id, fd, true);
	if (number < 0) {
		trip->added = number;
		(void)!listener_refuse(listener, request.id, ENOSYS);
		return;
	}
	trip->added = sent(listener_return(listener, request.id, number));
}

static void serve(int listener, struct doctor_trip *trip)
{
	trip->synchronous = listener_set_sync(listener);
	refuse_calls(listener, trip);
	if (trip->refused == 0)
		continue_call(listener, trip);
	if (trip->continued != DOCTOR_TRIP_NOT_TRIED && trip->continued != -ETIMEDOUT)
		give_descriptor(listener, trip);
}

static int compare_ns(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* What we sent is one thing, what the child got another. */
static void compare(struct told *told, struct doctor_trip *trip)
{
	if (trip->refused == 0 && told->refused != DOCTOR_TRIP_CALLS)
		trip->refused = DOCTOR_TRIP_WRONG;
	if (trip->continued == 0 && told->parent != getpid())
		trip->continued = DOCTOR_TRIP_WRONG;
	if (trip->added == 0 && memcmp(told->content, content, sizeof(content)) != 0)
		trip->added = DOCTOR_TRIP_WRONG;
	if (trip->refused == 0) {
		qsort(told->nanoseconds, DOCTOR_TRIP_CALLS, sizeof(told->nanoseconds[0]),
		      compare_ns);
		trip->nanoseconds = told->nanoseconds[DOCTOR_TRIP_CALLS / 2];
	}
}

/*
 * With our listener closed the calls that are left fail with ENOSYS, so the child ends by itself;
 * a kernel that lets it hang all the same is helped.
 */
static void reap(struct target *target)
{
	struct pollfd ended = { .fd = -EBADF, .events = POLLIN };
	pid_t helper = atomic_load(&target->handover->helper);

	target->listener = fd_close(target->listener);
	ended.fd = (int)syscall(SYS_pidfd_open, target->pid, 0);
	if (ended.fd >= 0 && poll(&ended, 1, PATIENCE_MS) != 1)
		(void)kill(target->pid, SIGKILL);
	(void)fd_close(ended.fd);
	(void)waitpid(target->pid, NULL, 0);
	if (helper > 0)
		(void)waitpid(helper, NULL, 0);
}

static void travel(struct told *told, struct target *target, struct doctor_trip *trip)
{
	trip->installed = start(told, target);
	if (target->handover)
		trip->step = atomic_load(&target->handover->step);
	if (trip->installed < 0)
		return;
	trip->killable = atomic_load(&target->handover->killable);
	serve(target->listener, trip);
	reap(target);
	compare(told, trip);
}

void doctor_trip(struct doctor_trip *ret_trip)
{
	struct doctor_trip trip = { .synchronous = DOCTOR_TRIP_NOT_TRIED,
		                    .received = DOCTOR_TRIP_NOT_TRIED,
		                    .refused = DOCTOR_TRIP_NOT_TRIED,
		                    .continued = DOCTOR_TRIP_NOT_TRIED,
		                    .read = DOCTOR_TRIP_NOT_TRIED,
		                    .added = DOCTOR_TRIP_NOT_TRIED };
	_cleanup_(target_deinit) struct target target = { .listener = -EBADF };
	struct told *told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE,
	                         MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (told == MAP_FAILED) {
		trip.installed = err_errno();
	} else {
		trip.installed = listener_probe(NOTIFICATION_ROOM);
		trip.step = AGENT_INSTALL;
		if (trip.installed == 0)
			travel(told, &target, &trip);
		(void)munmap(told, sizeof(*told));
	}
	*ret_trip = trip;
}
