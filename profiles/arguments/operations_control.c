/* SPDX-License-Identifier: Apache-2.0 */
/* The operations of prctl, arch_prctl, seccomp, ptrace, kcmp, reboot. */
#include "profiles/arguments/signature_operations.h"

#include <linux/kcmp.h>
#include <linux/prctl.h>
#include <linux/ptrace.h>
#include <linux/reboot.h>
#include <linux/seccomp.h>

/* clang-format off */
#define PR(option, ...) OPERATION(option, ENUM("option", prctl), __VA_ARGS__)
#define PR_ALONE(option) OPERATION(option, ENUM("option", prctl))
#define PR_ZEROES(option, ...) \
	PR(option, __VA_ARGS__, HEX("arg3"), HEX("arg4"), HEX("arg5"))
#define ARCH(code, ...) OPERATION(code, ENUM("code", arch_prctl), __VA_ARGS__)
#define PT(request, ...) OPERATION(request, ENUM64("request", ptrace), PID("pid"), __VA_ARGS__)
/* clang-format on */

const struct operation operations_prctl[] = {
	PR(PR_SET_PDEATHSIG, SIGNAL("sig")),
	PR(PR_GET_PDEATHSIG, OUT("sig")),
	PR_ALONE(PR_GET_DUMPABLE),
	PR(PR_SET_DUMPABLE, UINT("dumpable")),
	PR_ALONE(PR_GET_KEEPCAPS),
	PR(PR_SET_KEEPCAPS, UINT("keep")),
	PR_ALONE(PR_GET_TIMING),
	PR(PR_SET_TIMING, UINT("timing")),
	PR(PR_SET_NAME, STRING("name")),
	PR(PR_GET_NAME, OUT("name")),
	PR_ALONE(PR_GET_SECCOMP),
	PR(PR_SET_SECCOMP, ENUM64("mode", seccomp_mode), ONE("filter", SOCK_FPROG)),
	PR(PR_CAPBSET_READ, ENUM64("cap", capability)),
	PR(PR_CAPBSET_DROP, ENUM64("cap", capability)),
	PR(PR_GET_TSC, OUT("tsc")),
	PR(PR_SET_TSC, ENUM("tsc", pr_tsc)),
	PR_ALONE(PR_GET_SECUREBITS),
	PR(PR_SET_SECUREBITS, FLAGS64("securebits", securebits)),
	PR(PR_SET_TIMERSLACK, SIZE("slack")),
	PR_ALONE(PR_GET_TIMERSLACK),
	PR_ALONE(PR_TASK_PERF_EVENTS_DISABLE),
	PR_ALONE(PR_TASK_PERF_EVENTS_ENABLE),
	PR_ZEROES(PR_MCE_KILL, ENUM64("how", pr_mce_kill)),
	PR(PR_SET_MM, ENUM("field", pr_set_mm), HEX("value"), HEX("arg4"), HEX("arg5")),
	PR(PR_SET_PTRACER, NAMED_HEX("pid", pr_ptracer)),
	PR(PR_SET_CHILD_SUBREAPER, SIZE("reaper")),
	PR(PR_GET_CHILD_SUBREAPER, OUT("reaper")),
	PR_ZEROES(PR_SET_NO_NEW_PRIVS, SIZE("set")),
	PR(PR_GET_NO_NEW_PRIVS, HEX("arg2"), HEX("arg3"), HEX("arg4"), HEX("arg5")),
	PR(PR_GET_TID_ADDRESS, OUT("address")),
	PR_ZEROES(PR_SET_THP_DISABLE, SIZE("disable")),
	PR(PR_CAP_AMBIENT, ENUM64("how", pr_cap_ambient), ENUM64("cap", capability), HEX("arg4"),
	   HEX("arg5")),
	PR(PR_GET_SPECULATION_CTRL, ENUM64("which", pr_speculation), HEX("arg3"), HEX("arg4"),
	   HEX("arg5")),
	PR(PR_SET_SPECULATION_CTRL, ENUM64("which", pr_speculation),
	   ENUM64("control", pr_speculation_control), HEX("arg4"), HEX("arg5")),
	PR_ZEROES(PR_SET_IO_FLUSHER, SIZE("set")),
	PR(PR_SET_SYSCALL_USER_DISPATCH, ENUM64("mode", pr_dispatch), ADDRESS("offset"),
	   SIZE("length"), ADDRESS("selector")),
	PR(PR_SCHED_CORE, ENUM64("cmd", pr_sched_core), PID("pid"), UINT("type"), OUT("cookie")),
	PR_ZEROES(65 /* PR_SET_MDWE */, FLAGS64("bits", pr_mdwe)),
	PR_ZEROES(67 /* PR_SET_MEMORY_MERGE */, SIZE("set")),
	PR(PR_SET_VMA, ENUM64("attr", pr_vma), ADDRESS("addr"), SIZE("size"), STRING("name")),
	PR(0x41555856 /* PR_GET_AUXV */, OUT("auxv"), SIZE("size"), HEX("arg4"), HEX("arg5")),
};

