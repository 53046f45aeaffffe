//! The module `resource`: what a process used, and the limits of what it may use.

use habu_macros::pymodule;
use habu_runtime::exceptions::{exc, raise_os_error};
use habu_runtime::object::{Object, Raised, Ref, protocol};
use habu_runtime::types::float::Float;
use habu_runtime::types::int::Int;
use habu_runtime::types::module::Module;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::{raise, struct_sequence};

use crate::system::{check, errno};

struct_sequence! {
    heap doc "struct_rusage: Result from getrusage.\n\nThis object may be accessed either as a tuple of\n    (utime,stime,maxrss,ixrss,idrss,isrss,minflt,majflt,\n    nswap,inblock,oublock,msgsnd,msgrcv,nsignals,nvcsw,nivcsw)\nor via the attributes ru_utime, ru_stime, ru_maxrss, and so on."
    pub static STRUCT_RUSAGE = "resource.struct_rusage", visible 16,
    {
        ru_utime: "user time used",
        ru_stime: "system time used",
        ru_maxrss: "max. resident set size",
        ru_ixrss: "shared memory size",
        ru_idrss: "unshared data size",
        ru_isrss: "unshared stack size",
        ru_minflt: "page faults not requiring I/O",
        ru_majflt: "page faults requiring I/O",
        ru_nswap: "number of swap outs",
        ru_inblock: "block input operations",
        ru_oublock: "block output operations",
        ru_msgsnd: "IPC messages sent",
        ru_msgrcv: "IPC messages received",
        ru_nsignals: "signals received",
        ru_nvcsw: "voluntary context switches",
        ru_nivcsw: "involuntary context switches",
    }
}

/// What a process used, as Python sees it.
pub fn rusage_result(usage: &libc::rusage) -> Result<Ref<Tuple>, Raised> {
    STRUCT_RUSAGE.ready()?;
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 * 1e-6;
    let counts = [
        usage.ru_maxrss,
        usage.ru_ixrss,
        usage.ru_idrss,
        usage.ru_isrss,
        usage.ru_minflt,
        usage.ru_majflt,
        usage.ru_nswap,
        usage.ru_inblock,
        usage.ru_oublock,
        usage.ru_msgsnd,
        usage.ru_msgrcv,
        usage.ru_nsignals,
        usage.ru_nvcsw,
        usage.ru_nivcsw,
    ];
    STRUCT_RUSAGE.build(|index| match index {
        0 => Ok(Float::new(seconds(usage.ru_utime))?.into_object()),
        1 => Ok(Float::new(seconds(usage.ru_stime))?.into_object()),
        _ => Ok(Int::from_i64(counts[index - 2])?.into_object()),
    })
}

/// A limit as Python sees it: that of nothing is -1.
fn shown(limit: u64) -> Result<Ref, Raised> {
    Ok(Int::from_i64(limit as i64)?.into_object())
}

fn pair(limit: &libc::rlimit) -> Result<Ref<Tuple>, Raised> {
    Tuple::from_refs([shown(limit.rlim_cur)?, shown(limit.rlim_max)?])
}

fn limit_number(object: &Object) -> Result<u64, Raised> {
    match protocol::number::index(object)?.to_i64() {
        Some(value) => Ok(value as u64),
        None => Err(raise!(OverflowError, "Python int too large to convert to C long")),
    }
}

/// A pair of limits that a program gave.
fn limits(object: &Object) -> Result<libc::rlimit, Raised> {
    let items = protocol::sequence::to_tuple(object)?;
    match items.as_slice() {
        [soft, hard] => Ok(libc::rlimit { rlim_cur: limit_number(soft)?, rlim_max: limit_number(hard)? }),
        _ => Err(raise!(ValueError, "expected a tuple of 2 integers")),
    }
}

fn known(resource: i32) -> Result<u32, Raised> {
    match u32::try_from(resource) {
        Ok(resource) if resource < 16 => Ok(resource),
        _ => Err(raise!(ValueError, "invalid resource specified")),
    }
}

