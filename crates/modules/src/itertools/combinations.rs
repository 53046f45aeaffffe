//! `combinations`, `combinations_with_replacement` and `permutations`: selections from a pool, in the order of the pool's indices.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};
use habu_runtime::exceptions::exc;
use habu_runtime::object::protocol::number::index_as_size;
use habu_runtime::object::protocol::to_tuple;
use habu_runtime::object::{Field, Object, Raised, Ref, Type};
use habu_runtime::types::int::Int;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::{assert_layout, raise};

use super::indices::Indices;
use super::product::selection;
use super::{clipped, reduced};

/// Return successive r-length combinations of elements in the iterable.
///
/// combinations(range(4), 3) --> (0,1,2), (0,1,3), (0,2,3), (1,2,3)
#[pytype(
    name = "itertools.combinations",
    generic_get,
    gc,
    basetype,
    doc = "combinations(iterable, r)\n--\n\nReturn successive r-length combinations of elements in the iterable.\n\ncombinations(range(4), 3) --> (0,1,2), (0,1,3), (0,2,3), (1,2,3)"
)]
pub(super) struct Combinations {
    base: Object,
    #[traverse]
    pool: Field<Tuple>,
    indices: Indices,
    /// What was given last; nothing before the first.
    #[traverse]
    result: Field<Tuple>,
    length: usize,
    stopped: Cell<bool>,
}

/// As `combinations`, with items repeated.
#[pytype(
    name = "itertools.combinations_with_replacement",
    generic_get,
    gc,
    basetype,
    doc = "combinations_with_replacement(iterable, r)\n--\n\nReturn successive r-length combinations of elements in the iterable allowing individual elements to have successive repeats.\n\ncombinations_with_replacement('ABC', 2) --> ('A','A'), ('A','B'), ('A','C'), ('B','B'), ('B','C'), ('C','C')"
)]
pub(super) struct CombinationsWithReplacement {
    base: Object,
    #[traverse]
    pool: Field<Tuple>,
    indices: Indices,
    #[traverse]
    result: Field<Tuple>,
    length: usize,
    stopped: Cell<bool>,
}

/// Return successive r-length permutations of elements in the iterable.
#[pytype(
    name = "itertools.permutations",
    generic_get,
    gc,
    basetype,
    doc = "permutations(iterable, r=None)\n--\n\nReturn successive r-length permutations of elements in the iterable.\n\npermutations(range(3), 2) --> (0,1), (0,2), (1,0), (1,2), (2,0), (2,1)"
)]
pub(super) struct Permutations {
    base: Object,
    #[traverse]
    pool: Field<Tuple>,
    /// The pool's indices in their present order.
    indices: Indices,
    /// How many times each place is still to be changed before the one on its left is.
    cycles: Indices,
    #[traverse]
    result: Field<Tuple>,
    length: usize,
    stopped: Cell<bool>,
}

assert_layout!(Combinations, size 56);
assert_layout!(CombinationsWithReplacement, size 56);
assert_layout!(Permutations, size 64);

/// The pool and the length of selections.
fn pool_and_length(iterable: &Object, r: isize) -> Result<(Ref<Tuple>, usize), Raised> {
    let pool = to_tuple(iterable)?;
    match usize::try_from(r) {
        Ok(length) => Ok((pool, length)),
        Err(_) => Err(raise!(ValueError, "r must be non-negative")),
    }
}

fn invalid() -> Raised {
    raise!(ValueError, "invalid arguments")
}

