/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/freezing/freezing.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "supervisor/descriptors.h"
#include "supervisor/freezing/freezer.h"
#include "supervisor/freezing/freezing_look.h"
#include "supervisor/listener.h"
#include "supervisor/stacks/maps.h"
#include "supervisor/performing/performer.h"

/* One call in hand. */
struct hand {
	const struct freezing *self;
	const struct operation *operation;
	struct identity identity;
	struct identity_thread thread;
	struct freeze freeze;
	struct freezing_look *look;
	struct file_id before; /* where operation->trace led before the call */
	bool had_before;
};

/* ---- waiting */

struct patience {
	struct timespec end;
	unsigned rounds;
};

static struct patience patience_of(unsigned ms)
{
	struct patience patience = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &patience.end);
	patience.end.tv_sec += ms / 1000;
	patience.end.tv_nsec += ms % 1000 * 1000000L;
	if (patience.end.tv_nsec >= 1000000000) {
		patience.end.tv_sec++;
		patience.end.tv_nsec -= 1000000000;
	}
	return patience;
}

/* Waits a little, and longer each time up to a millisecond; false when the time is over. */
static bool patience_left(struct patience *patience)
{
	long us = patience->rounds < 50 ? 20 : 1000;
	struct timespec now, pause = { .tv_nsec = us * 1000 };

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec > patience->end.tv_sec ||
	    (now.tv_sec == patience->end.tv_sec && now.tv_nsec >= patience->end.tv_nsec))
		return false;
	patience->rounds++;
	(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
	return true;
}

/* The successor of a dead worker takes the call up: it is ours no more. */
static bool is_orphaned(const struct freezing *self)
{
	return getppid() != self->worker;
}

/* ---- rest */

/* Whether the notification is the task's, is not answered, and writes nothing when it is. */
static bool is_held_by(const struct hand *hand, const struct notification *notification, pid_t tid)
{
	enum notification_state state = notification_state(notification);
	const struct operation *operation;

	if ((pid_t)notification->request.pid != tid || state == NOTIFICATION_FREE ||
	    state == NOTIFICATION_ANSWERED || state == NOTIFICATION_GONE)
		return false;
	operation = operation_find(&notification->request.data);
	return operation && !operation->writes_memory &&
	       listener_valid(hand->self->service->listener, notification->request.id) == 0;
}

/*
 * A task that waits for the answer to a call that performers have in hand, or that a person is
 * asked about. Those that freeze wait for our lock, and what else is let go on by itself meanwhile
 * (an open) writes nothing to memory: so the task does nothing until it has its result, and then it
 * comes to rest.
 */
static bool is_in_hand(const void *context, pid_t tid)
{
	const struct hand *hand = context;
	const struct journal *journal = hand->self->service->journal;

	for (size_t i = 0; i < PERFORMERS_MAX; i++)
		if (is_held_by(hand, &journal->performing[i], tid))
			return true;
	for (size_t i = 0; asked_ever(&journal->asking) && i < ASKED_MAX; i++)
		if (is_held_by(hand, &journal->asking.slots[i].notification, tid))
			return true;
	return false;
}

static enum perform_refusal wait_for_others(struct hand *hand)
{
	struct patience patience = patience_of(FREEZING_REST_MS);
	int still;

	do {
		still = freeze_others_still(&hand->freeze, hand->thread.tid, is_in_hand, hand);
		if (still < 0)
			return PERFORM_REFUSED_FREEZE;
		if (still == 1)
			return PERFORM_REFUSED_NOT;
	} while (!is_orphaned(hand->self) && patience_left(&patience));
	return PERFORM_REFUSED_RESTLESS;
}

