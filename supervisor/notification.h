/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One notified call, from RECV to its answer. The object is a slot of the journal in memory that
 * the worker shares with the keeper: the kernel writes the request straight into it, so a
 * successor of a dead worker finds what was received and not yet answered.
 *
 * The worker fills it and moves it through its life; the keeper reads answered ones only.
 */
#pragma once

#include <linux/seccomp.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "policies/decide.h"

/*
 * free        no request. RECV is in flight on at most one free slot: if request.id is not 0, the
 *             kernel has delivered one and the worker died before it could say so
 * new         received: the target waits
 * decided     the verdict stands, the caller and its memory are captured; not yet answered
 * asked       a person is asked: the verdict is what enforce says, until there is an answer
 * performing  a performer makes the call: it may have had its effect, or not yet
 * answered    answered once; the keeper may read the slot, and then frees it
 * gone        the target died or was interrupted before the answer; the keeper frees it
 *
 * The allowed steps: free -> new -> decided -> answered, with performing before answered for a call
 * that is made for the target; new|decided|performing -> gone, and answered|gone -> free.
 * decided|performing -> new where a performer died, and the call may be made again.
 * decided -> asked -> decided for a call that a person is asked about; asked -> gone. What they
 * allow and a performer makes goes from there to new, and is seen to be what was asked about.
 */
enum notification_state {
	NOTIFICATION_FREE,
	NOTIFICATION_NEW,
	NOTIFICATION_DECIDED,
	NOTIFICATION_ASKED,
	NOTIFICATION_PERFORMING,
	NOTIFICATION_ANSWERED,
	NOTIFICATION_GONE,
	NOTIFICATION_STATE_COUNT,
};

/* What was read of the memory behind one argument. */
enum capture_status {
	CAPTURE_NONE,       /* the argument points to nothing we read */
	CAPTURE_WHOLE,      /* all of it */
	CAPTURE_CUT,        /* the first length bytes */
	CAPTURE_UNREADABLE, /* EFAULT, no permission */
};

struct capture {
	uint8_t status;  /* enum capture_status */
	uint16_t offset; /* into notification.bytes */
	uint16_t length;
};

/* The same of memory that captured memory points to: a string of argv, the name of a msghdr. */
struct nested_capture {
	uint64_t address;
	struct capture capture;
	uint8_t type; /* enum argument_type */
};

enum {
	NOTIFICATION_ROOM = 256,   /* for struct seccomp_notif of later kernels; 80 bytes today */
	NOTIFICATION_BYTES = 2048, /* captured memory of all arguments together */
	NOTIFICATION_NESTED = 24,  /* pointers that are followed, of all arguments together */
	CALLER_EXE_MAX = 256,
	CALLER_COMM_SIZE = 16, /* TASK_COMM_LEN */
};

/* Who calls: read from /proc by the worker while the call waits. */
struct caller {
	pid_t tid; /* notif.pid is a thread's id */
	pid_t pid; /* its thread group; 0 where /proc did not tell */
	pid_t ppid;
	pid_t vpid; /* pid in its own pid namespace; 0 where /proc did not tell */
	uid_t uid;  /* effective */
	uid_t real_uid;
	gid_t gid; /* likewise */
	bool has_caps;
	uint64_t caps; /* effective, in its own user namespace */
	char comm[CALLER_COMM_SIZE];
	uint16_t exe_length;
	char exe[CALLER_EXE_MAX]; /* not NUL-terminated, may be cut */
};

struct notification {
	union {
		struct seccomp_notif request;
		char room[NOTIFICATION_ROOM];
	};
	_Atomic uint32_t state; /* enum notification_state; by notification_set_state() only */
	uint32_t attempts;      /* workers that took it up; the second reads no target memory */
	struct verdict verdict; /* born a denial */
	uint64_t received_ns;   /* CLOCK_REALTIME */
	uint32_t latency_ns;    /* RECV to SEND */
	struct caller caller;
	struct capture captures[6];
	struct nested_capture nested[NOTIFICATION_NESTED];
	uint16_t n_nested;
	uint8_t stack_status; /* enum stack_status */
	uint8_t stack_slot;   /* of the stack ring, while STACK_PENDING */
	uint16_t used;        /* of bytes */
	char bytes[NOTIFICATION_BYTES];
};

/* The one way to change the state; asserts that the step is allowed. */
void notification_set_state(struct notification *notification, enum notification_state next);

/*
 * Makes a free slot ready for RECV: the request zeroed, as the kernel demands, and the verdict the
 * profile's denial at its most general (EPERM), so that a path that forgets to decide denies.
 */
void notification_prepare(struct notification *notification);

/*
 * Moves what a slot holds to a free one, its state too, and frees the first. In between both hold
 * it: whoever takes up the work of a dead worker looks for the same id twice.
 */
void notification_move(struct notification *from, struct notification *to);

/* Gives an answered or gone slot back. */
void notification_release(struct notification *notification);

static inline enum notification_state notification_state(const struct notification *notification)
{
	return (enum notification_state)atomic_load_explicit(&notification->state,
	                                                     memory_order_acquire);
}

static inline bool capture_is_read(const struct capture *capture)
{
	return capture->status == CAPTURE_WHOLE || capture->status == CAPTURE_CUT;
}

/* The bytes of a capture; never beyond those of the notification, whatever the capture says. */
const char *capture_bytes(const struct notification *notification, const struct capture *capture,
                          size_t *ret_length);
