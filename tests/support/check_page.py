#!/usr/bin/env python3
"""Opens HTML reports in a real browser: filters, speed, width of a phone, contrast in both schemes.

A page of ours, the driver, loads each report into a frame, works its form as a person would, and
writes what it saw into its own document, which the browser prints.
"""

import argparse
import html
import json
import pathlib
import re
import subprocess
import sys
import tempfile

ROWS = 5001
MAX_FILTER_MS = 500
PHONE = 360
MIN_CONTRAST = 4.5

DRIVER = """<!DOCTYPE html><meta charset="utf-8">
<iframe id="frame" width="WIDTH" height="800" src="REPORT"></iframe><pre id="result"></pre>
<script>
const frame = document.getElementById('frame');
const seen = {errors: []};
function luminance(color) {
  const parts = color.match(/[0-9.]+/g).slice(0, 3).map(part => {
    const value = part / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
}
function ground(view, node) {
  for (; node; node = node.parentElement) {
    const color = view.getComputedStyle(node).backgroundColor;
    if (color !== 'rgba(0, 0, 0, 0)') return color;
  }
  return 'rgb(255, 255, 255)';
}
function worstContrast(view, page) {
  let worst = {ratio: 99};
  for (const node of page.querySelectorAll('body *')) {
    const isText = Array.from(node.childNodes).some(c => c.nodeType === 3 && c.data.trim());
    if (!isText || !node.getClientRects().length || node.closest('tr[hidden]')) continue;
    if (node.closest('tbody') && node.closest('tr').rowIndex > 400) continue;
    const a = luminance(view.getComputedStyle(node).color);
    const b = luminance(ground(view, node));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < worst.ratio) worst = {ratio: ratio, node: node.outerHTML.slice(0, 120)};
  }
  return worst;
}
function visible(page) {
  return Array.from(page.querySelectorAll('#sync-table tbody tr')).filter(row => !row.hidden);
}
function pause(ms) { return new Promise(resolve => setTimeout(resolve, ms)); }
async function filter(view, page, name, value) {
  const control = page.forms.filters.elements[name];
  control.value = value;
  const start = performance.now();
  control.dispatchEvent(new view.Event('change', {bubbles: true}));
  return performance.now() - start;
}
async function look() {
  const view = frame.contentWindow, page = frame.contentDocument;
  seen.background = view.getComputedStyle(page.body).backgroundColor;
  seen.overflow = page.documentElement.scrollWidth - page.documentElement.clientWidth;
  seen.contrast = worstContrast(view, page);
  seen.scripts = page.scripts.length;
  const form = page.forms.filters;
  seen.hasForm = Boolean(form && !form.hidden);
  if (!form) return;
  seen.labels = Array.from(form.elements).every(control => control.type === 'reset' ||
    control.labels[0].textContent.trim());
  seen.hidden = ['company', 'account'].filter(key => !form.elements[key].getClientRects().length);
  seen.options = ['status', 'company', 'account'].map(key => form.elements[key].options.length);
  seen.all = [visible(page).length, page.getElementById('shown').textContent];
  seen.ms = await filter(view, page, 'status', 'drifted');
  seen.drifted = [visible(page).length, visible(page).every(r => r.dataset.status.startsWith('drifted'))];
  await filter(view, page, 'company', form.elements.company.options[1].value);
  seen.company = visible(page).length;
  form.elements.search.value = 'AUDIENCE 251';
  form.elements.search.dispatchEvent(new view.Event('input', {bubbles: true}));
  await pause(400);
  seen.search = [visible(page).length,
    visible(page).every(row => row.textContent.includes('251'))];
  form.elements.search.value = 'no such name';
  form.elements.search.dispatchEvent(new view.Event('input', {bubbles: true}));
  await pause(400);
  seen.none = [visible(page).length, !page.getElementById('none').hidden];
  form.reset();
  await pause(200);
  seen.reset = [visible(page).length, view.location.hash];
  await filter(view, page, 'status', 'differences');
  seen.differences = [visible(page).length, visible(page).every(r => r.dataset.status !== 'in-sync')];
  seen.tiles = [];
  for (const tile of page.querySelectorAll('.tiles a')) {
    tile.click();
    await pause(100);
    seen.tiles.push([tile.textContent, Number(tile.firstChild.textContent.replace(',', '')),
      visible(page).length, form.elements.status.value]);
  }
  view.location.hash = 'status=nonsense&search=audience+251&account=';
  await pause(100);
  seen.hash = [visible(page).length, form.elements.status.value, form.elements.search.value];
}
frame.addEventListener('load', async () => {
  try { await look(); } catch (error) { seen.errors.push(String(error)); }
  document.getElementById('result').textContent = JSON.stringify(seen);
});
</script>
"""

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-default-apps", "--allow-file-access-from-files", "--host-resolver-rules=MAP * ~NOTFOUND",
    "--virtual-time-budget=20000", "--dump-dom",
]


