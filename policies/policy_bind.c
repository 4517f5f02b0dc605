/* SPDX-License-Identifier: Apache-2.0 */
/* From the names of syscalls to their numbers in each ABI. */
#include <seccomp.h>
#include <string.h>

#include "policies/policy_reader.h"
#include "profiles/resolve.h"
#include "profiles/syscalls.h"

static int add_binding(struct policy_reader *reader, const struct binding *binding)
{
	if (reader->n_bindings == reader->bindings_room) {
		size_t room = reader->bindings_room ? reader->bindings_room * 2 : 64;
		struct binding *grown = reallocarray(reader->bindings, room, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		reader->bindings = grown;
		reader->bindings_room = room;
	}
	reader->bindings[reader->n_bindings] = *binding;
	reader->bindings[reader->n_bindings].order = reader->n_bindings;
	reader->n_bindings++;
	return 0;
}

/* The number of a name that is newer than libseccomp; -1 where this ABI has none. */
static int newer_number(uint32_t arch, const char *name)
{
	char buf[SYSCALL_NAME_SIZE];

	for (int nr = syscall_next(arch, -1); nr >= 0; nr = syscall_next(arch, nr))
		if (strcmp(syscall_name(arch, nr, buf, sizeof(buf)), name) == 0)
			return nr;
	return -1;
}

static void resolve(uint32_t arch, const char *name, struct numbers *ret_numbers)
{
	if (numbers_resolve(arch, name, ret_numbers) == 0)
		return;
	*ret_numbers = (struct numbers){ .direct = newer_number(arch, name), .mux = -1 };
}

/* The bindings of one ABI: the number of its own, and the multiplexer's. */
static int bind_arch(struct policy_reader *reader, uint32_t arch, const char *name,
                     const struct policy_rule *rule)
{
	struct binding binding = {
		.call = { .arch = arch, .name = name, .way = way_find(name) },
		.signature = signature_find(arch, name),
		.rule = rule,
	};
	struct numbers numbers;
	int r = 0;

	resolve(arch, name, &numbers);
	if (numbers.direct >= 0) {
		binding.call.nr = numbers.direct;
		r = add_binding(reader, &binding);
	}
	if (r == 0 && numbers.mux >= 0) {
		binding.call.nr = numbers.mux;
		binding.call.muxed = true;
		binding.opaque = true;
		binding.call.mux_call = (uint32_t)numbers.mux_call;
		r = add_binding(reader, &binding);
	}
	return r;
}

static bool is_known(struct policy_reader *reader, const cJSON *node)
{
	const char *name = node->valuestring;
	char nearest[SYSCALL_NAME_SIZE] = "";
	struct shown wrong, hint;

	if (syscall_known(name) || syscall_is_newer(&reader->newer, name))
		return true;
	if (reader->searches++ < SEARCHES_MAX)
		syscall_nearest(name, nearest);
	policy_error(reader, node, "unknown-syscall",
	             "no syscall is called %s; expected a name as in "
	             "syscalls(2)%s",
	             shown(&wrong, name), meant(&hint, nearest[0] ? nearest : NULL));
	return false;
}

int policy_bind(struct policy_reader *reader, const cJSON *node, const struct policy_rule *rule)
{
	size_t first = reader->n_bindings;
	const char *name = NULL;
	char buf[32];
	int r;

	if (!is_known(reader, node))
		return 0;
	r = policy_copy(reader, node, &name);
	for (size_t i = 0; i < reader->n_archs && r == 0; i++)
		r = bind_arch(reader, reader->archs[i], name, rule);
	if (r == 0 && reader->n_bindings == first)
		json_complain(reader->document, node, reader->diags, DIAG_WARNING, "not-here",
		              "%s does not exist on %s, so nobody can call it", name,
		              syscall_arch_name(reader->archs[0], buf, sizeof(buf)));
	if (reader->n_bindings > POLICY_MATCHES_MAX) {
		policy_error(reader, node, "too-many-names",
		             "too many names in all rules together");
		r = -EFBIG;
	}
	return r;
}
