/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/changes/severity.h"

#include <linux/sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "common/err.h"
#include "profiles/arguments/call_test.h"
#include "profiles/knowledge.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

/* Bits that make namespaces. In clone(2) the low byte is a signal, so NEWTIME is not among them. */
#define NEW_NAMESPACES                                                                             \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |             \
	 CLONE_NEWPID | CLONE_NEWNET)

struct severity_row {
	const char *name;
	enum severity severity;
	const char *why;
	struct call_test test;
};

#define MOUNTS "mounts reach files that are not the container's, and what parses file systems"
#define NAMESPACES                                                                                 \
	"in new namespaces a process has capabilities, and reaches much more of the kernel"
#define MODULES "code in the kernel owns the host"
#define KEYS "the kernel's keyrings are shared by all containers, and have had many holes"
#define URING "what is done through io_uring passes every seccomp filter by"
#define OTHERS "reads or steers other processes of the same user"
#define CLOCK "host and containers have one clock"
#define PORTS "I/O ports reach the hardware past the kernel"
#define NUMA "memory placement is felt beyond the container"
#define TERMINAL "types into the terminal that the process was started from"

/* Of several rows of one name the first whose test holds. */
static const struct severity_row rows[] = {
	{ "mount", SEVERITY_HIGH, MOUNTS, { 0 } },
	{ "umount", SEVERITY_HIGH, MOUNTS, { 0 } },
	{ "umount2", SEVERITY_HIGH, MOUNTS, { 0 } },
	{ "move_mount", SEVERITY_HIGH, MOUNTS, { 0 } },
	{ "open_tree", SEVERITY_HIGH, MOUNTS, { 0 } },
	{ "open_tree_attr", SEVERITY_HIGH, MOUNTS, { 0 } },
	{ "fsopen", SEVERITY_HIGH, MOUNTS, { 0 } },
	{ "fsconfig", SEVERITY_HIGH, MOUNTS, { 0 } },
	{ "fsmount", SEVERITY_HIGH, MOUNTS, { 0 } },
	{ "fspick", SEVERITY_HIGH, MOUNTS, { 0 } },
	{ "mount_setattr", SEVERITY_HIGH, MOUNTS, { 0 } },
	{ "pivot_root", SEVERITY_HIGH, MOUNTS, { 0 } },
	{ "open_by_handle_at",
	  SEVERITY_HIGH,
	  "opens files outside the container's tree by number",
	  { 0 } },
	{ "unshare",
	  SEVERITY_HIGH,
	  NAMESPACES,
	  { TEST_ANY_OF, 0, NEW_NAMESPACES | CLONE_NEWTIME } },
	{ "clone", SEVERITY_HIGH, NAMESPACES, { TEST_ANY_OF, 0, NEW_NAMESPACES } },
	{ "clone3", SEVERITY_HIGH, NAMESPACES, { 0 } },
	{ "setns", SEVERITY_HIGH, "joins the namespaces of others, the host's too", { 0 } },
	{ "create_module", SEVERITY_HIGH, MODULES, { 0 } },
	{ "init_module", SEVERITY_HIGH, MODULES, { 0 } },
	{ "finit_module", SEVERITY_HIGH, MODULES, { 0 } },
	{ "delete_module", SEVERITY_HIGH, MODULES, { 0 } },
	{ "kexec_load", SEVERITY_HIGH, MODULES, { 0 } },
	{ "kexec_file_load", SEVERITY_HIGH, MODULES, { 0 } },
	{ "reboot", SEVERITY_HIGH, "outside a PID namespace it ends the host", { 0 } },
	{ "bpf", SEVERITY_HIGH, "programs in the kernel see and change what others do", { 0 } },
	{ "perf_event_open", SEVERITY_HIGH, "measures other processes and the kernel", { 0 } },
	{ "ptrace", SEVERITY_HIGH, OTHERS, { 0 } },
	{ "process_vm_readv", SEVERITY_HIGH, OTHERS, { 0 } },
	{ "process_vm_writev", SEVERITY_HIGH, OTHERS, { 0 } },
	{ "pidfd_getfd", SEVERITY_HIGH, OTHERS, { 0 } },
	{ "keyctl", SEVERITY_HIGH, KEYS, { 0 } },
	{ "add_key", SEVERITY_HIGH, KEYS, { 0 } },
	{ "request_key", SEVERITY_HIGH, KEYS, { 0 } },
	{ "userfaultfd",
	  SEVERITY_HIGH,
	  "holds the kernel up in the middle of its work, which makes its races easy to win",
	  { 0 } },
	{ "io_uring_setup", SEVERITY_HIGH, URING, { 0 } },
	{ "io_uring_enter", SEVERITY_HIGH, URING, { 0 } },
	{ "io_uring_register", SEVERITY_HIGH, URING, { 0 } },
	{ "iopl", SEVERITY_HIGH, PORTS, { 0 } },
	{ "ioperm", SEVERITY_HIGH, PORTS, { 0 } },
	{ "socket",
	  SEVERITY_HIGH,
	  "the kernel's cryptography has been a way into it",
	  { TEST_EQUALS, 0, AF_ALG } },
	{ "socket",
	  SEVERITY_MEDIUM,
	  "reaches the hypervisor, past network namespaces",
	  { TEST_EQUALS, 0, AF_VSOCK } },
	{ "socketcall",
	  SEVERITY_MEDIUM,
	  "no filter sees which address family it asks for",
	  { TEST_EQUALS, 0, 1 /* SYS_SOCKET */ } },
	{ "ioctl", SEVERITY_HIGH, TERMINAL, { TEST_EQUALS, 1, TIOCSTI } },
	{ "ioctl", SEVERITY_HIGH, TERMINAL, { TEST_EQUALS, 1, TIOCLINUX } },
	{ "clock_settime", SEVERITY_MEDIUM, CLOCK, { 0 } },
	{ "clock_settime64", SEVERITY_MEDIUM, CLOCK, { 0 } },
	{ "settimeofday", SEVERITY_MEDIUM, CLOCK, { 0 } },
	{ "stime", SEVERITY_MEDIUM, CLOCK, { 0 } },
	{ "mbind", SEVERITY_MEDIUM, NUMA, { 0 } },
	{ "set_mempolicy", SEVERITY_MEDIUM, NUMA, { 0 } },
	{ "move_pages", SEVERITY_MEDIUM, NUMA, { 0 } },
	{ "migrate_pages", SEVERITY_MEDIUM, NUMA, { 0 } },
	{ "chroot",
	  SEVERITY_MEDIUM,
	  "a root directory of its own hides set-user-ID programs' files",
	  { 0 } },
};

