/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a profile is resolved for, as options that check, show, diff and compile share, and run in
 * part: capabilities here are those that the profile's rules ask for, and grant nothing. A command
 * puts PROFILE_OPTION_ROWS into its table and a struct profile_options first into its target:
 *
 *   --cap CAP          exactly these capabilities (repeat); ALL, or NONE
 *   --cap-add CAP      beside the engine's default set (Docker's 14, podman's 11)
 *   --cap-drop CAP     without it; ALL drops all
 *   --privileged       every capability there is
 *   --arch ARCH        another native architecture than this one: x86_64, aarch64
 *   --kernel X.Y       another kernel than the running one, for minKernel
 *   --as ENGINE        read as docker, podman or oci would, whatever the file looks like
 */
#pragma once

#include "profiles/ruleset.h"
#include "supervisor/commands/options.h"

struct profile_options {
	bool as_given;
	enum dialect as; /* of --as, where given */
	bool caps_given;
	uint64_t caps;
	uint64_t caps_add, caps_drop;
	uint32_t arch;                /* SCMP_ARCH_*; 0: this machine's */
	struct kernel_version kernel; /* 0.0: this machine's */
};

int profile_options_cap(void *target, const char *argument);
int profile_options_cap_add(void *target, const char *argument);
int profile_options_cap_drop(void *target, const char *argument);
int profile_options_privileged(void *target, const char *argument);
int profile_options_arch(void *target, const char *argument);
int profile_options_kernel(void *target, const char *argument);
int profile_options_as(void *target, const char *argument);

/* clang-format off */
/* Those that also make sense where the profile is put to use. */
#define PROFILE_USE_ROWS \
	{ "cap", "CAP", "only this capability (repeat); ALL or NONE", profile_options_cap }, \
	{ "cap-add", "CAP", "beside the engine's default capabilities", profile_options_cap_add }, \
	{ "cap-drop", "CAP", "without this capability; ALL drops all", profile_options_cap_drop }, \
	{ "privileged", NULL, "with every capability", profile_options_privileged }, \
	{ "as", "ENGINE", "as docker, podman or oci reads it", profile_options_as }
#define PROFILE_OPTION_ROWS \
	PROFILE_USE_ROWS, \
	{ "arch", "ARCH", "for this architecture: x86_64, aarch64", profile_options_arch }, \
	{ "kernel", "X.Y", "for this kernel version", profile_options_kernel }
/* clang-format on */

/*
 * Where the user gave neither an engine nor capabilities: those of a run, as the events of the file
 * have it that begin one; with id, an event's, of its run, else of the last. Nothing changes where
 * there is none. 0 or -errno.
 */
_must_check_ int profile_options_recall(struct profile_options *options, const char *path,
                                        const char *id);

/* The machine and the container that the options describe. */
struct host profile_options_host(const struct profile_options *options);

/* A profile read and resolved, with everything that was said on the way. */
struct loaded_profile {
	struct diags diags;
	struct profile *profile;
	struct ruleset *ruleset; /* NULL where the profile has errors */
};

/*
 * Finds, reads and resolves what the user named. 0, or -errno with diags saying why; prints
 * nothing. Release with loaded_profile_deinit() in either case.
 */
_must_check_ int loaded_profile_open(const char *wanted, const struct profile_options *options,
                                     struct loaded_profile *ret_loaded);
void loaded_profile_deinit(struct loaded_profile *loaded);
