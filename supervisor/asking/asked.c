/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/asking/asked.h"

#include <fcntl.h>
#include <string.h>

#include "profiles/arguments/signature.h"
#include "profiles/syscalls.h"
#include "supervisor/process.h"

/* ---- what is asked */

static void key_append(struct asked_key *key, const void *bytes, size_t length)
{
	if (length > sizeof(key->bytes) - key->length) {
		key->alone = true;
		return;
	}
	memcpy(key->bytes + key->length, bytes, length);
	key->length = (uint16_t)(key->length + length);
}

static void key_append_capture(struct asked_key *key, const struct notification *notification,
                               const struct capture *capture)
{
	size_t length;
	const char *bytes = capture_bytes(notification, capture, &length);

	key_append(key, &capture->length, sizeof(capture->length));
	key_append(key, bytes, length);
	if (capture->status != CAPTURE_WHOLE)
		key->alone = true;
}

/* Of memory that the call only writes, and of an environment, which is not shown: whether. */
static bool is_left_out(enum argument_type type)
{
	return type == ARGUMENT_OUT || type == ARGUMENT_ENVIRONMENT;
}

/* A register as the kernel takes it. */
static uint64_t key_register(enum argument_type type, uint64_t value)
{
	if (is_left_out(type))
		return value != 0;
	return argument_is_32_bit(type) ? (uint32_t)value : value;
}

/* Whether it points to what nobody has read: then the person cannot know of the next such call. */
static bool is_unread(enum argument_type type, uint64_t value)
{
	return argument_is_pointer(type) && type != ARGUMENT_ADDRESS && !is_left_out(type) &&
	       value != 0;
}

/* Whether equal bytes may mean something else by the next call, and so an allow is not for that. */
static bool may_shift(enum argument_type type, uint64_t value)
{
	return (type == ARGUMENT_FD && (int)value != AT_FDCWD) || type == ARGUMENT_PID;
}

static bool is_relative(const struct notification *notification, enum argument_type type,
                        const struct capture *capture)
{
	size_t length;
	const char *bytes = capture_bytes(notification, capture, &length);

	return type == ARGUMENT_PATH && (length == 0 || bytes[0] != '/');
}

static void key_append_argument(struct asked_key *key, const struct notification *notification,
                                const struct signature *signature, unsigned index)
{
	const struct seccomp_data *call = &notification->request.data;
	const struct capture *capture = &notification->captures[index];
	const struct argument *argument = signature_argument(signature, call, index);
	enum argument_type type = argument ? argument->type : ARGUMENT_HEX;
	uint64_t value = key_register(type, call->args[index]);

	key_append(key, &capture->status, sizeof(capture->status));
	if (capture->status != CAPTURE_NONE) {
		key_append_capture(key, notification, capture);
		key->shifts = key->shifts || is_relative(notification, type, capture);
		return;
	}
	key_append(key, &value, sizeof(value));
	key->shifts = key->shifts || may_shift(type, value);
	key->alone = key->alone || is_unread(type, value);
}

void asked_key_of(const struct notification *notification, struct asked_key *ret_key)
{
	const struct seccomp_data *call = &notification->request.data;
	uint32_t arch = syscall_arch(call->arch, call->nr);
	char buf[32];
	const struct signature *signature =
		signature_find(arch, syscall_name(arch, call->nr, buf, sizeof(buf)));

	*ret_key = (struct asked_key){
		.policy_rule = notification->verdict.policy_rule,
		.generation = notification->verdict.generation,
		.arch = call->arch,
		.nr = call->nr,
		.alone = !signature,
	};
	for (unsigned i = 0; signature && i < signature_used(signature, call); i++)
		key_append_argument(ret_key, notification, signature, i);
	for (unsigned i = 0; i < notification->n_nested; i++)
		key_append_capture(ret_key, notification, &notification->nested[i].capture);
}

static bool same_capture(const struct capture *left, const struct capture *right)
{
	return left->status == right->status && left->length == right->length &&
	       left->offset == right->offset;
}

bool asked_is_same(const struct notification *before, const struct notification *now)
{
	for (size_t i = 0; i < ARRAY_SIZE(now->captures); i++)
		if (!same_capture(&before->captures[i], &now->captures[i]))
			return false;
	return before->used == now->used && before->n_nested == now->n_nested &&
	       memcmp(before->bytes, now->bytes, now->used) == 0;
}

void asked_deny_changed(struct verdict *verdict)
{
	verdict->kind = VERDICT_DENY;
	verdict->error = EPERM;
	verdict->asked_by = ASKED_CHANGED;
}

bool asked_key_equal(const struct asked_key *left, const struct asked_key *right)
{
	return !left->alone && !right->alone && left->policy_rule == right->policy_rule &&
	       left->generation == right->generation && left->arch == right->arch &&
	       left->nr == right->nr && left->length == right->length &&
	       memcmp(left->bytes, right->bytes, left->length) == 0;
}

