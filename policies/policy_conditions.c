/* SPDX-License-Identifier: Apache-2.0 */
/* `args`: what a rule wants of the arguments, for each syscall that it names. */
#include <seccomp.h>
#include <string.h>

#include "policies/policy_draft.h"
#include "profiles/profile_names.h"
#include "profiles/resolve.h"

enum { CONDITIONS_MAX = 32 };

static const struct member condition_members[] = {
	{ "arg", MEMBER_STRING, offsetof(struct condition_nodes, arg) },
	{ "index", MEMBER_UINT, offsetof(struct condition_nodes, index) },
	{ "field", MEMBER_STRING, offsetof(struct condition_nodes, field) },
	{ "op", MEMBER_STRING, offsetof(struct condition_nodes, op) },
	{ "value", MEMBER_VALUE, offsetof(struct condition_nodes, value) },
	{ "valueTwo", MEMBER_NUMBER, offsetof(struct condition_nodes, value_two) },
};

/* ---- operators */

/* Whether the ABI's registers have 32 bits, whatever the argument; x32's have 64. */
static bool is_narrow(const struct binding *binding)
{
	return scmp_arch_is_32_bit(binding->call.arch) && binding->call.arch != SCMP_ARCH_X32;
}

/*
 * Cuts a negative number to the bits that the kernel looks at. False where it has more bits than
 * those, and can never be equal.
 */
static bool fit(const struct draft *draft, uint64_t *value)
{
	bool narrow = draft->condition->operand.is_32_bit;

	if ((narrow || is_narrow(draft->binding)) && (int64_t)*value < 0 &&
	    (int64_t)*value >= INT32_MIN)
		*value = (uint32_t)*value;
	return !narrow || *value <= UINT32_MAX;
}

static bool read_number(struct draft *draft, const cJSON *node, uint64_t *ret_value)
{
	if (!policy_value(draft->reader, node, &draft->argument, ret_value))
		return false;
	if (argument_is_pointer(draft->argument.type) && *ret_value != 0) {
		draft_error(draft, node, "pointer",
		            "%s is a pointer, whose number says nothing; expected 0, or the op "
		            "path, string or net",
		            draft->argument.name);
		return false;
	}
	if (fit(draft, ret_value))
		return true;
	draft_error(draft, node, "too-wide",
	            "the kernel takes 32 bits of %s, so it is never that; expected at most %u",
	            draft->argument.name, UINT32_MAX);
	return false;
}

static int read_compare(struct draft *draft)
{
	struct comparison *compare = &draft->condition->compare;

	if (!read_number(draft, draft->nodes.value, &compare->value))
		return 0;
	if (compare->op == COMPARE_MASKED_EQ) {
		if (!draft->nodes.value_two)
			draft_error(draft, draft->node, "no-value",
			            "SCMP_CMP_MASKED_EQ without valueTwo; expected the mask in "
			            "value and the wanted bits in valueTwo");
		else if (read_number(draft, draft->nodes.value_two, &compare->value_two) &&
		         (compare->value_two & ~compare->value))
			draft_error(draft, draft->nodes.value_two, "bits-outside-mask",
			            "bits outside the mask in value; expected none");
	}
	return 0;
}

static int read_in(struct draft *draft)
{
	const cJSON *list = draft->nodes.value;
	uint64_t *values = arena_alloc(&draft->reader->policy->arena, policy_list_length(list),
	                               sizeof(*values));
	size_t n = 0;

	if (!values)
		return -ENOMEM;
	if (policy_list_length(list) == 0)
		draft_error(draft, list, "empty", "an empty set; expected one value or more");
	for (const cJSON *at = policy_list_next(list, NULL); at; at = policy_list_next(list, at))
		if (read_number(draft, at, &values[n]))
			n++;
	draft->condition->values = values;
	draft->condition->n_values = n;
	return 0;
}

struct flags_nodes {
	const cJSON *all, *any, *none;
};

static const struct member flags_members[] = {
	{ "all", MEMBER_NUMBERS, offsetof(struct flags_nodes, all) },
	{ "any", MEMBER_NUMBERS, offsetof(struct flags_nodes, any) },
	{ "none", MEMBER_NUMBERS, offsetof(struct flags_nodes, none) },
};

static int read_flag_set(struct draft *draft, const cJSON *node, const struct flag_bits **ret_flags,
                         size_t *ret_n)
{
	size_t room = policy_flags_room(node);
	struct flag_bits *flags;

	*ret_n = 0;
	if (!node)
		return 0;
	flags = arena_alloc(&draft->reader->policy->arena, room, sizeof(*flags));
	if (!flags)
		return -ENOMEM;
	policy_flags(draft->reader, node, &draft->argument, flags, ret_n);
	if (room == 0)
		draft_error(draft, node, "empty", "an empty set; expected one flag or more");
	*ret_flags = flags;
	return 0;
}

