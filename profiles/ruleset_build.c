/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/ruleset.h"

#include <linux/filter.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>

#include "profiles/match_order.h"
#include "profiles/resolve.h"

struct builder {
	struct ruleset *ruleset;
	struct abi *abi; /* the one being filled */
	struct diags *diags;
	size_t n_matches;           /* of abi */
	const struct rule *refused; /* the last rule of which a conflict was reported */
	bool failed;
};

static bool ruleset_has(const struct ruleset *ruleset, uint32_t scmp_arch)
{
	for (size_t i = 0; i < ruleset->n_abis; i++)
		if (ruleset->abis[i].scmp_arch == scmp_arch)
			return true;
	return false;
}

/* libseccomp refuses ABIs that it does not know, and those of the other byte order. */
static bool arch_fits(uint32_t scmp_arch)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	int r;

	if (!ctx)
		return false;
	r = seccomp_arch_add(ctx, scmp_arch);
	seccomp_release(ctx);
	return r == 0 || r == -EEXIST;
}

static int add_abi(struct builder *builder, uint32_t scmp_arch)
{
	struct ruleset *ruleset = builder->ruleset;
	struct abi *grown;

	if (ruleset_has(ruleset, scmp_arch))
		return 0;
	if (!arch_fits(scmp_arch)) {
		diags_add(builder->diags, DIAG_ERROR, "unsupported-architecture",
		          ruleset->profile->default_place, "",
		          "architecture 0x%08x cannot be in a filter on this machine; the runtimes "
		          "refuse the profile",
		          scmp_arch);
		builder->failed = true;
		return 0;
	}
	grown = reallocarray(ruleset->abis, ruleset->n_abis + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	ruleset->abis = grown;
	grown[ruleset->n_abis++] = (struct abi){
		.scmp_arch = scmp_arch,
		.audit_arch = scmp_arch_audit(scmp_arch),
	};
	return 0;
}

static int add_abis(struct builder *builder, const struct arch_entry *entry)
{
	int r = 0;

	if (entry->refused) {
		diags_add(builder->diags, DIAG_ERROR, "refused-architecture",
		          builder->ruleset->profile->default_place, "",
		          "the archMap entry of this host has an architecture that the engine "
		          "refuses, as the warning there says");
		builder->failed = true;
	}
	if (entry->arch)
		r = add_abi(builder, entry->arch);
	for (size_t i = 0; i < entry->n_sub && r == 0; i++)
		r = add_abi(builder, entry->sub[i]);
	return r;
}

/* libseccomp's filter always has the native ABI; archMap counts by its first entry for the host. */
static int choose_abis(struct builder *builder)
{
	const struct profile *profile = builder->ruleset->profile;
	uint32_t native = builder->ruleset->host.arch;
	int r;

	r = add_abi(builder, native);
	for (size_t i = 0; i < profile->n_archs && r == 0; i++) {
		const struct arch_entry *entry = &profile->archs[i];

		if (entry->arch && (entry->arch != native || !arch_map_applies(profile, native)))
			continue;
		r = add_abis(builder, entry);
		if (entry->arch)
			break;
	}
	return r;
}

/* The row of a number, made where there is none. */
static struct syscall_rules *row_of(struct abi *abi, int nr)
{
	struct syscall_rules *grown;
	size_t low = 0, high = abi->n_syscalls;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (abi->syscalls[middle].nr < nr)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < abi->n_syscalls && abi->syscalls[low].nr == nr)
		return &abi->syscalls[low];
	grown = reallocarray(abi->syscalls, abi->n_syscalls + 1, sizeof(*grown));
	if (!grown)
		return NULL;
	abi->syscalls = grown;
	memmove(&grown[low + 1], &grown[low], (abi->n_syscalls - low) * sizeof(*grown));
	grown[low] = (struct syscall_rules){ .nr = nr };
	abi->n_syscalls++;
	return &grown[low];
}

static void report_conflict(struct builder *builder, const struct rule *rule,
                            const struct rule *other, const char *name)
{
	char pointer[64];

	builder->failed = true;
	if (builder->refused == rule)
		return;
	builder->refused = rule;
	snprintf(pointer, sizeof(pointer), "%s/syscalls/%zu", builder->ruleset->profile->pointer,
	         rule->index);
	diags_add(builder->diags, DIAG_ERROR, "rule-conflict", rule->place, pointer,
	          "%s: the rule in line %u has the same condition and another action; the runtimes "
	          "refuse the profile; remove one of the two",
	          name, other->place.line);
}

