//! What slot wrappers do: check their arguments and call the slot's function (`wrap_*`).

#![allow(unused_unsafe, reason = "`typed!` is unsafe itself, and some of its users are in the whole")]

use super::slotdefs::AnyFunction;
use crate::object::slots::*;
use crate::object::{Object, Raised, Ref};
use crate::raise;
use crate::types::dict::Dict;
use crate::types::int::Int;
use crate::types::singletons::{boolean, is_none, none, not_implemented};
use crate::types::tuple::Tuple;

/// The slot's function as its type.
macro_rules! typed {
    ($function:expr, $ty:ty) => {
        // SAFETY: a wrapper is tied to a definition of a slot whose functions have this type.
        unsafe { std::mem::transmute::<AnyFunction, $ty>($function) }
    };
}

fn exactly<const N: usize>(args: &[&Object]) -> Result<(), Raised> {
    if args.len() == N {
        return Ok(());
    }
    let plural = if N == 1 { "" } else { "s" };
    Err(raise!(TypeError, "expected {N} argument{plural}, got {}", args.len()))
}

/// As `PyArg_UnpackTuple` with an empty name, which leaves a blank before its words.
fn unpack(args: &[&Object], least: usize, most: usize) -> Result<(), Raised> {
    let count = args.len();
    let (bound, wanted) = match () {
        () if count < least => ("at least ", least),
        () if count > most => ("at most ", most),
        () => return Ok(()),
    };
    let bound = if least == most { "" } else { bound };
    let plural = if wanted == 1 { "" } else { "s" };
    Err(raise!(TypeError, " expected {bound}{wanted} argument{plural}, got {count}"))
}

/// One argument, an index.
fn one_index(args: &[&Object]) -> Result<(), Raised> {
    unpack(args, 1, 1)
}

/// Two arguments.
fn two(args: &[&Object]) -> Result<(), Raised> {
    unpack(args, 2, 2)
}

