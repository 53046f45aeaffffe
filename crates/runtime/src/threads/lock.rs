//! The interpreter's lock: of all its threads the one that holds it handles objects.
//!
//! Who wants the lock waits until it may ask for it, then claims the next turn and asks the holder, through the holder's eval breaker, to hand it
//! over; from then on nobody else may take it, so that nobody starves. When a thread may ask depends on what it does:
//!
//! - One that computes may ask when the thread whose slice it is has had the lock for the switch interval.
//! - One that gave the lock up by itself after a short while (it does input and output) may ask a twenty-fifth of the interval after it gave the
//!   lock up. Who slept or waited longer than that asks at once: it would be held up at every wake otherwise (the convoy effect). Its use of the
//!   lock does not end the slice of the thread that it interrupts.
//!
//! Going to sleep and being woken takes tens of microseconds, in which nobody may have the lock. Therefore who asks at once, and who hands over to
//! such a thread, looks at the lock for a moment before it goes to sleep: both get it within a microsecond. Beside the one that has claimed it, one thread at a time does so.
//!
//! Asking for the time costs more than all else that an uncontended release does. While an interpreter has one thread alone, which most have always,
//! the coarse clock serves, whose steps of some milliseconds are good enough for figures; with others the exact one, which tells who is eager.
//!
//! Invariants: `holder` is null or the thread that is current on the operating system thread that took the lock; only that one releases it. A thread
//! without the lock has no current `Thread` and no current heap, so that what handles objects by mistake fails at once. `held` says what `holder`
//! does. Whoever frees the lock wakes a thread that may take it, unless one is awake that will look again.

use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use super::Thread;
use crate::eval::breaker;

/// How many times sooner a thread that does input and output asks for the lock.
const EAGERNESS: u32 = 25;

/// How long a thread looks at the lock before it sleeps: about as long as going to sleep and waking up take.
const LOOK: Duration = Duration::from_micros(50);

/// The longest interval that is counted with.
const LONGEST: Duration = Duration::from_secs(86_400);

/// A point of the monotonic clock, in nanoseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(u64);

impl Moment {
    fn of(clock: libc::clockid_t) -> Moment {
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: the place is ours; these clocks are always there.
        unsafe { libc::clock_gettime(clock, &raw mut time) };
        Moment((time.tv_sec as u64).wrapping_mul(1_000_000_000).wrapping_add(time.tv_nsec as u64))
    }

    /// Now.
    pub fn now() -> Moment {
        Moment::of(libc::CLOCK_MONOTONIC)
    }

    /// Now or a few milliseconds ago, at a fifth of the cost.
    fn about_now() -> Moment {
        Moment::of(libc::CLOCK_MONOTONIC_COARSE)
    }

    /// The time from an earlier moment to this one; none where that is later, as coarse ones may seem.
    pub fn since(self, earlier: Moment) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    /// So much later.
    fn after(self, time: Duration) -> Moment {
        Moment(self.0.saturating_add(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)))
    }
}

/// Who has the lock, and who wants it.
struct State {
    /// The thread that holds the lock.
    holder: Option<NonNull<Thread>>,
    /// The thread that takes it next, having asked for it: nobody else may.
    next: Option<NonNull<Thread>>,
    /// Whether that one sleeps.
    next_sleeps: bool,
    /// Whether that one is expected to hold it for a short while.
    next_is_eager: bool,
    /// How many threads wait for it.
    waiting: u32,
    /// How many of them, without the next, sleep.
    sleeping: u32,
    /// Whether one of them, other than the next, looks at the lock without sleeping.
    looking: bool,
    /// The thread whose slice it is, as an address to compare with.
    slice_of: usize,
    /// Since when.
    slice_began: Option<Moment>,
    /// The one thread that may still take it, once the interpreter ends.
    survivor: Option<NonNull<Thread>>,
}

// SAFETY: the pointers are compared, and followed only to set bits of a breaker, which is atomic, of a thread that holds the lock and thus lives.
unsafe impl Send for State {}

impl State {
    const fn held_by(holder: Option<NonNull<Thread>>) -> State {
        State {
            holder,
            next: None,
            next_sleeps: false,
            next_is_eager: false,
            waiting: 0,
            sleeping: 0,
            looking: false,
            slice_of: 0,
            slice_began: None,
            survivor: None,
        }
    }

    /// Asks the holder to hand the lock over.
    fn ask(&self) {
        if let Some(holder) = self.holder {
            // SAFETY: the holder lives as long as it holds the lock, which it cannot release while we have the state.
            breaker::request(unsafe { holder.as_ref() }, breaker::DROP_LOCK);
        }
    }
}

