/* SPDX-License-Identifier: Apache-2.0 */
/* The target is this process: its own pid, its own memory. */
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "profiles/arguments/signature.h"
#include "supervisor/capture.h"

#define PAGE_SIZE ((size_t)4096)

enum { UNMAPPED = 1 };

static struct notification notification;

static uint64_t address_of(const void *pointer)
{
	return (uint64_t)(uintptr_t)pointer;
}

static void capture(int nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	memset(&notification, 0, sizeof(notification));
	notification.request.pid = (uint32_t)getpid();
	notification.request.data = (struct seccomp_data){
		.arch = AUDIT_ARCH_X86_64,
		.nr = nr,
		.args = { a, b, c, d, 0, 0 },
	};
	capture_arguments(&notification);
}

static void expect(unsigned index, enum capture_status status, const void *bytes, size_t length)
{
	const struct capture *found = &notification.captures[index];

	assert_int_equal(found->status, status);
	assert_int_equal(found->length, length);
	assert_true(found->length <= NOTIFICATION_BYTES - found->offset);
	assert_true(found->offset + found->length <= notification.used);
	if (length > 0)
		assert_memory_equal(notification.bytes + found->offset, bytes, length);
}

static void test_strings(void **state)
{
	(void)state;
	capture(SYS_mount, address_of("none"), address_of("/mnt"), address_of(""), 1);
	expect(0, CAPTURE_WHOLE, "none", 4);
	expect(1, CAPTURE_WHOLE, "/mnt", 4);
	expect(2, CAPTURE_WHOLE, "", 0);
	expect(3, CAPTURE_NONE, NULL, 0);
	expect(4, CAPTURE_NONE, NULL, 0); /* a NULL pointer */
	assert_int_equal(notification.used, 8);
}

static void test_nothing_to_read(void **state)
{
	(void)state;
	capture(SYS_socket, 2, 1, 6, 0);
	for (unsigned i = 0; i < 6; i++)
		expect(i, CAPTURE_NONE, NULL, 0);
	capture(100000, address_of("x"), 0, 0, 0); /* no name, no signature */
	expect(0, CAPTURE_NONE, NULL, 0);
}

static void test_bad_pointers(void **state)
{
	(void)state;
	capture(SYS_rename, UNMAPPED, address_of("/b"), 0, 0);
	expect(0, CAPTURE_UNREADABLE, NULL, 0);
	expect(1, CAPTURE_WHOLE, "/b", 2);
	capture(SYS_chdir, UINT64_MAX, 0, 0, 0);
	expect(0, CAPTURE_UNREADABLE, NULL, 0);
}

static void test_no_such_target(void **state)
{
	(void)state;
	memset(&notification, 0, sizeof(notification));
	notification.request.data.arch = AUDIT_ARCH_X86_64;
	notification.request.data.nr = SYS_chdir;
	notification.request.data.args[0] = address_of("/");
	capture_arguments(&notification); /* pid 0 */
	expect(0, CAPTURE_UNREADABLE, NULL, 0);
}

static void test_string_at_the_edge(void **state)
{
	char *page = mmap(NULL, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
	                  -1, 0);

	(void)state;
	assert_true(page != MAP_FAILED);
	assert_int_equal(munmap(page + PAGE_SIZE, PAGE_SIZE), 0);
	memset(page, 'x', PAGE_SIZE);
	capture(SYS_chdir, address_of(page) + PAGE_SIZE - 6, 0, 0, 0);
	expect(0, CAPTURE_UNREADABLE, NULL, 0);
	page[PAGE_SIZE - 1] = '\0';
	capture(SYS_chdir, address_of(page) + PAGE_SIZE - 6, 0, 0, 0);
	expect(0, CAPTURE_WHOLE, "xxxxx", 5);
	/* A buffer is shown as far as it can be read, a struct only whole. */
	capture(SYS_write, 1, address_of(page) + PAGE_SIZE - 6, 20, 0);
	expect(1, CAPTURE_CUT, "xxxxx\0", 6);
	capture(SYS_openat2, 0, 0, address_of(page) + PAGE_SIZE - 6, 24);
	expect(2, CAPTURE_UNREADABLE, NULL, 0);
	munmap(page, PAGE_SIZE);
}

