/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/reload.h"

#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { UNREACHED_MAX = 64 };

static const char by_file[] = "file";

/* ---- reading */

/* An allow that could be raced is never given in its place. */
static int check_classes(struct loaded_policy *loaded)
{
	enum policy_class class;
	const struct policy_syscall *syscall = policy_unenforced(loaded->policy, true, &class);

	if (!syscall)
		return 0;
	diags_add(&loaded->diags, DIAG_ERROR, "policy-class", (struct place){ 0 }, "",
	          "the rules on %s are of class %s, which this version cannot enforce (callgate "
	          "check shows the class of each rule)",
	          syscall->name, policy_class_name(class));
	return -EOPNOTSUPP;
}

int reload_read(const char *path, uint32_t generation, struct loaded_policy *ret_loaded)
{
	int r = loaded_policy_open(path, 0, generation, ret_loaded);

	return r < 0 ? r : check_classes(ret_loaded);
}

/* A target is put into a cgroup of its own when it starts, or never. */
static int check_freezer(const struct reload *reload, struct loaded_policy *loaded)
{
	const struct service *service = &reload->workers->worker.service;
	const struct policy_syscall *syscall = policy_of_class(loaded->policy, CLASS_FROZEN);

	if (!syscall || service->freezer >= 0 || service->mode == MODE_COMPLAIN)
		return 0;
	diags_add(&loaded->diags, DIAG_ERROR, "policy-class", (struct place){ 0 }, "",
	          "the rules on %s are of class frozen, and this target was started without the "
	          "cgroup that it takes; expected a policy of that class from the start",
	          syscall->name);
	return -EOPNOTSUPP;
}

/* ---- telling */

static void tell_refused(struct reload *reload, const struct diags *errors)
{
	drain_reload(reload->drain,
	             &(struct reload_report){
			     .trigger = reload->trigger,
			     .policy = generations_present(reload->options->generations),
			     .errors = errors,
		     });
}

static void tell_replaced(struct reload *reload, const struct policy *before)
{
	const struct policy *policy = generations_present(reload->options->generations);
	struct plan_call unreached[UNREACHED_MAX];
	size_t total = policy_unreached(policy, reload->options->plan, unreached, UNREACHED_MAX);

	drain_reload(reload->drain,
	             &(struct reload_report){
			     .trigger = reload->trigger,
			     .policy = policy,
			     .before = before,
			     .unreached = unreached,
			     .n_unreached = total < UNREACHED_MAX ? total : UNREACHED_MAX,
			     .total_unreached = total,
		     });
}

/* A filter stays for ever, and with it the profile that it was made from. */
static void tell_profile(struct reload *reload, const struct policy *before)
{
	const struct policy *policy = generations_present(reload->options->generations);

	if (policy->profile && (!before->profile || strcmp(policy->profile, before->profile) != 0))
		drain_warn(reload->drain,
		           "the policy now names profile %s; this target stays under the one that "
		           "it was started with",
		           policy->profile);
}

/* ---- replacing */

static void replace(struct reload *reload, struct policy *policy)
{
	reload->next = policy;
	/* What waits to be told was decided by the policies that are kept, which are not many. */
	drain_all(reload->drain);
	workers_replace(reload->workers, policy);
	reload_worker_changed(reload);
}

static void read_again(struct reload *reload, const char *trigger, bool if_changed)
{
	const struct policy *present = generations_present(reload->options->generations);
	struct loaded_policy loaded;
	int r = reload_read(reload->options->path, present->generation + 1, &loaded);

	if (r == 0)
		r = check_freezer(reload, &loaded);
	reload->trigger = trigger;
	if (r < 0)
		tell_refused(reload, &loaded.diags);
	else if (!if_changed || strcmp(loaded.policy->sha256, present->sha256) != 0)
		replace(reload, TAKE_PTR(loaded.policy));
	loaded_policy_deinit(&loaded);
}

void reload_now(struct reload *reload, const char *trigger)
{
	if (!reload->next) {
		read_again(reload, trigger, false);
		return;
	}
	reload->again = true;
}

void reload_worker_changed(struct reload *reload)
{
	const struct policy *before = generations_present(reload->options->generations);

	if (!reload->next || reload->workers->worker.service.policy != reload->next)
		return;
	generations_add(reload->options->generations, TAKE_PTR(reload->next));
	tell_replaced(reload, before);
	tell_profile(reload, before);
	if (!reload->again)
		return;
	reload->again = false;
	read_again(reload, reload->trigger, true);
}

/* ---- watching */

static void watch_directories(struct reload *reload);

static void rest_over(uv_timer_t *timer)
{
	struct reload *reload = timer->data;
	struct file_state state = file_state_of(reload->options->path);
	enum file_watch_verdict verdict = file_watch_look(&reload->watch, &state);

	if (verdict == FILE_WATCH_AGAIN)
		(void)uv_timer_start(timer, rest_over, FILE_WATCH_REST_MS, 0);
	if (verdict != FILE_WATCH_CHANGED)
		return;
	watch_directories(reload);
	if (reload->next)
		reload->again = true;
	else
		read_again(reload, by_file, true);
}

/* Of whatever name: a link on the way to the file may be any of them. */
static void directory_changed(uv_fs_event_t *handle, const char *name, int events, int status)
{
	struct reload *reload = handle->data;

	(void)name;
	(void)events;
	(void)status;
	if (!uv_is_active((uv_handle_t *)&reload->on_rest))
		(void)uv_timer_start(&reload->on_rest, rest_over, FILE_WATCH_REST_MS, 0);
}

static void watch_directory(struct reload *reload, size_t index, const char *file)
{
	_cleanup_free_ char *copy = file ? strdup(file) : NULL;
	uv_fs_event_t *handle = &reload->on_directory[index];
	const char *directory = copy ? dirname(copy) : NULL;
	char **watched = &reload->directories[index];

	(void)uv_fs_event_stop(handle);
	free(*watched);
	*watched = directory ? strdup(directory) : NULL;
	if (*watched)
		(void)uv_fs_event_start(handle, directory_changed, *watched, 0);
}

/*
 * That of the path as it is named, where it may be replaced, and where Kubernetes swaps its ..data
 * link; and that of the file which the links lead to, where it may be written.
 */
static void watch_directories(struct reload *reload)
{
	_cleanup_free_ char *real = realpath(reload->options->path, NULL);

	watch_directory(reload, 0, reload->options->path);
	watch_directory(reload, 1, real);
}

int reload_start(struct reload *reload, uv_loop_t *loop)
{
	int result = uv_timer_init(loop, &reload->on_rest);

	reload->on_rest.data = reload;
	for (size_t i = 0; i < RELOAD_DIRECTORIES && result == 0; i++) {
		result = uv_fs_event_init(loop, &reload->on_directory[i]);
		reload->on_directory[i].data = reload;
	}
	if (result < 0)
		return result;
	watch_directories(reload);
	file_watch_init(&reload->watch);
	return uv_timer_start(&reload->on_rest, rest_over, FILE_WATCH_REST_MS, 0);
}

void reload_stop(struct reload *reload)
{
	uv_close((uv_handle_t *)&reload->on_rest, NULL);
	for (size_t i = 0; i < RELOAD_DIRECTORIES; i++) {
		uv_close((uv_handle_t *)&reload->on_directory[i], NULL);
		free(reload->directories[i]);
	}
	policy_freep(&reload->next);
}
