/* SPDX-License-Identifier: Apache-2.0 */
/* Captured bytes in, strace's words and JSON out: each form of memory, and hostile ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "profiles/arguments/constants.h"
#include "supervisor/events/render_memory.h"

#define BYTES_OF(literal) literal, sizeof(literal) - 1
#define WORD(hex) hex "\0\0\0\0\0\0\0"

struct nested {
	enum argument_type type;
	uint64_t address;
	enum capture_status status;
	const char *bytes;
	size_t length;
};

struct row {
	enum argument_type type;
	const char *bytes;
	size_t length;
	bool cut;
	struct nested nested[4];
	const char *text;
	const char *json;
};

static struct notification notification;

static void add_nested(const struct nested *nested)
{
	struct nested_capture *added = &notification.nested[notification.n_nested++];

	added->address = nested->address;
	added->type = (uint8_t)nested->type;
	added->capture = (struct capture){
		.status = (uint8_t)nested->status,
		.offset = notification.used,
		.length = (uint16_t)nested->length,
	};
	memcpy(notification.bytes + notification.used, nested->bytes, nested->length);
	notification.used += (uint16_t)nested->length;
}

static void expect(const struct row *row)
{
	const struct argument argument = { "argument", row->type, 0, NULL };
	char *bytes = malloc(row->length ? row->length : 1); /* a sanitizer sees one byte more */
	struct memory_view view = { &notification, &argument,   0x7ffd1000,
		                    bytes,         row->length, row->cut };
	char words[4096];
	struct text text = TEXT_OVER(words);
	bool cut = false;
	bool lossy = false;

	assert_non_null(bytes);
	memcpy(bytes, row->bytes, row->length);
	memset(&notification, 0, sizeof(notification));
	for (size_t i = 0; i < ARRAY_SIZE(row->nested) && row->nested[i].bytes; i++)
		add_nested(&row->nested[i]);
	render_memory(&text, &view);
	assert_string_equal(words, row->text);
	text_clear(&text);
	render_json_memory(&text, &view, &cut, &lossy);
	assert_string_equal(words, row->json);
	free(bytes);
}

