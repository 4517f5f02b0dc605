/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/serve.h"

#include <signal.h>
#include <string.h>
#include <time.h>

#include "supervisor/caller_view.h"
#include "supervisor/capture.h"
#include "supervisor/listener.h"
#include "supervisor/performing/performers.h"

static uint64_t now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/*
 * The process dies before its call could return; a notification that went with it is answered as
 * it should be. Refused all the same, for a process that cannot be killed (pid unknown) lives on.
 */
static int kill_caller(int listener, const struct notification *notification)
{
	bool killed = notification->caller.pid > 0 && kill(notification->caller.pid, SIGKILL) == 0;
	int result =
		listener_refuse(listener, notification->request.id, notification->verdict.error);

	return killed && result == LISTENER_GONE ? 0 : result;
}

/*
 * What decide() said becomes the kernel's answer. A refusal needs no trust in anything that was
 * read; CONTINUE is given for what was decided by the registers alone, which cannot change.
 */
static int answer(int listener, const struct notification *notification)
{
	const struct verdict *verdict = &notification->verdict;
	uint64_t id = notification->request.id;
	int result;

	if (verdict->kind == VERDICT_KILL)
		return kill_caller(listener, notification);
	if (verdict->kind == VERDICT_RETURN)
		return listener_return(listener, id, verdict->value);
	if (verdict->kind == VERDICT_DENY)
		return listener_refuse(listener, id, verdict->error);

	result = listener_continue(listener, id);
	if (result == -EINVAL) /* no CONTINUE before Linux 5.5: then nothing is allowed here */
		return listener_refuse(listener, id, ENOSYS);
	return result;
}

/*
 * An allow that must not be answered by CONTINUE, and cannot be answered otherwise, is none.
 * policies/decide.h says why.
 */
static void refuse_unperformed(const struct seccomp_data *call, struct verdict *verdict)
{
	if (verdict->kind == VERDICT_ALLOW && verdict->allow_by == ALLOW_BY_PERFORM &&
	    operation_is_plain(call))
		verdict->allow_by = ALLOW_BY_CONTINUE;
	if (verdict->kind != VERDICT_ALLOW || verdict->allow_by == ALLOW_BY_CONTINUE)
		return;
	verdict->kind = VERDICT_DENY;
	verdict->error = EPERM;
	verdict->doubt = ENOSYS;
	verdict->silent = false;
}

static uint64_t now_ms(void)
{
	return now_ns(CLOCK_MONOTONIC) / 1000000;
}

void serve_decide(const struct service *service, struct view *view, struct verdict *ret_verdict)
{
	const struct decider decider = {
		.ruleset = service->ruleset,
		.mode = service->mode,
		.policy = service->policy,
		.limits = service->journal->limits,
		.now_ms = now_ms,
	};

	decide(&decider, view, ret_verdict);
}

static void decide_here(const struct service *service, struct notification *notification)
{
	struct caller_view caller_view;

	caller_view_init(&caller_view, notification, service);
	serve_decide(service, &caller_view.view, &notification->verdict);
	refuse_unperformed(&notification->request.data, &notification->verdict);
}

/* While the caller waits: afterwards it is the caller no more. */
static void capture(struct notification *notification)
{
	notification->received_ns = now_ns(CLOCK_REALTIME);
	capture_caller(notification);
	capture_arguments(notification);
}

static bool is_to_be_asked(const struct notification *notification)
{
	return notification->verdict.ask_seconds > 0 && notification->verdict.asked_by == ASKED_NOT;
}

/*
 * new -> decided. For an event the caller and its memory are read while it waits, and the id is
 * checked after that: only then were they the caller's.
 */
