//! `filter`: the items for which a function is true.

use habu_macros::{pymethods, pytype};

use crate::object::protocol::sequence::{check_count, no_keywords};
use crate::object::protocol::{call1, iterator, next, truth};
use crate::object::{Field, Object, PyType, Raised, Ref, Stopped, Traverse, Type, Visit};
use crate::types::dict::Dict;
use crate::types::int::value::Bool;
use crate::types::map::refuses_keywords;
use crate::types::none;
use crate::types::singletons::is_none;
use crate::types::tuple::Tuple;

/// filter(function or None, iterable) --> filter object
///
/// Return an iterator yielding those items of iterable for which function(item)
/// is true. If function is None, return the items that are true.
#[pytype(name = "filter", generic_get, c_name = "PyFilter_Type", gc, basetype)]
pub struct Filter {
    base: Object,
    #[traverse]
    function: Field,
    #[traverse]
    items: Field,
}

crate::assert_layout!(Filter, size 32);

#[pymethods]
impl Filter {
    /// The iterator comes first, as in CPython.
    #[slot(tp_traverse)]
    fn traverse(&self, visit: &Visit) -> Result<(), Stopped> {
        self.items.traverse(visit)?;
        self.function.traverse(visit)
    }

    #[slot(tp_new)]
    fn construct(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<Filter>, Raised> {
        if refuses_keywords::<Filter>(cls) {
            no_keywords("filter", kwargs)?;
        }
        Filter::over(cls, args.as_borrowed_slice())
    }

    #[hidden]
    fn over(cls: &Type, args: &[&Object]) -> Result<Ref<Filter>, Raised> {
        check_count("filter", args.len(), 2, 2)?;
        let &[function, items] = args else {
            return Err(crate::raise!(SystemError, "bad argument to internal function"));
        };
        let (items, function) = (iterator(items)?, function.to_ref());
        let filter = Filter { base: Object::header(cls), function: Field::new(function), items: Field::new(items) };
        crate::object::instantiate(cls, filter)
    }

    #[slot(tp_vectorcall)]
    fn call_type(cls: &Object, arguments: &[&Object], names: Option<&Tuple>) -> Result<Ref, Raised> {
        match names {
            None => Filter::over(Filter::type_object(), arguments).map(Ref::into_object),
            Some(_) => crate::object::protocol::call::call_through_tuple(cls, arguments, names),
        }
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        let (Some(function), Some(items)) = (self.function.get(), self.items.get()) else { return Ok(None) };
        let by_truth = is_none(&function) || function.is(Bool::type_object());
        while let Some(item) = next(&items)? {
            if if by_truth { truth(&item)? } else { truth(&*call1(&function, &item)?)? } {
                return Ok(Some(item));
            }
        }
        Ok(None)
    }

    /// Return state information for pickling.
    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
        let arguments =
            Tuple::from_refs([self.function.get().unwrap_or_else(none), self.items.get().unwrap_or_else(none)])?;
        Tuple::from_refs([self.type_ref().into_object(), arguments.into_object()])
    }
}
