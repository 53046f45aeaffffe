//! The iterator over what a callable returns until that equals a sentinel: `iter(callable, sentinel)` (`PyCallIter_Type`).

use habu_macros::{pymethods, pytype};

use super::{builtin, nothing, reduce_at};
use crate::exceptions::exc;
use crate::id;
use crate::object::protocol::attribute::ignore;
use crate::object::protocol::{call0, equal};
use crate::object::{Field, Object, Raised, Ref};
use crate::types::tuple::Tuple;

/// The iterator; both fields are empty once it has ended.
#[pytype(name = "callable_iterator", generic_get, c_name = "PyCallIter_Type", doc = "", gc)]
pub struct CallableIterator {
    base: Object,
    #[traverse]
    callable: Field,
    #[traverse]
    sentinel: Field,
}

crate::assert_layout!(CallableIterator, size 32);

impl CallableIterator {
    /// An iterator that calls `callable` until it gives `sentinel`.
    pub fn new(callable: Ref, sentinel: Ref) -> Result<Ref<CallableIterator>, Raised> {
        crate::object::create(CallableIterator {
            base: Object::of::<CallableIterator>(),
            callable: Field::new(callable),
            sentinel: Field::new(sentinel),
        })
    }

    fn end(&self) {
        self.callable.set(None);
        self.sentinel.set(None);
    }
}

#[pymethods]
impl CallableIterator {
    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        let Some(callable) = self.callable.get() else { return Ok(None) };
        match call0(&callable) {
            Ok(result) => {
                // The call may have ended this same iterator.
                let Some(sentinel) = self.sentinel.get() else { return Ok(None) };
                if equal(&sentinel, &result)? {
                    self.end();
                    return Ok(None);
                }
                Ok(Some(result))
            }
            Err(raised) => {
                ignore::<()>(raised, exc::StopIteration())?;
                self.end();
                Ok(None)
            }
        }
    }

    /// Return state information for pickling.
    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
        let iter = builtin(id!(iter))?;
        match (self.callable.get(), self.sentinel.get()) {
            (Some(callable), Some(sentinel)) => {
                Tuple::from_refs([iter, Tuple::from_refs([callable, sentinel])?.into_object()])
            }
            _ => reduce_at(iter, None, 0, nothing),
        }
    }
}
