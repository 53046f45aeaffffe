//! Runs of `SWAP`: made as short as they can be, and where stores follow, replaced by storing in another order.

use super::{Block, Op};

impl Block {
    /// Rewrites the run of swaps (and no-ops among them) at `start` into the fewest that permute the stack alike.
    /// Answers the index of the run's last instruction.
    pub(super) fn shorten_swaps(&mut self, start: usize) -> usize {
        let run = self.instrs[start..].iter().take_while(|instr| matches!(instr.op, Op::Swap | Op::Nop)).count();
        let instrs = &mut self.instrs[start..start + run];
        let swaps = instrs.iter().filter(|instr| instr.op == Op::Swap);
        if swaps.clone().count() < 2 {
            return start;
        }
        let depth = swaps.map(|instr| instr.arg as usize).max().unwrap_or(0);
        let mut order: Vec<usize> = (0..depth).collect();
        for instr in instrs.iter().filter(|instr| instr.op == Op::Swap) {
            order.swap(0, (instr.arg as usize).saturating_sub(1));
        }
        // Each cycle of the permutation is one round of swaps with the top of the stack. They are laid down from the
        // back of the run, in the order in which the cycles are found.
        let mut rounds = Vec::new();
        let mut placed = vec![false; depth];
        for first in 0..depth {
            if placed[first] || order[first] == first {
                continue;
            }
            let mut at = first;
            loop {
                if at != 0 {
                    rounds.push(at + 1);
                }
                if std::mem::replace(&mut placed[at], true) {
                    break;
                }
                at = order[at];
            }
        }
        for instr in instrs.iter_mut() {
            instr.become_nop();
        }
        for (instr, depth) in instrs.iter_mut().rev().zip(rounds) {
            instr.op = Op::Swap;
            instr.arg = u32::try_from(depth).unwrap_or(u32::MAX);
        }
        start + run - 1
    }

    /// Lets swaps at and before `index` happen at compile time, by exchanging the stores that take the swapped values.
    pub(super) fn apply_swaps_to_stores(&mut self, index: usize) {
        for at in (0..=index).rev() {
            match self.instrs[at].op {
                Op::Swap => {}
                Op::Nop | Op::StoreFast | Op::PopTop => continue,
                _ => return,
            }
            let Some(first) = self.next_taker(at, None) else { return };
            let line = self.instrs[first].at.line;
            let mut other = first;
            for _ in 1..self.instrs[at].arg {
                match self.next_taker(other, Some(line)) {
                    Some(next) => other = next,
                    None => return,
                }
            }
            if !self.can_exchange(first, other) {
                return;
            }
            self.instrs[at].become_nop();
            self.instrs.swap(first, other);
        }
    }

    /// Whether no variable ends with another value when the instructions at `first` and `other` change places.
    fn can_exchange(&self, first: usize, other: usize) -> bool {
        let stored = |index: usize| (self.instrs[index].op == Op::StoreFast).then(|| self.instrs[index].arg);
        let ends = [stored(first), stored(other)];
        if ends[0] == ends[1] {
            return ends[0].is_none();
        }
        (first + 1..other).all(|between| stored(between).is_none_or(|variable| !ends.contains(&Some(variable))))
    }

    /// The next instruction after `index` that only takes the top of the stack, past no-ops, on `line` if that matters.
    fn next_taker(&self, index: usize, line: Option<i32>) -> Option<usize> {
        for (at, instr) in self.instrs.iter().enumerate().skip(index + 1) {
            if line.is_some_and(|line| line >= 0 && instr.at.line != line) {
                return None;
            }
            match instr.op {
                Op::Nop => {}
                Op::StoreFast | Op::PopTop => return Some(at),
                _ => return None,
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flowgraph::{Arg, Instr, Location};

    fn block(instrs: &[(Op, Arg)]) -> Block {
        let instrs = instrs.iter().map(|&(op, arg)| Instr::new(op, arg, Location::line(1))).collect();
        Block { instrs, ..Block::default() }
    }

    fn shown(block: &Block) -> Vec<(Op, Arg)> {
        block.instrs.iter().filter(|instr| instr.op != Op::Nop).map(|instr| (instr.op, instr.arg)).collect()
    }

    /// What a run of swaps makes of a stack, the top first.
    fn run(block: &Block) -> Vec<usize> {
        let mut stack: Vec<usize> = (0..6).collect();
        for instr in block.instrs.iter().filter(|instr| instr.op == Op::Swap) {
            stack.swap(0, instr.arg as usize - 1);
        }
        stack
    }

    #[test]
    fn short_runs_permute_alike() {
        for swaps in [&[2, 3, 2][..], &[4, 3, 2], &[2, 2], &[3, 2, 3, 5, 4, 2, 6], &[6, 5, 4, 3, 2, 6, 5]] {
            let swaps: Vec<(Op, Arg)> = swaps.iter().map(|&depth| (Op::Swap, depth)).collect();
            let before = block(&swaps);
            let mut after = before.clone();
            assert_eq!(after.shorten_swaps(0), swaps.len() - 1);
            assert_eq!(run(&before), run(&after));
            assert!(shown(&after).len() <= swaps.len());
        }
    }

    #[test]
    fn stores_change_places_instead_of_values() {
        let mut stores = block(&[(Op::Swap, 2), (Op::StoreFast, 0), (Op::StoreFast, 1)]);
        stores.apply_swaps_to_stores(0);
        assert_eq!(shown(&stores), [(Op::StoreFast, 1), (Op::StoreFast, 0)]);
    }

    #[test]
    fn a_variable_stored_twice_keeps_its_last_value() {
        let swaps = [(Op::Swap, 2), (Op::StoreFast, 0), (Op::StoreFast, 0)];
        let mut stores = block(&swaps);
        stores.apply_swaps_to_stores(0);
        assert_eq!(shown(&stores), swaps);
        let swaps = [(Op::Swap, 3), (Op::StoreFast, 0), (Op::StoreFast, 1), (Op::StoreFast, 0)];
        let mut stores = block(&swaps);
        stores.apply_swaps_to_stores(0);
        assert_eq!(shown(&stores), swaps);
    }
}
