/* SPDX-License-Identifier: Apache-2.0 */
/* replay DIRECTORY: gives each file of it to the fuzzer's function, without libFuzzer. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "tests/fuzz/fuzz.h"

enum { INPUT_MAX = 1 << 20 };

/* Into a buffer of just that size, so that a sanitizer sees one byte too far. */
static int replay_file(const char *directory, const char *name)
{
	_cleanup_free_ uint8_t *bytes = malloc(INPUT_MAX);
	_cleanup_free_ uint8_t *input = NULL;
	char path[4096];
	FILE *file;
	size_t len;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "re");
	if (!file || !bytes)
		return -1;
	len = fread(bytes, 1, INPUT_MAX, file);
	fclose(file);
	input = malloc(len ? len : 1);
	if (!input)
		return -1;
	memcpy(input, bytes, len);
	return LLVMFuzzerTestOneInput(input, len);
}

int main(int argc, char **argv)
{
	struct dirent **entries;
	int count, replayed = 0;

	if (argc != 2)
		return 2;
	count = scandir(argv[1], &entries, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		if (entries[i]->d_name[0] != '.') {
			if (replay_file(argv[1], entries[i]->d_name) < 0) {
				fprintf(stderr, "%s: cannot read it\n", entries[i]->d_name);
				return 1;
			}
			replayed++;
		}
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	printf("%d inputs of %s\n", replayed, argv[1]);
	return replayed > 0 ? 0 : 1;
}
