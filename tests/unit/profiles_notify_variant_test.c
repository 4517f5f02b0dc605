/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/notify_variant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "profiles/compile.h"
#include "profiles/resolve.h"
#include "tests/support/profile_fixture.h"
#include "tests/support/random_profile.h"

/* A profile, its variant, and that resolved for the same host. */
struct pair {
	struct fixture original;
	struct notify_variant variant;
	struct ruleset *ruleset;
};

static void pair_resolve(struct pair *pair, const struct host *host)
{
	struct diags diags;

	diags_init(&diags, "variant");
	assert_int_equal(ruleset_build(pair->variant.profile, host, &diags, &pair->ruleset), 0);
	diags_deinit(&diags);
}

static void pair_free(struct pair *pair)
{
	ruleset_free(pair->ruleset);
	notify_variant_deinit(&pair->variant);
	fixture_free(&pair->original);
}

static bool is_left_out(const struct notify_variant *variant, const char *name)
{
	for (size_t i = 0; i < variant->n_left_out; i++)
		if (strcmp(variant->left_out[i].name, name) == 0)
			return true;
	return false;
}

static struct action does(const struct ruleset *ruleset, const struct seccomp_data *call)
{
	struct decision decision;

	ruleset_evaluate(ruleset, call, &decision);
	return decision.action;
}

/* --- real profiles --- */

#define X86_64 AUDIT_ARCH_X86_64
#define X86 AUDIT_ARCH_I386
#define X32(nr_) (int)(X32_BIT | (nr_))

/* Calls under Docker's default profile. */
static const struct {
	struct seccomp_data call;
	enum action_kind kind;
} calls[] = {
	{ { .arch = X86_64, .nr = 0 }, ACTION_ALLOW },    /* read */
	{ { .arch = X86_64, .nr = 272 }, ACTION_NOTIFY }, /* unshare */
	{ { .arch = X86, .nr = 310 }, ACTION_NOTIFY },
	{ { .arch = X86_64, .nr = X32(272) }, ACTION_NOTIFY },
	{ { .arch = X86_64, .nr = 435 }, ACTION_NOTIFY }, /* clone3: its own ENOSYS */
	/* socket: AF_ALG is 38, AF_VSOCK 40 */
	{ { .arch = X86_64, .nr = 41, .args = { 2 } }, ACTION_ALLOW },
	{ { .arch = X86_64, .nr = 41, .args = { 38 } }, ACTION_NOTIFY },
	{ { .arch = X86_64, .nr = 41, .args = { 39 } }, ACTION_ALLOW },
	{ { .arch = X86_64, .nr = 41, .args = { 40 } }, ACTION_NOTIFY },
	{ { .arch = X86_64, .nr = 41, .args = { 41 } }, ACTION_ALLOW },
	{ { .arch = X86_64, .nr = 41, .args = { (UINT64_C(1) << 32) + 40 } }, ACTION_ALLOW },
	{ { .arch = X86, .nr = 359, .args = { 40 } }, ACTION_NOTIFY },
	{ { .arch = X86, .nr = 102, .args = { 1, 40 } }, ACTION_ALLOW }, /* socketcall */
	/* personality: five values */
	{ { .arch = X86_64, .nr = 135, .args = { 8 } }, ACTION_ALLOW },
	{ { .arch = X86_64, .nr = 135, .args = { 0xffffffff } }, ACTION_ALLOW },
	{ { .arch = X86_64, .nr = 135, .args = { 9 } }, ACTION_NOTIFY },
	{ { .arch = X86_64, .nr = 135, .args = { UINT64_MAX } }, ACTION_NOTIFY },
	{ { .arch = X86, .nr = 136, .args = { 9 } }, ACTION_NOTIFY },
	/* clone: CLONE_NEWUSER is 0x10000000, SIGCHLD 17 */
	{ { .arch = X86_64, .nr = 56, .args = { 17 } }, ACTION_ALLOW },
	{ { .arch = X86_64, .nr = 56, .args = { 0x10000011 } }, ACTION_NOTIFY },
	{ { .arch = X86, .nr = 120, .args = { 0x10000011 } }, ACTION_NOTIFY },
	/* no such syscall, and none of these ABIs */
	{ { .arch = X86_64, .nr = 400 }, ACTION_ERRNO },
	{ { .arch = X86_64, .nr = 5000 }, ACTION_ERRNO },
	{ { .arch = AUDIT_ARCH_AARCH64, .nr = 0 }, ACTION_KILL_THREAD },
};

