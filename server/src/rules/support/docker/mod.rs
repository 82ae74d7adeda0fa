//! What Dockerfiles do: the folder they are built in, the files their stages get, the commands
//! they run, and what is shipped.

mod context;
mod deployed;
mod image;
mod paths;
mod shell;
mod shipped;
mod sources;
mod workspace;

pub use context::{BuildContext, Presence, builds_in};
pub use deployed::may_deploy_ours;
pub use image::{Build, builds};
pub use paths::{inside, join};
pub use shell::commands;
pub use shipped::Shipped;
pub use sources::missing_sources;
pub use workspace::{CompiledIn, CopiedWorkspace};
