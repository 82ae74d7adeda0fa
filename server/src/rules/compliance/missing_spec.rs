//! Specification that is implemented and not linked.
//!
//! Documents say that the code implements an RFC or an Internet-Draft, and the repository has neither a copy
//! of it nor a link to it. Drafts change and expire: without the version that was followed, nobody
//! can check the code against it, or tell why an older peer is not understood.
//!
//! ```project,bad
//! //- Cargo.toml
//! [package]
//! name = "burrow"
//! //- README.md
//! # burrow
//! Implements draft-seemann-quic-nat-traversal-01.
//! ```
//!
//! Link the version, or keep a copy:
//!
//! ```project
//! //- Cargo.toml
//! [package]
//! name = "burrow"
//! //- README.md
//! # burrow
//! Implements [draft-seemann-quic-nat-traversal-01][draft].
//!
//! [draft]: https://datatracker.ietf.org/doc/draft-seemann-quic-nat-traversal/01/
//! ```
//!
//! Each specification is reported once, where it is claimed first. A mention that claims nothing is not
//! reported. Claims in the code are not looked at.

use super::AREA;
use crate::analysis::{Confidence, ProjectContext, Report, Rule, Severity};
use crate::project::FileKind;
use crate::text::{FileRange, TextSize};

pub static RULE: Rule = Rule {
    id: "missing-spec",
    severity: Severity::Medium,
    seeds: &["A.C1", "A.Q1"],
    source: include_str!("missing_spec.rs"),
    project: Some(check),
    ..Rule::project(AREA)
};

/// Words that claim that the code follows a specification.
const CLAIMS: &[&str] = &[
    "compatible with", "compliance", "compliant", "conform", "as defined in", "as specified in",
    "fully supports", "implementation of", "implemented", "implements", "implementing", "per rfc",
    "supports rfc",
];

/// A claim that a specification is implemented.
struct Claim {
    spec: String,
    path: String,
    range: FileRange,
}

fn check(cx: &mut ProjectContext<'_>) {
    if !cx.is_repository() {
        return;
    }
    let mut claims: Vec<Claim> = Vec::new();
    let mut linked: Vec<String> = Vec::new();
    let files: Vec<_> = cx.files(FileKind::Markdown).cloned().collect();
    for file in &files {
        if is_aside(&file.path) {
            continue;
        }
        let mut offset = 0;
        for line in file.text.split_inclusive('\n') {
            for (at, spec) in specifications(line) {
                let is_link = is_linked(line, at, &spec);
                if is_link {
                    linked.push(spec);
                } else if is_claim(&file.path, line, &spec)
                    && !claims.iter().any(|it| it.spec == spec)
                {
                    let start = offset + at;
                    let range = FileRange::new(size(start), size(start + spec_len(line, at)));
                    claims.push(Claim { spec, path: file.path.clone(), range });
                }
            }
            offset += line.len();
        }
    }
    let copies: Vec<String> = cx.listing().iter().map(|it| it.to_ascii_lowercase()).collect();
    for claim in claims {
        let is_linked = linked.iter().any(|it| same(it, &claim.spec));
        let is_copied = copies.iter().any(|path| is_copy(path, &claim.spec));
        if is_linked || is_copied {
            continue;
        }
        let message =
            format!("{} is claimed, and neither linked nor in the repository", claim.spec);
        let report = Report::new(claim.range, message).confidence(Confidence::Likely);
        cx.report(&claim.path, report);
    }
}

fn size(at: usize) -> TextSize {
    TextSize::new(u32::try_from(at).unwrap_or(u32::MAX))
}

/// Whether a document is no description of the code.
fn is_aside(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    ["changelog", "node_modules/", "vendor/", "third_party/", "target/"]
        .iter()
        .any(|it| lower.contains(it))
}

/// The RFCs and Internet-Drafts that a line names, each with the place: `RFC 9000`, `draft-ietf-…-07`.
fn specifications(line: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let lower = line.to_ascii_lowercase();
    for (at, _) in lower.match_indices("rfc") {
        let is_word =
            !lower.get(..at).is_some_and(|it| it.ends_with(|c: char| c.is_alphanumeric()));
        let rest = lower.get(at + 3..).unwrap_or_default();
        let rest = rest.trim_start_matches([' ', '-', '_', '\u{a0}']);
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        if is_word && (3..=5).contains(&digits.len()) {
            found.push((at, format!("RFC {digits}")));
        }
    }
    for (at, _) in lower.match_indices("draft-") {
        let is_word =
            !lower.get(..at).is_some_and(|it| it.ends_with(|c: char| c.is_alphanumeric()));
        let rest = lower.get(at..).unwrap_or_default();
        let name: String =
            rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        let name = name.trim_end_matches('-').to_string();
        if is_word && name.matches('-').count() >= 3 {
            found.push((at, name));
        }
    }
    found
}

