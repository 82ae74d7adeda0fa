use crate::config::Severity;
use crate::project::Indexed;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode, SyntaxToken, ast};

use super::{Context, Opportunity, ProjectContext};

/// The part of production readiness that a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Area {
    /// What an attacker could use.
    Security,
    /// What makes the program stop, hang or lose work.
    Reliability,
    /// What makes it slow under load.
    Performance,
    /// What makes it hard to change.
    Maintainability,
    /// What keeps its operators from seeing what it does.
    Observability,
    /// What its tests do not hold.
    Testing,
    /// What its users have to guess.
    Documentation,
    /// How it is built, shipped and started.
    Deployment,
    /// What laws and licences ask for.
    Compliance,
}

impl Area {
    /// The name in output, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Security => "security",
            Self::Reliability => "reliability",
            Self::Performance => "performance",
            Self::Maintainability => "maintainability",
            Self::Observability => "observability",
            Self::Testing => "testing",
            Self::Documentation => "documentation",
            Self::Deployment => "deployment",
            Self::Compliance => "compliance",
        }
    }
}

/// Which code a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// All of it.
    Any,
    /// What runs in production: no tests, benchmarks, examples or build scripts.
    Production,
}

/// The code that a rule wants to see, and the function that looks at it.
#[derive(Clone, Copy)]
pub enum Query {
    /// Every node of a type, see [`On`].
    Node(&'static dyn NodeCheck),
    /// Nodes of a type whose own name may be that of a secret: the name that is declared, assigned
    /// to or called. See [`SecretNames::may_match`](crate::semantics::secrets::SecretNames::may_match).
    SecretName(&'static dyn NodeCheck),
    /// Calls of methods by these names.
    Method(&'static [&'static str], Check<ast::MethodCallExpr>),
    /// Calls of functions by paths that end in these names.
    Call(&'static [&'static str], Check<ast::CallExpr>),
    /// Macro calls by paths that end in these names.
    Macro(&'static [&'static str], Check<ast::MacroCall>),
    /// Blocks marked `unsafe`.
    UnsafeBlock(Check<ast::BlockExpr>),
    /// Comparisons by `==` and `!=`.
    Equality(Check<ast::BinExpr>),
    /// Comments whose text passes the test.
    Comment(fn(&str) -> bool, Check<ast::Comment>),
    /// String and byte string literals whose text, as it is written, passes the test; those in
    /// attributes as well.
    Literal(fn(&str) -> bool, Check<SyntaxToken>),
}

