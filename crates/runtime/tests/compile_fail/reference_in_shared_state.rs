//! A reference to an object cannot stand in a static: it would be every thread's.

use std::sync::Mutex;

use habu_runtime::object::Ref;

static KEPT: Mutex<Option<Ref>> = Mutex::new(None);

fn main() {
    let _ = &KEPT;
}
