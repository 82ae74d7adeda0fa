//! Names, fields and constants: the types of what they stand for.

use super::{Inference, Position};
use crate::project::{TypeDef, base_name};
use crate::semantics::shape::{Binding, bare, binding, self_type, surroundings};
use crate::semantics::type_text::arguments;
use crate::semantics::types::signatures;
use crate::semantics::types::signatures::methods::{element, pointee, tuple_part};
use crate::syntax::ast::{self, HasName, HasTypeBounds};
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};

impl Inference<'_> {
    pub(super) fn of_path(&self, name: &str, position: Position<'_>) -> Option<String> {
        if name == "self" {
            return self_type(position.around);
        }
        if name == "None" {
            return Some("Option<_>".to_string());
        }
        if name.contains("::") {
            return signatures::functions::constant(&self.scope.resolve(name)).map(str::to_string);
        }
        if name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_') {
            return self.of_static(name);
        }
        let valued = |value: &ast::Expr| {
            let around = surroundings(value.syntax(), position.around);
            self.type_of(value, Position { around: &around, depth: position.depth })
        };
        match binding(name, position.around)? {
            Binding::Typed(ty) => {
                let text = compact(ty.syntax());
                match bounds(bare(&text), position.around) {
                    Some(bounds) => Some(format!("impl{bounds}")),
                    None => Some(self.canonical(&text, self.scope.file)),
                }
            }
            Binding::Value(value) => valued(&value),
            Binding::Inner(value) => {
                let ty = valued(&value)?;
                let is_fallible = matches!(base_name(&ty), "Option" | "Result");
                arguments(bare(&ty)).first().filter(|_| is_fallible).map(|it| it.to_string())
            }
            Binding::Element(value) => {
                let parent = value.syntax().parent().and_then(ast::MethodCallExpr::cast);
                let name = parent.and_then(|it| Some(it.name_ref()?.text().to_string()));
                let by_reference = match name.as_deref() {
                    // Of a `for` loop.
                    None => false,
                    Some("filter" | "find" | "skip_while" | "take_while" | "inspect") => true,
                    Some(
                        "map" | "for_each" | "any" | "all" | "filter_map" | "flat_map" | "position"
                        | "find_map" | "and_then" | "is_some_and" | "map_while" | "max_by_key"
                        | "min_by_key" | "retain",
                    ) => false,
                    Some(_) => return None,
                };
                let ty = valued(&value)?;
                if base_name(&ty) == "Result" {
                    return arguments(&ty).first().map(|it| it.to_string());
                }
                element(&ty).map(|it| if by_reference { format!("&{it}") } else { it })
            }
            Binding::Part(_) | Binding::Field(..) | Binding::Payload(_) | Binding::Opaque => {
                self.of_pattern(name, position)
            }
        }
    }

    /// The type of a constant or static of the same module or file.
    fn of_static(&self, name: &str) -> Option<String> {
        let lists = [self.located.items()?.clone(), self.view.root.clone()];
        let item = lists.iter().flat_map(|list| list.children()).find(|item| {
            matches!(item.kind(), SyntaxKind::STATIC | SyntaxKind::CONST)
                && item.children().find_map(ast::Name::cast).is_some_and(|it| it.text() == name)
        });
        let Some(item) = item else {
            return signatures::functions::constant(&self.scope.resolve(name)).map(str::to_string);
        };
        let ty = item.children().find_map(ast::Type::cast)?;
        Some(compact(ty.syntax()))
    }

    pub(super) fn of_field(&self, owner: &str, name: &str) -> Option<String> {
        if owner.trim_start_matches('&').starts_with('(') {
            return tuple_part(owner, name);
        }
        let owner = pointee(owner);
        let Some((file, def)) = self.type_def(owner) else {
            return signatures::field(owner, name).map(str::to_string);
        };
        match def.fields.iter().find(|(it, _)| it == name) {
            Some((_, ty)) => Some(self.canonical(ty, file)),
            None => {
                let (_, target) = self.dereferenced(file, def)?;
                let (_, ty) = target.fields.iter().find(|(it, _)| it == name)?;
                Some(self.canonical(ty, file))
            }
        }
    }

    /// What a part of a collection is: an element of it, or a range of them.
    pub(super) fn of_index(&self, ty: &str, is_range: bool) -> Option<String> {
        let held = pointee(ty);
        if is_range {
            return match element(ty) {
                Some(element) => Some(format!("[{element}]")),
                None => {
                    Some(held.to_string()).filter(|it| base_name(it) == "String" || it == "str")
                }
            };
        }
        if let [_, value, ..] = arguments(held).as_slice()
            && base_name(held).ends_with("Map")
        {
            return Some(value.to_string());
        }
        element(ty).or_else(|| self.indexed(held))
    }

    /// The type of the workspace that `impl Deref for` another leads to.
    fn dereferenced(&self, of: &str, def: &TypeDef) -> Option<(&str, &TypeDef)> {
        let mut targets = self.scope.symbols.aliases("Target").filter(|(file, it)| {
            it.owner.as_deref() == Some(&def.name) && self.same_package(file, of)
        });
        let (_, target) = targets.next()?;
        self.type_def(&target.target)
    }

    /// What `impl Index<…> for` a type of the workspace gives.
    fn indexed(&self, ty: &str) -> Option<String> {
        let (of, def) = self.type_def(ty)?;
        let symbols = self.scope.symbols;
        let indexes = symbols.impls_at(&def.name).any(|(_, it)| it.of_trait.starts_with("Index<"));
        let mut outputs = symbols.aliases("Output").filter(|(file, it)| {
            it.owner.as_deref() == Some(&def.name) && self.same_package(file, of)
        });
        let (file, output) = outputs.next().filter(|_| indexes)?;
        let all = outputs.all(|(_, it)| it.target == output.target);
        all.then(|| self.canonical(&output.target, file))
    }
}

/// The bounds of a generic parameter of the items around.
fn bounds(name: &str, around: &[SyntaxNode]) -> Option<String> {
    let of = |item: &SyntaxNode| {
        let list = item.children().find_map(ast::GenericParamList::cast)?;
        let own = list.generic_params().find_map(|it| match it {
            ast::GenericParam::TypeParam(it) => {
                Some(it).filter(|it| it.name().is_some_and(|it| it.text() == name))
            }
            _ => None,
        })?;
        let clause = item.children().find_map(ast::WhereClause::cast);
        let mut predicates = clause.iter().flat_map(|it| it.predicates());
        let lists = own.type_bound_list().or_else(|| {
            predicates
                .find(|it| it.ty().is_some_and(|ty| compact(ty.syntax()) == name))
                .and_then(|it| it.type_bound_list())
        });
        lists.map(|it| compact(it.syntax()))
    };
    let items = around.iter().filter(|it| matches!(it.kind(), SyntaxKind::FN | SyntaxKind::IMPL));
    items.flat_map(of).next()
}