/// The two kinds of combinations share everything but how they count.
macro_rules! combination_methods {
    ($ty:ident, first: $first:expr, stopped: $stopped:expr) => {
        #[pymethods]
        impl $ty {
            #[slot(tp_new)]
            #[signature(iterable, r)]
            fn new(cls: &Type, iterable: &Object, r: isize) -> Result<Ref<$ty>, Raised> {
                let (pool, length) = pool_and_length(iterable, r)?;
                let stopped: fn(usize, usize) -> bool = $stopped;
                let first: fn(usize) -> usize = $first;
                habu_runtime::object::instantiate(
                    cls,
                    $ty {
                        base: Object::header(cls),
                        stopped: Cell::new(stopped(pool.len(), length)),
                        pool: Field::new(pool),
                        indices: Indices::new(length, first)?,
                        result: Field::empty(),
                        length,
                    },
                )
            }

            #[slot(tp_iter)]
            fn iter(&self) -> Result<Ref, Raised> {
                Ok(self.to_ref())
            }

            #[slot(tp_iternext)]
            fn next(&self) -> Result<Option<Ref>, Raised> {
                let Some(pool) = self.pool.get().filter(|_| !self.stopped.get()) else { return Ok(None) };
                if !self.result.is_empty() && !self.advance(pool.len()) {
                    self.stopped.set(true);
                    return Ok(None);
                }
                selection(&self.result, self.length, |at| pool.get(self.indices.get(at))).map(Some)
            }

            /// Return state information for pickling.
            #[name = "__reduce__"]
            #[no_signature]
            fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
                let length = Int::from_i64(self.length as i64)?.into_object();
                if self.stopped.get() {
                    return reduced(self, Tuple::from_refs([Tuple::empty().into_object(), length])?, None);
                }
                let pool = self.pool.get().unwrap_or_else(Tuple::empty).into_object();
                let state = match self.result.is_empty() {
                    true => None,
                    false => Some(self.indices.to_tuple()?.into_object()),
                };
                reduced(self, Tuple::from_refs([pool, length])?, state)
            }

            /// Set state information for unpickling.
            #[name = "__setstate__"]
            #[no_signature]
            fn set_state(&self, state: &Object) -> Result<(), Raised> {
                let Some(pool) = self.pool.get() else { return Ok(()) };
                let state = state.downcast::<Tuple>().filter(|state| state.len() == self.length).ok_or_else(invalid)?;
                for (at, item) in state.as_slice().iter().enumerate() {
                    let index = clipped(item, 0, self.largest(at, pool.len()))?.max(0);
                    self.indices.set(at, index as usize);
                }
                if self.indices.cells().iter().any(|index| index.get() >= pool.len()) {
                    self.stopped.set(true);
                    return Ok(());
                }
                selection(&self.result, self.length, |at| pool.get(self.indices.get(at))).map(drop)
            }

            /// Returns size in memory, in bytes.
            #[name = "__sizeof__"]
            #[no_signature]
            fn size_of(&self) -> Result<isize, Raised> {
                Ok(self.ty().tp_basicsize.get() + 8 * self.indices.len() as isize)
            }
        }
    };
}

combination_methods!(Combinations, first: |at| at, stopped: |pool, length| length > pool);
combination_methods!(CombinationsWithReplacement, first: |_| 0, stopped: |pool, length| pool == 0 && length > 0);

impl Combinations {
    /// Moves on to the next selection; false after the last.
    fn advance(&self, pool: usize) -> bool {
        let length = self.length;
        let Some(at) = (0..length).rev().find(|at| self.indices.get(*at) != at + pool - length) else { return false };
        let first = self.indices.get(at) + 1;
        (at..length).for_each(|place| self.indices.set(place, first + place - at));
        true
    }

    fn largest(&self, at: usize, pool: usize) -> isize {
        at as isize + pool as isize - self.length as isize
    }
}

impl CombinationsWithReplacement {
    /// Moves on to the next selection; false after the last.
    fn advance(&self, pool: usize) -> bool {
        let Some(at) = (0..self.length).rev().find(|at| self.indices.get(*at) + 1 != pool) else { return false };
        let index = self.indices.get(at) + 1;
        (at..self.length).for_each(|place| self.indices.set(place, index));
        true
    }

    fn largest(&self, _at: usize, pool: usize) -> isize {
        pool as isize - 1
    }
}

