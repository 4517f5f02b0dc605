/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/containers/container.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define HEX16 "0123456789abcdef"

static const struct shown_row {
	const char *id, *name, *shown;
} shown_rows[] = {
	{ "c1", NULL, "c1" },
	{ "c1", "web", "web" },
	{ HEX16 HEX16 HEX16 HEX16, NULL, "0123456789ab" },
	{ HEX16 HEX16 HEX16 "0123456789abcdeg", NULL, "0123456789abcdef01234567" },
	{ "c1", HEX16 HEX16 HEX16 HEX16, "0123456789abcdef01234567" },
	{ "c1", "\033[2J", "\\x1b[2J" },
	{ "c1", "", "" },
};

static void test_shown(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(shown_rows); i++) {
		const struct container container = { .id = shown_rows[i].id,
			                             .name = shown_rows[i].name };
		char bytes[256];
		struct text text = TEXT_OVER(bytes);

		container_text(&text, &container);
		assert_string_equal(bytes, shown_rows[i].shown);
	}
}

static const struct name_row {
	struct view_annotation annotations[2];
	const char *name;
} name_rows[] = {
	{ { { "a", "b" }, { "c", "d" } }, NULL },
	{ { { "io.kubernetes.cri.container-name", "web" }, { "c", "d" } }, "web" },
	{ { { "io.kubernetes.cri-o.ContainerName", "db" }, { "c", "d" } }, "db" },
	{ { { "nerdctl/name", "n" }, { "io.kubernetes.container.name", "k" } }, "k" },
};

static void test_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(name_rows); i++) {
		struct name_row row = name_rows[i];
		struct container container = { .id = "c1",
			                       .annotations = row.annotations,
			                       .n_annotations = 2 };

		container_find_name(&container);
		if (row.name)
			assert_string_equal(container.name, row.name);
		else
			assert_null(container.name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shown),
		cmocka_unit_test(test_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
