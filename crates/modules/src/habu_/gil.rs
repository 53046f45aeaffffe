//! `habu.gil`: what each thread did with the interpreter's lock.
//!
//! The figures are counted always: a count or two at each release and acquisition. They tell whether a program that is slow with many threads waits
//! for the lock, and which thread has it meanwhile.

use std::sync::atomic::{AtomicU64, Ordering};

use habu_macros::pymodule;
use habu_runtime::object::{IntoObject, Raised, Ref};
use habu_runtime::struct_sequence;
use habu_runtime::threads::Thread;
use habu_runtime::threads::lock::Moment;
use habu_runtime::types::module::Module;
use habu_runtime::types::tuple::Tuple;

struct_sequence! {
    doc "What a thread did with the interpreter's lock."
    pub static THREAD_FIGURES = "habu.gil.ThreadFigures", visible 7,
    {
        ident: "identity of the thread, as in threading.get_ident()",
        native_id: "the operating system's number of the thread",
        acquisitions: "how often it took the lock",
        contended: "how often another thread had the lock then",
        handed_over: "how often it gave the lock up because another thread asked for it",
        waited: "seconds that it waited for the lock",
        held: "seconds that it has held the lock",
    }
}

/// The module.
pub struct Gil;

/// The interpreter's lock: who holds it, and who waits.
#[pymodule(name = "habu.gil")]
impl Gil {
    /// Return a tuple with the figures of each thread that lives, the oldest thread first.
    fn stats() -> Result<Ref<Tuple>, Raised> {
        // The figures first: making objects may run Python code, and threads end meanwhile.
        let threads = Thread::current().interpreter().threads.snapshot();
        let all = habu_heap::Buffer::try_from_iter(threads.into_iter().map(Figures::of))?;
        Tuple::build(all.len(), |at| Ok(all[at].show()?.into_object()))
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        THREAD_FIGURES.ready()?;
        module.set("ThreadFigures", THREAD_FIGURES.type_object())
    }
}

/// The figures of one thread.
struct Figures {
    identities: [u64; 2],
    counts: [u64; 3],
    nanoseconds: [u64; 2],
}

impl Figures {
    /// Those of a thread; for the one that runs with the time that it has held the lock by now.
    fn of(thread: &Thread) -> Figures {
        let figures = &thread.lock_use.figures;
        let count = |figure: &AtomicU64| figure.load(Ordering::Relaxed);
        let now = thread.lock_use.since.get().map_or(0, |since| Moment::now().since(since).as_nanos() as u64);
        Figures {
            identities: [thread.thread_id.get(), thread.native_thread_id.get()],
            counts: [count(&figures.acquisitions), count(&figures.contended), count(&figures.handed_over)],
            nanoseconds: [count(&figures.waited), count(&figures.held) + now],
        }
    }

    fn show(&self) -> Result<Ref<Tuple>, Raised> {
        THREAD_FIGURES.build(|index| match index {
            0 | 1 => self.identities[index].into_object(),
            2..=4 => self.counts[index - 2].into_object(),
            _ => (self.nanoseconds[index - 5] as f64 / 1e9).into_object(),
        })
    }
}
