/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One event as one line of JSON: an object of flat dotted keys. 64-bit values that are no counts
 * are hexadecimal strings, for many readers keep 53 bits of a number.
 */
#pragma once

#include "common/text.h"
#include "supervisor/events/event.h"

enum { JSON_LINE_NAME_MAX = 512 }; /* bytes of a name or path that are shown */

struct json_line {
	struct text *text;
	bool lossy;     /* a string was not UTF-8 */
	bool truncated; /* a string was cut */
};

/*
 * Opens the object, with what every event has. id makes it unique in its run: "BOOT-3" for the
 * third call, "BOOT-n3" for the third event of another kind.
 */
void json_line_start(struct json_line *line, struct text *text, const char *name,
                     const struct event *event, uint64_t note);
/* Closes it. False where it found no room: then the text is no JSON. */
bool json_line_end(struct json_line *line);

void json_line_key(struct json_line *line, const char *key);
void json_line_bytes(struct json_line *line, const char *key, const char *bytes, size_t len);
/* A string; one that is longer than JSON_LINE_NAME_MAX is cut. */
void json_line_string(struct json_line *line, const char *key, const char *string);
void json_line_int(struct json_line *line, const char *key, int64_t number);
void json_line_bool(struct json_line *line, const char *key, bool value);
void json_line_hex(struct json_line *line, const char *key, uint64_t number);

/* "SCMP_ARCH_X86_64" */
void json_line_arch(struct json_line *line, const char *key, uint32_t arch);
/* "syscall.name", "syscall.number", "syscall.arch" */
void json_line_syscall(struct json_line *line, uint32_t arch, int nr);
