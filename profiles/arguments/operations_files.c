/* SPDX-License-Identifier: Apache-2.0 */
/* The operations of fcntl, fsconfig, quotactl, landlock_add_rule. */
#include "profiles/arguments/signature_operations.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/quota.h>

/* <linux/mount.h> cannot be included beside what <fcntl.h> needs on every libc. */
enum {
	FSCONFIG_FLAG = 0,
	FSCONFIG_STRING = 1,
	FSCONFIG_BINARY = 2,
	FSCONFIG_PATH = 3,
	FSCONFIG_PATH_EMPTY = 4,
	FSCONFIG_FD = 5,
};

/* clang-format off */
#define FCNTL(cmd, ...) OPERATION(cmd, FD("fd"), ENUM("cmd", fcntl), ##__VA_ARGS__)
#define FSCONFIG(cmd, value, aux) \
	OPERATION(cmd, FD("fd"), ENUM("cmd", fsconfig), STRING("key"), value, aux)
#define QUOTACTL(cmd, ...) \
	OPERATION((uint32_t)(cmd) << SUBCMDSHIFT, FLAGS("cmd", quotactl), PATH("special"), ##__VA_ARGS__)
#define ADD_RULE(type, name) \
	OPERATION(type, FD("ruleset_fd"), ENUM("rule_type", landlock_rule), \
	          ONE("rule_attr", name), UINT("flags"))
/* clang-format on */

/* The numbers of the kernel: glibc gives F_GETLK and its like those of F_GETLK64. */
const struct operation operations_fcntl[] = {
	FCNTL(F_DUPFD, FD("min")),
	FCNTL(F_GETFD),
	FCNTL(F_SETFD, FLAGS("flags", fd_flags)),
	FCNTL(F_GETFL),
	FCNTL(F_SETFL, FLAGS("flags", open)),
	FCNTL(5 /* F_GETLK */, ONE("lock", FLOCK)),
	FCNTL(6 /* F_SETLK */, ONE("lock", FLOCK)),
	FCNTL(7 /* F_SETLKW */, ONE("lock", FLOCK)),
	FCNTL(F_SETOWN, PID("owner")),
	FCNTL(F_GETOWN),
	FCNTL(F_SETSIG, SIGNAL("sig")),
	FCNTL(F_GETSIG),
	FCNTL(F_SETOWN_EX, ONE("owner", OWNER_EX)),
	FCNTL(F_GETOWN_EX, OUT("owner")),
	FCNTL(17 /* F_GETOWNER_UIDS */, OUT("uids")),
	FCNTL(F_OFD_GETLK, ONE("lock", FLOCK)),
	FCNTL(F_OFD_SETLK, ONE("lock", FLOCK)),
	FCNTL(F_OFD_SETLKW, ONE("lock", FLOCK)),
	FCNTL(F_SETLEASE, ENUM("lease", lock_type)),
	FCNTL(F_GETLEASE),
	FCNTL(F_NOTIFY, FLAGS("mask", notify_mask)),
	FCNTL(1027 /* F_DUPFD_QUERY */, FD("other")),
	FCNTL(1028 /* F_CREATED_QUERY */),
	FCNTL(F_DUPFD_CLOEXEC, FD("min")),
	FCNTL(F_SETPIPE_SZ, INT("size")),
	FCNTL(F_GETPIPE_SZ),
	FCNTL(F_ADD_SEALS, FLAGS("seals", seals)),
	FCNTL(F_GET_SEALS),
	FCNTL(F_GET_RW_HINT, OUT("hint")),
	FCNTL(F_SET_RW_HINT, ONE("hint", RW_HINT)),
	FCNTL(F_GET_FILE_RW_HINT, OUT("hint")),
	FCNTL(F_SET_FILE_RW_HINT, ONE("hint", RW_HINT)),
};

const size_t operations_fcntl_count = ARRAY_SIZE(operations_fcntl);

const struct operation operations_fsconfig[] = {
	FSCONFIG(FSCONFIG_FLAG, ADDRESS("value"), INT("aux")),
	FSCONFIG(FSCONFIG_STRING, STRING("value"), INT("aux")),
	FSCONFIG(FSCONFIG_BINARY, BYTES("value", 4), INT("aux")),
	FSCONFIG(FSCONFIG_PATH, PATH("value"), FD("aux")),
	FSCONFIG(FSCONFIG_PATH_EMPTY, PATH("value"), FD("aux")),
	FSCONFIG(FSCONFIG_FD, ADDRESS("value"), FD("aux")),
};

const size_t operations_fsconfig_count = ARRAY_SIZE(operations_fsconfig);

const struct operation operations_quotactl[] = {
	QUOTACTL(Q_SYNC),
	QUOTACTL(Q_QUOTAON, ENUM("id", quota_format), PATH("addr")),
	QUOTACTL(Q_QUOTAOFF),
	QUOTACTL(Q_GETFMT, INT("id"), OUT("addr")),
	QUOTACTL(Q_GETINFO, INT("id"), OUT("addr")),
	QUOTACTL(Q_GETQUOTA, ID("id"), OUT("addr")),
	QUOTACTL(Q_GETNEXTQUOTA, ID("id"), OUT("addr")),
	QUOTACTL(Q_SETQUOTA, ID("id"), POINTER("addr")),
};

const size_t operations_quotactl_count = ARRAY_SIZE(operations_quotactl);

const struct operation operations_landlock_add_rule[] = {
	ADD_RULE(LANDLOCK_RULE_PATH_BENEATH, LANDLOCK_PATH),
	ADD_RULE(2 /* LANDLOCK_RULE_NET_PORT */, LANDLOCK_NET_PORT),
};

const size_t operations_landlock_add_rule_count = ARRAY_SIZE(operations_landlock_add_rule);
