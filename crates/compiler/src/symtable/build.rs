//! The first pass: notes in each scope how every name is used there.
//!
//! What is here: scopes, definitions and the rules for names. The walk over the nodes is in [`visit`](super::visit).

use std::collections::HashMap;

use super::{
    ComprehensionKind, DEF_ANNOT, DEF_COMP_ITER, DEF_GLOBAL, DEF_LOCAL, DEF_NONLOCAL, DEF_PARAM, Scope, ScopeId,
    ScopeKind, SymbolTable, Symbols, USE, mangle,
};
use crate::ast::{self, Mod, Name};
use crate::depth::Depth;
use crate::error::Fault;
use crate::flowgraph::Location;
use crate::future::Future;

/// Notes how names are used, without resolving them.
pub(super) fn build(tree: &Mod, future: &Future, limit: u32) -> Result<SymbolTable, Fault> {
    let top = Scope::new(
        Name::from("top"),
        ScopeKind::Module,
        Location { line: 0, end_line: 0, column: 0, end_column: 0 },
        None,
    );
    let table = SymbolTable { scopes: vec![top], by_node: HashMap::new() };
    let mut builder = Builder {
        table,
        stack: vec![SymbolTable::TOP],
        class: None,
        text_annotations: future.annotations(),
        depth: Depth::new(limit),
    };
    match tree {
        Mod::Module { body, .. } | Mod::Interactive { body } => builder.statements(body)?,
        Mod::Expression { body } => builder.expression(body)?,
        Mod::FunctionType { .. } => {
            return Err(Fault::Internal("this compiler does not handle FunctionTypes"));
        }
    }
    Ok(builder.table)
}

/// The state of the first pass.
pub(super) struct Builder {
    pub(super) table: SymbolTable,
    /// The scopes that enclose the node being visited, the innermost last; never empty.
    pub(super) stack: Vec<ScopeId>,
    /// The class whose private names are mangled.
    pub(super) class: Option<Name>,
    /// Whether annotations are not evaluated.
    pub(super) text_annotations: bool,
    pub(super) depth: Depth,
}

impl Scope {
    fn new(name: Name, kind: ScopeKind, location: Location, parent: Option<&Scope>) -> Scope {
        Scope {
            name,
            kind,
            symbols: Symbols::default(),
            varnames: Vec::new(),
            children: Vec::new(),
            location,
            nested: parent.is_some_and(|parent| parent.nested || parent.kind == ScopeKind::Function),
            has_free: false,
            child_has_free: false,
            is_generator: false,
            is_coroutine: false,
            comprehension: None,
            has_varargs: false,
            has_varkeywords: false,
            returns_value: false,
            needs_class_cell: false,
            directives: Vec::new(),
            in_iteration_target: false,
            // Assignment expressions are refused in all that is inside the iterable of a comprehension.
            iterable_depth: parent.map_or(0, |parent| parent.iterable_depth),
        }
    }

    /// An error at the declaration of `name` as global or nonlocal.
    pub(super) fn directive_error(&self, name: &Name, message: String) -> Fault {
        let found = self.directives.iter().find(|(declared, _)| declared == name);
        Fault::syntax(message, found.map_or(Location::NONE, |&(_, at)| at))
    }
}

impl Builder {
    /// The innermost scope.
    pub(super) fn scope(&mut self) -> &mut Scope {
        let id = self.stack.last().copied().unwrap_or(SymbolTable::TOP);
        self.table.scope_mut(id)
    }

    /// Opens a scope, for the node at `address` if it will be looked up.
    pub(super) fn enter(&mut self, name: Name, kind: ScopeKind, address: Option<usize>, at: ast::Location) {
        let scope = Scope::new(name, kind, at.into(), Some(self.scope()));
        let id = ScopeId(u32::try_from(self.table.scopes.len()).unwrap_or(u32::MAX));
        self.table.scopes.push(scope);
        if let Some(address) = address {
            self.table.by_node.insert(address, id);
        }
        if kind != ScopeKind::Annotation {
            self.scope().children.push(id);
        }
        self.stack.push(id);
    }

    /// Closes the innermost scope.
    pub(super) fn exit(&mut self) {
        if self.stack.len() > 1 {
            self.stack.pop();
        }
    }

    /// The flags of a name in the innermost scope.
    pub(super) fn lookup(&mut self, name: &Name) -> u32 {
        let mangled = mangle(self.class.as_ref(), name);
        self.scope().symbols.get(&mangled).unwrap_or(0)
    }

    /// Notes a use of a name in the innermost scope.
    pub(super) fn define(&mut self, name: &Name, flags: u32, at: ast::Location) -> Result<(), Fault> {
        let id = self.stack.last().copied().unwrap_or(SymbolTable::TOP);
        self.define_in(id, name, flags, at)
    }

