/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events read back from the lines that --log wrote, for the commands that work on them. A line is
 * hostile: it is bounded, checked, and what a later version added to it is ignored. What is no
 * event is skipped and counted, never a failure.
 */
#pragma once

#include <linux/seccomp.h>
#include <stdint.h>

#include "common/cleanup.h"
#include "common/json.h"
#include "policies/decide.h"

enum { EVENT_LINE_MAX = 1 << 20 }; /* bytes; a longer line is skipped */

enum event_record_kind {
	EVENT_RECORD_SYSCALL,
	EVENT_RECORD_FOLD,
	EVENT_RECORD_OTHER, /* its event.name says what */
};

/*
 * One line. Strings are borrowed from document and NULL where absent; who shows one escapes it, for
 * a target, or who wrote the file, may have put anything there.
 */
struct event_record {
	struct json_document *document; /* owned */
	const cJSON *json; /* the object: syscall.args, stack, rule.near and the rest */
	enum event_record_kind kind;
	const char *event_name; /* "syscall" */
	const char *id;         /* "5f3a09c1-3" */
	uint64_t sequence;      /* 3: the #3 of the terminal; 0 where the id has none */
	const char *time;       /* RFC 3339 */
	int verdict;            /* enum verdict_kind; -1 where unknown */
	int mode;               /* enum mode; -1 where unknown */
	int error;              /* seccomp.errno; 0 */
	int64_t value;          /* seccomp.return: what the call came back with; 0 */
	uint64_t count;         /* seccomp.repeat, 1 where absent */
	uint32_t arch;          /* SCMP_ARCH_*; 0 where unknown */
	const char *syscall_name;
	struct seccomp_data call; /* audit arch, nr, ip, raw arguments */
	unsigned n_args;          /* how many raw arguments the line has */
	const char *text;         /* syscall.call: as the terminal showed it */
	const char *profile_name, *rule_file;
	bool by_policy; /* a rule of a policy decided */
	const char *comm, *exe;
	int64_t pid, tid, uid; /* -1 where absent */
	bool has_caps;
	uint64_t caps; /* effective, of the process */
};
void event_record_deinit(struct event_record *record);

struct event_reader;

/* How many lines were passed over, and why. */
struct event_skips {
	uint64_t not_json;  /* truncated ones too */
	uint64_t not_event; /* JSON, but no event of a schema we know */
	uint64_t too_long;
	uint64_t later; /* of a later major schema: "callgate.event/2" */
};

/* Named outcomes of event_reader_next(). */
enum { EVENT_READER_END = 1 };

/* path "-" is standard input. 0 or -errno. */
_must_check_ int event_reader_open(const char *path, struct event_reader **ret_reader);
void event_reader_free(struct event_reader *reader);
DEFINE_CLEANUP(struct event_reader *, event_reader_free)

/*
 * From now on the end is only the end for the moment: a line waits for its newline, a pipe is not
 * waited for, a later call reads on, and a file that was replaced or truncated is read from its
 * new beginning.
 */
void event_reader_follow(struct event_reader *reader);

/* To wait for more of what is followed. The reader's own; another one after each END. */
int event_reader_fd(const struct event_reader *reader);

/* The next event, released with event_record_deinit(). 0, EVENT_READER_END, or -errno. */
_must_check_ int event_reader_next(struct event_reader *reader, struct event_record *ret_record);
const struct event_skips *event_reader_skips(const struct event_reader *reader);

/*
 * The event that id names: "#3" or "3" by sequence, or a whole "5f3a09c1-3"; of several the last,
 * for a file may hold more than one run. 0, -ENOENT, or -errno.
 */
_must_check_ int event_find(const char *path, const char *id, struct event_record *ret_record);

/* One line by itself, as given on a command line. -EBADMSG where it is no event. */
_must_check_ int event_record_parse(const char *line, size_t len, struct event_record *ret_record);
