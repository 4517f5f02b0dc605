/* SPDX-License-Identifier: Apache-2.0 */
/* The probes of files, over a root that the test fills. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "supervisor/reports/doctor_probes.h"

static char root[64];
static const char *const folders[] = {
	"/proc", "/proc/self",  "/proc/sys",       "/proc/sys/kernel", "/proc/sys/kernel/yama",
	"/sys",  "/sys/kernel", "/sys/kernel/btf", "/cgroups"
};

static const char *in_root(const char *path)
{
	static char whole[256];

	snprintf(whole, sizeof(whole), "%s%s", root, path);
	return whole;
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(in_root(path), "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int setup(void **state)
{
	(void)state;
	strcpy(root, "/tmp/callgate-doctor-XXXXXX");
	if (!mkdtemp(root))
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		if (mkdir(in_root(folders[i]), 0700) < 0)
			return -1;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	(void)unlink(in_root("/proc/self/mounts"));
	(void)unlink(in_root("/proc/sys/kernel/yama/ptrace_scope"));
	(void)unlink(in_root("/sys/kernel/btf/vmlinux"));
	for (size_t i = ARRAY_SIZE(folders); i > 0; i--)
		(void)rmdir(in_root(folders[i - 1]));
	return rmdir(root);
}

static struct doctor_finding probe(doctor_probe *what, int read)
{
	const struct doctor_trip trip = { .read = read };
	const struct doctor_place place = { .root = root, .trip = &trip };
	struct doctor_finding finding;

	what(&place, &finding);
	return finding;
}

/* The scope alone does not decide: whether memory could be read does. */
static void test_yama(void **state)
{
	static const struct {
		const char *scope; /* NULL: no Yama */
		int read;
		enum doctor_state state;
		const char *detail;
	} rows[] = {
		{ NULL, 0, DOCTOR_OK, "no Yama" },
		{ NULL, -EPERM, DOCTOR_OK, "no Yama" },
		{ "0\n", 0, DOCTOR_OK, "ptrace_scope 0" },
		{ "0\n", -EPERM, DOCTOR_OK, "ptrace_scope 0" },
		{ "1\n", 0, DOCTOR_OK, "ptrace_scope 1" },
		{ "1\n", -EPERM, DOCTOR_MISSING, "ptrace_scope 1" },
		{ "3\n", -EACCES, DOCTOR_MISSING, "ptrace_scope 3" },
		{ "2\n", DOCTOR_TRIP_NOT_TRIED, DOCTOR_UNKNOWN, "ptrace_scope 2" },
		{ "\n", 0, DOCTOR_UNKNOWN, "ptrace_scope: Bad message" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct doctor_finding finding;

		if (rows[i].scope)
			write_file("/proc/sys/kernel/yama/ptrace_scope", rows[i].scope);
		finding = probe(doctor_yama, rows[i].read);
		assert_int_equal(finding.state, rows[i].state);
		assert_string_equal(finding.detail, rows[i].detail);
	}
}

static void test_btf(void **state)
{
	struct doctor_finding finding = probe(doctor_btf, 0);

	(void)state;
	assert_int_equal(finding.state, DOCTOR_MISSING);
	assert_string_equal(finding.detail, "/sys/kernel/btf/vmlinux: No such file or directory");
	write_file("/sys/kernel/btf/vmlinux", "");
	assert_int_equal(probe(doctor_btf, 0).state, DOCTOR_OK);
}

/* A directory that is no cgroup2 gets no cgroup.freeze, and what was made in it is gone again. */
static void test_cgroup(void **state)
{
	struct doctor_finding finding = probe(doctor_cgroup, 0);

	(void)state;
	assert_int_equal(finding.state, DOCTOR_MISSING);
	assert_string_equal(finding.detail, "no cgroup2 is mounted");
	write_file("/proc/self/mounts", "cgroup /cgroups cgroup rw 0 0\n");
	assert_string_equal(probe(doctor_cgroup, 0).detail, "no cgroup2 is mounted");
	write_file("/proc/self/mounts", "cgroup2 /cgroups cgroup2 rw 0 0\n");
	finding = probe(doctor_cgroup, 0);
	assert_int_equal(finding.state, DOCTOR_MISSING);
	assert_non_null(strstr(finding.detail, ": No such file or directory"));
	assert_int_equal(rmdir(in_root("/cgroups")), 0);
	assert_int_equal(mkdir(in_root("/cgroups"), 0700), 0);
}

static void test_memory(void **state)
{
	(void)state;
	assert_int_equal(probe(doctor_target_memory, 0).state, DOCTOR_OK);
	assert_int_equal(probe(doctor_target_memory, -EPERM).state, DOCTOR_MISSING);
	assert_int_equal(probe(doctor_target_memory, DOCTOR_TRIP_NOT_TRIED).state, DOCTOR_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_yama, setup, teardown),
		cmocka_unit_test_setup_teardown(test_btf, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cgroup, setup, teardown),
		cmocka_unit_test_setup_teardown(test_memory, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
