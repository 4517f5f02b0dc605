/* SPDX-License-Identifier: Apache-2.0 */
/* Stacks as lines for people, and as fields for programs. */
#pragma once

#include "supervisor/events/event_text.h"
#include "supervisor/events/json_line.h"
#include "supervisor/stacks/stack.h"

/*
 * A line a frame: "    #0 libc.so.6 mount+0xa", with a "?" behind those that were found by scan; or
 * one that says why there is none, but nothing where it was shown before.
 */
void stack_text(struct text *text, const struct text_style *style, const struct stack *stack);

/*
 * "stack": an array of frames, of which as many as there is room for, and then
 * "stack.truncated"; or "stack.missing": why there is none. Nothing where none was asked for.
 */
void stack_json(struct json_line *line, const struct stack *stack);
