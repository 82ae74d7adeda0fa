//! The report of a value from outside that reaches a place where it does harm.

use crate::analysis::Report;
use crate::project::flow::Outside;
use crate::semantics::flow::Reached;

/// A report at the call, with the way of the value.
pub(super) fn report(reached: &Reached, message: String) -> Report<'static> {
    let from = match reached.outside {
        Outside::Request => "the request",
        Outside::Peer => "a peer",
        Outside::Author => "outside",
    };
    let condition = reached.condition.clone();
    let mut report = Report::new(reached.range, message).when(move |it| condition.holds(it));
    if reached.source != reached.range {
        let place = format!("`{}` comes from {from} here", root(&reached.name));
        report = report.related(reached.source, place);
    }
    for (range, name) in reached.way.iter().filter(|(range, _)| *range != reached.source) {
        if !reached.source.contains_range(*range) {
            report = report.related(*range, format!("passed on as `{name}`"));
        }
    }
    report
}

/// The name in a message: in backticks, unless it is none.
pub(super) fn shown(name: &str) -> String {
    const MAX_CHARACTERS: usize = 40;
    match name.contains(' ') || name.len() > MAX_CHARACTERS {
        true => "a value of the request".to_string(),
        false => format!("`{name}`"),
    }
}

fn root(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}
