//! What Python calls on tuples.

use habu_macros::pymethods;

use super::Tuple;
use crate::object::protocol::call::call_through_tuple;
use crate::object::protocol::number::{has_index, index_as_size};
use crate::object::protocol::repr_guard::guarded;
use crate::object::protocol::sequence::{SliceIndex, check_count, no_keywords, to_tuple};
use crate::object::protocol::{TextBuilder, compare_items, equal, hash, repr};
use crate::object::slots::CompareOp;
use crate::object::{Object, PyType, Raised, Ref, Stopped, Type, Visit};
use crate::raise;
use crate::types::dict::Dict;
use crate::types::iterators::rows::TupleIterator;
use crate::types::slice::Slice;
use crate::types::str::Str;
use crate::types::{boolean, not_implemented};

/// The primes of xxHash that the hash of tuples is made with.
const PRIMES: [usize; 3] = [11_400_714_785_074_694_791, 14_029_467_366_897_019_727, 2_870_177_450_012_600_261];

/// The hash of a row of items from the items' hashes.
pub(crate) fn hash_items(items: &[Ref]) -> Result<isize, Raised> {
    let [first, second, fifth] = PRIMES;
    let mut sum = fifth;
    for item in items {
        let lane = hash(item)? as usize;
        sum = sum.wrapping_add(lane.wrapping_mul(second)).rotate_left(31).wrapping_mul(first);
    }
    sum = sum.wrapping_add(items.len() ^ (fifth ^ 3_527_539));
    Ok(if sum == usize::MAX { 1_546_275_796 } else { sum as isize })
}

#[pymethods]
impl Tuple {
    #[slot(tp_new)]
    fn new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<Tuple>, Raised> {
        let exact = std::ptr::eq(cls, Tuple::type_object());
        let own_init =
            cls.tp_init.get().map(|slot| slot as usize) != Tuple::type_object().tp_init.get().map(|slot| slot as usize);
        if exact || !own_init {
            no_keywords("tuple", kwargs)?;
        }
        check_count("tuple", args.len(), 0, 1)?;
        let items = match args.as_slice().first() {
            Some(iterable) => to_tuple(iterable)?,
            None => Tuple::empty(),
        };
        if exact { Ok(items) } else { Tuple::instantiate(cls, items.as_slice()) }
    }

    #[slot(tp_vectorcall)]
    fn call_type(cls: &Object, arguments: &[&Object], names: Option<&Tuple>) -> Result<Ref, Raised> {
        match (arguments, names) {
            ([], None) => Ok(Tuple::empty().into_object()),
            ([iterable], None) => to_tuple(iterable).map(Ref::into_object),
            _ => call_through_tuple(cls, arguments, names),
        }
    }

    #[slot(tp_traverse)]
    fn traverse(&self, visit: &Visit) -> Result<(), Stopped> {
        // A tuple that C code is still filling has null items.
        self.optional_items().iter().rev().flatten().try_for_each(|item| visit.object(item))
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        if self.len() == 0 {
            return Str::new("()");
        }
        guarded(
            self,
            || Str::new("(...)"),
            || {
                let mut text = TextBuilder::new();
                text.push_ascii("(")?;
                for (index, item) in self.as_slice().iter().enumerate() {
                    if index > 0 {
                        text.push_ascii(", ")?;
                    }
                    text.push(&*repr(item)?)?;
                }
                text.push_ascii(if self.len() == 1 { ",)" } else { ")" })?;
                text.finish()
            },
        )
    }

    #[slot(tp_hash)]
    fn hash(&self) -> Result<isize, Raised> {
        hash_items(self.as_slice())
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref<TupleIterator>, Raised> {
        TupleIterator::new(Ref::from_borrowed(self))
    }

    #[slot(tp_richcompare)]
    fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
        let Some(other) = other.downcast::<Tuple>() else { return Ok(not_implemented()) };
        let (ours, theirs) = (self.as_slice(), other.as_slice());
        for (left, right) in ours.iter().zip(theirs) {
            if !equal(left, right)? {
                return match op {
                    CompareOp::Eq => Ok(boolean(false)),
                    CompareOp::Ne => Ok(boolean(true)),
                    _ => compare_items(left, right, op),
                };
            }
        }
        Ok(boolean(op.holds(ours.len().cmp(&theirs.len()))))
    }

