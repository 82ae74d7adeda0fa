//! The page of a rule for a browser, in the style of the review.

use maud::{DOCTYPE, PreEscaped, html as markup};

use super::head;
use crate::analysis::Rule;
use crate::rules;

/// What the pages have beside the style of the review.
const ADDED: &str = "main{padding:2.5rem 1.5rem}p,ul,ol{margin:.8rem 0}h1+p{color:var(--soft)}";

/// The page of a rule: needs nothing else, no network and no script.
pub fn rule_page(rule: &Rule) -> String {
    let markdown = rules::page(rule);
    let mut body = String::new();
    // The text is the program's own, nothing of a project is in it.
    pulldown_cmark::html::push_html(&mut body, pulldown_cmark::Parser::new(&markdown));
    let page = markup! {
        (DOCTYPE)
        html lang="en" {
            (head(&format!("{} · readiness", rule.id), ADDED))
            body { main { (PreEscaped(body)) } }
        }
    };
    page.into_string()
}
