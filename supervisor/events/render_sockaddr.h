/* SPDX-License-Identifier: Apache-2.0 */
/* Socket addresses as strace writes them, and as JSON objects. Pure: from the captured bytes. */
#pragma once

#include "common/text.h"

/* {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("10.0.0.1")} */
void render_sockaddr(struct text *text, const char *address, size_t length);

/* {"family":"AF_INET","port":443,"address":"10.0.0.1"} */
void render_json_sockaddr(struct text *text, const char *address, size_t length, bool *ret_lossy);
