//! What well-known functions and methods give: those of the standard library, and of crates that
//! services are made of.
//!
//! All of them are types as text, without white space: `_` stands for a type that is not known,
//! `Iterator<T>` for whatever iterates over `T`, `Future<T>` for what gives `T` when it is awaited,
//! and [`EITHER`] for an `Option` or a `Result` with some error. Functions are known by their full
//! path, methods by the type they are called on; by its name alone a method is known only where the
//! name means one thing wherever it is.

mod crates;
pub mod functions;
pub mod method_names;
pub mod methods;
mod resources;

pub use crates::method as crate_method;
pub use resources::field;

/// Stands for the path of an error that is not known and that any thread may own.
pub const SOME_ERROR: &str = "std::error::Error";

/// An `Option`, or a `Result` whose error is [`SOME_ERROR`].
pub const EITHER: &str = "Either<_>";
