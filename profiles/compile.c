/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/compile.h"

#include <linux/audit.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "profiles/compile_child.h"
#include "profiles/compile_prefix.h"
#include "profiles/plan_rows.h"
#include "profiles/resolve.h"

DEFINE_CLEANUP(scmp_filter_ctx, seccomp_release)

enum {
	COMPILE_AGAIN = 1, /* a row was given to the supervisor: start over */
	COMPILE_HUNG = 2,  /* the same, as libseccomp did not come back from it */
	/* libseccomp up to 2.6.0 counts instructions in 16 bits, unchecked; a word needs fewer. */
	MAX_COST = 60000,
	COST_PER_WORD = 8,
	MAX_ATTEMPTS = 64,
	/* A filter takes 30 ms; a machine may be a hundred times slower, but not for ever. */
	LIMIT_MS = 10000,
	MAX_HANGS = 2,
	/* SCMP_FLTATR_CTL_OPTIMIZE: a binary tree, 30 instructions a call at most, not 600. */
	OPTIMIZE_TREE = 2,
	OPTIMIZE_LIST = 1,
};

void filter_deinit(struct filter *filter)
{
	free(filter->instructions);
	*filter = (struct filter){ 0 };
}

static enum scmp_compare scmp_compare_of(enum compare op)
{
	static const enum scmp_compare ops[COMPARE_COUNT] = {
		[COMPARE_NE] = SCMP_CMP_NE,
		[COMPARE_LT] = SCMP_CMP_LT,
		[COMPARE_LE] = SCMP_CMP_LE,
		[COMPARE_EQ] = SCMP_CMP_EQ,
		[COMPARE_GE] = SCMP_CMP_GE,
		[COMPARE_GT] = SCMP_CMP_GT,
		[COMPARE_MASKED_EQ] = SCMP_CMP_MASKED_EQ,
	};

	return ops[op];
}

static int add_match(scmp_filter_ctx ctx, int nr, const struct match *match, uint32_t action)
{
	struct scmp_arg_cmp args[6];

	for (unsigned i = 0; i < match->n_args; i++)
		args[i] = (struct scmp_arg_cmp){
			.arg = match->args[i].index,
			.op = scmp_compare_of(match->args[i].op),
			.datum_a = match->args[i].value,
			.datum_b = match->args[i].value_two,
		};
	return seccomp_rule_add_array(ctx, action, nr, match->n_args, args);
}

static int add_notified(const struct plan *plan, scmp_filter_ctx ctx, int nr)
{
	if (plan_default(plan).kind == ACTION_NOTIFY)
		return 0;
	return seccomp_rule_add(ctx, SCMP_ACT_NOTIFY, nr, 0);
}

static int add_row(const struct plan *plan, const struct abi *abi, const struct plan_row *row,
                   scmp_filter_ctx ctx)
{
	int nr = compile_native_number(abi, row->nr);
	int r = 0;

	if (compile_in_front(abi, row))
		return 0;
	if (nr == __NR_SCMP_ERROR)
		return -ENOENT;
	if (row->place == PLAN_NOTIFY)
		return add_notified(plan, ctx, nr);
	for (size_t i = 0; i < row->rules->n_matches && r == 0; i++) {
		const struct match *match = &row->rules->matches[i];
		struct action action = plan_action(&plan->options, match->action);

		if (plan_compiles(plan, match))
			r = add_match(ctx, nr, match, plan_return(action));
	}
	return r;
}

/* A context for one ABI alone. */
static int open_abi(const struct plan *plan, const struct abi *abi, scmp_filter_ctx *ret_ctx)
{
	_cleanup_(seccomp_releasep) scmp_filter_ctx ctx = NULL;
	int r;

	ctx = seccomp_init(plan_return(plan_default(plan)));
	if (!ctx)
		return -EINVAL;
	if (abi->scmp_arch != seccomp_arch_native()) {
		r = seccomp_arch_add(ctx, abi->scmp_arch);
		if (r == 0)
			r = seccomp_arch_remove(ctx, seccomp_arch_native());
		if (r < 0)
			return r;
	}
	*ret_ctx = TAKE_PTR(ctx);
	return 0;
}

/*
 * One ABI's filter. The rows go in by number, so the multiplexers, whose rows hold the companions
 * of the others', come before those others (x86: 102 and 117 before 359), as libseccomp then
 * finds nothing to add. COMPILE_AGAIN: libseccomp refuses the row that report stands at.
 */
static int compile_abi(const struct plan *plan, const struct plan_abi *plan_abi,
                       struct compile_report *report, scmp_filter_ctx *ret_ctx)
{
	_cleanup_(seccomp_releasep) scmp_filter_ctx ctx = NULL;
	int r;

