/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/containers/serve_config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/files/input_file.h"
#include "supervisor/files/policy_file.h"
#include "supervisor/files/profile_file.h"

#define POLICIES_DIRECTORY "/etc/callgate/policies"

static const struct place nowhere; /* the file as a whole */

/* ---- files by name */

/* DIRECTORY/NAME.json; -ENOMEM. */
static int path_in(const char *directory, const char *name, char **ret_path)
{
	size_t len = strlen(name);
	bool suffixed = len > strlen(".json") && strcmp(name + len - strlen(".json"), ".json") == 0;

	if (asprintf(ret_path, "%s/%s%s", directory, name, suffixed ? "" : ".json") >= 0)
		return 0;
	*ret_path = NULL;
	return -ENOMEM;
}

int serve_profile_load(const struct serve_places *places, const char *name, struct diags *diags,
                       struct profile **ret_profile)
{
	_cleanup_free_ char *path = NULL;

	if (places->profiles && name[0] != '.' && !strchr(name, '/')) {
		int r = path_in(places->profiles, name, &path);

		if (r < 0)
			return r;
		if (access(path, F_OK) == 0)
			return profile_load(path, diags, ret_profile);
	}
	return profile_load(name, diags, ret_profile);
}

/* An allow that could be raced is never given in its place; and containers are not frozen. */
static int check_classes(const struct policy *policy, struct diags *diags)
{
	enum policy_class class;
	const struct policy_syscall *syscall = policy_unenforced(policy, false, &class);

	if (!syscall)
		return 0;
	diags_add(diags, DIAG_ERROR, "class", nowhere, "",
	          "the rules on %s are of class %s, which cannot be enforced for containers",
	          syscall->name, policy_class_name(class));
	return -EOPNOTSUPP;
}

/* The policy's diagnostics become the caller's: they name its file. */
static int load_policy(const struct serve_places *places, const char *name, struct diags *diags,
                       struct generations *policies)
{
	_cleanup_free_ char *path = NULL;
	struct loaded_policy loaded;
	int r = 0;

	if (!strchr(name, '/'))
		r = path_in(places->policies ? places->policies : POLICIES_DIRECTORY, name, &path);
	if (r < 0)
		return r;
	r = loaded_policy_open(path ? path : name, 0, GENERATION_FIRST, &loaded);
	if (r == 0)
		r = check_classes(loaded.policy, &loaded.diags);
	if (r == 0) {
		generations_add(policies, TAKE_PTR(loaded.policy));
	} else {
		diags_deinit(diags);
		*diags = loaded.diags;
		loaded.diags = (struct diags){ 0 };
	}
	loaded_policy_deinit(&loaded);
	return r;
}

/* ---- the configuration */

static int load_files(const struct serve_places *places, const struct assignment *gives,
                      struct diags *diags, struct serve_files *files)
{
	int r = 0;

	if (gives->profile)
		r = serve_profile_load(places, gives->profile, diags, &files->profile);
	if (r == 0 && gives->policy)
		r = load_policy(places, gives->policy, diags, &files->policies);
	return r;
}

static int read_assignments(const struct serve_places *places, struct diags *diags,
                            struct assignments *ret_assignments)
{
	_cleanup_free_ char *bytes = NULL;
	size_t len = 0;
	int r = places->config ? input_file_read(places->config, diags, &bytes, &len) : 0;

	return r < 0 ? r : assignments_parse(bytes, len, diags, ret_assignments);
}

static int read_config(const struct serve_places *places, struct diags *diags,
                       struct serve_config *config)
{
	int r = read_assignments(places, diags, &config->assignments);

	if (r < 0)
		return r;
	config->files = calloc(config->assignments.n_rules, sizeof(*config->files));
	if (!config->files)
		return -ENOMEM;
	for (size_t i = 0; i < config->assignments.n_rules && r == 0; i++)
		r = load_files(places, &config->assignments.rules[i].gives, diags,
		               &config->files[i]);
	return r;
}

int serve_config_read(const struct serve_places *places, struct diags *diags,
                      struct serve_config **ret_config)
{
	struct serve_config *config = calloc(1, sizeof(*config));
	int r = config ? 0 : -ENOMEM;

	if (r < 0)
		return r;
	config->holders = 1;
	r = read_config(places, diags, config);
	if (r < 0)
		serve_config_release(config);
	else
		*ret_config = config;
	return r;
}

struct serve_config *serve_config_hold(struct serve_config *config)
{
	config->holders++;
	return config;
}

void serve_config_release(struct serve_config *config)
{
	if (!config || --config->holders > 0)
		return;
	for (size_t i = 0; config->files && i < config->assignments.n_rules; i++) {
		profile_freep(&config->files[i].profile);
		generations_deinit(&config->files[i].policies);
	}
	free(config->files);
	assignments_deinit(&config->assignments);
	free(config);
}

size_t serve_config_choose(const struct serve_config *config, const struct container *container)
{
	const struct view_caller caller = {
		.init = !container->exec,
		.container_id = container->id,
		.container_name = container->name,
		.metadata = container->metadata,
		.annotations = container->annotations,
		.n_annotations = container->n_annotations,
	};

	return assignments_choose(&config->assignments, &caller);
}
