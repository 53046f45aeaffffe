//! Walking the instructions of a code string.

use crate::opcode::{Opcode, Operand};

/// One instruction of a code string with its whole operand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Instruction {
    /// The byte offset at which the instruction starts: that of its first `EXTENDED_ARG`.
    pub start: usize,
    /// The byte offset of the instruction itself, after its `EXTENDED_ARG`s.
    pub offset: usize,
    /// The byte offset after the instruction and its caches.
    pub end: usize,
    /// The number of the instruction, which need not be valid.
    pub op_number: u8,
    /// The operand, `EXTENDED_ARG`s included.
    pub arg: u32,
}

impl Instruction {
    /// The instruction, if the number is one.
    pub fn op(&self) -> Option<Opcode> {
        Opcode::from_u8(self.op_number)
    }

    /// The byte offset that the instruction jumps to, if it can jump and that is not negative.
    pub fn target(&self) -> Option<usize> {
        let distance = usize::try_from(self.arg).ok()?.checked_mul(2)?;
        match self.op()?.operand() {
            Operand::Forward => self.end.checked_add(distance),
            Operand::Backward => self.end.checked_sub(distance),
            _ => None,
        }
    }
}

/// Walks the instructions of a code string, skipping cache entries. Never fails: an unknown
/// number has no caches, and an odd last byte is left out.
#[derive(Clone, Debug)]
pub struct Instructions<'a> {
    code: &'a [u8],
    offset: usize,
}

impl<'a> Instructions<'a> {
    /// Walks `code` from its start.
    pub fn new(code: &'a [u8]) -> Instructions<'a> {
        Instructions { code, offset: 0 }
    }
}

impl Iterator for Instructions<'_> {
    type Item = Instruction;

    fn next(&mut self) -> Option<Instruction> {
        let start = self.offset;
        let mut offset = start;
        let mut arg: u32 = 0;
        loop {
            let &[number, byte] = self.code.get(offset..)?.first_chunk::<2>()?;
            arg = arg << 8 | u32::from(byte);
            let op = Opcode::from_u8(number);
            if op.map(Opcode::deopt) == Some(Opcode::ExtendedArg) && self.code.len() >= offset + 4 {
                offset += 2;
                continue;
            }
            let caches = op.map_or(0, Opcode::caches);
            self.offset = offset + 2 + 2 * caches;
            return Some(Instruction { start, offset, end: self.offset, op_number: number, arg });
        }
    }
}