impl Permutations {
    /// Moves on to the next permutation; false after the last.
    fn advance(&self) -> bool {
        let count = self.indices.len();
        for at in (0..self.length).rev() {
            let cycle = self.cycles.get(at) - 1;
            if cycle == 0 {
                // All that stand from here on were at this place: back to their order.
                self.cycles.set(at, count - at);
                let first = self.indices.get(at);
                (at..count - 1).for_each(|place| self.indices.set(place, self.indices.get(place + 1)));
                self.indices.set(count - 1, first);
            } else {
                self.cycles.set(at, cycle);
                self.indices.cells()[at].swap(&self.indices.cells()[count - cycle]);
                return true;
            }
        }
        false
    }
}

#[pymethods]
impl Permutations {
    #[slot(tp_new)]
    #[signature(iterable, r = None)]
    fn new(cls: &Type, iterable: &Object, r: Option<&Object>) -> Result<Ref<Permutations>, Raised> {
        let pool = to_tuple(iterable)?;
        let length = match r.filter(|r| !is_none(r)) {
            None => pool.len(),
            Some(r) if !r.isinstance::<Int>() => return Err(raise!(TypeError, "Expected int as r")),
            Some(r) => usize::try_from(index_as_size(r, Some(exc::OverflowError()))?)
                .map_err(|_| raise!(ValueError, "r must be non-negative"))?,
        };
        let count = pool.len();
        habu_runtime::object::instantiate(
            cls,
            Permutations {
                base: Object::header(cls),
                pool: Field::new(pool),
                indices: Indices::new(count, |at| at)?,
                cycles: Indices::new(length, |at| count.saturating_sub(at))?,
                result: Field::empty(),
                length,
                stopped: Cell::new(length > count),
            },
        )
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        let Some(pool) = self.pool.get().filter(|_| !self.stopped.get()) else { return Ok(None) };
        if !self.result.is_empty() && !self.advance() {
            self.stopped.set(true);
            return Ok(None);
        }
        selection(&self.result, self.length, |at| pool.get(self.indices.get(at))).map(Some)
    }

    /// Return state information for pickling.
    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
        let length = Int::from_i64(self.length as i64)?.into_object();
        if self.stopped.get() {
            return reduced(self, Tuple::from_refs([Tuple::empty().into_object(), length])?, None);
        }
        let pool = self.pool.get().unwrap_or_else(Tuple::empty).into_object();
        let state = match self.result.is_empty() {
            true => None,
            false => {
                let (indices, cycles) = (self.indices.to_tuple()?, self.cycles.to_tuple()?);
                Some(Tuple::from_refs([indices.into_object(), cycles.into_object()])?.into_object())
            }
        };
        reduced(self, Tuple::from_refs([pool, length])?, state)
    }

    /// Set state information for unpickling.
    #[name = "__setstate__"]
    #[no_signature]
    fn set_state(&self, state: &Object) -> Result<(), Raised> {
        let Some(pool) = self.pool.get() else { return Ok(()) };
        let count = pool.len();
        let state = state.downcast::<Tuple>().ok_or_else(invalid)?;
        let (indices, cycles) = match state.as_slice() {
            [indices, cycles] => (indices.downcast::<Tuple>(), cycles.downcast::<Tuple>()),
            _ => (None, None),
        };
        let indices = indices.filter(|indices| indices.len() == count).ok_or_else(invalid)?;
        let cycles = cycles.filter(|cycles| cycles.len() == self.length).ok_or_else(invalid)?;
        if self.length > count {
            return Ok(());
        }
        for (at, item) in indices.as_slice().iter().enumerate() {
            self.indices.set(at, clipped(item, 0, count as isize - 1)? as usize);
        }
        for (at, item) in cycles.as_slice().iter().enumerate() {
            self.cycles.set(at, clipped(item, 1, (count - at) as isize)? as usize);
        }
        selection(&self.result, self.length, |at| pool.get(self.indices.get(at))).map(drop)
    }

    /// Returns size in memory, in bytes.
    #[name = "__sizeof__"]
    #[no_signature]
    fn size_of(&self) -> Result<isize, Raised> {
        Ok(self.ty().tp_basicsize.get() + 8 * (self.indices.len() + self.cycles.len()) as isize)
    }
}
