//! Which function a name in the code means, of one whose callers are looked for.

use super::occurrence::Occurrence;
use super::target_function::{TargetFunction, Usage};
use crate::project::{Function, Role, base_name};
use crate::semantics::WorkspaceView;
use crate::semantics::calls::argument_count;
use crate::semantics::shape::{binding, self_type};
use crate::semantics::types::scope::is_type_parameter;
use crate::semantics::types::signatures::{method_names, methods};
use crate::semantics::types::{LocatedExpr, inference};
use crate::syntax::ast::{self, HasName};
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, Edition, Imports, SyntaxKind, SyntaxNode};

/// Which function a name resolves to.
enum Resolution {
    Target,
    Other,
    Unclear,
}

impl From<bool> for Resolution {
    fn from(is_target: bool) -> Self {
        if is_target { Self::Target } else { Self::Other }
    }
}

/// What a name has to do with the target. `fix` is that of the file of the name.
pub fn usage_of(
    target: &TargetFunction,
    occurrence: &Occurrence,
    view: &WorkspaceView<'_>,
) -> Usage {
    Reader { target, occurrence, view }.read().unwrap_or(Usage::Unclear)
}

struct Reader<'a> {
    target: &'a TargetFunction,
    occurrence: &'a Occurrence,
    /// Of the file that the name stands in.
    view: &'a WorkspaceView<'a>,
}

