/* SPDX-License-Identifier: Apache-2.0 */
/* `syscalls`: the rules. */
#include "profiles/profile_reader.h"

#include <string.h>

#include "profiles/profile_names.h"
#include "profiles/syscalls.h"

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
                    enum diag_level level, enum compare *ret_op)
{
	const char *name = reader_string(node);
	struct near near = near_to(name);
	struct shown wrong, hint;

	if (compare_by_name(name, ret_op, &near))
		return true;
	json_complain(reader->document, node ? node : owner, reader->diags,
	              reader_refuses(reader, level), "unknown-operator",
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

/* How bad it is if an argument of the rule is wrong. */
struct arg_levels {
	enum diag_level index;
	enum diag_level op;
};

/*
 * Where the rule adds nothing to the filter (inert), the runtimes never look at its indexes. crun
 * then has no use for its operators either; runc looks at them for each name.
 */
static struct arg_levels arg_levels(const struct reader *reader, const struct rule *rule,
                                    bool inert)
{
	bool op_unseen =
		(reader_as_crun(reader) && inert) || (reader_as_runc(reader) && rule->n_names == 0);

	return (struct arg_levels){
		.index = inert ? DIAG_WARNING : DIAG_ERROR,
		.op = op_unseen ? DIAG_WARNING : DIAG_ERROR,
	};
}

static void read_arg(struct reader *reader, const cJSON *node, struct arg_levels levels,
                     struct rule *rule)
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
		              reader_refuses(reader, levels.index), "index",
		              "a syscall has no argument %llu; expected 0 to %d",
		              (unsigned long long)index, ARGS - 1);
		return;
	}
	arg->index = (unsigned)index;
	arg->value = reader_uint(reader, nodes.value);
	arg->value_two = reader_uint(reader, nodes.value_two);
	if (!read_op(reader, node, nodes.op, levels.op, &arg->op))
		return;
	check_values(reader, &nodes, arg);
	if (arg->op != COMPARE_MASKED_EQ)
		arg->value_two = 0;
	rule->n_args++;
}

