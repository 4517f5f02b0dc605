/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/containers/intake.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "supervisor/containers/intake_socket.h"
#include "supervisor/listener.h"

enum {
	ACCEPTED_A_TURN = 64, /* before other handles get their turn */
	READS_A_TURN = 8,
	FIRST_ROOM = 4 << 10,
	AGAIN_MS = 100, /* after we had no descriptor for a peer */
};

struct peer {
	struct intake *intake;
	struct intake_peer who;
	int fd;
	uv_poll_t on_readable;
	uv_timer_t on_deadline;
	unsigned open; /* handles that libuv still has */
	char *bytes;
	size_t len, room;
	struct oci_scan scan;
	int fds[OCI_FDS_MAX];
	size_t n_fds;
	bool more_fds; /* than those came, and were closed */
	struct peer *previous, *next;
};

struct intake {
	struct intake_owner owner;
	uv_loop_t *loop;
	int fd;
	char *path;
	uv_poll_t on_peer;
	uv_timer_t on_again;
	unsigned open; /* handles that libuv still has, and peers */
	struct peer *peers;
	size_t n_peers, peers_max;
	size_t bytes; /* room of all peers */
};

/* ---- the end of things */

static void intake_let_go(struct intake *intake)
{
	if (--intake->open > 0)
		return;
	free(intake->path);
	free(intake);
}

static void peer_handle_closed(uv_handle_t *handle)
{
	struct peer *peer = handle->data;

	if (--peer->open > 0)
		return;
	intake_let_go(peer->intake);
	free(peer);
}

static void unlist(struct peer *peer)
{
	struct intake *intake = peer->intake;

	if (peer->previous)
		peer->previous->next = peer->next;
	else
		intake->peers = peer->next;
	if (peer->next)
		peer->next->previous = peer->previous;
	intake->n_peers--;
}

/* Closes all that is left of a peer; what was taken from it is no longer its own. */
static void peer_end(struct peer *peer)
{
	unlist(peer);
	uv_close((uv_handle_t *)&peer->on_readable, peer_handle_closed);
	uv_close((uv_handle_t *)&peer->on_deadline, peer_handle_closed);
	peer->fd = fd_close(peer->fd);
	for (size_t i = 0; i < peer->n_fds; i++)
		peer->fds[i] = fd_close(peer->fds[i]);
	peer->intake->bytes -= peer->room;
	free(peer->bytes);
	peer->bytes = NULL;
}

static void refuse(struct intake *intake, const struct intake_peer *who, const char *reason)
{
	char line[768];

	snprintf(line, sizeof(line), "refused a message of %s (pid %d, uid %u): %s",
	         who->runtime ? who->runtime : "a peer", (int)who->pid, (unsigned)who->uid, reason);
	intake->owner.refused(intake->owner.owner, line);
}

_printf_(2, 3) static void peer_refuse(struct peer *peer, const char *format, ...)
{
	char reason[640];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(reason, sizeof(reason), format, arguments);
	va_end(arguments);
	refuse(peer->intake, &peer->who, reason);
	peer_end(peer);
}

static void deadline_passed(uv_timer_t *handle)
{
	struct peer *peer = handle->data;

	peer_refuse(peer, "%zu bytes in %d seconds, and no end; expected the whole message",
	            peer->len, INTAKE_PATIENCE_MS / 1000);
}

/* ---- a whole message */

/* What is wrong with the descriptors, or NULL. */
static const char *fds_wrong(const struct peer *peer, const struct oci_state *state)
{
	if (peer->more_fds)
		return "more descriptors than 16, or than we may open";
	if (peer->n_fds != state->n_fds)
		return peer->n_fds == 0 ? "no descriptor came with it"
		                        : "not as many descriptors as it names in fds";
	if (!listener_is(peer->fds[state->listener]))
		return "its seccompFd is no seccomp listener";
	return NULL;
}

static int copy_runtime(const struct peer *peer, struct container *container)
{
	const char *runtime = peer->who.runtime;

	if (!runtime)
		return 0;
	container->runtime = arena_copy(&container->arena, runtime, strlen(runtime));
	return container->runtime ? 0 : -ENOMEM;
}

