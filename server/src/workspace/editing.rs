//! What an editor does with buffers, and their analysis after each change.

use std::sync::{Arc, Mutex};

use super::buffer::{Buffer, Change};
use super::snapshot::FileResult;
use super::{Workspace, lock};
use crate::analysis::{Evicted, Finding, Rule};
use crate::project::{ProjectFile, references_in_other_language};
use crate::semantics::FileContext;
use crate::text::{Encoding, Text};

/// What an analysis of a buffer gave.
#[derive(Debug)]
pub struct BufferFindings {
    /// The version of the text that was analysed.
    pub version: i32,
    /// What holds now, with findings kept from before while braces do not match.
    pub findings: Vec<Finding>,
    /// The text that the findings' ranges refer to.
    pub text: Text,
    /// Findings of other files may have changed with what this one declares.
    pub affects_others: bool,
    /// Rules that panicked, and were switched off for the file.
    pub panicked: Vec<&'static Rule>,
    /// Dropped once the findings are shown, as that takes time.
    _evicted: Evicted,
}

impl BufferFindings {
    fn new(buffer: &mut Buffer, findings: Vec<Finding>) -> Self {
        Self {
            version: buffer.version(),
            findings,
            text: buffer.text().clone(),
            affects_others: false,
            panicked: Vec::new(),
            _evicted: buffer.take_evicted(),
        }
    }
}

impl Workspace {
    /// Takes a buffer that was opened, and reads the manifests of its package when the folder was
    /// not scanned yet: the tree depends on the edition, and fixes on the dependencies.
    pub fn open_buffer(&self, path: &str, text: &str, version: i32) {
        self.read_manifests_above(path);
        let edition = self.snapshot().context(path).edition;
        let buffer = Buffer::new(path, text, version, edition);
        let is_left_out = self.disk.as_ref().is_some_and(|disk| disk.is_left_out(path));
        self.change(|state| {
            state.open(path, buffer);
            state.set_left_out(path, is_left_out);
        });
    }

    /// Applies the changes of a buffer, in order. Costs the same in a large file as in a small
    /// one: the tree follows when someone asks for findings.
    pub fn change_buffer(
        &self,
        path: &str,
        changes: Vec<Change>,
        version: i32,
        encoding: Encoding,
    ) {
        if let Some(buffer) = self.buffer(path) {
            lock(&buffer).apply(changes, version, encoding);
        }
    }

    /// Drops a buffer; from now on the disk has the file's text.
    pub fn close_buffer(&self, path: &str) {
        self.change(|state| state.close(path));
    }

    /// Analyses a buffer as it is now, while someone types: what its Rust code declares is not
    /// passed on to other files, to which half a name is of no use.
    pub fn analyze_buffer(&self, path: &str) -> Option<BufferFindings> {
        self.analyze_open(path, false)
    }

    /// Analyses a buffer in which typing settled: its tree is parsed in full when it was not since
    /// the last change, and what the file declares is passed on.
    pub fn settle_buffer(&self, path: &str) -> Option<BufferFindings> {
        let analyzed = self.analyze_open(path, true)?;
        // The texts of buffers are read: this one's lock is free by now.
        let changed = self.check_claims();
        let (own, others): (Vec<_>, Vec<_>) = changed.iter().partition(|it| *it == path);
        let affects_others = analyzed.affects_others || !others.is_empty();
        let analyzed = match own.is_empty() {
            true => analyzed,
            false => self.analyze_open(path, false)?,
        };
        Some(BufferFindings { affects_others, ..analyzed })
    }

    fn analyze_open(&self, path: &str, settled: bool) -> Option<BufferFindings> {
        let shared = self.buffer(path)?;
        let mut buffer = lock(&shared);
        let open = Open { path, shared: &shared, buffer: &mut buffer };
        Some(match open.buffer.is_rust() {
            true => self.analyze_rust(open, settled),
            false => self.analyze_plain(open, settled),
        })
    }

    /// The buffer of a file. No snapshot is held while its lock is waited for.
    fn buffer(&self, path: &str) -> Option<Arc<Mutex<Buffer>>> {
        self.snapshot().buffer(path).map(Arc::clone)
    }
}

/// A buffer whose lock is held.
struct Open<'a> {
    path: &'a str,
    shared: &'a Arc<Mutex<Buffer>>,
    buffer: &'a mut Buffer,
}

/// Rust.
impl Workspace {
    fn analyze_rust(&self, mut open: Open<'_>, settled: bool) -> BufferFindings {
        let (context, settings, is_excluded) = {
            let snapshot = self.snapshot();
            let is_excluded = snapshot.is_excluded(open.path);
            (snapshot.context(open.path), Arc::clone(&snapshot.settings), is_excluded)
        };
        if is_excluded {
            return BufferFindings::new(open.buffer, Vec::new());
        }
        if settled {
            open.buffer.settle();
        }
        let mut result = open.buffer.analyze(&context, &settings);
        if settled && let Ok(analysis) = &mut result {
            analysis.index = open.buffer.index();
        }
        let result = result.map(Arc::new);
        let affects_others = settled && self.declare(&mut open, &context, &result);
        let new = self.findings_of_buffer(&open, &result);
        let findings = match settled {
            true => open.buffer.settle_findings(new),
            false => open.buffer.bridge_imbalance(result.as_deref().ok(), new),
        };
        let panicked = result.map(|it| it.panicked.clone()).unwrap_or_default();
        BufferFindings { affects_others, panicked, ..BufferFindings::new(open.buffer, findings) }
    }

