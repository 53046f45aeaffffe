//! A reference to an object cannot be used while the lock is released.

use habu_runtime::object::Ref;
use habu_runtime::threads::lock::released;

fn count(object: Ref) -> isize {
    released(|| object.refcount())
}

fn main() {
    let _ = count;
}
