/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/files/replace_file.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static char directory[] = "/tmp/callgate-replace-XXXXXX";

/* What a test may leave behind. */
static const char *const leftovers[] = { "file",       "file.bak", "file.bak.1",
	                                 "file.bak.2", "link",     "dangling" };

static int enter(void **state)
{
	(void)state;
	return !mkdtemp(directory) || chdir(directory) < 0 ? -1 : 0;
}

static int empty(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(leftovers) / sizeof(leftovers[0]); i++)
		(void)unlink(leftovers[i]);
	return 0;
}

static int leave(void **state)
{
	(void)state;
	return chdir("/") < 0 ? -1 : rmdir(directory);
}

static void put(const char *path, const char *text, mode_t mode)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(chmod(path, mode), 0);
}

static void assert_holds(const char *path, const char *text)
{
	char bytes[64] = "";
	FILE *file = fopen(path, "re");

	assert_non_null(file);
	bytes[fread(bytes, 1, sizeof(bytes) - 1, file)] = '\0';
	fclose(file);
	assert_string_equal(bytes, text);
}

static int change(const char *path, const char *old, const char *new, char **ret_backup)
{
	const struct file_change wanted = { path, old, old ? strlen(old) : 0, new, strlen(new) };

	return replace_file(&wanted, ret_backup);
}

static mode_t mode_of(const char *path)
{
	struct stat status;

	assert_int_equal(lstat(path, &status), 0);
	return status.st_mode;
}

static void test_keeps_what_was_there(void **state)
{
	static const char *const backups[] = { "file.bak", "file.bak.1", "file.bak.2" };
	static const char *const texts[] = { "one", "two", "three", "four" };

	(void)state;
	put("file", texts[0], 0640);
	for (size_t i = 0; i < 3; i++) {
		char *backup = NULL;

		assert_int_equal(change("file", texts[i], texts[i + 1], &backup), 0);
		assert_non_null(strstr(backup, backups[i]));
		free(backup);
	}
	assert_holds("file", "four");
	for (size_t i = 0; i < 3; i++)
		assert_holds(backups[i], texts[i]);
	assert_int_equal(mode_of("file") & 07777, 0640);
	assert_int_equal(mode_of("file.bak") & 07777, 0640);
}

static void test_a_new_file_has_no_backup(void **state)
{
	char *backup = (char *)1;

	(void)state;
	assert_int_equal(change("file", NULL, "new", &backup), 0);
	assert_null(backup);
	assert_holds("file", "new");
	assert_int_equal(change("file", NULL, "newer", &backup), -ESTALE);
	assert_holds("file", "new");
}

static const struct {
	const char *stands; /* NULL: nothing */
	const char *expected;
} stale[] = {
	{ "other", "old" }, { "ol", "old" }, { "older", "old" },
	{ "", "old" },      { "old", "" },   { NULL, "old" },
};

static void test_refuses_what_others_changed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(stale) / sizeof(stale[0]); i++) {
		char *backup = NULL;

		if (stale[i].stands)
			put("file", stale[i].stands, 0600);
		else
			assert_int_equal(unlink("file"), 0);
		assert_int_equal(change("file", stale[i].expected, "new", &backup), -ESTALE);
		assert_null(backup);
		if (stale[i].stands)
			assert_holds("file", stale[i].stands);
		assert_int_equal(access("file.bak", F_OK), -1);
	}
}

static void test_a_link_stays_one(void **state)
{
	char *backup = NULL;

	(void)state;
	put("file", "old", 0600);
	assert_int_equal(symlink("file", "link"), 0);
	assert_int_equal(change("link", "old", "new", &backup), 0);
	assert_non_null(strstr(backup, "/file.bak"));
	assert_true(S_ISLNK(mode_of("link")));
	assert_holds("file", "new");
	free(backup);
}

static void test_refuses_links_to_nowhere_and_devices(void **state)
{
	char *backup = NULL;

	(void)state;
	assert_int_equal(symlink("absent", "dangling"), 0);
	assert_int_equal(change("dangling", NULL, "new", &backup), -ESTALE);
	assert_int_equal(change("dangling", "", "new", &backup), -ESTALE);
	assert_int_equal(access("absent", F_OK), -1);
	assert_int_equal(change("/dev/null", "", "new", &backup), -EINVAL);
	assert_int_equal(change(directory, "", "new", &backup), -EINVAL);
	assert_null(backup);
}

/* A link in the place of the backup is not followed. */
static void test_a_backup_goes_through_no_link(void **state)
{
	char *backup = NULL;

	(void)state;
	put("file", "old", 0600);
	assert_int_equal(symlink("absent", "file.bak"), 0);
	assert_int_equal(change("file", "old", "new", &backup), 0);
	assert_non_null(strstr(backup, "file.bak.1"));
	assert_int_equal(access("absent", F_OK), -1);
	free(backup);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_keeps_what_was_there, empty),
		cmocka_unit_test_teardown(test_a_new_file_has_no_backup, empty),
		cmocka_unit_test_teardown(test_refuses_what_others_changed, empty),
		cmocka_unit_test_teardown(test_a_link_stays_one, empty),
		cmocka_unit_test_teardown(test_refuses_links_to_nowhere_and_devices, empty),
		cmocka_unit_test_teardown(test_a_backup_goes_through_no_link, empty),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
