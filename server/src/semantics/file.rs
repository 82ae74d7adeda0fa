//! What is known about a source file before it is read.

use std::sync::Arc;

use super::secrets::{SecretKind, SecretNames};
use crate::config::Config;
use crate::project::{ClippySettings, Package, Packages, Role};
use crate::syntax::Edition;
use crate::syntax::names::words;

/// What is known about a file before it is read.
#[derive(Debug, Clone)]
pub struct FileContext {
    /// Relative to the workspace root, with `/` between its parts.
    pub path: String,
    /// What the file is compiled into; that of a library when no package owns it.
    pub role: Role,
    /// The edition of the package, or the current one when no package owns the file.
    pub edition: Edition,
    /// The package that owns the file.
    pub package: Option<Arc<Package>>,
    /// The path is about cryptography, authentication, keys, sessions or TLS.
    pub critical: bool,
    /// The names that are those of secrets, by the settings of the workspace.
    pub secret_names: SecretNames,
    /// The settings of the workspace.
    pub config: Arc<Config>,
}

impl FileContext {
    /// `path` is relative to the workspace root. The globs of the settings are matched by whoever
    /// holds them compiled; see `Settings::is_security_critical`.
    pub fn new(path: &str, packages: &Packages, config: &Arc<Config>) -> Self {
        let package = packages.owner(path).cloned();
        Self {
            path: path.to_string(),
            role: packages.role(path),
            edition: package.as_ref().map_or(Edition::CURRENT, |package| package.edition),
            package,
            critical: path.split('/').any(is_critical_name),
            secret_names: SecretNames::new(&config.secret_words),
            config: Arc::clone(config),
        }
    }

    /// The kind of secret that a name is that of, if any.
    pub fn secret_kind(&self, name: &str) -> Option<SecretKind> {
        self.secret_names.kind(name)
    }

    /// Whether the package has a normal dependency that code uses by this name.
    pub fn depends_on(&self, name: &str) -> bool {
        self.package.as_ref().is_some_and(|package| package.depends_on(name))
    }

    /// Whether the file lies beside the sources of its package, such as among its assets.
    pub fn is_outside_of_sources(&self) -> bool {
        self.package.as_ref().is_some_and(|package| {
            let inside = package.inside(&self.path);
            inside.contains('/') && !inside.starts_with("src/")
        })
    }

    /// What the project tells clippy.
    pub fn clippy(&self) -> Arc<ClippySettings> {
        self.package.as_ref().map(|package| Arc::clone(&package.clippy)).unwrap_or_default()
    }

    /// Whether the package is a server, or the part of a program that serves.
    pub fn in_server(&self) -> bool {
        self.package.as_ref().is_some_and(|package| package.is_server())
    }
}

const CRITICAL_WORDS: &[&str] = &[
    "auth", "authentication", "authenticator", "authn", "authorization", "authz", "cert",
    "certificate", "certificates", "certs", "cipher", "ciphers", "credential", "credentials",
    "crypto", "cryptography", "encryption", "jwt", "keypair", "keypairs", "keyring", "keystore",
    "login", "mls", "oauth", "password", "passwords", "pqc", "rbac", "secret", "secrets", "secure",
    "security", "session", "sessions", "signer", "signing", "ssl", "tls",
];

/// Whether words of a path or an item's name say that it is about security.
pub fn is_critical_name(name: &str) -> bool {
    words(name).any(|word| CRITICAL_WORDS.binary_search(&word.as_str()).is_ok())
}
