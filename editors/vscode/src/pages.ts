import * as vscode from "vscode";

const COMMAND = "readiness.explainRule";

/** The pages of rules that the server named, as HTML for browsers; beside each it has the Markdown. */
const pages = new Map<string, vscode.Uri>();

/**
 * The links of findings to the pages of their rules. The editor would open the page's source; a command
 * shows it rendered, in the editor's own colours.
 */
export function withPages(diagnostics: vscode.Diagnostic[]): vscode.Diagnostic[] {
  for (const diagnostic of diagnostics) {
    const { code } = diagnostic;
    if (typeof code !== "object" || code.target.scheme !== "file") continue;
    const rule = String(code.value);
    pages.set(rule, code.target);
    diagnostic.code = { value: code.value, target: vscode.Uri.parse(link(rule)) };
  }
  return diagnostics;
}

/** The same for the links in a hover. */
export function hoverWithPages(hover: vscode.Hover | null | undefined): vscode.Hover | null | undefined {
  for (const content of hover?.contents ?? []) {
    if (!(content instanceof vscode.MarkdownString)) continue;
    content.value = content.value.replace(/\(file:[^)]*\/([\w-]+)\.html\)/g, (_, rule) => `(${link(rule)})`);
    // No other command may run from a hover.
    content.isTrusted = { enabledCommands: [COMMAND] };
  }
  return hover;
}

function link(rule: string): string {
  return `command:${COMMAND}?${encodeURIComponent(JSON.stringify([rule]))}`;
}

/** Shows the page of a rule; nothing when the server has not named one. */
export async function showPage(rule: string): Promise<void> {
  const page = pages.get(rule);
  if (!page) return;
  const source = page.with({ path: page.path.replace(/\.html$/, ".md") });
  await vscode.commands.executeCommand("markdown.showPreview", source);
}
