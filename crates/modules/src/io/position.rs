//! Places in a text stream: `tell`, `seek`, `truncate`.
//!
//! A place is a number that holds the place of the stream of bytes, the decoder's flags there, how many bytes to feed to the decoder
//! and how many characters to skip after that; where the latter are 0 it is just the place in bytes.

use habu_macros::pymethods;
use habu_runtime::id;
use habu_runtime::object::protocol::number::index;
use habu_runtime::object::protocol::{self, call_method};
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::int::Int;
use habu_runtime::types::singletons::is_none;

use super::text::TextIoWrapper;
use super::{interned, unsupported};

/// The parts of a place.
#[derive(Default)]
struct Place {
    start: u64,
    flags: i32,
    feed: i32,
    skip: i32,
    need_end: bool,
}

impl Place {
    /// The 21 bytes of the number, the least significant first.
    fn to_object(&self) -> Result<Ref, Raised> {
        let mut bytes = [0u8; 24];
        bytes[..8].copy_from_slice(&self.start.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.flags.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.feed.to_le_bytes());
        bytes[16..20].copy_from_slice(&self.skip.to_le_bytes());
        bytes[20] = u8::from(self.need_end);
        // Digits of 30 bits.
        let bit = |at: usize| u32::from(bytes[at / 8] >> (at % 8) & 1);
        let digits: [u32; 6] = std::array::from_fn(|digit| (0..30).map(|place| bit(digit * 30 + place) << place).sum());
        let used = digits.iter().rposition(|digit| *digit != 0).map_or(0, |last| last + 1);
        Ok(Int::from_digits(&digits[..used], false)?.into_object())
    }

    fn from_object(cookie: &Int) -> Result<Place, Raised> {
        let digits = cookie.digits();
        if digits.len() > 6 {
            return Err(raise!(OverflowError, "int too big to convert"));
        }
        let mut bytes = [0u8; 24];
        for (index, digit) in digits.iter().enumerate() {
            for place in 0..30 {
                let at = index * 30 + place;
                bytes[at / 8] |= ((digit >> place & 1) as u8) << (at % 8);
            }
        }
        let word = |from: usize| i32::from_le_bytes([bytes[from], bytes[from + 1], bytes[from + 2], bytes[from + 3]]);
        let mut start = [0; 8];
        start.copy_from_slice(&bytes[..8]);
        Ok(Place {
            start: u64::from_le_bytes(start),
            flags: word(8),
            feed: word(12),
            skip: word(16),
            need_end: bytes[20] != 0,
        })
    }
}

impl TextIoWrapper {
    /// Moves the stream of bytes.
    fn seek_stream(&self, stream: &Object, place: i64, whence: i64) -> Result<Ref, Raised> {
        call_method(stream, id!(seek), &[&*Int::from_i64(place)?, &*Int::from_i64(whence)?])
    }

    fn forget_decoded(&self) {
        self.decoded.set(None);
        self.used.set(0);
    }

    /// Where `used` characters of what was decoded end, from the state before: bytes are fed one at a time, and where the decoder holds
    /// nothing back is a place to start from.
    fn locate(&self, start: u64, given: &Bytes) -> Result<Place, Raised> {
        let mut place = Place { start, flags: self.snapshot_flags.get() as i32, ..Place::default() };
        let mut skip = self.used.get();
        if skip == 0 {
            return Ok(place);
        }
        let empty = Bytes::empty();
        self.decoder.set_state(&empty, place.flags.into())?;
        let (mut fed, mut decoded) = (0usize, 0usize);
        for byte in given.as_slice() {
            decoded += self.decoder.decode(&Bytes::single(*byte), false)?.len();
            fed += 1;
            let state = self.decoder.state()?;
            if state.bytes.len() == 0 && decoded <= skip {
                place.start += fed as u64;
                skip -= decoded;
                place.flags = state.flags as i32;
                (fed, decoded) = (0, 0);
            }
            if decoded >= skip {
                break;
            }
        }
        if decoded < skip {
            decoded += self.decoder.decode(&empty, true)?.len();
            place.need_end = true;
            if decoded < skip {
                return Err(raise!(OSError, "can't reconstruct logical file position"));
            }
        }
        if skip > 0 {
            place.feed = i32::try_from(fed).unwrap_or(i32::MAX);
            place.skip = i32::try_from(skip).unwrap_or(i32::MAX);
        }
        Ok(place)
    }

