//! Slot functions: what fills the slots of a class whose special methods are written in Python (`slot_*`).

#![allow(
    clippy::missing_safety_doc,
    reason = "each stands in the slot that it is named after, whose contract is its own"
)]

use std::ptr::NonNull;

use crate::exceptions::exc;
use crate::object::protocol::{self, attribute::ignore};
use crate::object::raised::{HashStatus, SizeStatus};
use crate::object::slots::CompareOp;
use crate::object::typeobject::flags;
use crate::object::{Object, Raised, Ref, Status, Type};
use crate::threads::Thread;
use crate::types::dict::Dict;
use crate::types::int::Int;
use crate::types::singletons::{is_none, none, not_implemented, not_implemented_static};
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::{id, raise};

/// Calls the special method `name` of the object's type, or gives nothing when there is none.
pub fn call_special(this: &Object, name: &Str, arguments: &[&Object]) -> Result<Option<Ref>, Raised> {
    let Some(method) = this.ty().lookup(name) else { return Ok(None) };
    let mut all: [&Object; 4] = [this; 4];
    if method.ty().has_flag(flags::METHOD_DESCRIPTOR) && arguments.len() < all.len() {
        all[1..=arguments.len()].copy_from_slice(arguments);
        return protocol::call(&method, &all[..=arguments.len()]).map(Some);
    }
    let bound = match method.ty().tp_descr_get.get() {
        // SAFETY: the slot belongs to the type of what was found.
        Some(bind) => unsafe { bind(&method, Some(this), Some(&*this.type_ref())) }?,
        None => method,
    };
    protocol::call(&bound, arguments).map(Some)
}

/// As `call_special`; a missing method is an AttributeError.
fn call_required(this: &Object, name: &Str, arguments: &[&Object]) -> Result<Ref, Raised> {
    match call_special(this, name, arguments)? {
        Some(result) => Ok(result),
        None => Err(raise!(AttributeError, "'{}' object has no attribute '{}'", this.ty().full_name(), name)),
    }
}

macro_rules! unary {
    ($($function:ident $name:ident)*) => {
        $(#[doc = concat!("`", stringify!($name), "`")]
        pub unsafe extern "C" fn $function(this: &Object) -> Result<Ref, Raised> {
            call_required(this, id!($name), &[])
        })*
    };
}
unary! {
    nb_negative __neg__  nb_positive __pos__  nb_absolute __abs__  nb_invert __invert__  nb_int __int__
    nb_float __float__  nb_index __index__
}

macro_rules! inplace {
    ($($function:ident $name:ident)*) => {
        $(#[doc = concat!("`", stringify!($name), "`")]
        pub unsafe extern "C" fn $function(this: &Object, other: &Object) -> Result<Ref, Raised> {
            call_required(this, id!($name), &[other])
        })*
    };
}
inplace! {
    nb_inplace_add __iadd__  nb_inplace_subtract __isub__  nb_inplace_multiply __imul__  nb_inplace_remainder __imod__
    nb_inplace_lshift __ilshift__  nb_inplace_rshift __irshift__  nb_inplace_and __iand__  nb_inplace_xor __ixor__
    nb_inplace_or __ior__  nb_inplace_floor_divide __ifloordiv__  nb_inplace_true_divide __itruediv__
    nb_inplace_matrix_multiply __imatmul__  subscript __getitem__
}

/// `__ipow__`
pub unsafe extern "C" fn nb_inplace_power(this: &Object, other: &Object, _: Option<&Object>) -> Result<Ref, Raised> {
    call_required(this, id!(__ipow__), &[other])
}

/// The operand's own method, or NotImplemented when it has none.
fn maybe(this: &Object, name: &Str, other: &Object) -> Result<Ref, Raised> {
    Ok(call_special(this, name, &[other])?.unwrap_or_else(not_implemented))
}

