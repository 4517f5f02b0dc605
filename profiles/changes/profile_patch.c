/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/changes/profile_patch.h"

#include <string.h>

#include "profiles/changes/profile_shape.h"

/* Bytes of the file that give way to others; start is end where some are only added. */
struct edit {
	size_t start, end;
	char *text; /* malloc'ed; NULL for none */
};

/* The file under the knife. */
struct patcher {
	const struct patch_source *source;
	const struct patch *patch;
	struct json_document *document;
	const cJSON *seccomp;
	const cJSON *syscalls; /* NULL where the file has no list of that name, or null */
	struct edit *edits;
	size_t n_edits;
};

static void patcher_deinit(struct patcher *patcher)
{
	for (size_t i = 0; i < patcher->n_edits; i++)
		free(patcher->edits[i].text);
	free(patcher->edits);
	json_free(patcher->document);
}

/* ---- finding the place */

static const cJSON *last_of(const cJSON *list)
{
	return list && list->child ? list->child->prev : NULL; /* cJSON's first knows the last */
}

static const cJSON *find_seccomp(const struct patcher *patcher)
{
	const cJSON *root = json_root(patcher->document);

	if (patcher->source->profile->pointer[0] == '\0')
		return root;
	return reader_member(reader_member(root, "linux"), "seccomp");
}

static int patcher_init(struct patcher *patcher)
{
	const struct patch_source *source = patcher->source;
	struct diags diags;
	int r;

	diags_init(&diags, source->profile->file);
	r = json_parse(source->bytes, source->len, &diags, &patcher->document);
	diags_deinit(&diags);
	if (r < 0)
		return r == -ENOMEM ? r : -EINVAL;
	patcher->seccomp = find_seccomp(patcher);
	if (!cJSON_IsObject(patcher->seccomp) || source->profile->unconfined)
		return -EINVAL;
	patcher->syscalls = reader_member(patcher->seccomp, "syscalls");
	if (patcher->syscalls && !cJSON_IsArray(patcher->syscalls))
		return -EINVAL;
	return cJSON_GetArraySize(patcher->syscalls) == (int)source->profile->n_rules ? 0 : -EINVAL;
}

/* ---- what goes */

static bool name_goes(const struct patch *patch, size_t rule, const char *name)
{
	for (size_t i = 0; i < patch->n_removals; i++)
		if (patch->removals[i].rule->index == rule &&
		    strcmp(patch->removals[i].name, name) == 0)
			return true;
	return false;
}

/* Whether no name of the rule would be left, of those there are. */
static bool rule_goes(const struct patcher *patcher, size_t index)
{
	const struct rule *rule = &patcher->source->profile->rules[index];

	for (size_t i = 0; i < rule->n_names; i++)
		if (!name_goes(patcher->patch, index, rule->names[i]))
			return false;
	return rule->n_names > 0;
}

/* Which elements of a list go: asked by index. */
struct choice {
	const struct patcher *patcher;
	const cJSON *list;
	size_t rule; /* whose names the list has; of the list of rules not looked at */
	bool (*goes)(const struct choice *choice, size_t index, const cJSON *element);
};

static bool this_rule_goes(const struct choice *choice, size_t index, const cJSON *element)
{
	(void)element;
	return rule_goes(choice->patcher, index);
}

static bool this_name_goes(const struct choice *choice, size_t index, const cJSON *element)
{
	(void)index;
	return cJSON_IsString(element) &&
	       name_goes(choice->patcher->patch, choice->rule, element->valuestring);
}

/* ---- edits */

static int add_edit(struct patcher *patcher, size_t start, size_t end, char *text)
{
	struct edit *grown =
		reallocarray(patcher->edits, patcher->n_edits + 1, sizeof(*patcher->edits));

	if (!grown) {
		free(text);
		return -ENOMEM;
	}
	patcher->edits = grown;
	grown[patcher->n_edits++] = (struct edit){ start, end, text };
	return 0;
}

/* Cuts from first to last, with the comma behind them or, at the end of the list, before them. */
static int cut(struct patcher *patcher, const cJSON *first, const cJSON *last, bool some_before)
{
	size_t start = json_span(patcher->document, first).start;
	size_t end = json_span(patcher->document, last).end;

	if (last->next)
		end = json_span(patcher->document, last->next).start;
	else if (some_before)
		start = json_span(patcher->document, first->prev).end;
	return add_edit(patcher, start, end, NULL);
}

