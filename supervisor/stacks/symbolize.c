/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/stacks/symbolize.h"

#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"

DEFINE_CLEANUP(Dwfl *, dwfl_end)

static const Dwfl_Callbacks callbacks = {
	.find_elf = dwfl_build_id_find_elf,
	.find_debuginfo = dwfl_standard_find_debuginfo,
	.section_address = dwfl_offline_section_address,
};

/* The path is what an event says: to open a FIFO would wait, and to open a device may do more. */
static int open_regular(const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat status;

	if (fd < 0 || fstat(fd, &status) < 0)
		return err_errno();
	return S_ISREG(status.st_mode) ? TAKE_FD(fd) : -ENOENT;
}

static int check_build_id(Dwfl_Module *module, const struct symbolize_frame *frame)
{
	const unsigned char *bits;
	GElf_Addr address;
	int length;

	if (frame->build_id_length == 0)
		return 0;
	length = dwfl_module_build_id(module, &bits, &address);
	if (length < 0 || (size_t)length != frame->build_id_length ||
	    memcmp(bits, frame->build_id, frame->build_id_length) != 0)
		return -ESTALE;
	return 0;
}

/* The address that an offset of the file is loaded at, as the program headers have it. */
static int find_address(Elf *elf, uint64_t offset, GElf_Addr *ret_address)
{
	GElf_Phdr header;
	size_t count;

	if (elf_getphdrnum(elf, &count) < 0)
		return -EBADMSG;
	for (size_t i = 0; i < count; i++) {
		if (!gelf_getphdr(elf, (int)i, &header) || header.p_type != PT_LOAD ||
		    offset < header.p_offset || offset - header.p_offset >= header.p_filesz)
			continue;
		*ret_address = offset - header.p_offset + header.p_vaddr;
		return 0;
	}
	return -ERANGE;
}

static void describe(Dwfl_Module *module, GElf_Addr address, struct symbolized *symbolized)
{
	GElf_Off offset = 0;
	GElf_Sym symbol;
	const char *name =
		dwfl_module_addrinfo(module, address, &offset, &symbol, NULL, NULL, NULL);
	Dwfl_Line *line = dwfl_module_getsrc(module, address);
	const char *file =
		line ? dwfl_lineinfo(line, NULL, &symbolized->line, NULL, NULL, NULL) : NULL;

	snprintf(symbolized->symbol, sizeof(symbolized->symbol), "%s", name ? name : "");
	snprintf(symbolized->file, sizeof(symbolized->file), "%s", file ? file : "");
	symbolized->offset = offset;
}

int symbolize(const struct symbolize_frame *frame, struct symbolized *ret_symbolized)
{
	_cleanup_(dwfl_endp) Dwfl *dwfl = dwfl_begin(&callbacks);
	struct symbolized symbolized = { 0 };
	uint64_t back = frame->innermost || frame->offset == 0 ? 0 : 1;
	GElf_Addr bias, address;
	Dwfl_Module *module;
	int fd, result;
	Elf *elf;

	if (!dwfl)
		return -ENOMEM;
	fd = open_regular(frame->module);
	if (fd < 0)
		return fd;
	module = dwfl_report_offline(dwfl, "", frame->module, fd);
	if (!module) { /* libdw closes the descriptors of some files that it does not like */
		if (fcntl(fd, F_GETFD) >= 0)
			(void)close(fd);
		return -EBADMSG;
	}
	(void)dwfl_report_end(dwfl, NULL, NULL);
	elf = dwfl_module_getelf(module, &bias);
	if (!elf)
		return -EBADMSG;
	result = check_build_id(module, frame);
	if (result == 0)
		result = find_address(elf, frame->offset - back, &address);
	if (result < 0)
		return result;
	describe(module, address + bias, &symbolized);
	symbolized.offset += back;
	*ret_symbolized = symbolized;
	return 0;
}
