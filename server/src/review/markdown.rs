//! The review as Markdown, in the structure that people give such documents.

use std::fmt::Write;

use super::advice::first_sentence;
use super::checklist::checklist as tasks;
use super::model::{Found, Issue, Place, Review};
use crate::config::Severity;

/// So many findings of an issue are listed; the JSON has all.
const MAX_LISTED: usize = 8;

/// The width of a score bar.
const BAR: u32 = 20;

/// The review as Markdown.
pub fn markdown(review: &Review) -> String {
    let mut out = String::new();
    // Writing to a text cannot fail.
    let _ = write_all(&mut out, review);
    out
}

fn write_all(out: &mut String, review: &Review) -> std::fmt::Result {
    writeln!(out, "# Production readiness review: {}\n", text(&review.project))?;
    verdict(out, review)?;
    scores(out, review)?;
    next(out, review)?;
    risks(out, review)?;
    for severity in Severity::ALL {
        let of = review.issues.iter().filter(|it| it.severity == severity);
        issues(out, severity, of.collect())?;
    }
    strengths(out, review)?;
    checklist(out, review)?;
    path(out, review)?;
    if !review.monitor.is_empty() {
        writeln!(out, "## What to monitor\n")?;
        for it in &review.monitor {
            writeln!(out, "- **{}**: {}", text(&it.metric), text(&it.reason))?;
        }
        writeln!(out)?;
    }
    questions(out, review)?;
    rest(out, review)
}

fn verdict(out: &mut String, review: &Review) -> std::fmt::Result {
    let level = review.level.name();
    writeln!(out, "**{}** for {level} use\n", review.verdict.statement)?;
    if let Some(overall) = review.score.overall {
        write!(out, "Score: **{overall}** of 100")?;
        if let Some(it) = &review.comparison {
            write!(out, ", better than {} % of {} published {}", it.better_than, it.of, it.kind)?;
        }
        writeln!(out, ".\n")?;
    } else {
        writeln!(out, "There is nothing that can be judged.\n")?;
    }
    if !review.issues.is_empty() {
        let counts = Severity::ALL.iter().filter_map(|severity| {
            let of = review.issues.iter().filter(|it| it.severity == *severity);
            let count: usize = of.map(|it| it.places.len()).sum();
            (count > 0).then(|| format!("{count} {severity}"))
        });
        let counts: Vec<String> = counts.collect();
        let (kind, good) = (review.kind.names().0, review.strengths.len());
        write!(out, "In this {kind} {} findings were reported, and ", counts.join(", "))?;
        writeln!(out, "{good} good practices were found.\n")?;
    }
    if review.verdict.blockers.is_empty() {
        return Ok(());
    }
    match &review.verdict.effort {
        Some(effort) => writeln!(out, "Blockers, about {effort} of work:\n")?,
        None => writeln!(out, "Blockers:\n")?,
    }
    for (number, it) in review.verdict.blockers.iter().enumerate() {
        write!(out, "{}. ", number + 1)?;
        if let Some(severity) = it.severity {
            write!(out, "{severity}: ")?;
        }
        write!(out, "{} (`{}`", text(&it.message), it.rule)?;
        if let Some(found) = &it.place {
            write!(out, ", {}", place(found))?;
        }
        match it.count {
            1 => writeln!(out, ")")?,
            count => writeln!(out, " and {} more)", count - 1)?,
        }
    }
    writeln!(out)
}

fn scores(out: &mut String, review: &Review) -> std::fmt::Result {
    if review.score.areas.is_empty() {
        return Ok(());
    }
    writeln!(out, "## Score\n\n```text")?;
    for area in &review.score.areas {
        let limit = match area.worst {
            Some(worst) if area.uncapped > area.score => format!("  limited by a {worst} finding"),
            _ => String::new(),
        };
        writeln!(out, "{:<16} {} {:>3}{limit}", area.area, bar(area.score), area.score)?;
    }
    if let Some(overall) = review.score.overall {
        writeln!(out, "{:<16} {} {overall:>3}", "overall", bar(overall))?;
    }
    writeln!(out, "```\n")?;
    let judged = review.score.terms.len();
    writeln!(
        out,
        "{judged} rules were judged; {} are about something that this project does not have, and {} \
         could not be judged. The formula (version {}) is in docs/score.md; `--explain-score` prints \
         its terms.\n",
        review.score.inapplicable,
        review.unjudged.len(),
        review.score.formula,
    )
}

fn bar(score: u32) -> String {
    let full = (score * BAR + 50) / 100;
    "█".repeat(full as usize) + &"░".repeat((BAR - full.min(BAR)) as usize)
}

