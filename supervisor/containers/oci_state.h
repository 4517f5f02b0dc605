/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The message with which a runtime hands over a listener: containerProcessState of the OCI
 * runtime-spec, as runc and crun really send it (any ociVersion, compact or not; crun's exec has
 * pid 0 and the bundle "."). Pure.
 */
#pragma once

#include "common/diag.h"
#include "supervisor/containers/container.h"

enum {
	OCI_STATE_MAX = 1 << 20, /* bytes */
	OCI_FDS_MAX = 16,
	OCI_ANNOTATIONS_MAX = 4096,
};

/* How far a message has been looked through for its end. Zero at first. */
struct oci_scan {
	size_t scanned;
	unsigned depth;
	bool in_string, escaped;
};

/* Named outcome of oci_scan(). */
enum { OCI_STATE_WHOLE = 1 };

/*
 * Looks on through the bytes received so far, for a peer need not close after its message. 0: there
 * is more to come; OCI_STATE_WHOLE: scan->scanned bytes are one JSON object, if they are JSON at
 * all; -EBADMSG: they start no object.
 */
_must_check_ int oci_scan(struct oci_scan *scan, const char *bytes, size_t len);

struct oci_state {
	struct container container;
	size_t n_fds;    /* how many descriptors the message names */
	size_t listener; /* the index of the one called seccompFd */
};

/*
 * Reads a whole message. 0, or -EBADMSG with diags saying why; -ENOMEM. Release with
 * container_deinit() after 0.
 */
_must_check_ int oci_state_parse(const char *bytes, size_t len, struct diags *diags,
                                 struct oci_state *ret_state);
