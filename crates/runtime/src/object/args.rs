//! How arguments reach functions written in Rust: binding to parameters, conversion, and CPython's error messages.
//!
//! A function's parameters stand in a static `Signature`, which `#[pymethods]` and `#[pymodule]` write. Binding fills an array with one
//! optional object for each parameter; conversion then makes Rust values of them.

use super::convert::{IntoObject, PyType};
use super::header::Object;
use super::raised::Raised;
use super::reference::Ref;
use super::words::copy_words;
use crate::raise;
use crate::types::dict::Dict;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// The parameters of a function.
pub struct Signature {
    /// The function's name, for messages; empty for a constructor, which is named after its type.
    pub function: &'static str,
    /// The parameters' names.
    pub names: &'static [&'static str],
    /// Which of them have no default.
    pub required: &'static [bool],
    /// How many are positional only.
    pub positional_only: usize,
    /// How many may be positional.
    pub positional: usize,
    /// Whether further positional arguments are taken.
    pub varargs: bool,
    /// The words of its errors.
    pub words: Words,
}

/// Which of CPython's functions for arguments a function uses there: each has words of its own for what is wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Words {
    /// What Argument Clinic writes, and `PyArg_UnpackTuple`.
    Clinic,
    /// `PyArg_ParseTuple` and `PyArg_ParseTupleAndKeywords` with the function's name.
    Tuple,
    /// The same without a name.
    Unnamed,
}

/// The receiver of a method as the layout of its type.
///
/// # Safety
/// `this` must be an instance of `T`: method tables are the type's own, and descriptors check their receiver.
#[inline(always)]
pub unsafe fn receiver<T: PyType>(this: Option<&Object>) -> &T {
    debug_assert!(this.is_some());
    // SAFETY: by the contract of this function.
    unsafe { this.unwrap_unchecked().cast_unchecked() }
}

/// The arguments of a fast call as a slice: positional ones, then the values of the named ones.
///
/// # Safety
/// `arguments` points to `count` objects, and one more for each name, that stay alive for `'a`.
#[inline(always)]
pub unsafe fn all<'a>(arguments: *const &'static Object, count: isize, names: Option<&'a Tuple>) -> &'a [&'a Object] {
    let total = count as usize + names.map_or(0, Tuple::len);
    if total == 0 {
        return &[];
    }
    // SAFETY: by the contract; the lifetime is narrowed to the call's.
    unsafe { std::slice::from_raw_parts(arguments.cast(), total) }
}

/// What a function's result becomes.
#[inline(always)]
pub fn finish<T: IntoObject>(result: Result<T, Raised>) -> Result<Ref, Raised> {
    result?.into_object()
}

/// A reference more to each of the first four arguments, for functions that CPython calls with a tuple (`METH_VARARGS`, types without a vectorcall):
/// `sys.getrefcount` shows in the methods that are called from there what the tuple holds.
pub fn hold(arguments: &[&Object]) -> [Option<Ref>; 4] {
    std::array::from_fn(|index| arguments.get(index).map(|argument| argument.to_ref()))
}

/// Arguments of `tp_call` as their types: a tuple and a dictionary or nothing.
pub fn call_arguments<'a>(
    args: &'a Object,
    kwargs: Option<&'a Object>,
) -> Result<(&'a Tuple, Option<&'a Dict>), Raised> {
    let Some(args) = args.downcast::<Tuple>() else {
        return Err(raise!(SystemError, "bad argument to internal function"));
    };
    match kwargs.map(Object::downcast::<Dict>) {
        None => Ok((args, None)),
        Some(Some(kwargs)) => Ok((args, (kwargs.len() > 0).then_some(kwargs))),
        Some(None) => Err(raise!(SystemError, "bad argument to internal function")),
    }
}

impl Signature {
    /// `name()` for messages.
    fn call_name(&self) -> String {
        if self.words == Words::Unnamed { "function".to_owned() } else { format!("{}()", self.function) }
    }

    /// So many positional arguments fill all parameters that have no default.
    pub const fn needed(&self) -> usize {
        let mut count = self.required.len();
        while count > 0 && !self.required[count - 1] {
            count -= 1;
        }
        count
    }

    /// How many positional arguments are needed.
    fn required_positional(&self) -> usize {
        self.required[..self.positional].iter().filter(|required| **required).count()
    }
}

/// Binds the first `most` arguments; gives how many there were.
#[inline(always)]
fn place_positional<'a>(arguments: &'a [&'a Object], most: usize, bound: &mut [Option<&'a Object>]) -> usize {
    let taken = arguments.len().min(most).min(bound.len());
    // SAFETY: both have so many; a reference is an optional one that is there.
    unsafe { copy_words(arguments.as_ptr(), bound.as_mut_ptr().cast(), taken) };
    taken
}

