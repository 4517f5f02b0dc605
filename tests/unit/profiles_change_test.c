/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/changes/change.h"

#include <linux/capability.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "profiles/knowledge.h"
#include "profiles/syscalls.h"
#include "tests/support/profile_fixture.h"

static const char *const operators[COMPARE_COUNT] = {
	[COMPARE_NE] = "!=", [COMPARE_LT] = "<", [COMPARE_LE] = "<=",       [COMPARE_EQ] = "==",
	[COMPARE_GE] = ">=", [COMPARE_GT] = ">", [COMPARE_MASKED_EQ] = "&",
};

/* "allow-args a0&38 instead-3 high +1 -0 ~0": one line for each candidate. */
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
		/* The next run of the program finds the keyring under another number. */
		{ AUDIT_ARCH_X86_64,
		  "add_key",
		  { 1, 2, 3, 4, 164635654 },
		  "errno 38 low +0 -0 ~1\n"
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
	struct fixture fixture;

	(void)state;
	assert_int_equal(fixture_shipped(&fixture, fixture_host()), 0);
	check_rows(fixture.ruleset, rows, ARRAY_SIZE(rows));
	fixture_free(&fixture);
}

/* Default ENOSYS, and a list that is answered with EPERM: a name has to leave it. */
static void test_containers_common(void **state)
{
	static const struct candidates_row rows[] = {
		{ AUDIT_ARCH_X86_64, "keyctl", { 1 }, "" },
		{ AUDIT_ARCH_X86_64,
		  "bpf",
		  { 5 },
		  "allow-args a0&5 instead-36 high +1 -0 ~1\n"
		  "allow instead-36 high +1 -0 ~0\n"
		  "capability 8000000000 high +1 -0 ~0\n"
		  "capability 200000 high +7 -0 ~0\n" },
		{ AUDIT_ARCH_X86_64,
		  "userfaultfd",
		  { 0 },
		  "allow-args a0&0 instead-0 high +1 -0 ~1\n"
		  "allow instead-0 high +1 -0 ~0\n" },
	};
	struct fixture fixture;

	(void)state;
	assert_int_equal(
		fixture_load(&fixture, PROFILE_FILE("containers-common.json"), fixture_host()), 0);
	check_rows(fixture.ruleset, rows, ARRAY_SIZE(rows));
	fixture_free(&fixture);
}

#define ERRNO "'defaultAction':'SCMP_ACT_ERRNO'"

static void test_shapes(void **state)
{
	static const char profile[] = "{" ERRNO ",'architectures':['SCMP_ARCH_X86_64'],'syscalls':["
				      "{'names':['socket'],'action':'SCMP_ACT_ALLOW','args':["
				      "{'index':0,'op':'SCMP_CMP_LT','value':38},{'index':1,'op':'"
				      "SCMP_CMP_LE','value':4}]},"
				      "{'names':['mount'],'action':'SCMP_ACT_NOTIFY'},"
				      "{'names':['bpf'],'action':'SCMP_ACT_KILL_PROCESS'},"
				      "{'names':['chroot'],'action':'SCMP_ACT_ALLOW',"
				      "'includes':{'caps':['CAP_SYS_ADMIN','CAP_BPF']}},"
				      "{'names':['syslog'],'action':'SCMP_ACT_LOG'}]}";
	static const struct candidates_row rows[] = {
		/* Ranges on two arguments, which libseccomp cannot be trusted with before and
		   after. */
		{ AUDIT_ARCH_X86_64,
		  "socket",
		  { 38, 5 },
		  "errno 97 a0==38 a1==5 low +0 -0 ~1\n"
		  "allow-args a0&38 a1&5 high +1 -0 ~0\n"
		  "allow high +1 -0 ~0\n" },
		{ AUDIT_ARCH_X86_64,
		  "mount",
		  { 0 },
		  "allow-args a3==0 instead-1 high +1 -0 ~1\n"
		  "allow instead-1 high +1 -0 ~0\n" },
		{ AUDIT_ARCH_X86_64,
		  "bpf",
		  { 0 },
		  "allow-args a0&0 instead-2 high +1 -0 ~1\n"
		  "allow instead-2 high +1 -0 ~0\n" },
		{ AUDIT_ARCH_X86_64,
		  "chroot",
		  { 0 },
		  "allow medium +1 -0 ~0\n"
		  "capability 8000200000 medium +1 -0 ~0\n" },
		{ AUDIT_ARCH_X86_64, "getpid", { 0 }, "allow low +1 -0 ~0\n" },
		{ AUDIT_ARCH_X86_64, "syslog", { 0 }, "" },
		{ AUDIT_ARCH_I386, "getpid", { 0 }, "" }, /* of an ABI that is not covered */
	};
	struct fixture fixture;

	(void)state;
	assert_int_equal(fixture_parse(&fixture, profile, fixture_host()), 0);
	check_rows(fixture.ruleset, rows, ARRAY_SIZE(rows));
	fixture_free(&fixture);
}

