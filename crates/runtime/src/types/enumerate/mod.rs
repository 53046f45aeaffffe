//! `enumerate`: items with their numbers (`enumobject`).
//!
//! The pair that was given out last is used again when nobody else holds it.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};

use crate::object::protocol::iterator;
use crate::object::protocol::number::{Operator, binary_op, index_exact};
use crate::object::{Field, Object, PyType, Raised, Ref, Type};
use crate::raise;
use crate::types::dict::Dict;
use crate::types::int::Int;
use crate::types::none;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// enumerate(iterable, start=0)
/// --
///
/// Return an enumerate object.
///
///   iterable
///     an object supporting iteration
///
/// The enumerate object yields pairs containing a count (from start, which
/// defaults to zero) and a value yielded by the iterable argument.
///
/// enumerate is useful for obtaining an indexed list:
///     (0, seq[0]), (1, seq[1]), (2, seq[2]), ...
#[pytype(name = "enumerate", generic_get, c_name = "PyEnum_Type", gc, basetype)]
pub struct Enumerate {
    base: Object,
    /// The next number, while it is a machine word; beyond that it is in `long_index`.
    index: Cell<isize>,
    #[traverse]
    items: Field,
    /// The pair to use again.
    #[traverse]
    result: Field<Tuple>,
    /// The next number once it is too large for a machine word.
    #[traverse]
    long_index: Field<Int>,
    one: Field<Int>,
}

crate::assert_layout!(Enumerate, size 56, index @ 16, items @ 24, result @ 32, long_index @ 40);

impl Enumerate {
    /// The next number, and moves on.
    fn number(&self) -> Result<Ref, Raised> {
        let index = self.index.get();
        if index < isize::MAX {
            self.index.set(index + 1);
            return Ok(Int::from_i64(index as i64)?.into_object());
        }
        let number = match self.long_index.get() {
            Some(number) => number,
            None => Int::from_i64(i64::MAX)?,
        };
        let following = binary_op(&number, &*Int::from_i64(1)?, Operator::Add)?;
        self.long_index.set(following.downcast_into::<Int>().ok());
        Ok(number.into_object())
    }
}

#[pymethods]
impl Enumerate {
    #[slot(tp_new)]
    fn construct(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<Enumerate>, Raised> {
        let named = kwargs.map_or(0, Dict::len);
        let given = args.len() + named;
        if given > 2 {
            return Err(raise!(TypeError, "enumerate() takes at most 2 arguments ({given} given)"));
        }
        let (mut iterable, mut start) = (args.get(0), args.get(1));
        let mut at = 0;
        while let Some((name, value)) = kwargs.and_then(|kwargs| kwargs.next_item(&mut at)) {
            let text = name.downcast::<Str>();
            if text.is_some_and(|text| text.equals("iterable")) && iterable.is_none() {
                iterable = Some(value);
            } else if text.is_some_and(|text| text.equals("start")) && start.is_none() && given == 2 {
                start = Some(value);
            } else {
                let name = crate::object::protocol::str(&name)?;
                return Err(raise!(TypeError, "'{name}' is an invalid keyword argument for enumerate()"));
            }
        }
        match iterable {
            Some(iterable) => Enumerate::new(cls, &iterable, start.as_deref()),
            None => Err(raise!(TypeError, "enumerate() missing required argument 'iterable'")),
        }
    }

    #[slot(tp_vectorcall)]
    fn call_type(cls: &Object, arguments: &[&Object], names: Option<&Tuple>) -> Result<Ref, Raised> {
        match (arguments, names) {
            (&[iterable], None) => Enumerate::new(Enumerate::type_object(), iterable, None).map(Ref::into_object),
            (&[iterable, start], None) => {
                Enumerate::new(Enumerate::type_object(), iterable, Some(start)).map(Ref::into_object)
            }
            _ => crate::object::protocol::call::call_through_tuple(cls, arguments, names),
        }
    }

    #[hidden]
    fn new(cls: &Type, iterable: &Object, start: Option<&Object>) -> Result<Ref<Enumerate>, Raised> {
        let (mut index, mut long_index) = (0, None);
        if let Some(start) = start {
            let start = index_exact(start)?;
            match start.to_i64() {
                Some(start) if start < i64::MAX => index = start as isize,
                _ => {
                    index = isize::MAX;
                    long_index = Some(start);
                }
            }
        }
        let items = iterator(iterable)?;
        let result = Tuple::from_refs([none(), none()])?;
        crate::object::instantiate(
            cls,
            Enumerate {
                base: Object::header(cls),
                index: Cell::new(index),
                items: Field::new(items),
                result: Field::new(result),
                long_index: Field::optional(long_index),
                one: Field::empty(),
            },
        )
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        let Some(items) = self.items.get() else { return Ok(None) };
        let Some(item) = crate::object::protocol::next(&items)? else { return Ok(None) };
        let number = self.number()?;
        Tuple::reused(&self.result, [number, item]).map(Some)
    }

    /// See PEP 585
    #[classmethod]
    #[name = "__class_getitem__"]
    #[no_signature]
    fn class_getitem(cls: &Type, item: &Object) -> Result<Ref, Raised> {
        crate::types::generic_alias::alias(cls, item)
    }

    /// Return state information for pickling.
    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
        let number = match self.long_index.get() {
            Some(number) => number,
            None => Int::from_i64(self.index.get() as i64)?,
        };
        let items = self.items.get().unwrap_or_else(none);
        let arguments = Tuple::from_refs([items, number.into_object()])?;
        Tuple::from_refs([self.type_ref().into_object(), arguments.into_object()])
    }
}
