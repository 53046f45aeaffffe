//! `set`.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};

use super::algebra::{self, table_of};
use super::iterator::SetIterator;
use super::table::SetTable;
use super::as_set;
use crate::id;
use crate::exceptions::raise_key_error;
use crate::object::protocol::repr_guard::guarded;
use crate::object::slots::CompareOp;
use crate::object::{Object, PyType, Raised, Ref, Type, protocol};
use crate::raise;
use crate::types::dict::Dict;
use crate::types::not_implemented;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// set() -> new empty set object
/// set(iterable) -> new set object
///
/// Build an unordered collection of unique elements.
#[pytype(name = "set", gc, basetype, flag = MATCH_SELF, weaklist = weaklist)]
pub struct Set {
    base: Object,
    #[traverse]
    table: SetTable,
    weaklist: Cell<*const Object>,
}

crate::assert_layout!(Set, size 200, table @ 16, weaklist @ 192);

/// The one argument of a constructor, or none.
pub(super) fn one_argument<'a>(name: &str, args: &'a Tuple) -> Result<Option<&'a Object>, Raised> {
    match args.as_borrowed_slice() {
        [] => Ok(None),
        [one] => Ok(Some(*one)),
        _ => Err(raise!(TypeError, "{name} expected at most 1 argument, got {}", args.len())),
    }
}

/// Refuses named arguments.
pub(super) fn no_keywords(name: &str, given: bool) -> Result<(), Raised> {
    if given {
        return Err(raise!(TypeError, "{name}() takes no keyword arguments"));
    }
    Ok(())
}

/// `{1, 2}`, or with the name of the type for all but exact sets.
pub(super) fn show(set: &Object) -> Result<Ref<Str>, Raised> {
    let cls = set.type_ref();
    let name = cls.name();
    if as_set(set).is_none_or(|table| table.len() == 0) {
        return Str::from_format(format_args!("{name}()"));
    }
    guarded(set, || Str::from_format(format_args!("{name}(...)")), || {
        let keys = protocol::to_list(set)?;
        let mut text = protocol::TextBuilder::new();
        let plain = set.is_exact::<Set>();
        if !plain {
            text.push(&*Str::from_format(format_args!("{name}("))?)?;
        }
        text.push_ascii("{")?;
        let mut index = 0;
        while let Some(key) = keys.get(index) {
            if index > 0 {
                text.push_ascii(", ")?;
            }
            text.push(&*protocol::repr(&key)?)?;
            index += 1;
        }
        text.push_ascii(if plain { "}" } else { "})" })?;
        text.finish()
    })
}

/// Compares as subset and superset.
pub(super) fn compare(ours: &SetTable, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
    let Some(theirs) = as_set(other) else { return Ok(not_implemented()) };
    let equal = || -> Result<bool, Raised> {
        if ours.len() != theirs.len() {
            return Ok(false);
        }
        let (hash, other) = (ours.hash.get(), theirs.hash.get());
        if hash != -1 && other != -1 && hash != other {
            return Ok(false);
        }
        ours.is_subset(theirs)
    };
    let holds = match op {
        CompareOp::Eq => equal()?,
        CompareOp::Ne => !equal()?,
        CompareOp::Le => ours.is_subset(theirs)?,
        CompareOp::Ge => theirs.is_subset(ours)?,
        CompareOp::Lt => ours.len() < theirs.len() && ours.is_subset(theirs)?,
        CompareOp::Gt => theirs.len() < ours.len() && theirs.is_subset(ours)?,
    };
    Ok(crate::types::boolean(holds))
}

/// An operator whose operands must both be sets.
pub(super) fn both_sets(
    left: &Object,
    right: &Object,
    operate: impl FnOnce(&Object, &Object) -> Result<Ref, Raised>,
) -> Result<Ref, Raised> {
    if as_set(left).is_none() || as_set(right).is_none() {
        return Ok(not_implemented());
    }
    operate(left, right)
}

impl Set {
    /// An empty set.
    pub fn new() -> Result<Ref<Set>, Raised> {
        Set::empty_instance(Set::type_object())
    }

    /// A set of the items of an iterable.
    pub fn from_iterable(iterable: &Object) -> Result<Ref<Set>, Raised> {
        let set = Set::new()?;
        set.table.add_all(iterable)?;
        Ok(set)
    }

    /// An empty instance of set or a subclass.
    pub(super) fn empty_instance(cls: &Type) -> Result<Ref<Set>, Raised> {
        let fields =
            Set { base: Object::of::<Set>(), table: SetTable::new(), weaklist: Cell::new(std::ptr::null()) };
        let set = crate::object::instantiate(cls, fields)?;
        set.table.place();
        Ok(set)
    }

    /// The keys.
    #[inline(always)]
    pub fn table(&self) -> &SetTable {
        &self.table
    }

