//! MemoryErrors made at start-up, for when there is no memory to make one.

use crate::exceptions::BaseException;
use crate::object::{Raised, Ref};
use crate::threads::Thread;

/// Takes the one that is kept ready.  There is one from the moment that the built-in types are ready; memory that runs out before
/// that ends the process.
pub fn take() -> Ref<BaseException> {
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
