//! How deep the value stack gets.

use super::{BlockId, Graph, GraphError};

/// A block is not measured again for a depth beyond this: code that loops and grows is malformed.
const DEEPEST_START: i64 = 100;

impl Graph {
    /// The stack's greatest depth, walking every way from the entry. A generator's frame starts with one value, which the
    /// first `POP_TOP` removes.
    pub(super) fn measure_depth(&mut self, is_generator: bool) -> Result<u32, GraphError> {
        let mut deepest = 0;
        let mut stack = Vec::new();
        self.visit_at_depth(Graph::ENTRY, i64::from(is_generator), &mut stack);
        while let Some(block) = stack.pop() {
            let Some(mut depth) = self[block].start_depth else { continue };
            let mut runs_on = true;
            for index in 0..self[block].instrs.len() {
                let instr = self[block].instrs[index];
                let after = depth + instr.op.stack_effect(instr.arg, false);
                deepest = deepest.max(after);
                if let Some(target) = instr.target {
                    let there = depth + instr.op.stack_effect(instr.arg, true);
                    deepest = deepest.max(there);
                    self.visit_at_depth(target, there, &mut stack);
                }
                depth = after;
                if depth < 0 {
                    return Err(GraphError::Malformed("the value stack goes below its bottom"));
                }
                if instr.op.ends_flow() {
                    runs_on = false;
                    break;
                }
            }
            if let (true, Some(next)) = (runs_on, self[block].next) {
                self.visit_at_depth(next, depth, &mut stack);
            }
        }
        u32::try_from(deepest).map_err(|_| GraphError::TooLarge)
    }

    fn visit_at_depth(&mut self, block: BlockId, depth: i64, stack: &mut Vec<BlockId>) {
        let known = &mut self[block].start_depth;
        if known.is_none_or(|known| known < depth && known < DEEPEST_START) {
            *known = Some(depth);
            stack.push(block);
        }
    }
}
