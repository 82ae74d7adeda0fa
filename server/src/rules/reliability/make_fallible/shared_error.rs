//! The error that functions return which are made fallible together.

use std::rc::Rc;
use std::sync::Arc;

use super::declined::Declined;
use crate::analysis::FixContext;
use crate::project::Role;
use crate::semantics::callers::{
    Call, Caller, CallerSearch, FallibleCaller, SourceFile, TargetFunction,
};
use crate::semantics::types::LocatedExpr;
use crate::semantics::types::errors::{
    BodyError, ErrorType, Named, Outcome, converts, definition, implements, is_error,
    is_known_error,
};
use crate::semantics::types::find_path::named_at;
use crate::semantics::types::inference::InferredOutcome;

use crate::syntax::ast::{self, HasGenericArgs};
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, Imports, SyntaxKind, SyntaxNode};

/// A function that is made fallible, with all calls of it.
pub struct Changed {
    pub target: TargetFunction,
    pub calls: Vec<Call>,
}

/// The type of a result around that of the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrapping {
    pub before: String,
    pub after: String,
}

/// An error that functions may return.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Candidate {
    error: BodyError,
    /// Of a boxed error: whether it is `Send + Sync`.
    is_sync: bool,
}

/// A body that returns failures already, and calls a function that is changed.
struct Boundary {
    /// Nothing where it cannot be told which box it returns.
    returns: Option<Candidate>,
    error: BodyError,
    /// As the result is written there, with another value.
    wrapping: Option<Wrapping>,
    /// The module whose imports that takes.
    items: Option<SyntaxNode>,
}

/// The first error that all callers of some functions can return, and how the result of each of
/// the functions is written with it. `accepts` says whether the failure itself can become it.
///
/// # Errors
///
/// There is none.
pub fn shared_error(
    changed: &[Changed],
    found: &InferredOutcome,
    sources: &CallerSearch<'_>,
    fix: &FixContext<'_>,
    accepts: impl Fn(&BodyError) -> bool,
) -> Result<(BodyError, Vec<Wrapping>), Declined> {
    let calls = || changed.iter().flat_map(|it| &it.calls);
    let fallible = calls().filter_map(|call| match &call.by {
        Caller::Fallible(fallible) => Some(fallible),
        _ => None,
    });
    let boundaries: Vec<Boundary> = fallible.map(boundary).collect();
    let is_async = changed.iter().any(|it| it.target.is_async());
    // A test unwraps the result, and `main` prints the error.
    let is_shown = calls().any(|call| matches!(call.by, Caller::Test))
        || changed.iter().any(|it| it.target.name == "main");
    let choice = Choice { changed, boundaries, sources, fix };
    let mut declined = Declined::DifferingErrors;
    for candidate in choice.candidates(found, is_async) {
        if !choice.boundaries.iter().all(|it| choice.takes(it, &candidate)) {
            continue;
        }
        let Some(candidate) = choice.named(candidate) else { continue };
        if is_shown && !choice.is_debug(&candidate.error) {
            continue;
        }
        if !accepts(&candidate.error) {
            declined = Declined::Conversion;
            continue;
        }
        let wrappings = changed.iter().map(|it| choice.wrapping(&candidate, &it.target));
        if let Some(wrappings) = wrappings.collect() {
            return Ok((candidate.error, wrappings));
        }
    }
    Err(declined)
}

fn boundary(fallible: &FallibleCaller) -> Boundary {
    let ty = fallible.function.ret_type().and_then(|it| it.ty());
    let text = ty.as_ref().map(|ty| compact(ty.syntax())).unwrap_or_default();
    let error = fallible.error.clone();
    let is_boxed = error == BodyError::Boxed;
    let is_plain = !is_boxed || text.contains("Box<dyn") && !text.contains('\'');
    let is_sync = is_boxed && text.contains("Send") && text.contains("Sync");
    Boundary {
        returns: is_plain.then(|| Candidate { error: error.clone(), is_sync }),
        error,
        wrapping: ty.and_then(|ty| as_written(&ty)),
        items: items_around(fallible.function.syntax()),
    }
}

fn items_around(node: &SyntaxNode) -> Option<SyntaxNode> {
    let lists = [SyntaxKind::ITEM_LIST, SyntaxKind::SOURCE_FILE];
    node.ancestors().find(|it| lists.contains(&it.kind()))
}

/// A type as it is written around its first argument.
fn as_written(ty: &ast::Type) -> Option<Wrapping> {
    let ast::Type::PathType(path) = ty else { return None };
    let arguments = path.path()?.segment()?.generic_arg_list()?;
    let value = arguments.generic_args().next()?;
    let whole = ty.syntax().text().to_string();
    let range = value.syntax().text_range() - ty.syntax().text_range().start();
    let before = whole.get(..usize::from(range.start()))?.to_string();
    let after = whole.get(usize::from(range.end())..)?.to_string();
    // Lifetimes and associated types are those of the function.
    (!after.contains(['\'', '\n']) && !after.contains("Self") && before.ends_with('<'))
        .then_some(Wrapping { before, after })
}

