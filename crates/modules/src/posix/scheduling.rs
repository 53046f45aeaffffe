//! What the system's scheduler is asked and told: the processors that a process may run on, policies and priorities.

use habu_macros::pymodule;
use habu_runtime::object::args::{self, Signature};
use habu_runtime::object::protocol::{self, iterator, next};
use habu_runtime::object::{Object, Raised, Ref, Type};
use habu_runtime::types::dict::Dict;
use habu_runtime::types::int::Int;
use habu_runtime::types::set::Set;
use habu_runtime::types::singletons::none;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::{raise, struct_sequence};

use super::Posix;
use crate::system::{CInt, check, last_error};

struct_sequence! {
    heap doc "sched_param(sched_priority)\n--\n\nCurrently has only one field: sched_priority\n\n  sched_priority\n    A scheduling parameter."
    pub static SCHED_PARAM = "posix.sched_param", visible 1, new new_parameters,
    {
        sched_priority: "the scheduling priority",
    }
}

/// `sched_param(sched_priority)`
///
/// # Safety
/// As `tp_new`; the type has no subclasses.
unsafe extern "C" fn new_parameters(_cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
    static SIGNATURE: Signature = Signature {
        function: "sched_param",
        names: &["sched_priority"],
        required: &[true],
        positional_only: 0,
        positional: 1,
        varargs: false,
        words: habu_runtime::object::args::Words::Clinic,
    };
    let (mut bound, mut keep) = ([None; 1], args::Keep::new());
    args::bind_call(&SIGNATURE, args, kwargs, &mut bound, &mut keep)?;
    let priority = bound[0].map_or_else(none, Object::to_ref);
    SCHED_PARAM.build(|_| Ok(priority.clone())).map(Ref::into_object)
}

/// What a `sched_param` asks the system for.
pub(super) fn priority(parameters: &Object) -> Result<libc::sched_param, Raised> {
    let given = parameters.downcast::<Tuple>().filter(|_| parameters.type_ref().is(SCHED_PARAM.type_object()));
    let Some(priority) = given.and_then(|given| given.get(0)) else {
        return Err(raise!(TypeError, "must have a sched_param object"));
    };
    match protocol::number::index(&priority)?.to_i64().map(i32::try_from) {
        Some(Ok(sched_priority)) => Ok(libc::sched_param { sched_priority }),
        _ => Err(raise!(OverflowError, "sched_priority out of range")),
    }
}

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

    /// Returns scheduling parameters for the process identified by pid.
    ///
    /// If pid is 0, returns parameters for the calling process.
    /// Return value is an instance of sched_param.
    fn sched_getparam(pid: CInt) -> Result<Ref<Tuple>, Raised> {
        let mut parameters = libc::sched_param { sched_priority: 0 };
        // SAFETY: the call fills the structure.
        check(unsafe { libc::sched_getparam(pid.0, &mut parameters) })?;
        SCHED_PARAM.build(|_| Ok(Int::from_i64(parameters.sched_priority.into())?.into_object()))
    }

    /// Set scheduling parameters for the process identified by pid.
    ///
    /// If pid is 0, sets parameters for the calling process.
    /// param should be an instance of sched_param.
    #[signature(pid, param, /)]
    #[parsed]
    fn sched_setparam(pid: CInt, param: &Object) -> Result<(), Raised> {
        let parameters = priority(param)?;
        // SAFETY: the structure lives during the call.
        check(unsafe { libc::sched_setparam(pid.0, &parameters) }).map(drop)
    }

    /// Set the scheduling policy for the process identified by pid.
    ///
    /// If pid is 0, the calling process is changed.
    /// param is an instance of sched_param.
    #[signature(pid, policy, param, /)]
    #[parsed]
    fn sched_setscheduler(pid: CInt, policy: CInt, param: &Object) -> Result<(), Raised> {
        let parameters = priority(param)?;
        // SAFETY: the structure lives during the call.
        check(unsafe { libc::sched_setscheduler(pid.0, policy.0, &parameters) }).map(drop)
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
    #[parsed]
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
