/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/ruleset.h"

#include <linux/capability.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "profiles/bpf.h"
#include "profiles/plan_rows.h"
#include "tests/support/profile_fixture.h"
#include "tests/support/random_profile.h"

/* ---- golden verdicts */

enum { COLUMNS = 15, ROWS_AT_LEAST = 3000 };

struct vector {
	char *profile;
	char *engine;
	char *caps;
	char *kernel;
	struct seccomp_data call;
	uint32_t expect;
};

static bool vector_parse(char *line, struct vector *ret_vector)
{
	char *columns[COLUMNS] = { 0 };
	size_t n = 0;

	line[strcspn(line, "\n")] = '\0';
	while (n < COLUMNS && (columns[n] = strsep(&line, "\t")))
		n++;
	if (n < COLUMNS || columns[0][0] == '#' || strcmp(columns[0], "profile") == 0)
		return false;
	*ret_vector = (struct vector){
		.profile = columns[0],
		.engine = columns[1],
		.caps = columns[2],
		.kernel = columns[3],
		.call.arch = (uint32_t)strtoul(columns[4], NULL, 16),
		.call.nr = (int)strtoul(columns[5], NULL, 10),
		.expect = (uint32_t)strtoul(columns[12], NULL, 16),
	};
	for (int i = 0; i < 6; i++)
		ret_vector->call.args[i] = strtoull(columns[6 + i], NULL, 16);
	return true;
}

static struct host vector_host(const struct vector *vector)
{
	struct host host = fixture_host();

	assert_int_equal(sscanf(vector->kernel, "%u.%u", &host.kernel.major, &host.kernel.minor),
	                 2);
	if (strcmp(vector->caps, "none") == 0)
		host.caps = 0;
	if (strcmp(vector->caps, "docker+SYS_ADMIN+SYS_TIME+BPF") == 0)
		host.caps |= UINT64_C(1) << CAP_SYS_ADMIN | UINT64_C(1) << CAP_SYS_TIME |
		             UINT64_C(1) << CAP_BPF;
	return host;
}

static void load_for(const struct vector *vector, struct fixture *fixture)
{
	bool podman = strcmp(vector->engine, "podman") == 0;
	const enum dialect engine = podman ? DIALECT_PODMAN : DIALECT_DOCKER;
	char path[256];
	size_t len;
	char *text;

	snprintf(path, sizeof(path), TEST_DATA "/profiles/%s", vector->profile);
	text = fixture_read(path, &len);
	assert_non_null(text);
	assert_int_equal(fixture_parse_as(fixture, text, &engine, vector_host(vector)), 0);
	free(text);
}

static void test_agrees_with_runc_and_crun(void **state)
{
	FILE *file = fopen(TEST_DATA "/vectors.tsv", "re");
	struct fixture fixture = { 0 };
	char line[512], loaded[256] = "";
	size_t rows = 0;

	(void)state;
	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		struct decision decision;
		struct vector vector;
		char wanted[256];

		if (!vector_parse(line, &vector))
			continue;
		snprintf(wanted, sizeof(wanted), "%s %s %s %s", vector.profile, vector.engine,
		         vector.caps, vector.kernel);
		if (strcmp(wanted, loaded) != 0) {
			fixture_free(&fixture);
			load_for(&vector, &fixture);
			strcpy(loaded, wanted);
		}
		ruleset_evaluate(fixture.ruleset, &vector.call, &decision);
		if (plan_return(decision.action) != vector.expect)
			fail_msg("%s: arch %x nr %d a0 %#llx: %x, expected %x", wanted,
			         vector.call.arch, vector.call.nr, vector.call.args[0],
			         plan_return(decision.action), vector.expect);
		rows++;
	}
	fixture_free(&fixture);
	fclose(file);
	assert_true(rows >= ROWS_AT_LEAST);
}

/* ---- random rule sets against libseccomp itself */

/* Some trees that it refuses a rule for, it forgets to free. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libseccomp.so";
}

static int reference_add(scmp_filter_ctx ctx, const struct rule *rule, size_t first, size_t n)
{
	static const enum scmp_compare ops[COMPARE_COUNT] = {
		[COMPARE_NE] = SCMP_CMP_NE,
		[COMPARE_LT] = SCMP_CMP_LT,
		[COMPARE_LE] = SCMP_CMP_LE,
		[COMPARE_EQ] = SCMP_CMP_EQ,
		[COMPARE_GE] = SCMP_CMP_GE,
		[COMPARE_GT] = SCMP_CMP_GT,
		[COMPARE_MASKED_EQ] = SCMP_CMP_MASKED_EQ,
	};
	struct scmp_arg_cmp args[RANDOM_ARGS_MAX];

	for (size_t i = 0; i < n; i++) {
		const struct comparison *comparison = &rule->args[first + i];

		args[i] = (struct scmp_arg_cmp){ comparison->index, ops[comparison->op],
			                         comparison->value, comparison->value_two };
	}
	return seccomp_rule_add_array(ctx, plan_return(rule->action),
	                              seccomp_syscall_resolve_name(rule->names[0]), (unsigned)n,
	                              args);
}

static bool repeats_index(const struct rule *rule)
{
	for (size_t i = 0; i < rule->n_args; i++)
		for (size_t k = 0; k < i; k++)
			if (rule->args[i].index == rule->args[k].index)
				return true;
	return false;
}

/* As runc does it (libcontainer/seccomp): 0, or what libseccomp refuses a rule with. */
static int reference_fill(scmp_filter_ctx ctx, const struct profile *profile)
{
	int r = 0;

	for (size_t i = 0; profile->n_archs > 0 && i < profile->archs[0].n_sub; i++)
		(void)seccomp_arch_add(ctx, profile->archs[0].sub[i]);
	for (size_t i = 0; i < profile->n_rules && r == 0; i++) {
		const struct rule *rule = &profile->rules[i];

		if (action_equal(rule->action, profile->default_action))
			continue;
		if (!repeats_index(rule)) {
			r = reference_add(ctx, rule, 0, rule->n_args);
			continue;
		}
		for (size_t k = 0; k < rule->n_args && r == 0; k++)
			r = reference_add(ctx, rule, k, 1);
	}
	return r;
}

