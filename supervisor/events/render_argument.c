/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/events/render_argument.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

enum {
	CLONE_SIGNAL = 0xff,   /* the kernel's CSIGNAL */
	SMALL_ENUM_MAX = 256,  /* unnamed values from here on are more likely codes: hexadecimal */
	VALUE_TEXT_MAX = 2048, /* every name of the longest set */
	POINTER_DIGITS = 2,    /* the others change from run to run */
	POINTER_DIGITS_WHOLE = 6,
	SIGSET_SIGNALS = 64,
	INVERTED_SIGSET = 42, /* from two thirds on, as strace does */
	REALTIME_SIGNAL = 32, /* the kernel's SIGRTMIN */
};

/* Integers up to here survive a reader that keeps numbers as doubles. */
#define JSON_EXACT_MAX (INT64_C(1) << 53)

/* A 64-bit value that is compared by its low half all the same must be an extension of that. */
static bool is_named(const struct argument *argument, const struct constant *row, uint64_t value)
{
	if (argument->type == ARGUMENT_ENUM64 || argument->type == ARGUMENT_SIZE ||
	    argument->type == ARGUMENT_ADDRESS)
		return row->value == value;
	return (uint32_t)row->value == (uint32_t)value &&
	       (argument_is_32_bit(argument->type) || !render_stray_bits(ARGUMENT_INT, value));
}

/* The name of exactly this value; NULL where the set has none. */
static const char *find_name(const struct argument *argument, uint64_t value)
{
	const struct constant *row = argument->constants;

	for (; row && row->name; row++)
		if (is_named(argument, row, value))
			return row->name;
	return NULL;
}

static void write_int(struct text *text, const struct argument *argument _unused_, uint64_t value)
{
	text_printf(text, "%" PRId32, (int32_t)value);
}

static void write_uint(struct text *text, const struct argument *argument _unused_, uint64_t value)
{
	text_printf(text, "%" PRIu32, (uint32_t)value);
}

static void write_long(struct text *text, const struct argument *argument _unused_, uint64_t value)
{
	text_printf(text, "%" PRId64, (int64_t)value);
}

static void write_size(struct text *text, const struct argument *argument _unused_, uint64_t value)
{
	text_printf(text, "%" PRIu64, value);
}

static void write_hex(struct text *text, const struct argument *argument _unused_, uint64_t value)
{
	text_printf(text, "%#" PRIx64, value);
}

static void write_fd(struct text *text, const struct argument *argument, uint64_t value)
{
	if ((int32_t)value == AT_FDCWD)
		text_string(text, "AT_FDCWD");
	else
		write_int(text, argument, value);
}

static void write_mode(struct text *text, const struct argument *argument, uint64_t value)
{
	uint32_t mode = (uint32_t)value;
	const struct constant *row = argument->constants;

	for (; row && row->name; row++) {
		if ((mode & row->mask) != row->value)
			continue;
		text_printf(text, "%s|", row->name);
		mode &= ~(uint32_t)row->mask;
		break;
	}
	text_printf(text, "%#" PRIo32, mode);
}

static void write_enum(struct text *text, const struct argument *argument, uint64_t value)
{
	int64_t number = argument_is_32_bit(argument->type) ? (int32_t)value : (int64_t)value;

	if (number > -SMALL_ENUM_MAX && number < SMALL_ENUM_MAX)
		text_printf(text, "%" PRId64, number);
	else
		write_hex(text, argument,
		          argument_is_32_bit(argument->type) ? (uint32_t)value : value);
}

static void write_bit_name(struct text *text, size_t start, const char *name)
{
	if (text->len > start)
		text_string(text, "|");
	text_string(text, name);
}

/* Names joined by |, what has no name as a number at the end; 0 where nothing is set. */
static void write_bits(struct text *text, const struct constant *row, uint64_t value)
{
	size_t start = text->len;
	uint64_t fields = 0; /* those that have their name already */

	for (; row && row->name; row++) {
		if (row->mask ? (fields & row->mask) || (value & row->mask) != row->value
		              : !row->value || (value & row->value) != row->value)
			continue;
		write_bit_name(text, start, row->name);
		fields |= row->mask;
		value &= ~row->value;
	}
	if (value && text->len > start)
		text_string(text, "|");
	if (value || text->len == start)
		text_printf(text, "%#" PRIx64, value);
}

