/* SPDX-License-Identifier: Apache-2.0 */
/* `includes` and `excludes`: on which hosts a rule counts. */
#include "profiles/profile_reader.h"

#include <ctype.h>

#include "profiles/profile_names.h"

struct gate_nodes {
	const cJSON *caps;
	const cJSON *arches;
	const cJSON *min_kernel;
};

static const struct field gate_fields[] = {
	{ "caps", FIELD_LIST, IN_ENGINES, offsetof(struct gate_nodes, caps) },
	{ "arches", FIELD_LIST, IN_ENGINES, offsetof(struct gate_nodes, arches) },
	{ "minKernel", FIELD_STRING, IN_DOCKER, offsetof(struct gate_nodes, min_kernel) },
};

static void read_cap(struct reader *reader, const cJSON *node, struct gate *gate)
{
	struct near near = near_to(node->valuestring);
	struct shown wrong, hint;
	unsigned number;

	if (capability_by_name(node->valuestring, &number, &near)) {
		gate->caps |= UINT64_C(1) << number;
		return;
	}
	gate->unknown_caps = true;
	complain_warning(reader, node, "unknown-capability",
	                 "no capability is called %s, so nobody holds it; expected CAP_CHOWN or "
	                 "the like%s",
	                 shown(&wrong, node->valuestring), meant(&hint, near.best));
}

static void read_caps(struct reader *reader, const cJSON *list, struct gate *gate)
{
	const cJSON *element;

	cJSON_ArrayForEach (element, list) {
		if (reader_element_is(reader, element, FIELD_STRING))
			read_cap(reader, element, gate);
	}
}

static void check_arches(struct reader *reader, const cJSON *list)
{
	const cJSON *element;

	cJSON_ArrayForEach (element, list) {
		const char *name = reader_string(cJSON_IsString(element) ? element : NULL);
		struct near near = near_to(name);
		const char *alias = host_arch_meant(name);
		struct shown wrong, hint;

		if (!cJSON_IsString(element) || host_arch_by_name(name, &near))
			continue;
		complain_warning(reader, element, "unknown-architecture",
		                 "no host is called %s, so it never matches; expected Go's name, "
		                 "amd64 or the like%s",
		                 shown(&wrong, name), meant(&hint, alias ? alias : near.best));
	}
}

/* Reads decimal digits up to end; false if there are none, other bytes, or the number is over 255.
 */
static bool read_version_part(const char **at, char end, unsigned *ret_number)
{
	const char *start = *at;
	unsigned number = 0;

	for (; isdigit((unsigned char)**at); (*at)++) {
		number = number * 10 + (unsigned)(**at - '0');
		if (number > 255)
			return false;
	}
	if (*at == start || **at != end)
		return false;
	*ret_number = number;
	return true;
}

static void read_min_kernel(struct reader *reader, const cJSON *node, struct kernel_version *ret)
{
	const char *at = reader_string(node);
	struct kernel_version version;
	struct shown wrong;

	if (!*at)
		return;
	if (read_version_part(&at, '.', &version.major) && *at++ &&
	    read_version_part(&at, '\0', &version.minor) && (version.major || version.minor)) {
		*ret = version;
		return;
	}
	complain_error(reader, node, "kernel-version",
	               "%s is not a kernel version; expected two numbers up to 255, such as "
	               "\"4.8\", and not 0.0",
	               shown(&wrong, node->valuestring));
}

int profile_read_gate(struct reader *reader, const cJSON *object, struct gate *ret_gate)
{
	struct gate_nodes nodes;

	if (!object)
		return 0;
	reader_fields(reader, object, gate_fields, ARRAY_SIZE(gate_fields), &nodes);
	read_caps(reader, nodes.caps, ret_gate);
	read_min_kernel(reader, nodes.min_kernel, &ret_gate->min_kernel);
	check_arches(reader, nodes.arches);
	return reader_strings(reader, nodes.arches, &ret_gate->arches, &ret_gate->n_arches);
}