/* Until the caller has its call behind it: 1, 0 where time is over, -ESRCH where it has gone. */
static int wait_for_caller(const struct hand *hand)
{
	struct patience patience = patience_of(FREEZING_CALL_MS);
	int rests;

	do {
		rests = freeze_task_rests(&hand->freeze, hand->thread.tid);
		if (rests < 0) /* a thread that executes becomes its group's first */
			rests = freeze_task_rests(&hand->freeze, hand->thread.pid);
	} while (rests == 0 && patience_left(&patience));
	return rests;
}

/* ---- the look */

/* It may hang, and must not hold the lock then. */
static void look_in_child(struct hand *hand, const int hands[HANDS], pid_t parent)
{
	freeze_close(&hand->freeze);
	freezing_look_run(&(struct freezing_looker){ .service = hand->self->service,
	                                             .proc = hand->self->proc,
	                                             .parent = parent,
	                                             .identity = &hand->identity,
	                                             .thread = &hand->thread,
	                                             .hands = hands },
	                  hand->look);
}

/* The child's exit status, or -1 where it had none in time. */
static int wait_for_child(const struct hand *hand, pid_t child)
{
	struct patience patience = patience_of(FREEZING_LOOK_MS);
	int status;

	do {
		pid_t ended = waitpid(child, &status, WNOHANG);

		if (ended == child)
			return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	} while (!is_orphaned(hand->self) && patience_left(&patience));
	(void)kill(child, SIGKILL); /* its end is not waited for: it may hang in what it reads */
	return -1;
}

static enum perform_refusal look(struct hand *hand)
{
	const struct freezing *self = hand->self;
	int hands[HANDS];
	pid_t child, parent = getpid();
	int status;

	memset(hand->look, 0, sizeof(*hand->look));
	memcpy(&hand->look->notification, self->slot, sizeof(*self->slot));
	hands_take(self->proc, &self->slot->request.data, &hand->thread, hands);
	child = _Fork(); /* performers.c says why */
	if (child == 0)
		look_in_child(hand, hands, parent);
	hands_drop(hands);
	if (child < 0)
		return PERFORM_REFUSED_BUSY;
	status = wait_for_child(hand, child);
	if (status == 0)
		return PERFORM_REFUSED_NOT;
	return status > 0 ? PERFORM_REFUSED_IDENTITY : PERFORM_REFUSED_SLOW;
}

/* ---- memory that outsiders can write */

static bool overlaps(const struct freezing_look *look, const struct mapping *mapping)
{
	for (size_t i = 0; i < look->n_ranges; i++) {
		const struct freezing_range *range = &look->ranges[i];

		if (range->address < mapping->high && range->length > 0 &&
		    mapping->low - range->address < range->length)
			return true;
		if (range->address >= mapping->low && range->address < mapping->high)
			return true;
	}
	return false;
}

/* Lines that are longer than this are none of a file's whose path the kernel can show. */
enum { MAPS_CHUNK = 4 * PATH_MAX };

