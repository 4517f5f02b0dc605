/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/performing/performers.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "supervisor/freezing/freezer.h"
#include "supervisor/freezing/freezing.h"
#include "supervisor/listener.h"

enum {
	IDLE_MAX = 4,     /* more than these go home when they have done their call */
	ATTEMPTS_MAX = 2, /* performers that die over one call before it is refused */
};

struct member {
	pid_t pid;    /* 0: there is none */
	int socket;   /* -EBADF */
	bool freezes; /* a freezing process (freezing.h), of no identity but ours */
	bool busy;
	bool suspect; /* its call was gone at the last check: answered by now, or abandoned */
	struct identity identity;
};

struct performers {
	const struct service *service;
	struct journal *journal;
	int proc;
	int epoll;
	unsigned busy;
	bool may_be_frozen; /* by a dead one of ours, while somebody else had the lock */
	uint64_t checked_ms;
	size_t orphans; /* slots before this one have been looked at for a dead worker's calls */
	struct member members[PERFORMERS_MAX];
};

static void thaw_left(struct performers *performers)
{
	int leaf = performers->service->freezer;

	performers->may_be_frozen = leaf >= 0 && !freezer_thaw_left(leaf);
}

int performers_new(const struct service *service, struct performers **ret_performers)
{
	_cleanup_(performers_freep) struct performers *performers = calloc(1, sizeof(*performers));

	if (!performers)
		return -ENOMEM;
	performers->service = service;
	performers->journal = service->journal;
	for (size_t i = 0; i < PERFORMERS_MAX; i++)
		performers->members[i].socket = -EBADF;
	performers->epoll = -EBADF;
	performers->proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (performers->proc < 0)
		return err_errno();
	performers->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (performers->epoll < 0)
		return err_errno();
	thaw_left(performers); /* a dead worker's */
	*ret_performers = TAKE_PTR(performers);
	return 0;
}

static void dismiss(struct performers *performers, struct member *member)
{
	performers->busy -= member->busy;
	member->busy = false;
	member->pid = 0;
	member->socket = fd_close(member->socket);
}

void performers_free(struct performers *performers)
{
	for (size_t i = 0; i < PERFORMERS_MAX; i++)
		dismiss(performers, &performers->members[i]);
	performers->proc = fd_close(performers->proc);
	performers->epoll = fd_close(performers->epoll);
	free(performers);
}

int performers_fd(const struct performers *performers)
{
	return performers->epoll;
}

bool performers_busy(const struct performers *performers)
{
	return performers->busy > 0 || performers->may_be_frozen;
}

static struct notification *slot_of(const struct performers *performers,
                                    const struct member *member)
{
	return &performers->journal->performing[member - performers->members];
}

/* ---- who is to make the call */

static bool suits(const struct member *member, const struct identity *identity)
{
	if (!identity)
		return member->freezes;
	return !member->freezes && identity_same(&member->identity, identity);
}

/*
 * An idle member with this identity, or for NULL one that freezes; or one without a process, which
 * an idle stranger makes.
 */
static struct member *choose(struct performers *performers, const struct identity *identity)
{
	struct member *vacant = NULL, *stranger = NULL;

	for (size_t i = 0; i < PERFORMERS_MAX; i++) {
		struct member *member = &performers->members[i];
		bool free = notification_state(slot_of(performers, member)) == NOTIFICATION_FREE;

		if (member->busy || !free)
			continue;
		if (member->pid == 0)
			vacant = vacant ? vacant : member;
		else if (suits(member, identity))
			return member;
		else
			stranger = member;
	}
	if (vacant || !stranger)
		return vacant;
	dismiss(performers, stranger);
	return stranger;
}

static int start(struct performers *performers, struct member *member, pid_t like)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = member };
	_cleanup_close_ int ours = -EBADF, theirs = -EBADF;
	int pair[2];
	pid_t worker = getpid();

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_errno();
	ours = pair[0];
	theirs = pair[1];
	if (epoll_ctl(performers->epoll, EPOLL_CTL_ADD, ours, &event) < 0)
		return err_errno();
	/*
	 * libuv's fork handler would close what it has noted as its signal pipe: numbers that are
	 * other descriptors by now, for our process closed all that it did not need.
	 */
	member->pid = _Fork();
	if (member->pid == 0 && member->freezes)
		freezing_run(&(struct freezing){ .service = performers->service,
		                                 .socket = theirs,
		                                 .proc = performers->proc,
		                                 .worker = worker,
		                                 .slot = slot_of(performers, member) });
	if (member->pid == 0)
		performer_run(&(struct performer){ .service = performers->service,
		                                   .socket = theirs,
		                                   .proc = performers->proc,
		                                   .worker = worker,
		                                   .like = like,
		                                   .identity = &member->identity,
		                                   .slot = slot_of(performers, member) });
	if (member->pid < 0) {
		member->pid = 0;
		return err_errno();
	}
	member->socket = TAKE_FD(ours);
	return 0;
}

