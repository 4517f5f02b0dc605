/* SPDX-License-Identifier: Apache-2.0 */
/* Names whose arguments differ on 32-bit x86: 64-bit numbers come in two registers, or are none. */
#include "profiles/arguments/signature_rows.h"

const struct signature signatures_i386[] = {
	ROW(clone, CLONE_FLAGS("flags"), ADDRESS("stack"), ADDRESS("parent_tid"), ADDRESS("tls"),
	    ADDRESS("child_tid")),
	ROW(fadvise64, FD("fd"), HEX("offset_low"), HEX("offset_high"), SIZE("len"),
	    ENUM("advice", fadvise)),
	ROW(fallocate, FD("fd"), FLAGS("mode", fallocate), HEX("offset_low"), HEX("offset_high"),
	    HEX("len_low"), HEX("len_high")),
	ROW(fanotify_mark, FD("fanotify_fd"), FLAGS("flags", fanotify_mark),
	    FLAGS64("mask_low", fanotify_mask), HEX("mask_high"), FD("dirfd"), PATH("pathname")),
	ROW(lookup_dcookie, HEX("cookie_low"), HEX("cookie_high"), OUT("buffer"), SIZE("len")),
	ROW(mmap, POINTER("args")),
	ROW(pread64, FD("fd"), OUT("buf"), SIZE("count"), HEX("offset_low"), HEX("offset_high")),
	ROW(pwrite64, FD("fd"), BYTES("buf", 2), SIZE("count"), HEX("offset_low"),
	    HEX("offset_high")),
	ROW(readahead, FD("fd"), HEX("offset_low"), HEX("offset_high"), SIZE("count")),
	ROW(select, POINTER("args")),
	ROW(sendfile, FD("out_fd"), FD("in_fd"), POINTER("offset"), SIZE("count")),
	ROW(setgroups, INT("size"), POINTER("list")),
	ROW(sync_file_range, FD("fd"), HEX("offset_low"), HEX("offset_high"), HEX("nbytes_low"),
	    HEX("nbytes_high"), FLAGS("flags", sync_file_range)),
};

const size_t signatures_i386_count = ARRAY_SIZE(signatures_i386);