/* Each takes an instruction at least; and what is looked through for each new one is bounded. */
static void report_too_many(struct builder *builder, const struct rule *rule)
{
	diags_add(
		builder->diags, DIAG_ERROR, "too-many-rules", rule->place, "",
		"more than %d conditions for one architecture; the kernel takes no filter of more "
		"than %d instructions",
		BPF_MAXINSNS, BPF_MAXINSNS);
}

static int add_match(struct builder *builder, int nr, const struct match *written, const char *name)
{
	bool is_32_bit = scmp_arch_is_32_bit(builder->abi->scmp_arch);
	struct syscall_rules *row = row_of(builder->abi, nr);
	struct match match = *written;
	const struct rule *other = NULL;
	size_t before;
	int r;

	if (!row)
		return -ENOMEM;
	match_normalize(&match, is_32_bit);
	before = row->n_matches;
	r = syscall_rules_add(row, &match, is_32_bit, &other);
	builder->n_matches += row->n_matches - before;
	if (r == MATCH_CONFLICT) {
		report_conflict(builder, match.rule, other, name);
		return 0;
	}
	if (r == 0 && builder->n_matches > BPF_MAXINSNS) {
		report_too_many(builder, match.rule);
		return -EBADMSG;
	}
	return r;
}

/* The companion of a multiplexed call keeps the conditions, except the first argument's. */
static struct match multiplexed(const struct match *match, uint64_t call)
{
	struct match companion = { .rule = match->rule, .action = match->action };

	companion.args[companion.n_args++] =
		(struct comparison){ .index = 0, .op = COMPARE_EQ, .value = call };
	for (unsigned i = 0; i < match->n_args; i++)
		if (match->args[i].index != 0)
			companion.args[companion.n_args++] = match->args[i];
	return companion;
}

static int add_to_numbers(struct builder *builder, const struct numbers *numbers,
                          const struct match *match, const char *name)
{
	int r = 0;

	if (numbers->mux >= 0) {
		struct match companion = multiplexed(match, numbers->mux_call);

		r = add_match(builder, numbers->mux, &companion, name);
	}
	if (numbers->direct >= 0 && r == 0)
		r = add_match(builder, numbers->direct, match, name);
	if (numbers->pseudo < -1 && r == 0)
		r = add_match(builder, numbers->pseudo, match, name);
	return r;
}

/* One rule for one name: as a whole, or each condition by itself where an index repeats. */
static int add_rule_name(struct builder *builder, const struct rule *rule,
                         const struct numbers *numbers, const char *name)
{
	struct match match = { .rule = rule, .action = rule->action };
	int r = 0;

	if (!comparisons_are_alternatives(rule->args, rule->n_args)) {
		match.n_args = (unsigned)rule->n_args;
		for (size_t i = 0; i < rule->n_args; i++)
			match.args[i] = rule->args[i];
		return add_to_numbers(builder, numbers, &match, name);
	}
	match.n_args = 1;
	for (size_t i = 0; i < rule->n_args && r == 0; i++) {
		match.args[0] = rule->args[i];
		r = add_to_numbers(builder, numbers, &match, name);
	}
	return r;
}

static bool has_newest(const struct ruleset *ruleset)
{
	enum action_kind kind = ruleset->default_action.kind;

	return ruleset->profile->dialect != DIALECT_PODMAN && kind != ACTION_ALLOW &&
	       kind != ACTION_LOG && kind != ACTION_TRACE;
}

/* runc takes the largest number that any rule names, also one that it then skips. */
static void note_newest(struct builder *builder, const struct numbers *numbers)
{
	struct abi *abi = builder->abi;

	/* A multiplexed name resolves to a pseudo number there, whatever else it has. */
	if (numbers->mux >= 0 || numbers->direct <= 0 || !has_newest(builder->ruleset))
		return;
	if ((unsigned)numbers->direct > abi->newest)
		abi->newest = (unsigned)numbers->direct;
}

