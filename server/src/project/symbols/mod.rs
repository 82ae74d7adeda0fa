//! What Rust sources declare: modules, functions, types, and how they reach each other.

mod calls;
mod constants;
mod declarations;
mod derives;
mod documentation;
mod doubles;
mod exports;
mod facts;
mod index;
mod modules;
mod text_constructors;
mod type_names;
mod undocumented;
mod used_values;
mod uses;

pub use constants::{Constant, ConstantValue};
pub use declarations::{
    Alias, FileSymbols, Function, Impl, ItemSymbols, ModuleDecl, Reexport, TypeDef, Variant,
    derives,
};
pub use derives::{Derived, derived_by, derives_debug, hides_from_debug, hides_from_serialize};
pub use documentation::{is_documented, is_hidden, modules_around};
pub use doubles::is_named_as_double;
pub use facts::{
    BLOCKING_NAMES, BlockingCall, CANCEL_UNSAFE, Dump, FunctionFacts, InstalledVerifier,
    OTHER_TIMEOUTS, SecretCall, UNVERIFIED_WORDS, Work, blocking_call, hashes_passwords,
    is_log_macro, names_command, serves, short_path,
};
pub use index::SymbolIndex;
pub use modules::ModuleInfo;
pub use text_constructors::{TextConstructor, TextParameter, text_parameter};
pub use type_names::{base_name, without_generics};
pub use undocumented::{UndocumentedItem, undocumented};
pub use used_values::{Refused, listened_names};
pub use uses::{Callers, FileUses, ItemUses};
