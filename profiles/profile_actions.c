/* SPDX-License-Identifier: Apache-2.0 */
/* What an action says: its kind, and the errno with it. */
#include <string.h>

#include "profiles/profile_names.h"
#include "profiles/profile_reader.h"

enum {
	ERRNO_DEFAULT = 1,     /* EPERM, also for TRACE: runc and crun */
	ERRNO_LIMIT = 4095,    /* libseccomp takes what is less for ERRNO */
	ERRNO_NAME_DIGITS = 9, /* podman's errno as a number: 32 bits, but no such errno has more */
};

/* podman's errno: a name, or a number in quotes. */
static bool read_errno_name(struct reader *reader, const cJSON *node, uint64_t *ret_number)
{
	const char *name = reader_string(node);
	struct near near = near_to(name);
	struct shown wrong, hint;
	size_t digits = strspn(name, "0123456789");
	unsigned number;

	if (digits > 0 && digits <= ERRNO_NAME_DIGITS && !name[digits]) {
		*ret_number = strtoul(name, NULL, 10);
		return true;
	}
	if (errno_by_name(name, &number, &near)) {
		*ret_number = number;
		return true;
	}
	complain_error(reader, node, "unknown-errno",
	               "unknown errno %s; expected EPERM or the like, or its number%s",
	               shown(&wrong, name), meant(&hint, near.best));
	return false;
}

static bool read_kind(struct reader *reader, const struct action_nodes *nodes,
                      enum action_kind *ret_kind)
{
	const char *name = reader_string(nodes->action);
	struct near near = near_to(name);
	struct shown wrong, hint;

	if (action_by_name(name, ret_kind, &near))
		return true;
	if (!*name)
		json_complain(reader->document, nodes->owner, reader->diags,
		              reader_refuses(reader, DIAG_ERROR), "missing-action",
		              "no %s; expected SCMP_ACT_ALLOW, SCMP_ACT_ERRNO or the like",
		              nodes->key);
	else
		json_complain(
			reader->document, nodes->action, reader->diags,
			reader_refuses(reader, DIAG_ERROR), "unknown-action",
			"unknown action %s; expected SCMP_ACT_ALLOW, ERRNO, NOTIFY, LOG, TRACE, "
			"TRAP, KILL, KILL_THREAD or KILL_PROCESS%s",
			shown(&wrong, name), meant(&hint, near.best));
	return false;
}

static const cJSON *errno_node(const struct action_nodes *nodes)
{
	return reader_string(nodes->errno_name)[0] ? nodes->errno_name : nodes->errno_ret;
}

/* crun refuses a number that the action does not take; runc and Docker ignore it. */
static void complain_useless_errno(struct reader *reader, const cJSON *node, enum action_kind kind)
{
	bool podman = reader->profile->dialect == DIALECT_PODMAN;

	json_complain(reader->document, node, reader->diags,
	              reader_refuses(reader, podman ? DIAG_ERROR : DIAG_WARNING), "useless-errno",
	              "%s takes no errno; %s", action_name(kind),
	              podman ? "podman refuses the profile, expected none"
	                     : "Docker ignores it, podman would refuse the profile");
}

/* containers-common checks profiles by a list of its own, which podman itself does not ask. */
static void check_validator(struct reader *reader, const cJSON *node)
{
	static const char *const unlisted[] = {
		"SCMP_ACT_NOTIFY",
		"SCMP_ACT_KILL_PROCESS",
		"SCMP_ACT_KILL_THREAD",
	};

	for (size_t i = 0; reader_as_crun(reader) && i < ARRAY_SIZE(unlisted); i++)
		if (strcmp(node->valuestring, unlisted[i]) == 0)
			complain_warning(reader, node, "unlisted-action",
			                 "containers-common's ValidateProfile does not know %s, so "
			                 "tools that ask it refuse the profile",
			                 unlisted[i]);
}

bool profile_read_action(struct reader *reader, const struct action_nodes *nodes,
                         struct action *ret_action)
{
	const cJSON *node = errno_node(nodes);
	uint64_t number = ERRNO_DEFAULT;
	enum action_kind kind;

	if (!read_kind(reader, nodes, &kind))
		return false;
	check_validator(reader, nodes->action);
	if (node == nodes->errno_ret && node)
		number = reader_uint(reader, node);
	else if (node && !read_errno_name(reader, node, &number))
		return false;
	if (node && !action_has_number(kind))
		complain_useless_errno(reader, node, kind);
	else if (number > UINT16_MAX)
		complain_warning(reader, node, "errno-truncated",
		                 "the runtimes keep 16 bits of the errno, so it means %u; expected "
		                 "less than %d",
		                 (unsigned)(uint16_t)number, ERRNO_LIMIT);
	*ret_action = (struct action){
		.kind = kind,
		.number = action_has_number(kind) ? (uint16_t)number : 0,
	};
	return true;
}

void profile_check_errno(struct reader *reader, const struct action_nodes *nodes,
                         struct action action, enum diag_level level)
{
	if (action.kind == ACTION_ERRNO && action.number >= ERRNO_LIMIT)
		json_complain(reader->document, errno_node(nodes), reader->diags,
		              reader_refuses(reader, level), "errno",
		              "libseccomp refuses errno %u; expected less than %d", action.number,
		              ERRNO_LIMIT);
}
