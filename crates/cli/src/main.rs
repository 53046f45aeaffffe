//! The program `habu`.
//!
//! It has C's entry point: that of Rust would open `/dev/null` in the place of standard streams that are closed, which a program is to see as None.

#![no_main]

use std::ffi::{OsString, c_char, c_int};

/// Runs the command line.
// SAFETY: the only function of this name; the C library calls it once, at the start.
#[unsafe(no_mangle)]
pub extern "C" fn main(_count: c_int, _arguments: *const *const c_char) -> c_int {
    // The functions of the C API are called by extensions alone: this keeps them in the program.
    if habu::embed::keep() == 0 {
        eprintln!("Fatal Python error: no C API");
    }
    let given: Vec<OsString> = std::env::args_os().collect();
    std::process::exit(habu::main_with(&given));
}
