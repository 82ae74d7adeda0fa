import * as vscode from "vscode";
import {
  CloseAction,
  CodeActionResolveRequest,
  ErrorAction,
  LanguageClient,
  RevealOutputChannelOn,
  State,
  type CloseHandlerResult,
  type CodeAction,
  type LanguageClientOptions,
} from "vscode-languageclient/node";
import { hoverWithPages, showPage, withPages } from "./pages";
import { themed } from "./review";
import { find, type Server } from "./server";
import { FindingsTree } from "./tree";

/** Files other than Rust that are checked. Patterns, as not every language has an extension installed. */
const BESIDE_RUST =
  "**/{*.toml,*.json,*.yml,*.yaml,*Dockerfile*,*.dockerfile,Containerfile*,Jenkinsfile*,*.env,.env.*," +
  ".gitignore,.dockerignore,CODEOWNERS,*.md,*.sql}";
/** How often a server that exits by itself is restarted within this time. */
const RESTARTS = { count: 3, milliseconds: 180_000 };

/** `readiness/score`: the verdict and the score of a folder. */
interface Score {
  folder: string;
  ready: boolean;
  blockers: number;
  score: number | null;
  level: string;
}

/** A server that ends because it was told to is not an error. */
class Client extends LanguageClient {
  override error(message: string, data?: unknown, showNotification?: boolean | "force"): void {
    if (/^Server process exited with code 0\b/.test(message)) output.info("the server ended");
    else super.error(message, data, showNotification);
  }
}

let client: LanguageClient | undefined;
let output: vscode.LogOutputChannel;
let status: vscode.StatusBarItem;
/** The folder whose score was shown last. */
let shownFolder: string | undefined;
let running: Server | undefined;
/** The scores of folders, by their URIs. */
const scores = new Map<string, Score>();
/** Starts and stops run one after the other. */
let turn: Promise<void> = Promise.resolve();

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  output = vscode.window.createOutputChannel("Readiness", { log: true });
  status = vscode.window.createStatusBarItem("readiness.status", vscode.StatusBarAlignment.Right, 50);
  status.name = "Readiness";
  status.command = "readiness.showOutput";
  const restart = () => inTurn(() => stop().then(() => start(context.extensionPath)));
  const command = <T extends unknown[]>(name: string, run: (...given: T) => unknown) =>
    vscode.commands.registerCommand(`readiness.${name}`, run);
  const tree = new FindingsTree(context.workspaceState);
  context.subscriptions.push(
    tree,
    output,
    status,
    command("restart", restart),
    command("showOutput", () => output.show()),
    command("choose", choose),
    command("explainRule", explainRule),
    command("groupBySeverity", () => tree.group("severity")),
    command("groupByRule", () => tree.group("rule")),
    command("groupByFile", () => tree.group("file")),
    command("wholeWorkspace", wholeWorkspace),
    command("settings", settings),
    command("fixAll", fixAll),
    command("review", review),
    vscode.languages.onDidChangeDiagnostics(showStatus),
    vscode.languages.onDidChangeDiagnostics(() => tree.refreshSoon()),
    vscode.window.onDidChangeActiveTextEditor(showStatus),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("readiness.path")) return restart();
    }),
  );
  await restart();
}

export function deactivate(): Promise<void> {
  return inTurn(stop);
}

function inTurn(action: () => Promise<void>): Promise<void> {
  turn = turn.then(action, action);
  return turn;
}

async function stop(): Promise<void> {
  const old = client;
  client = undefined;
  // One that starts cannot be stopped, and would run beside the next one.
  if (old?.state === State.Starting) await old.start().catch(() => undefined);
  // Fails when the server has crashed, which is fine.
  await old?.dispose().catch((error) => output.debug(String(error)));
}

