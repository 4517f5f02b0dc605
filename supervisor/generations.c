/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/generations.h"

#include <string.h>

void generations_deinit(struct generations *generations)
{
	for (size_t i = 0; i < GENERATIONS_KEPT; i++)
		policy_freep(&generations->policies[i]);
	*generations = (struct generations){ 0 };
}

void generations_add(struct generations *generations, struct policy *policy)
{
	struct policy **policies = generations->policies;

	policy_free(policies[GENERATIONS_KEPT - 1]);
	memmove(policies + 1, policies, (GENERATIONS_KEPT - 1) * sizeof(*policies));
	policies[0] = policy;
}

const struct policy *generations_present(const struct generations *generations)
{
	return generations ? generations->policies[0] : NULL;
}

const struct policy *generations_find(const struct generations *generations, uint32_t generation)
{
	for (size_t i = 0; i < GENERATIONS_KEPT && generations->policies[i]; i++)
		if (generations->policies[i]->generation == generation)
			return generations->policies[i];
	return NULL;
}
