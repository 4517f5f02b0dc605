/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/containers/intake.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "supervisor/containers/intake_socket.h"

#define MESSAGE "{\"fds\":[\"seccompFd\"],\"state\":{\"id\":\"c1\"}}"
#define TWO_FDS "{\"fds\":[\"x\",\"seccompFd\"],\"state\":{\"id\":\"c1\"}}"

struct fixture {
	uv_loop_t loop;
	char path[64];
	struct intake *intake;
	unsigned taken, refused;
	char reason[1024]; /* of the last that was refused */
};

static void on_taken(void *owner, struct container *container, int listener)
{
	struct fixture *fixture = owner;

	fixture->taken++;
	container_deinit(container);
	close(listener);
}

static void on_refused(void *owner, const char *reason)
{
	struct fixture *fixture = owner;

	fixture->refused++;
	snprintf(fixture->reason, sizeof(fixture->reason), "%s", reason);
}

enum { PEERS = 4 };

static int setup(void **state)
{
	static struct fixture fixture;
	const struct intake_owner owner = { on_taken, on_refused, &fixture };

	fixture = (struct fixture){ 0 };
	snprintf(fixture.path, sizeof(fixture.path), "/tmp/callgate-intake-%d", (int)getpid());
	if (uv_loop_init(&fixture.loop) < 0 ||
	    intake_open(fixture.path, &fixture.loop, PEERS, &owner, &fixture.intake) < 0)
		return -1;
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	intake_close(fixture->intake);
	uv_run(&fixture->loop, UV_RUN_DEFAULT); /* ends: nothing is left open */
	return access(fixture->path, F_OK) == 0 || uv_loop_close(&fixture->loop) < 0;
}

/* Runs what is due, and no more: every step of a test is there before it looks. */
static void turn(struct fixture *fixture)
{
	for (int i = 0; i < 4; i++)
		uv_run(&fixture->loop, UV_RUN_NOWAIT);
}

static int connect_to(const struct fixture *fixture)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", fixture->path);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* Sends bytes with count duplicates of standard error, which is no listener. */
static void send_with(int fd, const char *bytes, size_t len, size_t count)
{
	union {
		struct cmsghdr aligned;
		char room[CMSG_SPACE(32 * sizeof(int))];
	} control = { 0 };
	struct iovec part = { (char *)(uintptr_t)bytes, len };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	const int sent = STDERR_FILENO;

	if (count > 0) {
		message.msg_control = control.room;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		control.aligned.cmsg_level = SOL_SOCKET;
		control.aligned.cmsg_type = SCM_RIGHTS;
		control.aligned.cmsg_len = CMSG_LEN(count * sizeof(int));
		for (size_t i = 0; i < count; i++)
			memcpy(CMSG_DATA(&control.aligned) + i * sizeof(int), &sent, sizeof(sent));
	}
	assert_int_equal(sendmsg(fd, &message, MSG_NOSIGNAL), len);
}

static unsigned open_descriptors(void)
{
	unsigned count = 0;

	for (int fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static const struct refused_row {
	const char *bytes;
	size_t fds;
	const char *reason;
} refused_rows[] = {
	{ "x", 0, "it is not JSON" },
	{ "[]", 0, "it is not JSON" },
	{ "{x}", 0, "message:1:2" },
	{ "{}", 0, "expected fds, a list of names" },
	{ MESSAGE, 0, "no descriptor came with it" },
	{ MESSAGE, 1, "its seccompFd is no seccomp listener" },
	{ MESSAGE, 10, "not as many descriptors as it names in fds" },
	{ TWO_FDS, 1, "not as many descriptors as it names in fds" },
	{ TWO_FDS, 2, "its seccompFd is no seccomp listener" },
	{ MESSAGE, 17, "more descriptors than 16, or than we may open" },
	{ MESSAGE MESSAGE, 1, "more than one message; expected one" },
};

static void test_refused(void **state)
{
	struct fixture *fixture = *state;
	unsigned before = open_descriptors();

	for (size_t i = 0; i < ARRAY_SIZE(refused_rows); i++) {
		const struct refused_row *row = &refused_rows[i];
		int fd = connect_to(fixture);

		send_with(fd, row->bytes, strlen(row->bytes), row->fds);
		turn(fixture);
		assert_int_equal(fixture->refused, i + 1);
		assert_non_null(strstr(fixture->reason, row->reason));
		close(fd);
		turn(fixture);
		assert_int_equal(open_descriptors(), before);
	}
	assert_int_equal(fixture->taken, 0);
}

static void test_one_that_stops_halfway(void **state)
{
	struct fixture *fixture = *state;
	int fd = connect_to(fixture);

	send_with(fd, MESSAGE, 10, 1);
	turn(fixture);
	assert_int_equal(fixture->refused, 0);
	close(fd);
	turn(fixture);
	assert_int_equal(fixture->refused, 1);
	assert_non_null(strstr(fixture->reason, "it stopped after 10 bytes"));
}

static void test_one_that_never_begins_is_no_matter(void **state)
{
	struct fixture *fixture = *state;
	unsigned before = open_descriptors();
	int fd = connect_to(fixture);

	turn(fixture);
	close(fd);
	turn(fixture);
	assert_int_equal(fixture->refused, 0);
	assert_int_equal(open_descriptors(), before);
}

static void test_one_that_does_not_end(void **state)
{
	struct fixture *fixture = *state;
	static char blanks[64 << 10];
	int fd = connect_to(fixture);

	memset(blanks, ' ', sizeof(blanks));
	while (fixture->refused == 0) {
		ssize_t n = send(fd, blanks, sizeof(blanks), MSG_NOSIGNAL | MSG_DONTWAIT);

		assert_true(n > 0 || errno == EAGAIN || errno == EPIPE);
		turn(fixture);
	}
	assert_non_null(strstr(fixture->reason, "longer than 1 MiB"));
	close(fd);
}

static void test_too_many(void **state)
{
	struct fixture *fixture = *state;
	int fds[PEERS + 1];

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		fds[i] = connect_to(fixture);
	turn(fixture);
	assert_int_equal(fixture->refused, 1);
	assert_non_null(strstr(fixture->reason, "too many connections"));
	close(fds[0]);
	turn(fixture);
	fds[0] = connect_to(fixture);
	turn(fixture);
	assert_int_equal(fixture->refused, 1);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		close(fds[i]);
}

static void test_the_socket_is_ours_alone(void **state)
{
	const struct fixture *fixture = *state;
	struct stat status;

	assert_int_equal(stat(fixture->path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(intake_socket_listen(fixture->path), -EADDRINUSE);
}

static void test_one_that_was_left_is_replaced(void **state)
{
	char path[64];
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "/tmp/callgate-intake-left-%d", (int)getpid());
	fd = intake_socket_listen(path);
	assert_true(fd >= 0);
	close(fd);
	fd = intake_socket_listen(path);
	assert_true(fd >= 0);
	close(fd);
	unlink(path);
	assert_int_equal(close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600)), 0);
	assert_int_equal(intake_socket_listen(path), -EADDRINUSE);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_one_that_stops_halfway, setup, teardown),
		cmocka_unit_test_setup_teardown(test_one_that_never_begins_is_no_matter, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(test_one_that_does_not_end, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_many, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_socket_is_ours_alone, setup, teardown),
		cmocka_unit_test(test_one_that_was_left_is_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
