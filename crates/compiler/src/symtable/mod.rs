//! The symbol table: for each scope of a program, what each of its names is.
//!
//! It is made in two passes. [`build`] walks the tree once and notes in each scope how every name is used there: bound,
//! a parameter, declared global, read, and so on. [`analyze`] then walks the scopes and decides for each name
//! whether it is local, global, free (it belongs to an enclosing function) or a cell (an enclosed function uses it).
//!
//! CPython's counterpart is `symtable.c`; the numbers of the flags are those of the module `_symtable`.

mod analyze;
mod build;
mod mangle;
mod visit;

use std::collections::HashMap;

use crate::ast::{Expr, Mod, Name, Stmt};
use crate::error::Fault;
use crate::flowgraph::Location;
use crate::future::Future;

pub use mangle::mangle;

/// A name is declared `global`.
pub const DEF_GLOBAL: u32 = 1;
/// A name is assigned in the scope.
pub const DEF_LOCAL: u32 = 2;
/// A name is a parameter.
pub const DEF_PARAM: u32 = 4;
/// A name is declared `nonlocal`.
pub const DEF_NONLOCAL: u32 = 8;
/// A name is read.
pub const USE: u32 = 16;
/// A name is free because an enclosed scope uses it.
pub const DEF_FREE: u32 = 32;
/// A name that is bound in a class is free in one of its methods.
pub const DEF_FREE_CLASS: u32 = 64;
/// A name is bound by an import.
pub const DEF_IMPORT: u32 = 128;
/// A name is annotated.
pub const DEF_ANNOT: u32 = 256;
/// A name is the iteration variable of a comprehension.
pub const DEF_COMP_ITER: u32 = 512;
/// A name is bound in the scope.
pub const DEF_BOUND: u32 = DEF_LOCAL | DEF_PARAM | DEF_IMPORT;
/// By how many bits a [`Resolution`] is shifted in a symbol's flags.
pub const SCOPE_OFFSET: u32 = 11;
/// The bits of a [`Resolution`], once shifted back.
pub const SCOPE_MASK: u32 = 15;

/// What a name means in a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Resolution {
    /// The name does not occur.
    Unknown = 0,
    /// A local variable.
    Local = 1,
    /// A global variable, by declaration.
    GlobalExplicit = 2,
    /// A global variable, as nothing else binds the name.
    GlobalImplicit = 3,
    /// A variable of an enclosing function.
    Free = 4,
    /// A local variable that enclosed functions use.
    Cell = 5,
}

impl Resolution {
    /// The resolution in a symbol's flags.
    pub fn of(flags: u32) -> Resolution {
        match flags >> SCOPE_OFFSET & SCOPE_MASK {
            1 => Resolution::Local,
            2 => Resolution::GlobalExplicit,
            3 => Resolution::GlobalImplicit,
            4 => Resolution::Free,
            5 => Resolution::Cell,
            _ => Resolution::Unknown,
        }
    }
}

/// The kinds of scope. The numbers are those of `_symtable`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum ScopeKind {
    /// A function, a lambda or a comprehension.
    Function = 0,
    /// A class body.
    Class = 1,
    /// A module, an expression or a line of input.
    Module = 2,
    /// An annotation that is not evaluated.
    Annotation = 3,
}

/// The kinds of comprehension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComprehensionKind {
    /// `[...]`
    List,
    /// `{...}`
    Set,
    /// `{...: ...}`
    Dict,
    /// `(...)`
    Generator,
}

/// Names a scope of a [`SymbolTable`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ScopeId(u32);

/// Names with flags, in the order in which the names first occurred.
#[derive(Clone, Debug, Default)]
pub struct Symbols {
    entries: Vec<(Name, u32)>,
    indices: HashMap<Name, usize>,
}

impl Symbols {
    /// The flags of `name`.
    pub fn get(&self, name: &str) -> Option<u32> {
        let &index = self.indices.get(name)?;
        self.entries.get(index).map(|entry| entry.1)
    }

