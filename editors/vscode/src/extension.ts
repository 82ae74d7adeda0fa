import { execFile } from "node:child_process";
import * as os from "node:os";
import * as vscode from "vscode";
import {
  CloseAction,
  CodeActionRequest,
  CodeActionResolveRequest,
  ErrorAction,
  LanguageClient,
  RevealOutputChannelOn,
  State,
  type ClientCapabilities,
  type CodeAction,
  type StaticFeature,
} from "vscode-languageclient/node";
import { find, INSTALL_HINT, type Server } from "./server";

const FIX_ALL = "source.fixAll.readiness";
const LANGUAGES = ["rust", "dockerfile", "dockercompose", "toml", "yaml", "github-actions-workflow", "json", "jsonc"];
/** A server that ends by itself is started again this often in this time. */
const RESTARTS = { count: 3, milliseconds: 180_000 };

/**
 * A client that asks for diagnostics asks once more when a file is closed, and keeps the answer.
 * A server that sends them takes back what was about open files only.
 */
const PUSHED_DIAGNOSTICS: StaticFeature = {
  fillClientCapabilities: (capabilities: ClientCapabilities) => {
    delete capabilities.textDocument?.diagnostic;
  },
  initialize: () => {},
  getState: () => ({ kind: "static" }),
  clear: () => {},
};

let client: LanguageClient | undefined;
let output: vscode.LogOutputChannel;
let status: vscode.StatusBarItem;
let running: Server | undefined;
/** Starts and stops come one after the other. */
let turn: Promise<void> = Promise.resolve();

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  output = vscode.window.createOutputChannel("Readiness", { log: true });
  status = vscode.window.createStatusBarItem("readiness.status", vscode.StatusBarAlignment.Right, 50);
  status.name = "Readiness";
  status.command = "readiness.showOutput";
  const command = (name: string, run: () => unknown) =>
    vscode.commands.registerCommand(`readiness.${name}`, run);
  context.subscriptions.push(
    output,
    status,
    command("restart", () => restart(context)),
    command("showOutput", () => output.show()),
    command("explainRule", explainRule),
    command("fixAll", fixAll),
    vscode.languages.onDidChangeDiagnostics(showStatus),
    vscode.window.onDidChangeActiveTextEditor(showStatus),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("readiness.path")) return restart(context);
    }),
    vscode.workspace.registerTextDocumentContentProvider("readiness-rule", { provideTextDocumentContent: rulePage }),
  );
  await restart(context);
}

export function deactivate(): Promise<void> {
  return inTurn(stop);
}

function inTurn(action: () => Promise<void>): Promise<void> {
  turn = turn.then(action, action);
  return turn;
}

function restart(context: vscode.ExtensionContext): Promise<void> {
  return inTurn(async () => {
    await stop();
    await start(context);
  });
}

async function stop(): Promise<void> {
  const old = client;
  client = undefined;
  // A server that crashed cannot be told to stop, and does not have to be.
  await old?.dispose().catch((error) => output.debug(String(error)));
}

async function start(context: vscode.ExtensionContext): Promise<void> {
  const setting = vscode.workspace.getConfiguration("readiness").get<string>("path", "");
  const found = find(setting, process.env, context.extensionPath);
  if ("problem" in found) {
    running = undefined;
    showProblem("not found", found.problem);
    return;
  }
  running = found;
  output.info(`starting ${found.path}, from ${found.from}`);
  const started = new LanguageClient(
    "readiness",
    "Readiness",
    { command: found.path, args: ["--stdio"] },
    {
      documentSelector: [
        ...LANGUAGES.map((language) => ({ scheme: "file", language })),
        { scheme: "untitled", language: "rust" },
        // VS Code itself does not know this language.
        { scheme: "file", pattern: "**/*.toml" },
      ],
      outputChannel: output,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationOptions: clientSettings(),
      synchronize: { configurationSection: "readiness" },
      errorHandler: errorHandler(),
    },
  );
  client = started;
  started.registerFeature(PUSHED_DIAGNOSTICS);
  started.onDidChangeState(({ newState }) => {
    if (client === started) showStatus(newState);
  });
  try {
    await started.start();
  } catch (error) {
    showProblem("does not start", `${found.path} (from ${found.from}) does not start: ${error}.`);
  }
}

function clientSettings(): object {
  const settings = vscode.workspace.getConfiguration("readiness");
  return { scope: settings.get("scope"), minTier: settings.get("minTier") };
}

