/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/containers/oci_state.h"

#include <limits.h>
#include <string.h>

#include "common/json.h"

static const char blanks[] = " \t\r\n";

/* ---- the end */

static void scan_string(struct oci_scan *scan, char c)
{
	if (scan->escaped)
		scan->escaped = false;
	else if (c == '\\')
		scan->escaped = true;
	else if (c == '"')
		scan->in_string = false;
}

/* Brackets of either kind: whether they fit is the parser's to say. */
static void scan_plain(struct oci_scan *scan, char c)
{
	if (c == '"')
		scan->in_string = true;
	else if (c == '{' || c == '[')
		scan->depth++;
	else if (c == '}' || c == ']')
		scan->depth--;
}

int oci_scan(struct oci_scan *scan, const char *bytes, size_t len)
{
	while (scan->scanned < len) {
		char c = bytes[scan->scanned++];

		if (scan->in_string)
			scan_string(scan, c);
		else if (scan->depth > 0 || c == '{')
			scan_plain(scan, c);
		else if (!c || !strchr(blanks, c))
			return -EBADMSG;
		if (scan->depth == 0 && c == '}')
			return OCI_STATE_WHOLE;
	}
	return 0;
}

/* ---- the parts */

struct reading {
	const struct json_document *document;
	struct diags *diags;
	struct oci_state *state;
};

static int wrong(const struct reading *reading, const cJSON *node, const char *what)
{
	json_complain(reading->document, node, reading->diags, DIAG_ERROR, "message", "%s", what);
	return -EBADMSG;
}

/* A string of the message: absent is fine, anything else is not. */
static int copy_string(const struct reading *reading, const cJSON *object, const char *key,
                       const char **ret_string)
{
	const cJSON *node = json_member(object, key);

	if (!node)
		return 0;
	if (!cJSON_IsString(node))
		return wrong(reading, node, "expected a string");
	*ret_string = arena_copy(&reading->state->container.arena, node->valuestring,
	                         strlen(node->valuestring));
	return *ret_string ? 0 : -ENOMEM;
}

static int read_pid(const struct reading *reading, const cJSON *object, pid_t *ret_pid)
{
	const cJSON *node = json_member(object, "pid");
	uint64_t pid;

	if (!node)
		return 0;
	if (json_uint(reading->document, node, INT_MAX, &pid) < 0)
		return wrong(reading, node, "expected a process id, or 0");
	*ret_pid = (pid_t)pid;
	return 0;
}

static int read_fds(const struct reading *reading, const cJSON *root)
{
	const cJSON *fds = json_member(root, "fds"), *node;
	struct oci_state *state = reading->state;
	bool found = false;

	if (!cJSON_IsArray(fds))
		return wrong(reading, fds ? fds : root, "expected fds, a list of names");
	cJSON_ArrayForEach (node, fds) {
		if (!cJSON_IsString(node) || state->n_fds == OCI_FDS_MAX)
			return wrong(reading, node, "expected at most 16 names");
		if (strcmp(node->valuestring, "seccompFd") == 0) {
			if (found)
				return wrong(reading, node, "a second seccompFd; expected one");
			found = true;
			state->listener = state->n_fds;
		}
		state->n_fds++;
	}
	return found ? 0 : wrong(reading, fds, "no seccompFd; expected one");
}

static int read_annotations(const struct reading *reading, const cJSON *object)
{
	const cJSON *annotations = json_member(object, "annotations"), *node;
	struct container *container = &reading->state->container;
	int count = cJSON_GetArraySize(annotations);

	if (!annotations || cJSON_IsNull(annotations))
		return 0;
	if (!cJSON_IsObject(annotations) || count > OCI_ANNOTATIONS_MAX)
		return wrong(reading, annotations, "expected an object of at most 4096 strings");
	if (count == 0)
		return 0;
	container->annotations =
		arena_alloc(&container->arena, (size_t)count, sizeof(*container->annotations));
	if (!container->annotations)
		return -ENOMEM;
	cJSON_ArrayForEach (node, annotations) {
		struct view_annotation *row = &container->annotations[container->n_annotations];

		if (!cJSON_IsString(node))
			return wrong(reading, node, "expected a string");
		row->key = arena_copy(&container->arena, node->string, strlen(node->string));
		row->value =
			arena_copy(&container->arena, node->valuestring, strlen(node->valuestring));
		if (!row->key || !row->value)
			return -ENOMEM;
		container->n_annotations++;
	}
	return 0;
}

