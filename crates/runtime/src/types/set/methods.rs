//! What Python calls on a `set`.

use habu_macros::{pymethods, pytype};

use super::algebra;
use super::frozen::{FrozenSet, copy_of, make, reduce, show};
use super::iterator::SetIterator;
use super::table::SetCore;
use crate::exceptions::exc;
use crate::object::protocol::call::call_through_tuple;
use crate::object::slots::CompareOp;
use crate::object::{Object, Raised, Ref, Type};
use crate::raise;
use crate::types::dict::Dict;
use crate::types::singletons::not_implemented;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// set() -> new empty set object
/// set(iterable) -> new set object
///
/// Build an unordered collection of unique elements.
#[pytype(name = "set", generic_get, c_name = "PySet_Type", gc, basetype, flag = MATCH_SELF, weaklist = core.weaklist)]
pub struct Set {
    /// The table.
    #[traverse]
    pub core: SetCore,
}

impl Set {
    pub(super) fn empty() -> Set {
        Set { core: SetCore::empty(Object::of::<Set>()) }
    }

    /// An empty set.
    pub fn new() -> Result<Ref<Set>, Raised> {
        crate::object::create(Set::empty())
    }

    /// The number of keys.
    #[expect(clippy::len_without_is_empty, reason = "compare with 0, as for every container")]
    pub fn len(&self) -> usize {
        self.core.len()
    }

    /// Adds a key.
    pub fn add_item(&self, key: &Object) -> Result<(), Raised> {
        self.core.add(key)
    }

    /// Adds all items of an iterable.
    pub fn update_from(&self, other: &Object) -> Result<(), Raised> {
        algebra::update(&self.core, other)
    }

    /// Whether the key is there.
    pub fn contains_item(&self, key: &Object) -> Result<bool, Raised> {
        self.core.contains(key)
    }

    /// Exchanges the contents with those of a set that nobody else has.
    fn take_contents(&self, other: &SetCore) {
        self.core.swap(other);
    }

    /// Looks for a key; a set, which has no hash, is looked for as a frozen set.
    #[inline]
    pub(super) fn search<T>(key: &Object, look: impl Fn(&Object) -> Result<T, Raised>) -> Result<T, Raised> {
        match look(key) {
            Err(raised) if key.isinstance::<Set>() => {
                match crate::object::protocol::attribute::ignore(raised, exc::TypeError())? {
                    Some(found) => Ok(found),
                    None => {
                        let frozen = FrozenSet::new()?;
                        algebra::update(&frozen.core, key)?;
                        look(&frozen)
                    }
                }
            }
            looked => looked,
        }
    }
}

/// Both operands as sets, or NotImplemented.
macro_rules! both {
    ($left:ident, $right:ident) => {
        match (SetCore::of($left), SetCore::of($right)) {
            (Some(left), Some(right)) => (left, right),
            _ => return Ok(not_implemented()),
        }
    };
}

/// `left | right`
pub(super) fn or(left: &Object, right: &Object) -> Result<Ref, Raised> {
    let (own, _) = both!(left, right);
    let result = copy_of(own)?;
    if !std::ptr::eq(left, right) {
        algebra::update(SetCore::of(&result).ok_or_else(internal)?, right)?;
    }
    Ok(result)
}

/// `left & right`
pub(super) fn and(left: &Object, right: &Object) -> Result<Ref, Raised> {
    let (own, _) = both!(left, right);
    let result = make(left)?;
    algebra::intersect(SetCore::of(&result).ok_or_else(internal)?, own, right)?;
    Ok(result)
}

/// `left - right`
pub(super) fn sub(left: &Object, right: &Object) -> Result<Ref, Raised> {
    let (own, _) = both!(left, right);
    let result = make(left)?;
    algebra::difference(SetCore::of(&result).ok_or_else(internal)?, own, right)?;
    Ok(result)
}

/// `left ^ right`
pub(super) fn xor(left: &Object, right: &Object) -> Result<Ref, Raised> {
    let (own, other) = both!(left, right);
    // The result begins as the right one, which shows in its order.
    super::frozen::symmetric_of(own, &other.base)
}

pub(super) fn internal() -> Raised {
    raise!(SystemError, "bad argument to internal function")
}

#[pymethods(with(ALGEBRA))]
impl Set {
    #[slot(tp_new)]
    fn py_new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<Set>, Raised> {
        let _ = (args, kwargs);
        crate::object::instantiate(cls, Set::empty())
    }