/// The error of a limit that could not be set.
fn refused(failed: i32) -> Raised {
    match failed {
        libc::EINVAL => raise!(ValueError, "current limit exceeds maximum limit"),
        libc::EPERM => raise!(ValueError, "not allowed to raise maximum limit"),
        failed => raise_os_error(failed, None),
    }
}

/// The module.
pub struct Resource;

#[pymodule(name = "resource")]
impl Resource {
    fn getrusage(who: i32) -> Result<Ref<Tuple>, Raised> {
        // SAFETY: the structure is plain data that the call fills.
        let mut usage = unsafe { std::mem::zeroed::<libc::rusage>() };
        // SAFETY: as above.
        if unsafe { libc::getrusage(who, &raw mut usage) } == -1 {
            return Err(match errno() {
                libc::EINVAL => raise!(ValueError, "invalid who parameter"),
                failed => raise_os_error(failed, None),
            });
        }
        rusage_result(&usage)
    }

    fn getrlimit(resource: i32) -> Result<Ref<Tuple>, Raised> {
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: the call fills the structure.
        check(unsafe { libc::getrlimit(known(resource)?, &raw mut limit) })?;
        pair(&limit)
    }

    #[signature(resource, limits, /)]
    #[name = "setrlimit"]
    fn set_limit(resource: i32, limits: &Object) -> Result<(), Raised> {
        let resource_number = known(resource)?;
        let name = Int::from_i64(resource.into())?;
        habu_runtime::threads::audit::audit("resource.setrlimit", &[&name, limits])?;
        let limit = self::limits(limits)?;
        // SAFETY: the call reads the structure.
        if unsafe { libc::setrlimit(resource_number, &raw const limit) } == -1 {
            return Err(refused(errno()));
        }
        Ok(())
    }

    /// prlimit(pid, resource, [limits])
    #[signature(*args)]
    #[no_signature]
    #[varargs(unpack)]
    fn prlimit(args: &[&Object]) -> Result<Ref<Tuple>, Raised> {
        let (pid, resource, new) = match args {
            [pid, resource] => (pid, resource, None),
            [pid, resource, limits] => (pid, resource, Some(limits)),
            _ => return Err(raise!(TypeError, "resource.prlimit requires 2 to 3 arguments")),
        };
        let pid = crate::system::c_int(pid)?;
        let resource = known(crate::system::c_int(resource)?)?;
        habu_runtime::threads::audit::audit("resource.prlimit", args)?;
        let new = new.map(|limits| self::limits(limits)).transpose()?;
        let new = new.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        let mut old = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: the call reads the new limits, if there are any, and fills the old ones.
        if unsafe { libc::prlimit(pid, resource, new, &raw mut old) } == -1 {
            return Err(refused(errno()));
        }
        pair(&old)
    }

    fn getpagesize() -> Result<i64, Raised> {
        // SAFETY: a plain call.
        Ok(unsafe { libc::sysconf(libc::_SC_PAGESIZE) })
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        STRUCT_RUSAGE.ready()?;
        module.set("struct_rusage", STRUCT_RUSAGE.type_object())?;
        module.set("error", exc::OSError())?;
        CONSTANTS.iter().try_for_each(|(name, value)| module.set_int(name, *value))
    }
}

/// The constants of Linux.
static CONSTANTS: &[(&str, i64)] = &[
    ("RLIMIT_AS", 9),
    ("RLIMIT_CORE", 4),
    ("RLIMIT_CPU", 0),
    ("RLIMIT_DATA", 2),
    ("RLIMIT_FSIZE", 1),
    ("RLIMIT_MEMLOCK", 8),
    ("RLIMIT_MSGQUEUE", 12),
    ("RLIMIT_NICE", 13),
    ("RLIMIT_NOFILE", 7),
    ("RLIMIT_NPROC", 6),
    ("RLIMIT_OFILE", 7),
    ("RLIMIT_RSS", 5),
    ("RLIMIT_RTPRIO", 14),
    ("RLIMIT_RTTIME", 15),
    ("RLIMIT_SIGPENDING", 11),
    ("RLIMIT_STACK", 3),
    ("RLIM_INFINITY", -1),
    ("RUSAGE_CHILDREN", -1),
    ("RUSAGE_SELF", 0),
    ("RUSAGE_THREAD", 1),
];
