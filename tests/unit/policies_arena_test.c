/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

/* Pieces are apart, aligned, zero, and stay where they are. */
static void test_pieces(void **state)
{
	struct arena arena = { 0 };
	unsigned char *pieces[200];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++) {
		pieces[i] = arena_alloc(&arena, i, 7);
		assert_non_null(pieces[i]);
		assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
		for (size_t k = 0; k < i * 7; k++)
			assert_int_equal(pieces[i][k], 0);
		memset(pieces[i], (int)i, i * 7);
	}
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++)
		for (size_t k = 0; k < i * 7; k++)
			assert_int_equal(pieces[i][k], (unsigned char)i);
	arena_deinit(&arena);
}

static void test_copy(void **state)
{
	struct arena arena = { 0 };

	(void)state;
	assert_string_equal(arena_copy(&arena, "abcdef", 3), "abc");
	assert_string_equal(arena_copy(&arena, "", 0), "");
	arena_deinit(&arena);
}

static void test_bounded(void **state)
{
	struct arena arena = { 0 };

	(void)state;
	assert_null(arena_alloc(&arena, SIZE_MAX, 2));
	assert_null(arena_alloc(&arena, ARENA_MAX + 1, 1));
	assert_non_null(arena_alloc(&arena, ARENA_MAX - 100, 1));
	assert_null(arena_alloc(&arena, 200, 1));
	assert_non_null(arena_alloc(&arena, 1, 1));
	arena_deinit(&arena);
	assert_null(arena.blocks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
