/* SPDX-License-Identifier: Apache-2.0 */
/* A view whose answers a test writes down. */
#pragma once

#include <string.h>

#include "policies/view.h"

struct fake_view {
	struct view view; /* first */
	struct seccomp_data call;
	struct view_caller caller;
	const char *string, *path; /* of any argument; NULL: EFAULT */
	const char *bytes;         /* likewise */
	size_t length;             /* of bytes; to ask for more is EFAULT */
	const char *message;       /* the address of a msghdr, of length bytes; NULL: it has none */
	int error;                 /* of every answer, where not 0 */
	unsigned asked;            /* how often memory or the caller was looked at */
};

static inline int fake_answer(struct view *view, bool known)
{
	struct fake_view *fake = (struct fake_view *)view;

	fake->asked++;
	if (fake->error)
		return -fake->error;
	return known ? 0 : -EFAULT;
}

static inline int fake_caller(struct view *view, const struct view_caller **ret_caller)
{
	*ret_caller = &((struct fake_view *)view)->caller;
	return fake_answer(view, true);
}

static inline int fake_text(struct view *view, const char *text, struct view_bytes *ret_text)
{
	*ret_text = (struct view_bytes){ text, text ? strlen(text) : 0 };
	return fake_answer(view, text);
}

static inline int fake_string(struct view *view, unsigned index, struct view_bytes *ret_string)
{
	(void)index;
	return fake_text(view, ((struct fake_view *)view)->string, ret_string);
}

static inline int fake_path(struct view *view, unsigned index, struct view_bytes *ret_path)
{
	(void)index;
	return fake_text(view, ((struct fake_view *)view)->path, ret_path);
}

static inline int fake_bytes(struct view *view, unsigned index, size_t length,
                             struct view_bytes *ret_bytes)
{
	struct fake_view *fake = (struct fake_view *)view;

	(void)index;
	*ret_bytes = (struct view_bytes){ fake->bytes, length };
	return fake_answer(view, fake->bytes && length <= fake->length);
}

static inline int fake_message(struct view *view, unsigned index, struct view_bytes *ret_bytes)
{
	struct fake_view *fake = (struct fake_view *)view;

	(void)index;
	*ret_bytes = (struct view_bytes){ fake->message, fake->message ? fake->length : 0 };
	return fake_answer(view, true);
}

static const struct view_reader fake_reader = {
	.caller = fake_caller,
	.string = fake_string,
	.path = fake_path,
	.bytes = fake_bytes,
	.message_address = fake_message,
};

/* Call it after the view has its place in memory. */
static inline struct view *fake_view(struct fake_view *fake)
{
	fake->view = (struct view){ .call = &fake->call, .reader = &fake_reader };
	return &fake->view;
}
