// node run.mjs: the VS Code extension in VS Code. See ../run.sh for the environment.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { until, wait, Workbench } from "./workbench.mjs";

const here = import.meta.dirname;
const home = process.env.READINESS_TEST_DIR;
const SUPPRESS = "Suppress `unwrap-used` here";
const FIX = "Propagate the error with `.context(…)?`";
const FIXTURE = ["[Ln 9, Col 41] unwrap-used", "[Ln 12, Col 21] unwrap-used"];

/** Copies the fixture and gives its folder. */
function project(name) {
  const root = path.join(home, name);
  fs.cpSync(path.join(here, "..", "fixture"), root, { recursive: true });
  return root;
}

const first = project("till");
const settings = path.join(first, "src", "settings.rs");
const second = project("Kasse für Öl, жук");
const odd = path.join(second, "src", "ein stellungen.rs");
fs.renameSync(path.join(second, "src", "settings.rs"), odd);
fs.writeFileSync(path.join(second, "src", "main.rs"), '#[path = "ein stellungen.rs"]\nmod settings;\nfn main() {}\n');
const crlf = path.join(second, "src", "crlf.rs");
const crlfText = fs.readFileSync(odd, "utf8").replaceAll("\n", "\r\n");
fs.writeFileSync(crlf, crlfText);
const workspace = path.join(home, "two.code-workspace");
fs.writeFileSync(workspace, JSON.stringify({ folders: [{ path: first }, { path: second }], settings: {} }));

/** Whether the extension has a server inside; nothing else then names one, as on a user's machine. */
const bundled = process.env.READINESS_VSIX_TARGET !== "universal";
const searched = process.env.PATH.split(path.delimiter);
const withoutServers = searched.filter((folder) => !fs.existsSync(path.join(folder, "readiness-lsp")));

/** The servers that this run started, by their environment. */
function servers() {
  return fs.readdirSync("/proc").filter((id) => {
    try {
      return (
        /^\d+$/.test(id) &&
        path.basename(fs.readlinkSync(`/proc/${id}/exe`)) === "readiness-lsp" &&
        fs.readFileSync(`/proc/${id}/environ`, "utf8").includes(`READINESS_TEST_DIR=${home}`)
      );
    } catch {
      return false;
    }
  });
}

const original = fs.readFileSync(settings, "utf8");
const suppressed = original.replace(
  "    let text = fs",
  "    // readiness: allow(unwrap-used)\n    let text = fs",
);

const expected = (name) => fs.readFileSync(path.join(here, "..", "expected", `${name}.expected`), "utf8");

/**
 * How many findings of a severity and above the command line has in the two folders: those of low
 * severity are hints, which are no problems.
 */
function checked(severity = "medium") {
  const lines = [first, second].map((folder) => {
    const arguments_ = ["check", folder, "--format", "json", "--min-severity", severity];
    return spawnSync(process.env.READINESS_LSP, arguments_, { encoding: "utf8" }).stdout.trim().split("\n").length;
  });
  return lines[0] + lines[1];
}

