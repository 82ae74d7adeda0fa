// npm test: where the server is looked for.

import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import test from "node:test";
import { find } from "../dist/server.mjs";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "readiness-"));
test.after(() => fs.rmSync(folder, { recursive: true }));

/** Makes a program, and gives its path. */
function program(...parts) {
  const file = path.join(folder, ...parts);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, "");
  fs.chmodSync(file, 0o755);
  return file;
}

const named = program("named", "server");
const onPath = program("path", "readiness-lsp");
const bundled = program("extension", "server", "readiness-lsp");
const extension = path.join(folder, "extension");
const PATH = ["/nonexistent", path.dirname(onPath)].join(path.delimiter);

test("the places come in their order", () => {
  const all = { READINESS_LSP: onPath, PATH };
  assert.equal(find(named, all, extension).path, named);
  assert.equal(find("", all, extension).path, onPath);
  assert.equal(find("", { PATH }, extension).path, onPath);
  assert.equal(find("", { PATH: "/nonexistent" }, extension).path, bundled);
});

test("a named program that is not there ends the search", () => {
  assert.match(find("/no/server", { PATH }, extension).problem, /setting.*\/no\/server/);
  assert.match(find("", { READINESS_LSP: "/no/server", PATH }, extension).problem, /READINESS_LSP.*\/no\/server/);
  assert.match(find(folder, { PATH }, extension).problem, /not executable/);
});

test("without a server there is advice", () => {
  assert.match(find("", { PATH: "" }, "/nonexistent").problem, /not installed.*cargo install/);
});

test("the folder that happens to be the current one is not searched", () => {
  const before = process.cwd();
  process.chdir(path.dirname(onPath));
  try {
    assert.ok("problem" in find("", { PATH: `.${path.delimiter}` }, "/nonexistent"));
  } finally {
    process.chdir(before);
  }
});
