/* SPDX-License-Identifier: Apache-2.0 */
/* The members of the structs that arguments point to. */
#include "profiles/signature.h"

#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/sched.h>

#include "profiles/signature_rows.h"

/* clang-format off */
#define MEMBER(type, member, always, ...) \
	{ __VA_ARGS__, offsetof(type, member), sizeof(((type *)0)->member), always }
#define LAYOUT(type, fields) { fields, ARRAY_SIZE(fields), sizeof(type) }
/* clang-format on */

static const struct field clone_args_fields[] = {
	MEMBER(struct clone_args, flags, true, FLAGS64("flags", clone)),
	MEMBER(struct clone_args, pidfd, false, POINTER("pidfd")),
	MEMBER(struct clone_args, child_tid, false, POINTER("child_tid")),
	MEMBER(struct clone_args, parent_tid, false, POINTER("parent_tid")),
	MEMBER(struct clone_args, exit_signal, false, SIGNAL("exit_signal")),
	MEMBER(struct clone_args, stack, false, POINTER("stack")),
	MEMBER(struct clone_args, stack_size, false, SIZE("stack_size")),
	MEMBER(struct clone_args, tls, false, POINTER("tls")),
	MEMBER(struct clone_args, set_tid, false, POINTER("set_tid")),
	MEMBER(struct clone_args, set_tid_size, false, SIZE("set_tid_size")),
	MEMBER(struct clone_args, cgroup, false, FD("cgroup")),
};

static const struct field open_how_fields[] = {
	MEMBER(struct open_how, flags, true, FLAGS64("flags", open)),
	MEMBER(struct open_how, mode, true, MODE("mode")),
	MEMBER(struct open_how, resolve, true, FLAGS64("resolve", resolve)),
};

static const struct field mount_attr_fields[] = {
	MEMBER(struct mount_attr, attr_set, true, FLAGS64("attr_set", mount_attr)),
	MEMBER(struct mount_attr, attr_clr, true, FLAGS64("attr_clr", mount_attr)),
	MEMBER(struct mount_attr, propagation, true, FLAGS64("propagation", propagation)),
	MEMBER(struct mount_attr, userns_fd, false, FD("userns_fd")),
};

const struct layout *signature_layout(enum argument_type type)
{
	static const struct layout layouts[ARGUMENT_TYPE_COUNT] = {
		[ARGUMENT_CLONE_ARGS] = LAYOUT(struct clone_args, clone_args_fields),
		[ARGUMENT_OPEN_HOW] = LAYOUT(struct open_how, open_how_fields),
		[ARGUMENT_MOUNT_ATTR] = LAYOUT(struct mount_attr, mount_attr_fields),
	};

	return layouts[type].fields ? &layouts[type] : NULL;
}
