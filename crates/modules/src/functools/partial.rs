//! `partial`: a callable with some of its arguments in place.

use std::cell::Cell;
use std::mem::offset_of;

use habu_heap::Buffer;
use habu_macros::{pymethods, pytype};
use habu_runtime::object::descriptor_tables::{READONLY, T_OBJECT};
use habu_runtime::object::protocol::repr_guard::guarded;
use habu_runtime::object::protocol::{TextBuilder, call_tuple, is_callable, repr, to_tuple, vectorcall};
use habu_runtime::object::slots::{VECTORCALL_ARGUMENTS_OFFSET, VectorcallFunc};
use habu_runtime::object::{Field, MemberDef, Object, Raised, Ref, Type};
use habu_runtime::threads::thread::check_native_stack;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::none;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::{assert_layout, raise};

use crate::operator::push_named;

/// partial(func, *args, **keywords) - new function with partial application
///     of the given arguments and keywords.
#[pytype(name = "functools.partial", generic_get, generic_set, gc, heap, immutable, basetype, dict = dict, weaklist = weaklist, vectorcall = vectorcall)]
pub(super) struct Partial {
    base: Object,
    #[traverse]
    function: Field,
    #[traverse]
    args: Field<Tuple>,
    #[traverse]
    keywords: Field<Dict>,
    #[traverse]
    dict: Field<Dict>,
    weaklist: Cell<*const Object>,
    vectorcall: Cell<Option<VectorcallFunc>>,
}

assert_layout!(Partial, size 64, dict @ 40, weaklist @ 48);

const fn member(name: &'static std::ffi::CStr, offset: usize, doc: &'static std::ffi::CStr) -> MemberDef {
    MemberDef { name: name.as_ptr(), kind: T_OBJECT, offset: offset as isize, flags: READONLY, doc: doc.as_ptr() }
}

static MEMBERS: &[MemberDef] = &[
    member(c"func", offset_of!(Partial, function), c"function object to use in future partial calls"),
    member(c"args", offset_of!(Partial, args), c"tuple of arguments to future partial calls"),
    member(c"keywords", offset_of!(Partial, keywords), c"dictionary of keyword arguments to future partial calls"),
];

/// Calls a partial object.
///
/// # Safety
/// As every vectorcall.
unsafe extern "C" fn call_partial(
    this: &Object,
    arguments: *const &'static Object,
    flagged: usize,
    names: Option<&Tuple>,
) -> Result<Ref, Raised> {
    let count = flagged & !VECTORCALL_ARGUMENTS_OFFSET;
    // SAFETY: the function stands in partial objects alone; the arguments are as many as it is told.
    let (this, arguments) = unsafe {
        (this.cast_unchecked::<Partial>(), habu_runtime::object::args::all(arguments, count as isize, names))
    };
    let (function, args, keywords) = this.parts()?;
    if keywords.len() > 0 {
        // Named arguments of the call come over those in place.
        let merged = copy_of(&keywords)?;
        if let Some(names) = names {
            for (name, value) in names.as_slice().iter().zip(&arguments[count..]) {
                merged.set(name, value)?;
            }
        }
        let all = joined(&args, &arguments[..count])?;
        return call_tuple(&function, &all, Some(&merged));
    }
    if args.len() == 0 {
        return vectorcall(&function, arguments, names);
    }
    let mut all = Buffer::<&Object>::with_capacity(args.len() + arguments.len())?;
    all.extend_from_slice(args.as_borrowed_slice())?;
    all.extend_from_slice(arguments)?;
    vectorcall(&function, &all, names)
}

/// A tuple of those in place and those of a call.
fn joined(first: &Tuple, rest: &[&Object]) -> Result<Ref<Tuple>, Raised> {
    if rest.is_empty() && first.is_exact::<Tuple>() {
        return Ok(Ref::from_borrowed(first));
    }
    let ours = first.as_slice();
    Tuple::build(ours.len() + rest.len(), |at| {
        Ok(if at < ours.len() { ours[at].clone() } else { rest[at - ours.len()].to_ref() })
    })
}

/// A new dictionary with the same items.
fn copy_of(dict: &Dict) -> Result<Ref<Dict>, Raised> {
    let copy = Dict::with_capacity(dict.len())?;
    add_items(&copy, dict)?;
    Ok(copy)
}

fn add_items(to: &Dict, from: &Dict) -> Result<(), Raised> {
    let mut at = 0;
    while let Some((key, value)) = from.next_item(&mut at) {
        to.set(&key, &value)?;
    }
    Ok(())
}

