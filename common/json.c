/* SPDX-License-Identifier: Apache-2.0 */
#include "common/json.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/json_lexer.h"
#include "common/text.h"

/* Where a node of cJSON's tree stands. */
struct location {
	const cJSON *node;
	const cJSON *parent; /* NULL for the root */
	size_t offset, end;
};

struct json_document {
	char *bytes;
	size_t len;
	cJSON *root;
	struct json_layout layout;
	struct location *locations; /* sorted by node */
	size_t n_locations;
};

void json_free(struct json_document *document)
{
	if (!document)
		return;
	cJSON_Delete(document->root);
	json_layout_deinit(&document->layout);
	free(document->locations);
	free(document->bytes);
	free(document);
}

const cJSON *json_root(const struct json_document *document)
{
	return document->root;
}

/* ---- places */

/* Numbers the tree in the lexer's order: a value, then what is in it. False where they differ. */
static bool locate(struct json_document *document, const cJSON *node, const cJSON *parent)
{
	const cJSON *child;

	if (document->n_locations == document->layout.values.count)
		return false;
	document->locations[document->n_locations] = (struct location){
		.node = node,
		.parent = parent,
		.offset = document->layout.values.list[document->n_locations],
		.end = document->layout.ends.list[document->n_locations],
	};
	document->n_locations++;
	cJSON_ArrayForEach (child, node) {
		if (!locate(document, child, node))
			return false;
	}
	return true;
}

static int order(uintptr_t a, uintptr_t b)
{
	return a < b ? -1 : a > b;
}

static int by_node(const void *a, const void *b)
{
	const struct location *left = a, *right = b;

	return order((uintptr_t)left->node, (uintptr_t)right->node);
}

static const struct location *location_of(const struct json_document *document, const cJSON *node)
{
	struct location key = { .node = node };
	const struct location *found =
		bsearch(&key, document->locations, document->n_locations, sizeof(key), by_node);

	assert(found); /* a node of another document */
	return found;
}

struct place json_place(const struct json_document *document, const cJSON *node)
{
	return json_layout_place(&document->layout, location_of(document, node)->offset);
}

struct json_span json_span(const struct json_document *document, const cJSON *node)
{
	const struct location *location = location_of(document, node);

	return (struct json_span){ location->offset, location->end };
}

/* ---- pointers */

static void append_key(struct text *text, const char *key)
{
	for (; *key; key++) {
		if (*key == '~')
			text_string(text, "~0");
		else if (*key == '/')
			text_string(text, "~1");
		else
			text_append(text, key, 1);
	}
}

static size_t element_index(const cJSON *parent, const cJSON *node)
{
	const cJSON *child;
	size_t index = 0;

	cJSON_ArrayForEach (child, parent) {
		if (child == node)
			break;
		index++;
	}
	return index;
}

void json_pointer(const struct json_document *document, const cJSON *node, char *buf, size_t size)
{
	const cJSON *path[JSON_MAX_DEPTH + 1];
	struct text text = { .bytes = text_start_(buf), .size = size };
	size_t depth = 0;

	for (const struct location *at = location_of(document, node); at->parent;
	     at = location_of(document, at->parent))
		path[depth++] = at->node;
	for (const cJSON *parent = document->root; depth > 0; parent = path[depth]) {
		depth--;
		text_string(&text, "/");
		if (cJSON_IsObject(parent))
			append_key(&text, path[depth]->string);
		else
			text_printf(&text, "%zu", element_index(parent, path[depth]));
	}
}

void json_complain(const struct json_document *document, const cJSON *node, struct diags *diags,
                   enum diag_level level, const char *id, const char *format, ...)
{
	char raw[512], shown[512];
	struct text pointer = TEXT_OVER(shown);
	_cleanup_free_ char *message = NULL;
	va_list arguments;

	if (!diags_have_room(diags, level)) {
		diags_add(diags, level, id, (struct place){ 0 }, "", "%s", "");
		return;
	}
	json_pointer(document, node, raw, sizeof(raw));
	text_escape_terminal(&pointer, raw, strlen(raw), sizeof(shown));
	va_start(arguments, format);
	if (vasprintf(&message, format, arguments) < 0)
		message = NULL;
	va_end(arguments);
	diags_add(diags, level, id, json_place(document, node), pointer.bytes, "%s",
	          message ? message : "out of memory");
}