/// The lock of an interpreter.
pub struct InterpreterLock {
    state: Mutex<State>,
    /// Told when the lock becomes free and nobody has claimed it.
    freed: Condvar,
    /// Told when it becomes free for the thread that has.
    turn: Condvar,
    /// Whether a thread holds it, for those who look.
    held: AtomicBool,
    /// Whether there is a `next`, for those who look.
    claimed: AtomicBool,
    /// The switch interval in nanoseconds.
    interval: AtomicU64,
    /// How many threads the interpreter has beside its first.
    others: AtomicU32,
}

/// What a thread did with the lock: counted always.
#[derive(Default)]
pub struct LockFigures {
    /// How often it took the lock.
    pub acquisitions: AtomicU64,
    /// How often another thread held it then.
    pub contended: AtomicU64,
    /// How often it handed the lock over because it was asked to.
    pub handed_over: AtomicU64,
    /// The nanoseconds that it waited for it.
    pub waited: AtomicU64,
    /// The nanoseconds that it held it, up to the last release.
    pub held: AtomicU64,
}

/// Whether the machine runs several threads at a time: on one that does not, looking would keep the holder from running.
fn is_parallel() -> bool {
    static PARALLEL: OnceLock<bool> = OnceLock::new();
    *PARALLEL.get_or_init(|| std::thread::available_parallelism().is_ok_and(|count| count.get() > 1))
}

/// Adds to a figure that only the thread which holds the lock, or just had it, writes.
#[inline]
fn add(figure: &AtomicU64, amount: u64) {
    figure.store(figure.load(Ordering::Relaxed).wrapping_add(amount), Ordering::Relaxed);
}

impl InterpreterLock {
    /// A free lock with the switch interval of 5 ms.
    pub fn new() -> InterpreterLock {
        InterpreterLock {
            state: Mutex::new(State::held_by(None)),
            freed: Condvar::new(),
            turn: Condvar::new(),
            held: AtomicBool::new(false),
            claimed: AtomicBool::new(false),
            interval: AtomicU64::new(5_000_000),
            others: AtomicU32::new(0),
        }
    }

    /// One more thread will take the lock.
    pub(super) fn joined(&self) {
        self.others.fetch_add(1, Ordering::Relaxed);
    }

    /// A thread that had joined will not take it any more.
    pub(super) fn left(&self) {
        self.others.fetch_sub(1, Ordering::Relaxed);
    }

    /// The time, as exactly as it is needed.
    fn time(&self) -> Moment {
        if self.others.load(Ordering::Relaxed) == 0 { Moment::about_now() } else { Moment::now() }
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

    /// Waits for the lock and takes it; `thread` is current from then on. Does not return once the interpreter has ended for all threads but
    /// another one.
    ///
    /// # Safety
    /// `thread` belongs to this operating system thread and this interpreter, and does not hold the lock.
    pub unsafe fn take(&self, thread: &Thread) {
        // SAFETY: by the contract.
        unsafe { self.take_from(thread, self.state(), false) }
    }

    /// As `take`, with the state at hand; `look` says that the lock will be free in a moment.
    ///
    /// # Safety
    /// As for `take`.
    unsafe fn take_from<'a>(&'a self, thread: &Thread, mut state: MutexGuard<'a, State>, look: bool) {
        let this = NonNull::from(thread);
        let figures = &thread.lock_use.figures;
        let mut now = None;
        if state.survivor.is_some_and(|survivor| survivor != this) {
            drop(state);
            sleep_for_ever();
        }
        if state.holder.is_some() || state.next.is_some() {
            let started = Moment::now();
            state = self.wait(thread, state, started, look);
            let taken = Moment::now();
            add(&figures.contended, 1);
            add(&figures.waited, taken.since(started).as_nanos() as u64);
            now = Some(taken);
        }
        let now = now.unwrap_or_else(|| self.time());
        state.holder = Some(this);
        self.held.store(true, Ordering::Relaxed);
        let address = this.as_ptr() as usize;
        if state.slice_of != address && !thread.lock_use.eager.get() {
            state.slice_of = address;
            state.slice_began = Some(now);
        }
        drop(state);
        add(&figures.acquisitions, 1);
        thread.lock_use.since.set(Some(now));
        // SAFETY: by the contract; the interpreter's heap lives as long as it does.
        unsafe {
            Thread::make_current(thread);
            habu_heap::set_current(&raw const *thread.interpreter().heap);
        }
    }

