/* SPDX-License-Identifier: Apache-2.0 */
/* The profiles in the binary, and what is found in the wild (tests/data/profiles/ORIGIN.md). */
#include <stdio.h>

#include "tests/support/profile_rows.h"

/* ---- reading */

static struct profile *parse(const char *name, const char *bytes, size_t len,
                             size_t expected_warnings)
{
	struct profile *profile = NULL;
	struct diags diags;

	diags_init(&diags, name);
	if (profile_parse(name, name, bytes, len, &diags, &profile) < 0)
		diags_print(&diags, stderr, "", false);
	assert_non_null(profile);
	assert_int_equal(diags.count, expected_warnings);
	diags_deinit(&diags);
	return profile;
}

static struct profile *read_shipped(const char *name)
{
	size_t len;
	const char *bytes = profile_shipped(name, &len);

	assert_non_null(bytes);
	return parse(name, bytes, len, 0);
}

static struct profile *read_test_data(const char *name, size_t expected_warnings)
{
	static char bytes[1 << 20];
	char path[512];
	FILE *in;
	size_t len;

	snprintf(path, sizeof(path), TEST_DATA "/profiles/%s", name);
	in = fopen(path, "re");
	assert_non_null(in);
	len = fread(bytes, 1, sizeof(bytes), in);
	fclose(in);
	return parse(name, bytes, len, expected_warnings);
}

static const struct {
	const char *name;
	enum dialect dialect;
	size_t n_rules;
	size_t warnings;
} wild[] = {
	{ "moby-default.json", DIALECT_DOCKER, 33, 0 },
	{ "moby-default-v25.0.9.json", DIALECT_DOCKER, 31, 0 },
	{ "moby-default-v1.11.2.json", DIALECT_DOCKER, 318, 0 },
	{ "containers-common.json", DIALECT_PODMAN, 40, 0 },
	{ "spec-example.json", DIALECT_OCI, 1, 0 },
	{ "seccomp_syscall_test1.json", DIALECT_OCI, 8, 2 }, /* two rules repeat an index */
};

static void test_reads_what_is_found_in_the_wild(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wild); i++) {
		struct profile *profile = read_test_data(wild[i].name, wild[i].warnings);

		assert_int_equal(profile->dialect, wild[i].dialect);
		assert_int_equal(profile->n_rules, wild[i].n_rules);
		profile_free(profile);
	}
}

static void test_ships_by_name(void **state)
{
	size_t len = 0;

	(void)state;
	assert_string_equal(profile_shipped_names[0], "docker-default");
	assert_string_equal(profile_shipped_names[1], "none");
	assert_null(profile_shipped_names[2]);
	assert_null(profile_shipped("docker", &len));
	assert_null(profile_shipped("", &len));
	assert_int_equal(len, 0);
}

static void test_none_allows_everything(void **state)
{
	struct profile *profile = read_shipped("none");

	(void)state;
	assert_int_equal(profile->default_action.kind, ACTION_ALLOW);
	assert_int_equal(profile->n_rules, 0);
	profile_free(profile);
}

/* ---- docker-default means what moby's default means */

static void write_gate(FILE *out, const struct gate *gate)
{
	fprintf(out, " caps %llx%s kernel %u.%u", (unsigned long long)gate->caps,
	        gate->unknown_caps ? "+" : "", gate->min_kernel.major, gate->min_kernel.minor);
	for (size_t i = 0; i < gate->n_arches; i++)
		fprintf(out, " %s", gate->arches[i]);
}

/* Everything about one name of a rule, but for where it stands and what it is for. */
static char *describe(const struct rule *rule, const char *name)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	fprintf(out, "%s %s %u:", name, action_name(rule->action.kind), rule->action.number);
	for (size_t i = 0; i < rule->n_args; i++)
		fprintf(out, " %u %s %llx %llx", rule->args[i].index,
		        compare_name(rule->args[i].op), (unsigned long long)rule->args[i].value,
		        (unsigned long long)rule->args[i].value_two);
	fputs(" includes", out);
	write_gate(out, &rule->includes);
	fputs(" excludes", out);
	write_gate(out, &rule->excludes);
	fclose(out);
	return text;
}

struct lines {
	char *list[1024];
	size_t count;
};

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void describe_all(const struct profile *profile, struct lines *lines)
{
	for (size_t i = 0; i < profile->n_rules; i++)
		for (size_t k = 0; k < profile->rules[i].n_names; k++) {
			assert_true(lines->count < ARRAY_SIZE(lines->list));
			lines->list[lines->count++] =
				describe(&profile->rules[i], profile->rules[i].names[k]);
		}
	qsort(lines->list, lines->count, sizeof(char *), compare_lines);
}

static void free_lines(struct lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		free(lines->list[i]);
}

static void test_docker_default_has_mobys_rules(void **state)
{
	struct profile *ours = read_shipped("docker-default");
	struct profile *theirs = read_test_data("moby-default.json", 0);
	struct lines our_lines = { .count = 0 }, their_lines = { .count = 0 };

	(void)state;
	describe_all(ours, &our_lines);
	describe_all(theirs, &their_lines);
	assert_int_equal(our_lines.count, their_lines.count);
	assert_true(our_lines.count > 400);
	for (size_t i = 0; i < our_lines.count; i++)
		assert_string_equal(our_lines.list[i], their_lines.list[i]);
	free_lines(&our_lines);
	free_lines(&their_lines);
	profile_free(ours);
	profile_free(theirs);
}

static void test_docker_default_has_mobys_defaults(void **state)
{
	struct profile *ours = read_shipped("docker-default");
	struct profile *theirs = read_test_data("moby-default.json", 0);

	(void)state;
	assert_int_equal(ours->dialect, DIALECT_DOCKER);
	assert_true(action_equal(ours->default_action, theirs->default_action));
	assert_int_equal(ours->flag_spec_allow, theirs->flag_spec_allow);
	assert_int_equal(ours->n_archs, theirs->n_archs);
	for (size_t i = 0; i < ours->n_archs; i++) {
		const struct arch_entry *our = &ours->archs[i], *their = &theirs->archs[i];

		assert_int_equal(our->arch, their->arch);
		assert_int_equal(our->n_sub, their->n_sub);
		assert_memory_equal(our->sub, their->sub, our->n_sub * sizeof(*our->sub));
	}
	profile_free(ours);
	profile_free(theirs);
}

static void test_docker_default_explains_every_rule(void **state)
{
	struct profile *profile = read_shipped("docker-default");

	(void)state;
	for (size_t i = 0; i < profile->n_rules; i++) {
		assert_non_null(profile->rules[i].comment);
		assert_true(strlen(profile->rules[i].comment) > 10);
	}
	profile_free(profile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_what_is_found_in_the_wild),
		cmocka_unit_test(test_ships_by_name),
		cmocka_unit_test(test_none_allows_everything),
		cmocka_unit_test(test_docker_default_has_mobys_rules),
		cmocka_unit_test(test_docker_default_has_mobys_defaults),
		cmocka_unit_test(test_docker_default_explains_every_rule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
