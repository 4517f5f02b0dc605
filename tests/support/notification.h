/* SPDX-License-Identifier: Apache-2.0 */
/* Notifications as a worker leaves them, for tests of what comes after: without a target. */
#pragma once

#include "profiles/ruleset.h"
#include "supervisor/events/event.h"

/* A session over a profile's text; x86-64, Linux 6.1, Docker's capabilities. */
struct test_session {
	struct diags diags;
	struct profile *profile;
	struct ruleset *ruleset;
	struct session session; /* boot "0badcafe", command "prog" */
};

/* Asserts that profile_json is a profile. name is its file's name too. */
void test_session_open(struct test_session *test, const char *name, const char *profile_json,
                       enum mode mode);
void test_session_close(struct test_session *test);

/*
 * A call by sh[4242], 42 in its own namespace, thread 4243, uid 1000 (real 1001) with CAP_NET_RAW,
 * of /bin/sh: decided, received at TEST_TIME_NS, and answered after 12.345 us. args are the six
 * registers, or NULL for zeroes.
 */
void test_call(struct notification *notification, const struct test_session *test,
               const char *syscall, const uint64_t args[6]);

/* Adds len bytes as the whole memory behind an argument. */
void test_memory(struct notification *notification, unsigned index, const char *bytes, size_t len);

struct event test_event(const struct test_session *test, const struct notification *notification,
                        uint64_t sequence);

/* 2026-11-23 16:39:10.622143 UTC */
#define TEST_TIME_NS UINT64_C(1795451950622143000)

/* A rule for each way in which a call can be decided. */
extern const char test_profile[];
