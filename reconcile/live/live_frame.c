#include "live/live_frame.h"

bool rcn_live_frame_denies_success(const struct rcn_json *root)
{
    const struct rcn_json *success = rcn_json_get(root, "success");
    enum rcn_json_type type = rcn_json_get_type(success);
    return type != RCN_JSON_ABSENT && type != RCN_JSON_NULL && !rcn_json_is_true(success);
}

int rcn_live_frame_judge(const struct rcn_json *root, struct rcn_error *err)
{
    if (rcn_json_get_type(root) != RCN_JSON_OBJECT)
        return rcn_error_set(err, RCN_ERROR_FAILED, "the answer is %s, not an object",
                             rcn_json_type_name(rcn_json_get_type(root)));
    if (rcn_live_frame_denies_success(root))
        return rcn_error_set(err, RCN_ERROR_FAILED, "the answer's 'success' is not true");
    return 0;
}
