//! Code objects as data: what the compiler makes, marshal stores and the runtime runs.
//!
//! The fields are those that CPython 3.11 keeps and marshals; what `types.CodeType` shows beyond
//! them (`co_varnames`, `co_nlocals` ...) is derived from `localsplusnames` and
//! `localspluskinds`, one entry for each slot of a frame: arguments and locals first (some of them
//! also cells), then the other cells, then the free variables.

use crate::{Constant, Instructions, Text};

/// Locals are slots of the frame rather than entries of a dictionary.
pub const CO_OPTIMIZED: u32 = 0x1;
/// A call makes new locals.
pub const CO_NEWLOCALS: u32 = 0x2;
/// There is a `*args` parameter.
pub const CO_VARARGS: u32 = 0x4;
/// There is a `**kwargs` parameter.
pub const CO_VARKEYWORDS: u32 = 0x8;
/// The function stands inside another function.
pub const CO_NESTED: u32 = 0x10;
/// A call makes a generator.
pub const CO_GENERATOR: u32 = 0x20;
/// A call makes a coroutine.
pub const CO_COROUTINE: u32 = 0x80;
/// A generator that can be awaited: `types.coroutine`.
pub const CO_ITERABLE_COROUTINE: u32 = 0x100;
/// A call makes an asynchronous generator.
pub const CO_ASYNC_GENERATOR: u32 = 0x200;
/// `from __future__ import division`
pub const CO_FUTURE_DIVISION: u32 = 0x2_0000;
/// `from __future__ import absolute_import`
pub const CO_FUTURE_ABSOLUTE_IMPORT: u32 = 0x4_0000;
/// `from __future__ import with_statement`
pub const CO_FUTURE_WITH_STATEMENT: u32 = 0x8_0000;
/// `from __future__ import print_function`
pub const CO_FUTURE_PRINT_FUNCTION: u32 = 0x10_0000;
/// `from __future__ import unicode_literals`
pub const CO_FUTURE_UNICODE_LITERALS: u32 = 0x20_0000;
/// `from __future__ import barry_as_FLUFL`
pub const CO_FUTURE_BARRY_AS_BDFL: u32 = 0x40_0000;
/// `from __future__ import generator_stop`
pub const CO_FUTURE_GENERATOR_STOP: u32 = 0x80_0000;
/// `from __future__ import annotations`
pub const CO_FUTURE_ANNOTATIONS: u32 = 0x100_0000;

/// Kind of a slot: an argument or a local variable (it may be a cell as well).
pub const CO_FAST_LOCAL: u8 = 0x20;
/// Kind of a slot: a cell that inner functions share.
pub const CO_FAST_CELL: u8 = 0x40;
/// Kind of a slot: a free variable, whose cell comes from the function's closure.
pub const CO_FAST_FREE: u8 = 0x80;

/// A code object. Field by field what CPython 3.11 marshals.
///
/// `==` compares every field; [`Code::equals`] is Python's equality.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Code {
    /// Number of parameters, positional-only ones included, keyword-only ones, `*args` and `**kwargs` not.
    pub argcount: u32,
    /// Number of positional-only parameters.
    pub posonlyargcount: u32,
    /// Number of keyword-only parameters.
    pub kwonlyargcount: u32,
    /// The deepest that the value stack gets.
    pub stacksize: u32,
    /// `CO_*` flags.
    pub flags: u32,
    /// The code units, unspecialised, cache entries zero.
    pub code: Box<[u8]>,
    /// Constants; for a function the first is its docstring or `None`.
    pub consts: Box<[Constant]>,
    /// Names of globals, attributes and imports.
    pub names: Box<[Text]>,
    /// Names of the frame's slots.
    pub localsplusnames: Box<[Text]>,
    /// Kinds of the frame's slots (`CO_FAST_*`), as many as there are names.
    pub localspluskinds: Box<[u8]>,
    /// Where the source is.
    pub filename: Text,
    /// The name.
    pub name: Text,
    /// The dotted path to the definition.
    pub qualname: Text,
    /// The line of the definition; what the line table counts from.
    pub firstlineno: i32,
    /// Locations; see [`crate::linetable`].
    pub linetable: Box<[u8]>,
    /// Handlers; see [`crate::exceptiontable`].
    pub exceptiontable: Box<[u8]>,
}

impl Code {
    /// The slots whose kind has one of `kinds`' bits, in order: index, name, kind.
    fn slots(&self, kinds: u8) -> impl Iterator<Item = (usize, &Text, u8)> {
        let slots = self.localsplusnames.iter().zip(&self.localspluskinds).enumerate();
        slots.map(|(index, (name, &kind))| (index, name, kind)).filter(move |slot| slot.2 & kinds != 0)
    }

    /// `co_varnames`: arguments and local variables.
    pub fn varnames(&self) -> impl Iterator<Item = &Text> {
        self.slots(CO_FAST_LOCAL).map(|slot| slot.1)
    }

    /// `co_cellvars`: variables that inner functions use.
    pub fn cellvars(&self) -> impl Iterator<Item = &Text> {
        self.slots(CO_FAST_CELL).map(|slot| slot.1)
    }

    /// `co_freevars`: variables of outer functions that this one uses.
    pub fn freevars(&self) -> impl Iterator<Item = &Text> {
        self.slots(CO_FAST_FREE).map(|slot| slot.1)
    }

    /// `co_nlocals`: the number of arguments and local variables.
    pub fn nlocals(&self) -> usize {
        self.varnames().count()
    }

    /// The number of `co_cellvars`.
    pub fn ncellvars(&self) -> usize {
        self.cellvars().count()
    }

    /// The number of `co_freevars`.
    pub fn nfreevars(&self) -> usize {
        self.freevars().count()
    }

    /// The number of slots of a frame before its value stack.
    pub fn nlocalsplus(&self) -> usize {
        self.localsplusnames.len()
    }

    /// The number of slots that a call fills: all parameters, `*args` and `**kwargs` included.
    pub fn parameters(&self) -> usize {
        let flag = |flag| usize::from(self.flags & flag != 0);
        (self.argcount as usize)
            .saturating_add(self.kwonlyargcount as usize)
            .saturating_add(flag(CO_VARARGS) + flag(CO_VARKEYWORDS))
    }

    /// Whether a call makes a generator, a coroutine or an asynchronous generator.
    pub fn is_generator(&self) -> bool {
        self.flags & (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR) != 0
    }

    /// The instructions, cache entries skipped.
    pub fn instructions(&self) -> Instructions<'_> {
        Instructions::new(&self.code)
    }

    /// The code objects among the constants.
    pub fn children(&self) -> impl Iterator<Item = &std::sync::Arc<Code>> {
        self.consts.iter().filter_map(|constant| match constant {
            Constant::Code(code) => Some(code),
            _ => None,
        })
    }

    /// Python's `==` on code objects. The file name, the qualified name and the size of the stack
    /// do not count.
    pub fn equals(&self, other: &Code) -> bool {
        self.name == other.name
            && self.argcount == other.argcount
            && self.posonlyargcount == other.posonlyargcount
            && self.kwonlyargcount == other.kwonlyargcount
            && self.flags == other.flags
            && self.firstlineno == other.firstlineno
            && self.code == other.code
            && self.names == other.names
            && self.localsplusnames == other.localsplusnames
            && self.linetable == other.linetable
            && self.exceptiontable == other.exceptiontable
            && self.consts == other.consts
    }
}
