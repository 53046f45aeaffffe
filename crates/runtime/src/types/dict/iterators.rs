//! The iterators of dictionaries and of their views: six types over one walk.
//!
//! An iterator stops with RuntimeError when the number of items has changed, and when there are more items than there were to begin with.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};

use super::keys::cell_ref;
use super::value::Dict;
use crate::id;
use crate::object::{Field, Object, Raised, Ref};
use crate::raise;
use crate::types::iterators::builtin;
use crate::types::list::List;
use crate::types::tuple::Tuple;

/// What the walk finds at an entry.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Key,
    Value,
    Item,
}

/// The cells of an entry's key and value.
type Cells<'a> = (&'a Cell<*const Object>, &'a Cell<*const Object>);

/// A walk through a dictionary, as the six types have it in their layout.
struct Walk<'a> {
    dict: &'a Field<Dict>,
    used: &'a Cell<isize>,
    position: &'a Cell<isize>,
    left: &'a Cell<isize>,
    reverse: bool,
}

impl Walk<'_> {
    /// The cells of the next entry, after which the position stands; at the end the iterator lets go of the dictionary.
    ///
    /// # Safety
    /// The cells are looked at before any code runs that may change the dictionary.
    #[inline(always)]
    unsafe fn advance(&self) -> Result<Option<Cells<'_>>, Raised> {
        // SAFETY: nothing runs before the borrow ends but what lets go of the dictionary, which ends it.
        let Some(dict) = (unsafe { self.dict.borrow() }) else { return Ok(None) };
        if self.used.get() != dict.len() as isize {
            return Err(self.changed_size());
        }
        let (found, next) = if self.reverse {
            match self.entry_before(dict) {
                Some((index, next)) => (Some(dict.cells_at(index)), next),
                None => (None, 0),
            }
        } else {
            let mut at = self.position.get() as usize;
            (dict.next_cells(&mut at), at as isize)
        };
        let Some(cells) = found else {
            self.dict.set(None);
            return Ok(None);
        };
        if self.left.get() == 0 && !self.reverse {
            return Err(self.changed_keys());
        }
        self.position.set(next);
        self.left.set(self.left.get() - 1);
        Ok(Some(cells))
    }

    #[cold]
    fn changed_size(&self) -> Raised {
        self.used.set(-1);
        raise!(RuntimeError, "dictionary changed size during iteration")
    }

    #[cold]
    fn changed_keys(&self) -> Raised {
        self.dict.set(None);
        raise!(RuntimeError, "dictionary keys changed during iteration")
    }

    /// The entry at or before the position, and the position before it.
    fn entry_before(&self, dict: &Dict) -> Option<(isize, isize)> {
        let mut at = self.position.get();
        if let Some(values) = dict.values.get() {
            return (at >= 0 && (at as usize) < values.used()).then(|| (values.order(at as usize), at - 1));
        }
        let keys = dict.keys();
        at = at.min(keys.entries.get() - 1);
        while at >= 0 {
            if !keys.entry_cells(at).1.get().is_null() {
                return Some((at, at - 1));
            }
            at -= 1;
        }
        None
    }

    #[inline(always)]
    fn next(&self, what: What, result: &Field<Tuple>) -> Result<Option<Ref>, Raised> {
        // SAFETY: new references are made at once.
        let Some((key, value)) = (unsafe { self.advance() })? else { return Ok(None) };
        let (key, value) = match what {
            What::Key => return Ok(cell_ref(key)),
            What::Value => return Ok(cell_ref(value)),
            What::Item => (cell_ref(key), cell_ref(value)),
        };
        let (Some(key), Some(value)) = (key, value) else { return Ok(None) };
        // SAFETY: the borrow ends with the question.
        let only = unsafe { result.borrow() }.is_some_and(|pair| pair.refcount() == 1 && pair.len() == 2);
        match result.get().filter(|_| only) {
            Some(pair) => Ok(Some(refill(pair, key, value))),
            None => Ok(Some(Tuple::from_refs([key, value])?.into_object())),
        }
    }

    fn length_hint(&self) -> usize {
        match self.dict.get() {
            Some(dict) if dict.len() as isize == self.used.get() => self.left.get().max(0) as usize,
            _ => 0,
        }
    }
}

