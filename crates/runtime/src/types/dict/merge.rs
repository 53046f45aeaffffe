//! Copies of dictionaries, and taking over the items of another dictionary, mapping or sequence of pairs.

use super::keys::{Kind, MINIMAL_LOG2, log2_for_entries, usable_fraction};
use super::table::hash_key;
use super::value::Dict;
use super::values::Values;
use crate::exceptions::{exc, raise_key_error};
use crate::gc;
use crate::object::{Object, PyType, Raised, Ref, protocol};
use crate::raise;
use crate::threads::Thread;

/// What happens to a key that is there already.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Override {
    /// The new value replaces the old one.
    Replace,
    /// The old value stays.
    Keep,
    /// KeyError, with the key.
    Refuse,
}

/// Whether the object is a dictionary that is iterated like one, so that its table may be read directly.
pub(crate) fn plain_dict(object: &Object) -> Option<&Dict> {
    let slot = |object: &crate::object::Type| object.tp_iter.get().map(|slot| slot as usize);
    object.downcast::<Dict>().filter(|dict| slot(dict.ty()) == slot(Dict::type_object()))
}

impl Dict {
    /// A new dictionary with the same items.
    pub fn copy(&self) -> Result<Ref<Dict>, Raised> {
        if self.len() == 0 {
            return Dict::new();
        }
        let keys = self.keys();
        if let Some(values) = self.values.get() {
            let copy = Values::allocate(keys.shared_size())?;
            for at in 0..values.used() {
                let index = values.order(at);
                if let Some(value) = values.get(index) {
                    super::keys::fill_cell(copy.cell(index), value);
                    copy.append(index);
                }
            }
            keys.retain();
            return self.tracked_alike(Dict::from_table(self.keys_pointer(), Some(copy), self.len())?);
        }
        if plain_dict(self).is_some() && self.len() as isize >= keys.entries.get() * 2 / 3 {
            let used = self.len();
            return self.tracked_alike(Dict::from_table(keys.duplicate()?, None, used)?);
        }
        let copy = Dict::new()?;
        copy.merge(self, Override::Replace)?;
        Ok(copy)
    }

    fn tracked_alike(&self, copy: Ref<Dict>) -> Result<Ref<Dict>, Raised> {
        if gc::is_tracked(self) {
            gc::track(&copy);
        }
        Ok(copy)
    }

    /// Takes over all items of `other`.
    pub fn update_from(&self, other: &Dict) -> Result<(), Raised> {
        self.merge(other, Override::Replace)
    }

    /// Takes over all items of a mapping.
    pub fn update(&self, other: &Object) -> Result<(), Raised> {
        self.merge(other, Override::Replace)
    }

    /// Takes over the items of a mapping.
    pub fn merge(&self, other: &Object, mode: Override) -> Result<(), Raised> {
        match plain_dict(other) {
            Some(other) => self.merge_dict(other, mode),
            None => self.merge_mapping(other, mode),
        }
    }

    fn merge_dict(&self, other: &Dict, mode: Override) -> Result<(), Raised> {
        if self.is(other) || other.len() == 0 {
            return Ok(());
        }
        let mut mode = mode;
        if self.len() == 0 {
            mode = Override::Replace;
            let theirs = other.keys();
            // A table without holes that is not too large is taken as it is.
            if other.values.get().is_none()
                && other.len() as isize == theirs.entries.get()
                && (theirs.log2_size == MINIMAL_LOG2 || usable_fraction(theirs.log2_size - 1) < other.len() as isize)
            {
                let copy = theirs.duplicate()?;
                let used = other.len();
                if let Some(values) = self.values.take() {
                    // SAFETY: the dictionary owned the values, none of which is set.
                    unsafe { values.end() };
                }
                self.replace_table(copy);
                self.set_used(used);
                self.changed();
                if gc::is_tracked(other) {
                    gc::track(self);
                }
                return Ok(());
            }
        }
        if usable_fraction(self.keys().log2_size) < other.len() as isize {
            let text = other.keys().kind != Kind::General;
            self.resize_for(self.len() + other.len(), text)?;
        }
        let entries = other.keys().entries.get();
        let mut at = 0;
        while let Some((key, hash, value)) = other.next_hashed(&mut at) {
            if mode == Override::Replace || !self.contains_hashed(&key, hash)? {
                self.insert(key, hash, value)?;
            } else if mode == Override::Refuse {
                return Err(raise_key_error(&key));
            }
            if other.keys().entries.get() != entries {
                return Err(raise!(RuntimeError, "dict mutated during update"));
            }
        }
        Ok(())
    }

    /// Makes room for `count` items in all.
    pub(super) fn resize_for(&self, count: usize, text: bool) -> Result<(), Raised> {
        self.resize(log2_for_entries(count), text)
    }

    fn merge_mapping(&self, other: &Object, mode: Override) -> Result<(), Raised> {
        let keys = protocol::mapping::keys(other)?;
        protocol::for_each(&keys, |key| {
            if mode != Override::Replace && self.contains(&key)? {
                return match mode {
                    Override::Refuse => Err(raise_key_error(&key)),
                    _ => Ok(()),
                };
            }
            let value = protocol::get_item(other, &key)?;
            self.set(&key, &value)
        })
    }

    /// Takes over the pairs of an iterable (`PyDict_MergeFromSeq2`).
    pub fn merge_pairs(&self, pairs: &Object, mode: Override) -> Result<(), Raised> {
        let iterator = protocol::iterator(pairs)?;
        let mut index = 0usize;
        while let Some(item) = protocol::next(&iterator)? {
            let pair = match protocol::sequence::sequence_fast(&item, "") {
                Ok(pair) => pair,
                Err(raised) => {
                    if Thread::current().exception().is_some_and(|error| error.is_a(exc::TypeError())) {
                        raised.clear();
                        return Err(raise!(
                            TypeError,
                            "cannot convert dictionary update sequence element #{index} to a sequence"
                        ));
                    }
                    return Err(raised);
                }
            };
            let length = protocol::length(&pair)?;
            if length != 2 {
                return Err(raise!(
                    ValueError,
                    "dictionary update sequence element #{index} has length {length}; 2 is required"
                ));
            }
            let key = protocol::sequence::get_index(&pair, 0)?;
            let value = protocol::sequence::get_index(&pair, 1)?;
            if mode == Override::Replace {
                self.set(&key, &value)?;
            } else {
                let hash = hash_key(&key)?;
                if !self.contains_hashed(&key, hash)? {
                    self.insert(key, hash, value)?;
                }
            }
            index += 1;
        }
        Ok(())
    }

    /// Takes over the items of a mapping, which has `keys`, or of an iterable of pairs.
    pub fn update_argument(&self, argument: &Object) -> Result<(), Raised> {
        if argument.is_exact::<Dict>() || protocol::has_attribute(argument, crate::id!(keys))? {
            self.merge(argument, Override::Replace)
        } else {
            self.merge_pairs(argument, Override::Replace)
        }
    }
}
