//! What `anext(iterator, default)` gives: an awaitable that gives the default at the iterator's end.

use habu_macros::{pymethods, pytype};

use crate::eval::generators::awaitable_iterator;
use crate::exceptions::{exc, raise_with_arguments};
use crate::object::{Field, Object, Raised, Ref, protocol};
use crate::raise;
use crate::threads::Thread;
use crate::types::coroutine::Coroutine;
use crate::types::generator::Generator;

/// The awaitable.
#[pytype(name = "anext_awaitable", generic_get, doc = "", gc, flag = DISALLOW_INSTANTIATION)]
pub struct AnextAwaitable {
    /// The header.
    pub base: Object,
    /// What `__anext__` gave.
    #[traverse]
    pub wrapped: Field,
    /// The default.
    #[traverse]
    pub default: Field,
}

crate::assert_layout!(AnextAwaitable, size 32, wrapped @ 16, default @ 24);

impl AnextAwaitable {
    /// An awaitable of `wrapped` with a default.
    pub fn new(wrapped: Ref, default: Ref) -> Result<Ref<AnextAwaitable>, Raised> {
        crate::object::create(AnextAwaitable {
            base: Object::of::<AnextAwaitable>(),
            wrapped: Field::new(wrapped),
            default: Field::new(default),
        })
    }

    /// The iterator that awaiting goes through.
    fn iterator(&self) -> Result<Ref, Raised> {
        let wrapped = self.wrapped.get().ok_or_else(|| raise!(SystemError, "awaitable without an object"))?;
        let iterator = awaitable_iterator(&wrapped)?;
        if iterator.is_exact::<Coroutine>() || iterator.is_exact::<Generator>() {
            if iterator.is_exact::<Generator>() {
                return Ok(iterator);
            }
            let wait = iterator.ty().asynchronous().and_then(|suite| suite.am_await.get());
            // SAFETY: the slot belongs to the coroutine's own type.
            return wait.map_or(Ok(iterator.clone()), |wait| unsafe { wait(&iterator) });
        }
        Ok(iterator)
    }

    /// The end of the iterator becomes the default.
    fn ended(&self, raised: Raised) -> Raised {
        let over =
            Thread::current().exception().is_some_and(|exception| exception.ty().is_subtype(exc::StopAsyncIteration()));
        if !over {
            return raised;
        }
        raised.clear();
        let default = self.default.get().unwrap_or_else(crate::types::none);
        raise_with_arguments(exc::StopIteration(), &[&default])
    }

    fn forward(&self, method: &str, arguments: &[&Object]) -> Result<Ref, Raised> {
        let iterator = self.iterator()?;
        let method = protocol::get_attribute_str(&iterator, method)?;
        protocol::call(&method, arguments).map_err(|raised| self.ended(raised))
    }
}

#[pymethods]
impl AnextAwaitable {
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
        let iterator = self.iterator()?;
        let Some(next) = iterator.ty().tp_iternext.get() else {
            return Err(raise!(TypeError, "'{}' object is not an iterator", iterator.ty().full_name()));
        };
        // SAFETY: the slot belongs to the iterator's own type.
        match unsafe { next(&iterator) } {
            Some(item) => Ok(Some(item)),
            None if Thread::current().has_exception() => Err(self.ended(Raised::set())),
            None => Ok(None),
        }
    }

    /// send(value) -> send 'value' into the wrapped awaitable.
    #[no_signature]
    fn send(&self, item: &Object) -> Result<Ref, Raised> {
        self.forward("send", &[item])
    }

    /// throw(value)
    /// throw(type[,value[,tb]])
    ///
    /// Raise exception in the wrapped awaitable.
    #[no_signature]
    #[signature(*args)]
    fn throw(&self, args: &[&Object]) -> Result<Ref, Raised> {
        self.forward("throw", args)
    }

    /// close() -> close the wrapped awaitable.
    #[no_signature]
    fn close(&self) -> Result<Ref, Raised> {
        self.forward("close", &[])
    }
}