/// Binds positional arguments only (`METH_FASTCALL`); gives what is left for `*args`. `needed` is [`Signature::needed`].
#[inline(always)]
pub fn bind_positional<'a>(
    signature: &Signature,
    needed: usize,
    arguments: &'a [&'a Object],
    bound: &mut [Option<&'a Object>],
) -> Result<&'a [&'a Object], Raised> {
    if arguments.len() < needed || arguments.len() > signature.positional {
        return bind_count(signature, arguments, bound);
    }
    place_positional(arguments, signature.positional, bound);
    Ok(&[])
}

/// As `bind_positional`, of any number of arguments.
fn bind_count<'a>(
    signature: &Signature,
    arguments: &'a [&'a Object],
    bound: &mut [Option<&'a Object>],
) -> Result<&'a [&'a Object], Raised> {
    let count = arguments.len();
    let taken = place_positional(arguments, signature.positional, bound);
    if (count > signature.positional && !signature.varargs) || count < signature.required_positional() {
        return Err(wrong_positional_count(signature, count));
    }
    Ok(&arguments[taken..])
}

#[cold]
fn wrong_positional_count(signature: &Signature, count: usize) -> Raised {
    let (least, most, name) = (signature.required_positional(), signature.positional, signature.function);
    let plural = |n: usize| if n == 1 { "" } else { "s" };
    if signature.words != Words::Clinic {
        let (bound, n) = match count < least {
            _ if least == most && !signature.varargs => ("exactly", most),
            true => ("at least", least),
            false => ("at most", most),
        };
        raise!(TypeError, "{} takes {bound} {n} argument{} ({count} given)", signature.call_name(), plural(n))
    } else if least == most && !signature.varargs {
        raise!(TypeError, "{name} expected {most} argument{}, got {count}", plural(most))
    } else if count < least {
        raise!(TypeError, "{name} expected at least {least} argument{}, got {count}", plural(least))
    } else {
        raise!(TypeError, "{name} expected at most {most} argument{}, got {count}", plural(most))
    }
}

/// The error of a method that takes nothing, where its class is given to it.
#[cold]
pub fn takes_nothing(name: &str) -> Raised {
    raise!(TypeError, "{name}() takes no arguments")
}

/// Binds positional and named arguments (`METH_FASTCALL | METH_KEYWORDS`); gives what is left for `*args`. `needed` is [`Signature::needed`].
#[inline(always)]
pub fn bind<'a>(
    signature: &Signature,
    needed: usize,
    arguments: &'a [&'a Object],
    names: Option<&'a Tuple>,
    bound: &mut [Option<&'a Object>],
) -> Result<&'a [&'a Object], Raised> {
    if names.is_some() || arguments.len() < needed || arguments.len() > signature.positional {
        return bind_named_too(signature, arguments, names, bound);
    }
    place_positional(arguments, signature.positional, bound);
    Ok(&[])
}

/// As `bind`, of any arguments.
fn bind_named_too<'a>(
    signature: &Signature,
    arguments: &'a [&'a Object],
    names: Option<&'a Tuple>,
    bound: &mut [Option<&'a Object>],
) -> Result<&'a [&'a Object], Raised> {
    let named = names.map_or(0, Tuple::len);
    let count = arguments.len() - named;
    let rest = bind_prefix(signature, &arguments[..count], named, bound)?;
    let mut unknown = None;
    if let Some(names) = names {
        for (name, value) in names.as_slice().iter().zip(&arguments[count..]) {
            if !bind_named(signature, name, value, bound)? {
                unknown = unknown.or(Some(name));
            }
        }
    }
    check_required(signature, count, bound)?;
    match unknown {
        Some(name) => Err(unknown_name(signature, name)),
        None => Ok(rest),
    }
}

/// References that a binding keeps alive until the call is over.
pub struct Keep(());

impl Keep {
    /// Nothing kept yet.
    pub fn new() -> Keep {
        Keep(())
    }
}

impl Default for Keep {
    fn default() -> Keep {
        Keep::new()
    }
}

