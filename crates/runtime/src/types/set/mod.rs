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
