/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/syscalls.h"

#include <linux/audit.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/cleanup.h"
#include "common/err.h"

/* Bit 30 of a number made by an x32 program (asm/unistd.h has it on x86 only). */
#define X32_BIT 0x40000000

struct newer_syscall {
	int nr;
	const char *name;
	uint32_t only; /* SCMP_ARCH_* of the one ABI that has it; 0: all with common numbers */
};

/*
 * What came after libseccomp 2.5.4's tables. Since Linux 5.1 a new syscall has one number on all
 * of the ABIs named below (include/uapi/asm-generic/unistd.h, arch/x86/entry/syscalls/).
 */
static const struct newer_syscall newer_syscalls[] = {
	{ 258, "riscv_hwprobe", SCMP_ARCH_RISCV64 },
	{ 335, "uretprobe", SCMP_ARCH_X86_64 },
	{ 336, "uprobe", SCMP_ARCH_X86_64 },
	{ 457, "statmount", 0 },
	{ 458, "listmount", 0 },
	{ 459, "lsm_get_self_attr", 0 },
	{ 460, "lsm_set_self_attr", 0 },
	{ 461, "lsm_list_modules", 0 },
	{ 462, "mseal", 0 },
	{ 463, "setxattrat", 0 },
	{ 464, "getxattrat", 0 },
	{ 465, "listxattrat", 0 },
	{ 466, "removexattrat", 0 },
	{ 467, "open_tree_attr", 0 },
	{ 468, "file_getattr", 0 },
	{ 469, "file_setattr", 0 },
	{ 470, "listns", 0 },
};

struct arch_row {
	uint32_t arch;
	const char *name;
	bool common_numbers; /* newer_syscalls hold for it */
};

static const struct arch_row arch_rows[] = {
	{ SCMP_ARCH_X86_64, "x86_64", true },
	{ SCMP_ARCH_X86, "x86", true },
	{ SCMP_ARCH_X32, "x32", true },
	{ SCMP_ARCH_AARCH64, "aarch64", true },
	{ SCMP_ARCH_ARM, "arm", true },
	{ SCMP_ARCH_RISCV64, "riscv64", true },
	{ SCMP_ARCH_PPC, "ppc", true },
	{ SCMP_ARCH_PPC64, "ppc64", true },
	{ SCMP_ARCH_PPC64LE, "ppc64le", true },
	{ SCMP_ARCH_S390, "s390", true },
	{ SCMP_ARCH_S390X, "s390x", true },
	{ SCMP_ARCH_MIPS, "mips", false },
	{ SCMP_ARCH_MIPS64, "mips64", false },
	{ SCMP_ARCH_MIPS64N32, "mips64n32", false },
	{ SCMP_ARCH_MIPSEL, "mipsel", false },
	{ SCMP_ARCH_MIPSEL64, "mipsel64", false },
	{ SCMP_ARCH_MIPSEL64N32, "mipsel64n32", false },
	{ SCMP_ARCH_PARISC, "parisc", true },
	{ SCMP_ARCH_PARISC64, "parisc64", true },
};

static const struct arch_row *arch_row(uint32_t arch)
{
	for (size_t i = 0; i < ARRAY_SIZE(arch_rows); i++)
		if (arch_rows[i].arch == arch)
			return &arch_rows[i];
	return NULL;
}

static const char *newer_name(uint32_t arch, int nr)
{
	const struct arch_row *row = arch_row(arch);

	if (!row || !row->common_numbers)
		return NULL;
	if (arch == SCMP_ARCH_X32)
		nr ^= X32_BIT;
	for (size_t i = 0; i < ARRAY_SIZE(newer_syscalls); i++) {
		const struct newer_syscall *newer = &newer_syscalls[i];

		if (newer->nr == nr && (!newer->only || newer->only == arch))
			return newer->name;
	}
	return NULL;
}

