/* SPDX-License-Identifier: Apache-2.0 */
/* supervisor/oci_state: what a peer sends has one end however it is cut, and is read or refused. */
#include <string.h>

#include "supervisor/containers/oci_state.h"
#include "tests/fuzz/fuzz.h"

/* As a stream brings it, a byte at a time. */
static int scan_bytewise(const char *bytes, size_t len, struct oci_scan *scan)
{
	int r = 0;

	for (size_t n = 1; n <= len && r == 0; n++)
		r = oci_scan(scan, bytes, n);
	return r;
}

static void check_container(const struct oci_state *state)
{
	const struct container *container = &state->container;
	char bytes[256];
	struct text text = TEXT_OVER(bytes);

	must(state->n_fds >= 1 && state->n_fds <= OCI_FDS_MAX && state->listener < state->n_fds);
	must(container->id && container->id[0]);
	must(container->pid >= 0 && container->init >= 0);
	must(container->n_annotations <= OCI_ANNOTATIONS_MAX);
	for (size_t i = 0; i < container->n_annotations; i++)
		must(container->annotations[i].key && container->annotations[i].value);
	container_text(&text, container);
	for (size_t i = 0; i < text.len; i++)
		must((unsigned char)bytes[i] >= ' ' && bytes[i] != 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const char *text = (const char *)bytes;
	struct oci_scan whole = { 0 }, bytewise = { 0 };
	struct oci_state state;
	struct diags diags;
	int r = oci_scan(&whole, text, len);

	must(scan_bytewise(text, len, &bytewise) == r);
	must(r != OCI_STATE_WHOLE || whole.scanned == bytewise.scanned);
	if (r != OCI_STATE_WHOLE)
		return 0;
	diags_init(&diags, "message");
	r = oci_state_parse(text, whole.scanned, &diags, &state);
	must(r == 0 || r == -EBADMSG || r == -EFBIG);
	must(r == 0 || diags.errors > 0);
	if (r == 0) {
		check_container(&state);
		container_deinit(&state.container);
	}
	diags_deinit(&diags);
	return 0;
}
