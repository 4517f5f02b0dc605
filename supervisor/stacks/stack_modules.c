/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/stacks/stack_modules.h"

#include <dwarf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"

/* --- loading --- */

/* Files come as descriptors only, and debug information is never looked for: it takes too long. */
static int find_no_elf(_unused_ Dwfl_Module *module, _unused_ void **userdata,
                       _unused_ const char *name, _unused_ Dwarf_Addr base,
                       _unused_ char **file_name, _unused_ Elf **elf)
{
	return -1;
}

static int find_no_debuginfo(_unused_ Dwfl_Module *module, _unused_ void **userdata,
                             _unused_ const char *name, _unused_ Dwarf_Addr base,
                             _unused_ const char *file, _unused_ const char *link,
                             _unused_ GElf_Word crc, _unused_ char **debuginfo)
{
	return -1;
}

static const Dwfl_Callbacks file_callbacks = {
	.find_elf = find_no_elf,
	.find_debuginfo = find_no_debuginfo,
	.section_address = dwfl_offline_section_address,
};

static void identify(int fd, uint64_t base, struct stack_identity *ret_identity)
{
	struct stat status;

	memset(ret_identity, 0, sizeof(*ret_identity)); /* compared as bytes */
	if (fd < 0 || fstat(fd, &status) < 0)
		return;
	ret_identity->device = status.st_dev;
	ret_identity->inode = status.st_ino;
	ret_identity->size = status.st_size;
	ret_identity->modified = status.st_mtim;
	ret_identity->base = base;
}

/* libdw closes the descriptors of files that it likes, and of some that it does not. */
static Dwfl_Module *report(Dwfl *dwfl, unsigned index, int fd, uint64_t base)
{
	char name[] = { 'm', (char)('0' + index / 10), (char)('0' + index % 10), '\0' };
	int copy = fd < 0 ? -EBADF : fcntl(fd, F_DUPFD_CLOEXEC, 0);
	Dwfl_Module *module;

	if (copy < 0)
		return NULL;
	module = dwfl_report_elf(dwfl, name, name, copy, base, false);
	if (!module && fcntl(copy, F_GETFD) >= 0)
		(void)close(copy);
	return module;
}

void stack_modules_forget(struct stack_modules *self)
{
	dwfl_end(self->dwfl); /* which accepts NULL */
	*self = (struct stack_modules){ 0 };
}

bool stack_modules_load(struct stack_modules *self, const struct stack_snapshot *snapshot,
                        const int *fds)
{
	struct stack_identity identities[STACK_MODULES_MAX];

	for (unsigned i = 0; i < STACK_MODULES_MAX; i++)
		identify(fds[i], snapshot->bases[i], &identities[i]);
	if (!self->dwfl || memcmp(self->identities, identities, sizeof(identities)) != 0)
		stack_modules_forget(self);
	self->snapshot = snapshot;
	self->fds = fds;
	if (self->dwfl)
		return false;
	memcpy(self->identities, identities, sizeof(identities));
	self->dwfl = dwfl_begin(&file_callbacks);
	if (!self->dwfl)
		return false;
	dwfl_report_begin(self->dwfl);
	for (unsigned i = 0; i < STACK_MODULES_MAX; i++)
		self->modules[i] = report(self->dwfl, i, fds[i], snapshot->bases[i]);
	(void)dwfl_report_end(self->dwfl, NULL, NULL);
	return true;
}

/* --- call frame information --- */

static Dwfl_Module *module_at(const struct stack_modules *self, uint64_t address)
{
	const struct stack_range *range = stack_snapshot_range(self->snapshot, address);

	return range && range->module < STACK_MODULES_MAX ? self->modules[range->module] : NULL;
}