const size_t operations_prctl_count = ARRAY_SIZE(operations_prctl);

/* asm/prctl.h of x86, which other builds do not have. */
const struct operation operations_arch_prctl[] = {
	ARCH(0x1001 /* ARCH_SET_GS */, ADDRESS("addr")),
	ARCH(0x1002 /* ARCH_SET_FS */, ADDRESS("addr")),
	ARCH(0x1003 /* ARCH_GET_FS */, OUT("addr")),
	ARCH(0x1004 /* ARCH_GET_GS */, OUT("addr")),
	OPERATION(0x1011 /* ARCH_GET_CPUID */, ENUM("code", arch_prctl)),
	ARCH(0x1012 /* ARCH_SET_CPUID */, HEX("on")),
	ARCH(0x1021 /* ARCH_GET_XCOMP_SUPP */, OUT("features")),
	ARCH(0x1022 /* ARCH_GET_XCOMP_PERM */, OUT("features")),
	ARCH(0x1023 /* ARCH_REQ_XCOMP_PERM */, SIZE("feature")),
	ARCH(0x1024 /* ARCH_GET_XCOMP_GUEST_PERM */, OUT("features")),
	ARCH(0x1025 /* ARCH_REQ_XCOMP_GUEST_PERM */, SIZE("feature")),
	ARCH(0x5005 /* ARCH_SHSTK_STATUS */, OUT("features")),
};

const size_t operations_arch_prctl_count = ARRAY_SIZE(operations_arch_prctl);

const struct operation operations_seccomp[] = {
	OPERATION(SECCOMP_SET_MODE_STRICT, ENUM("operation", seccomp), HEX("flags"),
	          ADDRESS("args")),
	OPERATION(SECCOMP_SET_MODE_FILTER, ENUM("operation", seccomp),
	          FLAGS("flags", seccomp_flags), ONE("args", SOCK_FPROG)),
	OPERATION(SECCOMP_GET_ACTION_AVAIL, ENUM("operation", seccomp), HEX("flags"),
	          ONE("args", SECCOMP_ACTION)),
	OPERATION(SECCOMP_GET_NOTIF_SIZES, ENUM("operation", seccomp), HEX("flags"), OUT("args")),
};

const size_t operations_seccomp_count = ARRAY_SIZE(operations_seccomp);

