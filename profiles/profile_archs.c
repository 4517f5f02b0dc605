/* SPDX-License-Identifier: Apache-2.0 */
/* `architectures` and `archMap`: the ABIs that the filter is for. */
#include "profiles/profile_reader.h"

#include <seccomp.h>

#include "profiles/profile_names.h"

/* Reads one name, spelt exactly. False where it names nothing: said at level. */
static bool read_exact_arch(struct reader *reader, const cJSON *node, enum diag_level level,
                            uint32_t *ret_arch)
{
	const char *name = node->valuestring;
	struct near near = near_to(name);
	struct shown wrong, hint;
	const char *alias = arch_meant(name);

	if (arch_by_name(name, ret_arch, &near))
		return true;
	json_complain(reader->document, node, reader->diags, level, "unknown-architecture",
	              "unknown architecture %s; expected SCMP_ARCH_X86_64 or the like%s",
	              shown(&wrong, name), meant(&hint, alias ? alias : near.best));
	return false;
}

/* Reads one name that the runtime itself reads; crun does so loosely. */
static bool read_arch(struct reader *reader, const cJSON *node, enum diag_level level,
                      uint32_t *ret_arch)
{
	if (reader->profile->dialect == DIALECT_PODMAN &&
	    arch_by_loose_name(node->valuestring, ret_arch))
		return true;
	return read_exact_arch(reader, node, level, ret_arch);
}

/*
 * Reads a list of names into entry->sub, all of which the filter will be asked to cover. The
 * engines hand the runtime the list of the host's own entry and no other.
 */
static int read_archs(struct reader *reader, const cJSON *list, struct arch_entry *entry)
{
	bool always_seen = !entry->arch || !reader->profile->as_engine;
	enum diag_level level = always_seen ? DIAG_ERROR : DIAG_WARNING;
	const cJSON *element;
	uint32_t arch;

	entry->sub = calloc((size_t)cJSON_GetArraySize(list) + 1, sizeof(*entry->sub));
	if (!entry->sub)
		return -ENOMEM;
	cJSON_ArrayForEach (element, list) {
		if (!reader_element_is(reader, element, FIELD_STRING))
			continue;
		if (read_arch(reader, element, level, &arch))
			entry->sub[entry->n_sub++] = arch;
		else
			entry->refused = true;
	}
	return 0;
}

static struct arch_entry *new_entries(struct profile *profile, size_t count)
{
	profile->archs = calloc(count, sizeof(*profile->archs));
	return profile->archs;
}

/* The plain list. Unlike an entry for another host, an ABI that cannot be filtered is refused. */
static int read_list(struct reader *reader, const cJSON *list)
{
	struct arch_entry *entry = new_entries(reader->profile, 1);
	int r;

	if (!entry)
		return -ENOMEM;
	reader->profile->n_archs = 1;
	r = read_archs(reader, list, entry);
	for (size_t i = 0; r == 0 && i < entry->n_sub; i++)
		if (!arch_supported(entry->sub[i]))
			complain_error(reader, list, "unsupported-architecture",
			               "libseccomp %u.%u.%u cannot filter one of these "
			               "architectures; expected those it knows",
			               seccomp_version()->major, seccomp_version()->minor,
			               seccomp_version()->micro);
	return r;
}

struct entry_nodes {
	const cJSON *architecture;
	const cJSON *sub;
};

static const struct field entry_fields[] = {
	{ "architecture", FIELD_STRING, IN_ENGINES, offsetof(struct entry_nodes, architecture) },
	{ "subArchitectures", FIELD_LIST, IN_ENGINES, offsetof(struct entry_nodes, sub) },
};

/* The runtimes look an entry up by the host's name, so one that is misspelt is never found. */
static int read_entry(struct reader *reader, const cJSON *node)
{
	struct profile *profile = reader->profile;
	struct arch_entry *entry = &profile->archs[profile->n_archs];
	struct entry_nodes nodes;

	if (!reader_element_is(reader, node, FIELD_OBJECT))
		return 0;
	reader_fields(reader, node, entry_fields, ARRAY_SIZE(entry_fields), &nodes);
	if (!nodes.architecture) {
		complain_warning(reader, node, "missing-architecture",
		                 "no architecture; the entry is never used");
		return 0;
	}
	if (!read_exact_arch(reader, nodes.architecture, DIAG_WARNING, &entry->arch))
		return 0;
	profile->n_archs++; /* now profile_free() finds it */
	return read_archs(reader, nodes.sub, entry);
}

int profile_read_archs(struct reader *reader, const cJSON *architectures, const cJSON *arch_map)
{
	const cJSON *element;
	int r = 0;

	if (cJSON_GetArraySize(architectures) > 0 && cJSON_GetArraySize(arch_map) > 0) {
		complain_error(reader, arch_map, "architectures-twice",
		               "both archMap and architectures; expected one of them");
		return 0;
	}
	if (cJSON_GetArraySize(architectures) > 0)
		return read_list(reader, architectures);
	if (!new_entries(reader->profile, (size_t)cJSON_GetArraySize(arch_map) + 1))
		return -ENOMEM;
	cJSON_ArrayForEach (element, arch_map) {
		if (r == 0)
			r = read_entry(reader, element);
	}
	return r;
}

bool profile_covers_arch(const struct profile *profile, uint32_t scmp_arch)
{
	if (profile->n_archs == 0 || profile->archs[0].arch != 0)
		return true;
	for (size_t i = 0; i < profile->archs[0].n_sub; i++)
		if (profile->archs[0].sub[i] == scmp_arch)
			return true;
	return false;
}
