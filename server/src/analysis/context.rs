use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::finding::{Condition, Finding, Related, Tag};
use super::fix::{Fix, FixContext};
use super::rule::{Code, Rule};
use crate::config::{Config, Severity};
use crate::project::{Package, Packages, Role};
use crate::syntax::ast::{self, HasName};
use crate::syntax::attrs::{allowed_lints, marks_test_code};
use crate::syntax::fragment::Fragment;
use crate::syntax::names::words;
use crate::syntax::{AstNode, Edition, Imports, SyntaxNode};
use crate::text::TextRange;

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
    /// The settings of the workspace.
    pub config: Arc<Config>,
}

impl FileContext {
    /// `path` is relative to the workspace root. The globs of the settings are matched by whoever
    /// holds them compiled; see `Settings::context`.
    pub fn new(path: &str, packages: &Packages, config: &Arc<Config>) -> Self {
        let package = packages.owner(path).cloned();
        let folder = package.as_ref().map_or("", |package| package.folder.as_str());
        let inside = path.strip_prefix(folder).unwrap_or(path).trim_start_matches('/');
        // A package below a folder of tests is something that tests work on. Within a package's
        // sources such a name is that of a module like any other.
        let fixture = folder.split('/').any(is_test_folder)
            || (!inside.starts_with("src/") && inside.rsplit('/').skip(1).any(is_test_folder));
        let role = match &package {
            Some(package) => package.role(path),
            None => Role::Lib,
        };
        Self {
            path: path.to_string(),
            role: if fixture { Role::Test } else { role },
            edition: package.as_ref().map_or(Edition::CURRENT, |package| package.edition),
            package,
            critical: path.split('/').any(is_critical_name),
            config: Arc::clone(config),
        }
    }

    /// Whether a name is that of a secret, with the words of the settings.
    pub fn secret(&self, name: &str) -> Option<crate::syntax::names::Secret> {
        crate::syntax::names::secret(name, &self.config.secret_words)
    }

    /// Whether the package has a normal dependency that code uses by this name.
    pub fn depends_on(&self, name: &str) -> bool {
        self.package.as_ref().is_some_and(|package| package.depends_on(name))
    }

    /// Whether the package is a server, or the part of a program that serves.
    pub fn in_server(&self) -> bool {
        self.package.as_ref().is_some_and(|package| package.is_server())
    }
}

/// Makes the fixes of a finding, once they are asked for.
type MakeFixes<'r> = Box<dyn FnOnce(&FixContext<'_>) -> Vec<Fix> + 'r>;

/// A finding as a rule makes it.
pub struct Report<'r> {
    range: TextRange,
    message: String,
    related: Vec<(TextRange, String)>,
    tag: Option<Tag>,
    severity: Option<Severity>,
    condition: Option<Condition>,
    fix: Option<MakeFixes<'r>>,
}

impl<'r> Report<'r> {
    /// `range` is in the tree of the node that the rule was given.
    pub fn new(range: TextRange, message: impl Into<String>) -> Self {
        Self {
            range,
            message: message.into(),
            related: Vec::new(),
            tag: None,
            severity: None,
            condition: None,
            fix: None,
        }
    }

    /// Adds a place of the same tree that explains the finding.
    pub fn related(mut self, range: TextRange, message: impl Into<String>) -> Self {
        self.related.push((range, message.into()));
        self
    }

    /// Sets how an editor renders the finding.
    pub fn tag(mut self, tag: Tag) -> Self {
        self.tag = Some(tag);
        self
    }

    /// A severity other than the rule's own.
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// The finding holds only when the merged facts say so.
    pub fn when(
        mut self,
        holds: impl Fn(&crate::project::Facts) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.condition = Some(Condition::new(holds));
        self
    }

    /// How to repair it; called only when someone asks. Ranges of the edits are in the file: see
    /// [`Context::file_range`].
    pub fn fix(mut self, fix: impl FnOnce(&FixContext<'_>) -> Vec<Fix> + 'r) -> Self {
        self.fix = Some(Box::new(fix));
        self
    }
}

/// Whose fixes are wanted, besides the findings.
pub(super) struct FixRequest<'a> {
    pub context: &'a FixContext<'a>,
    pub rule: &'static Rule,
    /// Of the finding, in the file.
    pub range: TextRange,
    pub fixes: Vec<Fix>,
}

/// What a rule sees of the code around the place it was given.
pub struct Context<'a> {
    pub(super) file: &'a FileContext,
    /// The macro calls around the current place whose arguments were parsed, outermost first.
    pub(super) fragments: Vec<(SyntaxNode, Fragment)>,
    pub(super) rule: &'static Rule,
    pub(super) level: Severity,
    pub(super) findings: Vec<Finding>,
    pub(super) request: Option<FixRequest<'a>>,
    pub(super) imports: &'a mut FxHashMap<u64, Arc<Imports>>,
    pub(super) surroundings: u64,
    pub(super) leaf: SyntaxNode,
}

