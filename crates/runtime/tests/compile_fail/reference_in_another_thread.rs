//! A reference to an object cannot go to another thread.

use habu_runtime::object::Ref;

fn send(object: Ref) {
    std::thread::spawn(move || drop(object));
}

fn main() {
    let _ = send;
}
