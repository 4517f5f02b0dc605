/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/policy_patch.h"

#include <stdio.h>
#include <string.h>

#include "common/json.h"

static int parse(const struct policy_text *policy, struct json_document **ret_document,
                 const cJSON **ret_rules)
{
	struct diags diags;
	int r;

	diags_init(&diags, "");
	r = json_parse(policy->bytes, policy->len, &diags, ret_document);
	diags_deinit(&diags);
	if (r < 0)
		return r == -ENOMEM ? r : -EINVAL;
	*ret_rules = json_member(json_root(*ret_document), "rules");
	return cJSON_IsArray(*ret_rules) ? 0 : -EINVAL;
}

/* The white space that ends at a place. */
static struct policy_text gap_before(const struct policy_text *policy, size_t end)
{
	size_t start = end;

	while (start > 0 && strchr(" \t\r\n", policy->bytes[start - 1]))
		start--;
	return (struct policy_text){ policy->bytes + start, end - start };
}

static void write_rule(const struct policy_text *policy, const struct json_document *document,
                       const cJSON *rules, size_t index, const char *rule, FILE *out)
{
	const cJSON *next = cJSON_GetArrayItem(rules, (int)index);
	const cJSON *last = rules->child ? rules->child->prev : NULL;
	size_t at = next   ? json_span(document, next).start
	            : last ? json_span(document, last).end
	                   : json_span(document, rules).start + 1;
	struct policy_text gap = { "\n    ", strlen("\n    ") };

	if (next || last)
		gap = gap_before(policy, json_span(document, next ? next : last).start);
	fwrite(policy->bytes, 1, at, out);
	if (next) {
		fprintf(out, "%s,%.*s", rule, (int)gap.len, gap.bytes);
	} else {
		fprintf(out, "%s%.*s%s%s", last ? "," : "", (int)gap.len, gap.bytes, rule,
		        last ? "" : "\n  ");
		if (!last)
			at = json_span(document, rules).end - 1;
	}
	fwrite(policy->bytes + at, 1, policy->len - at, out);
}

int policy_insert(const struct policy_text *policy, const char *rule, size_t index, char **ret_text,
                  size_t *ret_len)
{
	_cleanup_(json_freep) struct json_document *document = NULL;
	const cJSON *rules;
	char *text = NULL;
	size_t len;
	FILE *out;
	int r = parse(policy, &document, &rules);

	if (r < 0)
		return r;
	if (index > (size_t)cJSON_GetArraySize(rules))
		index = (size_t)cJSON_GetArraySize(rules);
	out = open_memstream(&text, &len);
	if (!out)
		return -ENOMEM;
	write_rule(policy, document, rules, index, rule, out);
	if (fclose(out) != 0) {
		free(text);
		return -ENOMEM;
	}
	*ret_text = text;
	*ret_len = len;
	return 0;
}

int policy_member(const struct policy_text *policy, size_t index, const char *key,
                  struct policy_text *ret_member)
{
	_cleanup_(json_freep) struct json_document *document = NULL;
	const cJSON *rules, *member;
	struct json_span span;
	int r = parse(policy, &document, &rules);

	if (r < 0)
		return r;
	if (index >= (size_t)cJSON_GetArraySize(rules))
		return -EINVAL;
	member = json_member(cJSON_GetArrayItem(rules, (int)index), key);
	*ret_member = (struct policy_text){ 0 };
	if (!member)
		return 0;
	span = json_span(document, member);
	*ret_member = (struct policy_text){ policy->bytes + span.start, span.end - span.start };
	return 0;
}
