//! What Dockerfiles do: the folder they are built in, the files their stages get, the commands
//! they run, and what is shipped.

mod cargo;
mod context;
mod deployed;
pub mod dockerfile;
mod here_documents;
mod ignores;
mod image;
mod shipped;
mod variables;
mod workspace;

pub use cargo::CargoCall;
pub use context::{BuildContext, Presence, builds_in};
pub use deployed::{image_name, may_deploy_ours, runs_as_other};
pub use image::{Build, builds, is_fetched};
pub use shipped::Shipped;
pub use variables::Variables;
pub use workspace::{CompiledIn, CopiedWorkspace};
