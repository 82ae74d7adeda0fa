import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

export interface Server {
  path: string;
  /** Where it was found, for messages. */
  from: string;
}

const NAME = process.platform === "win32" ? "readiness-lsp.exe" : "readiness-lsp";

const INSTALL_HINT =
  "Build readiness-lsp with `cargo install --path server` in a clone of its repository, " +
  "or set its path in the setting `readiness.path` or in the environment variable `READINESS_LSP`.";

/**
 * The places are tried in this order: setting, environment, `PATH`, the program bundled with the
 * extension. One of the first two that is not executable ends the search: another program would
 * hide the mistake.
 */
export function find(setting: string, env: NodeJS.ProcessEnv, extension: string): Server | { problem: string } {
  const named = [
    { value: setting, from: "the setting `readiness.path`" },
    { value: env["READINESS_LSP"], from: "the environment variable `READINESS_LSP`" },
  ];
  for (const { value, from } of named) {
    if (!value) continue;
    const program = value.replace(/^~(?=[/\\]|$)/, os.homedir());
    if (isProgram(program)) return { path: program, from };
    return { problem: `${from} names ${program}, which is not executable. ${INSTALL_HINT}` };
  }
  for (const folder of (env["PATH"] ?? "").split(path.delimiter)) {
    // A relative entry would mean the folder that happens to be the current one.
    const program = path.join(folder, NAME);
    if (path.isAbsolute(folder) && isProgram(program)) return { path: program, from: "`PATH`" };
  }
  const bundled = path.join(extension, "server", NAME);
  if (isProgram(bundled)) return { path: bundled, from: "the extension" };
  return { problem: `The server is not installed. ${INSTALL_HINT}` };
}

function isProgram(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}
