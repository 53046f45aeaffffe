//! The program's own source, as CPython's tokenizer reads it from a file.

use habu_heap::Buffer;
use habu_runtime::object::Raised;

use crate::compiling::{Source, check_file};

/// Checks the bytes of a program, and makes source of them. With `skip_first` the first line (for a shell) counts as empty.
pub(super) fn of_program(bytes: &[u8], filename: &str, skip_first: bool) -> Result<Source, Raised> {
    let bytes = match bytes.iter().position(|&byte| byte == b'\n') {
        Some(end) if skip_first => bytes.get(end..).unwrap_or_default(),
        None if skip_first => &[],
        _ => bytes,
    };
    check_file(bytes, filename)?;
    Ok(Source::Bytes(Buffer::from_slice(bytes)?))
}
