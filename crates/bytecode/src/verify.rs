//! A verifier: what must hold of a code object for an interpreter to run it without checks.
//!
//! CPython trusts its `.pyc` files. Habu need not: [`verify`] takes time linear in the size of the
//! code, and guarantees of what passes that
//!
//! - every instruction is known and unspecialised, with its operand in range and its cache
//!   entries there and zero;
//! - jumps, and handlers, lead to the start of an instruction after the prologue;
//! - the depth of the stack at each reachable instruction is one number, never less than what the
//!   instruction looks at and never more than `stacksize`;
//! - no instruction finds a null on the stack but where it expects one, and those that fill a container
//!   that the code itself has made find a list, a set or a dictionary there (see `flow`);
//! - control does not run off the end;
//! - cells exist before they are used: the prologue (`COPY_FREE_VARS`, `MAKE_CELL`,
//!   `RETURN_GENERATOR`) makes them all, and none of its instructions stands elsewhere;
//! - `PRECALL` and `CALL` come in pairs with the same count, `KW_NAMES` before such a pair
//!   with no more names than arguments;
//! - generators start with `RETURN_GENERATOR`, and only they suspend.
//!
//! It does not prove other types of what is on the stack (that `MAKE_FUNCTION` finds code), nor that `LOAD_FAST`
//! finds a bound local: the interpreter checks those as it runs.

use std::fmt;

use crate::opcode::{BINARY_OPS, COMPARE_OPS};
use crate::{Code, Constant, Instruction, Instructions, Opcode, Operand, Text, code, linetable};

mod flow;

/// What is wrong with a code object, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifyError {
    /// The qualified name of the code object.
    pub qualname: Text,
    /// The byte offset of the instruction, where it is about one.
    pub offset: Option<usize>,
    /// What is wrong.
    pub problem: Problem,
}

/// What can be wrong with a code object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "`Display` says what each means")]
pub enum Problem {
    OddLength,
    UnknownOpcode,
    SpecialisedOpcode,
    LongExtendedArg,
    DanglingExtendedArg,
    BadCache,
    OperandRange,
    ConstantRange,
    NameRange,
    LocalRange,
    LocalKind,
    JumpTarget,
    OffTheEnd,
    StackUnderflow,
    StackOverflow,
    StackMismatch,
    StackKind,
    TooComplex,
    ReturnDepth,
    HandlerTable,
    HandlerTarget,
    HandlerDepth,
    Prologue,
    GeneratorFlags,
    CallPair,
    KeywordNames,
    Locals,
    Parameters,
    FrameSize,
    LineTable,
}

impl Problem {
    /// Whether only running the code would show the problem: it is of its instructions or handlers, not of its tables.
    pub fn is_of_instructions(self) -> bool {
        !matches!(
            self,
            Problem::OddLength | Problem::Locals | Problem::Parameters | Problem::FrameSize | Problem::LineTable
        )
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Problem::OddLength => "the length of the code is odd",
            Problem::UnknownOpcode => "unknown instruction",
            Problem::SpecialisedOpcode => "specialised instruction",
            Problem::LongExtendedArg => "more than three EXTENDED_ARG in a row",
            Problem::DanglingExtendedArg => "EXTENDED_ARG at the end",
            Problem::BadCache => "cache entries are missing or not zero",
            Problem::OperandRange => "operand out of range",
            Problem::ConstantRange => "no such constant",
            Problem::NameRange => "no such name",
            Problem::LocalRange => "no such local",
            Problem::LocalKind => "local of the wrong kind",
            Problem::JumpTarget => "jump to what is no instruction",
            Problem::OffTheEnd => "control runs off the end",
            Problem::StackUnderflow => "stack underflow",
            Problem::StackOverflow => "stack deeper than co_stacksize",
            Problem::StackMismatch => "different depths of the stack",
            Problem::StackKind => "null or a wrong container on the stack",
            Problem::TooComplex => "too many states of the stack",
            Problem::ReturnDepth => "return with more than one value on the stack",
            Problem::HandlerTable => "malformed exception table",
            Problem::HandlerTarget => "handler at what is no instruction",
            Problem::HandlerDepth => "handler deeper than the stack",
            Problem::Prologue => "cells are not made first",
            Problem::GeneratorFlags => "flags do not fit the instructions of a generator",
            Problem::CallPair => "PRECALL and CALL do not pair",
            Problem::KeywordNames => "KW_NAMES does not fit its call",
            Problem::Locals => "malformed locals",
            Problem::Parameters => "more parameters than locals",
            Problem::FrameSize => "frame too large",
            Problem::LineTable => "malformed line table",
        })
    }
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.qualname, self.problem)?;
        match self.offset {
            Some(offset) => write!(f, " at {offset}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for VerifyError {}

/// A problem and the byte offset of the instruction that has it.
pub type At = (Problem, Option<usize>);

/// What the verifier looks at of one code object, borrowed from wherever it is.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// Number of positional parameters.
    pub argcount: u32,
    /// Number of positional-only parameters.
    pub posonlyargcount: u32,
    /// Number of keyword-only parameters.
    pub kwonlyargcount: u32,
    /// `co_stacksize`
    pub stacksize: u32,
    /// `CO_*`
    pub flags: u32,
    /// The instructions.
    pub code: &'a [u8],
    /// How many constants there are.
    pub consts: usize,
    /// The length of the constant of that index, if it is a tuple of strings.
    pub keyword_names: &'a dyn Fn(usize) -> Option<usize>,
    /// How many names there are.
    pub names: usize,
    /// How many names of slots there are.
    pub slots: usize,
    /// The kinds of the slots.
    pub kinds: &'a [u8],
    /// `co_linetable`
    pub linetable: &'a [u8],
    /// `co_exceptiontable`
    pub exceptiontable: &'a [u8],
}

impl Subject<'_> {
    fn count(&self, kind: u8) -> usize {
        self.kinds.iter().filter(|known| **known & kind != 0).count()
    }

    /// Whether a call makes a generator, a coroutine or an asynchronous generator.
    fn is_generator(&self) -> bool {
        self.flags & (code::CO_GENERATOR | code::CO_COROUTINE | code::CO_ASYNC_GENERATOR) != 0
    }
}

