//! What Python sees of frames.

use habu_macros::pymethods;

use super::value::FrameObject;
use crate::eval::frame::{Frame, Owner, generator_of};
use crate::eval::value::{NULL, own_optional};
use crate::object::{Object, Raised, Ref, Status, Stopped, Traverse, Visit};
use crate::raise;
use crate::types::dict::Dict;
use crate::types::generator::State;
use crate::types::singletons::{is_none, none};
use crate::types::str::Str;

#[pymethods]
impl FrameObject {
    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        let code = self.live()?.code();
        let line = self.line().unwrap_or(-1);
        let file = crate::object::protocol::repr(&code.filename())?;
        Str::from_format(format_args!(
            "<frame at {:#x}, file {file}, line {line}, code {}>",
            self.address(),
            code.name()
        ))
    }

    #[slot(tp_traverse)]
    fn traverse(&self, visit: &Visit) -> Result<(), Stopped> {
        self.back.traverse(visit)?;
        self.trace.traverse(visit)?;
        match self.frame() {
            // SAFETY: the frame is alive, and the object's own.
            Some(frame) if unsafe { frame.as_ref() }.owner == Owner::FrameObject => {
                // SAFETY: as above.
                unsafe { frame.as_ref() }.traverse(visit)
            }
            _ => Ok(()),
        }
    }

    #[slot(tp_clear)]
    fn clear_references(&self) {
        drop(self.trace.take());
        let Some(frame) = self.frame() else { return };
        // SAFETY: a frame that its object owns does not run: its values may be dropped.
        unsafe {
            if frame.as_ref().owner == Owner::FrameObject {
                clear_slots(frame.as_ptr());
            }
        }
    }

    /// F.clear(): clear most references held by the frame
    #[no_signature]
    fn clear(&self) -> Result<(), Raised> {
        let Some(frame) = self.frame() else { return Ok(()) };
        // SAFETY: the frame is alive.
        unsafe {
            match frame.as_ref().owner {
                Owner::Thread => Err(raise!(RuntimeError, "cannot clear an executing frame")),
                Owner::Generator => {
                    let generator = &*generator_of(frame.as_ptr());
                    if generator.state() == State::Executing {
                        return Err(raise!(RuntimeError, "cannot clear an executing frame"));
                    }
                    crate::types::generator::close::finalize(generator);
                    Ok(())
                }
                Owner::FrameObject => {
                    self.clear_references();
                    Ok(())
                }
            }
        }
    }

    /// F.__sizeof__() -> size of F in memory, in bytes
    #[no_signature]
    fn __sizeof__(&self) -> Result<usize, Raised> {
        let code = self.live()?.code();
        Ok(120 + (code.nlocalsplus.get() + code.stacksize.get()) as usize * 8)
    }

    #[hidden]
    fn live(&self) -> Result<&Frame, Raised> {
        // SAFETY: the frame is alive as long as the object has it.
        self.frame()
            .map(|frame| unsafe { &*frame.as_ptr() })
            .ok_or_else(|| raise!(SystemError, "frame object without a frame"))
    }

    #[getter]
    fn f_back(&self) -> Result<Option<Ref<FrameObject>>, Raised> {
        self.back()
    }

    #[getter]
    fn f_locals(&self) -> Result<Ref, Raised> {
        let Some(frame) = self.frame() else { return Ok(Dict::new()?.into_object()) };
        // SAFETY: the frame is alive.
        let locals = unsafe { super::locals::fast_to_locals(frame.as_ptr()) }?;
        self.fast_as_locals.set(true);
        Ok(locals)
    }

    #[getter]
    fn f_lineno(&self) -> Result<Option<i32>, Raised> {
        Ok(self.line())
    }

    #[setter]
    fn set_f_lineno(&self, value: Option<&Object>) -> Result<(), Raised> {
        match value {
            None => Err(raise!(AttributeError, "cannot delete attribute")),
            Some(value) => super::jump::set_line(self, value),
        }
    }

    #[getter]
    fn f_lasti(&self) -> Result<i32, Raised> {
        Ok(self.live()?.last_instruction())
    }

    #[getter]
    fn f_globals(&self) -> Result<Ref<Dict>, Raised> {
        Ok(Ref::from_borrowed(self.live()?.globals()))
    }

    #[getter]
    fn f_builtins(&self) -> Result<Ref, Raised> {
        Ok(self.live()?.builtins().to_ref())
    }

    #[getter]
    fn f_code(&self) -> Result<Ref, Raised> {
        crate::audit!("object.__getattr__", self.to_ref(), "f_code")?;
        Ok(self.live()?.code().to_ref())
    }

    #[getter]
    fn f_trace(&self) -> Result<Ref, Raised> {
        Ok(self.trace.get().unwrap_or_else(none))
    }

    #[setter]
    fn set_f_trace(&self, value: Option<&Object>) -> Result<(), Raised> {
        self.trace.set(value.filter(|value| !is_none(value)).map(Object::to_ref));
        Ok(())
    }

    #[getter]
    fn f_trace_lines(&self) -> Result<bool, Raised> {
        Ok(self.trace_lines.get())
    }

    #[setter]
    fn set_f_trace_lines(&self, value: Option<&Object>) -> Result<(), Raised> {
        self.trace_lines.set(boolean_attribute(value)?);
        Ok(())
    }

    #[getter]
    fn f_trace_opcodes(&self) -> Result<bool, Raised> {
        Ok(self.trace_opcodes.get())
    }

    #[setter]
    fn set_f_trace_opcodes(&self, value: Option<&Object>) -> Result<(), Raised> {
        self.trace_opcodes.set(boolean_attribute(value)?);
        Ok(())
    }
}

fn boolean_attribute(value: Option<&Object>) -> Result<bool, Raised> {
    let Some(value) = value else { return Err(raise!(TypeError, "can't delete numeric/char attribute")) };
    match value.downcast_exact::<crate::types::int::Bool>() {
        Some(value) => Ok(value.is(crate::types::singletons::boolean_static(true))),
        None => Err(raise!(TypeError, "attribute value type must be bool")),
    }
}

/// Drops what the slots of an ended frame hold. Its dictionary of locals stays, as in CPython: asked for again, it is brought up to date.
///
/// # Safety
/// The frame is alive and does not run.
unsafe fn clear_slots(frame: *mut Frame) {
    // SAFETY: each slot is emptied before what it held is dropped.
    unsafe {
        let top = (*frame).stack_top.max(0) as usize;
        for index in 0..top {
            drop(own_optional(std::mem::replace(&mut *(*frame).slots().add(index), NULL)));
        }
        (*frame).stack_top = 0;
    }
    let _ = Status::OK;
}