static void reference_export(scmp_filter_ctx ctx, struct filter *ret_filter)
{
	int fd = memfd_create("reference", MFD_CLOEXEC);
	struct stat status;

	assert_true(fd >= 0);
	assert_int_equal(seccomp_export_bpf(ctx, fd), 0);
	assert_int_equal(fstat(fd, &status), 0);
	*ret_filter = (struct filter){
		.instructions = malloc((size_t)status.st_size),
		.count = (unsigned short)((size_t)status.st_size / sizeof(struct sock_filter)),
	};
	assert_int_equal(pread(fd, ret_filter->instructions, (size_t)status.st_size, 0),
	                 status.st_size);
	close(fd);
}

static size_t compare_with_reference(const struct ruleset *ruleset, const struct filter *reference,
                                     uint64_t seed)
{
	enum { POINTS = 400 };
	uint64_t state = seed * 2 + 1;
	size_t compared = 0;

	for (size_t i = 0; i < ruleset->n_abis; i++)
		for (int n = 0; n < POINTS && ruleset->abis[i].n_syscalls > 0; n++) {
			struct seccomp_data call;
			struct decision decision;

			random_call(&state, &ruleset->abis[i], &call);
			ruleset_evaluate(ruleset, &call, &decision);
			if (decision.by == DECIDED_BY_NEWER)
				continue; /* runc's own check, which is not in the reference */
			compared++;
			if (bpf_run_checked(reference, &call) != plan_return(decision.action))
				fail_msg(
					"seed %ju: arch %x nr %d %#llx %#llx %#llx: libseccomp %x, "
					"evaluate %x",
					(uintmax_t)seed, call.arch, call.nr, call.args[0],
					call.args[1], call.args[2],
					bpf_run_checked(reference, &call),
					plan_return(decision.action));
		}
	return compared;
}

/* Points compared, or 0 where both refuse. */
static size_t evaluate_against_reference(enum shapes shapes, uint64_t seed)
{
	const struct host host = fixture_host();
	struct ruleset *ruleset = NULL;
	struct random_profile random;
	struct filter reference = { 0 };
	struct diags diags;
	size_t compared = 0;
	scmp_filter_ctx ctx;
	int ours, theirs;

	random_profile_make(seed, shapes, &random);
	diags_init(&diags, "random");
	ctx = seccomp_init(plan_return(random.profile.default_action));
	/* Its lists (1) of several ABIs sometimes never load the number; its trees (2) do. */
	assert_int_equal(seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2), 0);
	ours = ruleset_build(&random.profile, &host, &diags, &ruleset);
	theirs = reference_fill(ctx, &random.profile);
	if (ours != (theirs == -EEXIST ? -EBADMSG : theirs))
		fail_msg("seed %ju: libseccomp %d, ruleset_build %d", (uintmax_t)seed, theirs,
		         ours);
	if (theirs == 0) {
		reference_export(ctx, &reference);
		compared = compare_with_reference(ruleset, &reference, seed);
	}
	filter_deinit(&reference);
	seccomp_release(ctx);
	ruleset_free(ruleset);
	diags_deinit(&diags);
	return compared;
}

static void test_evaluate_is_what_libseccomp_compiles(void **state)
{
	enum { SEEDS = 1500, POINTS_AT_LEAST = 100000 };

	(void)state;
	if (seccomp_arch_native() != SCMP_ARCH_X86_64)
		skip();
	for (unsigned shapes = 0; shapes < SHAPES_ANY; shapes++) {
		size_t compared = 0;

		for (uint64_t seed = 1; seed <= SEEDS; seed++)
			compared += evaluate_against_reference(shapes, seed);
		print_message("shapes %u: %zu points\n", shapes, compared);
		assert_true(compared > POINTS_AT_LEAST);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_agrees_with_runc_and_crun),
		cmocka_unit_test(test_evaluate_is_what_libseccomp_compiles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
