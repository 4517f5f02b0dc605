/* SPDX-License-Identifier: Apache-2.0 */
/* profiles/: any bytes, as containerd and runc read them, and by the dialect that they show. */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/profile_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const enum dialect engine = DIALECT_OCI;

	fuzz_profile(bytes, len, &engine);
	fuzz_profile(bytes, len, NULL);
	return 0;
}