static void test_plain(void **state)
{
	static const struct row rows[] = {
		{ ARGUMENT_PATH, BYTES_OF("/a"), false, {}, "\"/a\"", "\"/a\"" },
		{ ARGUMENT_BYTES, BYTES_OF("a\n"), true, {}, "\"a\\n\"...", "\"a\\u000a\"" },
		{ ARGUMENT_SOCKADDR,
		  BYTES_OF("\1\0"),
		  false,
		  {},
		  "{sa_family=AF_UNIX}",
		  "{\"family\":\"AF_UNIX\",\"unnamed\":true}" },
		{ ARGUMENT_ENVIRONMENT,
		  BYTES_OF("\1\0\0\0"),
		  false,
		  {},
		  "0x7f… /* 1 var */",
		  "{\"count\":1}" },
		{ ARGUMENT_ENVIRONMENT,
		  BYTES_OF("\0\10\0\0"),
		  true,
		  {},
		  "0x7f… /* 2048+ vars */",
		  "{\"count\":2048}" },
		{ ARGUMENT_ENVIRONMENT,
		  BYTES_OF("\1"),
		  false,
		  {},
		  "0x7f… /* 0 vars */",
		  "{\"count\":0}" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		expect(&rows[i]);
}

static void test_structs(void **state)
{
	static const struct row rows[] = {
		{ ARGUMENT_TIMESPEC,
		  BYTES_OF(WORD("\1") WORD("\5")),
		  false,
		  {},
		  "{tv_sec=1, tv_nsec=5}",
		  "{\"tv_sec\":1,\"tv_nsec\":5}" },
		{ ARGUMENT_TIMESPEC,
		  BYTES_OF(WORD("\1") "\5"),
		  false,
		  {},
		  "{tv_sec=1}",
		  "{\"tv_sec\":1}" },
		{ ARGUMENT_ITIMERVAL,
		  BYTES_OF(WORD("\1") WORD("\2") WORD("\3") WORD("\4")),
		  false,
		  {},
		  "{it_interval={tv_sec=1, tv_usec=2}, it_value={tv_sec=3, tv_usec=4}}",
		  "{\"it_interval\":{\"tv_sec\":1,\"tv_usec\":2},"
		  "\"it_value\":{\"tv_sec\":3,\"tv_usec\":4}}" },
		{ ARGUMENT_TIMESPECS,
		  BYTES_OF(WORD("\1") WORD("\2") WORD("\3") WORD("\4")),
		  false,
		  {},
		  "[{tv_sec=1, tv_nsec=2}, {tv_sec=3, tv_nsec=4}]",
		  "[{\"tv_sec\":1,\"tv_nsec\":2},{\"tv_sec\":3,\"tv_nsec\":4}]" },
		{ ARGUMENT_INT_VALUE, BYTES_OF("\377\377\377\377"), false, {}, "[-1]", "-1" },
		{ ARGUMENT_OPTION_INT, BYTES_OF("\1"), false, {}, "[]", "null" },
		{ ARGUMENT_SIGSET_POINTER,
		  BYTES_OF("\1\0\1\0\0\0\0\0"),
		  false,
		  {},
		  "[HUP CHLD]",
		  "\"[HUP CHLD]\"" },
		{ ARGUMENT_SIGSET_POINTER,
		  BYTES_OF("\377\376\373\377\377\377\377\377"),
		  false,
		  {},
		  "~[KILL STOP]",
		  "\"~[KILL STOP]\"" },
		{ ARGUMENT_CPU_SET,
		  BYTES_OF("\5\0\0\0\0\0\0\0\1"),
		  false,
		  {},
		  "[0 2 64]",
		  "[0,2,64]" },
		{ ARGUMENT_CPU_SET, BYTES_OF(""), false, {}, "[]", "null" },
		{ ARGUMENT_CHAR, BYTES_OF("\n"), false, {}, "\"\\n\"", "\"\\u000a\"" },
		{ ARGUMENT_CAP_DATA,
		  BYTES_OF("\1\0\0\0\3\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0\0"),
		  false,
		  {},
		  "{effective=1<<CAP_CHOWN|1<<CAP_CHECKPOINT_RESTORE, "
		  "permitted=1<<CAP_CHOWN|1<<CAP_DAC_OVERRIDE, inheritable=0}",
		  "{\"effective\":\"1<<CAP_CHOWN|1<<CAP_CHECKPOINT_RESTORE\","
		  "\"permitted\":\"1<<CAP_CHOWN|1<<CAP_DAC_OVERRIDE\",\"inheritable\":\"0\"}" },
		{ ARGUMENT_IFREQ_FLAGS,
		  BYTES_OF("lo\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\1"),
		  false,
		  {},
		  "{ifr_name=\"lo\", ifr_flags=IFF_UP|IFF_PROMISC}",
		  "{\"ifr_name\":\"lo\",\"ifr_flags\":\"IFF_UP|IFF_PROMISC\"}" },
		{ ARGUMENT_SIGEVENT,
		  BYTES_OF(WORD("\7") "\16\0\0\0\0\0\0\0\0\0\0\0"),
		  false,
		  {},
		  "{sigev_value={sival_int=7, sival_ptr=0x7}, sigev_signo=SIGALRM, "
		  "sigev_notify=SIGEV_SIGNAL}",
		  "{\"sigev_value\":{\"sival_int\":7,\"sival_ptr\":\"0x7\"},"
		  "\"sigev_signo\":\"SIGALRM\",\"sigev_notify\":\"SIGEV_SIGNAL\","
		  "\"sigev_notify_thread_id\":0}" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		expect(&rows[i]);
}

static void test_lists(void **state)
{
	static const struct row rows[] = {
		{ ARGUMENT_ARGV,
		  BYTES_OF(WORD("\1") WORD("\2") WORD("\3") WORD("\4")),
		  true,
		  { { ARGUMENT_STRING, 1, CAPTURE_WHOLE, BYTES_OF("a") },
		    { ARGUMENT_STRING, 2, CAPTURE_CUT, BYTES_OF("b\xff") },
		    { ARGUMENT_STRING, 3, CAPTURE_UNREADABLE, BYTES_OF("") },
		    { ARGUMENT_PATH, 4, CAPTURE_WHOLE, BYTES_OF("another type") } },
		  "[\"a\", \"b\\xff\"..., 0x3, 0x4, ...]",
		  "[\"a\",\"b\xef\xbf\xbd\",\"0x3\",\"0x4\"]" },
		{ ARGUMENT_ARGV, BYTES_OF(""), false, {}, "[]", "[]" },
		{ ARGUMENT_ARGV, BYTES_OF(""), true, {}, "[...]", "[]" },
		{ ARGUMENT_ARGV, BYTES_OF("\1\0\0"), false, {}, "[]", "[]" },
		/* The same place twice, with two lengths; a length that lies; NULL. */
		{ ARGUMENT_IOVEC,
		  BYTES_OF(WORD("\1") WORD("\1") WORD("\1") WORD("\2") WORD("\1") WORD("\11")
		                   WORD("\0") WORD("\5")),
		  false,
		  { { ARGUMENT_BYTES, 1, CAPTURE_WHOLE, BYTES_OF("x") },
		    { ARGUMENT_BYTES, 1, CAPTURE_WHOLE, BYTES_OF("xy") } },
		  "[{iov_base=\"x\", iov_len=1}, {iov_base=\"xy\", iov_len=2}, "
		  "{iov_base=\"xy\"..., iov_len=9}, {iov_base=NULL, iov_len=5}]",
		  "[{\"iov_base\":\"x\",\"iov_len\":1},{\"iov_base\":\"xy\",\"iov_len\":2},"
		  "{\"iov_base\":\"xy\",\"iov_len\":9},{\"iov_base\":null,\"iov_len\":5}]" },
		{ ARGUMENT_POLLFD,
		  BYTES_OF("\3\0\0\0\1\0\0\0\4\0\0\0\4"),
		  false,
		  {},
		  "[{fd=3, events=POLLIN}]",
		  "[{\"fd\":3,\"events\":\"POLLIN\"}]" },
		{ ARGUMENT_GROUPS,
		  BYTES_OF("\0\0\0\0\xff\xff\xff\xff"),
		  false,
		  {},
		  "[0, -1]",
		  "[0,\"-1\"]" },
		{ ARGUMENT_SEMBUF,
		  BYTES_OF("\1\0\377\377\0\20"),
		  true,
		  {},
		  "[{sem_num=1, sem_op=-1, sem_flg=SEM_UNDO}, ...]",
		  "[{\"sem_num\":1,\"sem_op\":-1,\"sem_flg\":\"SEM_UNDO\"}]" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		expect(&rows[i]);
}

/* The name, the list of buffers, and the buffer: two levels down. */
static void test_msghdr(void **state)
{
	static const char header[56] = WORD("\1") "\2\0\0\0\0\0\0\0" WORD("\2") WORD("\1");
	static const struct row row = {
		ARGUMENT_MSGHDR,
		header,
		sizeof(header),
		false,
		{ { ARGUMENT_SOCKADDR, 1, CAPTURE_WHOLE, BYTES_OF("\1\0") },
		  { ARGUMENT_IOVEC, 2, CAPTURE_WHOLE, BYTES_OF(WORD("\3") WORD("\2")) },
		  { ARGUMENT_BYTES, 3, CAPTURE_WHOLE, BYTES_OF("hi") } },
		"{msg_name={sa_family=AF_UNIX}, msg_namelen=2, "
		"msg_iov=[{iov_base=\"hi\", iov_len=2}], msg_iovlen=1, msg_controllen=0, "
		"msg_flags=0}",
		"{\"msg_name\":{\"family\":\"AF_UNIX\",\"unnamed\":true},\"msg_namelen\":2,"
		"\"msg_iov\":[{\"iov_base\":\"hi\",\"iov_len\":2}],\"msg_iovlen\":1,"
		"\"msg_control\":null,\"msg_controllen\":0,\"msg_flags\":\"0\"}",
	};

	(void)state;
	expect(&row);
}

/* Whether what JSON says is all there was. */
static void test_marks(void **state)
{
	static const struct argument argv = { "argv", ARGUMENT_ARGV, 0, NULL };
	static const struct argument string = { "string", ARGUMENT_STRING, 0, NULL };
	static const struct {
		const struct argument *argument;
		const char *bytes;
		size_t length;
		bool cut, lossy;
	} rows[] = {
		{ &string, BYTES_OF("a"), false, false },
		{ &string, BYTES_OF("\xff"), false, true },
		{ &argv, BYTES_OF(""), false, false },
		{ &argv, BYTES_OF(WORD("\1")), true, false }, /* nothing was read there */
	};
	char words[256];

	(void)state;
	memset(&notification, 0, sizeof(notification));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct memory_view view = { &notification, rows[i].argument, 1,
			                    rows[i].bytes, rows[i].length,   false };
		struct text text = TEXT_OVER(words);
		bool cut = false;
		bool lossy = false;

		render_json_memory(&text, &view, &cut, &lossy);
		assert_int_equal(cut, rows[i].cut);
		assert_int_equal(lossy, rows[i].lossy);
	}
}

/* Every layout over bytes that are all ones or all zeroes, of every length up to more than it. */
static void test_every_layout(void **state)
{
	static char junk[512];
	static char words[65536];

	(void)state;
	memset(&notification, 0xff, sizeof(notification));
	for (int type = ARGUMENT_FIRST_LAYOUT; type < ARGUMENT_TYPE_COUNT; type++) {
		struct argument argument = { "argument", (enum argument_type)type, 0, NULL };

		for (size_t length = 0; length < 2 * sizeof(junk); length++) {
			struct memory_view view = { &notification, &argument,  1,
				                    junk,          length / 2, length % 3 == 0 };
			struct text text = TEXT_OVER(words);
			bool ignored = false;

			memset(junk, length % 2 ? 0xff : 0, sizeof(junk));
			render_memory(&text, &view);
			assert_false(text.overflow);
			text_clear(&text);
			render_json_memory(&text, &view, &ignored, &ignored);
			assert_false(text.overflow);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain), cmocka_unit_test(test_structs),
		cmocka_unit_test(test_lists), cmocka_unit_test(test_msghdr),
		cmocka_unit_test(test_marks), cmocka_unit_test(test_every_layout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
