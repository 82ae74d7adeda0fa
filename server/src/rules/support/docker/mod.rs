//! What Dockerfiles do: the folder they are built in, the files their stages get, the commands
//! they run, and what is shipped.

mod context;
mod deployed;
mod image;
mod shell;
mod shipped;
mod sources;
mod workspace;

pub use context::{BuildContext, Presence, builds_in, join};
pub use deployed::may_deploy_ours;
pub use image::{Build, builds, inside};
pub use shell::commands;
pub use shipped::Shipped;
pub use sources::missing_sources;
pub use workspace::{CompiledIn, CopiedWorkspace};
