/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/asking/ask_save.h"

#include <inttypes.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policies/policy_patch.h"
#include "profiles/arguments/signature.h"
#include "profiles/syscalls.h"
#include "supervisor/files/input_file.h"
#include "supervisor/files/output_file.h"
#include "supervisor/files/policy_file.h"
#include "supervisor/files/replace_file.h"

enum { RULE_SIZE = 16384 };

static const char empty_policy[] = "{\n  \"rules\": []\n}\n";

/* ---- the rule */

/* A glob that matches the string alone, as JSON. */
static int string_value(struct text *rule, const struct notification *notification,
                        const struct capture *capture)
{
	char bytes[2 * NOTIFICATION_BYTES + 1];
	struct text glob = TEXT_OVER(bytes);
	size_t length;
	const char *string = capture_bytes(notification, capture, &length);
	bool lossy = false;

	length = strnlen(string, length);
	for (size_t i = 0; i < length; i++) {
		if (strchr("\\*?[]", string[i]))
			text_string(&glob, "\\");
		text_append(&glob, string + i, 1);
	}
	text_string(rule, "\"op\": \"string\", \"value\": ");
	text_json_string(rule, glob.bytes, glob.len, &lossy);
	return lossy || glob.overflow ? -EOPNOTSUPP : 0;
}

static bool is_string(enum argument_type type)
{
	return type == ARGUMENT_PATH || type == ARGUMENT_STRING;
}

/* Nothing of memory that the call only writes, or that is not shown: the person did not look at it.
 */
static bool is_left_out(enum argument_type type, uint64_t value)
{
	return value != 0 && (type == ARGUMENT_OUT || type == ARGUMENT_ENVIRONMENT);
}

/*
 * One argument, of which the call's operation says the type. A policy compares it as the syscall's
 * own row has it, whatever the operation.
 */
static int condition(struct text *rule, const struct notification *notification, unsigned index,
                     const struct signature *signature, enum argument_type type)
{
	enum argument_type general = signature->args[index].type;
	const struct capture *capture = &notification->captures[index];
	uint64_t value = notification->request.data.args[index];

	text_printf(rule, "{ \"index\": %u, ", index);
	if (capture->status == CAPTURE_WHOLE && is_string(type)) {
		int r = string_value(rule, notification, capture);

		text_string(rule, " }");
		return r;
	}
	if (capture->status != CAPTURE_NONE ||
	    ((argument_is_pointer(type) || argument_is_pointer(general)) && value != 0))
		return -EOPNOTSUPP;
	if (argument_is_32_bit(general))
		value = (uint32_t)value;
	text_printf(rule, "\"op\": \"SCMP_CMP_EQ\", \"value\": \"0x%" PRIx64 "\" }", value);
	return 0;
}

static int conditions(struct text *rule, const struct notification *notification,
                      const struct signature *signature)
{
	const struct seccomp_data *call = &notification->request.data;
	const char *joint = "";

	for (unsigned i = 0; i < signature_used(signature, call); i++) {
		const struct argument *argument = signature_argument(signature, call, i);
		enum argument_type type = argument ? argument->type : ARGUMENT_HEX;
		int r;

		if (is_left_out(type, call->args[i]))
			continue;
		text_string(rule, joint);
		r = condition(rule, notification, i, signature, type);
		if (r < 0)
			return r;
		joint = ", ";
	}
	return 0;
}

int ask_save_rule(struct text *rule, const struct notification *notification, bool allow,
                  const char *when, size_t when_len)
{
	const struct seccomp_data *call = &notification->request.data;
	uint32_t arch = syscall_arch(call->arch, call->nr);
	char buf[32];
	const char *name = syscall_name(arch, call->nr, buf, sizeof(buf));
	const struct signature *signature = signature_find(arch, name);
	int r;

	/* A name is of every ABI, and elsewhere the arguments may stand otherwise. */
	if (!signature || arch != seccomp_arch_native())
		return -EOPNOTSUPP;
	text_printf(rule, "{ \"names\": [\"%s\"], ", name);
	if (allow)
		text_string(rule, "\"action\": \"SCMP_ACT_ALLOW\"");
	else
		text_printf(rule, "\"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": %u",
		            notification->verdict.error);
	text_string(rule, ", \"args\": [");
	r = conditions(rule, notification, signature);
	if (r < 0)
		return r;
	text_string(rule, "]");
	if (when_len > 0) {
		text_string(rule, ", \"when\": ");
		text_append(rule, when, when_len);
	}
	text_string(rule, ", \"comment\": \"a person's answer\" }");
	return rule->overflow ? -EOPNOTSUPP : 0;
}

/* ---- the file */

static int read_whole(const char *path, char **ret_bytes, size_t *ret_len)
{
	struct diags diags;
	int r;

	diags_init(&diags, path);
	r = input_file_read(path, &diags, ret_bytes, ret_len);
	diags_deinit(&diags);
	return r;
}

