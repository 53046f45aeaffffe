//! `frozenset`, and what both kinds of set share.

use habu_macros::{pymethods, pytype};

use super::algebra;
use super::iterator::SetIterator;
use super::methods::{Set, internal};
use super::table::SetCore;
use crate::object::protocol::{self, repr_guard};
use crate::object::slots::CompareOp;
use crate::object::{Object, PyType, Raised, Ref, Type};
use crate::types::dict::Dict;
use crate::types::list::List;
use crate::types::singletons::none;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::{id, raise};

/// frozenset() -> empty frozenset object
/// frozenset(iterable) -> frozenset object
///
/// Build an immutable unordered collection of unique elements.
#[pytype(name = "frozenset", generic_get, c_name = "PyFrozenSet_Type", gc, basetype, flag = MATCH_SELF, weaklist = core.weaklist)]
pub struct FrozenSet {
    /// The table.
    #[traverse]
    pub core: SetCore,
}

impl FrozenSet {
    fn empty() -> FrozenSet {
        FrozenSet { core: SetCore::empty(Object::of::<FrozenSet>()) }
    }

    /// An empty frozen set, to be filled before anybody sees it.
    pub fn new() -> Result<Ref<FrozenSet>, Raised> {
        crate::object::create(FrozenSet::empty())
    }

    /// A frozen set of these items.
    pub fn from_refs(items: &[Ref]) -> Result<Ref<FrozenSet>, Raised> {
        let set = FrozenSet::new()?;
        for item in items {
            set.core.add(item)?;
        }
        Ok(set)
    }

    /// The number of keys.
    #[expect(clippy::len_without_is_empty, reason = "compare with 0, as for every container")]
    pub fn len(&self) -> usize {
        self.core.len()
    }
}

/// A new empty set of the same kind, subclasses left out.
pub(super) fn make(like: &Object) -> Result<Ref, Raised> {
    if like.isinstance::<Set>() { Ok(Set::new()?.into_object()) } else { Ok(FrozenSet::new()?.into_object()) }
}

/// A copy of a set, of the same kind.
pub(super) fn copy_of(set: &SetCore) -> Result<Ref, Raised> {
    let result = make(&set.base)?;
    SetCore::of(&result).ok_or_else(internal)?.merge(set)?;
    Ok(result)
}

/// The union with all others.
pub(super) fn union_of(set: &SetCore, others: &[&Object]) -> Result<Ref, Raised> {
    let result = copy_of(set)?;
    let core = SetCore::of(&result).ok_or_else(internal)?;
    others.iter().try_for_each(|other| algebra::update(core, other))?;
    Ok(result)
}

/// The intersection with all others.
pub(super) fn intersection_of(set: &SetCore, others: &[&Object]) -> Result<Ref, Raised> {
    let mut result: Option<Ref> = None;
    for other in others {
        let next = make(&set.base)?;
        let core = SetCore::of(&next).ok_or_else(internal)?;
        let from = match &result {
            Some(result) => SetCore::of(result).ok_or_else(internal)?,
            None => set,
        };
        algebra::intersect(core, from, other)?;
        result = Some(next);
    }
    match result {
        Some(result) => Ok(result),
        None => copy_of(set),
    }
}

/// The difference with all others.
pub(super) fn difference_of(set: &SetCore, others: &[&Object]) -> Result<Ref, Raised> {
    let Some((first, rest)) = others.split_first() else { return copy_of(set) };
    let result = make(&set.base)?;
    let core = SetCore::of(&result).ok_or_else(internal)?;
    algebra::difference(core, set, first)?;
    rest.iter().try_for_each(|other| algebra::subtract(core, other))?;
    Ok(result)
}

/// What stands in exactly one of the two.
pub(super) fn symmetric_of(set: &SetCore, other: &Object) -> Result<Ref, Raised> {
    let result = make(&set.base)?;
    let core = SetCore::of(&result).ok_or_else(internal)?;
    algebra::update(core, other)?;
    algebra::symmetric_update_by(core, set)?;
    Ok(result)
}

/// Lends the items of any iterable as a set.
fn with_set<R>(other: &Object, with: impl FnOnce(&SetCore) -> Result<R, Raised>) -> Result<R, Raised> {
    match SetCore::of(other) {
        Some(other) => with(other),
        None => {
            let made = Set::new()?;
            algebra::update(&made.core, other)?;
            with(&made.core)
        }
    }
}

pub(super) fn subset_of(set: &SetCore, other: &Object) -> Result<bool, Raised> {
    with_set(other, |other| algebra::is_subset(set, other))
}