/* ---- members */

const cJSON *json_member(const cJSON *object, const char *key)
{
	const cJSON *child, *found = NULL;

	if (!cJSON_IsObject(object))
		return NULL;
	cJSON_ArrayForEach (child, object) {
		if (strcmp(child->string, key) == 0)
			found = child;
	}
	return found;
}

/* Members of one object together, equal keys together, in the order of the file. */
static int by_key(const void *a, const void *b)
{
	const struct location *left = a, *right = b;
	int r = order((uintptr_t)left->parent, (uintptr_t)right->parent);

	if (r == 0 && left->node->string && right->node->string)
		r = strcmp(left->node->string, right->node->string);
	return r ? r : order(left->offset, right->offset);
}

static bool same_key(const struct location *a, const struct location *b)
{
	return a->parent == b->parent && a->node->string && b->node->string &&
	       strcmp(a->node->string, b->node->string) == 0;
}

/* Best effort: without memory there is no warning. */
static void find_duplicates(struct json_document *document, struct diags *diags)
{
	_cleanup_free_ struct location *sorted = NULL;
	size_t count = document->n_locations;

	sorted = calloc(count, sizeof(*sorted));
	if (!sorted)
		return;
	memcpy(sorted, document->locations, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), by_key);
	for (size_t i = 1; i < count; i++)
		if (same_key(&sorted[i - 1], &sorted[i]))
			json_complain(document, sorted[i].node, diags, DIAG_WARNING,
			              "duplicate-key",
			              "the same key stands at line %u already; the last one counts",
			              json_place(document, sorted[i - 1].node).line);
}

/* ---- numbers */

int json_uint(const struct json_document *document, const cJSON *node, uint64_t max,
              uint64_t *ret_value)
{
	size_t at = location_of(document, node)->offset;
	uint64_t value = 0;

	if (!cJSON_IsNumber(node) || document->bytes[at] == '-')
		return -EINVAL;
	for (; at < document->len && isdigit((unsigned char)document->bytes[at]); at++)
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, document->bytes[at] - '0', &value))
			return -ERANGE;
	if (at < document->len && strchr(".eE", document->bytes[at]))
		return -EINVAL;
	if (value > max)
		return -ERANGE;
	*ret_value = value;
	return 0;
}

/* ---- documents */

static int build_tree(struct json_document *document)
{
	document->root = cJSON_ParseWithLength(document->bytes, document->len);
	if (!document->root)
		return -ENOMEM; /* the lexer has accepted it, so nothing else is wrong */
	document->locations = calloc(document->layout.values.count, sizeof(struct location));
	if (!document->locations)
		return -ENOMEM;
	if (!locate(document, document->root, NULL))
		return -ENOTRECOVERABLE;
	if (document->n_locations != document->layout.values.count)
		return -ENOTRECOVERABLE;
	qsort(document->locations, document->n_locations, sizeof(struct location), by_node);
	return 0;
}

static int read_document(struct json_document *document, const char *bytes, size_t len,
                         struct diags *diags)
{
	int r;

	document->bytes = malloc(len + 1);
	if (!document->bytes)
		return -ENOMEM;
	memcpy(document->bytes, bytes, len);
	document->bytes[len] = '\0';
	document->len = len;
	r = json_lex(document->bytes, len, diags, &document->layout);
	if (r == 0)
		r = build_tree(document);
	if (r == 0)
		find_duplicates(document, diags);
	return r;
}

int json_parse(const char *bytes, size_t len, struct diags *diags,
               struct json_document **ret_document)
{
	_cleanup_(json_freep) struct json_document *document = NULL;
	int r;

	if (len > JSON_MAX_BYTES) {
		diags_add(diags, DIAG_ERROR, "too-big", (struct place){ 0 }, "",
		          "the file is too big; expected at most %d bytes", JSON_MAX_BYTES);
		return -EFBIG;
	}
	document = calloc(1, sizeof(*document));
	if (!document)
		return -ENOMEM;
	r = read_document(document, bytes, len, diags);
	if (r < 0)
		return r;
	*ret_document = TAKE_PTR(document);
	return 0;
}
