/* SPDX-License-Identifier: Apache-2.0 */
/* Structs of time, signals, scheduling, limits, credentials, memory, and lists of numbers. */
#include "profiles/arguments/signature_structs.h"

#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <linux/sched/types.h>
#include <linux/time_types.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>
#include <utime.h>

/* The kernel's, where glibc has its own. */
struct kernel_sigaction {
	uint64_t handler, flags, restorer, mask;
};

struct kernel_siginfo {
	int32_t signo, error, code, pad, pid, uid;
	uint64_t value;
};

struct kernel_sigevent {
	uint64_t value;
	int32_t signo, notify, tid;
};

struct kernel_sigset_argument {
	uint64_t set, size;
};

struct kernel_user_desc {
	uint32_t entry_number, base_addr, limit, flags;
};

struct kernel_futex_waitv {
	uint64_t val, uaddr;
	uint32_t flags, reserved;
};

struct kernel_range {
	uint64_t start, len;
};

struct kernel_msgbuf {
	int64_t mtype;
};

struct kernel_sembuf {
	uint16_t num;
	int16_t op, flg;
};

static const struct field argv[] = { PART(0, 8, true, STRING("")) };
static const struct field character[] = { PART(0, 1, true, { "", ARGUMENT_NAME, 0, NULL }) };
static const struct field int_value[] = { PART(0, 4, true, INT("")) };
static const struct field groups[] = { PART(0, 4, true, ID("")) };
static const struct field offset[] = { PART(0, 8, true, LONG("")) };
static const struct field signals[] = { PART(0, 8, true, { "", ARGUMENT_SIGSET, 0, NULL }) };
static const struct field cpu_set[] = { PART(0, 128, true, { "", ARGUMENT_BITSET, 0, NULL }) };
static const struct field action[] = { PART(0, 4, true, ENUM("", seccomp_action)) };

static const struct field cap_header[] = {
	MEMBER(struct __user_cap_header_struct, version, true, ENUM("version", cap_version)),
	MEMBER(struct __user_cap_header_struct, pid, true, PID("pid")),
};

/* Two of them: the first has the low halves, the second the high ones. */
#define CAPABILITIES(name)                                                                         \
	{                                                                                          \
		name, ARGUMENT_CAPABILITIES, 0, constants_capability_bits                          \
	}
static const struct field cap_data[] = {
	MEMBER(struct __user_cap_data_struct, effective, true, CAPABILITIES("effective")),
	MEMBER(struct __user_cap_data_struct, permitted, true, CAPABILITIES("permitted")),
	MEMBER(struct __user_cap_data_struct, inheritable, true, CAPABILITIES("inheritable")),
};

static const struct field clone_args[] = {
	MEMBER(struct clone_args, flags, true, FLAGS64("flags", clone)),
	MEMBER(struct clone_args, pidfd, false, ADDRESS("pidfd")),
	MEMBER(struct clone_args, child_tid, false, ADDRESS("child_tid")),
	MEMBER(struct clone_args, parent_tid, false, ADDRESS("parent_tid")),
	MEMBER(struct clone_args, exit_signal, true, SIGNAL("exit_signal")),
	MEMBER(struct clone_args, stack, true, ADDRESS("stack")),
	MEMBER(struct clone_args, stack_size, true, HEX("stack_size")),
	MEMBER(struct clone_args, tls, false, ADDRESS("tls")),
	MEMBER(struct clone_args, set_tid, false, STRUCT("set_tid", PID_LIST, 9)),
	MEMBER(struct clone_args, set_tid_size, false, SIZE("set_tid_size")),
	MEMBER(struct clone_args, cgroup, false, FD("cgroup")),
};

static const struct field futex_waitv[] = {
	MEMBER(struct kernel_futex_waitv, val, true, SIZE("val")),
	MEMBER(struct kernel_futex_waitv, uaddr, true, ADDRESS("uaddr")),
	MEMBER(struct kernel_futex_waitv, flags, true, FLAGS("flags", futex2)),
};

static const struct field timespec[] = {
	MEMBER(struct timespec, tv_sec, true, LONG("tv_sec")),
	MEMBER(struct timespec, tv_nsec, true,
	       { "tv_nsec", ARGUMENT_LONG, 0, constants_utime_nsec }),
};

static const struct field timespecs[] = {
	PART(0, sizeof(struct timespec), true, ONE("0", TIMESPEC)),
	PART(sizeof(struct timespec), sizeof(struct timespec), true, ONE("1", TIMESPEC)),
};

static const struct field itimerspec[] = {
	MEMBER(struct itimerspec, it_interval, true, ONE("it_interval", TIMESPEC)),
	MEMBER(struct itimerspec, it_value, true, ONE("it_value", TIMESPEC)),
};

