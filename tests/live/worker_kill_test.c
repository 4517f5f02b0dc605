/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The worker is disposable: killed again and again in the middle of a storm of notified calls, it
 * must not cost the target one wrong result, nor the log one event.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

#include "supervisor/stacks/stack_unwind.h"
#include "tests/support/supervise.h"

#define CALLS_EACH "10000"
#define THREADS "4"

enum {
	CALLS = 40000,
	MIN_KILLS =
		25, /* hundreds on an idle machine; a busy one lets many calls pass between two */
};

static const char profile[] =
	"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":["
	"{\"names\":[\"mount\"],\"action\":\"SCMP_ACT_ERRNO\"},"
	"{\"names\":[\"clone3\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":38},"
	"{\"names\":[\"keyctl\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":13}]}";

/* A kill for every so many calls answered: at a random moment, but with work in between. */
struct killer {
	uint64_t next; /* journal's count at which to strike */
	unsigned seed;
	pid_t struck; /* the one that was killed last */
};

static void kill_worker(struct workers *workers, void *context)
{
	struct killer *killer = context;
	uint64_t received = atomic_load(&workers->worker.service.journal->received);

	if (received < killer->next || workers->pid == killer->struck)
		return;
	for (volatile int spin = rand_r(&killer->seed) % 20000; spin > 0; spin--)
		;
	killer->struck = workers->pid;
	kill(workers->pid, SIGKILL);
	killer->next = received + (uint64_t)(rand_r(&killer->seed) % 200);
}

static void test_kill_storm(void **state)
{
	char *arguments[] = { WORD(STORM_TARGET), WORD(CALLS_EACH), WORD(THREADS), NULL };
	struct killer killer = { .next = 50, .seed = 7 };
	struct supervised supervised;

	(void)state;
	supervise(&(struct supervision){ .arguments = arguments,
	                                 .profile = profile,
	                                 .mode = MODE_ENFORCE,
	                                 .meddle = kill_worker,
	                                 .context = &killer },
	          &supervised);
	assert_int_equal(supervised.started, 0);
	assert_true(WIFEXITED(supervised.wait_status));
	assert_int_equal(WEXITSTATUS(supervised.wait_status), 0);
	print_message("# %u workers killed\n", supervised.replaced);
	assert_true(supervised.replaced >= MIN_KILLS);
	/* pthread_create makes one clone3 call a thread: refused, and told, like the others. */
	assert_int_equal(supervised.events + supervised.folded, CALLS + atoi(THREADS));
	assert_true(supervised.worker_ended);
}

/* The same with stacks: what a worker died over is a stack, and no call. */
static void test_kill_storm_with_stacks(void **state)
{
	char *arguments[] = { WORD(STORM_TARGET), WORD(CALLS_EACH), WORD(THREADS), NULL };
	struct killer killer = { .next = 50, .seed = 11 };
	struct supervised supervised;

	(void)state;
	if (!stack_unwind_version())
		skip();
	supervise(&(struct supervision){ .arguments = arguments,
	                                 .profile = profile,
	                                 .mode = MODE_ENFORCE,
	                                 .stacks = true,
	                                 .meddle = kill_worker,
	                                 .context = &killer },
	          &supervised);
	assert_int_equal(supervised.started, 0);
	assert_int_equal(supervised.wait_status, 0);
	print_message("# %u workers killed, %u stacks\n", supervised.replaced,
	              (unsigned)supervised.stacks);
	assert_true(supervised.replaced >= MIN_KILLS);
	assert_int_equal(supervised.events + supervised.folded, CALLS + atoi(THREADS));
	assert_true(supervised.stacks > 0);
	assert_true(supervised.worker_ended);
}

/* A person who denies whatever is asked, while the worker is killed under the questions. */
struct denier {
	struct killer killer;
	uint64_t questions; /* answered */
};

static void deny_and_kill(struct workers *workers, void *context)
{
	struct asking *asking = &workers->worker.service.journal->asking;
	struct denier *denier = context;
	static struct asked question;

	atomic_store(&asking->somebody, true);
	kill_worker(workers, &denier->killer);
	while (asked_oldest(asking, &question)) {
		assert_int_equal(asked_answer(asking, &question, ASK_ONCE, ASK_DENY), 0);
		(void)eventfd_write(workers->worker.answers, 1);
		denier->questions++;
	}
}

static void test_killed_while_it_is_asked(void **state)
{
	char *arguments[] = { WORD(STORM_TARGET), WORD("3000"), WORD(THREADS), NULL };
	struct denier denier = { .killer = { .next = 50, .seed = 7 } };
	struct supervised supervised;

	(void)state;
	supervise(&(struct supervision){ .arguments = arguments,
	                                 .profile = profile,
	                                 .mode = MODE_ASK,
	                                 .meddle = deny_and_kill,
	                                 .context = &denier },
	          &supervised);
	assert_int_equal(supervised.started, 0);
	assert_true(WIFEXITED(supervised.wait_status));
	assert_int_equal(WEXITSTATUS(supervised.wait_status), 0);
	print_message("# %u workers killed, %lu answers\n", supervised.replaced,
	              (unsigned long)denier.questions);
	assert_true(supervised.replaced >= MIN_KILLS);
	assert_true(denier.questions > 0);
	assert_int_equal(supervised.events + supervised.folded, 4 * 3000 + atoi(THREADS));
}

static void test_without_kills(void **state)
{
	char *arguments[] = { WORD(STORM_TARGET), WORD(CALLS_EACH), WORD(THREADS), NULL };
	struct supervised supervised;

	(void)state;
	supervise(&(struct supervision){ .arguments = arguments,
	                                 .profile = profile,
	                                 .mode = MODE_ENFORCE },
	          &supervised);
	assert_int_equal(WEXITSTATUS(supervised.wait_status), 0);
	assert_int_equal(supervised.replaced, 0);
	assert_int_equal(supervised.received, CALLS + atoi(THREADS));
	assert_int_equal(supervised.events + supervised.folded, CALLS + atoi(THREADS));
}

/*
 * A worker that is not dead but does not move: the watch must end it. Watches are counted, not
 * timed, so they are called here in a row, as many as it takes.
 */
static void stop_worker(struct workers *workers, void *context)
{
	bool *stopped = context;
	siginfo_t status;

	if (*stopped || atomic_load(&workers->worker.service.journal->received) < 100)
		return;
	*stopped = true;
	kill(workers->pid, SIGSTOP);
	assert_int_equal(waitid(P_PID, (id_t)workers->pid, &status, WSTOPPED | WNOWAIT), 0);
	for (int watch = 0; watch < 100 && workers->replaced == 0; watch++)
		assert_int_equal(workers_watch(workers), 0);
}

static void test_stopped_worker(void **state)
{
	char *arguments[] = { WORD(STORM_TARGET), WORD(CALLS_EACH), WORD(THREADS), NULL };
	struct supervised supervised;
	bool stopped = false;

	(void)state;
	supervise(&(struct supervision){ .arguments = arguments,
	                                 .profile = profile,
	                                 .mode = MODE_ENFORCE,
	                                 .meddle = stop_worker,
	                                 .context = &stopped },
	          &supervised);
	assert_int_equal(WEXITSTATUS(supervised.wait_status), 0);
	assert_int_equal(supervised.replaced, 1);
	assert_int_equal(supervised.events + supervised.folded, CALLS + atoi(THREADS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stopped_worker),
		cmocka_unit_test(test_without_kills),
		cmocka_unit_test(test_kill_storm),
		cmocka_unit_test(test_killed_while_it_is_asked),
		cmocka_unit_test(test_kill_storm_with_stacks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
