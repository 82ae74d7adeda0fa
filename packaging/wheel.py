"""wheel.py BINARY PLATFORM VERSION OUTPUT: a wheel that has the program as its script, and no Python code."""

import base64
import hashlib
import os
import pathlib
import re
import sys
import time
import zipfile

SUMMARY = "Production readiness review for Rust projects, live in the editor"
ROOT = pathlib.Path(__file__).resolve().parent.parent


def tag(program, platform):
    """What pip calls the platform. On Linux that says which glibc the program asks for."""
    system, machine = platform.split("-")
    if system == "linux":
        versions = re.findall(rb"GLIBC_2\.(\d+)", program)
        oldest = max([17, *map(int, versions)])
        return f"manylinux_2_{oldest}_{'x86_64' if machine == 'x64' else 'aarch64'}"
    if system == "darwin":
        return "macosx_10_12_x86_64" if machine == "x64" else "macosx_11_0_arm64"
    return "win_amd64" if machine == "x64" else "win_arm64"


def main(binary, platform, version, output):
    program = pathlib.Path(binary).read_bytes()
    name = f"readiness_lsp-{version}"
    tags = f"py3-none-{tag(program, platform)}"
    script = "readiness-lsp.exe" if platform.startswith("win32") else "readiness-lsp"
    metadata = (
        f"Metadata-Version: 2.4\nName: readiness-lsp\nVersion: {version}\nSummary: {SUMMARY}\n"
        "License-Expression: MIT OR Apache-2.0\nLicense-File: LICENSE-MIT\nLicense-File: LICENSE-APACHE\n"
        "Requires-Python: >=3.8\nDescription-Content-Type: text/markdown\n\n"
        f"{(ROOT / 'packaging/npm/README.md').read_text(encoding='utf-8')}"
    )
    wheel = f"Wheel-Version: 1.0\nGenerator: readiness-lsp\nRoot-Is-Purelib: false\nTag: {tags}\n"
    files = {
        f"{name}.data/scripts/{script}": (program, 0o755),
        f"{name}.dist-info/METADATA": (metadata.encode(), 0o644),
        f"{name}.dist-info/WHEEL": (wheel.encode(), 0o644),
    }
    for licence in ("LICENSE-MIT", "LICENSE-APACHE"):
        files[f"{name}.dist-info/licenses/{licence}"] = ((ROOT / licence).read_bytes(), 0o644)
    record = ""
    for path, (content, _) in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        record += f"{path},sha256={digest},{len(content)}\n"
    files[f"{name}.dist-info/RECORD"] = (f"{record}{name}.dist-info/RECORD,,\n".encode(), 0o644)
    date = time.gmtime(int(os.environ["SOURCE_DATE_EPOCH"]))[:6]
    with zipfile.ZipFile(pathlib.Path(output) / f"{name}-{tags}.whl", "w") as archive:
        for path, (content, mode) in files.items():
            entry = zipfile.ZipInfo(path, date)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o100000 | mode) << 16
            archive.writestr(entry, content)


if __name__ == "__main__":
    main(*sys.argv[1:])
