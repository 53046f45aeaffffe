//! `_queue`: `SimpleQueue`, which `put` may use while a `get` runs in the same thread (in a finalizer or a signal's handler).
//!
//! A count of waiting threads and one lock that `put` frees wake a thread that waits.

use std::cell::Cell;
use std::time::{Duration, Instant};

use habu_heap::Buffer;
use habu_macros::{pymethods, pymodule, pytype};
use habu_runtime::exceptions::raise_with_arguments;
use habu_runtime::object::{Field, Object, PyType, Raised, Ref, Room, Type, instantiate};
use habu_runtime::raise;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::list::List;
use habu_runtime::types::module::Module;
use habu_runtime::types::singletons::{is_none, none};
use habu_runtime::types::tuple::Tuple;

use crate::fill::{set_type, static_exception};
use crate::thread::lock::{RawLock, Waited};

static_exception!(
    /// `_queue.Empty`
    pub EMPTY,
    "_queue.Empty",
    habu_runtime::exceptions::hierarchy::EXCEPTION_TYPE
);

/// From so many taken items on, their places are given up when they are half of the list.
const GIVEN_UP: usize = 16;

#[pytype(
    name = "_queue.SimpleQueue",
    doc = "SimpleQueue()\n--\n\nSimple, unbounded, reentrant FIFO queue.",
    gc,
    heap_last,
    immutable,
    basetype,
    weaklist = weaklist
)]
/// A queue.
pub struct SimpleQueue {
    base: Object,
    /// Held while there is nothing to take; freed by `put` for those who wait.
    nothing: RawLock,
    /// The items, behind the places of those that were taken, which are None.
    #[traverse]
    items: Field<List>,
    taken: Cell<usize>,
    room: Room<8>,
    weaklist: Cell<*const Object>,
}

habu_runtime::assert_layout!(SimpleQueue, size 56, weaklist @ 48);

impl SimpleQueue {
    fn push(&self, item: &Object) -> Result<(), Raised> {
        let Some(items) = self.items.get() else { return Ok(()) };
        items.push(item.to_ref())?;
        self.nothing.release();
        Ok(())
    }

    fn pop(&self) -> Option<Ref> {
        let items = self.items.get()?;
        let at = self.taken.get();
        if at >= items.len() {
            return None;
        }
        let item = items.replace(at, none());
        self.taken.set(at + 1);
        if at + 1 == items.len() || (at >= GIVEN_UP && at * 2 >= items.len()) {
            // What is cut off are Nones: no Python code runs. Where there is no memory for a shorter block, they stay.
            match items.splice(0, at + 1, Buffer::new()) {
                Ok(()) => self.taken.set(0),
                Err(raised) => raised.clear(),
            }
        }
        item
    }

    fn count(&self) -> usize {
        self.items.get().map_or(0, |items| items.len().saturating_sub(self.taken.get()))
    }
}

#[pymethods]
impl SimpleQueue {
    #[slot(tp_new)]
    fn new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<SimpleQueue>, Raised> {
        if std::ptr::eq(cls, SimpleQueue::type_object()) {
            if args.len() > 0 {
                return Err(raise!(TypeError, "SimpleQueue() takes no positional arguments"));
            }
            if kwargs.is_some_and(|kwargs| kwargs.len() > 0) {
                return Err(raise!(TypeError, "SimpleQueue() takes no keyword arguments"));
            }
        }
        instantiate(
            cls,
            SimpleQueue {
                base: Object::of::<SimpleQueue>(),
                nothing: RawLock::new(),
                items: Field::new(List::new()?),
                taken: Cell::new(0),
                room: Room::new(),
                weaklist: Cell::new(std::ptr::null()),
            },
        )
    }

    /// Put the item on the queue.
    ///
    /// The optional 'block' and 'timeout' arguments are ignored, as this method
    /// never blocks.  They are provided for compatibility with the Queue class.
    #[signature(item, block = true, timeout = None)]
    fn put(&self, item: &Object, block: bool, timeout: Option<&Object>) -> Result<(), Raised> {
        let _ = (block, timeout);
        self.push(item)
    }

    /// Put an item into the queue without blocking.
    ///
    /// This is exactly equivalent to `put(item)` and is only provided
    /// for compatibility with the Queue class.
    #[signature(item)]
    fn put_nowait(&self, item: &Object) -> Result<(), Raised> {
        self.push(item)
    }

    /// Remove and return an item from the queue.
    ///
    /// If optional args 'block' is true and 'timeout' is None (the default),
    /// block if necessary until an item is available. If 'timeout' is
    /// a non-negative number, it blocks at most 'timeout' seconds and raises
    /// the Empty exception if no item was available within that time.
    /// Otherwise ('block' is false), return an item if one is immediately
    /// available, else raise the Empty exception ('timeout' is ignored
    /// in that case).
    #[signature(block = true, timeout = None)]
    fn get(&self, block: bool, timeout: Option<&Object>) -> Result<Ref, Raised> {
        let mut end = None;
        if block && let Some(timeout) = timeout.filter(|timeout| !is_none(timeout)) {
            let nanoseconds = crate::time::seconds_as_nanoseconds(timeout)?;
            let Ok(nanoseconds) = u64::try_from(nanoseconds) else {
                return Err(raise!(ValueError, "'timeout' must be a non-negative number"));
            };
            end = Some(Instant::now().checked_add(Duration::from_nanos(nanoseconds)));
        }
        loop {
            if let Some(item) = self.pop() {
                return Ok(item);
            }
            if !block {
                return Err(empty());
            }
            // Whoever takes the last item holds the lock until the next `put` frees it.
            self.nothing.try_acquire();
            let left = match end {
                Some(Some(end)) => Some(end.saturating_duration_since(Instant::now())),
                _ => None,
            };
            if self.nothing.acquire(left)? == Waited::TimedOut {
                return self.pop().ok_or_else(empty);
            }
            self.nothing.release();
        }
    }

    /// Remove and return an item from the queue without blocking.
    ///
    /// Only get an item if one is immediately available. Otherwise
    /// raise the Empty exception.
    fn get_nowait(&self) -> Result<Ref, Raised> {
        self.pop().ok_or_else(empty)
    }

    /// Return True if the queue is empty, False otherwise (not reliable!).
    fn empty(&self) -> Result<bool, Raised> {
        Ok(self.count() == 0)
    }

    /// Return the approximate size of the queue (not reliable!).
    fn qsize(&self) -> Result<usize, Raised> {
        Ok(self.count())
    }

    /// See PEP 585
    #[classmethod]
    #[name = "__class_getitem__"]
    #[no_signature]
    fn class_getitem(cls: &Type, item: &Object) -> Result<Ref, Raised> {
        habu_runtime::types::generic_alias::alias(cls, item)
    }
}

fn empty() -> Raised {
    raise_with_arguments(&EMPTY.ty, &[])
}

/// The module.
pub struct QueueModule;

/// C implementation of the Python queue module.
/// This module is an implementation detail, please do not use it directly.
#[pymodule(name = "_queue")]
impl QueueModule {
    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        set_type(module, "SimpleQueue", SimpleQueue::static_type())?;
        set_type(module, "Empty", EMPTY)
    }
}