pub(super) fn superset_of(set: &SetCore, other: &Object) -> Result<bool, Raised> {
    if let Some(other) = SetCore::of(other) {
        return algebra::is_subset(other, set);
    }
    let iterator = protocol::iterator(other)?;
    while let Some(item) = protocol::next(&iterator)? {
        if !set.contains(&item)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// `{1, 2}`, `frozenset({1, 2})`, `set()`.
pub(super) fn show(set: &SetCore) -> Result<Ref<Str>, Raised> {
    let name = set.base.ty().full_name().to_owned();
    repr_guard::guarded(&set.base, || Str::from_format(format_args!("{name}(...)")), || show_items(set, &name))
}

fn show_items(set: &SetCore, name: &str) -> Result<Ref<Str>, Raised> {
    if set.len() == 0 {
        return Str::from_format(format_args!("{name}()"));
    }
    let items = List::new()?;
    let mut at = 0;
    while let Some((key, _)) = set.next(&mut at) {
        items.push(key)?;
    }
    let list = protocol::repr(&items)?;
    let inner = list.substring(1, list.len().saturating_sub(1))?;
    match set.base.is_exact::<Set>() {
        true => Str::from_format(format_args!("{{{inner}}}")),
        false => Str::from_format(format_args!("{name}({{{inner}}})")),
    }
}

/// `(class, (list of keys,), state)`
pub(super) fn reduce(set: &SetCore) -> Result<Ref<Tuple>, Raised> {
    let keys = protocol::sequence::to_list(&set.base)?;
    let arguments = Tuple::from_refs([keys.into_object()])?.into_object();
    let state = match protocol::lookup_attribute(&set.base, id!(__getstate__))? {
        Some(method) => protocol::call0(&method)?,
        None => none(),
    };
    Tuple::from_refs([set.base.type_ref().into_object(), arguments, state])
}

#[pymethods(with(ALGEBRA))]
impl FrozenSet {
    #[slot(tp_new)]
    fn py_new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
        let exact = std::ptr::eq(cls, FrozenSet::type_object());
        let own_init = cls.tp_init.get().map(|slot| slot as usize)
            != FrozenSet::type_object().tp_init.get().map(|slot| slot as usize);
        if kwargs.is_some_and(|kwargs| kwargs.len() > 0) && !own_init {
            return Err(raise!(TypeError, "frozenset() takes no keyword arguments"));
        }
        let iterable = match args.as_slice() {
            [] => None,
            [iterable] => Some(iterable),
            more => return Err(raise!(TypeError, "frozenset expected at most 1 argument, got {}", more.len())),
        };
        if let Some(iterable) = iterable
            && exact
            && iterable.is_exact::<FrozenSet>()
        {
            return Ok(iterable.clone());
        }
        let set = crate::object::instantiate(cls, FrozenSet::empty())?;
        if let Some(iterable) = iterable {
            algebra::update(&set.core, iterable)?;
        }
        Ok(set.into_object())
    }

    #[slot(tp_vectorcall)]
    fn call_type(cls: &Object, arguments: &[&Object], names: Option<&Tuple>) -> Result<Ref, Raised> {
        let (&[iterable], None) = (arguments, names) else {
            return crate::object::protocol::call::call_through_tuple(cls, arguments, names);
        };
        if iterable.is_exact::<FrozenSet>() {
            return Ok(iterable.to_ref());
        }
        let set = FrozenSet::new()?;
        algebra::update(&set.core, iterable)?;
        Ok(set.into_object())
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        show(&self.core)
    }

    #[slot(tp_hash)]
    fn hash(&self) -> Result<isize, Raised> {
        if self.core.hash.get() == -1 {
            self.core.hash.set(self.core.contents_hash());
        }
        Ok(self.core.hash.get())
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
        super::methods::or(left, right)
    }

    #[slot(nb_and)]
    fn and(left: &Object, right: &Object) -> Result<Ref, Raised> {
        super::methods::and(left, right)
    }

    #[slot(nb_subtract)]
    fn sub(left: &Object, right: &Object) -> Result<Ref, Raised> {
        super::methods::sub(left, right)
    }

    #[slot(nb_xor)]
    fn xor(left: &Object, right: &Object) -> Result<Ref, Raised> {
        super::methods::xor(left, right)
    }

    /// Return a shallow copy of a set.
    #[no_signature]
    fn copy(&self) -> Result<Ref, Raised> {
        if self.is_exact::<FrozenSet>() { Ok(self.to_ref()) } else { copy_of(&self.core) }
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
impl FrozenSet {
    /// Return the union of sets as a new set.
    ///
    /// (i.e. all elements that are in either set.)
    #[no_signature]
    #[signature(*others)]
    #[varargs(unpack)]
    fn union(&self, others: &[&Object]) -> Result<Ref, Raised> {
        union_of(&self.core, others)
    }

    /// Return the intersection of two sets as a new set.
    ///
    /// (i.e. all elements that are in both sets.)
    #[no_signature]
    #[signature(*others)]
    #[varargs(unpack)]
    fn intersection(&self, others: &[&Object]) -> Result<Ref, Raised> {
        intersection_of(&self.core, others)
    }

    /// Return the difference of two or more sets as a new set.
    ///
    /// (i.e. all elements that are in this set but not the others.)
    #[no_signature]
    #[signature(*others)]
    #[varargs(unpack)]
    fn difference(&self, others: &[&Object]) -> Result<Ref, Raised> {
        difference_of(&self.core, others)
    }

    /// Return the symmetric difference of two sets as a new set.
    ///
    /// (i.e. all elements that are in exactly one of the sets.)
    #[no_signature]
    fn symmetric_difference(&self, other: &Object) -> Result<Ref, Raised> {
        symmetric_of(&self.core, other)
    }

    /// Return True if two sets have a null intersection.
    #[no_signature]
    fn isdisjoint(&self, other: &Object) -> Result<bool, Raised> {
        algebra::is_disjoint(&self.core, other)
    }

    /// Report whether another set contains this set.
    #[no_signature]
    fn issubset(&self, other: &Object) -> Result<bool, Raised> {
        subset_of(&self.core, other)
    }

    /// Report whether this set contains another set.
    #[no_signature]
    fn issuperset(&self, other: &Object) -> Result<bool, Raised> {
        superset_of(&self.core, other)
    }
}
