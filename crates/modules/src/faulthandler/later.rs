//! `dump_traceback_later`: a thread of the system that shows what Python does when a time is over.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use super::dump::{dump_all, write};

/// What the watching thread is told.
struct Watch {
    /// Whether it should end.
    ended: Mutex<bool>,
    changed: Condvar,
}

/// The thread that watches, if there is one.
static RUNNING: Mutex<Option<(Arc<Watch>, std::thread::JoinHandle<()>)>> = Mutex::new(None);

/// What to do when the time is over.
pub(super) struct Plan {
    pub(super) timeout: Duration,
    pub(super) repeat: bool,
    pub(super) fd: i32,
    pub(super) exit: bool,
    pub(super) header: Vec<u8>,
}

/// Starts to watch; what was watched before is no longer. Says whether it could.
pub(super) fn start(plan: Plan) -> bool {
    cancel();
    let watch = Arc::new(Watch { ended: Mutex::new(false), changed: Condvar::new() });
    let own = Arc::clone(&watch);
    let started = std::thread::Builder::new().name("faulthandler".into()).spawn(move || run(&own, &plan));
    match (started, RUNNING.lock()) {
        (Ok(handle), Ok(mut running)) => {
            *running = Some((watch, handle));
            true
        }
        _ => false,
    }
}

fn run(watch: &Watch, plan: &Plan) {
    // Signals are for the threads that run Python.
    // SAFETY: the set is filled before it is used.
    unsafe {
        let mut all = std::mem::zeroed::<libc::sigset_t>();
        libc::sigfillset(&raw mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, std::ptr::null_mut());
    }
    loop {
        let Ok(ended) = watch.ended.lock() else { return };
        match watch.changed.wait_timeout_while(ended, plan.timeout, |ended| !*ended) {
            Ok((ended, result)) if result.timed_out() && !*ended => {}
            _ => return,
        }
        write(plan.fd, &plan.header);
        dump_all(plan.fd);
        if plan.exit {
            // SAFETY: a plain call.
            unsafe { libc::_exit(1) };
        }
        if !plan.repeat {
            return;
        }
    }
}

/// Ends the watch and waits for its thread.
pub(super) fn cancel() {
    let taken = RUNNING.lock().ok().and_then(|mut running| running.take());
    if let Some((watch, handle)) = taken {
        if let Ok(mut ended) = watch.ended.lock() {
            *ended = true;
        }
        watch.changed.notify_all();
        let _ = handle.join();
    }
}