static int read_flags(struct draft *draft)
{
	struct flags *flags = &draft->condition->flags;
	struct flags_nodes nodes;
	int r;

	if (!cJSON_IsObject(draft->nodes.value) || argument_is_pointer(draft->argument.type)) {
		draft_error(draft, draft->nodes.value, "flags",
		            argument_is_pointer(draft->argument.type)
		                    ? "%s is a pointer and has no flags"
		                    : "the flags of %s; expected an object of all, any and none",
		            draft->argument.name);
		return 0;
	}
	policy_members(draft->reader, draft->nodes.value, flags_members, ARRAY_SIZE(flags_members),
	               &nodes);
	if (!nodes.all && !nodes.any && !nodes.none)
		draft_error(draft, draft->nodes.value, "empty",
		            "no flags; expected all, any or none");
	r = read_flag_set(draft, nodes.all, &flags->all, &flags->n_all);
	if (r == 0)
		r = read_flag_set(draft, nodes.any, &flags->any, &flags->n_any);
	if (r == 0)
		r = read_flag_set(draft, nodes.none, &flags->none, &flags->n_none);
	return r;
}

static int read_globs(struct draft *draft)
{
	struct condition *condition = draft->condition;
	enum argument_type type = draft->argument.type;
	bool path = condition->kind == CONDITION_PATH;

	if (condition->operand.field ||
	    !(type == ARGUMENT_PATH || (type == ARGUMENT_STRING && !path))) {
		draft_error(draft, draft->nodes.op, "op-type",
		            "%s of %s is no %s; expected another op", draft->argument.name,
		            draft->binding->call.name, path ? "path" : "string");
		return 0;
	}
	if (!policy_is(draft->reader, draft->nodes.value, MEMBER_STRINGS))
		return 0;
	return policy_globs(draft->reader, draft->nodes.value, path ? GLOB_PATH : GLOB_TEXT,
	                    &condition->globs, &condition->n_globs);
}

static int read_net(struct draft *draft, const cJSON *node, struct net_pattern *ret_net)
{
	const char *copy = NULL, *expected;
	struct shown wrong;
	int r;

	if (!policy_is(draft->reader, node, MEMBER_STRING))
		return 0;
	r = policy_copy(draft->reader, node, &copy);
	if (r < 0)
		return r;
	expected = net_parse(copy, ret_net);
	if (expected)
		draft_error(draft, node, "address", "%s is no address pattern; expected %s",
		            shown(&wrong, copy), expected);
	return 0;
}

static int read_nets(struct draft *draft)
{
	const struct way_row *way = draft->binding->call.way;
	struct operand *operand = &draft->condition->operand;
	const cJSON *list = draft->nodes.value;
	struct net_pattern *nets;
	size_t n = 0;
	int r = 0;

	operand->message = way && way->address.message && way->address.index == operand->index;
	operand->reached = strcmp(draft->binding->call.name, "bind") != 0;
	if (operand->field || (draft->argument.type != ARGUMENT_SOCKADDR && !operand->message)) {
		draft_error(draft, draft->nodes.op, "op-type",
		            "%s of %s is no socket address; expected another op",
		            draft->argument.name, draft->binding->call.name);
		return 0;
	}
	if (!policy_is(draft->reader, list, MEMBER_STRINGS))
		return 0;
	nets = arena_alloc(&draft->reader->policy->arena, policy_list_length(list), sizeof(*nets));
	if (!nets)
		return -ENOMEM;
	if (policy_list_length(list) == 0)
		draft_error(draft, list, "empty",
		            "an empty list matches nothing; expected one "
		            "address or more");
	for (const cJSON *at = policy_list_next(list, NULL); at && r == 0;
	     at = policy_list_next(list, at))
		r = read_net(draft, at, &nets[n++]);
	draft->condition->nets = nets;
	draft->condition->n_nets = n;
	return r;
}

static const struct {
	const char *name; /* NULL: SCMP_CMP_* */
	int (*read)(struct draft *draft);
} ops[CONDITION_KIND_COUNT] = {
	[CONDITION_COMPARE] = { NULL, read_compare }, [CONDITION_IN] = { "in", read_in },
	[CONDITION_FLAGS] = { "flags", read_flags },  [CONDITION_STRING] = { "string", read_globs },
	[CONDITION_PATH] = { "path", read_globs },    [CONDITION_NET] = { "net", read_nets },
};

