/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/commands/profile_options.h"

#include <ctype.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "profiles/profile_names.h"
#include "supervisor/commands/command.h"
#include "supervisor/files/profile_file.h"
#include "supervisor/reports/profile_text.h"

enum {
	CAP_NAME_MAX = 64,
	KERNEL_PART_MAX = 255, /* as a minKernel has it */
};

#define BIT(cap) (UINT64_C(1) << (cap))

/* ---- capabilities */

/* podman's 11 (containers-common, pkg/config): without AUDIT_WRITE, MKNOD and NET_RAW. */
static const uint64_t podman_caps = BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_FOWNER) |
                                    BIT(CAP_FSETID) | BIT(CAP_KILL) | BIT(CAP_NET_BIND_SERVICE) |
                                    BIT(CAP_SETFCAP) | BIT(CAP_SETGID) | BIT(CAP_SETPCAP) |
                                    BIT(CAP_SETUID) | BIT(CAP_SYS_CHROOT);

static uint64_t all_caps(void)
{
	uint64_t caps = 0;

	for (unsigned number = 0; capability_name(number); number++)
		caps |= BIT(number);
	return caps;
}

/* The number of "CAP_SYS_ADMIN", "sys_admin" and the like. */
static bool cap_by_any_name(const char *argument, unsigned *ret_number, const char **ret_meant)
{
	bool prefixed = strncasecmp(argument, "CAP_", 4) == 0;
	char name[sizeof("CAP_") + CAP_NAME_MAX];
	struct near near;
	bool found;

	snprintf(name, sizeof(name), "%s%.*s", prefixed ? "" : "CAP_", CAP_NAME_MAX - 1, argument);
	for (char *c = name; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	near = near_to(name);
	found = strlen(argument) < CAP_NAME_MAX && capability_by_name(name, ret_number, &near);
	*ret_meant = near.best;
	return found;
}

static int parse_cap(const char *option, const char *argument, uint64_t *ret_caps)
{
	const char *meant;
	unsigned number;

	if (strcasecmp(argument, "ALL") == 0) {
		*ret_caps = all_caps();
		return 0;
	}
	if (cap_by_any_name(argument, &number, &meant)) {
		*ret_caps = BIT(number);
		return 0;
	}
	command_error("--%s %s: unknown capability; expected a name as in capabilities(7)%s%s%s",
	              option, argument, meant ? "; did you mean " : "", meant ? meant : "",
	              meant ? "?" : "");
	return -EINVAL;
}

int profile_options_cap(void *target, const char *argument)
{
	struct profile_options *options = target;
	uint64_t caps = 0;

	if (strcasecmp(argument, "NONE") != 0 && parse_cap("cap", argument, &caps) < 0)
		return -EINVAL;
	options->caps_given = true;
	options->caps |= caps;
	return 0;
}

int profile_options_cap_add(void *target, const char *argument)
{
	struct profile_options *options = target;
	uint64_t caps;

	if (parse_cap("cap-add", argument, &caps) < 0)
		return -EINVAL;
	options->caps_add |= caps;
	return 0;
}

int profile_options_cap_drop(void *target, const char *argument)
{
	struct profile_options *options = target;
	uint64_t caps;

	if (parse_cap("cap-drop", argument, &caps) < 0)
		return -EINVAL;
	options->caps_drop |= caps;
	return 0;
}

int profile_options_privileged(void *target, _unused_ const char *argument)
{
	struct profile_options *options = target;

	options->caps_given = true;
	options->caps = all_caps();
	return 0;
}

/* As the engines combine them: what is added wins over what is dropped, unless all is added. */
static uint64_t caps_of(const struct profile_options *options)
{
	uint64_t caps = host_docker_caps();

	if (options->as_given && options->as == DIALECT_PODMAN)
		caps = podman_caps;
	if (options->caps_given)
		caps = options->caps;
	if (options->caps_add == all_caps())
		return options->caps_add & ~options->caps_drop;
	return (caps & ~options->caps_drop) | options->caps_add;
}

/* ---- the other options */

int profile_options_arch(void *target, const char *argument)
{
	struct profile_options *options = target;
	const char *meant = arch_meant(argument);
	uint32_t arch;

	if (arch_by_loose_name(argument, &arch) || (meant && arch_by_loose_name(meant, &arch))) {
		options->arch = arch;
		return 0;
	}
	command_error("--arch %s: not an architecture that libseccomp knows; expected x86_64, "
	              "aarch64 or the like",
	              argument);
	return -EINVAL;
}

/* One decimal number, and *text moves behind it. */
static bool take_number(const char **text, unsigned *ret_number)
{
	unsigned number = 0;

	if (!isdigit((unsigned char)**text))
		return false;
	for (; isdigit((unsigned char)**text); (*text)++) {
		number = number * 10 + (unsigned)(**text - '0');
		if (number > KERNEL_PART_MAX)
			return false;
	}
	*ret_number = number;
	return true;
}

int profile_options_kernel(void *target, const char *argument)
{
	struct profile_options *options = target;
	const char *rest = argument;
	struct kernel_version kernel;

	if (take_number(&rest, &kernel.major) && *rest++ == '.' &&
	    take_number(&rest, &kernel.minor) && *rest == '\0' && kernel.major > 0) {
		options->kernel = kernel;
		return 0;
	}
	command_error("--kernel %s: not a kernel version; expected MAJOR.MINOR, as 6.1", argument);
	return -EINVAL;
}

int profile_options_as(void *target, const char *argument)
{
	struct profile_options *options = target;

	for (enum dialect dialect = DIALECT_DOCKER; dialect <= DIALECT_OCI; dialect++) {
		if (strcmp(dialect_name(dialect), argument) != 0)
			continue;
		options->as_given = true;
		options->as = dialect;
		return 0;
	}
	command_error("--as %s: expected docker, podman or oci", argument);
	return -EINVAL;
}

/* ---- loading */

struct host profile_options_host(const struct profile_options *options)
{
	struct host host;

	host_here(&host);
	host.caps = caps_of(options);
	if (options->arch)
		host.arch = options->arch;
	if (options->kernel.major > 0)
		host.kernel = options->kernel;
	return host;
}

int loaded_profile_open(const char *wanted, const struct profile_options *options,
                        struct loaded_profile *ret_loaded)
{
	struct host host = profile_options_host(options);
	struct diags *diags = &ret_loaded->diags;
	int r;

	*ret_loaded = (struct loaded_profile){ 0 };
	diags_init(diags, wanted);
	r = profile_load_as(wanted, options->as_given ? &options->as : NULL, diags,
	                    &ret_loaded->profile);
	if (r == 0)
		r = ruleset_build(ret_loaded->profile, &host, diags, &ret_loaded->ruleset);
	if (r < 0 && diags->errors == 0)
		diags_add(diags, DIAG_ERROR, "system", (struct place){ 0 }, "", "%s", strerror(-r));
	return r;
}

void loaded_profile_deinit(struct loaded_profile *loaded)
{
	ruleset_freep(&loaded->ruleset);
	profile_freep(&loaded->profile);
	diags_deinit(&loaded->diags);
}
