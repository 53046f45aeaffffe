//! `zip`: tuples of one item from each of several iterables.

use habu_macros::{pymethods, pytype};

use crate::object::protocol::{iterator, next, truth};
use crate::object::{Field, Object, Raised, Ref, Type};
use crate::raise;
use crate::types::dict::Dict;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::{boolean, none};

/// zip(*iterables, strict=False) --> Yield tuples until an input is exhausted.
///
///    >>> list(zip('abcdefg', range(3), range(4)))
///    [('a', 0, 0), ('b', 1, 1), ('c', 2, 2)]
///
/// The zip object yields n-length tuples, where n is the number of iterables
/// passed as positional arguments to zip().  The i-th element in every tuple
/// comes from the i-th iterable argument to zip().  This continues until the
/// shortest argument is exhausted.
///
/// If strict is true and one of the arguments is exhausted before the others,
/// raise a ValueError.
#[pytype(name = "zip", generic_get, c_name = "PyZip_Type", gc, basetype)]
pub struct Zip {
    base: Object,
    count: usize,
    #[traverse]
    iterators: Field<Tuple>,
    /// The tuple to use again.
    #[traverse]
    result: Field<Tuple>,
    strict: std::cell::Cell<bool>,
}

crate::assert_layout!(Zip, size 48, iterators @ 24, result @ 32, strict @ 40);

/// `s 1-` or ` `: between "argument" and the number of those before.
fn those_before(count: usize) -> &'static str {
    if count == 1 { " " } else { "s 1-" }
}

impl Zip {
    /// The iterator `at` has ended before those after it: with `strict` that is an error, unless all end together.
    fn ended(&self, at: usize, iterators: &[Ref]) -> Result<(), Raised> {
        if !self.strict.get() {
            return Ok(());
        }
        if at > 0 {
            let before = those_before(at);
            return Err(raise!(ValueError, "zip() argument {} is shorter than argument{before}{at}", at + 1));
        }
        for (index, items) in iterators.iter().enumerate().skip(1) {
            if next(items)?.is_some() {
                let before = those_before(index);
                return Err(raise!(ValueError, "zip() argument {} is longer than argument{before}{index}", index + 1));
            }
        }
        Ok(())
    }
}

#[pymethods]
impl Zip {
    #[slot(tp_new)]
    fn construct(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<Zip>, Raised> {
        let mut strict = false;
        if let Some(kwargs) = kwargs.filter(|kwargs| kwargs.len() > 0) {
            if kwargs.len() > 1 {
                return Err(raise!(TypeError, "zip() takes at most 1 keyword argument ({} given)", kwargs.len()));
            }
            let mut at = 0;
            while let Some((name, value)) = kwargs.next_item(&mut at) {
                if !name.downcast::<Str>().is_some_and(|name| name.equals("strict")) {
                    let name = crate::object::protocol::str(&name)?;
                    return Err(raise!(TypeError, "'{name}' is an invalid keyword argument for zip()"));
                }
                strict = truth(&value)?;
            }
        }
        let items = args.as_slice();
        let iterators = Tuple::build(items.len(), |index| iterator(&items[index]))?;
        let result = Tuple::build(items.len(), |_| Ok(none()))?;
        crate::object::instantiate(
            cls,
            Zip {
                base: Object::header(cls),
                count: items.len(),
                iterators: Field::new(iterators),
                result: Field::new(result),
                strict: std::cell::Cell::new(strict),
            },
        )
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        let (Some(iterators), true) = (self.iterators.get(), self.count > 0) else { return Ok(None) };
        let iterators = iterators.as_slice();
        if let Some(result) = self.result.get()
            && result.refcount() == 2
            && result.len() == iterators.len()
        {
            for (index, items) in iterators.iter().enumerate() {
                let Some(item) = next(items)? else { return self.ended(index, iterators).map(|()| None) };
                // SAFETY: only this iterator refers to the tuple, so that nobody sees it change.
                drop(unsafe { result.replace_item(index, item) });
            }
            crate::gc::track(&result);
            return Ok(Some(result.into_object()));
        }
        let mut ended = None;
        let built = Tuple::build(iterators.len(), |index| match next(&iterators[index])? {
            Some(item) => Ok(item),
            None => {
                // Ends the tuple; no exception is set, and none is reported below.
                ended = Some(index);
                Err(Raised::set())
            }
        });
        match (ended, built) {
            (Some(index), _) => self.ended(index, iterators).map(|()| None),
            (None, built) => Ok(Some(built?.into_object())),
        }
    }

    /// Return state information for pickling.
    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
        let iterators = self.iterators.get().unwrap_or_else(Tuple::empty).into_object();
        if self.strict.get() {
            return Tuple::from_refs([self.type_ref().into_object(), iterators, boolean(true)]);
        }
        Tuple::from_refs([self.type_ref().into_object(), iterators])
    }

    /// Set state information for unpickling.
    #[name = "__setstate__"]
    #[no_signature]
    fn set_state(&self, state: &Object) -> Result<(), Raised> {
        self.strict.set(truth(state)?);
        Ok(())
    }
}
