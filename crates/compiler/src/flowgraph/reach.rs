//! Which blocks end, which can be reached, and the removal of those that cannot.
//!
//! CPython's counterparts: `normalize_basic_block`, `extend_block`, `mark_reachable`, `eliminate_empty_basic_blocks`.

use super::{Block, BlockId, Graph, GraphError, Op};

/// A block that leaves the code object, has no line and is no longer than this is copied to where a jump leads to it.
/// (One with a line has to stay one block, or a tracer would see the line anywhere.)
const SMALL_EXIT: usize = 4;

impl Graph {
    /// Notes how each block ends, and leads jumps past empty blocks.
    pub(super) fn normalize(&mut self) -> Result<(), GraphError> {
        for block in self.newest_first() {
            let count = self[block].instrs.len();
            for index in 0..count {
                let instr = self[block].instrs[index];
                if instr.op.leaves_code() {
                    self[block].exit = true;
                    self[block].no_fallthrough = true;
                }
                if !instr.op.is_jump() {
                    continue;
                }
                if instr.op.is_unconditional_jump() {
                    self[block].no_fallthrough = true;
                }
                if index + 1 != count {
                    return Err(GraphError::Malformed("a jump inside a block"));
                }
                let target = instr.target.ok_or(GraphError::Malformed("a jump without a target"))?;
                self[block].instrs[index].target = Some(self.skip_empty(target));
            }
        }
        Ok(())
    }

    /// Replaces jumps to small exits without lines by copies of them.
    pub(super) fn copy_small_exits(&mut self) {
        for block in self.newest_first() {
            let Some(last) = self[block].instrs.last() else { continue };
            let (Op::Jump, Some(target)) = (last.op, last.target) else { continue };
            if !self[target].is_exit_without_line() || self[target].instrs.len() > SMALL_EXIT {
                continue;
            }
            let copied = self[target].instrs.clone();
            let block = &mut self[block];
            if let Some(last) = block.instrs.last_mut() {
                last.become_nop();
            }
            block.instrs.extend(copied);
            block.exit = true;
        }
    }

    /// Runs the peephole pass and removes what it leaves without use.
    pub(super) fn optimize(&mut self, constants: &mut crate::constants::ConstantTable) -> Result<(), GraphError> {
        let mut at = Some(Graph::ENTRY);
        while let Some(block) = at {
            self.improve_block(block, constants)?;
            self.remove_nops(block);
            at = self[block].next;
        }
        self.copy_small_exits();
        self.count_predecessors();
        self.for_layout(|graph, block| {
            if graph[block].predecessors == 0 {
                graph[block].instrs.clear();
                graph[block].no_fallthrough = false;
            }
        });
        self.for_layout(Graph::remove_nops);
        self.unlink_empty_blocks();
        self.remove_jumps_to_next();
        Ok(())
    }

    /// Counts, from the entry, the ways that lead to each block.
    fn count_predecessors(&mut self) {
        let mut visited = vec![false; self.blocks.len()];
        self[Graph::ENTRY].predecessors = 1;
        let mut stack = vec![Graph::ENTRY];
        while let Some(block) = stack.pop() {
            if std::mem::replace(&mut visited[block.index()], true) {
                continue;
            }
            let targets = self[block].instrs.iter().filter(|i| i.op.is_jump() || i.op.opens_region());
            let mut ways: Vec<BlockId> = targets.filter_map(|instr| instr.target).collect();
            if !self[block].no_fallthrough {
                ways.extend(self[block].next);
            }
            for way in ways {
                self[way].predecessors += 1;
                stack.push(way);
            }
        }
    }

    /// Takes blocks without instructions out of the layout, and leads jumps past them.
    fn unlink_empty_blocks(&mut self) {
        self.for_layout(|graph, block| {
            if let Some(next) = graph[block].next {
                let mut at = next;
                while let (true, Some(after)) = (graph[at].instrs.is_empty(), graph[at].next) {
                    at = after;
                }
                graph[block].next = Some(at);
            }
        });
        self.for_layout(|graph, block| {
            for index in 0..graph[block].instrs.len() {
                if let Some(target) = graph[block].instrs[index].target {
                    let target = graph.skip_empty(target);
                    graph[block].instrs[index].target = Some(target);
                }
            }
        });
    }

    /// Removes jumps that lead to the block laid out next. What is left of them is a no-op, which may get a line later, and then
    /// may have to stay.
    fn remove_jumps_to_next(&mut self) {
        self.for_layout(|graph, block| {
            let next = graph[block].next;
            let Some(last) = graph[block].instrs.last_mut() else { return };
            if matches!(last.op, Op::Jump | Op::JumpNoInterrupt) && last.target == next {
                last.become_nop();
                graph[block].no_fallthrough = false;
            }
        });
    }

    /// Removes the no-ops of a block whose lines other instructions keep.
    ///
    /// A no-op stays if it is the only instruction that shows its line to a tracer.
    pub(super) fn remove_nops(&mut self, block: BlockId) {
        // The line of what follows the block matters only to a no-op at its end. Many empty blocks may have to be passed to find it.
        let ends_with_nop = self[block].instrs.last().is_some_and(|last| last.op == Op::Nop);
        let after = self[block].next.filter(|_| ends_with_nop).map(|next| self.skip_empty(next));
        let line_after = after.and_then(|next| self[next].instrs.first()).map(|instr| instr.at.line);
        let instrs = &mut self[block].instrs;
        let mut kept = 0;
        let mut previous = -1;
        for index in 0..instrs.len() {
            let instr = instrs[index];
            let line = instr.at.line;
            if instr.op == Op::Nop {
                if line < 0 || line == previous {
                    continue;
                }
                if let Some(following) = instrs.get_mut(index + 1) {
                    if following.has_no_line() {
                        following.at = instr.at;
                    }
                    if following.at.line == line {
                        continue;
                    }
                } else if line_after == Some(line) {
                    continue;
                }
            }
            instrs[kept] = instr;
            kept += 1;
            previous = line;
        }
        instrs.truncate(kept);
    }
}

impl Block {
    /// Whether the block leaves the code object and none of its instructions has a line.
    pub(super) fn is_exit_without_line(&self) -> bool {
        self.exit && self.instrs.iter().all(|instr| instr.has_no_line())
    }
}