/// Verifies a code object and all those among its constants.
pub fn verify(code: &Code) -> Result<(), VerifyError> {
    let mut codes = vec![code];
    let mut constants = Vec::new();
    while let Some(code) = codes.pop() {
        let keyword_names = |index: usize| match code.consts.get(index) {
            Some(Constant::Tuple(names)) if names.iter().all(|name| matches!(name, Constant::Str(_))) => {
                Some(names.len())
            }
            _ => None,
        };
        let subject = Subject {
            argcount: code.argcount,
            posonlyargcount: code.posonlyargcount,
            kwonlyargcount: code.kwonlyargcount,
            stacksize: code.stacksize,
            flags: code.flags,
            code: &code.code,
            consts: code.consts.len(),
            keyword_names: &keyword_names,
            names: code.names.len(),
            slots: code.localsplusnames.len(),
            kinds: &code.localspluskinds,
            linetable: &code.linetable,
            exceptiontable: &code.exceptiontable,
        };
        verify_one(&subject).map_err(|(problem, offset)| VerifyError {
            qualname: code.qualname.clone(),
            offset,
            problem,
        })?;
        constants.extend(&code.consts);
        while let Some(constant) = constants.pop() {
            match constant {
                Constant::Code(inner) => codes.push(inner),
                Constant::Tuple(items) | Constant::FrozenSet(items) => constants.extend(items),
                _ => {}
            }
        }
    }
    Ok(())
}

/// Verifies one code object; those among its constants are not looked at.
pub fn verify_one(code: &Subject<'_>) -> Result<(), At> {
    verify_outline(code)?;
    verify_instructions(code)
}

/// The first half of `verify_one`: what must hold of a code object that is only looked at, not run. Its object is laid out
/// in whole code units, so this stands before it is made.
pub fn verify_outline(code: &Subject<'_>) -> Result<(), At> {
    if !code.code.len().is_multiple_of(2) || code.code.len() / 2 >= NO_START as usize {
        return Err((Problem::OddLength, None));
    }
    verify_locals(code).map_err(|problem| (problem, None))?;
    if linetable::is_well_formed(code.linetable) { Ok(()) } else { Err((Problem::LineTable, None)) }
}

/// The other half: that the instructions may run.
pub fn verify_instructions(code: &Subject<'_>) -> Result<(), At> {
    let body = Body::decode(code)?;
    body.verify_prologue()?;
    for index in 0..body.instructions.len() {
        body.verify_instruction(index).map_err(|problem| (problem, body.offset(index)))?;
    }
    flow::Flow::new(&body)?.run()
}