/* Ranges of one argument are safe, an equality of two beside them is not. */
static void test_unsafe(void **state)
{
	static const char profile[] = "{" ERRNO ",'architectures':['SCMP_ARCH_X86_64'],'syscalls':["
				      "{'names':['socket'],'action':'SCMP_ACT_ALLOW','args':["
				      "{'index':0,'op':'SCMP_CMP_LT','value':38}]},"
				      "{'names':['socket'],'action':'SCMP_ACT_ALLOW','args':["
				      "{'index':1,'op':'SCMP_CMP_GT','value':9}]}]}";
	static const struct candidates_row rows[] = {
		{ AUDIT_ARCH_X86_64,
		  "socket",
		  { 38, 5 },
		  "errno 97 a0==38 a1==5 unsafe low +0 -0 ~1\n"
		  "allow-args a0&38 a1&5 unsafe high +1 -0 ~0\n"
		  "allow high +1 -0 ~0\n" },
	};
	struct fixture fixture;

	(void)state;
	assert_int_equal(fixture_parse(&fixture, profile, fixture_host()), 0);
	check_rows(fixture.ruleset, rows, ARRAY_SIZE(rows));
	fixture_free(&fixture);
}

/* Numbers that libseccomp has no name for: no rule can be written. */
static void test_nameless(void **state)
{
	const int numbers[] = { 470, 900, -1 };
	struct fixture fixture;

	(void)state;
	assert_int_equal(fixture_shipped(&fixture, fixture_host()), 0);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		const struct seccomp_data call = { .arch = AUDIT_ARCH_X86_64, .nr = numbers[i] };
		char *text = candidates_text(fixture.ruleset, &call);

		assert_string_equal(text, "");
		free(text);
	}
	fixture_free(&fixture);
}

/* ---- what holds of every candidate */

static bool names_it(const struct candidate *candidate, const char *name)
{
	for (size_t i = 0; i < candidate->diff->n; i++)
		if (difference_opens(candidate->diff, i) &&
		    strcmp(candidate->diff->list[i].name, name) == 0)
			return true;
	return false;
}

static void check_candidate(const struct ruleset *ruleset, const struct candidate *candidate,
                            const struct seccomp_data *call, const char *name)
{
	_cleanup_(changed_freep) struct changed *changed = NULL;
	struct decision decision;
	size_t opened = 0;

	assert_int_equal(changed_build(ruleset, &candidate->change, 1, &changed), 0);
	ruleset_evaluate(changed->ruleset, call, &decision);
	for (size_t i = 0; i < candidate->diff->n; i++)
		opened += difference_opens(candidate->diff, i);
	assert_int_equal(candidate->effect.opened, opened);
	assert_int_equal(candidate->effect.closed, 0);
	if (candidate->change.kind == CHANGE_ERRNO) {
		assert_true(action_equal(decision.action, candidate->change.action));
		assert_int_equal(opened, 0);
		return;
	}
	assert_true(action_allows(decision.action));
	assert_true(names_it(candidate, name));
	if (candidate->change.kind != CHANGE_CAPABILITY)
		assert_int_equal(opened, 1);
}

static void check_call(const struct ruleset *ruleset, const struct abi *abi, int nr)
{
	struct seccomp_data call = { .arch = abi->audit_arch, .nr = nr };
	struct candidates candidates = { 0 };
	struct decision decision;
	char buf[SYSCALL_NAME_MAX];

	ruleset_evaluate(ruleset, &call, &decision);
	assert_int_equal(candidates_find(ruleset, &call, &candidates), 0);
	if (action_allows(decision.action))
		assert_int_equal(candidates.n, 0);
	for (size_t i = 0; i < candidates.n; i++) {
		check_candidate(ruleset, &candidates.list[i], &call,
		                syscall_name(abi->scmp_arch, nr, buf, sizeof(buf)));
		if (i > 0)
			assert_true(candidates.list[i].change.kind >=
			            candidates.list[i - 1].change.kind);
	}
	candidates_deinit(&candidates);
}

