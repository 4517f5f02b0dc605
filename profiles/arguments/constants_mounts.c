/* SPDX-License-Identifier: Apache-2.0 */
/* Constants of the calls that change what is mounted, swapped or counted against a quota. */
#include "profiles/arguments/constants_rows.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <linux/quota.h>

/*
 * The kernel ignores the top half where it holds the magic number of Linux before 2.4, so the
 * magic is taken away before the flags are read.
 */
const struct constant constants_mount[] = {
	FIELD(MS_MGC_VAL, MS_MGC_MSK),
	NAME(MS_RDONLY),
	NAME(MS_NOSUID),
	NAME(MS_NODEV),
	NAME(MS_NOEXEC),
	NAME(MS_SYNCHRONOUS),
	NAME(MS_REMOUNT),
	NAME(MS_MANDLOCK),
	NAME(MS_DIRSYNC),
	NAME(MS_NOSYMFOLLOW),
	NAME(MS_NOATIME),
	NAME(MS_NODIRATIME),
	NAME(MS_BIND),
	NAME(MS_MOVE),
	NAME(MS_REC),
	NAME(MS_SILENT),
	NAME(MS_POSIXACL),
	NAME(MS_UNBINDABLE),
	NAME(MS_PRIVATE),
	NAME(MS_SLAVE),
	NAME(MS_SHARED),
	NAME(MS_RELATIME),
	NAME(MS_KERNMOUNT),
	NAME(MS_I_VERSION),
	NAME(MS_STRICTATIME),
	NAME(MS_LAZYTIME),
	END,
};

/* <sys/mount.h> has the names, and cannot be included beside <linux/mount.h>. */
const struct constant constants_umount2[] = {
	VALUE("MNT_FORCE", 0x1),
	VALUE("MNT_DETACH", 0x2),
	VALUE("MNT_EXPIRE", 0x4),
	VALUE("UMOUNT_NOFOLLOW", 0x8),
	END,
};

const struct constant constants_fsopen[] = {
	NAME(FSOPEN_CLOEXEC),
	END,
};

const struct constant constants_fsmount[] = {
	NAME(FSMOUNT_CLOEXEC),
	VALUE("FSMOUNT_NAMESPACE", 0x2),
	END,
};

const struct constant constants_fspick[] = {
	NAME(FSPICK_CLOEXEC),
	NAME(FSPICK_SYMLINK_NOFOLLOW),
	NAME(FSPICK_NO_AUTOMOUNT),
	NAME(FSPICK_EMPTY_PATH),
	END,
};

const struct constant constants_fsconfig[] = {
	NAME(FSCONFIG_SET_FLAG),
	NAME(FSCONFIG_SET_STRING),
	NAME(FSCONFIG_SET_BINARY),
	NAME(FSCONFIG_SET_PATH),
	NAME(FSCONFIG_SET_PATH_EMPTY),
	NAME(FSCONFIG_SET_FD),
	NAME(FSCONFIG_CMD_CREATE),
	NAME(FSCONFIG_CMD_RECONFIGURE),
	VALUE("FSCONFIG_CMD_CREATE_EXCL", 8),
	END,
};

const struct constant constants_mount_attr[] = {
	FIELD(MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME),
	FIELD(MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME),
	NAME(MOUNT_ATTR_RDONLY),
	NAME(MOUNT_ATTR_NOSUID),
	NAME(MOUNT_ATTR_NODEV),
	NAME(MOUNT_ATTR_NOEXEC),
	NAME(MOUNT_ATTR_NODIRATIME),
	NAME(MOUNT_ATTR_IDMAP),
	NAME(MOUNT_ATTR_NOSYMFOLLOW),
	END,
};

const struct constant constants_propagation[] = {
	NAME(MS_UNBINDABLE), NAME(MS_PRIVATE), NAME(MS_SLAVE), NAME(MS_SHARED), END,
};

