/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/files/profile_file.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "common/json.h"
#include "tests/support/diags_text.h"

#define DIRECTORY "/callgate/profiles"
#define NOT_FOUND                                                                                  \
	"no such profile; expected a path, one of the shipped profiles (docker-default, none), "   \
	"or NAME.json in "

/* The working directory and the configuration are a directory of the test's own. */
static char home[] = "/tmp/callgate-profile-XXXXXX";

static void write_file(const char *path, const char *content)
{
	FILE *out = fopen(path, "we");

	assert_non_null(out);
	fputs(content, out);
	fclose(out);
}

static int set_up(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(home));
	assert_int_equal(chdir(home), 0);
	assert_int_equal(setenv("XDG_CONFIG_HOME", home, 1), 0);
	assert_int_equal(mkdir("callgate", 0700), 0);
	assert_int_equal(mkdir("callgate/profiles", 0700), 0);
	write_file("callgate/profiles/mine.json", "{\"defaultAction\":\"SCMP_ACT_LOG\"}");
	write_file("callgate/profiles/none.json", "{\"defaultAction\":\"SCMP_ACT_TRAP\"}");
	write_file("callgate/profiles/broken.json", "{\n\"defaultAction\":\"LOG\"}");
	write_file("here.json", "{\"defaultAction\":\"SCMP_ACT_TRACE\"}");
	write_file("plain", "{\"defaultAction\":\"SCMP_ACT_KILL\"}");
	assert_int_equal(mkfifo("fifo.json", 0600), 0);
	assert_int_equal(mkdir("directory.json", 0700), 0);
	assert_int_equal(symlink("nowhere", "callgate/profiles/dangling.json"), 0);
	return 0;
}

static int tear_down(void **state)
{
	static const char *const files[] = { "callgate/profiles/mine.json",
		                             "callgate/profiles/none.json",
		                             "callgate/profiles/broken.json",
		                             "callgate/profiles/dangling.json",
		                             "here.json",
		                             "plain",
		                             "fifo.json",
		                             "big.json" };
	static const char *const directories[] = { "directory.json", "callgate/profiles",
		                                   "callgate" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		(void)unlink(files[i]);
	for (size_t i = 0; i < ARRAY_SIZE(directories); i++)
		(void)rmdir(directories[i]);
	return rmdir(home);
}

static const struct {
	const char *wanted;
	enum action_kind kind;
	const char *file; /* below home; without '/': as it is */
} found[] = {
	{ "docker-default", ACTION_ERRNO, "docker-default" },
	{ "mine", ACTION_LOG, DIRECTORY "/mine.json" },
	{ "none", ACTION_TRAP, DIRECTORY "/none.json" }, /* the user's before the shipped */
	{ "here.json", ACTION_TRACE, "here.json" },
	{ "./plain", ACTION_KILL_THREAD, "./plain" },
};

static void test_finds_profiles(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(found); i++) {
		_cleanup_(profile_freep) struct profile *profile = NULL;
		struct diags diags;
		char file[256];

		snprintf(file, sizeof(file), "%s%s", found[i].file[0] == '/' ? home : "",
		         found[i].file);
		diags_init(&diags, "typed");
		assert_int_equal(profile_load(found[i].wanted, &diags, &profile), 0);
		assert_int_equal(profile->default_action.kind, found[i].kind);
		assert_string_equal(profile->name, found[i].wanted);
		assert_string_equal(profile->file, file);
		assert_string_equal(diags.file, file);
		diags_deinit(&diags);
	}
}

