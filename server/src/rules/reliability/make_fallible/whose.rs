//! Which function a name in the code means, of one whose callers are looked for.

use super::bodies::is_parameter;
use super::known::by_name;
use super::known::by_type;
use super::receivers;
use super::site::Site;
use super::spot::Spot;
use super::target::{Target, Use};
use crate::analysis::FixContext;
use crate::project::{Function, Role};
use crate::semantics::calls::argument_count;
use crate::semantics::shape::{binding, self_type};
use crate::semantics::type_text::base;
use crate::syntax::ast::{self, HasName};
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, Edition, Imports, SyntaxKind, SyntaxNode};

enum Whose {
    Own,
    Other,
    Unclear,
}

impl From<bool> for Whose {
    fn from(is_own: bool) -> Self {
        if is_own { Self::Own } else { Self::Other }
    }
}

/// What a name has to do with the target. `fix` is that of the file of the name.
pub fn use_of(target: &Target, spot: &Spot, fix: &FixContext<'_>) -> Use {
    Reader { target, spot, fix }.read().unwrap_or(Use::Unclear)
}

struct Reader<'a> {
    target: &'a Target,
    spot: &'a Spot,
    /// Of the file that the name stands in.
    fix: &'a FixContext<'a>,
}

impl Reader<'_> {
    /// Nothing where it cannot be told.
    fn read(&self) -> Option<Use> {
        let [name, parent, ..] = self.spot.around.as_slice() else { return None };
        if name.kind() == SyntaxKind::NAME {
            // It declares something of that name.
            return Some(Use::Unrelated);
        }
        match parent.kind() {
            SyntaxKind::FIELD_EXPR
            | SyntaxKind::RECORD_EXPR_FIELD
            | SyntaxKind::RECORD_PAT_FIELD
            | SyntaxKind::ASSOC_TYPE_ARG
            | SyntaxKind::EXTERN_CRATE => Some(Use::Unrelated),
            SyntaxKind::METHOD_CALL_EXPR => {
                let call = ast::MethodCallExpr::cast(parent.clone())?;
                Some(match self.of_method(&call) {
                    Whose::Own => Use::Call(parent.clone()),
                    Whose::Other => Use::Unrelated,
                    Whose::Unclear => Use::Unclear,
                })
            }
            SyntaxKind::PATH_SEGMENT => self.of_segment(parent),
            _ => None,
        }
    }

    fn of_segment(&self, segment: &SyntaxNode) -> Option<Use> {
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
            | SyntaxKind::MODULE => return Some(Use::Unrelated),
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
            (Whose::Other, _) => Use::Unrelated,
            (_, Some(call)) if argument_count(&call) != arguments => Use::Unrelated,
            (Whose::Unclear, _) => Use::Unclear,
            (Whose::Own, Some(call)) => Use::Call(call.syntax().clone()),
            (Whose::Own, None) => Use::Value,
        })
    }

    fn of_import(&self, tree: &SyntaxNode) -> Option<Use> {
        let renamed = tree.children().find(|it| it.kind() == SyntaxKind::RENAME);
        let name = renamed.and_then(|it| it.children().find_map(ast::Name::cast));
        let (Some(name), None) = (name, &self.target.owner) else { return Some(Use::Unrelated) };
        let paths = tree.ancestors().filter_map(ast::UseTree::cast).filter_map(|it| it.path());
        let mut paths: Vec<String> = paths.map(|path| compact(path.syntax())).collect();
        paths.reverse();
        let full = paths.join("::");
        let (module, _) = full.rsplit_once("::")?;
        match self.in_module(module) {
            Whose::Own => Some(Use::Renamed(name.text().to_string())),
            Whose::Other => Some(Use::Unrelated),
            Whose::Unclear => None,
        }
    }

    fn of_method(&self, call: &ast::MethodCallExpr) -> Whose {
        let Target { name, owner, has_self, parameters, .. } = self.target;
        let (Some(owner), true) = (owner, has_self) else { return Whose::Other };
        let Some(receiver) = call.receiver() else { return Whose::Unclear };
        // What takes other arguments is another method.
        let count = argument_count(call);
        if count != *parameters {
            return Whose::Other;
        }
        let ty = match receiver.syntax().text() == "self" {
            // In a trait it is of no type that could have methods of its own.
            true => match self_type(&self.spot.around) {
                Some(ty) => Some(ty),
                None => return Whose::Other,
            },
            false => self.type_of(&receiver),
        };
        let symbols = self.fix.symbols;
        let methods = || symbols.functions(name).filter(|it| it.has_self);
        if let Some(ty) = ty.filter(|ty| ty != "_") {
            let found = base(&ty);
            if found == owner {
                return match self.is_only_type(owner) && self.is_only_one_of(owner) {
                    true => Whose::Own,
                    false => Whose::Unclear,
                };
            }
            if methods().any(|it| it.owner.as_deref() == Some(found))
                || is_parameter(found, &self.spot.around)
                || by_type::method(&ty, name, count).is_some()
                || is_of_std(&ty)
            {
                return Whose::Other;
            }
        }
        // A name of several words is that of the one method of the workspace.
        let is_distinct = name.trim_matches('_').contains('_') && !by_name::is_known(name);
        match is_distinct && methods().count() == 1 {
            true => Whose::Own,
            false => Whose::Unclear,
        }
    }

    /// Whether there is no other type of the owner's name, but for those that tests declare.
    fn is_only_type(&self, owner: &str) -> bool {
        let packages = self.fix.symbols.packages();
        let types = self.fix.symbols.types_at(owner);
        let is_product =
            |path: &str| packages.owner(path).is_none_or(|it| it.role(path) != Role::Test);
        types.filter(|(path, _)| is_product(path)).count() < 2
    }

    /// Whether the owner has no other function of the target's name, as from a trait.
    fn is_only_one_of(&self, owner: &str) -> bool {
        let same = |it: &&Function| it.owner.as_deref() == Some(owner);
        self.fix.symbols.functions(&self.target.name).filter(same).count() == 1
    }

    fn type_of(&self, receiver: &ast::Expr) -> Option<String> {
        let around = self.spot.around.clone();
        let site = Site::of(receiver.clone(), around, self.spot.imports());
        receivers::type_of(receiver, &site, self.fix)
    }

    /// Of a path that may be that of an associated function.
    fn of_associated(&self, owner: &str, path: &ast::Path) -> Whose {
        let Some(qualifier) = path.qualifier() else { return Whose::Other };
        let Some(name) = qualifier.segment().and_then(|it| it.name_ref()) else {
            return Whose::Unclear;
        };
        let own = |ty: &str| match ty == owner {
            false => Whose::Other,
            true if self.is_only_type(owner) && self.is_only_one_of(owner) => Whose::Own,
            true => Whose::Unclear,
        };
        let name = name.text();
        if name == "Self" {
            // `Self::Item::name` is a function of a type that is not written here.
            let Some(ty) = self_type(&self.spot.around) else { return Whose::Other };
            return own(base(&ty));
        }
        if qualifier.qualifier().is_none()
            && let Some(path) = self.spot.imports().path_of(name)
        {
            return own(base(path));
        }
        match self.fix.symbols.aliases(name).next().is_some() {
            true => Whose::Unclear,
            false => own(name),
        }
    }

    /// Of a path that may be that of a function outside of any `impl`.
    fn of_free(&self, path: &ast::Path) -> Whose {
        let name = self.spot.token.text();
        let Some(qualifier) = path.qualifier() else {
            return match binding(name, &self.spot.around) {
                Some(_) => Whose::Other,
                None => self.of_plain_name(),
            };
        };
        let text = compact(qualifier.syntax());
        self.in_module(&self.spot.imports().resolve(&text))
    }

    /// Whether the name is one that the function is exported under.
    fn is_alias(&self) -> bool {
        self.spot.token.text() != self.target.name
    }

    /// A name without a path: that of an item around, or of an import.
    fn of_plain_name(&self) -> Whose {
        let name = self.spot.token.text();
        for list in &self.spot.around {
            let is_module = matches!(list.kind(), SyntaxKind::ITEM_LIST | SyntaxKind::SOURCE_FILE);
            if !is_module && list.kind() != SyntaxKind::STMT_LIST {
                continue;
            }
            let mut functions = list.children().filter_map(ast::Fn::cast);
            let declared = functions.find(|it| it.name().is_some_and(|it| it.text() == name));
            if let Some(declared) = declared {
                return Whose::from(self.target.is(&self.fix.file.path, &declared));
            }
            let imports = Imports::of_uses(list.children().filter_map(ast::Use::cast));
            if let Some((module, imported)) =
                imports.path_of(name).and_then(|it| it.rsplit_once("::"))
            {
                return match imported == self.target.name || imported == name {
                    true => self.in_module(module),
                    false => Whose::Other,
                };
            }
            if is_module {
                if imports.globs().any(|it| it == "super") && list.kind() == SyntaxKind::ITEM_LIST {
                    continue;
                }
                return match self.target.is_nested {
                    true => Whose::Other,
                    false => self.in_globs(imports.globs()),
                };
            }
        }
        Whose::Unclear
    }

    /// A name that some modules may have brought into view as a whole.
    fn in_globs<'a>(&self, mut globs: impl Iterator<Item = &'a str>) -> Whose {
        if !globs.any(|it| self.is_own_module(it.split("::").next().unwrap_or(it))) {
            return Whose::Other;
        }
        let others =
            self.is_alias() && self.fix.symbols.functions(self.spot.token.text()).count() > 0;
        match self.candidates().count() {
            1 if !others => Whose::Own,
            _ => Whose::Unclear,
        }
    }

    /// A function of the target's name in a module that is given by its path.
    fn in_module(&self, module: &str) -> Whose {
        if self.target.is_nested {
            return Whose::Other;
        }
        // `use crate::text; use text::read;`
        let imports = self.spot.imports();
        let module = &imports.resolve(module);
        let first = module.split("::").next().unwrap_or(module);
        let last = module.rsplit("::").next().unwrap_or(module);
        if last.starts_with(char::is_uppercase) {
            return Whose::Other;
        }
        if !self.is_own_module(first) {
            // A module that another one brought into view as a whole.
            let globs = imports
                .globs()
                .any(|it| self.is_own_module(it.split("::").next().unwrap_or_default()));
            return if globs { Whose::Unclear } else { Whose::Other };
        }
        if self.is_alias() {
            let others = self.fix.symbols.functions(self.spot.token.text()).count();
            return if others == 0 { Whose::Own } else { Whose::Unclear };
        }
        let module_of = |path: &str| self.fix.symbols.module(path).map(|it| it.name.clone());
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
            [only] => Whose::from(*only == self.target.path),
            // It is exported from elsewhere, or in a module of the file.
            [] if self.candidates().count() == 1 => Whose::Own,
            [] => Whose::Unclear,
            several if several.contains(&self.target.path.as_str()) => Whose::Unclear,
            _ => Whose::Other,
        }
    }

    /// The files of the functions of the target's name that belong to no type.
    fn candidates(&self) -> impl Iterator<Item = &str> {
        let all = self.fix.symbols.functions_at(&self.target.name);
        all.filter(|(_, it)| it.owner.is_none()).map(|(path, _)| path)
    }

    /// Whether a path that begins so leads into the workspace.
    fn is_own_module(&self, first: &str) -> bool {
        let symbols = self.fix.symbols;
        let declares = |path: &str| {
            symbols.file(path).is_some_and(|file| file.modules().any(|it| it.name == first))
        };
        // In the first edition, paths of imports begin at the root.
        let declared = || match self.fix.file.edition == Edition::Edition2015 {
            true => symbols.files().any(declares),
            false => declares(&self.fix.file.path),
        };
        matches!(first, "crate" | "self" | "super") || self.is_package(first) || declared()
    }

    fn is_package(&self, name: &str) -> bool {
        self.fix.symbols.packages().iter().any(|it| it.name.replace('-', "_") == name)
    }
}

/// Whether a type is one of the standard library's, which leads to no type of the workspace.
fn is_of_std(ty: &str) -> bool {
    ty.starts_with(['[', '('])
        || matches!(
            base(ty),
            "Option"
                | "Result"
                | "Iterator"
                | "Vec"
                | "VecDeque"
                | "String"
                | "str"
                | "char"
                | "HashMap"
                | "BTreeMap"
                | "HashSet"
                | "BTreeSet"
                | "Path"
                | "PathBuf"
                | "OsStr"
                | "OsString"
                | "Duration"
                | "Instant"
                | "SystemTime"
                | "bool"
                | "usize"
                | "isize"
                | "u8"
                | "u16"
                | "u32"
                | "u64"
                | "u128"
                | "i8"
                | "i16"
                | "i32"
                | "i64"
                | "i128"
                | "f32"
                | "f64"
                | "File"
                | "Command"
        )
}