static bool find_op(struct draft *draft)
{
	const cJSON *node = draft->nodes.op;
	const char *name = node ? node->valuestring : "";
	struct near near = near_to(name);
	struct shown wrong, hint;

	for (unsigned kind = 0; kind < CONDITION_KIND_COUNT; kind++) {
		if (!ops[kind].name)
			continue;
		if (strcmp(ops[kind].name, name) == 0) {
			draft->condition->kind = kind;
			return true;
		}
		near_offer(&near, ops[kind].name);
	}
	draft->condition->kind = CONDITION_COMPARE;
	if (compare_by_name(name, &draft->condition->compare.op, &near))
		return true;
	draft_error(draft, node ? node : draft->node, "unknown-operator",
	            "%s%s; expected SCMP_CMP_EQ, NE, LT, LE, GE, GT or MASKED_EQ, or in, flags, "
	            "path, net or string%s",
	            node ? "unknown operator " : "no operator", node ? shown(&wrong, name) : "",
	            meant(&hint, near.best));
	return false;
}

static bool check_value_nodes(struct draft *draft)
{
	bool masked = draft->condition->kind == CONDITION_COMPARE &&
	              draft->condition->compare.op == COMPARE_MASKED_EQ;

	if (!draft->nodes.value) {
		draft_error(draft, draft->node, "no-value",
		            "no value; expected one to compare with");
		return false;
	}
	if (draft->nodes.value_two && !masked) {
		draft_error(draft, draft->nodes.value_two, "useless-value",
		            "only SCMP_CMP_MASKED_EQ has a valueTwo; expected none");
		return false;
	}
	return true;
}

/* ---- conditions */

/* Reads one condition for one binding. */
static int read_condition(struct policy_reader *reader, const cJSON *node,
                          const struct binding *binding, struct condition *ret_condition)
{
	struct draft draft = {
		.reader = reader, .binding = binding, .node = node, .condition = ret_condition
	};

	policy_members(reader, node, condition_members, ARRAY_SIZE(condition_members),
	               &draft.nodes);
	if (!find_op(&draft) || !check_value_nodes(&draft) || !policy_find_operand(&draft))
		return 0;
	return ops[ret_condition->kind].read(&draft);
}

/*
 * An ABI of 32 bits has some calls that take their arguments in a block of memory. Where the
 * condition means nothing for it, the rule cannot be judged there, and doubt denies.
 */
static int bind_foreign(struct policy_reader *reader, const cJSON *node, struct binding *binding,
                        struct condition *ret_condition)
{
	struct diags *diags = reader->diags, unsaid;
	int r;

	diags_init(&unsaid, "");
	reader->diags = &unsaid;
	r = read_condition(reader, node, binding, ret_condition);
	reader->diags = diags;
	binding->opaque |= unsaid.errors > 0;
	diags_deinit(&unsaid);
	return r;
}

static bool same_name(const struct binding *a, const struct binding *b)
{
	return strcmp(a->call.name, b->call.name) == 0;
}

static bool same_call(const struct binding *a, const struct binding *b)
{
	return a->signature == b->signature && same_name(a, b) && is_narrow(a) == is_narrow(b);
}

/* The first ABI that has the call, the native one if it has, says what is wrong with the words. */
static int bind_condition(struct policy_reader *reader, const cJSON *node, size_t first, size_t at)
{
	size_t errors = reader->diags->errors;
	int r = 0;

	if (!policy_is(reader, node, MEMBER_OBJECT))
		return 0;
	for (size_t i = first; i < reader->n_bindings && r == 0; i++) {
		struct binding *binding = &reader->bindings[i];
		struct condition *condition = &binding->conditions[at];

		if (i > first && same_call(binding - 1, binding))
			*condition = binding[-1].conditions[at];
		else if (i > first && same_name(binding - 1, binding))
			r = bind_foreign(reader, node, binding, condition);
		else
			r = read_condition(reader, node, binding, condition);
		if (reader->diags->errors > errors)
			break;
	}
	return r;
}

int policy_read_conditions(struct policy_reader *reader, const cJSON *list, size_t first)
{
	size_t n = list ? (size_t)cJSON_GetArraySize(list) : 0, at = 0;
	const cJSON *node;
	int r = 0;

	if (n > CONDITIONS_MAX) {
		policy_error(reader, list, "too-many-args", "%zu conditions; expected at most %d",
		             n, CONDITIONS_MAX);
		return 0;
	}
	for (size_t i = first; i < reader->n_bindings; i++) {
		struct binding *binding = &reader->bindings[i];

		binding->n_conditions = n;
		binding->conditions =
			arena_alloc(&reader->policy->arena, n, sizeof(*binding->conditions));
		if (!binding->conditions)
			return -ENOMEM;
	}
	cJSON_ArrayForEach (node, list) {
		r = bind_condition(reader, node, first, at++);
		if (r < 0)
			break;
	}
	return r;
}
