#include "base/time.h"
#include "report/html.h"
#include "report/view.h"

/* Units of a chart: whole numbers, so that no locale and no rounding changes a byte. */
enum { CHART_WIDTH = 1000, CHART_HEIGHT = 100, MAX_POINTS = 400, MAX_TABLE_ROWS = 100 };

struct series {
    const char *title;
    const char *color;
    int status; /* enum rcn_status, or -1 for unhealthy */
};

static const struct series all_series[] = {
    {"Missing", "green", RCN_STATUS_MISSING},   {"Drifted", "amber", RCN_STATUS_DRIFTED},
    {"Duplicate", "red", RCN_STATUS_DUPLICATE}, {"Unhealthy", "red", -1},
    {"Withheld", "blue", RCN_STATUS_WITHHELD},  {"Unmanaged", "grey", RCN_STATUS_UNMANAGED},
    {"In sync", "green", RCN_STATUS_IN_SYNC},
};
enum { SERIES_COUNT = sizeof all_series / sizeof *all_series };

static size_t get_value(const struct rcn_history_point *point, const struct series *series)
{
    return series->status < 0 ? point->counts.unhealthy : point->counts.by_status[series->status];
}

static size_t find_most(const struct rcn_history_point *points, size_t count,
                        const struct series *series)
{
    size_t most = 0;
    for (size_t i = 0; i < count; i++)
        if (get_value(&points[i], series) > most)
            most = get_value(&points[i], series);
    return most;
}

static void add_day(struct rcn_buf *out, int64_t at_ms)
{
    char time[RCN_TIME_SIZE];
    rcn_time_format(at_ms, time);
    rcn_buf_printf(out, "%.10s", time);
}

static unsigned scale(double part, double whole, double size)
{
    return whole > 0 ? (unsigned)(part / whole * size + 0.5) : 0;
}

static void add_line(struct rcn_buf *out, const struct rcn_history_point *points, size_t count,
                     const struct series *series, size_t most)
{
    double first_ms = (double)points[0].at_ms;
    double span_ms = (double)points[count - 1].at_ms - first_ms;
    rcn_buf_add_str(out, "<polyline points=\"");
    for (size_t i = 0; i < count; i++) {
        double value = (double)get_value(&points[i], series);
        rcn_buf_printf(out, "%s%u,%u", i ? " " : "",
                       scale((double)points[i].at_ms - first_ms, span_ms, CHART_WIDTH),
                       CHART_HEIGHT - scale(value, (double)most, CHART_HEIGHT));
    }
    rcn_buf_add_str(out, "\"/>");
}

static void add_chart(struct rcn_buf *out, const struct rcn_history_point *points, size_t count,
                      const struct series *series)
{
    size_t most = find_most(points, count, series);
    size_t first = get_value(&points[0], series);
    size_t last = get_value(&points[count - 1], series);
    rcn_buf_printf(out, "<li class=\"%s\"><div class=\"chart-head\"><span>%s</span><strong>",
                   series->color, series->title);
    rcn_view_add_number(out, last);
    rcn_buf_printf(out,
                   "</strong></div><svg viewBox=\"0 -4 %d %d\" preserveAspectRatio=\"none\" "
                   "role=\"img\" aria-label=\"%s: from %zu on ",
                   CHART_WIDTH, CHART_HEIGHT + 8, series->title, first);
    add_day(out, points[0].at_ms);
    rcn_buf_printf(out, " to %zu on ", last);
    add_day(out, points[count - 1].at_ms);
    rcn_buf_printf(out, ", at most %zu\"><line x1=\"0\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>", most,
                   CHART_HEIGHT, CHART_WIDTH, CHART_HEIGHT);
    add_line(out, points, count, series, most);
    rcn_buf_add_str(out, "</svg><div class=\"dim\">at most ");
    rcn_view_add_number(out, most);
    rcn_buf_add_str(out, "</div></li>\n");
}

static void add_table_row(struct rcn_buf *out, const struct rcn_history_point *point)
{
    char time[RCN_TIME_SIZE];
    rcn_time_format(point->at_ms, time);
    rcn_buf_printf(out, "<tr><th scope=\"row\">%s</th>", time);
    for (size_t i = 0; i < SERIES_COUNT; i++)
        rcn_buf_printf(out, "<td class=\"number\">%zu</td>", get_value(point, &all_series[i]));
    rcn_buf_add_str(out, "</tr>\n");
}

static void add_table(struct rcn_buf *out, const struct rcn_history_point *points, size_t count)
{
    size_t first = count > MAX_TABLE_ROWS ? count - MAX_TABLE_ROWS : 0;
    rcn_buf_printf(out,
                   "<details><summary>The last %zu runs as a table</summary><div class=\"scroll\" "
                   "tabindex=\"0\" role=\"region\" aria-label=\"Runs\"><table>"
                   "<caption>Number of syncs by status, newest run first</caption>"
                   "<thead><tr><th scope=\"col\">Run</th>",
                   count - first);
    for (size_t i = 0; i < SERIES_COUNT; i++)
        rcn_buf_printf(out, "<th scope=\"col\" class=\"number\">%s</th>", all_series[i].title);
    rcn_buf_add_str(out, "</tr></thead><tbody>\n");
    for (size_t i = count; i > first; i--)
        add_table_row(out, &points[i - 1]);
    rcn_buf_add_str(out, "</tbody></table></div></details>\n");
}

void rcn_html_add_trend(struct rcn_buf *out, const struct rcn_report *report)
{
    size_t skipped = report->history_count > MAX_POINTS ? report->history_count - MAX_POINTS : 0;
    size_t count = report->history_count - skipped;
    if (count < 2)
        return;
    const struct rcn_history_point *points = report->history + skipped;
    rcn_buf_printf(out,
                   "<section aria-labelledby=\"trend-title\"><h2 id=\"trend-title\">Trend of the "
                   "last %zu runs, <span class=\"whole\">",
                   count);
    add_day(out, points[0].at_ms);
    rcn_buf_add_str(out, "</span> to <span class=\"whole\">");
    add_day(out, points[count - 1].at_ms);
    rcn_buf_add_str(out, "</span></h2>\n<ul class=\"charts\">\n");
    for (size_t i = 0; i < SERIES_COUNT; i++)
        add_chart(out, points, count, &all_series[i]);
    rcn_buf_add_str(out, "</ul>\n");
    add_table(out, points, count);
    rcn_buf_add_str(out, "</section>\n");
}
