/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/profile.h"

#include <seccomp.h>
#include <sha2.h>
#include <string.h>

#include "profiles/profile_names.h"
#include "profiles/profile_reader.h"

/* ---- life */

static void free_strings(char **strings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(strings[i]);
	free(strings);
}

static void rule_deinit(struct rule *rule)
{
	free_strings(rule->names, rule->n_names);
	free_strings(rule->includes.arches, rule->includes.n_arches);
	free_strings(rule->excludes.arches, rule->excludes.n_arches);
	free(rule->args);
	free(rule->comment);
}

void profile_free(struct profile *profile)
{
	if (!profile)
		return;
	for (size_t i = 0; i < profile->n_rules; i++)
		rule_deinit(&profile->rules[i]);
	for (size_t i = 0; i < profile->n_archs; i++)
		free(profile->archs[i].sub);
	free(profile->rules);
	free(profile->archs);
	free(profile->listener_path);
	free(profile->listener_metadata);
	free(profile->name);
	free(profile->file);
	free(profile);
}

static struct profile *profile_new(const char *name, const char *file)
{
	_cleanup_(profile_freep) struct profile *profile = calloc(1, sizeof(*profile));

	if (!profile)
		return NULL;
	profile->name = strdup(name);
	profile->file = strdup(file);
	profile->pointer = "";
	if (!profile->name || !profile->file)
		return NULL;
	return TAKE_PTR(profile);
}

/* ---- the dialect */

/* A runtime's config.json has the profile inside; *ret_seccomp is NULL where it has none. */
static bool find_in_config(struct reader *reader, const cJSON *root, const cJSON **ret_seccomp)
{
	const cJSON *container = reader_member(root, "linux");

	if (reader_member(root, "defaultAction") || reader_member(root, "syscalls") ||
	    (!container && !reader_member(root, "ociVersion")))
		return false;
	*ret_seccomp = NULL;
	if (container && reader_element_is(reader, container, FIELD_OBJECT))
		*ret_seccomp = reader_member(container, "seccomp");
	return true;
}

enum { ANY_TYPE = 0xff }; /* of cJSON's bits */

/* What only one dialect has; anything else means the same in all. */
static const struct {
	const char *key;
	bool of_rule; /* else of the profile */
	int type;     /* numbers under podman's keys are a slip, which Docker ignores */
	enum dialect dialect;
} marks[] = {
	{ "defaultErrno", false, cJSON_String, DIALECT_PODMAN },
	{ "errno", true, cJSON_String, DIALECT_PODMAN },
	{ "archMap", false, ANY_TYPE, DIALECT_DOCKER },
	{ "name", true, ANY_TYPE, DIALECT_DOCKER },
	{ "includes", true, ANY_TYPE, DIALECT_DOCKER },
	{ "excludes", true, ANY_TYPE, DIALECT_DOCKER },
	{ "comment", true, ANY_TYPE, DIALECT_DOCKER },
};

static bool has_mark(const cJSON *object, const char *key, int type)
{
	const cJSON *member = reader_member(object, key);

	return member && (member->type & type);
}

static bool rule_has_mark(const cJSON *seccomp, const char *key, int type)
{
	const cJSON *rule;

	cJSON_ArrayForEach (rule, reader_member(seccomp, "syscalls")) {
		if (has_mark(rule, key, type))
			return true;
	}
	return false;
}

static enum dialect recognise(const cJSON *seccomp)
{
	for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
		if (marks[i].of_rule ? rule_has_mark(seccomp, marks[i].key, marks[i].type)
		                     : has_mark(seccomp, marks[i].key, marks[i].type))
			return marks[i].dialect;
	return DIALECT_OCI;
}

/* ---- the top level */

struct profile_nodes {
	const cJSON *default_action;
	const cJSON *default_errno_ret;
	const cJSON *default_errno;
	const cJSON *architectures;
	const cJSON *arch_map;
	const cJSON *flags;
	const cJSON *listener_path;
	const cJSON *listener_metadata;
	const cJSON *syscalls;
	const cJSON *comment;
};

