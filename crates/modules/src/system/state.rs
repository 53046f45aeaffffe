//! Objects that the modules keep for their interpreter, by name.

use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::threads::Thread;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::str::Str;

/// What is kept by a name.
pub fn get(name: &str) -> Result<Option<Ref>, Raised> {
    match Thread::current().interpreter().module_state.get() {
        Some(table) => table.get_str(name),
        None => Ok(None),
    }
}

/// Keeps an object by a name.
pub fn set(name: &str, value: &Object) -> Result<(), Raised> {
    let place = &Thread::current().interpreter().module_state;
    let table = match place.get() {
        Some(table) => table,
        None => {
            let table = Dict::new()?;
            place.set(Some(table.clone()));
            table
        }
    };
    table.set_str(name, value)
}

/// Forgets what is kept by a name.
pub fn remove(name: &str) -> Result<(), Raised> {
    match Thread::current().interpreter().module_state.get() {
        Some(table) => table.remove(&*Str::intern(name)?).map(drop),
        None => Ok(()),
    }
}
