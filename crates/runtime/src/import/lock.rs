//! The lock of the import system (`_imp.acquire_lock`): the thread that has it may take it again.

use std::sync::{Condvar, Mutex};

use crate::object::Raised;
use crate::raise;
use crate::threads::Thread;

/// Who imports.
#[derive(Default)]
pub struct ImportLock {
    held: Mutex<Held>,
    freed: Condvar,
}

#[derive(Default)]
struct Held {
    /// The identity of the operating system's thread.
    owner: u64,
    /// How often it took the lock.
    count: usize,
}

impl ImportLock {
    /// Whether somebody has the lock.
    pub fn is_held(&self) -> bool {
        self.held.lock().is_ok_and(|held| held.count > 0)
    }

    /// Takes the lock; waits without the interpreter's.
    pub fn acquire(&self) {
        let own = crate::threads::identity();
        if self.try_acquire(own) {
            return;
        }
        let thread = Thread::current();
        // SAFETY: the thread holds the interpreter's lock and takes it again before it goes on; nothing is handled in between.
        unsafe { thread.interpreter().lock.release(thread) };
        if let Ok(held) = self.held.lock()
            && let Ok(mut held) = self.freed.wait_while(held, |held| held.count > 0)
        {
            *held = Held { owner: own, count: 1 };
        }
        // SAFETY: as above.
        unsafe { thread.interpreter().lock.take(thread) };
    }

    fn try_acquire(&self, own: u64) -> bool {
        let Ok(mut held) = self.held.lock() else { return true };
        if held.count > 0 && held.owner != own {
            return false;
        }
        *held = Held { owner: own, count: held.count + 1 };
        true
    }

    /// Gives the lock back; RuntimeError where this thread does not have it.
    pub fn release(&self) -> Result<(), Raised> {
        let Ok(mut held) = self.held.lock() else { return Ok(()) };
        if held.count == 0 || held.owner != crate::threads::identity() {
            return Err(raise!(RuntimeError, "not holding the import lock"));
        }
        held.count -= 1;
        if held.count == 0 {
            self.freed.notify_one();
        }
        Ok(())
    }

    /// In a process that was just forked: what another thread held is free, and what this one holds it holds still.
    ///
    /// # Safety
    /// No other thread of this process uses the lock.
    pub unsafe fn after_fork(&self) {
        // The mutex may have been held by a thread that is not here any more, so it is made anew.
        let this = std::ptr::from_ref(self).cast_mut();
        // SAFETY: by the contract; a thread that was about to wait changed nothing while another had the lock, and what is
        // overwritten owns no memory.
        unsafe {
            let (owner, count) = {
                let held = match (*this).held.get_mut() {
                    Ok(held) => held,
                    Err(poisoned) => poisoned.into_inner(),
                };
                (held.owner, held.count)
            };
            let own = crate::threads::identity();
            let kept = if owner == own { Held { owner, count } } else { Held::default() };
            (&raw mut (*this).held).write(Mutex::new(kept));
            (&raw mut (*this).freed).write(Condvar::new());
        }
    }
}