static int decide_call(const struct service *service, struct notification *notification)
{
	decide_here(service, notification);
	if (!notification->verdict.silent || is_to_be_asked(notification)) {
		int result;

		capture(notification);
		if (service->stacks && !is_to_be_asked(notification) &&
		    notification != &service->journal->spare)
			stack_take(service->stacks, notification);
		result = listener_valid(service->listener, notification->request.id);
		if (result != 0)
			return result;
	}
	notification_set_state(notification, NOTIFICATION_DECIDED);
	return 0;
}

/* Why it was refused is in its verdict; who asked for it is read as for any other event. */
static int capture_refused(const struct service *service, struct notification *notification)
{
	capture(notification);
	return listener_valid(service->listener, notification->request.id);
}

/* decided -> answered */
static int answer_call(const struct service *service, struct notification *notification,
                       uint64_t started_ns)
{
	int result = answer(service->listener, notification);

	if (result != 0)
		return result;
	notification->latency_ns = (uint32_t)(now_ns(CLOCK_MONOTONIC) - started_ns);
	notification_set_state(notification, NOTIFICATION_ANSWERED);
	return 0;
}

/*
 * Whether the rules look at memory and an allow is the call made for the target, or while it is
 * frozen: then who does that decides too, by what it has read for it.
 */
static bool is_for_performer(const struct service *service, const struct notification *notification)
{
	const struct seccomp_data *call = &notification->request.data;
	const struct policy_syscall *syscall;
	const struct operation *operation = service->performers ? operation_find(call) : NULL;

	if (!operation)
		return false;
	if (service->perform_all)
		return !operation->frozen;
	syscall = service->policy ? policy_find(service->policy, call) : NULL;
	return syscall && (syscall->class == CLASS_PERFORMED || syscall->class == CLASS_FROZEN);
}

/* The caller is captured now, for it is a performer's no more to see. 0 or PERFORMERS_REFUSED. */
static int hand_over(const struct service *service, struct notification *notification)
{
	notification->received_ns = now_ns(CLOCK_REALTIME);
	if (service->policy)
		capture_caller(notification);
	return performers_take(service->performers, notification);
}

/*
 * Counted if it was let through quietly; told if it is to be told, and a stack by way of the
 * unwinder. Its slot is free then.
 */
static void record(const struct service *service, struct notification *notification)
{
	const struct verdict *verdict = &notification->verdict;
	bool answered = notification_state(notification) == NOTIFICATION_ANSWERED;
	bool event = answered && !verdict->silent;

	if (answered && verdict->silent && verdict->kind == VERDICT_ALLOW)
		atomic_fetch_add_explicit(&service->journal->allowed, 1, memory_order_relaxed);
	if (service->stacks)
		stack_give(service->stacks, notification, event);
	journal_finish(service->journal, notification, event);
}

/* Decided, and a person is to be asked: whether that is under way, and the slot is free. */
static bool park(const struct service *service, struct notification *notification)
{
	return is_to_be_asked(notification) &&
	       asked_park(&service->journal->asking, notification, now_ms()) == ASKED_PARKED;
}

/* From received to its end, or to who goes on with it. The one exit of every other notification. */
static int finish(const struct service *service, struct notification *notification)
{
	uint64_t started_ns = now_ns(CLOCK_MONOTONIC);
	int result;

	if (!is_for_performer(service, notification))
		result = decide_call(service, notification);
	else if (hand_over(service, notification) == 0)
		return 0;
	else
		result = capture_refused(service, notification);
	if (result == 0 && park(service, notification))
		return 0;
	if (result == 0)
		result = answer_call(service, notification, started_ns);
	if (result < 0)
		return result;
	if (result == LISTENER_GONE)
		notification_set_state(notification, NOTIFICATION_GONE);
	record(service, notification);
	return 0;
}

int serve_next(const struct service *service)
{
	struct journal *journal = service->journal;
	struct notification *notification = journal_slot(journal);
	int result;

	notification_prepare(notification);
	atomic_store_explicit(&journal->busy, true, memory_order_seq_cst);
	result = listener_receive(service->listener, &notification->request);
	if (result == 0) {
		atomic_fetch_add_explicit(&journal->received, 1, memory_order_relaxed);
		notification_set_state(notification, NOTIFICATION_NEW);
		notification->attempts = 1;
		result = finish(service, notification);
	}
	atomic_store_explicit(&journal->busy, false, memory_order_release);
	return result < 0 ? result : 0;
}

