/* SPDX-License-Identifier: Apache-2.0 */
#include "common/err.h"

#include <stdio.h>
#include <string.h>

const char *err_name(int number, char *buf, size_t size)
{
	const char *name;

	if (number < 0)
		number = -number;
	name = strerrorname_np(number);
	if (name)
		return name;
	snprintf(buf, size, "errno %d", number);
	return buf;
}