    /// Waits until the lock is free for `thread`.
    fn wait<'a>(
        &'a self,
        thread: &Thread,
        mut state: MutexGuard<'a, State>,
        started: Moment,
        mut look: bool,
    ) -> MutexGuard<'a, State> {
        let this = NonNull::from(thread);
        let interval = self.interval().clamp(Duration::from_micros(1), LONGEST);
        let eager = thread.lock_use.eager.get();
        let soon = interval / EAGERNESS;
        let gone = thread.lock_use.gone.get().unwrap_or(started);
        state.waiting += 1;
        loop {
            if state.survivor.is_some_and(|survivor| survivor != this) {
                state.waiting -= 1;
                drop(state);
                sleep_for_ever();
            }
            let is_next = state.next == Some(this);
            if state.holder.is_none() && (is_next || state.next.is_none()) {
                break;
            }
            let now = Moment::now();
            let due = match eager {
                true => gone.after(soon),
                false => state.slice_began.map_or(started, |began| began.max(started)).after(interval),
            };
            if is_next {
                state.ask();
            } else if state.next.is_none() && now >= due {
                state.next = Some(this);
                state.next_is_eager = eager;
                self.claimed.store(true, Ordering::Relaxed);
                state.ask();
                look = eager;
            }
            let is_next = state.next == Some(this);
            if look && (is_next || !state.looking) && is_parallel() {
                look = false;
                state.looking |= !is_next;
                drop(state);
                self.look(is_next);
                state = self.state();
                state.looking &= is_next;
                continue;
            }
            state = if is_next {
                state.next_sleeps = true;
                let (mut state, _) = self.turn.wait_timeout(state, interval).unwrap_or_else(PoisonError::into_inner);
                state.next_sleeps = false;
                state
            } else {
                state.sleeping += 1;
                let time = if now < due { due.since(now) } else { soon.max(Duration::from_micros(1)) };
                let (mut state, _) = self.freed.wait_timeout(state, time).unwrap_or_else(PoisonError::into_inner);
                state.sleeping -= 1;
                state
            };
        }
        state.waiting -= 1;
        if state.next == Some(this) {
            state.next = None;
            self.claimed.store(false, Ordering::Relaxed);
        }
        state
    }

    /// Looks at the lock until it is free, and for all but the next one nobody's claim, for a moment at most.
    fn look(&self, is_next: bool) {
        let began = Instant::now();
        while began.elapsed() < LOOK {
            for _ in 0..16 {
                if !self.held.load(Ordering::Relaxed) && (is_next || !self.claimed.load(Ordering::Relaxed)) {
                    return;
                }
                std::hint::spin_loop();
            }
        }
    }

    /// Notes the end of holding the lock; true when that was short.
    fn note_release(&self, thread: &Thread) -> bool {
        let Some(since) = thread.lock_use.since.take() else { return false };
        let now = self.time();
        let held = now.since(since);
        thread.lock_use.gone.set(Some(now));
        add(&thread.lock_use.figures.held, held.as_nanos() as u64);
        held < self.interval() / EAGERNESS
    }

    /// Frees the lock, and wakes who may take it unless one that is awake will.
    fn free(&self, state: &mut MutexGuard<'_, State>) {
        state.holder = None;
        self.held.store(false, Ordering::Relaxed);
        if state.next.is_some() {
            if state.next_sleeps {
                self.turn.notify_one();
            }
        } else if state.sleeping > 0 && !state.looking {
            self.freed.notify_one();
        }
    }

    /// Gives the lock up: no thread is current any more.
    ///
    /// # Safety
    /// `thread` is current and holds the lock.
    pub unsafe fn release(&self, thread: &Thread) {
        thread.lock_use.eager.set(self.note_release(thread));
        // SAFETY: by the contract.
        unsafe { leave() };
        self.free(&mut self.state());
    }

    /// Hands the lock to the thread that has asked for it, if one has, and takes it back afterwards.
    ///
    /// # Safety
    /// `thread` is current and holds the lock.
    pub unsafe fn hand_over(&self, thread: &Thread) {
        let mut state = self.state();
        if state.next.is_none() {
            return;
        }
        self.note_release(thread);
        thread.lock_use.eager.set(false);
        add(&thread.lock_use.figures.handed_over, 1);
        // SAFETY: by the contract.
        unsafe { leave() };
        let back_soon = state.next_is_eager;
        self.free(&mut state);
        // SAFETY: the thread belongs here, and has just given the lock up.
        unsafe { self.take_from(thread, state, back_soon) };
    }

    /// From now on only `thread` may take the lock: others that try sleep until the process ends.
    pub fn keep_for(&self, thread: &Thread) {
        let mut state = self.state();
        state.survivor = Some(NonNull::from(thread));
        state.next = None;
        self.claimed.store(false, Ordering::Relaxed);
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
        // SAFETY: by the contract; what is overwritten owns no memory.
        unsafe {
            (&raw mut (*this).state).write(Mutex::new(State::held_by(Some(NonNull::from(thread)))));
            (&raw mut (*this).freed).write(Condvar::new());
            (&raw mut (*this).turn).write(Condvar::new());
        }
        self.held.store(true, Ordering::Relaxed);
        self.claimed.store(false, Ordering::Relaxed);
        self.others.store(0, Ordering::Relaxed);
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