/* Cuts the elements that go, neighbours at once; *ret_left is how many stay. */
static int cut_elements(struct patcher *patcher, const struct choice *choice, size_t *ret_left)
{
	const cJSON *element, *first = NULL;
	size_t index = 0, left = 0;
	int r = 0;

	cJSON_ArrayForEach (element, choice->list) {
		bool goes = choice->goes(choice, index++, element);

		left += !goes;
		if (goes && !first)
			first = element;
		if (first && (!element->next || !choice->goes(choice, index, element->next))) {
			if (r == 0 && goes)
				r = cut(patcher, first, element, left > 0);
			first = NULL;
		}
	}
	*ret_left = left;
	return r;
}

static int cut_names(struct patcher *patcher)
{
	const cJSON *rule;
	size_t index = 0, left;
	int r = 0;

	cJSON_ArrayForEach (rule, patcher->syscalls) {
		struct choice names = {
			patcher,
			reader_member(rule, "names"),
			index,
			this_name_goes,
		};

		if (r == 0 && !rule_goes(patcher, index))
			r = cut_elements(patcher, &names, &left);
		index++;
	}
	return r;
}

/* ---- what comes */

static void write_rules(const struct patcher *patcher, const struct rule_shapes *shapes, bool joins,
                        FILE *out)
{
	for (size_t i = 0; i < patcher->patch->n_rules; i++) {
		if (joins || i > 0)
			fprintf(out, ",%s", shapes->list.gap);
		rule_shapes_write(shapes, &patcher->patch->rules[i], out);
	}
}

static void write_list(const struct patcher *patcher, const struct rule_shapes *shapes, FILE *out)
{
	fprintf(out, "[%s", shapes->list.open);
	write_rules(patcher, shapes, false, out);
	fprintf(out, "%s]", shapes->list.close);
}

/* The gap between the members of the object that has the profile. */
static void write_member_gap(const struct patcher *patcher, FILE *out)
{
	const char *bytes = patcher->source->bytes;
	size_t at = json_span(patcher->document, patcher->seccomp).start + 1;

	for (; strchr(" \t\r\n", bytes[at]) && bytes[at]; at++)
		fputc(bytes[at], out);
}

/* Where the text of the new rules goes, and that text. */
static struct edit insertion(const struct patcher *patcher, size_t left,
                             const struct rule_shapes *shapes, FILE *out)
{
	const struct json_document *document = patcher->document;
	const cJSON *null = reader_member_or_null(patcher->seccomp, "syscalls");
	const cJSON *last = patcher->syscalls;
	struct json_span span;

	if (last && last->child) {
		write_rules(patcher, shapes, left > 0, out);
		span = json_span(document, last_of(last));
		return (struct edit){ .start = span.end, .end = span.end };
	}
	if (last || null) {
		write_list(patcher, shapes, out);
		span = json_span(document, last ? last : null);
		return (struct edit){ .start = span.start, .end = span.end };
	}
	fputc(',', out);
	write_member_gap(patcher, out);
	fprintf(out, "\"syscalls\"%s", shapes->colon);
	write_list(patcher, shapes, out);
	span = json_span(document, last_of(patcher->seccomp));
	return (struct edit){ .start = span.end, .end = span.end };
}

static int insert_rules(struct patcher *patcher, size_t left)
{
	struct rule_shapes shapes = { .dialect = patcher->source->profile->dialect };
	struct edit edit;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return -ENOMEM;
	rule_shapes_learn(patcher->document, patcher->source->bytes, patcher->seccomp,
	                  patcher->syscalls, &shapes);
	edit = insertion(patcher, left, &shapes, out);
	if (fclose(out) != 0) {
		free(text);
		return -ENOMEM;
	}
	return add_edit(patcher, edit.start, edit.end, text);
}

/* ---- the text */

static int by_start(const void *a, const void *b)
{
	const struct edit *left = a, *right = b;

	if (left->start != right->start)
		return left->start < right->start ? -1 : 1;
	return left->end < right->end ? -1 : left->end > right->end;
}

static int splice(struct patcher *patcher, char **ret_text, size_t *ret_len)
{
	const char *bytes = patcher->source->bytes;
	char *text = NULL;
	size_t at = 0, len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return -ENOMEM;
	qsort(patcher->edits, patcher->n_edits, sizeof(*patcher->edits), by_start);
	for (size_t i = 0; i < patcher->n_edits; i++) {
		fwrite(bytes + at, 1, patcher->edits[i].start - at, out);
		if (patcher->edits[i].text)
			fputs(patcher->edits[i].text, out);
		at = patcher->edits[i].end;
	}
	fwrite(bytes + at, 1, patcher->source->len - at, out);
	if (fclose(out) != 0) {
		free(text);
		return -ENOMEM;
	}
	*ret_text = text;
	*ret_len = len;
	return 0;
}

