/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/files/policy_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static char directory[] = "/tmp/callgate-policy-XXXXXX";

static const char *write_file(const char *text)
{
	static char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/p.json", directory);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	return path;
}

static void test_open(void **state)
{
	const char *path = write_file("{\"rules\":[{\"names\":[\"open\"],\"action\":\"allow\"}]}");
	struct loaded_policy loaded;

	(void)state;
	assert_int_equal(loaded_policy_open(path, SCMP_ARCH_X86_64, 7, &loaded), 0);
	assert_string_equal(loaded.policy->name, "p.json");
	assert_string_equal(loaded.policy->file, path);
	assert_int_equal(loaded.policy->generation, 7);
	assert_int_equal(loaded.policy->arch, SCMP_ARCH_X86_64);
	loaded_policy_deinit(&loaded);
	/* arm64 has no open(2): a warning, and no rule to find */
	assert_int_equal(loaded_policy_open(path, SCMP_ARCH_AARCH64, 7, &loaded), 0);
	assert_int_equal(loaded.policy->arch, SCMP_ARCH_AARCH64);
	loaded_policy_deinit(&loaded);
}

static void test_failures(void **state)
{
	struct loaded_policy loaded;

	(void)state;
	assert_int_equal(loaded_policy_open("/nonexistent/p.json", 0, 7, &loaded), -ENOENT);
	assert_int_equal(loaded.diags.errors, 1);
	loaded_policy_deinit(&loaded);
	assert_int_equal(loaded_policy_open(directory, 0, 7, &loaded), -EISDIR);
	loaded_policy_deinit(&loaded);
	assert_int_equal(loaded_policy_open(write_file("{"), 0, 7, &loaded), -EBADMSG);
	assert_null(loaded.policy);
	loaded_policy_deinit(&loaded);
}

static void test_recognised(void **state)
{
	(void)state;
	assert_true(policy_file_recognised(write_file("{\"rules\":[]}")));
	assert_false(policy_file_recognised(write_file("{\"defaultAction\":\"SCMP_ACT_ALLOW\"}")));
	assert_false(policy_file_recognised(write_file("{\"rules\":[")));
	assert_false(policy_file_recognised("docker-default"));
	assert_false(policy_file_recognised(directory));
}

static int setup(void **state)
{
	(void)state;
	return mkdtemp(directory) ? 0 : -1;
}

static int teardown(void **state)
{
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "%s/p.json", directory);
	unlink(path);
	return rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_recognised),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
