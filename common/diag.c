/* SPDX-License-Identifier: Apache-2.0 */
#include "common/diag.h"

#include <stdarg.h>
#include <string.h>

void diags_init(struct diags *diags, const char *file)
{
	*diags = (struct diags){ .file = strdup(file) };
}

static void diag_deinit(struct diag *diag)
{
	free(diag->pointer);
	free(diag->message);
}

void diags_deinit(struct diags *diags)
{
	for (size_t i = 0; i < diags->count; i++)
		diag_deinit(&diags->list[i]);
	free(diags->list);
	free(diags->file);
	*diags = (struct diags){ 0 };
}

void diags_set_file(struct diags *diags, const char *file)
{
	char *copy = strdup(file);

	if (!copy)
		return;
	free(diags->file);
	diags->file = copy;
}

bool diags_have_room(const struct diags *diags, enum diag_level level)
{
	return diags->count < (level == DIAG_ERROR ? DIAGS_MAX : DIAGS_MAX / 2);
}

static bool append(struct diags *diags, const struct diag *diag)
{
	struct diag *grown;

	if (!diag->pointer || !diag->message)
		return false;
	grown = reallocarray(diags->list, diags->count + 1, sizeof(*grown));
	if (!grown)
		return false;
	diags->list = grown;
	diags->list[diags->count++] = *diag;
	return true;
}

void diags_add(struct diags *diags, enum diag_level level, const char *id, struct place place,
               const char *pointer, const char *format, ...)
{
	struct diag diag = { .level = level, .id = id, .place = place };
	va_list arguments;

	if (level == DIAG_ERROR)
		diags->errors++;
	if (!diags_have_room(diags, level)) {
		diags->dropped++;
		return;
	}
	va_start(arguments, format);
	if (vasprintf(&diag.message, format, arguments) < 0)
		diag.message = NULL;
	va_end(arguments);
	diag.pointer = strdup(pointer);
	if (!append(diags, &diag)) {
		diags->dropped++;
		diag_deinit(&diag);
	}
}

/* By place; what stands at one place in the order in which it was found. */
static int by_place(const void *a, const void *b)
{
	const struct diag *left = *(const struct diag *const *)a;
	const struct diag *right = *(const struct diag *const *)b;

	if (left->place.line != right->place.line)
		return left->place.line < right->place.line ? -1 : 1;
	if (left->place.column != right->place.column)
		return left->place.column < right->place.column ? -1 : 1;
	return left < right ? -1 : left > right;
}

static void print_one(const struct diags *diags, const struct diag *diag, FILE *out,
                      const char *prefix)
{
	fprintf(out, "%s%s:", prefix, diags->file ? diags->file : "?");
	if (diag->place.line > 0)
		fprintf(out, "%u:%u:", diag->place.line, diag->place.column);
	if (diag->level == DIAG_WARNING)
		fputs(" warning:", out);
	if (diag->pointer[0])
		fprintf(out, " %s:", diag->pointer);
	fprintf(out, " %s\n", diag->message);
}

size_t diags_sorted(const struct diags *diags, const struct diag *ret_sorted[static DIAGS_MAX])
{
	for (size_t i = 0; i < diags->count; i++)
		ret_sorted[i] = &diags->list[i];
	qsort(ret_sorted, diags->count, sizeof(ret_sorted[0]), by_place);
	return diags->count;
}

void diags_print(const struct diags *diags, FILE *out, const char *prefix, bool with_warnings)
{
	const struct diag *sorted[DIAGS_MAX];

	(void)diags_sorted(diags, sorted);
	for (size_t i = 0; i < diags->count; i++)
		if (with_warnings || sorted[i]->level == DIAG_ERROR)
			print_one(diags, sorted[i], out, prefix);
	if (diags->dropped > 0 && (with_warnings || diags->errors > 0))
		fprintf(out, "%s%s: %zu more not shown\n", prefix, diags->file ? diags->file : "?",
		        diags->dropped);
}

void diags_first_error(const struct diags *diags, char *buf, size_t size)
{
	for (size_t i = 0; i < diags->count; i++) {
		const struct diag *diag = &diags->list[i];

		if (diag->level != DIAG_ERROR)
			continue;
		if (diag->place.line > 0)
			snprintf(buf, size, "%s:%u:%u: %s%s%s", diags->file, diag->place.line,
			         diag->place.column, diag->pointer, diag->pointer[0] ? ": " : "",
			         diag->message);
		else
			snprintf(buf, size, "%s: %s", diags->file, diag->message);
		return;
	}
	snprintf(buf, size, "%s: out of memory", diags->file);
}
