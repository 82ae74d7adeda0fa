import * as vscode from "vscode";
import { rank, sorted, SEVERITIES, type Grouping } from "./grouping";

interface Finding {
  uri: vscode.Uri;
  diagnostic: vscode.Diagnostic;
  rule: string;
  severity: number;
}

interface Group {
  name: string;
  severity: number;
  uri?: vscode.Uri;
  findings: Finding[];
}

type Entry = Group | Finding;

const ICONS = ["error", "warning", "info", "lightbulb"];
const COLORS = ["problemsErrorIcon", "problemsWarningIcon", "problemsInfoIcon", "editorLightBulb"];

/** All findings that the editor knows, by severity, by rule or by file. */
export class FindingsTree implements vscode.TreeDataProvider<Entry>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly view: vscode.TreeView<Entry>;
  private waiting: NodeJS.Timeout | undefined;

  constructor(private readonly state: vscode.Memento) {
    this.view = vscode.window.createTreeView("readiness.findings", { treeDataProvider: this, showCollapseAll: true });
    this.refresh();
  }

  get grouping(): Grouping {
    return this.state.get("grouping", "severity");
  }

  async group(by: Grouping): Promise<void> {
    await this.state.update("grouping", by);
    this.refresh();
  }

  /** Soon: diagnostics of many files change one after the other. */
  refreshSoon(): void {
    this.waiting ??= setTimeout(() => this.refresh(), 200);
  }

  private refresh(): void {
    clearTimeout(this.waiting);
    this.waiting = undefined;
    const count = findings().length;
    this.view.description = `by ${this.grouping}`;
    this.view.badge = count ? { value: count, tooltip: `${count} findings` } : undefined;
    vscode.commands.executeCommand("setContext", "readiness.grouping", this.grouping);
    this.changed.fire();
  }

  getChildren(entry?: Entry): Entry[] {
    if (!entry) return groups(this.grouping);
    return "findings" in entry ? sorted(entry.findings, (it) => [it.severity, place(it)]) : [];
  }

  getTreeItem(entry: Entry): vscode.TreeItem {
    return "findings" in entry ? this.groupItem(entry) : this.findingItem(entry);
  }

  private groupItem(group: Group): vscode.TreeItem {
    const item = new vscode.TreeItem(group.name, vscode.TreeItemCollapsibleState.Collapsed);
    item.description = String(group.findings.length);
    item.id = `${this.grouping}:${group.uri ?? group.name}`;
    if (group.uri) {
      item.resourceUri = group.uri;
      item.iconPath = vscode.ThemeIcon.File;
    } else {
      item.iconPath = icon(group.severity);
    }
    // The worst are what one came for.
    if (this.grouping === "severity" && group.severity < 2) {
      item.collapsibleState = vscode.TreeItemCollapsibleState.Expanded;
    }
    return item;
  }

  private findingItem({ uri, diagnostic, rule, severity }: Finding): vscode.TreeItem {
    const line = diagnostic.range.start.line + 1;
    const file = `${vscode.workspace.asRelativePath(uri)}:${line}`;
    // What the group says already is not said again: there is little room.
    const [label, description] = {
      severity: [diagnostic.message, `${rule} · ${file}`],
      rule: [`${uri.path.split("/").pop()}:${line}`, diagnostic.message],
      file: [diagnostic.message, `${rule} · ${line}`],
    }[this.grouping];
    const item = new vscode.TreeItem(label ?? "");
    item.description = description;
    item.tooltip = `${diagnostic.message}\n${rule}, ${SEVERITIES[severity]?.toLowerCase()}\n${file}`;
    item.iconPath = icon(severity);
    const options: vscode.TextDocumentShowOptions = { selection: diagnostic.range };
    item.command = { title: "Open", command: "vscode.open", arguments: [uri, options] };
    return item;
  }

  dispose(): void {
    clearTimeout(this.waiting);
    this.view.dispose();
    this.changed.dispose();
  }
}

function icon(severity: number): vscode.ThemeIcon {
  return new vscode.ThemeIcon(ICONS[severity] ?? "info", new vscode.ThemeColor(`${COLORS[severity]}.foreground`));
}

function place({ uri, diagnostic }: Finding): string {
  return `${uri}:${String(diagnostic.range.start.line).padStart(8, "0")}`;
}

function findings(): Finding[] {
  return vscode.languages.getDiagnostics().flatMap(([uri, all]) =>
    all
      .filter((it) => it.source === "readiness")
      .map((diagnostic) => {
        const { code } = diagnostic;
        const rule = String(typeof code === "object" ? code.value : code);
        return { uri, diagnostic, rule, severity: rank(diagnostic.severity) };
      }),
  );
}

function groups(by: Grouping): Group[] {
  const all = new Map<string, Group>();
  for (const finding of findings()) {
    const name = {
      severity: SEVERITIES[finding.severity] ?? "",
      rule: finding.rule,
      file: vscode.workspace.asRelativePath(finding.uri),
    }[by];
    const group = all.get(name) ?? { name, severity: finding.severity, findings: [] };
    if (by === "file") group.uri = finding.uri;
    group.severity = Math.min(group.severity, finding.severity);
    group.findings.push(finding);
    all.set(name, group);
  }
  return sorted([...all.values()], (it) => [it.severity, it.name]);
}
