//! A code object while it is made: its graph, its tables and where the walk stands in it.

use std::sync::Arc;

use habu_bytecode::code::{self, CO_FAST_CELL, CO_FAST_FREE, CO_FAST_LOCAL};
use habu_bytecode::{Code, Constant, Text};

use super::unwind::Block;
use super::{INHERITED, Program};
use crate::ast::Name;
use crate::constants::{ConstantTable, IndexTable};
use crate::error::Fault;
use crate::flowgraph::{CodeShape, Graph, Instr, Location, Op};
use crate::symtable::{DEF_FREE_CLASS, Resolution, Scope, ScopeId, ScopeKind, mangle};

/// What a code object is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UnitKind {
    Module,
    Class,
    Function,
    AsyncFunction,
    Lambda,
    Comprehension,
}

/// A code object while it is made.
pub(super) struct Unit<'a> {
    pub(super) kind: UnitKind,
    pub(super) scope: ScopeId,
    /// Whether the scope is a function's.
    pub(super) in_function: bool,
    pub(super) is_generator: bool,
    /// Set for a module too, where it awaits at the top level.
    pub(super) is_coroutine: bool,
    pub(super) name: Name,
    pub(super) qualname: String,
    /// The class whose private names are mangled.
    pub(super) class: Option<Name>,
    pub(super) graph: Graph,
    pub(super) constants: ConstantTable,
    pub(super) names: IndexTable<Name>,
    pub(super) varnames: IndexTable<Name>,
    pub(super) cellvars: IndexTable<Name>,
    /// Their indices count on from those of the cell variables.
    pub(super) freevars: IndexTable<Name>,
    pub(super) argcount: usize,
    pub(super) posonlyargcount: usize,
    pub(super) kwonlyargcount: usize,
    pub(super) first_line: i32,
    /// The location of the instructions to come.
    pub(super) at: Location,
    /// The statements around the walk that a jump out has to leave in order, the innermost last.
    pub(super) blocks: Vec<Block<'a>>,
}

impl<'a> Unit<'a> {
    /// Starts a code object inside `outer`.
    pub(super) fn new(
        program: &Program<'_>,
        id: ScopeId,
        kind: UnitKind,
        name: Name,
        line: i32,
        outer: Option<(&Unit<'a>, bool)>,
    ) -> Unit<'a> {
        let scope = program.table.scope(id);
        let mut varnames = IndexTable::default();
        for name in &scope.varnames {
            varnames.add(name.clone());
        }
        let mut cellvars = sorted(scope, |resolution, _| resolution == Resolution::Cell);
        if scope.needs_class_cell {
            cellvars.add("__class__".into());
        }
        let freevars = sorted(scope, |resolution, flags| resolution == Resolution::Free || flags & DEF_FREE_CLASS != 0);
        let qualname = match outer {
            Some((outer, outer_is_top)) => qualified(program, outer, outer_is_top, kind, &name),
            None => name.to_string(),
        };
        Unit {
            kind,
            scope: id,
            in_function: scope.kind == ScopeKind::Function,
            is_generator: scope.is_generator,
            is_coroutine: scope.is_coroutine,
            name,
            qualname,
            class: outer.and_then(|(outer, _)| outer.class.clone()),
            graph: Graph::new(),
            constants: ConstantTable::default(),
            names: IndexTable::default(),
            varnames,
            cellvars,
            freevars,
            argcount: 0,
            posonlyargcount: 0,
            kwonlyargcount: 0,
            first_line: line,
            at: Location { line, end_line: line, column: 0, end_column: 0 },
            blocks: Vec::new(),
        }
    }

    /// The `CO_*` flags.
    fn flags(&self, program: &Program<'_>) -> u32 {
        let scope = program.table.scope(self.scope);
        let mut flags = program.flags & INHERITED;
        if self.in_function {
            let also = |condition: bool, flag: u32| if condition { flag } else { 0 };
            flags |= code::CO_OPTIMIZED | code::CO_NEWLOCALS;
            flags |= also(scope.nested, code::CO_NESTED);
            flags |= also(scope.has_varargs, code::CO_VARARGS);
            flags |= also(scope.has_varkeywords, code::CO_VARKEYWORDS);
            flags |= match (self.is_generator, self.is_coroutine) {
                (true, true) => code::CO_ASYNC_GENERATOR,
                (true, false) => code::CO_GENERATOR,
                (false, true) => code::CO_COROUTINE,
                (false, false) => 0,
            };
        } else if self.kind == UnitKind::Module
            && program.flags & super::ALLOW_TOP_LEVEL_AWAIT != 0
            && self.is_coroutine
            && !self.is_generator
        {
            flags |= code::CO_COROUTINE;
        }
        flags
    }

