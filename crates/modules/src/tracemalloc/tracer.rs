//! Where blocks were allocated: the tracer that the heap tells of every block, and the tracebacks that it keeps.
//!
//! A traceback is a row of frames, each a file and a line; equal ones are kept once and have a number. The commonest question, which traceback is
//! the current instruction's, is answered from a small cache whose entries are valid as long as no code object was freed.
//!
//! Invariants:
//! - The tracer is used by the thread that holds the interpreter's lock. Blocks of the raw domain that other threads take are not traced.
//! - `busy` says what is to be passed over: nothing; new blocks, while traces are made into objects; everything, while the tables change.
//! - No object is freed while a table is borrowed: file names are let go of after the tables were taken out.

use std::cell::{Cell, RefCell};
use std::ptr::NonNull;

use habu_heap::{Domain, OutOfMemory, Trace};
use habu_runtime::eval::frame::Frame;
use habu_runtime::object::Ref;
use habu_runtime::threads::{Interpreter, Thread};
use habu_runtime::types::code::Code;
use habu_runtime::types::frame::value::complete;
use habu_runtime::types::str::Str;

use super::storage::{Index, RawArray, TraceEntry, Traces};

/// What the tracer passes over.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Busy {
    /// Nothing.
    No,
    /// Blocks that are allocated.
    Reading,
    /// Everything: the blocks are the tracer's own.
    Changing,
}

/// A frame of a traceback: the number of its file and its line.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Place {
    file: u32,
    line: u32,
}

/// The number of the file of a place that is not known.
const UNKNOWN_FILE: u32 = u32::MAX;

/// A traceback: its places among all places.
#[derive(Clone, Copy)]
struct Traceback {
    start: u32,
    length: u16,
    /// The frames that there were, of which the outer ones may have been left out.
    total: u16,
}

/// An instruction whose place is known.
#[derive(Clone, Copy)]
struct Known {
    code: *const Code,
    unit: usize,
    /// How many code objects had been freed.
    epoch: u64,
    place: Place,
    /// With one frame a traceback: the number of the traceback plus one.
    traceback: u32,
    /// The number of frames that this traceback was cut from.
    total: u16,
}

const KNOWN: usize = 1024;
const NOTHING_KNOWN: Known = Known {
    code: std::ptr::null(),
    unit: 0,
    epoch: 0,
    place: Place { file: UNKNOWN_FILE, line: 0 },
    traceback: 0,
    total: 0,
};

/// All that is kept.
struct Tables {
    traces: Traces,
    tracebacks: RawArray<Traceback>,
    traceback_index: Index,
    places: RawArray<Place>,
    /// Owned references.
    files: RawArray<*const Str>,
    file_index: Index,
    known: RawArray<Known>,
    /// Where a traceback is put together.
    scratch: RawArray<Place>,
}

impl Tables {
    const fn new() -> Tables {
        Tables {
            traces: Traces::new(),
            tracebacks: RawArray::new(),
            traceback_index: Index::new(),
            places: RawArray::new(),
            files: RawArray::new(),
            file_index: Index::new(),
            known: RawArray::new(),
            scratch: RawArray::new(),
        }
    }

    fn bytes(&self) -> usize {
        self.traces.bytes()
            + self.tracebacks.bytes()
            + self.traceback_index.bytes()
            + self.places.bytes()
            + self.files.bytes()
            + self.file_index.bytes()
            + self.known.bytes()
            + self.scratch.bytes()
    }

    /// The number of a file.
    fn file(&mut self, name: Ref<Str>) -> Result<u32, OutOfMemory> {
        let hash = name.hash() as u32;
        let files = self.files.as_slice();
        let is_it = |number: u32| {
            // SAFETY: the table owns its references.
            files.get(number as usize).is_some_and(|&file| unsafe { &*file }.same_text(&name))
        };
        if let Some(number) = self.file_index.find(hash, is_it) {
            return Ok(number);
        }
        let number = self.files.as_slice().len() as u32;
        self.files.push(std::ptr::from_ref::<Str>(&name))?;
        std::mem::forget(name);
        self.file_index.insert(hash, number)?;
        Ok(number)
    }

    /// Where a frame is.
    fn place(&mut self, frame: &Frame) -> Result<Place, OutOfMemory> {
        let line = frame.line().map_or(0, |line| line.max(0) as u32);
        Ok(Place { file: self.file(frame.code().filename())?, line })
    }