/// Whether the right operand's type has another reflected method than the left's.
fn overloads(left: &Object, right: &Object, name: &Str) -> bool {
    let (left, right) = (left.ty().lookup(name), right.ty().lookup(name));
    match (left, right) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(left), Some(right)) => !left.is(&right),
    }
}

/// An operator with two sides: `is_ours` says whether a type's slot is this slot function.
fn binary(
    left: &Object,
    right: &Object,
    (name, reflected): (&Str, &Str),
    is_ours: impl Fn(&Type) -> bool,
) -> Result<Ref, Raised> {
    let same = std::ptr::eq(left.ty(), right.ty());
    let mut try_right = !same && is_ours(right.ty());
    if is_ours(left.ty()) {
        if try_right && right.ty().is_subtype(left.ty()) && overloads(left, right, reflected) {
            let result = maybe(right, reflected, left)?;
            if !result.is(not_implemented_static()) {
                return Ok(result);
            }
            try_right = false;
        }
        let result = maybe(left, name, right)?;
        if !result.is(not_implemented_static()) || same {
            return Ok(result);
        }
    }
    if try_right {
        return maybe(right, reflected, left);
    }
    Ok(not_implemented())
}

macro_rules! two_sided {
    ($($function:ident $name:ident $reflected:ident)*) => {
        $(#[doc = concat!("`", stringify!($name), "`, `", stringify!($reflected), "`")]
        pub unsafe extern "C" fn $function(left: &Object, right: &Object) -> Result<Ref, Raised> {
            binary(left, right, (id!($name), id!($reflected)), |ty| {
                ty.number().and_then(|suite| suite.$function.get()).is_some_and(|slot| slot as usize == $function as *const () as usize)
            })
        })*
    };
}
two_sided! {
    nb_add __add__ __radd__  nb_subtract __sub__ __rsub__  nb_multiply __mul__ __rmul__  nb_remainder __mod__ __rmod__
    nb_divmod __divmod__ __rdivmod__  nb_lshift __lshift__ __rlshift__  nb_rshift __rshift__ __rrshift__
    nb_and __and__ __rand__  nb_xor __xor__ __rxor__  nb_or __or__ __ror__  nb_floor_divide __floordiv__ __rfloordiv__
    nb_true_divide __truediv__ __rtruediv__  nb_matrix_multiply __matmul__ __rmatmul__
}

/// `__pow__`, `__rpow__`; with a modulus only the left operand's method is asked.
pub unsafe extern "C" fn nb_power(left: &Object, right: &Object, modulus: Option<&Object>) -> Result<Ref, Raised> {
    let is_ours = |ty: &Type| {
        ty.number()
            .and_then(|suite| suite.nb_power.get())
            .is_some_and(|slot| slot as usize == nb_power as *const () as usize)
    };
    match modulus.filter(|modulus| !is_none(modulus)) {
        None => binary(left, right, (id!(__pow__), id!(__rpow__)), is_ours),
        Some(modulus) if is_ours(left.ty()) => call_required(left, id!(__pow__), &[right, modulus]),
        Some(_) => Ok(not_implemented()),
    }
}

/// `__bool__`, or else `__len__`
pub unsafe extern "C" fn nb_bool(this: &Object) -> Status {
    let truth = || -> Result<bool, Raised> {
        if let Some(result) = call_special(this, id!(__bool__), &[])? {
            return match result.downcast::<crate::types::int::Bool>() {
                Some(_) => protocol::truth(&result),
                None => Err(raise!(TypeError, "__bool__ should return bool, returned {}", result.ty().full_name())),
            };
        }
        match call_special(this, id!(__len__), &[])? {
            Some(result) => protocol::truth(&result),
            None => Ok(true),
        }
    };
    Status::from(truth())
}