impl Context<'_> {
    /// What is known of the file that is analysed.
    pub fn file(&self) -> &FileContext {
        self.file
    }

    /// `node` and the nodes around it up to the file, out of macro arguments as well.
    ///
    /// Ranges of nodes outside the macro are those of their own tree.
    pub fn ancestors(&self, node: &SyntaxNode) -> impl Iterator<Item = SyntaxNode> + use<> {
        let mut ancestors = Vec::new();
        let mut inner = node.clone();
        for (call, fragment) in self.fragments.iter().rev() {
            // What surrounds the arguments in their own tree was put there to parse them.
            let content = fragment.content;
            ancestors.extend(
                inner.ancestors().take_while(|node| content.contains_range(node.text_range())),
            );
            inner = call.clone();
        }
        ancestors.extend(inner.ancestors());
        ancestors.into_iter()
    }

    /// Whether the current place is in the arguments of a macro call.
    pub fn in_macro(&self) -> bool {
        !self.fragments.is_empty()
    }

    /// The range in the file of a range in the tree of the node that the rule was given.
    pub fn file_range(&self, range: TextRange) -> TextRange {
        self.fragments.iter().rev().fold(range, |range, (_, fragment)| fragment.to_outer(range))
    }

    /// The function whose body a node is in; closures and async blocks belong to it.
    pub fn function(&self, node: &SyntaxNode) -> Option<ast::Fn> {
        self.ancestors(node).find_map(ast::Fn::cast)
    }

    /// The imports in view of the item.
    pub fn imports(&mut self) -> Arc<Imports> {
        let leaf = &self.leaf;
        let entry = self.imports.entry(self.surroundings);
        Arc::clone(entry.or_insert_with(|| Arc::new(Imports::around(leaf))))
    }

    /// A path of the code with its first segment resolved by the imports in view.
    pub fn resolve(&mut self, path: &str) -> String {
        self.imports().resolve(path)
    }

    /// Whether a node is test code within its file.
    pub fn in_test(&self, node: &SyntaxNode) -> bool {
        self.ancestors(node).any(|node| marks_test_code(&node))
    }

    /// Whether someone asks for the fixes of the running rule's finding at `range`, in the tree of
    /// the node that the rule was given. What only a fix needs is worth gathering only then.
    pub fn wants_fix(&self, range: TextRange) -> bool {
        let range = self.file_range(range);
        let request = self.request.as_ref();
        request.is_some_and(|request| request.rule == self.rule && request.range == range)
    }

    /// Reports a finding at a place in the tree of `node`, unless the code around says that it is
    /// test code or that it is allowed.
    pub fn report(&mut self, node: &SyntaxNode, report: Report<'_>) {
        let range = self.file_range(report.range);
        if let Some(request) = &mut self.request {
            if request.rule == self.rule
                && request.range == range
                && let Some(fix) = report.fix
            {
                let fixes = fix(request.context);
                request.fixes.extend(fixes);
            }
            return;
        }
        let production_only = self.rule.code == Code::Production;
        let mut names_critical = self.file.critical;
        for node in self.ancestors(node) {
            if production_only && marks_test_code(&node) {
                return;
            }
            if !self.rule.lints.is_empty()
                && allowed_lints(&node).iter().any(|lint| covers(self.rule, lint))
            {
                return;
            }
            names_critical = names_critical || is_critical_item(&node);
        }
        let mut severity = match (report.severity, self.level == self.rule.severity) {
            (Some(severity), true) => severity,
            _ => self.level,
        };
        if names_critical && self.rule.raised_when_critical && report.severity.is_none() {
            severity = severity.raised();
        }
        let related = report.related.into_iter();
        let related = related
            .map(|(range, message)| Related { path: None, range: self.file_range(range), message })
            .collect();
        self.findings.push(Finding {
            rule: self.rule,
            severity,
            range,
            message: report.message.into(),
            related,
            tag: report.tag,
            condition: report.condition,
        });
    }
}

/// Whether allowing `lint` silences `rule`.
pub(super) fn covers(rule: &Rule, lint: &str) -> bool {
    rule.lints.contains(&lint)
        || (lint == "clippy::restriction" && rule.lints.iter().any(|it| it.starts_with("clippy::")))
}

fn is_test_folder(name: &str) -> bool {
    matches!(
        name,
        "tests" | "benches" | "examples" | "fixtures" | "testdata" | "test_data" | "test-data"
    )
}

/// Whether words of a path or an item's name say that it is about security.
pub fn is_critical_name(name: &str) -> bool {
    words(name).any(|word| {
        matches!(
            word.as_str(),
            "crypto"
                | "cryptography"
                | "auth"
                | "authn"
                | "authz"
                | "authentication"
                | "authorization"
                | "authenticator"
                | "security"
                | "secure"
                | "secret"
                | "secrets"
                | "keystore"
                | "keyring"
                | "keypair"
                | "keypairs"
                | "session"
                | "sessions"
                | "tls"
                | "ssl"
                | "cert"
                | "certs"
                | "certificate"
                | "certificates"
                | "credential"
                | "credentials"
                | "password"
                | "passwords"
                | "login"
                | "signing"
                | "signer"
                | "cipher"
                | "ciphers"
                | "encryption"
                | "pqc"
                | "jwt"
                | "oauth"
                | "rbac"
                | "mls"
        )
    })
}

fn is_critical_item(node: &SyntaxNode) -> bool {
    let name = if let Some(module) = ast::Module::cast(node.clone()) {
        module.name().map(|name| name.text().to_string())
    } else if let Some(function) = ast::Fn::cast(node.clone()) {
        function.name().map(|name| name.text().to_string())
    } else if let Some(item) = ast::Impl::cast(node.clone()) {
        item.self_ty().map(|ty| ty.syntax().text().to_string())
    } else {
        None
    };
    name.is_some_and(|name| is_critical_name(&name))
}