fn next(out: &mut String, review: &Review) -> std::fmt::Result {
    if review.next.is_empty() {
        return Ok(());
    }
    writeln!(out, "## Next steps, by points\n")?;
    writeln!(out, "| points | effort | what to do | rule |\n|---:|---|---|---|")?;
    for it in &review.next {
        let (points, effort, action) = (it.points, &it.effort, cell(&it.action));
        let rules = it.rules.join("`, `");
        writeln!(out, "| +{points:.1} | {effort} | {action} | `{rules}` × {} |", it.count)?;
    }
    writeln!(out)
}

fn risks(out: &mut String, review: &Review) -> std::fmt::Result {
    if review.risks.is_empty() {
        return Ok(());
    }
    writeln!(out, "## Risk matrix\n")?;
    writeln!(out, "| area | level | likelihood | findings | impact |\n|---|---|---|---:|---|")?;
    for it in &review.risks {
        let (area, level, impact) = (&it.area, it.level, cell(&it.impact));
        writeln!(out, "| {area} | {level} | {} | {} | {impact} |", it.likelihood, it.findings)?;
    }
    writeln!(out)
}

fn issues(out: &mut String, severity: Severity, issues: Vec<&Issue>) -> std::fmt::Result {
    if issues.is_empty() {
        return Ok(());
    }
    let name = severity.name();
    writeln!(out, "## {}{} findings\n", name[..1].to_ascii_uppercase(), &name[1..])?;
    for it in issues {
        write!(out, "### {}", text(&it.title))?;
        match it.places.len() {
            1 => writeln!(out, "\n")?,
            count => writeln!(out, " ({count})\n")?,
        }
        if severity == Severity::Low {
            writeln!(out, "`{}`: {} *{}*\n", it.rule, first_sentence(&it.impact), it.effort)?;
        } else {
            let blocks = if it.blocks { ", blocks" } else { "" };
            writeln!(out, "- **Rule**: `{}` ({}{blocks})", it.rule, it.area)?;
            writeln!(out, "- **Impact**: {}", it.impact)?;
            if !it.fix.is_empty() {
                writeln!(out, "- **Fix**: {}", it.fix)?;
            }
            writeln!(out, "- **Effort**: {}\n", it.effort)?;
        }
        found(out, &it.places, severity > Severity::Low)?;
    }
    Ok(())
}

fn found(out: &mut String, places: &[Found], with_code: bool) -> std::fmt::Result {
    for it in places.iter().take(MAX_LISTED) {
        writeln!(out, "- {}: {}", place(&it.place), text(&it.message))?;
        for note in &it.notes {
            writeln!(out, "  - {}", text(note))?;
        }
        if let Some(code) = it.code.as_ref().filter(|_| with_code) {
            writeln!(out, "\n  {}\n", code_span(code))?;
        }
    }
    if places.len() > MAX_LISTED {
        writeln!(out, "- and {} more", places.len() - MAX_LISTED)?;
    }
    writeln!(out)
}

fn strengths(out: &mut String, review: &Review) -> std::fmt::Result {
    if review.strengths.is_empty() {
        return Ok(());
    }
    writeln!(out, "## Already in good shape\n")?;
    for it in &review.strengths {
        let places: Vec<String> = it.places.iter().map(place).collect();
        let more = match it.count.saturating_sub(places.len()) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        writeln!(out, "- {}: {}: {}{more}", it.area, text(&it.title), places.join(", "))?;
    }
    writeln!(out)
}

fn checklist(out: &mut String, review: &Review) -> std::fmt::Result {
    writeln!(out, "## Checklist\n")?;
    let mut is_done = true;
    for list in tasks(review) {
        is_done = false;
        writeln!(out, "### {}\n", list.name)?;
        for it in list.issues {
            let title = text(&it.title);
            writeln!(out, "- [ ] {title} (`{}` × {}, {})", it.rule, it.places.len(), it.effort)?;
        }
        for question in list.questions {
            writeln!(out, "- [ ] record evidence for {question}")?;
        }
        writeln!(out)?;
    }
    if is_done {
        writeln!(out, "Nothing is left to do.\n")?;
    }
    Ok(())
}

