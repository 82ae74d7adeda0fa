//! Why a panicking call gets no fix.

use crate::analysis::FixContext;
use crate::semantics::callers::CannotChange;
use crate::semantics::types::enclosing_body::CannotReturn;

/// Why a panicking call gets no fix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Declined {
    /// The body around the call cannot return the failure.
    Body(CannotReturn),
    /// The body cannot be made to return it.
    Change(CannotChange),
    /// Whether the receiver is an `Option` or a `Result`, or of which error, is not known.
    Receiver,
    /// The receiver's error does not become the body's.
    Conversion,
    /// The message cannot be carried over.
    Message,
    /// The callers return errors that have none in common.
    DifferingErrors,
    /// `unwrap_err` and `expect_err`: success is the failure.
    Inverted,
    /// A lock that is only tried has nothing to recover.
    TriedLock,
    /// A method of the workspace has the name of a lock's.
    WorkspaceLock,
    /// The value is always there.
    AlwaysHolds,
    /// The call is not whole, or nothing can be imported where it stands.
    NotEditable,
}

impl From<CannotReturn> for Declined {
    fn from(reason: CannotReturn) -> Self {
        Self::Body(reason)
    }
}

impl From<CannotChange> for Declined {
    fn from(reason: CannotChange) -> Self {
        Self::Change(reason)
    }
}

impl Declined {
    /// In a few words, lower case, for counting.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Body(reason) => cannot_return(reason),
            Self::Change(reason) => cannot_change(reason),
            Self::Receiver => "receiver unknown",
            Self::Conversion => "error does not convert",
            Self::Message => "message cannot be carried over",
            Self::DifferingErrors => "callers' errors differ",
            Self::Inverted => "success is the failure",
            Self::TriedLock => "lock is only tried",
            Self::WorkspaceLock => "lock method of the workspace",
            Self::AlwaysHolds => "value is always there",
            Self::NotEditable => "place cannot be edited",
        }
    }

    /// Tells who asked for fixes why there is none.
    pub fn decline(self, fix: &FixContext<'_>) {
        fix.declined.set(Some(self.reason()));
    }
}

fn cannot_return(reason: CannotReturn) -> &'static str {
    match reason {
        CannotReturn::Infallible => "body returns nothing fallible",
        CannotReturn::Main => "main returns nothing fallible",
        CannotReturn::TraitMethod => "trait gives the signature",
        CannotReturn::Drop => "Drop",
        CannotReturn::Closure => "closure",
        CannotReturn::AsyncBlock => "async block",
        CannotReturn::Constant => "const or static",
        CannotReturn::Macro => "macro may move its arguments",
        CannotReturn::Generated => "attribute rewrites the body",
        CannotReturn::UnknownError => "body's error unknown",
        CannotReturn::NotInBody => "place cannot be edited",
    }
}

fn cannot_change(reason: CannotChange) -> &'static str {
    match reason {
        CannotChange::Exported => "function is exported",
        CannotChange::FixedSignature => "attribute gives the signature",
        CannotChange::UsedAsValue => "function is used as a value",
        CannotChange::UnclearUse => "calls of the function unknown",
        CannotChange::InfallibleCaller => "caller cannot return it",
        CannotChange::TooMany => "too many callers",
    }
}
