/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/compile.h"

#include <linux/audit.h>
#include <seccomp.h>

#include "profiles/bpf.h"
#include "profiles/resolve.h"
#include "profiles/row_points.h"

enum {
	MAX_DENSE = 8191, /* every number up to here; arm has a few near 983041 */
	BEYOND = 3,       /* numbers tried above one that a rule names */
};

struct verifier {
	const struct filter *filter;
	const struct plan *plan;
	struct seccomp_data *ret_call;
};

static int check_call(const struct verifier *verifier, const struct seccomp_data *call)
{
	if (bpf_run_checked(verifier->filter, call) == plan_expect(verifier->plan, call))
		return 0;
	*verifier->ret_call = *call;
	return -EBADMSG;
}

static int visit_call(void *verifier, const struct seccomp_data *call)
{
	return check_call(verifier, call);
}

static bool row_has_arguments(const struct plan_row *row)
{
	return row->rules->n_matches > 0 && row->rules->matches[0].n_args > 0;
}

static int check_numbers(const struct verifier *verifier, struct seccomp_data *call, unsigned first,
                         unsigned last)
{
	int r = 0;

	for (unsigned nr = first; nr <= last && r == 0; nr++) {
		call->nr = (int)nr;
		r = check_call(verifier, call);
	}
	return r;
}

/* The largest number of an ABI that the profile speaks of. */
static unsigned last_number(const struct plan_abi *plan_abi)
{
	unsigned last = plan_abi->abi->newest;

	if (plan_abi->n_rows > 0 && (unsigned)plan_abi->rows[plan_abi->n_rows - 1].nr > last)
		last = (unsigned)plan_abi->rows[plan_abi->n_rows - 1].nr;
	return last;
}

static int check_abi(struct verifier *verifier, const struct plan_abi *plan_abi)
{
	unsigned first = plan_abi->abi->scmp_arch == SCMP_ARCH_X32 ? X32_BIT : 0;
	unsigned last = last_number(plan_abi) + BEYOND;
	struct seccomp_data call = { .arch = plan_abi->abi->audit_arch };
	unsigned dense = last - first > MAX_DENSE ? first + MAX_DENSE : last;
	int r;

	r = check_numbers(verifier, &call, first, dense);
	for (size_t i = 0; i < plan_abi->n_rows && r == 0; i++) {
		const struct plan_row *row = &plan_abi->rows[i];
		unsigned nr = (unsigned)row->nr;

		if (nr > dense)
			r = check_numbers(verifier, &call, nr - 1, nr + BEYOND);
		if (r == 0 && row_has_arguments(row))
			r = row_points(row->rules, &call, visit_call, verifier);
	}
	return r;
}

/* The edges of the numbers, in the plan's ABIs and in others. */
static int check_edges(const struct verifier *verifier)
{
	static const uint32_t archs[] = {
		AUDIT_ARCH_X86_64, AUDIT_ARCH_I386,  AUDIT_ARCH_AARCH64,
		AUDIT_ARCH_ARM,    AUDIT_ARCH_S390X, 0,
	};
	static const uint32_t numbers[] = {
		0,
		1,
		X32_BIT - 1,
		X32_BIT,
		X32_BIT + 1,
		X32_BIT | 511,
		X32_BIT | 1023,
		INT32_MAX,
		0x80000000U,
		0x80000001U,
		UINT32_MAX - 1,
		UINT32_MAX,
	};
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(archs); i++)
		for (size_t j = 0; j < ARRAY_SIZE(numbers) && r == 0; j++) {
			struct seccomp_data call = { .arch = archs[i], .nr = (int)numbers[j] };

			r = check_call(verifier, &call);
		}
	return r;
}

int filter_verify(const struct filter *filter, const struct plan *plan,
                  struct seccomp_data *ret_call)
{
	struct verifier verifier = { filter, plan, ret_call };
	int r;

	r = bpf_check(filter);
	for (size_t i = 0; i < plan->n_abis && r == 0; i++)
		r = check_abi(&verifier, &plan->abis[i]);
	return r < 0 ? r : check_edges(&verifier);
}
