/* SPDX-License-Identifier: Apache-2.0 */
/* How long a race runs. */
#pragma once

#include <stdlib.h>
#include <time.h>

/* How long a race runs: seconds, from the environment. */
static inline double race_seconds(void)
{
	const char *seconds = getenv("RACE_SECONDS");

	return seconds ? atof(seconds) : 0.5;
}

static inline double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}
