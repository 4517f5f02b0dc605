/* SPDX-License-Identifier: Apache-2.0 */
/* `syscalls`: the rules, and what an action says. */
#include "profiles/profile_reader.h"

#include <stdio.h>
#include <string.h>

#include "profiles/profile_names.h"
#include "profiles/syscalls.h"

/* ---- actions */

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
		complain_error(reader, nodes->owner, "missing-action",
		               "no %s; expected SCMP_ACT_ALLOW, SCMP_ACT_ERRNO or the like",
		               nodes->key);
	else
		complain_error(
			reader, nodes->action, "unknown-action",
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

	json_complain(reader->document, node, reader->diags, podman ? DIAG_ERROR : DIAG_WARNING,
	              "useless-errno", "%s takes no errno; %s", action_name(kind),
	              podman ? "podman refuses the profile, expected none"
	                     : "Docker ignores it, podman would refuse the profile");
}

bool profile_read_action(struct reader *reader, const struct action_nodes *nodes,
                         struct action *ret_action)
{
	const cJSON *node = errno_node(nodes);
	uint64_t number = ERRNO_DEFAULT;
	enum action_kind kind;

	if (!read_kind(reader, nodes, &kind))
		return false;
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
		json_complain(reader->document, errno_node(nodes), reader->diags, level, "errno",
		              "libseccomp refuses errno %u; expected less than %d", action.number,
		              ERRNO_LIMIT);
}

/* ---- arguments */

enum { ARGS = 6 };

struct arg_nodes {
	const cJSON *index;
	const cJSON *value;
	const cJSON *value_two;
	const cJSON *op;
};

static const struct field arg_fields[] = {
	{ "index", FIELD_UINT, IN_ALL, offsetof(struct arg_nodes, index) },
	{ "value", FIELD_UINT, IN_ALL, offsetof(struct arg_nodes, value) },
	{ "valueTwo", FIELD_UINT, IN_ALL, offsetof(struct arg_nodes, value_two) },
	{ "op", FIELD_STRING, IN_ALL, offsetof(struct arg_nodes, op) },
};

static bool read_op(struct reader *reader, const cJSON *owner, const cJSON *node,
                    enum compare *ret_op)
{
	const char *name = reader_string(node);
	struct near near = near_to(name);
	struct shown wrong, hint;

	if (compare_by_name(name, ret_op, &near))
		return true;
	complain_error(reader, node ? node : owner, "unknown-operator",
	               "%s%s; expected SCMP_CMP_NE, LT, LE, EQ, GE, GT or MASKED_EQ%s",
	               node ? "unknown operator " : "no operator", node ? shown(&wrong, name) : "",
	               meant(&hint, near.best));
	return false;
}

/* The mask is `value`, the expected bits are `valueTwo`; generators get it the wrong way round. */
static void check_values(struct reader *reader, const struct arg_nodes *nodes,
                         const struct comparison *arg)
{
	if (arg->op != COMPARE_MASKED_EQ && reader_uint(reader, nodes->value_two) != 0)
		complain_warning(reader, nodes->value_two, "useless-value",
		                 "only SCMP_CMP_MASKED_EQ has a valueTwo; it is ignored");
	if (arg->op == COMPARE_MASKED_EQ && arg->value == 0)
		complain_warning(reader, nodes->op, "empty-mask",
		                 "the mask is 0, so the condition always holds; expected the mask "
		                 "in value and the wanted bits in valueTwo");
	if (arg->op == COMPARE_MASKED_EQ && arg->value != 0 && (arg->value_two & ~arg->value))
		complain_warning(reader, nodes->value_two, "bits-outside-mask",
		                 "valueTwo has bits outside the mask in value; they are ignored");
}

