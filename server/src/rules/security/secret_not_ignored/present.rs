//! Private files that are there.

use super::written::is_shipped;
use crate::analysis::ProjectContext;
use crate::project::config_purpose::{Purpose, purpose, purpose_of};
use crate::project::docker::dockerfile::Action;
use crate::project::paths::file_name;
use crate::project::values::Node;
use crate::project::{FileKind, ProjectFile, ReferenceKind};
use crate::semantics::secrets::{
    SecretNames, ValuePlace, is_pem_private_key, known_format, secret_value,
};

/// What is there and is private, with what it is called in a message.
pub(super) fn present(cx: &ProjectContext<'_>) -> Vec<(String, String)> {
    let keys = cx.files(FileKind::Pem).filter(|file| is_pem_private_key(&file.text));
    let mut found: Vec<(String, String)> = keys
        .filter(|file| is_real(&file.path))
        .map(|file| (file.path.clone(), format!("private key `{}`", file.path)))
        .collect();
    for path in cx.listing() {
        let what = match extension(path) {
            "p12" | "pfx" | "jks" => "key store",
            "db" | "sqlite" | "sqlite3" | "redb" => "database",
            _ => continue,
        };
        if is_real(path) && !path.ends_with("Thumbs.db") {
            found.push((path.clone(), format!("{what} `{path}`")));
        }
    }
    let names = SecretNames::new(&cx.config().secret_words);
    for file in cx.files(FileKind::Env) {
        let is_local =
            matches!(file.name(), ".env" | ".env.local" | ".env.production" | ".env.prod");
        let entries = file.root().into_iter().flat_map(Node::entries);
        let has_secret = entries
            .into_iter()
            .any(|it| it.value.as_str().is_some_and(|text| is_secret(&names, &it.key, text)));
        if is_local && has_secret && is_real(&file.path) {
            let what = format!("file with secrets `{}`", file.path);
            found.push((file.path.clone(), what));
        }
    }
    found
}

/// Whether code that ships, an image or its settings refer to a file. A `.env` is loaded by name.
pub(super) fn is_used(cx: &ProjectContext<'_>, path: &str) -> bool {
    let name = file_name(path);
    let in_settings = [
        FileKind::Dockerfile,
        FileKind::Compose,
        FileKind::Env,
        FileKind::Toml,
        FileKind::Wrangler,
        FileKind::Yaml,
    ]
    .into_iter()
    .flat_map(|kind| cx.files(kind))
    .any(|file| purpose_of(file) == Purpose::Deployment && file.text.contains(name));
    let in_code = || {
        cx.references().any(|(source, reference)| match &reference.kind {
            ReferenceKind::Path { path, .. } => {
                !reference.in_test && is_shipped(cx, source) && file_name(path) == name
            }
            _ => false,
        })
    };
    name.starts_with(".env") || in_settings || in_code()
}

/// The Dockerfile that copies a file into the image that is shipped, by the name of the file. What
/// stages before the last one copy stays behind.
pub(super) fn copying_image<'a>(cx: &ProjectContext<'a>, path: &str) -> Option<&'a str> {
    let copies = |file: &ProjectFile| {
        let last = file.dockerfile().and_then(|it| it.last_stage());
        last.into_iter().flat_map(|it| &it.instructions).any(|it| match &it.action {
            Action::Copy { from: None, sources, .. } => {
                sources.iter().any(|it| file_name(&it.text) == file_name(path))
            }
            _ => false,
        })
    };
    let images = cx.files(FileKind::Dockerfile);
    let mut images = images.filter(|file| purpose_of(file) == Purpose::Deployment);
    images.find(|file| copies(file)).map(|file| file.path.as_str())
}

fn extension(path: &str) -> &str {
    let name = file_name(path);
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}

/// Whether a path is not that of an example or of something tests and programs are shipped with.
fn is_real(path: &str) -> bool {
    const SHIPPED: &[&str] = &[
        "assets", "asset", "resources", "resource", "static", "public", "data", "dataset",
        "datasets", "src", "include", "corpus", "fuzz", "notebooks", "vendor", "packages",
    ];
    let mut folders = path.rsplit('/').skip(1);
    let is_database = matches!(extension(path), "db" | "sqlite" | "sqlite3" | "redb");
    let shipped = folders.any(|it| SHIPPED.contains(&it) && (is_database && it != "data"));
    let fuzzes = path.split('/').any(|it| it == "fuzz");
    purpose(path) >= Purpose::Development && !shipped && !fuzzes
}

/// Whether a variable has a value that is a secret.
fn is_secret(names: &SecretNames, name: &str, text: &str) -> bool {
    // The address of a database on the developer's own machine.
    if ["localhost", "127.0.0.1"].iter().any(|host| text.contains(host)) {
        return false;
    }
    let value = names
        .setting_kind(name)
        .and_then(|kind| secret_value(text, name, kind, ValuePlace::QuotedSetting));
    value.is_some() || known_format(text).is_some()
}
