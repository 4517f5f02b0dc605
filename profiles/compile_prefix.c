/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/compile_prefix.h"

#include <linux/audit.h>
#include <linux/bpf_common.h>
#include <linux/filter.h>
#include <seccomp.h>
#include <string.h>

#include "profiles/plan_rows.h"
#include "profiles/resolve.h"

int compile_native_number(const struct abi *abi, int nr)
{
	_cleanup_free_ char *name = NULL;

	if (abi->scmp_arch == seccomp_arch_native())
		return nr;
	name = seccomp_syscall_resolve_num_arch(abi->scmp_arch, nr);
	return name ? seccomp_syscall_resolve_name(name) : __NR_SCMP_ERROR;
}

/* What has rules has a name, or the rules would not have found its number. */
bool compile_in_front(const struct abi *abi, const struct plan_row *row)
{
	return row->why == PLAN_ASKED && compile_native_number(abi, row->nr) == __NR_SCMP_ERROR;
}

enum {
	NEWEST_MAX = 7, /* instructions */
	ASKED_MAX = 5,
};

/*
 * The check for one ABI, in front of libseccomp's code: numbers above abi->newest get action, all
 * else goes on. Returns how many instructions.
 */
static unsigned write_newest(const struct abi *abi, uint32_t action, struct sock_filter *out)
{
	bool x86_64 = abi->audit_arch == AUDIT_ARCH_X86_64;
	bool x32 = abi->scmp_arch == SCMP_ARCH_X32;
	unsigned char to_end = x86_64 ? 4 : 3;
	unsigned n = 0;

	out[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
	                                        offsetof(struct seccomp_data, arch));
	out[n++] =
		(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, abi->audit_arch, 0, to_end);
	out[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
	                                        offsetof(struct seccomp_data, nr));
	if (x86_64)
		out[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, X32_BIT,
		                                        x32 ? 0 : 2, x32 ? 2 : 0);
	out[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, abi->newest, 0, 1);
	out[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action);
	return n;
}

/* Notifies one number of one ABI. Returns how many instructions. */
static unsigned write_asked(const struct abi *abi, int nr, struct sock_filter *out)
{
	unsigned n = 0;

	out[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
	                                        offsetof(struct seccomp_data, arch));
	out[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, abi->audit_arch, 0, 3);
	out[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
	                                        offsetof(struct seccomp_data, nr));
	out[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)nr, 0, 1);
	out[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
	return n;
}

static unsigned write_abi(const struct plan_abi *plan_abi, uint32_t action, struct sock_filter *out)
{
	unsigned n = 0;

	if (plan_abi->abi->newest > 0)
		n += write_newest(plan_abi->abi, action, out);
	for (size_t i = 0; i < plan_abi->n_rows; i++)
		if (compile_in_front(plan_abi->abi, &plan_abi->rows[i]))
			n += write_asked(plan_abi->abi, plan_abi->rows[i].nr, &out[n]);
	return n;
}

/* An upper bound of the instructions. */
static size_t prefix_room(const struct plan *plan)
{
	size_t room = 0;

	for (size_t i = 0; i < plan->n_abis; i++)
		room += NEWEST_MAX + plan->abis[i].n_rows * ASKED_MAX;
	return room;
}

static uint32_t newest_return(const struct plan *plan)
{
	const struct action enosys = { .kind = ACTION_ERRNO, .number = ENOSYS };

	return plan_return(plan_action(&plan->options, enosys));
}

int compile_prefix(const struct plan *plan, struct filter *filter)
{
	uint32_t action = newest_return(plan);
	struct sock_filter *whole;
	unsigned n = 0;

	assert(filter->count > 0 && filter->instructions);
	whole = calloc(prefix_room(plan) + filter->count, sizeof(*whole));
	if (!whole)
		return -ENOMEM;
	for (size_t i = 0; i < plan->n_abis; i++)
		n += write_abi(&plan->abis[i], action, &whole[n]);
	if (n + filter->count > BPF_MAXINSNS) {
		free(whole);
		return -E2BIG;
	}
	memcpy(&whole[n], filter->instructions, filter->count * sizeof(*whole));
	free(filter->instructions);
	filter->instructions = whole;
	filter->count = (unsigned short)(filter->count + n);
	return 0;
}
