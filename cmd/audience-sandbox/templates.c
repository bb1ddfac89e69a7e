#include "templates.h"

#include <stddef.h>
#include <string.h>

static const struct sbx_template templates[] = {
    {"recent-buyers", "Recent buyers",
     "[{\"id\": \"f1\", \"field\": \"lastPurchaseAt\", \"operator\": \"within\","
     " \"value\": \"30d\"}]",
     480},
    {"zero-ltv", "Zero lifetime value",
     "[{\"id\": \"f1\", \"field\": \"lifetimeValue\", \"operator\": \"eq\", \"value\": 0}]", 3100},
    {"no-purchase-1y", "No purchase in a year",
     "[{\"id\": \"f1\", \"field\": \"lastPurchaseAt\", \"operator\": \"before\","
     " \"value\": \"365d\"}]",
     2200},
    {"high-spenders-ecom", "High spenders",
     "[{\"id\": \"f1\", \"field\": \"lifetimeValue\", \"operator\": \"gte\", \"value\": 500}]", 75},
    {"non-buyers", "Non-buyers",
     "[{\"id\": \"f1\", \"field\": \"orderCount\", \"operator\": \"eq\", \"value\": 0}]", 5400},
    {"engaged", "Engaged",
     "[{\"id\": \"f1\", \"field\": \"lastOpenAt\", \"operator\": \"within\","
     " \"value\": \"90d\"}]",
     8800},
};

const struct sbx_template *sbx_template_get(const char *id)
{
    for (size_t i = 0; i < sizeof templates / sizeof *templates; i++)
        if (strcmp(templates[i].id, id) == 0)
            return &templates[i];
    return NULL;
}
