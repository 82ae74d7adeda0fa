//! Cost grows with the size of the project and not with its square, for every rule.
//!
//! The defects are the examples that rule pages mark as `bad`, so that a new rule is measured
//! without being named here. Each is repeated 16, 32 and 64 times: in one function, in one file,
//! and over as many files; what looks steep, 64 to 256 times. Statements of one list have a test of
//! their own. What is measured is what `check --format json` does, fixes listed, in
//! bytes and number of allocations, which do not depend on the machine. Of a linear cost the last
//! doubling adds twice as much as the one before.
//!
//! `GROWTH=rule-id cargo test --test growth -- --nocapture` shows the figures of one rule;
//! `GROWTH=all` those of all.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::collections::BTreeMap;
use std::path::Path;

use readiness_lsp::analysis::Rule;
use readiness_lsp::project::markdown::code_blocks;
use readiness_lsp::rules;
use readiness_lsp::syntax::ast::{self, AstNode};
use readiness_lsp::syntax::{Edition, SyntaxNode, parse_root};
use readiness_lsp::workspace::{STACK_BYTES, Workspace};

/// How often a defect is repeated. Powers of two, as buffers that grow double.
const TIMES: [usize; 3] = [16, 32, 64];

/// How often one is that looks steep: what is looked at up to some number of statements away, or of
/// entries in a list, is no more so from there on.
const MORE_TIMES: [usize; 3] = [64, 128, 256];

/// The last doubling may cost this much more than a linear one.
const TOLERANCE: f64 = 1.3;

/// Differences below this many bytes are those of a few tables.
const NOISE_BYTES: f64 = 200_000.0;

/// What is not yet linear. Nothing is added here: an entry is taken out when it is mended.
const STEEP: &[(&str, Form)] = &[
    ("ci-missing-step", Form::Files),
    ("crypto-provider-unset", Form::Files),
    ("dockerfile-missing-member", Form::Files),
    ("dockerfile-toolchain", Form::File),
    ("dockerfile-toolchain", Form::Files),
    ("missing-alerts", Form::Files),
    ("missing-ci", Form::Files),
    ("missing-codeowners", Form::Files),
    ("missing-deny-config", Form::Files),
    ("missing-dockerignore", Form::Files),
    ("missing-document", Form::Files),
    ("missing-evidence", Form::Files),
    ("missing-sbom", Form::Files),
    ("missing-spec", Form::Files),
    ("unpinned-dependency", Form::Files),
    ("unvalidated-input", Form::File),
    ("vulnerable-dependency", Form::Files),
];

const MANIFEST: &str = "[package]\nname = \"service\"\nedition = \"2024\"\n";

type Files = BTreeMap<String, String>;

#[test]
fn the_cost_of_every_rule_grows_with_the_code() {
    let asked = std::env::var("GROWTH").unwrap_or_default();
    let all: Vec<&Rule> =
        rules::all().filter(|it| ["", "all", it.id].contains(&asked.as_str())).collect();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    // Allocations are counted by thread: each has a pool of one.
    let failures: Vec<String> = std::thread::scope(|scope| {
        let parts = (0..threads).map(|part| {
            let rules: Vec<&Rule> = all.iter().skip(part).step_by(threads).copied().collect();
            let shows = !asked.is_empty();
            scope.spawn(move || {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(1).stack_size(STACK_BYTES);
                pool.build().unwrap().install(|| too_steep(&rules, shows))
            })
        });
        let parts: Vec<_> = parts.collect();
        parts.into_iter().flat_map(|part| part.join().unwrap()).collect()
    });
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

/// Statements as one function may have thousands of. What stands in one list is what is looked up
/// there: the examples of pages have a block for each.
const STATEMENTS: &[(&str, &str)] = &[
    ("let underscore", "let _ = std::fs::remove_file(\"a@\");"),
    ("unused name", "let _a@ = std::fs::remove_file(\"a@\");"),
    ("unsafe", "let _v@ = unsafe { *p.add(@) };"),
    ("unwrap", "let _a@ = g(@).unwrap();"),
    ("expect", "let _a@ = g(@).expect(\"x\");"),
    ("lock", "*m.lock().unwrap() += @;"),
    ("await", "h(@).await;"),
    ("println", "println!(\"x {}\", @);"),
    ("todo", "// TODO: thing @"),
    ("sleep", "std::thread::sleep(std::time::Duration::from_millis(@));"),
    ("match", "match n { @ => n += 1, _ => {} }"),
    ("closure", "let c@ = |x: u32| x + @; n += c@(1);"),
    ("comparison", "if token == \"a@\" { n += 1; }"),
    ("sql", "conn.execute(&format!(\"delete from t where id = {}\", name), &[]);"),
    ("spawn", "tokio::spawn(async move { h(@).await; });"),
    ("panic", "if n == @ { panic!(\"x @\"); }"),
    ("logged secret", "tracing::info!(\"token {}\", token);"),
    ("cast", "n += (big as u16) as u32;"),
];

const SERVER_MANIFEST: &str = "[package]\nname = \"service\"\nedition = \"2024\"\n[dependencies]\n\
    axum = \"0.8\"\ntokio = \"1\"\ntracing = \"0.1\"\n";

#[test]
fn the_cost_of_a_function_grows_with_its_statements() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).stack_size(STACK_BYTES);
    let failures: Vec<String> = pool.build().unwrap().install(|| {
        let curves = STATEMENTS.iter().map(|(name, statement)| {
            let of = |times| Curve::measured(times, |it| Some(statements(statement, it))).unwrap();
            let curve = of(TIMES);
            let is_steep = curve.excess() > TOLERANCE_OF_STATEMENTS;
            (name, if is_steep { of(MORE_TIMES) } else { curve })
        });
        let steep = curves.filter(|(_, curve)| curve.excess() > TOLERANCE_OF_STATEMENTS);
        steep.map(|(name, it)| format!("{name}: {:.2} times linear, {it:?}", it.excess())).collect()
    });
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