/// `__len__`
pub unsafe extern "C" fn length(this: &Object) -> SizeStatus {
    let length = || -> Result<usize, Raised> {
        let result = call_required(this, id!(__len__), &[])?;
        let value = protocol::number::index(&result)?;
        if value.is_negative() {
            return Err(raise!(ValueError, "__len__() should return >= 0"));
        }
        value
            .to_i64()
            .and_then(|value| usize::try_from(value).ok())
            .ok_or_else(|| raise!(OverflowError, "cannot fit 'int' into an index-sized integer"))
    };
    SizeStatus::from(length())
}

/// `__setitem__`, `__delitem__`
pub unsafe extern "C" fn ass_subscript(this: &Object, key: &Object, value: Option<&Object>) -> Status {
    let result = match value {
        Some(value) => call_required(this, id!(__setitem__), &[key, value]),
        None => call_required(this, id!(__delitem__), &[key]),
    };
    Status::from(result.map(drop))
}

/// `__getitem__` of an index
pub unsafe extern "C" fn sq_item(this: &Object, index: isize) -> Result<Ref, Raised> {
    call_required(this, id!(__getitem__), &[&*Int::from_i64(index as i64)?])
}

/// `__setitem__`, `__delitem__` of an index
pub unsafe extern "C" fn sq_ass_item(this: &Object, index: isize, value: Option<&Object>) -> Status {
    let set = || -> Result<(), Raised> {
        let index = Int::from_i64(index as i64)?;
        match value {
            Some(value) => call_required(this, id!(__setitem__), &[&*index, value]),
            None => call_required(this, id!(__delitem__), &[&*index]),
        }
        .map(drop)
    };
    Status::from(set())
}

/// `__contains__`, or else a walk through the iterator
pub unsafe extern "C" fn contains(this: &Object, value: &Object) -> Status {
    let contains = || -> Result<bool, Raised> {
        if let Some(method) = this.ty().lookup(id!(__contains__)) {
            if is_none(&method) {
                return Err(raise!(TypeError, "'{}' object is not a container", this.ty().full_name()));
            }
            return match call_special(this, id!(__contains__), &[value])? {
                Some(result) => protocol::truth(&result),
                None => Ok(false),
            };
        }
        protocol::sequence::contains_by_iteration(this, value)
    };
    Status::from(contains())
}

/// `__repr__`
pub unsafe extern "C" fn repr(this: &Object) -> Result<Ref, Raised> {
    match call_special(this, id!(__repr__), &[])? {
        Some(text) => Ok(text),
        None => Ok(Str::from_format(format_args!("<{} object at {:#x}>", this.ty().full_name(), this.address()))?
            .into_object()),
    }
}

/// `__str__`
pub unsafe extern "C" fn str(this: &Object) -> Result<Ref, Raised> {
    match call_special(this, id!(__str__), &[])? {
        Some(text) => Ok(text),
        None => Ok(protocol::repr(this)?.into_object()),
    }
}

/// `__hash__`
pub unsafe extern "C" fn hash(this: &Object) -> HashStatus {
    let hash = || -> Result<isize, Raised> {
        let Some(method) = this.ty().lookup(id!(__hash__)).filter(|method| !is_none(method)) else {
            return Err(protocol::basic::unhashable(this));
        };
        drop(method);
        let result = call_required(this, id!(__hash__), &[])?;
        match result.downcast::<Int>() {
            Some(value) => Ok(match value.to_i64() {
                Some(value) => value as isize,
                None => protocol::hash(value)?,
            }),
            None => Err(raise!(TypeError, "__hash__ method should return an integer")),
        }
    };
    HashStatus::from(hash())
}

/// The hash of what has none.
pub unsafe extern "C" fn hash_not_implemented(this: &Object) -> HashStatus {
    HashStatus::from(Err(protocol::basic::unhashable(this)))
}