    fn define_in(&mut self, id: ScopeId, name: &Name, flags: u32, at: ast::Location) -> Result<(), Fault> {
        let mangled = mangle(self.class.as_ref(), name);
        let scope = self.table.scope_mut(id);
        let known = scope.symbols.get(&mangled).unwrap_or(0);
        if flags & known & DEF_PARAM != 0 {
            return Err(Fault::syntax(format!("duplicate argument '{name}' in function definition"), at));
        }
        let mut flags_now = known | flags;
        if scope.in_iteration_target {
            if flags_now & (DEF_GLOBAL | DEF_NONLOCAL) != 0 {
                let message = format!("comprehension inner loop cannot rebind assignment expression target '{name}'");
                return Err(Fault::syntax(message, at));
            }
            flags_now |= DEF_COMP_ITER;
        }
        scope.symbols.set(&mangled, flags_now);
        if flags & DEF_PARAM != 0 {
            scope.varnames.push(mangled);
        } else if flags & DEF_GLOBAL != 0 {
            let top = self.table.scope_mut(SymbolTable::TOP);
            let global = flags | top.symbols.get(&mangled).unwrap_or(0);
            top.symbols.set(&mangled, global);
        }
        Ok(())
    }

    /// Remembers where a name is declared global or nonlocal.
    fn note_directive(&mut self, name: &Name, at: ast::Location) {
        let mangled = mangle(self.class.as_ref(), name);
        self.scope().directives.push((mangled, at.into()));
    }

    /// A `global` (or else `nonlocal`) statement.
    pub(super) fn declare(&mut self, names: &[Name], global: bool, at: ast::Location) -> Result<(), Fault> {
        let declaration = if global { "global" } else { "nonlocal" };
        for name in names {
            let known = self.lookup(name);
            let fault = if known & DEF_PARAM != 0 {
                format!("name '{name}' is parameter and {declaration}")
            } else if known & USE != 0 {
                format!("name '{name}' is used prior to {declaration} declaration")
            } else if known & DEF_ANNOT != 0 {
                format!("annotated name '{name}' can't be {declaration}")
            } else if known & DEF_LOCAL != 0 {
                format!("name '{name}' is assigned to before {declaration} declaration")
            } else {
                self.define(name, if global { DEF_GLOBAL } else { DEF_NONLOCAL }, at)?;
                self.note_directive(name, at);
                continue;
            };
            return Err(Fault::syntax(fault, at));
        }
        Ok(())
    }

    /// Binds the target of an assignment expression in a comprehension: in the scope around all comprehensions.
    pub(super) fn bind_outside_comprehension(&mut self, name: &Name, at: ast::Location) -> Result<(), Fault> {
        for index in (0..self.stack.len()).rev() {
            let id = self.stack[index];
            let mangled = mangle(self.class.as_ref(), name);
            let scope = self.table.scope(id);
            let flags = scope.symbols.get(&mangled).unwrap_or(0);
            if scope.comprehension.is_some() {
                if flags & DEF_COMP_ITER != 0 && flags & (DEF_LOCAL | DEF_GLOBAL) != 0 {
                    let message =
                        format!("assignment expression cannot rebind comprehension iteration variable '{name}'");
                    return Err(Fault::syntax(message, at));
                }
                continue;
            }
            let (here, there) = match scope.kind {
                ScopeKind::Function if flags & DEF_GLOBAL != 0 => (DEF_GLOBAL, DEF_LOCAL),
                ScopeKind::Function => (DEF_NONLOCAL, DEF_LOCAL),
                ScopeKind::Module => (DEF_GLOBAL, DEF_GLOBAL),
                ScopeKind::Class => {
                    let message = "assignment expression within a comprehension cannot be used in a class body";
                    return Err(Fault::syntax(message, at));
                }
                ScopeKind::Annotation => break,
            };
            self.define(name, here, at)?;
            self.note_directive(name, at);
            return self.define_in(id, name, there, at);
        }
        Ok(())
    }

    /// Refuses what may not stand in an annotation that is not evaluated.
    pub(super) fn refuse_in_annotation(&mut self, what: &str, at: ast::Location) -> Result<(), Fault> {
        if self.scope().kind == ScopeKind::Annotation {
            return Err(Fault::syntax(format!("'{what}' can not be used within an annotation"), at));
        }
        Ok(())
    }

    /// Refuses a `yield` in a comprehension.
    pub(super) fn refuse_in_comprehension(&mut self, at: ast::Location) -> Result<(), Fault> {
        let place = match self.scope().comprehension {
            None => return Ok(()),
            Some(ComprehensionKind::List) => "list comprehension",
            Some(ComprehensionKind::Set) => "set comprehension",
            Some(ComprehensionKind::Dict) => "dict comprehension",
            Some(ComprehensionKind::Generator) => "generator expression",
        };
        Err(Fault::syntax(format!("'yield' inside {place}"), at))
    }
}
