/* SPDX-License-Identifier: Apache-2.0 */
/* Constants of the calls on paths and descriptors. */
#include "profiles/arguments/constants_rows.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/memfd.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/fanotify.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <linux/close_range.h>

/* glibc says 0 on 64-bit machines; the kernel's flag is this, and 32-bit callers set it. */
#if defined(__aarch64__) || defined(__arm__)
#define KERNEL_O_LARGEFILE 0400000
#else
#define KERNEL_O_LARGEFILE 0100000
#endif

const struct constant constants_open[] = {
	FIELD(O_RDONLY, O_ACCMODE),
	FIELD(O_WRONLY, O_ACCMODE),
	FIELD(O_RDWR, O_ACCMODE),
	NAME(O_TMPFILE),
	NAME(O_SYNC),
	NAME(O_CREAT),
	NAME(O_EXCL),
	NAME(O_NOCTTY),
	NAME(O_TRUNC),
	NAME(O_APPEND),
	NAME(O_NONBLOCK),
	NAME(O_DSYNC),
	NAME(O_ASYNC),
	NAME(O_DIRECT),
	VALUE("O_LARGEFILE", KERNEL_O_LARGEFILE),
	NAME(O_DIRECTORY),
	NAME(O_NOFOLLOW),
	NAME(O_NOATIME),
	NAME(O_CLOEXEC),
	NAME(O_PATH),
	END,
};

/* pipe2, dup3 and io descriptors: open's flags without an access mode. */
const struct constant constants_descriptor[] = {
	NAME(O_CLOEXEC),
	NAME(O_NONBLOCK),
	NAME(O_DIRECT),
	VALUE("O_NOTIFICATION_PIPE", O_EXCL),
	END,
};

const struct constant constants_resolve[] = {
	NAME(RESOLVE_NO_XDEV),
	NAME(RESOLVE_NO_MAGICLINKS),
	NAME(RESOLVE_NO_SYMLINKS),
	NAME(RESOLVE_BENEATH),
	NAME(RESOLVE_IN_ROOT),
	NAME(RESOLVE_CACHED),
	END,
};

const struct constant constants_access[] = {
	FIELD(F_OK, 7), NAME(R_OK), NAME(W_OK), NAME(X_OK), END,
};

const struct constant constants_file_type[] = {
	FIELD(S_IFREG, S_IFMT),  FIELD(S_IFDIR, S_IFMT),
	FIELD(S_IFCHR, S_IFMT),  FIELD(S_IFBLK, S_IFMT),
	FIELD(S_IFIFO, S_IFMT),  FIELD(S_IFLNK, S_IFMT),
	FIELD(S_IFSOCK, S_IFMT), END,
};

/* 0x200 is another flag to each of the calls below, so each has a set of its own. */
#define LOOKUP_FLAGS                                                                               \
	NAME(AT_SYMLINK_NOFOLLOW), NAME(AT_SYMLINK_FOLLOW), NAME(AT_NO_AUTOMOUNT),                 \
		NAME(AT_EMPTY_PATH)

const struct constant constants_at[] = {
	LOOKUP_FLAGS,
	END,
};

const struct constant constants_faccessat[] = {
	NAME(AT_EACCESS),
	LOOKUP_FLAGS,
	END,
};

const struct constant constants_unlinkat[] = {
	NAME(AT_REMOVEDIR),
	LOOKUP_FLAGS,
	END,
};

const struct constant constants_execveat[] = {
	VALUE("AT_EXECVE_CHECK", 0x10000),
	LOOKUP_FLAGS,
	END,
};

const struct constant constants_handle_at[] = {
	VALUE("AT_HANDLE_MNT_ID_UNIQUE", 0x1),
	VALUE("AT_HANDLE_CONNECTABLE", 0x2),
	VALUE("AT_HANDLE_FID", 0x200),
	LOOKUP_FLAGS,
	END,
};

const struct constant constants_statx[] = {
	FIELD(AT_STATX_SYNC_AS_STAT, AT_STATX_SYNC_TYPE),
	FIELD(AT_STATX_FORCE_SYNC, AT_STATX_SYNC_TYPE),
	FIELD(AT_STATX_DONT_SYNC, AT_STATX_SYNC_TYPE),
	LOOKUP_FLAGS,
	END,
};

const struct constant constants_statx_mask[] = {
	NAME(STATX_BASIC_STATS),
	NAME(STATX_TYPE),
	NAME(STATX_MODE),
	NAME(STATX_NLINK),
	NAME(STATX_UID),
	NAME(STATX_GID),
	NAME(STATX_ATIME),
	NAME(STATX_MTIME),
	NAME(STATX_CTIME),
	NAME(STATX_INO),
	NAME(STATX_SIZE),
	NAME(STATX_BLOCKS),
	NAME(STATX_BTIME),
	NAME(STATX_MNT_ID),
	VALUE("STATX_DIOALIGN", 0x2000),
	VALUE("STATX_MNT_ID_UNIQUE", 0x4000),
	VALUE("STATX_SUBVOL", 0x8000),
	VALUE("STATX_WRITE_ATOMIC", 0x10000),
	VALUE("STATX_DIO_READ_ALIGN", 0x20000),
	END,
};

