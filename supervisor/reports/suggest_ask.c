/* SPDX-License-Identifier: Apache-2.0 */
/* The questions of suggest -i, one a syscall: lines of text, so that any terminal will do. */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "profiles/profile_names.h"
#include "supervisor/reports/explain_stack.h"
#include "supervisor/files/output_file.h"
#include "supervisor/reports/suggest.h"

enum { LINE_MAX_BYTES = 256, OUTPUT_SIZE = 8192 };

struct asker {
	int fd;
	const struct ruleset *ruleset;
	size_t number, total; /* of the question, of the questions */
	struct suggest_item *item;
	size_t marked; /* the choice that Allow would take */
	bool allow_is_default;
};

/* ---- the terminal */

/* A line without its end, cut where it is too long. SUGGEST_QUIT at the end of the input. */
static int get_line(int fd, char line[static LINE_MAX_BYTES])
{
	size_t len = 0;

	for (;;) {
		char byte;
		ssize_t n = read(fd, &byte, 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno();
		if (n == 0)
			return SUGGEST_QUIT;
		if (byte == '\n')
			break;
		if (len < LINE_MAX_BYTES - 1)
			line[len++] = byte;
	}
	line[len] = '\0';
	return 0;
}

/* ---- a question */

static void choice_line(struct text *text, const struct asker *asker, size_t index)
{
	const struct suggestion *suggestion = asker->item->suggestion;
	const struct choice *choice = &suggestion->choices[index];
	char name[24];

	text_printf(text, "      %s%zu%s ", index == asker->marked ? "[" : " ", index + 1,
	            index == asker->marked ? "]" : " ");
	if (choice->kind == CHANGE_ERRNO)
		text_printf(text, "deny with %s: ",
		            err_name(choice->changes[0].action.number, name, sizeof(name)));
	else
		text_string(text, "allow ");
	suggest_choice_text(text, suggestion, choice);
	text_printf(text, "  (%s)\n",
	            choice->kind == CHANGE_ERRNO ? "opens nothing"
	                                         : severity_name(choice->severity));
}

static void call_line(struct text *text, const struct suggestion *suggestion)
{
	const char *call = suggestion->calls[0]->text;

	if (!call || !call[0])
		return;
	text_string(text, "      ");
	text_escape_message(text, call);
	text_string(text, suggestion->n_calls > 1 ? "  and others\n" : "\n");
}

static void question(struct text *text, const struct asker *asker)
{
	const struct suggestion *suggestion = asker->item->suggestion;
	const struct choice *widest = &suggestion->choices[suggestion->n_choices - 1];

	text_printf(text, "\n[%zu/%zu] %s", asker->number, asker->total, suggestion->name);
	suggest_calls_text(text, suggestion);
	text_printf(text, "  severity %s", severity_name(widest->severity));
	if (widest->severity_why)
		text_printf(text, " (%s)", widest->severity_why);
	text_string(text, "\n");
	call_line(text, suggestion);
	for (size_t i = 0; i < suggestion->n_choices; i++)
		choice_line(text, asker, i);
	if (suggestion->caps_rule)
		text_printf(text,
		            "      line %u of the profile would allow %" PRIu64
		            " of them with more capabilities\n",
		            suggestion->caps_rule->place.line, suggestion->caps_count);
	text_printf(text,
	            "(A)llow  (1-%zu) choose  (D)eny  (E)rrno NAME  (I)gnore  (S)tack  "
	            "(Q)uit  [%c] > ",
	            suggestion->n_choices, asker->allow_is_default ? 'A' : 'D');
}

static int say(const struct asker *asker, void (*fill)(struct text *, const struct asker *))
{
	char bytes[OUTPUT_SIZE];
	struct text text = TEXT_OVER(bytes);

	fill(&text, asker);
	return output_write_all(asker->fd, text.bytes, text.len);
}

/* ---- answers; each returns 0 when it settles the item */

enum { ASK_AGAIN = 2 };

static int answer_allow(struct asker *asker, const char *rest)
{
	(void)rest;
	asker->item->fate = FATE_CHANGED;
	asker->item->choice = &asker->item->suggestion->choices[asker->marked];
	return 0;
}

static int answer_deny(struct asker *asker, const char *rest)
{
	(void)rest;
	asker->item->fate = FATE_DENIED;
	return 0;
}

static int answer_ignore(struct asker *asker, const char *rest)
{
	(void)rest;
	asker->item->fate = FATE_IGNORED;
	return 0;
}

static int complain(const struct asker *asker, const char *words)
{
	int r = output_write_all(asker->fd, words, strlen(words));

	return r < 0 ? r : ASK_AGAIN;
}

/* "E ENOSYS" */
static int answer_errno(struct asker *asker, const char *rest)
{
	unsigned number;
	int r;

	while (*rest && *rest != ' ')
		rest++;
	while (*rest == ' ')
		rest++;
	if (!errno_by_name(rest, &number, NULL))
		return complain(asker, "expected an errno's name, as in: E ENOSYS\n");
	r = suggest_item_errno(asker->ruleset, asker->item, number);
	return r == -ENOENT ? complain(asker, "no rule can say so\n") : r;
}

static void stack_lines(struct text *text, const struct asker *asker)
{
	const struct suggestion *suggestion = asker->item->suggestion;

	for (size_t i = 0; i < suggestion->n_calls; i++) {
		if (!suggestion->calls[i]->event)
			continue;
		for (unsigned j = 0; j < STACK_FRAMES_MAX; j++) {
			char bytes[1024];
			struct text frame = TEXT_OVER(bytes);

			if (!stack_frame_text(&frame, suggestion->calls[i]->event, j))
				break;
			text_string(text, "      ");
			text_escape_message(text, bytes);
			text_string(text, "\n");
		}
		return;
	}
	text_string(text, "the events have no stack; run --stack takes them\n");
}

static int answer_stack(struct asker *asker, const char *rest)
{
	int r = say(asker, stack_lines);

	(void)rest;
	return r < 0 ? r : ASK_AGAIN;
}

static int answer_quit(struct asker *asker, const char *rest)
{
	(void)asker;
	(void)rest;
	return SUGGEST_QUIT;
}

static int answer_number(struct asker *asker, const char *rest)
{
	unsigned long number = strtoul(rest, NULL, 10);

	if (number == 0 || number > asker->item->suggestion->n_choices)
		return complain(asker, "there is no such choice\n");
	asker->marked = number - 1;
	return ASK_AGAIN;
}

static const struct {
	char letter;
	int (*act)(struct asker *asker, const char *line);
} answers[] = {
	{ 'a', answer_allow },  { 'd', answer_deny },  { 'e', answer_errno },
	{ 'i', answer_ignore }, { 's', answer_stack }, { 'q', answer_quit },
};

static int act(struct asker *asker, const char *line)
{
	int letter;

	while (*line == ' ')
		line++;
	letter = tolower((unsigned char)*line);
	if (letter == '\0')
		letter = asker->allow_is_default ? 'a' : 'd';
	if (isdigit(letter))
		return answer_number(asker, line);
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++)
		if (answers[i].letter == letter)
			return answers[i].act(asker, line);
	return complain(asker, "expected one of the letters in brackets, or a number\n");
}

