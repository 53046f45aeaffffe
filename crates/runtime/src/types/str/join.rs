//! `str.join`: one pass to measure, one allocation, one pass to copy.

use super::build::{Joined, join_items};
use super::value::Str;
use crate::object::protocol::sequence::sequence_fast;
use crate::object::{Object, Raised, Ref};
use crate::raise;
use crate::types::list::List;
use crate::types::tuple::Tuple;

/// `separator.join(iterable)`
pub fn join(separator: &Str, iterable: &Object) -> Result<Ref<Str>, Raised> {
    let sequence = sequence_fast(iterable, "can only join an iterable")?;
    let joined = if let Some(list) = sequence.downcast::<List>() {
        // SAFETY: joining runs no Python code while it looks at the items, and an error is raised after them.
        unsafe { list.with_slice(|items| join_items(separator, items)) }?
    } else if let Some(tuple) = sequence.downcast::<Tuple>() {
        join_items(separator, tuple.as_slice())?
    } else {
        return Err(raise!(SystemError, "bad argument to internal function"));
    };
    match joined {
        Joined::Text(text) => Ok(text),
        Joined::TooLong => Err(raise!(OverflowError, "join() result is too long for a Python string")),
        Joined::NotText(index) => {
            let item = crate::object::protocol::sequence::get_index(&sequence, index as isize)?;
            let name = item.ty().full_name();
            Err(raise!(TypeError, "sequence item {index}: expected str instance, {name} found"))
        }
    }
}