/*
 * A slot that was decided and whose id is no longer valid was answered by the dead worker, just
 * before it could write that down. (Or its target was killed in that moment; the kernel does not
 * tell the two apart, and the event then shows a denial that the target did not live to see.)
 */
static int finish_decided(const struct service *service, struct notification *notification)
{
	int result = listener_valid(service->listener, notification->request.id);

	if (result == 0)
		result = answer(service->listener, notification);
	if (result < 0)
		return result;
	notification_set_state(notification, NOTIFICATION_ANSWERED);
	return 0;
}

/* Moved half to or from the table of what is asked: there the successor goes on with it. */
static int forget_twin(struct notification *notification)
{
	if (notification_state(notification) != NOTIFICATION_ANSWERED)
		notification_set_state(notification, NOTIFICATION_GONE);
	notification_release(notification);
	return 0;
}

/*
 * Of the calls that a dead worker had decided by their answer, those that have it: as in
 * finish_decided(). The others go on as if their answer had just come.
 */
static int finish_asked(const struct service *service)
{
	for (size_t i = 0; i < ASKED_MAX; i++) {
		struct notification *notification = &service->journal->asking.slots[i].notification;
		int result;

		if (notification_state(notification) != NOTIFICATION_DECIDED)
			continue;
		result = listener_valid(service->listener, notification->request.id);
		if (result < 0)
			return result;
		if (result == LISTENER_GONE)
			notification_set_state(notification, NOTIFICATION_ANSWERED);
	}
	return 0;
}

/* Takes a slot up at the state in which the dead worker left it. */
static int resume(const struct service *service, struct notification *notification)
{
	int result;

	notification->attempts++;
	if (notification_state(notification) == NOTIFICATION_NEW)
		return finish(service, notification);
	if (asked_holds(&service->journal->asking, notification->request.id))
		return forget_twin(notification);
	if (notification_state(notification) == NOTIFICATION_ASKED)
		notification_set_state(notification, NOTIFICATION_DECIDED);
	if (notification_state(notification) == NOTIFICATION_DECIDED) {
		if (park(service, notification))
			return 0;
		result = finish_decided(service, notification);
		if (result < 0)
			return result;
	}
	record(service, notification);
	return 0;
}

int serve_unfinished(const struct service *service)
{
	struct notification *notification = journal_unfinished(service->journal);
	int result;

	if (service->stacks)
		stack_taker_recover(service->stacks);
	result = notification ? resume(service, notification) : 0;
	if (result == 0)
		result = finish_asked(service);
	atomic_store(&service->journal->busy, false);
	return result;
}

/*
 * What a performer decided and left to us, or could not do. Without a captured caller its verdict
 * is a refusal that was made without one.
 */
static int answer_performed(const struct service *service, struct notification *slot)
{
	int result;

	refuse_unperformed(&slot->request.data, &slot->verdict);
	if (slot->caller.tid == 0)
		capture_caller(slot);
	result = answer(service->listener, slot);
	if (result < 0)
		return result;
	notification_set_state(slot, result == 0 ? NOTIFICATION_ANSWERED : NOTIFICATION_GONE);
	return 0;
}

static bool is_open(const struct notification *slot)
{
	return notification_state(slot) == NOTIFICATION_DECIDED ||
	       notification_state(slot) == NOTIFICATION_PERFORMING;
}

/* How long the call took, by the one clock that whoever had it in hand had too. */
static void measure(struct notification *slot)
{
	uint64_t now = now_ns(CLOCK_REALTIME);

	if (now > slot->received_ns && now - slot->received_ns < UINT32_MAX)
		slot->latency_ns = (uint32_t)(now - slot->received_ns);
}

