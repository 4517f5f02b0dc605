/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/caller_view.h"

#include <string.h>

#include "supervisor/capture.h"
#include "supervisor/listener.h"

enum { NOT_YET = 1 };

int caller_view_fill(const struct caller *caller, pid_t init, struct view_caller *ret_caller)
{
	if (caller->pid == 0)
		return -EACCES;
	*ret_caller = (struct view_caller){
		.tid = caller->tid,
		.pid = caller->pid,
		.ppid = caller->ppid,
		.uid = caller->uid,
		.gid = caller->gid,
		.exe = { caller->exe, caller->exe_length },
		.comm = { caller->comm, strnlen(caller->comm, sizeof(caller->comm)) },
		.init = caller->pid == init,
	};
	if (caller->exe_length == sizeof(caller->exe)) /* cut, so no glob may be put to it */
		ret_caller->exe.length = 0;
	return 0;
}

/* What was read is the caller's only if the call still waits after that. */
static int look(struct caller_view *self)
{
	int result;

	capture_caller(self->notification);
	result = listener_valid(self->listener, self->notification->request.id);
	if (result != 0)
		return result < 0 ? result : -ESRCH;
	return caller_view_fill(&self->notification->caller, self->init, &self->caller);
}

static int read_caller(struct view *view, const struct view_caller **ret_caller)
{
	struct caller_view *self = (struct caller_view *)view;

	if (self->error == NOT_YET)
		self->error = look(self);
	*ret_caller = &self->caller;
	return self->error;
}

static int no_text(struct view *view, unsigned index, struct view_bytes *ret_text)
{
	(void)view;
	(void)index;
	*ret_text = (struct view_bytes){ 0 };
	return -ENOSYS;
}

static int no_bytes(struct view *view, unsigned index, size_t length, struct view_bytes *ret_bytes)
{
	(void)length;
	return no_text(view, index, ret_bytes);
}

void caller_view_init(struct caller_view *caller_view, struct notification *notification,
                      int listener, pid_t init)
{
	static const struct view_reader reader = {
		.caller = read_caller,
		.string = no_text,
		.path = no_text,
		.bytes = no_bytes,
	};

	*caller_view = (struct caller_view){
		.view = { .call = &notification->request.data, .reader = &reader },
		.notification = notification,
		.listener = listener,
		.init = init,
		.error = NOT_YET,
	};
}
