/* SPDX-License-Identifier: Apache-2.0 */
/* Structs that ioctls take, of terminals, loop devices, virtual machines, user page faults. */
#include "profiles/arguments/signature_structs.h"

#include <linux/kvm.h>
#include <linux/loop.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>

/* Up to the end of the file's name, which is the last that is shown. */
enum { LOOP_INFO_SIZE = offsetof(struct loop_info64, lo_file_name) + LO_NAME_SIZE };

static const struct field winsize[] = {
	MEMBER(struct winsize, ws_row, true, UINT("ws_row")),
	MEMBER(struct winsize, ws_col, true, UINT("ws_col")),
	MEMBER(struct winsize, ws_xpixel, true, UINT("ws_xpixel")),
	MEMBER(struct winsize, ws_ypixel, true, UINT("ws_ypixel")),
};

static const struct field loop_info[] = {
	MEMBER(struct loop_info64, lo_offset, true, HEX("lo_offset")),
	MEMBER(struct loop_info64, lo_sizelimit, false, SIZE("lo_sizelimit")),
	MEMBER(struct loop_info64, lo_flags, true, FLAGS("lo_flags", loop_flags)),
	MEMBER(struct loop_info64, lo_file_name, true, { "lo_file_name", ARGUMENT_NAME, 0, NULL }),
};

static const struct field loop_config[] = {
	MEMBER(struct loop_config, fd, true, FD("fd")),
	MEMBER(struct loop_config, block_size, true, UINT("block_size")),
	PART(offsetof(struct loop_config, info), LOOP_INFO_SIZE, true, ONE("info", LOOP_INFO)),
};

static const struct field kvm_region[] = {
	MEMBER(struct kvm_userspace_memory_region, slot, true, UINT("slot")),
	MEMBER(struct kvm_userspace_memory_region, flags, true, HEX("flags")),
	MEMBER(struct kvm_userspace_memory_region, guest_phys_addr, true, HEX("guest_phys_addr")),
	MEMBER(struct kvm_userspace_memory_region, memory_size, true, SIZE("memory_size")),
	MEMBER(struct kvm_userspace_memory_region, userspace_addr, true, ADDRESS("userspace_addr")),
};

static const struct field uffdio_api[] = {
	MEMBER(struct uffdio_api, api, true, HEX("api")),
	MEMBER(struct uffdio_api, features, true, FLAGS64("features", uffd_features)),
};

static const struct field uffdio_register[] = {
	MEMBER(struct uffdio_register, range, true, ONE("range", RANGE)),
	MEMBER(struct uffdio_register, mode, true, FLAGS64("mode", uffd_mode)),
};

static const struct field uffdio_copy[] = {
	MEMBER(struct uffdio_copy, dst, true, ADDRESS("dst")),
	MEMBER(struct uffdio_copy, src, true, ADDRESS("src")),
	MEMBER(struct uffdio_copy, len, true, HEX("len")),
	MEMBER(struct uffdio_copy, mode, true, HEX("mode")),
};

const struct layout layouts_devices[ARGUMENT_TYPE_COUNT] = {
	[ARGUMENT_KVM_REGION] =
		LAYOUT("kvm_userspace_memory_region", sizeof(struct kvm_userspace_memory_region),
	               kvm_region, ONE, STRUCT, COMPAT),
	[ARGUMENT_LOOP_CONFIG] =
		LAYOUT("loop_config", offsetof(struct loop_config, info) + LOOP_INFO_SIZE,
	               loop_config, ONE, STRUCT, COMPAT),
	[ARGUMENT_LOOP_INFO] =
		LAYOUT("loop_info64", LOOP_INFO_SIZE, loop_info, ONE, STRUCT, COMPAT),
	[ARGUMENT_USERFAULT_API] =
		LAYOUT("uffdio_api", sizeof(struct uffdio_api), uffdio_api, ONE, STRUCT, COMPAT),
	[ARGUMENT_USERFAULT_COPY] = LAYOUT("uffdio_copy", offsetof(struct uffdio_copy, copy),
	                                   uffdio_copy, ONE, STRUCT, COMPAT),
	[ARGUMENT_USERFAULT_REGISTER] =
		LAYOUT("uffdio_register", offsetof(struct uffdio_register, ioctls), uffdio_register,
	               ONE, STRUCT, COMPAT),
	[ARGUMENT_WINSIZE] =
		LAYOUT("winsize", sizeof(struct winsize), winsize, ONE, STRUCT, COMPAT),
};
