//! What `await` iterates over: it gives the future once, and ends with its result.

use habu_macros::{pymethods, pytype};
use habu_runtime::exceptions::{BaseException, is_exception_class, raise_object, raise_stop_iteration};
use habu_runtime::object::{Field, Object, Raised, Ref, create, protocol};
use habu_runtime::raise;
use habu_runtime::types::none;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::traceback::Traceback;

use super::future::{Future, Progress};

#[pytype(name = "_asyncio.FutureIter", generic_get, doc = "", gc, flag = DISALLOW_INSTANTIATION)]
/// The iterator.
pub(super) struct FutureIter {
    base: Object,
    /// The future, until its end was told.
    #[traverse]
    future: Field<Future>,
}

habu_runtime::assert_layout!(FutureIter, size 24);

/// What sending into the iterator gave.
enum Sent {
    Yielded(Ref),
    Returned(Ref),
}

impl FutureIter {
    pub(super) fn of(future: &Future) -> Result<Ref<FutureIter>, Raised> {
        future.looped()?;
        create(FutureIter { base: Object::of::<FutureIter>(), future: Field::new(Ref::from_borrowed(future)) })
    }

    fn advance(&self) -> Result<Sent, Raised> {
        let Some(future) = self.future.get() else { return Ok(Sent::Returned(none())) };
        if future.progress.get() == Progress::Pending {
            if future.blocking.get() == 0 {
                future.blocking.set(1);
                return Ok(Sent::Yielded(future.into_object()));
            }
            return Err(raise!(RuntimeError, "await wasn't used with future"));
        }
        drop(self.future.take());
        future.outcome_raised().map(Sent::Returned)
    }
}

/// The exception that the arguments of `throw` describe.
fn thrown(kind: &Object, value: Option<&Object>, traceback: Option<&Object>) -> Result<Ref<BaseException>, Raised> {
    let value = value.filter(|value| !is_none(value));
    let traceback = traceback.filter(|traceback| !is_none(traceback));
    let traceback = match traceback.map(|traceback| traceback.downcast::<Traceback>()) {
        None => None,
        Some(Some(traceback)) => Some(Ref::from_borrowed(traceback)),
        Some(None) => return Err(raise!(TypeError, "throw() third argument must be a traceback")),
    };
    let exception = if is_exception_class(kind) {
        match value {
            Some(value) if habu_runtime::exceptions::matches(value, kind) && value.isinstance::<BaseException>() => {
                value.to_ref()
            }
            Some(value) => match value.downcast::<habu_runtime::types::tuple::Tuple>() {
                Some(arguments) => protocol::call_tuple(kind, arguments, None)?,
                None => protocol::call1(kind, value)?,
            },
            None => protocol::call0(kind)?,
        }
    } else if kind.isinstance::<BaseException>() {
        if value.is_some() {
            return Err(raise!(TypeError, "instance exception may not have a separate value"));
        }
        kind.to_ref()
    } else {
        return Err(raise!(
            TypeError,
            "exceptions must be classes deriving BaseException or instances of such a class"
        ));
    };
    let Ok(exception) = exception.downcast_into::<BaseException>() else {
        return Err(raise!(TypeError, "exceptions must derive from BaseException"));
    };
    if let Some(traceback) = traceback {
        exception.traceback.set(Some(traceback));
    }
    Ok(exception)
}

#[pymethods]
impl FutureIter {
    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        match self.advance()? {
            Sent::Yielded(future) => Ok(Some(future)),
            Sent::Returned(result) if is_none(&result) => Ok(None),
            Sent::Returned(result) => Err(raise_stop_iteration(Some(result))),
        }
    }

    #[slot(am_send)]
    fn send_value(&self, item: &Object) -> (std::ffi::c_int, Option<Ref>) {
        let _ = item;
        match self.advance() {
            Ok(Sent::Yielded(future)) => (1, Some(future)),
            Ok(Sent::Returned(result)) => (0, Some(result)),
            // The exception stays set.
            Err(_) => (-1, None),
        }
    }

    #[no_signature]
    fn send(&self, item: &Object) -> Result<Ref, Raised> {
        let _ = item;
        match self.advance()? {
            Sent::Yielded(future) => Ok(future),
            Sent::Returned(result) => Err(raise_stop_iteration(Some(result).filter(|result| !is_none(result)))),
        }
    }

    #[signature(typ, value = None, traceback = None, /)]
    #[no_signature]
    fn throw(&self, typ: &Object, value: Option<&Object>, traceback: Option<&Object>) -> Result<Ref, Raised> {
        let exception = thrown(typ, value, traceback)?;
        drop(self.future.take());
        Err(raise_object(exception.into_object()))
    }

    #[no_signature]
    fn close(&self) -> Result<(), Raised> {
        drop(self.future.take());
        Ok(())
    }
}