/// A statement stands for itself: there is nothing beside it that grows.
const TOLERANCE_OF_STATEMENTS: f64 = 1.05;

fn statements(statement: &str, times: usize) -> Files {
    let lines: String = (0..times)
        .map(|at| format!("    {}\n", statement.replace('@', &(100 + at).to_string())))
        .collect();
    let text = format!(
        "#[tokio::main]\nasync fn main() {{}}\n\
         fn g(i: u32) -> Result<u32, std::io::Error> {{ Ok(i) }}\n\
         async fn h(i: u32) {{}}\n\
         pub async fn big(p: *const u8, m: &std::sync::Mutex<u32>, token: &str, mut n: u32, \
         conn: &rusqlite::Connection, name: &str, big: u64) {{\n{lines}}}\n"
    );
    let files = [("Cargo.toml", SERVER_MANIFEST.to_string()), ("src/main.rs", text)];
    files.into_iter().map(|(path, text)| (path.to_string(), text)).collect()
}

/// What costs more than in proportion.
fn too_steep(rules: &[&Rule], shows: bool) -> Vec<String> {
    let mut failures = Vec::new();
    for rule in rules {
        let Some(example) = bad_examples(rule).into_iter().next() else { continue };
        let is_source = example.keys().all(|path| path.ends_with(".rs"));
        // The files of a package are analysed one by one.
        let forms =
            if is_source { [Form::Function, Form::File] } else { [Form::File, Form::Files] };
        for form in forms {
            let Some(mut curve) = Curve::of(&example, form, TIMES) else { continue };
            if curve.excess() > TOLERANCE && tolerance(rule.id, form) == TOLERANCE {
                curve = Curve::of(&example, form, MORE_TIMES).unwrap_or(curve);
            }
            let excess = curve.excess();
            if shows {
                println!("{} {form:?}: {curve:?} {excess:.2}", rule.id);
            }
            if excess > tolerance(rule.id, form) {
                failures
                    .push(format!("{}, {form:?}: {excess:.2} times linear, {curve:?}", rule.id));
            }
        }
    }
    failures
}

/// How much steeper than linear the cost of a rule may be.
fn tolerance(id: &str, form: Form) -> f64 {
    match STEEP.iter().any(|(rule, of)| *rule == id && *of == form) {
        true => f64::INFINITY,
        false => TOLERANCE,
    }
}

/// How an example is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// The body of the function with the finding, in one function.
    Function,
    /// The text, in one file.
    File,
    /// The files, each in a folder or file of its own.
    Files,
}

/// What a check costs at each of three sizes.
#[derive(Debug)]
struct Curve {
    bytes: [u64; 3],
    allocations: [u64; 3],
    findings: [usize; 3],
}

impl Curve {
    fn of(example: &Files, form: Form, times: [usize; 3]) -> Option<Self> {
        Self::measured(times, |times| repeated(example, form, times))
    }

    fn measured(times: [usize; 3], files: impl Fn(usize) -> Option<Files>) -> Option<Self> {
        let mut curve = Self { bytes: [0; 3], allocations: [0; 3], findings: [0; 3] };
        for (at, times) in times.into_iter().enumerate() {
            let folder = tempfile::tempdir().unwrap();
            write(folder.path(), &files(times)?);
            let mut findings = 0;
            let used = allocation_counter::measure(|| findings = check(folder.path()));
            curve.bytes[at] = used.bytes_total;
            curve.allocations[at] = used.count_total;
            curve.findings[at] = findings;
        }
        Some(curve)
    }

    /// What the last doubling costs, in parts of twice the one before: 1 is linear, 2 a square.
    fn excess(&self) -> f64 {
        let [a, b, c] = self.bytes.map(|it| it as f64);
        if c - a < NOISE_BYTES {
            return 0.0;
        }
        let of_bytes = (c - b) / (2.0 * (b - a).max(1.0));
        let [a, b, c] = self.allocations.map(|it| it as f64);
        of_bytes.max((c - b) / (2.0 * (b - a).max(1.0)))
    }
}

