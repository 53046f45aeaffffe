//! A reference to an object cannot be dropped while the lock is released.

use habu_runtime::object::Ref;
use habu_runtime::threads::lock::released;

fn end(object: Ref) {
    released(move || drop(object));
}

fn main() {
    let _ = end;
}
