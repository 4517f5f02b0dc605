/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/containers/serve_profile.h"

#include <linux/capability.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#define CAP(number) (UINT64_C(1) << (number))

#define NOTIFYING                                                                                  \
	"\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"mkdir\"],"  \
	"\"action\":\"SCMP_ACT_NOTIFY\"}]}"

/* The configuration of a test, and the bundle of its container. */
static const struct row {
	const char *config; /* NULL: none */
	const char *bundle; /* its config.json; NULL: none */
	const char *named;  /* by the metadata, or NULL */
	const char *found;  /* the profile's name; of a bundle its end */
	uint64_t caps;      /* 0: Docker's */
	bool unknown;
	const char *said; /* NULL: nothing */
} rows[] = {
	{ NULL, NULL, "docker-default", "docker-default", 0, false, NULL },
	{ NULL, "{\"linux\":{" NOTIFYING "}}", "none", "none", 0, false, NULL },
	{ NULL, "{\"linux\":{" NOTIFYING "}}", NULL, "/config.json", 0, false, NULL },
	{ NULL, "{\"process\":{\"capabilities\":{\"bounding\":[\"CAP_SYS_ADMIN\",\"CAP_NEWER\"]}}}",
	  "docker-default", "docker-default", CAP(CAP_SYS_ADMIN), false, NULL },
	{ "{\"default\":{\"profile\":\"none\"}}", NULL, NULL, "none", 0, false, NULL },
	{ "{\"default\":{\"profile\":\"none\"}}", NULL, "docker-default", "docker-default", 0,
	  false, NULL },
	{ "{\"rules\":[{\"profile\":\"none\",\"capabilities\":[\"CAP_BPF\"]}]}",
	  "{\"linux\":{" NOTIFYING "}}", "docker-default", "none", CAP(CAP_BPF), false, NULL },
	{ "{\"rules\":[{\"mode\":\"complain\"}],\"default\":{\"profile\":\"none\"}}", NULL, NULL,
	  "none", 0, false, NULL },
	{ NULL, "{\"linux\":{" NOTIFYING "}}", "nowhere", "/config.json", 0, false,
	  "no such profile" },
	{ NULL, NULL, "nowhere", "no profile", 0, true, "no such profile" },
	{ NULL, "garbage", NULL, "no profile", 0, true, "config.json:1:1" },
	{ NULL, NULL, NULL, "no profile", 0, true, NULL },
};

static void write_file(const char *directory, const char *name, const char *content)
{
	char path[96];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	(void)unlink(path);
	if (!content)
		return;
	file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fputs(content, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static struct serve_config *config_of(const char *directory, const struct row *row,
                                      struct serve_places *ret_places)
{
	static char path[96];
	struct serve_config *config;
	struct diags diags;

	snprintf(path, sizeof(path), "%s/serve.json", directory);
	write_file(directory, "serve.json", row->config);
	*ret_places = (struct serve_places){ .config = row->config ? path : NULL };
	diags_init(&diags, "serve.json");
	assert_int_equal(serve_config_read(ret_places, &diags, &config), 0);
	diags_deinit(&diags);
	return config;
}

static void check_row(const char *directory, const struct row *row)
{
	const struct container container = { .id = "c1", .profile = row->named };
	struct serve_places places;
	struct serve_config *config = config_of(directory, row, &places);
	struct serve_profile found;
	const char *name;

	write_file(directory, "config.json", row->bundle);
	assert_int_equal(serve_profile_find(&places, config, &container, directory, &found), 0);
	name = found.ruleset->profile->name;
	if (row->found[0] == '/')
		name += strlen(directory);
	assert_string_equal(name, row->found);
	assert_true(found.ruleset->host.caps == (row->caps ? row->caps : host_docker_caps()));
	assert_int_equal(found.found, !row->unknown);
	if (row->said)
		assert_non_null(strstr(found.said, row->said));
	else
		assert_string_equal(found.said, "");
	serve_profile_deinit(&found);
	serve_config_release(config);
}

static void test_the_first_that_can_be_read(void **state)
{
	char directory[] = "/tmp/callgate-serve-XXXXXX";

	(void)state;
	assert_non_null(mkdtemp(directory));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_row(directory, &rows[i]);
	write_file(directory, "config.json", NULL);
	write_file(directory, "serve.json", NULL);
	assert_int_equal(rmdir(directory), 0);
}

/* What was left to a listener of which nothing is known is refused, whatever it is. */
static void test_without_a_profile_there_is_no_rule(void **state)
{
	const struct container container = { .id = "c1" };
	const struct serve_places places = { 0 };
	struct serve_profile found;
	struct serve_config *config;
	struct decision decision;
	struct diags diags;

	(void)state;
	diags_init(&diags, "serve.json");
	assert_int_equal(serve_config_read(&places, &diags, &config), 0);
	assert_int_equal(serve_profile_find(&places, config, &container, NULL, &found), 0);
	ruleset_evaluate(
		found.ruleset,
		&(struct seccomp_data){ .nr = 0, .arch = found.ruleset->abis[0].audit_arch },
		&decision);
	assert_int_equal(decision.action.kind, ACTION_NOTIFY);
	serve_profile_deinit(&found);
	serve_config_release(config);
	diags_deinit(&diags);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_first_that_can_be_read),
		cmocka_unit_test(test_without_a_profile_there_is_no_rule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
