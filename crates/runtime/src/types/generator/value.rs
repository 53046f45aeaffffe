//! The layout that generators, coroutines and asynchronous generators share.

use std::cell::Cell;

use habu_macros::pytype;

use crate::eval::HandledExceptions;
use crate::eval::frame::{Frame, Owner};
use crate::gc;
use crate::object::{Field, Object, Raised, Ref, StaticType, Stopped, Traverse, Visit};
use crate::types::code::Code;
use crate::types::str::Str;

/// What a generator's frame does (`PyFrameState`).
#[repr(i8)]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum State {
    /// It has not started.
    Created = -2,
    /// It stands at a yield.
    Suspended = -1,
    /// It runs.
    Executing = 0,
    /// It returned or raised.
    Completed = 1,
    /// Its frame is gone.
    Cleared = 4,
}

/// The fields of a generator; its frame follows.
#[pytype(name = "generator", generic_get, c_name = "PyGen_Type", doc = "", gc, flag = DISALLOW_INSTANTIATION, weaklist = weaklist, basicsize = 152, itemsize = 8)]
pub struct Generator {
    /// The header.
    pub base: Object,
    /// `gi_code`
    pub code: Field<Code>,
    /// Weak references to the generator.
    pub weaklist: Cell<*const Object>,
    /// `__name__`
    pub name: Field<Str>,
    /// `__qualname__`
    pub qualname: Field<Str>,
    /// The exceptions that the generator is handling.
    pub handled: HandledExceptions,
    /// A coroutine's `cr_origin`, an asynchronous generator's finalizer.
    pub origin_or_finalizer: Field,
    /// Whether an asynchronous generator has asked for its hooks.
    pub hooks_inited: Cell<bool>,
    /// Whether an asynchronous generator was closed.
    pub closed: Cell<bool>,
    /// Whether an asynchronous generator is being asked for an item.
    pub running_async: Cell<bool>,
    /// What the frame does.
    pub frame_state: Cell<State>,
}

crate::assert_layout!(Generator, size 80, code @ 16, weaklist @ 24, name @ 32, handled @ 48, origin_or_finalizer @ 64,
    hooks_inited @ 72, frame_state @ 75);

impl Generator {
    /// A generator of the type `ty` (one of the three) that owns a copy of `frame`, which does not run: its values move over.
    ///
    /// # Safety
    /// `frame` stands before its first yield; its memory is used no more as a frame.
    pub unsafe fn of_frame(ty: &'static StaticType, frame: *mut Frame) -> Result<Ref<Generator>, Raised> {
        // SAFETY: the memory has room for the fields, the frame's header and its slots.
        unsafe {
            let code = (*frame).code();
            let size = size_of::<Generator>() + Frame::words_for(code) * 8;
            let memory = crate::object::allocate::raw_memory(16, size, true)?.cast::<Generator>();
            let function = (*frame).function();
            memory.write(Generator {
                base: Object::header(&raw const ty.ty),
                code: Field::new(Ref::from_borrowed(code)),
                weaklist: Cell::new(std::ptr::null()),
                name: Field::optional(function.name.get()),
                qualname: Field::optional(function.qualname.get()),
                handled: HandledExceptions { exception: Field::empty(), previous: Cell::new(std::ptr::null()) },
                origin_or_finalizer: Field::empty(),
                hooks_inited: Cell::new(false),
                closed: Cell::new(false),
                running_async: Cell::new(false),
                frame_state: Cell::new(State::Created),
            });
            let own = memory.as_ptr().add(1).cast::<Frame>();
            let slots = (*frame).stack_top.max(0) as usize;
            std::ptr::copy_nonoverlapping(frame.cast::<u64>(), own.cast(), size_of::<Frame>() / 8 + slots);
            (*own).owner = Owner::Generator;
            (*own).previous = std::ptr::null_mut();
            if let Some(object) = (*own).object.as_ref() {
                object.frame.set(own);
            }
            let generator = Ref::from_owned(memory);
            gc::track(&generator);
            Ok(generator)
        }
    }

    /// The frame.
    #[inline(always)]
    pub fn frame(&self) -> *mut Frame {
        // SAFETY: the frame follows the fields.
        unsafe { std::ptr::from_ref(self).add(1).cast_mut().cast() }
    }

    /// What the frame does.
    #[inline(always)]
    pub fn state(&self) -> State {
        self.frame_state.get()
    }

    /// Ends the frame.
    pub fn clear_frame(&self) {
        if self.frame_state.get() != State::Cleared {
            self.frame_state.set(State::Cleared);
            let frame = self.frame();
            // SAFETY: the frame is the generator's own and does not run.
            unsafe {
                (*frame).previous = std::ptr::null_mut();
                Frame::end(frame);
            }
        }
    }

    /// Shows what the generator refers to to the collector.
    pub fn traverse_fields(&self, visit: &Visit) -> Result<(), Stopped> {
        self.code.traverse(visit)?;
        self.name.traverse(visit)?;
        self.qualname.traverse(visit)?;
        self.origin_or_finalizer.traverse(visit)?;
        if self.frame_state.get() != State::Cleared {
            // SAFETY: the frame is alive until it is cleared.
            unsafe { &*self.frame() }.traverse(visit)?;
        }
        self.handled.exception.traverse(visit)
    }

    /// Whether this is a coroutine.
    #[inline]
    pub fn is_coroutine(&self) -> bool {
        self.base.is_exact::<crate::types::coroutine::Coroutine>()
    }

    /// Whether this is an asynchronous generator.
    #[inline]
    pub fn is_async_generator(&self) -> bool {
        self.base.is_exact::<crate::types::async_generator::AsyncGenerator>()
    }

    /// What it is, for messages.
    pub fn kind(&self) -> &'static str {
        if self.is_coroutine() {
            "coroutine"
        } else if self.is_async_generator() {
            "async generator"
        } else {
            "generator"
        }
    }

    /// `__qualname__`
    pub fn qualname(&self) -> Ref<Str> {
        self.qualname.get().unwrap_or_else(crate::types::str::intern::empty)
    }
}

impl Drop for Generator {
    fn drop(&mut self) {
        self.clear_frame();
    }
}
