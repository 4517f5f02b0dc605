/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/changes/profile_shape.h"

#include <inttypes.h>
#include <string.h>

#include "common/text.h"
#include "profiles/profile_names.h"

/* ---- learning */

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/* Copies the white space that starts at bytes, as much of it as there is room for. */
static void copy_blanks(char to[static 128], const char *bytes)
{
	size_t len = 0;

	while (len < 127 && is_blank(bytes[len]))
		len++;
	memcpy(to, bytes, len);
	to[len] = '\0';
}

/* Moves back over the white space that ends at end. */
static size_t before_blanks(const char *bytes, size_t end)
{
	while (end > 0 && is_blank(bytes[end - 1]))
		end--;
	return end;
}

static bool breaks_lines(const struct shape *shape)
{
	return strchr(shape->open, '\n') != NULL;
}

/* Behind the value of an item that is not the last there is a comma. */
static const char *behind_comma(const char *bytes, size_t end)
{
	while (is_blank(bytes[end]))
		end++;
	return bytes + end + 1;
}

/* The shape of a list or object that is not empty; its last gap is the nearest example. */
static void learn(const struct json_document *document, const char *bytes, const cJSON *container,
                  struct shape *ret_shape)
{
	struct json_span span = json_span(document, container);
	const cJSON *last = container->child;
	const cJSON *before = NULL;

	for (; last->next; last = last->next)
		before = last;
	copy_blanks(ret_shape->open, bytes + span.start + 1);
	copy_blanks(ret_shape->close, bytes + json_span(document, last).end);
	if (before)
		copy_blanks(ret_shape->gap, behind_comma(bytes, json_span(document, before).end));
	else
		memcpy(ret_shape->gap, breaks_lines(ret_shape) ? ret_shape->open : " ",
		       breaks_lines(ret_shape) ? sizeof(ret_shape->gap) : sizeof(" "));
}

/* ` : ` as it stands between the key of a member and its value. */
static void learn_colon(const struct json_document *document, const char *bytes,
                        const cJSON *member, char ret_colon[static 128])
{
	size_t end = json_span(document, member).start;
	size_t start = before_blanks(bytes, before_blanks(bytes, end) - 1);
	size_t len = end - start;

	if (len > 127)
		return;
	memcpy(ret_colon, bytes + start, len);
	ret_colon[len] = '\0';
}

/* ---- making up what no rule shows */

/* What a line is indented more inside of parent than it is outside: "\t". */
static const char *indent_step(const struct shape *parent)
{
	size_t outer = strlen(parent->close);

	if (breaks_lines(parent) && strlen(parent->open) > outer &&
	    strncmp(parent->open, parent->close, outer) == 0)
		return parent->open + outer;
	return "\t";
}

/* The shape of what stands in parent, one step deeper; one line where parent is one line. */
static void derive(const struct shape *parent, struct shape *ret_shape)
{
	*ret_shape = (struct shape){ .gap = " " };
	if (!breaks_lines(parent))
		return;
	snprintf(ret_shape->close, sizeof(ret_shape->close), "%s", parent->gap);
	snprintf(ret_shape->open, sizeof(ret_shape->open), "%.100s%.20s", parent->gap,
	         indent_step(parent));
	snprintf(ret_shape->gap, sizeof(ret_shape->gap), "%s", ret_shape->open);
}

/* The last rule that has something under key, or NULL. */
static const cJSON *model_of(const cJSON *syscalls, const char *key)
{
	const cJSON *rule, *found = NULL;

	cJSON_ArrayForEach (rule, syscalls) {
		const cJSON *list = reader_member(rule, key);

		if (cJSON_IsArray(list) && list->child)
			found = list;
	}
	return found;
}

static const cJSON *last_rule(const cJSON *syscalls)
{
	const cJSON *rule, *found = NULL;

	cJSON_ArrayForEach (rule, syscalls) {
		if (cJSON_IsObject(rule) && rule->child)
			found = rule;
	}
	return found;
}

static void learn_or_derive(const struct json_document *document, const char *bytes,
                            const cJSON *model, const struct shape *parent, struct shape *ret_shape)
{
	if (model && model->child)
		learn(document, bytes, model, ret_shape);
	else
		derive(parent, ret_shape);
}

void rule_shapes_learn(const struct json_document *document, const char *bytes,
                       const cJSON *seccomp, const cJSON *syscalls, struct rule_shapes *ret_shapes)
{
	const cJSON *rule = last_rule(syscalls), *args = model_of(syscalls, "args");
	struct shape outer = { .gap = " " };

	if (seccomp->child)
		learn(document, bytes, seccomp, &outer);
	learn_or_derive(document, bytes, syscalls, &outer, &ret_shapes->list);
	learn_or_derive(document, bytes, rule, &ret_shapes->list, &ret_shapes->rule);
	learn_or_derive(document, bytes, model_of(syscalls, "names"), &ret_shapes->rule,
	                &ret_shapes->names);
	learn_or_derive(document, bytes, args, &ret_shapes->rule, &ret_shapes->args);
	learn_or_derive(document, bytes, args ? args->child : NULL, &ret_shapes->args,
	                &ret_shapes->arg);
	memcpy(ret_shapes->colon, ": ", sizeof(": "));
	if (rule || seccomp->child)
		learn_colon(document, bytes, rule ? rule->child : seccomp->child,
		            ret_shapes->colon);
}

