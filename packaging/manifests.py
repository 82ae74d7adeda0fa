"""manifests.py RENDERED REPOSITORY: whether the manifests say what those who read them ask for."""

import json
import pathlib
import re
import sys

try:
    import tomllib
except ImportError:
    tomllib = None
try:
    import yaml
except ImportError:
    yaml = None

rendered, repository = map(pathlib.Path, sys.argv[1:])
ARCHIVE = re.compile(r"readiness-lsp-(x86_64|aarch64)-(unknown-linux-gnu\.tar\.gz|apple-darwin\.tar\.gz|pc-windows-msvc\.zip)")


def read(path):
    return path.read_text(encoding="utf-8")


def mason():
    # By package.schema.json of mason-registry.
    package = yaml.safe_load(read(rendered / "package.yaml"))
    needed = {"name", "description", "homepage", "licenses", "languages", "categories", "source", "bin"}
    assert needed <= package.keys(), needed - package.keys()
    assert set(package["categories"]) <= {"LSP", "Linter", "Formatter", "DAP", "Compiler", "Runtime"}
    assert re.fullmatch(r"pkg:github/[^/]+/[^@]+@v\d+\.\d+\.\d+", package["source"]["id"]), package["source"]["id"]
    assets = package["source"]["asset"]
    assert len({it["target"] for it in assets}) == 6
    for asset in assets:
        assert ARCHIVE.fullmatch(asset["file"]), asset
        assert asset["bin"].startswith(re.sub(r"\.(tar\.gz|zip)$", "/", asset["file"])), asset


def toml():
    zed = tomllib.loads(read(rendered / "zed/extension.toml"))
    needed = {"id", "name", "version", "schema_version", "authors", "description", "repository", "language_servers"}
    assert needed <= zed.keys(), needed - zed.keys()
    workspace = tomllib.loads(read(repository / "Cargo.toml"))["workspace"]["package"]
    assert zed["version"] == workspace["version"]
    helix = tomllib.loads(read(repository / "packaging/helix/languages.toml"))
    servers = helix["language-server"]
    for language in helix["language"]:
        assert language["language-servers"][-1] in servers, language
    server = tomllib.loads(read(repository / "server/Cargo.toml"))["package"]
    binstall = server["metadata"]["binstall"]
    known = {"name", "repo", "version", "target", "archive-suffix", "bin", "binary-ext"}
    for template in (binstall["pkg-url"], binstall["bin-dir"]):
        used = set(re.findall(r"\{ ([a-z-]+) \}", template))
        assert used and used <= known, used - known
    for overridden in binstall["overrides"].values():
        assert overridden["pkg-fmt"] == "zip"


def formula():
    text = read(rendered / "readiness-lsp.rb")
    assert len(re.findall(r"^      sha256 \"[0-9a-f]{64}\"$", text, re.M)) == 4
    assert len(ARCHIVE.findall(text)) == 4


def npm():
    package = json.loads(read(repository / "packaging/npm/package.json"))
    assert (repository / "packaging/npm" / package["bin"]["readiness-lsp"]).is_file()
    extension = json.loads(read(repository / "editors/vscode/package.json"))
    workspace = re.search(r'^version = "(.*)"$', read(repository / "Cargo.toml"), re.M).group(1)
    assert extension["version"] == workspace, "the extension has another version"


def release():
    # Who builds and who packs must speak of the same targets.
    workflow = read(repository / ".github/workflows/release.yml")
    built = set(re.findall(r"target: ([^\s,]+)", workflow))
    packed = set(re.findall(r"^  (\S+-\S+-\S+)\) platform=", read(repository / "packaging/build.sh"), re.M))
    assert built == packed, built ^ packed


for check, needs in [(mason, yaml), (toml, tomllib), (formula, True), (npm, True), (release, True)]:
    if needs:
        check()
    else:
        print(f"  skip  {check.__name__}: no parser for it")
