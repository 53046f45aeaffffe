//! `itertools`: building blocks for iterators, each a type of its own.

mod combinations;
pub(crate) mod endless;
mod filters;
mod groupby;
mod indices;
mod joins;
mod product;
mod tee;

use habu_macros::pymodule;
use habu_runtime::object::protocol::number::index_as_size;
use habu_runtime::object::protocol::sequence::{check_count, no_keywords};
use habu_runtime::object::{Object, PyType, Raised, Ref, Type};
use habu_runtime::raise;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::map::refuses_keywords;
use habu_runtime::types::module::Module;
use habu_runtime::types::tuple::Tuple;

/// Functional tools for creating and using iterators.
///
/// Infinite iterators:
/// count(start=0, step=1) --> start, start+step, start+2*step, ...
/// cycle(p) --> p0, p1, ... plast, p0, p1, ...
/// repeat(elem [,n]) --> elem, elem, elem, ... endlessly or up to n times
///
/// Iterators terminating on the shortest input sequence:
/// accumulate(p[, func]) --> p0, p0+p1, p0+p1+p2
/// chain(p, q, ...) --> p0, p1, ... plast, q0, q1, ...
/// chain.from_iterable([p, q, ...]) --> p0, p1, ... plast, q0, q1, ...
/// compress(data, selectors) --> (d[0] if s[0]), (d[1] if s[1]), ...
/// dropwhile(pred, seq) --> seq[n], seq[n+1], starting when pred fails
/// groupby(iterable[, keyfunc]) --> sub-iterators grouped by value of keyfunc(v)
/// filterfalse(pred, seq) --> elements of seq where pred(elem) is False
/// islice(seq, [start,] stop [, step]) --> elements from
///        seq[start:stop:step]
/// pairwise(s) --> (s[0],s[1]), (s[1],s[2]), (s[2], s[3]), ...
/// starmap(fun, seq) --> fun(*seq[0]), fun(*seq[1]), ...
/// tee(it, n=2) --> (it1, it2 , ... itn) splits one iterator into n
/// takewhile(pred, seq) --> seq[0], seq[1], until pred fails
/// zip_longest(p, q, ...) --> (p[0], q[0]), (p[1], q[1]), ...
///
/// Combinatoric generators:
/// product(p, q, ... [repeat=1]) --> cartesian product
/// permutations(p[, r])
/// combinations(p, r)
/// combinations_with_replacement(p, r)
pub struct Itertools;

#[pymodule(name = "itertools")]
impl Itertools {
    /// Returns a tuple of n independent iterators.
    #[signature(iterable, n = 2, /)]
    fn tee(iterable: &Object, n: isize) -> Result<Ref<Tuple>, Raised> {
        tee::tee(iterable, n)
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        for ty in [
            &joins::ACCUMULATE_TYPE,
            &combinations::COMBINATIONS_TYPE,
            &combinations::COMBINATIONS_WITH_REPLACEMENT_TYPE,
            &endless::CYCLE_TYPE,
            &filters::DROP_WHILE_TYPE,
            &filters::TAKE_WHILE_TYPE,
            &filters::SLICE_TYPE,
            &joins::STAR_MAP_TYPE,
            &joins::CHAIN_TYPE,
            &filters::COMPRESS_TYPE,
            &filters::FILTER_FALSE_TYPE,
            &endless::COUNT_TYPE,
            &joins::ZIP_LONGEST_TYPE,
            &joins::PAIRWISE_TYPE,
            &combinations::PERMUTATIONS_TYPE,
            &product::PRODUCT_TYPE,
            &endless::REPEAT_TYPE,
            &groupby::GROUP_BY_TYPE,
            &groupby::GROUPER_TYPE,
            &tee::TEE_TYPE,
            &tee::TEE_DATA_TYPE,
        ] {
            module.add_type(ty)?;
        }
        Ok(())
    }
}

/// Checks the arguments of a constructor that takes from `least` to `most` positional ones and none by name.
fn plain_arguments<T: PyType>(
    cls: &Type,
    args: &Tuple,
    kwargs: Option<&Dict>,
    least: usize,
    most: usize,
) -> Result<(), Raised> {
    if refuses_keywords::<T>(cls) {
        no_keywords(T::NAME, kwargs)?;
    }
    check_count(T::NAME, args.len(), least, most)
}

/// The argument at `index`; constructors ask for those that they have checked to be there.
fn argument(args: &Tuple, index: usize) -> Ref {
    args.get(index).unwrap_or_else(habu_runtime::types::none)
}

/// The iterator of one of `args`, which the tuple alone holds while `__iter__` runs.
fn iterator_of(args: &Tuple, index: usize) -> Result<Ref, Raised> {
    match args.as_borrowed_slice().get(index) {
        Some(items) => habu_runtime::object::protocol::iterator(items),
        None => habu_runtime::object::protocol::iterator(&habu_runtime::types::none()),
    }
}

/// The state of `__setstate__` as a tuple.
fn state_tuple(state: &Object) -> Result<&Tuple, Raised> {
    state.downcast::<Tuple>().ok_or_else(|| raise!(TypeError, "state is not a tuple"))
}

/// An integer of a state, kept within bounds.
fn clipped(item: &Object, lowest: isize, highest: isize) -> Result<isize, Raised> {
    let value = index_as_size(item, Some(habu_runtime::exceptions::exc::OverflowError()))?;
    Ok(value.min(highest).max(lowest))
}

/// `(type, arguments)` or `(type, arguments, state)`: what `__reduce__` gives.
fn reduced(object: &Object, arguments: Ref<Tuple>, state: Option<Ref>) -> Result<Ref<Tuple>, Raised> {
    let ty = object.type_ref().into_object();
    match state {
        Some(state) => Tuple::from_refs([ty, arguments.into_object(), state]),
        None => Tuple::from_refs([ty, arguments.into_object()]),
    }
}
