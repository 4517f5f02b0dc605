/* SPDX-License-Identifier: Apache-2.0 */
/* Constants of the calls on processes: their birth, namespaces, identity, scheduling and limits. */
#include "profiles/arguments/constants_rows.h"

#include <linux/futex.h>
#include <linux/kcmp.h>
#include <linux/membarrier.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

/* clone's low byte is a signal and is taken away first; unshare has CLONE_NEWTIME there. */
const struct constant constants_clone[] = {
	NAME(CLONE_NEWTIME),
	NAME(CLONE_VM),
	NAME(CLONE_FS),
	NAME(CLONE_FILES),
	NAME(CLONE_SIGHAND),
	NAME(CLONE_PIDFD),
	NAME(CLONE_PTRACE),
	NAME(CLONE_VFORK),
	NAME(CLONE_PARENT),
	NAME(CLONE_THREAD),
	NAME(CLONE_NEWNS),
	NAME(CLONE_SYSVSEM),
	NAME(CLONE_SETTLS),
	NAME(CLONE_PARENT_SETTID),
	NAME(CLONE_CHILD_CLEARTID),
	NAME(CLONE_DETACHED),
	NAME(CLONE_UNTRACED),
	NAME(CLONE_CHILD_SETTID),
	NAME(CLONE_NEWCGROUP),
	NAME(CLONE_NEWUTS),
	NAME(CLONE_NEWIPC),
	NAME(CLONE_NEWUSER),
	NAME(CLONE_NEWPID),
	NAME(CLONE_NEWNET),
	NAME(CLONE_IO),
	NAME(CLONE_CLEAR_SIGHAND),
	NAME(CLONE_INTO_CGROUP),
	END,
};

const struct constant constants_wait[] = {
	NAME(WNOHANG),
	NAME(WUNTRACED),
	NAME(WEXITED),
	NAME(WCONTINUED),
	NAME(WNOWAIT),
	VALUE("__WNOTHREAD", 0x20000000),
	VALUE("__WALL", 0x40000000),
	VALUE("__WCLONE", 0x80000000),
	END,
};

const struct constant constants_waitid[] = {
	NAME(P_ALL), NAME(P_PID), NAME(P_PGID), NAME(P_PIDFD), END,
};

const struct constant constants_pidfd[] = {
	VALUE("AT_FDCWD", (uint64_t)-100),
	VALUE("PIDFD_SELF_THREAD", (uint64_t)-10000),
	VALUE("PIDFD_SELF_THREAD_GROUP", (uint64_t)-10001),
	END,
};

const struct constant constants_pidfd_open[] = {
	VALUE("PIDFD_NONBLOCK", 04000),
	VALUE("PIDFD_THREAD", 0200),
	END,
};

const struct constant constants_pidfd_signal[] = {
	VALUE("PIDFD_SIGNAL_THREAD", 0x1),
	VALUE("PIDFD_SIGNAL_THREAD_GROUP", 0x2),
	VALUE("PIDFD_SIGNAL_PROCESS_GROUP", 0x4),
	END,
};

const struct constant constants_kcmp[] = {
	NAME(KCMP_FILE),    NAME(KCMP_VM),        NAME(KCMP_FILES),
	NAME(KCMP_FS),      NAME(KCMP_SIGHAND),   NAME(KCMP_IO),
	NAME(KCMP_SYSVSEM), NAME(KCMP_EPOLL_TFD), END,
};

const struct constant constants_sigprocmask[] = {
	NAME(SIG_BLOCK),
	NAME(SIG_UNBLOCK),
	NAME(SIG_SETMASK),
	END,
};

const struct constant constants_itimer[] = {
	NAME(ITIMER_REAL),
	NAME(ITIMER_VIRTUAL),
	NAME(ITIMER_PROF),
	END,
};

const struct constant constants_clock[] = {
	NAME(CLOCK_REALTIME),          NAME(CLOCK_MONOTONIC),     NAME(CLOCK_PROCESS_CPUTIME_ID),
	NAME(CLOCK_THREAD_CPUTIME_ID), NAME(CLOCK_MONOTONIC_RAW), NAME(CLOCK_REALTIME_COARSE),
	NAME(CLOCK_MONOTONIC_COARSE),  NAME(CLOCK_BOOTTIME),      NAME(CLOCK_REALTIME_ALARM),
	NAME(CLOCK_BOOTTIME_ALARM),    NAME(CLOCK_TAI),           END,
};

