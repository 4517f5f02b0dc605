/* SPDX-License-Identifier: Apache-2.0 */
/* Constants of the calls on memory, and of System V IPC. */
#include "profiles/arguments/constants_rows.h"

#include <linux/mempolicy.h>
#include <linux/mman.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

const struct constant constants_prot[] = {
	FIELD(PROT_NONE, PROT_READ | PROT_WRITE | PROT_EXEC),
	NAME(PROT_READ),
	NAME(PROT_WRITE),
	NAME(PROT_EXEC),
	VALUE("PROT_SEM", 0x8),
	NAME(PROT_GROWSDOWN),
	NAME(PROT_GROWSUP),
	END,
};

const struct constant constants_mmap[] = {
	FIELD(MAP_SHARED, MAP_TYPE),
	FIELD(MAP_PRIVATE, MAP_TYPE),
	FIELD(MAP_SHARED_VALIDATE, MAP_TYPE),
	VALUE("MAP_DROPPABLE", 0x8),
	NAME(MAP_FIXED),
	NAME(MAP_ANONYMOUS),
	VALUE("MAP_32BIT", 0x40),
	NAME(MAP_GROWSDOWN),
	NAME(MAP_DENYWRITE),
	NAME(MAP_EXECUTABLE),
	NAME(MAP_LOCKED),
	NAME(MAP_NORESERVE),
	NAME(MAP_POPULATE),
	NAME(MAP_NONBLOCK),
	NAME(MAP_STACK),
	NAME(MAP_HUGETLB),
	NAME(MAP_SYNC),
	NAME(MAP_FIXED_NOREPLACE),
	END,
};

const struct constant constants_mremap[] = {
	NAME(MREMAP_MAYMOVE),
	NAME(MREMAP_FIXED),
	NAME(MREMAP_DONTUNMAP),
	END,
};

const struct constant constants_msync[] = {
	NAME(MS_ASYNC),
	NAME(MS_INVALIDATE),
	NAME(MS_SYNC),
	END,
};

const struct constant constants_mlock2[] = {
	NAME(MLOCK_ONFAULT),
	END,
};

const struct constant constants_mlockall[] = {
	NAME(MCL_CURRENT),
	NAME(MCL_FUTURE),
	NAME(MCL_ONFAULT),
	END,
};

const struct constant constants_pkey[] = {
	NAME(PKEY_DISABLE_ACCESS),
	NAME(PKEY_DISABLE_WRITE),
	END,
};

/* The mode of a memory policy, below its flags. */
#define MPOL_MODE 0x1fff

const struct constant constants_mpol[] = {
	FIELD(MPOL_DEFAULT, MPOL_MODE),
	FIELD(MPOL_PREFERRED, MPOL_MODE),
	FIELD(MPOL_BIND, MPOL_MODE),
	FIELD(MPOL_INTERLEAVE, MPOL_MODE),
	FIELD(MPOL_LOCAL, MPOL_MODE),
	FIELD(MPOL_PREFERRED_MANY, MPOL_MODE),
	FIELD_VALUE("MPOL_WEIGHTED_INTERLEAVE", 6, MPOL_MODE),
	NAME(MPOL_F_STATIC_NODES),
	NAME(MPOL_F_RELATIVE_NODES),
	NAME(MPOL_F_NUMA_BALANCING),
	END,
};

const struct constant constants_mbind[] = {
	NAME(MPOL_MF_STRICT),
	NAME(MPOL_MF_MOVE),
	NAME(MPOL_MF_MOVE_ALL),
	END,
};

const struct constant constants_get_mempolicy[] = {
	NAME(MPOL_F_NODE),
	NAME(MPOL_F_ADDR),
	NAME(MPOL_F_MEMS_ALLOWED),
	END,
};

/* asm/mman.h of x86 */
const struct constant constants_shadow_stack[] = {
	VALUE("SHADOW_STACK_SET_TOKEN", 0x1),
	VALUE("SHADOW_STACK_SET_MARKER", 0x2),
	END,
};

