/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/listener.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP /* Linux 6.6 */
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif

/* Numbers that are the kernel's own restart codes, and never an errno (include/linux/errno.h). */
enum {
	RESTART_FIRST = 512,
	RESTART_LAST = 516,
	ERRNO_LAST = 4095,
};

int listener_probe(size_t room)
{
	struct seccomp_notif_sizes sizes;
	__u32 action = SECCOMP_RET_USER_NOTIF;

	if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) < 0)
		return err_errno();
	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) < 0)
		return err_errno();
	if (sizes.seccomp_notif > room ||
	    sizes.seccomp_notif_resp > sizeof(struct seccomp_notif_resp))
		return -E2BIG;
	return 0;
}

/* By the name that the kernel gives its file: an ioctl might do something to what it is instead. */
bool listener_is(int fd)
{
	static const char expected[] = "anon_inode:seccomp notify";
	char path[40], name[sizeof(expected)];
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	length = readlink(path, name, sizeof(name));
	return length == sizeof(expected) - 1 && memcmp(name, expected, sizeof(expected) - 1) == 0;
}

int listener_set_sync(int listener)
{
	/* The flag goes by value: a pointer is EINVAL (measured on Linux 6.18). */
	int result =
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);

	return result < 0 ? err_errno() : 0;
}

int listener_receive(int listener, struct seccomp_notif *request)
{
	while (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, request) < 0) {
		if (errno == ENOENT)
			return LISTENER_GONE;
		if (errno != EINTR)
			return err_errno();
	}
	return 0;
}

int listener_valid(int listener, uint64_t id)
{
	while (ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) < 0) {
		if (errno == ENOENT)
			return LISTENER_GONE;
		if (errno != EINTR)
			return err_errno();
	}
	return 0;
}

/* EINPROGRESS: answered before, and the target has not run since. For us it is answered. */
static int respond(int listener, struct seccomp_notif_resp *response)
{
	while (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, response) < 0) {
		if (errno == ENOENT)
			return LISTENER_GONE;
		if (errno == EINPROGRESS)
			return 0;
		if (errno != EINTR)
			return err_errno();
	}
	return 0;
}

int listener_continue(int listener, uint64_t id)
{
	struct seccomp_notif_resp response = { .id = id,
		                               .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };

	return respond(listener, &response);
}

/* A positive response.error reaches the target as success, so the sign is made here. */
int listener_refuse(int listener, uint64_t id, int error)
{
	struct seccomp_notif_resp response = { .id = id };

	if (error < 0 || error > ERRNO_LAST || (error >= RESTART_FIRST && error <= RESTART_LAST))
		error = EPERM;
	response.error = -error;
	return respond(listener, &response);
}

/* What the kernel would take for an errno is refused instead. */
int listener_return(int listener, uint64_t id, int64_t value)
{
	struct seccomp_notif_resp response = { .id = id, .val = value };

	if (value < 0 && value >= -ERRNO_LAST)
		return listener_refuse(listener, id, EPERM);
	return respond(listener, &response);
}

/*
 * Without ADDFD_FLAG_SEND, which would answer in the same step: interrupted before the target has
 * taken the descriptor, some kernels (6.18.44) then let the call return 0 with no descriptor there.
 */
int listener_add_fd(int listener, uint64_t id, int fd, bool cloexec)
{
	struct seccomp_notif_addfd addfd = {
		.id = id,
		.srcfd = (uint32_t)fd,
		.newfd_flags = cloexec ? O_CLOEXEC : 0,
	};
	int number;

	do {
		number = ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &addfd);
	} while (number < 0 && errno == EINTR);
	if (number < 0)
		return errno == ENOENT ? -ESRCH : err_errno();
	return number;
}