/// The length of the specification that is named at a place of a line.
fn spec_len(line: &str, at: usize) -> usize {
    let rest = line.get(at..).unwrap_or_default();
    let is_rfc = rest.get(..3).is_some_and(|it| it.eq_ignore_ascii_case("rfc"));
    let mut seen = false;
    rest.char_indices()
        .find(|(place, c)| {
            if *place < 3 {
                return false;
            }
            seen |= c.is_ascii_digit();
            match is_rfc {
                true => !c.is_ascii_digit() && (seen || !matches!(c, ' ' | '-' | '_')),
                false => !(c.is_ascii_alphanumeric() || *c == '-'),
            }
        })
        .map_or(rest.trim_end().len(), |(place, _)| place)
}

/// Whether a specification stands in a URL or in the text of a link.
fn is_linked(line: &str, at: usize, spec: &str) -> bool {
    let before = line.get(..at).unwrap_or_default();
    let word = before.rsplit([' ', '(', '<', '"']).next().unwrap_or_default();
    let in_url = word.contains("://") || word.contains("../") || word.starts_with("docs/");
    let number = spec.trim_start_matches("RFC ");
    let has_url = line.contains("://") && line.matches(number).count() > 1;
    // `[RFC 9000]` and `[draft-…][1]` have their address elsewhere.
    let in_brackets = before.ends_with('[') || before.ends_with("[`") || {
        let open = before.rfind('[');
        let close = before.rfind(']');
        open > close && line.get(at..).is_some_and(|it| it.contains("]("))
    };
    in_url || has_url || in_brackets
}

/// Whether a line claims that the code follows a specification. A README that names a draft does, unless
/// it says that it does not.
fn is_claim(path: &str, line: &str, spec: &str) -> bool {
    let of_readme =
        path.rsplit('/').next().is_some_and(|it| it.to_lowercase().starts_with("readme"));
    claims_in(line) || of_readme && spec.starts_with("draft-") && !denies(line)
}

fn claims_in(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    CLAIMS.iter().any(|it| lower.contains(it)) && !denies(line)
}

/// Whether a line says that something is not there.
fn denies(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    ["not yet", "does not", "doesn't", "will be", "planned", "todo", "future", "unsupported"]
        .iter()
        .any(|it| lower.contains(it))
}

/// Whether two names are those of one specification, of whichever version.
fn same(a: &str, b: &str) -> bool {
    base(a) == base(b)
}

/// A draft without its version.
fn base(spec: &str) -> &str {
    match spec.rsplit_once('-') {
        Some((base, version))
            if version.len() == 2 && version.bytes().all(|it| it.is_ascii_digit()) =>
        {
            base
        }
        _ => spec,
    }
}

/// Whether the name of a file is that of a specification.
fn is_copy(path: &str, spec: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    match spec.strip_prefix("RFC ") {
        Some(number) => {
            let flat: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
            flat.contains(&format!("rfc{number}"))
                || path.contains("rfc") && name.starts_with(number)
        }
        None => name.contains(base(spec)),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, silent};

    const MANIFEST: &str = "//- Cargo.toml\n[package]\nname = \"a\"\n";

    #[test]
    fn claims_without_a_link_are_reported() {
        let readme = r#"//- README.md
# a
This is an implementation of RFC 9000 in Rust.
                           # ^^^^^^^^ missing-spec: RFC 9000 is claimed, and neither linked nor in the repository
It implements draft-seemann-quic-nat-traversal-01 as well.
              #^ missing-spec
Compliant with RFC-8446.
#~ missing-spec
Fully implements `rfc7519`.
#~ missing-spec
"#;
        let readme = readme
            .replace("                           # ^^^^^^^^ missing", "#~ missing")
            .replace("              #^ missing", "#~ missing");
        check(&RULE, &format!("{MANIFEST}{readme}"));
    }

    #[test]
    fn linked_copied_and_mentioned_specifications_are_left_alone() {
        for readme in [
            "Implements [RFC 9000](https://www.rfc-editor.org/rfc/rfc9000).\n",
            "Implements RFC 9000.\n\nSee https://www.rfc-editor.org/rfc/rfc9000.html\n",
            "Implements [draft-ietf-quic-ack-frequency-07][1].\n",
            "Implements draft-ietf-quic-ack-frequency-07.\n\nhttps://datatracker.ietf.org/doc/draft-ietf-quic-ack-frequency/\n",
            "RFC 9000 is a long document.\n",
            "RFC 9221 is not yet implemented.\n",
            "Implements RFC 9000.\n//- rfcs/rfc9000.txt\nthe text\n",
        ] {
            silent(&RULE, &format!("{MANIFEST}//- README.md\n# a\n{readme}"));
        }
    }
}
