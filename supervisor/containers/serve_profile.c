/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/containers/serve_profile.h"

#include <stdio.h>
#include <string.h>

#include "common/json.h"
#include "profiles/profile_names.h"
#include "supervisor/files/input_file.h"
#include "supervisor/files/profile_file.h"

/* What is left to us has no rule then: refused with EPERM, and told so. */
static const char no_profile[] = "{\"defaultAction\":\"SCMP_ACT_NOTIFY\"}";

struct search {
	const struct serve_places *places;
	const struct serve_config *config;
	size_t rule; /* of the configuration */
	const struct container *container;
	char *config_json; /* the bundle's; NULL or "" where there is none for us */
	struct host host;
	struct serve_profile *found;
};

/* ---- the container's capabilities */

static uint64_t caps_of(const cJSON *list)
{
	const cJSON *node;
	uint64_t caps = 0;

	cJSON_ArrayForEach (node, list) {
		struct near near = near_to("");
		unsigned number;

		if (cJSON_IsString(node) && capability_by_name(node->valuestring, &number, &near))
			caps |= UINT64_C(1) << number;
	}
	return caps;
}

/* As the engines ask a profile's rules: with the bounding set. Left alone where it is not there. */
static void read_caps(const char *config_json, uint64_t *caps)
{
	_cleanup_(json_freep) struct json_document *document = NULL;
	_cleanup_free_ char *bytes = NULL;
	const cJSON *list = NULL;
	struct diags unsaid;
	size_t len;

	diags_init(&unsaid, config_json);
	if (input_file_read(config_json, &unsaid, &bytes, &len) == 0 &&
	    json_parse(bytes, len, &unsaid, &document) == 0)
		list = json_member(
			json_member(json_member(json_root(document), "process"), "capabilities"),
			"bounding");
	if (cJSON_IsArray(list))
		*caps = caps_of(list);
	diags_deinit(&unsaid);
}

static bool has_bundle(const struct search *search)
{
	return search->config_json && search->config_json[0];
}

/* ---- one place after the other */

static int resolve(const struct search *search, const struct profile *profile, struct diags *diags)
{
	return ruleset_build(profile, &search->host, diags, &search->found->ruleset);
}

/* Of what went wrong the first is kept. */
static int conclude(const struct search *search, int r, struct diags *diags)
{
	struct serve_profile *found = search->found;

	if (r < 0 && r != -ENOMEM && !found->said[0])
		diags_first_error(diags, found->said, sizeof(found->said));
	found->found = r == 0;
	diags_deinit(diags);
	return r;
}

/* Takes a profile that was read for this container, if it was. */
static int take(const struct search *search, int r, struct profile *profile, struct diags *diags)
{
	if (r == 0)
		r = resolve(search, profile, diags);
	if (r == 0)
		search->found->own = profile;
	else
		profile_freep(&profile);
	return conclude(search, r, diags);
}

static int by_config(const struct search *search, size_t rule)
{
	const struct profile *profile = search->config->files[rule].profile;
	struct diags diags;

	if (!profile)
		return -ENOENT;
	diags_init(&diags, profile->file);
	return conclude(search, resolve(search, profile, &diags), &diags);
}

static int by_rule(const struct search *search)
{
	if (search->rule == search->config->assignments.n_rules - 1)
		return -ENOENT;
	return by_config(search, search->rule);
}

static int by_default(const struct search *search)
{
	return by_config(search, search->config->assignments.n_rules - 1);
}

static int by_metadata(const struct search *search)
{
	const char *name = search->container->profile;
	struct profile *profile = NULL;
	struct diags diags;
	int r;

	if (!name)
		return -ENOENT;
	diags_init(&diags, name);
	r = serve_profile_load(search->places, name, &diags, &profile);
	return take(search, r, profile, &diags);
}

static int by_bundle(const struct search *search)
{
	static const enum dialect oci = DIALECT_OCI;
	struct profile *profile = NULL;
	struct diags diags;
	int r;

	if (!has_bundle(search))
		return -ENOENT;
	diags_init(&diags, search->config_json);
	r = profile_load_as(search->config_json, &oci, &diags, &profile);
	return take(search, r, profile, &diags);
}

static int by_nobody(const struct search *search)
{
	struct profile *profile = NULL;
	struct diags diags;
	int r;

	diags_init(&diags, "no profile");
	r = profile_parse("no profile", "no profile", no_profile, strlen(no_profile), &diags,
	                  &profile);
	r = take(search, r, profile, &diags);
	search->found->found = false;
	return r;
}

static int (*const places_in_order[])(const struct search *search) = {
	by_rule, by_metadata, by_bundle, by_default, by_nobody,
};

static int prepare(struct search *search, const char *bundle)
{
	const struct assignment *gives;
	char *path = NULL;

	search->rule = serve_config_choose(search->config, search->container);
	gives = &search->config->assignments.rules[search->rule].gives;
	if (bundle && asprintf(&path, "%s/config.json", bundle) < 0)
		return -ENOMEM;
	if (path && access(path, R_OK) < 0) /* not ours to read, or gone: nothing to tell of */
		path[0] = '\0';
	search->config_json = path;
	host_here(&search->host);
	if (gives->caps_given)
		search->host.caps = gives->caps;
	else if (has_bundle(search))
		read_caps(search->config_json, &search->host.caps);
	return 0;
}

int serve_profile_find(const struct serve_places *places, const struct serve_config *config,
                       const struct container *container, const char *bundle,
                       struct serve_profile *ret_profile)
{
	struct search search = {
		.places = places, .config = config, .container = container, .found = ret_profile
	};
	int r = prepare(&search, bundle);

	*ret_profile = (struct serve_profile){ 0 };
	for (size_t i = 0; i < ARRAY_SIZE(places_in_order) && r != -ENOMEM; i++) {
		r = places_in_order[i](&search);
		if (r == 0)
			break;
	}
	free(search.config_json);
	return r;
}

void serve_profile_deinit(struct serve_profile *profile)
{
	ruleset_freep(&profile->ruleset);
	profile_freep(&profile->own);
}
