/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where `run` remembers its last run, for the commands that explain it: last.jsonl in
 * $XDG_STATE_HOME/callgate (else /var/lib/callgate for root, ~/.local/state/callgate for others),
 * readable by its user alone. It holds JSON events like --log's, but of the calls only the first of
 * each kind, so that a storm costs nothing; the summary has the exact counts.
 *
 * A place that cannot be written to must not disturb a run: nothing is said.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/err.h"

/* Writes its path. -ENOENT where the environment names none, -ENAMETOOLONG. */
_must_check_ int state_file_path(char *path, size_t size);

/*
 * Starts a new file in the place of the last run's, which stays whole for who is reading it, or is
 * still writing it: two runs never mix, and the last that starts is the one remembered. A
 * descriptor to write to, or -errno.
 */
_must_check_ int state_file_start(void);

/* Whether fd is what is found at the path, and not another run's by now. */
bool state_file_is_last(int fd);
