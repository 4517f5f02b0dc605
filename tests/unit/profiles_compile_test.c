/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/compile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "profiles/bpf.h"
#include "profiles/plan_rows.h"
#include "profiles/syscalls.h"
#include "tests/support/profile_fixture.h"
#include "tests/support/random_profile.h"

static const struct plan_options all_options[] = {
	{ 0 },
	{ .deny_in_kernel = true },
	{ .complain = true },
};

static const char *const profiles[] = {
	PROFILE_FILE("moby-default.json"),          PROFILE_FILE("moby-default-v25.0.9.json"),
	PROFILE_FILE("moby-default-v1.11.2.json"),  PROFILE_FILE("containers-common.json"),
	PROFILE_FILE("seccomp_syscall_test1.json"),
};

static struct plan *plan_of(const struct fixture *fixture, struct plan_options options)
{
	struct plan *plan;

	assert_int_equal(plan_build(fixture->ruleset, &options, &plan), 0);
	return plan;
}

static size_t distrusted(const struct plan *plan)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->n_abis; i++)
		for (size_t j = 0; j < plan->abis[i].n_rows; j++)
			n += plan->abis[i].rows[j].why == PLAN_UNSAFE_RULES;
	return n;
}

static void test_profiles_in_all_modes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(profiles); i++)
		for (size_t k = 0; k < ARRAY_SIZE(all_options); k++) {
			struct fixture fixture;
			struct seccomp_data call;
			struct filter filter;
			struct plan *plan;
			size_t before;

			assert_int_equal(fixture_load(&fixture, profiles[i], fixture_host()), 0);
			plan = plan_of(&fixture, all_options[k]);
			before = distrusted(plan);
			assert_int_equal(filter_compile(plan, &filter), 0);
			assert_int_equal(filter_verify(&filter, plan, &call), 0);
			/* Nothing had to be given up on the way. */
			assert_int_equal(distrusted(plan), before);
			assert_int_equal(filter.notifies, !all_options[k].deny_in_kernel);
			assert_true(filter.spec_allow);
			assert_false(filter.log);
			filter_deinit(&filter);
			plan_free(plan);
			fixture_free(&fixture);
		}
}

enum { ASKED_MAX = 1024 };

/* Every third number there is, and the multiplexers. */
static size_t ask_for_many(const struct ruleset *ruleset, struct plan_call asked[ASKED_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < ruleset->n_abis; i++) {
		uint32_t arch = ruleset->abis[i].scmp_arch;

		for (int nr = syscall_next(arch, -1); nr >= 0; nr = syscall_next(arch, nr))
			if ((nr % 3 == 0 || nr == 102 || nr == 117) && n < ASKED_MAX)
				asked[n++] = (struct plan_call){ arch, nr };
	}
	return n;
}

/* What a policy asks for is notified by the filter too, whatever the profile says. */
static void test_asked(void **state)
{
	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(all_options); k++) {
		struct plan_options options = all_options[k];
		struct plan_call asked[ASKED_MAX];
		struct fixture fixture;
		struct seccomp_data call;
		struct filter filter;
		struct plan *plan;

		assert_int_equal(fixture_load(&fixture, profiles[0], fixture_host()), 0);
		options.n_asked = ask_for_many(fixture.ruleset, asked);
		options.asked = asked;
		plan = plan_of(&fixture, options);
		assert_int_equal(filter_compile(plan, &filter), 0);
		assert_int_equal(filter_verify(&filter, plan, &call), 0);
		assert_true(filter.notifies);
		filter_deinit(&filter);
		plan_free(plan);
		fixture_free(&fixture);
	}
}

/* ---- random rule sets */

/* Each filter is made in a fork, which is slow where a sanitizer holds freed memory back. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "quarantine_size_mb=8";
}

static void check_random_points(const struct plan *plan, const struct filter *filter, uint64_t seed)
{
	enum { POINTS = 300 };
	uint64_t state = seed * 2 + 1;

	for (size_t i = 0; i < plan->n_abis; i++)
		for (int n = 0; n < POINTS && plan->abis[i].n_rows > 0; n++) {
			struct seccomp_data call;

			random_call(&state, plan->abis[i].abi, &call);
			if (bpf_run_checked(filter, &call) != plan_expect(plan, &call))
				fail_msg("seed %ju: arch %x nr %d: %x, expected %x",
				         (uintmax_t)seed, call.arch, call.nr,
				         bpf_run_checked(filter, &call), plan_expect(plan, &call));
		}
}

struct random_result {
	size_t compiled;
	size_t refused;   /* by ruleset_build() */
	size_t in_kernel; /* rows with arguments that stayed there */
	size_t retreats;  /* filters of which the verification moved a row */
};