/* ---- the order */

static int send_order(int socket, struct performer_order *order, const int hands[HANDS])
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * HANDS)];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec part = { .iov_base = order, .iov_len = sizeof(*order) };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes };
	size_t count = 0;

	for (size_t i = 0; i < HANDS; i++) {
		order->errors[i] = hands[i] < 0 ? hands[i] : 0;
		if (hands[i] >= 0)
			memcpy(CMSG_DATA(&control.align) + sizeof(int) * count++, &hands[i],
			       sizeof(int));
	}
	if (count > 0) {
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(sizeof(int) * count);
		message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
	} else {
		message.msg_control = NULL;
	}
	return sendmsg(socket, &message, MSG_NOSIGNAL) < 0 ? err_errno() : 0;
}

/* One that freezes takes what it needs itself, when nobody can change it any more. */
static int give_order(struct performers *performers, struct member *member,
                      const struct identity_thread *thread)
{
	const struct seccomp_data *call = &slot_of(performers, member)->request.data;
	struct performer_order order = { .thread = *thread };
	int hands[HANDS] = { -EBADF, -EBADF, -EBADF };
	int result;

	if (!member->freezes)
		hands_take(performers->proc, call, thread, hands);
	result = send_order(member->socket, &order, hands);
	hands_drop(hands);
	return result;
}

static int refused(struct notification *notification, int error, enum perform_refusal refusal)
{
	struct verdict *verdict = &notification->verdict;

	verdict->kind = VERDICT_DENY;
	verdict->error = (uint16_t)error;
	verdict->refusal = (uint8_t)refusal;
	verdict->silent = false;
	if (notification_state(notification) == NOTIFICATION_NEW)
		notification_set_state(notification, NOTIFICATION_DECIDED);
	return PERFORMERS_REFUSED;
}

/* Left by a worker that died between copying a notification and freeing its old slot. */
static bool is_taken(const struct performers *performers, const struct notification *notification)
{
	for (size_t i = 0; i < PERFORMERS_MAX; i++) {
		const struct notification *slot = &performers->journal->performing[i];

		if (slot != notification && notification_state(slot) != NOTIFICATION_FREE &&
		    slot->request.id == notification->request.id)
			return true;
	}
	return false;
}

/* A Unix socket tells its peer who connects, so only the target can. */
static bool connects_unix(const struct seccomp_data *call, const struct identity_thread *thread)
{
	_cleanup_close_ int socket = -EBADF;
	socklen_t size = sizeof(int);
	int domain;

	if (call->nr != SYS_connect)
		return false;
	socket = hands_descriptor(thread, (int)call->args[0]);
	return socket >= 0 && getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 &&
	       domain == AF_UNIX;
}

/* In complain mode every call goes on, looked at or not. */
static bool is_to_freeze(const struct service *service, const struct seccomp_data *call,
                         const struct identity_thread *thread)
{
	return service->freezer >= 0 && service->mode == MODE_ENFORCE && !service->perform_all &&
	       (operation_find(call)->frozen || connects_unix(call, thread));
}

int performers_take(struct performers *performers, struct notification *notification)
{
	pid_t tid = (pid_t)notification->request.pid;
	struct identity_thread thread;
	struct identity identity;
	struct member *member;
	bool freezes;

	if (is_taken(performers, notification)) {
		notification_set_state(notification, NOTIFICATION_GONE);
		notification_release(notification);
		return 0;
	}
	if (identity_read(performers->proc, tid, &identity, &thread) < 0)
		return refused(notification, EACCES, PERFORM_REFUSED_IDENTITY);
	freezes = is_to_freeze(performers->service, &notification->request.data, &thread);
	member = choose(performers, freezes ? NULL : &identity);
	if (!member)
		return refused(notification, EAGAIN, PERFORM_REFUSED_BUSY);
	member->identity = identity;
	member->freezes = freezes;
	if (member->pid == 0 && start(performers, member, tid) < 0)
		return refused(notification, EAGAIN, PERFORM_REFUSED_BUSY);
	notification->verdict.refusal = PERFORM_REFUSED_NOT;
	notification_move(notification, slot_of(performers, member));
	member->busy = true;
	member->suspect = false;
	performers->busy++;
	/* One that cannot be told what to do is of no use; its end is heard of like any. */
	if (give_order(performers, member, &thread) < 0)
		(void)kill(member->pid, SIGKILL);
	return 0;
}

