/* SPDX-License-Identifier: Apache-2.0 */
/* The rules by syscall, so that a decision costs as much as the rules on its syscall do. */
#include <seccomp.h>
#include <stdio.h>
#include <string.h>

#include "policies/policy_reader.h"
#include "profiles/plan_rows.h"
#include "profiles/resolve.h"
#include "profiles/syscalls.h"

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

/* ---- the order */

static int by_call(const void *left, const void *right)
{
	const struct policy_syscall *a = left, *b = right;
	int order = COMPARE(a->arch, b->arch);

	if (order == 0)
		order = COMPARE(a->nr, b->nr);
	if (order == 0)
		order = COMPARE(a->muxed, b->muxed);
	return order != 0 ? order : COMPARE(a->mux_call, b->mux_call);
}

static int by_number(const void *left, const void *right)
{
	const struct binding *a = left, *b = right;
	int order = COMPARE(a->call.arch, b->call.arch);

	if (order == 0)
		order = COMPARE(a->call.nr, b->call.nr);
	return order != 0 ? order : COMPARE(a->order, b->order);
}

/* ---- classes */

const char *policy_class_name(enum policy_class class)
{
	static const char *const names[CLASS_COUNT] = {
		[CLASS_REGISTERS] = "registers",
		[CLASS_PERFORMED] = "performed",
		[CLASS_FROZEN] = "frozen",
		[CLASS_ADVISORY] = "advisory",
	};

	return names[class];
}

static bool match_reads_memory(const struct policy_match *match)
{
	for (size_t i = 0; i < match->n_conditions; i++)
		if (condition_reads_memory(&match->conditions[i]))
			return true;
	return false;
}

/* Whether the rule was said to need advisory for this name already, in another ABI. */
static bool was_complained(const struct diags *diags, const char *pointer, const char *message)
{
	for (size_t i = 0; i < diags->count; i++)
		if (strcmp(diags->list[i].pointer, pointer) == 0 &&
		    strcmp(diags->list[i].message, message) == 0)
			return true;
	return false;
}

/* A rule that needs what nobody can give it. Said once, whichever ABI has the call. */
static void complain_advisory(struct policy_reader *reader, const struct policy_syscall *syscall,
                              const struct policy_rule *rule)
{
	char pointer[32], message[512];

	snprintf(pointer, sizeof(pointer), "/rules/%zu", rule->index);
	snprintf(message, sizeof(message),
	         "the rule looks at memory of a %s, which another thread can change after the "
	         "look, and this call can be made neither for the target nor while it is frozen; "
	         "expected conditions on its other arguments alone, or \"advisory\": true to "
	         "accept that an allow can be tricked",
	         syscall->name);
	if (!was_complained(reader->diags, pointer, message))
		diags_add(reader->diags, DIAG_ERROR, "not-advisory", rule->place, pointer, "%s",
		          message);
}

static enum policy_class class_of(struct policy_reader *reader,
                                  const struct policy_syscall *syscall)
{
	static const enum policy_class classes[] = {
		[WAY_NONE] = CLASS_ADVISORY,
		[WAY_PERFORM] = CLASS_PERFORMED,
		[WAY_FREEZE] = CLASS_FROZEN,
	};
	enum way way = syscall->way ? syscall->way->way : WAY_NONE;
	enum policy_class class = CLASS_REGISTERS;

	for (size_t i = 0; i < syscall->n_matches; i++) {
		const struct policy_match *match = &syscall->matches[i];

		if (!match_reads_memory(match))
			continue;
		if (!match->rule->advisory && way == WAY_NONE)
			complain_advisory(reader, syscall, match->rule);
		if (!match->rule->advisory)
			return classes[way];
		class = CLASS_ADVISORY;
	}
	return class;
}

/* ---- the index */

/* The bindings of one number of one ABI. */
struct span {
	const struct binding *bindings;
	size_t n;
};

/* Adds an entry of those bindings that are of the call itself, and of the multiplexed call. */
static int add_entry(struct policy_reader *reader, const struct span *span,
                     const struct policy_syscall *call)
{
	struct policy *policy = reader->policy;
	struct policy_syscall *entry = &policy->syscalls[policy->n_syscalls++];
	struct policy_match *matches =
		arena_alloc(&policy->arena, span->n, sizeof(*entry->matches));

	if (!matches)
		return -ENOMEM;
	*entry = *call;
	entry->matches = matches;
	for (size_t i = 0; i < span->n; i++) {
		const struct binding *binding = &span->bindings[i];

		if (binding->call.muxed &&
		    !(call->muxed && binding->call.mux_call == call->mux_call))
			continue;
		matches[entry->n_matches++] = (struct policy_match){
			.rule = binding->rule,
			.conditions = binding->conditions,
			.n_conditions = binding->n_conditions,
			.opaque = binding->opaque,
		};
	}
	entry->class = class_of(reader, entry);
	return 0;
}

