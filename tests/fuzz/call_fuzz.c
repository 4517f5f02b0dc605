/* SPDX-License-Identifier: Apache-2.0 */
/* profiles/typed_call: any words are a call or are refused with a place inside them. */
#include <seccomp.h>
#include <string.h>

#include "profiles/syscalls.h"
#include "profiles/arguments/typed_call.h"
#include "tests/fuzz/fuzz.h"

static const uint32_t archs[] = { SCMP_ARCH_X86_64, SCMP_ARCH_X86 };

static void check_call(const struct typed_call *call, const char *text)
{
	must(call->n_args <= 6);
	must(call->pointers < 1U << 6);
	must(call->length <= strlen(text));
	must(syscall_arch(call->call.arch, call->call.nr) == call->arch);
	for (unsigned i = call->n_args; i < 6; i++)
		must(call->call.args[i] == 0);
}

static void check_places(const struct diags *diags, const char *text)
{
	must(diags->errors > 0);
	for (size_t i = 0; i < diags->count; i++)
		must(diags->list[i].place.column >= 1 &&
		     diags->list[i].place.column <= strlen(text) + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *text = strndup((const char *)bytes, len);
	struct typed_call call;
	struct diags diags;
	int r;

	if (!text)
		return 0;
	diags_init(&diags, "fuzz");
	r = typed_call_parse(text, archs, ARRAY_SIZE(archs), &diags, &call);
	must(r == 0 || r == -EBADMSG);
	if (r == 0)
		check_call(&call, text);
	else
		check_places(&diags, text);
	diags_deinit(&diags);
	free(text);
	return 0;
}
