/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/files/policy_file.h"

#include <seccomp.h>
#include <string.h>

#include "supervisor/files/input_file.h"

static int load(const char *path, uint32_t scmp_arch, uint32_t generation,
                struct loaded_policy *loaded)
{
	const char *slash = strrchr(path, '/');
	struct policy_source source = {
		.name = slash ? slash + 1 : path,
		.file = path,
		.arch = scmp_arch ? scmp_arch : seccomp_arch_native(),
		.generation = generation,
	};
	_cleanup_free_ char *bytes = NULL;
	int r = input_file_read(path, &loaded->diags, &bytes, &source.len);

	if (r < 0)
		return r;
	source.bytes = bytes;
	return policy_parse(&source, &loaded->diags, &loaded->policy);
}

int loaded_policy_open(const char *path, uint32_t scmp_arch, uint32_t generation,
                       struct loaded_policy *ret_loaded)
{
	int r;

	*ret_loaded = (struct loaded_policy){ 0 };
	diags_init(&ret_loaded->diags, path);
	r = load(path, scmp_arch, generation, ret_loaded);
	if (r < 0 && ret_loaded->diags.errors == 0)
		diags_add(&ret_loaded->diags, DIAG_ERROR, "system", (struct place){ 0 }, "", "%s",
		          strerror(-r));
	return r;
}

void loaded_policy_deinit(struct loaded_policy *loaded)
{
	policy_freep(&loaded->policy);
	diags_deinit(&loaded->diags);
}

bool policy_file_recognised(const char *path)
{
	_cleanup_free_ char *bytes = NULL;
	struct diags unsaid;
	bool recognised;
	size_t len;

	diags_init(&unsaid, path);
	recognised =
		input_file_read(path, &unsaid, &bytes, &len) == 0 && policy_recognised(bytes, len);
	diags_deinit(&unsaid);
	return recognised;
}

const struct policy_syscall *policy_unenforced(const struct policy *policy, bool can_freeze,
                                               enum policy_class *ret_class)
{
	static const enum policy_class undone[] = { CLASS_ADVISORY, CLASS_FROZEN };

	for (size_t i = 0; i < ARRAY_SIZE(undone); i++) {
		const struct policy_syscall *syscall = policy_of_class(policy, undone[i]);

		if (!syscall || (undone[i] == CLASS_FROZEN && can_freeze))
			continue;
		*ret_class = undone[i];
		return syscall;
	}
	return NULL;
}
