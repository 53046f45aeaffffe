//! `map`: the results of a function called with one item from each of several iterables.

use habu_macros::{pymethods, pytype};

use crate::object::protocol::sequence::no_keywords;
use crate::object::protocol::{call1, iterator, next, vectorcall};
use crate::object::{Field, Object, PyType, Raised, Ref, Type};
use crate::raise;
use crate::types::dict::Dict;
use crate::types::tuple::Tuple;

/// map(func, *iterables) --> map object
///
/// Make an iterator that computes the function using arguments from
/// each of the iterables.  Stops when the shortest iterable is exhausted.
#[pytype(name = "map", generic_get, c_name = "PyMap_Type", gc, basetype)]
pub struct Map {
    base: Object,
    #[traverse]
    iterators: Field<Tuple>,
    #[traverse]
    function: Field,
}

crate::assert_layout!(Map, size 32);

/// Whether a constructor must refuse named arguments: for the type itself and for subclasses without an `__init__` of their own.
pub fn refuses_keywords<T: PyType>(cls: &Type) -> bool {
    let init = |ty: &Type| ty.tp_init.get().map(|slot| slot as usize);
    std::ptr::eq(cls, T::type_object()) || init(cls) == init(T::type_object())
}

#[pymethods]
impl Map {
    #[slot(tp_new)]
    fn construct(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<Map>, Raised> {
        if refuses_keywords::<Map>(cls) {
            no_keywords("map", kwargs)?;
        }
        Map::over(cls, args.as_borrowed_slice())
    }

    #[hidden]
    fn over(cls: &Type, args: &[&Object]) -> Result<Ref<Map>, Raised> {
        let [function, iterables @ ..] = args else {
            return Err(raise!(TypeError, "map() must have at least two arguments."));
        };
        if iterables.is_empty() {
            return Err(raise!(TypeError, "map() must have at least two arguments."));
        }
        let iterators = Tuple::build(iterables.len(), |index| iterator(iterables[index]))?;
        crate::object::instantiate(
            cls,
            Map {
                base: Object::header(cls),
                iterators: Field::new(iterators),
                function: Field::new(function.to_ref()),
            },
        )
    }

    #[slot(tp_vectorcall)]
    fn call_type(cls: &Object, arguments: &[&Object], names: Option<&Tuple>) -> Result<Ref, Raised> {
        match names {
            None => Map::over(Map::type_object(), arguments).map(Ref::into_object),
            Some(_) => crate::object::protocol::call::call_through_tuple(cls, arguments, names),
        }
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        let (Some(iterators), Some(function)) = (self.iterators.get(), self.function.get()) else { return Ok(None) };
        if let [items] = iterators.as_slice() {
            let Some(item) = next(items)? else { return Ok(None) };
            return call1(&function, &item).map(Some);
        }
        let mut arguments = habu_heap::Buffer::<Ref>::with_capacity(iterators.len())?;
        for items in iterators.as_slice() {
            let Some(item) = next(items)? else { return Ok(None) };
            arguments.push(item)?;
        }
        // SAFETY: a Ref and a reference are one pointer each; the buffer keeps the objects alive during the call.
        let borrowed: &[&Object] = unsafe { std::slice::from_raw_parts(arguments.as_ptr().cast(), arguments.len()) };
        vectorcall(&function, borrowed, None).map(Some)
    }

    /// Return state information for pickling.
    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
        let iterators = self.iterators.get().unwrap_or_else(Tuple::empty);
        let function = self.function.get().unwrap_or_else(crate::types::none);
        let arguments = Tuple::build(iterators.len() + 1, |index| {
            Ok(if index == 0 { function.clone() } else { iterators.as_slice()[index - 1].clone() })
        })?;
        Tuple::from_refs([self.type_ref().into_object(), arguments.into_object()])
    }
}
