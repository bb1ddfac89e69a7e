#!/usr/bin/env python3
"""Checks what README.md says against what is there: the reference of commands and options against the
programs' help (`--update` rewrites it), links against files and headings, manifests against
`validate`, and what the container recipe copies; and that the files and functions that the READMEs of
reconcile/ and tests/ name are there."""

import argparse
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
README = ROOT / "README.md"
BEGIN, END = "<!-- begin: tests/support/check_readme.py --update -->", "<!-- end -->"


def help_of(program, *command):
    return subprocess.run([program, "help", *command], capture_output=True, text=True, check=True).stdout


# --- the reference ---------------------------------------------------------------------------------


def read_commands(program):
    """[(name, usage, summary)], in the order of help."""
    found = []
    for name, summary in re.findall(r"^  ([a-z]+)  +(.*)$", help_of(program), re.M):
        if name != "usage":
            usage = re.match(r"usage: audiencectl (.*)", help_of(program, name)).group(1)
            found.append((name, usage.replace(" [OPTION]...", ""), summary))
    return found


def read_options(program, commands):
    """{(option, help, twin): names of commands}, in the order of help."""
    found = {}
    for name, _, _ in commands:
        for entry in re.split(r"\n(?=  (?:-\w,|   ) --)", help_of(program, name))[1:]:
            entry = re.split(r"\n\n", entry)[0]
            head, *text = re.split(r"\s{2,}|\n\s*", entry.strip())
            twin = re.fullmatch(r"\[\$([A-Z_]+)\]", text[-1])
            key = (head, " ".join(text[:-1] if twin else text), twin.group(1) if twin else "")
            found.setdefault(key, []).append(name)
    return found


def cell(text):
    return text.replace("|", "\\|").replace("<", "&lt;")


def reference(program):
    commands = read_commands(program)
    lines = ["", "| command | does |", "|---|---|"]
    lines += [f"| `{cell(usage)}` | {cell(summary)} |" for _, usage, summary in commands]
    lines += ["", "| option | of | meaning |", "|---|---|---|"]
    shared = {}
    for (head, text, twin), names in read_options(program, commands).items():
        if len(names) == 1:
            twin = f" In the environment: `{twin}`." if twin else ""
            lines.append(f"| `{cell(head)}` | {names[0]} | {cell(text)}{twin} |")
        else:
            of = "all" if len(names) == len(commands) else ", ".join(names)
            shared.setdefault(of, []).append(f"`{cell(head)}`" + (f" (`{twin}`)" if twin else ""))
    lines += ["", "These mean the same in several commands; a variable that sets one is in parentheses.", "",
              "| of | options |", "|---|---|"]
    lines += [f"| {of} | {', '.join(options)} |" for of, options in shared.items()]
    return "\n".join(lines) + "\n\n"


# --- everything else -------------------------------------------------------------------------------


def anchors(text):
    titles = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def broken_links(path):
    for target in re.findall(r"\]\(([^)]+)\)", path.read_text("utf-8")):
        name, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", name):
            continue
        file = (path.parent / name) if name else path
        if not file.exists():
            yield f"{path.name}: there is no {name}"
        elif anchor and anchor not in anchors(file.read_text("utf-8")):
            yield f"{path.name}: {file.name} has no heading '{anchor}'"


def unknown_names(path, files, source):
    """A file, function or type that a text speaks of in backquotes must be there."""
    for name in sorted(set(re.findall(r"`([^`\s]+)`", path.read_text("utf-8")))):
        if re.fullmatch(r"[\w./-]*\w\.(?:c|h|py|sh|bats|json)", name):
            if not any(f"/{file}".endswith(f"/{name}") for file in files):
                yield f"{path.parent.name}/{path.name} speaks of {name}, which is not there"
        elif re.fullmatch(r"[a-z]+(?:_[a-z]+)+", name) and not re.search(rf"\b{name}\b", source):
            yield f"{path.parent.name}/{path.name} speaks of {name}, which no source has"


def broken_manifests(program, text):
    """Blocks that are not named for a session (check_examples.py) stand for themselves."""
    blocks = re.findall(r"(<!-- file: \S+ -->\n)?```yaml\n(.*?)```", text, re.S)
    manifests = [block for named, block in blocks if "apiVersion: audiencectl" in block and not named]
    if not manifests:
        yield "README.md: no manifest was found"
    for manifest in manifests:
        done = subprocess.run([program, "validate", "--strict", "-"], input=manifest, capture_output=True, text=True,
                              check=False)
        if done.returncode:
            yield f"README.md: this manifest is refused: {done.stderr}"


def missing_in_container():
    for line in re.findall(r"^COPY (?!--from)(.*) \S+$", (ROOT / "examples/container/Containerfile").read_text(), re.M):
        for name in line.split():
            if not (ROOT / name).exists():
                yield f"examples/container/Containerfile: there is no {name}"


def main():
    parser = argparse.ArgumentParser(description="README.md against what is there")
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--update", action="store_true", help="rewrite the reference of commands")
    options = parser.parse_args()
    program = str(options.build.resolve() / "bin" / "audiencectl")
    text = README.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    wanted = before + BEGIN + reference(program) + END + after
    problems = []
    if options.update:
        README.write_text(wanted, "utf-8")
    elif text != wanted:
        problems.append("README.md: the reference of commands is not what help says; tests/support/check_readme.py "
                        "--build build/dev --update writes it")
    for path in [README, *ROOT.glob("*/README.md"), *ROOT.glob("examples/*/README.md")]:
        problems += broken_links(path)
    tree = [path for top in ("cmd", "reconcile", "examples", "tests") for path in (ROOT / top).rglob("*")]
    files = [str(path.relative_to(ROOT)) for path in tree if path.is_file()]
    source = "".join(path.read_text("utf-8") for path in tree if path.suffix in (".c", ".h") and path.is_file())
    for name in ("reconcile/README.md", "tests/README.md"):
        problems += unknown_names(ROOT / name, files, source)
    problems += broken_manifests(program, text)
    problems += missing_in_container()
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