static bool same_process(const struct asked_process *left, const struct asked_process *right)
{
	return left->pid != 0 && left->pid == right->pid && left->started != 0 &&
	       left->started == right->started;
}

static struct asked_process process_of(const struct notification *notification)
{
	struct asked_process asked = { .pid = notification->caller.pid };
	struct process process;

	if (asked.pid > 0 && process_read(asked.pid, &process) == 0)
		asked.started = process.started;
	return asked;
}

/* ---- what was said */

static enum ask_answer remembered(const struct asking *asking, const struct asked_key *key,
                                  const struct asked_process *process)
{
	uint32_t count = atomic_load_explicit(&asking->n_answers, memory_order_acquire);

	for (uint32_t i = 0; i < count && i < ASKED_ANSWERS_MAX; i++) {
		const struct asked_answer *answer = &asking->answers[i];

		if (asked_key_equal(&answer->key, key) &&
		    (answer->scope == ASK_RUN || same_process(&answer->process, process)))
			return (enum ask_answer)answer->answer;
	}
	return ASK_UNANSWERED;
}

static int remember(struct asking *asking, const struct asked *question, enum ask_scope scope,
                    enum ask_answer answer)
{
	uint32_t count = atomic_load(&asking->n_answers);

	if (count == ASKED_ANSWERS_MAX || question->key.alone ||
	    (answer == ASK_ALLOW && question->key.shifts) ||
	    (scope == ASK_PROCESS && question->process.started == 0))
		return -ENOSPC;
	asking->answers[count] = (struct asked_answer){
		.key = question->key,
		.process = question->process,
		.scope = (uint8_t)scope,
		.answer = (uint8_t)answer,
	};
	atomic_store_explicit(&asking->n_answers, count + 1, memory_order_release);
	return 0;
}

/* ---- the worker's */

static void settle(struct verdict *verdict, enum asked_by by, enum ask_answer answer)
{
	verdict->asked_by = (uint8_t)by;
	if (answer == ASK_ALLOW) {
		verdict->kind = VERDICT_ALLOW;
		verdict->error = 0;
	}
}

static struct asked *free_slot(struct asking *asking)
{
	for (size_t i = 0; i < ASKED_MAX; i++)
		if (notification_state(&asking->slots[i].notification) == NOTIFICATION_FREE)
			return &asking->slots[i];
	return NULL;
}

/* What the answer word of a slot holds: whose it is, who gave it, and what it says. */
static uint64_t answer_word(uint32_t ticket, enum asked_by by, enum ask_answer answer)
{
	return (uint64_t)ticket << 16 | (uint64_t)by << 8 | (uint64_t)answer;
}

static uint32_t word_ticket(uint64_t word)
{
	return (uint32_t)(word >> 16);
}

int asked_park(struct asking *asking, struct notification *notification, uint64_t now_ms)
{
	struct asked *slot = atomic_load(&asking->somebody) ? free_slot(asking) : NULL;
	struct asked_process process = process_of(notification);
	struct asked_key key;
	enum ask_answer answer;

	asked_key_of(notification, &key);
	answer = remembered(asking, &key, &process);
	if (answer != ASK_UNANSWERED || !slot) {
		settle(&notification->verdict, answer ? ASKED_REMEMBERED : ASKED_NOBODY, answer);
		return 0;
	}
	slot->key = key;
	slot->process = process;
	slot->since_ms = now_ms;
	slot->until_ms = now_ms + notification->verdict.ask_seconds * UINT64_C(1000);
	slot->ticket = atomic_load(&asking->tickets) + 1;
	atomic_store(&slot->answer, answer_word(slot->ticket, ASKED_NOT, ASK_UNANSWERED));
	notification_set_state(notification, NOTIFICATION_ASKED);
	notification_move(notification, &slot->notification);
	atomic_store(&asking->tickets, slot->ticket);
	return ASKED_PARKED;
}

/* asked -> decided where there is an answer, or there will be none. */
static void settle_slot(const struct asking *asking, struct asked *slot, uint64_t now_ms)
{
	uint64_t word = atomic_load(&slot->answer);
	enum ask_answer answer = (enum ask_answer)(word & 0xff);
	struct verdict *verdict = &slot->notification.verdict;

	if (answer != ASK_UNANSWERED)
		settle(verdict, (enum asked_by)(word >> 8 & 0xff), answer);
	else if (!atomic_load(&asking->somebody))
		settle(verdict, ASKED_NOBODY, answer);
	else if (now_ms >= slot->until_ms)
		settle(verdict, ASKED_TIMEOUT, answer);
	else
		return;
	verdict->asked_seconds = (uint16_t)((now_ms - slot->since_ms) / 1000);
	notification_set_state(&slot->notification, NOTIFICATION_DECIDED);
}

