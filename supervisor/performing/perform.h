/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes a call for the target: from one copy of what its arguments point to, on objects that are
 * pinned, in a process that has the target's identity (identity.h). Whatever the target rewrites
 * meanwhile comes too late, so an allow that looked at memory is an allow of exactly this.
 *
 * First prepare: copy and resolve, without any effect. Then act, once.
 */
#pragma once

#include <linux/openat2.h>
#include <linux/seccomp.h>

#include "supervisor/performing/resolve_path.h"

enum {
	PERFORM_NO_ARGUMENT = -1,
	PERFORM_CWD = -2, /* a call without a dirfd: relative to the working directory */
};

/* When the last component's link is followed, where argument `flags` may say otherwise. */
enum perform_last {
	PERFORM_NO_PATH,
	PERFORM_FOLLOW,
	PERFORM_NOFOLLOW,
	PERFORM_UNLESS_NOFOLLOW, /* AT_SYMLINK_NOFOLLOW; AT_EMPTY_PATH means the dirfd itself */
	PERFORM_IF_FOLLOW,       /* AT_SYMLINK_FOLLOW; AT_EMPTY_PATH as before */
	PERFORM_ENTRY,
	PERFORM_OPEN, /* as the open's own flags say */
};

/* Why a call that was allowed is refused with EACCES or EIO: what verdict.refusal holds. */
enum perform_refusal {
	PERFORM_REFUSED_NOT,
	PERFORM_REFUSED_IDENTITY,  /* we may not become what the caller is */
	PERFORM_REFUSED_BUSY,      /* too many calls are being made */
	PERFORM_REFUSED_DIED,      /* who made the call died over it: perhaps it was made */
	PERFORM_REFUSED_PEER,      /* a Unix socket would tell its peer of us */
	PERFORM_REFUSED_ANCILLARY, /* descriptors and ids in a message */
	PERFORM_REFUSED_DEVICE,    /* judged by a cgroup that is not ours */
	PERFORM_REFUSED_O_PATH,    /* ADDFD takes no such descriptor */
	PERFORM_REFUSED_UNSTEADY,  /* a name that came and went all the time */
	PERFORM_REFUSED_FREEZE,    /* the target cannot be frozen, or is not where we put it */
	PERFORM_REFUSED_RESTLESS,  /* another of its tasks did not come to rest in time */
	PERFORM_REFUSED_SLOW,      /* the look took too long for a target to be frozen */
	PERFORM_REFUSED_SHARED,    /* what was looked at lies where outsiders can write */
	PERFORM_REFUSED_PROGRAM,   /* nobody can tell which program will run */
	PERFORM_REFUSED_CHANGED,   /* the call went elsewhere than was decided: the process died */
	PERFORM_REFUSAL_COUNT,
};

/* "is made by a process that may not become the caller" and the like. Static. */
const char *perform_refusal_text(enum perform_refusal refusal);

struct performance;

/* One row a syscall. Indices are those of the registers. */
struct operation {
	struct {
		int at;       /* the dirfd, or PERFORM_CWD; PERFORM_NO_ARGUMENT: no pin is taken */
		uint8_t path; /* its pointer */
		uint8_t last; /* enum perform_last */
	} paths[2];
	bool socket;        /* argument 0 is one, and pin 0 */
	bool null_is_dirfd; /* a NULL path means the dirfd (utimensat) */
	bool writes_memory; /* the target's, with a part of the result */
	bool idempotent;    /* done twice it is as if done once: a successor may do it again */
	bool frozen;        /* only the target itself can make it (freezing.h): there is no act */
	const char *trace;  /* of a frozen call: the link of /proc/TID that shows where it led */
	bool has_flags;     /* argument `flags` may hold known_flags only; else EINVAL */
	uint8_t flags;
	uint32_t known_flags;
	bool (*applies)(const struct seccomp_data *); /* by the registers; NULL: always */
	/* By the registers: what it gives opens nothing, and cannot be handed over; CONTINUE is
	 * right. */
	bool (*continues)(const struct seccomp_data *);
	int (*prepare)(struct performance *); /* before the paths are read; may be NULL */
	int64_t (*act)(struct performance *); /* the call's value, or -errno */
};