/// Binds the tuple and dictionary of a constructor's call.
pub fn bind_call<'a>(
    signature: &Signature,
    args: &'a Tuple,
    kwargs: Option<&'a Dict>,
    bound: &mut [Option<&'a Object>],
    _keep: &mut Keep,
) -> Result<&'a [&'a Object], Raised> {
    let arguments = args.as_borrowed_slice();
    let Some(kwargs) = kwargs.filter(|kwargs| kwargs.len() > 0) else {
        if signature.positional_only == signature.names.len() {
            return bind_count(signature, arguments, bound);
        }
        let rest = bind_prefix(signature, arguments, 0, bound)?;
        check_required(signature, arguments.len(), bound)?;
        return Ok(rest);
    };
    if signature.positional_only == signature.names.len() {
        return Err(raise!(TypeError, "{} takes no keyword arguments", signature.call_name()));
    }
    let rest = bind_prefix(signature, arguments, kwargs.len(), bound)?;
    // The dictionary belongs to this call alone: nothing changes it while its values are borrowed.
    let mut unknown = None;
    kwargs.for_each_borrowed(|key, value| {
        if !bind_named(signature, key, value, bound)? {
            unknown = unknown.take().or_else(|| Some(key.to_ref()));
        }
        Ok(())
    })?;
    check_required(signature, arguments.len(), bound)?;
    match unknown {
        Some(name) => Err(unknown_name(signature, &name)),
        None => Ok(rest),
    }
}

/// Binds the positional arguments of a call that also has `named` named ones.
fn bind_prefix<'a>(
    signature: &Signature,
    arguments: &'a [&'a Object],
    named: usize,
    bound: &mut [Option<&'a Object>],
) -> Result<&'a [&'a Object], Raised> {
    let count = arguments.len();
    let most = signature.names.len();
    if !signature.varargs && count + named > most {
        let what = if named == 0 && signature.positional == most && count > 0 {
            ""
        } else if count == 0 {
            "keyword "
        } else {
            ""
        };
        let plural = if most == 1 { "" } else { "s" };
        return Err(raise!(
            TypeError,
            "{} takes at most {most} {what}argument{plural} ({} given)",
            signature.call_name(),
            count + named
        ));
    }
    if !signature.varargs && count > signature.positional {
        let most = signature.positional;
        let name = signature.call_name();
        return Err(if most == 0 {
            raise!(TypeError, "{name} takes no positional arguments")
        } else {
            let bound_word = if signature.required_positional() < most { "at most" } else { "exactly" };
            let plural = if most == 1 { "" } else { "s" };
            raise!(TypeError, "{name} takes {bound_word} {most} positional argument{plural} ({count} given)")
        });
    }
    let taken = place_positional(arguments, signature.positional, bound);
    Ok(&arguments[taken..])
}

/// What is raised for a name that no parameter has.
#[cold]
fn unknown_name(signature: &Signature, name: &Object) -> Raised {
    match name.downcast::<Str>() {
        Some(name) if signature.words == Words::Unnamed => {
            raise!(TypeError, "'{}' is an invalid keyword argument for this function", name)
        }
        Some(name) => raise!(TypeError, "'{}' is an invalid keyword argument for {}", name, signature.call_name()),
        None => raise!(TypeError, "keywords must be strings"),
    }
}

/// Binds one named argument; false if no parameter has the name, which is told of only when none is missing.
fn bind_named<'a>(
    signature: &Signature,
    name: &Object,
    value: &'a Object,
    bound: &mut [Option<&'a Object>],
) -> Result<bool, Raised> {
    let Some(name) = name.downcast::<Str>() else {
        return Err(raise!(TypeError, "keywords must be strings"));
    };
    let found = signature.names.iter().skip(signature.positional_only).position(|known| name.equals(known));
    let Some(index) = found.map(|index| index + signature.positional_only) else {
        return Ok(false);
    };
    if bound[index].is_some() {
        let position = index + 1;
        return Err(raise!(
            TypeError,
            "argument for {} given by name ('{}') and position ({position})",
            signature.call_name(),
            name
        ));
    }
    bound[index] = Some(value);
    Ok(true)
}

fn check_required(signature: &Signature, count: usize, bound: &[Option<&Object>]) -> Result<(), Raised> {
    for (index, required) in signature.required.iter().enumerate() {
        if *required && bound[index].is_none() {
            if index < signature.positional_only {
                let least =
                    signature.required[..signature.positional_only].iter().filter(|required| **required).count();
                let plural = if least == 1 { "" } else { "s" };
                let bound = if least < signature.positional { "at least" } else { "exactly" };
                return Err(raise!(
                    TypeError,
                    "{} takes {bound} {least} positional argument{plural} ({count} given)",
                    signature.call_name()
                ));
            }
            return Err(missing(signature, index));
        }
    }
    Ok(())
}

/// The error of a missing argument.
#[cold]
pub fn missing(signature: &Signature, index: usize) -> Raised {
    let (name, position) = (signature.names.get(index).copied().unwrap_or(""), index + 1);
    if index < signature.positional {
        raise!(TypeError, "{} missing required argument '{name}' (pos {position})", signature.call_name())
    } else {
        raise!(TypeError, "{} missing required keyword-only argument: '{name}'", signature.call_name())
    }
}

