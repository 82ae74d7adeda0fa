//! Under which conditions code is compiled, as `#[cfg(…)]` states them.

use ra_ap_syntax::SyntaxNode;
use ra_ap_syntax::ast::{self, CfgPredicate, Meta};

use super::attrs::{attrs, green_attrs};
use super::green::any_token;

/// The conditions that the attributes of a node state, each in one form for all ways to write it:
/// `not(any(a, b))` and `all(not(b), not(a))` are the same.
pub fn conditions(node: &SyntaxNode) -> Vec<String> {
    predicates(node).map(|it| canonical(&it, false)).collect()
}

fn predicates(node: &SyntaxNode) -> impl Iterator<Item = CfgPredicate> + use<> {
    let some = green_attrs(node.green()).any(|it| any_token(it, &|_, text| text == "cfg"));
    let attrs = some.then(|| attrs(node)).into_iter().flatten();
    attrs.filter_map(|attr| match attr.meta()? {
        Meta::CfgMeta(cfg) => cfg.cfg_predicate(),
        _ => None,
    })
}

/// Whether the attributes of a node say that it is compiled only for platforms that servers are not
/// operated on.
pub fn is_for_other_platform(node: &SyntaxNode) -> bool {
    predicates(node).any(|it| on_linux(&it) == Some(false))
}

/// Whether the attributes of a node say that it is compiled with debug assertions alone.
pub fn is_for_debugging(node: &SyntaxNode) -> bool {
    predicates(node).any(|it| match it {
        CfgPredicate::CfgAtom(atom) => {
            atom.ident_token().is_some_and(|it| it.text() == "debug_assertions")
        }
        CfgPredicate::CfgComposite(_) => false,
    })
}

/// Whether a predicate holds on Linux: always, never, or depending on something else.
fn on_linux(predicate: &CfgPredicate) -> Option<bool> {
    match predicate {
        CfgPredicate::CfgAtom(atom) => {
            let value = atom.string_token().map(|it| it.text().trim_matches('"').to_string());
            match (atom.ident_token()?.text(), value.as_deref()) {
                ("unix", None) => Some(true),
                ("windows", None) => Some(false),
                ("target_os", Some(os)) => Some(os == "linux"),
                ("target_family", Some(family)) => Some(family == "unix"),
                ("target_arch", Some(arch)) if arch.starts_with("wasm") => Some(false),
                ("target_env", Some("msvc")) => Some(false),
                _ => None,
            }
        }
        CfgPredicate::CfgComposite(composite) => {
            let parts: Vec<Option<bool>> =
                composite.cfg_predicates().map(|it| on_linux(&it)).collect();
            let keyword = keyword(composite);
            // One part of this value decides.
            let deciding = keyword == "any";
            match keyword.as_str() {
                "not" => parts.first().copied().flatten().map(|it| !it),
                "all" | "any" if parts.contains(&Some(deciding)) => Some(deciding),
                "all" | "any" if !parts.is_empty() && !parts.contains(&None) => Some(!deciding),
                _ => None,
            }
        }
    }
}

fn keyword(composite: &ast::CfgComposite) -> String {
    composite.keyword().map(|it| it.text().to_string()).unwrap_or_default()
}

fn canonical(predicate: &CfgPredicate, negated: bool) -> String {
    match predicate {
        CfgPredicate::CfgAtom(atom) => {
            let name = atom.ident_token().map(|it| it.text().to_string()).unwrap_or_default();
            let value = atom.string_token().map(|it| format!("={}", it.text()));
            format!("{}{name}{}", if negated { "!" } else { "" }, value.unwrap_or_default())
        }
        CfgPredicate::CfgComposite(composite) => {
            let keyword = keyword(composite);
            let negates = negated != (keyword == "not");
            let mut parts: Vec<String> =
                composite.cfg_predicates().map(|it| canonical(&it, negates)).collect();
            parts.sort_unstable();
            match keyword.as_str() {
                "not" => parts.concat(),
                _ if parts.len() == 1 => parts.concat(),
                keyword => {
                    let all = (keyword == "all") != negated;
                    format!("{}({})", if all { "all" } else { "any" }, parts.join(","))
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ra_ap_syntax::{AstNode, Edition, SourceFile};

    fn item(cfg: &str) -> SyntaxNode {
        let source = format!("#[cfg({cfg})] fn f() {{}}");
        let file = SourceFile::parse(&source, Edition::CURRENT).tree();
        file.syntax().children().next().expect("an item")
    }

    #[test]
    fn one_condition_has_one_form() {
        let of = |cfg: &str| conditions(&item(cfg)).concat();
        assert_eq!(of("not(any(feature = \"a\", b))"), of("all(not(b), not(feature = \"a\"))"));
        assert_eq!(of("all(a)"), "a");
        assert_eq!(of("not(not(a))"), "a");
        assert_ne!(of("any(a, b)"), of("all(a, b)"));
    }

    #[test]
    fn other_platforms_are_those_that_exclude_linux() {
        let is_for_other = |cfg: &str| is_for_other_platform(&item(cfg));
        for cfg in [
            "windows",
            "not(unix)",
            "target_os = \"macos\"",
            "all(windows, feature = \"a\")",
            "any(windows, target_arch = \"wasm32\")",
            "not(any(unix, feature = \"a\"))",
        ] {
            assert!(is_for_other(cfg), "{cfg}");
        }
        for cfg in [
            "unix",
            "not(windows)",
            "any(unix, windows)",
            "any(windows, feature = \"a\")",
            "target_arch = \"x86_64\"",
            "all()",
            "any()",
            "not(all(unix, feature = \"a\"))",
        ] {
            assert!(!is_for_other(cfg), "{cfg}");
        }
    }
}
