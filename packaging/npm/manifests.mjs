// manifests.mjs TEMPLATE VERSION PLATFORM FOLDER: the manifests of the package of a platform and of the one
// that has all of them as optional dependencies, of which npm installs the one that fits.

import fs from "node:fs";
import path from "node:path";

const PLATFORMS = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64", "win32-x64", "win32-arm64"];
const [template, version, platform, folder] = process.argv.slice(2);
const common = { ...JSON.parse(fs.readFileSync(template, "utf8")), version };

function write(name, manifest) {
  fs.writeFileSync(path.join(folder, name, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}

const [os, cpu] = platform.split("-");
const name = `readiness-lsp-${platform}`;
const { bin, keywords, engines, ...shared } = common;
write(name, {
  ...shared,
  name,
  description: `readiness-lsp for ${platform}; install \`readiness-lsp\``,
  os: [os],
  cpu: [cpu],
  // What is built against glibc does not start on Alpine.
  ...(os === "linux" ? { libc: ["glibc"] } : {}),
  preferUnplugged: true,
});
const all = PLATFORMS.map((it) => [`readiness-lsp-${it}`, version]);
write("readiness-lsp", { ...common, optionalDependencies: Object.fromEntries(all) });
