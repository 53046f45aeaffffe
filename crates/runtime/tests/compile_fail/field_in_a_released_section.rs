//! A field of an object cannot be read while the lock is released.

use habu_runtime::object::Field;
use habu_runtime::threads::lock::released;

fn is_empty(field: &Field) -> bool {
    released(|| field.is_empty())
}

fn main() {
    let _ = is_empty;
}
