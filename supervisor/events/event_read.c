/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/events/event_read.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "profiles/profile_names.h"
#include "profiles/resolve.h"

/* The schema without its version, and the major version that we know. */
static const char schema_prefix[] = "callgate.event/";
enum { SCHEMA_MAJOR = 1 };

/* What a line is, when it is no event. */
enum line_outcome {
	LINE_NOT_JSON = 1,
	LINE_NOT_EVENT,
	LINE_LATER,
};

/* ---- members of a line: each has a value that stands for "absent or of another type" */

static const char *member_string(const cJSON *object, const char *key)
{
	return cJSON_GetStringValue(json_member(object, key));
}

/* A whole number from min to max. A double is exact over every range that is asked for. */
static int64_t member_int(const struct event_record *record, const char *key, int64_t min,
                          int64_t max, int64_t absent)
{
	const cJSON *node = json_member(record->json, key);
	double number = cJSON_IsNumber(node) ? node->valuedouble : (double)min - 1;

	if (!(number >= (double)min && number <= (double)max) || number != (double)(int64_t)number)
		return absent;
	return (int64_t)number;
}

static uint64_t member_count(const struct event_record *record, const char *key)
{
	const cJSON *node = json_member(record->json, key);
	uint64_t count;

	if (!node || json_uint(record->document, node, UINT64_MAX, &count) < 0)
		return 1;
	return count;
}

/* "0x1f" of at most 64 bits. */
static bool parse_hex(const char *string, uint64_t *ret_value)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t value = 0;
	size_t n;

	if (!string || strncmp(string, "0x", 2) != 0)
		return false;
	string += 2;
	for (n = 0; string[n]; n++) {
		const char *digit = strchr(digits, string[n]);

		if (!digit || n == 16)
			return false;
		value = value << 4 | (uint64_t)(digit - digits);
	}
	if (n == 0)
		return false;
	*ret_value = value;
	return true;
}

/* Digits alone that mean no more than 64 bits; else 0, which no sequence has. */
static uint64_t parse_sequence(const char *digits)
{
	uint64_t value = 0;

	for (; *digits; digits++) {
		if (*digits < '0' || *digits > '9' || __builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, *digits - '0', &value))
			return 0;
	}
	return value;
}

/* ---- from a line's members to a record */

/* The place of name in a table of count names, -1 where it has none. */
static int name_index(const char *name, int count, const char *(*name_of)(int index))
{
	for (int i = 0; name && i < count; i++)
		if (strcmp(name, name_of(i)) == 0)
			return i;
	return -1;
}

static const char *verdict_at(int index)
{
	return verdict_json_name((enum verdict_kind)index);
}

static const char *mode_at(int index)
{
	return mode_name((enum mode)index);
}

/* The raw arguments as far as there are any; the first that is none ends them. */
static void read_arguments(struct event_record *record)
{
	const cJSON *argument;

	cJSON_ArrayForEach (argument, json_member(record->json, "syscall.args")) {
		uint64_t raw;

		if (record->n_args == ARRAY_SIZE(record->call.args) ||
		    !parse_hex(member_string(argument, "raw"), &raw))
			break;
		record->call.args[record->n_args++] = raw;
	}
}

static void read_call(struct event_record *record)
{
	const char *arch = member_string(record->json, "syscall.arch");
	uint64_t ip = 0;

	record->syscall_name = member_string(record->json, "syscall.name");
	record->text = member_string(record->json, "syscall.call");
	record->call.nr = (int)member_int(record, "syscall.number", INT32_MIN, INT32_MAX, -1);
	if (arch && arch_by_name(arch, &record->arch, NULL))
		record->call.arch = scmp_arch_audit(record->arch);
	if (parse_hex(member_string(record->json, "syscall.ip"), &ip))
		record->call.instruction_pointer = ip;
	read_arguments(record);
}

static void read_verdict(struct event_record *record)
{
	const cJSON *json = record->json;
	const char *reason = member_string(json, "rule.reason");
	uint64_t value;

	record->verdict =
		name_index(member_string(json, "seccomp.verdict"), VERDICT_KIND_COUNT, verdict_at);
	record->mode = name_index(member_string(json, "seccomp.mode"), MODE_COUNT, mode_at);
	record->error = (int)member_int(record, "seccomp.errno", 0, UINT16_MAX, 0);
	if (parse_hex(member_string(json, "seccomp.return"), &value))
		record->value = (int64_t)value;
	record->count = member_count(record, "seccomp.repeat");
	record->profile_name = member_string(json, "profile.name");
	record->rule_file = member_string(json, "rule.file");
	record->by_policy = reason && strncmp(reason, "policy", strlen("policy")) == 0;
}

static void read_caller(struct event_record *record)
{
	record->comm = member_string(record->json, "process.executable.name");
	record->exe = member_string(record->json, "process.executable.path");
	record->pid = member_int(record, "process.pid", 1, INT32_MAX, -1);
	record->tid = member_int(record, "process.tid", 1, INT32_MAX, -1);
	record->uid = member_int(record, "process.user.id", 0, UINT32_MAX, -1);
	record->has_caps =
		parse_hex(member_string(record->json, "process.linux.cap_eff"), &record->caps);
}

