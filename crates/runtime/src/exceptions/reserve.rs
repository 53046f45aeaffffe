//! MemoryErrors made at start-up, for when there is no memory to make one.

use std::cell::Cell;

use crate::exceptions::BaseException;
use crate::object::{Raised, Ref, Traverse};
use crate::threads::Thread;
use crate::types::tuple::Tuple;

thread_local! {
    /// Whether an error is being made, so that one which fails does not make another.
    static MAKING: Cell<bool> = const { Cell::new(false) };
}

/// A MemoryError: a new one where there is still memory for it, which keeps nothing alive once it has been handled; else the one that
/// is kept ready.
pub fn take() -> Ref<BaseException> {
    if !MAKING.replace(true) {
        let made = make();
        MAKING.set(false);
        match made {
            Ok(error) => return error,
            Err(raised) => drop(raised.take()),
        }
    }
    let kept = ready();
    if kept.refcount() == 2 {
        // Nobody else has it: what an earlier use left in it goes.
        Traverse::clear(&*kept);
        kept.args.set(Some(Tuple::empty()));
        kept.suppress_context.set(false);
    }
    kept
}

/// The one that is kept ready.  There is one from the moment that the built-in types are ready; memory that runs out before that ends
/// the process.
fn ready() -> Ref<BaseException> {
    match Thread::current().interpreter().memory_error.get() {
        Some(error) => error,
        None => {
            eprintln!("Fatal Python error: out of memory while starting");
            std::process::exit(1);
        }
    }
}

/// Makes the MemoryError that is kept ready.
pub fn make() -> Result<Ref<BaseException>, Raised> {
    let made = crate::object::protocol::call0(crate::exceptions::exc::MemoryError())?;
    made.downcast_into::<BaseException>().map_err(|_| crate::raise!(SystemError, "MemoryError is no exception"))
}