    /// Passes on what a settled buffer declares, with braces that do not match as well: `check` on
    /// the saved text would see the same. Returns whether findings of other files may have changed.
    fn declare(&self, open: &mut Open<'_>, context: &FileContext, result: &FileResult) -> bool {
        let references = result.as_ref().map(|it| it.index.references(context)).unwrap_or_default();
        let has_changed = self.change(|state| {
            // It may have been closed a moment ago: then the disk has the file's text.
            if !state.known().is_buffer(open.path, open.shared) {
                return false;
            }
            state.set_references(open.path, references);
            state.set_file(open.path, result.clone())
        });
        let checked = self.check_project_with(open);
        has_changed || checked
    }

    fn findings_of_buffer(&self, open: &Open<'_>, result: &FileResult) -> Vec<Finding> {
        let snapshot = self.snapshot();
        let project = open.buffer.catch_up(snapshot.project_findings(open.path));
        match result {
            Ok(analysis) => snapshot.findings_of(open.path, analysis, project),
            Err(reason) => snapshot.refusal(reason).into_iter().collect(),
        }
    }
}

/// Files that are not Rust.
impl Workspace {
    /// Analyses a buffer that is not Rust. While its text is malformed what was found before stays
    /// at its place, until typing settles.
    fn analyze_plain(&self, mut open: Open<'_>, settled: bool) -> BufferFindings {
        let path = open.path;
        let (settings, is_left_out) = {
            let snapshot = self.snapshot();
            (Arc::clone(&snapshot.settings), snapshot.left_out.contains(path))
        };
        if is_left_out {
            // Settings apply all the same.
            let text = open.buffer.text().to_string();
            let findings = self.snapshot().findings_of_settings(path, &text);
            return BufferFindings::new(open.buffer, findings);
        }
        if settings.is_other_language(path) && settled {
            let affects_others = self.update_other_language(&mut open);
            let findings = self.project_findings_of_buffer(&open);
            return BufferFindings { affects_others, ..BufferFindings::new(open.buffer, findings) };
        }
        let Some(kind) = settings.document_kind(path) else {
            let findings = self.project_findings_of_buffer(&open);
            return BufferFindings::new(open.buffer, findings);
        };
        let text: Arc<str> = Arc::from(open.buffer.text().to_string());
        let document = Arc::new(ProjectFile::new(path, kind, text));
        let affects_others = self.take_in(&mut open, &document, settled);
        let snapshot = self.snapshot();
        let mut findings = open.buffer.catch_up(snapshot.project_findings(path));
        findings.extend(snapshot.claim_findings(path, &document.text));
        findings.extend(snapshot.findings_of_settings(path, &document.text));
        let findings = snapshot.findings_of_document(&document, findings, settled);
        BufferFindings { affects_others, ..BufferFindings::new(open.buffer, findings) }
    }

    /// Takes in what a source in another language refers to. Returns whether findings of other
    /// files changed.
    fn update_other_language(&self, open: &mut Open<'_>) -> bool {
        let settings = Arc::clone(&self.snapshot().settings);
        let text = open.buffer.text().to_string();
        let spec = settings.rule_set.index_spec();
        let references = references_in_other_language(open.path, &text, spec);
        self.change(|state| {
            if state.known().is_buffer(open.path, open.shared) {
                state.set_references(open.path, references.into());
            }
        });
        self.check_project_with(open)
    }

    /// Takes in a document as it is typed, unless that makes a well-formed one malformed for a
    /// moment. Returns whether findings of other files changed.
    fn take_in(&self, open: &mut Open<'_>, document: &Arc<ProjectFile>, settled: bool) -> bool {
        let before = self.snapshot().project().file(open.path).map(Arc::clone);
        let was_well_formed = before.is_some_and(|it| it.malformed().is_none());
        if !settled && was_well_formed && document.malformed().is_some() {
            return false;
        }
        self.change(|state| {
            if state.known().is_buffer(open.path, open.shared) {
                state.set_document(open.path, Some(Arc::clone(document)));
            }
        });
        self.check_project_with(open)
    }

    /// Runs the rules about the project, to which the buffer has just passed on what it says.
    /// Returns whether findings of other files changed.
    fn check_project_with(&self, open: &mut Open<'_>) -> bool {
        open.buffer.begin_project_check();
        self.check_project().iter().any(|changed| changed != open.path)
    }

