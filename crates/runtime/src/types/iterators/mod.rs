//! The iterators behind `iter()`: over anything with `__getitem__`, and over the results of a callable. Iterators of one type of
//! container stand beside that type.

pub mod callable;
pub mod rows;
pub mod sequence;

pub use callable::{CALLABLE_ITERATOR_TYPE, CallableIterator};
pub use rows::{
    LIST_ITERATOR_TYPE, LIST_REVERSE_ITERATOR_TYPE, ListIterator, ListReverseIterator, TUPLE_ITERATOR_TYPE,
    TupleIterator,
};
pub use sequence::{SEQUENCE_ITERATOR_TYPE, SequenceIterator};

use crate::object::protocol::number::index_as_size;
use crate::object::{Object, Raised, Ref};
use crate::raise;
use crate::threads::Thread;
use crate::types::int::Int;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// A built-in function by its name, as `__reduce__` methods name them.
pub fn builtin(name: &Str) -> Result<Ref, Raised> {
    let builtins = Thread::current().interpreter().builtins.get();
    builtins.and_then(|builtins| builtins.get_name(name)).ok_or_else(|| raise!(AttributeError, "{name}"))
}

/// What an iterator reduces to: `(function, (sequence,), index)` while it has a sequence, else `(function, (empty,))`.  The function is
/// looked up by its caller before it asks the iterator for its sequence: that may run Python code which exhausts the iterator.
pub fn reduce_at(
    function: Ref,
    sequence: Option<Ref>,
    index: isize,
    empty: impl FnOnce() -> Result<Ref, Raised>,
) -> Result<Ref<Tuple>, Raised> {
    match sequence {
        Some(sequence) => {
            let index = Int::from_i64(index as i64)?.into_object();
            Tuple::from_refs([function, Tuple::from_refs([sequence])?.into_object(), index])
        }
        None => Tuple::from_refs([function, Tuple::from_refs([empty()?])?.into_object()]),
    }
}

/// The empty tuple that most exhausted iterators reduce to an iterator of.
pub fn nothing() -> Result<Ref, Raised> {
    Ok(Tuple::empty().into_object())
}

/// The index that `__setstate__` was given.
pub fn state_index(state: &Object) -> Result<isize, Raised> {
    if !state.isinstance::<Int>() {
        return Err(raise!(TypeError, "an integer is required"));
    }
    index_as_size(state, Some(crate::exceptions::exc::OverflowError()))
}
