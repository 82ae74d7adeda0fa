//! Tests of rules read as the feature: code with marks under what must be reported.
//!
//! ```text
//! fn f() { x.unwrap(); }
//!          //^^^^^^^^ unwrap-used: message
//! ```
//!
//! A mark stands under the line that it speaks of, its carets under the reported text; for a
//! finding of several lines, under the first of them. `//~ id` marks a line whatever is reported on
//! it. `//- path` starts another file of the fixture; without one the code is `src/lib.rs` of a
//! library. In files that are no Rust a mark may begin with `#` or `--` as well, and its line is
//! taken out before rules see the file.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::analysis::fix::format::formatted;
use crate::analysis::{
    Applicability, FileAnalysis, Finding, Fix, FixContext, ProjectChecks, ProjectFinding, Rule,
    RuleSet, analyze, offers_for, resolve_lines,
};
use crate::config::{Config, Date};
use crate::project::{FileKind, Packages, Project, SymbolIndex, references_in_other_language};
use crate::semantics::{FileContext, SourceFiles, WorkspaceView};
use crate::syntax::items::Outline;
use crate::syntax::{SyntaxNode, parse_root};
use crate::text::apply_edits;

const MANIFEST: &str = "[package]\nname = \"fixture\"\nedition = \"2024\"\n";

/// A workspace in memory.
pub struct Fixture {
    pub files: BTreeMap<String, String>,
    contexts: BTreeMap<String, FileContext>,
    roots: BTreeMap<String, SyntaxNode>,
    analyses: BTreeMap<String, FileAnalysis>,
    pub symbols: SymbolIndex,
    rules: RuleSet,
    pub project: Project,
    project_findings: BTreeMap<String, Vec<ProjectFinding>>,
    marks: Vec<Mark>,
}

impl Fixture {
    pub fn new(source: &str, rules: impl IntoIterator<Item = &'static Rule>) -> Self {
        let mut files = split(source);
        let config = files.get("readiness.toml").cloned().unwrap_or_default();
        let ids: Vec<&str> = super::all().map(|rule| rule.id).collect();
        let mut config = Config::parse(&config, &ids).0;
        config.today = Date::parse("2026-06-01");
        let config = Arc::new(config);
        let has_rust = files.keys().any(|path| path.ends_with(".rs"));
        if has_rust && !files.keys().any(|path| path.ends_with("Cargo.toml")) {
            files.insert("Cargo.toml".to_string(), MANIFEST.to_string());
        }
        let all_marks = files.iter().flat_map(|(path, text)| marks(path, text)).collect();
        for (_, text) in files.iter_mut().filter(|(path, _)| !path.ends_with(".rs")) {
            *text = text.split_inclusive('\n').filter(|line| mark_of(line).is_none()).collect();
        }
        let manifests: Vec<_> = files
            .iter()
            .filter(|(path, _)| path.ends_with("Cargo.toml") || path.ends_with("clippy.toml"))
            .map(|(path, text)| (path.clone(), text.clone()))
            .collect();
        let packages = Packages::read(&manifests, |path| {
            files.keys().any(|it| it == path || it.starts_with(&format!("{path}/")))
        });
        let rules = RuleSet::new(rules, &config);
        let mut fixture = Self {
            contexts: BTreeMap::new(),
            roots: BTreeMap::new(),
            analyses: BTreeMap::new(),
            symbols: SymbolIndex::default(),
            rules,
            project: Project::new(None),
            project_findings: BTreeMap::new(),
            marks: all_marks,
            files,
        };
        for (path, text) in fixture.files.iter().filter(|(path, _)| path.ends_with(".rs")) {
            let context = FileContext::new(path, &packages, &config);
            let root = parse_root(text, context.edition).expect("it parses");
            let analysis = analyze(&root, &context, &fixture.rules);
            assert_eq!(analysis.panicked, Vec::<&Rule>::new(), "{path}: rules panicked");
            fixture.contexts.insert(path.clone(), context);
            fixture.roots.insert(path.clone(), root);
            fixture.analyses.insert(path.clone(), analysis);
        }
        let symbols =
            fixture.analyses.iter().map(|(path, it)| (path.clone(), Arc::clone(&it.index.symbols)));
        let is_whole = packages.iter().next().is_some();
        fixture.symbols = SymbolIndex::new(packages, symbols.collect());
        // Who calls what is known of whole projects.
        for (path, analysis) in fixture.analyses.iter().filter(|_| is_whole) {
            fixture.symbols.set_uses(path, Arc::clone(&analysis.index.uses));
        }
        fixture.project.set_listing(fixture.files.keys().cloned().collect(), |_| false);
        for (path, text) in &fixture.files {
            fixture.project.set_text(path, Some(text));
            let references = match fixture.analyses.get(path) {
                Some(analysis) => analysis.index.references(&fixture.contexts[path]),
                None if FileKind::of(path) == Some(FileKind::OtherLanguage) => {
                    references_in_other_language(path, text, fixture.rules.index_spec()).into()
                }
                None => continue,
            };
            fixture.project.set_references(path, references);
        }
        let (found, panicked) = ProjectChecks::default()
            .run(&fixture.project, &fixture.symbols, &config, &fixture.rules, 0);
        assert_eq!(panicked, Vec::<&Rule>::new(), "rules panicked");
        fixture.project_findings = found;
        fixture
    }