    #[slot(tp_vectorcall)]
    fn call_type(cls: &Object, arguments: &[&Object], names: Option<&Tuple>) -> Result<Ref, Raised> {
        if arguments.len() > 1 || names.is_some() {
            return call_through_tuple(cls, arguments, names);
        }
        let set = Set::new()?;
        if let Some(iterable) = arguments.first() {
            algebra::update(&set.core, iterable)?;
        }
        Ok(set.into_object())
    }

    #[slot(tp_init)]
    fn init(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<(), Raised> {
        if kwargs.is_some_and(|kwargs| kwargs.len() > 0) {
            return Err(raise!(TypeError, "set() takes no keyword arguments"));
        }
        self.core.clear_keys();
        match args.as_slice() {
            [] => Ok(()),
            [iterable] => algebra::update(&self.core, iterable),
            more => Err(raise!(TypeError, "set expected at most 1 argument, got {}", more.len())),
        }
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        show(&self.core)
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref<SetIterator>, Raised> {
        SetIterator::new(&self.core)
    }

    #[slot(tp_richcompare)]
    fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
        algebra::compare(&self.core, other, op)
    }

    #[slot(sq_length)]
    fn length(&self) -> Result<usize, Raised> {
        Ok(self.core.len())
    }

    #[slot(sq_contains)]
    fn contains(&self, key: &Object) -> Result<bool, Raised> {
        Set::search(key, |key| self.core.contains(key))
    }

    #[slot(nb_or)]
    fn or(left: &Object, right: &Object) -> Result<Ref, Raised> {
        or(left, right)
    }

    #[slot(nb_and)]
    fn and(left: &Object, right: &Object) -> Result<Ref, Raised> {
        and(left, right)
    }

    #[slot(nb_subtract)]
    fn sub(left: &Object, right: &Object) -> Result<Ref, Raised> {
        sub(left, right)
    }

    #[slot(nb_xor)]
    fn xor(left: &Object, right: &Object) -> Result<Ref, Raised> {
        xor(left, right)
    }

    #[slot(nb_inplace_or)]
    fn inplace_or(&self, other: &Object) -> Result<Ref, Raised> {
        if SetCore::of(other).is_none() {
            return Ok(not_implemented());
        }
        algebra::update(&self.core, other)?;
        Ok(self.to_ref())
    }

    #[slot(nb_inplace_and)]
    fn inplace_and(&self, other: &Object) -> Result<Ref, Raised> {
        if SetCore::of(other).is_none() {
            return Ok(not_implemented());
        }
        self.intersection_update(&[other])?;
        Ok(self.to_ref())
    }

    #[slot(nb_inplace_subtract)]
    fn inplace_sub(&self, other: &Object) -> Result<Ref, Raised> {
        if SetCore::of(other).is_none() {
            return Ok(not_implemented());
        }
        algebra::subtract(&self.core, other)?;
        Ok(self.to_ref())
    }

    #[slot(nb_inplace_xor)]
    fn inplace_xor(&self, other: &Object) -> Result<Ref, Raised> {
        let Some(other) = SetCore::of(other) else { return Ok(not_implemented()) };
        algebra::symmetric_update_by(&self.core, other)?;
        Ok(self.to_ref())
    }

    /// Add an element to a set.
    ///
    /// This has no effect if the element is already present.
    #[no_signature]
    fn add(&self, item: &Object) -> Result<(), Raised> {
        self.core.add(item)
    }

    /// Remove all elements from this set.
    #[no_signature]
    fn clear(&self) -> Result<(), Raised> {
        self.core.clear_keys();
        Ok(())
    }

    /// Remove an element from a set if it is a member.
    ///
    /// Unlike set.remove(), the discard() method does not raise
    /// an exception when an element is missing from the set.
    #[no_signature]
    fn discard(&self, item: &Object) -> Result<(), Raised> {
        Set::search(item, |item| self.core.remove(item)).map(drop)
    }

    /// Remove an element from a set; it must be a member.
    ///
    /// If the element is not a member, raise a KeyError.
    #[no_signature]
    fn remove(&self, item: &Object) -> Result<(), Raised> {
        if Set::search(item, |item| self.core.remove(item))? {
            Ok(())
        } else {
            Err(crate::exceptions::raise_with_arguments(exc::KeyError(), &[item]))
        }
    }

    /// Remove and return an arbitrary set element.
    /// Raises KeyError if the set is empty.
    #[no_signature]
    fn pop(&self) -> Result<Ref, Raised> {
        self.core.pop().ok_or_else(|| raise!(KeyError, "pop from an empty set"))
    }

    /// Return a shallow copy of a set.
    #[no_signature]
    fn copy(&self) -> Result<Ref, Raised> {
        copy_of(&self.core)
    }

    /// S.__sizeof__() -> size of S in memory, in bytes
    #[no_signature]
    fn __sizeof__(&self) -> Result<usize, Raised> {
        Ok(self.ty().tp_basicsize.get() as usize + self.core.table_bytes())
    }

    /// Return state information for pickling.
    #[no_signature]
    fn __reduce__(&self) -> Result<Ref<Tuple>, Raised> {
        reduce(&self.core)
    }

    /// x.__contains__(y) <==> y in x.
    #[no_signature]
    #[coexist]
    fn __contains__(&self, key: &Object) -> Result<bool, Raised> {
        self.contains(key)
    }

    /// See PEP 585
    #[classmethod]
    #[no_signature]
    fn __class_getitem__(cls: &Type, item: &Object) -> Result<Ref, Raised> {
        crate::types::generic_alias::alias(cls, item)
    }
}

#[pymethods(table = ALGEBRA)]
impl Set {
    /// Update a set with the union of itself and others.
    #[no_signature]
    #[signature(*others)]
    #[varargs(unpack)]
    fn update(&self, others: &[&Object]) -> Result<(), Raised> {
        let _held = crate::object::args::hold(others);
        others.iter().try_for_each(|other| algebra::update(&self.core, other))
    }

