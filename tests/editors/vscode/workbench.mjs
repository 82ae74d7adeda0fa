// Drives VS Code: code-server on a port of its own, and a headless browser in front of it.

import { spawn, execFileSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";
import path from "node:path";

const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const SETTINGS = {
  "security.workspace.trust.enabled": false,
  "workbench.colorTheme": "Default Dark Modern",
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.editor.enablePreview": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "chat.commandCenter.enabled": false,
  "telemetry.telemetryLevel": "off",
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "files.autoSave": "off",
  "git.enabled": false,
  "window.menuBarVisibility": "hidden",
  "editor.minimap.enabled": false,
  "editor.cursorBlinking": "solid",
  "editor.fontSize": 15,
  "editor.parameterHints.enabled": false,
  "editor.quickSuggestions": { other: "off", comments: "off", strings: "off" },
  // Typed text is to arrive as it was typed.
  "editor.autoClosingBrackets": "never",
  "editor.autoClosingQuotes": "never",
  "editor.autoIndent": "none",
};

export const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Waits until `holds` gives something true, and gives that. */
export async function until(what, holds, milliseconds = 20_000) {
  const end = Date.now() + milliseconds;
  let last;
  while (Date.now() < end) {
    last = await holds();
    if (last) return last;
    await wait(50);
  }
  throw new Error(`waited in vain for ${what}`);
}

function freePort() {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

export class Workbench {
  /** How often a key press for a menu had to be repeated: a sign of a slow first answer. */
  repeats = 0;

  /**
   * Starts VS Code with an extension, on a folder or a workspace file. `home` is a folder to be
   * thrown away, `settings` add to the ones for tests.
   */
  static async start({ home, extension, workspace, artefacts, settings = {}, env = {} }) {
    const bench = new Workbench();
    const entry = path.join(process.env.CODE_SERVER_DIR, "node_modules/code-server/out/node/entry.js");
    const data = path.join(home, "data");
    bench.settingsFile = path.join(data, "User", "settings.json");
    bench.settings = { ...SETTINGS, ...settings };
    bench.artefacts = artefacts;
    bench.workspace = workspace;
    fs.mkdirSync(path.dirname(bench.settingsFile), { recursive: true });
    fs.writeFileSync(bench.settingsFile, JSON.stringify(bench.settings));
    fs.writeFileSync(path.join(home, "config.yaml"), "");
    const common = [
      entry,
      ...["--config", path.join(home, "config.yaml")],
      ...["--user-data-dir", data],
      ...["--extensions-dir", path.join(home, "extensions")],
    ];
    const environment = { ...process.env, HOME: home, TMPDIR: home, XDG_CONFIG_HOME: home, XDG_DATA_HOME: home, ...env };
    execFileSync(process.execPath, [...common, "--install-extension", extension], { env: environment });
    const port = await freePort();
    const log = fs.openSync(path.join(artefacts, "code-server.log"), "w");
    bench.server = spawn(
      process.execPath,
      [
        ...common,
        ...["--auth", "none", "--bind-addr", `127.0.0.1:${port}`],
        ...["--disable-telemetry", "--disable-update-check", "--disable-workspace-trust"],
        "--disable-getting-started-override",
      ],
      { env: environment, stdio: ["ignore", log, log], detached: true },
    );
    // Whatever ends this run ends what it started.
    process.on("exit", () => bench.#kill());
    for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => process.exit(1));
    try {
      await until("code-server", async () => {
        const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
        return answer?.ok;
      });
      await bench.#openBrowser(port, workspace);
    } catch (error) {
      await bench.stop();
      throw error;
    }
    return bench;
  }

  async #openBrowser(port, workspace) {
    const require = createRequire(path.join(process.env.PLAYWRIGHT_DIR, "package.json"));
    const { chromium } = require("playwright-core");
    this.browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: CHROMIUM_FLAGS,
    });
    const context = await this.browser.newContext({ viewport: { width: 1100, height: 640 } });
    // The tests need nothing from outside, and are to notice if that changes.
    await context.route(
      (url) => /^https?:$/.test(url.protocol) && !/(^|\.)(127\.0\.0\.1|localhost)$/.test(url.hostname),
      (route) => route.abort(),
    );
    this.page = await context.newPage();
    const kind = workspace.endsWith(".code-workspace") ? "workspace" : "folder";
    await this.page.goto(`http://127.0.0.1:${port}/?${kind}=${encodeURIComponent(workspace)}`);
    await this.page.waitForSelector(".monaco-workbench", { timeout: 60_000 });
    await this.page.waitForSelector(".explorer-folders-view .monaco-list-row", { timeout: 60_000 });
  }

  async stop() {
    await this.browser?.close();
    const gone = new Promise((resolve) => this.server.once("exit", resolve));
    this.#kill("SIGTERM");
    await Promise.race([gone, wait(3000)]);
    this.#kill();
  }

  #kill(signal = "SIGKILL") {
    try {
      process.kill(-this.server.pid, signal);
    } catch {
      // It is gone already.
    }
  }

  /** Changes settings of the user, as a person does. */
  async configure(settings) {
    this.settings = { ...this.settings, ...settings };
    await this.command("Preferences: Open User Settings (JSON)");
    await this.replaceAll("settings.json", JSON.stringify(this.settings));
  }

  /** Changes settings of the workspace; some that concern the machine apply nowhere else here. */
  configureWorkspace(settings) {
    const workspace = JSON.parse(fs.readFileSync(this.workspace, "utf8"));
    fs.writeFileSync(this.workspace, JSON.stringify({ ...workspace, settings }));
  }

  /** Gives the active editor another text, saves it and closes it. */
  async replaceAll(name, text) {
    await this.page.locator(".tab.active", { hasText: name }).waitFor();
    await this.page.locator(".editor-instance .monaco-editor .view-line").first().waitFor();
    // The keyboard goes where the focus is, which comes later than the text.
    await this.page.locator(".editor-instance .monaco-editor.focused").first().waitFor();
    await this.press("Control+a");
    await this.page.keyboard.insertText(text);
    await this.press("Control+s");
    await this.page.locator(".tab.active:not(.dirty)", { hasText: name }).waitFor();
    await this.command("View: Close Editor");
  }

  screenshot(name, options = {}) {
    return this.page.screenshot({ path: path.join(this.artefacts, `vscode-${name}.png`), ...options });
  }

  press(...keys) {
    return keys.reduce((before, key) => before.then(() => this.page.keyboard.press(key)), Promise.resolve());
  }

  async #quickInput(open, text) {
    const input = this.page.locator(".quick-input-widget input").first();
    for (let tries = 0; ; tries++) {
      await this.press(open);
      try {
        await input.waitFor({ state: "visible", timeout: 3000 });
        break;
      } catch (error) {
        if (tries >= 4) throw error;
      }
    }
    await input.fill(text);
  }

  /** Takes the entry with a label from the list under the input. */
  async #pick(label, last = true) {
    const focused = this.page.locator(".quick-input-list .monaco-list-row.focused .label-name").first();
    await until(`the entry ${label}`, async () => {
      const text = await focused.textContent({ timeout: 1000 }).catch(() => "");
      // Spaces between highlighted parts are not always plain ones.
      if (text.replaceAll("\u00a0", " ").trim() === label) return true;
      await this.press("ArrowDown");
    });
    await this.press("Enter");
    if (last) await this.page.locator(".quick-input-widget").waitFor({ state: "hidden" });
  }

  /** Opens a file by its path: to search for names would need the search program, which is not there. */
  async open(file) {
    const name = path.basename(file);
    await this.#quickInput("Control+p", file);
    await this.#pick(name);
    await this.page.locator(".tab.active", { hasText: name }).waitFor();
    await this.page.locator(".editor-instance .monaco-editor .view-line").first().waitFor();
  }

  /** Runs a command; `answer` is what to pick from the list that it shows. */
  async command(title, answer) {
    await this.#quickInput("F1", `>${title}`);
    await this.#pick(title, answer === undefined);
    if (answer !== undefined) {
      await this.page.locator(".quick-input-widget input").first().fill(answer);
      await this.#pick(answer);
    }
  }

  /** Puts the cursor at a line and column, both from 1 on. */
  async goTo(line, column) {
    await this.#quickInput("Control+g", `:${line}:${column}`);
    await this.press("Enter");
    await this.page.locator(".quick-input-widget").waitFor({ state: "hidden" });
    await this.page
      .locator(".statusbar-item", { hasText: new RegExp(`Ln ${line}, Col ${column}`) })
      .waitFor();
  }

  /** The findings of all open files, as the list of problems has them: `[Ln 1, Col 2] rule`. */
  async problems() {
    const texts = await this.page
      .locator(".markers-panel-container .monaco-list-row:has(.marker-icon)")
      .evaluateAll((all) => all.map((row) => row.textContent));
    return texts.map((text) => {
      const place = /\[Ln \d+, Col \d+\]/.exec(text)?.[0];
      const rule = /readiness\(?([\w-]+)\)?\s*\[Ln/.exec(text)?.[1];
      return `${place} ${rule}`;
    });
  }

  /** Waits for a number of findings; the list of problems shows no more than there is room for. */
  async waitForProblemCount(expected) {
    const badge = this.page.locator(".panel .action-item", { hasText: "Problems" }).locator(".badge-content");
    await until(`${expected} findings`, async () => (await badge.textContent()) === String(expected));
  }

  async waitForProblems(expected) {
    let last;
    try {
      await until("the findings", async () => {
        last = await this.problems();
        return JSON.stringify([...last].sort()) === JSON.stringify([...expected].sort());
      });
    } catch {
      throw new Error(`findings\nexpected ${JSON.stringify(expected)}\n     got ${JSON.stringify(last)}`);
    }
  }

  get menuRows() {
    return this.page.locator(".action-widget .monaco-list-row.action");
  }

  /** Opens the quick-fix menu at the cursor and gives the titles in it. */
  async quickFixes(title) {
    const row = this.page.locator(".action-widget .monaco-list-row", { hasText: title }).first();
    for (let tries = 0; ; tries++) {
      await this.press("Control+.");
      try {
        await row.waitFor({ timeout: 3000 });
        break;
      } catch (error) {
        if (tries >= 4) throw error;
        this.repeats++;
        await this.press("Escape");
      }
    }
    return this.menuRows.allInnerTexts();
  }

  /** Chooses from the open menu. A click would be caught by what blocks the page behind it. */
  async choose(title) {
    const focused = this.page.locator(".action-widget .monaco-list-row.focused");
    await until(`the entry ${title}`, async () => {
      if ((await focused.allInnerTexts()).join().includes(title)) return true;
      await this.press("ArrowDown");
    });
    await this.press("Enter");
    await this.page.locator(".action-widget").waitFor({ state: "hidden" });
  }

  /** The texts of the frames inside the window, where previews are shown. */
  webviewTexts() {
    return Promise.all(this.page.frames().map((frame) => frame.locator("body").innerText({ timeout: 500 }).catch(() => "")));
  }

  /** The background of the frame with a text, as it is drawn. */
  async webviewBackground(text) {
    for (const frame of this.page.frames()) {
      const body = frame.locator("body");
      if ((await body.innerText({ timeout: 500 }).catch(() => "")).includes(text)) {
        return body.evaluate((it) => getComputedStyle(it).backgroundColor);
      }
    }
  }

  /** What an output channel has. */
  log(name) {
    const logs = path.join(path.dirname(path.dirname(this.settingsFile)), "logs");
    const files = fs.readdirSync(logs, { recursive: true, encoding: "utf8" });
    const ours = files.filter((file) => file.endsWith(`${name}.log`));
    return ours.map((file) => fs.readFileSync(path.join(logs, file), "utf8")).join("");
  }

  /** Takes an entry from the list of completions. */
  async complete(label) {
    await this.press("Control+Space");
    const row = this.page.locator(".suggest-widget .monaco-list-row.focused", { hasText: label });
    await row.waitFor();
    await this.press("Enter");
    await row.waitFor({ state: "hidden" });
  }

  /** Saves, and waits until the file on disk is as expected. */
  async saved(file, expected) {
    let last;
    try {
      await until("the file", async () => {
        await this.press("Control+s");
        last = fs.readFileSync(file, "utf8");
        return last === expected;
      }, 8000);
    } catch {
      throw new Error(`${file}\nexpected ${JSON.stringify(expected)}\n     got ${JSON.stringify(last)}`);
    }
  }
}