static void test_budget(void **state)
{
	static char path[PATH_MAX];

	(void)state;
	memset(path, 'p', sizeof(path)); /* no NUL within PATH_MAX */
	capture(SYS_mount, address_of(path), address_of(path), address_of(path), 0);
	expect(0, CAPTURE_CUT, path, 1024);
	expect(1, CAPTURE_CUT, path, NOTIFICATION_BYTES - 1024 - 64);
	expect(2, CAPTURE_CUT, path, 64);
	notification.request.data.args[4] = address_of("rw");
	capture_arguments(&notification); /* again, over what was there */
	expect(1, CAPTURE_CUT, path, NOTIFICATION_BYTES - 1024 - 128);
	expect(2, CAPTURE_CUT, path, 64);
	expect(4, CAPTURE_WHOLE, "rw", 2);
	path[1023] = '\0';
	capture(SYS_chdir, address_of(path), 0, 0, 0);
	expect(0, CAPTURE_WHOLE, path, 1023);
	path[1023] = 'p';
	path[1024] = '\0';
	capture(SYS_chdir, address_of(path), 0, 0, 0);
	expect(0, CAPTURE_CUT, path, 1024);
}

static void test_hostile_lengths(void **state)
{
	static const struct {
		int nr;
		uint64_t length;
		enum capture_status status;
		size_t captured;
	} rows[] = {
		{ SYS_connect, 0, CAPTURE_WHOLE, 0 },
		{ SYS_connect, 1, CAPTURE_WHOLE, 1 },
		{ SYS_connect, 16, CAPTURE_WHOLE, 16 },
		{ SYS_connect, 128, CAPTURE_WHOLE, 128 },
		{ SYS_connect, 129, CAPTURE_CUT, 128 },
		{ SYS_connect, UINT32_MAX, CAPTURE_CUT, 128 },
		{ SYS_connect, 1ULL << 32 | 2, CAPTURE_WHOLE, 2 }, /* an int to the kernel */
		{ SYS_write, 64, CAPTURE_WHOLE, 64 },
		{ SYS_write, 65, CAPTURE_CUT, 64 },
		{ SYS_write, UINT64_MAX, CAPTURE_CUT, 64 },
		{ SYS_write, 1ULL << 32, CAPTURE_CUT, 64 }, /* a size_t to the kernel */
	};
	static char memory[PAGE_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(memory); i++)
		memory[i] = (char)i;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		capture(rows[i].nr, 3, address_of(memory), rows[i].length, 0);
		expect(1, rows[i].status, memory, rows[i].captured);
	}
	capture(SYS_connect, 3, UNMAPPED, 16, 0);
	expect(1, CAPTURE_UNREADABLE, NULL, 0);
}

static void test_structs(void **state)
{
	static struct clone_args clone_args[50] = { { .flags = CLONE_NEWUSER } };
	struct open_how how = { .flags = O_PATH, .resolve = RESOLVE_BENEATH };

	(void)state;
	capture(SYS_clone3, address_of(clone_args), 64, 0, 0);
	expect(0, CAPTURE_WHOLE, clone_args, 64);
	capture(SYS_clone3, address_of(clone_args), PAGE_SIZE, 0, 0);
	expect(0, CAPTURE_CUT, clone_args, 88);
	capture(SYS_openat2, 0, address_of("/"), address_of(&how), sizeof(how));
	expect(1, CAPTURE_WHOLE, "/", 1);
	expect(2, CAPTURE_WHOLE, &how, sizeof(how));
}

