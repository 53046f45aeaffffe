//! The instruction set, code objects as data, their tables, and marshal. No runtime.
//!
//! Everything here is CPython 3.11's, bit for bit: instruction numbers, inline cache
//! entries, the location and exception tables, the marshal format and the header of
//! `.pyc` files. The compiler builds [`Code`] values, the runtime turns them into objects.
//! `docs/bytecode.md` describes the formats.

#![forbid(unsafe_code)]

pub mod code;
pub mod constant;
pub mod dis;
pub mod exceptiontable;
pub mod instruction;
pub mod linetable;
pub mod marshal;
pub mod opcode;
pub mod pyc;
pub mod text;
pub mod verify;

pub use code::Code;
pub use constant::Constant;
pub use instruction::{Instruction, Instructions};
pub use opcode::{CodeUnit, Opcode, Operand};
pub use text::Text;