static const struct {
	const char *wanted;
	int result;
	const char *diags; /* %s is home */
} refused[] = {
	{ "broken", -EBADMSG,
	  "%s" DIRECTORY "/broken.json:2:17: /defaultAction: unknown action \"LOG\"; expected "
	  "SCMP_ACT_ALLOW, ERRNO, NOTIFY, LOG, TRACE, TRAP, KILL, KILL_THREAD or KILL_PROCESS\n" },
	{ "dangling", -ENOENT,
	  "%s" DIRECTORY "/dangling.json: cannot open it: No such file or directory\n" },
	{ "./none", -ENOENT, "./none: cannot open it: No such file or directory\n" },
	{ "./plain/x", -ENOTDIR, "./plain/x: cannot open it: Not a directory\n" },
	{ "./", -EISDIR, "./: a directory; expected a regular file\n" },
	{ "directory.json", -EISDIR, "directory.json: a directory; expected a regular file\n" },
	{ "fifo.json", -EINVAL, "fifo.json: a pipe, socket or device; expected a regular file\n" },
	{ "/dev/null", -EINVAL, "/dev/null: a pipe, socket or device; expected a regular file\n" },
	{ "docker-defualt", -ENOENT,
	  "typed: " NOT_FOUND "%s" DIRECTORY " or /etc" DIRECTORY
	  "; did you mean \"docker-default\"?\n" },
	{ "plain", -ENOENT, "typed: " NOT_FOUND "%s" DIRECTORY " or /etc" DIRECTORY "\n" },
	{ "absent.json", -ENOENT, "typed: " NOT_FOUND "%s" DIRECTORY " or /etc" DIRECTORY "\n" },
	{ "", -ENOENT,
	  ": not a profile's name; expected a path, or a name that does not start with '.'\n" },
	{ "..", -ENOENT,
	  "..: not a profile's name; expected a path, or a name that does not start with '.'\n" },
};

static void check_refusal(const char *wanted, int result, const char *expected)
{
	struct profile *profile = NULL;
	_cleanup_free_ char *text = NULL;
	struct diags diags;

	diags_init(&diags, "typed");
	assert_int_equal(profile_load(wanted, &diags, &profile), result);
	assert_null(profile);
	text = diags_text(&diags);
	assert_string_equal(text, expected);
	diags_deinit(&diags);
}

/* expected with its one "%s" filled in, if it has one. */
static void fill_in(char *buf, size_t size, const char *expected, const char *directory)
{
	const char *gap = strstr(expected, "%s");

	if (gap)
		snprintf(buf, size, "%.*s%s%s", (int)(gap - expected), expected, directory,
		         gap + 2);
	else
		snprintf(buf, size, "%s", expected);
}

static void test_says_why_not(void **state)
{
	char expected[1024];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		fill_in(expected, sizeof(expected), refused[i].diags, home);
		check_refusal(refused[i].wanted, refused[i].result, expected);
	}
}

static void test_bounds_the_file(void **state)
{
	_cleanup_close_ int fd = open("big.json", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	(void)state;
	assert_int_equal(ftruncate(fd, (off_t)1 << 40), 0); /* sparse */
	check_refusal("big.json", -EFBIG,
	              "big.json: the file is too big; expected at most 8388608 bytes\n");
}

/* From a path, a name and the binary: the engine that was asked for reads it, whoever it is for. */
static void test_reads_as_an_engine(void **state)
{
	static const char *const wanted[] = { "./here.json", "mine", "docker-default" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		for (unsigned k = DIALECT_DOCKER; k <= DIALECT_OCI; k++) {
			const enum dialect engine = (enum dialect)k;
			struct profile *profile = NULL;
			struct diags diags;

			diags_init(&diags, "typed");
			assert_int_equal(profile_load_as(wanted[i], &engine, &diags, &profile), 0);
			assert_true(profile->as_engine);
			assert_int_equal(profile->dialect, engine);
			profile_free(profile);
			diags_deinit(&diags);
		}
}

static void test_falls_back_to_the_home_directory(void **state)
{
	(void)state;
	assert_int_equal(setenv("XDG_CONFIG_HOME", "relative", 1), 0);
	assert_int_equal(setenv("HOME", "/nonexistent", 1), 0);
	check_refusal("mine", -ENOENT,
	              "typed: " NOT_FOUND "/nonexistent/.config" DIRECTORY " or /etc" DIRECTORY
	              "\n");
	assert_int_equal(unsetenv("HOME"), 0);
	check_refusal("mine", -ENOENT, "typed: " NOT_FOUND "/etc" DIRECTORY "\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finds_profiles),
		cmocka_unit_test(test_says_why_not),
		cmocka_unit_test(test_bounds_the_file),
		cmocka_unit_test(test_reads_as_an_engine),
		cmocka_unit_test(test_falls_back_to_the_home_directory),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
