/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/reports/explain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/profile_fixture.h"

enum { WIDTH = 80 };

#define PROFILE                                                                                    \
	"{'defaultAction':'SCMP_ACT_ERRNO','syscalls':[\n"                                         \
	"{'names':['socket'],'action':'SCMP_ACT_ALLOW',"                                           \
	"'args':[{'index':0,'op':'SCMP_CMP_LT','value':38}]},\n"                                   \
	"{'names':['clone3'],'action':'SCMP_ACT_ERRNO','errnoRet':38,'comment':'no "               \
	"\\u001b[31m'},\n"                                                                         \
	"{'names':['reboot'],'action':'SCMP_ACT_ALLOW','includes':{'caps':['CAP_SYS_BOOT']}},\n"   \
	"{'names':['acct'],'action':'SCMP_ACT_KILL_PROCESS'},\n"                                   \
	"{'names':['bpf'],'action':'SCMP_ACT_NOTIFY'},\n"                                          \
	"{'names':['read'],'action':'SCMP_ACT_ALLOW','comment':'files'}]}"

static const struct event_record hostile = {
	.sequence = 3,
	.time = "16:39\033[2J",
	.verdict = VERDICT_WOULD,
	.mode = MODE_COMPLAIN,
	.count = 2,
	.comm = "a\nb\xff",
	.exe = "/bin/\x07x",
	.pid = 5201,
	.uid = 1000,
};

