/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/stacks/symbolize.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "supervisor/stacks/maps.h"
#include "supervisor/stacks/stack_unwind.h"

static char program[512]; /* this test */

/* Where an address of this process is in its file; false where it is in none. */
static bool file_offset(const void *address, uint64_t *ret_offset)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	uint64_t wanted = (uint64_t)(uintptr_t)address;
	char line[1024];
	bool found = false;

	assert_non_null(maps);
	while (!found && fgets(line, sizeof(line), maps)) {
		const char *rest = line;
		struct mapping mapping;

		if (!maps_next(&rest, line + strlen(line), &mapping))
			continue;
		found = mapping.low <= wanted && wanted < mapping.high;
		*ret_offset = wanted - mapping.low + mapping.offset;
	}
	fclose(maps);
	return found;
}

static int setup(void **state)
{
	ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);

	(void)state;
	assert_true(length > 0);
	program[length] = '\0';
	return 0;
}

static void test_source(void **state)
{
	struct symbolize_frame frame = { .module = program, .innermost = true };
	struct symbolized symbolized;

	(void)state;
	assert_true(file_offset((const char *)(uintptr_t)symbolize, &frame.offset));
	assert_int_equal(symbolize(&frame, &symbolized), 0);
	assert_string_equal(symbolized.symbol, "symbolize");
	assert_int_equal(symbolized.offset, 0);
	assert_non_null(strstr(symbolized.file, "symbolize.c"));
	assert_true(symbolized.line > 0);

	/* A return address at the function's very start would belong to the one before it. */
	frame.innermost = false;
	frame.offset++;
	assert_int_equal(symbolize(&frame, &symbolized), 0);
	assert_string_equal(symbolized.symbol, "symbolize");
	assert_int_equal(symbolized.offset, 1);
}

static void test_another_build(void **state)
{
	const unsigned char build_id[20] = { 1 };
	struct symbolize_frame frame = { .module = program,
		                         .build_id = build_id,
		                         .build_id_length = sizeof(build_id) };
	struct symbolized symbolized;

	(void)state;
	assert_int_equal(symbolize(&frame, &symbolized), -ESTALE);
}

static void test_no_such_place(void **state)
{
	struct symbolized symbolized;

	(void)state;
	assert_int_equal(
		symbolize(&(struct symbolize_frame){ .module = "/nonexistent" }, &symbolized),
		-ENOENT);
	assert_int_equal(
		symbolize(&(struct symbolize_frame){ .module = "/etc/passwd" }, &symbolized),
		-EBADMSG);
	assert_int_equal(
		symbolize(&(struct symbolize_frame){ .module = program, .offset = UINT64_MAX / 2 },
	                  &symbolized),
		-ERANGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_source),
		cmocka_unit_test(test_another_build),
		cmocka_unit_test(test_no_such_place),
	};

	if (!stack_unwind_version())
		return 77; /* skipped */
	return cmocka_run_group_tests(tests, setup, NULL);
}
