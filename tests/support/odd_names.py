#!/usr/bin/env python3
"""Prints a seed for the sandbox: 200 syncs whose names are hard to write in YAML, three of them
duplicates of one identity. The same on every call."""

import json

WORDS = ["null", "~", "true", "False", "yes", "no", "2024", "007", "0x1F", "0o17", "1e3", "-1", "+.5",
         ".inf", ".NaN", "2024-01-01", "12:30:45", "<<", "=", "-", "---", "...", "- a", "? a", ": a",
         "a: b", "a:", "a:b", "# a", "a # b", "a#b", "#", "##[error]", "::set-output", "[a]", "{a: b}",
         "a, b", "*a", "&a", "!a", "!!str a", "|", ">-", "'a'", "it's", '"a"', 'say "a"', "a\\b", "\\n",
         "\\u0041", "%a", "@a", "`a`", "${X}", "$${X}", "$$${X}", "a ${X:-b} ${", "$", "${", "a: ${X}",
         "é", "e\u0301", "日本語", "ä: ö", "👨‍👩‍👧", "❤️", "नमस्ते", "می‌خواهم", "a\u00a0b", "a\u3000b",
         "𝒳", "a  b", "x" * 1500 + ": y", "x " * 5000 + "z", "é" * 5000, "${a}" * 2000]


def main():
    names = WORDS + [f"{word} ({number})" for number, word in enumerate(WORDS)]
    names += [f"# plain {number}: x" for number in range(197 - len(names))]
    names = names[:197] + ["duplicate: #1"] * 3
    frequencies = ["daily", "weekly", "hourly", "daily"]
    syncs = [{"id": f"sync_{number}", "segmentId": f"seg_{number}" if number % 3 else "12", "segmentName": name[:200],
              "adAccountId": f"act_{number % 3 if number < 197 else 1}", "audienceName": name,
              "frequency": frequencies[number % 4], "isActive": number % 5 != 0}
             for number, name in enumerate(names)]
    print(json.dumps({"audienceSyncs": syncs}))


if __name__ == "__main__":
    main()
