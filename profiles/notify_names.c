/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/notify_names.h"

#include <seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "profiles/resolve.h"
#include "profiles/syscalls.h"

/* Where the numbers of an ABI are. */
static const struct {
	uint32_t arch; /* 0: any */
	int first;
	int last;
} ranges[] = {
	{ 0, 0, 8191 }, /* mips has them from 4000, 5000 and 6000 on */
	{ SCMP_ARCH_X32, (int)X32_BIT, (int)X32_BIT + 1023 },
	{ SCMP_ARCH_ARM, 0x0f0000, 0x0f000f }, /* __ARM_NR_BASE */
};

void name_list_deinit(struct name_list *list)
{
	for (size_t i = 0; i < list->n_names; i++)
		free(list->names[i]);
	free(list->names);
}

/* Takes name over, also on failure. */
static int name_list_add(struct name_list *list, char *name)
{
	char **grown = reallocarray(list->names, list->n_names + 1, sizeof(*grown));

	if (grown)
		list->names = grown;
	if (!grown || !name) {
		free(name);
		return -ENOMEM;
	}
	grown[list->n_names++] = name;
	return 0;
}

static int add_range(struct name_list *list, uint32_t arch, int first, int last)
{
	int r = 0;

	for (int nr = first; nr <= last && r == 0; nr++) {
		char *name = seccomp_syscall_resolve_num_arch(arch, nr);

		if (name)
			r = name_list_add(list, name);
	}
	return r;
}

static int add_tables(struct name_list *list, const struct ruleset *ruleset)
{
	int r = 0;

	for (size_t i = 0; i < ruleset->n_abis; i++)
		for (size_t j = 0; j < ARRAY_SIZE(ranges) && r == 0; j++)
			if (ranges[j].arch == 0 || ranges[j].arch == ruleset->abis[i].scmp_arch)
				r = add_range(list, ruleset->abis[i].scmp_arch, ranges[j].first,
				              ranges[j].last);
	return r;
}

static int add_rules(struct name_list *list, const struct ruleset *ruleset)
{
	const struct profile *profile = ruleset->profile;
	struct gate_result ignored;
	int r = 0;

	for (size_t i = 0; i < profile->n_rules; i++) {
		const struct rule *rule = &profile->rules[i];

		if (!rule_counts(profile, rule, &ruleset->host, &ignored))
			continue;
		for (size_t j = 0; j < rule->n_names && r == 0; j++)
			if (syscall_known(rule->names[j]))
				r = name_list_add(list, strdup(rule->names[j]));
	}
	return r;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void drop_repeated(struct name_list *list)
{
	size_t n = 0;

	for (size_t i = 0; i < list->n_names; i++)
		if (n > 0 && strcmp(list->names[n - 1], list->names[i]) == 0)
			free(list->names[i]);
		else
			list->names[n++] = list->names[i];
	list->n_names = n;
}

int name_list_make(const struct ruleset *ruleset, bool tables, struct name_list *ret_list)
{
	struct name_list list = { 0 };
	int r = add_rules(&list, ruleset);

	if (r == 0 && tables)
		r = add_tables(&list, ruleset);
	if (r < 0) {
		name_list_deinit(&list);
		return r;
	}
	if (list.n_names > 0)
		qsort(list.names, list.n_names, sizeof(*list.names), compare_names);
	drop_repeated(&list);
	*ret_list = list;
	return 0;
}

bool name_is_multiplexer(const char *name)
{
	return strcmp(name, "socketcall") == 0 || strcmp(name, "ipc") == 0;
}

bool name_is_multiplexed(const struct ruleset *ruleset, const char *name)
{
	for (size_t i = 0; i < ruleset->n_abis; i++) {
		struct numbers numbers;

		if (numbers_resolve(ruleset->abis[i].scmp_arch, name, &numbers) == 0 &&
		    numbers.mux >= 0)
			return true;
	}
	return false;
}
