// node format.mjs [--write] FOLDER...: whether the Lua files are as StyLua would write them, by the
// `stylua.toml` of each folder. StyLua runs as WebAssembly, from the npm registry.

import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(path.join(process.env.STYLUA_DIR, "package.json"));
const stylua = require("@johnnymorganz/stylua");
const KINDS = {
  call_parentheses: stylua.CallParenType,
  indent_type: stylua.IndentType,
  quote_style: stylua.QuoteStyle,
};

/** The settings of a folder; they are plain `key = value` lines. */
function config(folder) {
  const config = stylua.Config.new();
  const text = fs.readFileSync(path.join(folder, "stylua.toml"), "utf8");
  for (const [, key, value] of text.matchAll(/^(\w+) = "?(\w+)"?$/gm)) {
    config[key] = key in KINDS ? KINDS[key][value] : Number(value);
  }
  return config;
}

const write = process.argv[2] === "--write";
let wrong = 0;
for (const folder of process.argv.slice(write ? 3 : 2)) {
  for (const name of fs.readdirSync(folder, { recursive: true }).filter((it) => it.endsWith(".lua"))) {
    const file = path.join(folder, name);
    const text = fs.readFileSync(file, "utf8");
    const formatted = stylua.formatCode(text, config(folder), undefined, stylua.OutputVerification.None);
    if (text === formatted) continue;
    wrong++;
    console.log(`${file}: not formatted${write ? ", and is now" : ""}`);
    if (write) fs.writeFileSync(file, formatted);
  }
}
process.exit(wrong && !write ? 1 : 0);
