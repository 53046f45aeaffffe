//! `product`: the cartesian product, counted like an odometer.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};
use habu_runtime::exceptions::exc;
use habu_runtime::object::protocol::number::index_as_size;
use habu_runtime::object::protocol::to_tuple;
use habu_runtime::object::{Field, Object, Raised, Ref, Type};
use habu_runtime::types::dict::Dict;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::{assert_layout, raise};

use super::indices::Indices;
use super::{clipped, reduced};

/// A tuple of `count` items that `item` gives: the one that `kept` holds, when nobody else refers to it, else a new one, which is kept.
pub(super) fn selection(kept: &Field<Tuple>, count: usize, item: impl Fn(usize) -> Option<Ref>) -> Result<Ref, Raised> {
    let missing = || raise!(SystemError, "an index is outside of its pool");
    if let Some(tuple) = kept.get()
        && tuple.refcount() == 2
        && tuple.len() == count
    {
        for at in 0..count {
            // SAFETY: only `kept` refers to the tuple, so that nobody sees it change.
            drop(unsafe { tuple.replace_item(at, item(at).ok_or_else(missing)?) });
        }
        if count > 0 {
            habu_runtime::gc::track(&tuple);
        }
        return Ok(tuple.into_object());
    }
    let tuple = Tuple::build(count, |at| item(at).ok_or_else(missing))?;
    kept.set(Some(tuple.clone()));
    Ok(tuple.into_object())
}

/// product(*iterables, repeat=1) --> product object
///
/// Cartesian product of input iterables.  Equivalent to nested for-loops.
///
/// For example, product(A, B) returns the same as:  ((x,y) for x in A for y in B).
/// The leftmost iterators are in the outermost for-loop, so the output tuples
/// cycle in a manner similar to an odometer (with the rightmost element changing
/// on every iteration).
///
/// To compute the product of an iterable with itself, specify the number
/// of repetitions with the optional repeat keyword argument. For example,
/// product(A, repeat=4) means the same as product(A, A, A, A).
///
/// product('ab', range(3)) --> ('a',0) ('a',1) ('a',2) ('b',0) ('b',1) ('b',2)
/// product((0,1), (0,1), (0,1)) --> (0,0,0) (0,0,1) (0,1,0) (0,1,1) (1,0,0) ...
#[pytype(name = "itertools.product", generic_get, gc, basetype)]
pub(super) struct Product {
    base: Object,
    #[traverse]
    pools: Field<Tuple>,
    indices: Indices,
    #[traverse]
    result: Field<Tuple>,
    stopped: Cell<bool>,
}

assert_layout!(Product, size 48);

impl Product {
    fn pool(pools: &Tuple, at: usize) -> &Tuple {
        // Every pool is a tuple: `new` made them.
        pools.as_slice()[at].downcast::<Tuple>().unwrap_or(pools)
    }

    /// Moves on; false after the last.
    fn advance(&self, pools: &Tuple) -> bool {
        for at in (0..pools.len()).rev() {
            let index = self.indices.get(at) + 1;
            if index < Product::pool(pools, at).len() {
                self.indices.set(at, index);
                return true;
            }
            self.indices.set(at, 0);
        }
        false
    }

    fn current(&self, pools: &Tuple) -> Result<Ref, Raised> {
        selection(&self.result, pools.len(), |at| Product::pool(pools, at).get(self.indices.get(at)))
    }
}

#[pymethods]
impl Product {
    #[slot(tp_new)]
    fn construct(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<Product>, Raised> {
        if let Some(given) = kwargs.map(Dict::len).filter(|given| *given > 1) {
            return Err(raise!(TypeError, "product() takes at most 1 keyword argument ({given} given)"));
        }
        let mut repeat = 1isize;
        let mut at = 0;
        while let Some((name, value)) = kwargs.and_then(|kwargs| kwargs.next_item(&mut at)) {
            if !name.downcast::<Str>().is_some_and(|name| name.equals("repeat")) {
                let name = habu_runtime::object::protocol::str(&name)?;
                return Err(raise!(TypeError, "'{name}' is an invalid keyword argument for product()"));
            }
            repeat = index_as_size(&value, Some(exc::OverflowError()))?;
        }
        let Ok(repeat) = usize::try_from(repeat) else {
            return Err(raise!(ValueError, "repeat argument cannot be negative"));
        };
        let given = if repeat == 0 { 0 } else { args.len() };
        let count = given.checked_mul(repeat).filter(|count| *count <= isize::MAX as usize / 8);
        let Some(count) = count else { return Err(raise!(OverflowError, "repeat argument too large")) };
        let items = args.as_slice();
        let once = Tuple::build(given, |at| Ok(to_tuple(&items[at])?.into_object()))?;
        let pools = Tuple::build(count, |at| Ok(once.as_slice()[at % given].clone()))?;
        let stopped = pools.as_slice().iter().any(|pool| pool.downcast::<Tuple>().is_some_and(|pool| pool.len() == 0));
        habu_runtime::object::instantiate(
            cls,
            Product {
                base: Object::header(cls),
                indices: Indices::new(count, |_| 0)?,
                pools: Field::new(pools),
                result: Field::empty(),
                stopped: Cell::new(stopped),
            },
        )
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        let Some(pools) = self.pools.get().filter(|_| !self.stopped.get()) else { return Ok(None) };
        if !self.result.is_empty() && !self.advance(&pools) {
            self.stopped.set(true);
            return Ok(None);
        }
        self.current(&pools).map(Some)
    }

    /// Return state information for pickling.
    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
        if self.stopped.get() && !self.result.is_empty() {
            return reduced(self, Tuple::from_refs([Tuple::empty().into_object()])?, None);
        }
        let pools = self.pools.get().unwrap_or_else(Tuple::empty);
        let state = match self.result.is_empty() {
            true => None,
            false => Some(self.indices.to_tuple()?.into_object()),
        };
        reduced(self, pools, state)
    }

    /// Set state information for unpickling.
    #[name = "__setstate__"]
    #[no_signature]
    fn set_state(&self, state: &Object) -> Result<(), Raised> {
        let Some(pools) = self.pools.get() else { return Ok(()) };
        let Some(state) = state.downcast::<Tuple>().filter(|state| state.len() == pools.len()) else {
            return Err(raise!(ValueError, "invalid arguments"));
        };
        for (at, item) in state.as_slice().iter().enumerate() {
            let length = Product::pool(&pools, at).len();
            if length == 0 {
                self.stopped.set(true);
                return Ok(());
            }
            self.indices.set(at, clipped(item, 0, length as isize - 1)? as usize);
        }
        self.current(&pools).map(drop)
    }

    /// Returns size in memory, in bytes.
    #[name = "__sizeof__"]
    #[no_signature]
    fn size_of(&self) -> Result<isize, Raised> {
        Ok(self.ty().tp_basicsize.get() + 8 * self.indices.len() as isize)
    }
}
