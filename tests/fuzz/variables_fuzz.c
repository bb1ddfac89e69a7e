/*
 * Any bytes as a file of variables; then every value is asked for and put into a manifest.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manifest/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(struct rcn_variables *variables, struct rcn_diags *diags)
{
    static const char manifest[] = "apiVersion: audiencectl/v1\n"
                                   "companyId: ${C}\n"
                                   "audienceSyncs:\n"
                                   "- audienceName: ${A} and ${B:-b}\n"
                                   "  adAccountId: ${ACCOUNT:-act_1}\n"
                                   "  segmentId: ${S}\n"
                                   "  isActive: ${T:-true}\n"
                                   "  frequency: ${F:-daily}\n";
    struct rcn_text text = {.path = "a.yaml", .bytes = manifest, .len = sizeof manifest - 1};
    const struct rcn_texts texts = {.items = &text, .count = 1, .name = "a.yaml"};
    struct rcn_desired_set *set = rcn_manifest_load(&texts, variables, diags);
    if (!diags->errors && set->count != 1)
        abort();
    rcn_desired_set_free(set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_diags diags;
    struct rcn_variables *variables = rcn_variables_new();
    FILE *file = tmpfile();
    if (!file)
        abort();
    rcn_diags_init(&diags);
    if (fwrite(data, 1, size, file) != size || fflush(file))
        abort();
    /* An open file with no name left has one there. */
    snprintf(path, sizeof path, "/proc/self/fd/%d", fileno(file));
    if (!rcn_variables_add_file(variables, path, &diags, &err))
        use(variables, &diags);
    rcn_variables_free(variables);
    rcn_diags_release(&diags);
    fclose(file);
    return 0;
}
