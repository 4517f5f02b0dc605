/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/caller_view.h"

#include <string.h>

#include "supervisor/capture.h"
#include "supervisor/containers/container.h"
#include "supervisor/listener.h"
#include "supervisor/serve.h"

enum { NOT_YET = 1 };

static void fill_container(const struct container *container, struct view_caller *caller)
{
	caller->container_id = container->id;
	caller->container_name = container->name;
	caller->metadata = container->metadata;
	caller->annotations = container->annotations;
	caller->n_annotations = container->n_annotations;
}

int caller_view_fill(const struct caller *caller, const struct service *service,
                     struct view_caller *ret_caller)
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
		.init = caller->pid == service->init,
	};
	if (caller->exe_length == sizeof(caller->exe)) /* cut, so no glob may be put to it */
		ret_caller->exe.length = 0;
	if (service->container)
		fill_container(service->container, ret_caller);
	return 0;
}

/* What was read is the caller's only if the call still waits after that. */
static int look(struct caller_view *self)
{
	int result;

	capture_caller(self->notification);
	result = listener_valid(self->service->listener, self->notification->request.id);
	if (result != 0)
		return result < 0 ? result : -ESRCH;
	return caller_view_fill(&self->notification->caller, self->service, &self->caller);
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
                      const struct service *service)
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
		.service = service,
		.error = NOT_YET,
	};
}
