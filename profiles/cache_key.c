/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/compile.h"

#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>

/* Change it with any change of what filter_compile() makes of a plan. */
#define FILTER_FORMAT "callgate filter 1"

static void print_action(FILE *out, struct action action)
{
	fprintf(out, " %u.%u", action.kind, action.number);
}

static void print_row(FILE *out, const struct plan_row *row)
{
	fprintf(out, "%x %u", (unsigned)row->nr, row->place);
	for (size_t i = 0; i < row->rules->n_matches; i++) {
		const struct match *match = &row->rules->matches[i];

		print_action(out, match->action);
		for (unsigned j = 0; j < match->n_args; j++)
			fprintf(out, " %u:%u:%jx:%jx", match->args[j].index, match->args[j].op,
			        (uintmax_t)match->args[j].value,
			        (uintmax_t)match->args[j].value_two);
	}
	fputc('\n', out);
}

static void print_key(FILE *out, const struct plan *plan)
{
	const struct scmp_version *version = seccomp_version();
	const struct ruleset *ruleset = plan->ruleset;

	fprintf(out, FILTER_FORMAT "\nlibseccomp %u.%u.%u native %x\n", version->major,
	        version->minor, version->micro, seccomp_arch_native());
	fprintf(out, "deny %d complain %d log %d speculate %d\n", plan->options.deny_in_kernel,
	        plan->options.complain, ruleset->profile->flag_log,
	        ruleset->profile->flag_spec_allow);
	print_action(out, ruleset->default_action);
	print_action(out, ruleset->bad_arch_action);
	for (size_t i = 0; i < plan->n_abis; i++) {
		const struct plan_abi *abi = &plan->abis[i];

		fprintf(out, "\nabi %x newest %x rows %zu\n", abi->abi->scmp_arch, abi->abi->newest,
		        abi->n_rows);
		for (size_t j = 0; j < abi->n_rows; j++)
			print_row(out, &abi->rows[j]);
	}
}

int filter_cache_key(const struct plan *plan, char **ret_key, size_t *ret_len)
{
	_cleanup_free_ char *key = NULL;
	size_t len = 0;
	FILE *out;
	bool whole;

	out = open_memstream(&key, &len);
	if (!out)
		return -ENOMEM;
	print_key(out, plan);
	whole = !ferror(out);
	if (fclose(out) != 0 || !whole)
		return -ENOMEM;
	*ret_key = TAKE_PTR(key);
	*ret_len = len;
	return 0;
}