/*
 * Whether a call has a row, and its registers say that it points to nothing a policy could look at:
 * a sendto without an address. CONTINUE is then as good as performing it.
 */
bool operation_is_plain(const struct seccomp_data *call);

/*
 * The row of a call of the native ABI; NULL where it cannot be performed, or where the registers
 * say that it has nothing in memory that a policy could look at.
 */
const struct operation *operation_find(const struct seccomp_data *call);

/* What the worker, which may reach it, takes from the target for a performer, which may not. */
enum { PERFORM_PINS = 2 };

/* What has been read behind an argument, for rules to look at; borrowed from the performance. */
struct perform_copy {
	const void *bytes; /* NULL: nothing */
	size_t length;
};

/* One for each argument, and one for the address inside a struct msghdr. */
enum { PERFORM_COPY_ADDRESS = 6, PERFORM_COPIES };

struct performance {
	const struct operation *operation;
	struct seccomp_data call;
	struct resolver resolver;
	struct identity_thread thread;
	int memory; /* of the target: memory.h */
	/* The dirfd or working directory of each path, or the socket; or -errno. */
	int pins[PERFORM_PINS];
	/* The paths as the target wrote them; empty for a NULL that may be. */
	char text[2][PATH_MAX];
	struct resolved_path paths[2];
	struct open_how how; /* PERFORM_OPEN: checked */
	void *copy;          /* owned: what else prepare has copied */
	struct perform_copy copies[PERFORM_COPIES];
	int descriptor;               /* act's result is this one: -EBADF where it is a number */
	bool cloexec;                 /* for the descriptor */
	enum perform_refusal refusal; /* why it was refused although the kernel might not have */
};

/* memory and pins stay the caller's. */
void performance_init(struct performance *performance, const struct operation *operation,
                      const struct seccomp_data *call);
void performance_deinit(struct performance *performance);

/* 0, or the -errno that the target gets; -ESRCH where its memory is gone. */
_must_check_ int perform_prepare(struct performance *performance);

/* After a prepare that returned 0. The call's value or -errno; descriptor is closed by deinit. */
int64_t perform_act(struct performance *performance);

/* For the rows: what is behind an argument, copied. -EFAULT, -ENAMETOOLONG, -ESRCH. */
_must_check_ int perform_string(const struct performance *performance, uint64_t address, char *buf,
                                size_t size);
_must_check_ int perform_bytes(const struct performance *performance, uint64_t address, void *buf,
                               size_t size);

/* For the rows: a rule that asks for that argument sees these bytes. */
static inline void perform_show(struct performance *performance, unsigned index, const void *bytes,
                                size_t length)
{
	performance->copies[index] = (struct perform_copy){ bytes, length };
}

/* Deny on doubt: a call that could not be made exactly as the target would make it. */
int perform_refuse(struct performance *performance, enum perform_refusal refusal);

/* Whether the target's cgroup would let it use a device, as far as we can know; else true. */
bool perform_may_use_device(const struct performance *performance, mode_t mode, dev_t device);

/* -errno after a syscall that failed, its value else. */
static inline int64_t perform_result(long result)
{
	return result < 0 ? err_errno() : result;
}

/* The kernel takes an int of the register. */
static inline int perform_int(const struct performance *performance, unsigned index)
{
	return (int)performance->call.args[index];
}

/* The rows of each file, found by perform.c. */
struct operation_row {
	int nr;
	struct operation operation;
};
extern const struct operation_row perform_open_rows[], perform_name_rows[],
	perform_attribute_rows[], perform_socket_rows[], perform_frozen_rows[];
extern const size_t perform_open_count, perform_name_count, perform_attribute_count,
	perform_socket_count, perform_frozen_count;
