//! The review as one page that needs nothing else: no network, no script. Filters are check boxes
//! that the style sheet looks at; without support for that everything is shown.
//!
//! Whatever comes from the project is written by `maud`, which escapes it.

mod findings;
mod rule_page;
mod sections;

use maud::{DOCTYPE, Markup, PreEscaped, html as markup};

use super::model::{AreaReport, Review};
use crate::config::Severity;

pub use rule_page::rule_page;

const STYLE: &str = include_str!("html/style.css");

/// The review as a page.
pub fn html(review: &Review) -> String {
    let title = format!("{}: {}", review.project, review.verdict.statement);
    let page = markup! {
        (DOCTYPE)
        html lang="en" {
            (head(&format!("{title} · production readiness review"), ""))
            body {
                a.skip href="#main" { "Skip to the review" }
                (header(review))
                (navigation(review))
                main #main {
                    (sections::blockers(review))
                    (areas(review))
                    (sections::next(review))
                    (sections::matrix(review))
                    (findings::findings(review))
                    (sections::strengths(review))
                    (sections::checklist(review))
                    (sections::path(review))
                    (sections::monitor(review))
                    (sections::questions(review))
                    (sections::unjudged(review))
                    (sections::accepted(review))
                    (sections::terms(review))
                }
            }
        }
    };
    page.into_string() + "\n"
}

/// The head of a page that needs nothing else: no network, no script. `added` is style beside that of
/// all pages.
fn head(title: &str, added: &str) -> Markup {
    markup! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            meta http-equiv="Content-Security-Policy"
                content="default-src 'none'; style-src 'unsafe-inline'";
            title { (title) }
            style { (PreEscaped(STYLE)) (PreEscaped(added)) }
        }
    }
}

fn header(review: &Review) -> Markup {
    let verdict = if review.verdict.ready { "ready" } else { "not-ready" };
    let counts = Severity::ALL.map(|severity| {
        let of = review.issues.iter().filter(|it| it.severity == severity);
        (severity, of.map(|it| it.places.len()).sum::<usize>())
    });
    markup! {
        header.top {
            div.title {
                p.eyebrow { "Production readiness review" }
                h1 { (review.project) }
                p.facts {
                    (review.kind.names().0) ", for " strong { (review.level.name()) } " use"
                }
                p class={ "verdict " (verdict) } { (review.verdict.statement) }
                ul.counts aria-label="Findings by severity" {
                    @for (severity, count) in counts {
                        li class=(severity.name()) {
                            strong { (count) } " " (severity.name())
                        }
                    }
                }
            }
            @if let Some(score) = review.score.overall {
                div.score-box {
                    (ring(score))
                    @if let Some(it) = &review.comparison {
                        p.comparison {
                            "better than " strong { (it.better_than) " %" } " of " (it.of)
                            " published " (it.kind)
                        }
                    }
                }
            }
        }
    }
}

/// The overall score as a ring.
fn ring(score: u32) -> Markup {
    markup! {
        div class={ "ring " (grade(score)) } {
            svg viewBox="0 0 120 120" role="img" aria-label={ "Score " (score) " of 100" } {
                circle.track cx="60" cy="60" r="52" pathLength="100" {}
                circle.value cx="60" cy="60" r="52" pathLength="100"
                    stroke-dasharray={ (score) " 100" } transform="rotate(-90 60 60)" {}
                text x="60" y="64" aria-hidden="true" { (score) }
                text.of x="60" y="84" aria-hidden="true" { "of 100" }
            }
        }
    }
}

/// How a score is coloured.
fn grade(score: u32) -> &'static str {
    match score {
        0..50 => "bad",
        50..80 => "fair",
        _ => "good",
    }
}

fn navigation(review: &Review) -> Markup {
    let findings: usize = review.issues.iter().map(|it| it.places.len()).sum();
    let link = |target: &str, name: &str, count: usize| {
        markup! {
            li { a href={ "#" (target) } { (name) @if count > 0 { " " span.count { (count) } } } }
        }
    };
    markup! {
        nav aria-label="Sections" {
            ul {
                (link("blockers", "Blockers", review.verdict.blockers.len()))
                (link("areas", "Areas", 0))
                (link("next", "Next steps", 0))
                (link("findings", "Findings", findings))
                (link("strengths", "What is good", review.strengths.len()))
                (link("path", "Plan", 0))
                (link("questions", "Questions", review.questions.len()))
                (link("terms", "Score", 0))
            }
        }
    }
}

fn areas(review: &Review) -> Markup {
    let limit = |area: &AreaReport| match area.worst {
        Some(worst) if area.uncapped > area.score => {
            format!("limited by a {worst} finding, else {}", area.uncapped)
        }
        _ => String::new(),
    };
    markup! {
        section #areas {
            h2 { "Areas" }
            table.bars {
                thead.sr { tr { th scope="col" { "Area" } th scope="col" { "Score" } th scope="col" { "Limit" } } }
                tbody {
                    @for area in &review.score.areas {
                        tr {
                            th scope="row" { (area.area) }
                            td class={ "bar " (grade(area.score)) } {
                                span.track aria-hidden="true" {
                                    span.fill style={ "width:" (area.score) "%" } {}
                                }
                                strong { (area.score) }
                            }
                            td.note { (limit(area)) }
                        }
                    }
                }
            }
            p.small {
                (review.score.terms.len()) " rules were judged; "
                (review.score.inapplicable) " are about something that this project does not have"
                @if !review.unjudged.is_empty() {
                    "; " a href="#unjudged" { (review.unjudged.len()) " things could not be judged" }
                }
                "."
            }
        }
    }
}
