/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the rows of the constants_*.c files are written. NAME takes the value from the system's
 * header; VALUE writes it down, for what is newer than the headers we build with.
 */
#pragma once

#include "profiles/arguments/constants.h"

/* clang-format off */
#define NAME(macro) { #macro, (uint64_t)(macro), 0 }
#define VALUE(name, value) { name, value, 0 }
/* One of the values of a field inside flags. Fields and values of many bits stand first. */
#define FIELD(macro, mask) { #macro, (uint64_t)(macro), mask }
#define FIELD_VALUE(name, value, mask) { name, value, mask }
#define END { NULL, 0, 0 }
/* clang-format on */
