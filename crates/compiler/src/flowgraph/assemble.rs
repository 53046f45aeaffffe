//! The last passes: the prefix of a code object, the forms of jumps, and the code units themselves.

use habu_bytecode::exceptiontable::{self, Handler};
use habu_bytecode::linetable::LineTableBuilder;
use habu_bytecode::{CodeUnit, Opcode};

use super::{Arg, Block, BlockId, CodeShape, Graph, GraphError, Instr, Location, Op};

/// What a graph becomes.
#[derive(Clone, Debug)]
pub(crate) struct Assembled {
    /// The code units, as bytes.
    pub(crate) code: Vec<u8>,
    /// The location table.
    pub(crate) line_table: Box<[u8]>,
    /// The exception table.
    pub(crate) exception_table: Box<[u8]>,
    /// The greatest depth of the value stack.
    pub(crate) stack_size: u32,
}

impl Graph {
    /// Inserts what runs before the first instruction: the copying of free variables, the making of cells and of the generator.
    pub(super) fn insert_prefix(&mut self, shape: &CodeShape<'_>) {
        let mut prefix = Vec::new();
        if shape.frees > 0 {
            prefix.push(Instr::new(Op::CopyFreeVars, shape.frees, Location::NONE));
        }
        // Cells are made in the order of their slots: those of arguments first.
        let mut cells: Vec<(u32, Arg)> = (0..)
            .zip(shape.cells)
            .map(|(cell, local)| (local.unwrap_or(shape.locals.saturating_add(cell)), cell))
            .collect();
        cells.sort_unstable();
        prefix.extend(cells.iter().map(|&(_, cell)| Instr::new(Op::MakeCell, cell, Location::NONE)));
        if shape.is_generator {
            let line = shape.first_line;
            let at = Location { line, end_line: line, ..Location::NONE };
            prefix.push(Instr::new(Op::ReturnGenerator, 0, at));
            prefix.push(Instr::new(Op::PopTop, 0, Location::NONE));
        }
        self[Graph::ENTRY].instrs.splice(0..0, prefix);
    }

    /// Changes numbers of cells and free variables into slots of the frame. A cell that is an argument has the argument's.
    pub(super) fn resolve_cells(&mut self, shape: &CodeShape<'_>) {
        let mut slots: Vec<u32> = Vec::with_capacity(shape.cells.len());
        let mut next = shape.locals;
        let frees = (0..shape.frees).map(|_| None);
        for local in shape.cells.iter().copied().chain(frees) {
            slots.push(local.unwrap_or(next));
            next += u32::from(local.is_none());
        }
        self.for_layout(|graph, block| {
            for instr in &mut graph[block].instrs {
                let uses_cell = matches!(
                    instr.op,
                    Op::MakeCell
                        | Op::LoadClosure
                        | Op::LoadDeref
                        | Op::StoreDeref
                        | Op::DeleteDeref
                        | Op::LoadClassderef
                );
                if let (true, Some(&slot)) = (uses_cell, slots.get(instr.arg as usize)) {
                    instr.arg = slot;
                }
            }
        });
    }

    /// Chooses between jumps forward and backward, now that the layout is final.
    pub(super) fn choose_jump_forms(&mut self) -> Result<(), GraphError> {
        let mut position = vec![u32::MAX; self.blocks.len()];
        for (number, block) in (0..).zip(self.layout()) {
            position[block.index()] = number;
        }
        let mut fault = None;
        self.for_layout(|graph, block| {
            let Some(last) = graph[block].instrs.last_mut() else { return };
            let Some(target) = last.target else { return };
            let forward = position[target.index()] > position[block.index()];
            match last.op.with_direction(forward) {
                Some(op) => last.op = op,
                None => fault = Some(GraphError::Malformed("a jump backward that has no such form")),
            }
        });
        fault.map_or(Ok(()), Err)
    }

    /// Writes the code units. Lengths depend on distances and distances on lengths, so both are measured until they agree.
    pub(super) fn assemble(mut self, first_line: i32, stack_size: u32) -> Result<Assembled, GraphError> {
        loop {
            let mut offset: u32 = 0;
            self.for_layout(|graph, block| {
                graph[block].offset = offset;
                let length: u32 = graph[block].instrs.iter().map(Instr::length).sum();
                offset = offset.saturating_add(length);
            });
            if offset > i32::MAX as u32 / 2 {
                return Err(GraphError::TooLarge);
            }
            if !self.measure_jumps() {
                break;
            }
        }
        let order: Vec<BlockId> = self.layout().collect();
        let mut code = Vec::new();
        let mut lines = LineTableBuilder::new(first_line);
        for instr in order.iter().flat_map(|&block| &self[block].instrs) {
            lines.push(instr.length() as usize, instr.at);
            instr.write(&mut code).ok_or(GraphError::Malformed("a pseudo-instruction is left"))?;
        }
        let exception_table = exceptiontable::encode(&self.protected_runs(&order));
        Ok(Assembled { code, line_table: lines.finish(), exception_table, stack_size })
    }