/* ---- all questions */

static bool was_enforced(const struct suggestion *suggestion)
{
	for (size_t i = 0; i < suggestion->n_calls; i++)
		if (suggestion->calls[i]->enforced)
			return true;
	return false;
}

static bool is_asked(const struct suggest_item *item)
{
	return item->suggestion->n_choices > 0 && item->fate != FATE_FINE;
}

/* As aa-logprof: what complain mode saw working is allowed by default, what was denied is not. */
static void prepare(struct asker *asker, struct suggest_item *item)
{
	const struct suggestion *suggestion = item->suggestion;

	asker->number++;
	asker->item = item;
	asker->marked = 0;
	for (size_t i = 0; i < suggestion->n_choices; i++)
		if (item->choice == &suggestion->choices[i])
			asker->marked = i;
	asker->allow_is_default = !was_enforced(suggestion) && item->fate != FATE_LEFT_OUT;
}

static int ask(struct asker *asker)
{
	char line[LINE_MAX_BYTES];
	int r;

	do {
		r = say(asker, question);
		if (r == 0)
			r = get_line(asker->fd, line);
		if (r == 0)
			r = act(asker, line);
	} while (r == ASK_AGAIN);
	return r;
}

int suggest_ask(int fd, const struct ruleset *ruleset, struct suggest_items *items)
{
	struct asker asker = { .fd = fd, .ruleset = ruleset };
	int r = 0;

	for (size_t i = 0; i < items->n; i++)
		asker.total += is_asked(&items->list[i]);
	for (size_t i = 0; i < items->n && r == 0; i++) {
		if (!is_asked(&items->list[i]))
			continue;
		prepare(&asker, &items->list[i]);
		r = ask(&asker);
	}
	return r;
}

int suggest_confirm(int fd, const char *words)
{
	char line[LINE_MAX_BYTES];
	int r = output_write_all(fd, words, strlen(words));

	if (r == 0)
		r = get_line(fd, line);
	if (r < 0)
		return r;
	return r == 0 && tolower((unsigned char)line[0]) == 'y';
}
