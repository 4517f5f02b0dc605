/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/reports/json_out.h"

#include <inttypes.h>
#include <string.h>

#include "common/text.h"

/* In pieces, so that no string is too long; a piece ends between characters. */
static void put_string(struct json_out *json, const char *string)
{
	size_t len = strlen(string);

	fputc('"', json->out);
	while (len > 0) {
		char bytes[16];
		struct text text = TEXT_OVER(bytes);
		size_t n = text_utf8_length((const unsigned char *)string, len);

		n = n > 0 ? n : 1;
		text_json_string(&text, string, n, NULL);
		fwrite(bytes + 1, 1, text.len - 2, json->out); /* without its quotes */
		string += n;
		len -= n;
	}
	fputc('"', json->out);
}

static void put_key(struct json_out *json, const char *key)
{
	if (json->filled[json->depth])
		fputc(',', json->out);
	json->filled[json->depth] = true;
	if (!key)
		return;
	put_string(json, key);
	fputc(':', json->out);
}

static void open_with(struct json_out *json, const char *key, char bracket)
{
	assert(json->depth + 1 < JSON_OUT_DEPTH);
	put_key(json, key);
	fputc(bracket, json->out);
	json->filled[++json->depth] = false;
}

void json_out_object(struct json_out *json, const char *key)
{
	open_with(json, key, '{');
}

void json_out_array(struct json_out *json, const char *key)
{
	open_with(json, key, '[');
}

void json_out_close(struct json_out *json, char bracket)
{
	assert(json->depth > 0);
	fputc(bracket, json->out);
	json->depth--;
	if (json->depth == 0)
		fputc('\n', json->out);
}

void json_out_string(struct json_out *json, const char *key, const char *string)
{
	put_key(json, key);
	if (string)
		put_string(json, string);
	else
		fputs("null", json->out);
}

void json_out_int(struct json_out *json, const char *key, int64_t number)
{
	put_key(json, key);
	fprintf(json->out, "%" PRId64, number);
}

void json_out_bool(struct json_out *json, const char *key, bool value)
{
	put_key(json, key);
	fputs(value ? "true" : "false", json->out);
}

void json_out_hex(struct json_out *json, const char *key, uint64_t number)
{
	put_key(json, key);
	fprintf(json->out, "\"0x%" PRIx64 "\"", number);
}