/// Declares wrappers: the slot's type, the check of the arguments, and what is done with them.
macro_rules! wrappers {
    ($($(#[$doc:meta])* $name:ident($ty:ty, $check:expr) |$function:ident, $this:ident, $args:ident| $body:expr;)*) => {
        $($(#[$doc])*
        pub fn $name(function: AnyFunction, $this: &Object, $args: &[&Object], _: Option<&Dict>) -> Result<Ref, Raised> {
            $check($args)?;
            let $function = typed!(function, $ty);
            // SAFETY: the wrapper descriptor checked that the receiver is an instance of the slot's type.
            unsafe { $body }
        })*
    };
}

wrappers! {
    /// `f(self)`
    unary(UnaryFunc, exactly::<0>) |f, this, args| f(this);
    /// `f(self, other)`
    binary(BinaryFunc, exactly::<1>) |f, this, args| f(this, args[0]);
    /// `f(self, other)` of an operator with two sides
    binary_left(BinaryFunc, exactly::<1>) |f, this, args| f(this, args[0]);
    /// `f(other, self)`
    binary_right(BinaryFunc, exactly::<1>) |f, this, args| f(args[0], this);
    /// `hash(self)`
    hash(HashFunc, exactly::<0>) |f, this, args| Ok(Int::from_i64(f(this).result()? as i64)?.into_object());
    /// `len(self)`
    length(LenFunc, exactly::<0>) |f, this, args| Ok(Int::from_i64(f(this).result()? as i64)?.into_object());
    /// `bool(self)`
    truth(Inquiry, exactly::<0>) |f, this, args| Ok(boolean(f(this).truth()?));
    /// `next(self)`
    next(IterNextFunc, exactly::<0>) |f, this, args| match f(this) {
        Some(value) => Ok(value),
        None if crate::threads::Thread::current().has_exception() => Err(Raised::set()),
        None => Err(crate::exceptions::raise_with_arguments(crate::exceptions::exc::StopIteration(), &[])),
    };
    /// `self.name = value`
    setattr(SetAttroFunc, two) |f, this, args| done(checked_setattr(this, f)?(this, args[0], Some(args[1])).result());
    /// `del self.name`
    delattr(SetAttroFunc, exactly::<1>) |f, this, args| done(checked_setattr(this, f)?(this, args[0], None).result());
    /// `self < other`
    lt(RichCmpFunc, exactly::<1>) |f, this, args| f(this, args[0], CompareOp::Lt as i32);
    /// `self <= other`
    le(RichCmpFunc, exactly::<1>) |f, this, args| f(this, args[0], CompareOp::Le as i32);
    /// `self == other`
    eq(RichCmpFunc, exactly::<1>) |f, this, args| f(this, args[0], CompareOp::Eq as i32);
    /// `self != other`
    ne(RichCmpFunc, exactly::<1>) |f, this, args| f(this, args[0], CompareOp::Ne as i32);
    /// `self > other`
    gt(RichCmpFunc, exactly::<1>) |f, this, args| f(this, args[0], CompareOp::Gt as i32);
    /// `self >= other`
    ge(RichCmpFunc, exactly::<1>) |f, this, args| f(this, args[0], CompareOp::Ge as i32);
    /// `self.__set__(instance, value)`
    descr_set(DescrSetFunc, two) |f, this, args| done(f(this, args[0], Some(args[1])).result());
    /// `self.__delete__(instance)`
    descr_delete(DescrSetFunc, exactly::<1>) |f, this, args| done(f(this, args[0], None).result());
    /// `self[key] = value`
    set_subscript(ObjObjArgProc, two) |f, this, args| done(f(this, args[0], Some(args[1])).result());
    /// `del self[key]`
    delete_subscript(ObjObjArgProc, exactly::<1>) |f, this, args| done(f(this, args[0], None).result());
    /// `key in self`
    contains(ObjObjProc, exactly::<1>) |f, this, args| Ok(boolean(f(this, args[0]).truth()?));
    /// `self * n`
    index_argument(SizeArgFunc, one_index) |f, this, args| f(this, size(args[0])?);
    /// `self[i]`
    sequence_item(SizeArgFunc, exactly::<1>) |f, this, args| f(this, position(this, args[0])?);
    /// `self[i] = value`
    set_sequence_item(SizeObjArgProc, two) |f, this, args| done(f(this, position(this, args[0])?, Some(args[1])).result());
    /// `del self[i]`
    delete_sequence_item(SizeObjArgProc, exactly::<1>) |f, this, args| done(f(this, position(this, args[0])?, None).result());
    /// `self.__del__()`
    del(Destructor, exactly::<0>) |f, this, args| {
        f(this.as_pointer());
        Ok(none())
    };
}

fn done(result: Result<(), Raised>) -> Result<Ref, Raised> {
    result.map(|()| none())
}

fn size(object: &Object) -> Result<isize, Raised> {
    crate::object::protocol::number::index_as_size(object, Some(crate::exceptions::exc::OverflowError()))
}

/// A sequence index: a negative one counts from the end.
fn position(this: &Object, index: &Object) -> Result<isize, Raised> {
    let index = size(index)?;
    if index < 0
        && let Some(length) = this.ty().sequence().and_then(|suite| suite.sq_length.get())
    {
        // SAFETY: the slot belongs to the object's own type.
        return Ok(index + unsafe { length(this) }.result()? as isize);
    }
    Ok(index)
}

/// Refuses `object.__setattr__(int, ..)`: a base's function may not be used to get around a built-in type's own.
fn checked_setattr(this: &Object, function: SetAttroFunc) -> Result<SetAttroFunc, Raised> {
    let mut ty = this.type_ref();
    use crate::object::typeobject::flags::HEAPTYPE;
    while ty.has_flag(HEAPTYPE) {
        let Some(base) = ty.tp_base.get() else { break };
        ty = base;
    }
    // The nearest built-in base decides, unless a class in between filled the slot itself.
    let own = ty.tp_setattro.get();
    if own.is_some_and(|own| own as usize != function as usize)
        && own.map(|own| own as usize) != Some(super::slot_functions::setattro as *const () as usize)
        && !this.ty().has_flag(HEAPTYPE)
    {
        return Err(raise!(TypeError, "can't apply this __setattr__ to {} object", this.ty().full_name()));
    }
    if this.isinstance::<crate::object::Type>() && own.is_some_and(|own| own as usize != function as usize) {
        return Err(raise!(TypeError, "can't apply this __setattr__ to {} object", this.ty().full_name()));
    }
    Ok(function)
}

/// `pow(self, value, mod)`
pub fn power_left(function: AnyFunction, this: &Object, args: &[&Object], _: Option<&Dict>) -> Result<Ref, Raised> {
    unpack(args, 1, 2)?;
    let none = none();
    // SAFETY: as for all wrappers.
    unsafe { typed!(function, TernaryFunc)(this, args[0], Some(args.get(1).copied().unwrap_or(&none))) }
}

/// `pow(value, self, mod)`
pub fn power_right(function: AnyFunction, this: &Object, args: &[&Object], _: Option<&Dict>) -> Result<Ref, Raised> {
    unpack(args, 1, 2)?;
    let none = none();
    // SAFETY: as for all wrappers.
    unsafe { typed!(function, TernaryFunc)(args[0], this, Some(args.get(1).copied().unwrap_or(&none))) }
}

/// `self(*args, **kwargs)`
pub fn call(function: AnyFunction, this: &Object, args: &[&Object], kwargs: Option<&Dict>) -> Result<Ref, Raised> {
    let args = Tuple::from_borrowed(args)?;
    // SAFETY: as for all wrappers.
    unsafe { typed!(function, TernaryFunc)(this, &args, kwargs.map(|kwargs| &**kwargs)) }
}

/// `self.__init__(*args, **kwargs)`
pub fn init(function: AnyFunction, this: &Object, args: &[&Object], kwargs: Option<&Dict>) -> Result<Ref, Raised> {
    let args = Tuple::from_borrowed(args)?;
    // SAFETY: as for all wrappers.
    done(unsafe { typed!(function, InitProc)(this, &args, kwargs) }.result())
}

/// `self.__get__(instance, owner=None)`
pub fn descr_get(function: AnyFunction, this: &Object, args: &[&Object], _: Option<&Dict>) -> Result<Ref, Raised> {
    unpack(args, 1, 2)?;
    let instance = Some(args[0]).filter(|instance| !is_none(instance));
    let owner = args.get(1).copied().filter(|owner| !is_none(owner));
    if instance.is_none() && owner.is_none() {
        return Err(raise!(TypeError, "__get__(None, None) is invalid"));
    }
    // SAFETY: as for all wrappers.
    unsafe { typed!(function, DescrGetFunc)(this, instance, owner) }
}

/// For wrappers that refuse: NotImplemented.
pub fn refused() -> Ref {
    not_implemented()
}
