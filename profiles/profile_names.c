/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/profile_names.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <linux/audit.h>
#include <linux/capability.h>
#include <seccomp.h>

#include "common/err.h"

struct word {
	const char *name;
	uint32_t value;
};

static const struct word actions[] = {
	{ "SCMP_ACT_ALLOW", ACTION_ALLOW },
	{ "SCMP_ACT_ERRNO", ACTION_ERRNO },
	{ "SCMP_ACT_NOTIFY", ACTION_NOTIFY },
	{ "SCMP_ACT_LOG", ACTION_LOG },
	{ "SCMP_ACT_TRACE", ACTION_TRACE },
	{ "SCMP_ACT_TRAP", ACTION_TRAP },
	{ "SCMP_ACT_KILL_THREAD", ACTION_KILL_THREAD },
	{ "SCMP_ACT_KILL_PROCESS", ACTION_KILL_PROCESS },
	{ "SCMP_ACT_KILL", ACTION_KILL_THREAD },
};

static const struct word operators[] = {
	{ "SCMP_CMP_NE", COMPARE_NE },
	{ "SCMP_CMP_LT", COMPARE_LT },
	{ "SCMP_CMP_LE", COMPARE_LE },
	{ "SCMP_CMP_EQ", COMPARE_EQ },
	{ "SCMP_CMP_GE", COMPARE_GE },
	{ "SCMP_CMP_GT", COMPARE_GT },
	{ "SCMP_CMP_MASKED_EQ", COMPARE_MASKED_EQ },
};

/* libseccomp has it from 2.6 on; EM_LOONGARCH is 258. */
#ifndef SCMP_ARCH_LOONGARCH64
#define SCMP_ARCH_LOONGARCH64 (258 | __AUDIT_ARCH_64BIT | __AUDIT_ARCH_LE)
#endif

static const struct word arches[] = {
	{ "SCMP_ARCH_X86", SCMP_ARCH_X86 },
	{ "SCMP_ARCH_X86_64", SCMP_ARCH_X86_64 },
	{ "SCMP_ARCH_X32", SCMP_ARCH_X32 },
	{ "SCMP_ARCH_ARM", SCMP_ARCH_ARM },
	{ "SCMP_ARCH_AARCH64", SCMP_ARCH_AARCH64 },
	{ "SCMP_ARCH_MIPS", SCMP_ARCH_MIPS },
	{ "SCMP_ARCH_MIPS64", SCMP_ARCH_MIPS64 },
	{ "SCMP_ARCH_MIPS64N32", SCMP_ARCH_MIPS64N32 },
	{ "SCMP_ARCH_MIPSEL", SCMP_ARCH_MIPSEL },
	{ "SCMP_ARCH_MIPSEL64", SCMP_ARCH_MIPSEL64 },
	{ "SCMP_ARCH_MIPSEL64N32", SCMP_ARCH_MIPSEL64N32 },
	{ "SCMP_ARCH_PPC", SCMP_ARCH_PPC },
	{ "SCMP_ARCH_PPC64", SCMP_ARCH_PPC64 },
	{ "SCMP_ARCH_PPC64LE", SCMP_ARCH_PPC64LE },
	{ "SCMP_ARCH_RISCV64", SCMP_ARCH_RISCV64 },
	{ "SCMP_ARCH_S390", SCMP_ARCH_S390 },
	{ "SCMP_ARCH_S390X", SCMP_ARCH_S390X },
	{ "SCMP_ARCH_LOONGARCH64", SCMP_ARCH_LOONGARCH64 },
};

/* What a gate calls a host, and what else people call it; the value is not used. */
static const struct word host_arches[] = {
	{ "amd64", 0 },     { "x86", 0 },     { "x32", 0 },         { "arm", 0 },
	{ "arm64", 0 },     { "loong64", 0 }, { "mips", 0 },        { "mips64", 0 },
	{ "mips64n32", 0 }, { "mipsel", 0 },  { "mipsel64", 0 },    { "mips3l64n32", 0 },
	{ "ppc", 0 },       { "ppc64", 0 },   { "ppc64le", 0 },     { "riscv64", 0 },
	{ "s390", 0 },      { "s390x", 0 },   { "loongarch64", 0 },
};

static const struct {
	const char *written;
	const char *meant;
} host_arch_aliases[] = {
	{ "x86_64", "amd64" },
	{ "aarch64", "arm64" },
	{ "i386", "x86" },
	{ "i686", "x86" },
	{ "386", "x86" },
	{ "armhf", "arm" },
	{ "powerpc64le", "ppc64le" },
};

static const struct word flags[] = {
	{ "SECCOMP_FILTER_FLAG_TSYNC", FLAG_TSYNC },
	{ "SECCOMP_FILTER_FLAG_LOG", FLAG_LOG },
	{ "SECCOMP_FILTER_FLAG_SPEC_ALLOW", FLAG_SPEC_ALLOW },
	{ "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", FLAG_WAIT_KILLABLE_RECV },
};