struct Choice<'a> {
    changed: &'a [Changed],
    boundaries: Vec<Boundary>,
    sources: &'a CallerSearch<'a>,
    fix: &'a FixContext<'a>,
}

impl Choice<'_> {
    /// What may be returned, the best first: what callers return, what takes any error in, the
    /// failure's own error, and what is made of any text.
    fn candidates(&self, found: &InferredOutcome, is_async: bool) -> Vec<Candidate> {
        let plain = |error| Candidate { error, is_sync: false };
        let boxed = |is_sync| Candidate { error: BodyError::Boxed, is_sync };
        let mut all: Vec<Candidate> = Vec::new();
        all.extend(
            self.boundaries
                .iter()
                .map(|it| it.returns.clone().unwrap_or_else(|| plain(it.error.clone()))),
        );
        let reports = [
            ("anyhow", BodyError::Anyhow),
            ("color_eyre", BodyError::Eyre("color_eyre::eyre")),
            ("eyre", BodyError::Eyre("eyre")),
        ];
        all.extend(reports.into_iter().filter(|it| self.has(it.0)).map(|it| plain(it.1)));
        let own = || match &found.outcome {
            Outcome::Result(ErrorType::Path(path)) if path == "std::io::Error" => {
                Some(BodyError::Io)
            }
            Outcome::Result(ErrorType::Path(path)) => Some(BodyError::Foreign(path.clone())),
            _ => None,
        };
        if self.boundaries.is_empty() {
            all.extend([boxed(is_async)]);
        } else {
            all.extend(own().map(plain));
            all.extend([boxed(true), plain(BodyError::Text), plain(BodyError::Io)]);
        }
        all
    }

    /// Whether the package always has a dependency.
    fn has(&self, name: &str) -> bool {
        self.fix.file.role != Role::Build && self.fix.has_required_dependency(name)
    }

    /// Whether `?` turns an error into that of a body.
    fn takes(&self, body: &Boundary, candidate: &Candidate) -> bool {
        let same = match (&body.error, &candidate.error) {
            (BodyError::Named { of, .. }, BodyError::Named { of: other, .. }) => of == other,
            (a, b) => a == b,
        };
        if same {
            // Of boxes, one is not the other, and `?` does not turn it into the other.
            return match body.returns.as_ref() {
                Some(known) => known.is_sync == candidate.is_sync,
                None => self.boundaries.iter().all(|it| it.wrapping == body.wrapping),
            };
        }
        let symbols = self.fix.symbols;
        let error = match &candidate.error {
            BodyError::Anyhow => ErrorType::Report,
            BodyError::Text => ErrorType::Text,
            BodyError::Io => ErrorType::Path("std::io::Error".to_string()),
            BodyError::Fmt => ErrorType::Path("std::fmt::Error".to_string()),
            BodyError::Foreign(path) if is_known_error(path) => ErrorType::Path(path.clone()),
            BodyError::Named { of, .. } => ErrorType::Named(of.clone()),
            _ => return false,
        };
        let is_standard = match &error {
            ErrorType::Path(_) => true,
            ErrorType::Named(of) => is_error(of, symbols),
            _ => false,
        };
        match &body.error {
            BodyError::Anyhow | BodyError::Eyre(_) => is_standard,
            BodyError::Foreign(path) if path == "failure::Error" => is_standard,
            BodyError::Boxed => is_standard || matches!(error, ErrorType::Text | ErrorType::Report),
            BodyError::Named { of, .. } => converts(&error, of, symbols),
            _ => false,
        }
    }

    /// An error as it is written where the failure is.
    fn named(&self, candidate: Candidate) -> Option<Candidate> {
        let BodyError::Named { of, .. } = &candidate.error else { return Some(candidate) };
        let target = &self.changed.first()?.target;
        let written = self.written(of, target);
        let of = of.clone();
        Some(Candidate { error: BodyError::Named { of, written }, ..candidate })
    }

    fn written(&self, of: &Named, target: &TargetFunction) -> Option<String> {
        let source = self.sources.parsed(&target.path)?;
        let located = located_body(target)?;
        named_at(of, &located, &self.sources.view_from(&source))
    }

    /// Whether an error can be printed as `main` and `unwrap` do.
    fn is_debug(&self, error: &BodyError) -> bool {
        let BodyError::Named { of, .. } = error else { return true };
        let symbols = self.fix.symbols;
        definition(of, symbols).is_some_and(|def| def.derives.iter().any(|it| it == "Debug"))
            || implements(of, "Debug", symbols)
    }

    /// How the result of a function is written.
    fn wrapping(&self, candidate: &Candidate, target: &TargetFunction) -> Option<Wrapping> {
        let source = self.sources.parsed(&target.path)?;
        let imports = Imports::around(target.node.syntax());
        let of =
            |before: &str| Some(Wrapping { before: format!("{before}<"), after: ">".to_string() });
        let alias = |path: &str| match imports.path_of("Result") == Some(path) {
            true => of("Result"),
            false => of(path),
        };
        match &candidate.error {
            BodyError::Anyhow => return alias("anyhow::Result"),
            BodyError::Eyre("eyre") => return alias("eyre::Result"),
            BodyError::Eyre(_) => return alias("color_eyre::Result"),
            BodyError::Miette => return alias("miette::Result"),
            BodyError::Io => {
                return match imports.path_of("io") == Some("std::io") {
                    true => of("io::Result"),
                    false => alias("std::io::Result"),
                };
            }
            BodyError::Fmt => return None,
            _ => {}
        }
        let items = items_around(target.node.syntax());
        let near = self.boundaries.iter().find(|it| {
            let same = it
                .returns
                .as_ref()
                .map_or(it.error == candidate.error, |returns| same_error(returns, candidate));
            same && it.items == items && it.wrapping.is_some()
        });
        if let Some(near) = near {
            return near.wrapping.clone();
        }
        let error = match &candidate.error {
            BodyError::Boxed
                if self
                    .boundaries
                    .iter()
                    .any(|it| it.error == BodyError::Boxed && it.returns.is_none()) =>
            {
                return None;
            }
            BodyError::Boxed if candidate.is_sync => {
                "Box<dyn std::error::Error + Send + Sync>".to_string()
            }
            BodyError::Boxed => "Box<dyn std::error::Error>".to_string(),
            BodyError::Text => "String".to_string(),
            BodyError::Unit => "()".to_string(),
            BodyError::Foreign(path) if self.is_in_view(path) => path.clone(),
            BodyError::Named { of, .. } if !self.has_parameters(of) => self.written(of, target)?,
            _ => return None,
        };
        let result = match self.is_shadowed(&imports, &source, target) {
            true => "std::result::Result",
            false => "Result",
        };
        Some(Wrapping { before: format!("{result}<"), after: format!(", {error}>") })
    }

    /// Whether the path of another crate's error can be written.
    fn is_in_view(&self, path: &str) -> bool {
        let krate = path.split("::").next().unwrap_or(path);
        (krate == "std" || self.fix.file.depends_on(krate))
            && (is_known_error(path) || path == "failure::Error")
    }

    /// Whether an error is written with arguments, which may not be in view.
    fn has_parameters(&self, of: &Named) -> bool {
        definition(of, self.fix.symbols).is_none_or(|def| def.generic)
    }

    /// Whether `Result` may be another type than the standard library's where a function stands.
    fn is_shadowed(
        &self,
        imports: &Imports,
        source: &Rc<SourceFile>,
        target: &TargetFunction,
    ) -> bool {
        let symbols = self.fix.symbols;
        let path = &source.file.path;
        if let Some(path) = imports.path_of("Result") {
            return !matches!(path, "std::result::Result" | "core::result::Result");
        }
        let is_root = |list: &SyntaxNode| list.kind() == SyntaxKind::SOURCE_FILE;
        let aliases = || symbols.aliases("Result").filter(|(_, it)| it.owner.is_none());
        let here = aliases().any(|(file, _)| file == path)
            || symbols.types_at("Result").any(|(file, _)| file == path);
        let reports = ["anyhow", "eyre", "color_eyre", "miette"];
        let globs = imports.globs().any(|glob| {
            let first = glob.split("::").next().unwrap_or(glob);
            match first {
                "std" | "core" => glob.ends_with("io") || glob.ends_with("fmt"),
                "super" if items_around(target.node.syntax()).is_some_and(|it| is_root(&it)) => {
                    aliases().next().is_some()
                }
                "crate" | "self" | "super" => self.exports_result(),
                _ => !glob.ends_with("prelude") || reports.contains(&first),
            }
        });
        here || globs
    }

    /// Whether a glob of the workspace's own may bring a `Result` into view.
    fn exports_result(&self) -> bool {
        let symbols = self.fix.symbols;
        let files = symbols.files().filter_map(|path| symbols.file(path));
        let mut exported = files.flat_map(|file| &file.items).flat_map(|it| &it.reexports);
        symbols.aliases("Result").any(|(_, it)| it.owner.is_none())
            || exported.any(|it| it.name.as_deref().is_none_or(|it| it == "Result"))
            || symbols.files().any(|path| symbols.outcome_import(path, "Result").is_some())
    }
}

fn same_error(a: &Candidate, b: &Candidate) -> bool {
    let same = match (&a.error, &b.error) {
        (BodyError::Named { of, .. }, BodyError::Named { of: other, .. }) => of == other,
        (a, b) => a == b,
    };
    same && a.is_sync == b.is_sync
}

/// The body of a function as a place that paths can be written in.
fn located_body(target: &TargetFunction) -> Option<LocatedExpr> {
    let node = target.node.syntax();
    let imports = Arc::new(Imports::around(node));
    let body = ast::Expr::from(target.node.body()?);
    Some(LocatedExpr::new(body, node.ancestors().collect(), imports))
}
