//! What knows its type is no different from any object.

use habu_runtime::object::Ref;
use habu_runtime::threads::lock::released;
use habu_runtime::types::list::List;

fn length(list: &Ref<List>) -> usize {
    released(|| list.len())
}

fn main() {
    let _ = length;
}
