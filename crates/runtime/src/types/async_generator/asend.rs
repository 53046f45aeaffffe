//! What `__anext__()` and `asend()` of an asynchronous generator give.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};

use super::{AsyncGenerator, unwrap, unwrap_outcome};
use crate::eval::generators::Sent;
use crate::exceptions::{exc, raise_with_arguments};
use crate::object::{Field, Object, Raised, Ref};
use crate::raise;
use crate::types::generator::{methods, resume};
use crate::types::singletons::{is_none, none};

/// How far an awaitable of an asynchronous generator is.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Progress {
    /// Nothing was sent.
    Init,
    /// It is being iterated.
    Iterating,
    /// It cannot be awaited again.
    Closed,
}

/// The awaitable.
#[pytype(name = "async_generator_asend", generic_get, c_name = "_PyAsyncGenASend_Type", doc = "", gc, flag = DISALLOW_INSTANTIATION)]
pub struct AsyncGenAsend {
    /// The header.
    pub base: Object,
    /// The generator.
    #[traverse]
    pub generator: Field<AsyncGenerator>,
    /// What is sent first, or nothing.
    #[traverse]
    pub sent: Field,
    progress: Cell<Progress>,
}

crate::assert_layout!(AsyncGenAsend, size 40, generator @ 16, sent @ 24);

impl AsyncGenAsend {
    /// An awaitable that sends `sent`.
    pub fn new(generator: Ref<AsyncGenerator>, sent: Option<Ref>) -> Result<Ref<AsyncGenAsend>, Raised> {
        crate::object::create(AsyncGenAsend {
            base: Object::of::<AsyncGenAsend>(),
            generator: Field::new(generator),
            sent: Field::optional(sent),
            progress: Cell::new(Progress::Init),
        })
    }

    fn inner(&self) -> Result<Ref<AsyncGenerator>, Raised> {
        if self.progress.get() == Progress::Closed {
            return Err(raise!(RuntimeError, "cannot reuse already awaited __anext__()/asend()"));
        }
        self.generator.get().ok_or_else(|| raise!(SystemError, "awaitable without a generator"))
    }

    /// Sends into the generator; what it yields is what awaiting gives.
    pub fn resume(&self, item: &Object) -> Sent {
        let generator = match self.inner() {
            Ok(generator) => generator,
            Err(raised) => return Sent::Raised(raised),
        };
        let generator = &generator.generator;
        let mut first = None;
        if self.progress.get() == Progress::Init {
            if generator.running_async.get() {
                self.progress.set(Progress::Closed);
                return Sent::Raised(raise!(RuntimeError, "anext(): asynchronous generator is already running"));
            }
            if is_none(item) {
                first = self.sent.get();
            }
            self.progress.set(Progress::Iterating);
        }
        generator.running_async.set(true);
        let sent = first.unwrap_or_else(|| item.to_ref());
        let sent = unwrap_outcome(generator, resume::resume(generator, Some(sent), false, false));
        if !matches!(sent, Sent::Yielded(_)) {
            self.progress.set(Progress::Closed);
        }
        sent
    }

    fn done(&self, result: Result<Ref, Raised>) -> Result<Ref, Raised> {
        if result.is_err() {
            self.progress.set(Progress::Closed);
        }
        result
    }
}

#[pymethods]
impl AsyncGenAsend {
    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(am_await)]
    fn wait(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        self.send(&none()).map(Some)
    }

    /// send(value) -> send 'value' into the generator.
    #[no_signature]
    fn send(&self, item: &Object) -> Result<Ref, Raised> {
        match self.resume(item) {
            Sent::Yielded(item) => Ok(item),
            Sent::Returned(result) => Err(raise_with_arguments(exc::StopIteration(), &[&result])),
            Sent::Raised(raised) => Err(raised),
        }
    }

    /// throw(value)
    /// throw(type[,value[,tb]])
    ///
    /// Raise exception in the generator.
    #[no_signature]
    #[signature(typ, value = None, traceback = None, /)]
    fn throw(&self, typ: &Object, value: Option<&Object>, traceback: Option<&Object>) -> Result<Ref, Raised> {
        let generator = self.inner()?;
        let result = methods::throw(&generator.generator, typ, value, traceback);
        self.done(unwrap(&generator.generator, result))
    }

    /// close() -> the awaitable cannot be used any more.
    #[no_signature]
    fn close(&self) -> Result<(), Raised> {
        self.progress.set(Progress::Closed);
        Ok(())
    }
}
