//! What `athrow()` and `aclose()` of an asynchronous generator give.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};

use super::asend::Progress;
use super::{AsyncGenerator, WrappedValue, ended, unwrap};
use crate::exceptions::{exc, raise_with_arguments};
use crate::object::{Field, Object, Raised, Ref};
use crate::raise;
use crate::types::generator::{Generator, State, close, methods};
use crate::types::singletons::{is_none, none};
use crate::types::tuple::Tuple;

/// The awaitable.
#[pytype(name = "async_generator_athrow", generic_get, c_name = "_PyAsyncGenAThrow_Type", doc = "", gc, flag = DISALLOW_INSTANTIATION)]
pub struct AsyncGenAthrow {
    /// The header.
    pub base: Object,
    /// The generator.
    #[traverse]
    pub generator: Field<AsyncGenerator>,
    /// What is thrown; nothing for `aclose()`.
    #[traverse]
    pub arguments: Field<Tuple>,
    progress: Cell<Progress>,
}

crate::assert_layout!(AsyncGenAthrow, size 40, generator @ 16, arguments @ 24);

impl AsyncGenAthrow {
    /// An awaitable that throws what `arguments` describe, or closes.
    pub fn new(generator: Ref<AsyncGenerator>, arguments: Option<Ref<Tuple>>) -> Result<Ref<AsyncGenAthrow>, Raised> {
        crate::object::create(AsyncGenAthrow {
            base: Object::of::<AsyncGenAthrow>(),
            generator: Field::new(generator),
            arguments: Field::optional(arguments),
            progress: Cell::new(Progress::Init),
        })
    }

    fn inner(&self) -> Result<Ref<AsyncGenerator>, Raised> {
        if self.progress.get() == Progress::Closed {
            return Err(raise!(RuntimeError, "cannot reuse already awaited aclose()/athrow()"));
        }
        self.generator.get().ok_or_else(|| raise!(SystemError, "awaitable without a generator"))
    }

    /// The first step: what is to be thrown is thrown.
    fn start(&self, generator: &Generator, item: &Object) -> Result<Ref, Raised> {
        let arguments = self.arguments.get();
        if generator.running_async.get() {
            self.progress.set(Progress::Closed);
            let method = if arguments.is_none() { "aclose" } else { "athrow" };
            return Err(raise!(RuntimeError, "{method}(): asynchronous generator is already running"));
        }
        if generator.closed.get() {
            self.progress.set(Progress::Closed);
            return Err(raise_with_arguments(exc::StopAsyncIteration(), &[]));
        }
        if !is_none(item) {
            return Err(raise!(RuntimeError, "can't send non-None value to a just-started coroutine"));
        }
        self.progress.set(Progress::Iterating);
        generator.running_async.set(true);
        match arguments {
            None => {
                generator.closed.set(true);
                let thrown = close::throw(generator, false, &[exc::GeneratorExit()]);
                self.closing(generator, thrown)
            }
            Some(arguments) => {
                let thrown = close::throw(generator, false, arguments.as_borrowed_slice());
                match unwrap(generator, thrown) {
                    Ok(item) => Ok(item),
                    Err(raised) => Err(self.failed(generator, raised)),
                }
            }
        }
    }

    /// What a step of `aclose()` gave: a generator that is being closed must not yield.
    fn closing(&self, generator: &Generator, result: Result<Ref, Raised>) -> Result<Ref, Raised> {
        match result {
            Ok(item) if item.is_exact::<WrappedValue>() => {
                generator.running_async.set(false);
                self.progress.set(Progress::Closed);
                Err(raise!(RuntimeError, "async generator ignored GeneratorExit"))
            }
            Ok(item) => Ok(item),
            Err(raised) => Err(self.failed(generator, raised)),
        }
    }

    fn failed(&self, generator: &Generator, raised: Raised) -> Raised {
        generator.running_async.set(false);
        self.progress.set(Progress::Closed);
        if self.arguments.is_empty() && ended(&raised) {
            raised.clear();
            return raise_with_arguments(exc::StopIteration(), &[]);
        }
        raised
    }
}

#[pymethods]
impl AsyncGenAthrow {
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
        let generator = self.inner()?;
        let generator = &generator.generator;
        if generator.state() >= State::Completed {
            self.progress.set(Progress::Closed);
            return Err(raise_with_arguments(exc::StopIteration(), &[]));
        }
        if self.progress.get() == Progress::Init {
            return self.start(generator, item);
        }
        let result = close::send(generator, item);
        if self.arguments.is_empty() {
            return self.closing(generator, result);
        }
        unwrap(generator, result)
    }

    /// throw(value)
    /// throw(type[,value[,tb]])
    ///
    /// Raise exception in the generator.
    #[no_signature]
    #[signature(typ, value = None, traceback = None, /)]
    fn throw(&self, typ: &Object, value: Option<&Object>, traceback: Option<&Object>) -> Result<Ref, Raised> {
        let generator = self.inner()?;
        let generator = &generator.generator;
        let result = methods::throw(generator, typ, value, traceback);
        if self.arguments.is_empty() {
            return self.closing(generator, result);
        }
        unwrap(generator, result)
    }

    /// close() -> the awaitable cannot be used any more.
    #[no_signature]
    fn close(&self) -> Result<(), Raised> {
        self.progress.set(Progress::Closed);
        Ok(())
    }
}
