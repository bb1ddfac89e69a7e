#!/usr/bin/env python3
"""Reads reports, those that report_samples writes or those in a directory, with other parsers.

Whatever the names and errors in them hold, a document parses, says what it should, and nothing in
it can give a command to a terminal, a CI system or a browser.
"""

import argparse
import base64
import csv
import hashlib
import html.parser
import io
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unicodedata
import xml.etree.ElementTree

import jsonschema

sys.path.append("/usr/lib/python3/dist-packages")  # Debian's, when another Python runs this
import prometheus_client.openmetrics.parser  # noqa: E402

MAX_MARKDOWN = 65000
MAX_COMMANDS = 51
DIGEST_START = '"digest": "sha256:'


def fail(message):
    raise AssertionError(message)


def check(condition, message):
    if not condition:
        fail(message)


# Of the names in the variants `*-hostile`: it must come out of every parser as it is.
HOSTILE = "<script>alert(1)</script> ]]> --> &amp; & &x; 5% @octocat #1 [l]"


# --- every format ---


def check_characters(text):
    """No control, no invisible and no bidirectional character arrives as itself."""
    for character in set(text.replace("\r\n", "\n")) - {"\n"}:
        category = unicodedata.category(character)
        check(category not in ("Cc", "Cf", "Cs", "Zl", "Zp"), f"raw {character!r}")


def check_log(text):
    """No line gives a command to a CI system."""
    for line in text.split("\n"):
        check(not line.lstrip().startswith("::"), f"a workflow command: {line[:80]!r}")
        check("##[" not in line and "##vso[" not in line, f"a log command: {line[:80]!r}")


# --- JSON ---


def refuse_duplicates(pairs):
    keys = [key for key, _ in pairs]
    check(len(keys) == len(set(keys)), f"a key twice: {keys}")
    return dict(pairs)


def parse_json(text):
    return json.loads(text, object_pairs_hook=refuse_duplicates)


def check_json(text, schema):
    document = parse_json(text)
    schema.validate(document)
    start = text.rindex(DIGEST_START)
    digest = hashlib.sha256(text[:start].encode()).hexdigest()
    check(text[start:] == f'{DIGEST_START}{digest}"}}\n', "the digest is wrong")
    lines = [line for line in text.split("\n") if line.startswith('  {"status"')]
    check(len(lines) == len(document["syncs"]) + len(document["unmanaged"]), "rows are one a line")
    if document["exitCode"] == 1:
        check(any(each["severity"] == "error" for each in document["diagnostics"]), "no error named")
    return json.dumps(document)


# --- SARIF: its public schema, and what GitHub demands beyond it ---

SARIF = jsonschema.Draft202012Validator(
    json.loads((pathlib.Path(__file__).parent / "sarif-2.1.0.json").read_text()))
URI = re.compile(r"(file:///)?([A-Za-z0-9._~/-]|%[0-9A-F]{2})+")


