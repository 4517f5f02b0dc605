/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/arguments/typed_call.h"

#include <ctype.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/near.h"
#include "common/text.h"
#include "profiles/arguments/constants.h"
#include "profiles/resolve.h"
#include "profiles/arguments/signature.h"
#include "profiles/syscall_near.h"
#include "profiles/syscalls.h"

enum {
	WORD_MAX = 64,
	/* Stands for a pointer that is not NULL. */
	SOME_POINTER = 1,
};

struct parser {
	const char *text;
	size_t at;
	struct diags *diags;
	const struct signature *signature; /* NULL: arguments are numbers without names */
	struct typed_call call;
};

/* ---- words */

/* And remarks, as a shown call has them. */
static void skip_spaces(struct parser *parser)
{
	const char *end;

	do {
		while (isspace((unsigned char)parser->text[parser->at]))
			parser->at++;
		end = strncmp(parser->text + parser->at, "/*", 2) == 0
		              ? strstr(parser->text + parser->at, "*/")
		              : NULL;
		if (end)
			parser->at = (size_t)(end - parser->text) + 2;
	} while (end);
}

static bool take(struct parser *parser, char c)
{
	skip_spaces(parser);
	if (parser->text[parser->at] != c)
		return false;
	parser->at++;
	return true;
}

static struct place place_at(size_t at)
{
	return (struct place){ .line = 1, .column = (unsigned)at + 1 };
}

