/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/change.h"

#include <linux/capability.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/profile_fixture.h"

static const char *const operators[COMPARE_COUNT] = {
	[COMPARE_NE] = "!=", [COMPARE_LT] = "<", [COMPARE_LE] = "<=",       [COMPARE_EQ] = "==",
	[COMPARE_GE] = ">=", [COMPARE_GT] = ">", [COMPARE_MASKED_EQ] = "&",
};

/* "errno-97 args 0:0xffffffff&38 high +1 -0 ~0", in one line for each candidate. */
static void write_candidate(FILE *out, const struct candidate *candidate)
{
	const struct change *change = &candidate->change;

	fputs(change_kind_name(change->kind), out);
	if (change->kind == CHANGE_ERRNO)
		fprintf(out, " %u", change->action.number);
	if (change->kind == CHANGE_CAPABILITY)
		fprintf(out, " %llx", (unsigned long long)change->caps);
	for (unsigned i = 0; i < change->n_args; i++)
		fprintf(out, " a%u%s%llu", change->args[i].index, operators[change->args[i].op],
		        (unsigned long long)(change->args[i].op == COMPARE_MASKED_EQ
		                                     ? change->args[i].value_two
		                                     : change->args[i].value));
	if (change->instead)
		fprintf(out, " instead-%zu", change->instead->index);
	if (candidate->unsafe)
		fputs(" unsafe", out);
	fprintf(out, " %s +%zu -%zu ~%zu\n", severity_name(candidate->severity),
	        candidate->effect.opened, candidate->effect.closed, candidate->effect.altered);
}

static char *candidates_text(const struct ruleset *ruleset, const struct seccomp_data *call)
{
	struct candidates candidates = { 0 };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(candidates_find(ruleset, call, &candidates), 0);
	for (size_t i = 0; i < candidates.n; i++)
		write_candidate(out, &candidates.list[i]);
	candidates_deinit(&candidates);
	fclose(out);
	return text;
}

struct candidates_row {
	uint32_t arch;
	const char *name;
	uint64_t args[6];
	const char *text;
};

static void check_rows(const struct ruleset *ruleset, const struct candidates_row *rows,
                       size_t n_rows)
{
	for (size_t i = 0; i < n_rows; i++) {
		uint32_t arch = rows[i].arch == AUDIT_ARCH_I386 ? SCMP_ARCH_X86 : SCMP_ARCH_X86_64;
		struct seccomp_data call = {
			.arch = rows[i].arch,
			.nr = seccomp_syscall_resolve_name_arch(arch, rows[i].name),
		};
		char *text;

		memcpy(call.args, rows[i].args, sizeof(call.args));
		text = candidates_text(ruleset, &call);
		assert_string_equal(text, rows[i].text);
		free(text);
	}
}

static void test_docker_default(void **state)
{
	static const struct candidates_row rows[] = {
		{ AUDIT_ARCH_X86_64, "read", { 0 }, "" },
		{ AUDIT_ARCH_X86_64,
		  "socket",
		  { 38, 5, 0 },
		  "errno 97 a0==38 low +0 -0 ~1\n"
		  "allow-args a0&38 high +1 -0 ~0\n"
		  "allow high +1 -0 ~0\n" },
		{ AUDIT_ARCH_X86_64,
		  "clone3",
		  { 1, 88 },
		  "allow instead-36 high +1 -0 ~0\n"
		  "capability 200000 high +23 -0 ~0\n" },
		{ AUDIT_ARCH_X86_64,
		  "clone",
		  { 0x10000011 },
		  "allow-args a0&268435473 high +1 -0 ~0\n"
		  "allow high +1 -0 ~0\n"
		  "capability 200000 high +23 -0 ~0\n" },
		{ AUDIT_ARCH_X86_64,
		  "unshare",
		  { 0x10000000 },
		  "allow-args a0==268435456 high +1 -0 ~0\n"
		  "allow high +1 -0 ~0\n"
		  "capability 200000 high +23 -0 ~0\n" },
		{ AUDIT_ARCH_X86_64,
		  "mount",
		  { 1, 2, 3, 0, 0 },
		  "allow-args a3==0 high +1 -0 ~0\n"
		  "allow high +1 -0 ~0\n"
		  "capability 200000 high +23 -0 ~0\n" },
		{ AUDIT_ARCH_X86_64,
		  "bpf",
		  { 5, 0, 3, 0, 0 },
		  "allow-args a0&5 high +1 -0 ~0\n"
		  "allow high +1 -0 ~0\n"
		  "capability 8000000000 high +1 -0 ~0\n"
		  "capability 200000 high +23 -0 ~0\n" },
		{ AUDIT_ARCH_X86_64,
		  "keyctl",
		  { 1, 0, 3, 0, 0 },
		  "errno 38 low +0 -0 ~1\n"
		  "allow-args a0&1 high +1 -0 ~0\n"
		  "allow high +1 -0 ~0\n" },
		{ AUDIT_ARCH_X86_64,
		  "io_uring_setup",
		  { 8, 4096 },
		  "errno 38 low +0 -0 ~1\n"
		  "allow high +1 -0 ~0\n" },
		{ AUDIT_ARCH_X86_64,
		  "personality",
		  { 0x40000 },
		  "allow-args a0&262144 medium +1 -0 ~0\n"
		  "allow medium +1 -0 ~0\n" },
		{ AUDIT_ARCH_I386,
		  "umount",
		  { 0x40000 },
		  "allow high +1 -0 ~0\n"
		  "capability 200000 high +23 -0 ~0\n" },
		{ AUDIT_ARCH_I386, "socketcall", { 1 }, "" },
	};
	struct fixture fixture = { .host = fixture_host() };
	struct diags diags;
	size_t len;
	const char *bytes = profile_shipped("docker-default", &len);

	(void)state;
	diags_init(&diags, "");
	assert_int_equal(profile_parse("docker-default", "docker-default", bytes, len, &diags,
	                               &fixture.profile),
	                 0);
	assert_int_equal(ruleset_build(fixture.profile, &fixture.host, &diags, &fixture.ruleset),
	                 0);
	diags_deinit(&diags);
	check_rows(fixture.ruleset, rows, ARRAY_SIZE(rows));
	fixture_free(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_docker_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