    fn project_findings(&self, path: &str) -> Vec<Finding> {
        let found = self.project_findings.get(path).into_iter().flatten();
        found.map(|it| it.finding.clone()).collect()
    }

    pub fn findings(&self) -> Vec<(String, Finding)> {
        let known = |id: &str| super::find(id).is_some();
        let mut all = Vec::new();
        for (path, analysis) in &self.analyses {
            let context = &self.contexts[path];
            let project = self.project_findings(path);
            let findings = analysis.resolve(context, &self.rules, &self.symbols, project, known);
            all.extend(findings.into_iter().map(|finding| (path.clone(), finding)));
        }
        for (path, text) in self.files.iter().filter(|(path, _)| !path.ends_with(".rs")) {
            let findings =
                resolve_lines(path, text, self.project_findings(path), &self.rules, known);
            all.extend(findings.into_iter().map(|finding| (path.clone(), finding)));
        }
        all
    }

    pub fn fixes(&self, path: &str, finding: &Finding) -> Vec<Fix> {
        if finding.rule.project.is_some() {
            let mut found = self.project_findings.get(path).into_iter().flatten();
            let found = found.find(|it| it.finding == *finding);
            return found.map(|it| it.fixes(&self.project)).unwrap_or_default();
        }
        let texts = &self.files;
        let files = SourceFiles::new(|path| texts.get(path).cloned());
        let context = FixContext::new(WorkspaceView {
            file: &self.contexts[path],
            root: &self.roots[path],
            symbols: &self.symbols,
            files: &files,
            roots: Default::default(),
        });
        let outline = Outline::of(context.root);
        let offers = offers_for(&context, &outline, &self.rules, std::slice::from_ref(finding));
        let fixes = offers.into_iter().flat_map(|offer| offer.fixes);
        let fixes: Vec<Fix> = fixes.map(|fix| formatted(fix, &context)).collect();
        let is_safe = |fix: &Fix| fix.applicability == Applicability::Safe;
        assert!(finding.rule.safe_fix || !fixes.iter().any(is_safe), "`safe_fix` is not set");
        fixes
    }

    /// The files after a fix.
    pub fn apply(&self, fix: &Fix) -> BTreeMap<String, String> {
        let mut files = self.files.clone();
        for edit in &fix.edits {
            let text = files.get(&edit.path).cloned().unwrap_or_default();
            files.insert(edit.path.clone(), apply_edits(&text, &edit.edits));
        }
        files
    }
}

/// A fixture of one program with these lines of dependencies.
pub fn program(dependencies: &str, main: &str) -> String {
    format!(
        "//- Cargo.toml\n[package]\nname = \"api\"\nedition = \"2024\"\n[dependencies]\n{dependencies}\n//- src/main.rs\n{main}"
    )
}

/// Checks that exactly what is marked is reported.
#[track_caller]
pub fn check(rule: &'static Rule, source: &str) {
    check_all([rule], source);
}

/// Checks that nothing is reported.
#[track_caller]
pub fn silent(rule: &'static Rule, source: &str) {
    let has_marks = source.lines().any(|line| mark_of(line).is_some());
    assert!(!has_marks, "a silent test has marks");
    check_all([rule], source);
}

#[track_caller]
fn check_all(rules: impl IntoIterator<Item = &'static Rule>, source: &str) {
    let meta = super::all().filter(|rule| rule.id.ends_with("-suppression"));
    let fixture = Fixture::new(source, rules.into_iter().chain(meta));
    let mut expected = fixture.marks.clone();
    let mut unexpected = Vec::new();
    for (path, finding) in fixture.findings() {
        let text = &fixture.files[&path];
        let (line, column, len) = place(text, &finding);
        let found = expected.iter().position(|mark: &Mark| {
            mark.path == path
                && mark.line == line
                && mark.columns.is_none_or(|columns| columns == (column, len))
                && (mark.text == finding.rule.id
                    || mark.text == format!("{}: {}", finding.rule.id, finding.message))
        });
        match found {
            Some(found) => {
                expected.remove(found);
            }
            None => unexpected.push(format!(
                "{path}:{}:{} ({len} long) {}: {}\n    {}",
                line + 1,
                column + 1,
                finding.rule.id,
                finding.message,
                text.lines().nth(line).unwrap_or_default()
            )),
        }
    }
    assert!(
        unexpected.is_empty() && expected.is_empty(),
        "not marked:\n{}\nnot reported:\n{expected:#?}",
        unexpected.join("\n")
    );
}