const struct constant constants_memfd_secret[] = {
	VALUE("FD_CLOEXEC", 0x1),
	VALUE("O_CLOEXEC", 02000000),
	END,
};

const struct constant constants_userfaultfd[] = {
	VALUE("UFFD_USER_MODE_ONLY", 0x1),
	VALUE("O_NONBLOCK", 04000),
	VALUE("O_CLOEXEC", 02000000),
	END,
};

const struct constant constants_ipc_key[] = {
	NAME(IPC_PRIVATE),
	END,
};

/* The low nine bits are permissions, shown as what is left over. */
const struct constant constants_ipc_get[] = {
	NAME(IPC_CREAT),
	NAME(IPC_EXCL),
	END,
};

const struct constant constants_shmget[] = {
	NAME(IPC_CREAT), NAME(IPC_EXCL), NAME(SHM_HUGETLB), NAME(SHM_NORESERVE), END,
};

const struct constant constants_shmat[] = {
	NAME(SHM_RDONLY), NAME(SHM_RND), NAME(SHM_REMAP), NAME(SHM_EXEC), END,
};

/* 32-bit callers set IPC_64; Linux on 64 bits always means it. */
#define CONTROL_COMMANDS                                                                           \
	VALUE("IPC_64", 0x100), FIELD(IPC_RMID, 0xff), FIELD(IPC_SET, 0xff),                       \
		FIELD(IPC_STAT, 0xff), FIELD(IPC_INFO, 0xff)

const struct constant constants_shmctl[] = {
	CONTROL_COMMANDS,
	FIELD(SHM_LOCK, 0xff),
	FIELD(SHM_UNLOCK, 0xff),
	FIELD(SHM_STAT, 0xff),
	FIELD(SHM_INFO, 0xff),
	FIELD(SHM_STAT_ANY, 0xff),
	END,
};

const struct constant constants_semctl[] = {
	CONTROL_COMMANDS,      FIELD(GETPID, 0xff),       FIELD(GETVAL, 0xff),
	FIELD(GETALL, 0xff),   FIELD(GETNCNT, 0xff),      FIELD(GETZCNT, 0xff),
	FIELD(SETVAL, 0xff),   FIELD(SETALL, 0xff),       FIELD(SEM_STAT, 0xff),
	FIELD(SEM_INFO, 0xff), FIELD(SEM_STAT_ANY, 0xff), END,
};

const struct constant constants_msgctl[] = {
	CONTROL_COMMANDS,
	FIELD(MSG_STAT, 0xff),
	FIELD(MSG_INFO, 0xff),
	FIELD(MSG_STAT_ANY, 0xff),
	END,
};

const struct constant constants_msg_queue[] = {
	NAME(IPC_NOWAIT), NAME(MSG_NOERROR), NAME(MSG_EXCEPT), NAME(MSG_COPY), END,
};

/* ipc(2), in the low half; the version of the call above it. */
const struct constant constants_ipc[] = {
	FIELD_VALUE("SEMOP", 1, 0xffff),
	FIELD_VALUE("SEMGET", 2, 0xffff),
	FIELD_VALUE("SEMCTL", 3, 0xffff),
	FIELD_VALUE("SEMTIMEDOP", 4, 0xffff),
	FIELD_VALUE("MSGSND", 11, 0xffff),
	FIELD_VALUE("MSGRCV", 12, 0xffff),
	FIELD_VALUE("MSGGET", 13, 0xffff),
	FIELD_VALUE("MSGCTL", 14, 0xffff),
	FIELD_VALUE("SHMAT", 21, 0xffff),
	FIELD_VALUE("SHMDT", 22, 0xffff),
	FIELD_VALUE("SHMGET", 23, 0xffff),
	FIELD_VALUE("SHMCTL", 24, 0xffff),
	END,
};
