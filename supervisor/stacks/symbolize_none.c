/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/stacks/symbolize.h"

int symbolize(_unused_ const struct symbolize_frame *frame,
              _unused_ struct symbolized *ret_symbolized)
{
	return -ENOSYS;
}