def check_sarif(text):
    document = parse_json(text)
    SARIF.validate(document)
    run = document["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    for result in run["results"]:
        check(rules[result["ruleIndex"]] == result["ruleId"], "a result names another rule")
        check("](" not in result["message"]["text"], "a link in a message")
        # GitHub refuses a whole file for one result that has no place.
        check(len(result["locations"]) == 1, "a result without a location")
        place = result["locations"][0]["physicalLocation"]
        check(URI.fullmatch(place["artifactLocation"]["uri"]), f"no URI: {place}")
    return json.dumps(document)


# --- JUnit: what the schemas of Jenkins and of Ant have in common ---

SUITE_ATTRIBUTES = {
    "name", "id", "package", "timestamp", "hostname", "tests", "failures", "errors", "skipped", "time",
}


def check_suite(suite):
    check(set(suite.attrib) == SUITE_ATTRIBUTES, f"attributes of a suite: {set(suite.attrib)}")
    tags = [child.tag for child in suite]
    cases = suite.findall("testcase")
    check(tags == ["properties"] + ["testcase"] * len(cases) + ["system-out", "system-err"], "order")
    verdicts = {"failure": 0, "error": 0, "skipped": 0}
    for case in cases:
        check(set(case.attrib) - {"file", "line"} == {"classname", "name", "time"}, "attributes of a test case")
        check("line" not in case.attrib or "file" in case.attrib and int(case.attrib["line"]) > 0, "no line")
        check(len(case) <= 1, "more than one verdict")
        for verdict in case:
            check(set(verdict.attrib) == {"message", "type"}, "attributes of a verdict")
            check("\n" not in verdict.attrib["message"], "a message of several lines")
            verdicts[verdict.tag] += 1
    counted = (len(cases), verdicts["failure"], verdicts["error"], verdicts["skipped"])
    said = tuple(int(suite.get(key)) for key in ("tests", "failures", "errors", "skipped"))
    check(counted == said, f"counts of a suite: {said}, there are {counted}")
    return counted


def check_junit(text):
    root = xml.etree.ElementTree.fromstring(text.encode())
    check(root.tag == "testsuites", "the root")
    check(all(child.tag == "testsuite" for child in root), "what is no suite")
    ids = [suite.get("id") for suite in root]
    check(ids == [str(i) for i in range(len(ids))], "ids of the suites")
    totals = [sum(column) for column in zip(*(check_suite(suite) for suite in root))]
    said = [int(root.get(key)) for key in ("tests", "failures", "errors")]
    check(said == totals[:3], f"counts of all: {said}, there are {totals}")
    texts = list(root.itertext()) + [value for node in root.iter() for value in node.attrib.values()]
    return "\n".join(texts)


# --- HTML ---

VOID = {"meta", "input", "br", "link", "img"}
TAGS = VOID - {"link", "img"} | {
    "html", "head", "title", "style", "body", "a", "header", "h1", "h2", "p", "time", "main", "div",
    "strong", "section", "ul", "li", "span", "svg", "polyline", "details", "summary", "table",
    "caption", "thead", "tbody", "tr", "th", "td", "code", "form", "label", "select", "option",
    "button", "bdi", "dl", "dt", "dd", "h3", "mark", "footer", "script",
}


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open = []
        self.counts = {}
        self.raw = {"style": "", "script": ""}
        self.policy = ""
        self.texts = []
        self.ids = []
        self.labelled = []
        self.controls = 0

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        check(len(values) == len(attrs), f"an attribute twice in <{tag}>")
        check(tag in TAGS, f"a tag that is not ours: <{tag}>")
        for name, value in attrs:
            check(not name.startswith("on") and name != "style", f"{name} in <{tag}>")
            check(name not in ("src", "action", "srcset", "data"), f"{name} in <{tag}>")
            if name == "href":
                check(value.startswith("#"), f"a link to {value}")
            if name == "id":
                self.ids.append(value)
            if name == "aria-labelledby":
                self.labelled.append(value)
        if tag in ("input", "select"):
            self.controls += 1
            check("label" in self.open, f"<{tag}> has no label")
        if tag == "th":
            check("scope" in values, "a heading without a scope")
        if values.get("http-equiv") == "Content-Security-Policy":
            self.policy = values["content"]
        self.counts[tag] = self.counts.get(tag, 0) + 1
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag):
        check(self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-1:]}")
        self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1] in self.raw:
            self.raw[self.open[-1]] += data
        else:
            self.texts.append(data)

    def handle_comment(self, data):
        fail(f"a comment: {data[:40]}")


def check_html(text):
    page = Page()
    page.feed(text)
    page.close()
    check(not page.open, f"left open: {page.open}")
    for tag in ("title", "style", "script", "main", "h1"):
        check(page.counts.get(tag) == 1, f"{page.counts.get(tag)} of <{tag}>")
    for tag, content in page.raw.items():
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        check(f"{tag}-src 'sha256-{digest}'" in page.policy, f"the policy does not allow our <{tag}>")
    check("default-src 'none'" in page.policy and "unsafe" not in page.policy, page.policy)
    check(len(page.ids) == len(set(page.ids)), "an id twice")
    check(set(page.labelled) <= set(page.ids), "a label that is not there")
    check(page.counts.get("table", 0) == page.counts.get("caption", 0), "a table without a caption")
    check(not re.search(r"https?://|@import|url\(", page.raw["style"] + page.raw["script"]), "network")
    return "".join(page.texts)