struct asked *asked_settled(struct asking *asking, uint64_t now_ms)
{
	for (size_t i = 0; i < ASKED_MAX; i++) {
		struct asked *slot = &asking->slots[i];

		if (notification_state(&slot->notification) == NOTIFICATION_ASKED)
			settle_slot(asking, slot, now_ms);
		if (notification_state(&slot->notification) != NOTIFICATION_ASKED &&
		    notification_state(&slot->notification) != NOTIFICATION_FREE)
			return slot;
	}
	return NULL;
}

bool asked_holds(const struct asking *asking, uint64_t id)
{
	for (size_t i = 0; i < ASKED_MAX; i++) {
		const struct notification *notification = &asking->slots[i].notification;

		if (notification_state(notification) != NOTIFICATION_FREE &&
		    notification->request.id == id)
			return true;
	}
	return false;
}

int asked_patience(const struct asking *asking, uint64_t now_ms)
{
	uint64_t nearest = UINT64_MAX;

	for (size_t i = 0; i < ASKED_MAX; i++) {
		const struct asked *slot = &asking->slots[i];

		if (notification_state(&slot->notification) == NOTIFICATION_ASKED &&
		    slot->until_ms < nearest)
			nearest = slot->until_ms;
	}
	if (nearest == UINT64_MAX)
		return -1;
	return nearest <= now_ms ? 0 : (int)(nearest - now_ms);
}

/* ---- the prompter's */

/* Whether the slot waits for an answer, and to which ticket. */
static bool is_open(const struct asked *slot, uint32_t *ret_ticket)
{
	uint64_t word = atomic_load(&slot->answer);

	*ret_ticket = word_ticket(word);
	return notification_state(&slot->notification) == NOTIFICATION_ASKED &&
	       word == answer_word(*ret_ticket, ASKED_NOT, ASK_UNANSWERED);
}

/* To this ticket only: the worker may have given the slot to another question meanwhile. */
static void give(struct asked *slot, uint32_t ticket, enum asked_by by, enum ask_answer answer)
{
	uint64_t expected = answer_word(ticket, ASKED_NOT, ASK_UNANSWERED);

	(void)atomic_compare_exchange_strong(&slot->answer, &expected,
	                                     answer_word(ticket, by, answer));
}

static struct asked *oldest(struct asking *asking, uint32_t *ret_ticket)
{
	struct asked *found = NULL;

	*ret_ticket = 0;
	for (size_t i = 0; i < ASKED_MAX; i++) {
		struct asked *slot = &asking->slots[i];
		enum ask_answer answer;
		uint32_t ticket;

		if (!is_open(slot, &ticket))
			continue;
		answer = remembered(asking, &slot->key, &slot->process);
		if (answer != ASK_UNANSWERED) {
			give(slot, ticket, ASKED_REMEMBERED, answer);
		} else if (!found || ticket < *ret_ticket) {
			found = slot;
			*ret_ticket = ticket;
		}
	}
	return found;
}

bool asked_oldest(struct asking *asking, struct asked *ret_question)
{
	uint32_t ticket, still;
	struct asked *slot;

	assert(asking);
	slot = oldest(asking, &ticket);
	if (!slot)
		return false;
	memcpy(ret_question, slot, sizeof(*ret_question));
	return is_open(slot, &still) && still == ticket;
}

/* Whether an answer of that scope to the question is one to this open slot too. */
static bool is_covered(const struct asked *question, const struct asked *slot, uint32_t ticket,
                       enum ask_scope scope)
{
	if (ticket == question->ticket)
		return true;
	return asked_key_equal(&slot->key, &question->key) &&
	       (scope == ASK_RUN || same_process(&slot->process, &question->process));
}

bool asked_is_waiting(const struct asking *asking, const struct asked *question)
{
	for (size_t i = 0; i < ASKED_MAX; i++) {
		const struct asked *slot = &asking->slots[i];

		if (word_ticket(atomic_load(&slot->answer)) == question->ticket)
			return notification_state(&slot->notification) != NOTIFICATION_FREE;
	}
	return false;
}

unsigned asked_count(const struct asking *asking, const struct asked *question)
{
	unsigned count = 0;
	uint32_t ticket;

	for (size_t i = 0; i < ASKED_MAX; i++)
		count += is_open(&asking->slots[i], &ticket) &&
		         is_covered(question, &asking->slots[i], ticket, ASK_ONCE);
	return count;
}

int asked_answer(struct asking *asking, const struct asked *question, enum ask_scope scope,
                 enum ask_answer answer)
{
	int r = scope == ASK_ONCE ? 0 : remember(asking, question, scope, answer);
	uint32_t ticket;

	for (size_t i = 0; i < ASKED_MAX; i++) {
		struct asked *slot = &asking->slots[i];

		if (is_open(slot, &ticket) && is_covered(question, slot, ticket, scope))
			give(slot, ticket, ASKED_USER, answer);
	}
	return r;
}
