//! BaseExceptionGroup and ExceptionGroup: several exceptions as one, split by type or predicate (PEP 654).
//!
//! ExceptionGroup derives from BaseExceptionGroup and Exception, so that it is a heap type, which each interpreter makes once.

use habu_macros::{pymethods, pytype};

use super::members::{members, readonly};
use super::methods::no_keywords;
use crate::exceptions::value::{BASE_EXCEPTION_TYPE, is_exception_class, is_plain_exception, matches};
use crate::exceptions::{BaseException, exc};
use crate::id;
use crate::object::{Field, MemberDef, Object, PyType, Raised, Ref, Type, protocol};
use crate::raise;
use crate::threads::Thread;
use crate::threads::thread::NativeCall;
use crate::types::dict::Dict;
use crate::types::list::List;
use crate::types::singletons::is_none;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// A combination of multiple unrelated exceptions.
#[pytype(name = "BaseExceptionGroup", gc, basetype, base = BASE_EXCEPTION_TYPE, flag = BASE_EXC_SUBCLASS)]
pub struct BaseExceptionGroup {
    /// What every exception has.
    #[traverse(last)]
    pub base: BaseException,
    /// The message, a string.
    #[traverse]
    pub message: Field,
    /// The exceptions.
    #[traverse]
    pub exceptions: Field<Tuple>,
}

crate::assert_layout!(BaseExceptionGroup, size 88, message @ 72, exceptions @ 80);
crate::ends_in_order!(BaseExceptionGroup: message, exceptions);

static MEMBERS: &[MemberDef] = members![
    readonly(c"message", std::mem::offset_of!(BaseExceptionGroup, message), c"exception message"),
    readonly(c"exceptions", std::mem::offset_of!(BaseExceptionGroup, exceptions), c"nested exceptions"),
];

/// The interpreter's ExceptionGroup, made when it is first asked for.
pub fn exception_group_type() -> Result<Ref<Type>, Raised> {
    let place = &Thread::current().interpreter().exception_group;
    if let Some(ty) = place.get() {
        return Ok(ty);
    }
    let bases = Tuple::from_refs([exc::BaseExceptionGroup().to_ref(), exc::Exception().to_ref()])?;
    let namespace = Dict::new()?;
    namespace.set(id!(__module__), id!(builtins))?;
    let args =
        Tuple::from_refs([Str::intern("ExceptionGroup")?.into_object(), bases.into_object(), namespace.into_object()])?;
    let made = protocol::call_tuple(Type::type_object(), &args, None)?;
    match made.downcast_into::<Type>() {
        Ok(ty) => {
            place.set(Some(ty.clone()));
            Ok(ty)
        }
        Err(_) => Err(raise!(SystemError, "type() gave no type")),
    }
}

