/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/performing/call_view.h"

#include <string.h>

#include "supervisor/caller_view.h"

static int read_caller(struct view *view, const struct view_caller **ret_caller)
{
	struct call_view *self = (struct call_view *)view;

	*ret_caller = &self->caller;
	return caller_view_fill(&self->notification->caller, self->service, &self->caller);
}

/* What prepare has copied of an argument, or -errno of why it could not; -ENOSYS: not its own. */
static int read_copy(const struct call_view *self, unsigned index, struct view_bytes *ret_copy)
{
	const struct perform_copy *copy = &self->performance->copies[index];

	*ret_copy = (struct view_bytes){ 0 };
	if (!copy->bytes)
		return self->prepared < 0 ? self->prepared : -ENOSYS;
	*ret_copy = (struct view_bytes){ copy->bytes, copy->length };
	return 0;
}

static int read_string(struct view *view, unsigned index, struct view_bytes *ret_string)
{
	return read_copy((struct call_view *)view, index, ret_string);
}

static int read_bytes(struct view *view, unsigned index, size_t length,
                      struct view_bytes *ret_bytes)
{
	int result = read_copy((struct call_view *)view, index, ret_bytes);

	if (ret_bytes->length > length)
		ret_bytes->length = length;
	return result;
}

/* The path that an argument is, or holds: a socket's address has the second. */
static int path_of(const struct performance *performance, unsigned index)
{
	const struct operation *operation = performance->operation;

	for (int i = 0; i < 2; i++)
		if (operation->paths[i].last != PERFORM_NO_PATH &&
		    operation->paths[i].path == index)
			return i;
	return operation->socket && index == 1 ? 1 : -1;
}

static int read_path(struct view *view, unsigned index, struct view_bytes *ret_path)
{
	struct call_view *self = (struct call_view *)view;
	const struct performance *performance = self->performance;
	const struct resolved_path *resolved;
	int path = path_of(performance, index);
	ssize_t length;

	*ret_path = (struct view_bytes){ 0 };
	if (path < 0)
		return -ENOSYS;
	resolved = &performance->paths[path];
	if (resolved->object < 0 && resolved->parent < 0)
		return self->prepared < 0 ? self->prepared : -ENOSYS;
	if (*self->paths[path] == '\0') {
		length = resolved_path_text(&performance->resolver, resolved, self->paths[path],
		                            sizeof(self->paths[path]));
		if (length < 0)
			return (int)length;
	}
	*ret_path = (struct view_bytes){ self->paths[path], strlen(self->paths[path]) };
	return 0;
}

static int read_message_address(struct view *view, unsigned index, struct view_bytes *ret_bytes)
{
	const struct call_view *self = (const struct call_view *)view;
	const struct performance *performance = self->performance;

	(void)index;
	*ret_bytes = (struct view_bytes){ 0 };
	if (performance->copies[PERFORM_COPY_ADDRESS].bytes)
		return read_copy(self, PERFORM_COPY_ADDRESS, ret_bytes);
	return self->prepared;
}

void call_view_init(struct call_view *call_view, const struct performance *performance,
                    const struct notification *notification, const struct service *service,
                    int prepared)
{
	static const struct view_reader reader = {
		.caller = read_caller,
		.string = read_string,
		.path = read_path,
		.bytes = read_bytes,
		.message_address = read_message_address,
	};

	call_view->view = (struct view){ .call = &performance->call, .reader = &reader };
	call_view->performance = performance;
	call_view->notification = notification;
	call_view->service = service;
	call_view->prepared = prepared;
	call_view->paths[0][0] = call_view->paths[1][0] = '\0';
}