static void compile_random(const struct ruleset *ruleset, uint64_t seed,
                           struct random_result *result)
{
	for (size_t k = 0; k < ARRAY_SIZE(all_options); k++) {
		struct filter filter;
		struct plan *plan;
		size_t before;

		assert_int_equal(plan_build(ruleset, &all_options[k], &plan), 0);
		before = distrusted(plan);
		assert_int_equal(filter_compile(plan, &filter), 0);
		check_random_points(plan, &filter, seed);
		result->compiled++;
		result->retreats += distrusted(plan) != before;
		for (size_t i = 0; i < plan->n_abis; i++)
			for (size_t j = 0; j < plan->abis[i].n_rows; j++)
				result->in_kernel +=
					plan->abis[i].rows[j].place == PLAN_KERNEL_ARGS;
		filter_deinit(&filter);
		plan_free(plan);
	}
}

static struct random_result run_random(enum shapes shapes, uint64_t seeds)
{
	const struct host host = fixture_host();
	struct random_result result = { 0 };

	for (uint64_t seed = 1; seed <= seeds; seed++) {
		struct random_profile random;
		struct ruleset *ruleset;
		struct diags diags;

		random_profile_make(seed, shapes, &random);
		diags_init(&diags, "random");
		if (ruleset_build(&random.profile, &host, &diags, &ruleset) == 0) {
			compile_random(ruleset, seed, &result);
			ruleset_free(ruleset);
		} else {
			result.refused++;
		}
		diags_deinit(&diags);
	}
	return result;
}

/*
 * What the planner takes for safe hardly ever has to be taken back: libseccomp 2.5.4 leaves a
 * stale word in one of several thousand sets of equalities.
 */
static void test_random_safe_shapes(void **state)
{
	(void)state;
	for (unsigned shapes = 0; shapes < SHAPES_ANY; shapes++) {
		struct random_result result = run_random(shapes, 200);

		print_message("shapes %u: %zu compiled, %zu refused, %zu rows in the kernel\n",
		              shapes, result.compiled, result.refused, result.in_kernel);
		assert_true(result.compiled > 300 && result.in_kernel > 100);
		assert_true(result.retreats * 1000 <= result.compiled);
	}
}

/* One such set, found by its seed: the filter that is returned is right, with a row less. */
static void test_retreat(void **state)
{
	enum { SEED_OF_STALE_WORD = 18995 };
	const struct scmp_version *version = seccomp_version();
	const struct host host = fixture_host();
	struct random_result result = { 0 };
	struct random_profile random;
	struct ruleset *ruleset;
	struct diags diags;

	(void)state;
	random_profile_make(SEED_OF_STALE_WORD, SHAPES_EQUALITIES, &random);
	diags_init(&diags, "random");
	assert_int_equal(ruleset_build(&random.profile, &host, &diags, &ruleset), 0);
	compile_random(ruleset, SEED_OF_STALE_WORD, &result);
	assert_int_equal(result.compiled, ARRAY_SIZE(all_options));
	if (version->major == 2 && version->minor == 5 && version->micro == 4)
		assert_int_equal(result.retreats, ARRAY_SIZE(all_options));
	ruleset_free(ruleset);
	diags_deinit(&diags);
}

/* Any shape ends, and gives a right filter. */
static void test_random_any_shape(void **state)
{
	struct random_result result = run_random(SHAPES_ANY, 400);

	(void)state;
	print_message(
		"any shape: %zu compiled, %zu refused, %zu rows in the kernel, %zu retreats\n",
		result.compiled, result.refused, result.in_kernel, result.retreats);
	assert_true(result.compiled > 1000 && result.in_kernel > 100);
}

/* ---- shapes that hang or break libseccomp */

#define ALLOW_READ(args) "{'names':['read'],'action':'SCMP_ACT_ALLOW','args':[" args "]}"
#define ARG(index, op, value) "{'index':" #index ",'op':'SCMP_CMP_" #op "','value':" #value "}"

static const char *const known_defects[] = {
	/* seccomp_rule_add() never returns: a range is shared, the next arguments differ */
	ALLOW_READ(ARG(0, GE, 5) "," ARG(1, EQ, 9)) "," ALLOW_READ(ARG(0, GE, 5) "," ARG(2, EQ, 1)),
	/* wrong code: a low word is compared with a high word's value still loaded */
	ALLOW_READ(ARG(0, GT, 5)) "," ALLOW_READ(ARG(0, LT, 3) "," ARG(1, GT, 7)),
	ALLOW_READ(ARG(0, GE, 4294967296)) "," ALLOW_READ(ARG(0, LE, 2)),
};

