//! Threads of an interpreter: starting them, knowing them, ending them.

use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use std::time::{Duration, Instant};

use super::native::{self, Native, exists};
use super::{Interpreter, Signals, Thread};
use crate::object::{Object, Raised, Ref};

/// The threads of an interpreter; only who holds its lock looks.
#[derive(Default)]
pub struct Threads {
    all: RefCell<Vec<NonNull<Thread>>>,
    /// The newest thread: the others follow by their `next`, for those who look without the lock.
    newest: AtomicPtr<Thread>,
    /// Whether somebody changes that list or looks at it.
    list_in_use: AtomicBool,
    /// Called for each thread that ends, while it still can run Python.
    at_end: RefCell<Vec<fn(&Thread)>>,
    /// The system's numbers of threads that have left and may not be gone yet.
    leaving: RefCell<Vec<libc::pid_t>>,
    /// Threads on stacks of our own, and with how many it is worth looking which are gone.
    natives: RefCell<(Vec<Native>, usize)>,
}

impl Threads {
    /// Adds a thread, which stays where it is until it is removed.
    pub fn add(&self, thread: &Thread) {
        self.all.borrow_mut().push(NonNull::from(thread));
        self.link();
    }

    /// Removes a thread.
    pub fn remove(&self, thread: &Thread) {
        self.all.borrow_mut().retain(|other| *other != NonNull::from(thread));
        self.link();
        thread.previous.set(std::ptr::null());
        thread.next.set(std::ptr::null());
    }

    /// Ties the threads together, from the newest to the oldest.
    fn link(&self) {
        while self.list_in_use.swap(true, Ordering::Acquire) {
            std::thread::yield_now();
        }
        let mut newer: *const Thread = std::ptr::null();
        for thread in self.all.borrow().iter().rev() {
            // SAFETY: the threads of the list are alive: see `snapshot`.
            unsafe {
                thread.as_ref().previous.set(newer);
                match newer.as_ref() {
                    Some(newer) => newer.next.set(thread.as_ptr()),
                    None => self.newest.store(thread.as_ptr(), Ordering::Release),
                }
            }
            newer = thread.as_ptr();
        }
        // SAFETY: as above.
        match unsafe { newer.as_ref() } {
            Some(oldest) => oldest.next.set(std::ptr::null()),
            None => self.newest.store(std::ptr::null_mut(), Ordering::Release),
        }
        self.list_in_use.store(false, Ordering::Release);
    }

    /// Shows each thread, the newest first, to one who may not hold the interpreter's lock: a handler of a signal, a watching thread. Neither takes
    /// locks nor allocates; false, with nothing shown, when the list is being changed. What the threads do goes on meanwhile.
    pub fn look(&self, mut show: impl FnMut(&Thread)) -> bool {
        if self.list_in_use.swap(true, Ordering::Acquire) {
            return false;
        }
        let mut thread: *const Thread = self.newest.load(Ordering::Acquire);
        // SAFETY: a thread is taken off the list before it ends, which waits for this.
        while let Some(shown) = unsafe { thread.as_ref() } {
            show(shown);
            thread = shown.next.get();
        }
        self.list_in_use.store(false, Ordering::Release);
        true
    }

    /// The threads as they are now; they live as long as the lock is held.
    pub fn snapshot(&self) -> Vec<&Thread> {
        // SAFETY: a thread is removed before it goes, by its own operating system thread, which needs the lock for that.
        self.all.borrow().iter().map(|thread| unsafe { thread.as_ref() }).collect()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.all.borrow().len()
    }

    /// Has `function` called whenever a thread ends.
    pub fn at_end(&self, function: fn(&Thread)) {
        self.at_end.borrow_mut().push(function);
    }

    /// Notes that this operating system thread is about to leave.
    fn leave(&self) {
        let mut leaving = self.leaving.borrow_mut();
        // So many that they seldom are all there still.
        if leaving.len() >= 64 {
            leaving.retain(|number| exists(*number));
        }
        leaving.push(native::number());
    }

    /// Waits until all threads that have left are gone from the process, so that none runs the interpreter's code any more, even on its way out.
    /// False when that takes longer than `patience`.
    pub fn wait_until_gone(&self, patience: Duration) -> bool {
        let began = Instant::now();
        let some_left = || {
            self.leaving.borrow().iter().any(|number| exists(*number))
                || self.natives.borrow().0.iter().any(|native| !native.is_gone())
        };
        while some_left() {
            if began.elapsed() > patience {
                return false;
            }
            std::thread::sleep(Duration::from_micros(100));
        }
        self.leaving.borrow_mut().clear();
        self.natives.borrow_mut().0.clear();
        true
    }

    /// Keeps a thread's stack until it is gone, and gives up those of threads that are.
    fn keep_native(&self, native: Native) {
        let mut natives = self.natives.borrow_mut();
        let (all, look_at) = &mut *natives;
        if all.len() >= *look_at {
            all.retain(|native| !native.is_gone());
            *look_at = (2 * all.len()).max(8);
        }
        all.push(native);
    }

    /// Forgets all threads but one, in a process that was just forked. What the others held is lost.
    pub fn keep_only(&self, thread: &Thread) {
        self.all.borrow_mut().retain(|other| *other == NonNull::from(thread));
        self.list_in_use.store(false, Ordering::Release);
        self.leaving.borrow_mut().clear();
        // Their stacks stay: one of them may be the one that this thread runs on.
        std::mem::forget(std::mem::take(&mut self.natives.borrow_mut().0));
        self.link();
    }
}

