import assert from "node:assert/strict";
import test from "node:test";
import { rank, sorted } from "../dist/grouping.mjs";
import { themed } from "../dist/review.mjs";

test("the review has the colours of the editor", () => {
  const page =
    "<head><style>:root{--bg:#fff;--x:1}\n@media (prefers-color-scheme:dark){:root{--bg:#000;\n--x:2}}</style></head><body>";
  const shown = themed(page);
  assert.match(shown, /body\.vscode-light[^{]*\{color-scheme:light;--bg:#fff;--x:1\}/);
  assert.match(shown, /body\.vscode-dark[^{]*\{color-scheme:dark;--bg:#000;\n--x:2\}/);
  // It comes last, so that it counts.
  assert(shown.indexOf("vscode-dark") > shown.indexOf("prefers-color-scheme"));
  assert(shown.endsWith("</style></head><body>"));
});

test("findings are sorted by severity, then by name", () => {
  const all = [[2, "a"], [0, "b"], [0, "a"]];
  assert.deepEqual(sorted(all, (it) => it), [[0, "a"], [0, "b"], [2, "a"]]);
  assert.deepEqual([0, 1, 2, 3, 9].map(rank), [0, 1, 2, 3, 3]);
});
