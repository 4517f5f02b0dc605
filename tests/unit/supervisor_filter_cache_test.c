/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/files/filter_cache.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>
#include <cmocka.h>

#include "profiles/bpf.h"
#include "tests/support/profile_fixture.h"

static char home[64];

struct prepared {
	struct fixture fixture;
	struct plan *plan;
};

static void prepare(struct prepared *prepared, struct plan_options options)
{
	assert_int_equal(
		fixture_load(&prepared->fixture, PROFILE_FILE("moby-default.json"), fixture_host()),
		0);
	assert_int_equal(plan_build(prepared->fixture.ruleset, &options, &prepared->plan), 0);
}

static void dispose(struct prepared *prepared)
{
	plan_free(prepared->plan);
	fixture_free(&prepared->fixture);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

static int make_home(void **state)
{
	(void)state;
	strcpy(home, "/tmp/callgate-test-XXXXXX");
	return mkdtemp(home) ? setenv("XDG_CACHE_HOME", home, 1) : -1;
}

static int remove_home(void **state)
{
	(void)state;
	return nftw(home, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* The path of the one file in the cache; how many there are is returned. */
static size_t cached(char *path, size_t size)
{
	char directory[96];
	struct dirent *entry;
	size_t n = 0;
	DIR *dir;

	snprintf(directory, sizeof(directory), "%s/callgate", home);
	dir = opendir(directory);
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.') {
			snprintf(path, size, "%s/%s", directory, entry->d_name);
			n++;
		}
	if (dir)
		closedir(dir);
	return n;
}

static ino_t inode(const char *path)
{
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	return status.st_ino;
}

/* Obtains, and checks that what came is right whatever the cache holds. */
static void obtain(struct plan *plan, struct filter *ret_filter)
{
	struct seccomp_data call;

	assert_int_equal(filter_obtain(plan, ret_filter), 0);
	assert_int_equal(filter_verify(ret_filter, plan, &call), 0);
}

static void test_miss_then_hit(void **state)
{
	struct filter missed, hit;
	struct prepared prepared;
	struct stat status;
	char path[512];
	ino_t first;

	(void)state;
	prepare(&prepared, (struct plan_options){ 0 });
	obtain(prepared.plan, &missed);
	assert_int_equal(cached(path, sizeof(path)), 1);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	first = inode(path);
	obtain(prepared.plan, &hit);
	assert_int_equal(inode(path), first); /* not written again: it was a hit */
	assert_int_equal(hit.count, missed.count);
	assert_memory_equal(hit.instructions, missed.instructions,
	                    hit.count * sizeof(*hit.instructions));
	assert_int_equal(hit.notifies, missed.notifies);
	assert_int_equal(hit.log, missed.log);
	assert_int_equal(hit.spec_allow, missed.spec_allow);
	filter_deinit(&missed);
	filter_deinit(&hit);
	dispose(&prepared);
}

static void test_plans_are_apart(void **state)
{
	struct prepared observed, denying;
	struct filter filter;
	char path[512];

	(void)state;
	prepare(&observed, (struct plan_options){ 0 });
	prepare(&denying, (struct plan_options){ .deny_in_kernel = true });
	obtain(observed.plan, &filter);
	assert_true(filter.notifies);
	filter_deinit(&filter);
	obtain(denying.plan, &filter);
	assert_false(filter.notifies);
	filter_deinit(&filter);
	assert_int_equal(cached(path, sizeof(path)), 2);
	dispose(&observed);
	dispose(&denying);
}

/* Ways to spoil the file at path. Each must lead to a compilation, and a good file again. */
static void cut_short(const char *path)
{
	assert_int_equal(truncate(path, 1000), 0);
}

static void make_empty(const char *path)
{
	assert_int_equal(truncate(path, 0), 0);
}

static void flip(const char *path, off_t at, bool from_end)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	char byte;

	assert_true(fd >= 0);
	at = lseek(fd, at, from_end ? SEEK_END : SEEK_SET);
	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte ^= 1;
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	close(fd);
}

static void flip_magic(const char *path)
{
	flip(path, 0, false);
}

static void flip_key_length(const char *path)
{
	flip(path, 8 + 7, false);
}

static void flip_count(const char *path)
{
	flip(path, 16 + 7, false);
}

static void flip_key(const char *path)
{
	flip(path, 100, false);
}

/* The filter's k of the SECCOMP_RET_ALLOW before the last instruction. */
static void flip_verdict(const char *path)
{
	flip(path, -(off_t)sizeof(struct sock_filter) - 2, true);
}

static void let_others_write(const char *path)
{
	assert_int_equal(chmod(path, 0620), 0);
}

static void replace_by_fifo(const char *path)
{
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
}

static void replace_by_link(const char *path)
{
	char other[600];

	snprintf(other, sizeof(other), "%s.moved", path);
	assert_int_equal(rename(path, other), 0);
	assert_int_equal(symlink(other, path), 0);
}

static void (*const spoilers[])(const char *path) = {
	cut_short, make_empty,   flip_magic,       flip_key_length, flip_count,
	flip_key,  flip_verdict, let_others_write, replace_by_fifo, replace_by_link,
};

static void test_spoilt_files_are_compiled_again(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(spoilers); i++) {
		struct prepared prepared;
		struct filter filter;
		struct stat status;
		char path[512];
		ino_t spoilt;

		prepare(&prepared, (struct plan_options){ 0 });
		obtain(prepared.plan, &filter);
		filter_deinit(&filter);
		assert_true(cached(path, sizeof(path)) >= 1);
		spoilers[i](path);
		assert_int_equal(lstat(path, &status), 0);
		spoilt = status.st_ino;
		obtain(prepared.plan, &filter);
		filter_deinit(&filter);
		assert_int_equal(lstat(path, &status), 0);
		if (status.st_ino == spoilt || !S_ISREG(status.st_mode) ||
		    (status.st_mode & 07777) != 0600)
			fail_msg("spoiler %zu: the file was taken or left", i);
		dispose(&prepared);
		assert_int_equal(remove_home(NULL), 0);
		assert_int_equal(make_home(NULL), 0);
	}
}

