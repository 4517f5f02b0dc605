/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/differential/tables.h"

#include <linux/capability.h>

#include "profiles/bpf.h"
#include "profiles/compile.h"
#include "profiles/plan_rows.h"

enum {
	COLUMNS_MAX = 15,
	SHOWN_MAX = 10,
};

#define BIT(cap) (UINT64_C(1) << (cap))

/* Splits a line at its tabs, in place. Returns how many columns there are. */
static size_t split(char *line, char *columns[static COLUMNS_MAX])
{
	size_t n = 0;

	line[strcspn(line, "\r\n")] = '\0';
	while (line && n < COLUMNS_MAX)
		columns[n++] = strsep(&line, "\t");
	return n;
}

static FILE *open_table(const char *corpus, const char *name)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", corpus, name);
	return fopen(path, "re");
}

int corpus_load(const char *corpus, const char *file, enum dialect engine, struct host host,
                struct fixture *ret_fixture)
{
	char path[4096];
	size_t len;
	char *text;
	int r;

	*ret_fixture = (struct fixture){ 0 };
	snprintf(path, sizeof(path), "%s/%s", corpus, file);
	text = fixture_read(path, &len);
	if (!text)
		return -ENOENT;
	r = fixture_parse_as(ret_fixture, text, &engine, host);
	free(text);
	return r;
}

/* ---- vectors.tsv */

enum vector_column {
	VECTOR_PROFILE,
	VECTOR_ENGINE,
	VECTOR_CAPS,
	VECTOR_KERNEL,
	VECTOR_ARCH,
	VECTOR_NR,
	VECTOR_ARGS,
	VECTOR_EXPECT = VECTOR_ARGS + 6,
};

/* The profile that the rows are about, as long as it stays the same. */
struct subject {
	char wanted[512];
	struct fixture fixture;
	struct plan *plan;
	struct filter filter;
};

static void subject_deinit(struct subject *subject)
{
	filter_deinit(&subject->filter);
	plan_free(subject->plan);
	fixture_free(&subject->fixture);
	*subject = (struct subject){ 0 };
}

static struct host host_of(char *const *columns)
{
	struct host host = fixture_host();

	if (strcmp(columns[VECTOR_CAPS], "none") == 0)
		host.caps = 0;
	else if (strcmp(columns[VECTOR_CAPS], "docker+SYS_ADMIN+SYS_TIME+BPF") == 0)
		host.caps |= BIT(CAP_SYS_ADMIN) | BIT(CAP_SYS_TIME) | BIT(CAP_BPF);
	else if (strcmp(columns[VECTOR_CAPS], "docker") != 0)
		abort();
	if (sscanf(columns[VECTOR_KERNEL], "%u.%u", &host.kernel.major, &host.kernel.minor) != 2)
		abort();
	return host;
}

static int subject_load(const char *corpus, char *const *columns, struct subject *subject)
{
	static const struct plan_options in_kernel = { .deny_in_kernel = true };
	bool podman = strcmp(columns[VECTOR_ENGINE], "podman") == 0;
	char wanted[sizeof(subject->wanted)];
	int r;

	snprintf(wanted, sizeof(wanted), "%s %s %s %s", columns[VECTOR_PROFILE],
	         columns[VECTOR_ENGINE], columns[VECTOR_CAPS], columns[VECTOR_KERNEL]);
	if (strcmp(wanted, subject->wanted) == 0)
		return 0;
	subject_deinit(subject);
	r = corpus_load(corpus, columns[VECTOR_PROFILE], podman ? DIALECT_PODMAN : DIALECT_DOCKER,
	                host_of(columns), &subject->fixture);
	if (r < 0)
		return r;
	memcpy(subject->wanted, wanted, sizeof(wanted));
	r = plan_build(subject->fixture.ruleset, &in_kernel, &subject->plan);
	if (r < 0)
		return r;
	return filter_compile(subject->plan, &subject->filter);
}