    /// Return the union of sets as a new set.
    ///
    /// (i.e. all elements that are in either set.)
    #[no_signature]
    #[signature(*others)]
    #[varargs(unpack)]
    fn union(&self, others: &[&Object]) -> Result<Ref, Raised> {
        let _held = crate::object::args::hold(others);
        super::frozen::union_of(&self.core, others)
    }

    /// Return the intersection of two sets as a new set.
    ///
    /// (i.e. all elements that are in both sets.)
    #[no_signature]
    #[signature(*others)]
    #[varargs(unpack)]
    fn intersection(&self, others: &[&Object]) -> Result<Ref, Raised> {
        let _held = crate::object::args::hold(others);
        super::frozen::intersection_of(&self.core, others)
    }

    /// Update a set with the intersection of itself and another.
    #[no_signature]
    #[signature(*others)]
    #[varargs(unpack)]
    fn intersection_update(&self, others: &[&Object]) -> Result<(), Raised> {
        let _held = crate::object::args::hold(others);
        let result = super::frozen::intersection_of(&self.core, others)?;
        self.take_contents(SetCore::of(&result).ok_or_else(internal)?);
        Ok(())
    }

    /// Return the difference of two or more sets as a new set.
    ///
    /// (i.e. all elements that are in this set but not the others.)
    #[no_signature]
    #[signature(*others)]
    #[varargs(unpack)]
    fn difference(&self, others: &[&Object]) -> Result<Ref, Raised> {
        let _held = crate::object::args::hold(others);
        super::frozen::difference_of(&self.core, others)
    }

    /// Remove all elements of another set from this set.
    #[no_signature]
    #[signature(*others)]
    #[varargs(unpack)]
    fn difference_update(&self, others: &[&Object]) -> Result<(), Raised> {
        let _held = crate::object::args::hold(others);
        others.iter().try_for_each(|other| algebra::subtract(&self.core, other))
    }

    /// Return the symmetric difference of two sets as a new set.
    ///
    /// (i.e. all elements that are in exactly one of the sets.)
    #[no_signature]
    fn symmetric_difference(&self, other: &Object) -> Result<Ref, Raised> {
        super::frozen::symmetric_of(&self.core, other)
    }

    /// Update a set with the symmetric difference of itself and another.
    #[no_signature]
    fn symmetric_difference_update(&self, other: &Object) -> Result<(), Raised> {
        algebra::symmetric_update(&self.core, other)
    }

    /// Return True if two sets have a null intersection.
    #[no_signature]
    fn isdisjoint(&self, other: &Object) -> Result<bool, Raised> {
        algebra::is_disjoint(&self.core, other)
    }

    /// Report whether another set contains this set.
    #[no_signature]
    fn issubset(&self, other: &Object) -> Result<bool, Raised> {
        super::frozen::subset_of(&self.core, other)
    }

    /// Report whether this set contains another set.
    #[no_signature]
    fn issuperset(&self, other: &Object) -> Result<bool, Raised> {
        super::frozen::superset_of(&self.core, other)
    }
}
