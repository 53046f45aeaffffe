//! `_queue`: `SimpleQueue`, which `put` may use while a `get` runs in the same thread (in a finalizer or a signal's handler).
//!
//! A count of waiting threads and one lock that `put` frees wake a thread that waits.

use std::cell::{Cell, UnsafeCell};
use std::time::{Duration, Instant};

use habu_heap::Buffer;
use habu_macros::{pymethods, pymodule, pytype};
use habu_runtime::exceptions::raise_with_arguments;
use habu_runtime::object::visit::{Stopped, Traverse, Visit};
use habu_runtime::object::{Object, PyType, Raised, Ref, Type, instantiate};
use habu_runtime::raise;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::module::Module;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::tuple::Tuple;

use crate::fill::{set_type, static_exception};
use crate::thread::lock::{RawLock, Waited};

static_exception!(
    /// `_queue.Empty`
    pub EMPTY,
    "_queue.Empty",
    habu_runtime::exceptions::hierarchy::EXCEPTION_TYPE
);

/// The items, in a ring: `head` is the index of the oldest.
struct Items {
    items: UnsafeCell<Buffer<Option<Ref>>>,
    head: Cell<usize>,
    count: Cell<usize>,
}

impl Items {
    const fn new() -> Items {
        Items { items: UnsafeCell::new(Buffer::new()), head: Cell::new(0), count: Cell::new(0) }
    }

    fn push(&self, item: Ref) -> Result<(), Raised> {
        // SAFETY: nothing here runs Python code or drops a reference, so there is no other borrow.
        let items = unsafe { &mut *self.items.get() };
        let count = self.count.get();
        if count == items.len() {
            // The oldest comes to the front before the ring grows.
            let head = self.head.replace(0);
            items.rotate_left(head);
            for _ in 0..count.max(8) {
                items.push(None)?;
            }
        }
        let place = (self.head.get() + count) % items.len();
        items[place] = Some(item);
        self.count.set(count + 1);
        Ok(())
    }

    fn pop(&self) -> Option<Ref> {
        if self.count.get() == 0 {
            return None;
        }
        // SAFETY: as in `push`.
        let items = unsafe { &mut *self.items.get() };
        let head = self.head.get();
        let item = items.get_mut(head)?.take();
        self.head.set((head + 1) % items.len());
        self.count.set(self.count.get() - 1);
        item
    }
}

impl Traverse for Items {
    fn traverse(&self, visit: &Visit) -> Result<(), Stopped> {
        // SAFETY: a visitor runs no Python code.
        unsafe { &*self.items.get() }.iter().flatten().try_for_each(|item| visit.object(item))
    }

    fn clear(&self) {
        while let Some(item) = self.pop() {
            drop(item);
        }
    }
}

#[pytype(
    name = "_queue.SimpleQueue",
    doc = "SimpleQueue()\n--\n\nSimple, unbounded, reentrant FIFO queue.",
    gc,
    basetype,
    weaklist = weaklist
)]
/// A queue.
pub struct SimpleQueue {
    base: Object,
    #[traverse]
    items: Items,
    /// Held while there is nothing to take; freed by `put` for those who wait.
    nothing: RawLock,
    weaklist: Cell<*const Object>,
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
                items: Items::new(),
                nothing: RawLock::new(),
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
        self.items.push(item.to_ref())?;
        self.nothing.release();
        Ok(())
    }

    /// Put an item into the queue without blocking.
    ///
    /// This is exactly equivalent to `put(item)` and is only provided
    /// for compatibility with the Queue class.
    #[signature(item)]
    fn put_nowait(&self, item: &Object) -> Result<(), Raised> {
        self.items.push(item.to_ref())?;
        self.nothing.release();
        Ok(())
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
            if let Some(item) = self.items.pop() {
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
                return self.items.pop().ok_or_else(empty);
            }
            self.nothing.release();
        }
    }

    /// Remove and return an item from the queue without blocking.
    ///
    /// Only get an item if one is immediately available. Otherwise
    /// raise the Empty exception.
    fn get_nowait(&self) -> Result<Ref, Raised> {
        self.items.pop().ok_or_else(empty)
    }

    /// Return True if the queue is empty, False otherwise (not reliable!).
    fn empty(&self) -> Result<bool, Raised> {
        Ok(self.items.count.get() == 0)
    }

    /// Return the approximate size of the queue (not reliable!).
    fn qsize(&self) -> Result<usize, Raised> {
        Ok(self.items.count.get())
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
        set_type(module, "Empty", &EMPTY)
    }
}
