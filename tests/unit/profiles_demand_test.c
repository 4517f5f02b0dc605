/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/changes/demand.h"

#include <linux/capability.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "common/err.h"
#include "profiles/knowledge.h"
#include "profiles/syscalls.h"

#define CAP(name) (UINT64_C(1) << CAP_##name)

static const struct {
	const char *name;
	struct seccomp_data call;
	int kind; /* enum demand_kind; -1: there is no row */
	uint64_t caps;
} rows[] = {
	{ "read", { 0 }, -1, 0 },
	{ "mount", { 0 }, DEMAND_CAPS, CAP(SYS_ADMIN) },
	{ "bpf", { 0 }, DEMAND_CAPS, CAP(SYS_ADMIN) | CAP(BPF) },
	{ "unshare", { .args = { 0x10000000 } }, DEMAND_NOTHING, 0 },
	{ "unshare", { .args = { 0x10020000 } }, DEMAND_NOTHING, 0 },
	{ "unshare", { .args = { 0x20000 } }, DEMAND_CAPS, CAP(SYS_ADMIN) },
	{ "unshare", { .args = { 0x400 } }, -1, 0 },
	{ "clone", { .args = { 0x11 } }, -1, 0 },
	{ "socket", { .args = { 17, 3 } }, DEMAND_CAPS, CAP(NET_RAW) },
	{ "socket", { .args = { 2, 3 } }, DEMAND_DEPENDS, CAP(NET_RAW) },
	{ "socket", { .args = { 2, 1 } }, -1, 0 },
	{ "userfaultfd", { .args = { 1 } }, DEMAND_NOTHING, 0 },
	{ "userfaultfd", { .args = { 0 } }, DEMAND_DEPENDS, CAP(SYS_PTRACE) },
	{ "syslog", { .args = { 3 } }, DEMAND_DEPENDS, CAP(SYSLOG) | CAP(SYS_ADMIN) },
	{ "syslog", { .args = { 5 } }, DEMAND_CAPS, CAP(SYSLOG) | CAP(SYS_ADMIN) },
	{ "nfsservctl", { 0 }, DEMAND_GONE, 0 },
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct demand *demand = demand_find(rows[i].name, &rows[i].call);

		assert_int_equal(demand ? (int)demand->kind : -1, rows[i].kind);
		assert_int_equal(demand ? demand->caps : 0, rows[i].caps);
	}
}

static void test_the_table_is_whole(void **state)
{
	const struct demand *demand;

	(void)state;
	for (size_t i = 0; (demand = demand_at(i)); i++) {
		unsigned settings = 0;

		assert_true(syscall_known(demand->name) || syscall_since(demand->name).major > 0);
		assert_true(demand->kind != DEMAND_CAPS || demand->caps);
		assert_true(demand->kind != DEMAND_DEPENDS || demand->note);
		assert_true(demand->kind != DEMAND_GONE || demand->until.major > 0);
		while (demand->settings && demand->settings[settings].path)
			settings++;
		assert_true(settings <= SETTINGS_MAX);
	}
}

/* What frees a call from Docker's profile is what the kernel asks, or may ask, for it too. */
static void test_agrees_with_the_knowledge(void **state)
{
	const struct knowledge *knowledge;

	(void)state;
	for (size_t i = 0; (knowledge = knowledge_at(i)); i++) {
		const struct seccomp_data namespaces = { .args = { 0x20000 } };
		const struct demand *demand = demand_find(knowledge->syscall, &namespaces);

		if (demand && demand->kind == DEMAND_CAPS && knowledge->freed_by)
			assert_true(demand->caps & knowledge->freed_by);
	}
}

static void test_since(void **state)
{
	(void)state;
	assert_int_equal(syscall_since("read").major, 0);
	assert_int_equal(syscall_since("clone3").major, 5);
	assert_int_equal(syscall_since("clone3").minor, 3);
	assert_int_equal(syscall_since("syscall_900").major, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_the_table_is_whole),
		cmocka_unit_test(test_agrees_with_the_knowledge),
		cmocka_unit_test(test_since),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