const struct constant constants_timer[] = {
	NAME(TIMER_ABSTIME),
	END,
};

const struct constant constants_rlimit[] = {
	NAME(RLIMIT_CPU),
	NAME(RLIMIT_FSIZE),
	NAME(RLIMIT_DATA),
	NAME(RLIMIT_STACK),
	NAME(RLIMIT_CORE),
	NAME(RLIMIT_RSS),
	NAME(RLIMIT_NPROC),
	NAME(RLIMIT_NOFILE),
	NAME(RLIMIT_MEMLOCK),
	NAME(RLIMIT_AS),
	NAME(RLIMIT_LOCKS),
	NAME(RLIMIT_SIGPENDING),
	NAME(RLIMIT_MSGQUEUE),
	NAME(RLIMIT_NICE),
	NAME(RLIMIT_RTPRIO),
	NAME(RLIMIT_RTTIME),
	END,
};

const struct constant constants_rusage[] = {
	NAME(RUSAGE_SELF),
	NAME(RUSAGE_CHILDREN),
	NAME(RUSAGE_THREAD),
	END,
};

const struct constant constants_priority[] = {
	NAME(PRIO_PROCESS),
	NAME(PRIO_PGRP),
	NAME(PRIO_USER),
	END,
};

const struct constant constants_ioprio[] = {
	VALUE("IOPRIO_WHO_PROCESS", 1),
	VALUE("IOPRIO_WHO_PGRP", 2),
	VALUE("IOPRIO_WHO_USER", 3),
	END,
};

/* SCHED_RESET_ON_FORK may be or'ed into the policy. */
#define POLICY (~SCHED_RESET_ON_FORK & 0xffffffff)

const struct constant constants_sched[] = {
	NAME(SCHED_RESET_ON_FORK),
	FIELD_VALUE("SCHED_OTHER", SCHED_NORMAL, POLICY),
	FIELD(SCHED_FIFO, POLICY),
	FIELD(SCHED_RR, POLICY),
	FIELD(SCHED_BATCH, POLICY),
	FIELD(SCHED_IDLE, POLICY),
	FIELD(SCHED_DEADLINE, POLICY),
	FIELD_VALUE("SCHED_EXT", 7, POLICY),
	END,
};

/* Asking for the present persona is 0xffffffff, which is no set of flags; so it keeps its digits.
 */
const struct constant constants_personality[] = {
	FIELD_VALUE("0xffffffff", 0xffffffff, 0xffffffff),
	FIELD_VALUE("PER_LINUX", 0, 0xff),
	FIELD_VALUE("PER_SVR4", 1, 0xff),
	FIELD_VALUE("PER_SVR3", 2, 0xff),
	FIELD_VALUE("PER_OSR5", 3, 0xff),
	FIELD_VALUE("PER_WYSEV386", 4, 0xff),
	FIELD_VALUE("PER_ISCR4", 5, 0xff),
	FIELD_VALUE("PER_BSD", 6, 0xff),
	FIELD_VALUE("PER_XENIX", 7, 0xff),
	FIELD_VALUE("PER_LINUX32", 8, 0xff),
	FIELD_VALUE("PER_IRIX32", 9, 0xff),
	FIELD_VALUE("PER_IRIXN32", 10, 0xff),
	FIELD_VALUE("PER_IRIX64", 11, 0xff),
	FIELD_VALUE("PER_RISCOS", 12, 0xff),
	FIELD_VALUE("PER_SOLARIS", 13, 0xff),
	FIELD_VALUE("PER_UW7", 14, 0xff),
	FIELD_VALUE("PER_OSF4", 15, 0xff),
	FIELD_VALUE("PER_HPUX", 16, 0xff),
	NAME(UNAME26),
	NAME(ADDR_NO_RANDOMIZE),
	NAME(FDPIC_FUNCPTRS),
	NAME(MMAP_PAGE_ZERO),
	NAME(ADDR_COMPAT_LAYOUT),
	NAME(READ_IMPLIES_EXEC),
	NAME(ADDR_LIMIT_32BIT),
	NAME(SHORT_INODE),
	NAME(WHOLE_SECONDS),
	NAME(STICKY_TIMEOUTS),
	NAME(ADDR_LIMIT_3GB),
	END,
};