/// A Rust value made of an argument.
pub trait FromArg<'a>: Sized {
    /// Converts the argument `index` of `signature`.
    fn from_arg(object: &'a Object, signature: &Signature, index: usize) -> Result<Self, Raised>;
}

/// Converts an argument; what the expansion of `#[pymethods]` calls.
#[inline(always)]
pub fn convert<'a, T: FromArg<'a>>(object: &'a Object, signature: &Signature, index: usize) -> Result<T, Raised> {
    T::from_arg(object, signature, index)
}

/// What a message says that an argument is: its type, or None.
pub fn shown_type(object: &Object) -> &str {
    if object.is(&crate::types::none()) { "None" } else { object.ty().full_name() }
}

/// The error of an argument of the wrong type (`_PyArg_BadArgument`).
#[cold]
pub fn bad_argument(signature: &Signature, index: usize, expected: &str, object: &Object) -> Raised {
    let named = signature.words != Words::Unnamed;
    let name = if named { format!("{} ", signature.call_name()) } else { String::new() };
    let got = shown_type(object);
    // Only Argument Clinic's own parsing tells of arguments by their names.
    let which = if index < signature.positional_only || signature.words != Words::Clinic {
        let only = signature.names.len() == 1 && signature.words == Words::Clinic;
        if only { "argument".to_owned() } else { format!("argument {}", index + 1) }
    } else {
        format!("argument '{}'", signature.names.get(index).copied().unwrap_or(""))
    };
    raise!(TypeError, "{name}{which} must be {expected}, not {got}")
}

impl<'a, T: PyType> FromArg<'a> for &'a T {
    #[inline(always)]
    fn from_arg(object: &'a Object, signature: &Signature, index: usize) -> Result<&'a T, Raised> {
        object.downcast().ok_or_else(|| bad_argument(signature, index, T::NAME, object))
    }
}

impl<'a, T: PyType> FromArg<'a> for Option<&'a T> {
    #[inline(always)]
    fn from_arg(object: &'a Object, signature: &Signature, index: usize) -> Result<Self, Raised> {
        <&T>::from_arg(object, signature, index).map(Some)
    }
}

/// An argument that may be left out, where the signature shows a default that is made only when it is needed:
/// `#[signature(start = omitted("1"))]`.
#[derive(Clone, Copy)]
pub struct Given<'a>(pub Option<&'a Object>);

/// No argument; `shown` is what the text signature says.
pub const fn omitted(_shown: &'static str) -> Given<'static> {
    Given(None)
}

impl<'a> FromArg<'a> for Given<'a> {
    #[inline(always)]
    fn from_arg(object: &'a Object, _: &Signature, _: usize) -> Result<Self, Raised> {
        Ok(Given(Some(object)))
    }
}

/// An argument that may be None.
pub struct Nullable<T>(pub Option<T>);

impl<'a, T: FromArg<'a>> FromArg<'a> for Nullable<T> {
    fn from_arg(object: &'a Object, signature: &Signature, index: usize) -> Result<Self, Raised> {
        if object.is(&crate::types::none()) {
            return Ok(Nullable(None));
        }
        T::from_arg(object, signature, index).map(|value| Nullable(Some(value)))
    }
}

impl<'a> FromArg<'a> for bool {
    fn from_arg(object: &'a Object, _: &Signature, _: usize) -> Result<bool, Raised> {
        crate::object::protocol::truth(object)
    }
}

impl<'a> FromArg<'a> for f64 {
    fn from_arg(object: &'a Object, _: &Signature, _: usize) -> Result<f64, Raised> {
        crate::object::protocol::number::to_f64(object)
    }
}

macro_rules! integer_arguments {
    ($($ty:ty: $name:literal),*) => {
        $(impl<'a> FromArg<'a> for $ty {
            fn from_arg(object: &'a Object, _: &Signature, _: usize) -> Result<$ty, Raised> {
                let value = crate::object::protocol::number::to_i128_index(object, $name)?;
                <$ty>::try_from(value).map_err(|_| out_of_range(value, $name))
            }
        })*
    };
}
integer_arguments!(isize: "ssize_t", i32: "int", i64: "long", u8: "byte", u32: "unsigned int", u64: "unsigned long",
    usize: "size_t");

#[cold]
fn out_of_range(value: i128, name: &str) -> Raised {
    match name {
        "ssize_t" => raise!(OverflowError, "Python int too large to convert to C ssize_t"),
        "byte" if value > 0 => raise!(OverflowError, "unsigned byte integer is greater than maximum"),
        "byte" => raise!(OverflowError, "unsigned byte integer is less than minimum"),
        _ if value < 0 && name.starts_with("unsigned") => {
            raise!(OverflowError, "can't convert negative value to {name}")
        }
        _ => raise!(OverflowError, "Python int too large to convert to C {name}"),
    }
}
