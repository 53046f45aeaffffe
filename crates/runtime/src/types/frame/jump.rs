//! Setting `f_lineno`: a debugger's jump to another line of the frame.
//!
//! The stack of each instruction is worked out as a list of kinds; a jump is allowed where the values on the stack now, with the topmost ones
//! dropped, are what the instruction at the target expects.

use habu_bytecode::{Instruction, Opcode, exceptiontable, linetable};

use super::value::FrameObject;
use crate::eval::frame::{Frame, Owner};
use crate::eval::trace::Event;
use crate::eval::unwind;
use crate::eval::value::{own, own_optional};
use crate::object::{Object, Raised};
use crate::raise;
use crate::threads::Thread;
use crate::types::code::Code;
use crate::types::int::Int;

/// What a place on the stack holds, as far as jumps care.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Object,
    Null,
    Iterator,
    /// An exception that is being handled.
    Exception,
    /// The index of an instruction, for a RERAISE.
    Index,
}

/// The kinds on the stack, the topmost last.
type Kinds = Vec<Kind>;

/// How deep a stack is looked at.
const DEEPEST: usize = 256;

/// Moves the frame to another line, as the setter of `f_lineno` does.
///
/// Fails with ValueError unless a trace function asks for it at a line event, and the line can be jumped to.
pub fn set_line(object: &FrameObject, value: &Object) -> Result<(), Raised> {
    let Some(value) = value.downcast_exact::<Int>() else {
        return Err(raise!(ValueError, "lineno must be an integer"));
    };
    let Some(frame) = object.frame() else { return Err(raise!(SystemError, "frame object without a frame")) };
    let frame = frame.as_ptr();
    // SAFETY: the frame is alive.
    let suspended = unsafe {
        (*frame).owner == Owner::Generator
            && (*crate::eval::frame::generator_of(frame)).state() == crate::types::generator::State::Suspended
    };
    match Thread::current().eval.tracing.event() {
        Some(Event::Line) => {}
        // Outside of a trace function CPython takes the event for a call.
        Some(Event::Call) | None => {
            return Err(raise!(ValueError, "can't jump from the 'call' trace event of a new frame"));
        }
        Some(Event::Return) if suspended => {}
        Some(_) => return Err(raise!(ValueError, "can only jump from a 'line' trace event")),
    }
    if object.trace.is_empty() {
        return Err(raise!(ValueError, "f_lineno can only be set by a trace function"));
    }
    let Some(line) = value.to_i64().and_then(|line| i32::try_from(line).ok()) else {
        return Err(raise!(ValueError, "lineno out of range"));
    };
    // SAFETY: the frame is alive, and stopped in a trace function.
    unsafe { jump(frame, line, suspended) }
}

unsafe fn jump(frame: *mut Frame, line: i32, suspended: bool) -> Result<(), Raised> {
    // SAFETY: by the caller's contract.
    let code = unsafe { (*frame).code() };
    if line < code.firstlineno.get() {
        return Err(raise!(ValueError, "line {line} comes before the current code block"));
    }
    let starts = line_starts(code);
    let Some(line) = starts.iter().map(|start| start.1).filter(|start| *start >= line).min() else {
        return Err(raise!(ValueError, "line {line} comes after the current code block"));
    };
    let bytes = code.plain_bytes()?;
    let stacks = stacks(code, &bytes);
    // SAFETY: by the caller's contract.
    let here = unsafe { (*frame).unit_index() };
    let current = usize::try_from(here).ok().and_then(|here| stacks.get(here)).and_then(Option::as_ref);
    let Some(current) = current else {
        return Err(raise!(ValueError, "can't jump from unreachable code"));
    };
    let mut best: Option<(usize, &Kinds)> = None;
    let mut problem = None;
    for (unit, _) in starts.iter().filter(|start| start.1 == line) {
        let target = stacks.get(*unit).and_then(Option::as_ref);
        match target {
            Some(kinds) if fits(current, kinds) => {
                if best.is_none_or(|(_, other)| kinds.len() > other.len()) {
                    best = Some((*unit, kinds));
                }
            }
            _ => problem = Some(explain(target)),
        }
    }
    let Some((unit, kinds)) = best else {
        let message = problem.unwrap_or("cannot find bytecode for specified line");
        return Err(raise!(ValueError, "{message}"));
    };
    let mut depth = current.len();
    if suspended {
        // The value that the yield will give is not there yet.
        depth = depth.saturating_sub(1);
    }
    let kept = kinds.len();
    // SAFETY: by the caller's contract: the stack of the frame is as the analysis says.
    unsafe {
        while depth > kept {
            depth -= 1;
            (*frame).stack_top -= 1;
            let value = *(*frame).slots().add((*frame).stack_top as usize);
            match current.get(depth) {
                Some(Kind::Exception) => unwind::pop_handled(Thread::current(), own(value)),
                _ => drop(own_optional(value)),
            }
        }
        (*frame).previous_unit = code.first_unit().add(unit);
    }
    Ok(())
}

/// The units where a line starts, with the line.
fn line_starts(code: &Code) -> Vec<(usize, i32)> {
    let mut starts = Vec::new();
    let mut last = None;
    for (start, _, line) in linetable::lines(code.linetable(), code.firstlineno.get()) {
        if let Some(line) = line
            && last != Some(line)
        {
            starts.push((start / 2, line));
            last = Some(line);
        }
    }
    starts
}