    /// Sets the flags of `name`.
    pub(crate) fn set(&mut self, name: &Name, flags: u32) {
        match self.indices.get(name) {
            Some(&index) => self.entries[index].1 = flags,
            None => {
                self.indices.insert(name.clone(), self.entries.len());
                self.entries.push((name.clone(), flags));
            }
        }
    }

    /// The names and flags in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, u32)> {
        self.entries.iter().map(|(name, flags)| (name, *flags))
    }
}

/// One scope.
#[derive(Clone, Debug)]
pub struct Scope {
    /// The name: of the function or class, or what stands for one (`top`, `lambda`, `listcomp`).
    pub name: Name,
    /// The kind.
    pub kind: ScopeKind,
    /// The names, mangled.
    pub symbols: Symbols,
    /// The parameters, mangled, in the order of `co_varnames`.
    pub varnames: Vec<Name>,
    /// The scopes directly inside, in the order in which they were found.
    pub children: Vec<ScopeId>,
    /// Where the scope is defined; line 0 for a module.
    pub location: Location,
    /// Whether a function encloses the scope, at any distance.
    pub nested: bool,
    /// Whether the scope has free variables.
    pub has_free: bool,
    /// Whether an enclosed scope has free variables.
    pub child_has_free: bool,
    /// Whether there is a `yield`, or the scope is a generator expression.
    pub is_generator: bool,
    /// Whether the scope is one of an `async def` or uses `await`.
    pub is_coroutine: bool,
    /// Which comprehension the scope is.
    pub comprehension: Option<ComprehensionKind>,
    /// Whether there is a `*args` parameter.
    pub has_varargs: bool,
    /// Whether there is a `**kwargs` parameter.
    pub has_varkeywords: bool,
    /// Whether a `return` has a value.
    pub returns_value: bool,
    /// Whether methods of the class use `__class__`.
    pub needs_class_cell: bool,
    /// Where names were declared global or nonlocal.
    directives: Vec<(Name, Location)>,
    /// Whether the target of a comprehension's `for` is being visited.
    in_iteration_target: bool,
    /// How many iterables of comprehensions are being visited.
    iterable_depth: u32,
}

impl Scope {
    /// What a mangled name means here.
    pub fn resolve(&self, name: &str) -> Resolution {
        self.symbols.get(name).map_or(Resolution::Unknown, Resolution::of)
    }
}

/// The scopes of a program.
#[derive(Clone, Debug)]
pub struct SymbolTable {
    scopes: Vec<Scope>,
    /// The scope of each node that has one, by the node's address: the tree must stay where it is.
    by_node: HashMap<usize, ScopeId>,
}

impl SymbolTable {
    /// The scope of the whole program.
    pub const TOP: ScopeId = ScopeId(0);

    /// Makes the table of a tree; `limit` bounds the depth of the recursion.
    pub(crate) fn build(tree: &Mod, future: &Future, limit: u32) -> Result<SymbolTable, Fault> {
        let mut table = build::build(tree, future, limit)?;
        analyze::analyze(&mut table)?;
        Ok(table)
    }

    /// A scope.
    pub fn scope(&self, id: ScopeId) -> &Scope {
        // Ids are made only with the scope that they name, and scopes are never removed.
        &self.scopes[id.0 as usize]
    }

    pub(crate) fn scope_mut(&mut self, id: ScopeId) -> &mut Scope {
        &mut self.scopes[id.0 as usize]
    }

    /// The scope of a function or class definition.
    pub(crate) fn of_statement(&self, node: &Stmt) -> Result<ScopeId, Fault> {
        self.of_address(std::ptr::from_ref(node).addr())
    }

    /// The scope of a lambda or comprehension.
    pub(crate) fn of_expression(&self, node: &Expr) -> Result<ScopeId, Fault> {
        self.of_address(std::ptr::from_ref(node).addr())
    }

    fn of_address(&self, address: usize) -> Result<ScopeId, Fault> {
        self.by_node.get(&address).copied().ok_or(Fault::Internal("a node without a scope"))
    }
}