/* What has come to its end beside the ring is told as what stands in it. */
static void record_beside(const struct service *service, struct notification *slot)
{
	struct notification *place = journal_slot(service->journal);

	notification_move(slot, place);
	record(service, place);
}

int serve_performed(const struct service *service)
{
	struct notification *slot;

	while (service->performers && (slot = performers_next(service->performers))) {
		int result = 0;

		if (is_open(slot) && park(service, slot))
			continue;
		if (is_open(slot))
			result = answer_performed(service, slot);
		if (result < 0)
			return result;
		measure(slot);
		record_beside(service, slot);
	}
	return 0;
}

/* ---- what a person was asked about */

/*
 * A person has said yes to the call as it was shown; then it must still be that. Nothing is proved
 * for the moment after this look, as nothing is where a rule looks at memory and CONTINUE follows.
 */
static void check_unchanged(struct notification *notification)
{
	struct notification again;

	if (notification->verdict.kind != VERDICT_ALLOW)
		return;
	memcpy(&again, notification, sizeof(again));
	capture_arguments(&again);
	if (!asked_is_same(notification, &again))
		asked_deny_changed(&notification->verdict);
}

/* Calls whose target was killed, or left them by a signal: nobody need be asked any more. */
static void withdraw_gone(const struct service *service)
{
	for (size_t i = 0; i < ASKED_MAX; i++) {
		struct notification *notification = &service->journal->asking.slots[i].notification;

		if (notification_state(notification) == NOTIFICATION_ASKED &&
		    listener_valid(service->listener, notification->request.id) == LISTENER_GONE)
			notification_set_state(notification, NOTIFICATION_GONE);
	}
}

/* Named outcome: the slot is a performer's now. */
enum { HANDED_OVER = 2 };

/* A performer makes sure by itself that the call is what was asked about. */
static int perform_asked(const struct service *service, struct notification *notification)
{
	if (notification_state(notification) == NOTIFICATION_DECIDED)
		notification_set_state(notification, NOTIFICATION_NEW);
	if (performers_take(service->performers, notification) == 0)
		return HANDED_OVER;
	notification_set_state(notification, NOTIFICATION_DECIDED);
	return 0;
}

/* From its answer to its end, or to a performer. 0, HANDED_OVER, or -errno. */
static int conclude(const struct service *service, struct notification *notification)
{
	int result = 0;

	if (notification->verdict.kind == VERDICT_ALLOW && is_for_performer(service, notification))
		result = perform_asked(service, notification);
	else
		check_unchanged(notification);
	if (result == HANDED_OVER)
		return result;
	refuse_unperformed(&notification->request.data, &notification->verdict);
	result = answer_call(service, notification, now_ns(CLOCK_MONOTONIC));
	if (result != LISTENER_GONE)
		return result;
	notification_set_state(notification, NOTIFICATION_GONE);
	return 0;
}

static bool is_concluded(const struct notification *notification)
{
	return notification_state(notification) == NOTIFICATION_ANSWERED ||
	       notification_state(notification) == NOTIFICATION_GONE;
}

int serve_asked(const struct service *service)
{
	struct journal *journal = service->journal;
	struct asked *asked;
	int result = 0;

	if (!asked_settled(&journal->asking, now_ms()) && asked_patience(&journal->asking, 0) < 0)
		return 0;
	atomic_store_explicit(&journal->busy, true, memory_order_seq_cst);
	withdraw_gone(service);
	while (result >= 0 && (asked = asked_settled(&journal->asking, now_ms()))) {
		struct notification *notification = &asked->notification;

		result = is_concluded(notification) ? 0 : conclude(service, notification);
		if (result == 0)
			record_beside(service, notification);
	}
	atomic_store_explicit(&journal->busy, false, memory_order_release);
	return result < 0 ? result : 0;
}