static const char *const capabilities[] = {
	[CAP_CHOWN] = "CAP_CHOWN",
	[CAP_DAC_OVERRIDE] = "CAP_DAC_OVERRIDE",
	[CAP_DAC_READ_SEARCH] = "CAP_DAC_READ_SEARCH",
	[CAP_FOWNER] = "CAP_FOWNER",
	[CAP_FSETID] = "CAP_FSETID",
	[CAP_KILL] = "CAP_KILL",
	[CAP_SETGID] = "CAP_SETGID",
	[CAP_SETUID] = "CAP_SETUID",
	[CAP_SETPCAP] = "CAP_SETPCAP",
	[CAP_LINUX_IMMUTABLE] = "CAP_LINUX_IMMUTABLE",
	[CAP_NET_BIND_SERVICE] = "CAP_NET_BIND_SERVICE",
	[CAP_NET_BROADCAST] = "CAP_NET_BROADCAST",
	[CAP_NET_ADMIN] = "CAP_NET_ADMIN",
	[CAP_NET_RAW] = "CAP_NET_RAW",
	[CAP_IPC_LOCK] = "CAP_IPC_LOCK",
	[CAP_IPC_OWNER] = "CAP_IPC_OWNER",
	[CAP_SYS_MODULE] = "CAP_SYS_MODULE",
	[CAP_SYS_RAWIO] = "CAP_SYS_RAWIO",
	[CAP_SYS_CHROOT] = "CAP_SYS_CHROOT",
	[CAP_SYS_PTRACE] = "CAP_SYS_PTRACE",
	[CAP_SYS_PACCT] = "CAP_SYS_PACCT",
	[CAP_SYS_ADMIN] = "CAP_SYS_ADMIN",
	[CAP_SYS_BOOT] = "CAP_SYS_BOOT",
	[CAP_SYS_NICE] = "CAP_SYS_NICE",
	[CAP_SYS_RESOURCE] = "CAP_SYS_RESOURCE",
	[CAP_SYS_TIME] = "CAP_SYS_TIME",
	[CAP_SYS_TTY_CONFIG] = "CAP_SYS_TTY_CONFIG",
	[CAP_MKNOD] = "CAP_MKNOD",
	[CAP_LEASE] = "CAP_LEASE",
	[CAP_AUDIT_WRITE] = "CAP_AUDIT_WRITE",
	[CAP_AUDIT_CONTROL] = "CAP_AUDIT_CONTROL",
	[CAP_SETFCAP] = "CAP_SETFCAP",
	[CAP_MAC_OVERRIDE] = "CAP_MAC_OVERRIDE",
	[CAP_MAC_ADMIN] = "CAP_MAC_ADMIN",
	[CAP_SYSLOG] = "CAP_SYSLOG",
	[CAP_WAKE_ALARM] = "CAP_WAKE_ALARM",
	[CAP_BLOCK_SUSPEND] = "CAP_BLOCK_SUSPEND",
	[CAP_AUDIT_READ] = "CAP_AUDIT_READ",
	[CAP_PERFMON] = "CAP_PERFMON",
	[CAP_BPF] = "CAP_BPF",
	[CAP_CHECKPOINT_RESTORE] = "CAP_CHECKPOINT_RESTORE",
};

/* Second names of one number; strerrorname_np() knows the first only. */
static const struct word errno_aliases[] = {
	{ "EWOULDBLOCK", EWOULDBLOCK },
	{ "EDEADLOCK", EDEADLOCK },
	{ "ENOTSUP", ENOTSUP },
	{ "EOPNOTSUPP", EOPNOTSUPP },
};

enum { ERRNO_NAMED_MAX = 133 }; /* EHWPOISON, the last with a name */

/* The near miss is sought only when it is needed: it costs far more than the search. */
static const struct word *find_word(const struct word *words, size_t count, const char *name,
                                    struct near *near)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(words[i].name, name) == 0)
			return &words[i];
	for (size_t i = 0; near && i < count; i++)
		near_offer(near, words[i].name);
	return NULL;
}

/* Each enum's search: find_word() with the value in its own type. */
#define DEFINE_SEARCH(function, type, words)                                                       \
	bool function(const char *name, type *ret_value, struct near *near)                        \
	{                                                                                          \
		const struct word *word = find_word(words, ARRAY_SIZE(words), name, near);         \
                                                                                                   \
		if (word)                                                                          \
			*ret_value = (type)word->value;                                            \
		return word;                                                                       \
	}

DEFINE_SEARCH(action_by_name, enum action_kind, actions)
DEFINE_SEARCH(compare_by_name, enum compare, operators)
DEFINE_SEARCH(arch_by_name, uint32_t, arches)
DEFINE_SEARCH(flag_by_name, enum flag, flags)

