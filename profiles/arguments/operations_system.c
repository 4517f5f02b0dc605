/* SPDX-License-Identifier: Apache-2.0 */
/* The operations of keyctl, futex, bpf, and of System V IPC. */
#include "profiles/arguments/signature_operations.h"

#include <linux/bpf.h>
#include <linux/futex.h>
#include <linux/keyctl.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

/* clang-format off */
#define KEYCTL(number, ...) \
	OPERATION(number, ENUM("operation", keyctl), ##__VA_ARGS__)
#define FUTEX(number, ...) \
	OPERATION(number, ADDRESS("uaddr"), FLAGS("futex_op", futex), UINT("val"), ##__VA_ARGS__)
#define BPF(number, type) OPERATION(number, ENUM("cmd", bpf), STRUCT("attr", type, 2), UINT("size"))
#define SEMCTL(number, arg) \
	OPERATION(number, INT("semid"), INT("semnum"), FLAGS("cmd", semctl), arg)
#define SHMCTL(number, arg) OPERATION(number, INT("shmid"), FLAGS("cmd", shmctl), arg)
#define MSGCTL(number, arg) OPERATION(number, INT("msqid"), FLAGS("cmd", msgctl), arg)
#define IPC(number, ...) OPERATION(number, FLAGS("call", ipc), __VA_ARGS__)
/* clang-format on */

/* What a key holds is a secret. */
const struct operation operations_keyctl[] = {
	KEYCTL(KEYCTL_GET_KEYRING_ID, KEY("key"), INT("create")),
	KEYCTL(KEYCTL_JOIN_SESSION_KEYRING, STRING("name")),
	KEYCTL(KEYCTL_UPDATE, KEY("key"), POINTER("payload"), SIZE("plen")),
	KEYCTL(KEYCTL_REVOKE, KEY("key")),
	KEYCTL(KEYCTL_CHOWN, KEY("key"), ID("uid"), ID("gid")),
	KEYCTL(KEYCTL_SETPERM, KEY("key"), HEX("perm")),
	KEYCTL(KEYCTL_DESCRIBE, KEY("key"), OUT("buffer"), SIZE("buflen")),
	KEYCTL(KEYCTL_CLEAR, KEY("keyring")),
	KEYCTL(KEYCTL_LINK, KEY("key"), KEY("keyring")),
	KEYCTL(KEYCTL_UNLINK, KEY("key"), KEY("keyring")),
	KEYCTL(KEYCTL_SEARCH, KEY("keyring"), STRING("type"), STRING("description"),
	       KEY("dest_keyring")),
	KEYCTL(KEYCTL_READ, KEY("key"), OUT("buffer"), SIZE("buflen")),
	KEYCTL(KEYCTL_INSTANTIATE, KEY("key"), POINTER("payload"), SIZE("plen"), KEY("keyring")),
	KEYCTL(KEYCTL_NEGATE, KEY("key"), UINT("timeout"), KEY("keyring")),
	KEYCTL(KEYCTL_SET_REQKEY_KEYRING, INT("reqkey_defl")),
	KEYCTL(KEYCTL_SET_TIMEOUT, KEY("key"), UINT("timeout")),
	KEYCTL(KEYCTL_ASSUME_AUTHORITY, KEY("key")),
	KEYCTL(KEYCTL_GET_SECURITY, KEY("key"), OUT("buffer"), SIZE("buflen")),
	KEYCTL(KEYCTL_SESSION_TO_PARENT),
	KEYCTL(KEYCTL_REJECT, KEY("key"), UINT("timeout"), UINT("error"), KEY("keyring")),
	KEYCTL(KEYCTL_INSTANTIATE_IOV, KEY("key"), POINTER("payload"), SIZE("ioc"), KEY("keyring")),
	KEYCTL(KEYCTL_INVALIDATE, KEY("key")),
	KEYCTL(KEYCTL_GET_PERSISTENT, ID("uid"), KEY("keyring")),
	KEYCTL(29 /* KEYCTL_RESTRICT_KEYRING */, KEY("keyring"), STRING("type"),
	       STRING("restriction")),
	KEYCTL(30 /* KEYCTL_MOVE */, KEY("key"), KEY("from_keyring"), KEY("to_keyring"),
	       HEX("flags")),
	KEYCTL(31 /* KEYCTL_CAPABILITIES */, OUT("buffer"), SIZE("buflen")),
	KEYCTL(32 /* KEYCTL_WATCH_KEY */, KEY("key"), FD("fd"), INT("watch_id")),
};

const size_t operations_keyctl_count = ARRAY_SIZE(operations_keyctl);

const struct operation operations_futex[] = {
	FUTEX(FUTEX_WAIT, ONE("timeout", TIMESPEC)),
	FUTEX(FUTEX_WAKE),
	FUTEX(FUTEX_FD),
	FUTEX(FUTEX_REQUEUE, UINT("val2"), ADDRESS("uaddr2")),
	FUTEX(FUTEX_CMP_REQUEUE, UINT("val2"), ADDRESS("uaddr2"), UINT("val3")),
	FUTEX(FUTEX_WAKE_OP, UINT("val2"), ADDRESS("uaddr2"), HEX("val3")),
	OPERATION(FUTEX_LOCK_PI, ADDRESS("uaddr"), FLAGS("futex_op", futex), UINT("val"),
	          ONE("timeout", TIMESPEC)),
	OPERATION(FUTEX_UNLOCK_PI, ADDRESS("uaddr"), FLAGS("futex_op", futex)),
	OPERATION(FUTEX_TRYLOCK_PI, ADDRESS("uaddr"), FLAGS("futex_op", futex)),
	FUTEX(FUTEX_WAIT_BITSET, ONE("timeout", TIMESPEC), ADDRESS("uaddr2"),
	      NAMED_HEX("val3", futex_bitset)),
	FUTEX(FUTEX_WAKE_BITSET, ADDRESS("timeout"), ADDRESS("uaddr2"),
	      NAMED_HEX("val3", futex_bitset)),
	FUTEX(FUTEX_WAIT_REQUEUE_PI, ONE("timeout", TIMESPEC), ADDRESS("uaddr2")),
	FUTEX(FUTEX_CMP_REQUEUE_PI, UINT("val2"), ADDRESS("uaddr2"), UINT("val3")),
	FUTEX(13 /* FUTEX_LOCK_PI2 */, ONE("timeout", TIMESPEC)),
};

const size_t operations_futex_count = ARRAY_SIZE(operations_futex);

const struct operation operations_bpf[] = {
	BPF(BPF_MAP_CREATE, BPF_MAP_CREATE),
	BPF(BPF_MAP_LOOKUP_ELEM, BPF_ELEM),
	BPF(BPF_MAP_UPDATE_ELEM, BPF_ELEM),
	BPF(BPF_MAP_DELETE_ELEM, BPF_ELEM),
	BPF(BPF_MAP_GET_NEXT_KEY, BPF_ELEM),
	BPF(BPF_MAP_LOOKUP_AND_DELETE_ELEM, BPF_ELEM),
	BPF(BPF_MAP_FREEZE, BPF_FD),
	BPF(BPF_PROG_LOAD, BPF_PROG_LOAD),
	BPF(BPF_OBJ_PIN, BPF_OBJ),
	BPF(BPF_OBJ_GET, BPF_OBJ),
	BPF(BPF_PROG_ATTACH, BPF_ATTACH),
	BPF(BPF_PROG_DETACH, BPF_ATTACH),
	BPF(BPF_PROG_QUERY, BPF_QUERY),
	BPF(BPF_PROG_GET_NEXT_ID, BPF_ID),
	BPF(BPF_MAP_GET_NEXT_ID, BPF_ID),
	BPF(BPF_BTF_GET_NEXT_ID, BPF_ID),
	BPF(BPF_LINK_GET_NEXT_ID, BPF_ID),
	BPF(BPF_PROG_GET_FD_BY_ID, BPF_ID),
	BPF(BPF_MAP_GET_FD_BY_ID, BPF_ID),
	BPF(BPF_BTF_GET_FD_BY_ID, BPF_ID),
	BPF(BPF_LINK_GET_FD_BY_ID, BPF_ID),
	BPF(BPF_OBJ_GET_INFO_BY_FD, BPF_INFO),
	BPF(BPF_RAW_TRACEPOINT_OPEN, BPF_RAW_TRACEPOINT),
	BPF(BPF_BTF_LOAD, BPF_BTF_LOAD),
	BPF(BPF_LINK_CREATE, BPF_LINK_CREATE),
	BPF(BPF_LINK_UPDATE, BPF_LINK_UPDATE),
	BPF(BPF_LINK_DETACH, BPF_FD),
};

const size_t operations_bpf_count = ARRAY_SIZE(operations_bpf);

const struct operation operations_semctl[] = {
	SEMCTL(IPC_RMID, ADDRESS("arg")), SEMCTL(IPC_SET, POINTER("arg")),
	SEMCTL(IPC_STAT, OUT("arg")),     SEMCTL(IPC_INFO, OUT("arg")),
	SEMCTL(SEM_INFO, OUT("arg")),     SEMCTL(SEM_STAT, OUT("arg")),
	SEMCTL(SEM_STAT_ANY, OUT("arg")), SEMCTL(GETALL, OUT("arg")),
	SEMCTL(GETPID, ADDRESS("arg")),   SEMCTL(GETVAL, ADDRESS("arg")),
	SEMCTL(GETNCNT, ADDRESS("arg")),  SEMCTL(GETZCNT, ADDRESS("arg")),
	SEMCTL(SETVAL, HEX("arg")),       SEMCTL(SETALL, POINTER("arg")),
};

const size_t operations_semctl_count = ARRAY_SIZE(operations_semctl);

const struct operation operations_shmctl[] = {
	SHMCTL(IPC_RMID, ADDRESS("buf")),   SHMCTL(IPC_SET, POINTER("buf")),
	SHMCTL(IPC_STAT, OUT("buf")),       SHMCTL(IPC_INFO, OUT("buf")),
	SHMCTL(SHM_INFO, OUT("buf")),       SHMCTL(SHM_STAT, OUT("buf")),
	SHMCTL(SHM_STAT_ANY, OUT("buf")),   SHMCTL(SHM_LOCK, ADDRESS("buf")),
	SHMCTL(SHM_UNLOCK, ADDRESS("buf")),
};

const size_t operations_shmctl_count = ARRAY_SIZE(operations_shmctl);

const struct operation operations_msgctl[] = {
	MSGCTL(IPC_RMID, ADDRESS("buf")), MSGCTL(IPC_SET, POINTER("buf")),
	MSGCTL(IPC_STAT, OUT("buf")),     MSGCTL(IPC_INFO, OUT("buf")),
	MSGCTL(MSG_INFO, OUT("buf")),     MSGCTL(MSG_STAT, OUT("buf")),
	MSGCTL(MSG_STAT_ANY, OUT("buf")),
};

const size_t operations_msgctl_count = ARRAY_SIZE(operations_msgctl);

/* ipc(2) of i386: linux/ipc.h numbers the calls. */
const struct operation operations_ipc[] = {
	IPC(1 /* SEMOP */, INT("semid"), UINT("nsops"), HEX("third"), ADDRESS("sops")),
	IPC(2 /* SEMGET */, ENUM("key", ipc_key), INT("nsems"), FLAGS("semflg", ipc_get)),
	IPC(3 /* SEMCTL */, INT("semid"), INT("semnum"), FLAGS("cmd", semctl), ADDRESS("arg")),
	IPC(11 /* MSGSND */, INT("msqid"), SIZE("msgsz"), FLAGS("msgflg", msg_queue),
	    ADDRESS("msgp")),
	IPC(12 /* MSGRCV */, INT("msqid"), SIZE("msgsz"), FLAGS("msgflg", msg_queue), OUT("msgp"),
	    LONG("msgtyp")),
	IPC(13 /* MSGGET */, ENUM("key", ipc_key), FLAGS("msgflg", ipc_get)),
	IPC(14 /* MSGCTL */, INT("msqid"), FLAGS("cmd", msgctl), HEX("third"), ADDRESS("buf")),
	IPC(21 /* SHMAT */, INT("shmid"), FLAGS("shmflg", shmat), OUT("raddr"), ADDRESS("shmaddr")),
	IPC(22 /* SHMDT */, HEX("first"), HEX("second"), HEX("third"), ADDRESS("shmaddr")),
	IPC(23 /* SHMGET */, ENUM("key", ipc_key), SIZE("size"), FLAGS("shmflg", shmget)),
	IPC(24 /* SHMCTL */, INT("shmid"), FLAGS("cmd", shmctl), HEX("third"), ADDRESS("buf")),
};

const size_t operations_ipc_count = ARRAY_SIZE(operations_ipc);
