/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/events/render.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/audit.h>
#include <stdio.h>
#include <string.h>

#include "profiles/arguments/constants.h"
#include "profiles/arguments/signature.h"
#include "profiles/syscalls.h"
#include "supervisor/events/render_argument.h"
#include "supervisor/events/render_memory.h"

enum { NAME_SIZE = 32 };

/* A call whose name has no row: six registers. */
static const struct signature nameless = {
	.name = "",
	.args = {
		{ "arg1", ARGUMENT_HEX, 0, NULL },
		{ "arg2", ARGUMENT_HEX, 0, NULL },
		{ "arg3", ARGUMENT_HEX, 0, NULL },
		{ "arg4", ARGUMENT_HEX, 0, NULL },
		{ "arg5", ARGUMENT_HEX, 0, NULL },
		{ "arg6", ARGUMENT_HEX, 0, NULL },
	},
};

struct call {
	const struct notification *notification;
	const struct signature *signature;
	const struct argument *args; /* the signature's, or those of the operation */
	const char *name;
	char name_bytes[NAME_SIZE];
};

/* One argument with everything needed to show it. */
struct shown {
	struct argument argument;
	uint64_t value; /* as the ABI of the caller passes it */
	enum capture_status status;
	struct memory_view view; /* where status says that it was read */
};

static void find_call(const struct notification *notification, struct call *ret_call)
{
	const struct seccomp_data *request = &notification->request.data;
	uint32_t arch = syscall_arch(request->arch, request->nr);
	char *bytes = ret_call->name_bytes;

	*ret_call = (struct call){
		.notification = notification,
		.signature = &nameless,
		.args = nameless.args,
	};
	if (arch == 0) { /* an ABI nobody knows; to libseccomp 0 is the native one */
		snprintf(bytes, NAME_SIZE, "syscall_%d", request->nr);
		ret_call->name = bytes;
		return;
	}
	ret_call->name = syscall_name(arch, request->nr, bytes, NAME_SIZE);
	if (signature_find(arch, ret_call->name))
		ret_call->signature = signature_find(arch, ret_call->name);
	ret_call->args = signature_arguments(ret_call->signature, request);
}

static uint64_t abi_value(const struct seccomp_data *request, enum argument_type type, uint64_t raw)
{
	if (request->arch != AUDIT_ARCH_I386)
		return raw;
	return type == ARGUMENT_LONG ? (uint64_t)(int64_t)(int32_t)raw : (uint32_t)raw;
}

/* open(2): without one of these the mode is whatever the register held before. */
static bool creates_file(uint64_t flags)
{
	return flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY));
}

/* False after the last argument that the kernel takes. */
static bool find_argument(const struct call *call, const struct argument *row, unsigned index,
                          struct shown *ret_shown)
{
	const struct notification *notification = call->notification;
	const struct seccomp_data *request = &notification->request.data;
	const struct capture *capture = &notification->captures[index];
	struct argument argument = *row;

	if (!argument.name ||
	    (argument.type == ARGUMENT_OPEN_MODE && !creates_file(request->args[argument.length])))
		return false;
	if (argument.type == ARGUMENT_PROTOCOL)
		argument.constants = constants_protocol(request->args[argument.length]);
	*ret_shown = (struct shown){
		.argument = argument,
		.value = abi_value(request, argument.type, request->args[index]),
		.status = (enum capture_status)capture->status,
	};
	ret_shown->view = (struct memory_view){
		.notification = notification,
		.argument = &ret_shown->argument,
		.address = ret_shown->value,
		.cut = capture->status == CAPTURE_CUT,
	};
	ret_shown->view.bytes = capture_bytes(notification, capture, &ret_shown->view.length);
	return true;
}

static bool is_read(const struct shown *shown)
{
	return shown->status == CAPTURE_WHOLE || shown->status == CAPTURE_CUT;
}

static void render_argument(struct text *text, const struct shown *shown)
{
	if (is_read(shown))
		render_memory(text, &shown->view);
	else
		render_value(text, &shown->argument, shown->value);
}

void render_call(struct text *text, const struct notification *notification)
{
	struct call call;
	struct shown shown;

	find_call(notification, &call);
	text_printf(text, "%s(", call.name);
	for (unsigned i = 0; i < ARRAY_SIZE(call.signature->args); i++) {
		if (!find_argument(&call, &call.args[i], i, &shown))
			break;
		if (i > 0)
			text_string(text, ", ");
		render_argument(text, &shown);
	}
	text_string(text, ")");
}

static void render_json_captured(struct text *text, const struct shown *shown)
{
	bool cut = false;
	bool lossy = false;

	text_string(text, ",\"value\":");
	render_json_memory(text, &shown->view, &cut, &lossy);
	text_string(text, ",\"racy\":true");
	if (cut)
		text_string(text, ",\"truncated\":true");
	if (lossy)
		text_string(text, ",\"lossy\":true");
}

static void render_json_argument(struct text *text, const struct shown *shown, uint64_t raw)
{
	const struct argument *argument = &shown->argument;
	uint32_t stray = render_stray_bits(argument->type, shown->value);

	text_printf(text, "{\"name\":\"%s\",\"raw\":\"0x%" PRIx64 "\",\"type\":\"%s\"",
	            argument->name, raw, render_type_name(argument->type));
	if (is_read(shown)) {
		render_json_captured(text, shown);
	} else if (shown->status == CAPTURE_UNREADABLE) {
		text_string(text, ",\"unreadable\":true");
	} else {
		text_string(text, ",\"value\":");
		render_json_value(text, argument, shown->value);
	}
	if (stray)
		text_printf(text, ",\"upper_bits\":\"0x%" PRIx32 "\"", stray);
	text_string(text, "}");
}

void render_json_arguments(struct text *text, const struct notification *notification)
{
	struct call call;
	struct shown shown;

	find_call(notification, &call);
	text_string(text, "[");
	for (unsigned i = 0; i < ARRAY_SIZE(call.signature->args); i++) {
		/* A register that the operation does not look at is there all the same. */
		const struct argument *row =
			signature_argument(call.signature, &notification->request.data, i);

		if (!row || !find_argument(&call, row, i, &shown))
			break;
		if (i > 0)
			text_string(text, ",");
		render_json_argument(text, &shown, notification->request.data.args[i]);
	}
	text_string(text, "]");
}