    /// The number of the traceback in `scratch`.
    fn intern(&mut self, total: u16) -> Result<u32, OutOfMemory> {
        let wanted = self.scratch.as_slice();
        let hash = wanted.iter().fold(u32::from(total), |hash, place| {
            (hash.rotate_left(5) ^ place.file).wrapping_mul(0x9E37_79B1).rotate_left(11) ^ place.line
        });
        let hash = hash.wrapping_mul(0x85EB_CA6B);
        let hash = hash ^ hash >> 15;
        let (tracebacks, places) = (self.tracebacks.as_slice(), self.places.as_slice());
        let is_it = |number: u32| {
            tracebacks.get(number as usize).is_some_and(|found| {
                let start = found.start as usize;
                found.total == total && places.get(start..start + usize::from(found.length)) == Some(wanted)
            })
        };
        if let Some(number) = self.traceback_index.find(hash, is_it) {
            return Ok(number);
        }
        let (start, length) = (places.len() as u32, wanted.len() as u16);
        for index in 0..self.scratch.as_slice().len() {
            self.places.push(self.scratch.as_slice()[index])?;
        }
        let number = self.tracebacks.as_slice().len() as u32;
        self.tracebacks.push(Traceback { start, length, total })?;
        self.traceback_index.insert(hash, number)?;
        Ok(number)
    }

    /// The number of the traceback of the frames from `frame` outwards, at most `limit` of them.
    fn current(&mut self, interpreter: &Interpreter, mut frame: *mut Frame, limit: u16) -> Result<u32, OutOfMemory> {
        if self.known.as_slice().is_empty() {
            self.known = RawArray::filled(NOTHING_KNOWN, KNOWN)?;
        }
        let epoch = interpreter.codes_freed.get() + 1;
        self.scratch.clear();
        let mut total = 0u16;
        let mut first = None;
        // SAFETY: the frames of the current thread are alive.
        while let Some(this) = unsafe { complete(frame).as_ref() } {
            total = total.saturating_add(1);
            frame = this.previous;
            if self.scratch.as_slice().len() < usize::from(limit) {
                let (code, unit) = (this.code.cast_const(), this.previous_unit as usize);
                let at = (unit >> 1 ^ unit >> 11) % KNOWN;
                let known = self.known.as_slice()[at];
                let place = if known.code == code && known.unit == unit && known.epoch == epoch {
                    known.place
                } else {
                    let place = self.place(this)?;
                    self.known.as_mut_slice()[at] = Known { code, unit, epoch, place, traceback: 0, total: 0 };
                    place
                };
                first = first.or(Some(at));
                self.scratch.push(place)?;
            }
        }
        if self.scratch.as_slice().is_empty() {
            self.scratch.push(Place { file: UNKNOWN_FILE, line: 0 })?;
            total = 1;
        }
        let Some(at) = first.filter(|_| limit == 1) else { return self.intern(total) };
        let known = self.known.as_slice()[at];
        if known.traceback != 0 && known.total == total {
            return Ok(known.traceback - 1);
        }
        let number = self.intern(total)?;
        let known = &mut self.known.as_mut_slice()[at];
        (known.traceback, known.total) = (number + 1, total);
        Ok(number)
    }
}

/// The tracer of an interpreter.
pub(super) struct Tracer {
    tables: RefCell<Tables>,
    busy: Cell<Busy>,
    tracing: Cell<bool>,
    limit: Cell<u16>,
    traced: Cell<usize>,
    peak: Cell<usize>,
    interpreter: NonNull<Interpreter>,
    hook: Trace,
}

/// A trace as it is told to Python: domain, size, and its traceback's number.
pub(super) type Told = (u32, usize, u32);