/** Each goes on where the one before it ended: to start VS Code takes longer than all of them. */
const cases = {
  async "findings stand at their places, with their code"(bench) {
    await bench.open(settings);
    await bench.command("Problems: Focus on Problems View");
    await bench.waitForProblems(FIXTURE);
    await bench.open(settings);
    await bench.page.locator(".monaco-editor .squiggly-info").first().waitFor({ state: "attached" });
    await bench.screenshot("1-squiggle");
    await bench.page.locator(".statusbar-item", { hasText: "Readiness 2" }).waitFor();
  },

  async "the status bar shows the verdict, and the review opens"(bench) {
    await bench.page.locator(".statusbar-item", { hasText: /NOT READY \d+/ }).waitFor();
    await bench.command("Readiness: Open Review of Folder");
    await bench.page.locator(".tab.active", { hasText: "Readiness Review" }).waitFor();
    await until("the review's text", async () =>
      (await bench.webviewTexts()).some((it) => it.includes("NOT READY") && it.includes("Checklist")));
    // The panel is no file, and the project is as it was.
    const shown = bench.page.locator(".statusbar-item", { hasText: /NOT READY \d+/ });
    await shown.waitFor();
    assert.equal(await shown.locator(".codicon-check").count(), 0, "no tick while the project is not ready");
    // The editor is dark, the system of this browser is light.
    assert.equal(await bench.webviewBackground("Checklist"), "rgb(31, 31, 31)");
    await bench.screenshot("5-review");
    await bench.press("Control+F4");
    await bench.open(settings);
  },

  async "the server that came with the extension runs"() {
    if (!bundled) return;
    const programs = servers().map((id) => fs.readlinkSync(`/proc/${id}/exe`));
    assert.equal(programs.length, 1);
    assert.match(programs[0], /extensions\/[^/]*readiness[^/]*\/server\/readiness-lsp$/);
  },

  async "findings follow the typing, before anything is saved"(bench) {
    await bench.press("Control+End");
    await bench.page.keyboard.type("\nfn last(text: &str) -> &str {\ntext.lines().last().unwrap()\n}");
    await bench.waitForProblems([...FIXTURE, "[Ln 21, Col 21] unwrap-used"]);
    assert.equal(fs.readFileSync(settings, "utf8"), original, "the file on disk");
    await bench.command("File: Revert File");
    await bench.waitForProblems(FIXTURE);
  },

  async "hover says what the rule is about, and leads to its page"(bench) {
    await bench.goTo(9, 43);
    await bench.command("Show or Focus Hover");
    const hover = bench.page.locator(".monaco-hover", { hasText: "Return the error" });
    await hover.waitFor();
    await bench.screenshot("hover");
    assert.doesNotMatch(await hover.innerText(), /fn port/, "examples are on the page");
    await hover.locator("a", { hasText: "More, with examples" }).click();
    await bench.page.locator(".tab.active", { hasText: "Preview unwrap-used.md" }).waitFor();
    await until("the page", async () => (await bench.webviewTexts()).some((it) => it.includes("fn port")));
    await bench.command("View: Close Editor");
    await bench.open(settings);
  },

  async "findings are listed by severity, by rule and by file"(bench) {
    const rows = bench.page.locator(".pane-body .monaco-list-row", { has: bench.page.locator(".custom-view-tree-node-item") });
    const listed = async (text) => until(`${text} in the list`, async () =>
      (await rows.allInnerTexts()).some((it) => it.replace(/\s+/g, "").includes(text.replaceAll(" ", ""))));
    await bench.command("View: Show Readiness");
    await listed("Medium 2");
    await bench.command("Readiness: Group Findings by File");
    await listed("settings.rs 2");
    await bench.command("Readiness: Group Findings by Rule");
    await listed("unwrap-used 2");
    await rows.filter({ hasText: "unwrap-used" }).first().click();
    await listed("settings.rs:12");
    await bench.screenshot("tree");
    await rows.filter({ hasText: "settings.rs:12" }).first().click();
    await bench.page.locator(".statusbar-item", { hasText: /Ln 12, Col \d+/ }).waitFor();
    await bench.command("Readiness: Group Findings by Severity");
    await listed("Medium 2");
    await bench.command("View: Show Explorer");
    await bench.open(settings);
  },

  async "the walkthrough has four steps"(bench) {
    await bench.command("Welcome: Open Walkthrough...", "Start with Readiness");
    const steps = bench.page.locator(".getting-started-step");
    await until("the steps", async () => (await steps.count()) === 4);
    await bench.screenshot("walkthrough");
    await bench.command("View: Close Editor");
    await bench.open(settings);
  },

  async "a place of several findings has one way out of each kind"(bench) {
    const manifest = path.join(first, "Cargo.toml");
    const before = fs.readFileSync(manifest, "utf8");
    await bench.open(manifest);
    await until("the findings of the manifest", async () => (await bench.problems()).some((it) => it.startsWith("[Ln 11,")));
    await bench.goTo(11, 3);
    const titles = await bench.quickFixes("Suppress a finding here…");
    await bench.screenshot("ways-out");
    const ways = titles.filter((it) => /Suppress|Turn /.test(it)).map((it) => it.trim());
    assert.deepEqual(ways, ["Suppress a finding here…", "Turn a rule off for the whole project…"]);
    await bench.choose("Suppress a finding here…");
    await bench.page.locator(".quick-input-list .monaco-list-row", { hasText: /Suppress `[\w-]+` here/ }).first().waitFor();
    await bench.screenshot("ways-out-choice");
    await bench.press("Enter");
    await until("the comment", async () => {
      await bench.press("Control+s");
      return /\n# readiness: allow\([\w-]+\)\n\[workspace\]/.test(fs.readFileSync(manifest, "utf8"));
    });
    await bench.press("Control+z");
    await bench.saved(manifest, before);
    await bench.command("View: Close Editor");
    await bench.open(settings);
    await bench.waitForProblems(FIXTURE);
  },

  async "unwrap becomes ? with context"(bench) {
    await bench.goTo(9, 43);
    const titles = await bench.quickFixes(FIX);
    assert.equal(titles.findIndex((title) => title.includes(FIX)), 0, "the repair comes first");
    await bench.screenshot("2-menu");
    await bench.choose(FIX);
    await bench.waitForProblems([FIXTURE[1]]);
    await bench.goTo(9, 1);
    await bench.screenshot("3-result");
    await bench.saved(settings, expected("settings.rs"));
    await bench.press("Control+z");
    await bench.saved(settings, original);
  },

  async "fix-all applies the safe fixes"(bench) {
    await bench.waitForProblems(FIXTURE);
    await bench.command("Readiness: Apply All Safe Fixes in File");
    await bench.waitForProblems([]);
    await bench.saved(settings, expected("settings-all.rs"));
    await bench.press("Control+z");
    await bench.saved(settings, original);
  },

  async "a comparison of secrets gets its import and its dependency"(bench) {
    const auth = path.join(first, "src", "auth.rs");
    await bench.open(auth);
    await bench.waitForProblems([...FIXTURE, "[Ln 5, Col 5] non-constant-time-comparison"]);
    await bench.goTo(5, 8);
    await bench.quickFixes("Compare in constant time");
    await bench.choose("Compare in constant time");
    await bench.waitForProblems(FIXTURE);
    await bench.screenshot("constant-time");
    await bench.command("File: Save All Files");
    const manifest = path.join(first, "Cargo.toml");
    await until("the manifest", () => fs.readFileSync(manifest, "utf8") === expected("Cargo.toml"));
    await bench.saved(auth, expected("auth.rs"));
    await bench.command("View: Close Editor");
    await bench.open(settings);
  },

  async "the menu lists ways out, and suppressing asks for a reason"(bench) {
    await bench.goTo(9, 43);
    const titles = await bench.quickFixes(SUPPRESS);
    assert(titles.some((title) => title.includes("Turn `unwrap-used` off in readiness.toml")), titles.join());
    await bench.screenshot("suppress-menu");
    await bench.choose(SUPPRESS);
    await bench.waitForProblems(["[Ln 9, Col 5] invalid-suppression", "[Ln 13, Col 21] unwrap-used"]);
    await bench.saved(settings, suppressed);
    await bench.goTo(9, 37);
    await bench.page.keyboard.type(" the file is baked in");
    await bench.waitForProblems(["[Ln 13, Col 21] unwrap-used"]);
  },

  async "the page of the rule at the cursor opens"(bench) {
    await bench.goTo(13, 24);
    await bench.command("Readiness: Explain Rule at Cursor");
    await bench.page.locator(".tab.active", { hasText: "Preview unwrap-used.md" }).waitFor();
    await until("the page", async () => (await bench.webviewTexts()).some((it) => it.includes("Return the error")));
    await bench.screenshot("explain");
    await bench.command("View: Close Editor");
  },

  async "a rule is turned off in a settings file that was not there"(bench) {
    await bench.open(settings);
    await bench.goTo(13, 24);
    await bench.quickFixes(SUPPRESS);
    await bench.choose("Turn `unwrap-used` off");
    await bench.waitForProblems([]);
    const file = path.join(first, "readiness.toml");
    await bench.command("File: Save All Files");
    await until("the settings", () => fs.existsSync(file) && fs.readFileSync(file, "utf8"));
    assert.equal(fs.readFileSync(file, "utf8"), '[rules]\nunwrap-used = "off"\n');
    fs.rmSync(file);
    await bench.waitForProblems(["[Ln 13, Col 21] unwrap-used"]);
  },

  async "a killed server comes back, by itself and by the command"(bench) {
    const [before] = servers();
    process.kill(Number(before), "SIGKILL");
    const again = await until("another server", () => servers().find((id) => id !== before));
    await bench.waitForProblems(["[Ln 13, Col 21] unwrap-used"]);
    await bench.command("Readiness: Restart Server");
    await until("a third server", () => servers().length === 1 && servers()[0] !== again);
    const log = await until("the log", () => /the server ended/.test(bench.log("Readiness")) && bench.log("Readiness"));
    assert.doesNotMatch(log, /exited with code 0/, "a restart that was asked for is no error");
    assert.doesNotMatch(log, /successfully cancelled/);
    await bench.goTo(16, 1);
    await bench.page.keyboard.type("fn f() { g().unwrap(); }\n");
    await bench.waitForProblems(["[Ln 13, Col 21] unwrap-used", "[Ln 16, Col 14] unwrap-used"]);
    await bench.command("File: Revert File");
    await bench.command("View: Close All Editors");
    await bench.waitForProblems([]);
  },

  async "what is typed in one file shows in the other"(bench) {
    const main = path.join(first, "src", "main.rs");
    await bench.open(settings);
    await bench.waitForProblems(["[Ln 13, Col 21] unwrap-used"]);
    await bench.open(main);
    const line = fs.readFileSync(main, "utf8").split("\n").findIndex((it) => it.includes("mod settings"));
    await bench.goTo(line + 1, 1);
    await bench.page.keyboard.type("#[cfg(test)] ");
    await bench.waitForProblems([]);
    await bench.command("File: Revert File");
    await bench.waitForProblems(["[Ln 13, Col 21] unwrap-used"]);
    await bench.command("View: Close All Editors");
    await bench.waitForProblems([]);
  },

  async "a mistake in the settings of the review stands on its line"(bench) {
    const file = path.join(first, "readiness.toml");
    fs.writeFileSync(file, '[rules]\nunwrap-usd = "off"\n');
    await bench.open(file);
    await bench.waitForProblems(["[Ln 2, Col 1] invalid-config"]);
    await bench.press("Control+End");
    await bench.page.keyboard.type("unw");
    await bench.complete("unwrap-used");
    await bench.complete("off");
    await bench.screenshot("settings");
    await bench.saved(file, '[rules]\nunwrap-usd = "off"\nunwrap-used = "off"\n'.trimEnd());
    await bench.command("View: Close All Editors");
    await bench.waitForProblems([]);
    fs.rmSync(file);
  },

  async "a Dockerfile and a manifest are reviewed as they are typed"(bench) {
    const docker = path.join(first, "Dockerfile");
    const manifest = path.join(first, "Cargo.toml");
    fs.writeFileSync(docker, "FROM rust:1.95 AS build\nCOPY . .\nUSER app\n");
    await bench.open(docker);
    await bench.goTo(1, 1);
    await bench.page.keyboard.type("# above\n");
    await bench.goTo(2, 14);
    await bench.press("Backspace");
    await bench.waitForProblems(["[Ln 2, Col 6] dockerfile-toolchain"]);
    await bench.screenshot("dockerfile");
    await bench.page.keyboard.type("9");
    await bench.waitForProblems([]);
    await bench.command("File: Save");
    // What is typed into the manifest counts in the Dockerfile.
    await bench.open(manifest);
    await bench.goTo(2, 1);
    await bench.page.keyboard.type('rust-version = "1.99"\n');
    await until("the Dockerfile's finding", async () =>
      (await bench.problems()).includes("[Ln 2, Col 6] dockerfile-toolchain"));
    await bench.command("File: Revert File");
    await bench.command("View: Close All Editors");
    await bench.waitForProblems([]);
    fs.rmSync(docker);
  },

  async "a buffer that was never saved is reviewed"(bench) {
    await bench.command("File: New Untitled Text File");
    await bench.command("Change Language Mode", "Rust");
    await bench.page.keyboard.type("fn f() { g().unwrap(); }");
    await bench.waitForProblems(["[Ln 1, Col 14] unwrap-used"]);
    await bench.command("View: Revert and Close Editor");
    await bench.waitForProblems([]);
  },

  async "a second folder, spaces and letters beyond ASCII"(bench) {
    await bench.open(odd);
    await bench.waitForProblems(FIXTURE);
    await bench.goTo(9, 43);
    await bench.quickFixes(SUPPRESS);
    await bench.choose(SUPPRESS);
    await bench.saved(odd, suppressed);
    await bench.command("View: Close All Editors");
    await bench.waitForProblems([]);
  },

  async "a file with CRLF keeps its line endings"(bench) {
    await bench.open(crlf);
    await bench.waitForProblems(FIXTURE);
    await bench.goTo(9, 43);
    await bench.quickFixes(SUPPRESS);
    await bench.choose(SUPPRESS);
    await bench.saved(crlf, suppressed.replaceAll("\n", "\r\n"));
    await bench.command("View: Close All Editors");
    await bench.waitForProblems([]);
  },

  async "settings apply at once: a lowest severity, and the whole workspace"(bench) {
    const count = checked();
    assert(count > 6, `${count} findings`);
    await bench.configure({ "readiness.scope": "workspace" });
    await bench.waitForProblemCount(count);
    // A file that is opened has its findings once, and closed it keeps them.
    await bench.open(crlf);
    await wait(1000);
    await bench.waitForProblemCount(count);
    await bench.command("View: Close Editor");
    await wait(1000);
    await bench.waitForProblemCount(count);
    await bench.configure({ "readiness.minSeverity": "high" });
    await bench.waitForProblemCount(checked("high"));
    await bench.configure({ "readiness.minSeverity": "low", "readiness.scope": "openFiles" });
  },

  async "a wrong path is said to be wrong, and a right one helps"(bench) {
    bench.configureWorkspace({ "readiness.path": "/nonexistent/readiness-lsp" });
    const toast = bench.page.locator(".notification-toast", { hasText: "names /nonexistent/readiness-lsp" });
    await toast.waitFor();
    assert.match(await toast.innerText(), /cargo install/);
    await bench.page.locator(".statusbar-item", { hasText: "Readiness: not found" }).waitFor();
    await until("the end of the server", () => servers().length === 0);
    bench.configureWorkspace({ "readiness.path": process.env.READINESS_LSP });
    await until("the server", () => servers().length === 1);
    await bench.command("Notifications: Clear All Notifications");
    await bench.open(crlf);
    await bench.waitForProblems(["[Ln 9, Col 5] invalid-suppression", "[Ln 13, Col 21] unwrap-used"]);
  },

  async "a server that keeps ending is given up, with a word on what to do"(bench) {
    for (let kills = 0; kills < 4; kills++) {
      const [server] = await until("a server", () => servers().length && servers());
      // One that ends before it has answered did not start, which is said in other words.
      await wait(1000);
      process.kill(Number(server), "SIGKILL");
      await until("its end", () => !servers().includes(server));
    }
    await bench.page.locator(".notification-toast", { hasText: "is not restarted" }).waitFor();
    await wait(300);
    assert.equal(servers().length, 0);
    await bench.command("Readiness: Restart Server");
    await until("the server", () => servers().length === 1);
  },
};

const artefacts = process.env.EDITOR_ARTEFACTS;
const bench = await Workbench.start({
  home: path.join(home, "vscode"),
  extension: process.env.READINESS_VSIX,
  workspace,
  artefacts,
  env: bundled ? { READINESS_LSP: undefined, PATH: withoutServers.join(path.delimiter) } : {},
});
let failed = 0;
try {
  for (const [name, run] of Object.entries(cases)) {
    const start = Date.now();
    try {
      await run(bench);
      console.log(`  ok    ${name} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
    } catch (error) {
      failed++;
      console.log(`  FAIL  ${name}\n${error.stack ?? error}`);
      await bench.screenshot(`failed-${failed}`).catch(() => {});
      // What follows builds on this.
      break;
    }
  }
} finally {
  await bench.stop();
}
console.log(`  key presses repeated: ${bench.repeats}`);
if (!failed) console.log("vscode: passed");
process.exit(failed ? 1 : 0);
