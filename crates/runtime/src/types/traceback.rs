//! `traceback`: where an exception passed (`PyTracebackObject`).

use std::cell::Cell;

use habu_macros::pytype;

use crate::object::{Field, Object};

/// Create a new traceback object.
#[pytype(name = "traceback", gc)]
pub struct Traceback {
    /// The header.
    pub base: Object,
    /// The traceback of the frame that was called, or nothing.
    #[traverse]
    pub next: Field<Traceback>,
    /// The frame.
    #[traverse]
    pub frame: Field,
    /// The offset in bytes of the instruction that raised.
    pub last_instruction: Cell<i32>,
    /// The line, or -1 when it is to be found from the instruction.
    pub line: Cell<i32>,
}

crate::assert_layout!(Traceback, size 40, next @ 16, frame @ 24, last_instruction @ 32);

#[habu_macros::pymethods]
impl Traceback {}
