/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/performing/performer.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "supervisor/performing/call_view.h"
#include "supervisor/capture.h"
#include "supervisor/descriptors.h"
#include "supervisor/listener.h"

/* Descriptors that came with an order, for one call. */
struct performer_hands {
	int descriptors[HANDS];
};

static void hands_empty(struct performer_hands *hands)
{
	for (size_t i = 0; i < ARRAY_SIZE(hands->descriptors); i++)
		hands->descriptors[i] = fd_close(hands->descriptors[i]);
}

/* The descriptors stand packed in the message; each takes the place whose error is 0. */
static void take_descriptors(struct msghdr *message, const struct performer_order *order,
                             struct performer_hands *hands)
{
	const struct cmsghdr *control = CMSG_FIRSTHDR(message);
	const unsigned char *next = control ? CMSG_DATA(control) : NULL;
	size_t left = control ? (control->cmsg_len - CMSG_LEN(0)) / sizeof(int) : 0;

	for (size_t i = 0; i < ARRAY_SIZE(hands->descriptors); i++) {
		hands->descriptors[i] = order->errors[i] < 0 ? order->errors[i] : -EBADF;
		if (order->errors[i] < 0 || left == 0)
			continue;
		memcpy(&hands->descriptors[i], next, sizeof(int));
		next += sizeof(int);
		left--;
	}
}

/* Waits for the next order; false when the worker has hung up. */
static bool next_order(int socket, struct performer_order *ret_order,
                       struct performer_hands *ret_hands)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * HANDS)];
		struct cmsghdr align;
	} control;
	struct iovec part = { .iov_base = ret_order, .iov_len = sizeof(*ret_order) };
	struct msghdr message = { .msg_iov = &part,
		                  .msg_iovlen = 1,
		                  .msg_control = control.bytes,
		                  .msg_controllen = sizeof(control.bytes) };
	ssize_t size;

	do {
		size = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	} while (size < 0 && errno == EINTR);
	if (size != sizeof(*ret_order))
		return false;
	take_descriptors(&message, ret_order, ret_hands);
	return true;
}

/*
 * The number of the descriptor in the target. The target's own table may have no room, and that is
 * the call's result.
 */
static int64_t inject(const struct performer *self, const struct performance *performance)
{
	return listener_add_fd(self->service->listener, self->slot->request.id,
	                       performance->descriptor, performance->cloexec);
}

/* A denial of ours is an event, and who tells it is the worker, before it answers. */
static void hand_back(const struct performer *self, const struct performance *performance)
{
	struct verdict *verdict = &self->slot->verdict;

	verdict->kind = VERDICT_DENY;
	verdict->error = EACCES;
	verdict->refusal = (uint8_t)performance->refusal;
	if (verdict->silent)
		capture_arguments_from(self->slot, performance->memory);
	verdict->silent = false;
}

static int respond(const struct performer *self, const struct performance *performance,
                   int64_t value)
{
	if (value >= 0 && performance->descriptor >= 0)
		value = inject(self, performance);
	if (value == -ESRCH && performance->descriptor >= 0)
		return LISTENER_GONE;
	if (value < 0)
		return listener_refuse(self->service->listener, self->slot->request.id,
		                       (int)-value);
	return listener_return(self->service->listener, self->slot->request.id, value);
}

static void set_end(struct notification *slot, int result)
{
	notification_set_state(slot, result == 0 ? NOTIFICATION_ANSWERED : NOTIFICATION_GONE);
}

/*
 * A path that leads nowhere is no denial: no rule could see it, and the call fails by itself. It is
 * let fail, and nobody is told.
 */
static void let_fail(const struct performance *performance, int prepared, struct verdict *verdict)
{
	bool refused = verdict->kind == VERDICT_DENY || verdict->kind == VERDICT_WOULD;

	if (prepared == 0 || prepared == -ESRCH || performance->refusal != PERFORM_REFUSED_NOT)
		return;
	if (!refused || verdict->doubt != -prepared || verdict->error != -prepared)
		return;
	verdict->allow_by = verdict->kind == VERDICT_WOULD ? ALLOW_BY_CONTINUE : ALLOW_BY_PERFORM;
	verdict->kind = VERDICT_ALLOW;
	verdict->silent = true;
}

/*
 * A person has allowed it. Its copy must lead to the same rule, and its memory must be as it was
 * shown; then the call is made from that copy.
 */
static void decide_again(const struct service *service, struct view *view, int memory,
                         struct notification *slot)
{
	struct notification again;
	struct verdict decided;

	serve_decide(service, view, &decided);
	memcpy(&again, slot, sizeof(again));
	capture_arguments_from(&again, memory);
	slot->verdict.allow_by = decided.allow_by;
	if (decided.ask_seconds == 0 || decided.policy_rule != slot->verdict.policy_rule ||
	    !asked_is_same(slot, &again))
		asked_deny_changed(&slot->verdict);
}