static void expect_nested(unsigned index, enum argument_type type, const void *address,
                          const void *bytes, size_t length)
{
	const struct nested_capture *nested = &notification.nested[index];

	assert_true(index < notification.n_nested);
	assert_int_equal(nested->type, type);
	assert_int_equal(nested->address, address_of(address));
	assert_int_equal(nested->capture.status, CAPTURE_WHOLE);
	assert_int_equal(nested->capture.length, length);
	assert_true(nested->capture.offset + length <= notification.used);
	assert_memory_equal(notification.bytes + nested->capture.offset, bytes, length);
}

static void test_argv(void **state)
{
	static const char *const argv[] = { "sh", "-c", NULL };
	static const char *const envp[] = { "SECRET=1", NULL };
	uint32_t count = 1;

	(void)state;
	capture(SYS_execve, address_of("/bin/sh"), address_of(argv), address_of(envp), 0);
	expect(0, CAPTURE_WHOLE, "/bin/sh", 7);
	expect(1, CAPTURE_WHOLE, argv, 16);
	expect(2, CAPTURE_WHOLE, &count, sizeof(count));
	assert_int_equal(notification.n_nested, 2);
	expect_nested(0, ARGUMENT_STRING, argv[0], "sh", 2);
	expect_nested(1, ARGUMENT_STRING, argv[1], "-c", 2);
	assert_null(memmem(notification.bytes, notification.used, "SECRET", 6));
}

/* Two levels: what a buffer of an iovec holds is not followed, whatever it is. */
static void test_msghdr(void **state)
{
	static char name[] = "\1\0/run/x";
	static char hello[] = "hello";
	struct iovec iov[] = { { hello, 5 }, { NULL, 7 } };
	struct msghdr header = {
		.msg_name = name, .msg_namelen = 8, .msg_iov = iov, .msg_iovlen = 2
	};

	(void)state;
	capture(SYS_sendmsg, 3, address_of(&header), 0, 0);
	expect(1, CAPTURE_WHOLE, &header, sizeof(header));
	assert_int_equal(notification.n_nested, 3);
	expect_nested(0, ARGUMENT_SOCKADDR, name, name, 8);
	expect_nested(1, ARGUMENT_IOVEC, iov, iov, sizeof(iov));
	expect_nested(2, ARGUMENT_BYTES, hello, "hello", 5);
	capture(SYS_recvmsg, 3, address_of(&header), 0, 0); /* to be filled in */
	assert_int_equal(notification.n_nested, 1);
}

static void test_hostile_nesting(void **state)
{
	struct msghdr header = { .msg_iov = (struct iovec *)&header, .msg_iovlen = SIZE_MAX };
	struct iovec many[100];
	static char bytes[PAGE_SIZE];

	(void)state;
	capture(SYS_sendmsg, 3, address_of(&header), 0, 0); /* it points to itself */
	assert_true(notification.n_nested <= NOTIFICATION_NESTED);
	for (size_t i = 0; i < ARRAY_SIZE(many); i++)
		many[i] = (struct iovec){ bytes, sizeof(bytes) };
	capture(SYS_writev, 3, address_of(many), ARRAY_SIZE(many), 0);
	expect(1, CAPTURE_CUT, many, 256);
	assert_int_equal(notification.n_nested, 16);
	assert_true(notification.used <= NOTIFICATION_BYTES);
	capture(SYS_writev, 3, address_of(many), 0, 0);
	expect(1, CAPTURE_WHOLE, NULL, 0);
	assert_int_equal(notification.n_nested, 0);
	many[0].iov_base = (void *)UNMAPPED;
	capture(SYS_writev, 3, address_of(many), 1, 0);
	assert_int_equal(notification.n_nested, 1);
	assert_int_equal(notification.nested[0].capture.status, CAPTURE_UNREADABLE);
}

