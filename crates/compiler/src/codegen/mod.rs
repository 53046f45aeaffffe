//! From the tree to instructions: one walk, which makes a control-flow graph for each code object.
//!
//! [`Compiler`] holds what the whole program shares, and a stack of [`Unit`]s: the code objects that are being made, the
//! innermost last. Every instruction gets the location that is current in its unit. Visiting an expression sets the location
//! and puts the old one back; visiting a statement sets it and leaves it.
//!
//! CPython's counterpart is the first half of `compile.c`.

mod assignment;
mod call;
mod checks;
mod comprehension;
mod control;
mod expression;
mod function;
mod handlers;
mod import;
mod names;
mod pattern;
mod sequence;
mod statement;
mod test;
mod unit;
mod unwind;
mod with;

use std::collections::HashMap;
use std::sync::Arc;

use habu_bytecode::code;
use habu_bytecode::{Code, Constant, Text};

use crate::ast::{Expr, ExprKind, Mod, Stmt, StmtKind};
use crate::error::{Category, Fault, Warning, syntax_error};
use crate::flowgraph::{Arg, BlockId, Instr, Location, Op};
use crate::future::Future;
use crate::symtable::SymbolTable;
use unit::{Unit, UnitKind};

/// `compile()`'s flag that allows `await` at the top level.
pub(crate) const ALLOW_TOP_LEVEL_AWAIT: u32 = 0x2000;

/// The flags that code objects inherit from the program.
const INHERITED: u32 = code::CO_FUTURE_DIVISION
    | code::CO_FUTURE_ABSOLUTE_IMPORT
    | code::CO_FUTURE_WITH_STATEMENT
    | code::CO_FUTURE_PRINT_FUNCTION
    | code::CO_FUTURE_UNICODE_LITERALS
    | code::CO_FUTURE_BARRY_AS_BDFL
    | code::CO_FUTURE_GENERATOR_STOP
    | code::CO_FUTURE_ANNOTATIONS;

/// A sequence or a call with more elements than this is built step by step, to spare the value stack.
const MOST_ON_STACK: usize = 30;

type Done = Result<(), Fault>;

/// What the code of a program depends on besides its tree.
pub(crate) struct Program<'a> {
    /// The symbol table of the tree.
    pub(crate) table: &'a SymbolTable,
    /// What the future statements say, with the features that were on from the start.
    pub(crate) future: Future,
    /// The flags of `compile()`.
    pub(crate) flags: u32,
    /// The optimisation level: 0, 1 (no `assert`) or 2 (no docstrings either).
    pub(crate) optimize: i8,
    /// `co_filename`.
    pub(crate) filename: Text,
}

/// The walk.
struct Compiler<'a> {
    program: Program<'a>,
    /// The code objects that are being made; empty only at the very start and end.
    outer: Vec<Unit<'a>>,
    unit: Unit<'a>,
    interactive: bool,
    warnings: Vec<Warning>,
    /// The first frozen set of each value: later equal ones are the same object.
    sets: HashMap<Constant, Constant>,
}

/// Makes the code object of a program.
pub(crate) fn generate(tree: &Mod, program: Program<'_>, warnings: &mut Vec<Warning>) -> Result<Code, Fault> {
    let unit = Unit::new(&program, SymbolTable::TOP, UnitKind::Module, "<module>".into(), 1, None);
    let mut compiler =
        Compiler { program, outer: Vec::new(), unit, interactive: false, warnings: Vec::new(), sets: HashMap::new() };
    compiler.start_unit();
    let adds_none = compiler.module(tree);
    // What is wrong is told after what was warned of until then.
    warnings.append(&mut compiler.warnings);
    let adds_none = adds_none?;
    let mut code = None;
    let unit = compiler.unit;
    let finished = unit.finish(&compiler.program, adds_none)?;
    code.replace(finished);
    let code = code.ok_or(Fault::Internal("no code"))?;
    Ok(Arc::unwrap_or_clone(code))
}

/// The text of a docstring.
fn docstring(body: &[Stmt]) -> Option<&Text> {
    match &body.first()?.kind {
        StmtKind::Expr { value } => match &value.kind {
            ExprKind::Constant { value: Constant::Str(text), .. } => Some(text),
            _ => None,
        },
        _ => None,
    }
}

impl<'a> Compiler<'a> {
    /// Compiles the whole tree; answers whether the code ends with `return None`.
    fn module(&mut self, tree: &'a Mod) -> Result<bool, Fault> {
        self.unit.at = Location { line: 1, ..self.unit.at };
        match tree {
            Mod::Module { body, .. } => {
                self.body(body)?;
                Ok(true)
            }
            Mod::Interactive { body } => {
                if statement::has_annotation(body) {
                    self.emit(Op::SetupAnnotations, 0);
                }
                self.interactive = true;
                self.statements(body)?;
                Ok(true)
            }
            Mod::Expression { body } => {
                self.expression(body)?;
                Ok(false)
            }
            Mod::FunctionType { .. } => Err(Fault::Internal("a function type is no program")),
        }
    }

    /// The body of a module or class: annotations, docstring, statements.
    fn body(&mut self, body: &'a [Stmt]) -> Done {
        if let (UnitKind::Module, Some(first)) = (self.unit.kind, body.first()) {
            self.unit.at = first.location.into();
        }
        if statement::has_annotation(body) {
            self.emit(Op::SetupAnnotations, 0);
        }
        let Some((first, rest)) = body.split_first() else { return Ok(()) };
        if self.program.optimize < 2
            && docstring(body).is_some()
            && let StmtKind::Expr { value } = &first.kind
        {
            self.expression(value)?;
            self.unit.at = Location::NONE;
            self.store_name(&"__doc__".into())?;
            return self.statements(rest);
        }
        self.statements(body)
    }