static const struct field profile_fields[] = {
	{ "defaultAction", FIELD_STRING, IN_ALL, offsetof(struct profile_nodes, default_action) },
	{ "defaultErrnoRet", FIELD_UINT, IN_ALL,
	  offsetof(struct profile_nodes, default_errno_ret) },
	{ "defaultErrno", FIELD_STRING, IN_PODMAN, offsetof(struct profile_nodes, default_errno) },
	{ "architectures", FIELD_LIST, IN_ALL, offsetof(struct profile_nodes, architectures) },
	{ "archMap", FIELD_LIST, IN_ENGINES, offsetof(struct profile_nodes, arch_map) },
	{ "flags", FIELD_LIST, IN_ALL, offsetof(struct profile_nodes, flags) },
	{ "listenerPath", FIELD_STRING, IN_ALL, offsetof(struct profile_nodes, listener_path) },
	{ "listenerMetadata", FIELD_STRING, IN_ALL,
	  offsetof(struct profile_nodes, listener_metadata) },
	{ "syscalls", FIELD_LIST, IN_ALL, offsetof(struct profile_nodes, syscalls) },
	{ "comment", FIELD_ANY, IN_ALL, offsetof(struct profile_nodes, comment) },
};

static void read_default_action(struct reader *reader, const cJSON *seccomp,
                                const struct profile_nodes *nodes)
{
	struct profile *profile = reader->profile;
	struct action_nodes action = {
		.key = "defaultAction",
		.action = nodes->default_action,
		.errno_ret = nodes->default_errno_ret,
		.errno_name = nodes->default_errno,
		.owner = seccomp,
	};

	if (nodes->default_action)
		profile->default_place = json_place(reader->document, nodes->default_action);
	if (!profile_read_action(reader, &action, &profile->default_action))
		return;
	profile_check_errno(reader, &action, profile->default_action, DIAG_ERROR);
	if (profile->default_action.kind == ACTION_NOTIFY && !reader_as_crun(reader))
		json_complain(reader->document, nodes->default_action, reader->diags,
		              reader_as_runc(reader) ? DIAG_ERROR : DIAG_WARNING, "notify-default",
		              "runc and Docker refuse SCMP_ACT_NOTIFY as default action");
}

/* runc sets it through libseccomp, crun by itself. */
static void check_wait_killable(struct reader *reader, const cJSON *node)
{
	const struct scmp_version *version = seccomp_version();

	if (reader_as_runc(reader) && version->major == 2 && version->minor < 6)
		complain_error(
			reader, node, "refused-flag",
			"runc refuses SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV with libseccomp "
			"%u.%u.%u; expected 2.6.0 or newer",
			version->major, version->minor, version->micro);
}

static void read_flag(struct reader *reader, const cJSON *node)
{
	struct profile *profile = reader->profile;
	struct near near = near_to(node->valuestring);
	struct shown wrong, hint;
	enum flag flag;

	if (!flag_by_name(node->valuestring, &flag, &near)) {
		complain_error(reader, node, "unknown-flag",
		               "unknown flag %s; expected SECCOMP_FILTER_FLAG_LOG, SPEC_ALLOW, "
		               "TSYNC or WAIT_KILLABLE_RECV%s",
		               shown(&wrong, node->valuestring), meant(&hint, near.best));
		return;
	}
	profile->flag_log |= flag == FLAG_LOG;
	profile->flag_spec_allow |= flag == FLAG_SPEC_ALLOW;
	if (flag == FLAG_WAIT_KILLABLE_RECV)
		check_wait_killable(reader, node);
	if (flag == FLAG_TSYNC)
		complain_warning(reader, node, "useless-flag",
		                 "SECCOMP_FILTER_FLAG_TSYNC is ignored: the filter is installed "
		                 "before there are threads");
}

static void read_flags(struct reader *reader, const cJSON *list)
{
	const cJSON *element;

	/* Docker leaves an empty list out, and both runtimes then allow speculation. */
	reader->profile->flag_spec_allow = cJSON_GetArraySize(list) == 0;
	if (cJSON_GetArraySize(list) > 0)
		reader->profile->flags_place = json_place(reader->document, list);
	cJSON_ArrayForEach (element, list) {
		if (reader_element_is(reader, element, FIELD_STRING))
			read_flag(reader, element);
	}
}

