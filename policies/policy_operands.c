/* SPDX-License-Identifier: Apache-2.0 */
/* Which argument a condition is about: by name, by index, or a member of the struct behind one. */
#include <string.h>

#include "common/text.h"
#include "policies/policy_draft.h"

enum { ARGS = 6 };

static unsigned argument_count(const struct signature *signature)
{
	return signature ? signature_length(signature) : ARGS;
}

/* The index of the only argument of a type; ARGS where there is none, or more than one. */
static unsigned only_argument(const struct signature *signature, enum argument_type type)
{
	unsigned found = ARGS;

	for (unsigned i = 0; i < argument_count(signature); i++) {
		if (signature->args[i].type != type)
			continue;
		if (found != ARGS)
			return ARGS;
		found = i;
	}
	return found;
}

/* Names that stand for an argument whatever the man page calls it. */
static const struct {
	const char *name;
	enum argument_type type;
} aliases[] = {
	{ "path", ARGUMENT_PATH },
	{ "addr", ARGUMENT_SOCKADDR },
};

static unsigned argument_by_alias(const struct binding *binding, const char *name)
{
	const struct way_row *way = binding->call.way;

	if (strcmp(name, "addr") == 0 && way && way->address.message)
		return way->address.index;
	for (size_t i = 0; i < ARRAY_SIZE(aliases); i++)
		if (strcmp(aliases[i].name, name) == 0)
			return only_argument(binding->signature, aliases[i].type);
	return ARGS;
}

static unsigned argument_by_name(const struct binding *binding, const char *name, struct near *near)
{
	const struct signature *signature = binding->signature;

	for (unsigned i = 0; i < argument_count(signature); i++) {
		if (strcmp(signature->args[i].name, name) == 0)
			return i;
		near_offer(near, signature->args[i].name);
	}
	return argument_by_alias(binding, name);
}

static bool take_argument(struct draft *draft, unsigned index)
{
	const struct signature *signature = draft->binding->signature;

	draft->condition->operand.index = (uint8_t)index;
	draft->argument = (struct argument){ .name = "the argument", .type = ARGUMENT_HEX };
	if (signature)
		draft->argument = signature->args[index];
	draft->condition->operand.length = draft->argument.length;
	draft->condition->operand.is_32_bit = argument_is_32_bit(draft->argument.type);
	return true;
}

static void complain_name(const struct draft *draft, const struct near *near)
{
	const struct signature *signature = draft->binding->signature;
	struct shown wrong, hint;
	char names[256];
	struct text text = TEXT_OVER(names);

	for (unsigned i = 0; signature && i < signature_length(signature); i++)
		text_printf(&text, "%s, ", signature->args[i].name);
	draft_error(draft, draft->nodes.arg, "unknown-argument",
	            "%s has no argument %s; expected %sor path or addr for its only one%s",
	            draft->binding->call.name, shown(&wrong, draft->nodes.arg->valuestring),
	            signature ? text.bytes : "index, as no names are known, ",
	            meant(&hint, near->best));
}

static bool find_by_name(struct draft *draft)
{
	const char *name = draft->nodes.arg->valuestring;
	struct near near = near_to(name);
	unsigned index = ARGS;

	if (draft->binding->signature)
		index = argument_by_name(draft->binding, name, &near);
	if (index < ARGS)
		return take_argument(draft, index);
	complain_name(draft, &near);
	return false;
}

static bool find_by_index(struct draft *draft)
{
	unsigned count = argument_count(draft->binding->signature);
	uint64_t index;

	if (json_uint(draft->reader->document, draft->nodes.index, ARGS - 1, &index) == 0 &&
	    index < count)
		return take_argument(draft, (unsigned)index);
	if (count == 0)
		draft_error(draft, draft->nodes.index, "index", "%s has no arguments",
		            draft->binding->call.name);
	else
		draft_error(draft, draft->nodes.index, "index",
		            "%s has no such argument; expected 0 to %u", draft->binding->call.name,
		            count - 1);
	return false;
}

static const struct {
	const char *name;
	enum argument_type type;
} structs[] = {
	{ "clone_args", ARGUMENT_CLONE_ARGS },
	{ "open_how", ARGUMENT_OPEN_HOW },
	{ "mount_attr", ARGUMENT_MOUNT_ATTR },
};

static const struct field *find_field(const char *member, const struct layout *layout,
                                      struct near *near)
{
	for (size_t i = 0; i < layout->n_fields; i++) {
		if (strcmp(layout->fields[i].argument.name, member) == 0)
			return &layout->fields[i];
		near_offer(near, layout->fields[i].argument.name);
	}
	return NULL;
}

static bool take_field(struct draft *draft, unsigned index, enum argument_type type,
                       const char *member)
{
	struct near near = near_to(member);
	const struct field *field = find_field(member, signature_layout(type), &near);
	struct shown wrong, hint;

	if (!field) {
		draft_error(draft, draft->nodes.field, "unknown-field",
		            "the struct has no member %s that a rule can look at%s",
		            shown(&wrong, member), meant(&hint, near.best));
		return false;
	}
	take_argument(draft, index);
	draft->condition->operand.field = field;
	draft->condition->operand.is_32_bit = field->size == sizeof(uint32_t);
	draft->argument = field->argument;
	return true;
}

static bool find_by_field(struct draft *draft)
{
	const char *name = draft->nodes.field->valuestring, *dot = strchr(name, '.');
	struct shown wrong;

	for (size_t i = 0; dot && draft->binding->signature && i < ARRAY_SIZE(structs); i++) {
		unsigned index;

		if (strlen(structs[i].name) != (size_t)(dot - name) ||
		    strncmp(structs[i].name, name, (size_t)(dot - name)) != 0)
			continue;
		index = only_argument(draft->binding->signature, structs[i].type);
		if (index < ARGS)
			return take_field(draft, index, structs[i].type, dot + 1);
	}
	draft_error(draft, draft->nodes.field, "unknown-field",
	            "%s takes no struct with %s; expected clone_args.MEMBER (clone3), "
	            "open_how.MEMBER (openat2) or mount_attr.MEMBER (mount_setattr)",
	            draft->binding->call.name, shown(&wrong, name));
	return false;
}

bool policy_find_operand(struct draft *draft)
{
	const struct condition_nodes *nodes = &draft->nodes;

	if (!!nodes->arg + !!nodes->index + !!nodes->field != 1) {
		draft_error(draft, draft->node, "no-argument",
		            "expected exactly one of arg (a name), index (0 to 5) and field "
		            "(STRUCT.MEMBER)");
		return false;
	}
	if (nodes->arg)
		return find_by_name(draft);
	return nodes->index ? find_by_index(draft) : find_by_field(draft);
}
