/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/who.h"

#include <string.h>

#include "policies/glob.h"

static bool in_ranges(const struct id_range *ranges, size_t n, uint32_t id)
{
	for (size_t i = 0; i < n; i++)
		if (id >= ranges[i].first && id <= ranges[i].last)
			return true;
	return n == 0;
}

static bool globs_match(const struct globs *globs, enum glob_kind kind, const char *text,
                        size_t length)
{
	for (size_t i = 0; i < globs->n; i++)
		if (glob_match(kind, globs->globs[i], text, length))
			return true;
	return false;
}

static struct view_bytes bytes_of(const char *string)
{
	return (struct view_bytes){ string, string ? strlen(string) : 0 };
}

/* bytes is NULL where the caller has no such text. */
static struct view_bytes text_of(const struct view_caller *caller, enum who_text text)
{
	switch (text) {
	case WHO_EXE:
		return caller->exe;
	case WHO_COMM:
		return caller->comm;
	case WHO_CONTAINER_ID:
		return bytes_of(caller->container_id);
	case WHO_CONTAINER_NAME:
		return bytes_of(caller->container_name);
	case WHO_METADATA:
		return bytes_of(caller->metadata);
	case WHO_TEXT_COUNT:
		break;
	}
	return (struct view_bytes){ 0 };
}

/* What every process has, and was not told, is a doubt and no mismatch. */
static int text_holds(const struct who *who, const struct view_caller *caller, enum who_text which)
{
	const struct globs *globs = &who->texts[which];
	enum glob_kind kind = which == WHO_EXE ? GLOB_PATH : GLOB_TEXT;
	struct view_bytes text;

	if (globs->n == 0)
		return 1;
	text = text_of(caller, which);
	if (which == WHO_EXE && text.length == 0)
		return -EACCES;
	return text.bytes && globs_match(globs, kind, text.bytes, text.length);
}

static bool annotation_holds(const struct who_annotation *wanted, const struct view_caller *caller)
{
	for (size_t i = 0; i < caller->n_annotations; i++) {
		const struct view_annotation *annotation = &caller->annotations[i];

		if (strcmp(annotation->key, wanted->key) == 0)
			return globs_match(&wanted->globs, GLOB_TEXT, annotation->value,
			                   strlen(annotation->value));
	}
	return false;
}

static bool plain_holds(const struct who *who, const struct view_caller *caller)
{
	for (size_t i = 0; i < who->n_annotations; i++)
		if (!annotation_holds(&who->annotations[i], caller))
			return false;
	return in_ranges(who->uids, who->n_uids, caller->uid) &&
	       in_ranges(who->gids, who->n_gids, caller->gid) &&
	       (who->process == WHO_ANY || caller->init == (who->process == WHO_INIT));
}

int who_holds(const struct who *who, struct view *view)
{
	const struct view_caller *caller;
	int r;

	if (!view->reader)
		return -ENOSYS;
	r = view->reader->caller(view, &caller);
	if (r < 0)
		return r;
	if (!plain_holds(who, caller))
		return 0;
	r = 1;
	for (unsigned text = 0; text < WHO_TEXT_COUNT && r == 1; text++)
		r = text_holds(who, caller, text);
	return r;
}
