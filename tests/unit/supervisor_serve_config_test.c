/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/containers/serve_config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#define PROFILE "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[]}"
#define POLICY "{\"rules\":[{\"names\":[\"mkdir\"],\"action\":\"allow\"}]}"
#define FROZEN                                                                                     \
	"{\"rules\":[{\"names\":[\"execve\"],\"args\":[{\"arg\":\"path\",\"op\":\"path\","         \
	"\"value\":\"/bin/**\"}],\"action\":\"allow\"}]}"

/* A directory with the files of a test. */
struct fixture {
	char directory[64];
	char config[96];
	struct serve_places places;
};

static const char *const names[] = { "config.json", "web.json", "rules.json", "frozen.json" };

static void path_of(const struct fixture *fixture, const char *name, char path[static 96])
{
	snprintf(path, 96, "%s/%s", fixture->directory, name);
}

static void put(const struct fixture *fixture, const char *name, const char *content)
{
	char path[96];
	FILE *file;

	path_of(fixture, name, path);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fputs(content, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int setup(void **state)
{
	static struct fixture fixture;

	fixture = (struct fixture){ .directory = "/tmp/callgate-serve-XXXXXX" };
	if (!mkdtemp(fixture.directory))
		return -1;
	path_of(&fixture, "config.json", fixture.config);
	fixture.places = (struct serve_places){ .config = fixture.config,
		                                .profiles = fixture.directory,
		                                .policies = fixture.directory };
	put(&fixture, "web.json", PROFILE);
	put(&fixture, "rules.json", POLICY);
	put(&fixture, "frozen.json", FROZEN);
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	const struct fixture *fixture = *state;
	char path[96];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		path_of(fixture, names[i], path);
		(void)unlink(path);
	}
	return rmdir(fixture->directory);
}

static void test_files_are_read_by_name(void **state)
{
	struct fixture *fixture = *state;
	struct container web = { .id = "c1", .name = "web" }, other = { .id = "c2" };
	struct serve_config *config;
	struct diags diags;

	put(fixture, "config.json",
	    "{\"default\":{\"policy\":\"rules.json\"},\"rules\":[{\"when\":{\"containerName\":"
	    "\"web\"},\"profile\":\"web\",\"policy\":\"rules\"}]}");
	diags_init(&diags, "config");
	assert_int_equal(serve_config_read(&fixture->places, &diags, &config), 0);
	assert_int_equal(serve_config_choose(config, &web), 0);
	assert_int_equal(serve_config_choose(config, &other), 1);
	assert_string_equal(config->files[0].profile->name + strlen(fixture->directory),
	                    "/web.json");
	assert_non_null(generations_present(&config->files[0].policies));
	assert_null(config->files[1].profile);
	assert_non_null(generations_present(&config->files[1].policies));
	diags_deinit(&diags);
	serve_config_release(config);
}

static void test_no_file_is_a_configuration_that_says_nothing(void **state)
{
	struct serve_places places = { 0 };
	struct container container = { .id = "c1" };
	struct serve_config *config, *held;
	struct diags diags;

	(void)state;
	diags_init(&diags, "config");
	assert_int_equal(serve_config_read(&places, &diags, &config), 0);
	held = serve_config_hold(config);
	serve_config_release(config);
	assert_int_equal(serve_config_choose(held, &container), 0);
	assert_null(held->files[0].profile);
	serve_config_release(held);
	diags_deinit(&diags);
}

static const struct wrong_row {
	const char *config;
	const char *file; /* that is at fault; NULL: any */
	const char *said; /* in its first error */
} wrong_rows[] = {
	{ "{", "config.json", "config.json:1:2" },
	{ "{\"default\":{\"profile\":\"nowhere\"}}", NULL, "no such profile" },
	{ "{\"default\":{\"policy\":\"nowhere\"}}", "nowhere.json", "cannot open it" },
	{ "{\"default\":{\"policy\":\"frozen\"}}", "frozen.json", "of class frozen" },
	{ "{\"default\":{\"policy\":\"web\"}}", "web.json", "/defaultAction" },
};

static void test_the_file_at_fault_is_named(void **state)
{
	struct fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_SIZE(wrong_rows); i++) {
		struct serve_config *config;
		struct diags diags;
		char said[512];

		put(fixture, "config.json", wrong_rows[i].config);
		diags_init(&diags, "config");
		assert_true(serve_config_read(&fixture->places, &diags, &config) < 0);
		if (wrong_rows[i].file)
			assert_non_null(strstr(diags.file, wrong_rows[i].file));
		diags_first_error(&diags, said, sizeof(said));
		assert_non_null(strstr(said, wrong_rows[i].said));
		diags_deinit(&diags);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_files_are_read_by_name, setup, teardown),
		cmocka_unit_test(test_no_file_is_a_configuration_that_says_nothing),
		cmocka_unit_test_setup_teardown(test_the_file_at_fault_is_named, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