async function start(extension: string): Promise<void> {
  const settings = vscode.workspace.getConfiguration("readiness");
  const found = find(settings.get("path", ""), process.env, extension);
  if ("problem" in found) return showProblem("not found", found.problem);
  running = found;
  output.info(`starting ${found.path}, from ${found.from}`);
  const crashes: number[] = [];
  const options: LanguageClientOptions = {
    documentSelector: [
      { scheme: "file", language: "rust" },
      { scheme: "untitled", language: "rust" },
      { scheme: "file", pattern: BESIDE_RUST },
    ],
    outputChannel: output,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationOptions: {
      scope: settings.get("scope"),
      minSeverity: settings.get("minSeverity"),
      baseline: settings.get("baseline"),
      confidence: settings.get("confidence"),
    },
    synchronize: { configurationSection: "readiness" },
    middleware: {
      handleDiagnostics: (uri, diagnostics, next) => next(uri, withPages(diagnostics)),
      provideDiagnostics: async (document, previous, token, next) => {
        const report = await next(document, previous, token);
        if (report?.kind === "full") withPages(report.items);
        return report;
      },
      provideHover: async (document, position, token, next) =>
        hoverWithPages(await next(document, position, token)),
    },
    errorHandler: { error: () => ({ action: ErrorAction.Continue }), closed: () => crashed(crashes) },
  };
  const starting = new Client("readiness", "Readiness", { command: found.path, args: ["--stdio"] }, options);
  client = starting;
  starting.onDidChangeState(showStatus);
  starting.registerFeature({
    fillClientCapabilities: (capabilities) => {
      capabilities.experimental = { ...(capabilities.experimental ?? {}), readinessScore: true, readinessChoose: true };
    },
    initialize: () => undefined,
    getState: () => ({ kind: "static" }),
    clear: () => undefined,
  });
  scores.clear();
  starting.onNotification("readiness/score", (score: Score) => {
    scores.set(score.folder, score);
    showStatus();
  });
  try {
    await starting.start();
  } catch (error) {
    showProblem("cannot start", `Cannot start ${found.path} (from ${found.from}): ${error}.`);
  }
}

function crashed(crashes: number[]): CloseHandlerResult {
  const now = Date.now();
  crashes.push(now);
  const recent = crashes.filter((time) => now - time < RESTARTS.milliseconds).length;
  if (recent > RESTARTS.count) {
    showProblem("stopped", `The server exited ${recent} times within three minutes and is not restarted.`);
    return { action: CloseAction.DoNotRestart, handled: true };
  }
  output.warn("the server exited and is restarted");
  return { action: CloseAction.Restart, handled: true };
}

/** Shows an error with actions, without waiting for an answer. */
function showProblem(short: string, message: string): void {
  output.error(message);
  status.text = `$(error) Readiness: ${short}`;
  status.tooltip = message;
  status.command = "readiness.showOutput";
  status.backgroundColor = new vscode.ThemeColor("statusBarItem.errorBackground");
  status.show();
  const actions: Record<string, [command: string, argument?: string]> = {
    "Open Settings": ["workbench.action.openSettings", "readiness.path"],
    "Show Output": ["readiness.showOutput"],
    Restart: ["readiness.restart"],
  };
  vscode.window.showErrorMessage(`Readiness: ${message}`, ...Object.keys(actions)).then((chosen) => {
    if (chosen && actions[chosen]) vscode.commands.executeCommand(...actions[chosen]);
  });
}

/** An error is shown until the server runs. */
function showStatus(): void {
  if (client?.state === State.Starting) {
    status.text = "$(loading~spin) Readiness";
    status.tooltip = "The server is starting.";
  } else if (client?.state === State.Running) {
    const count = findings().length;
    const score = scoreHere();
    const verdict = score ? ` · ${score.ready ? "READY" : "NOT READY"} ${score.score ?? ""}`.trimEnd() : "";
    // A file without findings is no reason for a tick while the project is not ready.
    const icon = count || score?.ready === false ? "$(checklist)" : "$(check)";
    status.text = `${icon} Readiness${count ? ` ${count}` : ""}${verdict}`;
    const blockers = score?.blockers ? ` Blockers for ${score.level} use: ${score.blockers}.` : "";
    status.tooltip = `Findings in this file: ${count}.${blockers} ${running?.path}, from ${running?.from}`;
    status.command = score ? "readiness.review" : "readiness.showOutput";
  } else {
    return;
  }
  status.backgroundColor = undefined;
  status.show();
}

