/* SPDX-License-Identifier: Apache-2.0 */
/* The variants of union bpf_attr: one a command, or for several commands that share it. */
#include "profiles/arguments/signature_structs.h"

#include <linux/bpf.h>

/* clang-format off */
#define ATTR(member, always, ...) MEMBER(union bpf_attr, member, always, __VA_ARGS__)
#define NAMED(member, name) ATTR(member, true, { name, ARGUMENT_NAME, 0, NULL })
#define VARIANT(fields, last) \
	LAYOUT("bpf_attr", offsetof(union bpf_attr, last) + sizeof(((union bpf_attr *)0)->last), \
	       fields, SIZED, STRUCT, COMPAT)
/* clang-format on */

static const struct field map_create[] = {
	ATTR(map_type, true, ENUM("map_type", bpf_map_type)),
	ATTR(key_size, true, UINT("key_size")),
	ATTR(value_size, true, UINT("value_size")),
	ATTR(max_entries, true, UINT("max_entries")),
	ATTR(map_flags, true, FLAGS("map_flags", bpf_map_flags)),
	ATTR(inner_map_fd, true, FD("inner_map_fd")),
	ATTR(numa_node, false, UINT("numa_node")),
	NAMED(map_name, "map_name"),
	ATTR(map_ifindex, false, UINT("map_ifindex")),
	ATTR(btf_fd, false, FD("btf_fd")),
};

static const struct field elem[] = {
	ATTR(map_fd, true, FD("map_fd")),
	ATTR(key, true, ADDRESS("key")),
	ATTR(value, true, ADDRESS("value")),
	ATTR(flags, true, FLAGS64("flags", bpf_elem_flags)),
};

static const struct field one_fd[] = { ATTR(map_fd, true, FD("fd")) };

static const struct field prog_load[] = {
	ATTR(prog_type, true, ENUM("prog_type", bpf_prog_type)),
	ATTR(insn_cnt, true, UINT("insn_cnt")),
	ATTR(insns, true, ADDRESS("insns")),
	ATTR(license, true, STRING("license")),
	ATTR(log_level, true, UINT("log_level")),
	ATTR(log_size, true, UINT("log_size")),
	ATTR(log_buf, true, ADDRESS("log_buf")),
	ATTR(kern_version, false, HEX("kern_version")),
	ATTR(prog_flags, true, FLAGS("prog_flags", bpf_prog_flags)),
	NAMED(prog_name, "prog_name"),
	ATTR(prog_ifindex, false, UINT("prog_ifindex")),
	ATTR(expected_attach_type, true, ENUM("expected_attach_type", bpf_attach_type)),
	ATTR(prog_btf_fd, false, FD("prog_btf_fd")),
	ATTR(attach_btf_id, false, UINT("attach_btf_id")),
};

static const struct field obj[] = {
	ATTR(pathname, true, PATH("pathname")),
	ATTR(bpf_fd, true, FD("bpf_fd")),
	ATTR(file_flags, true, FLAGS("file_flags", bpf_map_flags)),
};

static const struct field attach[] = {
	ATTR(target_fd, true, FD("target_fd")),
	ATTR(attach_bpf_fd, true, FD("attach_bpf_fd")),
	ATTR(attach_type, true, ENUM("attach_type", bpf_attach_type)),
	ATTR(attach_flags, true, HEX("attach_flags")),
};

static const struct field query[] = {
	ATTR(query.target_fd, true, FD("target_fd")),
	ATTR(query.attach_type, true, ENUM("attach_type", bpf_attach_type)),
	ATTR(query.query_flags, true, HEX("query_flags")),
};

static const struct field ids[] = {
	ATTR(start_id, true, UINT("id")),
	ATTR(next_id, true, UINT("next_id")),
	ATTR(open_flags, false, FLAGS("open_flags", bpf_map_flags)),
};

static const struct field info[] = {
	ATTR(info.bpf_fd, true, FD("bpf_fd")),
	ATTR(info.info_len, true, UINT("info_len")),
	ATTR(info.info, true, ADDRESS("info")),
};

static const struct field raw_tracepoint[] = {
	ATTR(raw_tracepoint.name, true, STRING("name")),
	ATTR(raw_tracepoint.prog_fd, true, FD("prog_fd")),
};

static const struct field btf_load[] = {
	ATTR(btf, true, ADDRESS("btf")),
	ATTR(btf_log_buf, true, ADDRESS("btf_log_buf")),
	ATTR(btf_size, true, UINT("btf_size")),
	ATTR(btf_log_size, true, UINT("btf_log_size")),
	ATTR(btf_log_level, true, UINT("btf_log_level")),
};

static const struct field link_create[] = {
	ATTR(link_create.prog_fd, true, FD("prog_fd")),
	ATTR(link_create.target_fd, true, FD("target_fd")),
	ATTR(link_create.attach_type, true, ENUM("attach_type", bpf_attach_type)),
	ATTR(link_create.flags, true, HEX("flags")),
};

static const struct field link_update[] = {
	ATTR(link_update.link_fd, true, FD("link_fd")),
	ATTR(link_update.new_prog_fd, true, FD("new_prog_fd")),
	ATTR(link_update.flags, true, HEX("flags")),
	ATTR(link_update.old_prog_fd, false, FD("old_prog_fd")),
};

const struct layout layouts_bpf[ARGUMENT_TYPE_COUNT] = {
	[ARGUMENT_BPF_ATTACH] = VARIANT(attach, attach_flags),
	[ARGUMENT_BPF_BTF_LOAD] = VARIANT(btf_load, btf_log_level),
	[ARGUMENT_BPF_ELEM] = VARIANT(elem, flags),
	[ARGUMENT_BPF_FD] = VARIANT(one_fd, map_fd),
	[ARGUMENT_BPF_ID] = VARIANT(ids, open_flags),
	[ARGUMENT_BPF_INFO] = VARIANT(info, info.info),
	[ARGUMENT_BPF_LINK_CREATE] = VARIANT(link_create, link_create.flags),
	[ARGUMENT_BPF_LINK_UPDATE] = VARIANT(link_update, link_update.old_prog_fd),
	[ARGUMENT_BPF_MAP_CREATE] = VARIANT(map_create, btf_fd),
	[ARGUMENT_BPF_OBJ] = VARIANT(obj, file_flags),
	[ARGUMENT_BPF_PROG_LOAD] = VARIANT(prog_load, attach_btf_id),
	[ARGUMENT_BPF_QUERY] = VARIANT(query, query.query_flags),
	[ARGUMENT_BPF_RAW_TRACEPOINT] = VARIANT(raw_tracepoint, raw_tracepoint.prog_fd),
};
