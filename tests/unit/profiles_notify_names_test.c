/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/notify_names.h"

#include <string.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/profile_fixture.h"

#define PROFILE(archs)                                                                             \
	"{'defaultAction':'SCMP_ACT_ERRNO','architectures':['SCMP_ARCH_X86_64'" archs "],"         \
	"'syscalls':[{'names':['write','read','nonsense'],'action':'SCMP_ACT_ALLOW'},"             \
	"{'names':['read','bpf'],'action':'SCMP_ACT_KILL'},"                                       \
	"{'names':['mount'],'action':'SCMP_ACT_ALLOW',"                                            \
	"'includes':{'caps':['CAP_SYS_ADMIN']}}]}"

static const char *const profiles[] = { PROFILE(""), PROFILE(",'SCMP_ARCH_X86'") };

static bool has(const struct name_list *list, const char *name)
{
	unsigned n = 0;

	for (size_t i = 0; i < list->n_names; i++)
		n += strcmp(list->names[i], name) == 0;
	assert_true(n <= 1);
	return n;
}

static void list_of(bool x86, bool tables, struct name_list *list)
{
	struct fixture fixture;

	assert_int_equal(fixture_parse(&fixture, profiles[x86], fixture_host()), 0);
	assert_int_equal(name_list_make(fixture.ruleset, tables, list), 0);
	for (size_t i = 1; i < list->n_names; i++)
		assert_true(strcmp(list->names[i - 1], list->names[i]) < 0);
	fixture_free(&fixture);
}

static void test_of_rules(void **state)
{
	struct name_list list;
	(void)state;

	list_of(false, false, &list);
	assert_int_equal(list.n_names, 3);
	assert_true(has(&list, "bpf") && has(&list, "read") && has(&list, "write"));
	name_list_deinit(&list);
}

static void test_of_tables(void **state)
{
	struct name_list list;
	(void)state;

	list_of(false, true, &list);
	assert_true(list.n_names > 340);
	assert_true(has(&list, "mount") && has(&list, "read") && has(&list, "futex_requeue"));
	assert_false(has(&list, "socketcall") || has(&list, "nonsense"));
	name_list_deinit(&list);
	list_of(true, true, &list);
	assert_true(has(&list, "socketcall") && has(&list, "socket") && has(&list, "_llseek"));
	name_list_deinit(&list);
}

static void test_multiplexers(void **state)
{
	struct fixture fixture;
	(void)state;

	assert_true(name_is_multiplexer("socketcall") && name_is_multiplexer("ipc"));
	assert_false(name_is_multiplexer("socket"));
	for (unsigned x86 = 0; x86 <= 1; x86++) {
		assert_int_equal(fixture_parse(&fixture, profiles[x86], fixture_host()), 0);
		assert_int_equal(name_is_multiplexed(fixture.ruleset, "socket"), x86);
		assert_int_equal(name_is_multiplexed(fixture.ruleset, "semop"), x86);
		assert_false(name_is_multiplexed(fixture.ruleset, "socketcall"));
		assert_false(name_is_multiplexed(fixture.ruleset, "read"));
		fixture_free(&fixture);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_of_rules),
		cmocka_unit_test(test_of_tables),
		cmocka_unit_test(test_multiplexers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