static const char *find_name(uint32_t arch, int nr, char *buf, size_t size)
{
	const char *newer;
	char *known;

	newer = newer_name(arch, nr);
	if (newer)
		return newer;
	/*
	 * Negative numbers are libseccomp's pseudo syscalls; the kernel has none. And 0, of which
	 * libseccomp makes the native ABI, is one that nobody knows (syscall_arch()).
	 */
	known = nr >= 0 && arch != 0 ? seccomp_syscall_resolve_num_arch(arch, nr) : NULL;
	if (known)
		snprintf(buf, size, "%s", known);
	else if (arch == SCMP_ARCH_X32 && nr > 0 && (nr & X32_BIT))
		snprintf(buf, size, "syscall_%d", nr ^ X32_BIT);
	else
		snprintf(buf, size, "syscall_%d", nr);
	free(known);
	return buf;
}

/*
 * libseccomp walks a table to a number's name, and what tells of a call asks several times: the
 * names that were last asked for are at hand, each in the place that its number gives it.
 */
const char *syscall_name(uint32_t arch, int nr, char *buf, size_t size)
{
	enum { PLACES = 64 };
	static struct {
		uint32_t arch;
		int nr;
		char name[48]; /* "": none yet */
	} recent[PLACES];
	size_t place = (unsigned)nr % PLACES;
	char found[sizeof(recent[0].name)];

	if (!recent[place].name[0] || recent[place].arch != arch || recent[place].nr != nr) {
		recent[place].arch = arch;
		recent[place].nr = nr;
		snprintf(recent[place].name, sizeof(recent[place].name), "%s",
		         find_name(arch, nr, found, sizeof(found)));
	}
	snprintf(buf, size, "%s", recent[place].name);
	return buf;
}

bool syscall_named(uint32_t arch, int nr)
{
	_cleanup_free_ char *known = nr >= 0 ? seccomp_syscall_resolve_num_arch(arch, nr) : NULL;

	return known || newer_name(arch, nr);
}

/* Where the numbers of an ABI are: far more than there are syscalls yet. */
static const struct number_range {
	uint32_t arch; /* 0: every other */
	int first;
	int last;
} number_ranges[] = {
	{ SCMP_ARCH_X32, X32_BIT, X32_BIT + 1023 },
	{ SCMP_ARCH_ARM, 0, 1023 },
	{ SCMP_ARCH_ARM, 0xf0001, 0xf000f }, /* its private calls, set_tls and the like */
	{ SCMP_ARCH_MIPS, 4000, 4999 },
	{ SCMP_ARCH_MIPSEL, 4000, 4999 },
	{ SCMP_ARCH_MIPS64, 5000, 5999 },
	{ SCMP_ARCH_MIPSEL64, 5000, 5999 },
	{ SCMP_ARCH_MIPS64N32, 6000, 6999 },
	{ SCMP_ARCH_MIPSEL64N32, 6000, 6999 },
	{ 0, 0, 1023 },
};

int syscall_next(uint32_t arch, int nr)
{
	bool found = false;

	for (size_t i = 0; i < ARRAY_SIZE(number_ranges); i++) {
		const struct number_range *range = &number_ranges[i];

		if (range->arch != arch && (range->arch != 0 || found))
			continue;
		found = true;
		if (nr < range->first)
			return range->first;
		if (nr < range->last)
			return nr + 1;
	}
	return -1;
}

int syscall_plain_number(uint32_t arch, int nr)
{
	return arch == SCMP_ARCH_X32 ? nr & ~X32_BIT : nr;
}

bool syscall_known(const char *name)
{
	return seccomp_syscall_resolve_name(name) != __NR_SCMP_ERROR;
}

uint32_t syscall_arch(uint32_t audit_arch, int nr)
{
	if (audit_arch == AUDIT_ARCH_X86_64 && nr != -1 && ((uint32_t)nr & X32_BIT))
		return SCMP_ARCH_X32;
	return arch_row(audit_arch) ? audit_arch : 0;
}

const char *syscall_arch_name(uint32_t arch, char *buf, size_t size)
{
	const struct arch_row *row = arch_row(arch);

	if (row)
		return row->name;
	snprintf(buf, size, "arch 0x%08x", arch);
	return buf;
}
