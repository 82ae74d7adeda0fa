//! Which parameters of a function reach a place where they do harm, and which it returns.

use crate::project::flow::{Flow, Kind, Piece, Value, mentions_sink};
use crate::syntax::ast;
use crate::syntax::green::{child_of_kind, child_type, compact_text};
use crate::syntax::{AstNode, Imports, SyntaxKind, SyntaxNode};

/// A parameter that reaches a place where it does harm, with nothing that checks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PassedOn {
    /// `self` is not counted.
    pub parameter: usize,
    /// What it reaches.
    pub kind: Kind,
}

/// What becomes of the parameters of a function: which are passed on, and a bit for each that is
/// returned.
pub(super) fn passed_on(function: &SyntaxNode) -> (Vec<PassedOn>, u32) {
    let green = function.green();
    let returned = child_of_kind(green, SyntaxKind::RET_TYPE).and_then(child_type);
    let returned = returned.map(compact_text).unwrap_or_default();
    let returns_text =
        ["String", "str", "PathBuf", "Path", "Url"].iter().any(|it| returned.contains(it));
    let has_text =
        child_of_kind(green, SyntaxKind::PARAM_LIST).map(compact_text).is_some_and(|it| {
            ["str", "String", "Path", "AsRef", "Into", "u8", "Bytes", "Vec", "Url"]
                .iter()
                .any(|ty| it.contains(ty))
        });
    if !has_text || !returns_text && !mentions_sink(green) {
        return Default::default();
    }
    let Some(item) = ast::Fn::cast(function.clone()) else { return Default::default() };
    let flow = Flow::of(&item, &Imports::around(function));
    let parameters =
        |value: &Value| flow.sources_of(value).filter_map(|it| it.parameter).collect::<Vec<_>>();
    let mut passed = Vec::new();
    for hit in &flow.hits {
        let mut found = Vec::new();
        match &hit.value.text {
            Some(text) if hit.kind == Kind::Sql => {
                for piece in text.iter() {
                    if let Piece::Hole(value) = piece
                        && value.number.is_none()
                    {
                        found.extend(parameters(value));
                    }
                }
            }
            _ => found = parameters(&hit.value),
        }
        passed.extend(found.into_iter().map(|parameter| PassedOn { parameter, kind: hit.kind }));
    }
    passed.sort_unstable_by_key(|it| (it.parameter, it.kind));
    passed.dedup();
    let is_direct = returns_text && !flow.returns.checked.has(Kind::File);
    let returned = parameters(&flow.returns).into_iter().filter(|it| is_direct && *it < 32);
    (passed, returned.fold(0, |set, at| set | 1 << at))
}
