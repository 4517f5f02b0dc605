/* SPDX-License-Identifier: Apache-2.0 */
/*
 * supervisor/render: whatever the registers are and whatever was captured, a line without control
 * characters and well-formed JSON. The input, little-endian, and as if zeroes followed it:
 *   call      u16 number, u8 ABI, 6 x u64 arguments
 *   captures  6 x (u8 status, u16 offset, u16 length)
 *   nested    u8 count, count x (u8 type, u64 address, a capture)
 *   bytes     the rest
 */
#include <linux/audit.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "supervisor/events/render.h"
#include "tests/fuzz/fuzz.h"

enum { TEXT_MAX = 1 << 20 };

struct input {
	const uint8_t *bytes;
	size_t left;
};

static void take(struct input *input, void *ret, size_t size)
{
	size_t count = size < input->left ? size : input->left;

	memset(ret, 0, size);
	if (count > 0)
		memcpy(ret, input->bytes, count);
	input->bytes += count;
	input->left -= count;
}

static void take_capture(struct input *input, struct capture *ret_capture)
{
	take(input, &ret_capture->status, sizeof(ret_capture->status));
	take(input, &ret_capture->offset, sizeof(ret_capture->offset));
	take(input, &ret_capture->length, sizeof(ret_capture->length));
}

static void take_call(struct input *input, struct seccomp_data *ret_call)
{
	static const uint32_t archs[] = { AUDIT_ARCH_X86_64, AUDIT_ARCH_I386, AUDIT_ARCH_AARCH64 };
	uint16_t nr;
	uint8_t abi;

	take(input, &nr, sizeof(nr));
	take(input, &abi, sizeof(abi));
	ret_call->nr = nr;
	ret_call->arch = archs[abi % ARRAY_SIZE(archs)];
	take(input, ret_call->args, sizeof(ret_call->args));
}

static void take_notification(struct input *input, struct notification *ret_notification)
{
	uint8_t count;

	memset(ret_notification, 0, sizeof(*ret_notification));
	take_call(input, &ret_notification->request.data);
	for (size_t i = 0; i < ARRAY_SIZE(ret_notification->captures); i++)
		take_capture(input, &ret_notification->captures[i]);
	take(input, &count, sizeof(count));
	ret_notification->n_nested = count;
	for (size_t i = 0; i < count && i < ARRAY_SIZE(ret_notification->nested); i++) {
		struct nested_capture *nested = &ret_notification->nested[i];

		take(input, &nested->type, sizeof(nested->type));
		take(input, &nested->address, sizeof(nested->address));
		take_capture(input, &nested->capture);
	}
	take(input, ret_notification->bytes, sizeof(ret_notification->bytes));
}

static void check_text(struct text *text, const struct notification *notification)
{
	text_clear(text);
	render_call(text, notification);
	for (size_t i = 0; i < text->len; i++)
		must((unsigned char)text->bytes[i] >= ' ' && text->bytes[i] != '\177');
}

static void check_json(struct text *text, const struct notification *notification)
{
	cJSON *json;

	text_clear(text);
	render_json_arguments(text, notification);
	if (text->overflow)
		return;
	json = cJSON_ParseWithOpts(text->bytes, NULL, true);
	must(cJSON_IsArray(json));
	cJSON_Delete(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct notification notification;
	static char line[TEXT_MAX];
	struct text text = TEXT_OVER(line);

	take_notification(&(struct input){ bytes, len }, &notification);
	check_text(&text, &notification);
	check_json(&text, &notification);
	return 0;
}
