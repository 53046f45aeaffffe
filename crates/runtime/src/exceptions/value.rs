//! The layout that all exceptions begin with (`PyBaseExceptionObject`, 72 bytes), and how Rust reads and writes it.

use std::cell::Cell;

use habu_macros::pytype;

use crate::exceptions::exc;
use crate::object::{Field, Object, PyType, Raised, Ref, Stopped, Traverse, Type, Visit};
use crate::types::dict::Dict;
use crate::types::traceback::Traceback;
use crate::types::tuple::Tuple;

/// Common base class for all exceptions
#[pytype(name = "BaseException", generic_get, generic_set, gc, basetype, subclass_flag = BASE_EXC_SUBCLASS, dict = dict)]
pub struct BaseException {
    /// The header.
    pub base: Object,
    /// The instance's attributes.
    #[traverse]
    pub dict: Field<Dict>,
    /// What the exception was called with.
    #[traverse]
    pub args: Field<Tuple>,
    /// `__notes__`; unused, notes stand in the dictionary.
    #[traverse]
    pub notes: Field,
    /// `__traceback__`
    #[traverse]
    pub traceback: Field<Traceback>,
    /// `__context__`
    #[traverse]
    pub context: Field<BaseException>,
    /// `__cause__`
    #[traverse]
    pub cause: Field<BaseException>,
    /// `__suppress_context__`
    pub suppress_context: Cell<bool>,
}

crate::assert_layout!(BaseException, size 72, dict @ 16, args @ 24, traceback @ 40, cause @ 56, suppress_context @ 64);
crate::ends_in_order!(BaseException: dict, args, notes, traceback, cause, context);

impl BaseException {
    /// The fields of a new exception with these arguments.
    pub fn fields(args: Ref<Tuple>) -> BaseException {
        BaseException {
            base: Object::of::<BaseException>(),
            dict: Field::empty(),
            args: Field::new(args),
            notes: Field::empty(),
            traceback: Field::empty(),
            context: Field::empty(),
            cause: Field::empty(),
            suppress_context: Cell::new(false),
        }
    }

    /// An instance of `cls`, which derives from BaseException; fields of its own are empty.
    pub fn instantiate(cls: &Type, args: Ref<Tuple>) -> Result<Ref<BaseException>, Raised> {
        crate::object::instantiate(cls, BaseException::fields(args))
    }

    /// The arguments; the empty tuple where there are none.
    pub fn arguments(&self) -> Ref<Tuple> {
        self.args.get().unwrap_or_else(Tuple::empty)
    }

    /// Whether the exception is an instance of `kind`, a class.
    pub fn is_a(&self, kind: &Type) -> bool {
        self.ty().is_subtype(kind)
    }

    /// Makes `cause` the cause, as `raise .. from cause` does: the context is not shown then.
    pub fn set_cause(&self, cause: Option<Ref<BaseException>>) {
        self.suppress_context.set(true);
        self.cause.set(cause);
    }
}

impl Traverse for BaseException {
    fn traverse(&self, visit: &Visit) -> Result<(), Stopped> {
        self.dict.traverse(visit)?;
        self.args.traverse(visit)?;
        self.notes.traverse(visit)?;
        self.traceback.traverse(visit)?;
        self.context.traverse(visit)?;
        self.cause.traverse(visit)
    }

    fn clear(&self) {
        self.dict.clear();
        self.args.clear();
        self.notes.clear();
        self.traceback.clear();
        self.context.clear();
        self.cause.clear();
    }
}

/// Whether `exception`, an instance or a class, is matched by `kind`: a class, or a tuple of them, nested as may be
/// (`PyErr_GivenExceptionMatches`).
pub fn matches(exception: &Object, kind: &Object) -> bool {
    if let Some(kinds) = kind.downcast::<Tuple>() {
        return matches_any(exception, kinds);
    }
    let class = match exception.downcast::<BaseException>() {
        Some(instance) => Some(instance.type_ref()),
        None => exception.downcast::<Type>().map(Ref::from_borrowed),
    };
    match (class, kind.downcast::<Type>()) {
        (Some(class), Some(kind)) if is_exception_class(&class) && is_exception_class(kind) => class.is_subtype(kind),
        (Some(class), _) => class.is(kind),
        _ => exception.is(kind),
    }
}

fn matches_any(exception: &Object, kinds: &Tuple) -> bool {
    let Ok(_depth) = crate::threads::thread::NativeCall::enter("").map_err(Raised::clear) else { return false };
    kinds.as_slice().iter().any(|kind| matches(exception, kind))
}

/// Whether the object is a class that derives from BaseException.
pub fn is_exception_class(object: &Object) -> bool {
    object.downcast::<Type>().is_some_and(|ty| ty.has_flag(crate::object::typeobject::flags::BASE_EXC_SUBCLASS))
}

/// Whether the object is an instance of Exception, not only of BaseException.
pub fn is_plain_exception(object: &Object) -> bool {
    BaseException::check(object) && object.ty().is_subtype(exc::Exception())
}