static void write_flags(struct text *text, const struct argument *argument, uint64_t value)
{
	write_bits(text, argument->constants, (uint32_t)value);
}

static void write_flags64(struct text *text, const struct argument *argument, uint64_t value)
{
	write_bits(text, argument->constants, value);
}

/* Without its SIG. Those that glibc keeps for itself are named as the kernel counts them. */
static void write_signal_name(struct text *text, int signal)
{
	if (signal < REALTIME_SIGNAL)
		text_string(text, sigabbrev_np(signal));
	else if (signal == REALTIME_SIGNAL)
		text_string(text, "RTMIN");
	else
		text_printf(text, "RT_%d", signal - REALTIME_SIGNAL);
}

static void write_signal(struct text *text, const struct argument *argument, uint64_t value)
{
	int32_t signal = (int32_t)value;

	if (signal < REALTIME_SIGNAL ? !sigabbrev_np(signal) : signal > SIGSET_SIGNALS) {
		write_int(text, argument, value);
		return;
	}
	text_string(text, "SIG");
	write_signal_name(text, signal);
}

/* Without their SIG, and where most are set, those that are not: ~[KILL STOP]. */
static void write_sigset(struct text *text, const struct argument *argument _unused_,
                         uint64_t value)
{
	bool inverted = __builtin_popcountll(value) > INVERTED_SIGSET;
	uint64_t shown = inverted ? ~value : value;
	const char *separator = "";

	text_string(text, inverted ? "~[" : "[");
	for (int signal = 1; signal <= SIGSET_SIGNALS; signal++) {
		if (!(shown & UINT64_C(1) << (signal - 1)))
			continue;
		text_string(text, separator);
		write_signal_name(text, signal);
		separator = " ";
	}
	text_string(text, "]");
}

static void write_clone_flags(struct text *text, const struct argument *argument, uint64_t value)
{
	uint32_t flags = (uint32_t)value & ~(uint32_t)CLONE_SIGNAL;
	uint32_t signal = (uint32_t)value & CLONE_SIGNAL;

	if (flags || !signal)
		write_bits(text, argument->constants, flags);
	if (flags && signal)
		text_string(text, "|");
	if (signal)
		write_signal(text, argument, signal);
}

static void write_device(struct text *text, const struct argument *argument _unused_,
                         uint64_t value)
{
	dev_t device = (uint32_t)value;

	text_printf(text, "makedev(%#x, %#x)", major(device), minor(device));
}

static void write_pointer(struct text *text, const struct argument *argument, uint64_t value)
{
	if (value)
		write_hex(text, argument, value);
	else
		text_string(text, "NULL");
}

/*
 * An address nobody can use: enough of it to tell a mapping from the heap, so that the same call
 * made again, and by another process, reads the same. JSON has all of it.
 */
static void write_short_pointer(struct text *text, uint64_t value)
{
	int digits = snprintf(NULL, 0, "%" PRIx64, value);

	if (digits <= POINTER_DIGITS_WHOLE)
		text_printf(text, "%#" PRIx64, value);
	else
		text_printf(text, "0x%" PRIx64 "…", value >> 4 * (digits - POINTER_DIGITS));
}

struct kind {
	const char *name; /* in JSON */
	void (*write)(struct text *text, const struct argument *argument, uint64_t value);
	bool number; /* a number in JSON too */
	bool named;  /* one name may stand for the whole value */
};