/* Where the rule adds nothing to the filter (inert), the runtimes never look at its indexes. */
static void read_arg(struct reader *reader, const cJSON *node, bool inert, struct rule *rule)
{
	struct comparison *arg = &rule->args[rule->n_args];
	struct arg_nodes nodes;
	uint64_t index;

	if (!reader_element_is(reader, node, FIELD_OBJECT))
		return;
	reader_fields(reader, node, arg_fields, ARRAY_SIZE(arg_fields), &nodes);
	index = reader_uint(reader, nodes.index);
	if (index >= ARGS) {
		json_complain(reader->document, nodes.index, reader->diags,
		              inert ? DIAG_WARNING : DIAG_ERROR, "index",
		              "a syscall has no argument %llu; expected 0 to %d",
		              (unsigned long long)index, ARGS - 1);
		return;
	}
	arg->index = (unsigned)index;
	arg->value = reader_uint(reader, nodes.value);
	arg->value_two = reader_uint(reader, nodes.value_two);
	if (!read_op(reader, node, nodes.op, &arg->op))
		return;
	check_values(reader, &nodes, arg);
	if (arg->op != COMPARE_MASKED_EQ)
		arg->value_two = 0;
	rule->n_args++;
}

static void check_repeats(struct reader *reader, const cJSON *list, const struct rule *rule)
{
	unsigned seen = 0;

	for (size_t i = 0; i < rule->n_args; i++) {
		unsigned bit = 1U << rule->args[i].index;

		if (seen & bit) {
			complain_warning(reader, list, "repeated-index",
			                 "argument %u is compared more than once, so the rule "
			                 "counts where any of these conditions holds, not all",
			                 rule->args[i].index);
			return;
		}
		seen |= bit;
	}
}

static int read_args(struct reader *reader, const cJSON *list, bool inert, struct rule *rule)
{
	const cJSON *element;

	rule->args = calloc((size_t)cJSON_GetArraySize(list) + 1, sizeof(*rule->args));
	if (!rule->args)
		return -ENOMEM;
	cJSON_ArrayForEach (element, list) {
		read_arg(reader, element, inert, rule);
	}
	check_repeats(reader, list, rule);
	return 0;
}

/* ---- names */

struct rule_nodes {
	const cJSON *name;
	const cJSON *names;
	const cJSON *action;
	const cJSON *errno_ret;
	const cJSON *errno_name;
	const cJSON *args;
	const cJSON *includes;
	const cJSON *excludes;
	const cJSON *comment;
};

static const struct field rule_fields[] = {
	{ "name", FIELD_STRING, IN_ENGINES, offsetof(struct rule_nodes, name) },
	{ "names", FIELD_LIST, IN_ALL, offsetof(struct rule_nodes, names) },
	{ "action", FIELD_STRING, IN_ALL, offsetof(struct rule_nodes, action) },
	{ "errnoRet", FIELD_UINT, IN_ALL, offsetof(struct rule_nodes, errno_ret) },
	{ "errno", FIELD_STRING, IN_PODMAN, offsetof(struct rule_nodes, errno_name) },
	{ "args", FIELD_LIST, IN_ALL, offsetof(struct rule_nodes, args) },
	{ "includes", FIELD_OBJECT, IN_ENGINES, offsetof(struct rule_nodes, includes) },
	{ "excludes", FIELD_OBJECT, IN_ENGINES, offsetof(struct rule_nodes, excludes) },
	{ "comment", FIELD_STRING, IN_ALL, offsetof(struct rule_nodes, comment) },
};

static int read_single_name(const cJSON *node, struct rule *rule)
{
	rule->names = calloc(2, sizeof(*rule->names));
	if (!rule->names)
		return -ENOMEM;
	rule->names[0] = strdup(node->valuestring);
	if (!rule->names[0])
		return -ENOMEM;
	rule->n_names = 1;
	return 0;
}

static void check_names(struct reader *reader, const struct rule_nodes *nodes)
{
	const cJSON *element;

	if (reader_string(nodes->name)[0])
		profile_check_syscall(reader, nodes->name);
	cJSON_ArrayForEach (element, nodes->names) {
		if (!cJSON_IsString(element))
			continue;
		if (!element->valuestring[0])
			complain_error(reader, element, "empty-name",
			               "an empty name; expected a syscall's");
		else
			profile_check_syscall(reader, element);
	}
}

static int read_names(struct reader *reader, const cJSON *owner, const struct rule_nodes *nodes,
                      struct rule *rule)
{
	bool single = reader_string(nodes->name)[0];

