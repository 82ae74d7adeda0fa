//! `cargo xtask new-rule`: writes the file of a rule from a template and adds the rule to the
//! `mod.rs` of its area.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

const SOURCE_RULE: &str = include_str!("templates/source.rs.txt");
const PROJECT_RULE: &str = include_str!("templates/project.rs.txt");

/// What opens the list of rules in an area's `mod.rs`.
const LIST: &str = "static RULES: &[&Rule]";

/// The rule to write.
pub struct NewRule {
    /// The id, in kebab-case.
    pub name: String,
    /// A folder of `server/src/rules`.
    pub area: String,
    /// Whether it is about the project instead of Rust sources.
    pub project: bool,
}

/// Writes the rule into the checkout at `root`. Returns what is left to do, as text for a terminal.
/// When it fails, no file is changed.
pub fn run(root: &Path, rule: &NewRule) -> Result<String> {
    let NewRule { name, area, project } = rule;
    check_name(name)?;
    let rules = root.join("server/src/rules");
    check_area(&rules, area)?;
    if let Some(file) = file_of_rule(root, name)? {
        bail!("the rule `{name}` exists: {}", relative(&file, root));
    }

    let module = name.replace('-', "_");
    let mod_file = rules.join(area).join("mod.rs");
    let text = read(&mod_file)?;
    let registered = add_to_list(&add_module(&text, &module), &module)
        .with_context(|| format!("no list of rules in {}", relative(&mod_file, root)))?;
    let registered = formatted(root, &registered)?;
    let template = if *project { PROJECT_RULE } else { SOURCE_RULE };
    let rule_file = rules.join(area).join(format!("{module}.rs"));
    let rule_text = template.replace("RULE-ID", name).replace("RULE_FILE", &module);
    write(&rule_file, &rule_text)?;
    write(&mod_file, &registered)?;

    Ok(format!(
        "\
wrote {rule_file}
added `mod {module};` and `&{module}::RULE` to {mod_file}

Next: `cargo test --lib {module}` fails and says what to write;
the steps are in CONTRIBUTING.md, \"Add a rule\"
",
        rule_file = relative(&rule_file, root),
        mod_file = relative(&mod_file, root),
    ))
}

/// Ids have two words at least, so that no module is called like a keyword.
fn check_name(name: &str) -> Result<()> {
    let words: Vec<&str> = name.split('-').collect();
    let is_word = |word: &&str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase());
    ensure!(
        words.iter().all(is_word),
        "`{name}` is not in kebab-case: write lower-case words joined by hyphens, \
         such as `unwrap-used`"
    );
    ensure!(words.len() > 1, "`{name}` is one word: a rule is named by two or more");
    Ok(())
}

fn check_area(rules: &Path, area: &str) -> Result<()> {
    let areas = areas(rules)?;
    ensure!(
        areas.iter().any(|it| it == area),
        "unknown area `{area}`; the areas are {}",
        areas.join(", ")
    );
    Ok(())
}

/// The folders of rules that have a list of them, by name.
fn areas(rules: &Path) -> Result<Vec<String>> {
    let entries =
        fs::read_dir(rules).with_context(|| format!("cannot read {}", rules.display()))?;
    let mut areas = Vec::new();
    for entry in entries {
        let entry = entry?;
        let mod_file = entry.path().join("mod.rs");
        if mod_file.is_file() && read(&mod_file)?.contains(LIST) {
            areas.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    areas.sort();
    Ok(areas)
}

/// The file that declares the rule: one of an area's, or one of the engine's own.
fn file_of_rule(root: &Path, name: &str) -> Result<Option<PathBuf>> {
    let declaration = format!("id: \"{name}\"");
    let mut folders = vec![root.join("server/src/rules"), root.join("server/src/analysis")];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let is_rust = path.extension().is_some_and(|it| it == "rs");
            if is_rust && read(&path)?.contains(&declaration) {
                return Ok(Some(path));
            }
        }
    }
    Ok(None)
}

/// Adds the declaration of a module where rustfmt would sort it.
fn add_module(text: &str, module: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_string).collect();
    let declared = lines.iter().enumerate().filter_map(|(at, line)| Some((at, module_of(line)?)));
    let declared: Vec<(usize, &str)> = declared.collect();
    let next = declared.iter().find(|(_, name)| *name > module).map(|(at, _)| *at);
    let after_last = declared.last().map(|(at, _)| at + 1);
    let visibility = match declared.iter().all(|(at, _)| lines[*at].starts_with("pub(super) ")) {
        true if !declared.is_empty() => "pub(super) ",
        _ => "",
    };
    let line = format!("{visibility}mod {module};");
    let at = next.or(after_last).unwrap_or(0);
    lines.insert(at, line);
    lines.join("\n") + "\n"
}

/// The module that a line declares.
fn module_of(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("pub(super) ").unwrap_or(line);
    rest.strip_prefix("mod ")?.strip_suffix(';')
}

/// Adds a rule at the end of its area's list. Nothing when the text has no list.
fn add_to_list(text: &str, module: &str) -> Option<String> {
    let list = text.find(LIST)?;
    let end = list + text[list..].find("];")?;
    let before = text[..end].trim_end().trim_end_matches(',');
    Some(format!("{before}, &{module}::RULE{}", &text[end..]))
}

/// The text as rustfmt lays it out with the settings of the checkout.
fn formatted(root: &Path, text: &str) -> Result<String> {
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024", "--config-path"])
        .arg(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot run rustfmt: `rustup component add rustfmt`")?;
    // The pipe is closed at the end of the statement, which is where rustfmt begins.
    rustfmt.stdin.take().context("rustfmt has no input")?.write_all(text.as_bytes())?;
    let output = rustfmt.wait_with_output()?;
    ensure!(output.status.success(), "rustfmt cannot read what would be written");
    Ok(String::from_utf8(output.stdout)?)
}

fn relative(path: &Path, root: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
