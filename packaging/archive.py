"""archive.py tar|zip OUTPUT FOLDER: an archive with the same bytes for the same files.
archive.py sum FILE: writes FILE.sha256, as `sha256sum` does."""

import gzip
import hashlib
import os
import pathlib
import sys
import tarfile
import time
import zipfile

EPOCH = int(os.environ["SOURCE_DATE_EPOCH"])


def files(folder):
    return sorted(it for it in pathlib.Path(folder).rglob("*") if it.is_file())


def write_tar(output, folder):
    with gzip.GzipFile(output, "wb", mtime=EPOCH) as packed, tarfile.open(fileobj=packed, mode="w") as archive:
        for file in files(folder):
            entry = tarfile.TarInfo(file.as_posix())
            entry.size, entry.mtime = file.stat().st_size, EPOCH
            entry.mode = file.stat().st_mode & 0o755
            with file.open("rb") as content:
                archive.addfile(entry, content)


def write_zip(output, folder):
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files(folder):
            entry = zipfile.ZipInfo(file.as_posix(), time.gmtime(EPOCH)[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (file.stat().st_mode & 0o755) << 16
            archive.writestr(entry, file.read_bytes())


def write_sum(file):
    file = pathlib.Path(file)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    pathlib.Path(f"{file}.sha256").write_text(f"{digest}  {file.name}\n", newline="\n")


if __name__ == "__main__":
    {"tar": write_tar, "zip": write_zip, "sum": write_sum}[sys.argv[1]](*sys.argv[2:])
