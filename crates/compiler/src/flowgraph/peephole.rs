//! The peephole pass: what a look at one instruction, the next one and the first one of a jump's target can improve.
//!
//! Every rewrite leaves no-ops in place of what it removes; [`Graph::remove_nops`] takes those away that show no line of
//! their own. A jump is led on to where its target jumps only if both stand on one line, so that a tracer sees every line.

use habu_bytecode::Constant;

use super::{BlockId, Graph, GraphError, Instr, Op};
use crate::constants::{ConstantTable, is_true};

impl Graph {
    /// Improves one block.
    pub(super) fn improve_block(&mut self, block: BlockId, constants: &mut ConstantTable) -> Result<(), GraphError> {
        let mut index = 0;
        while index < self[block].instrs.len() {
            let target = self.lead_past_empty(block, index);
            let instr = self[block].instrs[index];
            let next = self[block].instrs.get(index + 1).map(|instr| instr.op);
            match instr.op {
                Op::LoadConst => self.improve_constant_test(block, index, constants)?,
                Op::BuildTuple => self.improve_tuple(block, index, constants)?,
                Op::Swap if instr.arg == 1 => self[block].instrs[index].become_nop(),
                Op::Swap => {
                    index = self[block].shorten_swaps(index);
                    self[block].apply_swaps_to_stores(index);
                }
                Op::PushNull if next == Some(Op::LoadGlobal) => {
                    let instrs = &mut self[block].instrs;
                    if instrs[index + 1].arg & 1 == 0 {
                        instrs[index].become_nop();
                        instrs[index + 1].arg |= 1;
                    }
                }
                _ => {
                    if let Some(target) = target
                        && self.improve_jump(block, index, instr, target)
                    {
                        // The jump's new form may improve again.
                        continue;
                    }
                }
            }
            index += 1;
        }
        Ok(())
    }

    /// Leads a jump past empty blocks, and answers the first instruction at its target.
    fn lead_past_empty(&mut self, block: BlockId, index: usize) -> Option<Instr> {
        let target = self.skip_empty(self[block].instrs[index].target?);
        self[block].instrs[index].target = Some(target);
        self[target].instrs.first().copied()
    }

    /// Decides tests of constants.
    fn improve_constant_test(
        &mut self,
        block: BlockId,
        index: usize,
        constants: &ConstantTable,
    ) -> Result<(), GraphError> {
        let (here, rest) = match self[block].instrs.get_mut(index..) {
            Some([here, rest @ ..]) => (here, rest),
            _ => return Ok(()),
        };
        let constant = constants.get(here.arg).ok_or(GraphError::Malformed("a constant that is not there"))?;
        let Some((next, after)) = rest.split_first_mut() else { return Ok(()) };
        match next.op {
            Op::PopJumpIfFalse | Op::PopJumpIfTrue | Op::JumpIfFalseOrPop | Op::JumpIfTrueOrPop => {
                let keeps_value = matches!(next.op, Op::JumpIfFalseOrPop | Op::JumpIfTrueOrPop);
                let jumps_if_true = matches!(next.op, Op::PopJumpIfTrue | Op::JumpIfTrueOrPop);
                let jumps = is_true(constant) == jumps_if_true;
                if !(jumps && keeps_value) {
                    here.become_nop();
                }
                if jumps {
                    next.op = Op::Jump;
                    self[block].no_fallthrough = true;
                } else {
                    next.become_nop();
                }
            }
            Op::IsOp if matches!(constant, Constant::None) => {
                let Some(jump) = after.first_mut() else { return Ok(()) };
                let jumps_if_true = match jump.op {
                    Op::PopJumpIfTrue => true,
                    Op::PopJumpIfFalse => false,
                    _ => return Ok(()),
                };
                let asks_not = next.arg != 0;
                jump.op = if asks_not == jumps_if_true { Op::PopJumpIfNotNone } else { Op::PopJumpIfNone };
                here.become_nop();
                next.become_nop();
            }
            _ => {}
        }
        Ok(())
    }

    /// Replaces a tuple that is unpacked at once by swaps, and one of constants by a constant.
    fn improve_tuple(&mut self, block: BlockId, index: usize, constants: &mut ConstantTable) -> Result<(), GraphError> {
        let instrs = &mut self[block].instrs;
        let count = instrs[index].arg;
        if let Some(next) = instrs.get_mut(index + 1)
            && next.op == Op::UnpackSequence
            && next.arg == count
            && (1..=3).contains(&count)
        {
            if count == 1 {
                next.become_nop();
            } else {
                next.op = Op::Swap;
            }
            instrs[index].become_nop();
            return Ok(());
        }
        let Some(first) = index.checked_sub(count as usize) else { return Ok(()) };
        if instrs[first..index].iter().any(|instr| instr.op != Op::LoadConst) {
            return Ok(());
        }
        let items: Option<Vec<Constant>> =
            instrs[first..index].iter().map(|instr| constants.get(instr.arg).cloned()).collect();
        let items = items.ok_or(GraphError::Malformed("a constant that is not there"))?;
        for instr in &mut instrs[first..index] {
            instr.become_nop();
        }
        instrs[index].op = Op::LoadConst;
        instrs[index].arg = constants.add_constant(Constant::Tuple(items.into()));
        Ok(())
    }

    /// Leads a jump to where its target goes. Answers whether it changed.
    fn improve_jump(&mut self, block: BlockId, index: usize, instr: Instr, target: Instr) -> bool {
        let becomes = match (instr.op, target.op) {
            (Op::JumpIfFalseOrPop, Op::PopJumpIfFalse) => Op::PopJumpIfFalse,
            (Op::JumpIfTrueOrPop, Op::PopJumpIfTrue) => Op::PopJumpIfTrue,
            (Op::JumpIfFalseOrPop, Op::Jump | Op::JumpIfFalseOrPop) => instr.op,
            (Op::JumpIfTrueOrPop, Op::Jump | Op::JumpIfTrueOrPop) => instr.op,
            (Op::JumpIfFalseOrPop, Op::JumpIfTrueOrPop | Op::PopJumpIfTrue) => {
                return self.jump_past_opposite(block, index, target, Op::PopJumpIfFalse);
            }
            (Op::JumpIfTrueOrPop, Op::JumpIfFalseOrPop | Op::PopJumpIfFalse) => {
                return self.jump_past_opposite(block, index, target, Op::PopJumpIfTrue);
            }
            (
                Op::PopJumpIfFalse | Op::PopJumpIfTrue | Op::PopJumpIfNone | Op::PopJumpIfNotNone | Op::Jump,
                Op::Jump,
            ) => instr.op,
            _ => return false,
        };
        if instr.at.line != target.at.line || instr.target == target.target {
            return false;
        }
        let instr = &mut self[block].instrs[index];
        instr.op = becomes;
        instr.target = target.target;
        true
    }

    /// A test whose target is the opposite test of the same value: the value goes, and control runs on past the target.
    fn jump_past_opposite(&mut self, block: BlockId, index: usize, target: Instr, becomes: Op) -> bool {
        let instr = self[block].instrs[index];
        let after = instr.target.and_then(|target| self[target].next);
        if instr.at.line != target.at.line || after.is_none() {
            return false;
        }
        let instr = &mut self[block].instrs[index];
        instr.op = becomes;
        instr.target = after;
        true
    }
}