/* ---- what came of it */

/*
 * A slot whose performer died: as if it had not begun where nothing can have happened, or where it
 * may happen twice (operation.idempotent). Else nobody knows, and EIO says so. True where the slot
 * is through; false where another performer has it.
 */
static bool settle(struct performers *performers, struct notification *slot)
{
	enum notification_state state = notification_state(slot);
	const struct operation *operation = operation_find(&slot->request.data);
	bool may_redo = state != NOTIFICATION_PERFORMING || (operation && operation->idempotent);

	if (state == NOTIFICATION_ANSWERED || state == NOTIFICATION_GONE ||
	    slot->verdict.refusal != PERFORM_REFUSED_NOT)
		return true;
	if (may_redo && slot->attempts < ATTEMPTS_MAX &&
	    listener_valid(performers->service->listener, slot->request.id) == 0) {
		slot->attempts++;
		if (state != NOTIFICATION_NEW)
			notification_set_state(slot, NOTIFICATION_NEW);
		return performers_take(performers, slot) == PERFORMERS_REFUSED;
	}
	(void)refused(slot, EIO, PERFORM_REFUSED_DIED);
	return true;
}

static struct notification *next_orphan(struct performers *performers)
{
	while (performers->orphans < PERFORMERS_MAX) {
		struct notification *slot = &performers->journal->performing[performers->orphans++];
		bool is_orphan =
			notification_state(slot) != NOTIFICATION_FREE &&
			performers->members[slot - performers->journal->performing].pid == 0;

		if (is_orphan && settle(performers, slot))
			return slot;
	}
	return NULL;
}

/* The idle ones wait for a next call with the same identity, a few of them. */
static void come_home(struct performers *performers, struct member *member)
{
	unsigned idle = 0;

	member->busy = false;
	performers->busy--;
	for (size_t i = 0; i < PERFORMERS_MAX; i++)
		idle += performers->members[i].pid != 0 && !performers->members[i].busy;
	if (idle > IDLE_MAX)
		dismiss(performers, member);
}

/* What one member has to say; NULL where no slot is through by it. */
static struct notification *hear(struct performers *performers, struct member *member)
{
	struct notification *slot = slot_of(performers, member);
	bool was_busy = member->busy;
	unsigned char word = PERFORMER_DONE;
	ssize_t count = recv(member->socket, &word, 1, MSG_DONTWAIT);

	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return NULL;
	if (count == 1 && word == PERFORMER_DONE && was_busy) {
		come_home(performers, member);
		return slot;
	}
	if (member->freezes && was_busy) /* it has died over its call */
		thaw_left(performers);
	dismiss(performers, member);
	if (!was_busy)
		return NULL;
	if (word == PERFORMER_UNABLE)
		(void)refused(slot, EACCES, PERFORM_REFUSED_IDENTITY);
	return settle(performers, slot) ? slot : NULL;
}

struct notification *performers_next(struct performers *performers)
{
	struct notification *slot = next_orphan(performers);
	struct epoll_event event;

	while (!slot && epoll_wait(performers->epoll, &event, 1, 0) == 1)
		slot = hear(performers, event.data.ptr);
	return slot;
}

/*
 * A call that is gone at two checks, while its performer has nothing to say, has lost its target.
 * At one it may just have been answered.
 */
static void check(const struct performers *performers, struct member *member)
{
	const struct notification *slot = slot_of(performers, member);

	if (member->freezes && notification_state(slot) == NOTIFICATION_PERFORMING)
		return; /* it has let the call go on, and bounds its wait itself */
	if (listener_valid(performers->service->listener, slot->request.id) != LISTENER_GONE)
		return;
	if (member->suspect)
		(void)kill(member->pid, SIGKILL);
	member->suspect = true;
}

void performers_check(struct performers *performers)
{
	struct timespec now;
	uint64_t now_ms;

	if (!performers_busy(performers))
		return;
	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	now_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
	if (now_ms - performers->checked_ms < PERFORMERS_CHECK_MS)
		return;
	performers->checked_ms = now_ms;
	if (performers->may_be_frozen)
		thaw_left(performers);
	for (size_t i = 0; i < PERFORMERS_MAX; i++)
		if (performers->members[i].busy)
			check(performers, &performers->members[i]);
}
