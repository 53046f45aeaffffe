//! Displays of a few items, `{"key": value}`: the table is filled in one go, without the steps by which a dictionary grows.

use super::keys::{EMPTY, Keys, Kind, MINIMAL_LOG2, Probe, fill_cell, usable_fraction};
use super::table::find_text;
use super::value::{Dict, may_be_tracked};
use crate::gc;
use crate::object::{Object, Raised, Ref};
use crate::types::str::Str;

impl Dict {
    /// A dictionary of `count` items, when its keys are exact strings of which no two are equal, and fit into the smallest table.
    #[inline]
    pub(crate) fn of_few_texts<'a>(
        count: usize,
        item: impl Fn(usize) -> (&'a Object, &'a Object),
    ) -> Result<Option<Ref<Dict>>, Raised> {
        const MOST: usize = usable_fraction(MINIMAL_LOG2) as usize;
        if !(1..=MOST).contains(&count) || !(0..count).all(|index| item(index).0.is_exact::<Str>()) {
            return Ok(None);
        }
        let table = Keys::allocate(MINIMAL_LOG2, Kind::Unicode)?;
        // SAFETY: just allocated, and nobody else's.
        let keys = unsafe { table.as_ref() };
        let mut tracked = false;
        for index in 0..count {
            let (key, value) = item(index);
            // SAFETY: checked to be strings.
            let text = unsafe { key.cast_unchecked::<Str>() };
            let hash = text.hash();
            if index > 0 && find_text(keys, text, hash) != EMPTY {
                // SAFETY: the table is this function's; it ends what was put into it.
                unsafe { Keys::release(table) };
                return Ok(None);
            }
            let mut probe = Probe::new(hash, keys.mask());
            while keys.index(probe.at) != EMPTY {
                probe.step();
            }
            keys.set_index(probe.at, index as isize);
            let entry = keys.unicode_entry(index as isize);
            fill_cell(&entry.key, key.to_ref());
            fill_cell(&entry.value, value.to_ref());
            keys.entries.set(index as isize + 1);
            tracked |= may_be_tracked(value);
        }
        keys.usable.set(usable_fraction(MINIMAL_LOG2) - count as isize);
        let dict = Dict::from_table(table, None, count)?;
        if tracked {
            gc::track(&dict);
        }
        Ok(Some(dict))
    }
}
