//! A format string compiled to places: which value stands where, in which size and order of bytes.

use habu_heap::Buffer;
use habu_macros::{pymethods, pytype};
use habu_runtime::object::{Object, Raised, Ref, create};

use super::error;

/// What stands at a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// `c`
    Char,
    /// `?`
    Bool,
    /// `b h i l q n`
    Signed,
    /// `B H I L Q N`
    Unsigned,
    /// `P`
    Pointer,
    /// `e f d`
    Float,
    /// `s`
    Bytes,
    /// `p`
    Pascal,
}

/// A run of values of one kind.
#[derive(Clone, Copy)]
pub(super) struct Item {
    /// The letter, for messages.
    pub(super) letter: u8,
    pub(super) kind: Kind,
    /// Where the first one starts.
    pub(super) offset: usize,
    /// The bytes of one.
    pub(super) size: usize,
    /// How many there are.
    pub(super) repeat: usize,
}

/// A compiled format. It never changes, so that a call may go on with it while `Struct.__init__` sets another.
#[pytype(name = "_struct.layout", doc = "", flag = DISALLOW_INSTANTIATION)]
pub(super) struct Layout {
    base: Object,
    pub(super) items: Buffer<Item>,
    /// The size of all.
    pub(super) size: usize,
    /// How many values there are.
    pub(super) count: usize,
    /// Whether the highest byte comes first.
    pub(super) big: bool,
    /// Whether sizes, alignment and floats are the machine's (`@`).
    pub(super) native: bool,
}

#[pymethods]
impl Layout {}

/// Kind, size and alignment of a letter.
fn describe(letter: u8, native: bool) -> Option<(Kind, usize, usize)> {
    let (kind, standard, machine) = match letter {
        b'c' => (Kind::Char, 1, 1),
        b'?' => (Kind::Bool, 1, 1),
        b'b' => (Kind::Signed, 1, 1),
        b'B' => (Kind::Unsigned, 1, 1),
        b'h' => (Kind::Signed, 2, 2),
        b'H' => (Kind::Unsigned, 2, 2),
        b'i' => (Kind::Signed, 4, 4),
        b'I' => (Kind::Unsigned, 4, 4),
        b'l' => (Kind::Signed, 4, 8),
        b'L' => (Kind::Unsigned, 4, 8),
        b'q' => (Kind::Signed, 8, 8),
        b'Q' => (Kind::Unsigned, 8, 8),
        b'e' => (Kind::Float, 2, 2),
        b'f' => (Kind::Float, 4, 4),
        b'd' => (Kind::Float, 8, 8),
        b's' | b'x' => (Kind::Bytes, 1, 1),
        b'p' => (Kind::Pascal, 1, 1),
        b'n' if native => (Kind::Signed, 8, 8),
        b'N' if native => (Kind::Unsigned, 8, 8),
        b'P' if native => (Kind::Pointer, 8, 8),
        _ => return None,
    };
    Some(if native { (kind, machine, machine) } else { (kind, standard, 1) })
}

#[cold]
fn too_long() -> Raised {
    error(format_args!("total struct size too long"))
}

/// A repeat count from the first digit on, and what follows it.
fn repeat_count(digit: u8, mut rest: &[u8]) -> Result<(usize, &[u8]), Raised> {
    let mut count = usize::from(digit - b'0');
    while let [next @ b'0'..=b'9', after @ ..] = rest {
        count =
            count.checked_mul(10).and_then(|count| count.checked_add(usize::from(next - b'0'))).ok_or_else(too_long)?;
        rest = after;
    }
    if count > isize::MAX as usize {
        return Err(too_long());
    }
    Ok((count, rest))
}

/// Compiles a format.
pub(super) fn compile(format: &[u8]) -> Result<Ref<Layout>, Raised> {
    if format.contains(&0) {
        return Err(error(format_args!("embedded null character")));
    }
    let (native, big, mut rest) = match format {
        [b'@', rest @ ..] => (true, cfg!(target_endian = "big"), rest),
        [b'=', rest @ ..] => (false, cfg!(target_endian = "big"), rest),
        [b'<', rest @ ..] => (false, false, rest),
        [b'>' | b'!', rest @ ..] => (false, true, rest),
        rest => (true, cfg!(target_endian = "big"), rest),
    };
    let mut items = Buffer::new();
    let (mut size, mut values) = (0usize, 0usize);
    while let [letter, after @ ..] = rest {
        rest = after;
        if matches!(letter, b' ' | b'\t'..=b'\r') {
            continue;
        }
        let (mut letter, mut count) = (*letter, 1);
        if letter.is_ascii_digit() {
            (count, rest) = repeat_count(letter, rest)?;
            let [next, after @ ..] = rest else {
                return Err(error(format_args!("repeat count given without format specifier")));
            };
            (letter, rest) = (*next, after);
        }
        let Some((kind, width, alignment)) = describe(letter, native) else {
            return Err(error(format_args!("bad char in struct format")));
        };
        size = size
            .checked_next_multiple_of(alignment)
            .filter(|size| *size <= isize::MAX as usize)
            .ok_or_else(too_long)?;
        let end =
            width.checked_mul(count).and_then(|all| all.checked_add(size)).filter(|end| *end <= isize::MAX as usize);
        let end = end.ok_or_else(too_long)?;
        match kind {
            _ if letter == b'x' => {}
            Kind::Bytes | Kind::Pascal => {
                items.push(Item { letter, kind, offset: size, size: count, repeat: 1 })?;
                values += 1;
            }
            _ if count == 0 => {}
            _ => {
                items.push(Item { letter, kind, offset: size, size: width, repeat: count })?;
                values = values.checked_add(count).ok_or_else(too_long)?;
            }
        }
        size = end;
    }
    create(Layout { base: Object::of::<Layout>(), items, size, count: values, big, native })
}
