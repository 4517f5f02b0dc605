/* SPDX-License-Identifier: Apache-2.0 */
/* A child that waits in a system call, as a target does, for tests of its stack. */
#pragma once

#include "supervisor/notification.h"

/* Forks it, with its stack pointer where it is or, nowhere, at an address that is not mapped. */
pid_t stack_child_start(bool nowhere);
void stack_child_end(pid_t pid);

/* A notification of its call. */
void stack_child_notification(pid_t pid, struct notification *notification);

/* The function in which it waits; its name is what a stack must have. */
void stack_child_waits_here(void);
