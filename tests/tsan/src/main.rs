//! The interpreter's lock, and the start and end of threads, for ThreadSanitizer.
//!
//! `lock.rs`, `spawn.rs` and `native.rs` are the runtime's own sources; what they need of the rest is here in small: a `Thread` with a breaker and
//! figures, an interpreter with a lock, a heap and plain memory that stands for all objects. Threads change that memory with plain reads and writes
//! whenever they hold the lock, as the evaluation loop does: the sanitizer reports each pair of accesses that the lock does not order.
//!
//! The program says "clean" and ends with 0 where nothing was lost; the sanitizer's reports give it another exit code. `--broken` leaves the lock out, to
//! show that a race is seen.
#![allow(dead_code, reason = "the shared sources have more than is used here")]

mod runtime;
mod threads;

pub(crate) use runtime::{eval, object, types};

use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use threads::spawn::{Attached, spawn};
use threads::{Interpreter, Signals, Thread, lock};

/// What all threads change, by plain reads and writes.
struct Objects(UnsafeCell<[u64; 8]>);

// SAFETY: only who holds the lock touches it; that this holds is what the program shows.
unsafe impl Sync for Objects {}

static OBJECTS: Objects = Objects(UnsafeCell::new([0; 8]));
static DONE: AtomicUsize = AtomicUsize::new(0);

/// One more of everything.
fn touch() {
    // SAFETY: as above.
    unsafe { (*OBJECTS.0.get()).iter_mut().for_each(|word| *word += 1) };
}

/// Between two instructions: the breaker is looked at.
fn look(thread: &Thread) {
    if thread.breaker.swap(0, Ordering::Acquire) & eval::breaker::DROP_LOCK != 0 {
        // SAFETY: the thread is current and holds the lock.
        unsafe { thread.interpreter().lock.hand_over(thread) };
    }
}

/// A thread that computes.
fn compute(turns: u64) {
    let thread = Thread::current();
    for _ in 0..turns {
        touch();
        look(thread);
    }
    DONE.fetch_add(1, Ordering::Relaxed);
}

/// A thread that gives the lock up by itself again and again.
fn wait(turns: u64) {
    for turn in 0..turns {
        touch();
        lock::released(|| {
            if turn % 4 == 0 {
                std::thread::sleep(Duration::from_micros(turn % 300));
            }
        });
    }
    DONE.fetch_add(1, Ordering::Relaxed);
}

/// A round: threads of both kinds under one interpreter; some of them start others. What they have done is in the memory afterwards.
fn round(signals: Signals, interval: Duration, turns: u64) {
    let interpreter: &'static Interpreter = Box::leak(Box::new(Interpreter::new(signals)));
    interpreter.lock.set_interval(interval);
    let main = Attached::new(interpreter);
    interpreter.threads.at_end(|_| touch());
    // SAFETY: the lock is held.
    let before = unsafe { (*OBJECTS.0.get())[0] };
    DONE.store(0, Ordering::Relaxed);
    let mut started = 0;
    let mut start = |body: Box<dyn FnOnce()>| started += usize::from(spawn(interpreter, 256 * 1024, body).is_some());
    for _ in 0..4 {
        start(Box::new(move || compute(turns)));
        start(Box::new(move || wait(turns / 20)));
        start(Box::new(move || {
            assert!(spawn(Thread::current().interpreter(), 0, Box::new(|| compute(50))).is_some());
            wait(20);
        }));
    }
    assert_eq!(started, 12);
    while DONE.load(Ordering::Relaxed) < 16 {
        touch();
        look(main.thread());
        lock::released(|| std::thread::sleep(Duration::from_micros(200)));
        threads::spawn::current_frames(interpreter).expect("frames");
        interpreter.threads.look(|thread| _ = thread.breaker.load(Ordering::Relaxed));
        // SAFETY: the lock is held.
        unsafe { (*OBJECTS.0.get())[0] -= 1 };
    }
    while interpreter.threads.count() > 1 {
        lock::released(|| std::thread::sleep(Duration::from_micros(200)));
    }
    assert!(interpreter.threads.wait_until_gone(Duration::from_secs(10)));
    // SAFETY: the lock is held.
    let after = unsafe { (*OBJECTS.0.get())[0] };
    // Each thread's end counts as well.
    assert_eq!(after - before, 4 * (turns + turns / 20 + 20 + 50) + 16);
    let figures = &main.thread().lock_use.figures;
    assert!(figures.acquisitions.load(Ordering::Relaxed) > 0);
    drop(main);
}

fn main() {
    if std::env::args().any(|argument| argument == "--broken") {
        std::thread::scope(|scope| {
            scope.spawn(touch);
            scope.spawn(touch);
        });
        return;
    }
    let seconds = std::env::args().nth(1).and_then(|seconds| seconds.parse().ok()).unwrap_or(10);
    let began = Instant::now();
    let mut rounds = 0;
    while began.elapsed() < Duration::from_secs(seconds) {
        for (signals, micros) in [(Signals::Handled, 1), (Signals::Elsewhere, 20), (Signals::Handled, 5000)] {
            round(signals, Duration::from_micros(micros), 2000);
            rounds += 1;
        }
    }
    println!("clean: {rounds} rounds");
}
