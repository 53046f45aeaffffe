//! "Did you mean": the name closest to one that was not found, for NameError and AttributeError.

use super::traceback::code_of;
use crate::exceptions::simple::{AttributeError, NameError};
use crate::exceptions::{BaseException, exc};
use crate::object::protocol;
use crate::object::{Object, Raised, Ref};
use crate::types::str::Str;

/// With more names than this none is suggested.
const MOST_CANDIDATES: usize = 750;
/// Longer names are not compared.
const LONGEST: usize = 40;
const MOVE: usize = 2;
const CASE: usize = 1;

/// The name that was perhaps meant.
pub(super) fn suggest(exception: &BaseException) -> Result<Option<Ref<Str>>, Raised> {
    if std::ptr::eq(exception.ty(), exc::AttributeError()) {
        let Some(fields) = exception.downcast::<AttributeError>() else { return Ok(None) };
        let (Some(object), Some(name)) = (fields.obj.get(), fields.name.get()) else { return Ok(None) };
        let directory = protocol::call_method(&object, crate::id!(__dir__), &[])?;
        return closest(&*sorted(&directory)?, &name);
    }
    if std::ptr::eq(exception.ty(), exc::NameError()) {
        let Some(name) = exception.downcast::<NameError>().and_then(|fields| fields.name.get()) else {
            return Ok(None);
        };
        return suggest_name(exception, &name);
    }
    Ok(None)
}

fn sorted(names: &Object) -> Result<Ref<crate::types::list::List>, Raised> {
    let list = protocol::to_list(names)?;
    protocol::call_method(&list, &*Str::intern("sort")?, &[])?;
    Ok(list)
}

/// The name among the locals, globals and builtins of the frame that raised.
fn suggest_name(exception: &BaseException, name: &Object) -> Result<Option<Ref<Str>>, Raised> {
    let Some(mut entry) = exception.traceback.get() else { return Ok(None) };
    while let Some(next) = entry.next.get() {
        entry = next;
    }
    let Some(code) = code_of(&entry) else { return Ok(None) };
    if let Some(found) = closest(code.localsplusnames(), name)? {
        return Ok(Some(found));
    }
    let Some(frame) = entry.frame.get() else { return Ok(None) };
    let (globals, builtins) = match frame.frame() {
        // SAFETY: the frame is alive as long as its object; both are owned before anything runs.
        Some(frame) => unsafe { (frame.as_ref().globals().to_ref(), frame.as_ref().builtins().to_ref()) },
        None => return Ok(None),
    };
    for names in [globals, builtins] {
        if let Some(found) = closest(&names, name)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The closest of several names to one of them that does not exist.
fn closest(names: &Object, wanted: &Object) -> Result<Option<Ref<Str>>, Raised> {
    let Some(wanted) = wanted.downcast::<Str>() else { return Ok(None) };
    let names = protocol::to_list(names)?;
    if names.len() >= MOST_CANDIDATES {
        return Ok(None);
    }
    let target = wanted.to_string_lossy();
    let mut best: Option<(usize, Ref<Str>)> = None;
    let mut index = 0;
    while let Some(name) = names.get(index) {
        index += 1;
        let Ok(name) = name.downcast_into::<Str>() else { return Ok(None) };
        if name.same_text(wanted) {
            continue;
        }
        let text = name.to_string_lossy();
        // At most a third of the characters may differ, and less than in the best one so far.
        let mut most = (target.len() + text.len() + 3) * MOVE / 6;
        if let Some((distance, _)) = &best {
            most = most.min(distance.saturating_sub(1));
        }
        let distance = edit_distance(target.as_bytes(), text.as_bytes(), most);
        if distance <= most && best.as_ref().is_none_or(|(least, _)| distance < *least) {
            best = Some((distance, name));
        }
    }
    Ok(best.map(|(_, name)| name))
}

/// What it costs to put one byte in another's place.
fn substitution(one: u8, other: u8) -> usize {
    if one == other {
        0
    } else if one.eq_ignore_ascii_case(&other) {
        CASE
    } else {
        MOVE
    }
}

/// The cost of turning one text into the other (Levenshtein, with cheap changes of case); more than `most` where it is more.
fn edit_distance(one: &[u8], other: &[u8], most: usize) -> usize {
    if one == other {
        return 0;
    }
    let prefix = one.iter().zip(other).take_while(|(left, right)| left == right).count();
    let (one, other) = (&one[prefix..], &other[prefix..]);
    let suffix = one.iter().rev().zip(other.iter().rev()).take_while(|(left, right)| left == right).count();
    let (mut short, mut long) = (&one[..one.len() - suffix], &other[..other.len() - suffix]);
    if short.is_empty() || long.is_empty() {
        return (short.len() + long.len()) * MOVE;
    }
    if short.len() > LONGEST || long.len() > LONGEST {
        return most + 1;
    }
    if short.len() > long.len() {
        std::mem::swap(&mut short, &mut long);
    }
    if (long.len() - short.len()) * MOVE > most {
        return most + 1;
    }
    let mut row: [usize; LONGEST] = std::array::from_fn(|at| (at + 1) * MOVE);
    let mut result = 0;
    for (line, byte) in long.iter().enumerate() {
        let mut diagonal = line * MOVE;
        result = diagonal;
        let mut least = usize::MAX;
        for (place, letter) in row.iter_mut().zip(short) {
            let replaced = diagonal + substitution(*byte, *letter);
            diagonal = *place;
            result = (result.min(diagonal) + MOVE).min(replaced);
            *place = result;
            least = least.min(result);
        }
        if least > most {
            return most + 1;
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::edit_distance;

    #[test]
    fn distances_are_those_of_cpython() {
        assert_eq!(edit_distance(b"abc", b"abd", 10), 2);
        assert_eq!(edit_distance(b"abc", b"abC", 10), 1);
        assert_eq!(edit_distance(b"abc", b"abcd", 10), 2);
        assert_eq!(edit_distance(b"kitten", b"sitting", 20), 6);
        assert!(edit_distance(b"aaaa", b"bbbb", 3) > 3);
    }
}
