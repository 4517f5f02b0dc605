/* SPDX-License-Identifier: Apache-2.0 */
/* Structs of files, mounts, events and queues. */
#include "profiles/arguments/signature_structs.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/io_uring.h>
#include <linux/landlock.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <mqueue.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/uio.h>

/* Newer than the headers of Debian 12. */
struct kernel_mnt_id_req {
	uint32_t size, spare;
	uint64_t mnt_id, param, mnt_ns_id;
};

struct kernel_landlock_ruleset {
	uint64_t handled_access_fs, handled_access_net, scoped;
};

struct kernel_landlock_net_port {
	uint64_t allowed_access, port;
};

struct kernel_xattr_args {
	uint64_t value;
	uint32_t size, flags;
};

struct kernel_file_attr {
	uint64_t xflags;
	uint32_t extsize, nextents, projid, cowextsize;
};

struct kernel_owner_ex {
	int32_t type, pid;
};

static const struct field open_how[] = {
	MEMBER(struct open_how, flags, true, FLAGS64("flags", open)),
	MEMBER(struct open_how, mode, false, MODE("mode")),
	MEMBER(struct open_how, resolve, true, FLAGS64("resolve", resolve)),
};

static const struct field mount_attr[] = {
	MEMBER(struct mount_attr, attr_set, true, FLAGS64("attr_set", mount_attr)),
	MEMBER(struct mount_attr, attr_clr, true, FLAGS64("attr_clr", mount_attr)),
	MEMBER(struct mount_attr, propagation, true, FLAGS64("propagation", propagation)),
	MEMBER(struct mount_attr, userns_fd, true, FD("userns_fd")),
};

static const struct field mnt_id_req[] = {
	MEMBER(struct kernel_mnt_id_req, size, true, UINT("size")),
	MEMBER(struct kernel_mnt_id_req, mnt_id, true, HEX("mnt_id")),
	MEMBER(struct kernel_mnt_id_req, param, true, HEX("param")),
	MEMBER(struct kernel_mnt_id_req, mnt_ns_id, false, HEX("mnt_ns_id")),
};

static const struct field landlock_ruleset[] = {
	MEMBER(struct kernel_landlock_ruleset, handled_access_fs, true,
	       FLAGS64("handled_access_fs", landlock_fs)),
	MEMBER(struct kernel_landlock_ruleset, handled_access_net, false,
	       FLAGS64("handled_access_net", landlock_net)),
	MEMBER(struct kernel_landlock_ruleset, scoped, false, FLAGS64("scoped", landlock_scope)),
};

static const struct field landlock_path[] = {
	MEMBER(struct landlock_path_beneath_attr, allowed_access, true,
	       FLAGS64("allowed_access", landlock_fs)),
	MEMBER(struct landlock_path_beneath_attr, parent_fd, true, FD("parent_fd")),
};

static const struct field landlock_net_port[] = {
	MEMBER(struct kernel_landlock_net_port, allowed_access, true,
	       FLAGS64("allowed_access", landlock_net)),
	MEMBER(struct kernel_landlock_net_port, port, true, SIZE("port")),
};

static const struct field xattr_args[] = {
	MEMBER(struct kernel_xattr_args, value, true, BYTES("value", 1)),
	MEMBER(struct kernel_xattr_args, size, true, UINT("size")),
	MEMBER(struct kernel_xattr_args, flags, true, FLAGS("flags", xattr)),
};

static const struct field file_attr[] = {
	MEMBER(struct kernel_file_attr, xflags, true, FLAGS64("fa_xflags", xflags)),
	MEMBER(struct kernel_file_attr, extsize, false, UINT("fa_extsize")),
	MEMBER(struct kernel_file_attr, nextents, false, UINT("fa_nextents")),
	MEMBER(struct kernel_file_attr, projid, true, UINT("fa_projid")),
	MEMBER(struct kernel_file_attr, cowextsize, false, UINT("fa_cowextsize")),
};