const struct constant constants_renameat2[] = {
	NAME(RENAME_NOREPLACE),
	NAME(RENAME_EXCHANGE),
	NAME(RENAME_WHITEOUT),
	END,
};

const struct constant constants_xattr[] = {
	NAME(XATTR_CREATE),
	NAME(XATTR_REPLACE),
	END,
};

const struct constant constants_whence[] = {
	NAME(SEEK_SET), NAME(SEEK_CUR), NAME(SEEK_END), NAME(SEEK_DATA), NAME(SEEK_HOLE), END,
};

/* The *64 commands are those of 32-bit callers; glibc gives its own names the plain values. */
const struct constant constants_fcntl[] = {
	NAME(F_DUPFD),
	NAME(F_GETFD),
	NAME(F_SETFD),
	NAME(F_GETFL),
	NAME(F_SETFL),
	VALUE("F_GETLK", 5),
	VALUE("F_SETLK", 6),
	VALUE("F_SETLKW", 7),
	NAME(F_SETOWN),
	NAME(F_GETOWN),
	NAME(F_SETSIG),
	NAME(F_GETSIG),
	VALUE("F_GETLK64", 12),
	VALUE("F_SETLK64", 13),
	VALUE("F_SETLKW64", 14),
	NAME(F_SETOWN_EX),
	NAME(F_GETOWN_EX),
	VALUE("F_GETOWNER_UIDS", 17),
	NAME(F_OFD_GETLK),
	NAME(F_OFD_SETLK),
	NAME(F_OFD_SETLKW),
	NAME(F_SETLEASE),
	NAME(F_GETLEASE),
	NAME(F_NOTIFY),
	VALUE("F_DUPFD_QUERY", 1027),
	VALUE("F_CREATED_QUERY", 1028),
	VALUE("F_CANCELLK", 1029),
	NAME(F_DUPFD_CLOEXEC),
	NAME(F_SETPIPE_SZ),
	NAME(F_GETPIPE_SZ),
	NAME(F_ADD_SEALS),
	NAME(F_GET_SEALS),
	NAME(F_GET_RW_HINT),
	NAME(F_SET_RW_HINT),
	NAME(F_GET_FILE_RW_HINT),
	NAME(F_SET_FILE_RW_HINT),
	END,
};

const struct constant constants_flock[] = {
	NAME(LOCK_SH), NAME(LOCK_EX), NAME(LOCK_UN), NAME(LOCK_NB), END,
};

const struct constant constants_fallocate[] = {
	NAME(FALLOC_FL_KEEP_SIZE),
	NAME(FALLOC_FL_PUNCH_HOLE),
	NAME(FALLOC_FL_NO_HIDE_STALE),
	NAME(FALLOC_FL_COLLAPSE_RANGE),
	NAME(FALLOC_FL_ZERO_RANGE),
	NAME(FALLOC_FL_INSERT_RANGE),
	NAME(FALLOC_FL_UNSHARE_RANGE),
	VALUE("FALLOC_FL_WRITE_ZEROES", 0x80),
	END,
};

const struct constant constants_fadvise[] = {
	NAME(POSIX_FADV_NORMAL),
	NAME(POSIX_FADV_RANDOM),
	NAME(POSIX_FADV_SEQUENTIAL),
	NAME(POSIX_FADV_WILLNEED),
	NAME(POSIX_FADV_DONTNEED),
	NAME(POSIX_FADV_NOREUSE),
	END,
};

const struct constant constants_rwf[] = {
	NAME(RWF_HIPRI),
	NAME(RWF_DSYNC),
	NAME(RWF_SYNC),
	NAME(RWF_NOWAIT),
	NAME(RWF_APPEND),
	VALUE("RWF_NOAPPEND", 0x20),
	VALUE("RWF_ATOMIC", 0x40),
	VALUE("RWF_DONTCACHE", 0x80),
	VALUE("RWF_NOSIGNAL", 0x100),
	END,
};

const struct constant constants_close_range[] = {
	NAME(CLOSE_RANGE_UNSHARE),
	NAME(CLOSE_RANGE_CLOEXEC),
	END,
};

const struct constant constants_splice[] = {
	NAME(SPLICE_F_MOVE), NAME(SPLICE_F_NONBLOCK), NAME(SPLICE_F_MORE), NAME(SPLICE_F_GIFT), END,
};

const struct constant constants_sync_file_range[] = {
	NAME(SYNC_FILE_RANGE_WAIT_BEFORE),
	NAME(SYNC_FILE_RANGE_WRITE),
	NAME(SYNC_FILE_RANGE_WAIT_AFTER),
	END,
};

const struct constant constants_memfd[] = {
	NAME(MFD_CLOEXEC),       NAME(MFD_ALLOW_SEALING),
	NAME(MFD_HUGETLB),       VALUE("MFD_NOEXEC_SEAL", 0x8),
	VALUE("MFD_EXEC", 0x10), END,
};