static int read_id(const struct reading *reading, const cJSON *state)
{
	struct container *container = &reading->state->container;
	int r = copy_string(reading, state, "id", &container->id);

	if (r < 0 || (container->id && container->id[0]))
		return r;
	return wrong(reading, state, "no id; expected the container's");
}

static int read_state(const struct reading *reading, const cJSON *root)
{
	struct container *container = &reading->state->container;
	const cJSON *state = json_member(root, "state");
	const char *status = NULL;
	int r;

	if (!cJSON_IsObject(state))
		return wrong(reading, state ? state : root, "expected state, an object");
	r = read_id(reading, state);
	if (r == 0)
		r = copy_string(reading, state, "bundle", &container->bundle);
	if (r == 0)
		r = copy_string(reading, state, "status", &status);
	if (r == 0)
		r = read_pid(reading, state, &container->init);
	if (r == 0)
		r = read_annotations(reading, state);
	container->exec = status && strcmp(status, "running") == 0;
	return r;
}

/* ---- the metadata */

/* {"profile": ..., "metadata": ...}, as `callgate compile --to notify` wraps what the user gave. */
static int unwrap_metadata(struct container *container, const cJSON *root)
{
	const cJSON *profile = json_member(root, "profile");
	const cJSON *inner = json_member(root, "metadata");

	if (!cJSON_IsString(profile) || (inner && !cJSON_IsString(inner)))
		return 0;
	container->profile =
		arena_copy(&container->arena, profile->valuestring, strlen(profile->valuestring));
	container->metadata = inner ? arena_copy(&container->arena, inner->valuestring,
	                                         strlen(inner->valuestring))
	                            : NULL;
	return container->profile && (!inner || container->metadata) ? 0 : -ENOMEM;
}

/* Metadata is anybody's text; only what looks like ours is more than that. */
static int read_wrapped(struct container *container)
{
	_cleanup_(json_freep) struct json_document *document = NULL;
	struct diags unsaid;
	int r;

	if (!container->metadata || container->metadata[0] != '{')
		return 0;
	diags_init(&unsaid, "metadata");
	r = json_parse(container->metadata, strlen(container->metadata), &unsaid, &document);
	diags_deinit(&unsaid);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	return unwrap_metadata(container, json_root(document));
}

/* ---- the whole */

static int read_message(const struct reading *reading, const cJSON *root)
{
	struct container *container = &reading->state->container;
	int r;

	if (!cJSON_IsObject(root))
		return wrong(reading, root, "expected an object");
	r = read_fds(reading, root);
	if (r == 0)
		r = read_pid(reading, root, &container->pid);
	if (r == 0)
		r = copy_string(reading, root, "metadata", &container->metadata);
	if (r == 0)
		r = read_state(reading, root);
	if (r == 0)
		r = read_wrapped(container);
	if (r == 0)
		container_find_name(container);
	return r;
}

int oci_state_parse(const char *bytes, size_t len, struct diags *diags, struct oci_state *ret_state)
{
	_cleanup_(json_freep) struct json_document *document = NULL;
	struct oci_state state = { 0 };
	int r = json_parse(bytes, len, diags, &document);

	if (r < 0)
		return r;
	r = read_message(&(struct reading){ document, diags, &state }, json_root(document));
	if (r < 0) {
		container_deinit(&state.container);
		return r;
	}
	*ret_state = state;
	return 0;
}
