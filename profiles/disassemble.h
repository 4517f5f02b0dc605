/* SPDX-License-Identifier: Apache-2.0 */
/* A filter as text, for people: the kernel's own assembler language (tools/bpf/bpf_asm). */
#pragma once

#include <stdio.h>

#include "common/err.h"
#include "profiles/filter.h"

/*
 * Writes one line an instruction, jump targets as labels, with what it means as a comment: which
 * field of the call is loaded, which architecture, syscall or action a number is. The filter must
 * be one that bpf_check() accepts. 0, -EIO when out could not take it all, or -ENOMEM.
 */
_must_check_ int disassemble(const struct filter *filter, FILE *out);
