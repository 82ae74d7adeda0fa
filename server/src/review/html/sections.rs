//! The sections of the page around its findings.

use maud::{Markup, html as markup};

use super::findings::{place, prose};
use crate::config::Severity;
use crate::review::checklist::{Tasks, checklist as tasks};
use crate::review::model::{Review, Strength};

/// What keeps the project from being ready.
pub(super) fn blockers(review: &Review) -> Markup {
    markup! {
        section #blockers {
            h2 { "Blockers" }
            @if review.verdict.blockers.is_empty() {
                p.none { "Nothing blocks " (review.level.name()) " use." }
            }
            @if let Some(effort) = &review.verdict.effort {
                p.small { "About " (effort) " of work for one person." }
            }
            ol.blockers {
                @for it in &review.verdict.blockers {
                    li {
                        @match it.severity {
                            Some(severity) => { span class={ "badge " (severity.name()) } { (severity.name()) } }
                            None => { span.badge.evidence { "evidence" } }
                        }
                        " " (prose(&it.message)) " "
                        span.where {
                            @if let Some(found) = &it.place { (place(found)) " " }
                            @if it.count > 1 { "and " (it.count - 1) " more " }
                        }
                    }
                }
            }
        }
    }
}

/// What to do next.
pub(super) fn next(review: &Review) -> Markup {
    markup! {
        section #next {
            h2 { "Next steps" }
            @if review.next.is_empty() {
                p.none { "Nothing that was judged can be improved." }
            } @else {
                ol.steps {
                    @for it in &review.next {
                        li {
                            span.points { "+" (format!("{:.1}", it.points)) }
                            div {
                                p { (prose(&it.action)) }
                                p.small {
                                    @for rule in &it.rules { code { (rule) } " " }
                                    "× " (it.count) ", about " (it.effort)
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// How many findings of which severity there are in each area.
pub(super) fn matrix(review: &Review) -> Markup {
    let count = |area: &str, severity: Severity| -> usize {
        let of = review.issues.iter().filter(|it| it.area == area && it.severity == severity);
        of.map(|it| it.places.len()).sum()
    };
    markup! {
        @if !review.risks.is_empty() {
            section #risks {
                h2 { "Risk matrix" }
                div.scroll {
                    table.matrix {
                        thead {
                            tr {
                                th scope="col" { "Area" }
                                @for severity in Severity::ALL { th scope="col" { (severity.name()) } }
                                th.impact scope="col" { "The worst leads to" }
                            }
                        }
                        tbody {
                            @for it in &review.risks {
                                tr {
                                    th scope="row" { (it.area) }
                                    @for severity in Severity::ALL {
                                        @let found = count(&it.area, severity);
                                        td class=(if found > 0 { severity.name() } else { "zero" }) {
                                            (found)
                                        }
                                    }
                                    td.impact {
                                        (prose(&it.impact)) " " span.small { "(" (it.likelihood) ")" }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What is good.
pub(super) fn strengths(review: &Review) -> Markup {
    let mut areas: Vec<&str> = review.strengths.iter().map(|it| it.area.as_str()).collect();
    areas.dedup();
    markup! {
        section #strengths {
            h2 { "What is good" }
            @if areas.is_empty() { p.none { "Nothing that is looked for was found." } }
            div.cards {
                @for area in areas {
                    div.card {
                        h3 { (area) }
                        ul {
                            @for it in review.strengths.iter().filter(|it| it.area == area) {
                                (strength(it))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn strength(it: &Strength) -> Markup {
    let more = it.count.saturating_sub(it.places.len());
    markup! {
        li {
            (prose(&it.title))
            div.where {
                @for found in &it.places { (place(found)) " " }
                @if more > 0 { "and " (more) " more" }
            }
        }
    }
}

/// What to do, by how much it matters.
pub(super) fn checklist(review: &Review) -> Markup {
    let lists: Vec<Tasks<'_>> = tasks(review).collect();
    markup! {
        section #checklist {
            h2 { "Checklist" }
            @if lists.is_empty() {
                p.none { "Nothing is left to do." }
            }
            @for list in lists {
                h3 { (list.name) }
                ul.check {
                    @for it in list.issues {
                        li {
                            (prose(&it.title)) " "
                            span.small { code { (it.rule) } " × " (it.places.len()) ", " (it.effort) }
                        }
                    }
                    @for question in list.questions {
                        li { "Record evidence for " (question) }
                    }
                }
            }
        }
    }
}

/// When it could be done.
pub(super) fn path(review: &Review) -> Markup {
    markup! {
        section #path {
            h2 { "Critical path" }
            @if review.path.is_empty() {
                p.none { "Nothing above low is left to do." }
            } @else {
                p.small { "For one person, five days of six hours a week." }
                ol.weeks {
                    @for week in &review.path {
                        li {
                            h3 { "Week " (week.week) }
                            ul { @for task in &week.tasks { li { (prose(task)) } } }
                        }
                    }
                }
            }
        }
    }
}

/// What to watch.
pub(super) fn monitor(review: &Review) -> Markup {
    markup! {
        @if !review.monitor.is_empty() {
            section #monitor {
                h2 { "What to monitor" }
                dl.pairs {
                    @for it in &review.monitor {
                        div { dt { (it.metric) } dd { (it.reason) } }
                    }
                }
            }
        }
    }
}

/// What code does not answer.
pub(super) fn questions(review: &Review) -> Markup {
    markup! {
        section #questions {
            h2 { "Questions that code does not answer" }
            @if review.questions.is_empty() {
                p.none { "Nobody operates this project, so that none is asked." }
            } @else {
                div.scroll {
                    table {
                        thead {
                            tr {
                                th scope="col" { "Question" }
                                th scope="col" { "State" }
                                th scope="col" { "Evidence" }
                            }
                        }
                        tbody {
                            @for it in &review.questions {
                                tr {
                                    th scope="row" {
                                        (it.question.replace('-', " "))
                                        @if it.required { " " span.small { "(required)" } }
                                    }
                                    td class={ "state " (it.state.replace(' ', "-")) } { (it.state) }
                                    td { (prose(&it.detail)) }
                                }
                            }
                        }
                    }
                }
                p.small { code { "[evidence]" } " in " code { "readiness.toml" } " names the document that answers each." }
            }
        }
    }
}

/// What could not be judged.
pub(super) fn unjudged(review: &Review) -> Markup {
    markup! {
        @if !review.unjudged.is_empty() || review.possible > 0 {
            section #unjudged {
                h2 { "What could not be judged" }
                ul {
                    @for it in &review.unjudged {
                        li { (prose(&it.what)) ": " (prose(&it.reason)) }
                    }
                    @if review.possible > 0 {
                        li { (review.possible) " findings that only a name speaks for" }
                    }
                }
            }
        }
    }
}

/// What is accepted.
pub(super) fn accepted(review: &Review) -> Markup {
    markup! {
        @if !review.suppressed.is_empty() {
            section #accepted {
                h2 { "Accepted findings" }
                ul {
                    @for it in &review.suppressed {
                        li {
                            (place(&it.place)) " " code { (it.rule) } ": " (prose(&it.message)) ": "
                            @match &it.reason {
                                Some(reason) => { em { (reason) } }
                                None => { em { "an attribute or a manifest allows the lint" } }
                            }
                            @if it.counts { " " span.small { "for a whole file or more: counted" } }
                        }
                    }
                }
            }
        }
    }
}

/// The terms of the score.
pub(super) fn terms(review: &Review) -> Markup {
    markup! {
        section #terms {
            h2 { "How the score is made" }
            p.small { "Formula " (review.score.formula) ", see " code { "docs/score.md" } "." }
            details {
                summary { "All " (review.score.terms.len()) " terms" }
                div.scroll {
                    table {
                        thead {
                            tr {
                                th scope="col" { "Rule" }
                                th scope="col" { "Area" }
                                th scope="col" { "Quality" }
                                th scope="col" { "Weight" }
                                th scope="col" { "Affected" }
                                th scope="col" { "Of" }
                            }
                        }
                        tbody {
                            @for it in &review.score.terms {
                                @let found: usize = it.affected.iter().sum();
                                tr {
                                    th scope="row" { code { (it.rule) } }
                                    td { (it.area) }
                                    td.number { (it.quality) }
                                    td.number { (it.weight) }
                                    td.number { @if it.off { "off" } @else { (found) } }
                                    td { (found + it.good) " " (it.opportunities) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
