/* SPDX-License-Identifier: Apache-2.0 */
#include "common/shown.h"

#include <string.h>

#include "common/text.h"

enum { SHOWN_COLUMNS = 60 };

const char *shown(struct shown *buf, const char *string)
{
	struct text text = TEXT_OVER(buf->text);
	size_t len = strlen(string);

	text_string(&text, "\"");
	if (text_escape_terminal(&text, string, len, SHOWN_COLUMNS) < len)
		text_string(&text, "…");
	text_string(&text, "\"");
	return text.bytes;
}

const char *meant(struct shown *buf, const char *name)
{
	struct text text = TEXT_OVER(buf->text);

	if (name)
		text_printf(&text, "; did you mean \"%s\"?", name);
	return text.bytes;
}