	if (single && cJSON_GetArraySize(nodes->names) > 0)
		complain_error(reader, nodes->name, "names-twice",
		               "both name and names; expected names alone");
	else if (!single && cJSON_GetArraySize(nodes->names) == 0)
		complain_warning(reader, owner, "no-names",
		                 "the rule names no syscall, so it does nothing; expected names");
	check_names(reader, nodes);
	if (single)
		return read_single_name(nodes->name, rule);
	return reader_strings(reader, nodes->names, &rule->names, &rule->n_names);
}

/* ---- rules */

/* Whether the runtimes hand nothing of the rule to libseccomp, and so never see what is wrong. */
static bool rule_inert(const struct profile *profile, const struct rule *rule)
{
	if (action_equal(rule->action, profile->default_action))
		return true;
	for (size_t i = 0; i < rule->n_names; i++)
		if (syscall_known(rule->names[i]))
			return false;
	return true;
}

/* runc cannot start what would notify its own writes; here the listener is handed over in time. */
static void check_notify(struct reader *reader, const cJSON *owner, const struct rule *rule)
{
	if (rule->action.kind != ACTION_NOTIFY)
		return;
	for (size_t i = 0; i < rule->n_names; i++)
		if (strcmp(rule->names[i], "write") == 0)
			complain_warning(reader, owner, "notify-write",
			                 "runc and Docker refuse SCMP_ACT_NOTIFY on write");
}

/*
 * A rule that lost a condition would match more than its author wrote. It is inert, but should
 * somebody learn of its syscall later, it must still match nothing.
 */
static void disarm(struct rule *rule)
{
	for (size_t i = 0; i < rule->n_names; i++)
		free(rule->names[i]);
	rule->n_names = 0;
}

static int read_comment(const cJSON *node, struct rule *rule)
{
	if (!node)
		return 0;
	rule->comment = strdup(node->valuestring);
	return rule->comment ? 0 : -ENOMEM;
}

static int read_rule(struct reader *reader, const cJSON *node, struct rule *rule)
{
	struct action_nodes action_nodes;
	struct rule_nodes nodes;
	bool inert;
	int r;

	reader_fields(reader, node, rule_fields, ARRAY_SIZE(rule_fields), &nodes);
	action_nodes = (struct action_nodes){
		.key = "action",
		.action = nodes.action,
		.errno_ret = nodes.errno_ret,
		.errno_name = nodes.errno_name,
		.owner = node,
	};
	r = read_names(reader, node, &nodes, rule);
	if (r < 0)
		return r;
	inert = profile_read_action(reader, &action_nodes, &rule->action) &&
	        rule_inert(reader->profile, rule);
	profile_check_errno(reader, &action_nodes, rule->action, inert ? DIAG_WARNING : DIAG_ERROR);
	check_notify(reader, node, rule);
	r = read_args(reader, nodes.args, inert, rule);
	if (rule->n_args < (size_t)cJSON_GetArraySize(nodes.args) &&
	    !action_equal(rule->action, reader->profile->default_action))
		disarm(rule);
	if (r == 0)
		r = profile_read_gate(reader, nodes.includes, &rule->includes);
	if (r == 0)
		r = profile_read_gate(reader, nodes.excludes, &rule->excludes);
	if (r == 0)
		r = read_comment(nodes.comment, rule);
	return r;
}

/* The longest profiles have a few hundred, one a syscall; a rule's memory is a hundred times "{}".
 */
enum { RULES_MAX = 1 << 16 };

int profile_read_rules(struct reader *reader, const cJSON *syscalls)
{
	struct profile *profile = reader->profile;
	size_t count = (size_t)cJSON_GetArraySize(syscalls), index = 0;
	const cJSON *element;

	if (count > RULES_MAX) {
		complain_error(reader, syscalls, "too-many-rules", "%zu rules; expected at most %d",
		               count, RULES_MAX);
		return 0;
	}
	profile->rules = calloc(count + 1, sizeof(*profile->rules));
	if (!profile->rules)
		return -ENOMEM;
	cJSON_ArrayForEach (element, syscalls) {
		struct rule *rule = &profile->rules[profile->n_rules];
		int r;

		rule->index = index++;
		if (!reader_element_is(reader, element, FIELD_OBJECT))
			continue;
		rule->place = json_place(reader->document, element);
		profile->n_rules++;
		r = read_rule(reader, element, rule);
		if (r < 0)
			return r;
	}
	return 0;
}
