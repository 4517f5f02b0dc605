/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of events for tests of what works on them. */
#pragma once

#include <stdio.h>
#include <string.h>

#include "supervisor/events/event_read.h"

/* One denied (or, with a verdict of its own, other) call, as run writes it; call is JSON text. */
static inline int test_event_record(unsigned sequence, const char *verdict, const char *comm,
                                    const char *call, struct event_record *ret_record)
{
	char line[4096];
	int len = snprintf(line, sizeof(line),
	                   "{\"schema\":\"callgate.event/1\",\"event.id\":\"0badcafe-%u\","
	                   "\"event.name\":\"syscall\",\"time\":\"2026-11-23T16:39:10.622143Z\","
	                   "\"seccomp.verdict\":\"%s\",\"seccomp.errno\":1,"
	                   "\"syscall.name\":\"unshare\",\"syscall.number\":272,"
	                   "\"syscall.arch\":\"SCMP_ARCH_X86_64\",\"syscall.call\":\"%s\","
	                   "\"rule.why\":\"default (no rule)\","
	                   "\"process.executable.name\":\"%s\",\"process.pid\":4242}",
	                   sequence, verdict, call, comm);

	return event_record_parse(line, (size_t)len, ret_record);
}