static bool is_same_file(const char *left, const char *right)
{
	struct stat a, b;

	return stat(left, &a) == 0 && stat(right, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

/* Where a rule of the run's policy stands in its file now. */
static size_t place_now(const struct ask_save *save, int32_t index)
{
	size_t place = (size_t)index;

	for (size_t i = 0; i < save->n_added; i++)
		place += save->added[i] <= index;
	return place;
}

/* The `when` of the rule that asked, malloc'ed; NULL where it has none. */
static int read_when(const struct ask_save *save, int32_t index, char **ret_when)
{
	_cleanup_free_ char *bytes = NULL;
	struct policy_text policy, when;
	int r;

	*ret_when = NULL;
	if (index < 0 || !save->policy || !save->policy->rules[index].when)
		return 0;
	r = read_whole(save->policy->file, &bytes, &policy.len);
	policy.bytes = bytes;
	if (r == 0)
		r = policy_member(&policy, place_now(save, index), "when", &when);
	if (r < 0)
		return r;
	if (when.len == 0)
		return -ESTALE;
	*ret_when = strndup(when.bytes, when.len);
	return *ret_when ? 0 : -ENOMEM;
}

/* Whether a run could start with it: a file that it refuses would be worse than none. */
static int check(const struct ask_save *save, const char *bytes, size_t len)
{
	const struct policy_source source = {
		.name = save->path,
		.file = save->path,
		.bytes = bytes,
		.len = len,
		.arch = seccomp_arch_native(),
		.generation = 1,
	};
	_cleanup_(policy_freep) struct policy *policy = NULL;
	enum policy_class class;
	struct diags diags;
	int r;

	diags_init(&diags, save->path);
	r = policy_parse(&source, &diags, &policy);
	diags_deinit(&diags);
	if (r == 0 && policy_unenforced(policy, true, &class))
		r = -EOPNOTSUPP;
	return r;
}

static int write_file(struct ask_save *save, const struct file_change *change)
{
	_cleanup_free_ char *backup = NULL;
	int r;

	if (save->kept)
		return output_file_write(change->path, change->new, change->new_len);
	r = replace_file(change, &backup);
	if (r == 0)
		save->kept = true;
	return r;
}

static int add_rule(struct ask_save *save, const char *rule, int32_t before)
{
	_cleanup_free_ char *old = NULL, *new = NULL;
	struct file_change change = { .path = save->path };
	bool is_own = before >= 0 && is_same_file(save->path, save->policy->file);
	struct policy_text file = { empty_policy, strlen(empty_policy) };
	int r = read_whole(save->path, &old, &change.old_len);

	if (r < 0 && r != -ENOENT)
		return r;
	if (old)
		file = (struct policy_text){ old, change.old_len };
	if (is_own && save->n_added == ASK_SAVED_MAX)
		return -ENOSPC;
	r = policy_insert(&file, rule, is_own ? place_now(save, before) : SIZE_MAX, &new,
	                  &change.new_len);
	change.old = old;
	change.new = new;
	if (r == 0)
		r = check(save, new, change.new_len);
	if (r == 0)
		r = write_file(save, &change);
	if (r == 0 && is_own)
		save->added[save->n_added++] = before;
	return r;
}

/* After a reload what was added is in the policy, and its places are those of that file. */
static void follow_reload(struct ask_save *save)
{
	const struct policy *present = generations_present(save->policies);

	if (save->policy != present)
		save->n_added = 0;
	save->policy = present;
}

/* -ESTALE: the rule that asked is of a policy that was replaced meanwhile. */
static int save_rule(struct ask_save *save, const struct notification *notification, bool allow)
{
	_cleanup_free_ char *when = NULL;
	char bytes[RULE_SIZE];
	struct text rule = TEXT_OVER(bytes);
	int32_t asking;
	int r;

	follow_reload(save);
	asking = save->policy ? notification->verdict.policy_rule : -1;
	if (asking >= 0 && notification->verdict.generation != save->policy->generation)
		return -ESTALE;
	r = read_when(save, asking, &when);
	if (r == 0)
		r = ask_save_rule(&rule, notification, allow, when, when ? strlen(when) : 0);
	return r < 0 ? r : add_rule(save, rule.bytes, asking);
}

void ask_save(struct ask_save *save, const struct notification *notification, bool allow,
              struct text *text)
{
	int r = save_rule(save, notification, allow);

	if (r == 0)
		text_string(text, ", saved");
	else if (r == -EOPNOTSUPP ||
	         r == -EBADMSG) /* of a class that the rule would have to own up to */
		text_string(text, "; not saved: no rule that can be enforced says just this");
	else
		text_printf(text, "; not saved: %s", strerror(-r));
}
