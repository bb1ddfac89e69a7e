#!/usr/bin/env python3
"""Opens HTML reports in a real browser: filters, width of a phone, contrast in both schemes.

A page of ours, the driver, loads one report after the other into a frame, works its form as a person
would, and sends what it saw back. There is a browser for each colour scheme. The times it prints are
to be looked at, and judge nothing.
"""

import argparse
import functools
import http.server
import json
import os
import pathlib
import queue
import subprocess
import sys
import tempfile
import threading

ROWS = 5001
DIFFERENT = 501
CSV_HEAD = "Status,Audience,Segment,Live,Manifest,Last upload"
PHONE = 360
MIN_CONTRAST = 4.5

DRIVER = """<!DOCTYPE html><meta charset="utf-8">
<script>
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
  const far = new Set(Array.from(page.querySelectorAll('tbody tr')).slice(400));
  for (const node of page.querySelectorAll('body *')) {
    const isText = Array.from(node.childNodes).some(c => c.nodeType === 3 && c.data.trim());
    if (!isText || node.closest('tr[hidden]') || far.has(node.closest('tr'))) continue;
    if (!node.getClientRects().length) continue;
    const a = luminance(view.getComputedStyle(node).color);
    const b = luminance(ground(view, node));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < worst.ratio) worst = {ratio: ratio, node: node.outerHTML.slice(0, 120)};
  }
  return worst;
}
function visible(page) {
  return Array.from(page.querySelectorAll('#sync-table tbody tr')).filter(row => row.getClientRects().length);
}
function pause(ms) { return new Promise(resolve => setTimeout(resolve, ms)); }
async function filter(view, page, name, value) {
  const control = page.forms.filters.elements[name];
  control.value = value;
  const start = performance.now();
  control.dispatchEvent(new view.Event('change', {bubbles: true}));
  page.body.getBoundingClientRect(); /* until it is laid out again */
  return performance.now() - start;
}
/* The names in the order of that column, both ways. */
async function sortBy(page, seen) {
  const names = () => visible(page).map(row => row.cells[1].textContent);
  const button = page.querySelector('#sync-table thead tr').cells[1].querySelector('button');
  const start = performance.now();
  button.click();
  page.body.getBoundingClientRect();
  seen.sortMs = performance.now() - start;
  const up = names();
  button.click();
  const down = names();
  const sorted = up.slice().sort((a, b) => a < b ? -1 : a > b ? 1 : 0);
  seen.sorted = [up.join() === sorted.join(), down[0] === up[up.length - 1],
    button.parentElement.getAttribute('aria-sort')];
}
/* What the button puts on the clipboard. */
async function copyCsv(view, page) {
  let text = '';
  const clipboard = {writeText: copied => { text = copied; return Promise.resolve(); }};
  Object.defineProperty(view.navigator, 'clipboard', {value: clipboard, configurable: true});
  page.getElementById('csv').click();
  await pause(50);
  const lines = text.split('\\r\\n');
  return [lines.length - 2, lines[0], page.getElementById('csv').textContent];
}
async function look(frame, seen) {
  const view = frame.contentWindow, page = frame.contentDocument;
  seen.background = view.getComputedStyle(page.body).backgroundColor;
  seen.overflow = page.documentElement.scrollWidth - page.documentElement.clientWidth;
  seen.contrast = worstContrast(view, page);
  seen.scripts = page.scripts.length;
  const form = page.forms.filters;
  seen.hasForm = Boolean(form && !form.hidden);
  if (!form) return;
  seen.labels = Array.from(form.elements).every(control => control.tagName === 'BUTTON' ||
    control.labels[0].textContent.trim());
  seen.hidden = ['company', 'account', 'label'].filter(key => !form.elements[key].getClientRects().length);
  seen.options = ['status', 'company', 'account', 'label'].map(key => form.elements[key].options.length);
  seen.folded = [visible(page).length, page.getElementById('folded').hidden];
  page.getElementById('unfold').click();
  seen.all = [visible(page).length, page.getElementById('shown').textContent];
  await sortBy(page, seen);
  seen.csv = await copyCsv(view, page);
  seen.times = Array.from(page.querySelectorAll('time')).slice(0, 50).every(time => time.title);
  seen.ms = await filter(view, page, 'status', 'drifted');
  seen.drifted = [visible(page).length, visible(page).every(r => r.dataset.status.startsWith('drifted'))];
  await filter(view, page, 'company', form.elements.company.options[1].value);
  seen.company = visible(page).length;
  await filter(view, page, 'label', 'owner=crm');
  seen.label = [visible(page).length, visible(page).every(row => row.dataset.label === 'owner=crm')];
  await filter(view, page, 'label', '');
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
  view.dispatchEvent(new view.Event('beforeprint'));
  seen.printed = visible(page).length;
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
function load(report, width) {
  const frame = document.createElement('iframe');
  frame.width = width;
  frame.height = 800;
  frame.src = report;
  document.body.append(frame);
  return new Promise(resolve => frame.addEventListener('load', () => resolve(frame), {once: true}));
}
async function lookAtAll(looks) {
  for (const [report, width] of looks) {
    const seen = {errors: []};
    const start = performance.now();
    const frame = await load(report, width);
    seen.loadMs = performance.now() - start;
    try { await look(frame, seen); } catch (error) { seen.errors.push(String(error)); }
    frame.remove();
    await fetch('/seen', {method: 'POST', body: JSON.stringify(seen)});
  }
}
addEventListener('DOMContentLoaded', () => lookAtAll(LOOKS));
</script>
"""

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--no-proxy-server",
]
# Only against a browser that hangs: a busy machine takes a minute to start one.
MAX_LOOK_S = 240


