/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/resolve.h"

#include <linux/audit.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>

/* Go's GOARCH, by which moby and containers-common name the host in `arches`. */
struct go_arch {
	uint32_t arch;
	const char *name;
};

static const struct go_arch go_arches[] = {
	{ SCMP_ARCH_X86_64, "amd64" },
	{ SCMP_ARCH_X86, "x86" },
	{ SCMP_ARCH_X32, "x32" },
	{ SCMP_ARCH_AARCH64, "arm64" },
	{ SCMP_ARCH_ARM, "arm" },
	{ SCMP_ARCH_MIPS, "mips" },
	{ SCMP_ARCH_MIPS64, "mips64" },
	{ SCMP_ARCH_MIPS64N32, "mips64n32" },
	{ SCMP_ARCH_MIPSEL, "mipsel" },
	{ SCMP_ARCH_MIPSEL64, "mipsel64" },
	{ SCMP_ARCH_MIPSEL64N32, "mipsel64n32" },
	{ SCMP_ARCH_PPC, "ppc" },
	{ SCMP_ARCH_PPC64, "ppc64" },
	{ SCMP_ARCH_PPC64LE, "ppc64le" },
	{ SCMP_ARCH_RISCV64, "riscv64" },
	{ SCMP_ARCH_S390, "s390" },
	{ SCMP_ARCH_S390X, "s390x" },
};

static bool gate_names_host(const struct gate *gate, const struct host *host)
{
	const char *name = "";

	for (size_t i = 0; i < ARRAY_SIZE(go_arches); i++)
		if (go_arches[i].arch == host->arch)
			name = go_arches[i].name;
	for (size_t i = 0; i < gate->n_arches; i++)
		if (strcmp(gate->arches[i], name) == 0)
			return true;
	return false;
}

static bool version_reached(struct kernel_version have, struct kernel_version want)
{
	return have.major > want.major || (have.major == want.major && have.minor >= want.minor);
}

static bool version_given(struct kernel_version version)
{
	return version.major > 0 || version.minor > 0;
}

bool rule_counts(const struct profile *profile, const struct rule *rule, const struct host *host,
                 struct gate_result *ret_result)
{
	const struct gate *includes = &rule->includes;
	const struct gate *excludes = &rule->excludes;
	/* containers-common knows no minKernel, the runtime-spec no gates at all. */
	bool gates = profile->dialect != DIALECT_OCI;
	bool kernels = profile->dialect == DIALECT_DOCKER;

	*ret_result = (struct gate_result){ 0 };
	if (!gates)
		return true;
	if (includes->n_arches > 0 && !gate_names_host(includes, host)) {
		ret_result->why = MISS_ARCH;
		return false;
	}
	if (kernels && !version_reached(host->kernel, includes->min_kernel)) {
		ret_result->why = MISS_KERNEL;
		return false;
	}
	if (gate_names_host(excludes, host) || (excludes->caps & host->caps) ||
	    (kernels && version_given(excludes->min_kernel) &&
	     version_reached(host->kernel, excludes->min_kernel))) {
		ret_result->why = MISS_EXCLUDED;
		return false;
	}
	ret_result->why = MISS_CAPS;
	ret_result->missing_caps = includes->caps & ~host->caps;
	return !ret_result->missing_caps && !includes->unknown_caps;
}

/* containers-common looks its host up in a table that has not more than these. */
bool arch_map_applies(const struct profile *profile, uint32_t scmp_arch)
{
	static const uint32_t podman_hosts[] = {
		SCMP_ARCH_X86_64,   SCMP_ARCH_AARCH64,     SCMP_ARCH_MIPS64, SCMP_ARCH_MIPS64N32,
		SCMP_ARCH_MIPSEL64, SCMP_ARCH_MIPSEL64N32, SCMP_ARCH_S390X,
	};

	if (profile->dialect != DIALECT_PODMAN)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(podman_hosts); i++)
		if (podman_hosts[i] == scmp_arch)
			return true;
	return false;
}

/* libseccomp's pseudo numbers of multiplexed calls: -101..-120 socketcall, -201..-224 ipc. */
struct mux {
	const char *name;
	int base;
	int last;
};

static const struct mux muxes[] = {
	{ "socketcall", -100, -120 },
	{ "ipc", -200, -224 },
};

/*
 * The number that a multiplexed call also has of its own, or -1. libseccomp's public functions
 * translate names to pseudo numbers only, but name the real number when asked for it.
 */
static int direct_number(uint32_t scmp_arch, const char *name)
{
	bool mips = scmp_arch == SCMP_ARCH_MIPS || scmp_arch == SCMP_ARCH_MIPSEL;
	/* powerpc's socket(2) is the lowest of them; from 424 on no ABI got more. */
	int first = mips ? 4000 : 326;
	int last = mips ? 4423 : 423;

	for (int nr = first; nr <= last; nr++) {
		_cleanup_free_ char *found = seccomp_syscall_resolve_num_arch(scmp_arch, nr);

		if (found && strcmp(found, name) == 0)
			return nr;
	}
	return -1;
}

/* An ABI with multiplexers drops the rules on calls of other ABIs; the others keep them. */
static bool has_multiplexers(uint32_t scmp_arch)
{
	return seccomp_syscall_resolve_name_arch(scmp_arch, muxes[0].name) >= 0;
}

static void resolve_multiplexed(uint32_t scmp_arch, const char *name, int pseudo,
                                struct numbers *numbers)
{
	for (size_t i = 0; i < ARRAY_SIZE(muxes); i++) {
		const struct mux *mux = &muxes[i];
		int nr;

		if (pseudo >= mux->base || pseudo < mux->last)
			continue;
		nr = seccomp_syscall_resolve_name_arch(scmp_arch, mux->name);
		if (nr < 0)
			return; /* an ABI without multiplexers, as x86-64 */
		numbers->direct = direct_number(scmp_arch, name);
		numbers->mux = nr;
		numbers->mux_call = (uint64_t)(mux->base - pseudo);
		if (numbers->direct < 0)
			numbers->pseudo = pseudo;
	}
}

int numbers_resolve(uint32_t scmp_arch, const char *name, struct numbers *ret_numbers)
{
	int nr;

	/* The runtimes ask for the native number first: unknown there is unknown. */
	if (seccomp_syscall_resolve_name(name) == __NR_SCMP_ERROR)
		return -ENOENT;
	nr = seccomp_syscall_resolve_name_arch(scmp_arch, name);
	*ret_numbers = (struct numbers){ .direct = nr >= 0 ? nr : -1, .mux = -1, .pseudo = -1 };
	if (nr < 0 && !has_multiplexers(scmp_arch))
		ret_numbers->pseudo = nr;
	resolve_multiplexed(scmp_arch, name, nr, ret_numbers);
	return 0;
}

bool scmp_arch_is_32_bit(uint32_t scmp_arch)
{
	return !(scmp_arch & __AUDIT_ARCH_64BIT) || scmp_arch == SCMP_ARCH_MIPS64N32 ||
	       scmp_arch == SCMP_ARCH_MIPSEL64N32;
}

uint32_t scmp_arch_audit(uint32_t scmp_arch)
{
	return scmp_arch == SCMP_ARCH_X32 ? AUDIT_ARCH_X86_64 : scmp_arch;
}

bool comparisons_are_alternatives(const struct comparison *args, size_t n_args)
{
	unsigned seen = 0;

	for (size_t i = 0; i < n_args; i++) {
		if (seen & (1U << args[i].index))
			return true;
		seen |= 1U << args[i].index;
	}
	return false;
}