static const char *name_of(const struct word *words, size_t count, uint32_t value)
{
	for (size_t i = 0; i < count; i++)
		if (words[i].value == value)
			return words[i].name;
	return NULL;
}

const char *action_name(enum action_kind kind)
{
	return name_of(actions, ARRAY_SIZE(actions), kind);
}

const char *compare_name(enum compare op)
{
	return name_of(operators, ARRAY_SIZE(operators), op);
}

const char *arch_name(uint32_t arch)
{
	return name_of(arches, ARRAY_SIZE(arches), arch);
}

bool action_has_number(enum action_kind kind)
{
	return kind == ACTION_ERRNO || kind == ACTION_TRACE;
}

static const char *without_prefix(const char *name)
{
	static const char prefix[] = "SCMP_ARCH_";

	return strncmp(name, prefix, strlen(prefix)) == 0 ? name + strlen(prefix) : name;
}

bool arch_by_loose_name(const char *name, uint32_t *ret_arch)
{
	char lower[32];
	uint32_t arch;
	size_t i;

	name = without_prefix(name);
	if (strlen(name) >= sizeof(lower))
		return false;
	for (i = 0; name[i]; i++)
		lower[i] = (char)tolower((unsigned char)name[i]);
	lower[i] = '\0';
	arch = strcmp(lower, "native") == 0 ? seccomp_arch_native()
	                                    : seccomp_arch_resolve_name(lower);
	if (arch == 0)
		return false;
	*ret_arch = arch;
	return true;
}

const char *arch_meant(const char *name)
{
	uint32_t arch;

	name = without_prefix(name);
	if (arch_by_loose_name(name, &arch))
		return arch_name(arch);
	for (size_t i = 0; i < ARRAY_SIZE(host_arch_aliases); i++) {
		const char *written = host_arch_aliases[i].written;
		const char *meant = host_arch_aliases[i].meant;

		if ((strcasecmp(name, meant) == 0 && arch_by_loose_name(written, &arch)) ||
		    (strcasecmp(name, written) == 0 && arch_by_loose_name(meant, &arch)))
			return arch_name(arch);
	}
	return NULL;
}

bool arch_supported(uint32_t arch)
{
	const char *name = arch_name(arch);
	uint32_t known;

	return !name || arch_by_loose_name(name, &known); /* nameless: libseccomp gave it to us */
}

bool host_arch_by_name(const char *name, struct near *near)
{
	return find_word(host_arches, ARRAY_SIZE(host_arches), name, near);
}

const char *host_arch_meant(const char *name)
{
	name = without_prefix(name);
	for (size_t i = 0; i < ARRAY_SIZE(host_arch_aliases); i++)
		if (strcasecmp(host_arch_aliases[i].written, name) == 0)
			return host_arch_aliases[i].meant;
	for (size_t i = 0; i < ARRAY_SIZE(host_arches); i++)
		if (strcasecmp(host_arches[i].name, name) == 0)
			return host_arches[i].name;
	return NULL;
}

static void offer_capabilities(const char *name, struct near *near)
{
	char with_prefix[64];

	for (unsigned i = 0; i < ARRAY_SIZE(capabilities); i++)
		near_offer(near, capabilities[i]);
	/* "SYS_ADMIN" is a common slip, and too far from "CAP_SYS_ADMIN" in edits. */
	snprintf(with_prefix, sizeof(with_prefix), "CAP_%s", name);
	for (unsigned i = 0; i < ARRAY_SIZE(capabilities); i++)
		if (strcasecmp(capabilities[i], with_prefix) == 0)
			near->best = capabilities[i];
}

bool capability_by_name(const char *name, unsigned *ret_number, struct near *near)
{
	for (unsigned i = 0; i < ARRAY_SIZE(capabilities); i++) {
		if (strcmp(capabilities[i], name) != 0)
			continue;
		*ret_number = i;
		return true;
	}
	if (near)
		offer_capabilities(name, near);
	return false;
}

const char *capability_name(unsigned number)
{
	return number < ARRAY_SIZE(capabilities) ? capabilities[number] : NULL;
}

bool errno_by_name(const char *name, unsigned *ret_number, struct near *near)
{
	const struct word *alias;

	for (int number = 1; number <= ERRNO_NAMED_MAX; number++) {
		const char *known = strerrorname_np(number);

		if (!known || strcmp(known, name) != 0)
			continue;
		*ret_number = (unsigned)number;
		return true;
	}
	alias = find_word(errno_aliases, ARRAY_SIZE(errno_aliases), name, near);
	if (alias)
		*ret_number = alias->value;
	for (int number = 1; !alias && near && number <= ERRNO_NAMED_MAX; number++)
		if (strerrorname_np(number))
			near_offer(near, strerrorname_np(number));
	return alias;
}
