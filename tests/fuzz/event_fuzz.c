/* SPDX-License-Identifier: Apache-2.0 */
/* supervisor/event_read: any file is events and lines that are none, each counted once. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "profiles/syscalls.h"
#include "supervisor/events/event_read.h"
#include "tests/fuzz/fuzz.h"

/* What a record promises to whoever works on it. */
static void check_record(const struct event_record *record)
{
	must(record->document && record->json && record->event_name);
	must(record->kind <= EVENT_RECORD_OTHER);
	must(record->kind != EVENT_RECORD_SYSCALL || record->syscall_name);
	must(record->verdict >= -1 && record->verdict < VERDICT_KIND_COUNT);
	must(record->mode >= -1 && record->mode < MODE_COUNT);
	must(record->error >= 0 && record->error <= UINT16_MAX);
	must(record->n_args <= ARRAY_SIZE(record->call.args));
	must((record->arch == 0) == (record->call.arch == 0));
	must(record->arch == 0 || syscall_arch(record->call.arch, 0) != 0);
	must(record->pid >= -1 && record->tid >= -1 && record->uid >= -1);
}

static uint64_t count_lines(const uint8_t *bytes, size_t len)
{
	uint64_t lines = 0;

	for (size_t i = 0, start = 0; i <= len; i++) {
		if (i < len && bytes[i] != '\n')
			continue;
		lines += i > start;
		start = i + 1;
	}
	return lines;
}

static void read_file(const char *path, uint64_t lines)
{
	_cleanup_(event_reader_freep) struct event_reader *reader = NULL;
	const struct event_skips *skips;
	struct event_record record;
	uint64_t events = 0;
	int r;

	must(event_reader_open(path, &reader) == 0);
	for (; (r = event_reader_next(reader, &record)) == 0; events++) {
		check_record(&record);
		event_record_deinit(&record);
	}
	must(r == EVENT_READER_END);
	skips = event_reader_skips(reader);
	must(events + skips->not_json + skips->not_event + skips->too_long + skips->later == lines);
}

/* The input as one line, which may have newlines inside. */
static void parse_alone(const uint8_t *bytes, size_t len)
{
	struct event_record record;
	int r = event_record_parse((const char *)bytes, len, &record);

	must(r == 0 || r == -EBADMSG);
	if (r < 0)
		return;
	check_record(&record);
	event_record_deinit(&record);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	_cleanup_close_ int fd = memfd_create("events", MFD_CLOEXEC);
	struct event_record record;
	char path[64];
	int r;

	must(fd >= 0 && write(fd, bytes, len) == (ssize_t)len);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	read_file(path, count_lines(bytes, len));
	r = event_find(path, "1", &record);
	must(r == 0 || r == -ENOENT);
	if (r == 0) {
		must(record.sequence == 1);
		event_record_deinit(&record);
	}
	parse_alone(bytes, len);
	return 0;
}