/* Nothing can be kept, and nobody notices. */
static void test_without_a_cache(void **state)
{
	static const char *const homes[] = { "/dev/null/nowhere", "/proc/1/nowhere" };
	struct prepared prepared;

	(void)state;
	prepare(&prepared, (struct plan_options){ 0 });
	for (size_t i = 0; i < ARRAY_SIZE(homes); i++) {
		struct filter filter;

		assert_int_equal(setenv("XDG_CACHE_HOME", homes[i], 1), 0);
		obtain(prepared.plan, &filter);
		filter_deinit(&filter);
	}
	assert_int_equal(setenv("XDG_CACHE_HOME", home, 1), 0);
	dispose(&prepared);
}

/* A directory that others may write is not used. */
static void test_shared_directory_is_refused(void **state)
{
	struct prepared prepared;
	struct filter filter;
	char path[512];

	(void)state;
	snprintf(path, sizeof(path), "%s/callgate", home);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(chmod(path, 0777), 0);
	prepare(&prepared, (struct plan_options){ 0 });
	obtain(prepared.plan, &filter);
	filter_deinit(&filter);
	assert_int_equal(cached(path, sizeof(path)), 0);
	dispose(&prepared);
}

static double milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Shown, not judged: machines differ. */
static void test_time(void **state)
{
	struct prepared prepared;
	struct filter filter;
	double times[3];

	(void)state;
	prepare(&prepared, (struct plan_options){ 0 });
	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		double start = milliseconds();

		assert_int_equal(filter_obtain(prepared.plan, &filter), 0);
		times[i] = milliseconds() - start;
		filter_deinit(&filter);
	}
	print_message("miss %.2f ms, hit %.2f ms\n", times[0], times[2]);
	dispose(&prepared);
}

#define WITH_HOME(test) cmocka_unit_test_setup_teardown(test, make_home, remove_home)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_HOME(test_miss_then_hit),
		WITH_HOME(test_plans_are_apart),
		WITH_HOME(test_spoilt_files_are_compiled_again),
		WITH_HOME(test_without_a_cache),
		WITH_HOME(test_shared_directory_is_refused),
		WITH_HOME(test_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