function errorHandler() {
  const crashes: number[] = [];
  return {
    error: () => ({ action: ErrorAction.Continue }),
    closed: () => {
      const now = Date.now();
      crashes.push(now);
      const recent = crashes.filter((time) => now - time < RESTARTS.milliseconds).length;
      if (recent <= RESTARTS.count) {
        output.warn("the server ended and is started again");
        return { action: CloseAction.Restart, handled: true };
      }
      showProblem("stopped", `The server ended ${recent} times in a short while and stays down.`);
      return { action: CloseAction.DoNotRestart, handled: true };
    },
  };
}

/** Says what is wrong and what can be done, without waiting for an answer. */
function showProblem(short: string, message: string): void {
  output.error(message);
  status.text = `$(error) Readiness: ${short}`;
  status.tooltip = message;
  status.backgroundColor = new vscode.ThemeColor("statusBarItem.errorBackground");
  status.show();
  const actions: Record<string, () => unknown> = {
    "Open Settings": () => vscode.commands.executeCommand("workbench.action.openSettings", "readiness.path"),
    "Show Output": () => output.show(),
    Restart: () => vscode.commands.executeCommand("readiness.restart"),
  };
  vscode.window.showErrorMessage(`Readiness: ${message}`, ...Object.keys(actions)).then((chosen) => {
    if (chosen) actions[chosen]?.();
  });
}

function showStatus(state?: unknown): void {
  if (!client) return;
  if (state === State.Starting || client.state === State.Starting) {
    status.text = "$(loading~spin) Readiness";
    status.tooltip = "The server starts.";
  } else if (client.state === State.Running) {
    const document = vscode.window.activeTextEditor?.document;
    const count = document ? findings(document).length : 0;
    status.text = count ? `$(checklist) Readiness ${count}` : "$(check) Readiness";
    const noun = count === 1 ? "finding" : "findings";
    status.tooltip = `${count} ${noun} in this file. ${running?.path}, from ${running?.from}`;
  } else {
    return;
  }
  status.backgroundColor = undefined;
  status.show();
}

function findings(document: vscode.TextDocument): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(document.uri).filter((it) => it.source === "readiness");
}

function ruleOf(diagnostic: vscode.Diagnostic): string {
  const code = diagnostic.code;
  return String(typeof code === "object" ? code.value : code);
}

async function explainRule(): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return;
  const cursor = editor.selection.active;
  const all = findings(editor.document);
  const here = all.filter((it) => it.range.contains(cursor));
  const onLine = all.filter((it) => it.range.start.line <= cursor.line && cursor.line <= it.range.end.line);
  const rules = [...new Set((here.length ? here : onLine).map(ruleOf))];
  const rule = rules.length > 1 ? await vscode.window.showQuickPick(rules, { title: "Explain" }) : rules[0];
  if (rule) {
    await vscode.commands.executeCommand("markdown.showPreview", vscode.Uri.parse(`readiness-rule:${rule}.md`));
  } else if (!rules.length) {
    vscode.window.showInformationMessage("Readiness: there is no finding at the cursor.");
  }
}

function rulePage(uri: vscode.Uri): Promise<string> {
  const rule = uri.path.replace(/\.md$/, "");
  return new Promise((resolve) => {
    if (!running) return resolve(INSTALL_HINT);
    execFile(running.path, ["explain", rule], { timeout: 5000, cwd: os.tmpdir() }, (error, stdout, stderr) =>
      resolve(error ? stderr || String(error) : stdout),
    );
  });
}

async function fixAll(): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  if (!client || !document) return;
  const converter = client.code2ProtocolConverter;
  const actions = await client.sendRequest(CodeActionRequest.type, {
    textDocument: converter.asTextDocumentIdentifier(document),
    range: converter.asRange(new vscode.Range(0, 0, document.lineCount, 0)),
    context: { diagnostics: [], only: [FIX_ALL] },
  });
  let action = actions?.[0] as CodeAction | undefined;
  if (action && !action.edit) action = await client.sendRequest(CodeActionResolveRequest.type, action);
  const edit = await client.protocol2CodeConverter.asWorkspaceEdit(action?.edit);
  if (!edit || !(await vscode.workspace.applyEdit(edit))) {
    vscode.window.showInformationMessage("Readiness: there is nothing to fix safely in this file.");
  }
}