impl Partial {
    /// Function, arguments and named arguments, owned: `__setstate__` may change them during a call. It may also have made the object
    /// its own function, so a call goes only as deep as the native stack does.
    fn parts(&self) -> Result<(Ref, Ref<Tuple>, Ref<Dict>), Raised> {
        check_native_stack()?;
        let keywords = self.keywords.get().map_or_else(Dict::new, Ok)?;
        Ok((self.function.get().unwrap_or_else(none), self.args.get().unwrap_or_else(Tuple::empty), keywords))
    }
}

#[pymethods(members = MEMBERS)]
impl Partial {
    #[slot(tp_new)]
    fn construct(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<Partial>, Raised> {
        let [function, rest @ ..] = args.as_slice() else {
            return Err(raise!(TypeError, "type 'partial' takes at least one argument"));
        };
        if !is_callable(function) {
            return Err(raise!(TypeError, "the first argument must be callable"));
        }
        // A partial object of a partial object without attributes of its own is one of the function.
        let inner = function.downcast::<Partial>().filter(|inner| inner.dict.is_empty());
        let (function, before, keywords) = match inner {
            Some(inner) => {
                let (function, before, keywords) = inner.parts()?;
                (function, before, copy_of(&keywords)?)
            }
            None => (function.clone(), Tuple::empty(), Dict::new()?),
        };
        if let Some(kwargs) = kwargs {
            add_items(&keywords, kwargs)?;
        }
        let rest = Tuple::from_slice(rest)?;
        let partial = Partial {
            base: Object::header(cls),
            function: Field::new(function),
            args: Field::new(joined(&before, rest.as_borrowed_slice())?),
            keywords: Field::new(keywords),
            dict: Field::empty(),
            weaklist: Cell::new(std::ptr::null()),
            vectorcall: Cell::new(Some(call_partial)),
        };
        habu_runtime::object::instantiate(cls, partial)
    }

    #[slot(tp_call)]
    fn call(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
        let (function, before, keywords) = self.parts()?;
        let all = joined(&before, args.as_borrowed_slice())?;
        let merged = copy_of(&keywords)?;
        if let Some(kwargs) = kwargs {
            add_items(&merged, kwargs)?;
        }
        call_tuple(&function, &all, Some(&merged))
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        let (function, args, keywords) = self.parts()?;
        guarded(
            self,
            || Str::new("..."),
            || {
                let mut text = TextBuilder::new();
                text.push(&*Str::new(self.ty().full_name())?)?;
                text.push_ascii("(")?;
                text.push(&*repr(&function)?)?;
                for item in args.as_slice() {
                    text.push_ascii(", ")?;
                    text.push(&*repr(item)?)?;
                }
                push_named(&mut text, &keywords)?;
                text.push_ascii(")")?;
                text.finish()
            },
        )
    }

    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
        let (function, args, keywords) = self.parts()?;
        let dict = self.dict.get().map_or_else(none, Ref::into_object);
        let state = Tuple::from_refs([function.clone(), args.into_object(), keywords.into_object(), dict])?;
        let arguments = Tuple::from_refs([function])?;
        Tuple::from_refs([self.type_ref().into_object(), arguments.into_object(), state.into_object()])
    }

    #[name = "__setstate__"]
    #[no_signature]
    fn set_state(&self, state: &Object) -> Result<(), Raised> {
        let invalid = || raise!(TypeError, "invalid partial state");
        let state = state.downcast::<Tuple>().ok_or_else(invalid)?;
        let [function, args, keywords, dict] = state.as_slice() else { return Err(invalid()) };
        if !is_callable(function)
            || !args.isinstance::<Tuple>()
            || !(is_none(keywords) || keywords.isinstance::<Dict>())
        {
            return Err(invalid());
        }
        let keywords = match keywords.downcast::<Dict>() {
            Some(keywords) if keywords.is_exact::<Dict>() => Ref::from_borrowed(keywords),
            Some(keywords) => copy_of(keywords)?,
            None => Dict::new()?,
        };
        let args = to_tuple(args)?;
        self.function.set(Some(function.clone()));
        self.args.set(Some(args));
        self.keywords.set(Some(keywords));
        self.dict.set(dict.downcast::<Dict>().map(Ref::from_borrowed));
        Ok(())
    }

    /// See PEP 585
    #[classmethod]
    #[name = "__class_getitem__"]
    #[no_signature]
    fn class_getitem(cls: &Type, item: &Object) -> Result<Ref, Raised> {
        habu_runtime::types::generic_alias::alias(cls, item)
    }

    #[getter]
    #[name = "__dict__"]
    fn get_dict(&self) -> Result<Ref<Dict>, Raised> {
        super::own_dict(&self.dict)
    }

    #[setter]
    #[name = "__dict__"]
    fn set_dict(&self, value: Option<&Object>) -> Result<(), Raised> {
        super::set_own_dict(&self.dict, value)
    }
}
