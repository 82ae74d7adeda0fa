//! The findings, with their filters.

use maud::{Markup, PreEscaped, html as markup};

use crate::config::Severity;
use crate::review::model::{Found, Issue, Place, Review};

/// So many findings of an issue are shown at once; the others are one click away.
const AT_ONCE: usize = 6;

/// The findings of a review.
pub(super) fn findings(review: &Review) -> Markup {
    let mut areas: Vec<&str> = review.issues.iter().map(|it| it.area.as_str()).collect();
    areas.sort_unstable();
    areas.dedup();
    markup! {
        section #findings {
            h2 { "Findings" }
            @if review.issues.is_empty() {
                p { "Nothing was found." }
            } @else {
                (filters(review, &areas))
                @for issue in &review.issues {
                    (article(issue))
                }
            }
        }
    }
}

fn filters(review: &Review, areas: &[&str]) -> Markup {
    let has = |severity: &Severity| review.issues.iter().any(|it| it.severity == *severity);
    let box_of = |group: &str, name: &str| {
        markup! {
            label {
                input type="checkbox" checked id={ (group) "-" (name) };
                " " (name)
            }
        }
    };
    // What is not checked is hidden, if the browser knows `:has`.
    let mut rules = String::new();
    for (group, class) in Severity::ALL
        .iter()
        .map(|it| ("severity", it.name()))
        .chain(areas.iter().map(|area| ("area", *area)))
    {
        rules +=
            &format!("body:has(#{group}-{class}:not(:checked)) .issue.{class}{{display:none}}\n");
    }
    markup! {
        style { (PreEscaped(rules)) }
        form.filters aria-label="Filter findings" {
            fieldset {
                legend { "Severity" }
                @for severity in Severity::ALL.iter().filter(|it| has(it)) {
                    (box_of("severity", severity.name()))
                }
            }
            fieldset {
                legend { "Area" }
                @for area in areas { (box_of("area", area)) }
            }
        }
    }
}

fn article(issue: &Issue) -> Markup {
    let severity = issue.severity.name();
    let is_open = issue.severity > Severity::Low;
    markup! {
        details class={ "issue " (severity) " " (issue.area) } open[is_open] {
            summary {
                span class={ "badge " (severity) } { (severity) }
                " " span.name { (prose(&issue.title)) }
                @if issue.places.len() > 1 { " " span.count { (issue.places.len()) } }
                @if issue.blocks { " " span.blocks { "blocks" } }
            }
            div.body {
                dl {
                    div { dt { "Impact" } dd { (prose(&issue.impact)) } }
                    @if !issue.fix.is_empty() {
                        div { dt { "Fix" } dd { (prose(&issue.fix)) } }
                    }
                    div { dt { "Effort" } dd { (issue.effort) } }
                    div { dt { "Rule" } dd { code { (issue.rule) } ", " (issue.area) } }
                }
                ol.places {
                    @for found in issue.places.iter().take(AT_ONCE) { (place_item(found)) }
                }
                @if issue.places.len() > AT_ONCE {
                    details.more {
                        summary { (issue.places.len() - AT_ONCE) " more" }
                        ol.places start=(AT_ONCE + 1) {
                            @for found in issue.places.iter().skip(AT_ONCE) { (place_item(found)) }
                        }
                    }
                }
            }
        }
    }
}

fn place_item(found: &Found) -> Markup {
    markup! {
        li {
            p { (place(&found.place)) " " (prose(&found.message)) }
            @for note in &found.notes { p.note { (prose(note)) } }
            @if let Some(code) = &found.code {
                pre { span.line aria-hidden="true" { (found.place.line) } code { (code) } }
            }
        }
    }
}

/// A place in a file.
pub(super) fn place(place: &Place) -> Markup {
    markup! { code.place { (place.file) ":" (place.line) } }
}

/// A text whose code is in backticks.
pub(super) fn prose(text: &str) -> Markup {
    let parts: Vec<&str> = text.split('`').collect();
    // An odd backtick opens nothing.
    let is_balanced = parts.len() % 2 == 1;
    markup! {
        @if is_balanced {
            @for (at, part) in parts.iter().enumerate() {
                @if at % 2 == 1 { code { (part) } } @else { (part) }
            }
        } @else {
            (text)
        }
    }
}
