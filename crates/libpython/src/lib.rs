//! `libpython3.11.so.1.0`: Habu as a shared library, for programs that embed Python. The C API is that of `habu-capi` and of `habu::embed`; here is
//! only what makes it a library.
#![allow(non_snake_case, reason = "the name is C's")]

/// Refers to all functions of the C API, so that the linker keeps them in the library.
#[unsafe(no_mangle)]
pub extern "C" fn _Habu_KeepCApi() -> usize {
    habu::embed::keep()
}