int profile_patch(const struct patch_source *source, const struct patch *patch, char **ret_text,
                  size_t *ret_len)
{
	_cleanup_(patcher_deinit) struct patcher patcher = { .source = source, .patch = patch };
	struct choice rules = { &patcher, NULL, 0, this_rule_goes };
	size_t left = 0;
	int r = patcher_init(&patcher);

	if (r < 0)
		return r;
	rules.list = patcher.syscalls;
	r = cut_elements(&patcher, &rules, &left);
	if (r == 0)
		r = cut_names(&patcher);
	if (r == 0 && patch->n_rules > 0)
		r = insert_rules(&patcher, left);
	return r < 0 ? r : splice(&patcher, ret_text, ret_len);
}

/* ---- as operations */

/* {"op":"remove","path":"/syscalls/3": of a node, or with more what stands below it. */
static void begin_operation(const struct patcher *patcher, bool *begun, const char *op,
                            const cJSON *node, const char *more, FILE *out)
{
	char pointer[256], path[sizeof(pointer) + 16];

	json_pointer(patcher->document, node, pointer, sizeof(pointer));
	snprintf(path, sizeof(path), "%s%s", pointer, more);
	fprintf(out, "%s{\"op\":\"%s\",\"path\":", *begun ? ",\n " : "[", op);
	rule_shapes_write_string(path, out);
	*begun = true;
}

static const cJSON *before(const cJSON *list, const cJSON *element)
{
	return element == list->child ? NULL : element->prev;
}

static void write_name_removals(const struct patcher *patcher, size_t rule, const cJSON *names,
                                bool *begun, FILE *out)
{
	for (const cJSON *name = last_of(names); name; name = before(names, name)) {
		if (!cJSON_IsString(name) || !name_goes(patcher->patch, rule, name->valuestring))
			continue;
		begin_operation(patcher, begun, "remove", name, "", out);
		fputc('}', out);
	}
}

/* From the end to the beginning, so that no removal moves what another one names. */
static void write_removals(const struct patcher *patcher, bool *begun, FILE *out)
{
	const cJSON *list = patcher->syscalls;
	size_t index = patcher->source->profile->n_rules;

	for (const cJSON *rule = last_of(list); rule; rule = before(list, rule)) {
		if (rule_goes(patcher, --index)) {
			begin_operation(patcher, begun, "remove", rule, "", out);
			fputc('}', out);
		} else {
			write_name_removals(patcher, index, reader_member(rule, "names"), begun,
			                    out);
		}
	}
}

static void write_additions(const struct patcher *patcher, bool *begun, FILE *out)
{
	const cJSON *list = patcher->syscalls;
	struct rule_shapes shapes;

	rule_shapes_compact(patcher->source->profile->dialect, &shapes);
	if (!list && patcher->patch->n_rules > 0) {
		begin_operation(patcher, begun, "add", patcher->seccomp, "/syscalls", out);
		fputs(",\"value\":[]}", out);
	}
	for (size_t i = 0; i < patcher->patch->n_rules; i++) {
		begin_operation(patcher, begun, "add", list ? list : patcher->seccomp,
		                list ? "/-" : "/syscalls/-", out);
		fputs(",\"value\":", out);
		rule_shapes_write(&shapes, &patcher->patch->rules[i], out);
		fputc('}', out);
	}
}

int profile_patch_json(const struct patch_source *source, const struct patch *patch, FILE *out)
{
	_cleanup_(patcher_deinit) struct patcher patcher = { .source = source, .patch = patch };
	bool begun = false;
	int r = patcher_init(&patcher);

	if (r < 0)
		return r;
	write_removals(&patcher, &begun, out);
	write_additions(&patcher, &begun, out);
	fputs(begun ? "]\n" : "[]\n", out);
	return ferror(out) ? -EIO : 0;
}

/* ---- as a policy */

int profile_patch_policy(const char *profile, const struct patch *patch, FILE *out)
{
	struct rule_shapes shapes;

	rule_shapes_default(DIALECT_DOCKER, &shapes);
	fputs("{\n\t\"profile\": ", out);
	rule_shapes_write_string(profile, out);
	fprintf(out, ",\n\t\"rules\": [");
	for (size_t i = 0; i < patch->n_rules; i++) {
		fprintf(out, "%s%s", i == 0 ? "" : ",", shapes.list.open);
		rule_shapes_write(&shapes, &patch->rules[i], out);
	}
	fprintf(out, "%s]\n}\n", patch->n_rules > 0 ? shapes.list.close : "");
	return ferror(out) ? -EIO : 0;
}
