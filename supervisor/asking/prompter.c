/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/asking/prompter.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "supervisor/descriptors.h"
#include "supervisor/events/event_line.h"
#include "supervisor/files/output_file.h"
#include "supervisor/asking/prompter_terminal.h"
#include "supervisor/asking/question.h"

enum {
	TICK_MS = 250,   /* how soon a question that nobody waits for is withdrawn */
	SETTLE_MS = 200, /* for the worker to give an answer */
	TEXT_SIZE = 8192,
};

/* What became of a question, or of a wait. */
enum turn {
	TURN_NEXT,  /* go on */
	TURN_WAIT,  /* for another key */
	TURN_LATER, /* the terminal is another job's for now */
	TURN_END,   /* nobody can be asked any more */
};

struct prompter_loop {
	const struct prompter *prompter;
	struct prompter_terminal terminal;
	struct asked question;
	unsigned seconds; /* that the line of keys says */
	bool still;       /* the terminal cannot write that line anew */
	bool said_busy;
	bool gone; /* the terminal */
};

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void say(struct prompter_loop *self, const char *words)
{
	if (output_write_all(self->prompter->terminal, words, strlen(words)) < 0)
		self->gone = true;
}

static unsigned seconds_left(const struct prompter_loop *self)
{
	uint64_t now = now_ms(), until = self->question.until_ms;

	return until <= now ? 0 : (unsigned)((until - now + 999) / 1000);
}

static void show_keys(struct prompter_loop *self)
{
	char bytes[512];
	struct text text = TEXT_OVER(bytes);

	self->seconds = seconds_left(self);
	question_keys(&text, self->seconds);
	say(self, bytes);
}

/* The same line again, with the seconds that are left. What the target wrote stays above it. */
static void tick(struct prompter_loop *self)
{
	if (self->still || seconds_left(self) == self->seconds)
		return;
	say(self, "\r\033[K");
	show_keys(self);
}

static void show(struct prompter_loop *self)
{
	char bytes[TEXT_SIZE];
	struct text text = TEXT_OVER(bytes);

	question_text(&text, self->prompter->session, &self->question.notification,
	              asked_count(self->prompter->asking, &self->question));
	say(self, bytes);
	show_keys(self);
}

/* ---- answers */

static void give_back(struct prompter_loop *self)
{
	terminal_give_back(&self->terminal);
	atomic_store(&self->prompter->asking->foreground, false);
}

static void answer(struct prompter_loop *self, const struct question_reply *reply)
{
	const struct prompter *prompter = self->prompter;
	char bytes[TEXT_SIZE];
	struct text text = TEXT_OVER(bytes);
	int r;

	text_string(&text, reply->words);
	if (reply->scope == ASK_RUN && prompter->save)
		ask_save(prompter->save, &self->question.notification, reply->answer == ASK_ALLOW,
		         &text);
	text_string(&text, "\n");
	say(self, bytes);
	give_back(self);
	r = asked_answer(prompter->asking, &self->question, reply->scope, reply->answer);
	if (r < 0)
		say(self, "callgate: this call cannot be remembered, so it was for once\n");
	(void)eventfd_write(prompter->answers, 1);
}

static bool is_waiting(const struct prompter_loop *self)
{
	return asked_is_waiting(self->prompter->asking, &self->question);
}

/* A key that the terminal would have made a signal for the job: denied, and passed on. */
static void pass_signal(struct prompter_loop *self, int signal)
{
	pid_t job = self->terminal.before;
	struct question_reply reply;

	(void)question_reply('d', &reply);
	answer(self, &reply);
	/* A signal that kills would make the answer one to nobody. */
	for (int waited = 0; waited < SETTLE_MS && is_waiting(self); waited++)
		(void)poll(NULL, 0, 1);
	if (job > 0)
		(void)kill(-job, signal);
}

static enum turn act(struct prompter_loop *self, int key)
{
	int signal = terminal_signal_of(&self->terminal, key);
	struct question_reply reply;

	if (signal != 0) {
		pass_signal(self, signal);
		return TURN_NEXT;
	}
	if (key == 'q' || terminal_is_end(&self->terminal, key)) {
		say(self, "denied; nobody will be asked from now on\n");
		return TURN_END;
	}
	if (!question_reply((char)key, &reply))
		return TURN_WAIT;
	answer(self, &reply);
	return TURN_NEXT;
}

/* ---- questions */

static bool hung_up(const struct pollfd *fd)
{
	return fd->revents & (POLLHUP | POLLERR | POLLNVAL);
}