/// Puts a new item into a pair that only the iterator had, so that a loop over items makes one tuple.
#[inline(always)]
fn refill(pair: Ref<Tuple>, key: Ref, value: Ref) -> Ref {
    let items = crate::types::tuple::value::items_pointer(&pair);
    // SAFETY: nobody else has the tuple, which has two items.
    let (old_key, old_value) = unsafe { (items.replace(key), items.add(1).replace(value)) };
    crate::gc::track(&pair);
    drop(old_key);
    drop(old_value);
    pair.into_object()
}

/// Declares one of the iterator types.
macro_rules! iterator {
    ($(#[$doc:meta])* $iterator:ident, $name:literal $c_name:literal, $what:expr, $reverse:expr) => {
        $(#[$doc])*
        #[pytype(name = $name, c_name = $c_name, doc = "", gc)]
        pub struct $iterator {
            base: Object,
            #[traverse]
            dict: Field<Dict>,
            /// The number of items at the start; -1 once it was found changed.
            used: Cell<isize>,
            position: Cell<isize>,
            /// The pair that was given last.
            #[traverse]
            result: Field<Tuple>,
            /// How many items are left.
            left: Cell<isize>,
        }

        crate::assert_layout!($iterator, size 56, dict @ 16, used @ 24, position @ 32, result @ 40, left @ 48);

        impl $iterator {
            /// An iterator that has given nothing yet.
            pub fn new(dict: Ref<Dict>) -> Result<Ref<$iterator>, Raised> {
                let used = dict.len() as isize;
                let position = match ($reverse, dict.values.get()) {
                    (false, _) => 0,
                    (true, Some(_)) => used - 1,
                    (true, None) => dict.keys().entries.get() - 1,
                };
                let result = match $what {
                    What::Item => Some(Tuple::from_refs([crate::types::none(), crate::types::none()])?),
                    _ => None,
                };
                crate::object::create($iterator {
                    base: Object::of::<$iterator>(),
                    dict: Field::new(dict),
                    used: Cell::new(used),
                    position: Cell::new(position),
                    result: Field::optional(result),
                    left: Cell::new(used),
                })
            }

            #[inline(always)]
            fn walk(&self) -> Walk<'_> {
                Walk {
                    dict: &self.dict,
                    used: &self.used,
                    position: &self.position,
                    left: &self.left,
                    reverse: $reverse,
                }
            }
        }

        #[pymethods]
        impl $iterator {
            #[slot(tp_iter)]
            fn iter(&self) -> Result<Ref, Raised> {
                Ok(self.to_ref())
            }

            #[slot(tp_iternext)]
            fn next(&self) -> Result<Option<Ref>, Raised> {
                self.walk().next($what, &self.result)
            }

            /// Private method returning an estimate of len(list(it)).
            #[no_signature]
            fn __length_hint__(&self) -> Result<usize, Raised> {
                Ok(self.walk().length_hint())
            }

            /// Return state information for pickling.
            #[no_signature]
            fn __reduce__(&self) -> Result<Ref<Tuple>, Raised> {
                // What is left is listed by a copy of the iterator, which stays where it is.
                let (dict, used) = (Field::optional(self.dict.get()), Cell::new(self.used.get()));
                let (position, left) = (Cell::new(self.position.get()), Cell::new(self.left.get()));
                let copy = Walk { dict: &dict, used: &used, position: &position, left: &left, reverse: $reverse };
                let list = List::new()?;
                while let Some(item) = copy.next($what, &Field::empty())? {
                    list.push(item)?;
                }
                let args = Tuple::from_refs([list.into_object()])?.into_object();
                Tuple::from_refs([builtin(id!(iter))?, args])
            }
        }
    };
}

iterator!(
    /// The iterator of a dictionary's keys.
    DictKeyIterator, "dict_keyiterator" "PyDictIterKey_Type", What::Key, false
);
iterator!(
    /// The iterator of a dictionary's values.
    DictValueIterator, "dict_valueiterator" "PyDictIterValue_Type", What::Value, false
);
iterator!(
    /// The iterator of a dictionary's items.
    DictItemIterator, "dict_itemiterator" "PyDictIterItem_Type", What::Item, false
);
iterator!(
    /// The iterator of a dictionary's keys from the last one.
    DictReverseKeyIterator, "dict_reversekeyiterator" "PyDictRevIterKey_Type", What::Key, true
);
iterator!(
    /// The iterator of a dictionary's values from the last one.
    DictReverseValueIterator, "dict_reversevalueiterator" "PyDictRevIterValue_Type", What::Value, true
);
iterator!(
    /// The iterator of a dictionary's items from the last one.
    DictReverseItemIterator, "dict_reverseitemiterator" "PyDictRevIterItem_Type", What::Item, true
);