static const struct field timeval[] = {
	MEMBER(struct timeval, tv_sec, true, LONG("tv_sec")),
	MEMBER(struct timeval, tv_usec, true, LONG("tv_usec")),
};

static const struct field timevals[] = {
	PART(0, sizeof(struct timeval), true, ONE("0", TIMEVAL)),
	PART(sizeof(struct timeval), sizeof(struct timeval), true, ONE("1", TIMEVAL)),
};

static const struct field itimerval[] = {
	MEMBER(struct itimerval, it_interval, true, ONE("it_interval", TIMEVAL)),
	MEMBER(struct itimerval, it_value, true, ONE("it_value", TIMEVAL)),
};

static const struct field utimbuf[] = {
	MEMBER(struct utimbuf, actime, true, LONG("actime")),
	MEMBER(struct utimbuf, modtime, true, LONG("modtime")),
};

#define LIMIT(name)                                                                                \
	{                                                                                          \
		name, ARGUMENT_SIZE, 0, constants_rlim64                                           \
	}
static const struct field rlimit[] = {
	MEMBER(struct rlimit, rlim_cur, true, LIMIT("rlim_cur")),
	MEMBER(struct rlimit, rlim_max, true, LIMIT("rlim_max")),
};

static const struct field rlimit64[] = {
	MEMBER(struct rlimit64, rlim_cur, true, LIMIT("rlim_cur")),
	MEMBER(struct rlimit64, rlim_max, true, LIMIT("rlim_max")),
};

static const struct field sched_attr[] = {
	MEMBER(struct sched_attr, size, true, UINT("size")),
	MEMBER(struct sched_attr, sched_policy, true, ENUM("sched_policy", sched)),
	MEMBER(struct sched_attr, sched_flags, true, FLAGS64("sched_flags", sched_flags)),
	MEMBER(struct sched_attr, sched_nice, true, INT("sched_nice")),
	MEMBER(struct sched_attr, sched_priority, true, UINT("sched_priority")),
	MEMBER(struct sched_attr, sched_runtime, true, SIZE("sched_runtime")),
	MEMBER(struct sched_attr, sched_deadline, true, SIZE("sched_deadline")),
	MEMBER(struct sched_attr, sched_period, true, SIZE("sched_period")),
	MEMBER(struct sched_attr, sched_util_min, false, UINT("sched_util_min")),
	MEMBER(struct sched_attr, sched_util_max, false, UINT("sched_util_max")),
};

#define SIGNALS(name)                                                                              \
	{                                                                                          \
		name, ARGUMENT_SIGSET, 0, NULL                                                     \
	}
static const struct field sigaction_fields[] = {
	MEMBER(struct kernel_sigaction, handler, true,
	       { "sa_handler", ARGUMENT_ADDRESS, 0, constants_signal_handler }),
	MEMBER(struct kernel_sigaction, mask, true, SIGNALS("sa_mask")),
	MEMBER(struct kernel_sigaction, flags, true, FLAGS64("sa_flags", sigaction_flags)),
	MEMBER(struct kernel_sigaction, restorer, false, ADDRESS("sa_restorer")),
};

static const struct field sigaltstack_fields[] = {
	MEMBER(stack_t, ss_sp, true, ADDRESS("ss_sp")),
	MEMBER(stack_t, ss_flags, true, FLAGS("ss_flags", sigaltstack_flags)),
	MEMBER(stack_t, ss_size, true, SIZE("ss_size")),
};

static const struct field sigval[] = {
	PART(0, 4, true, INT("sival_int")),
	PART(0, 8, true, ADDRESS("sival_ptr")),
};

static const struct field sigevent[] = {
	MEMBER(struct kernel_sigevent, value, true, ONE("sigev_value", SIGVAL)),
	MEMBER(struct kernel_sigevent, signo, true, SIGNAL("sigev_signo")),
	MEMBER(struct kernel_sigevent, notify, true, ENUM("sigev_notify", sigev_notify)),
	MEMBER(struct kernel_sigevent, tid, false, PID("sigev_notify_thread_id")),
};

static const struct field siginfo[] = {
	MEMBER(struct kernel_siginfo, signo, true, SIGNAL("si_signo")),
	MEMBER(struct kernel_siginfo, code, true, ENUM("si_code", si_code)),
	MEMBER(struct kernel_siginfo, error, false, INT("si_errno")),
	MEMBER(struct kernel_siginfo, pid, true, PID("si_pid")),
	MEMBER(struct kernel_siginfo, uid, true, UINT("si_uid")),
	PART(offsetof(struct kernel_siginfo, value), 4, true, INT("si_int")),
	MEMBER(struct kernel_siginfo, value, true, ADDRESS("si_ptr")),
};

