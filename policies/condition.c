/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/condition.h"

#include <string.h>

enum { STRUCT_MAX = 4096 }; /* copy_struct_from_user() takes no more than a page */

/* ---- numbers */

static uint64_t register_value(const struct view *view, unsigned index, bool is_32_bit)
{
	uint64_t value = view->call->args[index];

	return is_32_bit ? (uint32_t)value : value;
}

/*
 * A member of a struct with its size beside it: what is past the size is 0 to the kernel. The whole
 * struct is asked for, so that who performs the call has the bytes that were looked at.
 */
static int field_value(const struct operand *operand, struct view *view, uint64_t *ret_value)
{
	const struct field *field = operand->field;
	uint64_t size = register_value(view, operand->length, false);
	struct view_bytes bytes;
	uint32_t narrow;
	int r;

	if (size > STRUCT_MAX)
		return -E2BIG;
	*ret_value = 0;
	if (size < (uint64_t)field->offset + field->size)
		return 0;
	if (!view->reader)
		return -ENOSYS;
	r = view->reader->bytes(view, operand->index, size, &bytes);
	if (r < 0)
		return r;
	if (bytes.length < (size_t)field->offset + field->size)
		return -EFAULT;
	if (field->size == sizeof(narrow)) {
		memcpy(&narrow, bytes.bytes + field->offset, sizeof(narrow));
		*ret_value = narrow;
	} else {
		memcpy(ret_value, bytes.bytes + field->offset, sizeof(*ret_value));
	}
	return 0;
}

static int operand_value(const struct operand *operand, struct view *view, uint64_t *ret_value)
{
	if (operand->field)
		return field_value(operand, view, ret_value);
	*ret_value = register_value(view, operand->index, operand->is_32_bit);
	return 0;
}

static bool compare_holds(const struct condition *condition, uint64_t value)
{
	const struct comparison *compare = &condition->compare;

	switch (compare->op) {
	case COMPARE_NE:
		return value != compare->value;
	case COMPARE_LT:
		return value < compare->value;
	case COMPARE_LE:
		return value <= compare->value;
	case COMPARE_EQ:
		return value == compare->value;
	case COMPARE_GE:
		return value >= compare->value;
	case COMPARE_GT:
		return value > compare->value;
	case COMPARE_MASKED_EQ:
		return (value & compare->value) == (compare->value_two & compare->value);
	case COMPARE_COUNT:
		break;
	}
	return false;
}

static bool in_holds(const struct condition *condition, uint64_t value)
{
	for (size_t i = 0; i < condition->n_values; i++)
		if (condition->values[i] == value)
			return true;
	return false;
}

static size_t count_set(const struct flag_bits *flags, size_t n, uint64_t value)
{
	size_t set = 0;

	for (size_t i = 0; i < n; i++)
		set += (value & flags[i].mask) == flags[i].value;
	return set;
}

static bool flags_hold(const struct condition *condition, uint64_t value)
{
	const struct flags *flags = &condition->flags;

	return count_set(flags->all, flags->n_all, value) == flags->n_all &&
	       count_set(flags->none, flags->n_none, value) == 0 &&
	       (flags->n_any == 0 || count_set(flags->any, flags->n_any, value) > 0);
}

/* ---- memory */

static bool globs_hold(const struct condition *condition, enum glob_kind kind,
                       const struct view_bytes *text)
{
	for (size_t i = 0; i < condition->n_globs; i++)
		if (glob_match(kind, condition->globs[i], text->bytes, text->length))
			return true;
	return false;
}

static int string_holds(const struct condition *condition, struct view *view)
{
	struct view_bytes string;
	int r = view->reader->string(view, condition->operand.index, &string);

	return r < 0 ? r : globs_hold(condition, GLOB_TEXT, &string);
}

static int path_holds(const struct condition *condition, struct view *view)
{
	struct view_bytes path;
	int r = view->reader->path(view, condition->operand.index, &path);

	return r < 0 ? r : globs_hold(condition, GLOB_PATH, &path);
}

int operand_address(const struct operand *operand, struct view *view,
                    struct net_address *ret_address)
{
	int length = (int)(uint32_t)view->call->args[operand->length];
	struct view_bytes bytes = { "", 0 };
	int r = 0;

	*ret_address = (struct net_address){ .reached = operand->reached };
	if (!view->reader || (operand->message && !view->reader->message_address))
		return -ENOSYS;
	if (operand->message)
		r = view->reader->message_address(view, operand->index, &bytes);
	else if (view->call->args[operand->index] == 0)
		return 0;
	else if (length < 0 || (size_t)length > sizeof(struct sockaddr_storage))
		return -EINVAL;
	else if (length > 0)
		r = view->reader->bytes(view, operand->index, (size_t)length, &bytes);
	if (r < 0)
		return r;
	ret_address->bytes = bytes.bytes;
	ret_address->length = bytes.length;
	return 0;
}

static bool wants_path(const struct condition *condition)
{
	for (size_t i = 0; i < condition->n_nets; i++)
		if (condition->nets[i].kind == NET_UNIX_PATH)
			return true;
	return false;
}

static int resolve_path(const struct condition *condition, struct view *view,
                        struct net_address *address)
{
	struct view_bytes path;
	int r;

	if (!net_has_path(address) || !wants_path(condition))
		return 0;
	r = view->reader->path(view, condition->operand.index, &path);
	if (r < 0)
		return r;
	address->path = path.bytes;
	address->path_length = path.length;
	return 0;
}

static int net_holds(const struct condition *condition, struct view *view)
{
	struct net_address address;
	int r = operand_address(&condition->operand, view, &address);

	if (r == 0)
		r = resolve_path(condition, view, &address);
	if (r < 0)
		return r;
	for (size_t i = 0; i < condition->n_nets; i++)
		if (net_match(&condition->nets[i], &address))
			return 1;
	return 0;
}

/* ---- all */

static const struct {
	const char *name;
	bool (*number)(const struct condition *condition, uint64_t value);
	int (*memory)(const struct condition *condition, struct view *view);
} kinds[CONDITION_KIND_COUNT] = {
	[CONDITION_COMPARE] = { NULL, compare_holds, NULL },
	[CONDITION_IN] = { "in", in_holds, NULL },
	[CONDITION_FLAGS] = { "flags", flags_hold, NULL },
	[CONDITION_STRING] = { "string", NULL, string_holds },
	[CONDITION_PATH] = { "path", NULL, path_holds },
	[CONDITION_NET] = { "net", NULL, net_holds },
};

bool condition_reads_memory(const struct condition *condition)
{
	return kinds[condition->kind].memory || condition->operand.field;
}

int condition_holds(const struct condition *condition, struct view *view)
{
	uint64_t value;
	int r;

	if (kinds[condition->kind].memory)
		return view->reader ? kinds[condition->kind].memory(condition, view) : -ENOSYS;
	r = operand_value(&condition->operand, view, &value);
	return r < 0 ? r : kinds[condition->kind].number(condition, value);
}

const char *condition_op_name(const struct condition *condition)
{
	const char *name = kinds[condition->kind].name;

	return name ? name : compare_name(condition->compare.op);
}
