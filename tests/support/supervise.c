/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/supervise.h"

#include <fcntl.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "profiles/compile.h"
#include "supervisor/freezing/freezer.h"
#include "supervisor/listener.h"
#include "supervisor/performing/perform.h"

struct filter *filter_notifying_everything(void)
{
	static struct sock_filter instruction = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
	static struct filter filter = { .instructions = &instruction,
		                        .count = 1,
		                        .notifies = true };

	return &filter;
}

static void add_rows(struct filter *filter, struct sock_filter *room,
                     const struct operation_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		room[filter->count++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
		                                                     (unsigned)rows[i].nr, 0, 1);
		room[filter->count++] =
			(struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
	}
}

struct filter *filter_notifying_performable(void)
{
	static struct sock_filter room[256];
	static struct filter filter = { .instructions = room, .notifies = true };

	filter.count = 0;
	room[filter.count++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
	                                                    offsetof(struct seccomp_data, nr));
	add_rows(&filter, room, perform_open_rows, perform_open_count);
	add_rows(&filter, room, perform_name_rows, perform_name_count);
	add_rows(&filter, room, perform_attribute_rows, perform_attribute_count);
	add_rows(&filter, room, perform_socket_rows, perform_socket_count);
	add_rows(&filter, room, perform_frozen_rows, perform_frozen_count);
	room[filter.count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	return &filter;
}

struct rules {
	struct profile *profile;
	struct ruleset *ruleset;
	struct plan *plan;
	struct policy *policy;
	struct filter filter;
};

static void rules_build(const struct supervision *supervision, struct rules *ret_rules)
{
	struct plan_options options = { .complain = supervision->mode == MODE_COMPLAIN };
	struct diags diags;
	struct host host;

	host_here(&host);
	diags_init(&diags, "test");
	assert_int_equal(profile_parse("test", "test", supervision->profile,
	                               strlen(supervision->profile), &diags, &ret_rules->profile),
	                 0);
	assert_int_equal(ruleset_build(ret_rules->profile, &host, &diags, &ret_rules->ruleset), 0);
	assert_int_equal(plan_build(ret_rules->ruleset, &options, &ret_rules->plan), 0);
	assert_int_equal(filter_compile(ret_rules->plan, &ret_rules->filter), 0);
	diags_deinit(&diags);
}

static void policy_build(const char *text, struct policy **ret_policy)
{
	struct policy_source source = { .name = "test",
		                        .file = "test",
		                        .bytes = text,
		                        .len = text ? strlen(text) : 0,
		                        .arch = seccomp_arch_native(),
		                        .generation = 1 };
	struct diags diags;

	if (!text)
		return;
	diags_init(&diags, "test");
	assert_int_equal(policy_parse(&source, &diags, ret_policy), 0);
	diags_deinit(&diags);
}

static void rules_release(struct rules *rules)
{
	policy_free(rules->policy);
	filter_deinit(&rules->filter);
	plan_free(rules->plan);
	ruleset_free(rules->ruleset);
	profile_free(rules->profile);
}

/* As the keeper does, an event waits for its stack. */
static void drain(struct journal *journal, struct unwinders *unwinders,
                  struct supervised *supervised)
{
	const struct notification *oldest;
	struct journal_fold_taken fold;

	while ((oldest = journal_oldest(journal))) {
		assert_int_equal(notification_state(oldest), NOTIFICATION_ANSWERED);
		if (unwinders && unwinders_pending(unwinders, oldest))
			break;
		if (unwinders && unwinders_collect(unwinders, oldest)->status == STACK_UNWOUND)
			supervised->stacks++;
		supervised->events++;
		journal_consume(journal);
	}
	while (journal_take_fold(journal, &fold))
		supervised->folded += fold.count;
}

/* Until the worker has seen the target's end: every death before that is a replacement. */
static void run(const struct supervision *supervision, struct target *target,
                struct workers *workers, struct unwinders *unwinders, struct supervised *supervised)
{
	struct journal *journal = workers->worker.service.journal;
	bool ended = false;
	int wait_status;
	pid_t pid;

