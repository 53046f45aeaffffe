//! The lock and the threads, which are the runtime's own sources, and in small what they stand on: a thread, an interpreter.

#[path = "../../../crates/runtime/src/threads/lock.rs"]
pub(crate) mod lock;
#[path = "../../../crates/runtime/src/threads/native.rs"]
pub(crate) mod native;
#[path = "../../../crates/runtime/src/threads/spawn.rs"]
pub(crate) mod spawn;

use std::cell::{Cell, RefCell};
use std::ptr::NonNull;
use std::sync::atomic::AtomicU32;

use crate::object::{Ref, Slot};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signals {
    Handled,
    Elsewhere,
}

pub(crate) struct Config {
    pub(crate) signals: Signals,
}

pub(crate) struct Interpreter {
    pub(crate) lock: lock::InterpreterLock,
    pub(crate) threads: spawn::Threads,
    pub(crate) heap: Box<habu_heap::Heap>,
    pub(crate) config: Config,
}

impl Interpreter {
    pub(crate) fn new(signals: Signals) -> Interpreter {
        let heap = habu_heap::Heap::new(habu_heap::Config::default()).expect("memory");
        Interpreter { lock: Default::default(), threads: Default::default(), heap, config: Config { signals } }
    }
}

#[derive(Default)]
pub(crate) struct LockUse {
    pub(crate) figures: lock::LockFigures,
    pub(crate) since: Cell<Option<lock::Moment>>,
    pub(crate) eager: Cell<bool>,
    pub(crate) gone: Cell<Option<lock::Moment>>,
}

pub(crate) struct Thread {
    interpreter: NonNull<Interpreter>,
    pub(crate) breaker: AtomicU32,
    pub(crate) lock_use: LockUse,
    pub(crate) previous: Cell<*const Thread>,
    pub(crate) next: Cell<*const Thread>,
    pub(crate) recursion_limit: Cell<i32>,
    pub(crate) recursion_remaining: Cell<i32>,
    pub(crate) thread_id: Cell<u64>,
    pub(crate) state: RefCell<Option<Ref>>,
    pub(crate) async_exception: Slot,
    frame: Cell<*const ()>,
}

impl Thread {
    pub(crate) fn new(interpreter: NonNull<Interpreter>) -> Thread {
        Thread {
            interpreter,
            breaker: AtomicU32::new(0),
            lock_use: LockUse::default(),
            previous: Cell::new(std::ptr::null()),
            next: Cell::new(std::ptr::null()),
            recursion_limit: Cell::new(1000),
            recursion_remaining: Cell::new(1000),
            // SAFETY: a plain call.
            thread_id: Cell::new(unsafe { libc::pthread_self() }),
            state: RefCell::new(None),
            async_exception: Slot::default(),
            frame: Cell::new(std::ptr::null()),
        }
    }

    pub(crate) fn interpreter(&self) -> &'static Interpreter {
        // SAFETY: interpreters are leaked.
        unsafe { self.interpreter.as_ref() }
    }

    pub(crate) fn frame(&self) -> &Cell<*const ()> {
        &self.frame
    }

    pub(crate) fn clear(&self) {}

    pub(crate) fn free_stack(&self) {}

    pub(crate) unsafe fn make_current(thread: *const Thread) {
        CURRENT.set(thread);
    }

    pub(crate) fn current() -> &'static Thread {
        // SAFETY: who asks holds the lock, and its thread is alive.
        unsafe { &*CURRENT.get() }
    }
}

thread_local! {
    static CURRENT: Cell<*const Thread> = const { Cell::new(std::ptr::null()) };
}
