/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/files/profile_file.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/near.h"
#include "supervisor/files/input_file.h"

#define SUFFIX ".json"
#define SYSTEM_DIRECTORY "/etc/callgate/profiles"

static const struct place nowhere; /* the file as a whole */

/* ---- reading */

static int read_file(const char *path, struct diags *diags, struct profile_bytes *bytes)
{
	bytes->file = strdup(path);
	return bytes->file ? input_file_read(path, diags, &bytes->bytes, &bytes->len) : -ENOMEM;
}

/* ---- names */

/* *ret_path is NULL where the environment names no directory of the user's. */
static int user_directory(char **ret_path)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	char *path = NULL;
	int r = 0;

	/* The XDG base directory specification: a relative path is to be ignored. */
	if (config && config[0] == '/')
		r = asprintf(&path, "%s/callgate/profiles", config);
	else if (home && home[0] == '/')
		r = asprintf(&path, "%s/.config/callgate/profiles", home);
	if (r < 0)
		return -ENOMEM;
	*ret_path = path;
	return 0;
}

/* *ret_path becomes the path of NAME.json in directory, or NULL if nothing is there. */
static int find_in(const char *directory, const char *name, char **ret_path)
{
	_cleanup_free_ char *path = NULL;
	struct stat status;

	if (asprintf(&path, "%s/%s" SUFFIX, directory, name) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	if (lstat(path, &status) < 0 && (errno == ENOENT || errno == ENOTDIR))
		path[0] = '\0';
	*ret_path = path[0] ? TAKE_PTR(path) : NULL;
	return 0;
}

static void list_shipped(FILE *out)
{
	for (size_t i = 0; profile_shipped_names[i]; i++)
		fprintf(out, "%s%s", i ? ", " : "", profile_shipped_names[i]);
}

static int not_found(const char *wanted, const char *directory, struct diags *diags)
{
	struct near near = near_to(wanted);
	_cleanup_free_ char *message = NULL;
	size_t len;
	FILE *out = open_memstream(&message, &len);

	if (!out)
		return -ENOMEM;
	fprintf(out, "no such profile; expected a path, one of the shipped profiles (");
	list_shipped(out);
	fprintf(out, "), or NAME" SUFFIX " in %s%s" SYSTEM_DIRECTORY, directory ? directory : "",
	        directory ? " or " : "");
	for (size_t i = 0; profile_shipped_names[i]; i++)
		near_offer(&near, profile_shipped_names[i]);
	if (near.best)
		fprintf(out, "; did you mean \"%s\"?", near.best);
	if (fclose(out) != 0)
		return -ENOMEM;
	diags_add(diags, DIAG_ERROR, "no-profile", nowhere, "", "%s", message);
	return -ENOENT;
}

static int copy_shipped(const char *name, struct diags *diags, struct profile_bytes *bytes)
{
	const char *shipped = profile_shipped(name, &bytes->len);

	if (!shipped)
		return -ENOENT;
	diags_set_file(diags, name);
	bytes->shipped = true;
	bytes->file = strdup(name);
	bytes->bytes = malloc(bytes->len + 1);
	if (!bytes->file || !bytes->bytes)
		return -ENOMEM;
	memcpy(bytes->bytes, shipped, bytes->len);
	return 0;
}

static int read_name(const char *name, struct diags *diags, struct profile_bytes *bytes)
{
	_cleanup_free_ char *user = NULL;
	int r = user_directory(&user);
	const char *const directories[] = { user, SYSTEM_DIRECTORY };

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(directories); i++) {
		_cleanup_free_ char *path = NULL;

		if (directories[i])
			r = find_in(directories[i], name, &path);
		if (path)
			return read_file(path, diags, bytes);
	}
	if (r < 0)
		return r;
	r = copy_shipped(name, diags, bytes);
	return r == -ENOENT ? not_found(name, user, diags) : r;
}

static bool is_path(const char *wanted)
{
	size_t len = strlen(wanted);

	if (strchr(wanted, '/'))
		return true;
	return len > strlen(SUFFIX) && strcmp(wanted + len - strlen(SUFFIX), SUFFIX) == 0 &&
	       access(wanted, F_OK) == 0;
}

static int read_wanted(const char *wanted, struct diags *diags, struct profile_bytes *bytes)
{
	if (is_path(wanted))
		return read_file(wanted, diags, bytes);
	if (wanted[0] == '\0' || wanted[0] == '.') {
		diags_set_file(diags, wanted);
		diags_add(diags, DIAG_ERROR, "no-profile", nowhere, "",
		          "not a profile's name; expected a path, or a name that does not start "
		          "with '.'");
		return -ENOENT;
	}
	return read_name(wanted, diags, bytes);
}

int profile_read(const char *wanted, struct diags *diags, struct profile_bytes *ret_bytes)
{
	int r;

	*ret_bytes = (struct profile_bytes){ 0 };
	r = read_wanted(wanted, diags, ret_bytes);
	if (r < 0)
		profile_bytes_deinit(ret_bytes);
	return r;
}

void profile_bytes_deinit(struct profile_bytes *bytes)
{
	free(bytes->file);
	free(bytes->bytes);
	*bytes = (struct profile_bytes){ 0 };
}

int profile_load(const char *wanted, struct diags *diags, struct profile **ret_profile)
{
	return profile_load_as(wanted, NULL, diags, ret_profile);
}

int profile_load_as(const char *wanted, const enum dialect *engine, struct diags *diags,
                    struct profile **ret_profile)
{
	_cleanup_(profile_bytes_deinit) struct profile_bytes bytes = { 0 };
	struct profile_source source = { .name = wanted };
	int r = profile_read(wanted, diags, &bytes);

	if (r < 0)
		return r;
	source.file = bytes.file;
	source.bytes = bytes.bytes;
	source.len = bytes.len;
	return profile_parse_as(&source, engine, diags, ret_profile);
}