/* An argument is read as the operation takes it, and not at all where it is a number. */
static void test_operations(void **state)
{
	int one = 1;

	(void)state;
	capture(SYS_ioctl, 3, 0x5421 /* FIONBIO */, address_of(&one), 0);
	expect(2, CAPTURE_WHOLE, &one, sizeof(one));
	capture(SYS_ioctl, 3, 0x40049409 /* FICLONE */, address_of(&one), 0);
	expect(2, CAPTURE_NONE, NULL, 0);
	capture(SYS_prctl, PR_SET_NAME, address_of("name"), 0, 0);
	expect(1, CAPTURE_WHOLE, "name", 4);
	capture(SYS_prctl, PR_SET_PDEATHSIG, address_of("name"), 0, 0);
	expect(1, CAPTURE_NONE, NULL, 0);
}

/* The first version of capset(2) has half as much. */
static void test_capabilities(void **state)
{
	uint32_t header[] = { 0x20080522, 0 };
	uint32_t sets[] = { 1, 2, 3, 4, 5, 6 };

	(void)state;
	capture(SYS_capset, address_of(header), address_of(sets), 0, 0);
	expect(1, CAPTURE_WHOLE, sets, 24);
	header[0] = 0x19980330;
	capture(SYS_capset, address_of(header), address_of(sets), 0, 0);
	expect(1, CAPTURE_WHOLE, sets, 12);
}

/* i386 has 32-bit pointers; whatever else the register holds is not part of them. */
static void test_i386(void **state)
{
	char *low = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE,
	                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	(void)state;
	assert_true(low != MAP_FAILED);
	memcpy(low, "/low", 5);
	memset(&notification, 0, sizeof(notification));
	notification.request.pid = (uint32_t)getpid();
	notification.request.data.arch = AUDIT_ARCH_I386;
	notification.request.data.nr = 12; /* chdir */
	notification.request.data.args[0] = address_of(low) | 1ULL << 40;
	capture_arguments(&notification);
	expect(0, CAPTURE_WHOLE, "/low", 4);
	notification.request.data.args[0] = 1ULL << 40; /* NULL */
	capture_arguments(&notification);
	expect(0, CAPTURE_NONE, NULL, 0);
	/* Its timespec is laid out otherwise, its epoll_event is not. */
	notification.request.data.nr = 162; /* nanosleep */
	notification.request.data.args[0] = address_of(low);
	capture_arguments(&notification);
	expect(0, CAPTURE_NONE, NULL, 0);
	notification.request.data.nr = 187; /* sendfile: its offset has 32 bits */
	notification.request.data.args[2] = address_of(low);
	capture_arguments(&notification);
	expect(2, CAPTURE_NONE, NULL, 0);
	notification.request.data.nr = 255; /* epoll_ctl */
	notification.request.data.args[3] = address_of(low);
	capture_arguments(&notification);
	expect(3, CAPTURE_WHOLE, low, 12);
	munmap(low, PAGE_SIZE);
}

/* The first worker may have been caught in this memory: the second does not touch it. */
static void test_second_attempt(void **state)
{
	(void)state;
	capture(SYS_rename, address_of("/a"), 0, 0, 0);
	for (uint32_t attempts = 0; attempts < 4; attempts++) {
		notification.attempts = attempts;
		capture_arguments(&notification);
		if (attempts < 2)
			expect(0, CAPTURE_WHOLE, "/a", 2);
		else
			expect(0, CAPTURE_UNREADABLE, NULL, 0);
		expect(1, CAPTURE_NONE, NULL, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_nothing_to_read),
		cmocka_unit_test(test_bad_pointers),
		cmocka_unit_test(test_no_such_target),
		cmocka_unit_test(test_string_at_the_edge),
		cmocka_unit_test(test_budget),
		cmocka_unit_test(test_hostile_lengths),
		cmocka_unit_test(test_structs),
		cmocka_unit_test(test_argv),
		cmocka_unit_test(test_msghdr),
		cmocka_unit_test(test_hostile_nesting),
		cmocka_unit_test(test_operations),
		cmocka_unit_test(test_capabilities),
		cmocka_unit_test(test_i386),
		cmocka_unit_test(test_second_attempt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
