//! The frame object as Rust uses it.

use std::cell::Cell;
use std::ptr::NonNull;

use habu_macros::pytype;

use crate::eval::frame::{Frame, Owner};
use crate::gc;
use crate::object::{Field, Object, Raised, Ref};

/// The layout; the frame's own memory follows it.
#[pytype(name = "frame", generic_get, generic_set, c_name = "PyFrame_Type", doc = "", gc, flag = DISALLOW_INSTANTIATION, basicsize = 120, itemsize = 8)]
pub struct FrameObject {
    /// The header.
    pub base: Object,
    /// The caller's frame object, once the frame has ended.
    pub back: Field<FrameObject>,
    /// The frame.
    pub frame: Cell<*mut Frame>,
    /// `f_trace`
    pub trace: Field,
    /// The line that a tracer jumped to, or 0.
    pub line: Cell<i32>,
    /// `f_trace_lines`
    pub trace_lines: Cell<bool>,
    /// `f_trace_opcodes`
    pub trace_opcodes: Cell<bool>,
    /// Whether `f_locals` was made of the slots.
    pub fast_as_locals: Cell<bool>,
}

crate::assert_layout!(FrameObject, size 48, back @ 16, frame @ 24, trace @ 32, line @ 40, fast_as_locals @ 46);

impl FrameObject {
    /// The object of a frame, made when first asked for.
    ///
    /// # Safety
    /// `frame` is alive and has its fields set.
    pub unsafe fn of(frame: *mut Frame) -> Result<Ref<FrameObject>, Raised> {
        // SAFETY: by the contract; the memory has room for the fields and a copy of the frame.
        unsafe {
            if let Some(object) = (*frame).object.as_ref() {
                return Ok(Ref::from_borrowed(object));
            }
            let size = size_of::<FrameObject>() + Frame::words_for((*frame).code()) * 8;
            let memory = crate::object::allocate::raw_memory(16, size, true)?.cast::<FrameObject>();
            memory.write(FrameObject {
                base: Object::of::<FrameObject>(),
                back: Field::empty(),
                frame: Cell::new(frame),
                trace: Field::empty(),
                line: Cell::new(0),
                trace_lines: Cell::new(true),
                trace_opcodes: Cell::new(false),
                fast_as_locals: Cell::new(false),
            });
            let object = Ref::from_owned(memory);
            // A collection may have run Python code that made one meanwhile.
            if let Some(other) = (*frame).object.as_ref() {
                let other = Ref::from_borrowed(other);
                object.frame.set(std::ptr::null_mut());
                return Ok(other);
            }
            (*frame).object = object.clone().into_pointer().as_ptr();
            Ok(object)
        }
    }

    /// A frame that never runs, of code in these globals (`PyFrame_New`): extensions put it into tracebacks.
    pub fn standalone(
        code: &crate::types::code::Code,
        globals: &crate::types::dict::Dict,
        locals: Option<Ref>,
    ) -> Result<Ref<FrameObject>, Raised> {
        let function = crate::types::function::Function::new(code, globals)?;
        let size = size_of::<FrameObject>() + Frame::words_for(code) * 8;
        let memory = crate::object::allocate::raw_memory(16, size, true)?.cast::<FrameObject>();
        // SAFETY: the memory has room for the fields and the frame; the frame owns its function, code and locals.
        unsafe {
            let own = memory.add(1).cast::<Frame>().as_ptr();
            let code = Ref::from_borrowed(code).into_pointer().as_ptr();
            let locals = locals.map_or(std::ptr::null_mut(), |locals| locals.into_pointer().as_ptr());
            Frame::initialise(own, function.into_pointer().as_ptr(), code, locals);
            (*own).owner = Owner::FrameObject;
            // No slot is filled; the instruction is the first that counts, so that the frame has its code's first line.
            (*own).stack_top = 0;
            let first = (*own).code().firsttraceable.get().max(0) as usize;
            (*own).previous_unit = (*own).code().first_unit().add(first.min((*own).code().unit_count()));
            memory.write(FrameObject {
                base: Object::of::<FrameObject>(),
                back: Field::empty(),
                frame: Cell::new(own),
                trace: Field::empty(),
                line: Cell::new(0),
                trace_lines: Cell::new(true),
                trace_opcodes: Cell::new(false),
                fast_as_locals: Cell::new(false),
            });
            let object = Ref::from_owned(memory);
            gc::track(&object);
            Ok(object)
        }
    }