    fn project_findings_of_buffer(&self, open: &Open<'_>) -> Vec<Finding> {
        open.buffer.catch_up(self.snapshot().project_findings(open.path))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;
    use crate::analysis::{Area, On, Query, Report, Rule};
    use crate::syntax::{AstNode, ast};
    use crate::text::TextSize;

    /// Reports every call, and fails at one of `boom`.
    static FAILS: Rule = Rule {
        id: "fails",
        queries: &[Query::Node(&On(|call: &ast::CallExpr, cx| {
            let node = call.syntax();
            assert!(!node.text().to_string().contains("boom"), "it was told to");
            cx.report(node, Report::new(node.text_range(), "a call"));
        }))],
        ..Rule::source(Area::Reliability)
    };

    static NAMES: Rule = Rule {
        id: "names",
        queries: &[Query::Node(&On(|function: &ast::Fn, cx| {
            let node = function.syntax();
            cx.report(node, Report::new(node.text_range(), "a function"));
        }))],
        ..Rule::source(Area::Reliability)
    };

    /// The rules that panicked, and those that found something.
    fn after(workspace: &Workspace, settle: bool) -> (Vec<&'static str>, Vec<&'static str>) {
        let found = match settle {
            true => workspace.settle_buffer("a.rs"),
            false => workspace.analyze_buffer("a.rs"),
        };
        let found = found.expect("it is open");
        let findings = found.findings.iter().map(|it| it.rule.id).collect();
        (found.panicked.iter().map(|it| it.id).collect(), findings)
    }

    /// Meets the test at each function whose name begins with `pause`, and waits for it.
    static PAUSES: Rule = Rule {
        id: "pauses",
        queries: &[Query::Node(&On(|function: &ast::Fn, _| {
            if function.to_string().contains("fn pause") {
                MEETING.wait();
                MEETING.wait();
            }
        }))],
        ..Rule::source(Area::Reliability)
    };
    static MEETING: Barrier = Barrier::new(2);

    #[test]
    fn what_a_closed_buffer_declared_does_not_come_back() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join("a.rs"), "fn saved() {}").expect("written");
        let workspace = Workspace::open(folder.path(), [&PAUSES]).expect("it opens");
        workspace.scan(|_, _| {});
        workspace.open_buffer("a.rs", "fn pause() {}", 0);
        std::thread::scope(|scope| {
            scope.spawn(|| workspace.settle_buffer("a.rs"));
            MEETING.wait();
            workspace.close_buffer("a.rs");
            workspace.read_again(&["a.rs".to_string()]);
            MEETING.wait();
        });
        let snapshot = workspace.snapshot();
        let declared = |name: &str| snapshot.symbols().functions(name).count();
        assert_eq!((declared("saved"), declared("pause")), (1, 0));
    }

    #[test]
    fn a_snapshot_stays_as_it_was() {
        let workspace = Workspace::without_folder([&NAMES]);
        workspace.open_buffer("a.rs", "fn a() {}", 0);
        workspace.settle_buffer("a.rs");
        let before = workspace.snapshot();
        let full = vec![Change::Full("fn b() {}\nfn c() {}".to_string())];
        workspace.change_buffer("a.rs", full, 1, Encoding::Utf8);
        // What is typed is passed on once typing settles.
        workspace.analyze_buffer("a.rs");
        assert_eq!(workspace.snapshot().findings("a.rs").len(), 1);
        workspace.settle_buffer("a.rs");
        assert_eq!(workspace.snapshot().findings("a.rs").len(), 2);
        assert_eq!(before.findings("a.rs").len(), 1);
        assert_eq!(before.symbols().functions("b").count(), 0);
    }

    #[test]
    fn a_rule_that_fails_is_off_for_its_file_until_the_code_is_gone_that_it_fails_at() {
        let workspace = Workspace::without_folder([&FAILS, &NAMES]);
        let text = "\
fn a() { x() }
fn b() { boom() }
fn c() { y() }
";
        workspace.open_buffer("a.rs", text, 0);
        let types = |at: usize, removed: usize, text: &str| {
            let buffer = workspace.buffer("a.rs").expect("it is open");
            let position =
                |at: usize| lock(&buffer).text().position(TextSize::new(at as u32), Encoding::Utf8);
            let (start, end) = (position(at), position(at + removed));
            let change = Change::Range { start, end, text: text.to_string() };
            workspace.change_buffer("a.rs", vec![change], 1, Encoding::Utf8);
        };
        let failed = (vec!["fails"], vec!["names"; 3]);
        assert_eq!(after(&workspace, true), failed);
        // In another function, where it has not failed.
        types(text.find("x()").expect("a call"), 0, "x");
        assert_eq!(after(&workspace, false), failed);
        assert_eq!(after(&workspace, true), failed);
        types(text.find("boom").expect("a call") + 1, 1, "");
        let all = ["names", "fails"].repeat(3);
        assert_eq!(after(&workspace, false), (vec![], all));
    }
}