/// What a group is split by.
enum Matcher<'a> {
    /// A class, or a tuple of them.
    Kind(&'a Object),
    /// A function that says whether an exception belongs to it.
    Predicate(&'a Object),
}

impl<'a> Matcher<'a> {
    fn new(value: &'a Object) -> Result<Matcher<'a>, Raised> {
        if value.ty().name() == "function" {
            return Ok(Matcher::Predicate(value));
        }
        let all_classes = |tuple: &Tuple| tuple.as_slice().iter().all(|kind| is_exception_class(kind));
        if is_exception_class(value) || value.downcast::<Tuple>().is_some_and(all_classes) {
            return Ok(Matcher::Kind(value));
        }
        Err(raise!(TypeError, "expected a function, exception type or tuple of exception types"))
    }

    fn accepts(&self, exception: &Object) -> Result<bool, Raised> {
        match self {
            Matcher::Kind(kind) => Ok(matches(exception, kind)),
            Matcher::Predicate(predicate) => {
                let answer = protocol::call1(predicate, exception)?;
                protocol::truth(&answer)
            }
        }
    }
}

/// The two parts of a group or exception.
struct Parts {
    matched: Option<Ref>,
    rest: Option<Ref>,
}

/// Splits `exception`; what does not match is kept only for `keep_rest`.
fn split(exception: &Object, matcher: &Matcher<'_>, keep_rest: bool) -> Result<Parts, Raised> {
    if matcher.accepts(exception)? {
        return Ok(Parts { matched: Some(exception.to_ref()), rest: None });
    }
    let Some(group) = exception.downcast::<BaseExceptionGroup>() else {
        return Ok(Parts { matched: None, rest: keep_rest.then(|| exception.to_ref()) });
    };
    let exceptions = group.exceptions.get().unwrap_or_else(Tuple::empty);
    let (matched, rest) = (List::new()?, List::new()?);
    for exception in exceptions.as_slice() {
        let _depth = NativeCall::enter(" in exceptiongroup_split_recursive")?;
        let parts = split(exception, matcher, keep_rest)?;
        if let Some(part) = parts.matched {
            matched.push(part)?;
        }
        if let Some(part) = parts.rest {
            rest.push(part)?;
        }
    }
    Ok(Parts { matched: group.subset(&matched)?, rest: if keep_rest { group.subset(&rest)? } else { None } })
}

impl BaseExceptionGroup {
    /// A group of some of this one's exceptions, with its message, traceback, cause, context and notes.
    fn subset(&self, exceptions: &List) -> Result<Option<Ref>, Raised> {
        if exceptions.len() == 0 {
            return Ok(None);
        }
        let derived = protocol::call_method(self, &*Str::intern("derive")?, &[exceptions])?;
        let Some(group) = derived.downcast::<BaseExceptionGroup>() else {
            return Err(raise!(TypeError, "derive must return an instance of BaseExceptionGroup"));
        };
        if let Some(traceback) = self.base.traceback.get() {
            group.base.traceback.set(Some(traceback));
        }
        group.base.context.set(self.base.context.get());
        group.base.set_cause(self.base.cause.get());
        group.base.suppress_context.set(self.base.suppress_context.get());
        if let Some(notes) = protocol::lookup_attribute(self, id!(__notes__))?
            && protocol::sequence::is_sequence(&notes)
        {
            let notes = protocol::to_list(&notes)?;
            protocol::set_attribute(group, id!(__notes__), Some(&notes))?;
        }
        Ok(Some(derived))
    }
}

#[pymethods(members = MEMBERS)]
impl BaseExceptionGroup {
    #[slot(tp_new)]
    fn new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<BaseExceptionGroup>, Raised> {
        let _ = kwargs;
        let [message, exceptions] = args.as_slice() else {
            return Err(raise!(
                TypeError,
                "BaseExceptionGroup.__new__() takes exactly 2 arguments ({} given)",
                args.len()
            ));
        };
        if !message.isinstance::<Str>() {
            let name = if is_none(message) { "None" } else { message.ty().full_name() };
            return Err(raise!(TypeError, "BaseExceptionGroup.__new__() argument 1 must be str, not {name}"));
        }
        if !protocol::sequence::is_sequence(exceptions) {
            return Err(raise!(TypeError, "second argument (exceptions) must be a sequence"));
        }
        let exceptions = protocol::to_tuple(exceptions)?;
        if exceptions.len() == 0 {
            return Err(raise!(ValueError, "second argument (exceptions) must be a non-empty sequence"));
        }
        let mut only_plain = true;
        for (index, exception) in exceptions.as_slice().iter().enumerate() {
            if !BaseException::check(exception) {
                return Err(raise!(ValueError, "Item {index} of second argument (exceptions) is not an exception"));
            }
            only_plain &= is_plain_exception(exception);
        }
        let plain_type = exception_group_type()?;
        let cls = if std::ptr::eq(cls, exc::BaseExceptionGroup()) {
            if only_plain { &*plain_type } else { cls }
        } else {
            if !only_plain {
                if cls.is(&plain_type) {
                    return Err(raise!(TypeError, "Cannot nest BaseExceptions in an ExceptionGroup"));
                }
                if cls.is_subtype(exc::Exception()) {
                    return Err(raise!(TypeError, "Cannot nest BaseExceptions in '{}'", cls.full_name()));
                }
            }
            cls
        };
        crate::object::instantiate(
            cls,
            BaseExceptionGroup {
                base: BaseException::fields(Ref::from_borrowed(args)),
                message: Field::new(message.clone()),
                exceptions: Field::new(exceptions),
            },
        )
    }

    #[slot(tp_init)]
    fn init(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<(), Raised> {
        no_keywords(self.ty(), kwargs)?;
        self.base.init(args, None)
    }

    #[slot(tp_str)]
    fn str(&self) -> Result<Ref<Str>, Raised> {
        let count = self.exceptions.get().map_or(0, |exceptions| exceptions.len());
        let mut text = protocol::TextBuilder::new();
        text.push(&*protocol::str(&self.message.get().unwrap_or_else(crate::types::none))?)?;
        text.push_ascii(&format!(" ({count} sub-exception{})", if count > 1 { "s" } else { "" }))?;
        text.finish()
    }

    /// See PEP 585
    #[classmethod]
    #[no_signature]
    fn __class_getitem__(cls: &Type, item: &Object) -> Result<Ref, Raised> {
        crate::types::generic_alias::alias(cls, item)
    }

    #[no_signature]
    fn derive(&self, excs: &Object) -> Result<Ref, Raised> {
        let message = self.message.get().unwrap_or_else(crate::types::none);
        protocol::call(exc::BaseExceptionGroup(), &[&message, excs])
    }

    #[no_signature]
    #[signature(matcher, /)]
    fn split(&self, matcher: &Object) -> Result<Ref<Tuple>, Raised> {
        let matcher = Matcher::new(matcher)?;
        let parts = split(self, &matcher, true)?;
        Tuple::from_refs([
            parts.matched.unwrap_or_else(crate::types::none),
            parts.rest.unwrap_or_else(crate::types::none),
        ])
    }

    #[no_signature]
    #[signature(matcher, /)]
    fn subgroup(&self, matcher: &Object) -> Result<Option<Ref>, Raised> {
        let matcher = Matcher::new(matcher)?;
        Ok(split(self, &matcher, false)?.matched)
    }
}

/// An ExceptionGroup or BaseExceptionGroup, as the exceptions need, with this message.
pub fn create(message: &str, exceptions: Ref) -> Result<Ref, Raised> {
    protocol::call(exc::BaseExceptionGroup(), &[&*Str::new(message)?, &*exceptions])
}
