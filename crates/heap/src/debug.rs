//! The debug layer: fillers and guard bytes around every block, in the layout of CPython's.
//!
//! A request of `n` bytes becomes one of `n + 24`; with the caller's block at `p`:
//!
//! | bytes | what |
//! | --- | --- |
//! | `p - 16 .. p - 8` | `n`, big-endian |
//! | `p - 8` | the domain's letter: `r`, `m` or `o` |
//! | `p - 7 .. p` | 0xFD, seven times |
//! | `p .. p + n` | the block, filled with 0xCD |
//! | `p + n .. p + n + 8` | 0xFD, eight times |
//!
//! All of it is overwritten with 0xDD when the block is freed. CPython's counterpart is
//! `_PyMem_DebugRawAlloc` and its like (without `PYMEM_DEBUG_SERIALNO`).

use std::ptr::{self, NonNull};

use crate::{Corruption, Domain};

/// What fresh memory is filled with.
pub const CLEAN: u8 = 0xCD;
/// What freed memory is filled with.
pub const DEAD: u8 = 0xDD;
/// What stands on both sides of a block.
pub const GUARD: u8 = 0xFD;

/// Bytes in front of a block.
pub(crate) const BEFORE: usize = 16;
/// Bytes in front of and behind a block.
pub(crate) const EXTRA: usize = 24;

/// The greatest size that is believed beside a damaged byte.
const USUAL_SIZE: isize = 1 << 24;

/// What is known of a damaged block, in the form of CPython's debug dump.
pub fn describe(corruption: &Corruption) -> String {
    use std::fmt::Write;
    let mut text = String::new();
    let address = corruption.address;
    if !corruption.is_block {
        let _ = writeln!(text, "Debug memory {corruption}");
        return text;
    }
    let bytes = std::ptr::with_exposed_provenance::<u8>(address);
    // SAFETY: `check` was given a block whose surroundings are readable; its bytes are read only while the front is whole.
    let byte = |offset: isize| unsafe { bytes.offset(offset).read() };
    let size = (-16..-8).fold(0_u64, |size, offset| size << 8 | u64::from(byte(offset)));
    let shown = |value: u8| if value == GUARD { "" } else { " *** OUCH" };
    let _ = writeln!(text, "Debug memory block at address p={address:#x}: API '{}'", char::from(byte(-8)));
    let _ = writeln!(text, "    {size} bytes originally requested");
    let front = (-7..0).all(|offset| byte(offset) == GUARD);
    if front {
        let _ = writeln!(text, "    The 7 pad bytes at p-7 are FORBIDDENBYTE, as expected.");
    } else {
        let _ = writeln!(text, "    The 7 pad bytes at p-7 are not all FORBIDDENBYTE (0x{GUARD:02x}):");
        for offset in -7..0 {
            let _ = writeln!(text, "        at p{offset}: 0x{:02x}{}", byte(offset), shown(byte(offset)));
        }
        let _ = writeln!(text, "    Because memory is corrupted at the start, the count of bytes requested");
        let _ = writeln!(text, "       may be bogus, and checking the trailing pad bytes may segfault.");
    }
    // The size itself may be what is damaged: what it leads to is read only if it can be one, and is a usual one where the front is damaged.
    let most = if front { isize::MAX - 8 } else { USUAL_SIZE };
    let size = isize::try_from(size).ok().filter(|size| *size <= most);
    let (Some(size), Some(tail)) = (size, size.and_then(|size| address.checked_add_signed(size))) else {
        let _ = writeln!(text, "    The count of bytes requested cannot be one: it is damaged.");
        return text;
    };
    if (size..size + 8).all(|offset| byte(offset) == GUARD) {
        let _ = writeln!(text, "    The 8 pad bytes at tail={tail:#x} are FORBIDDENBYTE, as expected.");
    } else {
        let _ = writeln!(text, "    The 8 pad bytes at tail={tail:#x} are not all FORBIDDENBYTE (0x{GUARD:02x}):");
        for at in 0..8 {
            let _ = writeln!(text, "        at tail+{at}: 0x{:02x}{}", byte(size + at), shown(byte(size + at)));
        }
    }
    if size > 0 {
        text.push_str("    Data at p:");
        for offset in 0..size.min(8) {
            let _ = write!(text, " {:02x}", byte(offset));
        }
        if size > 16 {
            text.push_str(" ...");
        }
        for offset in (size - 8).max(8)..size {
            let _ = write!(text, " {:02x}", byte(offset));
        }
        text.push('\n');
    }
    text
}