_printf_(4, 5) static void complain(struct parser *parser, size_t at, const char *id,
                                    const char *format, ...)
{
	char message[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	diags_add(parser->diags, DIAG_ERROR, id, place_at(at), "", "%s", message);
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* A name or number, cut at WORD_MAX; empty where there is none. */
static void take_word(struct parser *parser, char ret_word[static WORD_MAX])
{
	size_t len = 0;

	skip_spaces(parser);
	for (; is_word(parser->text[parser->at]); parser->at++)
		if (len < WORD_MAX - 1)
			ret_word[len++] = parser->text[parser->at];
	ret_word[len] = '\0';
}

/* What stands where something else was expected, as a message may show it. */
static const char *found_text(const struct parser *parser, char buf[static WORD_MAX])
{
	struct text text = { .bytes = buf, .size = WORD_MAX };
	const char *rest = parser->text + parser->at;

	text_clear(&text);
	if (*rest == '\0')
		return "the end";
	text_string(&text, "\"");
	text_escape_terminal(&text, rest, strlen(rest), WORD_MAX / 2);
	text_string(&text, "\"");
	return buf;
}

/* ---- the name */

/* "syscall_470", whatever a table calls it: the number as people write it, without x32's bit. */
static bool number_of_number(uint32_t arch, const char *name, int *ret_nr)
{
	int number, length = 0;

	if (sscanf(name, "syscall_%9d%n", &number, &length) != 1 || name[length] || number < 0 ||
	    !isdigit((unsigned char)name[strlen("syscall_")]))
		return false;
	*ret_nr = arch == SCMP_ARCH_X32 ? number | (int)X32_BIT : number;
	return true;
}

static bool number_of_name(uint32_t arch, const char *name, int *ret_nr)
{
	char buf[WORD_MAX];

	if (number_of_number(arch, name, ret_nr))
		return true;
	for (int nr = -1; (nr = syscall_next(arch, nr)) >= 0;) {
		if (strcmp(syscall_name(arch, nr, buf, sizeof(buf)), name) != 0)
			continue;
		*ret_nr = nr;
		return true;
	}
	return false;
}

static int take_name(struct parser *parser, const uint32_t *archs, size_t n_archs)
{
	char name[WORD_MAX], nearest[SYSCALL_NAME_SIZE], found[WORD_MAX];
	struct typed_call *call = &parser->call;
	size_t at;

	skip_spaces(parser);
	at = parser->at;
	take_word(parser, name);
	if (name[0] == '\0') {
		complain(parser, at, "no-syscall", "%s; expected a syscall's name",
		         found_text(parser, found));
		return -EBADMSG;
	}
	for (size_t i = 0; i < n_archs; i++) {
		if (!number_of_name(archs[i], name, &call->call.nr))
			continue;
		call->arch = archs[i];
		call->call.arch = scmp_arch_audit(archs[i]);
		parser->signature = signature_find(
			archs[i], syscall_name(archs[i], call->call.nr, name, sizeof(name)));
		return 0;
	}
	syscall_nearest(name, nearest);
	complain(parser, at, "unknown-syscall", "%s: unknown syscall%s%s%s", name,
	         nearest[0] ? "; did you mean " : "", nearest, nearest[0] ? "?" : "");
	return -EBADMSG;
}

/* ---- one argument */

/* The row of an argument, with the constants that the earlier ones give it; NULL: a number. */
static const struct argument *argument_of(const struct parser *parser, unsigned index,
                                          struct argument *ret_argument)
{
	const struct argument *row = NULL;

	if (parser->signature)
		row = signature_argument(parser->signature, &parser->call.call, index);
	if (!row)
		return NULL;
	*ret_argument = *row;
	if (ret_argument->type == ARGUMENT_PROTOCOL)
		ret_argument->constants =
			constants_protocol(parser->call.call.args[ret_argument->length]);
	return ret_argument;
}

static bool signal_by_name(const char *word, uint64_t *ret_value, struct near *near,
                           char best[static WORD_MAX])
{
	char name[WORD_MAX];

	for (int signal = 1; signal < _NSIG; signal++) {
		const char *abbreviated = sigabbrev_np(signal);

		if (!abbreviated)
			continue;
		snprintf(name, sizeof(name), "SIG%s", abbreviated);
		near_offer(near, name);
		if (near->best == name) { /* which is about to go away */
			snprintf(best, WORD_MAX, "%s", name);
			near->best = best;
		}
		if (strcmp(name, word) != 0)
			continue;
		*ret_value = (uint64_t)signal;
		return true;
	}
	return false;
}

static bool takes_signal(const struct argument *argument)
{
	return argument->type == ARGUMENT_SIGNAL || argument->type == ARGUMENT_CLONE_FLAGS;
}

/* Names that no argument's own table has: for any argument, and for any descriptor. */
static const struct constant anywhere[] = { { "NULL", 0, 0 }, { 0 } };
static const struct constant descriptors[] = { { "AT_FDCWD", (uint64_t)AT_FDCWD, 0 }, { 0 } };

static bool constant_of(const struct constant *constant, const char *word, uint64_t *ret_value,
                        struct near *near)
{
	for (; constant && constant->name; constant++) {
		near_offer(near, constant->name);
		if (strcmp(constant->name, word) != 0)
			continue;
		*ret_value = constant->value;
		return true;
	}
	return false;
}

static bool constant_by_name(const struct argument *argument, const char *word, uint64_t *ret_value,
                             struct near *near, char best[static WORD_MAX])
{
	if (constant_of(anywhere, word, ret_value, near))
		return true;
	if (!argument)
		return false;
	if (argument->type == ARGUMENT_FD && constant_of(descriptors, word, ret_value, near))
		return true;
	return constant_of(argument->constants, word, ret_value, near) ||
	       (takes_signal(argument) && signal_by_name(word, ret_value, near, best));
}

static void take_constant(struct parser *parser, const struct argument *argument, uint64_t *value)
{
	char word[WORD_MAX], best[WORD_MAX];
	size_t at = parser->at;
	struct near near;
	uint64_t bits = 0;

	take_word(parser, word);
	near = near_to(word);
	if (constant_by_name(argument, word, &bits, &near, best)) {
		*value |= bits;
		return;
	}
	complain(parser, at, "unknown-constant", "%s: unknown constant%s%s%s%s%s", word,
	         argument ? " for " : "; expected a number", argument ? argument->name : "",
	         near.best ? "; did you mean " : "", near.best ? near.best : "",
	         near.best ? "?" : "");
}

/* Decimal, 0x or octal, with a sign; followed by "…" or "..." it is an address cut short. */
static bool take_number(struct parser *parser, uint64_t *value)
{
	const char *start = parser->text + parser->at;
	const char *digits = start + (*start == '-');
	char *end;
	uint64_t number;

	errno = 0;
	number = strtoull(digits, &end, 0);
	if (end == digits || is_word(*end) || errno == ERANGE) {
		complain(parser, parser->at, "bad-number", "not a number of 64 bits");
		while (is_word(parser->text[parser->at]) || parser->text[parser->at] == '-')
			parser->at++;
		return false;
	}
	*value |= *start == '-' ? -number : number;
	parser->at += (size_t)(end - start);
	if (strncmp(end, "…", strlen("…")) != 0 && strncmp(end, "...", 3) != 0)
		return false;
	parser->at += 3; /* either way */
	return true;
}

/* Behind the closing quote; a backslash hides the character after it. */
static void pass_string(struct parser *parser)
{
	size_t at = parser->at++;

	for (; parser->text[parser->at] != '"'; parser->at++) {
		if (parser->text[parser->at] == '\\' && parser->text[parser->at + 1])
			parser->at++;
		if (parser->text[parser->at] == '\0') {
			complain(parser, at, "open-string", "a string without its end");
			return;
		}
	}
	parser->at++;
	if (strncmp(parser->text + parser->at, "...", 3) == 0)
		parser->at += 3;
}

/* A struct or an array, as strace writes it: what is in it is in memory, where no filter looks. */
static void pass_braces(struct parser *parser)
{
	size_t at = parser->at;
	unsigned depth = 0;

	do {
		char c = parser->text[parser->at];

		if (c == '\0') {
			complain(parser, at, "open-brace", "a brace without its end");
			return;
		}
		if (c == '"') {
			pass_string(parser);
			continue;
		}
		if (c == '{' || c == '[')
			depth++;
		if (c == '}' || c == ']')
			depth--;
		parser->at++;
	} while (depth > 0);
}

/* One operand of "|". True where it stands for some pointer. */
static bool take_operand(struct parser *parser, const struct argument *argument, uint64_t *value)
{
	char found[WORD_MAX];
	char c;

	skip_spaces(parser);
	c = parser->text[parser->at];
	if (c == '"') {
		pass_string(parser);
		return true;
	}
	if (c == '{' || c == '[' || strncmp(parser->text + parser->at, "~[", 2) == 0) {
		parser->at += c == '~';
		pass_braces(parser);
		return true;
	}
	if (c == '-' || isdigit((unsigned char)c))
		return take_number(parser, value);
	if (is_word(c)) {
		take_constant(parser, argument, value);
		return false;
	}
	complain(parser, parser->at, "no-argument", "%s; expected a number, a constant or a string",
	         found_text(parser, found));
	parser->at += c != '\0' && c != ',' && c != ')';
	return false;
}

static void take_argument(struct parser *parser)
{
	struct typed_call *call = &parser->call;
	unsigned index = call->n_args;
	struct argument row;
	const struct argument *argument = argument_of(parser, index, &row);
	uint64_t value = 0;

	do {
		if (take_operand(parser, argument, &value))
			call->pointers |= 1U << index;
	} while (take(parser, '|'));
	if (call->pointers >> index & 1)
		value = SOME_POINTER;
	if (scmp_arch_is_32_bit(call->arch))
		value = (uint32_t)value;
	call->call.args[index] = value;
	call->n_args++;
}

/* ---- the whole */

static unsigned room_of(const struct parser *parser)
{
	return parser->signature ? signature_length(parser->signature) : 6;
}

/* From behind the opening parenthesis. */
static void take_arguments(struct parser *parser)
{
	char found[WORD_MAX];

	if (take(parser, ')'))
		return;
	do {
		skip_spaces(parser);
		if (parser->call.n_args == room_of(parser)) {
			complain(parser, parser->at, "too-many-arguments",
			         "one argument too many; it has %u", room_of(parser));
			return;
		}
		take_argument(parser);
	} while (take(parser, ','));
	if (!take(parser, ')'))
		complain(parser, parser->at, "open-call", "%s; expected \",\" or \")\"",
		         found_text(parser, found));
}

int typed_call_parse(const char *text, const uint32_t *archs, size_t n_archs, struct diags *diags,
                     struct typed_call *ret_call)
{
	struct parser parser = { .text = text, .diags = diags };
	size_t errors = diags->errors;
	char found[WORD_MAX];
	int r = take_name(&parser, archs, n_archs);

	if (r < 0)
		return r;
	if (take(&parser, '('))
		take_arguments(&parser);
	parser.call.length = parser.at;
	skip_spaces(&parser);
	if (diags->errors == errors && parser.text[parser.at] && parser.text[parser.at] != '=')
		complain(&parser, parser.at, "trailing", "%s after the call",
		         found_text(&parser, found));
	if (diags->errors > errors)
		return -EBADMSG;
	parser.call.missing =
		parser.signature &&
		parser.call.n_args < signature_used(parser.signature, &parser.call.call);
	*ret_call = parser.call;
	return 0;
}
