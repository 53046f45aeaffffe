//! What the system's scheduler is asked and told: the processors that a process may run on, policies and priorities.

use habu_macros::pymodule;
use habu_runtime::object::protocol::{self, iterator, next};
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::int::Int;
use habu_runtime::types::set::Set;

use super::Posix;
use crate::system::{CInt, check, last_error};

/// The most processors that are asked for.
const MOST: usize = 1 << 20;

#[pymodule(table = SCHEDULING)]
impl Posix {
    /// Voluntarily relinquish the CPU.
    fn sched_yield() -> Result<(), Raised> {
        // SAFETY: a plain call.
        check(unsafe { libc::sched_yield() }).map(drop)
    }

    /// Get the maximum scheduling priority for policy.
    #[signature(policy)]
    fn sched_get_priority_max(policy: CInt) -> Result<i32, Raised> {
        // SAFETY: a plain call.
        check(unsafe { libc::sched_get_priority_max(policy.0) })
    }

    /// Get the minimum scheduling priority for policy.
    #[signature(policy)]
    fn sched_get_priority_min(policy: CInt) -> Result<i32, Raised> {
        // SAFETY: a plain call.
        check(unsafe { libc::sched_get_priority_min(policy.0) })
    }

    /// Get the scheduling policy for the process identified by pid.
    ///
    /// Passing 0 for pid returns the scheduling policy for the calling process.
    fn sched_getscheduler(pid: CInt) -> Result<i32, Raised> {
        // SAFETY: a plain call.
        check(unsafe { libc::sched_getscheduler(pid.0) })
    }

    /// Return the round-robin quantum for the process identified by pid, in seconds.
    ///
    /// Value returned is a float.
    fn sched_rr_get_interval(pid: CInt) -> Result<f64, Raised> {
        let mut interval = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: the call fills the structure.
        check(unsafe { libc::sched_rr_get_interval(pid.0, &mut interval) })?;
        Ok(interval.tv_sec as f64 + 1e-9 * interval.tv_nsec as f64)
    }

    /// Return the affinity of the process identified by pid (or the current process if zero).
    ///
    /// The affinity is returned as a set of CPU identifiers.
    fn sched_getaffinity(pid: CInt) -> Result<Ref<Set>, Raised> {
        let mut words = vec![0u64; 16];
        // SAFETY: the call fills the words, whose size it is told.
        while unsafe { libc::sched_getaffinity(pid.0, words.len() * 8, words.as_mut_ptr().cast()) } < 0 {
            // The system has more processors than there is room for.
            if crate::system::errno() != libc::EINVAL || words.len() * 64 >= MOST {
                return Err(last_error());
            }
            words.resize(words.len() * 2, 0);
        }
        let set = Set::new()?;
        for (index, word) in words.iter().enumerate() {
            for bit in (0..64).filter(|bit| word >> bit & 1 == 1) {
                set.add_item(&*Int::from_i64((index * 64 + bit) as i64)?)?;
            }
        }
        Ok(set)
    }

    /// Set the CPU affinity of the process identified by pid to mask.
    ///
    ///   pid
    ///     The identifier of the process (0 for the current process).
    ///   mask
    ///     An iterable of integers identifying CPUs.
    fn sched_setaffinity(pid: CInt, mask: &Object) -> Result<(), Raised> {
        let mut words = vec![0u64; 16];
        let items = iterator(mask)?;
        while let Some(item) = next(&items)? {
            if !item.isinstance::<Int>() {
                let class = protocol::repr(item.ty())?;
                return Err(raise!(TypeError, "expected an iterator of ints, but iterator yielded {}", &*class));
            }
            let number = protocol::number::index(&item)?;
            let cpu = match number.to_i64() {
                Some(cpu) if cpu < 0 => return Err(raise!(ValueError, "negative CPU number")),
                Some(cpu) if cpu < i32::MAX.into() => cpu as usize,
                _ => return Err(raise!(OverflowError, "CPU number too large")),
            };
            if cpu >= MOST {
                // No system has it: what the call says of an empty set.
                continue;
            }
            if cpu / 64 >= words.len() {
                words.resize(cpu / 64 + 1, 0);
            }
            words[cpu / 64] |= 1 << (cpu % 64);
        }
        // SAFETY: the call reads the words, whose size it is told.
        check(unsafe { libc::sched_setaffinity(pid.0, words.len() * 8, words.as_ptr().cast()) }).map(drop)
    }
}
