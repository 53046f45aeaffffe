//! `traceback`: where an exception passed (`PyTracebackObject`).

use std::cell::Cell;

use habu_macros::pytype;

use crate::object::{Field, Object, Raised, Ref, Type};
use crate::raise;
use crate::types::frame::FrameObject;
use crate::types::list::List;
use crate::types::singletons::is_none;
use crate::types::str::Str;

/// TracebackType(tb_next, tb_frame, tb_lasti, tb_lineno)
/// --
///
/// Create a new traceback object.
#[pytype(name = "traceback", generic_get, c_name = "PyTraceBack_Type", gc)]
pub struct Traceback {
    /// The header.
    pub base: Object,
    /// The traceback of the frame that was called, or nothing.
    #[traverse]
    pub next: Field<Traceback>,
    /// The frame.
    #[traverse]
    pub frame: Field<FrameObject>,
    /// The offset in bytes of the instruction that raised.
    pub last_instruction: Cell<i32>,
    /// The line, or -1 when it is to be found from the instruction.
    pub line: Cell<i32>,
}

crate::assert_layout!(Traceback, size 40, next @ 16, frame @ 24, last_instruction @ 32);

impl Traceback {
    /// A traceback that goes on at `next`.
    pub fn new(
        next: Option<Ref<Traceback>>,
        frame: Ref<FrameObject>,
        last_instruction: i32,
        line: i32,
    ) -> Result<Ref<Traceback>, Raised> {
        crate::object::create(Traceback {
            base: Object::of::<Traceback>(),
            next: Field::optional(next),
            frame: Field::new(frame),
            last_instruction: Cell::new(last_instruction),
            line: Cell::new(line),
        })
    }

    /// `tb_lineno`
    pub fn line(&self) -> Option<i32> {
        match self.line.get() {
            -1 => {
                let frame = self.frame.get()?;
                // SAFETY: the frame is alive as long as the object has it.
                let frame = unsafe { frame.frame()?.as_ref() };
                frame.code().line_at(self.last_instruction.get())
            }
            line => Some(line),
        }
    }
}

#[habu_macros::pymethods]
impl Traceback {
    #[slot(tp_new)]
    #[signature(tb_next, tb_frame, tb_lasti, tb_lineno)]
    fn new_traceback(
        cls: &Type,
        tb_next: &Object,
        tb_frame: &FrameObject,
        tb_lasti: i32,
        tb_lineno: i32,
    ) -> Result<Ref<Traceback>, Raised> {
        let _ = cls;
        let next = match tb_next.downcast::<Traceback>() {
            Some(next) => Some(Ref::from_borrowed(next)),
            None if is_none(tb_next) => None,
            None => {
                let got = tb_next.ty().full_name();
                return Err(raise!(TypeError, "expected traceback object or None, got '{got}'"));
            }
        };
        Traceback::new(next, Ref::from_borrowed(tb_frame), tb_lasti, tb_lineno)
    }

    fn __dir__(&self) -> Result<Ref<List>, Raised> {
        let list = List::new()?;
        for name in ["tb_frame", "tb_next", "tb_lasti", "tb_lineno"] {
            list.push(Str::intern(name)?.into_object())?;
        }
        Ok(list)
    }

    #[getter]
    fn tb_next(&self) -> Result<Option<Ref<Traceback>>, Raised> {
        Ok(self.next.get())
    }

    #[setter]
    fn set_tb_next(&self, value: Option<&Object>) -> Result<(), Raised> {
        let Some(value) = value else { return Err(raise!(TypeError, "can't delete tb_next attribute")) };
        let next = match value.downcast::<Traceback>() {
            Some(next) => Some(Ref::from_borrowed(next)),
            None if is_none(value) => None,
            None => {
                return Err(raise!(TypeError, "expected traceback object or None, got '{}'", value.ty().full_name()));
            }
        };
        let mut at = next.clone();
        while let Some(traceback) = at {
            if traceback.is(self) {
                return Err(raise!(ValueError, "traceback loop detected"));
            }
            at = traceback.next.get();
        }
        self.next.set(next);
        Ok(())
    }

    #[getter]
    fn tb_frame(&self) -> Result<Option<Ref<FrameObject>>, Raised> {
        Ok(self.frame.get())
    }

    #[getter]
    fn tb_lasti(&self) -> Result<i32, Raised> {
        Ok(self.last_instruction.get())
    }

    #[getter]
    fn tb_lineno(&self) -> Result<Option<i32>, Raised> {
        Ok(self.line())
    }
}
