/* SPDX-License-Identifier: Apache-2.0 */
/* supervisor/log with the targets of a supervisor: each has its counts, and goes when it has ended.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "supervisor/events/log.h"
#include "supervisor/events/tally.h"
#include "tests/support/notification.h"

enum { CLOSE_MS = 20000 }; /* never reached */

/* One container's session. */
struct contained {
	struct container container;
	struct tally tally;
	struct session session;
	uint64_t sequence;
};

static void contain(struct contained *target, const struct test_session *test, const char *id,
                    const char *name)
{
	*target = (struct contained){
		.container = { .id = id, .name = name, .runtime = "runc", .metadata = "m" },
		.session = test->session
	};
	tally_init(&target->tally);
	target->session.container = &target->container;
	target->session.tally = &target->tally;
}

static void deny(struct log *log, struct contained *target, const struct test_session *test)
{
	static struct notification notification;
	struct event event;

	test_call(&notification, test, "unshare", (uint64_t[6]){ 0x10000000 });
	event = test_event(test, &notification, ++target->sequence);
	event.session = &target->session;
	log_event(log, &event);
}

/* Its memory is another's after that. */
static void end(struct log *log, struct contained *target)
{
	log_event(log, &(struct event){ .kind = EVENT_SUMMARY, .session = &target->session });
	tally_deinit(&target->tally);
	memset(target, 0xa5, sizeof(*target));
}

static void told(enum log_format format, char *content, size_t size)
{
	char path[] = "/tmp/callgate-log-XXXXXX";
	int fd = mkostemp(path, O_CLOEXEC);
	struct log_spec spec = { .format = format, .fd = fd };
	const struct log_spec *failed;
	static struct contained web, other;
	struct test_session test;
	struct log *log;
	uv_loop_t loop;
	ssize_t len;

	assert_true(fd >= 0);
	unlink(path);
	assert_int_equal(uv_loop_init(&loop), 0);
	test_session_open(&test, "my.json", test_profile, MODE_ENFORCE);
	assert_int_equal(log_open(&loop, &spec, 1, &log, &failed), 0);
	contain(&web, &test, "c1", "web");
	contain(&other, &test, "c2", NULL);
	deny(log, &web, &test);
	deny(log, &other, &test);
	deny(log, &web, &test);
	end(log, &web);
	deny(log, &other, &test);
	end(log, &other);
	log_close(log, NULL, CLOSE_MS);
	len = pread(fd, content, size - 1, 0);
	assert_true(len >= 0);
	content[len] = '\0';
	close(fd);
	test_session_close(&test);
	assert_int_equal(uv_loop_close(&loop), 0);
}

/* How often words stand in content. */
static unsigned times(const char *content, const char *words)
{
	unsigned count = 0;

	for (const char *at = content; (at = strstr(at, words)); at += strlen(words))
		count++;
	return count;
}

static void test_text(void **state)
{
	char content[16 << 10];

	(void)state;
	told(LOG_TEXT, content, sizeof(content));
	assert_int_equal(times(content, "  DENY   web:sh[4242]        unshare(CLONE_NEWUSER)"), 2);
	assert_int_equal(times(content, "  DENY   c2:sh[4242]         unshare(CLONE_NEWUSER)"), 2);
	assert_int_equal(times(content, "  ×2  #1\n"),
	                 2); /* each at its end, from its own counts */
	assert_int_equal(times(content, "container web: 2 calls denied, 1 kind: unshare ×2\n"), 1);
	assert_int_equal(times(content, "container c2: 2 calls denied, 1 kind: unshare ×2\n"), 1);
	assert_int_equal(times(content, "next:"), 0);
}

static void test_json(void **state)
{
	char content[16 << 10];

	(void)state;
	told(LOG_JSON, content, sizeof(content));
	assert_int_equal(times(content,
	                       "\"container.id\":\"c1\",\"container.name\":\"web\","
	                       "\"container.runtime.name\":\"runc\",\"oci.metadata\":\"m\""),
	                 3);
	assert_int_equal(
		times(content, "\"container.id\":\"c2\",\"container.runtime.name\":\"runc\""), 3);
	assert_int_equal(times(content, "\"summary.denied\":2"), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
