//! What stands on the stack at each instruction, found by following the control flow.
//!
//! A value is one of a few kinds (null, a list, set or dictionary that the code has just made, anything else); where ways meet, a value
//! is of all the kinds that it has on any of them. The state is kept where ways can meet only: at jump targets and
//! handlers. A state grows when it meets another one, and then what follows is looked at again. What a
//! compiler emits settles in one or two rounds; both the rounds and the room for states are bounded by the length of the
//! code, so that hostile code is refused (`TooComplex`) in linear time.
//!
//! The depth is the one that the interpreter sees: see [`effect`].

use super::{At, Body, Problem};
use crate::{Instruction, Opcode, exceptiontable};

/// A set of kinds of values.
type Kinds = u8;

const NULL: Kinds = 1;
const LIST: Kinds = 2;
const SET: Kinds = 4;
const DICT: Kinds = 8;
/// Any object of which nothing is known.
const OBJECT: Kinds = 16;

/// The handler of an instruction: the index of its first instruction, the depth that is kept, the depth it starts with.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Handler {
    target: usize,
    kept: usize,
    entered: usize,
}

/// Where ways meet.
#[derive(Clone, Copy)]
enum Meeting {
    /// Nowhere: only the instruction before leads here.
    None,
    /// Not reached yet.
    Unknown,
    /// Reached: where its state begins among the states, and the depth.
    Known { at: usize, depth: usize, pending: bool },
}

/// The states of the stack, as far as they are known.
pub(super) struct Flow<'a> {
    body: &'a Body<'a>,
    handlers: Vec<Option<Handler>>,
    meetings: Vec<Meeting>,
    /// The kinds of the values at all places that are known, one after the other.
    states: Vec<Kinds>,
    pending: Vec<usize>,
    /// The stack at the instruction that is looked at.
    stack: Vec<Kinds>,
    /// The stack at a place that the instruction leads to: memory that is used again.
    other: Vec<Kinds>,
    /// Nothing below this position has changed since the handler was last told.
    lowest: usize,
    /// How many more instructions may be looked at.
    steps: usize,
}