impl Tracer {
    /// The tracer of the current interpreter; made on first use, for as long as the interpreter lives.
    pub(super) fn current() -> &'static Tracer {
        let interpreter = Thread::current().interpreter();
        let known = interpreter.memory_tracer.get().cast::<Tracer>();
        // SAFETY: only this function stores there, a tracer that is never freed.
        if let Some(tracer) = unsafe { known.as_ref() } {
            return tracer;
        }
        let tracer: &'static mut Tracer = Box::leak(Box::new(Tracer {
            tables: RefCell::new(Tables::new()),
            busy: Cell::new(Busy::No),
            tracing: Cell::new(false),
            limit: Cell::new(1),
            traced: Cell::new(0),
            peak: Cell::new(0),
            interpreter: NonNull::from(interpreter),
            hook: Trace { context: std::ptr::null_mut(), allocated, reallocated, freed },
        }));
        tracer.hook.context = std::ptr::from_mut(tracer).cast();
        interpreter.memory_tracer.set(std::ptr::from_ref(tracer).cast());
        tracer
    }

    fn interpreter(&self) -> &Interpreter {
        // SAFETY: an interpreter outlives its tracer, which only its own heap calls.
        unsafe { self.interpreter.as_ref() }
    }

    pub(super) fn is_tracing(&self) -> bool {
        self.tracing.get()
    }

    pub(super) fn limit(&self) -> u16 {
        self.limit.get()
    }

    pub(super) fn set_limit(&self, limit: u16) {
        self.limit.set(limit);
    }

    /// Bytes that are traced, and the most that were.
    pub(super) fn traced(&self) -> (usize, usize) {
        (self.traced.get(), self.peak.get())
    }

    pub(super) fn reset_peak(&self) {
        self.peak.set(self.traced.get());
    }

    /// Bytes that tracing takes itself.
    pub(super) fn own_bytes(&self) -> usize {
        size_of::<Tracer>() + self.tables.try_borrow().map_or(0, |tables| tables.bytes())
    }

    /// Begins to trace.
    pub(super) fn start(&self) {
        self.tracing.set(true);
        self.interpreter().free_lists.set_taken(Some(taken));
        for domain in Domain::ALL {
            // SAFETY: the hook lives as long as the interpreter, whose lock this thread holds.
            unsafe { self.interpreter().heap.set_trace(domain, &raw const self.hook) };
        }
    }

    /// Stops tracing, and forgets all traces.
    pub(super) fn stop(&self) {
        for domain in Domain::ALL {
            // SAFETY: as above.
            unsafe { self.interpreter().heap.set_trace(domain, std::ptr::null()) };
        }
        self.tracing.set(false);
        self.interpreter().free_lists.set_taken(None);
        self.clear();
    }

    /// Forgets all traces.
    pub(super) fn clear(&self) {
        let before = self.busy.replace(Busy::Changing);
        let Ok(tables) = self.tables.try_borrow_mut().map(|mut tables| std::mem::replace(&mut *tables, Tables::new()))
        else {
            return self.busy.set(before);
        };
        self.traced.set(0);
        self.peak.set(0);
        for &file in tables.files.as_slice() {
            // SAFETY: the table owned this reference.
            drop(unsafe { Ref::<Str>::from_owned(NonNull::new_unchecked(file.cast_mut())) });
        }
        drop(tables);
        self.busy.set(before);
    }

    /// Notes a block. Nothing changes where there is no memory for that.
    fn note(&self, domain: u32, address: usize, size: usize) -> Result<(), OutOfMemory> {
        let Ok(mut tables) = self.tables.try_borrow_mut() else { return Ok(()) };
        let before = self.busy.replace(Busy::Changing);
        let frame = Thread::current().frame().get();
        let noted = tables
            .current(self.interpreter(), frame, self.limit.get())
            .and_then(|traceback| tables.traces.insert(TraceEntry { address, size, domain, traceback }));
        self.busy.set(before);
        let replaced = noted?.map_or(0, |entry| entry.size);
        let traced = self.traced.get().saturating_sub(replaced).saturating_add(size);
        self.traced.set(traced);
        if traced > self.peak.get() {
            self.peak.set(traced);
        }
        Ok(())
    }

    fn forget(&self, domain: u32, address: usize) {
        let Ok(mut tables) = self.tables.try_borrow_mut() else { return };
        if let Some(entry) = tables.traces.remove(domain, address) {
            self.traced.set(self.traced.get().saturating_sub(entry.size));
        }
    }

    /// Notes memory that is not the heap's, as `PyTraceMalloc_Track` does.
    pub(super) fn track(&self, domain: u32, address: usize, size: usize) -> Result<(), OutOfMemory> {
        self.note(domain, address, size)
    }

    /// Forgets memory that is not the heap's.
    pub(super) fn untrack(&self, domain: u32, address: usize) {
        self.forget(domain, address);
    }

    /// The size of a traced block.
    fn size_of(&self, address: usize) -> Option<usize> {
        self.tables.try_borrow().ok()?.traces.get(0, address).map(|entry| entry.size)
    }

    /// The number of the traceback of a block.
    pub(super) fn traceback_of(&self, domain: u32, address: usize) -> Option<u32> {
        self.tables.try_borrow().ok()?.traces.get(domain, address).map(|entry| entry.traceback)
    }

    /// The frames of a traceback, the innermost first, and how many there were.
    pub(super) fn frame_of(&self, traceback: u32, index: usize) -> Option<(Option<Ref<Str>>, u32)> {
        let tables = self.tables.try_borrow().ok()?;
        let traceback = tables.tracebacks.as_slice().get(traceback as usize)?;
        if index >= usize::from(traceback.length) {
            return None;
        }
        let place = *tables.places.as_slice().get(traceback.start as usize + index)?;
        // SAFETY: the table owns its references.
        let file = tables.files.as_slice().get(place.file as usize).map(|&file| Ref::from_borrowed(unsafe { &*file }));
        Some((file, place.line))
    }

    /// How many frames are kept of a traceback, and how many there were.
    pub(super) fn lengths_of(&self, traceback: u32) -> (u16, u16) {
        let Ok(tables) = self.tables.try_borrow() else { return (0, 0) };
        tables.tracebacks.as_slice().get(traceback as usize).map_or((0, 0), |found| (found.length, found.total))
    }

    /// How many tracebacks there are.
    pub(super) fn traceback_count(&self) -> usize {
        self.tables.try_borrow().map_or(0, |tables| tables.tracebacks.as_slice().len())
    }

    /// Calls `work` with a copy of all traces. Blocks that it allocates are not traced.
    pub(super) fn read<R>(&self, work: impl FnOnce(&[Told]) -> R) -> Result<R, OutOfMemory> {
        let before = self.busy.replace(Busy::Changing);
        let copied = self.copy();
        self.busy.set(if before == Busy::Changing { before } else { Busy::Reading });
        let result = copied.map(|copy| work(copy.as_slice()));
        self.busy.set(before);
        result
    }

    fn copy(&self) -> Result<RawArray<Told>, OutOfMemory> {
        let Ok(tables) = self.tables.try_borrow() else { return Err(OutOfMemory) };
        let mut copy = RawArray::with_capacity(tables.traces.len())?;
        for entry in tables.traces.slots().iter().filter(|entry| entry.address != 0) {
            copy.push((entry.domain, entry.size, entry.traceback))?;
        }
        Ok(copy)
    }
}