static void test_docker(void **state)
{
	struct pair pair = { 0 };
	struct host host = fixture_host();
	(void)state;

	assert_int_equal(fixture_load(&pair.original, PROFILE_FILE("moby-default.json"), host), 0);
	assert_int_equal(notify_variant_build(pair.original.ruleset, &pair.variant), 0);
	assert_int_equal(pair.variant.n_left_out, 0);
	assert_in_range(pair.variant.n_notified, 90, 130);
	assert_int_equal(pair.variant.profile->default_action.kind, ACTION_ERRNO);
	pair_resolve(&pair, &host);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		assert_int_equal(does(pair.ruleset, &calls[i].call).kind, calls[i].kind);
	pair_free(&pair);
}

/* The kernel would do with it what it says: in filters of their own, compiled and verified. */
static void test_compiles(void **state)
{
	static const char *const files[] = {
		PROFILE_FILE("moby-default.json"),
		PROFILE_FILE("moby-default-v1.11.2.json"),
		PROFILE_FILE("seccomp_syscall_test1.json"),
	};
	const struct plan_options options = { .deny_in_kernel = true };
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		struct host host = fixture_host();
		struct pair pair = { 0 };
		struct plan *plan = NULL;
		struct filter filter = { 0 };

		assert_int_equal(fixture_load(&pair.original, files[i], host), 0);
		assert_int_equal(notify_variant_build(pair.original.ruleset, &pair.variant), 0);
		pair_resolve(&pair, &host);
		assert_int_equal(plan_build(pair.ruleset, &options, &plan), 0);
		assert_int_equal(filter_compile(plan, &filter), 0);
		for (size_t j = 0; j < plan->n_abis; j++)
			for (size_t k = 0; k < plan->abis[j].n_rows; k++)
				assert_int_equal(plan->abis[j].rows[k].why, PLAN_BY_PROFILE);
		filter_deinit(&filter);
		plan_free(plan);
		pair_free(&pair);
	}
}

/* --- small ones --- */

#define PROFILE(default_, rules) "{'defaultAction':'SCMP_ACT_" default_ "','syscalls':[" rules "]}"
#define PROFILE_X86(default_, rules)                                                               \
	"{'defaultAction':'SCMP_ACT_" default_                                                     \
	"','architectures':['SCMP_ARCH_X86_64','SCMP_ARCH_X86'],'syscalls':[" rules "]}"
#define RULE(action, names, ...)                                                                   \
	"{'names':[" names "],'action':'SCMP_ACT_" action "'" __VA_ARGS__ "}"
#define ARGS(...) ",'args':[" __VA_ARGS__ "]"
#define ARG(index, op, value) "{'index':" #index ",'op':'SCMP_CMP_" #op "','value':" #value "}"

