//! MemoryErrors made at start-up, for when there is no memory to make one.

use crate::exceptions::BaseException;
use crate::object::Ref;
use crate::threads::Thread;

/// Takes one of those kept ready.
pub fn take() -> Ref<BaseException> {
    Thread::current().interpreter().memory_error.clone()
}
