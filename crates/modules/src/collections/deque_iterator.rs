//! The iterators of deques, in both directions.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};
use habu_runtime::exceptions::exc;
use habu_runtime::object::protocol::number::index_as_size;
use habu_runtime::object::protocol::sequence::check_count;
use habu_runtime::object::{Field, IntoObject, Object, PyType, Raised, Ref, Type};
use habu_runtime::types::dict::Dict;
use habu_runtime::types::none;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::{assert_layout, raise};

use super::deque::Deque;

/// The iterator from the left end.
#[pytype(name = "_collections._deque_iterator", generic_get, doc = "", gc)]
pub(super) struct DequeIterator {
    base: Object,
    #[traverse]
    deque: Field<Deque>,
    index: Cell<usize>,
    state: Cell<usize>,
    left: Cell<usize>,
    unused: usize,
}

/// The iterator from the right end.
#[pytype(name = "_collections._deque_reverse_iterator", generic_get, doc = "", gc)]
pub(super) struct DequeReverseIterator {
    base: Object,
    #[traverse]
    deque: Field<Deque>,
    index: Cell<usize>,
    state: Cell<usize>,
    left: Cell<usize>,
    unused: usize,
}

assert_layout!(DequeIterator, size 56);
assert_layout!(DequeReverseIterator, size 56);

macro_rules! deque_iterator {
    ($ty:ident, $place:expr) => {
        impl $ty {
            /// An iterator from an end of the deque.
            pub(super) fn new(deque: &Deque) -> Result<Ref<$ty>, Raised> {
                habu_runtime::object::create($ty {
                    base: Object::of::<$ty>(),
                    deque: Field::new(Ref::from_borrowed(deque)),
                    index: Cell::new(0),
                    state: Cell::new(deque.state.get()),
                    left: Cell::new(deque.len()),
                    unused: 0,
                })
            }
        }

        #[pymethods]
        impl $ty {
            #[slot(tp_new)]
            fn construct(_cls: &Type, args: &Tuple, _kwargs: Option<&Dict>) -> Result<Ref<$ty>, Raised> {
                check_count(<$ty>::NAME, args.len(), 1, 2)?;
                let deque = args.get(0).unwrap_or_else(none);
                let Some(deque) = deque.downcast::<Deque>() else {
                    let name = deque.ty().full_name();
                    return Err(raise!(
                        TypeError,
                        "{}() argument 1 must be collections.deque, not {name}",
                        <$ty>::NAME
                    ));
                };
                let items = <$ty>::new(deque)?;
                if let Some(index) = args.get(1) {
                    let index = index_as_size(&index, Some(exc::OverflowError()))?.max(0) as usize;
                    for _ in 0..index {
                        if items.next()?.is_none() {
                            break;
                        }
                    }
                }
                Ok(items)
            }

            #[slot(tp_iter)]
            fn iter(&self) -> Result<Ref, Raised> {
                Ok(self.to_ref())
            }

            #[slot(tp_iternext)]
            fn next(&self) -> Result<Option<Ref>, Raised> {
                let Some(deque) = self.deque.get() else { return Ok(None) };
                if deque.state.get() != self.state.get() {
                    self.left.set(0);
                    return Err(raise!(RuntimeError, "deque mutated during iteration"));
                }
                let Some(left) = self.left.get().checked_sub(1) else { return Ok(None) };
                let index = self.index.get();
                self.index.set(index + 1);
                self.left.set(left);
                let place: fn(usize, usize) -> usize = $place;
                Ok(deque.get(place(index, deque.len())))
            }

            /// Private method returning an estimate of len(list(it)).
            #[name = "__length_hint__"]
            #[no_signature]
            fn length_hint(&self) -> Result<usize, Raised> {
                Ok(self.left.get())
            }

            /// Return state information for pickling.
            #[name = "__reduce__"]
            #[no_signature]
            fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
                let Some(deque) = self.deque.get() else { return Ok(Tuple::empty()) };
                let index = deque.len().saturating_sub(self.left.get()).into_object()?;
                let arguments = Tuple::from_refs([deque.into_object(), index])?;
                Tuple::from_refs([self.type_ref().into_object(), arguments.into_object()])
            }
        }
    };
}

deque_iterator!(DequeIterator, |index, _length| index);
deque_iterator!(DequeReverseIterator, |index, length| length.wrapping_sub(index + 1));