static const struct {
	const char *profile;
	const char *left_out; /* NULL: not open */
	struct seccomp_data call;
	struct action action;
} rows[] = {
	/* what a runtime needs keeps its own denial */
	{ PROFILE("ALLOW", RULE("ERRNO", "'write'", ",'errnoRet':5")),
	  "write",
	  { .arch = X86_64, .nr = 1 },
	  { ACTION_ERRNO, 5 } },
	{ PROFILE("ALLOW", RULE("ERRNO", "'write'", ARGS(ARG(0, EQ, 7)))),
	  "write",
	  { .arch = X86_64, .nr = 1, .args = { 7 } },
	  { ACTION_ERRNO, EPERM } },
	{ PROFILE("ALLOW", RULE("NOTIFY", "'write'")),
	  "write",
	  { .arch = X86_64, .nr = 1 },
	  { ACTION_ERRNO, EPERM } },
	{ PROFILE("ERRNO", RULE("ALLOW", "'read'")),
	  "sendmsg",
	  { .arch = X86_64, .nr = 46 },
	  { ACTION_ERRNO, EPERM } },
	/* runc takes no NOTIFY as default action */
	{ PROFILE("NOTIFY", RULE("ALLOW", "'read'")),
	  "fcntl",
	  { .arch = X86_64, .nr = 2 },
	  { ACTION_NOTIFY, 0 } },
	{ PROFILE("NOTIFY", RULE("ALLOW", "'read'")),
	  "fcntl",
	  { .arch = X86_64, .nr = 400 },
	  { ACTION_ERRNO, EPERM } },
	/* what is no errno stays in the kernel, as the default action and as a rule */
	{ PROFILE("KILL", RULE("ALLOW", "'read'") "," RULE("ERRNO", "'open'")),
	  NULL,
	  { .arch = X86_64, .nr = 2 },
	  { ACTION_NOTIFY, 0 } },
	{ PROFILE("ALLOW", RULE("TRAP", "'open'") "," RULE("ERRNO", "'read'")),
	  NULL,
	  { .arch = X86_64, .nr = 2 },
	  { ACTION_TRAP, 0 } },
	/* a denial that does as the default is skipped by the runtimes: it stays so */
	{ PROFILE("ERRNO", RULE("ERRNO", "'open'") "," RULE("ALLOW", "'open'")),
	  NULL,
	  { .arch = X86_64, .nr = 2 },
	  { ACTION_ALLOW, 0 } },
	/* equalities on two arguments: what is left over is said with equalities */
	{ PROFILE("ERRNO", RULE("ALLOW", "'open'", ARGS(ARG(0, EQ, 5) "," ARG(1, EQ, 6)))),
	  NULL,
	  { .arch = X86_64, .nr = 2, .args = { 5, 7 } },
	  { ACTION_NOTIFY, 0 } },
	{ PROFILE("ERRNO", RULE("ALLOW", "'open'", ARGS(ARG(0, EQ, 5) "," ARG(1, EQ, 6)))),
	  NULL,
	  { .arch = X86_64, .nr = 2, .args = { 5, 6 } },
	  { ACTION_ALLOW, 0 } },
	/* an alternative of ranges with a hole */
	{ PROFILE("ERRNO", RULE("ALLOW", "'open'", ARGS(ARG(2, LT, 5) "," ARG(2, GT, 5)))),
	  NULL,
	  { .arch = X86_64, .nr = 2, .args = { 0, 0, 5 } },
	  { ACTION_NOTIFY, 0 } },
	/* a range of 64 bits cannot be mixed with others */
	{ PROFILE("ERRNO", RULE("ALLOW", "'open'", ARGS(ARG(0, LT, 4294967296)))),
	  "open",
	  { .arch = X86_64, .nr = 2, .args = { 4294967296 } },
	  { ACTION_ERRNO, EPERM } },
	/* without a rule on socketcall, its companions collide: the kernel goes on denying */
	{ PROFILE_X86("ERRNO", RULE("ALLOW", "'socket'", ARGS(ARG(0, LT, 5)))),
	  "socket",
	  { .arch = X86_64, .nr = 41, .args = { 5 } },
	  { ACTION_ERRNO, EPERM } },
	/* calls of socketcall that no rule stands for */
	{ PROFILE_X86("ERRNO", RULE("ALLOW", "'bind'")),
	  "sendmsg",
	  { .arch = X86, .nr = 102, .args = { 2 } },
	  { ACTION_ALLOW, 0 } },
	{ PROFILE_X86("ERRNO", RULE("ALLOW", "'bind'")),
	  "sendmsg",
	  { .arch = X86, .nr = 102, .args = { 77 } },
	  { ACTION_NOTIFY, 0 } },
	{ PROFILE_X86("ERRNO", RULE("ALLOW", "'bind'")),
	  "sendmsg",
	  { .arch = X86, .nr = 102, .args = { 1 } },
	  { ACTION_NOTIFY, 0 } },
	{ PROFILE_X86("ERRNO", RULE("ALLOW", "'socketcall'", ARGS(ARG(0, EQ, 1)))),
	  "socket",
	  { .arch = X86, .nr = 102, .args = { 1 } },
	  { ACTION_ALLOW, 0 } },
};