/// Looks at a piece of code and reports what it finds.
pub type Check<N> = fn(&N, &mut Context<'_>);

/// A check of nodes of any type, as [`Query::Node`] holds it.
pub trait NodeCheck: Sync {
    /// Whether nodes of a kind are of the type.
    fn takes(&self, kind: SyntaxKind) -> bool;
    /// Looks at a node whose kind it takes.
    fn check(&self, node: SyntaxNode, cx: &mut Context<'_>);
}

/// The check of nodes of one type: `Query::Node(&On(check))`, where `check` takes an `&ast::Fn`.
pub struct On<N: 'static>(pub Check<N>);

impl<N: AstNode> NodeCheck for On<N> {
    fn takes(&self, kind: SyntaxKind) -> bool {
        N::can_cast(kind)
    }

    fn check(&self, node: SyntaxNode, cx: &mut Context<'_>) {
        if let Some(node) = N::cast(node) {
            (self.0)(&node, cx);
        }
    }
}

/// One kind of problem that is looked for.
///
/// A rule is a `static` in a file of its own, whose folder is its area. The file opens with the
/// rule's documentation, which `explain`, the hover and the rule pages show.
pub struct Rule {
    /// In kebab-case; final once shipped.
    pub id: &'static str,
    /// The part of production readiness it is about.
    pub area: Area,
    /// The severity of its findings outside security-critical code.
    pub severity: Severity,
    /// The severity where code runs for each request or message, when it is another one: see
    /// [`Reach::Serving`](crate::semantics::Reach::Serving). Only for rules whose findings are
    /// `lowered_by_reach` elsewhere.
    pub serving_severity: Option<Severity>,
    /// The severity in code that answers a request, where it is another one.
    pub handling_severity: Option<Severity>,
    /// Whether findings in security-critical code are raised by one step.
    pub raised_when_critical: bool,
    /// Whether its findings are serious in servers alone: what somebody runs for themselves has no
    /// peer that gains by them.
    pub serious_in_servers: bool,
    /// Whether its findings matter less where no production code calls the function around.
    pub lowered_when_uncalled: bool,
    /// Whether its findings matter less where code runs once, at the start or the end, or on another
    /// platform: see [`Reach`](crate::semantics::Reach).
    pub lowered_by_reach: bool,
    /// What its findings are held against in the score.
    pub opportunity: Opportunity,
    /// How long it takes to repair one finding, in minutes.
    pub effort: u32,
    /// Whether it ever offers a fix that is [safe](crate::analysis::Applicability::Safe), so that
    /// it is known without asking which findings are looked at for `fix all`.
    pub safe_fix: bool,
    /// Which code it is about: all of it, or all but tests.
    pub code: Code,
    /// Lints of rustc and clippy that look for the same: where one is allowed by an attribute, the
    /// rule is silent.
    pub lints: &'static [&'static str],
    /// Weaknesses of the Common Weakness Enumeration that it finds, by number.
    pub cwe: &'static [u16],
    /// Findings of the reviews that the rules were made from, such as `E.4`: the letter of the
    /// review and the number of the finding.
    pub seeds: &'static [&'static str],
    /// The text of the rule's own source file, which opens with its documentation.
    pub source: &'static str,
    /// What it looks at in Rust sources.
    pub queries: &'static [Query],
    /// What it wants to have found in the sources of the whole project, for
    /// [`references`](crate::project::TrackedProject::references).
    pub indexed: &'static [Indexed],
    /// Looks at the project as a whole: manifests, Dockerfiles, workflows, configuration. Called
    /// again when something changed that it looked at.
    pub project: Option<fn(&mut ProjectContext<'_>)>,
}

impl Rule {
    /// What rules for Rust source mostly are; meant for `..Rule::source(AREA)`.
    pub const fn source(area: Area) -> Self {
        Self {
            id: "",
            area,
            severity: Severity::Medium,
            serving_severity: None,
            handling_severity: None,
            raised_when_critical: true,
            serious_in_servers: false,
            lowered_when_uncalled: true,
            lowered_by_reach: matches!(
                area,
                Area::Reliability | Area::Performance | Area::Observability
            ),
            opportunity: Opportunity::Functions,
            effort: 15,
            safe_fix: false,
            code: Code::Production,
            lints: &[],
            cwe: &[],
            seeds: &[],
            source: "",
            queries: &[],
            indexed: &[],
            project: None,
        }
    }

    /// What rules for the project as a whole mostly are; meant for `..Rule::project(AREA)`.
    pub const fn project(area: Area) -> Self {
        Self {
            raised_when_critical: false,
            lowered_by_reach: false,
            opportunity: Opportunity::Project,
            effort: 60,
            code: Code::Any,
            ..Self::source(area)
        }
    }

    /// The documentation: the `//!` lines that open the rule's file, as Markdown.
    pub fn docs(&self) -> String {
        let lines = self.source.lines().take_while(|line| line.starts_with("//!"));
        let lines = lines.map(|line| line.trim_start_matches("//!"));
        let lines: Vec<&str> = lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
        readable(&lines)
    }

    /// The first sentence of the documentation, in one line and without its full stop.
    pub fn summary(&self) -> String {
        let docs = self.docs();
        let paragraph = docs.split("\n\n").next().unwrap_or_default().replace('\n', " ");
        let end = paragraph.find(". ").unwrap_or(paragraph.len());
        paragraph[..end].trim_end_matches('.').to_string()
    }
}

/// A page without what is for the test of its examples: which of them must be reported, which file of the
/// project a part of one is, and a day that never comes.
fn readable(lines: &[&str]) -> String {
    const NEVER: &str = "9999-01-31";
    const ONE_DAY: &str = "2026-01-31";
    let mut page: Vec<String> = Vec::new();
    let (mut in_project, mut is_open) = (false, false);
    for line in lines {
        match *line {
            "```rust,bad" => page.push("```rust".to_string()),
            "```project" | "```project,bad" => in_project = true,
            "```" if in_project => {
                page.extend(is_open.then(|| line.to_string()));
                (in_project, is_open) = (false, false);
            }
            line => match line.strip_prefix("//- ").filter(|_| in_project) {
                Some(path) => {
                    let end = [String::from("```"), String::new()];
                    page.extend(end.into_iter().filter(|_| is_open));
                    page.extend([format!("`{path}`:"), String::new()]);
                    page.push(format!("```{}", language(path)));
                    is_open = true;
                }
                None if in_project && !is_open => {
                    page.extend(["```text".to_string(), line.to_string()]);
                    is_open = true;
                }
                None => page.push(line.replace(NEVER, ONE_DAY)),
            },
        }
    }
    page.join("\n")
}

/// The language of a file, as code blocks name it.
fn language(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.').map_or(name, |(_, extension)| extension) {
        "rs" => "rust",
        "yml" | "yaml" => "yaml",
        "md" => "markdown",
        extension @ ("toml" | "json" | "sql") => extension,
        "lock" => "toml",
        "Dockerfile" => "dockerfile",
        _ => "text",
    }
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.id)
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Rule {}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn examples_of_projects_are_shown_file_by_file() {
        let page = [
            "Why:", "", "```project,bad", "//- Cargo.toml", "[package]", "//- src/main.rs",
            "fn main() {}", "```",
        ];
        let expected = "Why:\n\n`Cargo.toml`:\n\n```toml\n[package]\n```\n\n`src/main.rs`:\n\n```rust\nfn main() {}\n```";
        assert_eq!(readable(&page), expected);
        assert_eq!(readable(&["```rust,bad", "f();", "```"]), "```rust\nf();\n```");
    }
}