const struct constant constants_seccomp[] = {
	NAME(SECCOMP_SET_MODE_STRICT),
	NAME(SECCOMP_SET_MODE_FILTER),
	NAME(SECCOMP_GET_ACTION_AVAIL),
	NAME(SECCOMP_GET_NOTIF_SIZES),
	END,
};

const struct constant constants_seccomp_flags[] = {
	NAME(SECCOMP_FILTER_FLAG_TSYNC),
	NAME(SECCOMP_FILTER_FLAG_LOG),
	NAME(SECCOMP_FILTER_FLAG_SPEC_ALLOW),
	NAME(SECCOMP_FILTER_FLAG_NEW_LISTENER),
	NAME(SECCOMP_FILTER_FLAG_TSYNC_ESRCH),
	VALUE("SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", 0x20),
	END,
};

/* With the flag for memory of one process a command has a name of its own. */
#define FUTEX_COMMAND 0xff
/* clang-format off */
#define COMMAND(name) \
	FIELD_VALUE(#name, name, FUTEX_COMMAND), \
	FIELD_VALUE(#name "_PRIVATE", name | FUTEX_PRIVATE_FLAG, FUTEX_COMMAND)
/* clang-format on */

const struct constant constants_futex[] = {
	COMMAND(FUTEX_WAIT),
	COMMAND(FUTEX_WAKE),
	COMMAND(FUTEX_FD),
	COMMAND(FUTEX_REQUEUE),
	COMMAND(FUTEX_CMP_REQUEUE),
	COMMAND(FUTEX_WAKE_OP),
	COMMAND(FUTEX_LOCK_PI),
	COMMAND(FUTEX_UNLOCK_PI),
	COMMAND(FUTEX_TRYLOCK_PI),
	COMMAND(FUTEX_WAIT_BITSET),
	COMMAND(FUTEX_WAKE_BITSET),
	COMMAND(FUTEX_WAIT_REQUEUE_PI),
	COMMAND(FUTEX_CMP_REQUEUE_PI),
	FIELD_VALUE("FUTEX_LOCK_PI2", 13, FUTEX_COMMAND),
	FIELD_VALUE("FUTEX_LOCK_PI2_PRIVATE", 13 | FUTEX_PRIVATE_FLAG, FUTEX_COMMAND),
	NAME(FUTEX_PRIVATE_FLAG),
	NAME(FUTEX_CLOCK_REALTIME),
	END,
};

/* Of futex_wait and its kin: the size of the word is a field. */
const struct constant constants_futex2[] = {
	FIELD_VALUE("FUTEX2_SIZE_U8", 0, 3),
	FIELD_VALUE("FUTEX2_SIZE_U16", 1, 3),
	FIELD_VALUE("FUTEX2_SIZE_U32", 2, 3),
	FIELD_VALUE("FUTEX2_SIZE_U64", 3, 3),
	VALUE("FUTEX2_NUMA", 0x4),
	VALUE("FUTEX2_MPOL", 0x8),
	VALUE("FUTEX2_PRIVATE", 0x80),
	END,
};

const struct constant constants_membarrier[] = {
	NAME(MEMBARRIER_CMD_QUERY),
	NAME(MEMBARRIER_CMD_GLOBAL),
	NAME(MEMBARRIER_CMD_GLOBAL_EXPEDITED),
	NAME(MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED),
	NAME(MEMBARRIER_CMD_PRIVATE_EXPEDITED),
	NAME(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED),
	NAME(MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE),
	NAME(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE),
	NAME(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ),
	NAME(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ),
	VALUE("MEMBARRIER_CMD_GET_REGISTRATIONS", 0x200),
	END,
};

const struct constant constants_rseq[] = {
	VALUE("RSEQ_FLAG_UNREGISTER", 0x1),
	END,
};

const struct constant constants_id[] = {
	VALUE("-1", 0xffffffff),
	END,
};