/* Whether something that was looked at is mapped shared; also where nobody can tell. */
static bool is_shared(const struct hand *hand)
{
	char path[32], text[MAPS_CHUNK];
	_cleanup_close_ int fd = -EBADF;
	size_t left = 0;
	ssize_t count;

	snprintf(path, sizeof(path), "%d/maps", hand->thread.tid);
	fd = openat(hand->self->proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return true;
	while ((count = read(fd, text + left, sizeof(text) - left)) > 0) {
		const char *rest = text, *end = text + left + count;
		struct mapping mapping;

		while (maps_next(&rest, end, &mapping))
			if (mapping.shared && overlaps(hand->look, &mapping))
				return true;
		left = (size_t)(end - rest);
		if (left == sizeof(text))
			return true;
		memmove(text, rest, left);
	}
	return count < 0;
}

/* ---- where the call led */

/* What is known already will do: a file system of the target's own could not answer, frozen. */
static bool read_trace(const struct hand *hand, pid_t tid, struct file_id *ret_id)
{
	struct statx status;
	char path[32];

	snprintf(path, sizeof(path), "%d/%s", tid, hand->operation->trace);
	if (statx(hand->self->proc, path, AT_STATX_DONT_SYNC, STATX_INO, &status) < 0)
		return false;
	*ret_id = (struct file_id){ .device = makedev(status.stx_dev_major, status.stx_dev_minor),
		                    .inode = status.stx_ino };
	return true;
}

static bool same_file(const struct file_id *a, const struct file_id *b)
{
	return a->device == b->device && a->inode == b->inode;
}

/*
 * Whether the caller goes on behind its call, as it does where an execve failed: the last number
 * of proc_pid_syscall(5) is where.
 */
static bool goes_on_behind(const struct hand *hand, pid_t tid)
{
	char path[32], text[256];
	_cleanup_close_ int fd = -EBADF;
	const char *last;
	ssize_t length;

	snprintf(path, sizeof(path), "%d/syscall", tid);
	fd = openat(hand->self->proc, path, O_RDONLY | O_CLOEXEC);
	length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (length <= 0)
		return false;
	text[length] = '\0';
	last = strrchr(text, ' ');
	return last &&
	       strtoull(last, NULL, 16) == hand->self->slot->request.data.instruction_pointer;
}

/* Where it was decided on; or where it was before, which is how a call that failed looks. */
static bool led_there(const struct hand *hand)
{
	pid_t tid = hand->thread.tid;
	struct file_id now;

	if (!read_trace(hand, tid, &now)) {
		tid = hand->thread.pid;
		if (!read_trace(hand, tid, &now))
			return false;
	}
	if (same_file(&now, &hand->look->file))
		return true;
	if (!hand->had_before || !same_file(&now, &hand->before))
		return false;
	return strcmp(hand->operation->trace, "exe") != 0 || goes_on_behind(hand, tid);
}

/* ---- the line */

static void take_verdict(const struct hand *hand)
{
	struct notification *slot = hand->self->slot;
	const struct notification *seen = &hand->look->notification;

	memcpy(&slot->verdict, &seen->verdict,
	       sizeof(*slot) - offsetof(struct notification, verdict));
}

static void set_end(const struct hand *hand, enum notification_state state)
{
	if (!is_orphaned(hand->self))
		notification_set_state(hand->self->slot, state);
}

/* The process dies where it stands: it has not run one instruction behind its call. */
static void stop_process(const struct hand *hand)
{
	struct verdict *verdict = &hand->self->slot->verdict;

	(void)kill(hand->thread.pid, SIGKILL);
	if (is_orphaned(hand->self))
		return;
	verdict->kind = VERDICT_KILL;
	verdict->error = EACCES;
	verdict->refusal = PERFORM_REFUSED_CHANGED;
	verdict->silent = false;
}

/* performing -> answered: the call goes on, and is met on its way back. */
static void let_go(struct hand *hand)
{
	const struct freezing *self = hand->self;
	int rests;

	notification_set_state(self->slot, NOTIFICATION_PERFORMING);
	if (listener_continue(self->service->listener, self->slot->request.id) != 0) {
		set_end(hand, NOTIFICATION_GONE);
		return;
	}
	rests = wait_for_caller(hand);
	if (hand->operation->trace && rests >= 0 && (rests == 0 || !led_there(hand)))
		stop_process(hand);
	set_end(hand, NOTIFICATION_ANSWERED);
}

/* What the rules said of a target that rests: whether the call may go on. */
static enum perform_refusal judge(struct hand *hand)
{
	const struct freezing_look *seen = hand->look;

	if (seen->notification.verdict.kind != VERDICT_ALLOW || seen->prepared < 0)
		return PERFORM_REFUSED_NOT;
	if (hand->operation->trace && !seen->has_file)
		return PERFORM_REFUSED_PROGRAM;
	return is_shared(hand) ? PERFORM_REFUSED_SHARED : PERFORM_REFUSED_NOT;
}

/* new -> decided; what is refused by us is the worker's to answer. */
static void decided(const struct hand *hand, enum perform_refusal refusal)
{
	struct verdict *verdict = &hand->self->slot->verdict;

	if (refusal != PERFORM_REFUSED_NOT) {
		verdict->kind = VERDICT_DENY;
		verdict->error = EACCES;
		verdict->refusal = (uint8_t)refusal;
		verdict->silent = false;
	}
	notification_set_state(hand->self->slot, NOTIFICATION_DECIDED);
}

/* An allow of what cannot be: the call fails as it would fail. */
static void let_fail(const struct hand *hand)
{
	const struct freezing *self = hand->self;

	notification_set_state(self->slot, NOTIFICATION_PERFORMING);
	(void)!listener_refuse(self->service->listener, self->slot->request.id,
	                       -hand->look->prepared);
	set_end(hand, NOTIFICATION_ANSWERED);
}

static enum perform_refusal decide_frozen(struct hand *hand)
{
	enum perform_refusal refusal = wait_for_others(hand);

	if (refusal == PERFORM_REFUSED_NOT)
		refusal = look(hand);
	if (refusal != PERFORM_REFUSED_NOT)
		return refusal;
	hand->had_before =
		hand->operation->trace && read_trace(hand, hand->thread.tid, &hand->before);
	refusal = judge(hand);
	if (!is_orphaned(hand->self))
		take_verdict(hand);
	return refusal;
}

/* Under the lock, with the target frozen. */
static void serve_frozen(struct hand *hand)
{
	const struct freezing *self = hand->self;
	enum perform_refusal refusal = decide_frozen(hand);
	bool valid = listener_valid(self->service->listener, self->slot->request.id) == 0;
	const struct verdict *verdict = &self->slot->verdict;

	if (is_orphaned(self))
		return;
	if (!valid) {
		notification_set_state(self->slot, NOTIFICATION_GONE);
		return;
	}
	decided(hand, refusal);
	if (verdict->kind != VERDICT_ALLOW)
		return;
	if (hand->look->prepared < 0)
		let_fail(hand);
	else
		let_go(hand);
}

static void serve_order(const struct freezing *self, struct freezing_look *look)
{
	struct hand hand = { .self = self,
		             .operation = operation_find(&self->slot->request.data),
		             .look = look };
	pid_t tid = (pid_t)self->slot->request.pid;
	int result = identity_read(self->proc, tid, &hand.identity, &hand.thread);

	if (result < 0) {
		decided(&hand, PERFORM_REFUSED_IDENTITY);
		return;
	}
	result = freeze_begin(self->service->freezer, self->proc, &hand.freeze);
	if (result == 0 && !is_orphaned(self))
		serve_frozen(&hand);
	else if (!is_orphaned(self))
		decided(&hand, PERFORM_REFUSED_FREEZE);
	freeze_end(&hand.freeze);
}

void freezing_run(const struct freezing *freezing)
{
	const int keep[] = { freezing->service->listener, freezing->socket, freezing->proc,
		             freezing->service->freezer };
	const unsigned char done = PERFORMER_DONE;
	struct performer_order order;
	struct freezing_look *look = mmap(NULL, sizeof(*look), PROT_READ | PROT_WRITE,
	                                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	(void)prctl(PR_SET_NAME, "callgate-freeze");
	signal(SIGCHLD, SIG_DFL); /* the looker's status is wanted */
	if (look == MAP_FAILED || descriptors_close_except(keep, ARRAY_SIZE(keep)) < 0)
		_exit(1);
	while (recv(freezing->socket, &order, sizeof(order), 0) == sizeof(order)) {
		serve_order(freezing, look);
		while (waitpid(-1, NULL, WNOHANG) > 0) /* lookers that were late */
			;
		if (send(freezing->socket, &done, 1, MSG_NOSIGNAL) != 1)
			break;
	}
	_exit(0);
}
