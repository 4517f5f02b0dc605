/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/freezing/own_cgroup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#define HYBRID                                                                                     \
	"23 1 0:20 / /sys rw shared:7 - sysfs sysfs rw\n"                                          \
	"38 31 0:35 / /sys/fs/cgroup/blkio rw,relatime - cgroup cgroup rw,blkio\n"                 \
	"41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n"
#define PURE                                                                                       \
	"30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 master:2 - cgroup2 cgroup2 "               \
	"rw,nsdelegate\n"

static const struct row {
	const char *mountinfo, *membership, *path; /* NULL: -ENOENT */
} rows[] = {
	{ HYBRID, "9:name=systemd:/\n6:freezer:/x\n0::/\n", "/sys/fs/cgroup/unified/" },
	{ HYBRID, "0::/user.slice/a\n", "/sys/fs/cgroup/unified/user.slice/a" },
	{ PURE, "0::/user.slice/session-3.scope\n", "/sys/fs/cgroup/user.slice/session-3.scope" },
	{ PURE, "0::/a b", "/sys/fs/cgroup/a b" },
	/* A container's: only a part of the hierarchy is mounted. */
	{ "9 8 0:26 /pod/c1 /cg rw - cgroup2 cgroup ro\n", "0::/pod/c1/x\n", "/cg/x" },
	{ "9 8 0:26 /pod/c1 /cg rw - cgroup2 cgroup ro\n", "0::/pod/c1\n", "/cg" },
	{ "9 8 0:26 /pod/c1 /cg rw - cgroup2 cgroup ro\n", "0::/pod/c12\n", NULL },
	{ "9 8 0:26 /pod/c1 /cg rw - cgroup2 cgroup ro\n" PURE, "0::/other\n",
	  "/sys/fs/cgroup/other" },
	/* Above the root of our cgroup namespace. */
	{ PURE, "0::/../sibling\n", NULL },
	{ "9 8 0:26 / /a\\040\\134b rw - cgroup2 cgroup rw\n", "0::/\n", "/a \\b/" },
	{ "9 8 0:26 / /cg rw - cgroup cgroup rw\n", "0::/\n", NULL },
	{ HYBRID, "6:freezer:/x\n", NULL },
	{ "", "0::/\n", NULL },
	{ "9 8 0:26 / /cut", "0::/\n", NULL },
	{ "\n\n - cgroup2\n", "0::/\n", NULL },
};

static void test_rows(void **state)
{
	char buf[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int result =
			own_cgroup_parse(rows[i].mountinfo, rows[i].membership, buf, sizeof(buf));

		assert_int_equal(result, rows[i].path ? 0 : -ENOENT);
		if (rows[i].path)
			assert_string_equal(buf, rows[i].path);
	}
}

static void test_room(void **state)
{
	char buf[32];
	size_t length = strlen("/sys/fs/cgroup/a");

	(void)state;
	assert_int_equal(own_cgroup_parse(PURE, "0::/a\n", buf, length), -ENAMETOOLONG);
	assert_int_equal(own_cgroup_parse(PURE, "0::/a\n", buf, 5), -ENAMETOOLONG);
	assert_int_equal(own_cgroup_parse(PURE, "0::/a\n", buf, length + 1), 0);
	assert_string_equal(buf, "/sys/fs/cgroup/a");
}

/* Where there is one it is a directory with the files of a cgroup. */
static void test_here(void **state)
{
	char buf[512];
	struct stat status;

	(void)state;
	if (own_cgroup_find(buf, sizeof(buf) - sizeof("/cgroup.procs")) < 0)
		skip();
	strcat(buf, "/cgroup.procs");
	assert_int_equal(stat(buf, &status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