/* What no row says: a name that is blocked on purpose, or that has none, may do more than known. */
static enum severity severity_by_knowledge(const char *syscall_name, const char **ret_why)
{
	const struct knowledge *knowledge = knowledge_find(syscall_name);

	if (knowledge)
		*ret_why = knowledge->why;
	else if (strncmp(syscall_name, "syscall_", strlen("syscall_")) == 0)
		*ret_why = "nothing is known of a number without a name";
	return *ret_why ? SEVERITY_MEDIUM : SEVERITY_LOW;
}

enum severity severity_of(const char *syscall_name, const struct seccomp_data *call,
                          const char **ret_why)
{
	const char *unused, **why = ret_why ? ret_why : &unused;
	bool named = false;

	*why = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strcmp(rows[i].name, syscall_name) != 0)
			continue;
		named = true;
		if (call && !call_test_holds(&rows[i].test, call))
			continue;
		*why = rows[i].why;
		return rows[i].severity;
	}
	return named ? SEVERITY_LOW : severity_by_knowledge(syscall_name, why);
}

const char *severity_name(enum severity severity)
{
	static const char *const names[] = {
		[SEVERITY_LOW] = "low",
		[SEVERITY_MEDIUM] = "medium",
		[SEVERITY_HIGH] = "high",
	};

	return names[severity];
}