impl Corruption {
    /// The domain's letter that stands in front of the block.
    pub fn letter(&self) -> Option<u8> {
        let block = std::ptr::with_exposed_provenance::<u8>(self.address);
        // SAFETY: a block that was checked has readable surroundings.
        self.is_block.then(|| unsafe { block.sub(8).read() })
    }
}

/// Reports what was found on standard error and aborts the process. What the debug layer does unless told otherwise.
pub fn report_and_abort(corruption: &Corruption) {
    use std::io::Write;
    // There is nothing to do about a failure to write.
    let _ = writeln!(std::io::stderr(), "Debug memory {corruption}");
    std::process::abort();
}

/// Dresses the `size + EXTRA` bytes at `start` and returns the caller's block.
///
/// # Safety
/// The bytes are allocated and nobody else's.
pub(crate) unsafe fn dress(domain: Domain, start: NonNull<u8>, size: usize, zeroed: bool) -> NonNull<u8> {
    // SAFETY: all offsets are below `size + EXTRA`.
    unsafe {
        let block = start.add(BEFORE);
        ptr::copy_nonoverlapping((size as u64).to_be_bytes().as_ptr(), start.as_ptr(), 8);
        start.add(8).write(domain.letter());
        ptr::write_bytes(start.add(9).as_ptr(), GUARD, 7);
        if !zeroed {
            ptr::write_bytes(block.as_ptr(), CLEAN, size);
        }
        ptr::write_bytes(block.add(size).as_ptr(), GUARD, EXTRA - BEFORE);
        block
    }
}

/// The size that a block was allocated with.
///
/// # Safety
/// `block` was dressed, and is not freed.
pub(crate) unsafe fn size_of_block(block: NonNull<u8>) -> usize {
    // SAFETY: the size stands in front of the block.
    unsafe { u64::from_be_bytes(block.sub(BEFORE).cast::<[u8; 8]>().read()) as usize }
}

/// Checks what surrounds a block.
///
/// # Safety
/// `block` is or was dressed, and its memory is readable.
pub(crate) unsafe fn check(domain: Domain, block: NonNull<u8>) -> Result<(), Corruption> {
    let found = |what| Err(Corruption { what, address: block.expose_provenance().get(), is_block: true });
    // SAFETY: the bytes before the block are readable; those behind it are read when the ones
    // before it, where the size stands, are whole.
    unsafe {
        let letter = block.sub(8).read();
        if block.sub(BEFORE).cast::<[u8; 8]>().read() == [DEAD; 8] || letter == DEAD {
            return found("block was freed before");
        }
        if letter != domain.letter() {
            return found(match domain {
                Domain::Raw => "bad ID, verified using API 'r'",
                Domain::Mem => "bad ID, verified using API 'm'",
                Domain::Object => "bad ID, verified using API 'o'",
            });
        }
        if (1..8).any(|back| block.sub(back).read() != GUARD) {
            return found("bad leading pad byte");
        }
        let end = block.add(size_of_block(block));
        if (0..EXTRA - BEFORE).any(|offset| end.add(offset).read() != GUARD) {
            return found("bad trailing pad byte");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `describe` says of a block of 8 bytes in front of which another size is written.
    fn described(size: u64) -> String {
        let mut memory = [0_u64; 4];
        let start = NonNull::from(&mut memory).cast::<u8>();
        // SAFETY: the array has 8 bytes and `EXTRA` more, and is read while it lives.
        unsafe {
            let block = dress(Domain::Object, start, 8, false);
            start.cast::<u64>().write(size.to_be());
            let address = block.expose_provenance().get();
            describe(&Corruption { what: "bad trailing pad byte", address, is_block: true })
        }
    }

    #[test]
    fn a_size_that_leads_nowhere_is_not_followed() {
        assert!(described(8).contains("are FORBIDDENBYTE, as expected"));
        for size in [u64::MAX, i64::MAX as u64, i64::MAX as u64 - 7, 1 << 63] {
            assert!(described(size).contains("cannot be one"), "{size:#x}");
        }
    }
}