static const struct {
	struct explain_subject subject;
	const char *text;
} rows[] = {
	{ { .call = { .nr = 41, .args = { 38, 5, 0 } },
	    .text = "socket(AF_ALG, SOCK_SEQPACKET, 0)",
	    .args_known = true },
	  "WHAT     socket(AF_ALG, SOCK_SEQPACKET, 0) = -1 EPERM\n"
	  "WHY      profile test: no rule applies, so the default action: ERRNO(EPERM)\n"
	  "           test:2 would allow it, but for domain < 38: got 38 (AF_ALG)\n"
	  "         decided in the kernel where it is allowed, else by callgate\n"
	  "         (kernel-args)\n"
	  "ALONE    without seccomp it would work, as far as can be told: no capability is\n"
	  "         needed; the kernel has to have the algorithm's module\n"
	  "ERRNO    EPERM: it is forbidden, for good: most programs report it and stop.\n"
	  "         At EAFNOSUPPORT instead, programs take the family for one that the\n"
	  "         kernel was built without.\n"
	  "KNOWN    Docker's default profile blocks it on purpose: two families: AF_ALG,\n"
	  "         the kernel's cryptography, and AF_VSOCK, which passes network\n"
	  "         namespaces by; AF_ALG is among them since moby#52494.\n"
	  "         When it is denied, cryptography is done in the library; agents of\n"
	  "         virtual machines go without their host. (moby#52494; moby default\n"
	  "         profile)\n"
	  "CHANGE   1. answer EAFNOSUPPORT instead\n"
	  "            Opens nothing.\n"
	  "            { \"names\": [\"socket\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": "
	  "97,\n"
	  "            \"args\": [{ \"index\": 0, \"value\": 38, \"op\": \"SCMP_CMP_EQ\" }] }\n"
	  "         2. allow socket only where domain & 0xffffffff == 38\n"
	  "            Opens no other syscall. Severity high: the kernel's cryptography has\n"
	  "            been a way into it.\n"
	  "            { \"names\": [\"socket\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": [{\n"
	  "            \"index\": 0, \"value\": 4294967295, \"valueTwo\": 38, \"op\":\n"
	  "            \"SCMP_CMP_MASKED_EQ\" }] }\n"
	  "         3. allow socket, whatever its arguments\n"
	  "            Opens no other syscall. Severity high: the kernel's cryptography has\n"
	  "            been a way into it.\n"
	  "            { \"names\": [\"socket\"], \"action\": \"SCMP_ACT_ALLOW\" }\n"
	  "         A capability does not help: no rule for it waits for one.\n" },
	{ { .call = { .nr = 435 },
	    .text = "clone3\033[31m()",
	    .args_known = true,
	    .event = &hostile },
	  "WHAT     #3 clone3\\x1b[31m()\n"
	  "         WOULD x2 16:39\\x1b[2J a\\nb\\xff[5201] user 1000 /bin/\\x07x\n"
	  "         complain mode let it through; what follows is of enforce mode\n"
	  "WHY      profile test: the rule test:3: ERRNO(ENOSYS)\n"
	  "           no \\x1b[31m\n"
	  "         decided by callgate, to which the kernel hands it (notify)\n"
	  "ALONE    whether it would work without seccomp cannot be told: that depends: the\n"
	  "         flags are in memory: none for a process or thread, CAP_SYS_ADMIN for\n"
	  "         most namespaces\n"
	  "ERRNO    ENOSYS: this kernel does not have the call: libc and many programs go\n"
	  "         another way.\n"
	  "         At it glibc makes processes and threads by clone: there may be nothing\n"
	  "         to mend.\n"
	  "KNOWN    Docker's default profile blocks it on purpose: its flags are in memory,\n"
	  "         where a filter cannot look for the ones that make namespaces; answered\n"
	  "         with ENOSYS since moby#42681, as EPERM stopped glibc 2.34; it is\n"
	  "         allowed with CAP_SYS_ADMIN.\n"
	  "         When it is denied, libc sees ENOSYS and makes the process by clone;\n"
	  "         EPERM instead is taken as final. (moby#42680, moby#42681)\n"
	  "CHANGE   1. allow clone3, whatever its arguments\n"
	  "            Opens no other syscall. Severity high: in new namespaces a process\n"
	  "            has capabilities, and reaches much more of the kernel.\n"
	  "            The name has to go out of the rule in line 3.\n"
	  "            { \"names\": [\"clone3\"], \"action\": \"SCMP_ACT_ALLOW\" }\n"
	  "         A capability does not help: no rule for it waits for one.\n"
	  "         callgate suggest makes a patch of such changes.\n" },
	{ { .call = { .nr = 169 }, .text = "reboot", .note = "a note" },
	  "WHAT     reboot = -1 EPERM, with arguments that nobody kept\n"
	  "         a note\n"
	  "WHY      profile test: no rule applies, so the default action: ERRNO(EPERM)\n"
	  "           test:4 would allow it, but needs CAP_SYS_BOOT\n"
	  "         decided by callgate, to which the kernel hands it (notify)\n"
	  "ALONE    without seccomp it would fail too: it needs CAP_SYS_BOOT, which is not\n"
	  "         among the container's capabilities\n"
	  "ERRNO    EPERM: it is forbidden, for good: most programs report it and stop.\n"
	  "         No other errno is known to lead programs another way.\n"
	  "KNOWN    Docker's default profile blocks it on purpose: would restart the host;\n"
	  "         it is allowed with CAP_SYS_BOOT.\n"
	  "         When it is denied, init systems in containers end instead. (docker\n"
	  "         docs, seccomp page)\n"
	  "CHANGE   1. allow reboot, whatever its arguments\n"
	  "            Opens no other syscall. Severity high: outside a PID namespace it\n"
	  "            ends the host.\n"
	  "            { \"names\": [\"reboot\"], \"action\": \"SCMP_ACT_ALLOW\" }\n"
	  "         2. give the container the capability: --cap-add CAP_SYS_BOOT\n"
	  "            Opens no other syscall. Severity high: outside a PID namespace it\n"
	  "            ends the host.\n" },
	{ { .call = { .nr = 163 }, .text = "acct(NULL)", .args_known = true },
	  "WHAT     acct(NULL)\n"
	  "WHY      profile test: the rule test:5: KILL_PROCESS\n"
	  "         decided in the kernel (kernel)\n"
	  "ALONE    without seccomp it would fail too: it needs CAP_SYS_PACCT, which is not\n"
	  "         among the container's capabilities\n"
	  "ERRNO    none: the process is killed\n"
	  "KNOWN    Docker's default profile blocks it on purpose: process accounting, by\n"
	  "         which a container could end its own limits or accounting; it is allowed\n"
	  "         with CAP_SYS_PACCT.\n"
	  "         When it is denied, accounting stays off; accton reports the error.\n"
	  "         (docker docs, seccomp page)\n"
	  "CHANGE   1. allow acct, whatever its arguments\n"
	  "            Opens no other syscall. Severity medium: process accounting, by\n"
	  "            which a container could end its own limits or accounting.\n"
	  "            The name has to go out of the rule in line 5.\n"
	  "            { \"names\": [\"acct\"], \"action\": \"SCMP_ACT_ALLOW\" }\n"
	  "         A capability does not help: no rule for it waits for one.\n" },
	{ { .call = { .nr = 321 }, .text = "bpf()", .args_known = true },
	  "WHAT     bpf() = -1 EPERM\n"
	  "WHY      profile test: the rule test:6: NOTIFY\n"
	  "           the profile leaves it to a policy; where none decides, it is denied\n"
	  "         decided by callgate, to which the kernel hands it (notify)\n"
	  "ALONE    without seccomp it would fail too: it needs CAP_SYS_ADMIN or CAP_BPF,\n"
	  "         which is not among the container's capabilities; a few commands take\n"
	  "         none where kernel.unprivileged_bpf_disabled is 0\n"
	  "ERRNO    EPERM: it is forbidden, for good: most programs report it and stop.\n"
	  "         No other errno is known to lead programs another way.\n"
	  "KNOWN    Docker's default profile blocks it on purpose: could load BPF programs\n"
	  "         that outlive the container; it is allowed with CAP_SYS_ADMIN or\n"
	  "         CAP_BPF.\n"
	  "         When it is denied, tracing tools end with an error; systemd leaves its\n"
	  "         device and address rules out. (docker docs, seccomp page; moby default\n"
	  "         profile)\n"
	  "CHANGE   1. allow bpf only where cmd & 0xffffffff == 0\n"
	  "            Opens no other syscall; its other calls are denied otherwise than\n"
	  "            now. Severity high: programs in the kernel see and change what\n"
	  "            others do.\n"
	  "            The name has to go out of the rule in line 6.\n"
	  "            { \"names\": [\"bpf\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": [{ "
	  "\"index\":\n"
	  "            0, \"value\": 4294967295, \"valueTwo\": 0, \"op\": \"SCMP_CMP_MASKED_EQ\" "
	  "}]\n"
	  "            }\n"
	  "         2. allow bpf, whatever its arguments\n"
	  "            Opens no other syscall. Severity high: programs in the kernel see\n"
	  "            and change what others do.\n"
	  "            The name has to go out of the rule in line 6.\n"
	  "            { \"names\": [\"bpf\"], \"action\": \"SCMP_ACT_ALLOW\" }\n"
	  "         A capability does not help: no rule for it waits for one.\n" },
	{ { .call = { .nr = 0 }, .text = "read()", .args_known = true },
	  "WHAT     read()\n"
	  "WHY      profile test: the rule test:7: ALLOW\n"
	  "           files\n"
	  "         decided in the kernel, whatever the arguments (kernel-allow)\n"
	  "ALONE    without seccomp it would work, as far as can be told: no capability is\n"
	  "         needed\n"
	  "ERRNO    seccomp lets it through. EPERM or EACCES then comes from the kernel: a\n"
	  "         capability that the process does not hold (ALONE), a security module,\n"
	  "         the owner and mode of a file, no_new_privs, or a user namespace that\n"
	  "         does not own the object; EROFS from a read-only file system.\n" },
	{ { .call = { .nr = 900 }, .text = "syscall_900()", .args_known = true },
	  "WHAT     syscall_900() = -1 ENOSYS\n"
	  "WHY      profile test: newer than anything that the profile names (435):\n"
	  "         ERRNO(ENOSYS)\n"
	  "         decided by callgate, to which the kernel hands it (notify)\n"
	  "ALONE    whether it would work without seccomp cannot be told: nothing is known\n"
	  "         of a number without a name; a kernel that lacks it answers ENOSYS\n"
	  "ERRNO    ENOSYS: this kernel does not have the call: libc and many programs go\n"
	  "         another way.\n"
	  "         At it programs that also run on kernels without the call go another\n"
	  "         way: there may be nothing to mend.\n"
	  "CHANGE   no rule helps: this libseccomp has no name for it, and runtimes pass\n"
	  "         over names that theirs does not know\n" },
};

static char *text_of(const struct ruleset *ruleset, size_t i)
{
	struct explain_subject subject = rows[i].subject;
	struct explanation explanation;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	subject.call.arch = AUDIT_ARCH_X86_64;
	subject.elsewhere = true;
	assert_int_equal(explanation_build(ruleset, &subject, &explanation), 0);
	explain_text(out, &explanation, WIDTH);
	explanation_deinit(&explanation);
	fclose(out);
	return text;
}

static void test_texts(void **state)
{
	struct fixture fixture;

	(void)state;
	assert_int_equal(fixture_parse(&fixture, PROFILE, fixture_host()), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *text = text_of(fixture.ruleset, i);

		assert_string_equal(text, rows[i].text);
		free(text);
	}
	fixture_free(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
