/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/reports/doctor_runtimes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/err.h"

/* First lines as the programs of Debian 12 print them. */
static void test_versions(void **state)
{
	static const char *const rows[][2] = {
		{ "runc version 1.1.5+ds1", "1.1.5+ds1" },
		{ "crun version 1.8.1", "1.8.1" },
		{ "podman version 4.3.1", "4.3.1" },
		{ "Docker version 20.10.24+dfsg1, build 5d6db84", "20.10.24+dfsg1" },
		{ "containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1+deb12u3",
		  "1.6.20~ds1" },
		{ "5.0.2", "5.0.2" },
		{ "systemd 252 (252.39-1~deb12u2)", "252.39-1~deb12u2" },
		{ "", "" },
		{ "   ", "" },
		{ "no version", "" },
		{ "build 5d6db84", "" },
	};
	char version[DOCTOR_VERSION_MAX], endless[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		doctor_version_of(rows[i][0], version);
		assert_string_equal(version, rows[i][1]);
	}
	memset(endless, '1', sizeof(endless));
	endless[1] = '.';
	endless[sizeof(endless) - 1] = '\0';
	doctor_version_of(endless, version);
	assert_int_equal(strlen(version), DOCTOR_VERSION_MAX - 1);
}

static void test_judge(void **state)
{
	static const struct {
		const char *name, *version;
		enum doctor_reach reach;
	} rows[] = {
		{ "runc", "1.1.5+ds1", DOCTOR_REACHES },
		{ "runc", "", DOCTOR_REACHES },
		{ "crun", "1.8.1", DOCTOR_REACHES },
		{ "podman", "4.3.1", DOCTOR_REACHES },
		{ "containerd", "1.6.20~ds1", DOCTOR_REACHES },
		{ "dockerd", "20.10.24+dfsg1", DOCTOR_REACHES_AROUND },
		{ "dockerd", "19.03.1", DOCTOR_REACHES_AROUND },
		{ "dockerd", "24.0.7", DOCTOR_REACH_UNKNOWN },
		{ "dockerd", "26.0.9", DOCTOR_REACH_UNKNOWN },
		{ "dockerd", "26.1.5", DOCTOR_REACHES },
		{ "dockerd", "28.2.2", DOCTOR_REACHES },
		{ "dockerd", "", DOCTOR_REACH_UNKNOWN },
		{ "docker", "28.2.2", DOCTOR_REACH_UNKNOWN },
		{ "lxc-start", "5.0.2", DOCTOR_REACHES_NOT },
		{ "systemd-nspawn", "252", DOCTOR_REACHES_NOT },
	};
	struct doctor_runtime stranger = { .name = "vi" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct doctor_runtime runtime = { .name = rows[i].name };

		strcpy(runtime.version, rows[i].version);
		assert_int_equal(doctor_runtime_judge(&runtime), 0);
		assert_int_equal(runtime.reach, rows[i].reach);
		assert_non_null(runtime.how);
	}
	assert_int_equal(doctor_runtime_judge(&stranger), -ENOENT);
}

static void make_program(const char *directory, const char *name, const char *script)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "we");
	assert_non_null(file);
	fprintf(file, "#!/bin/sh\n%s\n", script);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0700), 0);
}

/* What is on PATH and nothing else; one that fails is there, and says no version. */
static void test_find(void **state)
{
	char directory[] = "/tmp/callgate-runtimes-XXXXXX", command[64];
	struct doctor_runtimes runtimes;

	(void)state;
	assert_non_null(mkdtemp(directory));
	make_program(directory, "dockerd", "test \"$*\" = --version && echo Docker version 26.1.5");
	make_program(directory, "runc", "exit 1");
	make_program(directory, "vi", "echo vi 1.0");
	assert_int_equal(setenv("PATH", directory, 1), 0);
	doctor_runtimes_find(&runtimes);
	assert_int_equal(runtimes.n, 2);
	assert_string_equal(runtimes.found[0].name, "runc");
	assert_string_equal(runtimes.found[0].version, "");
	assert_string_equal(runtimes.found[1].name, "dockerd");
	assert_string_equal(runtimes.found[1].version, "26.1.5");
	assert_int_equal(runtimes.found[1].reach, DOCTOR_REACHES);
	assert_memory_equal(runtimes.found[1].path, directory, strlen(directory));
	doctor_runtimes_deinit(&runtimes);
	snprintf(command, sizeof(command), "/bin/rm -r %s", directory);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
