//! Interpreter frames (`_PyInterpreterFrame`) and the stack that they live on.
//!
//! A frame is a header of nine words, the local variables, and the value stack. Frames of functions lie on their thread's data stack, which is made of
//! chunks from the heap; those of generators lie inside the generator; a frame whose frame object outlives it moves into that object.
//! Nothing of them is on the native stack.
//!
//! Invariants: `stack_top` is the number of values in locals and stack while the frame does not run, and -1 while it runs; `previous_unit` is
//! the unit before the next one to run (the instruction that runs, or its last cache entry while it calls).

use std::cell::Cell;
use std::ptr::NonNull;

use habu_heap::Domain;

use super::value::{NULL, Value, own, own_optional, xdecref};
use crate::exceptions::memory_error;
use crate::object::{Object, Raised, Ref, Stopped, Visit};
use crate::types::code::Code;
use crate::types::dict::Dict;
use crate::types::frame::FrameObject;
use crate::types::function::Function;
use crate::types::generator::Generator;

/// Who the memory of a frame belongs to.
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Owner {
    /// The thread's data stack.
    Thread = 0,
    /// A generator, coroutine or asynchronous generator.
    Generator = 1,
    /// A frame object.
    FrameObject = 2,
}

/// What a return from a frame means to the frame that called it.
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Returns {
    /// The value is the result of the call.
    Value = 0,
    /// The value of `__init__` must be None; the result, the instance, is on the caller's stack already, and the class and the arguments still
    /// are, with a reference more to each argument (`call::push_init`).
    Instance = 1,
    /// A generator ended: the caller stands at a FOR_ITER, which jumps.
    IterationEnd = 2,
    /// A generator or coroutine ended: the caller stands at a SEND, which jumps with the value.
    SendEnd = 3,
    /// As `Instance`, for a call with names: two references more to each argument, one to the instance.
    NamedInstance = 4,
}

/// A frame (`_PyInterpreterFrame`).
#[repr(C)]
pub struct Frame {
    /// The function, owned.
    pub function: *mut Function,
    /// The globals, borrowed from the function.
    pub globals: *const Dict,
    /// The builtins, borrowed from the function.
    pub builtins: *const Object,
    /// The locals of a module or class body, owned, or null.
    pub locals: Value,
    /// The code, owned.
    pub code: *mut Code,
    /// The frame object, owned, or null.
    pub object: *mut FrameObject,
    /// The frame that called this one.
    pub previous: *mut Frame,
    /// The unit before the next one to run.
    pub previous_unit: *mut u16,
    /// The values in locals and stack, or -1 while the frame runs.
    pub stack_top: i32,
    /// Whether a return from this frame leaves the loop.
    pub is_entry: bool,
    /// Whose memory this is.
    pub owner: Owner,
    /// What a return from this frame means to the frame that called it.
    pub returns: Returns,
    /// What is or-ed to the number of every instruction before it is looked up: 255, `DO_TRACING`, while the thread has a hook that may want to
    /// be told of it, else 0.
    pub traced: u8,
}

crate::assert_layout!(Frame, size 72, globals @ 8, locals @ 24, code @ 32, object @ 40, previous @ 48, previous_unit @ 56,
    stack_top @ 64, is_entry @ 68, owner @ 69, returns @ 70, traced @ 71);

/// The header in words.
pub const HEADER_WORDS: usize = size_of::<Frame>() / 8;

impl Frame {
    /// The local variables, followed by the value stack.
    #[inline(always)]
    pub fn slots(&self) -> *mut Value {
        // SAFETY: the slots follow the header in the same block.
        unsafe { std::ptr::from_ref(self).add(1).cast_mut().cast() }
    }

    /// The code.
    #[inline(always)]
    pub fn code(&self) -> &Code {
        // SAFETY: the frame owns a reference to its code.
        unsafe { &*self.code }
    }

    /// The function.
    #[inline(always)]
    pub fn function(&self) -> &Function {
        // SAFETY: the frame owns a reference to its function.
        unsafe { &*self.function }
    }

