/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/containers/container.h"

#include <string.h>

enum {
	NAME_COLUMNS = 24,
	LONG_ID = 64,
	SHORT_ID = 12,
};

/* Where the engines that tell a container's name at all put it; the first that is there counts. */
static const char *const name_keys[] = {
	"io.kubernetes.cri.container-name",  /* containerd's CRI plugin */
	"io.kubernetes.cri-o.ContainerName", /* CRI-O */
	"io.kubernetes.container.name",      /* the kubelet's label */
	"io.container.name",
	"nerdctl/name",
};

void container_deinit(struct container *container)
{
	arena_deinit(&container->arena);
	*container = (struct container){ 0 };
}

static const char *annotation(const struct container *container, const char *key)
{
	for (size_t i = 0; i < container->n_annotations; i++)
		if (strcmp(container->annotations[i].key, key) == 0)
			return container->annotations[i].value;
	return NULL;
}

void container_find_name(struct container *container)
{
	for (size_t i = 0; i < ARRAY_SIZE(name_keys) && !container->name; i++)
		container->name = annotation(container, name_keys[i]);
}

void container_text(struct text *text, const struct container *container)
{
	const char *shown = container->name ? container->name : container->id;
	size_t len = strlen(shown);

	if (!container->name && len == LONG_ID && strspn(shown, "0123456789abcdef") == len)
		len = SHORT_ID;
	text_escape_terminal(text, shown, len, NAME_COLUMNS);
}