static void read_identity(struct event_record *record)
{
	const char *dash;

	record->event_name = member_string(record->json, "event.name");
	record->time = member_string(record->json, "time");
	record->id = member_string(record->json, "event.id");
	dash = record->id ? strrchr(record->id, '-') : NULL;
	record->sequence = dash ? parse_sequence(dash + 1) : 0;
}

static enum event_record_kind kind_of(const char *event_name)
{
	if (strcmp(event_name, "syscall") == 0)
		return EVENT_RECORD_SYSCALL;
	if (strcmp(event_name, "fold") == 0)
		return EVENT_RECORD_FOLD;
	return EVENT_RECORD_OTHER;
}

/* 0, or why a line is no event of ours. "callgate.event/1.2" would be a later minor version. */
static int check_schema(const cJSON *json)
{
	const char *schema = member_string(json, "schema");
	unsigned long major;
	char *end;

	if (!schema || strncmp(schema, schema_prefix, strlen(schema_prefix)) != 0)
		return LINE_NOT_EVENT;
	schema += strlen(schema_prefix);
	if (*schema < '1' || *schema > '9')
		return LINE_NOT_EVENT;
	major = strtoul(schema, &end, 10);
	if (*end && *end != '.')
		return LINE_NOT_EVENT;
	return major == SCHEMA_MAJOR ? 0 : LINE_LATER;
}

static int read_record(struct event_record *record)
{
	int r;

	record->json = json_root(record->document);
	r = check_schema(record->json);
	if (r != 0)
		return r;
	read_identity(record);
	if (!record->event_name)
		return LINE_NOT_EVENT;
	record->kind = kind_of(record->event_name);
	read_verdict(record);
	read_call(record);
	read_caller(record);
	if (record->kind == EVENT_RECORD_SYSCALL && !record->syscall_name)
		return LINE_NOT_EVENT;
	return 0;
}

/* ---- from bytes to a record */

/*
 * A NUL that a target wrote stands in our lines as \u0000, which the JSON reader refuses, for a C
 * string would end there. As text it means as little as what is no UTF-8: U+FFFD, as long.
 */
static void replace_nul(char *line, size_t len)
{
	static const char nul[] = "\\u0000", replacement[] = "\\ufffd";
	const size_t n = strlen(nul);
	char *end = line + len, *at = line;

	while ((at = memchr(at, '\\', (size_t)(end - at)))) {
		if ((size_t)(end - at) >= n && memcmp(at, nul, n) == 0)
			memcpy(at, replacement, n);
		at += end - at >= 2 ? 2 : 1;
	}
}

/* 0, a line_outcome, or -ENOMEM. Changes the line. */
static int parse_line(char *line, size_t len, struct event_record *ret_record)
{
	struct event_record record = { 0 };
	struct diags diags;
	int r;

	diags_init(&diags, "");
	replace_nul(line, len);
	r = json_parse(line, len, &diags, &record.document);
	diags_deinit(&diags);
	if (r == -EBADMSG || r == -EFBIG)
		return LINE_NOT_JSON;
	if (r < 0)
		return r;
	r = read_record(&record);
	if (r != 0) {
		event_record_deinit(&record);
		return r;
	}
	*ret_record = record;
	return 0;
}

void event_record_deinit(struct event_record *record)
{
	json_free(record->document);
	*record = (struct event_record){ 0 };
}

int event_record_parse(const char *line, size_t len, struct event_record *ret_record)
{
	_cleanup_free_ char *copy = NULL;
	int r;

	if (len > EVENT_LINE_MAX)
		return -EBADMSG;
	copy = malloc(len + 1);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, line, len);
	r = parse_line(copy, len, ret_record);
	return r > 0 ? -EBADMSG : r;
}

/* ---- a file of lines */

struct event_reader {
	int fd;
	char *path;   /* where a new file may stand; NULL for standard input */
	bool follow;  /* event_reader_follow() */
	bool at_end;  /* of the file: what is left in bytes is all */
	size_t start; /* of what is not yet taken */
	size_t end;
	struct event_skips skips;
	char bytes[EVENT_LINE_MAX + 1]; /* the longest line and its newline */
};

