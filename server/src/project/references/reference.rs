//! What sources refer to that other files of the project have to provide.

use crate::project::sql::SqlText;
use crate::text::{FileRange, TextSize};

/// Something outside of a source file that it refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Bytes of the file, or of the item while it is cached.
    pub range: FileRange,
    /// What is referred to.
    pub kind: ReferenceKind,
    /// Whether it stands in code that only tests run.
    pub in_test: bool,
}

/// What is referred to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReferenceKind {
    /// An environment variable is read.
    Env {
        /// The name of the variable; the start of names when `prefix` is set.
        name: String,
        /// Without the variable the program does not work: it has no default.
        required: bool,
        /// Every variable whose name starts so is read, as configuration crates do.
        prefix: bool,
        /// The function that is given the name, unless it is known to read the environment:
        /// whether it does is for an [`EnvReader`](Self::EnvReader) to say.
        via: Option<String>,
        /// A `?` follows that call: it ends the function if that one fails without the variable.
        tried: bool,
    },
    /// A function reads the variable that its argument names.
    EnvReader {
        /// The name of the function.
        function: String,
        /// What it does without the variable.
        when_unset: WhenUnset,
    },
    /// What is taken for a variable that is not set; its read is a reference as well. The range is
    /// that of the literal.
    EnvDefault {
        /// The name of the variable.
        name: String,
        /// The literal's value, underscores and the type of a number left out.
        value: String,
        /// The function that is given the name; see [`Env`](Self::Env).
        via: Option<String>,
    },
    /// A string that is SQL.
    Sql {
        /// What it says.
        sql: SqlText,
        /// The function or macro that it is given to, without its path and `!`.
        callee: String,
        /// How many of the rows that it finds are read.
        rows: Rows,
    },
    /// A file that the source is compiled with, as it is written: relative to the source.
    Include(String),
    /// A file or folder that a macro compiles in, relative to the folder of the manifest.
    Embed(String),
    /// A string that looks like the path of a file, with the name of the function it is given to.
    Path {
        /// The string.
        path: String,
        /// The function or macro, without its path and `!`.
        callee: String,
    },
    /// A function, method or macro that rules ask for by name is called.
    Call(String),
    /// A name that rules ask for stands in code.
    Name {
        /// What stands before it in its path; a dot for a method or a field.
        of: String,
        /// The name.
        name: String,
        /// The function around it; empty in an import or an attribute.
        function: String,
        /// Whether a function of the name is declared here.
        declared: bool,
    },
    /// A string that rules ask for.
    Text {
        /// What it holds.
        text: String,
        /// The function, macro or attribute that it is given to, without its path and `!`.
        callee: String,
    },
    /// What a pattern of a rule finds in a script.
    Script {
        /// The name of the pattern.
        pattern: &'static str,
        /// What it found.
        text: String,
    },
}

/// What a function does when a variable is not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenUnset {
    /// It has a default, or what it does is not known.
    Defaulted,
    /// It returns nothing, and its caller decides.
    Passed,
    /// It returns an error.
    Fails,
    /// It panics.
    Panics,
}

impl ReferenceKind {
    /// A variable that is read, or may be, by its whole name.
    pub(super) fn env(name: &str) -> Self {
        Self::given(name, None)
    }

    /// Variables whose names start so are read; all of them when it is empty.
    pub(super) fn env_prefix(prefix: &str) -> Self {
        let name = prefix.to_string();
        Self::Env { name, required: false, prefix: true, via: None, tried: false }
    }

    /// The same, where a function is given what the names begin with: unless it is one of the
    /// project that reads the variable of that name.
    pub(super) fn env_prefix_via(prefix: &str, function: &str) -> Self {
        let (name, via) = (prefix.to_string(), Some(function.to_string()));
        Self::Env { name, required: false, prefix: true, via, tried: false }
    }

    pub(super) fn given(name: &str, via: Option<&str>) -> Self {
        let via = via.map(str::to_string);
        let name = name.to_string();
        Self::Env { name, required: false, prefix: false, via, tried: false }
    }
}

/// How many rows are read of those that a query finds, told by the call that reads them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// Nothing tells.
    Unknown,
    /// The first one.
    One,
    /// All of them, one after the other.
    Each,
    /// All of them at once.
    All,
}

impl Rows {
    /// What a call of that name reads.
    pub(super) fn read_by(name: &str) -> Option<Self> {
        Some(match name {
            "fetch_one" | "fetch_optional" | "query_row" | "query_one" | "query_opt"
            | "query_first" | "first" | "get_result" | "fetchone" | "QueryRow" | "get" => Self::One,
            "fetch" | "query_raw" | "query_each" | "stream" | "iterate" | "each" => Self::Each,
            "fetch_all" | "query_map" | "query_and_then" | "get_results" | "load" | "fetchall"
            | "all" | "raw" => Self::All,
            _ => return None,
        })
    }
}

impl Reference {
    /// The same further down in the file.
    pub fn shifted(&self, by: TextSize) -> Self {
        Self { range: self.range + by, ..self.clone() }
    }
}
