//! The two-way algorithm of Crochemore and Perrin: linear time, constant space, forwards or backwards.
//!
//! The needle is cut at a critical place, where the local period is the period of the whole. The right part is compared
//! first, then the left one; a mismatch in either says how far the needle can move. For needles that repeat themselves
//! the part known to match after a move is remembered and not compared again.

use crate::CodeUnit;

/// A needle that has been looked at. `BACK` reads both texts from their ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct TwoWay<'n, N, const BACK: bool> {
    needle: &'n [N],
    cut: usize,
    period: usize,
    repeats: bool,
}

/// The unit at an index in reading order.
#[inline(always)]
fn at<U: CodeUnit, const BACK: bool>(text: &[U], index: usize) -> u32 {
    text[if BACK { text.len() - 1 - index } else { index }].code()
}

impl<'n, N: CodeUnit, const BACK: bool> TwoWay<'n, N, BACK> {
    /// Prepares a needle, in time linear in its length.
    pub(super) fn new(needle: &'n [N]) -> Self {
        let small = Self::maximal_suffix(needle, false);
        let great = Self::maximal_suffix(needle, true);
        let (cut, period) = if small.0 > great.0 { small } else { great };
        let repeats = cut + period <= needle.len()
            && (0..cut).all(|index| at::<N, BACK>(needle, index) == at::<N, BACK>(needle, index + period));
        let period = if repeats { period } else { cut.max(needle.len() - cut) + 1 };
        TwoWay { needle, cut, period, repeats }
    }

    /// Start and period of the largest suffix in one order of the alphabet or its reverse.
    fn maximal_suffix(needle: &[N], reverse: bool) -> (usize, usize) {
        let (mut best, mut candidate, mut offset, mut period) = (0, 1, 0, 1);
        while candidate + offset < needle.len() {
            let challenger = at::<N, BACK>(needle, candidate + offset);
            let champion = at::<N, BACK>(needle, best + offset);
            if challenger == champion {
                if offset + 1 == period {
                    candidate += period;
                    offset = 0;
                } else {
                    offset += 1;
                }
            } else if (challenger < champion) != reverse {
                candidate += offset + 1;
                offset = 0;
                period = candidate - best;
            } else {
                best = candidate;
                candidate += 1;
                offset = 0;
                period = 1;
            }
        }
        (best, period)
    }

    /// The distance of the first occurrence from where reading starts.
    pub(super) fn find<H: CodeUnit>(&self, text: &[H]) -> Option<usize> {
        let length = self.needle.len();
        let mut position = 0;
        let mut known = 0;
        while position + length <= text.len() {
            let same = |index: usize| at::<N, BACK>(self.needle, index) == at::<H, BACK>(text, position + index);
            let mut right = self.cut.max(known);
            while right < length && same(right) {
                right += 1;
            }
            if right < length {
                position += right - self.cut + 1;
                known = 0;
                continue;
            }
            let mut left = self.cut;
            while left > known && same(left - 1) {
                left -= 1;
            }
            if left <= known {
                return Some(position);
            }
            position += self.period;
            known = if self.repeats { length - self.period } else { 0 };
        }
        None
    }
}
