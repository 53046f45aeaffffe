<<<<<<< HEAD
//! `set` and `frozenset` (`PySetObject`): open addressing with linear probes.
//!
//! `table` is the table with its algorithms, `algebra` what two sets make together, `methods` and `frozen` what Python calls, `iterator` the
//! iterator.

pub mod algebra;
pub mod frozen;
pub mod iterator;
pub mod methods;
pub mod table;

pub use frozen::{FROZEN_SET_TYPE, FrozenSet};
pub use iterator::SET_ITERATOR_TYPE;
pub use methods::{SET_TYPE, Set};
pub use table::SetCore;
=======
//! `set` and `frozenset`: one open-addressing table (`PySetObject`).
//!
//! `table` is the hash table with its probing and growth, `algebra` what sets do with each other and with iterables; `set` and
//! `frozenset` are the two types, `iterator` walks through both.

pub mod algebra;
pub mod frozenset;
pub mod iterator;
pub mod set;
pub mod table;

pub use frozenset::{FROZEN_SET_TYPE, FrozenSet};
pub use iterator::SET_ITERATOR_TYPE;
pub use set::{SET_TYPE, Set};
pub use table::SetTable;

use crate::object::Object;

/// The table of a set or frozenset, or of an instance of a subclass.
pub fn as_set(object: &Object) -> Option<&SetTable> {
    match object.downcast::<Set>() {
        Some(set) => Some(set.table()),
        None => object.downcast::<FrozenSet>().map(FrozenSet::table),
    }
}

/// As `as_set`, for exactly set or frozenset.
pub fn as_exact_set(object: &Object) -> Option<&SetTable> {
    match object.downcast_exact::<Set>() {
        Some(set) => Some(set.table()),
        None => object.downcast_exact::<FrozenSet>().map(FrozenSet::table),
    }
}
>>>>>>> 651b183 (Add dict's methods, views and iterators, split tables, set, frozenset, mappingproxy and SimpleNamespace)
