/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/reports/replay_view.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>
#include <sys/un.h>

static const struct {
	const char *name;
	const char *words;
} gaps[REPLAY_GAP_COUNT] = {
	[REPLAY_NO_GAP] = { "none", "nothing is missing" },
	[REPLAY_CUT] = { "cut", "cut short in the log" },
	[REPLAY_UNREADABLE] = { "unreadable", "unreadable, or not decoded" },
	[REPLAY_UNRESOLVED] = { "unresolved", "paths that are relative or have \"..\"" },
	[REPLAY_STRUCT] = { "struct", "members of structs" },
	[REPLAY_NO_CALLER] = { "caller", "the caller is not told" },
	[REPLAY_NO_ARGUMENTS] = { "arguments", "without arguments" },
};

const char *replay_gap_words(enum replay_gap gap)
{
	return gaps[gap].words;
}

const char *replay_gap_name(enum replay_gap gap)
{
	return gaps[gap].name;
}

/* A rule that looks at it comes to no verdict; the errno is for the kinds of doubt that are ours.
 */
static int missing(struct replay_view *self, enum replay_gap gap)
{
	if (self->gap == REPLAY_NO_GAP)
		self->gap = gap;
	return -ENOSYS;
}

/* ---- who calls */

static bool is_set(const cJSON *object, const char *key)
{
	return cJSON_IsTrue(json_member(object, key));
}

static struct view_bytes bytes_of(const char *string)
{
	return (struct view_bytes){ string, string ? strlen(string) : 0 };
}

static int64_t number_of(const struct event_record *event, const char *key)
{
	const cJSON *node = json_member(event->json, key);
	uint64_t number;

	if (!node || json_uint(event->document, node, UINT32_MAX, &number) < 0)
		return -1;
	return (int64_t)number;
}

static int read_caller(struct view *view, const struct view_caller **ret_caller)
{
	struct replay_view *self = (struct replay_view *)view;
	const struct event_record *event = self->event;
	int64_t gid = number_of(event, "process.group.id");

	*ret_caller = &self->caller;
	if (event->pid < 0 || event->uid < 0 || gid < 0 || !event->comm || !event->exe)
		return missing(self, REPLAY_NO_CALLER);
	if (is_set(event->json, "truncated") || is_set(event->json, "lossy"))
		return missing(self, REPLAY_CUT);
	self->caller = (struct view_caller){
		.tid = (pid_t)event->tid,
		.pid = (pid_t)event->pid,
		.ppid = (pid_t)number_of(event, "process.parent_pid"),
		.uid = (uid_t)event->uid,
		.gid = (gid_t)gid,
		.exe = bytes_of(event->exe),
		.comm = bytes_of(event->comm),
		.init = event->pid == self->init,
	};
	return 0;
}

/* ---- what is in memory */

/* The decoded value of an argument: 0, or -errno with the gap. */
static int decoded(struct replay_view *self, unsigned index, const cJSON **ret_value)
{
	const cJSON *args = json_member(self->event->json, "syscall.args");
	const cJSON *argument = cJSON_GetArrayItem(args, (int)index);

	*ret_value = json_member(argument, "value");
	if (is_set(argument, "truncated") || is_set(argument, "lossy"))
		return missing(self, REPLAY_CUT);
	if (self->view.call->args[index] == 0)
		return -EFAULT; /* as the call itself */
	return *ret_value ? 0 : missing(self, REPLAY_UNREADABLE);
}

static int read_string(struct view *view, unsigned index, struct view_bytes *ret_string)
{
	struct replay_view *self = (struct replay_view *)view;
	const cJSON *value;
	int r = decoded(self, index, &value);

	*ret_string = bytes_of(r < 0 ? NULL : cJSON_GetStringValue(value));
	if (r < 0)
		return r;
	return ret_string->bytes ? 0 : missing(self, REPLAY_UNREADABLE);
}

/*
 * Without "." and empty components; false where it has "..", which means another place behind a
 * link, or is relative to a directory that the event does not tell.
 */
static bool tidy_path(const char *written, char path[PATH_MAX])
{
	size_t len = 0;

	if (written[0] != '/' || strlen(written) >= PATH_MAX)
		return false;
	while (*written) {
		size_t component;

		written += strspn(written, "/");
		component = strcspn(written, "/");
		if (component == 2 && memcmp(written, "..", 2) == 0)
			return false;
		if (component > 0 && !(component == 1 && written[0] == '.')) {
			path[len++] = '/';
			memcpy(path + len, written, component);
			len += component;
		}
		written += component;
	}
	if (len == 0)
		path[len++] = '/';
	path[len] = '\0';
	return true;
}