const struct constant constants_epoll_create[] = {
	NAME(EPOLL_CLOEXEC),
	END,
};

const struct constant constants_epoll_ctl[] = {
	NAME(EPOLL_CTL_ADD),
	NAME(EPOLL_CTL_DEL),
	NAME(EPOLL_CTL_MOD),
	END,
};

const struct constant constants_eventfd[] = {
	NAME(EFD_SEMAPHORE),
	NAME(EFD_CLOEXEC),
	NAME(EFD_NONBLOCK),
	END,
};

const struct constant constants_signalfd[] = {
	NAME(SFD_CLOEXEC),
	NAME(SFD_NONBLOCK),
	END,
};

const struct constant constants_timerfd_create[] = {
	NAME(TFD_CLOEXEC),
	NAME(TFD_NONBLOCK),
	END,
};

const struct constant constants_timerfd_settime[] = {
	NAME(TFD_TIMER_ABSTIME),
	NAME(TFD_TIMER_CANCEL_ON_SET),
	END,
};

const struct constant constants_inotify_init[] = {
	NAME(IN_CLOEXEC),
	NAME(IN_NONBLOCK),
	END,
};

const struct constant constants_inotify_mask[] = {
	NAME(IN_ALL_EVENTS),  NAME(IN_ACCESS),      NAME(IN_MODIFY),
	NAME(IN_ATTRIB),      NAME(IN_CLOSE_WRITE), NAME(IN_CLOSE_NOWRITE),
	NAME(IN_OPEN),        NAME(IN_MOVED_FROM),  NAME(IN_MOVED_TO),
	NAME(IN_CREATE),      NAME(IN_DELETE),      NAME(IN_DELETE_SELF),
	NAME(IN_MOVE_SELF),   NAME(IN_ONLYDIR),     NAME(IN_DONT_FOLLOW),
	NAME(IN_EXCL_UNLINK), NAME(IN_MASK_CREATE), NAME(IN_MASK_ADD),
	NAME(IN_ISDIR),       NAME(IN_ONESHOT),     END,
};

const struct constant constants_fanotify_init[] = {
	FIELD(FAN_CLASS_NOTIF, 0xc),
	FIELD(FAN_CLASS_CONTENT, 0xc),
	FIELD(FAN_CLASS_PRE_CONTENT, 0xc),
	NAME(FAN_CLOEXEC),
	NAME(FAN_NONBLOCK),
	NAME(FAN_UNLIMITED_QUEUE),
	NAME(FAN_UNLIMITED_MARKS),
	NAME(FAN_ENABLE_AUDIT),
	NAME(FAN_REPORT_PIDFD),
	NAME(FAN_REPORT_TID),
	NAME(FAN_REPORT_FID),
	NAME(FAN_REPORT_DIR_FID),
	NAME(FAN_REPORT_NAME),
	NAME(FAN_REPORT_TARGET_FID),
	VALUE("FAN_REPORT_FD_ERROR", 0x2000),
	VALUE("FAN_REPORT_MNT", 0x4000),
	END,
};

const struct constant constants_fanotify_mark[] = {
	NAME(FAN_MARK_ADD),
	NAME(FAN_MARK_REMOVE),
	NAME(FAN_MARK_DONT_FOLLOW),
	NAME(FAN_MARK_ONLYDIR),
	NAME(FAN_MARK_MOUNT),
	NAME(FAN_MARK_IGNORED_MASK),
	NAME(FAN_MARK_IGNORED_SURV_MODIFY),
	NAME(FAN_MARK_FLUSH),
	NAME(FAN_MARK_FILESYSTEM),
	VALUE("FAN_MARK_EVICTABLE", 0x200),
	VALUE("FAN_MARK_IGNORE", 0x400),
	END,
};

const struct constant constants_fanotify_mask[] = {
	NAME(FAN_ACCESS),
	NAME(FAN_MODIFY),
	NAME(FAN_ATTRIB),
	NAME(FAN_CLOSE_WRITE),
	NAME(FAN_CLOSE_NOWRITE),
	NAME(FAN_OPEN),
	NAME(FAN_MOVED_FROM),
	NAME(FAN_MOVED_TO),
	NAME(FAN_CREATE),
	NAME(FAN_DELETE),
	NAME(FAN_DELETE_SELF),
	NAME(FAN_MOVE_SELF),
	NAME(FAN_OPEN_EXEC),
	VALUE("FAN_FS_ERROR", 0x8000),
	NAME(FAN_OPEN_PERM),
	NAME(FAN_ACCESS_PERM),
	NAME(FAN_OPEN_EXEC_PERM),
	VALUE("FAN_PRE_ACCESS", 0x100000),
	VALUE("FAN_MNT_ATTACH", 0x1000000),
	VALUE("FAN_MNT_DETACH", 0x2000000),
	NAME(FAN_EVENT_ON_CHILD),
	VALUE("FAN_RENAME", 0x10000000),
	NAME(FAN_ONDIR),
	END,
};