void rule_shapes_compact(enum dialect dialect, struct rule_shapes *ret_shapes)
{
	*ret_shapes = (struct rule_shapes){ .colon = ":", .dialect = dialect };
}

void rule_shapes_default(enum dialect dialect, struct rule_shapes *ret_shapes)
{
	static const struct shape outer = { .open = "\n\t", .gap = "\n\t", .close = "\n" };

	*ret_shapes = (struct rule_shapes){ .colon = ": ", .dialect = dialect };
	derive(&outer, &ret_shapes->list);
	derive(&ret_shapes->list, &ret_shapes->rule);
	derive(&ret_shapes->rule, &ret_shapes->args);
	derive(&ret_shapes->args, &ret_shapes->arg);
	ret_shapes->names.gap[0] = ' ';
}

/* ---- writing */

/* A list or object that is being written. */
struct writer {
	const struct rule_shapes *shapes;
	const struct shape *shape;
	FILE *out;
	char close;
	bool begun;
};

static struct writer begin(const struct rule_shapes *shapes, const struct shape *shape,
                           const char brackets[static 2], FILE *out)
{
	fputc(brackets[0], out);
	return (struct writer){ shapes, shape, out, brackets[1], false };
}

static void item(struct writer *writer)
{
	if (writer->begun)
		fputc(',', writer->out);
	fputs(writer->begun ? writer->shape->gap : writer->shape->open, writer->out);
	writer->begun = true;
}

static void member(struct writer *writer, const char *key)
{
	item(writer);
	fprintf(writer->out, "\"%s\"%s", key, writer->shapes->colon);
}

static void end(struct writer *writer)
{
	if (writer->begun)
		fputs(writer->shape->close, writer->out);
	fputc(writer->close, writer->out);
}

void rule_shapes_write_string(const char *string, FILE *out)
{
	enum { JSON_GROWTH = 6, QUOTES = 3 };
	size_t len = strlen(string);
	struct text text = { .size = len * JSON_GROWTH + QUOTES };
	_cleanup_free_ char *bytes = malloc(text.size);

	if (!bytes) {
		fputs("\"\"", out);
		return;
	}
	text.bytes = text_start_(bytes);
	text_json_string(&text, string, len, NULL);
	fwrite(text.bytes, 1, text.len, out);
}

static void write_names(const struct rule_shapes *shapes, const struct patch_rule *rule, FILE *out)
{
	struct writer list = begin(shapes, &shapes->names, "[]", out);

	for (size_t i = 0; i < rule->n_names; i++) {
		item(&list);
		rule_shapes_write_string(rule->names[i], out);
	}
	end(&list);
}

static void write_arg(const struct rule_shapes *shapes, const struct comparison *arg, FILE *out)
{
	struct writer object = begin(shapes, &shapes->arg, "{}", out);

	member(&object, "index");
	fprintf(out, "%u", arg->index);
	member(&object, "value");
	fprintf(out, "%" PRIu64, arg->value);
	if (arg->op == COMPARE_MASKED_EQ) {
		member(&object, "valueTwo");
		fprintf(out, "%" PRIu64, arg->value_two);
	}
	member(&object, "op");
	rule_shapes_write_string(compare_name(arg->op), out);
	end(&object);
}

static void write_args(const struct rule_shapes *shapes, const struct patch_rule *rule, FILE *out)
{
	struct writer list = begin(shapes, &shapes->args, "[]", out);

	for (size_t i = 0; i < rule->n_args; i++) {
		item(&list);
		write_arg(shapes, &rule->args[i], out);
	}
	end(&list);
}

/* podman's own profiles say the number and the name, of which the name counts. */
static void write_number(struct writer *object, struct action action)
{
	char name[24];

	if (!action_has_number(action.kind))
		return;
	member(object, "errnoRet");
	fprintf(object->out, "%u", action.number);
	if (object->shapes->dialect != DIALECT_PODMAN || action.kind != ACTION_ERRNO)
		return;
	member(object, "errno");
	rule_shapes_write_string(err_name(action.number, name, sizeof(name)), object->out);
}

void rule_shapes_write(const struct rule_shapes *shapes, const struct patch_rule *rule, FILE *out)
{
	struct writer object = begin(shapes, &shapes->rule, "{}", out);

	member(&object, "names");
	write_names(shapes, rule, out);
	member(&object, "action");
	rule_shapes_write_string(action_name(rule->action.kind), out);
	write_number(&object, rule->action);
	if (rule->n_args > 0) {
		member(&object, "args");
		write_args(shapes, rule, out);
	}
	if (rule->comment && shapes->dialect != DIALECT_OCI) {
		member(&object, "comment");
		rule_shapes_write_string(rule->comment, out);
	}
	end(&object);
}
