/* SPDX-License-Identifier: Apache-2.0 */
/* profiles/: any bytes, as moby and runc read it. */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/profile_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const enum dialect engine = DIALECT_DOCKER;

	fuzz_profile(bytes, len, &engine);
	return 0;
}