    /// Seeks by `whence` 1 or 2, for which only 0 is allowed; gives the place to seek to, or the result.
    fn seek_relative(&self, stream: &Object, cookie: &Object, whence: i32) -> Result<Result<Ref, Ref>, Raised> {
        let zero = Int::from_i64(0)?;
        let is_zero = protocol::equal(cookie, &zero)?;
        match whence {
            1 if !is_zero => Err(unsupported("can't do nonzero cur-relative seeks")),
            1 => Ok(Ok(call_method(self, id!(tell), &[])?)),
            2 if !is_zero => Err(unsupported("can't do nonzero end-relative seeks")),
            2 => {
                call_method(self, &*interned("flush")?, &[])?;
                self.forget_decoded();
                self.snapshot.set(None);
                if !self.decoder.is_none() {
                    self.decoder.reset()?;
                }
                let end = self.seek_stream(stream, 0, 2)?;
                self.reset_encoder(protocol::equal(&end, &zero)?)?;
                Ok(Err(end))
            }
            _ => Ok(Ok(cookie.to_ref())),
        }
    }
}

#[pymethods(table = PLACES)]
impl TextIoWrapper {
    fn tell(&self) -> Result<Ref, Raised> {
        let stream = self.open_stream()?;
        if !self.seekable.get() {
            return Err(unsupported("underlying stream is not seekable"));
        }
        if !self.telling.get() {
            return Err(raise!(OSError, "telling position disabled by next() call"));
        }
        self.write_out()?;
        call_method(self, &*interned("flush")?, &[])?;
        let here = call_method(&stream, id!(tell), &[])?;
        let Some(given) = self.snapshot.get().filter(|_| !self.decoder.is_none()) else {
            return Ok(here);
        };
        let Some(here) = index(&here)?.to_i64() else {
            return Err(raise!(OverflowError, "Python int too large to convert to C long"));
        };
        let start = here.saturating_sub(given.len() as i64).max(0) as u64;
        let saved = self.decoder.state()?;
        let place = self.locate(start, &given);
        // The decoder goes back to where it was, also after an error.
        let restored = self.decoder.set_state(&saved.bytes, saved.flags);
        let place = place?;
        restored?;
        place.to_object()
    }

    #[signature(cookie, whence = 0, /)]
    fn seek(&self, cookie: &Object, whence: i32) -> Result<Ref, Raised> {
        let stream = self.open_stream()?;
        if !self.seekable.get() {
            return Err(unsupported("underlying stream is not seekable"));
        }
        if !(0..=2).contains(&whence) {
            return Err(raise!(ValueError, "invalid whence ({whence}, should be 0, 1 or 2)"));
        }
        let cookie = match self.seek_relative(&stream, cookie, whence)? {
            Ok(cookie) => cookie,
            Err(end) => return Ok(end),
        };
        let number = index(&cookie)?;
        if number.is_negative() {
            let shown = protocol::repr(&cookie)?;
            return Err(raise!(ValueError, "negative seek position {shown}"));
        }
        call_method(self, &*interned("flush")?, &[])?;
        let place = Place::from_object(&number)?;
        let Ok(start) = i64::try_from(place.start) else {
            return Err(raise!(OverflowError, "Python int too large to convert to C long"));
        };
        self.seek_stream(&stream, start, 0)?;
        self.forget_decoded();
        self.snapshot.set(None);
        self.forget_pending();
        if !self.decoder.is_none() {
            if start == 0 && place.flags == 0 {
                self.decoder.reset()?;
            } else {
                self.decoder.set_state(&Bytes::empty(), place.flags.into())?;
            }
        }
        if place.skip > 0 && !self.decoder.is_none() {
            let input = call_method(&stream, id!(read), &[&*Int::from_i64(place.feed.into())?])?;
            let Some(bytes) = input.downcast::<Bytes>() else {
                let got = input.ty().full_name();
                return Err(raise!(TypeError, "underlying read() should have returned a bytes object, not '{got}'"));
            };
            self.snapshot_flags.set(place.flags.into());
            self.snapshot.set(Some(Ref::from_borrowed(bytes)));
            let text = self.decoder.decode(bytes, place.need_end)?;
            let enough = text.len() >= place.skip as usize;
            self.decoded.set(Some(text));
            if !enough {
                return Err(raise!(OSError, "can't restore logical file position"));
            }
            self.used.set(place.skip as usize);
        } else {
            self.snapshot_flags.set(place.flags.into());
            self.snapshot.set(Some(Bytes::empty()));
        }
        self.reset_encoder(start == 0 && place.flags == 0)?;
        Ok(cookie)
    }

    #[signature(pos = None, /)]
    fn truncate(&self, pos: Option<&Object>) -> Result<Ref, Raised> {
        let stream = self.stream()?;
        call_method(self, &*interned("flush")?, &[])?;
        let truncate = interned("truncate")?;
        match pos.filter(|pos| !is_none(pos)) {
            Some(pos) => call_method(&stream, &truncate, &[pos]),
            None => call_method(&stream, &truncate, &[&*habu_runtime::types::none()]),
        }
    }
}
