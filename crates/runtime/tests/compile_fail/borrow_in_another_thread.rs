//! A borrowed object cannot be shared with another thread.

use habu_runtime::object::Object;

fn share(object: &Object) -> isize {
    std::thread::scope(|scope| scope.spawn(|| object.refcount()).join().unwrap_or(0))
}

fn main() {
    let _ = share;
}