/// Checks the first fix of the first finding: its title, and the file after it. With other files
/// in `after` (`//- Cargo.toml`) those are checked too.
#[track_caller]
pub fn check_fix(rule: &'static Rule, title: &str, before: &str, after: &str) {
    let (fixture, fixes) = first_fixes(rule, before);
    let titles: Vec<&str> = fixes.iter().map(|fix| fix.title.as_str()).collect();
    let fix = fixes.iter().find(|fix| fix.title == title);
    let Some(fix) = fix else { panic!("no fix is called {title:?}: {titles:?}") };
    let fixed = fixture.apply(fix);
    for (path, expected) in split(after) {
        assert_eq!(fixed.get(&path).map(String::as_str), Some(expected.as_str()), "{path}");
    }
}

/// Checks that the first finding has no fix that would be applied unseen.
#[track_caller]
pub fn no_safe_fix(rule: &'static Rule, source: &str) {
    let (_, fixes) = first_fixes(rule, source);
    let safe = fixes.iter().find(|fix| fix.applicability == Applicability::Safe);
    assert_eq!(safe, None);
}

/// Checks that the first finding has no fix at all.
#[track_caller]
pub fn no_fix(rule: &'static Rule, source: &str) {
    assert_eq!(first_fixes(rule, source).1, []);
}

#[track_caller]
pub fn first_fixes(rule: &'static Rule, source: &str) -> (Fixture, Vec<Fix>) {
    let fixture = Fixture::new(source, [rule]);
    let findings = fixture.findings();
    let Some((path, finding)) = findings.first() else { panic!("nothing is reported") };
    let fixes = fixture.fixes(path, finding);
    (fixture, fixes)
}

/// Applies the first fix of the first finding and checks that it leaves no finding of the rule
/// where that was. Returns the files after it.
#[track_caller]
pub fn fixed(rule: &'static Rule, source: &str) -> BTreeMap<String, String> {
    let (fixture, fixes) = first_fixes(rule, source);
    let before = fixture.findings();
    let fix = fixes.first().expect("a fix");
    let files = fixture.apply(fix);
    let source: String =
        files.iter().map(|(path, text)| format!("//- {path}\n{}\n", text.trim_end())).collect();
    let after = Fixture::new(&source, [rule]).findings();
    assert!(after.len() < before.len(), "it is still reported: {after:#?}\n{source}");
    files
}

#[derive(Clone)]
struct Mark {
    path: String,
    line: usize,
    /// The first column and the length, unless any will do.
    columns: Option<(usize, usize)>,
    text: String,
}

impl std::fmt::Debug for Mark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}:{}:{:?} {}",
            self.path,
            self.line + 1,
            self.columns.map(|(column, len)| (column + 1, len)),
            self.text
        )
    }
}

fn marks(path: &str, text: &str) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut code_line = 0;
    let mut number = 0;
    for line in text.lines() {
        let Some(sign) = mark_of(line) else {
            code_line = number;
            number += 1;
            continue;
        };
        number += usize::from(path.ends_with(".rs"));
        let column = line.chars().take_while(|c| *c != sign).count();
        let len = line.chars().skip(column).take_while(|c| *c == sign).count();
        let text: String = line.chars().skip(column + len).collect();
        marks.push(Mark {
            path: path.to_string(),
            line: code_line,
            columns: (sign == '^').then_some((column, len)),
            text: text.trim().to_string(),
        });
    }
    marks
}

/// The sign of a mark, when the line is one: `^` for a place, `~` for the line.
fn mark_of(line: &str) -> Option<char> {
    let line = line.trim_start();
    let rest = ["//", "#", "--"].iter().find_map(|opening| line.strip_prefix(opening))?;
    rest.trim_start().chars().next().filter(|sign| matches!(sign, '^' | '~'))
}

/// The line and column of a finding, from zero and in characters, and its length on that line.
fn place(text: &str, finding: &Finding) -> (usize, usize, usize) {
    let start = usize::from(finding.range.start());
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line = text[..start].matches('\n').count();
    let first_line = text[finding.range].lines().next().unwrap_or_default();
    (line, text[line_start..start].chars().count(), first_line.chars().count())
}

/// Splits a fixture at its `//- path` lines.
pub fn split(source: &str) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut path = "src/lib.rs".to_string();
    let source = source.strip_prefix('\n').unwrap_or(source);
    for line in source.split_inclusive('\n') {
        match line.strip_prefix("//- ") {
            Some(name) => path = name.trim().to_string(),
            None => files.entry(path.clone()).or_insert_with(String::new).push_str(line),
        }
    }
    files
}
