//! `frozenset`.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};

use super::algebra::{self, table_of};
use super::iterator::SetIterator;
use super::table::SetTable;
use super::set::{no_keywords, one_argument};
use crate::id;
use crate::object::slots::CompareOp;
use crate::object::{Object, PyType, Raised, Ref, Type, protocol};
use crate::raise;
use crate::types::dict::Dict;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// frozenset() -> empty frozenset object
/// frozenset(iterable) -> frozenset object
///
/// Build an immutable unordered collection of unique elements.
#[pytype(name = "frozenset", gc, basetype, flag = MATCH_SELF, weaklist = weaklist)]
pub struct FrozenSet {
    base: Object,
    #[traverse]
    table: SetTable,
    weaklist: Cell<*const Object>,
}

crate::assert_layout!(FrozenSet, size 200, table @ 16, weaklist @ 192);

/// Spreads a key's hash over more bits.
fn shuffle(hash: u64) -> u64 {
    ((hash ^ 89_869_747) ^ (hash << 16)).wrapping_mul(3_644_798_167)
}

impl FrozenSet {
    /// A frozenset of the items of an iterable; an exact frozenset is given back.
    pub fn from_iterable(iterable: &Object) -> Result<Ref<FrozenSet>, Raised> {
        if let Some(set) = iterable.downcast_exact::<FrozenSet>() {
            return Ok(Ref::from_borrowed(set));
        }
        let set = FrozenSet::empty_instance(FrozenSet::type_object())?;
        set.table.add_all(iterable)?;
        Ok(set)
    }

    /// An empty instance of frozenset or a subclass.
    pub(super) fn empty_instance(cls: &Type) -> Result<Ref<FrozenSet>, Raised> {
        let fields = FrozenSet {
            base: Object::of::<FrozenSet>(),
            table: SetTable::new(),
            weaklist: Cell::new(std::ptr::null()),
        };
        let set = crate::object::instantiate(cls, fields)?;
        set.table.place();
        Ok(set)
    }

    /// The keys.
    #[inline(always)]
    pub fn table(&self) -> &SetTable {
        &self.table
    }

    /// What the constructor makes of its argument.
    fn make(cls: &Type, iterable: Option<&Object>) -> Result<Ref, Raised> {
        match iterable {
            Some(iterable) if std::ptr::eq(cls, FrozenSet::type_object()) => {
                FrozenSet::from_iterable(iterable).map(Ref::into_object)
            }
            _ => algebra::make(cls, iterable),
        }
    }
}

#[pymethods]
impl FrozenSet {
    #[slot(tp_new)]
    fn new_instance(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
        let own_init = cls.tp_init.get().map(|slot| slot as usize)
            != FrozenSet::type_object().tp_init.get().map(|slot| slot as usize);
        if !own_init {
            no_keywords("frozenset", kwargs.is_some_and(|kwargs| kwargs.len() > 0))?;
        }
        FrozenSet::make(cls, one_argument("frozenset", args)?)
    }

    #[slot(tp_vectorcall)]
    fn vectorcall(cls: &Object, arguments: &[&Object], names: Option<&Tuple>) -> Result<Ref, Raised> {
        no_keywords("frozenset", names.is_some_and(|names| names.len() > 0))?;
        let Some(cls) = cls.downcast::<Type>() else {
            return Err(raise!(SystemError, "bad argument to internal function"));
        };
        if arguments.len() > 1 {
            return Err(raise!(TypeError, "frozenset expected at most 1 argument, got {}", arguments.len()));
        }
        FrozenSet::make(cls, arguments.first().copied())
    }

    #[slot(tp_hash)]
    fn hash(&self) -> Result<isize, Raised> {
        if self.table.hash.get() != -1 {
            return Ok(self.table.hash.get());
        }
        let table = &self.table;
        let mut hash = 0u64;
        for at in 0..=table.mask() {
            hash ^= shuffle(table.raw_hash(at) as u64);
        }
        // Free and deleted entries come in pairs that cancel out, or leave one of themselves.
        if (table.mask() + 1 - table.fill()) & 1 == 1 {
            hash ^= shuffle(0);
        }
        if table.deleted_count() & 1 == 1 {
            hash ^= shuffle(u64::MAX);
        }
        hash ^= (table.len() as u64 + 1).wrapping_mul(1_927_868_237);
        hash ^= (hash >> 11) ^ (hash >> 25);
        hash = hash.wrapping_mul(69_069).wrapping_add(907_133_923);
        if hash == u64::MAX {
            hash = 590_923_713;
        }
        table.hash.set(hash as isize);
        Ok(hash as isize)
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
        if self.is_exact::<FrozenSet>() {
            return Ok(self.to_ref());
        }
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
