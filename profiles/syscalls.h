/* SPDX-License-Identifier: Apache-2.0 */
/* Syscall names and numbers: libseccomp's table, and a supplement for what is newer than it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The name of a number of an ABI, for showing: "mount", "syscall_470" where no table knows it.
 * arch is SCMP_ARCH_*; nr has __X32_SYSCALL_BIT for x32. Static or in buf; never NULL.
 */
const char *syscall_name(uint32_t arch, int nr, char *buf, size_t size);

/* Whether a table knows this number of an ABI. */
bool syscall_named(uint32_t arch, int nr);

/*
 * Walks the numbers that an ABI may have, named or not: the one after nr, the first for -1; -1
 * after the last.
 */
int syscall_next(uint32_t arch, int nr);

/* The number without the bit that marks x32's: as people write it. */
int syscall_plain_number(uint32_t arch, int nr);

/* Whether any ABI of libseccomp has this name. */
bool syscall_known(const char *name);

/* AUDIT_ARCH_* and number to SCMP_ARCH_*; 0 for an ABI that libseccomp does not know. */
uint32_t syscall_arch(uint32_t audit_arch, int nr);

/* "x86_64", "x86", "x32", "aarch64"; "arch 0x…" in buf where it has no name. */
const char *syscall_arch_name(uint32_t arch, char *buf, size_t size);