/* The peer is done with in either case. */
static void hand_on(struct peer *peer, struct oci_state *state)
{
	const struct intake_owner *owner = &peer->intake->owner;
	const char *reason = fds_wrong(peer, state);
	int listener;

	if (!reason && copy_runtime(peer, &state->container) < 0)
		reason = "out of memory";
	if (reason) {
		container_deinit(&state->container);
		peer_refuse(peer, "%s", reason);
		return;
	}
	listener = TAKE_FD(peer->fds[state->listener]);
	peer_end(peer);
	owner->taken(owner->owner, &state->container, listener);
}

static bool blank(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!bytes[i] || !strchr(" \t\r\n", bytes[i]))
			return false;
	return true;
}

static void read_whole(struct peer *peer)
{
	struct oci_state state;
	struct diags diags;
	char reason[512] = "more than one message; expected one";
	int r = -EBADMSG;

	diags_init(&diags, "message");
	if (blank(peer->bytes + peer->scan.scanned, peer->len - peer->scan.scanned)) {
		r = oci_state_parse(peer->bytes, peer->scan.scanned, &diags, &state);
		if (r < 0)
			diags_first_error(&diags, reason, sizeof(reason));
	}
	diags_deinit(&diags);
	if (r < 0)
		peer_refuse(peer, "%s", reason);
	else
		hand_on(peer, &state);
}

/* ---- its bytes */

/* Room for at least one byte more, of the peer's share and of what all may have together. */
static const char *make_room(struct peer *peer)
{
	size_t room = peer->room ? peer->room * 2 : FIRST_ROOM;
	char *bytes;

	if (peer->len < peer->room)
		return NULL;
	if (peer->room > OCI_STATE_MAX)
		return "longer than 1 MiB";
	if (peer->intake->bytes + room - peer->room > INTAKE_BYTES_MAX)
		return "too many unfinished messages";
	bytes = realloc(peer->bytes, room);
	if (!bytes)
		return "out of memory";
	peer->intake->bytes += room - peer->room;
	peer->bytes = bytes;
	peer->room = room;
	return NULL;
}

static ssize_t receive(struct peer *peer)
{
	struct intake_fds fds = { .list = peer->fds, .n = peer->n_fds, .max = OCI_FDS_MAX };
	ssize_t n = intake_socket_receive(peer->fd, peer->bytes + peer->len, peer->room - peer->len,
	                                  &fds);

	peer->n_fds = fds.n;
	peer->more_fds |= fds.more;
	return n;
}

/* What a peer that closed has left. One that never began has not been needed: crun's, by chance. */
static void peer_closed(struct peer *peer)
{
	if (peer->len == 0)
		peer_end(peer);
	else
		peer_refuse(peer, "it stopped after %zu bytes; expected the whole message",
		            peer->len);
}

/* False where the peer is done with. */
static bool peer_step(struct peer *peer)
{
	ssize_t n = receive(peer);
	int r;

	if (n == -EAGAIN)
		return true;
	if (n <= 0) {
		peer_closed(peer);
		return false;
	}
	if (peer->len == 0)
		uv_timer_start(&peer->on_deadline, deadline_passed, INTAKE_PATIENCE_MS, 0);
	peer->len += (size_t)n;
	r = oci_scan(&peer->scan, peer->bytes, peer->len);
	if (r == OCI_STATE_WHOLE)
		read_whole(peer);
	else if (r < 0)
		peer_refuse(peer, "it is not JSON; expected a containerProcessState object");
	else if (peer->len > OCI_STATE_MAX)
		peer_refuse(peer, "longer than 1 MiB");
	return r == 0 && peer->len <= OCI_STATE_MAX;
}

static void peer_readable(uv_poll_t *handle, int status, int events)
{
	struct peer *peer = handle->data;

	(void)status;
	(void)events;
	for (int i = 0; i < READS_A_TURN; i++) {
		size_t before = peer->len;
		const char *reason = make_room(peer);

		if (reason) {
			peer_refuse(peer, "%s", reason);
			return;
		}
		if (!peer_step(peer) || peer->len == before)
			return;
	}
}

