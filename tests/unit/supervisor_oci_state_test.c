/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/containers/oci_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define STATE(members) "\"state\":{\"id\":\"c1\"" members "}"
#define MESSAGE(members) "{\"fds\":[\"seccompFd\"]," STATE("") members "}"

/* ---- the end */

static const struct scan_row {
	const char *bytes;
	int result;
	size_t scanned; /* of OCI_STATE_WHOLE */
} scan_rows[] = {
	{ "", 0, 0 },
	{ " \n\t", 0, 0 },
	{ "{}", OCI_STATE_WHOLE, 2 },
	{ " {}\n", OCI_STATE_WHOLE, 3 },
	{ "{\"a\":{}}{}", OCI_STATE_WHOLE, 8 },
	{ "{\"a\":[{}],\"b\":\"}\"", 0, 0 },
	{ "{\"}\\\"}\":1}", OCI_STATE_WHOLE, 10 },
	{ "{\"\\\\\":1}", OCI_STATE_WHOLE, 8 },
	{ "{[}", 0, 0 }, /* no JSON, and the parser's to say when more has come */
	{ "[]", -EBADMSG, 0 },
	{ "x", -EBADMSG, 0 },
	{ "\"{}\"", -EBADMSG, 0 },
};

static void test_scan(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(scan_rows); i++) {
		const struct scan_row *row = &scan_rows[i];
		struct oci_scan scan = { 0 };

		assert_int_equal(oci_scan(&scan, row->bytes, strlen(row->bytes)), row->result);
		if (row->result == OCI_STATE_WHOLE)
			assert_int_equal(scan.scanned, row->scanned);
	}
}

/* However a message is cut, its end is found where it is. */
static void test_scan_in_parts(void **state)
{
	static const char message[] = "{\"a\":\"}\\\"{\",\"b\":[{\"c\":1}]} ";
	size_t whole = strlen(message) - 1;

	(void)state;
	for (size_t step = 1; step <= whole; step++) {
		struct oci_scan scan = { 0 };
		size_t len = 0;
		int r = 0;

		while (r == 0) {
			len = len + step < strlen(message) ? len + step : strlen(message);
			r = oci_scan(&scan, message, len);
		}
		assert_int_equal(r, OCI_STATE_WHOLE);
		assert_int_equal(scan.scanned, whole);
	}
}

static void test_scan_takes_a_nul_for_no_blank(void **state)
{
	struct oci_scan scan = { 0 };

	(void)state;
	assert_int_equal(oci_scan(&scan, "\0{}", 3), -EBADMSG);
}

/* ---- what is good */

static struct oci_state parsed(const char *bytes)
{
	struct oci_state state;
	struct diags diags;

	diags_init(&diags, "message");
	assert_int_equal(oci_state_parse(bytes, strlen(bytes), &diags, &state), 0);
	diags_deinit(&diags);
	return state;
}

static void test_runc(void **state)
{
	struct oci_state message =
		parsed("{\"ociVersion\":\"1.0.2-dev\",\"fds\":[\"x\",\"seccompFd\"],\"pid\":6394,"
	               "\"metadata\":\"meta\",\"state\":{\"ociVersion\":\"9\",\"id\":\"rt5\","
	               "\"status\":\"creating\",\"pid\":6393,\"bundle\":\"/b\",\"annotations\":"
	               "{\"k\":\"v\",\"io.kubernetes.cri.container-name\":\"web\"}}}");
	struct container *container = &message.container;

	(void)state;
	assert_int_equal(message.n_fds, 2);
	assert_int_equal(message.listener, 1);
	assert_string_equal(container->id, "rt5");
	assert_string_equal(container->name, "web");
	assert_string_equal(container->bundle, "/b");
	assert_string_equal(container->metadata, "meta");
	assert_null(container->profile);
	assert_int_equal(container->pid, 6394);
	assert_int_equal(container->init, 6393);
	assert_false(container->exec);
	assert_int_equal(container->n_annotations, 2);
	assert_string_equal(container->annotations[0].key, "k");
	assert_string_equal(container->annotations[0].value, "v");
	container_deinit(container);
}

static void test_crun_exec(void **state)
{
	struct oci_state message =
		parsed("{\n \"fds\": [ \"seccompFd\" ], \"pid\": 0,\n \"state\": { \"id\": \"c\", "
	               "\"pid\": 0,\n"
	               " \"status\": \"running\", \"bundle\": \".\", \"annotations\": {} } }\n");

	(void)state;
	assert_int_equal(message.container.pid, 0);
	assert_true(message.container.exec);
	assert_string_equal(message.container.bundle, ".");
	assert_null(message.container.metadata);
	assert_int_equal(message.container.n_annotations, 0);
	container_deinit(&message.container);
}