static const struct field file_flags[] = { PART(0, 4, true, FLAGS("", file_flags)) };
static const struct field rw_hint[] = { PART(0, 8, true, ENUM64("", write_life)) };

static const struct field fsxattr[] = {
	MEMBER(struct fsxattr, fsx_xflags, true, FLAGS("fsx_xflags", xflags)),
	MEMBER(struct fsxattr, fsx_extsize, true, UINT("fsx_extsize")),
	MEMBER(struct fsxattr, fsx_nextents, true, UINT("fsx_nextents")),
	MEMBER(struct fsxattr, fsx_projid, true, UINT("fsx_projid")),
	MEMBER(struct fsxattr, fsx_cowextsize, true, UINT("fsx_cowextsize")),
};

static const struct field clone_range[] = {
	MEMBER(struct file_clone_range, src_fd, true, FD("src_fd")),
	MEMBER(struct file_clone_range, src_offset, true, SIZE("src_offset")),
	MEMBER(struct file_clone_range, src_length, true, SIZE("src_length")),
	MEMBER(struct file_clone_range, dest_offset, true, SIZE("dest_offset")),
};

static const struct field flock_fields[] = {
	MEMBER(struct flock, l_type, true, ENUM("l_type", lock_type)),
	MEMBER(struct flock, l_whence, true, ENUM("l_whence", whence)),
	MEMBER(struct flock, l_start, true, LONG("l_start")),
	MEMBER(struct flock, l_len, true, LONG("l_len")),
	MEMBER(struct flock, l_pid, false, PID("l_pid")),
};

static const struct field owner_ex[] = {
	MEMBER(struct kernel_owner_ex, type, true, ENUM("type", owner_type)),
	MEMBER(struct kernel_owner_ex, pid, true, PID("pid")),
};

static const struct field epoll_data[] = {
	PART(0, 4, true, UINT("u32")),
	PART(0, 8, true, SIZE("u64")),
};

static const struct field epoll_event_fields[] = {
	MEMBER(struct epoll_event, events, true, FLAGS("events", epoll_events)),
	MEMBER(struct epoll_event, data, true, ONE("data", EPOLL_DATA)),
};

static const struct field pollfd[] = {
	MEMBER(struct pollfd, fd, true, FD("fd")),
	MEMBER(struct pollfd, events, true, FLAGS("events", poll_events)),
};

static const struct field iovec[] = {
	MEMBER(struct iovec, iov_base, true, BYTES("iov_base", 1)),
	MEMBER(struct iovec, iov_len, true, SIZE("iov_len")),
};

/* Memory that the call fills, or that is another process's. */
static const struct field iovec_address[] = {
	MEMBER(struct iovec, iov_base, true, ADDRESS("iov_base")),
	MEMBER(struct iovec, iov_len, true, SIZE("iov_len")),
};

static const struct field mq_attr_fields[] = {
	MEMBER(struct mq_attr, mq_flags, true, FLAGS64("mq_flags", descriptor)),
	MEMBER(struct mq_attr, mq_maxmsg, true, LONG("mq_maxmsg")),
	MEMBER(struct mq_attr, mq_msgsize, true, LONG("mq_msgsize")),
	MEMBER(struct mq_attr, mq_curmsgs, true, LONG("mq_curmsgs")),
};

static const struct field io_uring_params[] = {
	MEMBER(struct io_uring_params, cq_entries, false, UINT("cq_entries")),
	MEMBER(struct io_uring_params, flags, true, FLAGS("flags", io_uring_setup)),
	MEMBER(struct io_uring_params, sq_thread_cpu, true, HEX("sq_thread_cpu")),
	MEMBER(struct io_uring_params, sq_thread_idle, true, UINT("sq_thread_idle")),
	MEMBER(struct io_uring_params, features, false, HEX("features")),
	MEMBER(struct io_uring_params, wq_fd, false, FD("wq_fd")),
};

