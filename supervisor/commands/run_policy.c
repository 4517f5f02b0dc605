/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/commands/run_policy.h"

#include "supervisor/commands/command.h"
#include "supervisor/reload.h"

/* Whether calls that are performed may have an AF_UNIX address, and then only the target can. */
static bool has_unix_calls(const struct policy *policy)
{
	for (size_t i = 0; i < policy->n_syscalls; i++) {
		const struct policy_syscall *syscall = &policy->syscalls[i];

		if (syscall->class == CLASS_PERFORMED && syscall->way->address.length > 0)
			return true;
	}
	return false;
}

/*
 * In complain mode all is allowed anyway. Where no more than AF_UNIX is missed, those calls are
 * refused one by one.
 */
static int make_leaf(const char *path, const struct policy *policy, enum mode mode,
                     struct freezer *freezer)
{
	const struct policy_syscall *syscall = policy_of_class(policy, CLASS_FROZEN);
	enum freezer_want want;

	if ((!syscall && !has_unix_calls(policy)) || mode == MODE_COMPLAIN)
		return 0;
	want = freezer_init(freezer);
	if (want == FREEZER_ABLE || !syscall)
		return 0;
	command_error("%s: the rules on %s are of class frozen, and this host cannot freeze the "
	              "target: %s; expected \"advisory\": true in each of them, to accept that an "
	              "allow can be tricked",
	              path, syscall->name, freezer_want_text(want));
	return -EOPNOTSUPP;
}

int run_policy_open(const char *path, enum mode mode, struct generations *policies,
                    struct freezer *freezer)
{
	_cleanup_(loaded_policy_deinit) struct loaded_policy loaded = { 0 };
	int result = reload_read(path, GENERATION_FIRST, &loaded);

	diags_print(&loaded.diags, stderr, "callgate: ", false);
	if (result == 0)
		result = make_leaf(path, loaded.policy, mode, freezer);
	if (result < 0)
		return result;
	generations_add(policies, TAKE_PTR(loaded.policy));
	return 0;
}