def look(browser, directory, report, width, dark):
    driver = directory / "driver.html"
    driver.write_text(DRIVER.replace("WIDTH", str(width)).replace("REPORT", report))
    with tempfile.TemporaryDirectory() as profile:
        flags = FLAGS + [f"--user-data-dir={profile}"]
        if dark:
            flags.append("--blink-settings=preferredColorScheme=0")
        done = subprocess.run([browser, *flags, driver.as_uri()], capture_output=True, text=True,
                              timeout=120, check=True)
    result = re.search(r'<pre id="result">(.*?)</pre>', done.stdout, re.DOTALL)
    if not result or not result.group(1):
        raise AssertionError(f"the browser said nothing of {report}: {done.stderr[-500:]}")
    return json.loads(html.unescape(result.group(1)))


def check_common(seen, say):
    say(not seen["errors"], f"errors {seen['errors']}")
    say(seen["overflow"] <= 0, f"{seen['overflow']} pixels wider than the screen")
    say(seen["contrast"]["ratio"] >= MIN_CONTRAST, f"contrast {seen['contrast']}")
    say(seen["hasForm"], "no filters")
    say(seen["scripts"] == 1, f"{seen['scripts']} scripts")
    say(seen["labels"], "a control without a label")


def check_filters(seen, say):
    count = f"{ROWS:,}"
    say(seen["all"] == [ROWS, f"Showing {count} of {count} syncs"], f"all: {seen['all']}")
    say(seen["ms"] <= MAX_FILTER_MS, f"filtering took {seen['ms']} ms")
    say(seen["options"][0] >= 6 and seen["options"][1:] == [3, 3], f"options {seen['options']}")
    say(seen["drifted"] == [100, True], f"drifted: {seen['drifted']}")
    say(0 < seen["company"] < 100, f"of one company: {seen['company']}")
    say(0 < seen["search"][0] < seen["company"] and seen["search"][1], f"search: {seen['search']}")
    say(seen["none"] == [0, True], f"nothing fits: {seen['none']}")
    say(seen["reset"] == [ROWS, ""], f"reset: {seen['reset']}")
    say(0 < seen["differences"][0] < ROWS and seen["differences"][1],
        f"all but in sync: {seen['differences']}")
    say(0 < seen["hash"][0] < 20 and seen["hash"][1:] == ["", "audience 251"], f"hash: {seen['hash']}")
    say(seen["hidden"] == [], f"hidden filters: {seen['hidden']}")


def check_tiles(seen, say):
    """A tile is a link to as many rows as it says."""
    say(len(seen["tiles"]) > 3, f"tiles: {seen['tiles']}")
    for text, number, rows, status in seen["tiles"]:
        say(number == rows and status, f"the tile '{text}' leads to {rows} rows of '{status}'")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("browser")
    parser.add_argument("program", help="report_samples")
    arguments = parser.parse_args()
    problems = []
    with tempfile.TemporaryDirectory() as scratch:
        directory = pathlib.Path(scratch)
        subprocess.run([arguments.program, directory], check=True)
        looks = [("drift-many.html", 1200, False), ("drift-many.html", PHONE, True),
                 ("plan-hostile.html", PHONE, False), ("apply-long.html", PHONE, True),
                 ("apply.html", 1200, True), ("drift.html", PHONE, False)]
        grounds = {}
        for report, width, dark in looks:
            where = f"{report}, {width} pixels, {'dark' if dark else 'light'}: "
            seen = look(arguments.browser, directory, report, width, dark)

            def say(condition, problem, where=where):
                if not condition:
                    problems.append(where + problem)

            check_common(seen, say)
            grounds.setdefault(dark, set()).add(seen["background"])
            if report == "drift-many.html":
                check_filters(seen, say)
            elif "hostile" not in report:
                check_tiles(seen, say)
            if report == "drift.html":
                say(seen["hidden"] == ["company", "account"], f"one company: {seen['hidden']}")
        if grounds[True] & grounds[False]:
            problems.append(f"dark and light have the same ground: {grounds}")
    print("\n".join(problems) or "every page is as it should be")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