/// The frame's slots: as many names as kinds, locals before cells before free variables, and
/// enough locals for the parameters.
fn verify_locals(code: &Subject<'_>) -> Result<(), Problem> {
    const LOCAL_CELL: u8 = code::CO_FAST_LOCAL | code::CO_FAST_CELL;
    if code.slots != code.kinds.len() {
        return Err(Problem::Locals);
    }
    let mut previous = 0;
    for &kind in code.kinds {
        let order = match kind {
            code::CO_FAST_LOCAL | LOCAL_CELL => 0,
            code::CO_FAST_CELL => 1,
            code::CO_FAST_FREE => 2,
            _ => return Err(Problem::Locals),
        };
        if order < previous {
            return Err(Problem::Locals);
        }
        previous = order;
    }
    let flag = |flag| usize::from(code.flags & flag != 0);
    let parameters = (code.argcount as usize)
        .saturating_add(code.kwonlyargcount as usize)
        .saturating_add(flag(code::CO_VARARGS) + flag(code::CO_VARKEYWORDS));
    if code.posonlyargcount > code.argcount || parameters > code.count(code::CO_FAST_LOCAL) {
        return Err(Problem::Parameters);
    }
    let size = (code.slots as u64).saturating_add(code.stacksize.into());
    if size > i32::MAX as u64 / 8 { Err(Problem::FrameSize) } else { Ok(()) }
}

/// The decoded instructions of a code object.
struct Body<'a> {
    code: &'a Subject<'a>,
    instructions: Vec<(Opcode, Instruction)>,
    /// For each code unit the index of the instruction that starts there, or `NO_START`.
    starts: Vec<u32>,
    /// The index of the first instruction after the prologue.
    first: usize,
}

/// No instruction starts at a code unit.
const NO_START: u32 = u32::MAX;