/* *ret_copy stays NULL for a string that is absent or empty, as the runtimes take it. */
static int copy_string(const cJSON *node, char **ret_copy)
{
	char *copy;

	if (!reader_string(node)[0])
		return 0;
	copy = strdup(reader_string(node));
	if (!copy)
		return -ENOMEM;
	*ret_copy = copy;
	return 0;
}

static int read_listener(struct reader *reader, const struct profile_nodes *nodes)
{
	int r = copy_string(nodes->listener_path, &reader->profile->listener_path);

	if (r < 0)
		return r;
	if (nodes->listener_metadata && !nodes->listener_path)
		complain_warning(reader, nodes->listener_metadata, "useless-metadata",
		                 "listenerMetadata goes nowhere; expected a listenerPath with it");
	return copy_string(nodes->listener_metadata, &reader->profile->listener_metadata);
}

static int read_seccomp(struct reader *reader, const cJSON *seccomp)
{
	struct profile *profile = reader->profile;
	struct profile_nodes nodes;
	int r;

	reader_fields(reader, seccomp, profile_fields, ARRAY_SIZE(profile_fields), &nodes);
	profile->unconfined =
		!reader_string(nodes.default_action)[0] && cJSON_GetArraySize(nodes.syscalls) == 0;
	if (profile->unconfined)
		complain_warning(reader, seccomp, "unconfined",
		                 "neither a defaultAction nor syscalls, so everything is allowed");
	else
		read_default_action(reader, seccomp, &nodes);
	read_flags(reader, nodes.flags);
	if (nodes.architectures)
		profile->archs_place = json_place(reader->document, nodes.architectures);
	r = read_listener(reader, &nodes);
	if (r < 0)
		return r;
	r = profile_read_archs(reader, nodes.architectures, nodes.arch_map);
	if (r < 0)
		return r;
	return profile_read_rules(reader, nodes.syscalls);
}

/* Docker and podman take a profile only, and see an empty one in a config.json. */
static bool reader_reads_bare(const struct reader *reader)
{
	return reader->profile->as_engine && reader->profile->dialect != DIALECT_OCI;
}

static int read_root(struct reader *reader, const cJSON *root)
{
	const cJSON *seccomp = root;

	if (!cJSON_IsNull(root) && !reader_element_is(reader, root, FIELD_OBJECT))
		return 0;
	if (reader_reads_bare(reader) || !find_in_config(reader, root, &seccomp)) {
		if (!reader->profile->as_engine)
			reader->profile->dialect = recognise(root);
		return read_seccomp(reader, root);
	}
	reader->profile->dialect = DIALECT_OCI;
	reader->profile->pointer = "/linux/seccomp";
	if (seccomp)
		return reader_element_is(reader, seccomp, FIELD_OBJECT)
		               ? read_seccomp(reader, seccomp)
		               : 0;
	reader->profile->unconfined = true;
	complain_warning(reader, root, "unconfined",
	                 "the configuration has no linux.seccomp, so everything is allowed");
	return 0;
}

int profile_parse_as(const struct profile_source *source, const enum dialect *engine,
                     struct diags *diags, struct profile **ret_profile)
{
	_cleanup_(profile_freep) struct profile *profile = profile_new(source->name, source->file);
	_cleanup_(json_freep) struct json_document *document = NULL;
	size_t errors = diags->errors;
	struct reader reader = { .diags = diags, .profile = profile };
	int r;

	if (!profile)
		return -ENOMEM;
	profile->as_engine = engine;
	if (engine)
		profile->dialect = *engine;
	r = json_parse(source->bytes, source->len, diags, &document);
	if (r < 0)
		return r;
	SHA256Data((const uint8_t *)source->bytes, source->len, profile->sha256);
	reader.document = document;
	r = read_root(&reader, json_root(document));
	if (r < 0)
		return r;
	if (diags->errors > errors)
		return -EBADMSG;
	*ret_profile = TAKE_PTR(profile);
	return 0;
}

int profile_parse(const char *name, const char *file, const char *bytes, size_t len,
                  struct diags *diags, struct profile **ret_profile)
{
	const struct profile_source source = { name, file, bytes, len };

	return profile_parse_as(&source, NULL, diags, ret_profile);
}