void performer_decide(const struct service *service, const struct performance *performance,
                      int prepared, struct notification *slot)
{
	static struct call_view call_view; /* two paths: much for a stack */
	struct verdict *verdict = &slot->verdict;

	call_view_init(&call_view, performance, slot, service, prepared);
	if (verdict->asked_by != ASKED_NOT)
		decide_again(service, &call_view.view, performance->memory, slot);
	else
		serve_decide(service, &call_view.view, verdict);
	let_fail(performance, prepared, verdict);
	if (!verdict->silent || verdict->ask_seconds > 0)
		capture_arguments_from(slot, performance->memory);
}

/* new -> decided, with what an event needs; true where the call is to be made now. */
static bool decide_order(const struct performer *self, const struct performance *performance,
                         int prepared)
{
	struct verdict *verdict = &self->slot->verdict;

	performer_decide(self->service, performance, prepared, self->slot);
	if (prepared == 0 && verdict->kind == VERDICT_ALLOW && performance->operation->continues &&
	    performance->operation->continues(&performance->call)) {
		verdict->allow_by = ALLOW_BY_CONTINUE;
		return false;
	}
	return verdict->kind == VERDICT_ALLOW &&
	       (verdict->allow_by == ALLOW_BY_PERFORM || self->service->perform_all);
}

/* decided -> performing -> answered; or a refusal of ours, which is the worker's to answer. */
static void perform(const struct performer *self, struct performance *performance, int prepared)
{
	int64_t value = prepared;

	notification_set_state(self->slot, NOTIFICATION_PERFORMING);
	if (value == 0)
		value = perform_act(performance);
	if (performance->refusal != PERFORM_REFUSED_NOT)
		hand_back(self, performance);
	else
		set_end(self->slot, respond(self, performance, value));
}

/*
 * What was copied is worth something only if the id is still valid after the last copy: before
 * that it may have been another process's.
 */
static void decide_and_perform(const struct performer *self, struct performance *performance)
{
	int prepared = perform_prepare(performance);
	bool make = decide_order(self, performance, prepared);
	int result = listener_valid(self->service->listener, self->slot->request.id);

	if (getppid() != self->worker)
		_exit(0); /* the successor has the slot by now */
	if (result != 0) {
		set_end(self->slot, result);
		return;
	}
	notification_set_state(self->slot, NOTIFICATION_DECIDED);
	if (make)
		perform(self, performance, prepared);
}

/* By chroot(2) and mounts of its own a target chooses what its paths are called. */
bool performer_is_abroad(const struct service *service, const struct identity *identity)
{
	return service->home && !identity_same_root(identity, service->home);
}

static void serve_order(const struct performer *self, const struct performer_order *order,
                        const struct performer_hands *hands)
{
	static struct performance performance; /* two paths and more: much for a stack */
	const struct seccomp_data *call = &self->slot->request.data;

	performance_init(&performance, operation_find(call), call);
	performance.resolver.proc = self->proc;
	performance.resolver.foreign = performer_is_abroad(self->service, self->identity);
	performance.thread = order->thread;
	performance.memory = hands->descriptors[HANDS_MEMORY];
	memcpy(performance.pins, hands->descriptors + HANDS_PINS, sizeof(performance.pins));
	decide_and_perform(self, &performance);
	performance_deinit(&performance);
}

static bool say(const struct performer *self, enum performer_word word)
{
	unsigned char byte = (unsigned char)word;

	return send(self->socket, &byte, 1, MSG_NOSIGNAL) == 1;
}

/*
 * The parent's end must not be missed: becoming somebody else clears the wish to die with it
 * (prctl(2)), and it may have died before we said it.
 */
static bool die_with_worker(const struct performer *self)
{
	return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 && getppid() == self->worker;
}

void performer_run(const struct performer *performer)
{
	const int keep[] = { performer->service->listener, performer->socket, performer->proc };
	struct performer_order order;

	(void)prctl(PR_SET_NAME, "callgate-double");
	signal(SIGXFSZ, SIG_IGN); /* EFBIG is the call's result, and the signal not ours */
	signal(SIGCHLD, SIG_DFL); /* open_apart() waits for its child */
	if (!die_with_worker(performer) || descriptors_close_except(keep, ARRAY_SIZE(keep)) < 0)
		_exit(1);
	if (identity_adopt(performer->proc, performer->like, performer->identity) < 0) {
		(void)say(performer, PERFORMER_UNABLE);
		_exit(1);
	}
	if (!die_with_worker(performer))
		_exit(1);
	for (;;) {
		struct performer_hands hands;

		if (!next_order(performer->socket, &order, &hands))
			_exit(0);
		serve_order(performer, &order, &hands);
		hands_empty(&hands);
		if (!say(performer, PERFORMER_DONE))
			_exit(0);
	}
}