fn path(out: &mut String, review: &Review) -> std::fmt::Result {
    if review.path.is_empty() {
        return Ok(());
    }
    writeln!(out, "## Critical path\n\nFor one person, five days of six hours a week.\n")?;
    for week in &review.path {
        writeln!(out, "**Week {}**\n", week.week)?;
        for task in &week.tasks {
            writeln!(out, "- {}", text(task))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn questions(out: &mut String, review: &Review) -> std::fmt::Result {
    if review.questions.is_empty() {
        return Ok(());
    }
    writeln!(out, "## Questions that code does not answer\n")?;
    writeln!(out, "| question | state | detail | required |\n|---|---|---|---|")?;
    for it in &review.questions {
        let required = if it.required { "yes" } else { "" };
        writeln!(out, "| {} | {} | {} | {required} |", it.question, it.state, cell(&it.detail))?;
    }
    writeln!(out, "\n`[evidence]` in `readiness.toml` names the document that answers each.\n")
}

fn rest(out: &mut String, review: &Review) -> std::fmt::Result {
    if !review.unjudged.is_empty() || review.possible > 0 {
        writeln!(out, "## What could not be judged\n")?;
        for it in &review.unjudged {
            writeln!(out, "- {}: {}", text(&it.what), text(&it.reason))?;
        }
        if review.possible > 0 {
            writeln!(
                out,
                "- {} findings that only a name speaks for (`check --confidence possible`)",
                review.possible
            )?;
        }
        writeln!(out)?;
    }
    if !review.suppressed.is_empty() {
        writeln!(out, "## Accepted findings\n")?;
        for it in &review.suppressed {
            let reason =
                it.reason.as_deref().unwrap_or("an attribute or a manifest allows the lint");
            let counts = if it.counts { " (for a whole file or more: counted)" } else { "" };
            let (rule, message) = (&it.rule, text(&it.message));
            writeln!(out, "- {}: `{rule}`: {message}: {}{counts}", place(&it.place), text(reason))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// The terms of the score.
pub fn explain_score(review: &Review) -> String {
    let mut out = String::new();
    // Writing to a text cannot fail.
    let _ = write_terms(&mut out, review);
    out
}

fn write_terms(out: &mut String, review: &Review) -> std::fmt::Result {
    let score = &review.score;
    let overall = score.overall.map_or("none".to_string(), |it| it.to_string());
    writeln!(out, "score of {}: {overall} (formula {})\n", review.project, score.formula)?;
    for area in &score.areas {
        let limit = match area.uncapped > area.score {
            true => format!(", {} without the limit of its worst finding", area.uncapped),
            false => String::new(),
        };
        writeln!(out, "{} {} (weight {}{limit})", area.area, area.score, area.weight)?;
        for term in score.terms.iter().filter(|it| it.area == area.area) {
            let found: usize = term.affected.iter().sum();
            let [low, medium, high, critical] = term.affected;
            let detail = match (term.off, found) {
                (true, _) => "switched off".to_string(),
                (false, 0) => format!("{} {}, none affected", term.good, term.opportunities),
                _ => format!(
                    "{found} of {} {}: {low} low, {medium} medium, {high} high, {critical} critical",
                    found + term.good,
                    term.opportunities
                ),
            };
            let (rule, quality, weight) = (&term.rule, term.quality, term.weight);
            writeln!(out, "  {rule:<30} {quality:>3} × {weight:<2} {detail}")?;
        }
    }
    Ok(())
}

fn place(place: &Place) -> String {
    format!("`{}:{}`", place.file.replace('`', "'").replace('\n', " "), place.line)
}

/// A text of a project in a line of Markdown: code in backticks stays code, and nothing else is
/// markup.
pub(super) fn text(text: &str) -> String {
    let mut out = String::new();
    let mut in_code = false;
    // An odd backtick opens nothing.
    let ticks = text.matches('`').count();
    let mut seen = 0;
    for c in text.chars() {
        match c {
            '`' if ticks.is_multiple_of(2) || seen + 1 < ticks => {
                seen += 1;
                in_code = !in_code;
                out.push('`');
            }
            '\n' | '\r' => out.push(' '),
            '`' | '\\' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '!' | '&' | '~'
                if !in_code =>
            {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// The same in a cell of a table, where a bar ends the cell even in code.
fn cell(content: &str) -> String {
    let mut out = String::new();
    for c in text(content).chars() {
        if c == '|' && !out.ends_with('\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A line of code between as many backticks as it takes.
fn code_span(code: &str) -> String {
    let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let pad = if code.starts_with('`') || code.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{code}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_project_is_markup() {
        assert_eq!(text("`a_b` is <b>*bold*</b>"), "`a_b` is \\<b\\>\\*bold\\*\\</b\\>");
        assert_eq!(text("one ` only <script>"), "one \\` only \\<script\\>");
        assert_eq!(text("two\nlines"), "two lines");
        assert_eq!(cell("`a | b` | c"), "`a \\| b` \\| c");
        assert_eq!(code_span("let a = `b`;"), "``let a = `b`;``");
        assert_eq!(code_span("`b`"), "`` `b` ``");
    }
}
