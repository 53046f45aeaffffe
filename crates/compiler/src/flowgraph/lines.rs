//! Lines for instructions that have none of their own: what was invented takes the line of what leads to it.
//!
//! A `return None` at the end of a function has no line. Reached from several places, it is copied, so that each copy shows
//! a tracer the line that led there.

use super::{Graph, Location, Op};

impl Graph {
    /// Gives each jump to an exit without a line a copy of its own where several ways lead there, newest block first.
    pub(super) fn copy_exits_without_lines(&mut self) {
        for block in self.newest_first() {
            let Some(last) = self[block].instrs.last() else { continue };
            let (true, Some(target), at) = (last.op.is_jump(), last.target, last.at) else { continue };
            if !self[target].is_exit_without_line() || self[target].predecessors <= 1 {
                continue;
            }
            let copy = self.new_block();
            let mut copied = self[target].clone();
            if let Some(first) = copied.instrs.first_mut() {
                first.at = at;
            }
            copied.no_fallthrough = true;
            copied.predecessors = 1;
            self[copy] = copied;
            self[target].predecessors -= 1;
            self[target].next = Some(copy);
            if let Some(last) = self[block].instrs.last_mut() {
                last.target = Some(copy);
            }
        }
        for block in self.newest_first() {
            while let Some(next) = self[block].next
                && self[next].instrs.is_empty()
                && self[next].next.is_some()
            {
                self[block].next = self[next].next;
            }
        }
        for block in self.newest_first() {
            let Some(at) = self[block].instrs.last().map(|last| last.at) else { continue };
            if let (false, Some(next)) = (self[block].no_fallthrough, self[block].next)
                && self[next].is_exit_without_line()
                && let Some(first) = self[next].instrs.first_mut()
            {
                first.at = at;
            }
        }
    }

    /// Carries lines forward inside blocks and into blocks that only one way leads to.
    pub(super) fn propagate_lines(&mut self) {
        self.for_layout(|graph, block| {
            let mut previous = Location::NONE;
            for instr in &mut graph[block].instrs {
                if instr.has_no_line() {
                    instr.at = previous;
                } else {
                    previous = instr.at;
                }
            }
            let Some(last) = graph[block].instrs.last().copied() else { return };
            let fallthrough = graph[block].next.filter(|_| !graph[block].no_fallthrough);
            let jump = last.target.filter(|_| last.op.is_jump());
            for way in fallthrough.into_iter().chain(jump) {
                if graph[way].predecessors == 1
                    && let Some(first) = graph[way].instrs.first_mut()
                    && first.has_no_line()
                {
                    first.at = previous;
                }
            }
        });
    }

    /// Gives every return a line: that of the block laid out before it, if it has none.
    pub(super) fn give_lines_to_exits(&mut self, first_line: i32) {
        let mut line = first_line;
        self.for_layout(|graph, block| {
            let Some(last) = graph[block].instrs.last() else { return };
            if !last.has_no_line() {
                line = last.at.line;
            } else if last.op == Op::ReturnValue {
                for instr in &mut graph[block].instrs {
                    instr.at.line = line;
                }
            }
        });
    }
}