class Server(http.server.SimpleHTTPRequestHandler):
    """The folder with the reports; what the driver saw goes to `seen`."""

    seen = queue.Queue()

    def log_message(self, *_):
        pass

    def do_POST(self):
        self.seen.put(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()


def serve(directory):
    handler = functools.partial(Server, directory=directory)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def look_at(browser, directory, port, looks, dark):
    """What the driver saw, in the order of the looks: pairs of a report and a width."""
    driver = directory / "driver.html"
    driver.write_text(DRIVER.replace("LOOKS", json.dumps(looks)))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        flags = FLAGS + [f"--user-data-dir={profile}", "--remote-debugging-port=0"]
        if dark:
            flags.append("--blink-settings=preferredColorScheme=0")
        # It would leave reports of crashes in the home, and empty folders in the other.
        places = {"HOME": profile, "TMPDIR": profile}
        process = subprocess.Popen([browser, *flags, f"http://127.0.0.1:{port}/driver.html"],
                                   env=os.environ | places,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            for report, _ in looks:
                try:
                    yield json.loads(Server.seen.get(timeout=MAX_LOOK_S))
                except queue.Empty:
                    raise AssertionError(f"the browser said nothing of {report}") from None
        finally:
            process.terminate()
            process.wait(30)


def check_common(seen, say):
    say(not seen["errors"], f"errors {seen['errors']}")
    say(seen["overflow"] <= 0, f"{seen['overflow']} pixels wider than the screen")
    say(seen["contrast"]["ratio"] >= MIN_CONTRAST, f"contrast {seen['contrast']}")
    say(seen["hasForm"], "no filters")
    say(seen["scripts"] == 1, f"{seen['scripts']} scripts")
    say(seen["labels"], "a control without a label")
    say(seen["times"], "a time that was not made local")


def check_filters(seen, say):
    count = f"{ROWS:,}"
    say(seen["folded"] == [DIFFERENT, False], f"folded: {seen['folded']}")
    say(seen["all"] == [ROWS, f"Showing {count} of {count} syncs"], f"all: {seen['all']}")
    say(seen["sorted"] == [True, True, "descending"], f"sorted: {seen['sorted']}")
    say(seen["csv"] == [ROWS, CSV_HEAD, "Copied"], f"CSV: {seen['csv']}")
    print(f"{ROWS} rows: loaded in {seen['loadMs']:.0f} ms, filtered in {seen['ms']:.0f} ms, "
          f"sorted in {seen['sortMs']:.0f} ms")
    say(seen["options"][0] >= 6 and seen["options"][1:] == [3, 3, 3], f"options {seen['options']}")
    say(seen["drifted"] == [100, True], f"drifted: {seen['drifted']}")
    say(0 < seen["label"][0] < seen["company"] and seen["label"][1], f"label: {seen['label']}")
    say(0 < seen["company"] < 100, f"of one company: {seen['company']}")
    say(0 < seen["search"][0] < seen["company"] and seen["search"][1], f"search: {seen['search']}")
    say(seen["none"] == [0, True], f"nothing fits: {seen['none']}")
    say(seen["reset"] == [DIFFERENT, ""], f"reset: {seen['reset']}")
    say(seen["printed"] == ROWS, f"printed: {seen['printed']}")
    say(0 < seen["differences"][0] < ROWS and seen["differences"][1],
        f"all but in sync: {seen['differences']}")
    say(0 < seen["hash"][0] < 20 and seen["hash"][1:] == ["", "audience 251"], f"hash: {seen['hash']}")
    say(seen["hidden"] == [], f"hidden filters: {seen['hidden']}")


def check_tiles(seen, say):
    """A tile is a link to as many rows as it says."""
    say(len(seen["tiles"]) > 3, f"tiles: {seen['tiles']}")
    for text, number, rows, status in seen["tiles"]:
        say(number == rows and status, f"the tile '{text}' leads to {rows} rows of '{status}'")


def check(report, seen, where, problems):
    def say(condition, problem):
        if not condition:
            problems.append(where + problem)

    check_common(seen, say)
    if report == "drift-many.html":
        check_filters(seen, say)
    elif "hostile" not in report:
        check_tiles(seen, say)
    if report == "drift.html":
        say(seen["hidden"] == ["company", "account", "label"], f"one company: {seen['hidden']}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("browser")
    parser.add_argument("program", help="report_samples")
    arguments = parser.parse_args()
    problems = []
    with tempfile.TemporaryDirectory() as scratch:
        directory = pathlib.Path(scratch)
        subprocess.run([arguments.program, directory], check=True)
        looks = {False: [("drift-many.html", 1200), ("plan-hostile.html", PHONE), ("drift.html", PHONE)],
                 True: [("drift-many.html", PHONE), ("apply-long.html", PHONE), ("apply.html", 1200)]}
        grounds = {}
        server = serve(directory)
        for dark, pairs in looks.items():
            sights = look_at(arguments.browser, directory, server.server_address[1], pairs, dark)
            for (report, width), seen in zip(pairs, sights):
                where = f"{report}, {width} pixels, {'dark' if dark else 'light'}: "
                check(report, seen, where, problems)
                grounds.setdefault(dark, set()).add(seen["background"])
            sights.close()
        server.shutdown()
        if grounds[True] & grounds[False]:
            problems.append(f"dark and light have the same ground: {grounds}")
    print("\n".join(problems) or "every page is as it should be")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