    /// Opens a code object inside the current one.
    fn push_unit(&mut self, unit: Unit<'a>) {
        let outer = std::mem::replace(&mut self.unit, unit);
        self.outer.push(outer);
        self.start_unit();
    }

    /// The first instruction of every code object.
    fn start_unit(&mut self) {
        if self.unit.kind == UnitKind::Module {
            self.unit.at.line = 0;
            self.emit(Op::Resume, 0);
            self.unit.at.line = -1;
        } else {
            self.emit(Op::Resume, 0);
        }
    }

    /// Finishes the current code object and goes back to the one around it.
    fn pop_unit(&mut self, adds_none: bool) -> Result<Arc<Code>, Fault> {
        let outer = self.outer.pop().ok_or(Fault::Internal("no code object around this one"))?;
        let unit = std::mem::replace(&mut self.unit, outer);
        unit.finish(&self.program, adds_none)
    }

    /// Appends an instruction.
    fn emit(&mut self, op: Op, arg: Arg) {
        let at = self.unit.at;
        self.unit.graph.push(Instr::new(op, arg, at));
    }

    /// Appends an instruction with a count as its argument.
    fn emit_count(&mut self, op: Op, count: usize) {
        self.emit(op, Arg::try_from(count).unwrap_or(Arg::MAX));
    }

    /// Appends an instruction without a location.
    fn emit_unlocated(&mut self, op: Op, arg: Arg) {
        self.unit.graph.push(Instr::new(op, arg, Location::NONE));
    }

    /// Appends a jump, or the opening of a region whose handler is `target`.
    fn emit_jump(&mut self, op: Op, target: BlockId) {
        let at = self.unit.at;
        self.unit.graph.push(Instr { target: Some(target), ..Instr::new(op, 0, at) });
    }

    /// Appends a jump without a location.
    fn emit_unlocated_jump(&mut self, op: Op, target: BlockId) {
        self.unit.graph.push(Instr { target: Some(target), ..Instr::new(op, 0, Location::NONE) });
    }

    /// Appends the loading of a constant.
    fn load_constant(&mut self, constant: Constant) {
        let index = self.add_constant(constant);
        self.emit(Op::LoadConst, index);
    }

    /// The index of a constant.
    fn add_constant(&mut self, constant: Constant) -> Arg {
        let constant = match constant {
            Constant::FrozenSet(_) => self.sets.entry(constant).or_insert_with_key(Clone::clone).clone(),
            other => other,
        };
        self.unit.constants.add_constant(constant)
    }

    fn new_block(&mut self) -> BlockId {
        self.unit.graph.new_block()
    }

    fn use_block(&mut self, block: BlockId) {
        self.unit.graph.use_block(block);
    }

    /// What follows is invented: it has no location.
    fn unlocate(&mut self) {
        self.unit.at = Location::NONE;
    }

    /// A syntax error at the current location.
    fn error<T>(&self, message: impl Into<String>) -> Result<T, Fault> {
        Err(Fault::syntax(message, self.unit.at))
    }

    /// A warning at the current location.
    fn warn(&mut self, message: impl Into<String>) {
        let message = message.into();
        let at = self.unit.at;
        self.warnings.push(Warning {
            category: Category::Syntax,
            message: message.clone(),
            line: u32::try_from(at.line).unwrap_or(0),
            error: syntax_error(message, at),
        });
    }

    /// Whether `await` may stand outside of functions.
    fn allows_top_level_await(&self) -> bool {
        self.program.flags & ALLOW_TOP_LEVEL_AWAIT != 0 && self.unit.kind == UnitKind::Module
    }

    /// The kind of the scope of the current code object is a function's.
    fn in_function(&self) -> bool {
        self.unit.in_function
    }

    /// Awaits the value on top of the stack: runs it until it is done, yielding what it yields. `kind` is what
    /// `GET_AWAITABLE` shows in its error message.
    fn emit_await(&mut self, kind: Arg) {
        self.emit(Op::GetAwaitable, kind);
        self.load_constant(Constant::None);
        self.emit_yield_from(true);
    }

    /// Sends values into the iterator below the top of the stack until it is done.
    fn emit_yield_from(&mut self, awaits: bool) {
        let start = self.new_block();
        let resume = self.new_block();
        let exit = self.new_block();
        self.use_block(start);
        self.emit_jump(Op::Send, exit);
        self.use_block(resume);
        self.emit(Op::YieldValue, 0);
        self.emit(Op::Resume, if awaits { 3 } else { 2 });
        self.emit_jump(Op::JumpNoInterrupt, start);
        self.use_block(exit);
    }

    /// Yields the value on top of the stack.
    fn emit_yield(&mut self) {
        if self.unit.is_generator && self.unit.is_coroutine {
            self.emit(Op::AsyncGenWrap, 0);
        }
        self.emit(Op::YieldValue, 0);
        self.emit(Op::Resume, 1);
    }

    fn statements(&mut self, statements: &'a [Stmt]) -> Done {
        statements.iter().try_for_each(|statement| self.statement(statement))
    }

    fn expressions(&mut self, expressions: &'a [Expr]) -> Done {
        expressions.iter().try_for_each(|expression| self.expression(expression))
    }
}