    #[slot(sq_length)]
    fn length(&self) -> Result<usize, Raised> {
        Ok(self.len())
    }

    #[slot(sq_item)]
    fn item(&self, index: isize) -> Result<Ref, Raised> {
        let item = usize::try_from(index).ok().and_then(|index| self.get(index));
        item.ok_or_else(|| raise!(IndexError, "tuple index out of range"))
    }

    #[slot(mp_length)]
    fn mapping_length(&self) -> Result<usize, Raised> {
        Ok(self.len())
    }

    #[slot(mp_subscript)]
    fn subscript(&self, key: &Object) -> Result<Ref, Raised> {
        if has_index(key) {
            let index = index_as_size(key, Some(crate::exceptions::exc::IndexError()))?;
            let index = if index < 0 { index.saturating_add(self.len() as isize) } else { index };
            return self.item(index);
        }
        let Some(slice) = key.downcast::<Slice>() else {
            return Err(raise!(TypeError, "tuple indices must be integers or slices, not {}", key.ty().full_name()));
        };
        let indices = slice.resolve(|| self.len())?;
        let items = self.as_slice();
        if indices.step == 1 {
            if indices.count == items.len() && self.is_exact::<Tuple>() {
                return Ok(self.to_ref());
            }
            let start = indices.start as usize;
            return Ok(Tuple::from_slice(items.get(start..start + indices.count).unwrap_or(&[]))?.into_object());
        }
        let step = |at: usize| (indices.start + at as isize * indices.step) as usize;
        Ok(Tuple::build(indices.count, |at| Ok(items[step(at)].clone()))?.into_object())
    }

    #[slot(sq_concat)]
    fn concat(&self, other: &Object) -> Result<Ref, Raised> {
        if self.len() == 0 && other.is_exact::<Tuple>() {
            return Ok(other.to_ref());
        }
        let Some(other) = other.downcast::<Tuple>() else {
            return Err(raise!(TypeError, "can only concatenate tuple (not \"{}\") to tuple", other.ty().full_name()));
        };
        if other.len() == 0 && self.is_exact::<Tuple>() {
            return Ok(self.to_ref());
        }
        let (ours, theirs) = (self.as_slice(), other.as_slice());
        Ok(Tuple::joined(ours, theirs)?.into_object())
    }

    #[slot(sq_repeat)]
    fn repeat(&self, count: isize) -> Result<Ref, Raised> {
        if (self.len() == 0 || count == 1) && self.is_exact::<Tuple>() {
            return Ok(self.to_ref());
        }
        let Some(all) = self.len().checked_mul(count.max(0) as usize) else {
            return Err(crate::exceptions::memory_error());
        };
        Ok(Tuple::repeated(self.as_slice(), count.max(0) as usize, all)?.into_object())
    }

    #[slot(sq_contains)]
    fn contains(&self, value: &Object) -> Result<bool, Raised> {
        for item in self.as_slice() {
            if equal(item, value)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// See PEP 585
    #[classmethod]
    #[name = "__class_getitem__"]
    #[no_signature]
    fn class_getitem(cls: &Type, item: &Object) -> Result<Ref, Raised> {
        crate::types::generic_alias::alias(cls, item)
    }

    #[name = "__getnewargs__"]
    fn new_arguments(&self) -> Result<Ref<Tuple>, Raised> {
        let items = Tuple::from_slice(self.as_slice())?;
        Tuple::from_refs([items.into_object()])
    }

    /// Return first index of value.
    ///
    /// Raises ValueError if the value is not present.
    #[signature(value, start = SliceIndex::FIRST, stop = SliceIndex::LAST, /)]
    #[shown("($self, value, start=0, stop=sys.maxsize, /)")]
    fn index(&self, value: &Object, start: SliceIndex, stop: SliceIndex) -> Result<usize, Raised> {
        let items = self.as_slice();
        let stop = stop.within(items.len()).min(items.len());
        for (at, item) in items.iter().enumerate().take(stop).skip(start.within(items.len())) {
            if equal(item, value)? {
                return Ok(at);
            }
        }
        Err(raise!(ValueError, "tuple.index(x): x not in tuple"))
    }

    /// Return number of occurrences of value.
    fn count(&self, value: &Object) -> Result<usize, Raised> {
        let mut count = 0;
        for item in self.as_slice() {
            count += usize::from(equal(item, value)?);
        }
        Ok(count)
    }
}
