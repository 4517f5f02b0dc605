/* SPDX-License-Identifier: Apache-2.0 */
/* common/json: any bytes are a document or are refused with a place, and every value has one. */
#include <string.h>

#include "common/json.h"
#include "tests/fuzz/fuzz.h"

/* Where a node stands: inside the file. */
static void check_place(const struct json_document *document, const cJSON *node, size_t len)
{
	struct place place = json_place(document, node);
	char pointer[256];

	must(place.line >= 1 && place.column >= 1);
	must(place.line <= len + 1 && place.column <= len + 1);
	json_pointer(document, node, pointer, sizeof(pointer));
	must(memchr(pointer, '\0', sizeof(pointer)));
	must(!pointer[0] || pointer[0] == '/');
}

static void check_number(const struct json_document *document, const cJSON *node)
{
	uint64_t value = 0, small = 0;
	int r = json_uint(document, node, UINT64_MAX, &value);

	must(r == 0 || r == -EINVAL || r == -ERANGE);
	if (r < 0)
		return;
	/* cJSON's double is the same number, as far as it reaches. */
	must(value >= UINT64_C(1) << 53 || (uint64_t)node->valuedouble == value);
	r = json_uint(document, node, UINT16_MAX, &small);
	must(value > UINT16_MAX ? r == -ERANGE : r == 0 && small == value);
}

static void walk(const struct json_document *document, const cJSON *node, size_t len)
{
	const cJSON *child;

	check_place(document, node, len);
	if (cJSON_IsNumber(node))
		check_number(document, node);
	cJSON_ArrayForEach (child, node) {
		if (cJSON_IsObject(node))
			must(json_member(node, child->string));
		walk(document, child, len);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct json_document *document = NULL;
	struct diags diags;
	int r;

	diags_init(&diags, "fuzz");
	r = json_parse((const char *)bytes, len, &diags, &document);
	must(r == 0 || (r == -EBADMSG && diags.errors > 0) || r == -EFBIG);
	must(!document == (r < 0));
	if (r == 0) {
		must(diags.errors == 0);
		walk(document, json_root(document), len);
		json_free(document);
	}
	diags_deinit(&diags);
	return 0;
}