impl<'a> Body<'a> {
    fn decode(code: &'a Subject<'a>) -> Result<Body<'a>, At> {
        let mut instructions = Vec::with_capacity(code.code.len() / 4);
        let mut starts = vec![NO_START; code.code.len() / 2];
        for instruction in Instructions::new(code.code) {
            let at = |problem| (problem, Some(instruction.offset));
            let op = instruction.op().ok_or(at(Problem::UnknownOpcode))?;
            if op.is_specialised() {
                return Err(at(Problem::SpecialisedOpcode));
            }
            match op {
                Opcode::Cache => return Err(at(Problem::UnknownOpcode)),
                Opcode::ExtendedArg => return Err(at(Problem::DanglingExtendedArg)),
                _ if instruction.offset - instruction.start > 6 => return Err(at(Problem::LongExtendedArg)),
                _ => {}
            }
            match code.code.get(instruction.offset + 2..instruction.end) {
                Some(caches) if caches.iter().all(|&byte| byte == 0) => {}
                _ => return Err(at(Problem::BadCache)),
            }
            if let Some(start) = starts.get_mut(instruction.start / 2) {
                *start = instructions.len() as u32;
            }
            instructions.push((op, instruction));
        }
        let first = prologue_length(&instructions);
        Ok(Body { code, instructions, starts, first })
    }

    fn offset(&self, index: usize) -> Option<usize> {
        Some(self.instructions.get(index)?.1.offset)
    }

    /// The index of the instruction after the prologue that starts at a byte offset.
    fn index_at(&self, offset: usize) -> Option<usize> {
        let index = *self.starts.get(offset / 2)?;
        (index != NO_START && offset.is_multiple_of(2) && index as usize >= self.first).then_some(index as usize)
    }

    /// The prologue makes all cells, takes all free variables, and makes a generator if it is one.
    fn verify_prologue(&self) -> Result<(), At> {
        let prologue = self.instructions.iter().take(self.first);
        let mut missing: Vec<bool> = self.code.kinds.iter().map(|kind| kind & code::CO_FAST_CELL != 0).collect();
        let all_free = self.code.count(code::CO_FAST_FREE);
        let mut free = 0;
        let mut generator = false;
        for (op, instruction) in prologue {
            match op {
                Opcode::MakeCell => {
                    if let Some(slot) = missing.get_mut(instruction.arg as usize) {
                        *slot = false;
                    }
                }
                // More than there are would be counted from before the first slot.
                Opcode::CopyFreeVars if instruction.arg as usize != all_free => {
                    return Err((Problem::Prologue, Some(instruction.offset)));
                }
                Opcode::CopyFreeVars => free = instruction.arg as usize,
                Opcode::ReturnGenerator => generator = true,
                _ => {}
            }
        }
        if missing.contains(&true) || free != all_free {
            return Err((Problem::Prologue, None));
        }
        if generator != self.code.is_generator() { Err((Problem::GeneratorFlags, None)) } else { Ok(()) }
    }

    fn verify_instruction(&self, index: usize) -> Result<(), Problem> {
        let Some(&(op, instruction)) = self.instructions.get(index) else {
            return Ok(());
        };
        let arg = instruction.arg as usize;
        match op.operand() {
            Operand::None => {}
            Operand::Number => verify_number(op, instruction.arg)?,
            Operand::Const if arg >= self.code.consts => return Err(Problem::ConstantRange),
            Operand::Name if arg >= self.code.names => return Err(Problem::NameRange),
            Operand::NameWithNull if arg >> 1 >= self.code.names => return Err(Problem::NameRange),
            Operand::Const | Operand::Name | Operand::NameWithNull => {}
            Operand::Local | Operand::Free => {
                let kind = *self.code.kinds.get(arg).ok_or(Problem::LocalRange)?;
                let fits = match op {
                    Opcode::MakeCell => kind & code::CO_FAST_CELL != 0,
                    _ if op.has_local() => kind == code::CO_FAST_LOCAL,
                    _ => kind & (code::CO_FAST_CELL | code::CO_FAST_FREE) != 0,
                };
                if !fits {
                    return Err(Problem::LocalKind);
                }
            }
            Operand::Compare if arg >= COMPARE_OPS.len() => return Err(Problem::OperandRange),
            Operand::Binary if arg >= BINARY_OPS.len() => return Err(Problem::OperandRange),
            Operand::Compare | Operand::Binary => {}
            Operand::Forward | Operand::Backward => {
                let target = instruction.target().ok_or(Problem::JumpTarget)?;
                self.index_at(target).ok_or(Problem::JumpTarget)?;
            }
        }
        self.verify_context(index, op, instruction.arg)
    }

    /// What an instruction demands of its neighbours and of its place.
    fn verify_context(&self, index: usize, op: Opcode, arg: u32) -> Result<(), Problem> {
        let next = self.instructions.get(index + 1).map(|(op, instruction)| (*op, instruction.arg));
        let previous = index.checked_sub(1).and_then(|index| self.instructions.get(index)).map(|pair| pair.0);
        match op {
            Opcode::MakeCell | Opcode::CopyFreeVars | Opcode::ReturnGenerator if index >= self.first => {
                Err(Problem::Prologue)
            }
            Opcode::Precall if next != Some((Opcode::Call, arg)) => Err(Problem::CallPair),
            Opcode::Call if previous != Some(Opcode::Precall) => Err(Problem::CallPair),
            Opcode::KwNames => match (next, (self.code.keyword_names)(arg as usize)) {
                (Some((Opcode::Precall, count)), Some(names)) if names <= count as usize => Ok(()),
                _ => Err(Problem::KeywordNames),
            },
            Opcode::YieldValue | Opcode::AsyncGenWrap | Opcode::Send if !self.code.is_generator() => {
                Err(Problem::GeneratorFlags)
            }
            _ => Ok(()),
        }
    }
}

/// How many instructions the prologue has.
fn prologue_length(instructions: &[(Opcode, Instruction)]) -> usize {
    let mut generator = false;
    let in_prologue = |(op, _): &&(Opcode, Instruction)| match op {
        Opcode::MakeCell | Opcode::CopyFreeVars if !generator => true,
        Opcode::ReturnGenerator if !generator => {
            generator = true;
            true
        }
        _ => false,
    };
    instructions.iter().take_while(in_prologue).count()
}

/// The range of an operand that is a number.
fn verify_number(op: Opcode, arg: u32) -> Result<(), Problem> {
    let range = match op {
        Opcode::IsOp | Opcode::ContainsOp | Opcode::CallFunctionEx => 0..=1,
        Opcode::RaiseVarargs | Opcode::GetAwaitable => 0..=2,
        Opcode::BuildSlice => 2..=3,
        Opcode::FormatValue => 0..=7,
        Opcode::MakeFunction => 0..=15,
        Opcode::Copy | Opcode::Swap => 1..=u32::MAX,
        Opcode::ListAppend | Opcode::SetAdd | Opcode::MapAdd => 1..=u32::MAX,
        Opcode::ListExtend | Opcode::SetUpdate | Opcode::DictUpdate | Opcode::DictMerge => 1..=u32::MAX,
        _ => 0..=u32::MAX,
    };
    if range.contains(&arg) { Ok(()) } else { Err(Problem::OperandRange) }
}

#[cfg(test)]
mod tests;
