/* SPDX-License-Identifier: Apache-2.0 */
/* The table that knowledge.py makes, sorted by name. Behind profiles/knowledge.h; not for others.
 */
#pragma once

#include "profiles/knowledge.h"

extern const struct knowledge knowledge_rows[];
extern const size_t n_knowledge_rows;
