/* SPDX-License-Identifier: Apache-2.0 */
/* The words for what a profile says and a plan makes of it: actions, conditions, places. */
#pragma once

#include "common/text.h"
#include "profiles/knowledge.h"
#include "profiles/plan.h"
#include "profiles/arguments/signature.h"
#include "supervisor/reports/json_out.h"

/* "docker", "podman", "oci" */
const char *dialect_name(enum dialect dialect);

/* "kernel-allow", "notify", ... */
const char *plan_place_name(enum plan_place place);
/* "profile", "unsafe-rules", "asked" */
const char *plan_why_name(enum plan_why why);
/* "rule", "default", "newer", "bad-arch" */
const char *decided_by_name(enum decided_by by);

/* "ALLOW", "ERRNO(EPERM)", "TRACE(7)" */
void action_text(struct text *text, struct action action);

/* The members "action" and, of one that carries it, "errno" and "errnoName", or "number". */
void json_out_action(struct json_out *json, struct action action);

/* "CAP_BPF or CAP_SYS_ADMIN", with between for " or ". */
void capabilities_text(struct text *text, uint64_t caps, const char *between);

/* An array of names. */
void json_out_capabilities(struct json_out *json, const char *key, uint64_t caps);

/* An object of what is known; nothing where that is NULL. */
void json_out_knowledge(struct json_out *json, const char *key, const struct knowledge *knowledge);

/* "domain < 38", "flags & 0x7e020000 == 0"; signature may be NULL: "a0 < 38". */
void comparison_text(struct text *text, const struct signature *signature,
                     const struct comparison *comparison);

/* The same, with the constants' names behind it where they say more: "domain < 38 (AF_ALG)". */
void comparison_named_text(struct text *text, const struct signature *signature,
                           const struct comparison *comparison);