/// Whether a stack, with its topmost values dropped, serves where `target` is expected.
fn fits(current: &Kinds, target: &Kinds) -> bool {
    target.len() <= current.len()
        && target.iter().zip(current).all(|(wanted, have)| match wanted {
            Kind::Null => true,
            Kind::Object => *have != Kind::Null,
            wanted => wanted == have,
        })
}

/// Why a target cannot be jumped to.
fn explain(target: Option<&Kinds>) -> &'static str {
    match target.map(|kinds| kinds.last()) {
        None => "can't jump into unreachable code",
        Some(Some(Kind::Exception)) => "can't jump into an 'except' block as there's no exception",
        Some(Some(Kind::Index)) => "can't jump into a re-raising block as there's no location",
        Some(Some(Kind::Object | Kind::Null)) => "incompatible stacks",
        Some(Some(Kind::Iterator)) => "can't jump into the body of a for loop",
        Some(None) => "differing stack depth",
    }
}

/// The stack before each unit; nothing for those that control does not reach, or whose stack is too deep.
fn stacks(code: &Code, bytes: &[u8]) -> Vec<Option<Kinds>> {
    let mut stacks: Vec<Option<Kinds>> = vec![None; bytes.len() / 2 + 1];
    let instructions: Vec<Instruction> = habu_bytecode::Instructions::new(bytes).collect();
    let generator =
        habu_bytecode::code::CO_GENERATOR | habu_bytecode::code::CO_COROUTINE | habu_bytecode::code::CO_ASYNC_GENERATOR;
    // A generator is sent None when it starts.
    stacks[0] = Some(if code.has_flags(generator) { vec![Kind::Object] } else { Vec::new() });
    loop {
        let mut changed = false;
        for instruction in &instructions {
            changed |= flow(instruction, &mut stacks);
        }
        for handler in exceptiontable::Handlers::new(code.exceptiontable()) {
            let (start, target) = (handler.start as usize / 2, handler.target as usize / 2);
            let Some(Some(kinds)) = stacks.get(start) else { continue };
            let mut kinds = kinds.clone();
            kinds.truncate(handler.depth as usize);
            if handler.push_lasti {
                kinds.push(Kind::Index);
            }
            kinds.push(Kind::Exception);
            changed |= reach(&mut stacks, target, kinds);
        }
        if !changed {
            return stacks;
        }
    }
}

fn reach(stacks: &mut [Option<Kinds>], unit: usize, kinds: Kinds) -> bool {
    match stacks.get_mut(unit) {
        Some(place @ None) if kinds.len() <= DEEPEST => {
            *place = Some(kinds);
            true
        }
        _ => false,
    }
}

/// Carries the stack before an instruction on to those that follow it; whether that told anything new.
fn flow(instruction: &Instruction, stacks: &mut [Option<Kinds>]) -> bool {
    let (Some(op), Some(Some(before))) = (instruction.op(), stacks.get(instruction.start / 2)) else { return false };
    let before = before.clone();
    let mut changed = false;
    for unit in instruction.start / 2 + 1..=instruction.offset / 2 {
        changed |= reach(stacks, unit, before.clone());
    }
    if let Some(target) = instruction.target() {
        changed |= reach(stacks, target / 2, after(op, instruction.arg, before.clone(), true));
    }
    let ends = matches!(
        op,
        Opcode::ReturnValue
            | Opcode::RaiseVarargs
            | Opcode::Reraise
            | Opcode::JumpForward
            | Opcode::JumpBackward
            | Opcode::JumpBackwardNoInterrupt
    );
    if !ends {
        changed |= reach(stacks, instruction.end / 2, after(op, instruction.arg, before, false));
    }
    changed
}

/// The stack after an instruction.
fn after(op: Opcode, arg: u32, mut kinds: Kinds, jumps: bool) -> Kinds {
    let nth = |kinds: &Kinds| kinds.len().checked_sub(arg as usize);
    match op {
        Opcode::GetIter | Opcode::GetAiter => {
            kinds.pop();
            kinds.push(Kind::Iterator);
        }
        Opcode::PushExcInfo => kinds.push(Kind::Exception),
        Opcode::PushNull => kinds.push(Kind::Null),
        Opcode::LoadMethod => {
            kinds.pop();
            kinds.extend([Kind::Null, Kind::Object]);
        }
        Opcode::LoadGlobal => {
            if arg & 1 != 0 {
                kinds.push(Kind::Null);
            }
            kinds.push(Kind::Object);
        }
        Opcode::Copy => {
            let copied = nth(&kinds).and_then(|index| kinds.get(index).copied());
            kinds.push(copied.unwrap_or(Kind::Object));
        }
        Opcode::Swap => {
            if let (Some(index), Some(top)) = (nth(&kinds), kinds.len().checked_sub(1))
                && index < kinds.len()
            {
                kinds.swap(index, top);
            }
        }
        _ => {
            let effect = op.stack_effect(arg, Some(jumps)).unwrap_or(0);
            let length = kinds.len().saturating_add_signed(effect as isize).min(DEEPEST + 1);
            kinds.resize(length, Kind::Object);
        }
    }
    kinds
}