/**
 * The score of the folder with the file in the active editor, else of the only one, else of the one that was
 * shown last: a panel in front has no file.
 */
function scoreHere(): Score | undefined {
  const uri = vscode.window.activeTextEditor?.document.uri;
  const folder = uri && vscode.workspace.getWorkspaceFolder(uri);
  const all = [...scores.values()];
  const here = folder && all.find((it) => vscode.Uri.parse(it.folder).fsPath === folder.uri.fsPath);
  const shown = here ?? (all.length === 1 ? all[0] : scores.get(shownFolder ?? ""));
  shownFolder = shown?.folder;
  return shown;
}

/** Opens the review of the folder with the file in the active editor. The page has no scripts. */
async function review(): Promise<void> {
  const uri = vscode.window.activeTextEditor?.document.uri.toString();
  try {
    const page = await client?.sendRequest<string>("workspace/executeCommand", {
      command: "readiness.server.review",
      arguments: [{ format: "html", uri }],
    });
    if (page === undefined) return;
    const panel = vscode.window.createWebviewPanel("readiness.review", "Readiness Review", vscode.ViewColumn.Active, {
      enableScripts: false,
      enableFindWidget: true,
    });
    panel.webview.html = themed(page);
  } catch (error) {
    vscode.window.showErrorMessage(`Readiness: cannot review the folder: ${error}.`);
  }
}

/** The findings of the file in the active editor. */
function findings(): vscode.Diagnostic[] {
  const document = vscode.window.activeTextEditor?.document;
  const all = document ? vscode.languages.getDiagnostics(document.uri) : [];
  return all.filter((it) => it.source === "readiness");
}

/** Opens the page of a rule, by default of the one at the cursor, else of one on its line. */
async function explainRule(named?: string): Promise<void> {
  if (named) return showPage(named);
  const cursor = vscode.window.activeTextEditor?.selection.active;
  if (!cursor) return;
  const all = findings();
  const here = all.filter((it) => it.range.contains(cursor));
  const onLine = all.filter((it) => it.range.start.line <= cursor.line && cursor.line <= it.range.end.line);
  const found = (here.length ? here : onLine).flatMap(({ code }) => (typeof code === "object" ? [String(code.value)] : []));
  const rules = [...new Set(found)];
  const rule = rules.length > 1 ? await vscode.window.showQuickPick(rules, { title: "Explain" }) : rules[0];
  if (rule) await showPage(rule);
  else if (!rules.length) vscode.window.showInformationMessage("Readiness: no finding at the cursor.");
}

/** Applies one of several actions: of the ways out of a place the menu has one entry. */
async function choose(actions: CodeAction[]): Promise<void> {
  const picked = await vscode.window.showQuickPick(
    actions.map((action) => ({ label: action.title, action })),
    { title: "Readiness" },
  );
  if (!picked || !client) return;
  try {
    const { edit } = await client.sendRequest(CodeActionResolveRequest.type, picked.action);
    if (edit) await vscode.workspace.applyEdit(await client.protocol2CodeConverter.asWorkspaceEdit(edit));
  } catch {
    vscode.window.showInformationMessage("Readiness: the text changed meanwhile. Open the menu again.");
  }
}

/** Shows the findings of closed files as well. */
async function wholeWorkspace(): Promise<void> {
  const target = vscode.ConfigurationTarget.Workspace;
  await vscode.workspace.getConfiguration("readiness").update("scope", "workspace", target);
}

/** Opens the `readiness.toml` of the folder, a new one where there is none. */
async function settings(): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (!folder) return;
  const uri = vscode.Uri.joinPath(folder.uri, "readiness.toml");
  const isThere = await vscode.workspace.fs.stat(uri).then(() => true, () => false);
  const document = await vscode.workspace.openTextDocument(isThere ? uri : uri.with({ scheme: "untitled" }));
  await vscode.window.showTextDocument(document);
}

async function fixAll(): Promise<void> {
  await vscode.commands.executeCommand("editor.action.codeAction", {
    kind: "source.fixAll.readiness",
    apply: "first",
  });
}