static bool vector_agrees(const struct subject *subject, char *const *columns)
{
	uint32_t expect = (uint32_t)strtoul(columns[VECTOR_EXPECT], NULL, 16);
	struct seccomp_data call = {
		.arch = (uint32_t)strtoul(columns[VECTOR_ARCH], NULL, 16),
		.nr = (int)strtoll(columns[VECTOR_NR], NULL, 10),
	};
	struct decision decision;
	uint32_t filtered;

	for (unsigned i = 0; i < 6; i++)
		call.args[i] = strtoull(columns[VECTOR_ARGS + i], NULL, 16);
	ruleset_evaluate(subject->fixture.ruleset, &call, &decision);
	filtered = bpf_run_checked(&subject->filter, &call);
	return plan_return(decision.action) == expect &&
	       (filtered == expect || filtered == SECCOMP_RET_USER_NOTIF);
}

bool check_vectors(const char *corpus, struct agreement *ret)
{
	FILE *table = open_table(corpus, "vectors.tsv");
	struct subject subject = { 0 };
	char line[1024], *columns[COLUMNS_MAX];

	if (!table)
		return false;
	while (fgets(line, sizeof(line), table)) {
		if (line[0] == '#' || split(line, columns) < VECTOR_EXPECT + 1 ||
		    strcmp(columns[VECTOR_PROFILE], "profile") == 0)
			continue;
		ret->rows++;
		if (subject_load(corpus, columns, &subject) == 0 &&
		    vector_agrees(&subject, columns))
			ret->agreed++;
		else if (ret->rows - ret->agreed <= SHOWN_MAX)
			printf("# %s %s: arch %s nr %s %s: expected %s\n", columns[VECTOR_PROFILE],
			       columns[VECTOR_ENGINE], columns[VECTOR_ARCH], columns[VECTOR_NR],
			       columns[VECTOR_ARGS], columns[VECTOR_EXPECT]);
	}
	subject_deinit(&subject);
	fclose(table);
	return true;
}

/* ---- INDEX.tsv */

enum index_column {
	INDEX_FILE,
	INDEX_FORMAT = 4,
	INDEX_ORACLE,
};

/* What the oracle tells of one engine: "both=..." or "docker=...; podman=...". */
static bool oracle_refuses(const char *oracle, const char *engine)
{
	const char *told = strstr(oracle, engine);

	if (!told)
		told = strstr(oracle, "both=");
	told = told ? strchr(told, '=') + 1 : "";
	return strncmp(told, "REFUSED", strlen("REFUSED")) == 0;
}

static bool index_agrees(const char *corpus, char *const *columns, enum dialect engine)
{
	/* A config.json is for a runtime; its profile was taken out of it. */
	bool config = strcmp(columns[INDEX_FORMAT], "oci-config") == 0;
	bool refused = oracle_refuses(columns[INDEX_ORACLE],
	                              engine == DIALECT_PODMAN ? "podman=" : "docker=");
	struct fixture fixture;
	int r = corpus_load(corpus, columns[INDEX_FILE], config ? DIALECT_OCI : engine,
	                    fixture_host(), &fixture);

	fixture_free(&fixture);
	if (r == (refused ? -EBADMSG : 0))
		return true;
	printf("# %s: engine %d: %d, expected %s\n", columns[INDEX_FILE], (int)engine, r,
	       columns[INDEX_ORACLE]);
	return false;
}

bool check_index(const char *corpus, struct agreement *ret)
{
	FILE *table = open_table(corpus, "INDEX.tsv");
	char line[4096], *columns[COLUMNS_MAX];

	if (!table)
		return false;
	while (fgets(line, sizeof(line), table)) {
		size_t len = strlen(line);

		if (split(line, columns) <= INDEX_ORACLE || len == 0 ||
		    strcmp(columns[INDEX_FILE], "file") == 0 ||
		    strcmp(columns[INDEX_ORACLE], "n/a") == 0)
			continue;
		ret->rows += 2;
		ret->agreed += index_agrees(corpus, columns, DIALECT_DOCKER);
		ret->agreed += index_agrees(corpus, columns, DIALECT_PODMAN);
	}
	fclose(table);
	return true;
}
