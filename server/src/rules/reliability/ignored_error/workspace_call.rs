//! Calls that may be of a function of the workspace, whose signature says whether it can fail.

use crate::project::{Function, SymbolIndex};

/// A call that may be of a function of the workspace.
pub struct WorkspaceCall {
    /// The type whose function it must be.
    pub owner: Option<String>,
    pub is_method: bool,
    /// The crate that the path of the call starts from, when it is a dependency.
    pub external: Option<String>,
}

impl WorkspaceCall {
    /// Whether all functions that the call can mean return a `Result`.
    pub fn is_fallible(&self, name: &str, awaited: bool, symbols: &SymbolIndex) -> bool {
        if let Some(root) = &self.external
            && !symbols.packages().iter().any(|package| package.name.replace('-', "_") == *root)
        {
            return false;
        }
        let mut functions = symbols
            .functions(name)
            .filter(|it| it.has_self == self.is_method)
            .filter(|it| self.is_method || it.owner.is_some() == self.owner.is_some())
            .filter(|it| self.owner.is_none() || it.owner == self.owner)
            .peekable();
        functions.peek().is_some()
            && functions.all(|it| returns_result(it) && (!it.is_async || awaited))
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
