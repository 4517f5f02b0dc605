/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/ruleset.h"

#include <linux/capability.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/utsname.h>

#define CAP_BIT(cap) (UINT64_C(1) << (cap))

uint64_t host_docker_caps(void)
{
	return CAP_BIT(CAP_CHOWN) | CAP_BIT(CAP_DAC_OVERRIDE) | CAP_BIT(CAP_FSETID) |
	       CAP_BIT(CAP_FOWNER) | CAP_BIT(CAP_MKNOD) | CAP_BIT(CAP_NET_RAW) |
	       CAP_BIT(CAP_SETGID) | CAP_BIT(CAP_SETUID) | CAP_BIT(CAP_SETFCAP) |
	       CAP_BIT(CAP_SETPCAP) | CAP_BIT(CAP_NET_BIND_SERVICE) | CAP_BIT(CAP_SYS_CHROOT) |
	       CAP_BIT(CAP_KILL) | CAP_BIT(CAP_AUDIT_WRITE);
}

void host_here(struct host *ret_host)
{
	struct kernel_version kernel = { 0 };
	struct utsname name;

	/* As moby reads it: "%d.%d", the rest ignored; a release it cannot read is 0.0. */
	if (uname(&name) < 0 || sscanf(name.release, "%u.%u", &kernel.major, &kernel.minor) != 2)
		kernel = (struct kernel_version){ 0 };
	*ret_host = (struct host){
		.arch = seccomp_arch_native(),
		.caps = host_docker_caps(),
		.kernel = kernel,
	};
}