/* Numbers of x86 where architecture headers have the names. */
const struct operation operations_ptrace[] = {
	OPERATION(PTRACE_TRACEME, ENUM64("request", ptrace)),
	PT(PTRACE_PEEKTEXT, ADDRESS("addr"), OUT("data")),
	PT(PTRACE_PEEKDATA, ADDRESS("addr"), OUT("data")),
	PT(PTRACE_PEEKUSR, HEX("offset"), OUT("data")),
	PT(PTRACE_POKETEXT, ADDRESS("addr"), HEX("data")),
	PT(PTRACE_POKEDATA, ADDRESS("addr"), HEX("data")),
	PT(PTRACE_POKEUSR, HEX("offset"), HEX("data")),
	PT(PTRACE_CONT, ADDRESS("addr"), SIGNAL("sig")),
	OPERATION(PTRACE_KILL, ENUM64("request", ptrace), PID("pid")),
	PT(PTRACE_SINGLESTEP, ADDRESS("addr"), SIGNAL("sig")),
	PT(12 /* PTRACE_GETREGS */, ADDRESS("addr"), OUT("data")),
	PT(13 /* PTRACE_SETREGS */, ADDRESS("addr"), POINTER("data")),
	PT(14 /* PTRACE_GETFPREGS */, ADDRESS("addr"), OUT("data")),
	PT(15 /* PTRACE_SETFPREGS */, ADDRESS("addr"), POINTER("data")),
	OPERATION(PTRACE_ATTACH, ENUM64("request", ptrace), PID("pid")),
	PT(PTRACE_DETACH, ADDRESS("addr"), SIGNAL("sig")),
	PT(PTRACE_SYSCALL, ADDRESS("addr"), SIGNAL("sig")),
	PT(31 /* PTRACE_SYSEMU */, ADDRESS("addr"), SIGNAL("sig")),
	PT(PTRACE_SETOPTIONS, ADDRESS("addr"), FLAGS64("options", ptrace_options)),
	PT(PTRACE_GETEVENTMSG, ADDRESS("addr"), OUT("data")),
	PT(PTRACE_GETSIGINFO, ADDRESS("addr"), OUT("data")),
	PT(PTRACE_SETSIGINFO, ADDRESS("addr"), ONE("data", SIGINFO)),
	PT(PTRACE_GETREGSET, ENUM64("type", regset), ONE("iov", PTRACE_IOVEC)),
	PT(PTRACE_SETREGSET, ENUM64("type", regset), ONE("iov", PTRACE_IOVEC)),
	PT(PTRACE_SEIZE, ADDRESS("addr"), FLAGS64("options", ptrace_options)),
	OPERATION(PTRACE_INTERRUPT, ENUM64("request", ptrace), PID("pid")),
	OPERATION(PTRACE_LISTEN, ENUM64("request", ptrace), PID("pid")),
	PT(PTRACE_GETSIGMASK, SIZE("size"), OUT("mask")),
	PT(PTRACE_SETSIGMASK, SIZE("size"), SIGSET("mask")),
	PT(PTRACE_SECCOMP_GET_FILTER, SIZE("index"), OUT("filter")),
	PT(PTRACE_SECCOMP_GET_METADATA, SIZE("size"), OUT("metadata")),
	PT(PTRACE_GET_SYSCALL_INFO, SIZE("size"), OUT("info")),
	PT(0x420f /* PTRACE_GET_RSEQ_CONFIGURATION */, SIZE("size"), OUT("configuration")),
};

const size_t operations_ptrace_count = ARRAY_SIZE(operations_ptrace);

/* clang-format off */
#define KCMP(type, ...) \
	OPERATION(type, PID("pid1"), PID("pid2"), ENUM("type", kcmp), ##__VA_ARGS__)
/* clang-format on */

const struct operation operations_kcmp[] = {
	KCMP(KCMP_FILE, FD("fd1"), FD("fd2")),
	KCMP(KCMP_VM),
	KCMP(KCMP_FILES),
	KCMP(KCMP_FS),
	KCMP(KCMP_SIGHAND),
	KCMP(KCMP_IO),
	KCMP(KCMP_SYSVSEM),
	KCMP(KCMP_EPOLL_TFD, FD("fd1"), POINTER("slot")),
};

const size_t operations_kcmp_count = ARRAY_SIZE(operations_kcmp);

/* clang-format off */
#define REBOOT(cmd, ...) \
	OPERATION(cmd, ENUM("magic", reboot_magic1), ENUM("magic2", reboot_magic2), \
	          ENUM("cmd", reboot), ##__VA_ARGS__)
/* clang-format on */

const struct operation operations_reboot[] = {
	REBOOT(LINUX_REBOOT_CMD_RESTART),    REBOOT(LINUX_REBOOT_CMD_HALT),
	REBOOT(LINUX_REBOOT_CMD_CAD_ON),     REBOOT(LINUX_REBOOT_CMD_CAD_OFF),
	REBOOT(LINUX_REBOOT_CMD_POWER_OFF),  REBOOT(LINUX_REBOOT_CMD_RESTART2, STRING("arg")),
	REBOOT(LINUX_REBOOT_CMD_SW_SUSPEND), REBOOT(LINUX_REBOOT_CMD_KEXEC),
};

const size_t operations_reboot_count = ARRAY_SIZE(operations_reboot);