/* ---- new peers */

static int peer_new(struct intake *intake, int fd, const struct intake_peer *who)
{
	struct peer *peer = calloc(1, sizeof(*peer));
	int r = peer ? uv_poll_init(intake->loop, &peer->on_readable, fd) : -ENOMEM;

	if (r < 0) {
		free(peer);
		return r;
	}
	peer->intake = intake;
	peer->who = *who;
	peer->fd = fd;
	peer->open = 2;
	peer->next = intake->peers;
	(void)uv_timer_init(intake->loop, &peer->on_deadline);
	peer->on_readable.data = peer->on_deadline.data = peer;
	if (peer->next)
		peer->next->previous = peer;
	intake->peers = peer;
	intake->n_peers++;
	intake->open++;
	return uv_poll_start(&peer->on_readable, UV_READABLE, peer_readable);
}

/* Takes the connection. */
static void admit(struct intake *intake, int fd, const struct intake_peer *who)
{
	const char *reason = NULL;

	if (who->uid != 0 && who->uid != geteuid())
		reason = "only root and our own user may send one";
	else if (intake->n_peers >= intake->peers_max)
		reason = "too many connections";
	else if (peer_new(intake, fd, who) < 0)
		reason = "out of memory";
	if (!reason)
		return;
	refuse(intake, who, reason);
	fd_close(fd);
}

static void listen_again(uv_timer_t *handle);

static void peer_came(uv_poll_t *handle, int status, int events)
{
	struct intake *intake = handle->data;

	(void)status;
	(void)events;
	for (int i = 0; i < ACCEPTED_A_TURN; i++) {
		struct intake_peer who;
		int fd = intake_socket_accept(intake->fd, &who);

		if (fd == -EAGAIN)
			return;
		if (fd == -ECONNABORTED || fd == -EINTR)
			continue;
		if (fd < 0) { /* -EMFILE and the like: it would be readable for ever */
			uv_poll_stop(&intake->on_peer);
			uv_timer_start(&intake->on_again, listen_again, AGAIN_MS, 0);
			return;
		}
		admit(intake, fd, &who);
	}
}

static void listen_again(uv_timer_t *handle)
{
	struct intake *intake = handle->data;

	uv_poll_start(&intake->on_peer, UV_READABLE, peer_came);
}

/* ---- the whole */

static int intake_start(struct intake *intake, uv_loop_t *loop)
{
	int r;

	if (!intake->path)
		return -ENOMEM;
	intake->fd = intake_socket_listen(intake->path);
	if (intake->fd < 0)
		return intake->fd;
	r = uv_poll_init(loop, &intake->on_peer, intake->fd);
	if (r < 0) {
		unlink(intake->path);
		fd_close(intake->fd);
		return r;
	}
	(void)uv_timer_init(loop, &intake->on_again);
	intake->on_peer.data = intake->on_again.data = intake;
	intake->open = 2;
	return uv_poll_start(&intake->on_peer, UV_READABLE, peer_came);
}

int intake_open(const char *path, uv_loop_t *loop, size_t peers_max,
                const struct intake_owner *owner, struct intake **ret_intake)
{
	struct intake *intake = calloc(1, sizeof(*intake));
	int r;

	if (!intake)
		return -ENOMEM;
	intake->owner = *owner;
	intake->loop = loop;
	intake->path = strdup(path);
	intake->peers_max = peers_max;
	r = intake_start(intake, loop);
	if (r < 0) {
		free(intake->path);
		free(intake);
		return r;
	}
	*ret_intake = intake;
	return 0;
}

static void handle_closed(uv_handle_t *handle)
{
	intake_let_go(handle->data);
}

void intake_close(struct intake *intake)
{
	unlink(intake->path);
	uv_close((uv_handle_t *)&intake->on_peer, handle_closed);
	uv_close((uv_handle_t *)&intake->on_again, handle_closed);
	intake->fd = fd_close(intake->fd);
	while (intake->peers)
		peer_end(intake->peers);
}
