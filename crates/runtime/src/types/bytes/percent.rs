//! `bytes % values`, of bytes and bytearrays (PEP 461).

use habu_heap::Buffer;
use habu_numbers::format_spec::Formatted;
use habu_numbers::percent::{Conversion, Flags, parse, unsupported_character};

use super::Bytes;
use crate::id;
use crate::object::protocol::number::has_index;
use crate::object::protocol::{call0, lookup_special, number::index};
use crate::object::{Object, Raised, Ref};
use crate::raise;
use crate::types::buffer::{ByteView, supports_buffer};
use crate::types::bytearray::ByteArray;
use crate::types::str::percent_arguments::{Amounts, Arguments};
use crate::types::{float, int};

/// `format % operand`; the format must not change meanwhile.
pub(crate) fn format(format: &[u8], operand: &Object) -> Result<Buffer<u8>, Raised> {
    crate::eval::breaker::check_signals()?;
    let mut arguments = Arguments::new(operand, "bytes");
    let mut out = Buffer::with_capacity(format.len().saturating_add(16))?;
    let mut at = 0;
    let mut conversion = Conversion::default();
    while let Some(rest) = format.get(at..).filter(|rest| !rest.is_empty()) {
        let found = rest.iter().position(|byte| *byte == b'%');
        let literal = found.unwrap_or(rest.len());
        out.extend_from_slice(rest.get(..literal).unwrap_or_default())?;
        if found.is_none() {
            break;
        }
        at += literal + 1;
        let byte_at = |at: usize| format.get(at).copied().map_or(0, u32::from);
        if byte_at(at) == u32::from(b'(') {
            arguments.check_mapping()?;
        }
        parse(format.len(), byte_at, at, &mut conversion).map_err(|error| arguments.unreadable(error))?;
        let plain = at;
        at = conversion.end;
        if let Some(key) = &conversion.key {
            arguments.select(&*Bytes::new(format.get(key.clone()).unwrap_or_default())?)?;
        }
        let amounts = arguments.amounts(&conversion)?;
        if conversion.kind == u32::from(b'%') && conversion.end == plain + 1 {
            out.push(b'%')?;
            continue;
        }
        let value = arguments.next()?;
        push_value(&value, &conversion, amounts, &mut out)?;
    }
    arguments.finish()?;
    Ok(out)
}

fn push_value(value: &Object, conversion: &Conversion, amounts: Amounts, out: &mut Buffer<u8>) -> Result<(), Raised> {
    let flags = Flags { left: amounts.left, ..conversion.flags };
    let kind = u8::try_from(conversion.kind).unwrap_or(0);
    match kind {
        b's' | b'b' => {
            let view = bytes_of(value)?;
            let kept = amounts.precision.map_or(view.len(), |most| most.min(view.len()));
            push_padded(view.get(..kept).unwrap_or_default(), flags.left, amounts.width, out)
        }
        b'r' | b'a' => {
            let shown = crate::types::str::ascii(value)?;
            let text = shown.ascii_bytes().unwrap_or_default();
            let kept = amounts.precision.map_or(text.len(), |most| most.min(text.len()));
            push_padded(text.get(..kept).unwrap_or_default(), flags.left, amounts.width, out)
        }
        b'c' => push_padded(&[character(value)?], flags.left, amounts.width, out),
        b'd' | b'i' | b'u' | b'o' | b'x' | b'X' => {
            // Messages name both signed conversions alike.
            let kind = if kind == b'i' { b'd' } else { kind };
            push_formatted(&int::format::percent(value, kind, flags, amounts.width, amounts.precision)?, out)
        }
        b'e' | b'E' | b'f' | b'F' | b'g' | b'G' => {
            let formatted = float::format::percent(value, kind, flags, amounts.width, amounts.precision);
            let formatted = formatted.map_err(|raised| float_refused(raised, value))?;
            push_formatted(&formatted, out)
        }
        _ => Err(raise!(ValueError, "{}", unsupported_character(conversion.kind, conversion.end - 1))),
    }
}

/// The TypeError of a value that is no number has bytes' own words.
fn float_refused(raised: Raised, value: &Object) -> Raised {
    let thread = crate::threads::Thread::current();
    if !thread.exception().is_some_and(|error| error.ty().is_subtype(crate::exceptions::exc::TypeError())) {
        return raised;
    }
    raised.clear();
    raise!(TypeError, "float argument required, not {}", value.ty().full_name())
}

fn push_formatted(formatted: &Formatted, out: &mut Buffer<u8>) -> Result<(), Raised> {
    formatted.for_each(|code, count| {
        // All at once, so that a hopeless width is refused before any of it is filled.
        let Some(length) = out.len().checked_add(count) else { return Err(crate::exceptions::memory_error()) };
        Ok(out.resize(length, code as u8)?)
    })
}

fn push_padded(bytes: &[u8], left: bool, width: usize, out: &mut Buffer<u8>) -> Result<(), Raised> {
    let missing = width.saturating_sub(bytes.len());
    let pad = |out: &mut Buffer<u8>| -> Result<(), Raised> {
        let Some(length) = out.len().checked_add(missing) else { return Err(crate::exceptions::memory_error()) };
        Ok(out.resize(length, b' ')?)
    };
    if !left {
        pad(out)?;
    }
    out.extend_from_slice(bytes)?;
    if left {
        pad(out)?;
    }
    Ok(())
}

/// What `%b` and `%s` take: bytes, something with `__bytes__`, or a buffer.
fn bytes_of(value: &Object) -> Result<ByteView, Raised> {
    if !value.isinstance::<Bytes>()
        && !value.isinstance::<ByteArray>()
        && let Some(method) = lookup_special(value, id!(__bytes__))?
    {
        let made = call0(&method)?;
        if !made.isinstance::<Bytes>() {
            return Err(raise!(TypeError, "__bytes__ returned non-bytes (type {})", made.ty().full_name()));
        }
        return ByteView::new(&made);
    }
    if supports_buffer(value) {
        return ByteView::new(value);
    }
    let name = value.ty().full_name();
    Err(raise!(TypeError, "%b requires a bytes-like object, or an object that implements __bytes__, not '{name}'"))
}

/// The byte of `%c`.
fn character(value: &Object) -> Result<u8, Raised> {
    if let Some(bytes) = value.downcast::<Bytes>()
        && let [byte] = bytes.as_slice()
    {
        return Ok(*byte);
    }
    if let Some(bytes) = value.downcast::<ByteArray>()
        && bytes.len() == 1
        && let Some(byte) = bytes.get(0)
    {
        return Ok(byte);
    }
    if !has_index(value) {
        return Err(raise!(TypeError, "%c requires an integer in range(256) or a single byte"));
    }
    let number: Ref<crate::types::int::Int> = index(value)?;
    let byte = number.to_i64().and_then(|number| u8::try_from(number).ok());
    byte.ok_or_else(|| raise!(OverflowError, "%c arg not in range(256)"))
}
