use crate::analysis::FixContext;

/// Why a panicking call gets no repair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyNot {
    /// The body around the call returns nothing that could hold a failure.
    Infallible,
    /// So does `main`, or a method whose trait or `Drop` settles the signature.
    Main,
    TraitMethod,
    Drop,
    /// `?` does not leave the function from here.
    Closure,
    AsyncBlock,
    Constant,
    Macro,
    /// An attribute makes another function of the body.
    Generated,
    /// The body's error type cannot be told, or is not one that is known how to make.
    BodyError,
    /// Whether the receiver is an `Option` or a `Result`, or of which error.
    Receiver,
    /// The receiver's error does not become the body's.
    Conversion,
    /// The message cannot be carried over.
    Message,
    /// The body could be made fallible, if code that is not in view did not call it.
    Exported,
    /// An attribute or a trait settles its signature.
    Settled,
    /// It is used as a value, or a future of it is.
    Value,
    /// Some uses of its name may be calls of it, and may not.
    Untold,
    /// A caller has nowhere to return the failure to.
    Caller,
    /// Its callers return errors that have none in common.
    Differing,
    /// Too many functions would change with it.
    TooMany,
    /// `unwrap_err` and `expect_err`: success is the failure.
    Inverted,
    /// A lock that is only tried has nothing to recover.
    TriedLock,
    /// A method of the workspace has the name of a lock's.
    OwnLock,
    /// The call is not whole, or nothing can be imported where it stands.
    Place,
}

impl WhyNot {
    /// In a few words, lower case, for counting.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Infallible => "body returns nothing fallible",
            Self::Main => "main returns nothing fallible",
            Self::TraitMethod => "trait settles the signature",
            Self::Drop => "Drop",
            Self::Closure => "closure",
            Self::AsyncBlock => "async block",
            Self::Constant => "const or static",
            Self::Macro => "macro may move its arguments",
            Self::Generated => "attribute rewrites the body",
            Self::BodyError => "body's error unknown",
            Self::Receiver => "receiver unknown",
            Self::Conversion => "error does not convert",
            Self::Message => "message cannot be carried over",
            Self::Exported => "function is exported",
            Self::Settled => "attribute settles the signature",
            Self::Value => "function is used as a value",
            Self::Untold => "calls of the function unknown",
            Self::Caller => "caller cannot return it",
            Self::Differing => "callers' errors differ",
            Self::TooMany => "too many callers",
            Self::Inverted => "success is the failure",
            Self::TriedLock => "lock is only tried",
            Self::OwnLock => "lock method of the workspace",
            Self::Place => "place cannot be edited",
        }
    }

    /// Tells who asked for fixes why there is none.
    pub fn decline(self, fix: &FixContext<'_>) {
        fix.declined.set(Some(self.reason()));
    }
}