static void test_rows(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct host host = fixture_host();
		struct pair pair = { 0 };
		struct action action;

		assert_int_equal(fixture_parse(&pair.original, rows[i].profile, host), 0);
		assert_int_equal(notify_variant_build(pair.original.ruleset, &pair.variant), 0);
		pair_resolve(&pair, &host);
		action = does(pair.ruleset, &rows[i].call);
		assert_int_equal(action.kind, rows[i].action.kind);
		assert_int_equal(action.number, rows[i].action.number);
		if (rows[i].left_out)
			assert_true(is_left_out(&pair.variant, rows[i].left_out));
		else
			assert_false(is_left_out(&pair.variant, "open"));
		pair_free(&pair);
	}
}

static void test_nothing_denied(void **state)
{
	struct pair pair = { 0 };
	(void)state;

	assert_int_equal(fixture_parse(&pair.original, PROFILE("ALLOW", RULE("LOG", "'open'")),
	                               fixture_host()),
	                 0);
	assert_int_equal(notify_variant_build(pair.original.ruleset, &pair.variant), 0);
	assert_int_equal(pair.variant.n_notified, 0);
	assert_int_equal(pair.variant.n_left_out, 0);
	pair_free(&pair);
}

/* --- random ones --- */

/* What must hold of every variant: nothing denied is allowed, nothing allowed is notified. */
static void check_call(const struct ruleset *original, const struct ruleset *variant,
                       const struct seccomp_data *call)
{
	struct action was = does(original, call), is = does(variant, call);
	struct decision decision;

	/* runc's ENOSYS for what the profile does have rules for */
	ruleset_evaluate(original, call, &decision);
	if (decision.by == DECIDED_BY_NEWER)
		return;
	if (was.kind == ACTION_ERRNO || was.kind == ACTION_NOTIFY)
		assert_true(is.kind == ACTION_ERRNO || is.kind == ACTION_NOTIFY);
	else
		assert_true(action_equal(was, is));
}

static void check_random(struct random_profile *random, uint64_t seed, unsigned *checked)
{
	struct host host = fixture_host();
	struct pair pair = { 0 };
	struct ruleset *ruleset = NULL;
	struct diags diags;
	uint64_t state = seed + 1;

	diags_init(&diags, "random");
	if (ruleset_build(&random->profile, &host, &diags, &ruleset) == 0 &&
	    notify_variant_build(ruleset, &pair.variant) == 0) {
		pair_resolve(&pair, &host);
		for (unsigned i = 0; i < 2000; i++) {
			struct seccomp_data call;

			if (ruleset->abis[i % ruleset->n_abis].n_syscalls == 0)
				continue;
			random_call(&state, &ruleset->abis[i % ruleset->n_abis], &call);
			check_call(ruleset, pair.ruleset, &call);
		}
		(*checked)++;
	}
	pair_free(&pair);
	ruleset_free(ruleset);
	diags_deinit(&diags);
}

static void test_random_profiles(void **state)
{
	unsigned checked = 0;
	(void)state;

	for (uint64_t seed = 0; seed < 60; seed++) {
		struct random_profile random;

		random_profile_make(seed, seed % SHAPES_COUNT, &random);
		check_random(&random, seed, &checked);
	}
	assert_in_range(checked, 30, 60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_docker),
		cmocka_unit_test(test_compiles),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_nothing_denied),
		cmocka_unit_test(test_random_profiles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