static int read_path(struct view *view, unsigned index, struct view_bytes *ret_path)
{
	struct replay_view *self = (struct replay_view *)view;
	const char *written;
	const cJSON *value;
	int r = decoded(self, index, &value);

	if (r < 0)
		return r;
	written = cJSON_IsObject(value) ? cJSON_GetStringValue(json_member(value, "path"))
	                                : cJSON_GetStringValue(value);
	if (!written)
		return missing(self, REPLAY_UNREADABLE);
	if (!tidy_path(written, self->path))
		return missing(self, REPLAY_UNRESOLVED);
	self->as_written = true;
	*ret_path = bytes_of(self->path);
	return 0;
}

/* ---- socket addresses */

static bool read_port(const cJSON *value, in_port_t *ret_port)
{
	const cJSON *port = json_member(value, "port");

	if (!cJSON_IsNumber(port) || port->valueint < 0 || port->valueint > UINT16_MAX)
		return false;
	*ret_port = htons((uint16_t)port->valueint);
	return true;
}

static bool read_ip(const cJSON *value, int family, void *ret_address)
{
	const char *address = cJSON_GetStringValue(json_member(value, "address"));

	return address && inet_pton(family, address, ret_address) == 1;
}

static size_t read_inet(const cJSON *value, struct sockaddr_storage *ret_address)
{
	struct sockaddr_in address = { .sin_family = AF_INET };

	if (!read_port(value, &address.sin_port) || !read_ip(value, AF_INET, &address.sin_addr))
		return 0;
	memcpy(ret_address, &address, sizeof(address));
	return sizeof(address);
}

static size_t read_inet6(const cJSON *value, struct sockaddr_storage *ret_address)
{
	struct sockaddr_in6 address = { .sin6_family = AF_INET6 };

	if (!read_port(value, &address.sin6_port) || !read_ip(value, AF_INET6, &address.sin6_addr))
		return 0;
	memcpy(ret_address, &address, sizeof(address));
	return sizeof(address);
}

static size_t read_unix(const cJSON *value, struct sockaddr_storage *ret_address)
{
	const char *path = cJSON_GetStringValue(json_member(value, "path"));
	const char *abstract = cJSON_GetStringValue(json_member(value, "abstract"));
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const size_t start = offsetof(struct sockaddr_un, sun_path);
	size_t len = path ? strlen(path) : abstract ? strlen(abstract) : 0;

	if (len >= sizeof(address.sun_path))
		return 0;
	if (len > 0)
		memcpy(address.sun_path + !path, path ? path : abstract, len);
	memcpy(ret_address, &address, sizeof(address));
	return path || abstract ? start + len + 1 : start;
}

static const struct {
	const char *name;
	size_t (*read)(const cJSON *value, struct sockaddr_storage *ret_address);
} families[] = {
	{ "AF_INET", read_inet },
	{ "AF_INET6", read_inet6 },
	{ "AF_UNIX", read_unix },
};

/* Its length; 0 where it is no address that a rule can tell from others. */
static size_t read_address(const cJSON *value, struct sockaddr_storage *ret_address)
{
	const char *family = cJSON_GetStringValue(json_member(value, "family"));

	for (size_t i = 0; family && i < ARRAY_SIZE(families); i++)
		if (strcmp(families[i].name, family) == 0)
			return families[i].read(value, ret_address);
	return 0;
}

static int address_of(struct replay_view *self, const cJSON *value, struct view_bytes *ret_bytes)
{
	size_t len = read_address(value, &self->address);

	if (len == 0)
		return missing(self, REPLAY_UNREADABLE);
	*ret_bytes = (struct view_bytes){ (const char *)&self->address, len };
	return 0;
}

/* Only an address can be made again of what was decoded. */
static int read_bytes(struct view *view, unsigned index, size_t length,
                      struct view_bytes *ret_bytes)
{
	struct replay_view *self = (struct replay_view *)view;
	const cJSON *value;
	int r = decoded(self, index, &value);

	(void)length;
	if (r < 0)
		return r;
	if (!json_member(value, "family"))
		return missing(self, REPLAY_STRUCT);
	return address_of(self, value, ret_bytes);
}

static int read_message_address(struct view *view, unsigned index, struct view_bytes *ret_bytes)
{
	struct replay_view *self = (struct replay_view *)view;
	const cJSON *value, *name;
	int r = decoded(self, index, &value);

	*ret_bytes = (struct view_bytes){ 0 };
	if (r < 0)
		return r;
	name = json_member(value, "msg_name");
	if (cJSON_IsNull(name))
		return 0;
	return cJSON_IsObject(name) ? address_of(self, name, ret_bytes)
	                            : missing(self, REPLAY_UNREADABLE);
}

void replay_view_init(struct replay_view *replay_view, const struct event_record *event, pid_t init)
{
	static const struct view_reader reader = {
		.caller = read_caller,
		.string = read_string,
		.path = read_path,
		.bytes = read_bytes,
		.message_address = read_message_address,
	};

	*replay_view = (struct replay_view){
		.view = { .call = &event->call, .reader = &reader },
		.event = event,
		.init = init,
	};
}
