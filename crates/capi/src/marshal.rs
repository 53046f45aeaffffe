//! `marshal.h`: marshalled objects in memory and in C's files.

use std::ffi::{c_int, c_long};

use habu_modules::marshal_::{reading, writing};
use habu_runtime::object::{Object, Raised};
use habu_runtime::raise;

use crate::border::*;

/// The next bytes of a file, fewer at its end.
pub(crate) fn read_up_to(file: *mut libc::FILE, count: usize) -> Vec<u8> {
    let mut all = vec![];
    let mut block = [0u8; 4096];
    while all.len() < count {
        let wanted = block.len().min(count - all.len());
        // SAFETY: the caller of the C function gave an open file; the block has room.
        let got = unsafe { libc::fread(block.as_mut_ptr().cast(), 1, wanted, file) };
        if got == 0 {
            break;
        }
        all.extend_from_slice(&block[..got]);
    }
    all
}

/// A number of `N` bytes, the lowest first.
fn number<const N: usize>(file: *mut libc::FILE) -> Result<[u8; N], Raised> {
    match <[u8; N]>::try_from(read_up_to(file, N)) {
        Ok(bytes) => Ok(bytes),
        Err(_) => Err(raise!(EOFError, "EOF read where data expected")),
    }
}

fn write(file: *mut libc::FILE, bytes: &[u8]) {
    // SAFETY: the caller of the C function gave an open file.
    unsafe { libc::fwrite(bytes.as_ptr().cast(), 1, bytes.len(), file) };
}

export! {
    fn PyMarshal_Init() => New { habu_runtime::import::import_module("marshal") }
    fn PyMarshal_WriteLongToFile(value: c_long, file: *mut libc::FILE, _version: c_int) -> () {
        write(file, &(value as i32).to_le_bytes());
    }
    fn PyMarshal_WriteObjectToFile(value: &Object, file: *mut libc::FILE, version: c_int) => () {
        write(file, writing::dumps(value, version)?.as_slice());
        Ok(())
    }
    fn PyMarshal_WriteObjectToString(value: &Object, version: c_int) => New { writing::dumps(value, version) }
    fn PyMarshal_ReadLongFromFile(file: *mut libc::FILE) -> c_long {
        number(file).map_or(-1, |bytes| c_long::from(i32::from_le_bytes(bytes)))
    }
    fn PyMarshal_ReadShortFromFile(file: *mut libc::FILE) -> c_int {
        number(file).map_or(-1, |bytes| c_int::from(i16::from_le_bytes(bytes)))
    }
    fn PyMarshal_ReadObjectFromFile(file: *mut libc::FILE) => New {
        reading::load_pieces(&mut |count| read_up_to(file, count))
    }
    fn PyMarshal_ReadLastObjectFromFile(file: *mut libc::FILE) => New { reading::loads(&read_up_to(file, usize::MAX)) }
    fn PyMarshal_ReadObjectFromString(data: *const std::ffi::c_char, length: isize) => New {
        reading::loads(memory(data, length))
    }
}