    /// Sets the arguments of jumps from the offsets of blocks. Answers whether a jump's length changed.
    fn measure_jumps(&mut self) -> bool {
        let mut changed = false;
        self.for_layout(|graph, block| {
            let mut offset = graph[block].offset;
            for index in 0..graph[block].instrs.len() {
                let instr = graph[block].instrs[index];
                let length = instr.length();
                offset += length;
                if let (true, Some(target)) = (instr.op.is_jump(), instr.target) {
                    let distance = graph[target].offset.abs_diff(offset);
                    let instr = &mut graph[block].instrs[index];
                    instr.arg = distance;
                    changed |= instr.length() != length;
                }
            }
        });
        changed
    }

    /// The runs of instructions with a handler, in order.
    fn protected_runs(&self, order: &[BlockId]) -> Vec<Handler> {
        let mut runs = Vec::new();
        let mut offset = 0;
        let mut open: Option<(BlockId, u32)> = None;
        for instr in order.iter().flat_map(|&block| &self[block].instrs) {
            if instr.handler != open.map(|(handler, _)| handler) {
                runs.extend(open.map(|(handler, start)| self[handler].protects(start, offset)));
                open = instr.handler.map(|handler| (handler, offset));
            }
            offset += instr.length();
        }
        runs.extend(open.map(|(handler, start)| self[handler].protects(start, offset)));
        runs
    }
}

impl Block {
    /// The run that this block handles.
    fn protects(&self, start: u32, end: u32) -> Handler {
        // What the handler finds on top is pushed when the exception is caught: the exception, and the offset.
        let pushed = 1 + i64::from(self.wants_lasti);
        let depth = u32::try_from(self.start_depth.unwrap_or(0) - pushed).unwrap_or(0);
        // The table counts in bytes.
        Handler { start: start * 2, end: end * 2, target: self.offset * 2, depth, push_lasti: self.wants_lasti }
    }
}

impl Instr {
    /// The length in code units, with prefixes for large arguments and with cache entries.
    fn length(&self) -> u32 {
        let prefixes = match self.arg {
            0..=0xff => 0,
            0x100..=0xffff => 1,
            0x1_0000..=0xff_ffff => 2,
            _ => 3,
        };
        let caches = self.op.opcode().map_or(0, Opcode::caches);
        prefixes + 1 + u32::try_from(caches).unwrap_or(0)
    }

    /// Appends the code units; `None` if the instruction is none of the machine's.
    fn write(&self, code: &mut Vec<u8>) -> Option<()> {
        let opcode = self.op.opcode()?;
        let bytes = self.arg.to_be_bytes();
        let leading = bytes.iter().take(3).take_while(|&&byte| byte == 0).count();
        for &byte in &bytes[leading..3] {
            code.extend(CodeUnit::new(Opcode::ExtendedArg, byte).to_bytes());
        }
        code.extend(CodeUnit::new(opcode, bytes[3]).to_bytes());
        for _ in 0..opcode.caches() {
            code.extend(CodeUnit::new(Opcode::Cache, 0).to_bytes());
        }
        Some(())
    }
}

impl Op {
    /// The form of a jump in a direction; `None` if it has none.
    fn with_direction(self, forward: bool) -> Option<Op> {
        Some(match (self, forward) {
            (Op::Jump | Op::JumpNoInterrupt, true) => Op::JumpForward,
            (Op::Jump, false) => Op::JumpBackward,
            (Op::JumpNoInterrupt, false) => Op::JumpBackwardNoInterrupt,
            (Op::PopJumpIfFalse, true) => Op::PopJumpForwardIfFalse,
            (Op::PopJumpIfFalse, false) => Op::PopJumpBackwardIfFalse,
            (Op::PopJumpIfTrue, true) => Op::PopJumpForwardIfTrue,
            (Op::PopJumpIfTrue, false) => Op::PopJumpBackwardIfTrue,
            (Op::PopJumpIfNone, true) => Op::PopJumpForwardIfNone,
            (Op::PopJumpIfNone, false) => Op::PopJumpBackwardIfNone,
            (Op::PopJumpIfNotNone, true) => Op::PopJumpForwardIfNotNone,
            (Op::PopJumpIfNotNone, false) => Op::PopJumpBackwardIfNotNone,
            (Op::ForIter | Op::Send | Op::JumpIfFalseOrPop | Op::JumpIfTrueOrPop, false) => return None,
            (op, _) => op,
        })
    }
}