/// What a new thread is to run, on its way there.
struct Work {
    interpreter: &'static Interpreter,
    body: Box<dyn FnOnce()>,
}

// SAFETY: the body, which may hold objects, is run and dropped only by the new thread while it holds the interpreter's lock; the interpreter is
// never freed.
unsafe impl Send for Work {}

impl Work {
    fn run(self) {
        let Work { interpreter, body } = self;
        let attached = Attached::new(interpreter);
        body();
        drop(attached);
    }
}

/// An operating system thread's state in an interpreter, for as long as this lives: made and ended with the lock taken.
pub struct Attached {
    /// What a thread that has ended might still hold is lost rather than dropped without the lock.
    thread: Box<ManuallyDrop<Thread>>,
}

impl Attached {
    /// A state for this operating system thread, which has none yet; waits for the lock.
    pub fn new(interpreter: &'static Interpreter) -> Attached {
        let thread = Box::new(ManuallyDrop::new(Thread::new(NonNull::from(interpreter))));
        interpreter.lock.joined();
        // SAFETY: the thread is this one's, and stays in its box.
        unsafe { interpreter.lock.take(&thread) };
        if let Some(first) = interpreter.threads.snapshot().first() {
            let limit = first.recursion_limit.get();
            thread.recursion_limit.set(limit);
            thread.recursion_remaining.set(limit);
        }
        interpreter.threads.add(&thread);
        Attached { thread }
    }

    /// The state.
    pub fn thread(&self) -> &Thread {
        &self.thread
    }
}

impl Drop for Attached {
    fn drop(&mut self) {
        let thread: &Thread = &self.thread;
        let interpreter: *const Interpreter = thread.interpreter();
        // SAFETY: interpreters are never freed.
        let interpreter = unsafe { &*interpreter };
        thread.clear();
        let ends: Vec<fn(&Thread)> = interpreter.threads.at_end.borrow().clone();
        ends.into_iter().for_each(|end| end(thread));
        drop(thread.state.take());
        thread.clear();
        interpreter.threads.remove(thread);
        interpreter.threads.leave();
        thread.free_stack();
        // SAFETY: the thread is current and holds the lock.
        unsafe { interpreter.lock.release(thread) };
        interpreter.lock.left();
    }
}

/// Starts an operating system thread that runs `body` with the lock held; gives its identity, or nothing when the system has no more threads.
/// `stack` is the size of its native stack in bytes, 0 for the system's default.
pub fn spawn(interpreter: &'static Interpreter, stack: usize, body: Box<dyn FnOnce()>) -> Option<u64> {
    use std::os::unix::thread::JoinHandleExt;
    // Calls in Rust need more than C's: what is asked for comes on top of what they keep in reserve.
    const ROOM: usize = 512 * 1024;
    let size = if stack == 0 { default_stack_size() } else { stack.saturating_add(ROOM) };
    let work = Work { interpreter, body };
    if interpreter.config.signals == Signals::Elsewhere {
        // It is not the process's first interpreter, nor is its C library.
        let native = Native::start(size, true, Box::new(move || work.run()))?;
        let identity = native.identity;
        interpreter.threads.keep_native(native);
        return Some(identity);
    }
    let handle = std::thread::Builder::new().stack_size(size).spawn(move || work.run());
    // The identity is told before the handle goes, which lets the thread run on by itself.
    handle.ok().map(|handle| handle.as_pthread_t())
}

/// The system's default for the stack of a thread: the limit of the process's own.
fn default_stack_size() -> usize {
    const DEFAULT: usize = 8 << 20;
    // SAFETY: the place is written by the call.
    unsafe {
        let mut limit = std::mem::zeroed::<libc::rlimit>();
        if libc::getrlimit(libc::RLIMIT_STACK, &mut limit) != 0 || limit.rlim_cur == libc::RLIM_INFINITY {
            return DEFAULT;
        }
        usize::try_from(limit.rlim_cur).unwrap_or(DEFAULT).max(64 * 1024)
    }
}

/// Sends an exception, or takes one back, to the thread with an identity; whether there is one (`PyThreadState_SetAsyncExc`).
pub fn send_exception(interpreter: &Interpreter, identity: u64, exception: Option<&Object>) -> bool {
    let found = interpreter.threads.snapshot().into_iter().find(|thread| thread.thread_id.get() == identity);
    let Some(thread) = found else { return false };
    let old = thread.async_exception.replace(exception.map(Object::to_ref));
    crate::eval::breaker::request(thread, crate::eval::breaker::ASYNC_EXCEPTION);
    drop(old);
    true
}

/// The innermost frame of each thread, by identity, as far as Python may see it (`sys._current_frames`).
pub fn current_frames(interpreter: &Interpreter) -> Result<Vec<(u64, Ref<crate::types::frame::FrameObject>)>, Raised> {
    let mut frames = Vec::new();
    for thread in interpreter.threads.snapshot() {
        // SAFETY: the thread's frames do not run while this thread has the lock, and are alive.
        let frame = unsafe { crate::types::frame::value::complete(thread.frame().get()) };
        if !frame.is_null() {
            // SAFETY: as above.
            frames.push((thread.thread_id.get(), unsafe { crate::types::frame::FrameObject::of(frame) }?));
        }
    }
    Ok(frames)
}
