//! Calls that may be of a function of the workspace, whose signature says whether it can fail.

use crate::project::{Function, SymbolIndex};
use crate::semantics::own_method::MethodCall;

/// A call that may be of a function of the workspace.
#[derive(Debug, Clone)]
pub struct WorkspaceCall {
    /// The type whose function it must be.
    pub owner: Option<String>,
    /// The call of a method, whose receiver may have a type that tells.
    pub method: Option<MethodCall>,
    /// Whether types of `std` and of libraries have methods of the name.
    pub is_common: bool,
    /// The crate that the path of the call starts from, when it is a dependency.
    pub external: Option<String>,
}

impl WorkspaceCall {
    /// Whether all functions that the call can mean return a `Result`. `only_unit` asks for one
    /// that holds nothing else.
    pub fn is_fallible(
        &self,
        name: &str,
        awaited: bool,
        only_unit: bool,
        symbols: &SymbolIndex,
    ) -> bool {
        if let Some(root) = &self.external
            && !symbols.packages().iter().any(|package| package.name.replace('-', "_") == *root)
        {
            return false;
        }
        let functions: Vec<&Function> = match &self.method {
            // A parameter of a type says nothing of it.
            Some(method)
                if self.owner.is_none()
                    && method.receiver_type(symbols).is_some_and(|ty| ty.len() > 2) =>
            {
                method.own(symbols)
            }
            Some(_) if self.owner.is_none() && self.is_common => return false,
            method => {
                let is_method = method.is_some();
                let of_kind = symbols.functions(name).filter(|it| it.has_self == is_method);
                of_kind
                    .filter(|it| is_method || it.owner.is_some() == self.owner.is_some())
                    .filter(|it| self.owner.is_none() || it.owner == self.owner)
                    .collect()
            }
        };
        !functions.is_empty()
            && functions.iter().all(|it| {
                returns_result(it)
                    // Its error is none, or is in the log.
                    && !it.facts.always_succeeds
                    && !it.facts.logs_errors
                    && (!it.is_async || awaited)
                    && (!only_unit
                        || it.returns.as_deref().is_some_and(|it| it.contains("Result<()")))
            })
    }
}

/// Whether a function returns a `Result` whose error matters.
pub fn returns_result(function: &Function) -> bool {
    // Errors that only say that the other side is closed, or that cannot occur.
    const UNIMPORTANT: &[&str] = &["SendError", "RecvError", "JoinError", "fmt::", "Infallible"];
    function.returns.as_deref().is_some_and(|returns| {
        let (head, arguments) = returns.split_once('<').unwrap_or((returns, ""));
        // `Result<State, State>` tells two outcomes apart, as `compare_exchange` does.
        let parts = arguments.trim_end_matches('>').split_once(',');
        head.rsplit("::").next() == Some("Result")
            && parts.is_none_or(|(value, error)| value != error)
            && !UNIMPORTANT.iter().any(|error| returns.contains(error))
    })
}
