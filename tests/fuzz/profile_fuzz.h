/* SPDX-License-Identifier: Apache-2.0 */
/* What the fuzzers of the profile readers share: from bytes to verdicts. */
#pragma once

#include "profiles/profile.h"

/*
 * Reads the bytes as an engine does, or with NULL by the dialect they show; resolves what is good
 * for two hosts, plans it in every mode and asks for verdicts. Aborts where one of these breaks a
 * promise of its header.
 */
void fuzz_profile(const uint8_t *bytes, size_t len, const enum dialect *engine);
