/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/containers/intake_socket.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "common/cleanup.h"
#include "supervisor/process.h"

enum {
	BACKLOG = 4096,       /* the kernel takes less where somaxconn says so */
	MESSAGE_FDS_MAX = 253 /* SCM_MAX_FD (include/net/scm.h): none has more */
};

/* ---- listening */

static int address_of(const char *path, struct sockaddr_un *ret_address)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path));
	*ret_address = address;
	return 0;
}

/* Whether path is a socket to which nobody listens any more. */
static bool is_abandoned(const char *path, const struct sockaddr_un *address)
{
	_cleanup_close_ int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct stat status;

	if (probe < 0 || lstat(path, &status) < 0 || !S_ISSOCK(status.st_mode))
		return false;
	return connect(probe, (const struct sockaddr *)address, sizeof(*address)) < 0 &&
	       errno == ECONNREFUSED;
}

/* No moment in which others could connect: the mode is there from the start. */
static int bind_private(int fd, const struct sockaddr_un *address)
{
	mode_t mask = umask(0177);
	int result =
		bind(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 ? err_errno() : 0;

	umask(mask);
	return result;
}

int intake_socket_listen(const char *path)
{
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un address;
	int result;

	if (fd < 0)
		return err_errno();
	result = address_of(path, &address);
	if (result < 0)
		return result;
	result = bind_private(fd, &address);
	if (result == -EADDRINUSE && is_abandoned(path, &address) && unlink(path) == 0)
		result = bind_private(fd, &address);
	if (result == 0 && listen(fd, BACKLOG) < 0)
		result = err_errno();
	return result < 0 ? result : TAKE_FD(fd);
}

/* ---- peers */

/* crun sends from a copy of itself in memory; runc names its processes after their stages. */
static const struct {
	const char *comm; /* how it begins */
	const char *runtime;
} runtimes[] = {
	{ "runc", "runc" },
	{ "crun", "crun" },
	{ "memfd:crun", "crun" },
	{ "youki", "youki" },
};

static const char *runtime_of(pid_t pid)
{
	struct process process;

	if (pid <= 0 || process_read(pid, &process) < 0)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(runtimes); i++)
		if (strncmp(process.comm, runtimes[i].comm, strlen(runtimes[i].comm)) == 0)
			return runtimes[i].runtime;
	return NULL;
}

int intake_socket_accept(int socket, struct intake_peer *ret_peer)
{
	_cleanup_close_ int fd = accept4(socket, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct ucred credentials;
	socklen_t size = sizeof(credentials);

	if (fd < 0)
		return err_errno();
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0)
		return err_errno();
	*ret_peer = (struct intake_peer){ .uid = credentials.uid,
		                          .pid = credentials.pid,
		                          .runtime = runtime_of(credentials.pid) };
	return TAKE_FD(fd);
}

/* ---- messages */

static void take_fds(const struct cmsghdr *control, struct intake_fds *fds)
{
	size_t count = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);

	for (size_t i = 0; i < count; i++) {
		int fd;

		memcpy(&fd, CMSG_DATA(control) + i * sizeof(fd), sizeof(fd));
		if (fds->n < fds->max) {
			fds->list[fds->n++] = fd;
		} else {
			fds->more = true;
			fd_close(fd);
		}
	}
}

ssize_t intake_socket_receive(int connection, char *bytes, size_t size, struct intake_fds *fds)
{
	union {
		struct cmsghdr aligned;
		char room[CMSG_SPACE(MESSAGE_FDS_MAX * sizeof(int))];
	} control;
	struct iovec part = { bytes, size };
	struct msghdr message = { .msg_iov = &part,
		                  .msg_iovlen = 1,
		                  .msg_control = control.room,
		                  .msg_controllen = sizeof(control.room) };
	ssize_t n;

	do {
		n = recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_errno();
	for (struct cmsghdr *at = CMSG_FIRSTHDR(&message); at; at = CMSG_NXTHDR(&message, at))
		if (at->cmsg_level == SOL_SOCKET && at->cmsg_type == SCM_RIGHTS)
			take_fds(at, fds);
	if (message.msg_flags & MSG_CTRUNC)
		fds->more = true;
	return n;
}