	r = open_abi(plan, plan_abi->abi, &ctx);
	if (r < 0)
		return r;
	report->at_row = true;
	for (size_t i = 0; i < plan_abi->n_rows; i++) {
		const struct plan_row *row = &plan_abi->rows[i];

		report->row = i;
		r = add_row(plan, plan_abi->abi, row, ctx);
		if (r == -ENOMEM || (r < 0 && row->place == PLAN_NOTIFY))
			return r;
		if (r < 0)
			return COMPILE_AGAIN;
	}
	report->at_row = false;
	*ret_ctx = TAKE_PTR(ctx);
	return 0;
}

static int compile_abis(const struct plan *plan, struct compile_report *report,
                        scmp_filter_ctx *ret_ctx)
{
	_cleanup_(seccomp_releasep) scmp_filter_ctx whole = NULL;
	int r;

	for (size_t i = 0; i < plan->n_abis; i++) {
		_cleanup_(seccomp_releasep) scmp_filter_ctx ctx = NULL;

		report->abi = i;
		r = compile_abi(plan, &plan->abis[i], report, &ctx);
		if (r != 0)
			return r;
		if (!whole) {
			whole = TAKE_PTR(ctx);
			continue;
		}
		r = seccomp_merge(whole, ctx);
		if (r < 0)
			return r;
		ctx = NULL; /* merged and released by libseccomp */
	}
	*ret_ctx = TAKE_PTR(whole);
	return 0;
}

/* An upper bound of the instructions, before libseccomp overruns itself. */
static size_t cost_of(const struct plan *plan)
{
	size_t words = 0;

	for (size_t i = 0; i < plan->n_abis; i++)
		for (size_t j = 0; j < plan->abis[i].n_rows; j++) {
			const struct syscall_rules *rules = plan->abis[i].rows[j].rules;

			words++;
			for (size_t k = 0; k < rules->n_matches; k++)
				words += rules->matches[k].n_args * 3;
		}
	return words * COST_PER_WORD;
}

static bool has_rules(const struct plan *plan)
{
	for (size_t i = 0; i < plan->n_abis; i++)
		if (plan->abis[i].n_rows > 0)
			return true;
	return false;
}

static int set_attributes(const struct plan *plan, scmp_filter_ctx ctx)
{
	struct action bad_arch = plan_action(&plan->options, plan->ruleset->bad_arch_action);
	/* The tree of no rules forgot the default action up to 2.5.3 (libseccomp issue 370). */
	uint32_t optimize = has_rules(plan) ? OPTIMIZE_TREE : OPTIMIZE_LIST;
	int r;

	r = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, plan_return(bad_arch));
	if (r < 0)
		return r;
	return seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, optimize);
}

static int read_program(int fd, struct compile_report *report)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return err_errno();
	if ((size_t)status.st_size > sizeof(report->instructions))
		return -E2BIG;
	if (pread(fd, report->instructions, (size_t)status.st_size, 0) != status.st_size)
		return -EIO;
	report->count = (unsigned short)((size_t)status.st_size / sizeof(struct sock_filter));
	return 0;
}

static int export_program(scmp_filter_ctx ctx, struct compile_report *report)
{
	_cleanup_close_ int fd = memfd_create("callgate-filter", MFD_CLOEXEC);
	int r;

	if (fd < 0)
		return err_errno();
	r = seccomp_export_bpf(ctx, fd);
	if (r < 0)
		return r;
	return read_program(fd, report);
}

/* All that libseccomp does, in the child. */
static int compile_all(void *context, struct compile_report *report)
{
	_cleanup_(seccomp_releasep) scmp_filter_ctx ctx = NULL;
	const struct plan *plan = context;
	int r;

	r = compile_abis(plan, report, &ctx);
	if (r != 0)
		return r;
	r = set_attributes(plan, ctx);
	if (r < 0)
		return r;
	return export_program(ctx, report);
}