    /// The frame, unless the collector has taken it apart.
    #[inline(always)]
    pub fn frame(&self) -> Option<NonNull<Frame>> {
        NonNull::new(self.frame.get())
    }

    /// Moves a frame that ended into its object, which others hold.
    ///
    /// # Safety
    /// `frame` does not run; it is `object`'s, and its memory is not used as a frame afterwards.
    pub unsafe fn take_over(object: Ref<FrameObject>, frame: *mut Frame) {
        // SAFETY: the object was allocated with room for this frame.
        unsafe {
            let own = object.as_pointer().as_ptr().add(1).cast::<Frame>();
            let slots = (*frame).stack_top.max(0) as usize;
            std::ptr::copy_nonoverlapping(frame.cast::<u64>(), own.cast(), size_of::<Frame>() / 8 + slots);
            object.frame.set(own);
            (*own).owner = Owner::FrameObject;
            (*own).object = std::ptr::null_mut();
            if (*own).unit_index() < (*own).code().firsttraceable.get() as isize {
                let first = (*own).code().firsttraceable.get() as usize;
                (*own).previous_unit = (*own).code().first_unit().add(first.min((*own).code().unit_count()));
            }
            let caller = complete((*own).previous);
            (*own).previous = std::ptr::null_mut();
            if !caller.is_null() {
                // Without memory for the caller's object the chain ends here; what is being raised goes on.
                let thread = crate::threads::Thread::current();
                let exception = thread.take_exception();
                match FrameObject::of(caller) {
                    Ok(back) => object.back.set(Some(back)),
                    Err(raised) => raised.clear(),
                }
                if let Some(exception) = exception {
                    let _ = thread.set_exception(exception);
                }
            }
            gc::track(&object);
        }
    }

    /// `f_back`
    pub fn back(&self) -> Result<Option<Ref<FrameObject>>, Raised> {
        if let Some(back) = self.back.get() {
            return Ok(Some(back));
        }
        let Some(frame) = self.frame() else { return Ok(None) };
        // SAFETY: the frame is alive, and so are those that called it.
        unsafe {
            let caller = complete(frame.as_ref().previous);
            if caller.is_null() {
                return Ok(None);
            }
            FrameObject::of(caller).map(Some)
        }
    }

    /// `f_code`
    pub fn code(&self) -> Option<Ref<crate::types::code::Code>> {
        // SAFETY: the frame is alive.
        self.frame().map(|frame| Ref::from_borrowed(unsafe { frame.as_ref() }.code()))
    }

    /// `f_globals`
    pub fn globals(&self) -> Option<Ref<crate::types::dict::Dict>> {
        // SAFETY: the frame is alive.
        self.frame().map(|frame| Ref::from_borrowed(unsafe { frame.as_ref() }.globals()))
    }

    /// `f_lineno`
    pub fn line(&self) -> Option<i32> {
        match self.line.get() {
            // SAFETY: the frame is alive.
            0 => self.frame().and_then(|frame| unsafe { frame.as_ref() }.line()),
            line => Some(line),
        }
    }
}

/// The first of a frame and its callers that Python may see.
///
/// # Safety
/// `frame` is null or alive, and so are its callers.
pub unsafe fn complete(mut frame: *mut Frame) -> *mut Frame {
    // SAFETY: by the contract.
    unsafe {
        while !frame.is_null() && (*frame).is_incomplete() {
            frame = (*frame).previous;
        }
    }
    frame
}

impl Drop for FrameObject {
    fn drop(&mut self) {
        if let Some(frame) = NonNull::new(self.frame.replace(std::ptr::null_mut())) {
            // SAFETY: a frame that is owned by its object ends with it; others are somebody else's.
            unsafe {
                if frame.as_ref().owner == Owner::FrameObject {
                    Frame::end(frame.as_ptr());
                }
            }
        }
    }
}
