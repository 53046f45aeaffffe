//! Protected regions: from marks that open and close them to the handler of each instruction.
//!
//! A region is dynamic: it covers whatever runs between its opening and its closing, along every way. So the handlers in force
//! are carried from block to block. Every way into a block brings the same ones, and the first to arrive decides.

use super::{BlockId, Graph, Op};

impl Graph {
    /// Finds the handler of every instruction that can be reached.
    pub(super) fn label_handlers(&mut self) {
        let mut arriving: Vec<Option<Vec<BlockId>>> = vec![None; self.blocks.len()];
        arriving[Graph::ENTRY.index()] = Some(Vec::new());
        let mut visited = vec![false; self.blocks.len()];
        visited[Graph::ENTRY.index()] = true;
        let mut pending = vec![Graph::ENTRY];
        while let Some(block) = pending.pop() {
            let mut open = arriving[block.index()].take().unwrap_or_default();
            let mut arrive = |at: BlockId, open: &Vec<BlockId>| {
                if !std::mem::replace(&mut visited[at.index()], true) {
                    arriving[at.index()] = Some(open.clone());
                    pending.push(at);
                }
            };
            for index in 0..self[block].instrs.len() {
                let instr = &mut self[block].instrs[index];
                let (op, target) = (instr.op, instr.target);
                // The marks cannot raise: where one stays as a no-op, the region around it has a gap.
                if !op.opens_region() && op != Op::PopBlock {
                    instr.handler = open.last().copied();
                }
                if let (true, Some(handler)) = (op.opens_region(), target) {
                    arrive(handler, &open);
                    if op != Op::SetupFinally {
                        self[handler].wants_lasti = true;
                    }
                    open.push(handler);
                } else if op == Op::PopBlock {
                    open.pop();
                } else if let (true, Some(target)) = (op.is_jump(), target) {
                    arrive(target, &open);
                }
            }
            if let (false, Some(next)) = (self[block].no_fallthrough, self[block].next) {
                arrive(next, &open);
            }
        }
    }

    /// Turns the marks of protected regions into no-ops.
    pub(super) fn drop_region_marks(&mut self) {
        self.for_layout(|graph, block| {
            for instr in &mut graph[block].instrs {
                if instr.op.opens_region() || instr.op == Op::PopBlock {
                    instr.become_nop();
                }
            }
        });
    }
}
