//! A borrowed object cannot be used while the lock is released.

use habu_runtime::object::Object;
use habu_runtime::threads::lock::released;

fn count(object: &Object) -> isize {
    released(|| object.refcount())
}

fn main() {
    let _ = count;
}
