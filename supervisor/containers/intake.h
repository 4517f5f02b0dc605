/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The socket that runtimes connect to, one connection a filter. A peer may stay silent for ever
 * (crun connects long before it sends), closes when it likes, and is done with when its message is
 * whole; one that has begun has INTAKE_PATIENCE_MS. Nothing a peer does waits, or touches another.
 */
#pragma once

#include <uv.h>

#include "supervisor/containers/oci_state.h"

enum {
	INTAKE_PEERS_MAX = 1024,
	INTAKE_PATIENCE_MS = 10000,
	INTAKE_BYTES_MAX = 64 << 20, /* of all unfinished messages together */
};

struct intake;

struct intake_owner {
	/* A listener has come; takes both. */
	void (*taken)(void *owner, struct container *container, int listener);
	/* A peer was turned away, with all that it sent; reason is one line. */
	void (*refused)(void *owner, const char *reason);
	void *owner;
};

/*
 * Listens at path (mode 0600), which a supervisor that is no more may have left there. Only root
 * and our own user are heard. -EADDRINUSE where somebody listens there, or what is there is no
 * socket; or another -errno.
 */
_must_check_ int intake_open(const char *path, uv_loop_t *loop, size_t peers_max,
                             const struct intake_owner *owner, struct intake **ret_intake);

/* Removes the socket and turns all peers away, silently. Frees it all from the loop. */
void intake_close(struct intake *intake);
