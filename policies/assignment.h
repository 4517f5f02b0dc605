/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which container gets which profile and policy: the configuration of `callgate serve`
 * (callgate-serve(1)). The first rule whose `when` holds counts; what it does not say, `default`
 * says. Pure: the names are looked up by who reads the files.
 */
#pragma once

#include "policies/decide.h"

enum { ASSIGNMENT_RULES_MAX = 256 };

/* What a container gets. NULL and false: not said. */
struct assignment {
	const char *profile;
	const char *policy;
	bool mode_given;
	enum mode mode;
	bool caps_given;
	uint64_t caps; /* that the profile's rules are asked with; bit N is capability N */
};

struct assignment_rule {
	struct assignment gives;
	const struct who *when; /* NULL: any container */
};

struct assignments {
	/* The last is `default`, and has no `when`. */
	struct assignment_rule *rules;
	size_t n_rules;
	struct policy *memory; /* what it is all made of */
};

/*
 * Reads a configuration; with no bytes (NULL), one that says nothing. 0, or -EBADMSG with diags
 * saying all that is wrong; -ENOMEM. Release with assignments_deinit() after 0.
 */
_must_check_ int assignments_parse(const char *bytes, size_t len, struct diags *diags,
                                   struct assignments *ret_assignments);
void assignments_deinit(struct assignments *assignments);

/* The index of the first rule that holds for a container; that of `default` where none does. */
size_t assignments_choose(const struct assignments *assignments,
                          const struct view_caller *container);
