//! `PyArg_ParseTuple` for the arguments that are usual: one pass over format and arguments, without memory of its own.
//!
//! Nothing here raises, runs Python code or keeps anything that must be given back. What it does not know, or would refuse, it leaves to
//! the whole way (`modsupport`), which begins anew with the same list of places: a place that was filled already is filled again.

use std::ffi::{c_char, c_int, c_short, c_uchar};

use habu_runtime::object::{Object, Type};
use habu_runtime::types::boolean;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::float::Float;
use habu_runtime::types::int::Int;
use habu_runtime::types::none;
use habu_runtime::types::str::Str;

use crate::border::*;

/// Converts all arguments; false where the whole way has to.  `names` are those of parameters, null where none has a name.
#[inline]
pub(crate) fn parse(args: &[&Object], format: Text, names: *const Text, list: &VaList) -> bool {
    let mut list = list.copy();
    let mut units = Plain(format.0.cast());
    let mut optional = false;
    let mut index = 0;
    loop {
        match units.peek() {
            0 | b':' | b';' => return index == args.len() && has_names(names, index),
            b'|' if !optional => {
                optional = true;
                units.step();
                continue;
            }
            _ => {}
        }
        let Some(argument) = args.get(index) else {
            // As many names as units, or the whole way tells what is wrong with them.
            return optional && units.rest().is_some_and(|count| has_names(names, index + count));
        };
        if convert(argument, &mut units, &mut list).is_none() {
            return false;
        }
        index += 1;
    }
}

/// Whether a list of names, where there is one, has just `count`, and none of them is empty behind one that is not.
#[inline]
fn has_names(names: *const Text, count: usize) -> bool {
    if names.is_null() {
        return true;
    }
    let mut named = false;
    for at in 0..count {
        // SAFETY: the list ends with null, and is read up to that at most.
        let name = unsafe { *names.add(at) };
        if name.is_null() {
            return false;
        }
        // SAFETY: a C string has its NUL at least.
        let is_empty = unsafe { name.0.read() } == 0;
        named |= !is_empty;
        if named && is_empty {
            return false;
        }
    }
    // SAFETY: as above.
    unsafe { (*names.add(count)).is_null() }
}

/// A format, read byte by byte up to its NUL.
struct Plain(*const u8);

impl Plain {
    #[inline(always)]
    fn peek(&self) -> u8 {
        // SAFETY: a C string lives through the call, and nothing steps beyond its NUL.
        unsafe { self.0.read() }
    }

    /// How many units follow, where there are but those.
    #[inline]
    fn rest(&self) -> Option<usize> {
        let mut at = Plain(self.0);
        let mut count = 0;
        loop {
            match at.peek() {
                0 | b':' | b';' => return Some(count),
                b'|' | b'$' | b'(' | b'e' => return None,
                b'#' | b'*' | b'!' | b'&' => {}
                _ => count += 1,
            }
            at.step();
        }
    }

    #[inline(always)]
    fn step(&mut self) {
        // SAFETY: the byte here is not the NUL.
        self.0 = unsafe { self.0.add(1) };
    }
}

/// An int that needs no conversion, in the range of a C type.
#[inline(always)]
fn number<T: TryFrom<i64>>(argument: &Object) -> Option<T> {
    T::try_from(argument.downcast::<Int>()?.to_i64()?).ok()
}

/// Converts one argument by the unit at the front.
#[inline(always)]
fn convert(argument: &Object, units: &mut Plain, list: &mut VaList) -> Option<()> {
    let unit = units.peek();
    units.step();
    match unit {
        b'O' => match units.peek() {
            b'&' => return None,
            b'!' => {
                units.step();
                let ty = list.pointer::<Type>();
                let place = list.out::<Borrowed>();
                // SAFETY: the caller gives a type.
                argument.ty().is_subtype(unsafe { &*ty }).then(|| place.set(argument))?;
            }
            _ => list.out::<Borrowed>().set(argument),
        },
        b'i' => list.out::<c_int>().set(number(argument)?),
        b'l' | b'L' | b'n' => list.out::<i64>().set(number(argument)?),
        b'h' => list.out::<c_short>().set(number(argument)?),
        b'b' => list.out::<c_uchar>().set(number(argument)?),
        b'I' => list.out::<u32>().set(number(argument)?),
        b'k' | b'K' => list.out::<u64>().set(number(argument)?),
        b'd' => list.out::<f64>().set(argument.downcast::<Float>()?.value()),
        b'f' => list.out::<f32>().set(argument.downcast::<Float>()?.value() as f32),
        b'p' => {
            let is_true = argument.is(&boolean(true));
            (is_true || argument.is(&boolean(false))).then(|| list.out::<c_int>().set(c_int::from(is_true)))?;
        }
        b'U' => {
            argument.downcast::<Str>()?;
            list.out::<Borrowed>().set(argument);
        }
        b'S' => {
            argument.downcast::<Bytes>()?;
            list.out::<Borrowed>().set(argument);
        }
        b's' | b'z' | b'y' => text(unit, argument, units, list)?,
        _ => return None,
    }
    Some(())
}

/// `s`, `z`, `y`: where the bytes of a string stand that keeps them.
#[inline(always)]
fn text(unit: u8, argument: &Object, units: &mut Plain, list: &mut VaList) -> Option<()> {
    if matches!(units.peek(), b'*' | b'#') {
        return None;
    }
    let place = list.out::<*const c_char>();
    if unit == b'z' && argument.is(&none()) {
        place.set(std::ptr::null());
        return Some(());
    }
    let bytes: &[u8] = if unit == b'y' {
        argument.downcast::<Bytes>()?.as_slice()
    } else {
        let text = argument.downcast::<Str>()?;
        if !text.is_compact() {
            return None;
        }
        // The text's own place, also where it is empty: the zero behind it is what is read then.
        text.ascii_bytes()?
    };
    if bytes.contains(&0) {
        return None;
    }
    place.set(bytes.as_ptr().cast());
    Some(())
}