/* What crun does not look at must still be what its JSON says it is. */
static void skip_arg(struct reader *reader, const cJSON *node)
{
	struct arg_nodes nodes;

	if (reader_element_is(reader, node, FIELD_OBJECT))
		reader_fields(reader, node, arg_fields, ARRAY_SIZE(arg_fields), &nodes);
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

static void check_length(struct reader *reader, const cJSON *list)
{
	if (cJSON_GetArraySize(list) <= ARGS)
		return;
	if (reader->profile->dialect == DIALECT_PODMAN)
		complain_warning(reader, list, "too-many-args",
		                 "crun looks at the first %d conditions only; expected no more",
		                 ARGS);
	else if (!reader->profile->as_engine)
		complain_warning(reader, list, "too-many-args",
		                 "podman would look at the first %d conditions only", ARGS);
}

/* Reads the conditions; *ret_lost is whether one is missing because it is wrong. */
static int read_args(struct reader *reader, const cJSON *list, bool inert, bool *ret_lost)
{
	struct rule *rule = reader->rule;
	struct arg_levels levels = arg_levels(reader, rule, inert);
	size_t seen = 0, limit = SIZE_MAX;
	const cJSON *element;

	if (reader->profile->dialect == DIALECT_PODMAN)
		limit = ARGS;
	rule->args = calloc((size_t)cJSON_GetArraySize(list) + 1, sizeof(*rule->args));
	if (!rule->args)
		return -ENOMEM;
	cJSON_ArrayForEach (element, list) {
		if (seen++ < limit)
			read_arg(reader, element, levels, rule);
		else
			skip_arg(reader, element);
	}
	check_length(reader, list);
	check_repeats(reader, list, rule);
	*ret_lost = rule->n_args < (seen < limit ? seen : limit);
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
	{ "comment", FIELD_ANY, IN_ALL, offsetof(struct rule_nodes, comment) },
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

/* crun knows no such syscall and goes on; runc gives up. */
static void complain_empty_name(struct reader *reader, const cJSON *node)
{
	enum diag_level level = reader_as_crun(reader) ? DIAG_WARNING : DIAG_ERROR;

	json_complain(reader->document, node, reader->diags, reader_refuses(reader, level),
	              "empty-name", "an empty name; expected a syscall's");
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
			complain_empty_name(reader, element);
		else
			profile_check_syscall(reader, element);
	}
}

/* moby looks at every rule, containers-common at those that count. */
static void complain_names_twice(struct reader *reader, const cJSON *node)
{
	bool podman = reader->profile->dialect == DIALECT_PODMAN;

	json_complain(reader->document, node, reader->diags,
	              podman ? reader_refuses(reader, DIAG_ERROR) : DIAG_ERROR, "names-twice",
	              "both name and names; expected names alone");
}

static int read_names(struct reader *reader, const cJSON *owner, const struct rule_nodes *nodes,
                      struct rule *rule)
{
	bool single = reader_string(nodes->name)[0];

	if (single && cJSON_GetArraySize(nodes->names) > 0)
		complain_names_twice(reader, nodes->name);
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
	enum diag_level level = reader_as_runc(reader) ? DIAG_ERROR : DIAG_WARNING;

	if (rule->action.kind != ACTION_NOTIFY || reader_as_crun(reader))
		return;
	for (size_t i = 0; i < rule->n_names; i++)
		if (strcmp(rule->names[i], "write") == 0)
			json_complain(reader->document, owner, reader->diags,
			              reader_refuses(reader, level), "notify-write",
			              "runc and Docker refuse SCMP_ACT_NOTIFY on write");
}

/*
 * A rule that lost a condition would match more than its author wrote. It is inert, but should
 * somebody learn of its syscall later, it must still match nothing. So must one that the engine
 * refuses where it counts.
 */
static void disarm(struct rule *rule)
{
	for (size_t i = 0; i < rule->n_names; i++)
		free(rule->names[i]);
	rule->n_names = 0;
}

/* The runtime-spec has no comments, so there one may be anything. */
static int read_comment(struct reader *reader, const cJSON *node, struct rule *rule)
{
	if (!node || (reader->profile->dialect == DIALECT_OCI && !cJSON_IsString(node)) ||
	    !reader_element_is(reader, node, FIELD_STRING))
		return 0;
	rule->comment = strdup(node->valuestring);
	return rule->comment ? 0 : -ENOMEM;
}

/* What decides whether the rule counts, and what it is about. */
static int read_head(struct reader *reader, const cJSON *node, const struct rule_nodes *nodes)
{
	struct rule *rule = reader->rule;
	int r;

	r = profile_read_gate(reader, nodes->includes, &rule->includes);
	if (r == 0)
		r = profile_read_gate(reader, nodes->excludes, &rule->excludes);
	if (r == 0)
		r = read_comment(reader, nodes->comment, rule);
	if (r == 0)
		r = read_names(reader, node, nodes, rule);
	return r;
}

static int read_rule(struct reader *reader, const cJSON *node)
{
	struct rule *rule = reader->rule;
	struct action_nodes action_nodes;
	struct rule_nodes nodes;
	bool inert, lost;
	int r;

	reader_fields(reader, node, rule_fields, ARRAY_SIZE(rule_fields), &nodes);
	action_nodes = (struct action_nodes){
		.key = "action",
		.action = nodes.action,
		.errno_ret = nodes.errno_ret,
		.errno_name = nodes.errno_name,
		.owner = node,
	};
	r = read_head(reader, node, &nodes);
	if (r < 0)
		return r;
	inert = profile_read_action(reader, &action_nodes, &rule->action) &&
	        rule_inert(reader->profile, rule);
	profile_check_errno(reader, &action_nodes, rule->action, inert ? DIAG_WARNING : DIAG_ERROR);
	check_notify(reader, node, rule);
	r = read_args(reader, nodes.args, inert, &lost);
	if (r < 0)
		return r;
	if (rule->refused || (lost && !action_equal(rule->action, reader->profile->default_action)))
		disarm(rule);
	return 0;
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
		reader->rule = rule;
		r = read_rule(reader, element);
		reader->rule = NULL;
		if (r < 0)
			return r;
	}
	return 0;
}
