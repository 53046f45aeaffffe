//! `reversed`: the items of a sequence from the last to the first, where its type has no `__reversed__` (`enumobject`).

use std::cell::Cell;

use habu_macros::{pymethods, pytype};

use crate::exceptions::exc;
use crate::id;
use crate::object::protocol::attribute::ignore;
use crate::object::protocol::call::Lent;
use crate::object::protocol::sequence::{check_count, get_index, is_sequence, length, no_keywords};
use crate::object::protocol::{call0, lookup_special};
use crate::object::{Field, Object, PyType, Raised, Ref, Type};
use crate::raise;
use crate::types::dict::Dict;
use crate::types::int::Int;
use crate::types::iterators::state_index;
use crate::types::map::refuses_keywords;
use crate::types::singletons::is_none;
use crate::types::tuple::Tuple;

/// reversed(sequence, /)
/// --
///
/// Return a reverse iterator over the values of the given sequence.
#[pytype(name = "reversed", generic_get, c_name = "PyReversed_Type", gc, basetype)]
pub struct Reversed {
    base: Object,
    /// The next item's index; -1 at the end.
    index: Cell<isize>,
    #[traverse]
    sequence: Field,
}

crate::assert_layout!(Reversed, size 32, index @ 16, sequence @ 24);

#[pymethods]
impl Reversed {
    #[slot(tp_new)]
    fn construct(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
        if refuses_keywords::<Reversed>(cls) {
            no_keywords("reversed", kwargs)?;
        }
        Reversed::over(cls, args.as_borrowed_slice())
    }

    #[slot(tp_vectorcall)]
    fn call_type(cls: &Object, arguments: &[&Object], names: Option<&Tuple>) -> Result<Ref, Raised> {
        match names {
            None => Reversed::over(Reversed::type_object(), arguments),
            Some(_) => crate::object::protocol::call::call_through_tuple(cls, arguments, names),
        }
    }

    #[hidden]
    fn over(cls: &Type, args: &[&Object]) -> Result<Ref, Raised> {
        check_count("reversed", args.len(), 1, 1)?;
        let &[sequence] = args else { return Err(raise!(SystemError, "bad argument to internal function")) };
        let method = lookup_special(sequence, id!(__reversed__))?;
        match method {
            Some(method) if !is_none(&method) => return call0(&method),
            None if is_sequence(sequence) => {}
            _ => return Err(raise!(TypeError, "'{}' object is not reversible", sequence.ty().full_name())),
        }
        let last = length(sequence)? as isize - 1;
        let reversed =
            Reversed { base: Object::header(cls), index: Cell::new(last), sequence: Field::new(sequence.to_ref()) };
        Ok(crate::object::instantiate(cls, reversed)?.into_object())
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        let index = self.index.get();
        let Some(sequence) = self.sequence.get() else { return Ok(None) };
        if index >= 0 {
            let sequence = Lent::to_method(sequence, id!(__getitem__));
            // SAFETY: a `__getitem__` in Python is the first to run, and the sequence is not looked at afterwards.
            match get_index(unsafe { sequence.get() }, index) {
                Ok(item) => {
                    self.index.set(index - 1);
                    return Ok(Some(item));
                }
                Err(raised) => {
                    if let Err(raised) = ignore::<()>(raised, exc::IndexError()) {
                        ignore::<()>(raised, exc::StopIteration())?;
                    }
                }
            }
        }
        self.index.set(-1);
        self.sequence.set(None);
        Ok(None)
    }

    /// Private method returning an estimate of len(list(it)).
    #[name = "__length_hint__"]
    #[no_signature]
    fn length_hint(&self) -> Result<isize, Raised> {
        let Some(sequence) = self.sequence.get() else { return Ok(0) };
        let (length, left) = (length(&sequence)? as isize, self.index.get() + 1);
        Ok(if length < left { 0 } else { left })
    }

    /// Return state information for pickling.
    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
        let ty = self.type_ref().into_object();
        match self.sequence.get() {
            Some(sequence) => {
                let index = Int::from_i64(self.index.get() as i64)?.into_object();
                Tuple::from_refs([ty, Tuple::from_refs([sequence])?.into_object(), index])
            }
            None => Tuple::from_refs([ty, Tuple::from_refs([Tuple::empty().into_object()])?.into_object()]),
        }
    }

    /// Set state information for unpickling.
    #[name = "__setstate__"]
    #[no_signature]
    fn set_state(&self, state: &Object) -> Result<(), Raised> {
        let index = state_index(state)?;
        if let Some(sequence) = self.sequence.get() {
            let length = length(&sequence)? as isize;
            self.index.set(index.clamp(-1, (length - 1).max(-1)));
        }
        Ok(())
    }
}
