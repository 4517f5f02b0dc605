/* SPDX-License-Identifier: Apache-2.0 */
/* A policy's file, and what the rules that it gives say of some calls. */
#include <seccomp.h>
#include <string.h>

#include "policies/decide.h"
#include "policies/policy_lint.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/fake_view.h"

enum { SYSCALLS_MAX = 64 };

static const char profile_text[] = "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":["
				   "{\"names\":[\"openat\"],\"action\":\"SCMP_ACT_ALLOW\"}]}";

static _Atomic uint64_t limits[POLICY_LIMITS_MAX];

static uint64_t now_ms(void)
{
	return 1;
}

static void check_verdict(const struct policy *policy, const struct policy_syscall *syscall,
                          const struct verdict *verdict)
{
	must(verdict->kind < VERDICT_KIND_COUNT);
	must(verdict->error < 4096 && verdict->doubt < 4096);
	must(verdict->policy_rule < (int32_t)policy->n_rules);
	must(verdict->kind == VERDICT_DENY || verdict->ask_seconds == 0);
	must(verdict->kind == VERDICT_DENY || verdict->kind == VERDICT_KILL || !verdict->doubt);
	/* An allow is never answered by CONTINUE where a rule that is not advisory saw memory. */
	if (verdict->kind == VERDICT_ALLOW && syscall->class == CLASS_PERFORMED)
		must(verdict->allow_by != ALLOW_BY_CONTINUE);
	if (verdict->kind == VERDICT_ALLOW && syscall->class == CLASS_FROZEN)
		must(verdict->allow_by == ALLOW_BY_FREEZE);
}

/* Nothing is advisory that does not say so. */
static void check_class(const struct policy_syscall *syscall)
{
	bool said = false;

	for (size_t i = 0; i < syscall->n_matches; i++)
		said |= syscall->matches[i].rule->advisory;
	must(said || syscall->class != CLASS_ADVISORY);
}

static void check_syscall(const struct decider *decider, const struct policy_syscall *syscall,
                          struct fake_view *fake)
{
	struct verdict verdict;

	must(syscall->n_matches > 0);
	check_class(syscall);
	fake->call.nr = syscall->nr;
	fake->call.arch = syscall->arch == SCMP_ARCH_X32 ? SCMP_ARCH_X86_64 : syscall->arch;
	if (syscall->muxed)
		fake->call.args[0] = syscall->mux_call;
	must(policy_find(decider->policy, &fake->call));
	decide(decider, fake_view(fake), &verdict);
	if (!syscall->muxed && ruleset_abi(decider->ruleset, &fake->call))
		check_verdict(decider->policy, policy_find(decider->policy, &fake->call), &verdict);
}

static void check_policy(const struct policy *policy, const struct ruleset *ruleset)
{
	const struct decider decider = {
		.ruleset = ruleset, .policy = policy, .limits = limits, .now_ms = now_ms
	};
	const struct fake_view views[] = {
		{ .call.args = { 1, 16, 16, 16, 16, 16 },
		  .string = "tmpfs",
		  .path = "/etc/x/y",
		  .bytes = "\2\0\1\273\12\0\0\1\0\0\0\0\0\0\0\0",
		  .length = 16,
		  .caller = { .exe = { "/bin/sh", 7 }, .comm = { "sh", 2 } } },
		{ .call.args = { 0, UINT64_MAX, 3, 3, 0, 3 }, .bytes = "\1\0/", .length = 3 },
		{ .error = ESRCH },
	};

	for (size_t i = 0; i < policy->n_syscalls && i < SYSCALLS_MAX; i++)
		for (size_t k = 0; k < ARRAY_SIZE(views); k++) {
			struct fake_view fake = views[k];

			must(i == 0 || policy->syscalls[i - 1].arch <= policy->syscalls[i].arch);
			check_syscall(&decider, &policy->syscalls[i], &fake);
		}
}

static void with_profile(const struct policy *policy, struct diags *diags)
{
	static struct profile *profile;
	static struct ruleset *ruleset;

	if (!profile) { /* once: it is the same for every input */
		const struct host host = { .arch = SCMP_ARCH_X86_64, .kernel = { 6, 1 } };

		must(profile_parse("fuzz", "fuzz", profile_text, strlen(profile_text), diags,
		                   &profile) == 0);
		must(ruleset_build(profile, &host, diags, &ruleset) == 0);
	}
	check_policy(policy, ruleset);
	policy_lint(policy, ruleset, diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const struct policy_source source = {
		.name = "fuzz",
		.file = "fuzz",
		.bytes = (const char *)bytes,
		.len = len,
		.arch = SCMP_ARCH_X86_64,
		.generation = 1,
	};
	struct policy *policy = NULL;
	struct diags diags;
	int r;

	diags_init(&diags, "fuzz");
	(void)policy_recognised(source.bytes, source.len);
	r = policy_parse(&source, &diags, &policy);
	must(r == 0 || (r == -EBADMSG && diags.errors > 0) || r == -EFBIG || r == -ENOMEM);
	must(!policy == (r < 0));
	if (policy) {
		must(diags.errors == 0);
		with_profile(policy, &diags);
	}
	policy_free(policy);
	diags_deinit(&diags);
	return 0;
}
