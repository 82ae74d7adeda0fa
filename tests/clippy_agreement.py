#!/usr/bin/env python3
"""Holds the findings of readiness-lsp against those of clippy and rustc on real crates.

    clippy_agreement.py BINARY CRATE[=MESSAGES.json] ...

BINARY is readiness-lsp; each CRATE is a folder with a Cargo.toml. Clippy is run on it with the
lints that have a rule, or its saved output (`cargo clippy --message-format=json`) is read. Printed
are, for each lint, how many findings each has, and recall and precision over what both look at:
production code that this build compiles, outside macro definitions. What is left out is counted. `--list` prints every difference, and
`--min PERCENT` makes the exit code 1 when recall or precision falls below.
"""

import argparse
import collections
import json
import os
import re
import subprocess
import sys

# For each lint: the rules that look for the same, a pattern that their finding's text must match,
# and how the two ranges relate.
LINTS = {
    "clippy::unwrap_used": (["unwrap-used", "lock-unwrap"], r"(?s).*unwrap(_err)?\s*\(\s*\)$", "end"),
    "clippy::expect_used": (["expect-used", "lock-unwrap"], r"(?s).*expect(_err)?\s*\(.*\)$", "end"),
    "clippy::panic": (["panic-used"], r"[\w:\s]*\bpanic\s*!", "start"),
    "clippy::unreachable": (["panic-used"], r"[\w:\s]*\bunreachable\s*!", "start"),
    "clippy::todo": (["unfinished-code"], r"[\w:\s]*\btodo\s*!", "start"),
    "clippy::unimplemented": (["unfinished-code"], r"[\w:\s]*\bunimplemented\s*!", "start"),
    "clippy::print_stdout": (["print-logging"], r"[\w:\s]*\bprint(ln)?\s*!", "start"),
    "clippy::print_stderr": (["print-logging"], r"[\w:\s]*\beprint(ln)?\s*!", "start"),
    "clippy::dbg_macro": (["print-logging"], r"[\w:\s]*\bdbg\s*!", "start"),
    "clippy::undocumented_unsafe_blocks": (["undocumented-unsafe"], r"", "start"),
    "clippy::await_holding_lock": (["lock-across-await"], r"", "line"),
    "missing_docs": (["missing-docs"], r"", "inside"),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary", help="path to readiness-lsp")
    parser.add_argument("crates", nargs="+", metavar="CRATE[=MESSAGES.json]")
    parser.add_argument("--lint", action="append", choices=sorted(LINTS), help="only this lint")
    parser.add_argument("--list", action="store_true", help="print every difference")
    parser.add_argument("--min", type=float, default=0.0, metavar="PERCENT")
    options = parser.parse_args()
    lints = options.lint or list(LINTS)
    low = False
    header = f"{'lint':36}{'clippy':>8}{'ours':>8}{'both':>8}{'recall':>9}{'precision':>11}  left out"
    total = collections.defaultdict(collections.Counter)
    for argument in options.crates:
        folder, _, saved = argument.partition("=")
        messages = read_messages(saved) if saved else run_clippy(folder)
        crate = Crate(folder, messages)
        ours = run_ours(options.binary, folder)
        print(f"\n{os.path.basename(os.path.abspath(folder))}\n{header}")
        for lint in lints:
            result = compare(crate, lint, clippy_findings(crate, messages, lint), ours)
            if not result.known:
                continue
            print(result.row(lint))
            total[lint].update(result.counts())
            low |= result.recall() < options.min or result.precision() < options.min
            if options.list:
                result.print_differences()
    if len(options.crates) > 1:
        print(f"\nall\n{header}")
        for lint, counts in total.items():
            print(Result.of_counts(counts).row(lint))
    sys.exit(1 if low else 0)


# --- What each of the two says ------------------------------------------------------------------


def run_clippy(folder):
    """Runs clippy with all features, or with the default ones when those exclude each other."""
    warn = [flag for lint in LINTS for flag in ("-W", lint)]
    for selection in (["--lib", "--bins", "--all-features"], ["--bins", "--all-features"],
                      ["--lib", "--bins"], ["--bins"], ["--lib"]):
        command = ["cargo", "clippy", *selection, "--message-format=json", "--", "--cap-lints=warn"]
        run = subprocess.run(command + warn, cwd=folder, stdout=subprocess.PIPE, text=True)
        messages = parse_lines(run.stdout)
        if run.returncode == 0:
            return messages
    sys.exit(f"{folder}: cargo clippy does not succeed")


def read_messages(path):
    with open(path, encoding="utf-8") as file:
        return parse_lines(file.read())


def parse_lines(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def run_ours(binary, folder):
    rules = sorted({rule for rules, _, _ in LINTS.values() for rule in rules})
    known = subprocess.run([binary, "rules", "--format", "json"], stdout=subprocess.PIPE, text=True)
    command = [binary, "check", folder, "--format", "json"]
    for rule in rules:
        if f'"{rule}"' in known.stdout:
            command += ["--rule", rule]
    # Clippy reports each undocumented item.
    settings = os.path.join(folder, "readiness.toml")
    is_new = not os.path.exists(settings)
    if is_new:
        with open(settings, "w", encoding="utf-8") as file:
            file.write("list-undocumented = true\n")
    try:
        run = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    finally:
        if is_new:
            os.remove(settings)
    if run.returncode not in (0, 1):
        sys.exit(f"{folder}: readiness-lsp check failed")
    return parse_lines(run.stdout)


Finding = collections.namedtuple("Finding", "file start end message others")


def clippy_findings(crate, messages, lint):
    """The findings of one lint in this crate; those of several targets once."""
    found = {}
    for entry in messages:
        if entry.get("reason") != "compiler-message" or not crate.owns(entry):
            continue
        message = entry["message"]
        if (message.get("code") or {}).get("code") != lint:
            continue
        # rustc reports the crate as a whole as well, which has no name to underline.
        if message["message"] == "missing documentation for the crate":
            continue
        spans = [span for span in message["spans"] if span["is_primary"]]
        if not spans:
            continue
        span = spans[0]
        children = [it for child in message["children"] for it in child["spans"]]
        others = {it["line_start"] for it in message["spans"] + children}
        start = (span["line_start"], span["column_start"])
        end = (span["line_end"], span["column_end"])
        expanded = bool(span.get("expansion"))
        found[(span["file_name"], start, end)] = Finding(
            span["file_name"], start, end, "expanded" if expanded else "", others)
    return list(found.values())


# --- The comparison -----------------------------------------------------------------------------


class Result:
    def __init__(self):
        self.both = 0
        self.clippy_only = []
        self.ours_only = []
        self.left_out = collections.Counter()
        self.listed = []
        self.missed = self.extra = 0
        self.known = False

    @classmethod
    def of_counts(cls, counts):
        result = cls()
        counts = counts.copy()
        result.both = counts.pop("both", 0)
        result.missed = counts.pop("missed", 0)
        result.extra = counts.pop("extra", 0)
        result.left_out = counts
        return result

    def counts(self):
        counts = collections.Counter(self.left_out)
        counts.update(both=self.both, missed=self.missed, extra=self.extra)
        return counts

    def recall(self):
        return percent(self.both, self.both + self.missed)

    def precision(self):
        return percent(self.both, self.both + self.extra)

    def row(self, lint):
        out = ", ".join(f"{count} {why}" for why, count in sorted(self.left_out.items()))
        return (f"{lint:36}{self.both + self.missed:8}{self.both + self.extra:8}{self.both:8}"
                f"{self.recall():8.1f}%{self.precision():10.1f}%  {out}")

    def print_differences(self):
        for side, why, file, line, column, text in sorted(self.listed):
            print(f"    {side} {file}:{line}:{column}: {text}" + (f"  [{why}]" if why else ""))


def percent(part, whole):
    return 100.0 * part / whole if whole else 100.0


def compare(crate, lint, clippy, ours):
    rules, pattern, relation = LINTS[lint]
    result = Result()
    mine = []
    for entry in ours:
        if entry["rule"] not in rules or entry["file"] not in crate.files:
            continue
        start = (entry["line"], entry["column"])
        end = (entry["end_line"], entry["end_column"])
        if re.match(pattern, crate.text(entry["file"], start, end)):
            mine.append(Finding(entry["file"], start, end, entry["message"], set()))
    result.known = bool(mine or clippy)
    open_ = collections.defaultdict(list)
    for finding in clippy:
        open_[finding.file].append(finding)
    for finding in mine:
        matches = [it for it in open_[finding.file] if related(relation, finding, it, crate)]
        if matches:
            # The tightest, as that of an item holds those of its fields.
            best = min(matches, key=lambda it: (it.end[0] - it.start[0], it.end[1] - it.start[1]))
            open_[finding.file].remove(best)
            result.both += 1
            continue
        why = crate.why_not_compiled(finding)
        record(result, crate, "only ours  ", finding, why)
        if not why:
            result.extra += 1
    for finding in (it for found in open_.values() for it in found):
        why = crate.why_not_ours(lint, finding)
        record(result, crate, "only clippy", finding, why)
        if not why:
            result.missed += 1
    return result


def related(relation, ours, clippy, crate):
    if relation == "start":
        return ours.start == clippy.start
    if relation == "end":
        # The span of an expression in parentheses may have them in it.
        return ours.end <= clippy.end and not crate.text(ours.file, ours.end, clippy.end).strip(")")
    if relation == "inside":
        return clippy.start <= ours.start and ours.end <= clippy.end
    return ours.start[0] in clippy.others


def record(result, crate, side, finding, why):
    text = crate.line(finding.file, finding.start[0]).strip()
    result.listed.append((side, why, finding.file, *finding.start, text[:110]))
    if why:
        result.left_out[why] += 1


# --- What this build compiles -------------------------------------------------------------------


class Crate:
    """The sources of a crate that a build reaches, with the parts that `cfg` leaves out."""

    def __init__(self, folder, messages):
        self.folder = os.path.realpath(folder)
        self.name = os.path.basename(self.folder)
        self.files = {}
        self.programs = set()
        # Files that only tests, or features for tests, reach.
        self.tests = set()
        artifacts = [it for it in messages
                     if it.get("reason") == "compiler-artifact" and self.owns(it)]
        features = {feature for it in artifacts for feature in it.get("features", [])}
        self.cfg = host_cfg() | {f'feature="{feature}"' for feature in features}
        libraries = set()
        for artifact in artifacts:
            kinds = artifact["target"]["kind"]
            if "custom-build" in kinds:
                continue
            package = os.path.dirname(artifact["manifest_path"])
            root = os.path.relpath(artifact["target"]["src_path"], package)
            reached = self.reach(root, True, False, {})
            (self.programs if "bin" in kinds else libraries).update(reached)
            self.tests.update(path for path, in_test in reached.items() if in_test)
        self.programs -= libraries

    def owns(self, entry):
        folder = os.path.dirname(entry.get("manifest_path", ""))
        return os.path.basename(folder) == self.name

    def reach(self, path, is_root, in_test, seen):
        """Follows module declarations; tells for each file whether only test code reaches it."""
        full = os.path.join(self.folder, path)
        if seen.get(path, True) <= in_test and path in seen or not os.path.isfile(full):
            return seen
        if path not in self.files:
            with open(full, encoding="utf-8") as file:
                self.files[path] = Source(file.read(), self.cfg)
        seen[path] = in_test
        folder, name = os.path.split(path)
        own = folder if is_root or name == "mod.rs" else os.path.join(folder, name[:-3])
        for within, module, explicit, module_in_test in self.files[path].modules:
            base = os.path.join(own, *within)
            if explicit:
                targets = [os.path.join(base if within else folder, explicit)]
            else:
                targets = [os.path.join(base, module + ".rs"), os.path.join(base, module, "mod.rs")]
            for target in targets:
                self.reach(os.path.normpath(target), False, in_test or module_in_test, seen)
        return seen

    def text(self, file, start, end):
        source = self.files[file]
        return source.text[source.offset(start):source.offset(end)]

    def line(self, file, number):
        if file not in self.files:
            return ""
        lines = self.files[file].text.split("\n")
        return lines[number - 1] if number <= len(lines) else ""

    def why_not_compiled(self, finding):
        source = self.files[finding.file]
        return "not compiled" if source.is_in(source.inactive, finding.start) else ""

    def why_not_ours(self, lint, finding):
        source = self.files.get(finding.file)
        if source is None or finding.message == "expanded" or source.is_in(source.macros, finding.start):
            return "from a macro"
        if finding.file in self.tests or source.is_in(source.tests, finding.start):
            return "test code"
        if "print" in lint and finding.file in self.programs:
            return "output of a program"
        if lint == "clippy::undocumented_unsafe_blocks":
            at = source.offset(finding.start)
            before = source.text[source.text.rfind("\n", 0, at) + 1:at]
            inside = re.match(r"unsafe\s*\{\s*((//[^\n]*\s*)+|/\*.*?\*/)", source.text[at:], re.S)
            if re.search(r"/[/*].*safety:", before, re.I):
                return "reason on the line"
            if inside and "SAFETY:" in inside.group(0).upper():
                return "reason in the block"
        return ""


def host_cfg():
    run = subprocess.run(["rustc", "--print", "cfg"], stdout=subprocess.PIPE, text=True, check=True)
    return set(run.stdout.split("\n"))


TOKEN = re.compile(
    r"""//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/            # comments
      |\b[bc]?r(?P<hashes>\#*)".*?"(?P=hashes)       # raw strings
      |[bc]?"(?:[^"\\]|\\.)*"                        # strings
      |b?'(?:[^'\\\n]|\\(?:u\{[^}]*\}|x..|.))'       # characters
      |'\w+                                          # lifetimes
      |\w+|\S""",
    re.X | re.S,
)
ITEMS = {"pub", "fn", "impl", "mod", "struct", "enum", "trait", "unsafe", "async", "const",
         "static", "use", "type", "extern", "union", "macro_rules"}


class Source:
    """A file, read just far enough to know its modules and what `cfg` and macros do to its parts."""

    def __init__(self, text, cfg):
        self.text = text
        self.starts = [0] + [at.end() for at in re.finditer("\n", text)]
        self.inactive = []
        self.macros = []
        self.tests = []
        self.modules = []
        self.cfg = cfg
        tokens = [(it.group(), it.start()) for it in TOKEN.finditer(text)
                  if not it.group().startswith(("//", "/*"))]
        self.tokens = tokens
        self.ends = group_ends(tokens)
        self.visit(0, len(tokens), [], False)

    def offset(self, place):
        line, column = place
        return self.starts[line - 1] + column - 1

    def is_in(self, ranges, place):
        offset = self.offset(place)
        return any(start <= offset < end for start, end in ranges)

    def visit(self, at, end, within, in_test):
        """Visits the tokens of a group."""
        path = None
        while at < end:
            word = self.tokens[at][0]
            if word == "#" and at + 1 < end and self.tokens[at + 1][0] in "[!":
                inner = self.tokens[at + 1][0] == "!"
                open_ = at + 1 + inner
                close = self.ends.get(open_, open_)
                attribute = [it for it, _ in self.tokens[open_ + 1:close]]
                predicate = attribute[2:-1] if attribute[:2] == ["cfg", "("] else []
                holds = not predicate or self.evaluate(predicate, 0, self.is_set)[0]
                if attribute[:2] == ["path", "="] and len(attribute) == 3:
                    path = attribute[2].strip('"')
                if not holds and inner:
                    self.inactive.append(self.range(at, end))
                    return
                after = self.item_end(close + 1, end) if predicate and not inner else close + 1
                if not holds:
                    self.inactive.append(self.range(at, after))
                elif predicate and not self.evaluate(predicate, 0, is_set_outside_tests)[0]:
                    # It holds in this build, for a feature that is meant for tests.
                    self.tests.append(self.range(at, after))
                    self.visit(close + 1, after, within, True)
                elif predicate:
                    after = close + 1
                at = after
                continue
            if word == "macro_rules" and at + 3 < end and self.tokens[at + 1][0] == "!":
                close = self.ends.get(at + 3, at + 3)
                self.macros.append((self.tokens[at][1], self.tokens[close][1]))
                at = close + 1
                continue
            if word == "mod" and at + 2 < end:
                name, next_ = self.tokens[at + 1][0], self.tokens[at + 2][0]
                if next_ == ";":
                    self.modules.append((within, name.removeprefix("r#"), path, in_test))
                    path = None
                    at += 3
                    continue
                if next_ == "{":
                    close = self.ends.get(at + 2, end)
                    self.visit(at + 3, close, within + [name], in_test)
                    path = None
                    at = close + 1
                    continue
            if at in self.ends:
                self.visit(at + 1, self.ends[at], within, in_test)
                at = self.ends[at] + 1
                continue
            at += 1

    def range(self, at, end):
        stop = self.tokens[end][1] if end < len(self.tokens) else len(self.text) + 1
        return self.tokens[at][1], stop

    def item_end(self, at, end):
        """The end of the item, statement, field, arm or argument that begins at a token."""
        while at < end and self.tokens[at][0] == "#":
            at = self.ends.get(at + 1, at) + 1
        first = self.tokens[at][0] if at < end else ""
        while at < end:
            word = self.tokens[at][0]
            if word == ";" or (word == "," and first not in ITEMS):
                return at + 1
            if at in self.ends:
                at = self.ends[at] + 1
                if word == "{" and first != "let" and first != "use":
                    return at
                continue
            at += 1
        return end

    def is_set(self, option):
        return option in self.cfg

    def evaluate(self, tokens, at, is_set):
        """The value of the `cfg` predicate that begins at a token, and where it ends."""
        name = tokens[at] if at < len(tokens) else ""
        next_ = tokens[at + 1] if at + 1 < len(tokens) else ""
        if next_ == "(":
            at += 2
            values = []
            while at < len(tokens) and tokens[at] != ")":
                value, at = self.evaluate(tokens, at, is_set)
                values.append(value)
                if at < len(tokens) and tokens[at] == ",":
                    at += 1
            value = {"all": all(values), "any": any(values)}.get(name, not any(values))
            return value, at + 1
        if next_ == "=":
            return is_set(f"{name}={tokens[at + 2]}"), at + 3
        return name == "true" or is_set(name), at + 1


def is_set_outside_tests(option):
    """Whether an option may be set in production: all but those whose name speaks of tests."""
    words = re.split(r"\W|_", option.lower())
    return not set(words) & {"test", "tests", "testing", "testutil", "testutils", "mock", "mocks",
                             "bench", "fuzz", "fuzzing", "loom", "miri", "kani"}


def group_ends(tokens):
    """The index of the closing bracket for that of each opening one."""
    ends, open_ = {}, []
    for at, (word, _) in enumerate(tokens):
        if word in ("(", "[", "{"):
            open_.append(at)
        elif word in (")", "]", "}") and open_:
            ends[open_.pop()] = at
    return ends


if __name__ == "__main__":
    main()
