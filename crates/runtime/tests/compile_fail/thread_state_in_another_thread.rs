//! The state of a thread cannot go to another thread, nor into a released section.

use habu_runtime::threads::Thread;
use habu_runtime::threads::lock::released;

fn main() {
    let thread = Thread::current();
    released(|| thread.has_exception());
    std::thread::spawn(move || thread.has_exception());
}