static const struct field sigset_argument[] = {
	MEMBER(struct kernel_sigset_argument, set, true, STRUCT("sigmask", SIGSET_LIST, 1)),
	MEMBER(struct kernel_sigset_argument, size, true, SIZE("sigsetsize")),
};

static const struct field sock_fprog[] = {
	MEMBER(struct sock_fprog, len, true, UINT("len")),
	MEMBER(struct sock_fprog, filter, true, ADDRESS("filter")),
};

static const struct field user_desc[] = {
	MEMBER(struct kernel_user_desc, entry_number, true, INT("entry_number")),
	MEMBER(struct kernel_user_desc, base_addr, true, HEX("base_addr")),
	MEMBER(struct kernel_user_desc, limit, true, HEX("limit")),
	MEMBER(struct kernel_user_desc, flags, true, HEX("flags")),
};

static const struct field range[] = {
	MEMBER(struct kernel_range, start, true, HEX("start")),
	MEMBER(struct kernel_range, len, true, HEX("len")),
};

static const struct field msgbuf[] = {
	MEMBER(struct kernel_msgbuf, mtype, true, LONG("mtype")),
};

static const struct field sembuf[] = {
	MEMBER(struct kernel_sembuf, num, true, UINT("sem_num")),
	MEMBER(struct kernel_sembuf, op, true, INT("sem_op")),
	MEMBER(struct kernel_sembuf, flg, true, FLAGS("sem_flg", sem_flags)),
};

static const struct field perf_attr[] = {
	MEMBER(struct perf_event_attr, type, true, ENUM("type", perf_type)),
	MEMBER(struct perf_event_attr, size, true, ENUM("size", perf_attr_size)),
	MEMBER(struct perf_event_attr, config, true, HEX("config")),
	MEMBER(struct perf_event_attr, sample_period, true, SIZE("sample_period")),
	MEMBER(struct perf_event_attr, sample_type, true, HEX("sample_type")),
	MEMBER(struct perf_event_attr, read_format, true, HEX("read_format")),
	/* Bit by bit a member each: disabled, inherit, pinned, exclusive, exclude_user, ... */
	PART(offsetof(struct perf_event_attr, read_format) + 8, 8, true, HEX("flags")),
	MEMBER(struct perf_event_attr, wakeup_events, false, UINT("wakeup_events")),
	MEMBER(struct perf_event_attr, bp_type, false, HEX("bp_type")),
	MEMBER(struct perf_event_attr, config1, false, HEX("config1")),
	MEMBER(struct perf_event_attr, config2, false, HEX("config2")),
	MEMBER(struct perf_event_attr, branch_sample_type, false, HEX("branch_sample_type")),
};

