#!/usr/bin/env node
// Starts the program of this platform, which is in a package of its own.
"use strict";

const { spawn } = require("node:child_process");

const platform = `${process.platform}-${process.arch}`;
const program = process.platform === "win32" ? "readiness-lsp.exe" : "readiness-lsp";

let path;
try {
  path = require.resolve(`readiness-lsp-${platform}/bin/${program}`);
} catch {
  console.error(
    `readiness-lsp: the package readiness-lsp-${platform} is not installed. It comes as an optional dependency: ` +
      "install without --omit=optional. Where there is none for this platform, build it with cargo.",
  );
  process.exit(2);
}

const child = spawn(path, process.argv.slice(2), { stdio: "inherit", windowsHide: true });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("error", (error) => {
  console.error(`readiness-lsp: cannot start ${path}: ${error.message}`);
  process.exit(2);
});
child.on("exit", (code, signal) => {
  if (signal) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  } else {
    process.exit(code ?? 2);
  }
});