static bool has_entry(const struct policy *policy, const struct policy_syscall *call)
{
	for (size_t i = policy->n_syscalls; i > 0; i--) {
		const struct policy_syscall *entry = &policy->syscalls[i - 1];

		if (entry->arch != call->arch || entry->nr != call->nr)
			return false;
		if (by_call(entry, call) == 0)
			return true;
	}
	return false;
}

static int add_entries(struct policy_reader *reader, const struct span *span)
{
	int r = 0;

	for (size_t i = 0; i < span->n && r == 0; i++)
		if (!has_entry(reader->policy, &span->bindings[i].call))
			r = add_entry(reader, span, &span->bindings[i].call);
	return r;
}

static bool same_number(const struct binding *a, const struct binding *b)
{
	return a->call.arch == b->call.arch && a->call.nr == b->call.nr;
}

/* The rules' bindings from first on that share a number; those of `notify` are left out. */
static struct span span_at(const struct policy_reader *reader, size_t first)
{
	struct span span = { &reader->bindings[first], 0 };

	while (first + span.n < reader->n_bindings &&
	       same_number(span.bindings, &span.bindings[span.n]))
		span.n++;
	return span;
}

/* Drops the bindings that have no rule from a span, which they end: they were read last. */
static struct span with_rules(struct span span)
{
	while (span.n > 0 && !span.bindings[span.n - 1].rule)
		span.n--;
	return span;
}

int policy_index(struct policy_reader *reader)
{
	struct policy *policy = reader->policy;
	size_t n = reader->n_bindings;
	int r = 0;

	policy->syscalls = arena_alloc(&policy->arena, n, sizeof(*policy->syscalls));
	policy->notified = arena_alloc(&policy->arena, n, sizeof(*policy->notified));
	if (!policy->syscalls || !policy->notified)
		return -ENOMEM;
	if (n > 0)
		qsort(reader->bindings, n, sizeof(*reader->bindings), by_number);
	for (size_t first = 0; first < n && r == 0;) {
		struct span span = span_at(reader, first), ruled = with_rules(span);

		policy->notified[policy->n_notified++] = (struct plan_call){
			.arch = span.bindings->call.arch,
			.nr = span.bindings->call.nr,
		};
		r = add_entries(reader, &ruled);
		first += span.n;
	}
	if (policy->n_syscalls > 0)
		qsort(policy->syscalls, policy->n_syscalls, sizeof(*policy->syscalls), by_call);
	return r;
}

/* ---- use */

static const struct policy_syscall *find(const struct policy *policy,
                                         const struct policy_syscall *key)
{
	if (policy->n_syscalls == 0)
		return NULL;
	return bsearch(key, policy->syscalls, policy->n_syscalls, sizeof(*key), by_call);
}

const struct policy_syscall *policy_find(const struct policy *policy,
                                         const struct seccomp_data *call)
{
	struct policy_syscall key = { .arch = syscall_arch(call->arch, call->nr), .nr = call->nr };
	const struct policy_syscall *found;

	if (scmp_arch_is_32_bit(key.arch)) {
		key.muxed = true;
		key.mux_call = (uint32_t)call->args[0];
		found = find(policy, &key);
		if (found)
			return found;
		key.muxed = false;
		key.mux_call = 0;
	}
	return find(policy, &key);
}

const struct policy_syscall *policy_of_class(const struct policy *policy, enum policy_class class)
{
	for (size_t i = 0; i < policy->n_syscalls; i++)
		if (policy->syscalls[i].class == class)
			return &policy->syscalls[i];
	return NULL;
}

/* The filter says so: a plan's row, or what it does with numbers that have none. */
static bool is_notified(const struct plan *installed, const struct plan_call *call)
{
	const struct seccomp_data number = { .arch = scmp_arch_audit(call->arch), .nr = call->nr };
	const struct plan_row *row = plan_row_of(installed, &number);

	return (row ? row->place : installed->rest) == PLAN_NOTIFY;
}

static bool covers(const struct plan *installed, const struct plan_call *call)
{
	for (size_t i = 0; i < installed->n_abis; i++)
		if (installed->abis[i].abi->scmp_arch == call->arch)
			return true;
	return false;
}

size_t policy_unreached(const struct policy *policy, const struct plan *installed,
                        struct plan_call *ret_calls, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < policy->n_notified; i++) {
		const struct plan_call *call = &policy->notified[i];

		if (!covers(installed, call) || is_notified(installed, call))
			continue;
		if (n < max)
			ret_calls[n] = *call;
		n++;
	}
	return n;
}
