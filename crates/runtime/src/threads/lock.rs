//! The interpreter's lock: of all its threads the one that holds it handles objects.
//!
//! A thread that wants the lock waits; when it has waited for the switch interval and nobody took the lock meanwhile, it asks the holder,
//! through the holder's eval breaker, to hand it over. Who hands over waits until another thread has taken the lock, so that nobody
//! starves. A thread that gave the lock up by itself after a short while (one that does input and output) asks twenty-five times sooner than
//! one that was made to: a spinning thread would hold it up for the whole interval at every wake otherwise (the convoy effect).
//!
//! Invariants: `holder` is null or the thread that is current on the operating system thread that took the lock; only that one releases it. A thread
//! without the lock has no current `Thread` and no current heap, so that what handles objects by mistake fails at once.

use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Thread;
use crate::eval::breaker;

/// How many times sooner a thread that does input and output asks for the lock.
const EAGERNESS: u32 = 25;

/// Who has the lock, and who wants it.
struct State {
    /// The thread that holds the lock.
    holder: Option<NonNull<Thread>>,
    /// The thread that held it last, as an address to compare with.
    last: usize,
    /// How many threads wait for it.
    waiting: u32,
    /// How often it went to another thread.
    switches: u64,
    /// The one thread that may still take it, once the interpreter ends.
    survivor: Option<NonNull<Thread>>,
}

// SAFETY: the pointers are compared, and followed only to set bits of a breaker, which is atomic, of a thread that holds the lock and thus lives.
unsafe impl Send for State {}

/// The lock of an interpreter.
pub struct InterpreterLock {
    state: Mutex<State>,
    /// Told when the lock becomes free.
    freed: Condvar,
    /// Told when another thread has taken it.
    switched: Condvar,
    /// The switch interval in nanoseconds.
    interval: AtomicU64,
}

/// What a thread did with the lock: counted always.
#[derive(Default)]
pub struct LockFigures {
    /// How often it took the lock.
    pub acquisitions: AtomicU64,
    /// The nanoseconds that it waited for it.
    pub waited: AtomicU64,
    /// The nanoseconds that it held it, up to the last release.
    pub held: AtomicU64,
}