const struct layout layouts_processes[ARGUMENT_TYPE_COUNT] = {
	[ARGUMENT_ARGV] = LAYOUT("argv", 8, argv, TERMINATED, LIST, WIDE),
	[ARGUMENT_CAP_DATA] = LAYOUT("cap_data", 2 * sizeof(struct __user_cap_data_struct),
	                             cap_data, ONE, STRUCT, COMPAT),
	[ARGUMENT_CAP_HEADER] = LAYOUT("cap_header", sizeof(struct __user_cap_header_struct),
	                               cap_header, ONE, STRUCT, COMPAT),
	[ARGUMENT_CHAR] = LAYOUT("char", 1, character, ONE, BARE, COMPAT),
	[ARGUMENT_CLONE_ARGS] =
		LAYOUT("clone_args", sizeof(struct clone_args), clone_args, SIZED, STRUCT, COMPAT),
	[ARGUMENT_CPU_SET] = LAYOUT("cpu_set", 128, cpu_set, SIZED, BARE, COMPAT),
	[ARGUMENT_FUTEX_WAITV] = LAYOUT("futex_waitv", sizeof(struct kernel_futex_waitv),
	                                futex_waitv, COUNTED, STRUCT, COMPAT),
	[ARGUMENT_GROUPS] = LAYOUT("gids", 4, groups, COUNTED, LIST, COMPAT),
	[ARGUMENT_INT_VALUE] = LAYOUT("int", 4, int_value, ONE, LIST, COMPAT),
	[ARGUMENT_ITIMERSPEC] =
		LAYOUT("itimerspec", sizeof(struct itimerspec), itimerspec, ONE, STRUCT, WIDE),
	[ARGUMENT_ITIMERSPEC64] =
		LAYOUT("itimerspec", sizeof(struct itimerspec), itimerspec, ONE, STRUCT, COMPAT),
	[ARGUMENT_ITIMERVAL] =
		LAYOUT("itimerval", sizeof(struct itimerval), itimerval, ONE, STRUCT, WIDE),
	[ARGUMENT_MSGBUF] =
		LAYOUT("msgbuf", sizeof(struct kernel_msgbuf), msgbuf, ONE, STRUCT, WIDE),
	[ARGUMENT_OFFSET] = LAYOUT("offset", 8, offset, ONE, LIST, COMPAT),
	[ARGUMENT_PERF_ATTR] = SELF_SIZED("perf_event_attr", 80, perf_attr,
	                                  offsetof(struct perf_event_attr, size)),
	[ARGUMENT_PID_LIST] = LAYOUT("pids", 4, int_value, COUNTED, LIST, COMPAT),
	[ARGUMENT_RANGE] = LAYOUT("range", sizeof(struct kernel_range), range, ONE, STRUCT, COMPAT),
	[ARGUMENT_RLIMIT] = LAYOUT("rlimit", sizeof(struct rlimit), rlimit, ONE, STRUCT, WIDE),
	[ARGUMENT_RLIMIT64] =
		LAYOUT("rlimit64", sizeof(struct rlimit64), rlimit64, ONE, STRUCT, COMPAT),
	[ARGUMENT_SCHED_ATTR] = SELF_SIZED("sched_attr", sizeof(struct sched_attr), sched_attr,
	                                   offsetof(struct sched_attr, size)),
	[ARGUMENT_SCHED_PARAM] = LAYOUT("sched_param", 4, int_value, ONE, LIST, COMPAT),
	[ARGUMENT_SECCOMP_ACTION] = LAYOUT("seccomp_action", 4, action, ONE, LIST, COMPAT),
	[ARGUMENT_SEMBUF] =
		LAYOUT("sembuf", sizeof(struct kernel_sembuf), sembuf, COUNTED, STRUCT, COMPAT),
	[ARGUMENT_SIGACTION] = LAYOUT("sigaction", sizeof(struct kernel_sigaction),
	                              sigaction_fields, ONE, STRUCT, WIDE),
	[ARGUMENT_SIGALTSTACK] =
		LAYOUT("sigaltstack", sizeof(stack_t), sigaltstack_fields, ONE, STRUCT, WIDE),
	[ARGUMENT_SIGEVENT] =
		LAYOUT("sigevent", sizeof(struct kernel_sigevent), sigevent, ONE, STRUCT, WIDE),
	[ARGUMENT_SIGINFO] =
		LAYOUT("siginfo", sizeof(struct kernel_siginfo), siginfo, ONE, STRUCT, WIDE),
	[ARGUMENT_SIGSET_ARGUMENT] =
		LAYOUT("sigset_argument", sizeof(struct kernel_sigset_argument), sigset_argument,
	               ONE, STRUCT, WIDE),
	[ARGUMENT_SIGSET_LIST] = LAYOUT("sigset", 8, signals, SIZED, BARE, COMPAT),
	[ARGUMENT_SIGSET_POINTER] = LAYOUT("sigset", 8, signals, ONE, BARE, COMPAT),
	[ARGUMENT_SIGVAL] = LAYOUT("sigval", 8, sigval, ONE, STRUCT, WIDE),
	[ARGUMENT_SOCK_FPROG] =
		LAYOUT("sock_fprog", sizeof(struct sock_fprog), sock_fprog, ONE, STRUCT, WIDE),
	[ARGUMENT_TIMESPEC] =
		LAYOUT("timespec", sizeof(struct timespec), timespec, ONE, STRUCT, WIDE),
	[ARGUMENT_TIMESPEC64] =
		LAYOUT("timespec", sizeof(struct timespec), timespec, ONE, STRUCT, COMPAT),
	[ARGUMENT_TIMESPECS] =
		LAYOUT("timespecs", 2 * sizeof(struct timespec), timespecs, ONE, LIST, WIDE),
	[ARGUMENT_TIMESPECS64] =
		LAYOUT("timespecs", 2 * sizeof(struct timespec), timespecs, ONE, LIST, COMPAT),
	[ARGUMENT_TIMEVAL] = LAYOUT("timeval", sizeof(struct timeval), timeval, ONE, STRUCT, WIDE),
	[ARGUMENT_TIMEVALS] =
		LAYOUT("timevals", 2 * sizeof(struct timeval), timevals, ONE, LIST, WIDE),
	[ARGUMENT_USER_DESC] = LAYOUT("user_desc", sizeof(struct kernel_user_desc), user_desc, ONE,
	                              STRUCT, COMPAT),
	[ARGUMENT_UTIMBUF] = LAYOUT("utimbuf", sizeof(struct utimbuf), utimbuf, ONE, STRUCT, WIDE),
};
