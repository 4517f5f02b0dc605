/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/events/json_line.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "profiles/syscalls.h"

enum { CONTAINER_NAME_MAX = 128 }; /* the line has to have room for the call too */

/* RFC 3339, UTC, microseconds. */
static void utc_text(struct text *text, uint64_t time_ns)
{
	time_t seconds = (time_t)(time_ns / 1000000000);
	struct tm tm;

	if (!gmtime_r(&seconds, &tm))
		tm = (struct tm){ .tm_year = 70, .tm_mday = 1 };
	text_printf(text, "\"%04d-%02d-%02dT%02d:%02d:%02d.%06uZ\"", tm.tm_year + 1900,
	            tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
	            (unsigned)(time_ns / 1000 % 1000000));
}

static void container_field(struct json_line *line, const char *key, const char *string, size_t max)
{
	size_t len;

	if (!string)
		return;
	len = strnlen(string, max);
	json_line_bytes(line, key, string, len);
	line->truncated = line->truncated || string[len];
}

static void container_fields(struct json_line *line, const struct container *container)
{
	container_field(line, "container.id", container->id, CONTAINER_NAME_MAX);
	container_field(line, "container.name", container->name, CONTAINER_NAME_MAX);
	container_field(line, "container.runtime.name", container->runtime, CONTAINER_NAME_MAX);
	container_field(line, "oci.metadata", container->metadata, JSON_LINE_NAME_MAX);
}

void json_line_start(struct json_line *line, struct text *text, const char *name,
                     const struct event *event, uint64_t note)
{
	*line = (struct json_line){ .text = text };
	text_printf(text, "{\"schema\":\"callgate.event/1\",\"event.id\":\"%s-",
	            event->session->boot);
	if (event->sequence > 0)
		text_printf(text, "%" PRIu64 "\"", event->sequence);
	else
		text_printf(text, "n%" PRIu64 "\"", note);
	json_line_string(line, "event.name", name);
	json_line_key(line, "time");
	utc_text(text, event->time_ns);
	if (event->session->container)
		container_fields(line, event->session->container);
}

bool json_line_end(struct json_line *line)
{
	if (line->lossy)
		json_line_bool(line, "lossy", true);
	if (line->truncated)
		json_line_bool(line, "truncated", true);
	text_string(line->text, "}\n");
	return !line->text->overflow;
}

void json_line_key(struct json_line *line, const char *key)
{
	text_string(line->text, ",\"");
	text_string(line->text, key);
	text_string(line->text, "\":");
}

void json_line_bytes(struct json_line *line, const char *key, const char *bytes, size_t len)
{
	json_line_key(line, key);
	text_json_string(line->text, bytes, len, &line->lossy);
}

void json_line_string(struct json_line *line, const char *key, const char *string)
{
	size_t len = strnlen(string, JSON_LINE_NAME_MAX);

	json_line_bytes(line, key, string, len);
	line->truncated = line->truncated || string[len];
}

void json_line_int(struct json_line *line, const char *key, int64_t number)
{
	json_line_key(line, key);
	text_printf(line->text, "%" PRId64, number);
}

void json_line_bool(struct json_line *line, const char *key, bool value)
{
	json_line_key(line, key);
	text_string(line->text, value ? "true" : "false");
}

void json_line_hex(struct json_line *line, const char *key, uint64_t number)
{
	json_line_key(line, key);
	text_printf(line->text, "\"0x%" PRIx64 "\"", number);
}

void json_line_arch(struct json_line *line, const char *key, uint32_t arch)
{
	char buf[32], name[64];
	struct text upper = TEXT_OVER(name);
	const char *lower = syscall_arch_name(arch, buf, sizeof(buf));

	if (strncmp(lower, "arch ", strlen("arch ")) == 0) { /* a number */
		json_line_hex(line, key, arch);
		return;
	}
	text_printf(&upper, "SCMP_ARCH_%s", lower);
	for (size_t i = 0; i < upper.len; i++)
		name[i] = (char)toupper((unsigned char)name[i]);
	json_line_string(line, key, name);
}

void json_line_syscall(struct json_line *line, uint32_t arch, int nr)
{
	char buf[32];

	json_line_string(line, "syscall.name", syscall_name(arch, nr, buf, sizeof(buf)));
	json_line_int(line, "syscall.number", nr);
	json_line_arch(line, "syscall.arch", arch);
}