impl InterpreterLock {
    /// A free lock with the switch interval of 5 ms.
    pub fn new() -> InterpreterLock {
        InterpreterLock {
            state: Mutex::new(State { holder: None, last: 0, waiting: 0, switches: 0, survivor: None }),
            freed: Condvar::new(),
            switched: Condvar::new(),
            interval: AtomicU64::new(5_000_000),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `sys.getswitchinterval()`
    pub fn interval(&self) -> Duration {
        Duration::from_nanos(self.interval.load(Ordering::Relaxed))
    }

    /// `sys.setswitchinterval()`
    pub fn set_interval(&self, interval: Duration) {
        let nanoseconds = u64::try_from(interval.as_nanos()).unwrap_or(u64::MAX);
        self.interval.store(nanoseconds, Ordering::Relaxed);
    }

    /// How long a thread waits before it asks for the lock.
    fn patience(&self, thread: &Thread) -> Duration {
        let interval = self.interval().max(Duration::from_micros(1));
        if thread.lock_use.eager.get() { interval / EAGERNESS } else { interval }
    }

    /// Waits for the lock and takes it; `thread` is current from then on. Does not return once the interpreter has ended for all threads but
    /// another one.
    ///
    /// # Safety
    /// `thread` belongs to this operating system thread and this interpreter, and does not hold the lock.
    pub unsafe fn take(&self, thread: &Thread) {
        let mut state = self.state();
        let started = Instant::now();
        let mut now = started;
        if state.holder.is_some() {
            state.waiting += 1;
            while let Some(holder) = state.holder {
                let seen = state.switches;
                let (guard, wait) =
                    self.freed.wait_timeout(state, self.patience(thread)).unwrap_or_else(PoisonError::into_inner);
                state = guard;
                if wait.timed_out() && state.switches == seen && state.holder == Some(holder) {
                    // SAFETY: the holder lives as long as it holds the lock, which it cannot release while we have the state.
                    breaker::request(unsafe { holder.as_ref() }, breaker::DROP_LOCK);
                }
            }
            state.waiting -= 1;
            now = Instant::now();
        }
        let this = NonNull::from(thread);
        if state.survivor.is_some_and(|survivor| survivor != this) {
            drop(state);
            sleep_for_ever();
        }
        state.holder = Some(this);
        let address = this.as_ptr() as usize;
        if state.last != address {
            state.last = address;
            state.switches += 1;
            self.switched.notify_all();
        }
        drop(state);
        let figures = &thread.lock_use.figures;
        figures.acquisitions.fetch_add(1, Ordering::Relaxed);
        figures.waited.fetch_add((now - started).as_nanos() as u64, Ordering::Relaxed);
        thread.lock_use.since.set(Some(now));
        // SAFETY: by the contract; the interpreter's heap lives as long as it does.
        unsafe {
            Thread::make_current(thread);
            habu_heap::set_current(&raw const *thread.interpreter().heap);
        }
    }

    /// Notes the end of holding the lock; true when that was short.
    fn note_release(&self, thread: &Thread) -> bool {
        let Some(since) = thread.lock_use.since.take() else { return false };
        let held = since.elapsed();
        thread.lock_use.figures.held.fetch_add(held.as_nanos() as u64, Ordering::Relaxed);
        held < self.interval() / EAGERNESS
    }

    /// Gives the lock up: no thread is current any more.
    ///
    /// # Safety
    /// `thread` is current and holds the lock.
    pub unsafe fn release(&self, thread: &Thread) {
        thread.lock_use.eager.set(self.note_release(thread));
        // SAFETY: by the contract.
        unsafe { leave() };
        let mut state = self.state();
        state.holder = None;
        let waiting = state.waiting > 0;
        drop(state);
        if waiting {
            self.freed.notify_one();
        }
    }

    /// Hands the lock to a thread that waits for it, if one does, and takes it back afterwards.
    ///
    /// # Safety
    /// `thread` is current and holds the lock.
    pub unsafe fn hand_over(&self, thread: &Thread) {
        let mut state = self.state();
        if state.waiting == 0 {
            return;
        }
        self.note_release(thread);
        thread.lock_use.eager.set(false);
        // SAFETY: by the contract.
        unsafe { leave() };
        state.holder = None;
        let seen = state.switches;
        self.freed.notify_one();
        while state.switches == seen && state.waiting > 0 {
            state = self.switched.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        drop(state);
        // SAFETY: the thread belongs here, and has just given the lock up.
        unsafe { self.take(thread) };
    }

    /// From now on only `thread` may take the lock: others that try sleep until the process ends.
    pub fn keep_for(&self, thread: &Thread) {
        self.state().survivor = Some(NonNull::from(thread));
    }

    /// Whether the interpreter is ending: only one thread may still run.
    pub fn is_kept(&self) -> bool {
        self.state().survivor.is_some()
    }

    /// In a process that was just forked, by the only thread that there is, which holds the lock: nobody waits any more.
    ///
    /// # Safety
    /// No other thread of this process uses the lock.
    pub unsafe fn after_fork(&self, thread: &Thread) {
        // The mutex may have been held by a thread that is not here any more, so it is made anew.
        let this = std::ptr::from_ref(self).cast_mut();
        let state = State {
            holder: Some(NonNull::from(thread)),
            last: std::ptr::from_ref(thread) as usize,
            waiting: 0,
            switches: 0,
            survivor: None,
        };
        // SAFETY: by the contract; what is overwritten owns no memory.
        unsafe {
            (&raw mut (*this).state).write(Mutex::new(state));
            (&raw mut (*this).freed).write(Condvar::new());
            (&raw mut (*this).switched).write(Condvar::new());
        }
    }
}

impl Default for InterpreterLock {
    fn default() -> InterpreterLock {
        InterpreterLock::new()
    }
}

/// Makes no thread and no heap current.
///
/// # Safety
/// The lock is about to be released.
unsafe fn leave() {
    // SAFETY: nothing handles objects until the lock is taken again.
    unsafe {
        Thread::make_current(std::ptr::null());
        habu_heap::set_current(std::ptr::null());
    }
}

/// What becomes of a thread that wants to run Python after the interpreter has ended.
fn sleep_for_ever() -> ! {
    loop {
        std::thread::sleep(Duration::from_secs(3600));
    }
}

/// Runs `call` with the lock released, so that other threads run meanwhile; `errno` is as the call left it. The closure is `Send`, and so cannot
/// hold references to objects.
pub fn released<R>(call: impl FnOnce() -> R + Send) -> R {
    struct Again<'a>(&'a Thread);
    impl Drop for Again<'_> {
        fn drop(&mut self) {
            // SAFETY: errno is this thread's own; the thread belongs here and has released the lock.
            unsafe {
                let errno = *libc::__errno_location();
                self.0.interpreter().lock.take(self.0);
                *libc::__errno_location() = errno;
            }
        }
    }
    let thread = Thread::current();
    // SAFETY: the thread is current, so it holds the lock.
    unsafe { thread.interpreter().lock.release(thread) };
    let _again = Again(thread);
    call()
}

/// Lets a closure run with the lock released although it has pointers in it.
///
/// # Safety
/// It reads and writes no object, nor memory that threads with the lock may change or free meanwhile.
pub unsafe fn outside<R>(call: impl FnMut() -> R) -> impl FnMut() -> R + Send {
    struct Outside<F>(F);
    // SAFETY: the caller answers for what the closure does; it is run by the thread that made it.
    unsafe impl<F> Send for Outside<F> {}
    impl<F> Outside<F> {
        fn get(&mut self) -> &mut F {
            &mut self.0
        }
    }
    let mut call = Outside(call);
    move || call.get()()
}
