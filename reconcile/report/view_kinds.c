#include "report/view.h"

const struct rcn_kind_words rcn_kinds[] = {
    [RCN_KIND_CREATED] = {"created", "Created", '+', RCN_GREEN, RCN_LEVEL_NONE, false, false,
                          "{was|were} created"},
    [RCN_KIND_UNVERIFIED] = {"unverified", "Not as asked", 'x', RCN_RED, RCN_LEVEL_ERROR, true,
                             true,
                             "{was|were} created, but {is not as it|are not as they} should be"},
    [RCN_KIND_FAILED] = {"failed", "Failed", 'x', RCN_RED, RCN_LEVEL_ERROR, true, true,
                         "{was|were} not created: the server refused {it|them}"},
    [RCN_KIND_UNKNOWN] = {"unknown", "Unknown", 'x', RCN_RED, RCN_LEVEL_ERROR, true, true,
                          "may have been created or not: the {answer does|answers do} not say"},
    [RCN_KIND_NOT_ATTEMPTED] = {"not-attempted", "Not attempted", 'x', RCN_AMBER, RCN_LEVEL_ERROR,
                                true, true, "{was|were} not attempted: nothing was sent"},
    [RCN_KIND_EXISTS] = {"exists", "Exists", '=', RCN_GREEN, RCN_LEVEL_NOTICE, false, true,
                         "{exists|exist}: this run did not create {it|them}"},
    [RCN_KIND_MISSING] = {"missing", "Missing", '+', RCN_BLUE, RCN_LEVEL_NOTICE, false, false,
                          "{is|are} missing: apply will create {it|them}"},
    [RCN_KIND_WITHHELD] = {"withheld", "Withheld", 'o', RCN_AMBER, RCN_LEVEL_NOTICE, true, true,
                           "{is|are} withheld{ (%s)|}: apply will not create {it|them}"},
    [RCN_KIND_DRIFTED] = {"drifted", "Drifted", '~', RCN_AMBER, RCN_LEVEL_WARNING, true, true,
                          "{has|have} drifted: apply will not change {it|them}"},
    [RCN_KIND_DUPLICATE] = {"duplicate", "Duplicate", '!', RCN_RED, RCN_LEVEL_WARNING, true, false,
                            "{is|are} live more than once: apply will not touch {it|them}"},
    [RCN_KIND_UNHEALTHY] = {"unhealthy", "Unhealthy", '!', RCN_RED, RCN_LEVEL_WARNING, true, true,
                            "{is|are} in sync, but unhealthy"},
    [RCN_KIND_REMOVED] = {"removed", "Removed", '?', RCN_AMBER, RCN_LEVEL_NOTICE, true, false,
                          "{is|are} taken out of the manifests by this change: "
                          "{it stays|they stay} live, unmanaged"},
    [RCN_KIND_UNMANAGED] = {"unmanaged", "Unmanaged", '?', RCN_GREY, RCN_LEVEL_NOTICE, false, false,
                            "{is|are} unmanaged: live, but in no manifest"},
    [RCN_KIND_IGNORED] = {"ignored", "Ignored", '-', RCN_GREY, RCN_LEVEL_NONE, false, true,
                          "{is ignored: a known difference|are ignored: known differences}"},
    [RCN_KIND_NOTED] = {"in-sync", "In sync, with a note", '=', RCN_GREEN, RCN_LEVEL_NONE, false,
                        true, "{is|are} in sync"},
    [RCN_KIND_IN_SYNC] = {"in-sync", "In sync", '=', RCN_GREEN, RCN_LEVEL_NONE, false, false,
                          "{is|are} in sync"},
};

enum rcn_kind rcn_view_get_kind(const struct rcn_report *report, const struct rcn_plan_row *row)
{
    static const enum rcn_kind by_outcome[] = {[RCN_OUTCOME_CREATED] = RCN_KIND_CREATED,
                                               [RCN_OUTCOME_EXISTS] = RCN_KIND_EXISTS,
                                               [RCN_OUTCOME_FAILED] = RCN_KIND_FAILED,
                                               [RCN_OUTCOME_UNKNOWN] = RCN_KIND_UNKNOWN,
                                               [RCN_OUTCOME_NOT_ATTEMPTED] =
                                                   RCN_KIND_NOT_ATTEMPTED};
    static const enum rcn_kind by_status[] = {
        [RCN_STATUS_IN_SYNC] = RCN_KIND_IN_SYNC,   [RCN_STATUS_MISSING] = RCN_KIND_MISSING,
        [RCN_STATUS_DRIFTED] = RCN_KIND_DRIFTED,   [RCN_STATUS_DUPLICATE] = RCN_KIND_DUPLICATE,
        [RCN_STATUS_WITHHELD] = RCN_KIND_WITHHELD, [RCN_STATUS_UNMANAGED] = RCN_KIND_UNMANAGED};
    const struct rcn_result *result = rcn_report_get_result(report, row);
    if (row->is_ignored)
        return RCN_KIND_IGNORED;
    if (result && result->outcome == RCN_OUTCOME_CREATED &&
        (result->error || (result->upload && result->upload->status != RCN_UPLOAD_DONE)))
        return RCN_KIND_UNVERIFIED;
    if (result)
        return by_outcome[result->outcome];
    if (row->status == RCN_STATUS_IN_SYNC && row->health)
        return RCN_KIND_UNHEALTHY;
    if (row->status == RCN_STATUS_IN_SYNC && row->note_count)
        return RCN_KIND_NOTED;
    if (row->status == RCN_STATUS_UNMANAGED && row->origin == RCN_ORIGIN_REMOVED)
        return RCN_KIND_REMOVED;
    return by_status[row->status];
}

enum rcn_level rcn_view_get_level(const struct rcn_report *report, const struct rcn_plan_row *row)
{
    unsigned fail_on = report->fail_on;
    bool is_failure = rcn_fail_on_has(fail_on, row->status) ||
                      (fail_on & RCN_FAIL_ON_UNHEALTHY && row->desired && row->health) ||
                      (fail_on & RCN_FAIL_ON_GONE && row->withheld_because == RCN_WITHHELD_GONE);
    if (is_failure && !row->is_ignored)
        return RCN_LEVEL_ERROR;
    return rcn_kinds[rcn_view_get_kind(report, row)].level;
}

bool rcn_view_is_reported(const struct rcn_report *report, const struct rcn_plan_row *row)
{
    enum rcn_level level = rcn_view_get_level(report, row);
    return row->desired ? level != RCN_LEVEL_NONE : level == RCN_LEVEL_ERROR;
}

bool rcn_view_needs_person(const struct rcn_view *view, enum rcn_kind kind)
{
    return kind == RCN_KIND_MISSING ? !view->leads_to_apply : rcn_kinds[kind].needs_person;
}