/// `__call__`
pub unsafe extern "C" fn call_slot(this: &Object, args: &Object, kwargs: Option<&Object>) -> Result<Ref, Raised> {
    if kwargs.is_none()
        && let Some(positional) = args.downcast_exact::<Tuple>()
        && let Some(method) = this.ty().lookup(id!(__call__))
        && method.ty().has_flag(flags::METHOD_DESCRIPTOR)
    {
        return protocol::call::call_with_receiver(&method, this, positional.as_borrowed_slice(), None);
    }
    let Some(method) = protocol::lookup_special(this, id!(__call__))? else {
        return Err(raise!(AttributeError, "'{}' object has no attribute '__call__'", this.ty().full_name()));
    };
    let (args, kwargs) = crate::object::args::call_arguments(args, kwargs)?;
    protocol::call_tuple(&method, args, kwargs)
}
pub use call_slot as call;

/// `__getattribute__`, and `__getattr__` where that finds nothing
pub unsafe extern "C" fn getattro(this: &Object, name: &Object) -> Result<Ref, Raised> {
    // With a `__getattr__` both methods are bound in CPython; the reference that they then hold is what shows of that.
    let has_hook = || this.ty().lookup(id!(__getattr__)).is_some();
    let found = match this.ty().lookup(id!(__getattribute__)) {
        Some(method) if !is_generic_getattribute(&method) => {
            drop(method);
            let _bound = has_hook().then(|| this.to_ref());
            call_required(this, id!(__getattribute__), &[name])
        }
        // SAFETY: any object may be asked for any attribute.
        _ => unsafe { crate::types::object::generic_get_attribute(this, name) },
    };
    match found {
        Ok(value) => Ok(value),
        Err(raised) => {
            if !has_hook() {
                return Err(raised);
            }
            ignore::<Ref>(raised, exc::AttributeError())?;
            let _bound = this.to_ref();
            call_required(this, id!(__getattr__), &[name])
        }
    }
}

fn is_generic_getattribute(method: &Object) -> bool {
    method.downcast_exact::<crate::types::descriptor::wrapper::WrapperDescriptor>().is_some_and(|wrapper| {
        std::ptr::eq(wrapper.function().as_ptr(), crate::types::object::generic_get_attribute as *const ())
    })
}

/// `__setattr__`, `__delattr__`
pub unsafe extern "C" fn setattro(this: &Object, name: &Object, value: Option<&Object>) -> Status {
    let result = match value {
        Some(value) => call_required(this, id!(__setattr__), &[name, value]),
        None => call_required(this, id!(__delattr__), &[name]),
    };
    Status::from(result.map(drop))
}

/// `__lt__` to `__ge__`
pub unsafe extern "C" fn richcompare(this: &Object, other: &Object, op: i32) -> Result<Ref, Raised> {
    let name = match CompareOp::from_c(op) {
        CompareOp::Lt => id!(__lt__),
        CompareOp::Le => id!(__le__),
        CompareOp::Eq => id!(__eq__),
        CompareOp::Ne => id!(__ne__),
        CompareOp::Gt => id!(__gt__),
        CompareOp::Ge => id!(__ge__),
    };
    let Some(found) = this.ty().lookup(name) else { return Ok(not_implemented()) };
    if found.ty().has_flag(flags::METHOD_DESCRIPTOR) {
        return protocol::call(&found, &[this, other]);
    }
    match protocol::lookup_special(this, name) {
        Ok(Some(method)) => protocol::call1(&method, other),
        Ok(None) => Ok(not_implemented()),
        // A method that cannot even be had answers nothing.
        Err(raised) => {
            raised.clear();
            Ok(not_implemented())
        }
    }
}

/// `__iter__`, or the sequence protocol
pub unsafe extern "C" fn iter(this: &Object) -> Result<Ref, Raised> {
    match this.ty().lookup(id!(__iter__)) {
        Some(method) if is_none(&method) => {
            Err(raise!(TypeError, "'{}' object is not iterable", this.ty().full_name()))
        }
        Some(_) => call_required(this, id!(__iter__), &[]),
        None if this.ty().lookup(id!(__getitem__)).is_some() => {
            crate::types::iterators::SequenceIterator::new(this.to_ref()).map(Ref::into_object)
        }
        None => Err(raise!(TypeError, "'{}' object is not iterable", this.ty().full_name())),
    }
}