const struct constant constants_mount_setattr[] = {
	VALUE("AT_SYMLINK_NOFOLLOW", 0x100),
	VALUE("AT_NO_AUTOMOUNT", 0x800),
	VALUE("AT_EMPTY_PATH", 0x1000),
	VALUE("AT_RECURSIVE", 0x8000),
	END,
};

const struct constant constants_open_tree[] = {
	NAME(OPEN_TREE_CLONE),           VALUE("OPEN_TREE_NAMESPACE", 0x2),
	NAME(OPEN_TREE_CLOEXEC),         VALUE("AT_SYMLINK_NOFOLLOW", 0x100),
	VALUE("AT_NO_AUTOMOUNT", 0x800), VALUE("AT_EMPTY_PATH", 0x1000),
	VALUE("AT_RECURSIVE", 0x8000),   END,
};

const struct constant constants_move_mount[] = {
	NAME(MOVE_MOUNT_F_SYMLINKS),
	NAME(MOVE_MOUNT_F_AUTOMOUNTS),
	NAME(MOVE_MOUNT_F_EMPTY_PATH),
	NAME(MOVE_MOUNT_T_SYMLINKS),
	NAME(MOVE_MOUNT_T_AUTOMOUNTS),
	NAME(MOVE_MOUNT_T_EMPTY_PATH),
	NAME(MOVE_MOUNT_SET_GROUP),
	VALUE("MOVE_MOUNT_BENEATH", 0x200),
	END,
};

const struct constant constants_listmount[] = {
	VALUE("LISTMOUNT_REVERSE", 0x1),
	END,
};

const struct constant constants_statmount[] = {
	VALUE("STATMOUNT_BY_FD", 0x1),
	END,
};

/* The priority is a number in the low bits, shown as what is left over. */
const struct constant constants_swapon[] = {
	VALUE("SWAP_FLAG_PREFER", 0x8000),
	VALUE("SWAP_FLAG_DISCARD", 0x10000),
	VALUE("SWAP_FLAG_DISCARD_ONCE", 0x20000),
	VALUE("SWAP_FLAG_DISCARD_PAGES", 0x40000),
	END,
};

/* quotactl's cmd is QCMD(subcommand, type): the type of the quota in the low byte. */
#define SUBCOMMAND(macro) FIELD_VALUE(#macro, (uint32_t)(macro) << 8, 0xffffff00)
#define XFS_SUBCOMMAND(name, nr) FIELD_VALUE(name, (('X' << 8) + (nr)) << 8, 0xffffff00)

const struct constant constants_quotactl[] = {
	SUBCOMMAND(Q_SYNC),
	SUBCOMMAND(Q_QUOTAON),
	SUBCOMMAND(Q_QUOTAOFF),
	SUBCOMMAND(Q_GETFMT),
	SUBCOMMAND(Q_GETINFO),
	SUBCOMMAND(Q_SETINFO),
	SUBCOMMAND(Q_GETQUOTA),
	SUBCOMMAND(Q_SETQUOTA),
	SUBCOMMAND(Q_GETNEXTQUOTA),
	XFS_SUBCOMMAND("Q_XQUOTAON", 1),
	XFS_SUBCOMMAND("Q_XQUOTAOFF", 2),
	XFS_SUBCOMMAND("Q_XGETQUOTA", 3),
	XFS_SUBCOMMAND("Q_XSETQLIM", 4),
	XFS_SUBCOMMAND("Q_XGETQSTAT", 5),
	XFS_SUBCOMMAND("Q_XQUOTARM", 6),
	XFS_SUBCOMMAND("Q_XQUOTASYNC", 7),
	XFS_SUBCOMMAND("Q_XGETQSTATV", 8),
	XFS_SUBCOMMAND("Q_XGETNEXTQUOTA", 9),
	FIELD(USRQUOTA, 0xff),
	FIELD(GRPQUOTA, 0xff),
	FIELD(PRJQUOTA, 0xff),
	END,
};
