/* SPDX-License-Identifier: Apache-2.0 */
/* Families of calls of which one does what the other was denied for. */
#include "profiles/lint_rows.h"

enum {
	TARGET = 1, /* the others do all that it does, so to deny it alone is vain */
	WAY = 2,    /* does what the targets do */
	BOTH = TARGET | WAY,
	MEMBERS_MAX = 14,
};

struct family {
	const char *does;
	struct {
		const char *name;
		unsigned role;
	} members[MEMBERS_MAX];
};

/*
 * Not here: setns joins namespaces but makes none; pivot_root and chroot differ; open_by_handle_at
 * goes beyond open, so it is a way but no target.
 */
static const struct family families[] = {
	{ "opens files",
	  { { "open", BOTH },
	    { "openat", BOTH },
	    { "openat2", BOTH },
	    { "creat", BOTH },
	    { "open_by_handle_at", WAY } } },
	{ "changes modes",
	  { { "chmod", BOTH }, { "fchmod", BOTH }, { "fchmodat", BOTH }, { "fchmodat2", BOTH } } },
	{ "changes owners",
	  { { "chown", BOTH },
	    { "fchown", BOTH },
	    { "lchown", BOTH },
	    { "fchownat", BOTH },
	    { "chown32", BOTH },
	    { "fchown32", BOTH },
	    { "lchown32", BOTH } } },
	{ "renames", { { "rename", BOTH }, { "renameat", BOTH }, { "renameat2", BOTH } } },
	{ "removes names", { { "unlink", BOTH }, { "unlinkat", BOTH }, { "rmdir", TARGET } } },
	{ "makes directories", { { "mkdir", BOTH }, { "mkdirat", BOTH } } },
	{ "makes devices and pipes", { { "mknod", BOTH }, { "mknodat", BOTH } } },
	{ "makes hard links", { { "link", BOTH }, { "linkat", BOTH } } },
	{ "makes symbolic links", { { "symlink", BOTH }, { "symlinkat", BOTH } } },
	{ "shortens files",
	  { { "truncate", BOTH },
	    { "ftruncate", BOTH },
	    { "truncate64", BOTH },
	    { "ftruncate64", BOTH } } },
	{ "sets times of files",
	  { { "utime", BOTH },
	    { "utimes", BOTH },
	    { "futimesat", BOTH },
	    { "utimensat", BOTH },
	    { "utimensat_time64", BOTH } } },
	{ "sets extended attributes",
	  { { "setxattr", BOTH },
	    { "lsetxattr", BOTH },
	    { "fsetxattr", BOTH },
	    { "setxattrat", BOTH } } },
	{ "removes extended attributes",
	  { { "removexattr", BOTH },
	    { "lremovexattr", BOTH },
	    { "fremovexattr", BOTH },
	    { "removexattrat", BOTH } } },
	{ "mounts", { { "mount", BOTH }, { "move_mount", BOTH }, { "mount_setattr", TARGET } } },
	{ "unmounts", { { "umount", BOTH }, { "umount2", BOTH } } },
	{ "makes namespaces", { { "clone", BOTH }, { "clone3", WAY }, { "unshare", BOTH } } },
	{ "makes processes",
	  { { "fork", BOTH }, { "vfork", BOTH }, { "clone", WAY }, { "clone3", WAY } } },
	{ "runs programs", { { "execve", BOTH }, { "execveat", BOTH } } },
	{ "sends signals",
	  { { "kill", BOTH },
	    { "tkill", BOTH },
	    { "tgkill", BOTH },
	    { "pidfd_send_signal", BOTH },
	    { "rt_sigqueueinfo", WAY },
	    { "rt_tgsigqueueinfo", WAY } } },
	{ "reaches other processes' memory",
	  { { "ptrace", BOTH }, { "process_vm_readv", BOTH }, { "process_vm_writev", BOTH } } },
	{ "changes memory protection", { { "mprotect", BOTH }, { "pkey_mprotect", BOTH } } },
	{ "changes user ids",
	  { { "setuid", BOTH },
	    { "setreuid", BOTH },
	    { "setresuid", BOTH },
	    { "setuid32", BOTH },
	    { "setreuid32", BOTH },
	    { "setresuid32", BOTH } } },
	{ "changes group ids",
	  { { "setgid", BOTH },
	    { "setregid", BOTH },
	    { "setresgid", BOTH },
	    { "setgid32", BOTH },
	    { "setregid32", BOTH },
	    { "setresgid32", BOTH } } },
	{ "reaches addresses",
	  { { "connect", TARGET }, { "sendto", WAY }, { "sendmsg", WAY }, { "sendmmsg", WAY } } },
	{ "accepts connections", { { "accept", BOTH }, { "accept4", BOTH } } },
	{ "loads modules", { { "init_module", BOTH }, { "finit_module", BOTH } } },
	{ "loads a kernel", { { "kexec_load", BOTH }, { "kexec_file_load", BOTH } } },
	{ "sets the clock",
	  { { "settimeofday", BOTH },
	    { "clock_settime", BOTH },
	    { "stime", BOTH },
	    { "clock_settime64", BOTH } } },
	{ "sets quotas", { { "quotactl", BOTH }, { "quotactl_fd", BOTH } } },
};