	while (!ended || !supervised->worker_ended) {
		siginfo_t child;

		if (!supervision->meddle) /* nothing to do meanwhile */
			(void)waitid(P_ALL, 0, &child, WEXITED | WNOWAIT);
		while ((pid = waitpid(-1, &wait_status, WNOHANG)) > 0) {
			if (pid == target->pid) {
				supervised->wait_status = wait_status;
				ended = true;
			} else if (pid == workers->pid) {
				int outcome = workers_ended(workers, wait_status);

				assert_true(outcome == 0 || outcome == WORKERS_TARGET_GONE);
				supervised->worker_ended = outcome == WORKERS_TARGET_GONE;
			} else if (unwinders && pid == unwinders->pid) {
				unwinders_ended(unwinders);
			}
		}
		if (supervision->meddle && !ended)
			supervision->meddle(workers, supervision->context);
		drain(journal, unwinders, supervised);
	}
	while (drain(journal, unwinders, supervised), journal_oldest(journal))
		unwinders_watch(unwinders);
	supervised->received = atomic_load(&journal->received);
	supervised->replaced = workers->replaced;
}

void supervise(const struct supervision *supervision, struct supervised *ret_supervised)
{
	struct supervised supervised = { 0 };
	struct target_command command;
	struct workers workers = { 0 };
	struct unwinders unwinders = { 0 };
	struct unwinders *stacks = supervision->stacks ? &unwinders : NULL;
	struct rules rules = { 0 };
	struct target target;
	struct journal *journal;
	struct signals_inherited signals = { 0 };
	struct freezer freezer = FREEZER_NONE;
	int lifeline[2];

	rules_build(supervision, &rules);
	policy_build(supervision->policy, &rules.policy);
	sigemptyset(&signals.mask);
	assert_int_equal(target_command_find(supervision->arguments, &command), 0);
	assert_int_equal(journal_new(&journal), 0);
	assert_int_equal(pipe2(lifeline, O_CLOEXEC), 0);
	if (supervision->freeze)
		assert_int_equal(freezer_init(&freezer), FREEZER_ABLE);
	supervised.started =
		target_start(&command, supervision->filter ? supervision->filter : &rules.filter,
	                     &signals, freezer.directory, &target);
	if (supervised.started == 0) {
		(void)listener_set_sync(target.listener);
		workers.worker = (struct worker){
			.service = { .listener = target.listener,
			             .journal = journal,
			             .ruleset = rules.ruleset,
			             .mode = supervision->mode,
			             .policy = rules.policy,
			             .init = target.pid,
			             .freezer = target.leaf,
			             .perform_all = supervision->perform_all },
			.wake_keeper = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
			.wake_asker = -EBADF,
			.answers = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
			.lifeline = lifeline[0],
			.stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
		};
		if (stacks) {
			assert_int_equal(
				unwinders_init(stacks, journal, workers.worker.wake_keeper), 0);
			workers.worker.service.stacks = stacks->taker;
		}
		assert_int_equal(workers_start(&workers), 0);
		if (stacks)
			assert_int_equal(unwinders_start(stacks), 0);
		run(supervision, &target, &workers, stacks, &supervised);
		if (stacks)
			unwinders_deinit(stacks);
		close(workers.worker.wake_keeper);
		close(workers.worker.answers);
		close(workers.worker.stop);
	}
	supervised.error = atomic_load(&target.handover->error);
	supervised.step = (enum agent_step)atomic_load(&target.handover->step);
	target_deinit(&target);
	freezer_deinit(&freezer);
	target_command_deinit(&command);
	journal_free(journal);
	rules_release(&rules);
	close(lifeline[0]);
	close(lifeline[1]);
	*ret_supervised = supervised;
}