/* What the module says of the frame at an address, for free(3); NULL where it says nothing. */
static Dwarf_Frame *information(const struct stack_modules *self, uint64_t address)
{
	Dwarf_CFI *(*const tables[])(Dwfl_Module *, Dwarf_Addr *) = { dwfl_module_eh_cfi,
		                                                      dwfl_module_dwarf_cfi };
	Dwfl_Module *module = module_at(self, address);
	Dwarf_Frame *frame;

	for (size_t i = 0; module && i < ARRAY_SIZE(tables); i++) {
		Dwarf_Addr bias = 0;
		Dwarf_CFI *cfi = tables[i](module, &bias);

		if (cfi && dwarf_cfi_addrframe(cfi, address - bias, &frame) == 0)
			return frame;
	}
	return NULL;
}

bool stack_modules_informed(const struct stack_modules *self, uint64_t address)
{
	_cleanup_free_ Dwarf_Frame *frame = information(self, address);

	return frame != NULL;
}

/* The return address of a thread's first function is undefined, its information says. */
static bool return_is_undefined(Dwarf_Frame *frame)
{
	int ra = frame ? dwarf_frame_info(frame, NULL, NULL, NULL) : -1;
	Dwarf_Op memory[3], *ops;
	size_t n_ops;

	return ra >= 0 && dwarf_frame_register(frame, ra, memory, &ops, &n_ops) == 0 &&
	       n_ops == 0 && ops == memory;
}

/* Go's have no such information, or none that says so; nor has every C library's. */
static bool name_is_outermost(const char *name)
{
	static const char *const outermost[] = { "runtime.goexit", "runtime.mstart",
		                                 "runtime.rt0_go", "_start" };

	for (size_t i = 0; i < ARRAY_SIZE(outermost); i++)
		if (strncmp(name, outermost[i], strlen(outermost[i])) == 0)
			return true;
	return false;
}

bool stack_modules_ends(const struct stack_modules *self, uint64_t address)
{
	_cleanup_free_ Dwarf_Frame *frame = information(self, address);
	Dwfl_Module *module = module_at(self, address);
	const char *name = module ? dwfl_module_addrname(module, address) : NULL;

	return return_is_undefined(frame) || (name && name_is_outermost(name));
}

bool stack_modules_needs_pointer(const struct stack_modules *self, uint64_t address,
                                 int64_t *ret_offset)
{
	_cleanup_free_ Dwarf_Frame *frame = information(self, address);
	Dwarf_Op *ops;
	size_t n_ops;

	if (!frame || dwarf_frame_cfa(frame, &ops, &n_ops) != 0 || n_ops != 1 ||
	    ops->atom != DW_OP_bregx || ops->number != DWARF_X86_64_RBP)
		return false;
	*ret_offset = (int64_t)ops->number2;
	return true;
}

/* --- names --- */

void stack_modules_name(const struct stack_modules *self, uint64_t address,
                        struct stack_frame *frame)
{
	Dwfl_Module *module = module_at(self, address);
	GElf_Off offset;
	GElf_Sym symbol;
	const char *name;

	frame->symbol_length = 0;
	name = module ? dwfl_module_addrinfo(module, address, &offset, &symbol, NULL, NULL, NULL)
	              : NULL;
	if (!name)
		return;
	frame->symbol_length = (uint8_t)strnlen(name, STACK_SYMBOL_MAX);
	memcpy(frame->symbol, name, frame->symbol_length);
	frame->symbol_offset = offset + (frame->ip - address);
}

void stack_modules_build_id(const struct stack_modules *self, unsigned index,
                            struct stack_module *module)
{
	Dwfl_Module *found = self->modules[index];
	const unsigned char *bits;
	GElf_Addr address, bias;
	int length;

	if (module->build_id_length > 0 || !found || !dwfl_module_getelf(found, &bias))
		return;
	length = dwfl_module_build_id(found, &bits, &address);
	if (length <= 0 || length > STACK_BUILD_ID_MAX)
		return;
	module->build_id_length = (uint8_t)length;
	memcpy(module->build_id, bits, (size_t)length);
}
