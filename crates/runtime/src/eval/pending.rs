//! Bridges to built-in types by their names in builtins, for types that land on their own.

use crate::object::{Object, Raised, Ref, protocol};
use crate::raise;
use crate::threads::Thread;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// A built-in type by its name.
fn builtin(name: &str) -> Result<Ref, Raised> {
    let found = match Thread::current().interpreter().builtins.get() {
        Some(builtins) => builtins.get_str(name)?,
        None => None,
    };
    found.ok_or_else(|| raise!(SystemError, "no built-in type {name}"))
}

/// A new set.
pub fn new_set() -> Result<Ref, Raised> {
    protocol::call0(&*builtin("set")?)
}

/// Adds an item to a set.
pub fn set_add(set: &Object, item: &Object) -> Result<(), Raised> {
    protocol::call_method(set, &*Str::intern("add")?, &[item]).map(drop)
}

/// A frozenset of the items of a tuple.
pub fn frozenset(items: &Tuple) -> Result<Ref, Raised> {
    protocol::call1(&*builtin("frozenset")?, items)
}