    /// Makes the code object. `adds_none` says what it returns where it ends without a `return`: `None`, or else the value on
    /// top of the stack.
    pub(super) fn finish(mut self, program: &Program<'_>, adds_none: bool) -> Result<Arc<Code>, Fault> {
        if !self.graph.returns() {
            if adds_none {
                let none = self.constants.add(Constant::None);
                self.graph.push(Instr::new(Op::LoadConst, none, Location::NONE));
            }
            self.graph.push(Instr::new(Op::ReturnValue, 0, Location::NONE));
        }
        let flags = self.flags(program);
        let generator = code::CO_GENERATOR | code::CO_COROUTINE | code::CO_ASYNC_GENERATOR;
        let cells: Vec<Option<u32>> = self.cellvars.iter().map(|name| self.varnames.index_of(&**name)).collect();
        let count = |length: usize| u32::try_from(length).map_err(|_| Fault::TooLarge);
        let shape = CodeShape {
            first_line: self.first_line,
            is_generator: flags & generator != 0,
            locals: count(self.varnames.len())?,
            cells: &cells,
            frees: count(self.freevars.len())?,
        };
        let graph = std::mem::replace(&mut self.graph, Graph::new());
        let assembled = graph.finish(&shape, &mut self.constants)?;
        let (localsplusnames, localspluskinds) = self.slots(&cells);
        let text = |name: &Name| Text::from(name.as_str());
        Ok(Arc::new(Code {
            argcount: count(self.posonlyargcount + self.argcount)?,
            posonlyargcount: count(self.posonlyargcount)?,
            kwonlyargcount: count(self.kwonlyargcount)?,
            stacksize: assembled.stack_size,
            flags,
            code: assembled.code.into(),
            consts: self.constants.into_items().into(),
            names: self.names.iter().map(text).collect(),
            localsplusnames,
            localspluskinds,
            filename: program.filename.clone(),
            name: text(&self.name),
            qualname: Text::from(self.qualname),
            firstlineno: self.first_line,
            linetable: assembled.line_table,
            exceptiontable: assembled.exception_table,
        }))
    }

    /// The names and kinds of the frame's slots.
    fn slots(&self, cells: &[Option<u32>]) -> (Box<[Text]>, Box<[u8]>) {
        let mut slots: Vec<(&Name, u8)> = self.varnames.iter().map(|name| (name, CO_FAST_LOCAL)).collect();
        for (name, local) in self.cellvars.iter().zip(cells) {
            match local.and_then(|local| slots.get_mut(local as usize)) {
                Some(slot) => slot.1 |= CO_FAST_CELL,
                None => slots.push((name, CO_FAST_CELL)),
            }
        }
        slots.extend(self.freevars.iter().map(|name| (name, CO_FAST_FREE)));
        let names = slots.iter().map(|(name, _)| Text::from(name.as_str())).collect();
        (names, slots.iter().map(|slot| slot.1).collect())
    }
}

/// The names of a scope that are wanted, in alphabetical order.
fn sorted(scope: &Scope, wanted: impl Fn(Resolution, u32) -> bool) -> IndexTable<Name> {
    let all = scope.symbols.iter();
    let mut names: Vec<&Name> =
        all.filter(|&(_, flags)| wanted(Resolution::of(flags), flags)).map(|(name, _)| name).collect();
    names.sort_unstable();
    let mut table = IndexTable::default();
    for name in names {
        table.add(name.clone());
    }
    table
}

/// The dotted path to a definition inside `outer`.
fn qualified(program: &Program<'_>, outer: &Unit<'_>, outer_is_top: bool, kind: UnitKind, name: &Name) -> String {
    if outer_is_top {
        return name.to_string();
    }
    if matches!(kind, UnitKind::Function | UnitKind::AsyncFunction | UnitKind::Class) {
        let mangled = mangle(outer.class.as_ref(), name);
        // A definition that is declared global belongs to the module.
        if program.table.scope(outer.scope).resolve(&mangled) == Resolution::GlobalExplicit {
            return name.to_string();
        }
    }
    match outer.kind {
        UnitKind::Function | UnitKind::AsyncFunction | UnitKind::Lambda => {
            format!("{}.<locals>.{name}", outer.qualname)
        }
        UnitKind::Module | UnitKind::Class | UnitKind::Comprehension => format!("{}.{name}", outer.qualname),
    }
}