/// `__next__`
pub unsafe extern "C" fn iternext(this: &Object) -> Option<Ref> {
    call_required(this, id!(__next__), &[]).ok()
}

/// `__get__`
pub unsafe extern "C" fn descr_get(
    this: &Object,
    instance: Option<&Object>,
    owner: Option<&Object>,
) -> Result<Ref, Raised> {
    let none = none();
    let arguments = [instance.unwrap_or(&none), owner.unwrap_or(&none)];
    // What stands in the class is called as it is, with the descriptor before the arguments: it is not bound first.
    match this.ty().lookup(id!(__get__)) {
        Some(get) => protocol::call(&get, &[this, arguments[0], arguments[1]]),
        None => Ok(this.to_ref()),
    }
}

/// `__set__`, `__delete__`
pub unsafe extern "C" fn descr_set(this: &Object, instance: &Object, value: Option<&Object>) -> Status {
    let result = match value {
        Some(value) => call_required(this, id!(__set__), &[instance, value]),
        None => call_required(this, id!(__delete__), &[instance]),
    };
    Status::from(result.map(drop))
}

/// `__init__`
pub unsafe extern "C" fn init(this: &Object, args: &Tuple, kwargs: Option<&Dict>) -> Status {
    let init = || -> Result<(), Raised> {
        let found = this.ty().lookup(id!(__init__)).filter(|found| found.ty().has_flag(flags::METHOD_DESCRIPTOR));
        let result = match found {
            Some(function) => protocol::call::call_prepended(&function, this, args, kwargs)?,
            None => match protocol::lookup_special(this, id!(__init__))? {
                Some(method) => protocol::call_tuple(&method, args, kwargs)?,
                None => {
                    let name = this.ty().full_name();
                    return Err(raise!(AttributeError, "'{name}' object has no attribute '__init__'"));
                }
            },
        };
        if !is_none(&result) {
            return Err(raise!(TypeError, "__init__() should return None, not '{}'", result.ty().full_name()));
        }
        Ok(())
    };
    Status::from(init())
}

/// `__new__`
pub unsafe extern "C" fn new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
    let method = protocol::get_attribute(cls, id!(__new__))?;
    protocol::call::call_prepended(&method, cls, args, kwargs)
}

/// `__del__`
pub unsafe extern "C" fn finalize(this: NonNull<Object>) {
    // SAFETY: the object is alive while it is finalised.
    let this = unsafe { this.as_ref() };
    crate::exceptions::keep_current(|| {
        let Some(found) = this.ty().lookup(id!(__del__)) else { return };
        // A function is called, and shown where it fails, as it stands in the class.
        if found.ty().has_flag(flags::METHOD_DESCRIPTOR) {
            if let Err(raised) = protocol::call1(&found, this) {
                crate::exceptions::unraisable(raised, Some(&found));
            }
            return;
        }
        let Ok(Some(method)) = protocol::lookup_special(this, id!(__del__)) else {
            drop(Thread::current().take_exception());
            return;
        };
        if let Err(raised) = protocol::call0(&method) {
            crate::exceptions::unraisable(raised, Some(&method));
        }
    });
}

macro_rules! asynchronous {
    ($($function:ident $name:ident $message:literal)*) => {
        $(#[doc = concat!("`", stringify!($name), "`")]
        pub unsafe extern "C" fn $function(this: &Object) -> Result<Ref, Raised> {
            match call_special(this, id!($name), &[])? {
                Some(result) => Ok(result),
                None => Err(raise!(AttributeError, $message, this.ty().full_name())),
            }
        })*
    };
}
asynchronous! {
    am_await __await__ "object {} does not have __await__ method"
    am_aiter __aiter__ "object {} does not have __aiter__ method"
    am_anext __anext__ "object {} does not have __anext__ method"
}
