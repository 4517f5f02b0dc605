/* SPDX-License-Identifier: Apache-2.0 */
/* The knowledge base against the tables of names, and against the profile that it explains. */
#include "profiles/knowledge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "profiles/syscalls.h"
#include "tests/support/profile_fixture.h"

/* The calls that Docker's page on seccomp lists as blocked; socket came to it later. */
static const char *const documented[] = {
	"acct",
	"add_key",
	"bpf",
	"clock_settime",
	"clone",
	"create_module",
	"delete_module",
	"finit_module",
	"get_kernel_syms",
	"get_mempolicy",
	"init_module",
	"ioperm",
	"iopl",
	"kcmp",
	"kexec_file_load",
	"kexec_load",
	"keyctl",
	"lookup_dcookie",
	"mbind",
	"mount",
	"move_pages",
	"nfsservctl",
	"open_by_handle_at",
	"perf_event_open",
	"personality",
	"pivot_root",
	"process_vm_readv",
	"process_vm_writev",
	"ptrace",
	"query_module",
	"quotactl",
	"reboot",
	"request_key",
	"set_mempolicy",
	"setns",
	"settimeofday",
	"socket",
	"stime",
	"swapon",
	"swapoff",
	"sysfs",
	"_sysctl",
	"umount",
	"umount2",
	"unshare",
	"uselib",
	"userfaultfd",
	"ustat",
	"vm86",
	"vm86old",
};

/* What a first argument must be for the call to be one of those that are blocked. */
static const struct {
	const char *name;
	uint64_t arg;
} blocked_args[] = {
	{ "clone", 0x10000000 }, /* CLONE_NEWUSER */
	{ "personality", 1 },
	{ "socket", 38 }, /* AF_ALG */
};

static const uint32_t archs[] = { SCMP_ARCH_X86_64, SCMP_ARCH_X86 };

static int number_of(uint32_t arch, const char *name)
{
	char buf[64];

	for (int nr = -1; (nr = syscall_next(arch, nr)) >= 0;)
		if (syscall_named(arch, nr) &&
		    strcmp(syscall_name(arch, nr, buf, sizeof(buf)), name) == 0)
			return nr;
	return -1;
}

/* docker-default under the last kernel where it hangs on ptrace's capability too. */
static struct fixture docker_with(uint64_t caps)
{
	struct host host = fixture_host();
	struct fixture fixture;

	host.caps = caps;
	host.kernel = (struct kernel_version){ .major = 4, .minor = 7 };
	assert_int_equal(fixture_shipped(&fixture, host), 0);
	return fixture;
}

/* Decides the blocked form of a call, on the first ABI that has it. */
static struct decision decide(const struct fixture *fixture, const char *name)
{
	struct decision decision = { .by = DECIDED_BY_BAD_ARCH };

	for (size_t i = 0; i < ARRAY_SIZE(archs); i++) {
		struct seccomp_data call = { .arch = archs[i], .nr = number_of(archs[i], name) };

		if (call.nr < 0)
			continue;
		for (size_t j = 0; j < ARRAY_SIZE(blocked_args); j++)
			if (strcmp(blocked_args[j].name, name) == 0)
				call.args[0] = blocked_args[j].arg;
		ruleset_evaluate(fixture->ruleset, &call, &decision);
		return decision;
	}
	return decision;
}

static bool allowed_with(uint64_t caps, const char *name)
{
	struct fixture fixture = docker_with(caps);
	struct decision decision = decide(&fixture, name);

	fixture_free(&fixture);
	return decision.action.kind == ACTION_ALLOW;
}

static void test_entries_are_whole_and_sorted(void **state)
{
	const struct knowledge *last = NULL, *entry;

	(void)state;
	for (size_t i = 0; (entry = knowledge_at(i)); last = entry, i++) {
		assert_ptr_equal(knowledge_find(entry->syscall), entry);
		assert_true(strlen(entry->why) > 8 && strlen(entry->why) < 128);
		assert_true(strlen(entry->fallback) > 8);
		assert_true(strlen(entry->source) > 4);
		assert_true(!entry->since || entry->since[0]);
		assert_true(!last || strcmp(last->syscall, entry->syscall) < 0);
	}
	assert_non_null(last);
}

static void test_every_entry_is_a_syscall(void **state)
{
	const struct knowledge *entry;

	(void)state;
	for (size_t i = 0; (entry = knowledge_at(i)); i++)
		if (number_of(SCMP_ARCH_X86_64, entry->syscall) < 0 &&
		    number_of(SCMP_ARCH_X86, entry->syscall) < 0)
			fail_msg("%s is no syscall", entry->syscall);
}

static void test_what_is_documented_is_there(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(documented); i++)
		if (!knowledge_find(documented[i]))
			fail_msg("nothing is known of %s", documented[i]);
	assert_null(knowledge_find("read"));
	assert_null(knowledge_find(""));
	assert_null(knowledge_find("zzz"));
}

/* What the profile ties to a capability or to arguments, it blocks on purpose. */
static void test_what_the_profile_gates_is_there(void **state)
{
	struct fixture fixture = docker_with(host_docker_caps());
	size_t found = 0;

	(void)state;
	for (size_t i = 0; i < fixture.profile->n_rules; i++) {
		const struct rule *rule = &fixture.profile->rules[i];

		if (!rule->includes.caps && !rule->n_args && rule->action.kind == ACTION_ALLOW)
			continue;
		for (size_t j = 0; j < rule->n_names; j++) {
			if (decide(&fixture, rule->names[j]).action.kind == ACTION_ALLOW)
				continue;
			found++;
			if (!knowledge_find(rule->names[j]))
				fail_msg("nothing is known of %s", rule->names[j]);
		}
	}
	assert_true(found > 50);
	fixture_free(&fixture);
}

/* Calls newer than libseccomp's tables are answered with ENOSYS whatever is held. */
static bool newer(const char *name)
{
	struct fixture fixture = docker_with(host_docker_caps());
	struct decision decision = decide(&fixture, name);

	fixture_free(&fixture);
	return decision.by == DECIDED_BY_NEWER;
}

static void test_capabilities_free_what_they_are_said_to(void **state)
{
	const struct knowledge *entry;

	(void)state;
	for (size_t i = 0; (entry = knowledge_at(i)); i++) {
		uint64_t others = ~entry->freed_by & ((UINT64_C(1) << 41) - 1);

		if (newer(entry->syscall))
			continue;
		if (allowed_with(others, entry->syscall))
			fail_msg("%s needs none of its capabilities", entry->syscall);
		for (unsigned cap = 0; cap < 64; cap++)
			if ((entry->freed_by >> cap & 1) &&
			    !allowed_with(host_docker_caps() | UINT64_C(1) << cap, entry->syscall))
				fail_msg("capability %u does not free %s", cap, entry->syscall);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entries_are_whole_and_sorted),
		cmocka_unit_test(test_every_entry_is_a_syscall),
		cmocka_unit_test(test_what_is_documented_is_there),
		cmocka_unit_test(test_what_the_profile_gates_is_there),
		cmocka_unit_test(test_capabilities_free_what_they_are_said_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