static const struct metadata_row {
	const char *members;
	const char *profile, *metadata;
} metadata_rows[] = {
	{ "", NULL, NULL },
	{ ",\"metadata\":\"plain\"", NULL, "plain" },
	{ ",\"metadata\":\"\"", NULL, "" },
	{ ",\"metadata\":\"{\\\"profile\\\":\\\"p\\\"}\"", "p", NULL },
	{ ",\"metadata\":\"{\\\"profile\\\":\\\"p\\\",\\\"metadata\\\":\\\"m\\\"}\"", "p", "m" },
	{ ",\"metadata\":\"{\\\"policy\\\":\\\"x\\\"}\"", NULL, "{\"policy\":\"x\"}" },
	{ ",\"metadata\":\"{\\\"profile\\\":1}\"", NULL, "{\"profile\":1}" },
	{ ",\"metadata\":\"{\\\"profile\\\":\"", NULL, "{\"profile\":" },
};

static void check_string(const char *string, const char *expected)
{
	if (expected)
		assert_string_equal(string, expected);
	else
		assert_null(string);
}

static void test_metadata(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(metadata_rows); i++) {
		const struct metadata_row *row = &metadata_rows[i];
		char bytes[256];
		struct oci_state message;

		snprintf(bytes, sizeof(bytes),
		         "{\"fds\":[\"seccompFd\"],\"state\":{\"id\":\"c1\"}%s}", row->members);
		message = parsed(bytes);
		check_string(message.container.profile, row->profile);
		check_string(message.container.metadata, row->metadata);
		container_deinit(&message.container);
	}
}

/* ---- what is not */

#define MANY_FDS                                                                                   \
	"\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\","     \
	"\"a\",\"a\""

static const struct wrong_row {
	const char *bytes;
	const char *pointer, *message;
} wrong_rows[] = {
	{ "{x}", "", NULL },
	{ "{}", "", "expected fds, a list of names" },
	{ "{\"fds\":1}", "/fds", "expected fds, a list of names" },
	{ "{\"fds\":[]}", "/fds", "no seccompFd; expected one" },
	{ "{\"fds\":[1]}", "/fds/0", "expected at most 16 names" },
	{ "{\"fds\":[" MANY_FDS ",\"seccompFd\"]}", "/fds/16", "expected at most 16 names" },
	{ "{\"fds\":[\"seccompFd\",\"seccompFd\"]}", "/fds/1", "a second seccompFd; expected one" },
	{ "{\"fds\":[\"seccompFd\"]}", "", "expected state, an object" },
	{ "{\"fds\":[\"seccompFd\"],\"state\":[]}", "/state", "expected state, an object" },
	{ "{\"fds\":[\"seccompFd\"],\"state\":{}}", "/state", "no id; expected the container's" },
	{ "{\"fds\":[\"seccompFd\"],\"state\":{\"id\":\"\"}}", "/state",
	  "no id; expected the container's" },
	{ "{\"fds\":[\"seccompFd\"],\"state\":{\"id\":7}}", "/state/id", "expected a string" },
	{ MESSAGE(",\"pid\":-1"), "/pid", "expected a process id, or 0" },
	{ MESSAGE(",\"pid\":2147483648"), "/pid", "expected a process id, or 0" },
	{ MESSAGE(",\"pid\":\"1\""), "/pid", "expected a process id, or 0" },
	{ MESSAGE(",\"metadata\":{}"), "/metadata", "expected a string" },
	{ "{\"fds\":[\"seccompFd\"]," STATE(",\"bundle\":1") "}", "/state/bundle",
	  "expected a string" },
	{ "{\"fds\":[\"seccompFd\"]," STATE(",\"annotations\":[]") "}", "/state/annotations",
	  "expected an object of at most 4096 strings" },
	{ "{\"fds\":[\"seccompFd\"]," STATE(",\"annotations\":{\"a\":1}") "}",
	  "/state/annotations/a", "expected a string" },
};

static void test_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong_rows); i++) {
		const struct wrong_row *row = &wrong_rows[i];
		struct oci_state message;
		struct diags diags;

		diags_init(&diags, "message");
		assert_int_equal(oci_state_parse(row->bytes, strlen(row->bytes), &diags, &message),
		                 -EBADMSG);
		assert_true(diags.errors > 0);
		assert_string_equal(diags.list[0].pointer, row->pointer);
		if (row->message)
			assert_string_equal(diags.list[0].message, row->message);
		diags_deinit(&diags);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scan),
		cmocka_unit_test(test_scan_in_parts),
		cmocka_unit_test(test_scan_takes_a_nul_for_no_blank),
		cmocka_unit_test(test_runc),
		cmocka_unit_test(test_crun_exec),
		cmocka_unit_test(test_metadata),
		cmocka_unit_test(test_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