    /// An operator in place, whose other operand must be a set.
    fn in_place(
        &self,
        other: &Object,
        change: impl FnOnce(&SetTable, &Object) -> Result<(), Raised>,
    ) -> Result<Ref, Raised> {
        if as_set(other).is_none() {
            return Ok(not_implemented());
        }
        change(&self.table, other)?;
        Ok(self.to_ref())
    }
}

#[pymethods]
impl Set {
    #[slot(tp_new)]
    fn new_instance(cls: &Type, args: &Tuple, _kwargs: Option<&Dict>) -> Result<Ref<Set>, Raised> {
        let _ = args;
        Set::empty_instance(cls)
    }

    #[slot(tp_init)]
    fn init(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<(), Raised> {
        no_keywords("set", kwargs.is_some_and(|kwargs| kwargs.len() > 0))?;
        let iterable = one_argument("set", args)?;
        self.table.clear();
        match iterable {
            Some(iterable) => self.table.add_all(iterable),
            None => Ok(()),
        }
    }

    #[slot(tp_vectorcall)]
    fn vectorcall(cls: &Object, arguments: &[&Object], names: Option<&Tuple>) -> Result<Ref, Raised> {
        no_keywords("set", names.is_some_and(|names| names.len() > 0))?;
        let Some(cls) = cls.downcast::<Type>() else {
            return Err(raise!(SystemError, "bad argument to internal function"));
        };
        if arguments.len() > 1 {
            return Err(raise!(TypeError, "set expected at most 1 argument, got {}", arguments.len()));
        }
        algebra::make(cls, arguments.first().copied())
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        super::set::show(self)
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref<SetIterator>, Raised> {
        SetIterator::new(self.to_ref())
    }

    #[slot(sq_length)]
    fn length(&self) -> Result<usize, Raised> {
        Ok(self.table.len())
    }

    #[slot(sq_contains)]
    fn has(&self, key: &Object) -> Result<bool, Raised> {
        algebra::with_frozen_key(key, |key| self.table.contains(key))
    }

    #[slot(tp_richcompare)]
    fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
        super::set::compare(&self.table, other, op)
    }

    #[slot(nb_subtract)]
    fn subtract(left: &Object, right: &Object) -> Result<Ref, Raised> {
        super::set::both_sets(left, right, algebra::difference)
    }

    #[slot(nb_and)]
    fn and(left: &Object, right: &Object) -> Result<Ref, Raised> {
        super::set::both_sets(left, right, algebra::intersection)
    }

    #[slot(nb_xor)]
    fn xor(left: &Object, right: &Object) -> Result<Ref, Raised> {
        super::set::both_sets(left, right, algebra::symmetric_difference)
    }

    #[slot(nb_or)]
    fn or(left: &Object, right: &Object) -> Result<Ref, Raised> {
        super::set::both_sets(left, right, |left, right| {
            let result = algebra::copy(left)?;
            table_of(&result)?.add_all(right)?;
            Ok(result)
        })
    }

    #[slot(nb_inplace_subtract)]
    fn inplace_subtract(&self, other: &Object) -> Result<Ref, Raised> {
        self.in_place(other, SetTable::remove_all)
    }

    #[slot(nb_inplace_and)]
    fn inplace_and(&self, other: &Object) -> Result<Ref, Raised> {
        self.in_place(other, |_, other| {
            let common = algebra::intersection(self, other)?;
            self.table.swap(table_of(&common)?);
            Ok(())
        })
    }

    #[slot(nb_inplace_xor)]
    fn inplace_xor(&self, other: &Object) -> Result<Ref, Raised> {
        self.in_place(other, SetTable::toggle_all)
    }

    #[slot(nb_inplace_or)]
    fn inplace_or(&self, other: &Object) -> Result<Ref, Raised> {
        self.in_place(other, SetTable::add_all)
    }

    /// Add an element to a set.
    ///
    /// This has no effect if the element is already present.
    #[no_signature]
    fn add(&self, item: &Object) -> Result<(), Raised> {
        self.table.add(item).map(|_| ())
    }

    /// Remove all elements from this set.
    #[no_signature]
    fn clear(&self) -> Result<(), Raised> {
        self.table.clear();
        Ok(())
    }

    /// Remove an element from a set if it is a member.
    ///
    /// Unlike set.remove(), the discard() method does not raise
    /// an exception when an element is missing from the set.
    #[no_signature]
    fn discard(&self, item: &Object) -> Result<(), Raised> {
        algebra::with_frozen_key(item, |key| self.table.discard(key)).map(|_| ())
    }

    /// Remove an element from a set; it must be a member.
    ///
    /// If the element is not a member, raise a KeyError.
    #[no_signature]
    fn remove(&self, item: &Object) -> Result<(), Raised> {
        match algebra::with_frozen_key(item, |key| self.table.discard(key))? {
            true => Ok(()),
            false => Err(raise_key_error(item)),
        }
    }

    /// Remove and return an arbitrary set element.
    /// Raises KeyError if the set is empty.
    #[no_signature]
    fn pop(&self) -> Result<Ref, Raised> {
        self.table.pop().ok_or_else(|| raise!(KeyError, "pop from an empty set"))
    }

    /// Remove all elements of another set from this set.
    #[no_signature]
    #[signature(*others)]
    fn difference_update(&self, others: &[&Object]) -> Result<(), Raised> {
        others.iter().try_for_each(|other| self.table.remove_all(other))
    }

    /// Update a set with the intersection of itself and another.
    #[no_signature]
    #[signature(*others)]
    fn intersection_update(&self, others: &[&Object]) -> Result<(), Raised> {
        let common = self.intersection(others)?;
        self.table.swap(table_of(&common)?);
        Ok(())
    }

    /// Update a set with the symmetric difference of itself and another.
    #[no_signature]
    fn symmetric_difference_update(&self, other: &Object) -> Result<(), Raised> {
        self.table.toggle_all(other)
    }

    /// Update a set with the union of itself and others.
    #[no_signature]
    #[signature(*others)]
    fn update(&self, others: &[&Object]) -> Result<(), Raised> {
        others.iter().try_for_each(|other| self.table.add_all(other))
    }

    /// x.__contains__(y) <==> y in x.
    #[coexist]
    #[no_signature]
    fn __contains__(&self, key: &Object) -> Result<bool, Raised> {
        self.has(key)
    }

    /// Return a shallow copy of a set.
    #[no_signature]
    #[name = "copy"]
    fn copy_method(&self) -> Result<Ref, Raised> {
        algebra::copy(self)
    }

    /// Return the difference of two or more sets as a new set.
    ///
    /// (i.e. all elements that are in this set but not the others.)
    #[no_signature]
    #[signature(*others)]
    fn difference(&self, others: &[&Object]) -> Result<Ref, Raised> {
        let Some((first, rest)) = others.split_first() else { return algebra::copy(self) };
        let result = algebra::difference(self, first)?;
        for other in rest {
            table_of(&result)?.remove_all(other)?;
        }
        Ok(result)
    }

    /// Return the intersection of two sets as a new set.
    ///
    /// (i.e. all elements that are in both sets.)
    #[no_signature]
    #[signature(*others)]
    fn intersection(&self, others: &[&Object]) -> Result<Ref, Raised> {
        let Some((first, rest)) = others.split_first() else { return algebra::copy(self) };
        let mut result = algebra::intersection(self, first)?;
        for other in rest {
            result = algebra::intersection(&result, other)?;
        }
        Ok(result)
    }

    /// Return True if two sets have a null intersection.
    #[no_signature]
    fn isdisjoint(&self, other: &Object) -> Result<bool, Raised> {
        algebra::is_disjoint(self, other)
    }

    /// Report whether another set contains this set.
    #[no_signature]
    fn issubset(&self, other: &Object) -> Result<bool, Raised> {
        algebra::is_subset(self, other)
    }

    /// Report whether this set contains another set.
    #[no_signature]
    fn issuperset(&self, other: &Object) -> Result<bool, Raised> {
        algebra::is_superset(self, other)
    }

    /// Return state information for pickling.
    #[no_signature]
    fn __reduce__(&self) -> Result<Ref<Tuple>, Raised> {
        let keys = protocol::to_list(self)?.into_object();
        let state = protocol::call_method(self, id!(__getstate__), &[])?;
        Tuple::from_refs([self.type_ref().into_object(), Tuple::from_refs([keys])?.into_object(), state])
    }

    /// S.__sizeof__() -> size of S in memory, in bytes
    #[no_signature]
    fn __sizeof__(&self) -> Result<usize, Raised> {
        Ok(self.ty().tp_basicsize.get() as usize + self.table.outside_size())
    }

    /// Return the symmetric difference of two sets as a new set.
    ///
    /// (i.e. all elements that are in exactly one of the sets.)
    #[no_signature]
    fn symmetric_difference(&self, other: &Object) -> Result<Ref, Raised> {
        algebra::symmetric_difference(self, other)
    }

    /// Return the union of sets as a new set.
    ///
    /// (i.e. all elements that are in either set.)
    #[no_signature]
    #[signature(*others)]
    fn union(&self, others: &[&Object]) -> Result<Ref, Raised> {
        let result = algebra::copy(self)?;
        for other in others {
            table_of(&result)?.add_all(other)?;
        }
        Ok(result)
    }

    /// See PEP 585
    #[classmethod]
    #[no_signature]
    fn __class_getitem__(cls: &Type, item: &Object) -> Result<Ref, Raised> {
        crate::types::generic_alias::alias(cls, item)
    }
}