    /// The globals.
    #[inline(always)]
    pub fn globals(&self) -> &Dict {
        // SAFETY: the function holds them, and the frame the function.
        unsafe { &*self.globals }
    }

    /// The builtins: a dictionary nearly always.
    #[inline(always)]
    pub fn builtins(&self) -> &Object {
        // SAFETY: as above.
        unsafe { &*self.builtins }
    }

    /// The words that a frame of `code` takes.
    #[inline(always)]
    pub fn words_for(code: &Code) -> usize {
        HEADER_WORDS + code.nlocalsplus.get() as usize + code.stacksize.get() as usize
    }

    /// The index of the unit that runs, -1 before the first.
    #[inline(always)]
    pub fn unit_index(&self) -> isize {
        // SAFETY: both point into the same code, or one unit before it.
        unsafe { self.previous_unit.offset_from(self.code().first_unit()) }
    }

    /// `f_lasti`: the byte offset of the unit that runs.
    pub fn last_instruction(&self) -> i32 {
        match self.unit_index() {
            index if index < 0 => -1,
            index => index as i32 * 2,
        }
    }

    /// Whether the frame has not come to its first traceable instruction, so that Python must not see it.
    #[inline]
    pub fn is_incomplete(&self) -> bool {
        self.owner == Owner::Thread && self.unit_index() < self.code().firsttraceable.get() as isize
    }

    /// The line that runs, if there is one.
    pub fn line(&self) -> Option<i32> {
        self.code().line_at(self.last_instruction())
    }

    /// Fills the header of a new frame whose slots are still to be written.
    ///
    /// # Safety
    /// `this` points to room for the frame; `function` and `code` are owned references, `locals` owned or null.
    #[inline(always)]
    pub unsafe fn initialise(this: *mut Frame, function: *mut Function, code: *mut Code, locals: Value) {
        // SAFETY: by the contract; the function's globals and builtins are set when it is made and stay.
        unsafe {
            let globals = (*function).globals.pointer();
            let builtins = (*function).builtins.pointer();
            this.write(Frame {
                function,
                globals,
                builtins,
                locals,
                code,
                object: std::ptr::null_mut(),
                previous: std::ptr::null_mut(),
                previous_unit: (*code).first_unit().wrapping_sub(1),
                stack_top: (*code).nlocalsplus.get(),
                is_entry: false,
                owner: Owner::Thread,
                returns: Returns::Value,
                traced: 0,
            });
        }
    }

    /// Shows what the frame refers to to the collector; nothing of the slots while it runs.
    pub fn traverse(&self, visit: &Visit) -> Result<(), Stopped> {
        // SAFETY: these are null or owned by the frame.
        unsafe {
            for owned in [self.object.cast::<Object>(), self.locals, self.function.cast(), self.code.cast()] {
                if let Some(object) = owned.as_ref() {
                    visit.object(object)?;
                }
            }
            for index in 0..self.stack_top.max(0) as usize {
                if let Some(object) = (*self.slots().add(index)).as_ref() {
                    visit.object(object)?;
                }
            }
        }
        Ok(())
    }

    /// Ends what a frame holds, after it ran: a frame object that others hold takes the frame over, else slots are dropped.
    ///
    /// # Safety
    /// The frame does not run and is no longer linked as the current one; its memory is the caller's to free afterwards.
    #[inline(always)]
    pub unsafe fn end(this: *mut Frame) {
        // SAFETY: by the contract.
        unsafe {
            if !(*this).object.is_null() && Frame::give_to_object(this) {
                return;
            }
            let slots = (*this).slots();
            let top = (*this).stack_top;
            (*this).stack_top = 0;
            for index in 0..top.max(0) as usize {
                xdecref(*slots.add(index));
            }
            xdecref((*this).locals);
            super::value::decref((*this).function.cast());
            super::value::decref((*this).code.cast());
        }
    }