static enum turn hear(struct prompter_loop *self)
{
	int key = terminal_key(&self->terminal);

	if (key == -EAGAIN || key == -EINTR)
		return TURN_WAIT;
	return key < 0 ? TURN_END : act(self, key);
}

/* The worker has ended the question: its time is up, or nobody waits for the answer. */
static void withdraw(struct prompter_loop *self)
{
	say(self, now_ms() >= self->question.until_ms
	                  ? "no answer in time: denied\n"
	                  : "withdrawn: nobody waits for it any more\n");
	give_back(self);
}

/* From shown to settled. */
static enum turn wait_for_answer(struct prompter_loop *self)
{
	struct pollfd wait[] = {
		{ .fd = self->prompter->terminal, .events = POLLIN },
		{ .fd = self->prompter->lifeline, .events = POLLIN },
	};
	enum turn turn = TURN_WAIT;

	while (turn == TURN_WAIT) {
		(void)poll(wait, ARRAY_SIZE(wait), TICK_MS);
		if (asked_count(self->prompter->asking, &self->question) == 0) {
			withdraw(self);
			return TURN_NEXT;
		}
		if (self->gone || hung_up(&wait[0]) || wait[1].revents)
			return TURN_END;
		if (!terminal_is_ours(&self->terminal))
			return TURN_LATER;
		terminal_guard(&self->terminal);
		tick(self);
		if (wait[0].revents & POLLIN)
			turn = hear(self);
	}
	return turn;
}

static enum turn ask(struct prompter_loop *self)
{
	enum turn turn;
	int r;

	/* Before anybody is stopped: the keeper must not take it for a stop of the user's. */
	atomic_store(&self->prompter->asking->foreground, true);
	r = terminal_take(&self->terminal);
	if (r == TERMINAL_BUSY && !self->said_busy) {
		say(self, "callgate: a call waits for an answer; bring this job to the foreground "
		          "(fg)\n");
		self->said_busy = true;
	}
	if (r != 0) {
		give_back(self);
		return r == TERMINAL_BUSY ? TURN_LATER : TURN_END;
	}
	self->said_busy = false;
	show(self);
	turn = wait_for_answer(self);
	give_back(self);
	return turn;
}

static enum turn wait_for_question(const struct prompter_loop *self, int patience_ms)
{
	struct pollfd wait[] = {
		{ .fd = self->prompter->wake, .events = POLLIN },
		{ .fd = self->prompter->lifeline, .events = POLLIN },
		{ .fd = self->prompter->terminal, .events = 0 }, /* its hang-up is always told */
	};
	eventfd_t count;

	(void)poll(wait, ARRAY_SIZE(wait), patience_ms);
	if (wait[0].revents & POLLIN)
		(void)eventfd_read(self->prompter->wake, &count);
	return wait[1].revents || hung_up(&wait[2]) ? TURN_END : TURN_NEXT;
}

static void serve(struct prompter_loop *self)
{
	struct asking *asking = self->prompter->asking;
	enum turn turn = TURN_NEXT;

	while (turn != TURN_END) {
		if (asked_oldest(asking, &self->question))
			turn = ask(self);
		else
			turn = wait_for_question(self, -1);
		/* What asked_oldest() answered by itself. */
		(void)eventfd_write(self->prompter->answers, 1);
		if (turn == TURN_LATER)
			turn = wait_for_question(self, TICK_MS);
	}
}

static bool can_write_anew(int terminal)
{
	const char *term = getenv("TERM");
	unsigned width = text_style_of(terminal).width;

	return term && *term && strcmp(term, "dumb") != 0 &&
	       (width == 0 || width > QUESTION_KEYS_COLUMNS);
}

void prompter_run(const struct prompter *prompter)
{
	const int keep[] = { prompter->terminal, prompter->wake, prompter->answers,
		             prompter->lifeline };
	struct prompter_loop self = {
		.prompter = prompter,
		.terminal = { .fd = prompter->terminal, .keeper = prompter->keeper },
	};

	self.still = !can_write_anew(prompter->terminal);
	(void)setpgid(0, 0);
	(void)prctl(PR_SET_NAME, "callgate-asker");
	if (descriptors_close_except(keep, ARRAY_SIZE(keep)) == 0)
		serve(&self);
	atomic_store(&prompter->asking->somebody, false);
	(void)eventfd_write(prompter->answers, 1);
	_exit(0);
}
