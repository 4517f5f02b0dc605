/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/knowledge.h"

#include <stdlib.h>
#include <string.h>

#include "profiles/knowledge_rows.h"

static int compare_row(const void *name, const void *row)
{
	return strcmp(name, ((const struct knowledge *)row)->syscall);
}

const struct knowledge *knowledge_find(const char *syscall)
{
	return bsearch(syscall, knowledge_rows, n_knowledge_rows, sizeof(*knowledge_rows),
	               compare_row);
}

const struct knowledge *knowledge_at(size_t index)
{
	return index < n_knowledge_rows ? &knowledge_rows[index] : NULL;
}
