/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three voices about profiles: evaluate, the compiled filter in our BPF machine, and the real
 * engines' verdicts. Prints TAP with figures.
 *
 *   CALLGATE_CORPUS               the directory of profiles; without it that part is skipped
 *   CALLGATE_DIFFERENTIAL_FACTOR  how many times the usual number of points and seeds (1)
 */
#include <ftw.h>

#include "tests/differential/points.h"
#include "tests/differential/tables.h"
#include "tests/support/random_profile.h"

enum {
	SEEDS = 1000,
	FIRST_SEED = 1000000, /* far from those of the unit tests */
	FILES_MAX = 4096,
};

struct report {
	unsigned points;
	bool failed;
};

static void report(struct report *report, bool ok, const char *text)
{
	printf("%sok %u - %s\n", ok ? "" : "not ", ++report->points, text);
	report->failed |= !ok;
}

static void report_figures(struct report *all, const char *what, const struct figures *figures)
{
	char text[256];

	snprintf(text, sizeof(text),
	         "%s: %zu profiles, %zu filters, %zu points compared, %zu differences", what,
	         figures->profiles, figures->filters, figures->points, figures->differences);
	report(all, figures->differences == 0 && figures->profiles > 0, text);
}

static void report_agreement(struct report *all, const char *table, bool found,
                             const struct agreement *agreement)
{
	char text[256];

	if (found)
		snprintf(text, sizeof(text), "%s: %zu rows, %zu agreed", table, agreement->rows,
		         agreement->agreed);
	else
		snprintf(text, sizeof(text), "%s # SKIP it is not in the corpus", table);
	report(all, agreement->rows == agreement->agreed && (!found || agreement->rows > 0), text);
}

/* ---- random profiles */

static void compare_random(struct report *all, size_t factor)
{
	struct figures figures = { .factor = factor };
	const struct host host = fixture_host();

	for (uint64_t seed = FIRST_SEED; seed < FIRST_SEED + SEEDS * factor; seed++) {
		struct random_profile random;
		struct ruleset *ruleset;
		struct diags diags;
		char name[64];

		random_profile_make(seed, (enum shapes)(seed % SHAPES_COUNT), &random);
		snprintf(name, sizeof(name), "seed %ju", (uintmax_t)seed);
		diags_init(&diags, name);
		if (ruleset_build(&random.profile, &host, &diags, &ruleset) == 0) {
			figures.profiles++;
			compare_filters(ruleset, name, &figures);
			ruleset_free(ruleset);
		}
		diags_deinit(&diags);
	}
	report_figures(all, "random profiles", &figures);
}

/* ---- the corpus */

static char *files[FILES_MAX];
static size_t n_files;

static int note_file(const char *path, const struct stat *status, int type, struct FTW *where)
{
	size_t len = strlen(path);

	(void)status;
	(void)where;
	if (type == FTW_F && len > 5 && strcmp(path + len - 5, ".json") == 0 && n_files < FILES_MAX)
		files[n_files++] = strdup(path);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* How each profile is read, and for which host. */
static const struct reading {
	const char *what;
	enum dialect engine;
	uint32_t arch;
} readings[] = {
	{ "corpus as docker", DIALECT_DOCKER, SCMP_ARCH_X86_64 },
	{ "corpus as podman", DIALECT_PODMAN, SCMP_ARCH_X86_64 },
	{ "corpus as docker, aarch64", DIALECT_DOCKER, SCMP_ARCH_AARCH64 },
};

static void compare_file(const char *corpus, const char *path, const struct reading *reading,
                         struct figures *figures)
{
	const char *file = path + strlen(corpus) + 1;
	struct host host = fixture_host();
	struct fixture fixture;

	host.arch = reading->arch;
	if (corpus_load(corpus, file, reading->engine, host, &fixture) < 0)
		return;
	figures->profiles++;
	compare_filters(fixture.ruleset, file, figures);
	fixture_free(&fixture);
}

static void compare_corpus(struct report *all, const char *corpus, size_t factor)
{
	if (nftw(corpus, note_file, 16, FTW_PHYS) < 0 || n_files == 0) {
		report(all, true, "corpus # SKIP there is none; CALLGATE_CORPUS names one");
		return;
	}
	qsort(files, n_files, sizeof(files[0]), by_name);
	for (size_t i = 0; i < ARRAY_SIZE(readings); i++) {
		struct figures figures = { .factor = factor };

		for (size_t k = 0; k < n_files; k++)
			compare_file(corpus, files[k], &readings[i], &figures);
		report_figures(all, readings[i].what, &figures);
	}
	while (n_files > 0)
		free(files[--n_files]);
}

int main(void)
{
	const char *named = getenv("CALLGATE_CORPUS"), *corpus = named ? named : CORPUS;
	const char *factor_text = getenv("CALLGATE_DIFFERENTIAL_FACTOR");
	size_t factor = factor_text ? strtoul(factor_text, NULL, 10) : 1;
	struct agreement vectors = { 0 }, verdicts = { 0 };
	struct report all = { 0 };
	bool found;

	setvbuf(stdout, NULL, _IOLBF, 0);
	compare_random(&all, factor);
	compare_corpus(&all, corpus, factor);
	found = check_vectors(corpus, &vectors);
	report_agreement(&all, "vectors.tsv", found, &vectors);
	found = check_index(corpus, &verdicts);
	report_agreement(&all, "INDEX.tsv", found, &verdicts);
	printf("1..%u\n", all.points);
	return all.failed;
}