enum { LIST_MAX = 192 };

struct family_fate {
	struct text restricted, open;
	const struct rule *rule; /* that restricts the first */
	bool all_denied;         /* and none is only restricted */
};

static void add_member(const struct lint *lint, const struct abi *abi, const char *name,
                       unsigned role, struct family_fate *found)
{
	struct call_fate fate = lint_fate(lint, abi, name);

	if ((role & WAY) && fate.fate == FATE_ALLOWED)
		lint_list(&found->open, name);
	if (!(role & TARGET) || !lint_deliberate(lint, name, &fate))
		return;
	lint_list(&found->restricted, name);
	found->all_denied &= fate.fate == FATE_REFUSED && fate.action.kind != ACTION_NOTIFY;
	if (!found->rule)
		found->rule = fate.rule;
}

/* A rule that refuses a name by repeating the default action is in no filter, but has a place. */
static const struct rule *rule_on(const struct lint *lint, const struct family *family)
{
	for (size_t i = 0; i < lint->profile->n_rules; i++) {
		const struct rule *rule = &lint->profile->rules[i];

		if (action_allows(rule->action) || !lint_counts(lint, rule))
			continue;
		for (size_t j = 0; j < MEMBERS_MAX && family->members[j].name; j++)
			if (rule_names(rule, family->members[j].name))
				return rule;
	}
	return NULL;
}

/* True where something was found, and so said. */
static bool check_family(struct lint *lint, const struct abi *abi, const struct family *family)
{
	char restricted[LIST_MAX], open[LIST_MAX], on[48];
	struct family_fate found = {
		.restricted = TEXT_OVER(restricted),
		.open = TEXT_OVER(open),
		.all_denied = true,
	};

	for (size_t i = 0; i < MEMBERS_MAX && family->members[i].name; i++)
		add_member(lint, abi, family->members[i].name, family->members[i].role, &found);
	if (found.restricted.len == 0 || found.open.len == 0)
		return false;
	if (!found.rule)
		found.rule = rule_on(lint, family);
	lint_rule(lint, found.rule, "%s: %s%s, but what %s too is allowed: %s", restricted,
	          found.all_denied ? "denied" : "restricted",
	          lint_on_abi(lint, abi, on, sizeof(on)), family->does, open);
	return true;
}

int lint_sibling_open(struct lint *lint)
{
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		bool said = false;

		for (size_t j = 0; j < lint->ruleset->n_abis && !said; j++)
			said = check_family(lint, &lint->ruleset->abis[j], &families[i]);
	}
	return 0;
}