/// The tracer of a hook's call, unless the thread holds no lock or the tracer passes over `busy`.
///
/// # Safety
/// `context` is the tracer that the hook was made with.
unsafe fn listening(context: *mut (), passed_over: &[Busy]) -> Option<&'static Tracer> {
    if !Thread::is_attached() {
        return None;
    }
    // SAFETY: by the contract; tracers are never freed.
    let tracer = unsafe { &*context.cast::<Tracer>() };
    (!passed_over.contains(&tracer.busy.get())).then_some(tracer)
}

unsafe fn allocated(context: *mut (), _: Domain, block: NonNull<u8>, size: usize) -> bool {
    // SAFETY: the hook is installed with its tracer as context.
    match unsafe { listening(context, &[Busy::Reading, Busy::Changing]) } {
        Some(tracer) => tracer.note(0, block.addr().get(), size).is_ok(),
        None => true,
    }
}

/// A block was taken from a free list: if it is traced, it belongs to the present traceback from now on.
fn taken(block: NonNull<u8>) {
    let tracer = Tracer::current();
    if tracer.busy.get() == Busy::No
        && let Some(size) = tracer.size_of(block.addr().get())
    {
        // Without memory for a new traceback the block keeps its old one.
        let _ = tracer.note(0, block.addr().get(), size);
    }
}

unsafe fn reallocated(context: *mut (), _: Domain, old: NonNull<u8>, new: NonNull<u8>, size: usize) {
    // SAFETY: the hook is installed with its tracer as context.
    let Some(tracer) = (unsafe { listening(context, &[Busy::Changing]) }) else { return };
    tracer.forget(0, old.addr().get());
    if tracer.busy.get() == Busy::No {
        // The entry that was taken out leaves room for this one, so that it fails for new tracebacks alone.
        let _ = tracer.note(0, new.addr().get(), size);
    }
}

unsafe fn freed(context: *mut (), _: Domain, block: NonNull<u8>) {
    // SAFETY: the hook is installed with its tracer as context.
    if let Some(tracer) = unsafe { listening(context, &[Busy::Changing]) } {
        tracer.forget(0, block.addr().get());
    }
}
