/* SPDX-License-Identifier: Apache-2.0 */
/* Processes by /proc (proc_pid_stat(5)). */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/text.h"

struct process {
	pid_t pid;
	pid_t parent;
	pid_t group;
	char state;       /* R, S, D, T, Z, ... */
	uint64_t started; /* clock ticks since boot: with the pid, no other process has both */
	char comm[16];
};

/* 0, or -errno (-ESRCH where it is gone). */
_must_check_ int process_read(pid_t pid, struct process *ret_process);

/*
 * Its line in /proc/PID/cgroup: "0::/user.slice/session-3.scope", that of the unified hierarchy
 * where there is one. Allocated; NULL where it cannot be read.
 */
char *process_cgroup(pid_t pid);

/* Whether pid is ancestor, or descends from it. */
bool process_descends(pid_t pid, pid_t ancestor);

/*
 * Counts our living descendants but not those in `except` (our helpers; 0 is none) and their own,
 * and names up to a few of them in text: "sleep[4711], sh[4712]". Zombies do not count.
 */
unsigned process_remaining(const pid_t *except, size_t count, struct text *text);
