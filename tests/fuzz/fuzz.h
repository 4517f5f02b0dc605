/* SPDX-License-Identifier: Apache-2.0 */
/* What libFuzzer calls, and the replay (replay.c) too: one input, any bytes. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* 0, always; what must not be aborts. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* A promise of the code under test; unlike assert() it holds in every build. */
#define must(condition)                                                                            \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)
