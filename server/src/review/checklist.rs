//! What is left to do, by how much it matters.

use super::model::{Issue, Review};
use crate::config::Severity;

/// What matters equally.
pub(super) struct Tasks<'r> {
    /// How much it matters.
    pub name: &'static str,
    /// What is to be repaired.
    pub issues: Vec<&'r Issue>,
    /// The questions that need an answer.
    pub questions: Vec<String>,
}

/// The lists that have something to do, what blocks first.
pub(super) fn checklist(review: &Review) -> impl Iterator<Item = Tasks<'_>> {
    let issues = |is_wanted: &dyn Fn(&Issue) -> bool| {
        review.issues.iter().filter(|it| is_wanted(it)).collect::<Vec<_>>()
    };
    let questions = |is_required: bool| {
        let open = review.questions.iter().filter(move |it| {
            it.required == is_required && matches!(it.state.as_str(), "open" | "insufficient")
        });
        open.map(|it| it.question.replace('-', " ")).collect::<Vec<_>>()
    };
    let is_low = |it: &Issue| it.severity == Severity::Low;
    let lists = [
        Tasks { name: "Must", issues: issues(&|it| it.blocks), questions: questions(true) },
        Tasks {
            name: "Should",
            issues: issues(&|it| !it.blocks && !is_low(it)),
            questions: Vec::new(),
        },
        Tasks {
            name: "Nice to have",
            issues: issues(&|it| !it.blocks && is_low(it)),
            questions: questions(false),
        },
    ];
    lists.into_iter().filter(|it| !it.issues.is_empty() || !it.questions.is_empty())
}
