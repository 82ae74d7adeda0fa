/**
 * The page of the review in the colours of the editor. By itself it follows the system, which an editor in
 * dark colours on a light system does not.
 */
export function themed(page: string): string {
  const light = /:root\{([^}]*)\}/.exec(page)?.[1] ?? "";
  const dark = /prefers-color-scheme:dark\)\{:root\{([^}]*)\}/.exec(page)?.[1] ?? "";
  const style = `
body.vscode-light,body.vscode-high-contrast-light{color-scheme:light;${light}}
body.vscode-dark,body.vscode-high-contrast:not(.vscode-high-contrast-light){color-scheme:dark;${dark}}
body[class*="vscode-"]{--bg:var(--vscode-editor-background);--text:var(--vscode-editor-foreground);
--card:var(--vscode-editorWidget-background);--link:var(--vscode-textLink-foreground);
--line:var(--vscode-panel-border,var(--vscode-editorWidget-border));padding:0;
background:var(--bg);color:var(--text)}
body[class*="vscode-"] code{color:inherit}`;
  return page.replace("</head>", `<style>${style}</style></head>`);
}
