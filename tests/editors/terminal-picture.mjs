// node terminal-picture.mjs FILE.ansi OUT.png: what a terminal shows, as a picture.
//
// FILE has the output of `tmux capture-pane -p -e`. A browser draws it, so that curly underlines
// look as they do in a terminal that has them.

import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(path.join(process.env.PLAYWRIGHT_DIR, "package.json"));
const { chromium } = require("playwright-core");
const [input, output] = process.argv.slice(2);

const FOREGROUND = "#e0e2ea";
const BACKGROUND = "#14161b";
const BASE = [
  ...["#2b303b", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#c8ccd4"],
  ...["#545862", "#ef7f88", "#a9d38a", "#f0cd8c", "#7bbef5", "#d291e4", "#6fc6d1", "#ffffff"],
];

function indexed(number) {
  if (number < 16) return BASE[number];
  const gray = 8 + (number - 232) * 10;
  if (number >= 232) return `rgb(${gray},${gray},${gray})`;
  const level = (step) => (step ? 55 + step * 40 : 0);
  const cube = number - 16;
  return `rgb(${level(Math.floor(cube / 36))},${level(Math.floor(cube / 6) % 6)},${level(cube % 6)})`;
}

/** Applies one escape sequence of colours and styles, `38;2;…` and `38:2::…` alike. */
function apply(style, sequence) {
  const codes = sequence.split(";").map((part) => part.split(":"));
  for (let at = 0; at < codes.length; at++) {
    const [first, ...inner] = codes[at];
    const code = Number(first || 0);
    const colour = () => {
      const rest = inner.length ? inner : codes.slice(at + 1, at + 5).map(([it]) => it);
      if (rest[0] === "5") {
        if (!inner.length) at += 2;
        return indexed(Number(rest[1]));
      }
      if (!inner.length) at += 4;
      return `rgb(${rest.slice(inner.length ? -3 : 1, inner.length ? undefined : 4).join(",")})`;
    };
    if (code === 0) Object.keys(style).forEach((key) => delete style[key]);
    else if (code === 1) style.bold = true;
    else if (code === 2) style.dim = true;
    else if (code === 3) style.italic = true;
    else if (code === 4) style.underline = inner[0] === "0" ? undefined : inner[0] === "3" ? "wavy" : "solid";
    else if (code === 7) style.reverse = true;
    else if (code === 22) style.bold = style.dim = false;
    else if (code === 23) style.italic = false;
    else if (code === 24) style.underline = undefined;
    else if (code === 27) style.reverse = false;
    else if (code >= 30 && code <= 37) style.foreground = BASE[code - 30];
    else if (code === 38) style.foreground = colour();
    else if (code === 39) style.foreground = undefined;
    else if (code >= 40 && code <= 47) style.background = BASE[code - 40];
    else if (code === 48) style.background = colour();
    else if (code === 49) style.background = undefined;
    else if (code === 58) style.line = colour();
    else if (code === 59) style.line = undefined;
    else if (code >= 90 && code <= 97) style.foreground = BASE[code - 82];
    else if (code >= 100 && code <= 107) style.background = BASE[code - 92];
  }
}

function css(style) {
  let colours = [style.foreground ?? FOREGROUND, style.background ?? "transparent"];
  if (style.reverse) colours = [style.background ?? BACKGROUND, style.foreground ?? FOREGROUND];
  const rules = [`color:${colours[0]}`, `background:${colours[1]}`];
  if (style.bold) rules.push("font-weight:bold");
  if (style.italic) rules.push("font-style:italic");
  if (style.dim) rules.push("opacity:.6");
  if (style.underline) {
    rules.push(`text-decoration:underline ${style.underline} ${style.line ?? "currentcolor"} 1px`);
    rules.push("text-underline-offset:3px");
  }
  return rules.join(";");
}

const escape = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const style = {};
const html = fs
  .readFileSync(input, "utf8")
  .split(/(\x1b\[[\d;:]*m)/)
  .map((part) => {
    const sequence = /^\x1b\[([\d;:]*)m$/.exec(part)?.[1];
    if (sequence === undefined) return part && `<span style="${css(style)}">${escape(part)}</span>`;
    apply(style, sequence);
    return "";
  })
  .join("");

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
await page.setContent(
  `<body style="margin:0;background:${BACKGROUND}"><pre style="display:inline-block;margin:0;padding:12px;` +
    `background:${BACKGROUND};font:15px/20px 'DejaVu Sans Mono',monospace">${html}</pre></body>`,
);
await page.locator("pre").screenshot({ path: output });
await browser.close();