    /// Hands the frame to its object when somebody else holds that; true when it took everything.
    ///
    /// # Safety
    /// As `end`; the frame has an object.
    #[cold]
    #[inline(never)]
    unsafe fn give_to_object(this: *mut Frame) -> bool {
        // SAFETY: by the contract.
        unsafe {
            let object = own((*this).object.cast());
            (*this).object = std::ptr::null_mut();
            if object.refcount() == 1 {
                drop(object);
                return false;
            }
            let object = object.cast_into_unchecked::<FrameObject>();
            FrameObject::take_over(object, this);
            true
        }
    }
}

/// A piece of a data stack.
#[repr(C)]
struct Chunk {
    previous: *mut Chunk,
    /// The size of the whole chunk in bytes.
    size: usize,
    /// Where the stack stood in the previous chunk.
    previous_top: *mut Value,
}

/// The first chunk's bytes; the others double.
const FIRST_CHUNK: usize = 16 * 1024;
const LARGEST_CHUNK: usize = 256 * 1024;

/// The stack of a thread's frames. An extension that switches native stacks (greenlet) keeps the three words of each, starts new ones with
/// null, and frees their chunks by the allocator of arenas (`PyObject_GetArenaAllocator`).
#[repr(C)]
pub struct DataStack {
    chunk: Cell<*mut Chunk>,
    top: Cell<*mut Value>,
    limit: Cell<*mut Value>,
}

/// A chunk that was left, kept for the next call: calls at the edge of a chunk do not allocate each time.
pub struct SpareChunk(Cell<*mut Chunk>);

impl Default for SpareChunk {
    fn default() -> SpareChunk {
        SpareChunk(Cell::new(std::ptr::null_mut()))
    }
}

impl SpareChunk {
    /// Takes the chunk, null where there is none.
    fn take(&self) -> *mut Chunk {
        self.0.replace(std::ptr::null_mut())
    }
}

impl DataStack {
    /// An empty stack, which has no memory yet.
    pub const fn new() -> DataStack {
        DataStack {
            chunk: Cell::new(std::ptr::null_mut()),
            top: Cell::new(std::ptr::null_mut()),
            limit: Cell::new(std::ptr::null_mut()),
        }
    }

    /// Room for `words` words.
    #[inline(always)]
    pub fn push(&self, words: usize) -> Result<*mut Frame, Raised> {
        let base = self.top.get();
        let room = (self.limit.get() as usize).wrapping_sub(base as usize) / 8;
        if words >= room {
            return self.push_chunk(words);
        }
        // SAFETY: within the chunk.
        self.top.set(unsafe { base.add(words) });
        Ok(base.cast())
    }

    /// Room for `words` words in the present chunk, if it has that.
    #[inline(always)]
    pub fn push_here(&self, words: usize) -> Option<*mut Frame> {
        let base = self.top.get();
        let room = (self.limit.get() as usize).wrapping_sub(base as usize) / 8;
        if words >= room {
            return None;
        }
        // SAFETY: within the chunk.
        self.top.set(unsafe { base.add(words) });
        Some(base.cast())
    }

    #[cold]
    #[inline(never)]
    fn push_chunk(&self, words: usize) -> Result<*mut Frame, Raised> {
        let needed = words.checked_add(8).and_then(|words| words.checked_mul(8)).map(|size| size + size_of::<Chunk>());
        let Some(needed) = needed.filter(|size| *size < isize::MAX as usize) else { return Err(memory_error()) };
        let spare = spare_of_thread().take();
        // SAFETY: a spare chunk is one of ours, used by nobody.
        let chunk = unsafe {
            if !spare.is_null() && (*spare).size >= needed {
                spare
            } else {
                free_chunk(spare);
                let last = self.chunk.get().as_ref().map_or(FIRST_CHUNK / 2, |chunk| chunk.size);
                let mut size = (last * 2).min(LARGEST_CHUNK);
                while size < needed {
                    size *= 2;
                }
                let Some(memory) = habu_heap::alloc(Domain::Mem, size) else { return Err(memory_error()) };
                let chunk = memory.cast::<Chunk>().as_ptr();
                chunk.write(Chunk { previous: std::ptr::null_mut(), previous_top: std::ptr::null_mut(), size });
                chunk
            }
        };
        // SAFETY: the chunk is ours, and large enough for the frame behind its header.
        unsafe {
            (*chunk).previous = self.chunk.get();
            (*chunk).previous_top = self.top.get();
            self.chunk.set(chunk);
            let base = chunk.add(1).cast::<Value>();
            self.limit.set(chunk.cast::<u8>().add((*chunk).size).cast());
            self.top.set(base.add(words));
            Ok(base.cast())
        }
    }