static void test_known_defects_are_notified(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(known_defects); i++)
		for (size_t k = 0; k < ARRAY_SIZE(all_options); k++) {
			struct fixture fixture;
			struct filter filter;
			struct plan *plan;
			char text[512];

			snprintf(text, sizeof(text),
			         "{'defaultAction':'SCMP_ACT_ERRNO','syscalls':[%s]}",
			         known_defects[i]);
			assert_int_equal(fixture_parse(&fixture, text, fixture_host()), 0);
			plan = plan_of(&fixture, all_options[k]);
			assert_int_equal(distrusted(plan), 1);
			assert_int_equal(filter_compile(plan, &filter), 0);
			assert_true(filter.notifies);
			check_random_points(plan, &filter, i + 1);
			filter_deinit(&filter);
			plan_free(plan);
			fixture_free(&fixture);
		}
}

/* ---- flags, sizes, keys */

static const struct {
	const char *profile;
	bool notifies, log, spec_allow;
} flag_rows[] = {
	{ "{'defaultAction':'SCMP_ACT_ALLOW','syscalls':[]}", false, false, true },
	{ "{'defaultAction':'SCMP_ACT_KILL_PROCESS','syscalls':[],"
	  "'flags':['SECCOMP_FILTER_FLAG_LOG']}",
	  false, true, false },
	{ "{'defaultAction':'SCMP_ACT_ALLOW','syscalls':[{'names':['read'],"
	  "'action':'SCMP_ACT_NOTIFY'}],'flags':['SECCOMP_FILTER_FLAG_SPEC_ALLOW']}",
	  true, false, true },
	{ "{}", false, false, true },
};

static void test_flags(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(flag_rows); i++) {
		struct fixture fixture;
		struct filter filter;
		struct plan *plan;

		assert_int_equal(fixture_parse(&fixture, flag_rows[i].profile, fixture_host()), 0);
		plan = plan_of(&fixture, all_options[0]);
		assert_int_equal(filter_compile(plan, &filter), 0);
		if (filter.notifies != flag_rows[i].notifies || filter.log != flag_rows[i].log ||
		    filter.spec_allow != flag_rows[i].spec_allow)
			fail_msg("row %zu: notifies %d log %d speculate %d", i, filter.notifies,
			         filter.log, filter.spec_allow);
		filter_deinit(&filter);
		plan_free(plan);
		fixture_free(&fixture);
	}
}

/* More comparisons than the kernel takes instructions. */
static void test_too_big(void **state)
{
	enum { RULES = 2500 };
	struct fixture fixture;
	struct filter filter;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	struct plan *plan;

	(void)state;
	fputs("{'defaultAction':'SCMP_ACT_ERRNO','syscalls':[", out);
	for (int i = 0; i < RULES; i++)
		fprintf(out,
		        "%s{'names':['read'],'action':'SCMP_ACT_ALLOW','args':["
		        "{'index':0,'op':'SCMP_CMP_EQ','value':%ju}]}",
		        i ? "," : "", (uintmax_t)i * 0x100000001);
	fputs("]}", out);
	fclose(out);
	assert_int_equal(fixture_parse(&fixture, text, fixture_host()), 0);
	plan = plan_of(&fixture, all_options[1]);
	assert_int_equal(filter_compile(plan, &filter), -E2BIG);
	plan_free(plan);
	fixture_free(&fixture);
	free(text);
}

/* What differs in the filter differs in the key. */
static void test_keys(void **state)
{
#define KEY_PROFILE(action, value)                                                                 \
	"{'defaultAction':'" action "','syscalls':[{'names':['read'],'action':'SCMP_ACT_ERRNO',"   \
	"'errnoRet':7,'args':[{'index':0,'op':'SCMP_CMP_EQ','value':" #value "}]}]}"
	static const char *const texts[] = {
		KEY_PROFILE("SCMP_ACT_ERRNO", 1),
		KEY_PROFILE("SCMP_ACT_LOG", 1),
		KEY_PROFILE("SCMP_ACT_ERRNO", 2),
	};
	char *keys[ARRAY_SIZE(texts) * 3];
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		for (size_t k = 0; k < 3; k++) {
			struct fixture fixture;
			struct plan *plan;
			char *again;
			size_t len, len_again;

			assert_int_equal(fixture_parse(&fixture, texts[i], fixture_host()), 0);
			plan = plan_of(&fixture, all_options[k]);
			assert_int_equal(filter_cache_key(plan, &keys[n], &len), 0);
			assert_int_equal(filter_cache_key(plan, &again, &len_again), 0);
			assert_int_equal(len, strlen(keys[n]));
			assert_string_equal(keys[n], again);
			for (size_t other = 0; other < n; other++)
				assert_string_not_equal(keys[n], keys[other]);
			n++;
			free(again);
			plan_free(plan);
			fixture_free(&fixture);
		}
	while (n > 0)
		free(keys[--n]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_profiles_in_all_modes),
		cmocka_unit_test(test_asked),
		cmocka_unit_test(test_random_safe_shapes),
		cmocka_unit_test(test_retreat),
		cmocka_unit_test(test_random_any_shape),
		cmocka_unit_test(test_known_defects_are_notified),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_too_big),
		cmocka_unit_test(test_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
