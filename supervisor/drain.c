/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/drain.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/random.h>
#include <time.h>

#include "common/cleanup.h"
#include "supervisor/process.h"

#define FOLDS_EVERY_NS UINT64_C(1000000000)

static uint64_t realtime_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

int drain_draw_boot(struct session *session)
{
	unsigned boot;

	if (getrandom(&boot, sizeof(boot), 0) != sizeof(boot))
		return err_errno();
	snprintf(session->boot, sizeof(session->boot), "%08x", boot);
	return 0;
}

void drain_start(struct drain *drain, pid_t pid)
{
	_cleanup_free_ char *cgroup = process_cgroup(pid);
	struct event event = { .kind = EVENT_START,
		               .time_ns = realtime_ns(),
		               .session = drain->session,
		               .start = { .pid = pid, .cgroup = cgroup } };

	log_event(drain->log, &event);
}

void drain_folds(struct drain *drain)
{
	struct journal_fold_taken taken;

	while (journal_take_fold(drain->journal, &taken)) {
		struct event event = { .kind = EVENT_FOLD,
			               .time_ns = realtime_ns(),
			               .session = drain->session,
			               .fold = { .arch = taken.arch,
			                         .nr = taken.nr,
			                         .verdict = taken.verdict,
			                         .count = taken.count } };

		log_event(drain->log, &event);
	}
}

bool drain_waits(const struct drain *drain)
{
	const struct notification *oldest = journal_oldest(drain->journal);

	return drain->unwinders && oldest && unwinders_pending(drain->unwinders, oldest);
}

static void tell_oldest(struct drain *drain, const struct notification *notification)
{
	struct unwinders *unwinders =
		notification->stack_status == STACK_NONE ? NULL : drain->unwinders;
	struct event event = {
		.kind = EVENT_SYSCALL,
		.sequence = ++drain->sequence,
		.time_ns = notification->received_ns,
		.session = drain->session,
		.notification = notification,
		.stack = unwinders ? unwinders_collect(unwinders, notification) : NULL,
	};

	log_event(drain->log, &event);
	journal_consume(drain->journal);
}

unsigned drain_events(struct drain *drain, unsigned max)
{
	const struct notification *notification;
	unsigned told = 0;

	while (told < max && !drain_waits(drain) &&
	       (notification = journal_oldest(drain->journal))) {
		tell_oldest(drain, notification);
		told++;
	}
	if (realtime_ns() - drain->folds_ns >= FOLDS_EVERY_NS) {
		drain->folds_ns = realtime_ns();
		drain_folds(drain);
	}
	return told;
}

void drain_all(struct drain *drain)
{
	(void)drain_events(drain, JOURNAL_SLOTS);
}

void drain_reload(struct drain *drain, const struct reload_report *report)
{
	struct event event = { .kind = EVENT_RELOAD,
		               .time_ns = realtime_ns(),
		               .session = drain->session,
		               .reload = report };

	log_event(drain->log, &event);
}

void drain_summary(struct drain *drain)
{
	log_event(drain->log, &(struct event){ .kind = EVENT_SUMMARY,
	                                       .time_ns = realtime_ns(),
	                                       .session = drain->session });
}

void drain_warn(struct drain *drain, const char *format, ...)
{
	char message[512];
	struct event event = { .kind = EVENT_WARNING,
		               .time_ns = realtime_ns(),
		               .session = drain->session,
		               .message = message };
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	log_event(drain->log, &event);
}