int event_reader_open(const char *path, struct event_reader **ret_reader)
{
	_cleanup_(event_reader_freep) struct event_reader *reader = malloc(sizeof(*reader));

	if (!reader)
		return -ENOMEM;
	reader->path = NULL;
	reader->follow = reader->at_end = false;
	reader->start = reader->end = 0;
	reader->skips = (struct event_skips){ 0 };
	reader->fd = strcmp(path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
	                                    : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (reader->fd < 0)
		return err_errno();
	if (strcmp(path, "-") != 0 && !(reader->path = strdup(path)))
		return -ENOMEM;
	*ret_reader = TAKE_PTR(reader);
	return 0;
}

void event_reader_free(struct event_reader *reader)
{
	if (!reader)
		return;
	fd_close(reader->fd);
	free(reader->path);
	free(reader);
}

void event_reader_follow(struct event_reader *reader)
{
	reader->follow = true;
}

int event_reader_fd(const struct event_reader *reader)
{
	return reader->fd;
}

const struct event_skips *event_reader_skips(const struct event_reader *reader)
{
	return &reader->skips;
}

/* A file always is; a pipe that is not would hold us. */
static bool is_readable(int fd)
{
	struct pollfd readable = { .fd = fd, .events = POLLIN };

	return poll(&readable, 1, 0) > 0;
}

/* Reads more behind what there is, which is less than a whole line. 0, EVENT_READER_END, -errno. */
static int fill(struct event_reader *reader)
{
	ssize_t n;

	if (reader->follow && !is_readable(reader->fd))
		return EVENT_READER_END;
	memmove(reader->bytes, reader->bytes + reader->start, reader->end - reader->start);
	reader->end -= reader->start;
	reader->start = 0;
	do
		n = read(reader->fd, reader->bytes + reader->end,
		         sizeof(reader->bytes) - reader->end);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_errno();
	reader->end += (size_t)n;
	reader->at_end = n == 0;
	return 0;
}

/* Passes over the rest of a line that fills the buffer without an end. */
static int skip_line(struct event_reader *reader)
{
	const char *newline = NULL;
	int r = 0;

	reader->skips.too_long++;
	while (r == 0 && !newline && !reader->at_end) {
		reader->start = reader->end;
		r = fill(reader);
		newline = memchr(reader->bytes, '\n', reader->end);
	}
	if (r == 0)
		reader->start = newline ? (size_t)(newline + 1 - reader->bytes) : reader->end;
	return r;
}

/* Whether another file stands at the path now, or this one was cut: then it is read anew. */
static bool starts_anew(struct event_reader *reader)
{
	_cleanup_close_ int fd = -EBADF;
	struct stat ours, there;

	if (!reader->path || fstat(reader->fd, &ours) < 0)
		return false;
	fd = open(reader->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0 || fstat(fd, &there) < 0)
		return false;
	if (there.st_dev == ours.st_dev && there.st_ino == ours.st_ino &&
	    there.st_size >= lseek(reader->fd, 0, SEEK_CUR))
		return false;
	fd_close(reader->fd);
	reader->fd = TAKE_FD(fd);
	reader->start = reader->end = 0;
	return true;
}

/* The next line without its newline: 0, EVENT_READER_END, or -errno. */
static int next_line(struct event_reader *reader, char **ret_line, size_t *ret_len)
{
	for (;;) {
		char *line = reader->bytes + reader->start;
		size_t len = reader->end - reader->start;
		char *newline = memchr(line, '\n', len);
		int r;

		if (newline || (reader->at_end && len > 0 && !reader->follow)) {
			*ret_line = line;
			*ret_len = newline ? (size_t)(newline - line) : len;
			reader->start += *ret_len + (newline ? 1 : 0);
			return 0;
		}
		if (reader->at_end) {
			reader->at_end = !reader->follow;
			if (!reader->follow || !starts_anew(reader))
				return EVENT_READER_END;
		}
		r = len == sizeof(reader->bytes) ? skip_line(reader) : fill(reader);
		if (r != 0)
			return r;
	}
}

int event_reader_next(struct event_reader *reader, struct event_record *ret_record)
{
	uint64_t *const skipped[] = {
		[LINE_NOT_JSON] = &reader->skips.not_json,
		[LINE_NOT_EVENT] = &reader->skips.not_event,
		[LINE_LATER] = &reader->skips.later,
	};
	size_t len;
	char *line;
	int r;

	while ((r = next_line(reader, &line, &len)) == 0) {
		if (len == 0)
			continue;
		r = parse_line(line, len, ret_record);
		if (r <= 0)
			return r;
		++*skipped[r];
	}
	return r;
}

/* ---- one event of a file */

static bool is_called(const struct event_record *record, const char *id, uint64_t sequence)
{
	if (sequence > 0)
		return record->kind == EVENT_RECORD_SYSCALL && record->sequence == sequence;
	return record->id && strcmp(record->id, id) == 0;
}

int event_find(const char *path, const char *id, struct event_record *ret_record)
{
	_cleanup_(event_reader_freep) struct event_reader *reader = NULL;
	struct event_record record, found = { 0 };
	uint64_t sequence;
	int r = event_reader_open(path, &reader);

	id += *id == '#';
	sequence = parse_sequence(id);
	if (r < 0)
		return r;
	while ((r = event_reader_next(reader, &record)) == 0) {
		if (is_called(&record, id, sequence)) {
			event_record_deinit(&found);
			found = record;
		} else {
			event_record_deinit(&record);
		}
	}
	if (r < 0)
		event_record_deinit(&found);
	if (r == EVENT_READER_END && !found.document)
		r = -ENOENT;
	if (r < 0)
		return r;
	*ret_record = found;
	return 0;
}
