//! What the README and the book in `docs` show is what the program prints, and their links lead somewhere.
//!
//! `UPDATE_EXPECT=1 cargo test --test readme` writes what is printed into the book.

#![allow(clippy::expect_used)]

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// What the program prints.
fn printed(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_readiness-lsp"))
        .args(arguments)
        .current_dir(repository())
        .output()
        .expect("it runs");
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Compares the text between two marks of a page with what it has to be, or replaces it.
fn check(page: &str, start: &str, end: &str, expected: impl FnOnce(&str) -> String) {
    let path = repository().join(page);
    let text = fs::read_to_string(&path).expect("the page");
    let from = text.find(start).expect("the start") + start.len();
    let to = from + text[from..].find(end).expect("the end");
    let shown = text[from..to].trim();
    let expected = expected(shown);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let between = text[from..to].replace(shown, &expected);
        fs::write(&path, [&text[..from], &between, &text[to..]].concat())
            .expect("the page is written");
        return;
    }
    assert_eq!(
        shown.lines().collect::<Vec<_>>(),
        expected.lines().collect::<Vec<_>>(),
        "`UPDATE_EXPECT=1 cargo test --test readme` updates {page}"
    );
}

#[test]
fn the_table_of_rules_is_generated() {
    check("docs/rules.md", "<!-- rules -->", "<!-- /rules -->", |_| {
        printed(&["rules", "--format", "markdown"]).trim().to_string()
    });
}

/// The place of a finding in the text output.
fn place(finding: &str) -> Option<&str> {
    finding.lines().find(|line| line.trim_start().starts_with("-->"))
}

#[test]
fn the_excerpt_is_what_a_check_prints() {
    let printed = printed(&["check", "fixtures/account-service"]);
    // The marks in the fixture's sources are for its own test.
    let lines = printed.lines().map(|line| line.split(" //~").next().unwrap_or(line));
    let printed = lines.collect::<Vec<_>>().join("\n");
    check("docs/check.md", "```text\n", "```", |shown| {
        let findings = shown.split("\n\n").map(|shown| {
            let mut same = printed.split("\n\n").filter(|it| place(it) == place(shown));
            same.next().unwrap_or_else(|| panic!("a check does not print:\n{shown}")).trim()
        });
        findings.collect::<Vec<_>>().join("\n\n")
    });
}

/// The anchors of a page's headings, as GitHub and mdBook make them.
fn anchors(text: &str) -> HashSet<String> {
    let mut heading = None;
    let mut anchors = HashSet::new();
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => anchors.extend(heading.take()),
            Event::Text(it) | Event::Code(it) => {
                let kept = it.chars().filter(|it| it.is_alphanumeric() || matches!(it, ' ' | '-'));
                let kept = kept.map(|it| if it == ' ' { '-' } else { it.to_ascii_lowercase() });
                heading.iter_mut().for_each(|heading| heading.extend(kept.clone()));
            }
            _ => {}
        }
    }
    anchors
}

/// The links and pictures of a page that stay in the repository.
fn links(text: &str) -> Vec<String> {
    let links = Parser::new_ext(text, Options::ENABLE_TABLES).filter_map(|event| match event {
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
            Some(dest_url.to_string())
        }
        _ => None,
    });
    links.filter(|link| !link.contains("://")).collect()
}

/// The pages of a folder.
fn pages(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(repository().join(folder)).expect("the folder");
    let names = entries.map(|it| it.expect("an entry").file_name().into_string().expect("UTF-8"));
    let pages = names.filter(|name| name.ends_with(".md"));
    pages.map(|name| format!("{folder}/{name}").replace("./", "")).collect()
}

#[test]
fn links_lead_somewhere_and_those_of_the_book_stay_in_it() {
    let mut broken = Vec::new();
    for page in
        [".", "docs", "editors", "editors/vscode", "editors/nvim"].into_iter().flat_map(pages)
    {
        let text = fs::read_to_string(repository().join(&page)).expect("the page");
        let folder = page.rsplit_once('/').map_or("", |(folder, _)| folder);
        for link in links(&text) {
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = match path {
                "" => repository().join(&page),
                path => repository().join(folder).join(path),
            };
            let leaves = folder == "docs" && path.starts_with("..");
            let is_there = anchor.is_empty()
                || fs::read_to_string(&target).is_ok_and(|it| anchors(&it).contains(anchor));
            if leaves || !target.exists() || !is_there {
                broken.push(format!("{page}: {link}"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_page_is_in_the_summary_of_the_book() {
    let summary = fs::read_to_string(repository().join("docs/SUMMARY.md")).expect("the summary");
    let listed: HashSet<String> = links(&summary).into_iter().collect();
    let names = pages("docs").into_iter().map(|it| it.replace("docs/", ""));
    let missing: Vec<_> =
        names.filter(|it| it != "SUMMARY.md" && !listed.contains(it.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