impl<'a> Flow<'a> {
    pub(super) fn new(body: &'a Body<'a>) -> Result<Flow<'a>, At> {
        let count = body.instructions.len();
        let mut flow = Flow {
            body,
            handlers: if body.code.exceptiontable.is_empty() { Vec::new() } else { vec![None; count] },
            meetings: vec![Meeting::None; count],
            states: Vec::new(),
            pending: Vec::new(),
            stack: Vec::new(),
            other: Vec::new(),
            lowest: 0,
            steps: count.saturating_mul(64).saturating_add(1024),
        };
        flow.find_handlers()?;
        for (op, instruction) in &body.instructions {
            if op.has_jump()
                && let Some(target) = instruction.target().and_then(|target| body.index_at(target))
            {
                flow.mark(target);
            }
        }
        flow.mark(0);
        Ok(flow)
    }

    fn mark(&mut self, index: usize) {
        if let Some(meeting) = self.meetings.get_mut(index) {
            *meeting = Meeting::Unknown;
        }
    }

    /// Reads the exception table: which instruction has which handler.
    fn find_handlers(&mut self) -> Result<(), At> {
        let body = self.body;
        let table = exceptiontable::decode(body.code.exceptiontable).ok_or((Problem::HandlerTable, None))?;
        let mut covered = 0;
        let mut index = 0;
        for entry in table {
            let (start, end) = (entry.start as usize, entry.end as usize);
            // The prologue has no handler: one would run without the cells.
            let first = body.index_at(start).is_some();
            if start < covered || end <= start || end > body.code.code.len() || !first {
                return Err((Problem::HandlerTable, None));
            }
            covered = end;
            let target = entry.target as usize;
            let target = body.index_at(target).ok_or((Problem::HandlerTarget, Some(target)))?;
            let kept = entry.depth as usize;
            let handler = Handler { target, kept, entered: kept.saturating_add(1 + usize::from(entry.push_lasti)) };
            self.mark(target);
            while let Some((_, instruction)) = body.instructions.get(index) {
                if instruction.start >= end {
                    break;
                }
                if instruction.start >= start
                    && let Some(slot) = self.handlers.get_mut(index)
                {
                    *slot = Some(handler);
                }
                index += 1;
            }
        }
        Ok(())
    }

    pub(super) fn run(mut self) -> Result<(), At> {
        self.meet(0, 0, &[]).map_err(|problem| (problem, None))?;
        while let Some(index) = self.pending.pop() {
            self.follow(index)?;
        }
        Ok(())
    }

    /// Follows the instructions from one where ways meet to where the next way ends or meets others.
    fn follow(&mut self, from: usize) -> Result<(), At> {
        let Some(Meeting::Known { at, depth, pending }) = self.meetings.get_mut(from) else { return Ok(()) };
        *pending = false;
        let (at, depth) = (*at, *depth);
        self.stack.clear();
        self.stack.extend_from_slice(self.states.get(at..at + depth).unwrap_or_default());
        let mut told = None;
        let mut index = from;
        loop {
            let goes_on = self.step(index, &mut told).map_err(|problem| (problem, self.body.offset(index)))?;
            if !goes_on {
                return Ok(());
            }
            index += 1;
            match self.meetings.get(index) {
                Some(Meeting::None) => {}
                _ => {
                    let stack = std::mem::take(&mut self.stack);
                    let met = self.meet(index, stack.len(), &stack);
                    self.stack = stack;
                    return met.map_err(|problem| (problem, self.body.offset(index - 1)));
                }
            }
        }
    }

    /// One instruction; whether control can go on to the next one.
    fn step(&mut self, index: usize, told: &mut Option<Handler>) -> Result<bool, Problem> {
        self.steps = self.steps.checked_sub(1).ok_or(Problem::TooComplex)?;
        let Some(&(op, instruction)) = self.body.instructions.get(index) else { return Err(Problem::OffTheEnd) };
        let depth = self.stack.len();
        let reads = usize::try_from(reads(op, instruction.arg)).unwrap_or(usize::MAX);
        if reads > depth {
            return Err(Problem::StackUnderflow);
        }
        if op == Opcode::ReturnValue && depth != 1 {
            return Err(Problem::ReturnDepth);
        }
        if let Some(&Some(handler)) = self.handlers.get(index) {
            self.tell(handler, told)?;
        }
        self.check_kinds(op, instruction.arg)?;
        let after = |jump| {
            let effect = effect(op, instruction.arg, jump).ok_or(Problem::StackUnderflow)?;
            usize::try_from(depth as i64 + effect).map_err(|_| Problem::StackUnderflow)
        };
        if op.has_jump() {
            let target = instruction.target().and_then(|target| self.body.index_at(target));
            let target = target.ok_or(Problem::JumpTarget)?;
            self.meet_from_stack(target, self.stack.len(), after(true)?)?;
        }
        if op.ends_flow() {
            return Ok(false);
        }
        let after = after(false)?;
        if after > self.body.code.stacksize as usize {
            return Err(Problem::StackOverflow);
        }
        self.apply(op, instruction, reads, after);
        Ok(true)
    }

    /// The handler of an instruction starts with what is on the stack up to its depth, and the exception.
    fn tell(&mut self, handler: Handler, told: &mut Option<Handler>) -> Result<(), Problem> {
        if handler.kept > self.stack.len() {
            return Err(Problem::HandlerDepth);
        }
        if *told == Some(handler) && self.lowest >= handler.kept {
            return Ok(());
        }
        *told = Some(handler);
        self.lowest = usize::MAX;
        if handler.entered > self.body.code.stacksize as usize {
            return Err(Problem::StackOverflow);
        }
        self.meet_from_stack(handler.target, handler.kept, handler.entered)
    }

    /// Control reaches an instruction with so many of the stack's values, cut or filled up with objects to a depth.
    fn meet_from_stack(&mut self, index: usize, kept: usize, depth: usize) -> Result<(), Problem> {
        let mut other = std::mem::take(&mut self.other);
        other.clear();
        other.extend_from_slice(self.stack.get(..kept).unwrap_or_default());
        other.resize(depth, OBJECT);
        let met = self.meet(index, depth, &other);
        self.other = other;
        met
    }

    /// The kinds at a position counted from the top, the topmost being 1.
    fn kinds(&self, position: usize) -> Kinds {
        self.stack.len().checked_sub(position).and_then(|index| self.stack.get(index)).copied().unwrap_or(NULL)
    }

    /// That an instruction finds what it expects.
    fn check_kinds(&self, op: Opcode, arg: u32) -> Result<(), Problem> {
        let arg = arg as usize;
        let objects = |count: usize| (1..=count).all(|position| self.kinds(position) & NULL == 0);
        let good = match op {
            Opcode::Swap => true,
            Opcode::Copy => self.kinds(arg) & NULL == 0,
            // Under the arguments is a method and its receiver, or null and a callable.
            Opcode::Precall | Opcode::Call => objects(arg + 1),
            Opcode::CallFunctionEx => objects(2 + (arg & 1)) && self.kinds(3 + (arg & 1)) == NULL,
            Opcode::ListAppend | Opcode::ListExtend => objects(1) && self.kinds(arg + 1) == LIST,
            Opcode::SetAdd | Opcode::SetUpdate => objects(1) && self.kinds(arg + 1) == SET,
            Opcode::DictUpdate => objects(1) && self.kinds(arg + 1) == DICT,
            Opcode::DictMerge => objects(1) && self.kinds(arg + 1) == DICT && self.kinds(arg + 3) & NULL == 0,
            Opcode::MapAdd => objects(2) && self.kinds(arg + 2) == DICT,
            Opcode::Reraise => objects(1) && self.kinds(arg + 1) & NULL == 0,
            Opcode::WithExceptStart => objects(1) && self.kinds(4) & NULL == 0,
            _ => objects(usize::try_from(reads(op, arg as u32)).unwrap_or(usize::MAX)),
        };
        if good { Ok(()) } else { Err(Problem::StackKind) }
    }

    /// What is on the stack after an instruction that does not jump.
    fn apply(&mut self, op: Opcode, instruction: Instruction, reads: usize, after: usize) {
        let arg = instruction.arg as usize;
        let depth = self.stack.len();
        // What is below this stays what it is.
        let mut kept = depth - reads;
        match op {
            Opcode::Swap => {
                let (top, other) = (depth - 1, depth - arg);
                self.stack.swap(top, other);
            }
            Opcode::Copy => {
                kept = depth;
                self.stack.push(self.kinds(arg));
            }
            Opcode::ListAppend
            | Opcode::ListExtend
            | Opcode::SetAdd
            | Opcode::SetUpdate
            | Opcode::DictUpdate
            | Opcode::DictMerge
            | Opcode::MapAdd
            | Opcode::WithExceptStart => kept = after.min(depth),
            Opcode::Precall => {
                // A bound method is taken apart.
                for position in [arg + 1, arg + 2] {
                    if let Some(kinds) = depth.checked_sub(position).and_then(|index| self.stack.get_mut(index)) {
                        *kinds |= OBJECT;
                    }
                }
            }
            _ => self.stack.truncate(kept),
        }
        self.lowest = self.lowest.min(kept);
        match op {
            Opcode::PushNull => self.stack.push(NULL),
            Opcode::LoadGlobal if arg & 1 != 0 => self.stack.push(NULL),
            Opcode::LoadMethod => self.stack.push(NULL | OBJECT),
            Opcode::BuildList => self.stack.push(LIST),
            Opcode::BuildSet => self.stack.push(SET),
            Opcode::BuildMap | Opcode::BuildConstKeyMap => self.stack.push(DICT),
            _ => {}
        }
        self.stack.resize(after, OBJECT);
    }

    /// Control reaches an instruction where ways meet with these kinds on the stack.
    fn meet(&mut self, index: usize, depth: usize, kinds: &[Kinds]) -> Result<(), Problem> {
        if depth > self.body.code.stacksize as usize {
            return Err(Problem::StackOverflow);
        }
        let Some(meeting) = self.meetings.get_mut(index) else { return Err(Problem::OffTheEnd) };
        match meeting {
            Meeting::Known { at, depth: known, pending } => {
                if *known != depth {
                    return Err(Problem::StackMismatch);
                }
                let Some(state) = self.states.get_mut(*at..*at + depth) else { return Err(Problem::StackMismatch) };
                if state == kinds {
                    return Ok(());
                }
                // Comparing deep stacks again and again counts as steps too.
                self.steps = self.steps.checked_sub(depth / 64).ok_or(Problem::TooComplex)?;
                let mut grown = false;
                for (known, new) in state.iter_mut().zip(kinds) {
                    grown |= *known | new != *known;
                    *known |= new;
                }
                if grown && !*pending {
                    *pending = true;
                    self.pending.push(index);
                }
            }
            Meeting::Unknown | Meeting::None => {
                let room = self.body.code.code.len().saturating_mul(256).saturating_add(1 << 20);
                if self.states.len() + depth > room {
                    return Err(Problem::TooComplex);
                }
                *meeting = Meeting::Known { at: self.states.len(), depth, pending: true };
                self.states.extend_from_slice(kinds);
                self.pending.push(index);
            }
        }
        Ok(())
    }
}

/// The effect that the interpreter's stack sees. It differs from `dis.stack_effect` in what
/// CPython's compiler splits for its own sake: the arguments leave the stack in `CALL`,
/// not in `PRECALL`, and a generator starts with an empty stack, onto which it is sent a value.
fn effect(op: Opcode, arg: u32, jump: bool) -> Option<i64> {
    Some(match op {
        Opcode::Precall => 0,
        Opcode::Call => -i64::from(arg) - 1,
        Opcode::ReturnGenerator => 1,
        _ => op.stack_effect(arg, Some(jump))?.into(),
    })
}

/// How many values at the top of the stack must be there.
fn reads(op: Opcode, arg: u32) -> i64 {
    match op {
        Opcode::Call => i64::from(arg) + 2,
        _ => op.reads(arg),
    }
}
