//! The exception table (`co_exceptiontable`): which handler covers which instructions.
//!
//! The format is that of CPython 3.11. An entry is four numbers: start, length and target in code
//! units, and `depth << 1 | push_lasti`. A number is a big-endian sequence of six-bit
//! groups with `0x40` on all but the last; the first byte of an entry also has `0x80`, so that
//! an entry can be found from the middle of the table. Entries do not overlap and are sorted
//! by their start.

/// One entry: what to do when an instruction in `start..end` raises.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Handler {
    /// The byte offset of the first covered instruction.
    pub start: u32,
    /// The byte offset after the last covered instruction.
    pub end: u32,
    /// The byte offset of the handler.
    pub target: u32,
    /// The depth that the stack is cut to before the exception is pushed.
    pub depth: u32,
    /// Whether the offset of the raising instruction is pushed before the exception.
    pub push_lasti: bool,
}

/// Encodes handlers, which must be in order.
pub fn encode(handlers: &[Handler]) -> Box<[u8]> {
    let mut table = Vec::new();
    for handler in handlers {
        push_number(&mut table, handler.start / 2, 0x80);
        push_number(&mut table, handler.end.saturating_sub(handler.start) / 2, 0);
        push_number(&mut table, handler.target / 2, 0);
        push_number(&mut table, handler.depth << 1 | u32::from(handler.push_lasti), 0);
    }
    table.into()
}

fn push_number(table: &mut Vec<u8>, value: u32, mut mark: u8) {
    for shift in [30, 24, 18, 12, 6] {
        if value >> shift != 0 {
            table.push((value >> shift & 0x3F) as u8 | 0x40 | mark);
            mark = 0;
        }
    }
    table.push((value & 0x3F) as u8 | mark);
}

/// The entries of an exception table. Ends at the first malformed entry; see [`decode`].
#[derive(Clone, Debug)]
pub struct Handlers<'a>(&'a [u8]);

impl<'a> Handlers<'a> {
    /// Walks `table` from its start.
    pub fn new(table: &'a [u8]) -> Handlers<'a> {
        Handlers(table)
    }

    fn number(&mut self, mark: u8) -> Option<u32> {
        let mut value: u32 = 0;
        let mut mark = mark;
        loop {
            let (&byte, rest) = self.0.split_first()?;
            if byte & 0x80 != mark || value >> 26 != 0 {
                return None;
            }
            self.0 = rest;
            mark = 0;
            value = value << 6 | u32::from(byte & 0x3F);
            if byte & 0x40 == 0 {
                return Some(value);
            }
        }
    }
}

impl Iterator for Handlers<'_> {
    type Item = Handler;

    fn next(&mut self) -> Option<Handler> {
        let start = self.number(0x80)?.checked_mul(2)?;
        let length = self.number(0)?.checked_mul(2)?;
        let target = self.number(0)?.checked_mul(2)?;
        let packed = self.number(0)?;
        Some(Handler {
            start,
            end: start.checked_add(length)?,
            target,
            depth: packed >> 1,
            push_lasti: packed & 1 != 0,
        })
    }
}

/// Decodes a whole table. `None` if it is malformed.
pub fn decode(table: &[u8]) -> Option<Vec<Handler>> {
    let mut handlers = Handlers::new(table);
    let mut decoded = Vec::new();
    while !handlers.0.is_empty() {
        decoded.push(handlers.next()?);
    }
    Some(decoded)
}

/// A part of the table that is read from its start; larger ones are halved first.
const SHORT: usize = 48;

/// The handler that covers the instruction at a byte offset: a binary search over the bytes, whose last part is read through.
pub fn find(table: &[u8], offset: u32) -> Option<Handler> {
    // Invariant: the entry looked for, if there is one, starts at a byte in `low..high`, and an entry starts at `low`.
    let (mut low, mut high) = (0, table.len());
    while high - low > SHORT {
        let middle = low + (high - low) / 2;
        let at = low + table.get(low..=middle)?.iter().rposition(|byte| byte & 0x80 != 0)?;
        if offset < Handlers(table.get(at..)?).number(0x80)?.checked_mul(2)? {
            high = at;
        } else if at > low {
            low = at;
        } else {
            break;
        }
    }
    let mut handlers = Handlers(table.get(low..)?);
    loop {
        let start = handlers.number(0x80)?.checked_mul(2)?;
        if offset < start {
            return None;
        }
        let end = start.checked_add(handlers.number(0)?.checked_mul(2)?)?;
        if offset < end {
            let target = handlers.number(0)?.checked_mul(2)?;
            let packed = handlers.number(0)?;
            return Some(Handler { start, end, target, depth: packed >> 1, push_lasti: packed & 1 != 0 });
        }
        let next = handlers.0.iter().position(|byte| byte & 0x80 != 0)?;
        handlers.0 = &handlers.0[next..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<Handler> {
        (0..100)
            .map(|i| Handler {
                start: i * 100,
                end: i * 100 + 10 + 2 * (i % 40),
                target: 4_000_000 - i * 2,
                depth: i,
                push_lasti: i % 3 == 0,
            })
            .collect()
    }

    #[test]
    fn round_trip_and_search() {
        let handlers = sample();
        let table = encode(&handlers);
        assert_eq!(decode(&table).as_deref(), Some(&handlers[..]));
        for offset in (0..10_100).step_by(2) {
            let expected = handlers.iter().find(|h| (h.start..h.end).contains(&offset));
            assert_eq!(find(&table, offset).as_ref(), expected, "{offset}");
        }
        assert_eq!(find(b"", 0), None);
    }

    #[test]
    fn known_bytes() {
        let handler = Handler { start: 4, end: 136, target: 200, depth: 3, push_lasti: true };
        assert_eq!(&*encode(&[handler]), b"\x82\x41\x02\x41\x24\x07");
    }

    #[test]
    fn malformed_tables_are_refused() {
        for bad in
            [&b"\x02"[..], b"\x82\x02", b"\x82\x02\x03", b"\x82\x82\x03\x01", b"\xff\x7f\x7f\x7f\x7f\x7f\x7f\x01"]
        {
            assert_eq!(decode(bad), None, "{bad:?}");
            for offset in 0..100 {
                assert_eq!(find(bad, offset), None);
            }
        }
    }
}