const struct layout layouts_files[ARGUMENT_TYPE_COUNT] = {
	[ARGUMENT_CLONE_RANGE] = LAYOUT("file_clone_range", sizeof(struct file_clone_range),
	                                clone_range, ONE, STRUCT, COMPAT),
	[ARGUMENT_EPOLL_DATA] = LAYOUT("epoll_data", 8, epoll_data, ONE, STRUCT, COMPAT),
	[ARGUMENT_EPOLL_EVENT] = LAYOUT("epoll_event", sizeof(struct epoll_event),
	                                epoll_event_fields, ONE, STRUCT, COMPAT),
	[ARGUMENT_FILE_ATTR] = LAYOUT("file_attr", sizeof(struct kernel_file_attr), file_attr,
	                              SIZED, STRUCT, COMPAT),
	[ARGUMENT_FILE_FLAGS] = LAYOUT("file_flags", 4, file_flags, ONE, LIST, COMPAT),
	[ARGUMENT_FLOCK] = LAYOUT("flock", sizeof(struct flock), flock_fields, ONE, STRUCT, WIDE),
	[ARGUMENT_FSXATTR] =
		LAYOUT("fsxattr", sizeof(struct fsxattr), fsxattr, ONE, STRUCT, COMPAT),
	[ARGUMENT_IO_URING_PARAMS] =
		LAYOUT("io_uring_params", offsetof(struct io_uring_params, resv), io_uring_params,
	               ONE, STRUCT, COMPAT),
	[ARGUMENT_IOVEC] = LAYOUT("iovec", sizeof(struct iovec), iovec, COUNTED, STRUCT, WIDE),
	[ARGUMENT_IOVEC_ADDRESS] =
		LAYOUT("iovec", sizeof(struct iovec), iovec_address, COUNTED, STRUCT, WIDE),
	[ARGUMENT_LANDLOCK_NET_PORT] =
		LAYOUT("landlock_net_port_attr", sizeof(struct kernel_landlock_net_port),
	               landlock_net_port, ONE, STRUCT, COMPAT),
	[ARGUMENT_LANDLOCK_PATH] =
		LAYOUT("landlock_path_beneath_attr", sizeof(struct landlock_path_beneath_attr),
	               landlock_path, ONE, STRUCT, COMPAT),
	[ARGUMENT_LANDLOCK_RULESET] =
		LAYOUT("landlock_ruleset_attr", sizeof(struct kernel_landlock_ruleset),
	               landlock_ruleset, SIZED, STRUCT, COMPAT),
	[ARGUMENT_MNT_ID_REQ] = SELF_SIZED("mnt_id_req", sizeof(struct kernel_mnt_id_req),
	                                   mnt_id_req, offsetof(struct kernel_mnt_id_req, size)),
	[ARGUMENT_MOUNT_ATTR] =
		LAYOUT("mount_attr", sizeof(struct mount_attr), mount_attr, SIZED, STRUCT, COMPAT),
	[ARGUMENT_MQ_ATTR] = LAYOUT("mq_attr", 32, mq_attr_fields, ONE, STRUCT, WIDE),
	[ARGUMENT_OPEN_HOW] =
		LAYOUT("open_how", sizeof(struct open_how), open_how, SIZED, STRUCT, COMPAT),
	[ARGUMENT_OWNER_EX] =
		LAYOUT("f_owner_ex", sizeof(struct kernel_owner_ex), owner_ex, ONE, STRUCT, COMPAT),
	[ARGUMENT_POLLFD] =
		LAYOUT("pollfd", sizeof(struct pollfd), pollfd, COUNTED, STRUCT, COMPAT),
	[ARGUMENT_PTRACE_IOVEC] =
		LAYOUT("iovec", sizeof(struct iovec), iovec_address, ONE, STRUCT, WIDE),
	[ARGUMENT_RW_HINT] = LAYOUT("rw_hint", 8, rw_hint, ONE, LIST, COMPAT),
	[ARGUMENT_XATTR_ARGS] = LAYOUT("xattr_args", sizeof(struct kernel_xattr_args), xattr_args,
	                               SIZED, STRUCT, WIDE),
};