# --- GitHub's workflow commands ---

COMMAND = re.compile(r"^::(error|warning|notice) ((?:[a-z]+=[^:,]*)(?:,[a-z]+=[^:,]*)*)::(.*)$")


def check_github(text):
    lines = text.split("\n")
    check(lines.pop() == "", "no line feed at the end")
    check(1 <= len(lines) <= MAX_COMMANDS, f"{len(lines)} commands")
    for line in lines:
        match = COMMAND.match(line)
        check(match, f"not a command of ours: {line[:80]!r}")
        properties = dict(pair.split("=", 1) for pair in match.group(2).split(","))
        check(set(properties) <= {"file", "line", "col", "title"}, f"properties {properties}")
        check("%0A" not in match.group(2) and "%0D" not in line, "a line end in a property")
        check(re.sub(r"%(25|0A|3A|2C)", "", line).count("%") == 0, "a raw percent sign")
    return text.replace("%0A", "\n").replace("%25", "%")


# --- Markdown ---

LINK = re.compile(r"https://git(hub|lab)\.example\.com/[A-Za-z0-9._~/%#-]+")


class Rendered(html.parser.HTMLParser):
    """What a renderer made of a comment: its tags, its tables, and what stands outside of code."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.code = 0
        self.tags = set()
        self.tables = []
        self.prose = ""
        self.text = ""

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.code += tag == "code"
        check(not attributes or tag in ("th", "td") or tag == "a", f"<{tag}> with {attributes}")
        for name, value in attributes:
            check(tag != "a" or name == "href" and LINK.fullmatch(value), f"a link to {value}")
        if tag == "tr":
            self.tables.append(0)
        if tag in ("th", "td"):
            self.tables[-1] += 1

    def handle_endtag(self, tag):
        self.code -= tag == "code"

    def handle_data(self, data):
        self.text += data
        if not self.code:
            self.prose += data


RENDERED_TAGS = {"h2", "h3", "p", "strong", "code", "ul", "li", "table", "thead", "tbody", "tr", "th", "td",
                 "details", "summary", "a", "br"}


def check_rendered(text):
    """The renderer of GitHub, with everything it can do: raw HTML, tables, links by themselves."""
    options = [option for name in ("table", "autolink", "strikethrough", "tasklist") for option in ("-e", name)]
    done = subprocess.run(["cmark-gfm", "--unsafe", *options], input=text, capture_output=True, text=True,
                          check=True)
    page = Rendered()
    page.feed(done.stdout)
    check(page.tags <= RENDERED_TAGS, f"tags {page.tags - RENDERED_TAGS}")
    check(len(set(page.tables)) <= 1, f"a table with rows of {page.tables} cells")
    check(not re.search(r"[@#<>$]|://|www\.|:[a-z0-9_+-]{3,}:", page.prose),
          "a mention, an issue, a link or markup outside of code")
    return page.text


def check_markdown(text):
    check(re.match(r"<!-- audiencectl:[a-z]+(:[A-Za-z0-9_.-]+)* -->\n## audiencectl ", text), "how it begins")
    check(len(text.encode()) <= MAX_MARKDOWN, f"{len(text.encode())} bytes")
    check("--" not in text.split("\n")[0][4:-3], "a comment that ends early")
    for line in text.split("\n"):
        check(line.count("`") % 2 == 0, f"a code span that is left open: {line[:80]!r}")
    return check_rendered(text)


# --- CSV, as Python reads it and as a spreadsheet judges formulas ---


csv.field_size_limit(1 << 24)


def check_csv(text):
    check(text.endswith("\r\n") and "\n" not in text.replace("\r\n", ""), "line ends")
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    check(len({len(row) for row in rows}) == 1 and len(rows[0]) > 1, "rows of different lengths")
    check(len(set(rows[0])) == len(rows[0]), "a column twice")
    for cell in (cell for row in rows for cell in row):
        check(not cell.startswith(("=", "+", "-", "@", "\t", "\r")), f"a formula: {cell[:40]!r}")
    return "\n".join(cell for row in rows for cell in row)


# --- OpenMetrics, by the parser of Prometheus' own client ---


def check_metrics(text):
    families = list(prometheus_client.openmetrics.parser.text_string_to_metric_families(text))
    names = [family.name for family in families]
    check(len(names) == len(set(names)) and "audiencectl_exit_code" in names, f"families {names}")
    return "\n".join(value for family in families for sample in family.samples
                     for value in sample.labels.values())


# --- GitLab's Code Quality: what its documentation demands of each finding ---

FINDING = jsonschema.Draft202012Validator({
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "pattern": "^[a-z-]+$"},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {"path": {"type": "string", "pattern": "^[^/.]"},
                               "lines": {"required": ["begin"], "properties": {"begin": {"minimum": 1}}}},
            },
        },
    },
})


def check_codequality(text):
    findings = parse_json(text)
    FINDING.validate(findings)
    return json.dumps(findings)


# --- all of it ---


# Diagnostics go to stderr, so the text of a failed validate only counts them; CSV has rows of syncs,
# metrics have accounts, and Code Quality has what is in a file.
NAMELESS = {"validate-hostile.text", "validate-hostile.csv", "failed-hostile.csv",
            "failed-hostile.codequality"} | {
    f"{name}-hostile.metrics" for name in ("validate", "failed", "drift", "syncs", "segments", "ad-accounts")}


def check_file(path, schema):
    text = path.read_bytes().decode("utf-8", errors="strict")
    check_characters(text)
    if path.suffix != ".github":
        check_log(text)
    checks = {
        ".json": lambda: check_json(text, schema),
        ".sarif": lambda: check_sarif(text),
        ".junit": lambda: check_junit(text),
        ".html": lambda: check_html(text),
        ".github": lambda: check_github(text),
        ".markdown": lambda: check_markdown(text),
        ".csv": lambda: check_csv(text),
        ".metrics": lambda: check_metrics(text),
        ".codequality": lambda: check_codequality(text),
        ".text": lambda: text,
    }
    read = checks[path.suffix]()
    if path.stem.endswith("-hostile") and path.name not in NAMELESS:
        check(HOSTILE in read, "the names were lost")


def write_samples(program, directory):
    directory.mkdir()
    subprocess.run([program, directory], check=True)
    return sorted(directory.iterdir())


def check_files(paths, schema):
    failed = 0
    for path in paths:
        try:
            check_file(path, schema)
        except Exception as error:  # every file is to be looked at
            failed += 1
            print(f"{path.name}: {type(error).__name__}: {str(error)[:400]}")
    print(f"{len(paths)} reports, {failed} wrong")
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reports", type=pathlib.Path,
                        help="the program report_samples, or a directory of VARIANT.FORMAT files")
    parser.add_argument("schema", type=pathlib.Path)
    arguments = parser.parse_args()
    definition = json.loads(arguments.schema.read_text())
    jsonschema.Draft202012Validator.check_schema(definition)
    schema = jsonschema.Draft202012Validator(definition)
    if arguments.reports.is_dir():
        paths = sorted(arguments.reports.iterdir())
        return 1 if check_files(paths, schema) or not paths else 0
    with tempfile.TemporaryDirectory() as scratch:
        paths = write_samples(arguments.reports, pathlib.Path(scratch, "first"))
        again = write_samples(arguments.reports, pathlib.Path(scratch, "second"))
        failed = check_files(paths, schema)
        for path, other in zip(paths, again):
            if path.read_bytes() != other.read_bytes():
                failed += 1
                print(f"{path.name}: two runs differ")
    check(len(paths) > 100, "hardly any report was written")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