/* Each works, opens what it says and no more, and stands behind the narrower ones. */
static void test_every_candidate(void **state)
{
	struct fixture fixture;
	const struct knowledge *knowledge;

	(void)state;
	assert_int_equal(fixture_shipped(&fixture, fixture_host()), 0);
	for (size_t i = 0; (knowledge = knowledge_at(i)); i++)
		for (size_t j = 0; j < fixture.ruleset->n_abis; j++) {
			const struct abi *abi = &fixture.ruleset->abis[j];
			int nr = seccomp_syscall_resolve_name_arch(abi->scmp_arch,
			                                           knowledge->syscall);

			if (nr >= 0)
				check_call(fixture.ruleset, abi, nr);
		}
	fixture_free(&fixture);
}

/* ---- several at once */

static void test_changes_together(void **state)
{
	const struct change changes[] = {
		{ .kind = CHANGE_ALLOW, .name = "keyctl", .action = { ACTION_ALLOW, 0 } },
		{ .kind = CHANGE_ERRNO, .name = "add_key", .action = { ACTION_ERRNO, 38 } },
		{ .kind = CHANGE_CAPABILITY, .caps = UINT64_C(1) << CAP_SYS_TIME },
	};
	const struct seccomp_data keyctl = { .arch = AUDIT_ARCH_X86_64, .nr = 250 };
	const struct seccomp_data add_key = { .arch = AUDIT_ARCH_X86_64, .nr = 248 };
	const struct seccomp_data clock_settime = { .arch = AUDIT_ARCH_X86_64, .nr = 227 };
	struct changed *changed = NULL;
	struct decision decision;
	struct fixture fixture;

	(void)state;
	assert_int_equal(fixture_shipped(&fixture, fixture_host()), 0);
	assert_int_equal(changed_build(fixture.ruleset, changes, ARRAY_SIZE(changes), &changed), 0);
	ruleset_evaluate(changed->ruleset, &keyctl, &decision);
	assert_int_equal(decision.action.kind, ACTION_ALLOW);
	assert_int_equal(decision.rule->index, fixture.profile->n_rules);
	ruleset_evaluate(changed->ruleset, &add_key, &decision);
	assert_int_equal(decision.action.number, 38);
	ruleset_evaluate(changed->ruleset, &clock_settime, &decision);
	assert_int_equal(decision.action.kind, ACTION_ALLOW);
	changed_free(changed);
	fixture_free(&fixture);
}

/* The same condition with two actions: no runtime takes that. */
static void test_changes_that_collide(void **state)
{
	const struct comparison same = { .index = 0, .op = COMPARE_EQ, .value = 1 };
	const struct change changes[] = {
		{ .kind = CHANGE_ALLOW_ARGS,
		  .name = "keyctl",
		  .action = { ACTION_ALLOW, 0 },
		  .args = { same },
		  .n_args = 1 },
		{ .kind = CHANGE_ERRNO,
		  .name = "keyctl",
		  .action = { ACTION_ERRNO, 38 },
		  .args = { same },
		  .n_args = 1 },
	};
	struct changed *changed = NULL;
	struct fixture fixture;

	(void)state;
	assert_int_equal(fixture_shipped(&fixture, fixture_host()), 0);
	assert_int_equal(changed_build(fixture.ruleset, changes, 2, &changed), -EBADMSG);
	assert_null(changed);
	assert_int_equal(changed_build(fixture.ruleset, changes, 0, &changed), 0);
	changed_free(changed);
	fixture_free(&fixture);
}

static void test_conditions_dropped(void **state)
{
	const struct seccomp_data call = { .arch = AUDIT_ARCH_X86_64, .nr = 41, .args = { 38 } };
	struct candidates candidates = { 0 };
	struct fixture fixture;

	(void)state;
	assert_int_equal(fixture_shipped(&fixture, fixture_host()), 0);
	assert_int_equal(candidates_find(fixture.ruleset, &call, &candidates), 0);
	assert_int_equal(candidates.n, 3);
	candidates_drop_conditions(&candidates);
	assert_int_equal(candidates.n, 1);
	assert_int_equal(candidates.list[0].change.kind, CHANGE_ALLOW);
	candidates_deinit(&candidates);
	fixture_free(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_docker_default),
		cmocka_unit_test(test_containers_common),
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_unsafe),
		cmocka_unit_test(test_nameless),
		cmocka_unit_test(test_every_candidate),
		cmocka_unit_test(test_changes_together),
		cmocka_unit_test(test_changes_that_collide),
		cmocka_unit_test(test_conditions_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
