//! The module `_tracemalloc`: where every block of memory was allocated. The library's `tracemalloc` stands on it.
//!
//! The heap tells the `tracer` of each block while tracing is on, and nothing otherwise; `storage` has its tables.

mod storage;
mod tracer;

use habu_heap::Buffer;
use habu_macros::pymodule;
use habu_runtime::object::{IntoObject, Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::int::Int;
use habu_runtime::types::list::List;
use habu_runtime::types::none;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;

use tracer::Tracer;

/// The module.
pub struct TraceMalloc;

/// The most frames that a traceback can have.
const FRAMES_MAX: i32 = 65535;

/// Starts tracing with tracebacks of at most `frames` frames.
pub fn start(frames: i32) -> Result<(), Raised> {
    if !(1..=FRAMES_MAX).contains(&frames) {
        return Err(raise!(ValueError, "the number of frames must be in range [1; {FRAMES_MAX}]"));
    }
    let tracer = Tracer::current();
    if !tracer.is_tracing() {
        tracer.set_limit(frames as u16);
        tracer.start();
    }
    Ok(())
}

/// Stops tracing; for the end of an interpreter too.
pub fn stop() {
    let tracer = Tracer::current();
    if tracer.is_tracing() {
        tracer.stop();
    }
}

/// Notes memory that an extension has from elsewhere (`PyTraceMalloc_Track`): 0 when noted, -2 when tracing is off, -1 without memory.
pub fn track(domain: u32, address: usize, size: usize) -> i32 {
    let tracer = Tracer::current();
    match tracer.is_tracing() {
        false => -2,
        true if tracer.track(domain, address, size).is_ok() => 0,
        true => -1,
    }
}

/// Forgets memory that was noted with `track` (`PyTraceMalloc_Untrack`): 0, or -2 when tracing is off.
pub fn untrack(domain: u32, address: usize) -> i32 {
    let tracer = Tracer::current();
    if !tracer.is_tracing() {
        return -2;
    }
    tracer.untrack(domain, address);
    0
}

/// Where a block was allocated, as `get_object_traceback` says it; None where nobody knows (`_PyTraceMalloc_GetTraceback`).
pub fn traceback(domain: u32, address: usize) -> Result<Ref, Raised> {
    let tracer = Tracer::current();
    match tracer.traceback_of(domain, address).filter(|_| tracer.is_tracing()) {
        Some(number) => Ok(traceback_tuple(tracer, number)?.into_object()),
        None => Ok(habu_runtime::types::none()),
    }
}

/// A traceback as a tuple of pairs of file and line.
fn traceback_tuple(tracer: &Tracer, number: u32) -> Result<Ref<Tuple>, Raised> {
    let (length, _) = tracer.lengths_of(number);
    Tuple::build(usize::from(length), |index| {
        let (file, line) = tracer.frame_of(number, index).unwrap_or((None, 0));
        let file = match file {
            Some(file) => file,
            None => Str::new("<unknown>")?,
        };
        Ok(Tuple::from_refs([file.into_object(), Int::from_u64(line.into())?.into_object()])?.into_object())
    })
}

/// Debug module to trace memory blocks allocated by Python.
#[pymodule(name = "_tracemalloc")]
impl TraceMalloc {
    /// Return True if the tracemalloc module is tracing Python memory allocations.
    fn is_tracing() -> Result<bool, Raised> {
        Ok(Tracer::current().is_tracing())
    }

    /// Clear traces of memory blocks allocated by Python.
    fn clear_traces() -> Result<(), Raised> {
        let tracer = Tracer::current();
        if tracer.is_tracing() {
            tracer.clear();
        }
        Ok(())
    }

    /// Get traces of all memory blocks allocated by Python.
    ///
    /// Return a list of (size: int, traceback: tuple) tuples.
    /// traceback is a tuple of (filename: str, lineno: int) tuples.
    ///
    /// Return an empty list if the tracemalloc module is disabled.
    #[name = "_get_traces"]
    fn get_traces() -> Result<Ref<List>, Raised> {
        let list = List::new()?;
        let tracer = Tracer::current();
        if !tracer.is_tracing() {
            return Ok(list);
        }
        tracer.read(|traces| {
            // Equal tracebacks become one tuple.
            let mut tuples = Buffer::<Option<Ref<Tuple>>>::new();
            for _ in 0..tracer.traceback_count() {
                tuples.push(None)?;
            }
            for &(domain, size, number) in traces {
                let Some(known) = tuples.get_mut(number as usize) else { continue };
                let tuple = match known {
                    Some(tuple) => tuple.clone(),
                    None => known.insert(traceback_tuple(tracer, number)?).clone(),
                };
                let (_, total) = tracer.lengths_of(number);
                let trace = Tuple::from_refs([
                    Int::from_u64(domain.into())?.into_object(),
                    Int::from_u64(size as u64)?.into_object(),
                    tuple.into_object(),
                    Int::from_u64(total.into())?.into_object(),
                ])?;
                list.push(trace.into_object())?;
            }
            Ok::<(), Raised>(())
        })??;
        Ok(list)
    }

    /// Get the traceback where the Python object obj was allocated.
    ///
    /// Return a tuple of (filename: str, lineno: int) tuples.
    /// Return None if the tracemalloc module is disabled or did not
    /// trace the allocation of the object.
    #[name = "_get_object_traceback"]
    fn get_object_traceback(obj: &Object) -> Result<Ref, Raised> {
        let tracer = Tracer::current();
        let address = obj.address().wrapping_sub(obj.ty().preheader_size());
        match tracer.is_tracing().then(|| tracer.traceback_of(0, address)).flatten() {
            Some(number) => Ok(traceback_tuple(tracer, number)?.into_object()),
            None => Ok(none()),
        }
    }

    /// Start tracing Python memory allocations.
    ///
    /// Also set the maximum number of frames stored in the traceback of a
    /// trace to nframe.
    #[signature(nframe = 1, /)]
    fn start(nframe: i32) -> Result<(), Raised> {
        start(nframe)
    }

    /// Stop tracing Python memory allocations.
    ///
    /// Also clear traces of memory blocks allocated by Python.
    fn stop() -> Result<(), Raised> {
        stop();
        Ok(())
    }

    /// Get the maximum number of frames stored in the traceback of a trace.
    ///
    /// By default, a trace of an allocated memory block only stores
    /// the most recent frame: the limit is 1.
    fn get_traceback_limit() -> Result<i32, Raised> {
        Ok(Tracer::current().limit().into())
    }

    /// Get the memory usage in bytes of the tracemalloc module.
    ///
    /// This memory is used internally to trace memory allocations.
    fn get_tracemalloc_memory() -> Result<usize, Raised> {
        Ok(Tracer::current().own_bytes())
    }

    /// Get the current size and peak size of memory blocks traced by tracemalloc.
    ///
    /// Returns a tuple: (current: int, peak: int).
    fn get_traced_memory() -> Result<Ref<Tuple>, Raised> {
        let tracer = Tracer::current();
        let (size, peak) = if tracer.is_tracing() { tracer.traced() } else { (0, 0) };
        Tuple::from_refs([size.into_object()?, peak.into_object()?])
    }

    /// Set the peak size of memory blocks traced by tracemalloc to the current size.
    ///
    /// Do nothing if the tracemalloc module is not tracing memory allocations.
    fn reset_peak() -> Result<(), Raised> {
        let tracer = Tracer::current();
        if tracer.is_tracing() {
            tracer.reset_peak();
        }
        Ok(())
    }
}
