/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "profiles/profile_names.h"
#include "supervisor/commands/profile_options.h"
#include "supervisor/events/event_read.h"
#include "supervisor/reports/profile_text.h"

static bool any_given(const struct profile_options *options)
{
	return options->as_given || options->caps_given || options->caps_add || options->caps_drop;
}

/* Whether start begins the run that id is of: both are BOOT-SOMETHING. Any run does for NULL. */
static bool is_start_of(const struct event_record *start, const char *id)
{
	size_t boot = id ? strcspn(id, "-") + 1 : 0;

	return strcmp(start->event_name, "target.start") == 0 &&
	       (!id || (start->id && strncmp(start->id, id, boot) == 0));
}

static void recall_engine(struct profile_options *options, const struct event_record *start)
{
	const char *engine = cJSON_GetStringValue(json_member(start->json, "profile.engine"));

	options->as_given = false;
	for (enum dialect dialect = DIALECT_DOCKER; engine && dialect <= DIALECT_OCI; dialect++) {
		if (strcmp(dialect_name(dialect), engine) != 0)
			continue;
		options->as_given = true;
		options->as = dialect;
	}
}

static void recall_caps(struct profile_options *options, const struct event_record *start)
{
	const cJSON *list = json_member(start->json, "profile.capabilities");
	const cJSON *item;

	options->caps_given = cJSON_IsArray(list);
	options->caps = 0;
	cJSON_ArrayForEach (item, list) {
		const char *name = cJSON_GetStringValue(item);
		struct near near = near_to(name ? name : "");
		unsigned number;

		if (name && capability_by_name(name, &number, &near))
			options->caps |= UINT64_C(1) << number;
	}
}

int profile_options_recall(struct profile_options *options, const char *path, const char *id)
{
	_cleanup_(event_reader_freep) struct event_reader *reader = NULL;
	struct event_record record;
	int r;

	if (any_given(options))
		return 0;
	r = event_reader_open(path, &reader);
	while (r == 0 && (r = event_reader_next(reader, &record)) == 0) {
		if (is_start_of(&record, id)) {
			recall_engine(options, &record);
			recall_caps(options, &record);
		}
		event_record_deinit(&record);
	}
	return r < 0 ? r : 0;
}
