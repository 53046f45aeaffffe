//! MemoryErrors made at start-up, for when there is no memory to make one.

use std::cell::Cell;

use crate::exceptions::BaseException;
use crate::object::field::Field;
use crate::object::{Raised, Ref, Traverse};
use crate::threads::Thread;
use crate::types::tuple::Tuple;

thread_local! {
    /// Whether an error is being made, so that one which fails does not make another.
    static MAKING: Cell<bool> = const { Cell::new(false) };
}

/// How many are kept ready to be given away.
pub const READY: usize = 8;

/// A MemoryError: a new one where there is still memory for it; else one of those that were kept ready, which becomes the program's, so that
/// one in a cycle dies like any other; else, when these are gone, the last, which stays the interpreter's.
pub fn take() -> Ref<BaseException> {
    if !MAKING.replace(true) {
        let made = make().inspect(|_| fill());
        MAKING.set(false);
        match made {
            Ok(error) => return error,
            Err(raised) => drop(raised.take()),
        }
    }
    if let Some(kept) = Thread::current().interpreter().memory_errors.iter().find_map(Field::take) {
        crate::gc::track(&kept);
        return kept;
    }
    // What an earlier use left in it goes even if somebody still holds it: otherwise it would grow with every use.
    let kept = last();
    Traverse::clear(&*kept);
    kept.args.set(Some(Tuple::empty()));
    kept.suppress_context.set(false);
    kept
}

/// Makes those that are missing, as far as memory allows. They are not tracked while they are kept, and the collector does not count them.
pub fn fill() {
    for place in &Thread::current().interpreter().memory_errors {
        if place.is_empty() {
            match crate::gc::state::uncounted(make) {
                Ok(error) => {
                    crate::gc::untrack(&error);
                    place.set(Some(error));
                }
                Err(raised) => return drop(raised.take()),
            }
        }
    }
}

/// The one that is never given away. There is one from the moment that the built-in types are ready; memory that runs out before that ends
/// the process.
fn last() -> Ref<BaseException> {
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
