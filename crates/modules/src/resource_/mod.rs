//! The module `resource`: what a process used, and the limits of what it may use.

use habu_runtime::object::{Raised, Ref};
use habu_runtime::struct_sequence;
use habu_runtime::types::float::Float;
use habu_runtime::types::int::Int;
use habu_runtime::types::tuple::Tuple;

struct_sequence! {
    doc "struct_rusage: Result from getrusage.\n\nThis object may be accessed either as a tuple of\n    (utime,stime,maxrss,ixrss,idrss,isrss,minflt,majflt,\n    nswap,inblock,oublock,msgsnd,msgrcv,nsignals,nvcsw,nivcsw)\nor via the attributes ru_utime, ru_stime, ru_maxrss, and so on."
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