void filter_describe(const struct plan *plan, struct filter *filter)
{
	filter->log = plan->ruleset->profile->flag_log;
	filter->spec_allow = plan->ruleset->profile->flag_spec_allow;
	filter->notifies = false;
	for (unsigned i = 0; i < filter->count; i++)
		if (filter->instructions[i].code == (BPF_RET | BPF_K) &&
		    (filter->instructions[i].k & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_USER_NOTIF)
			filter->notifies = true;
}

/* The row that the child was at, or NULL. */
static struct plan_row *reported_row(const struct plan *plan, const struct compile_report *report)
{
	if (!report->at_row || report->abi >= plan->n_abis ||
	    report->row >= plan->abis[report->abi].n_rows)
		return NULL;
	return &plan->abis[report->abi].rows[report->row];
}

/* A syscall whose rules hang libseccomp in one ABI will in the others. */
static void distrust_syscall(struct plan *plan, const struct compile_report *report)
{
	struct plan_row *row = reported_row(plan, report);
	_cleanup_free_ char *name = NULL;

	plan_distrust(row);
	name = seccomp_syscall_resolve_num_arch(plan->abis[report->abi].abi->scmp_arch, row->nr);
	for (size_t i = 0; name && i < plan->n_abis; i++) {
		const struct abi *abi = plan->abis[i].abi;
		struct numbers numbers;
		struct seccomp_data call = { .arch = abi->audit_arch };

		if (numbers_resolve(abi->scmp_arch, name, &numbers) < 0)
			continue;
		call.nr = numbers.direct;
		row = plan_row_of(plan, &call);
		if (row && row->place == PLAN_KERNEL_ARGS)
			plan_distrust(row);
	}
	plan_settle(plan);
}

/* What to do about what the child told, if it is no filter. */
static int take_back(struct plan *plan, const struct compile_report *report, int r)
{
	struct plan_row *row = reported_row(plan, report);

	if (!row || row->place == PLAN_NOTIFY)
		return r < 0 ? r : -ENOTRECOVERABLE;
	if (r < 0) {
		distrust_syscall(plan, report);
		return COMPILE_HUNG;
	}
	plan_distrust(row);
	plan_settle(plan);
	return COMPILE_AGAIN;
}

static int take_program(const struct compile_report *report, struct filter *ret_filter)
{
	size_t size = report->count * sizeof(*ret_filter->instructions);

	if (report->count > BPF_MAXINSNS)
		return -EIO;
	ret_filter->instructions = malloc(size + 1);
	if (!ret_filter->instructions)
		return -ENOMEM;
	memcpy(ret_filter->instructions, report->instructions, size);
	ret_filter->count = report->count;
	return 0;
}

static int compile_once(struct plan *plan, unsigned limit_ms, struct filter *ret_filter)
{
	_cleanup_(compile_report_freep) struct compile_report *report = NULL;
	int r;

	r = compile_in_child(compile_all, plan, limit_ms, &report);
	if (!report)
		return r;
	if (r < 0 || report->result == COMPILE_AGAIN)
		return take_back(plan, report, r);
	if (report->result < 0)
		return report->result;
	r = take_program(report, ret_filter);
	if (r < 0)
		return r;
	r = compile_prefix(plan, ret_filter);
	if (r < 0) {
		filter_deinit(ret_filter);
		return r;
	}
	filter_describe(plan, ret_filter);
	return 0;
}

/* Gives the refuted call's row to the supervisor. */
static int retreat(struct plan *plan, const struct seccomp_data *refuted)
{
	struct plan_row *row = plan_row_of(plan, refuted);

	if (!row || row->place == PLAN_NOTIFY)
		return -ENOTRECOVERABLE;
	plan_distrust(row);
	plan_settle(plan);
	return COMPILE_AGAIN;
}

static int attempt(struct plan *plan, unsigned limit_ms, struct filter *ret_filter)
{
	struct filter filter = { 0 };
	struct seccomp_data refuted;
	int r;

	r = compile_once(plan, limit_ms, &filter);
	if (r != 0)
		return r;
	r = filter_verify(&filter, plan, &refuted);
	if (r == 0) {
		*ret_filter = filter;
		return 0;
	}
	filter_deinit(&filter);
	return r == -EBADMSG ? retreat(plan, &refuted) : r;
}

int filter_compile_within(struct plan *plan, unsigned limit_ms, struct filter *ret_filter)
{
	enum { API_NOTIFY = 5 };
	unsigned attempts = 0, hangs = 0;
	int r;

	if (cost_of(plan) > MAX_COST)
		return -E2BIG;
	/* libseccomp asks this kernel what it knows; the filter may be for another one. */
	if (seccomp_api_get() < API_NOTIFY)
		(void)seccomp_api_set(API_NOTIFY);
	do {
		r = attempt(plan, limit_ms, ret_filter);
		hangs += r == COMPILE_HUNG;
	} while (r > 0 && ++attempts < MAX_ATTEMPTS && hangs <= MAX_HANGS);
	if (r == COMPILE_HUNG)
		return -ETIMEDOUT;
	return r > 0 ? -ENOTRECOVERABLE : r;
}

int filter_compile(struct plan *plan, struct filter *ret_filter)
{
	return filter_compile_within(plan, LIMIT_MS, ret_filter);
}
