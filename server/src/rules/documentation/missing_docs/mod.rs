//! Published library with undocumented public items.
//!
//! Users of a crate have to read its source to find out what an undocumented item expects,
//! guarantees and returns in case of an error.
//!
//! ```project,bad
//! //- Cargo.toml
//! [package]
//! name = "vault"
//! description = "Keeps keys."
//! license = "MIT"
//! //- src/lib.rs
//! //! Keeps keys.
//! pub fn rotate(key: &mut Key) {}
//! ```
//!
//! Describe what each item is for, and what a caller has to know:
//!
//! ```rust
//! /// Replaces the key; messages under the old one can no longer be read.
//! pub fn rotate(key: &mut Key) {}
//! ```
//!
//! The same items count as for rustc's `missing_docs`: items of a library that are reachable from
//! outside, with their fields, variants and methods. A library is published when its manifest has
//! what crates.io asks for, `description` and `license`, and `publish` does not forbid it. There is
//! one finding per library. To have each item reported, in every library:
//!
//! ```toml
//! list-undocumented = true
//! ```

use super::AREA;
use crate::analysis::{Context, On, Opportunity, ProjectContext, Query, Report, Rule, Severity};
use crate::project::package_contents::{header, ships, sources};
use crate::project::{Package, Role, undocumented};
use crate::syntax::{AstNode, ast};

pub static RULE: Rule = Rule {
    id: "missing-docs",
    opportunity: Opportunity::PublishedPackages,
    effort: 480,
    raised_when_critical: false,
    lints: &["missing_docs"],
    seeds: &["A.M2"],
    source: include_str!("mod.rs"),
    queries: &[
        Query::Node(&On(check::<ast::Fn>)),
        Query::Node(&On(check::<ast::Struct>)),
        Query::Node(&On(check::<ast::Enum>)),
        Query::Node(&On(check::<ast::Union>)),
        Query::Node(&On(check::<ast::Trait>)),
        Query::Node(&On(check::<ast::TypeAlias>)),
        Query::Node(&On(check::<ast::Const>)),
        Query::Node(&On(check::<ast::Static>)),
        Query::Node(&On(check::<ast::Module>)),
        Query::Node(&On(check::<ast::MacroRules>)),
    ],
    project: Some(check_libraries),
    ..Rule::source(AREA)
};

/// So many modules are named in a finding.
const NAMED_MODULES: usize = 3;

/// A library with fewer undocumented items is documented but for oversights.
const OVERSIGHTS: usize = 25;

fn check<N: AstNode>(item: &N, cx: &mut Context<'_>) {
    if !cx.file().config.list_undocumented || cx.file().role != Role::Lib || cx.in_macro() {
        return;
    }
    for (name, found) in undocumented(item.syntax()) {
        let message = format!("public {} `{}` has no documentation", found.kind, found.name);
        let path = cx.file().path.clone();
        let report = Report::new(name.syntax().text_range(), message)
            .when(move |symbols| symbols.shows_undocumented(&path, &found));
        cx.report(item.syntax(), report);
    }
}

fn check_libraries(cx: &mut ProjectContext<'_>) {
    if cx.config().list_undocumented {
        return;
    }
    for package in cx.packages().iter() {
        if package.published && package.has_lib && ships(package) {
            check_library(package, cx);
        }
    }
}

fn check_library(package: &Package, cx: &mut ProjectContext<'_>) {
    let mut modules: Vec<(usize, &str)> =
        sources(cx, package).map(|path| (undocumented_in(package, path, cx), path)).collect();
    modules.retain(|(count, _)| *count > 0);
    let count: usize = modules.iter().map(|(count, _)| count).sum();
    let Some((file, range)) = header(cx, package).filter(|_| count > 0) else { return };
    modules.sort_by_key(|(count, path)| (std::cmp::Reverse(*count), *path));
    let named =
        modules.iter().take(NAMED_MODULES).map(|(count, path)| format!("`{path}` ({count})"));
    let items = if count == 1 { "public item" } else { "public items" };
    let message = format!("{count} {items} of `{}` without documentation", package.name);
    let most = format!("most are in {}", named.collect::<Vec<_>>().join(", "));
    let report = Report::new(range, message).note(most);
    cx.report(
        &file.path,
        match count {
            OVERSIGHTS.. => report,
            _ => report.severity(Severity::Low),
        },
    );
}

/// The number of undocumented items that users of a library see in one of its files.
fn undocumented_in(package: &Package, path: &str, cx: &ProjectContext<'_>) -> usize {
    let symbols = cx.symbols();
    let allows = symbols.module(path).is_some_and(|module| {
        module.test_only || module.allows.iter().any(|lint| lint == "missing_docs")
    });
    let Some(file) = symbols.file(path) else { return 0 };
    if allows || file.generated || file.test_only || package.role(path) != Role::Lib {
        return 0;
    }
    let items = file.items.iter().flat_map(|item| &item.undocumented);
    items.filter(|item| symbols.shows_undocumented(path, item)).count()
}

#[cfg(test)]
mod tests;
