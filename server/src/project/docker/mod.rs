//! What Dockerfiles do: the folder they are built in, the files their stages get, the commands
//! they run, and what is shipped.

mod cargo;
mod context;
mod deployed;
pub mod dockerfile;
mod image;
mod shipped;
mod workspace;

pub use context::{BuildContext, Presence, builds_in};
pub use deployed::{image_name, may_deploy_ours};
pub use image::{Build, builds, is_fetched};
pub use shipped::Shipped;
pub use workspace::{CompiledIn, CopiedWorkspace};
