#include <string.h>

#include "base/glob.h"
#include "plan/plan.h"

bool rcn_selection_is_empty(const struct rcn_selection *selection)
{
    return selection->ad_accounts.count + selection->names.count + selection->labels.count == 0;
}

static bool has_label(const struct rcn_desired_sync *desired, const char *label)
{
    size_t key_len = strcspn(label, "=");
    for (size_t i = 0; desired && i < desired->label_count; i++)
        if (strlen(desired->labels[i].key) == key_len &&
            strncmp(desired->labels[i].key, label, key_len) == 0)
            return label[key_len] && strcmp(desired->labels[i].value, label + key_len + 1) == 0;
    return false;
}

bool rcn_selection_includes(const struct rcn_selection *selection,
                            const struct rcn_audience_sync *sync,
                            const struct rcn_desired_sync *desired)
{
    bool account = selection->ad_accounts.count == 0;
    bool name = selection->names.count == 0;
    bool labels = true;
    for (size_t i = 0; !account && i < selection->ad_accounts.count; i++)
        account = strcmp(selection->ad_accounts.items[i], sync->ad_account_id) == 0;
    for (size_t i = 0; account && !name && i < selection->names.count; i++)
        name = rcn_glob_matches(selection->names.items[i], sync->audience_name);
    for (size_t i = 0; account && name && labels && i < selection->labels.count; i++)
        labels = has_label(desired, selection->labels.items[i]);
    return account && name && labels;
}

static bool matches_any(const struct rcn_selection *selection,
                        const struct rcn_desired_set *desired, const struct rcn_live_state *live)
{
    for (size_t i = 0; desired && i < desired->count; i++)
        if (rcn_selection_includes(selection, &desired->syncs[i].sync, &desired->syncs[i]))
            return true;
    for (size_t i = 0; i < live->company_count; i++)
        for (size_t j = 0; j < live->companies[i].sync_count; j++)
            if (rcn_selection_includes(selection, &live->companies[i].syncs[j].sync, NULL))
                return true;
    return false;
}

/* Someone may have written the name of an account in place of its id. */
static void suggest_ad_account(const struct rcn_live_state *live, const char *text,
                               struct rcn_error *err)
{
    for (size_t i = 0; i < live->company_count; i++)
        for (size_t j = 0; j < live->companies[i].ad_account_count; j++) {
            const struct rcn_ad_account *account = &live->companies[i].ad_accounts[j];
            if (rcn_text_is_same(account->name, text)) {
                rcn_error_set_hint(err, "did you mean '%s', the id of '%s'?", account->id, text);
                return;
            }
        }
}

int rcn_selection_check(const struct rcn_selection *selection,
                        const struct rcn_desired_set *desired, const struct rcn_live_state *live,
                        struct rcn_error *err)
{
    const char *where = desired ? "no desired and no live sync" : "no live sync";
    for (size_t i = 0; i < selection->ad_accounts.count; i++) {
        const char *account = selection->ad_accounts.items[i];
        const struct rcn_selection one = {.ad_accounts = {&account, 1}};
        if (matches_any(&one, desired, live))
            continue;
        rcn_error_set(err, RCN_ERROR_FAILED, "--ad-account '%s' matches %s", account, where);
        suggest_ad_account(live, account, err);
        return -1;
    }
    for (size_t i = 0; i < selection->names.count; i++) {
        const struct rcn_selection one = {.names = {&selection->names.items[i], 1}};
        if (matches_any(&one, desired, live))
            continue;
        rcn_error_set(err, RCN_ERROR_FAILED, "--name '%s' matches %s", selection->names.items[i],
                      where);
        return rcn_error_set_hint(err, "a pattern is for the whole name: '*' matches the rest");
    }
    for (size_t i = 0; i < selection->labels.count; i++) {
        const struct rcn_selection one = {.labels = {&selection->labels.items[i], 1}};
        if (!matches_any(&one, desired, live))
            return rcn_error_set(err, RCN_ERROR_FAILED, "--label '%s' matches no desired sync",
                                 selection->labels.items[i]);
    }
    if (rcn_selection_is_empty(selection) || matches_any(selection, desired, live))
        return 0;
    return rcn_error_set(err, RCN_ERROR_FAILED,
                         "--ad-account, --name and --label together match %s", where);
}