static int add_rule(struct builder *builder, const struct rule *rule)
{
	bool as_default = action_equal(rule->action, builder->ruleset->default_action);
	int r = 0;

	for (size_t i = 0; i < rule->n_names && r == 0; i++) {
		struct numbers numbers;

		if (numbers_resolve(builder->abi->scmp_arch, rule->names[i], &numbers) < 0)
			continue;
		note_newest(builder, &numbers);
		if (!as_default)
			r = add_rule_name(builder, rule, &numbers, rule->names[i]);
	}
	return r;
}

/* The rules without code were there to collide with each other. */
static void drop_pseudo(struct abi *abi)
{
	size_t n = 0;

	while (n < abi->n_syscalls && abi->syscalls[n].nr < 0)
		free(abi->syscalls[n++].matches);
	if (n == 0)
		return;
	abi->n_syscalls -= n;
	memmove(abi->syscalls, abi->syscalls + n, abi->n_syscalls * sizeof(*abi->syscalls));
}

static int fill_abi(struct builder *builder)
{
	const struct ruleset *ruleset = builder->ruleset;
	const struct profile *profile = ruleset->profile;
	struct gate_result ignored;
	int r = 0;

	for (size_t i = 0; i < profile->n_rules && r == 0; i++)
		if (rule_counts(profile, &profile->rules[i], &ruleset->host, &ignored))
			r = add_rule(builder, &profile->rules[i]);
	drop_pseudo(builder->abi);
	return r;
}

/* What the engine refuses of the rules that count, as the reader marked it. */
static void report_refused(struct builder *builder)
{
	const struct ruleset *ruleset = builder->ruleset;
	const struct profile *profile = ruleset->profile;
	struct gate_result ignored;

	for (size_t i = 0; i < profile->n_rules; i++) {
		const struct rule *rule = &profile->rules[i];
		char pointer[64];

		if (!rule->refused || !rule_counts(profile, rule, &ruleset->host, &ignored))
			continue;
		builder->failed = true;
		snprintf(pointer, sizeof(pointer), "/syscalls/%zu", rule->index);
		diags_add(builder->diags, DIAG_ERROR, "refused-rule", rule->place, pointer,
		          "the rule counts here, so the engine refuses the profile, for what the "
		          "warning in this rule says");
	}
}

static bool arguments_valid(struct builder *builder)
{
	const struct profile *profile = builder->ruleset->profile;

	for (size_t i = 0; i < profile->n_rules; i++)
		for (size_t j = 0; j < profile->rules[i].n_args; j++)
			if (profile->rules[i].args[j].index > 5 ||
			    profile->rules[i].args[j].op >= COMPARE_COUNT)
				return false;
	return true;
}

static int fill(struct builder *builder)
{
	struct ruleset *ruleset = builder->ruleset;
	int r;

	if (!arguments_valid(builder))
		return -EINVAL;
	report_refused(builder);
	r = choose_abis(builder);
	for (size_t i = 0; i < ruleset->n_abis && r == 0; i++) {
		builder->abi = &ruleset->abis[i];
		builder->n_matches = 0;
		r = fill_abi(builder);
	}
	if (r < 0)
		return r;
	return builder->failed ? -EBADMSG : 0;
}

int ruleset_build(const struct profile *profile, const struct host *host, struct diags *diags,
                  struct ruleset **ret_ruleset)
{
	_cleanup_(ruleset_freep) struct ruleset *ruleset = NULL;
	struct builder builder = { .diags = diags };
	int r;

	ruleset = calloc(1, sizeof(*ruleset));
	if (!ruleset)
		return -ENOMEM;
	ruleset->profile = profile;
	ruleset->host = *host;
	if (!profile->unconfined) {
		ruleset->default_action = profile->default_action;
		/* libseccomp's default for SCMP_FLTATR_ACT_BADARCH; no runtime changes it. */
		ruleset->bad_arch_action.kind = ACTION_KILL_THREAD;
	}
	builder.ruleset = ruleset;
	r = fill(&builder);
	if (r < 0)
		return r;
	*ret_ruleset = TAKE_PTR(ruleset);
	return 0;
}

void ruleset_free(struct ruleset *ruleset)
{
	if (!ruleset)
		return;
	for (size_t i = 0; i < ruleset->n_abis; i++) {
		for (size_t j = 0; j < ruleset->abis[i].n_syscalls; j++)
			free(ruleset->abis[i].syscalls[j].matches);
		free(ruleset->abis[i].syscalls);
	}
	free(ruleset->abis);
	free(ruleset);
}