static const struct kind kinds[ARGUMENT_FIRST_LAYOUT] = {
	[ARGUMENT_NONE] = { "hex", write_hex, false, false },
	[ARGUMENT_INT] = { "int", write_int, true, true },
	[ARGUMENT_UINT] = { "uint", write_uint, true, true },
	[ARGUMENT_LONG] = { "long", write_long, true, true },
	[ARGUMENT_SIZE] = { "size", write_size, true, true },
	[ARGUMENT_HEX] = { "hex", write_hex, false, true },
	[ARGUMENT_FD] = { "fd", write_fd, true, true },
	[ARGUMENT_PID] = { "pid", write_int, true, true },
	[ARGUMENT_MODE] = { "mode", write_mode, false, false },
	[ARGUMENT_OPEN_MODE] = { "mode", write_mode, false, false },
	[ARGUMENT_ENUM] = { "enum", write_enum, false, true },
	[ARGUMENT_ENUM64] = { "enum", write_enum, false, true },
	[ARGUMENT_FLAGS] = { "flags", write_flags, false, false },
	[ARGUMENT_FLAGS64] = { "flags", write_flags64, false, false },
	[ARGUMENT_CLONE_FLAGS] = { "flags", write_clone_flags, false, false },
	[ARGUMENT_SOCK_TYPE] = { "flags", write_flags, false, false },
	[ARGUMENT_PROTOCOL] = { "enum", write_enum, false, true },
	[ARGUMENT_DEVICE] = { "device", write_device, false, false },
	[ARGUMENT_SIGNAL] = { "signal", write_signal, false, false },
	[ARGUMENT_SIGSET] = { "sigset", write_sigset, false, false },
	[ARGUMENT_CAPABILITIES] = { "flags", write_flags64, false, false },
	[ARGUMENT_NAME] = { "string", write_hex, false, false },
	[ARGUMENT_BITSET] = { "bitset", write_hex, false, false },
	[ARGUMENT_POINTER] = { "pointer", write_pointer, false, true },
	[ARGUMENT_ADDRESS] = { "pointer", write_pointer, false, true },
	[ARGUMENT_OUT] = { "pointer", write_pointer, false, false },
	[ARGUMENT_PATH] = { "path", write_pointer, false, false },
	[ARGUMENT_STRING] = { "string", write_pointer, false, false },
	[ARGUMENT_BYTES] = { "bytes", write_pointer, false, false },
	[ARGUMENT_SOCKADDR] = { "sockaddr", write_pointer, false, false },
	[ARGUMENT_ENVIRONMENT] = { "environment", write_pointer, false, false },
};

/* What points to a struct is a pointer until it is read. */
static const struct kind *kind_of(enum argument_type type)
{
	return &kinds[type >= ARGUMENT_FIRST_LAYOUT ? ARGUMENT_POINTER : type];
}

const char *render_type_name(enum argument_type type)
{
	const struct layout *layout = signature_layout(type);

	return layout ? layout->name : kind_of(type)->name;
}

uint32_t render_stray_bits(enum argument_type type, uint64_t value)
{
	uint32_t high = (uint32_t)(value >> 32);

	if (!argument_is_32_bit(type) || (high == UINT32_MAX && (int32_t)value < 0))
		return 0;
	return high;
}

/* True where the value was written as a name. */
static bool write_value(struct text *text, const struct argument *argument, uint64_t value)
{
	const struct kind *kind = kind_of(argument->type);

	const char *name = kind->named ? find_name(argument, value) : NULL;

	if (name) {
		text_string(text, name);
		return true;
	}
	kind->write(text, argument, value);
	return argument->type == ARGUMENT_FD && (int32_t)value == AT_FDCWD;
}

void render_value(struct text *text, const struct argument *argument, uint64_t value)
{
	uint32_t stray = render_stray_bits(argument->type, value);

	if (kind_of(argument->type)->write == write_pointer && value && !find_name(argument, value))
		write_short_pointer(text, value);
	else
		write_value(text, argument, value);
	if (stray)
		text_printf(text, " /* upper bits %#" PRIx32 " */", stray);
}

static bool is_exact(enum argument_type type, uint64_t value)
{
	if (argument_is_32_bit(type))
		return true;
	if (type == ARGUMENT_SIZE)
		return value <= JSON_EXACT_MAX;
	return (int64_t)value <= JSON_EXACT_MAX && (int64_t)value >= -JSON_EXACT_MAX;
}

void render_json_value(struct text *text, const struct argument *argument, uint64_t value)
{
	char bytes[VALUE_TEXT_MAX];
	struct text words = TEXT_OVER(bytes);
	bool named = write_value(&words, argument, value);

	if (kind_of(argument->type)->write == write_pointer && value == 0 && !named)
		text_string(text, "null");
	else if (kind_of(argument->type)->number && !named && is_exact(argument->type, value))
		text_append(text, words.bytes, words.len);
	else
		text_json_string(text, words.bytes, words.len, NULL);
}
