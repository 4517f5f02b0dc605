/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lines of /proc/PID/maps (proc_pid_maps(5)). The kernel writes them, but the target chooses
 * how many there are and what the files are called.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct mapping {
	uint64_t low;
	uint64_t high;   /* of the first byte after it; > low */
	uint64_t offset; /* into the file */
	dev_t device;
	ino_t inode; /* 0: no file */
	bool readable;
	bool executable;
	bool shared;      /* what others write there is seen here */
	const char *path; /* as the kernel shows it, into the text; may end in " (deleted)" */
	size_t path_length;
};

/*
 * The next mapping of the text between *rest and end, and *rest behind it; false at the end. Lines
 * that are none, and a last one that was cut, are passed over.
 */
bool maps_next(const char **rest, const char *end, struct mapping *ret_mapping);