impl Reader<'_> {
    /// Nothing where it cannot be told.
    fn read(&self) -> Option<Usage> {
        let [name, parent, ..] = self.occurrence.around.as_slice() else { return None };
        if name.kind() == SyntaxKind::NAME {
            // It declares something of that name.
            return Some(Usage::Unrelated);
        }
        match parent.kind() {
            SyntaxKind::FIELD_EXPR
            | SyntaxKind::RECORD_EXPR_FIELD
            | SyntaxKind::RECORD_PAT_FIELD
            | SyntaxKind::ASSOC_TYPE_ARG
            | SyntaxKind::EXTERN_CRATE => Some(Usage::Unrelated),
            SyntaxKind::METHOD_CALL_EXPR => {
                let call = ast::MethodCallExpr::cast(parent.clone())?;
                Some(match self.of_method(&call) {
                    Resolution::Target => Usage::Call(parent.clone()),
                    Resolution::Other => Usage::Unrelated,
                    Resolution::Unclear => Usage::Unclear,
                })
            }
            SyntaxKind::PATH_SEGMENT => self.of_segment(parent),
            _ => None,
        }
    }

    fn of_segment(&self, segment: &SyntaxNode) -> Option<Usage> {
        let path = ast::Path::cast(segment.parent()?)?;
        let outer = path.syntax().parent()?;
        match outer.kind() {
            // The part of a path before its last, or what no function can stand for.
            SyntaxKind::PATH
            | SyntaxKind::PATH_TYPE
            | SyntaxKind::PATH_PAT
            | SyntaxKind::TUPLE_STRUCT_PAT
            | SyntaxKind::RECORD_PAT
            | SyntaxKind::RECORD_EXPR
            | SyntaxKind::VISIBILITY
            | SyntaxKind::MACRO_CALL
            | SyntaxKind::MODULE => return Some(Usage::Unrelated),
            SyntaxKind::USE_TREE => return self.of_import(&outer),
            SyntaxKind::PATH_EXPR => {}
            _ => return None,
        }
        let call = ast::CallExpr::cast(outer.parent()?);
        let call = call.filter(|it| it.expr().is_some_and(|it| *it.syntax() == outer));
        let whose = match &self.target.owner {
            Some(owner) => self.of_associated(owner, &path),
            None => self.of_free(&path),
        };
        let arguments = self.target.parameters + usize::from(self.target.has_self);
        Some(match (whose, call) {
            (Resolution::Other, _) => Usage::Unrelated,
            (_, Some(call)) if argument_count(&call) != arguments => Usage::Unrelated,
            (Resolution::Unclear, _) => Usage::Unclear,
            (Resolution::Target, Some(call)) => Usage::Call(call.syntax().clone()),
            (Resolution::Target, None) => Usage::Value,
        })
    }

    fn of_import(&self, tree: &SyntaxNode) -> Option<Usage> {
        let renamed = tree.children().find(|it| it.kind() == SyntaxKind::RENAME);
        let name = renamed.and_then(|it| it.children().find_map(ast::Name::cast));
        let (Some(name), None) = (name, &self.target.owner) else { return Some(Usage::Unrelated) };
        let paths = tree.ancestors().filter_map(ast::UseTree::cast).filter_map(|it| it.path());
        let mut paths: Vec<String> = paths.map(|path| compact(path.syntax())).collect();
        paths.reverse();
        let full = paths.join("::");
        let (module, _) = full.rsplit_once("::")?;
        match self.in_module(module) {
            Resolution::Target => Some(Usage::Renamed(name.text().to_string())),
            Resolution::Other => Some(Usage::Unrelated),
            Resolution::Unclear => None,
        }
    }

    fn of_method(&self, call: &ast::MethodCallExpr) -> Resolution {
        let TargetFunction { name, owner, has_self, parameters, .. } = self.target;
        let (Some(owner), true) = (owner, has_self) else { return Resolution::Other };
        let Some(receiver) = call.receiver() else { return Resolution::Unclear };
        // What takes other arguments is another method.
        let count = argument_count(call);
        if count != *parameters {
            return Resolution::Other;
        }
        let ty = match receiver.syntax().text() == "self" {
            // In a trait it is of no type that could have methods of its own.
            true => match self_type(&self.occurrence.around) {
                Some(ty) => Some(ty),
                None => return Resolution::Other,
            },
            false => self.type_of(&receiver),
        };
        let symbols = self.view.symbols;
        let methods = || symbols.functions(name).filter(|it| it.has_self);
        if let Some(ty) = ty.filter(|ty| ty != "_") {
            let found = base_name(&ty);
            if found == owner {
                return match self.is_only_type(owner) && self.is_only_one_of(owner) {
                    true => Resolution::Target,
                    false => Resolution::Unclear,
                };
            }
            if methods().any(|it| it.owner.as_deref() == Some(found))
                || is_type_parameter(found, &self.occurrence.around)
                || methods::method(&ty, name, count).is_some()
                || is_of_std(&ty)
            {
                return Resolution::Other;
            }
        }
        // A name of several words is that of the one method of the workspace.
        let is_distinct = name.trim_matches('_').contains('_') && !method_names::is_known(name);
        match is_distinct && methods().count() == 1 {
            true => Resolution::Target,
            false => Resolution::Unclear,
        }
    }

    /// Whether there is no other type of the owner's name, but for those that tests declare.
    fn is_only_type(&self, owner: &str) -> bool {
        let packages = self.view.symbols.packages();
        let types = self.view.symbols.types_at(owner);
        let is_product =
            |path: &str| packages.owner(path).is_none_or(|it| it.role(path) != Role::Test);
        types.filter(|(path, _)| is_product(path)).count() < 2
    }

    /// Whether the owner has no other function of the target's name, as from a trait.
    fn is_only_one_of(&self, owner: &str) -> bool {
        let same = |it: &&Function| it.owner.as_deref() == Some(owner);
        self.view.symbols.functions(&self.target.name).filter(same).count() == 1
    }

    fn type_of(&self, receiver: &ast::Expr) -> Option<String> {
        let around = self.occurrence.around.clone();
        let located = LocatedExpr::new(receiver.clone(), around, self.occurrence.imports());
        inference::type_of(receiver, &located, self.view)
    }

    /// Of a path that may be that of an associated function.
    fn of_associated(&self, owner: &str, path: &ast::Path) -> Resolution {
        let Some(qualifier) = path.qualifier() else { return Resolution::Other };
        let Some(name) = qualifier.segment().and_then(|it| it.name_ref()) else {
            return Resolution::Unclear;
        };
        let own = |ty: &str| match ty == owner {
            false => Resolution::Other,
            true if self.is_only_type(owner) && self.is_only_one_of(owner) => Resolution::Target,
            true => Resolution::Unclear,
        };
        let name = name.text();
        if name == "Self" {
            // `Self::Item::name` is a function of a type that is not written here.
            let Some(ty) = self_type(&self.occurrence.around) else { return Resolution::Other };
            return own(base_name(&ty));
        }
        if qualifier.qualifier().is_none()
            && let Some(path) = self.occurrence.imports().path_of(name)
        {
            return own(base_name(path));
        }
        match self.view.symbols.aliases(name).next().is_some() {
            true => Resolution::Unclear,
            false => own(name),
        }
    }

    /// Of a path that may be that of a function outside of any `impl`.
    fn of_free(&self, path: &ast::Path) -> Resolution {
        let name = self.occurrence.token.text();
        let Some(qualifier) = path.qualifier() else {
            return match binding(name, &self.occurrence.around) {
                Some(_) => Resolution::Other,
                None => self.of_plain_name(),
            };
        };
        let text = compact(qualifier.syntax());
        self.in_module(&self.occurrence.imports().resolve(&text))
    }

    /// Whether the name is one that the function is exported under.
    fn is_alias(&self) -> bool {
        self.occurrence.token.text() != self.target.name
    }

    /// A name without a path: that of an item around, or of an import.
    fn of_plain_name(&self) -> Resolution {
        let name = self.occurrence.token.text();
        for list in &self.occurrence.around {
            let is_module = matches!(list.kind(), SyntaxKind::ITEM_LIST | SyntaxKind::SOURCE_FILE);
            if !is_module && list.kind() != SyntaxKind::STMT_LIST {
                continue;
            }
            let mut functions = list.children().filter_map(ast::Fn::cast);
            let declared = functions.find(|it| it.name().is_some_and(|it| it.text() == name));
            if let Some(declared) = declared {
                return Resolution::from(self.target.is(&self.view.file.path, &declared));
            }
            let imports = Imports::of_uses(list.children().filter_map(ast::Use::cast));
            if let Some((module, imported)) =
                imports.path_of(name).and_then(|it| it.rsplit_once("::"))
            {
                return match imported == self.target.name || imported == name {
                    true => self.in_module(module),
                    false => Resolution::Other,
                };
            }
            if is_module {
                if imports.globs().any(|it| it == "super") && list.kind() == SyntaxKind::ITEM_LIST {
                    continue;
                }
                return match self.target.is_nested {
                    true => Resolution::Other,
                    false => self.in_globs(imports.globs()),
                };
            }
        }
        Resolution::Unclear
    }

    /// A name that some modules may have brought into view as a whole.
    fn in_globs<'a>(&self, mut globs: impl Iterator<Item = &'a str>) -> Resolution {
        if !globs.any(|it| self.is_own_module(it.split("::").next().unwrap_or(it))) {
            return Resolution::Other;
        }
        let others = self.is_alias()
            && self.view.symbols.functions(self.occurrence.token.text()).count() > 0;
        match self.candidates().count() {
            1 if !others => Resolution::Target,
            _ => Resolution::Unclear,
        }
    }

    /// A function of the target's name in a module that is given by its path.
    fn in_module(&self, module: &str) -> Resolution {
        if self.target.is_nested {
            return Resolution::Other;
        }
        // `use crate::text; use text::read;`
        let imports = self.occurrence.imports();
        let module = &imports.resolve(module);
        let first = module.split("::").next().unwrap_or(module);
        let last = module.rsplit("::").next().unwrap_or(module);
        if last.starts_with(char::is_uppercase) {
            return Resolution::Other;
        }
        if !self.is_own_module(first) {
            // A module that another one brought into view as a whole.
            let globs = imports
                .globs()
                .any(|it| self.is_own_module(it.split("::").next().unwrap_or_default()));
            return if globs { Resolution::Unclear } else { Resolution::Other };
        }
        if self.is_alias() {
            let others = self.view.symbols.functions(self.occurrence.token.text()).count();
            return if others == 0 { Resolution::Target } else { Resolution::Unclear };
        }
        let module_of = |path: &str| self.view.symbols.module(path).map(|it| it.name.clone());
        let named: Vec<&str> = self
            .candidates()
            .filter(|path| match last {
                "self" | "super" => false,
                "crate" => module_of(path).is_some_and(|it| it.is_empty()),
                _ if last == first && self.is_package(first) => {
                    module_of(path).is_some_and(|it| it.is_empty())
                }
                _ => module_of(path).is_some_and(|it| it == last),
            })
            .collect();
        match named.as_slice() {
            [only] => Resolution::from(*only == self.target.path),
            // It is exported from elsewhere, or in a module of the file.
            [] if self.candidates().count() == 1 => Resolution::Target,
            [] => Resolution::Unclear,
            several if several.contains(&self.target.path.as_str()) => Resolution::Unclear,
            _ => Resolution::Other,
        }
    }

    /// The files of the functions of the target's name that belong to no type.
    fn candidates(&self) -> impl Iterator<Item = &str> {
        let all = self.view.symbols.functions_at(&self.target.name);
        all.filter(|(_, it)| it.owner.is_none()).map(|(path, _)| path)
    }

    /// Whether a path that begins so leads into the workspace.
    fn is_own_module(&self, first: &str) -> bool {
        let symbols = self.view.symbols;
        let declares = |path: &str| {
            symbols.file(path).is_some_and(|file| file.modules().any(|it| it.name == first))
        };
        // In the first edition, paths of imports begin at the root.
        let declared = || match self.view.file.edition == Edition::Edition2015 {
            true => symbols.files().any(declares),
            false => declares(&self.view.file.path),
        };
        matches!(first, "crate" | "self" | "super") || self.is_package(first) || declared()
    }

    fn is_package(&self, name: &str) -> bool {
        self.view.symbols.packages().iter().any(|it| it.name.replace('-', "_") == name)
    }
}

const STD_TYPES: &[&str] = &[
    "BTreeMap", "BTreeSet", "Command", "Duration", "File", "HashMap", "HashSet", "Instant",
    "Iterator", "Option", "OsStr", "OsString", "Path", "PathBuf", "Result", "String", "SystemTime",
    "Vec", "VecDeque", "bool", "char", "f32", "f64", "i128", "i16", "i32", "i64", "i8", "isize",
    "str", "u128", "u16", "u32", "u64", "u8", "usize",
];

/// Whether a type is one of the standard library's, which leads to no type of the workspace.
fn is_of_std(ty: &str) -> bool {
    ty.starts_with(['[', '(']) || STD_TYPES.binary_search(&base_name(ty)).is_ok()
}