    /// Takes the topmost frame off.
    ///
    /// # Safety
    /// `frame` is what the last `push` gave that was not popped yet.
    #[inline(always)]
    pub unsafe fn pop(&self, frame: *mut Frame) {
        let base = frame.cast::<Value>();
        // SAFETY: there is a chunk, since a frame lies in it.
        let first = unsafe { self.chunk.get().add(1) }.cast::<Value>();
        if base == first {
            // SAFETY: by the contract.
            return unsafe { self.pop_chunk() };
        }
        self.top.set(base);
    }

    #[cold]
    #[inline(never)]
    unsafe fn pop_chunk(&self) {
        let chunk = self.chunk.get();
        // SAFETY: the chunk holds no frame any more.
        unsafe {
            if (*chunk).previous.is_null() {
                self.top.set(chunk.add(1).cast());
                return;
            }
            self.chunk.set((*chunk).previous);
            self.top.set((*chunk).previous_top);
            self.limit.set((*chunk).previous.cast::<u8>().add((*(*chunk).previous).size).cast());
            free_chunk(spare_of_thread().0.replace(chunk));
        }
    }
}

/// Frees a chunk that nobody uses; null is none.
///
/// # Safety
/// The chunk is one of `push_chunk`'s, and gone afterwards.
unsafe fn free_chunk(chunk: *mut Chunk) {
    if let Some(chunk) = NonNull::new(chunk) {
        // SAFETY: it was allocated with this size.
        unsafe { habu_heap::free(Domain::Mem, chunk.cast(), chunk.as_ref().size) };
    }
}

impl Default for DataStack {
    fn default() -> DataStack {
        DataStack::new()
    }
}

impl DataStack {
    /// Gives all memory back, and the spare chunk. There are no frames any more.
    pub fn free(&self, spare: &SpareChunk) {
        // SAFETY: a thread that ends has no frames any more.
        unsafe {
            free_chunk(spare.take());
            self.top.set(std::ptr::null_mut());
            self.limit.set(std::ptr::null_mut());
            let mut chunk = self.chunk.replace(std::ptr::null_mut());
            while !chunk.is_null() {
                let previous = (*chunk).previous;
                free_chunk(chunk);
                chunk = previous;
            }
        }
    }
}

impl Drop for DataStack {
    fn drop(&mut self) {
        self.free(&SpareChunk::default());
    }
}

/// The spare chunk of the thread whose stack grows or shrinks.
fn spare_of_thread() -> &'static SpareChunk {
    &crate::threads::Thread::current().eval.spare
}

/// The generator that a frame lies in.
///
/// # Safety
/// The frame's owner is a generator.
#[inline(always)]
pub unsafe fn generator_of(frame: *mut Frame) -> *mut Generator {
    // SAFETY: the frame stands behind the generator's fields.
    unsafe { frame.cast::<u8>().sub(size_of::<Generator>()).cast() }
}

/// Drops the values from `from` up to `top`, the last one first.
///
/// # Safety
/// They are owned or null, and gone afterwards.
pub unsafe fn drop_values(from: *mut Value, top: *mut Value) {
    let mut at = top;
    // SAFETY: by the contract.
    unsafe {
        while at > from {
            at = at.sub(1);
            drop(own_optional(std::mem::replace(&mut *at, NULL)));
        }
    }
}

/// A reference to the function of a frame.
pub fn function_of(frame: &Frame) -> Ref<Function> {
    Ref::from_borrowed(frame.function())
}