/// Checks a folder and lists all fixes, as the command does. Returns the number of findings.
fn check(root: &Path) -> usize {
    let workspace = Workspace::open(root, rules::all()).unwrap();
    let files = workspace.fix_files();
    workspace.scan_for_fixing(&files, |_, _| {});
    let snapshot = workspace.snapshot();
    let fixing = snapshot.fixing(&files);
    let mut found = 0;
    for path in snapshot.files() {
        let findings = snapshot.findings(&path);
        found += fixing.listed(&path, &findings).len();
    }
    found
}

fn write(root: &Path, files: &Files) {
    for (path, text) in files {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

/// The examples of a rule's page that are reported, as files.
fn bad_examples(rule: &Rule) -> Vec<Files> {
    let page: Vec<&str> = rule
        .source
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .collect();
    let page = page.join("\n");
    let blocks = code_blocks(&page).into_iter().filter(|it| it.info.contains("bad"));
    blocks.map(|block| files_of(&page[block.content])).collect()
}

fn files_of(code: &str) -> Files {
    let mut files = Files::new();
    let mut path = "src/lib.rs".to_string();
    for line in code.split_inclusive('\n') {
        match line.strip_prefix("//- ") {
            Some(name) => path = name.trim().to_string(),
            None => files.entry(path.clone()).or_default().push_str(line),
        }
    }
    files
}

fn repeated(example: &Files, form: Form, times: usize) -> Option<Files> {
    match form {
        Form::Function => in_function(example, times),
        Form::File => in_file(example, times),
        Form::Files => Some(over_files(example, times)),
    }
}

fn with_manifest(mut files: Files) -> Files {
    files.entry("Cargo.toml".into()).or_insert_with(|| MANIFEST.into());
    files
}

/// The longest function body of the example, run again and again in a function of its own.
fn in_function(example: &Files, times: usize) -> Option<Files> {
    let sources = example.iter().filter(|(path, _)| path.ends_with(".rs"));
    let bodies = sources.filter_map(|(path, text)| Some((path, text, longest_body(text)?)));
    let (path, text, body) = bodies.max_by_key(|(_, _, body)| body.len())?;
    let block = &text[body.clone()];
    let repeated = format!("let _ = {block};\n").repeat(times);
    let mut files = example.clone();
    files.insert(
        path.clone(),
        format!("{}{{\n{repeated}{block}\n}}{}", &text[..body.start], &text[body.end..]),
    );
    Some(with_manifest(files))
}

fn longest_body(text: &str) -> Option<std::ops::Range<usize>> {
    let root: SyntaxNode = parse_root(text, Edition::Edition2024).ok()?;
    let functions = root.descendants().filter_map(ast::Fn::cast);
    let bodies = functions.filter_map(|it| Some(it.body()?.syntax().text_range()));
    bodies.max_by_key(|it| it.len()).map(|it| it.into())
}

/// Each Rust file as that many modules, and each document that can be continued that often.
fn in_file(example: &Files, times: usize) -> Option<Files> {
    let mut files = Files::new();
    let mut grows = false;
    for (path, text) in example {
        let name = path.rsplit('/').next().unwrap_or(path);
        let copies: Option<String> = match name.rsplit('.').next() {
            Some("rs") => {
                Some((0..times).map(|at| format!("pub mod m{at} {{\n{text}\n}}\n")).collect())
            }
            Some("sql" | "md" | "env" | "sh" | "py" | "ts" | "js") => Some(text.repeat(times)),
            _ if name.starts_with("Dockerfile") || name.starts_with('.') => {
                Some(text.repeat(times))
            }
            _ => None,
        };
        grows |= copies.is_some();
        files.insert(path.clone(), copies.unwrap_or_else(|| text.clone()));
    }
    grows.then(|| with_manifest(files))
}

/// Packages of a workspace where the example has a manifest, else modules of one package.
fn over_files(example: &Files, times: usize) -> Files {
    let mut files = Files::new();
    let is_library = example.keys().all(|path| path == "src/lib.rs");
    for at in 0..times {
        for (path, text) in example {
            let (path, text) = match path.rsplit_once('/') {
                _ if is_library => (format!("src/m{at}.rs"), text.clone()),
                Some((".github/workflows", name)) => {
                    (format!(".github/workflows/w{at}-{name}"), text.clone())
                }
                _ if path.ends_with("Cargo.toml") => {
                    let text = text.replacen("name = \"", &format!("name = \"p{at}-"), 1);
                    (format!("p{at}/{path}"), text)
                }
                _ => (format!("p{at}/{path}"), text.clone()),
            };
            files.insert(path, text);
        }
    }
    if is_library {
        let modules = (0..times).map(|at| format!("pub mod m{at};\n")).collect();
        files.insert("src/lib.rs".into(), modules);
        return with_manifest(files);
    }
    files.insert("Cargo.toml".into(), "[workspace]\nmembers = [\"p*\"]\n".into());
    files
}
