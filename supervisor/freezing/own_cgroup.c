/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/freezing/own_cgroup.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"

/* A word of a line, ended by a space or the line's end. */
struct word {
	const char *bytes;
	size_t length;
};

static struct word next_word(const char **rest)
{
	struct word word = { .bytes = *rest, .length = strcspn(*rest, " \n") };

	*rest += word.length;
	if (**rest == ' ')
		(*rest)++;
	return word;
}

static bool word_is(struct word word, const char *text)
{
	return word.length == strlen(text) && memcmp(word.bytes, text, word.length) == 0;
}

static bool is_octal(const char *digits)
{
	for (int i = 0; i < 3; i++)
		if (digits[i] < '0' || digits[i] > '7')
			return false;
	return true;
}

/* Space, tab, newline and backslash are written as \ooo (proc_pid_mountinfo(5)). */
static int unescape(struct word word, char *buf, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < word.length; i++) {
		char byte = word.bytes[i];

		if (byte == '\\' && word.length - i > 3 && is_octal(word.bytes + i + 1)) {
			byte = (char)((word.bytes[i + 1] - '0') << 6 |
			              (word.bytes[i + 2] - '0') << 3 | (word.bytes[i + 3] - '0'));
			i += 3;
		}
		if (used + 1 >= size)
			return -ENAMETOOLONG;
		buf[used++] = byte;
	}
	buf[used] = '\0';
	return 0;
}

struct mount {
	struct word root, point;
};

/* "ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [TAG...] - TYPE SOURCE OPTIONS" */
static bool parse_mount(const char *line, struct mount *ret_mount)
{
	struct word word;

	for (int i = 0; i < 3; i++)
		(void)next_word(&line);
	ret_mount->root = next_word(&line);
	ret_mount->point = next_word(&line);
	do {
		word = next_word(&line);
	} while (word.length > 0 && !word_is(word, "-"));
	return word_is(next_word(&line), "cgroup2");
}

/*
 * The path after "0::", the unified hierarchy's line. One that leads up from the root of our cgroup
 * namespace is nowhere that we could go.
 */
static bool find_membership(const char *membership, struct word *ret_path)
{
	while (*membership) {
		size_t length = strcspn(membership, "\n");

		if (strncmp(membership, "0::/", 4) == 0) {
			if (strncmp(membership + 3, "/..", 3) == 0)
				return false;
			*ret_path = (struct word){ membership + 3, length - 3 };
			return true;
		}
		membership += length + (membership[length] == '\n');
	}
	return false;
}

/* What of path lies below root; false where it lies elsewhere. "/" is a prefix of every path. */
static bool below(struct word path, struct word root, struct word *ret_rest)
{
	if (word_is(root, "/"))
		root.length = 0;
	if (path.length < root.length || memcmp(path.bytes, root.bytes, root.length) != 0)
		return false;
	if (path.length > root.length && path.bytes[root.length] != '/')
		return false;
	*ret_rest = (struct word){ path.bytes + root.length, path.length - root.length };
	return true;
}

int own_cgroup_parse(const char *mountinfo, const char *membership, char *buf, size_t size)
{
	struct word path, rest;
	struct mount mount;

	if (!find_membership(membership, &path))
		return -ENOENT;
	for (const char *line = mountinfo; *line;) {
		if (parse_mount(line, &mount) && below(path, mount.root, &rest)) {
			int result = unescape(mount.point, buf, size);
			size_t used = result == 0 ? strlen(buf) : 0;

			if (result < 0 || rest.length >= size - used)
				return -ENAMETOOLONG;
			memcpy(buf + used, rest.bytes, rest.length);
			buf[used + rest.length] = '\0';
			return 0;
		}
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	return -ENOENT;
}

/* Allocated; NULL where it cannot be read. */
static char *read_all(const char *path)
{
	_cleanup_free_ char *text = NULL;
	size_t size = 0;
	FILE *file = fopen(path, "re");
	ssize_t length;

	if (!file)
		return NULL;
	length = getdelim(&text, &size, '\0', file);
	(void)fclose(file);
	return length < 0 ? NULL : TAKE_PTR(text);
}

int own_cgroup_find(char *buf, size_t size)
{
	_cleanup_free_ char *mountinfo = read_all("/proc/self/mountinfo");
	_cleanup_free_ char *membership = read_all("/proc/self/cgroup");

	if (!mountinfo || !membership)
		return -ENOENT;
	return own_cgroup_parse(mountinfo, membership, buf, size);
}
