//! `PyPreConfig`: what decides how texts are read before anything else. Habu takes the locale of the environment and UTF-8 whatever stands here;
//! the structure is filled as CPython does.

use std::ffi::{c_char, c_int};

use super::status::Status;

/// `PyPreConfig`
#[repr(C)]
pub struct PreConfig {
    kind: c_int,
    parse_argv: c_int,
    isolated: c_int,
    use_environment: c_int,
    configure_locale: c_int,
    coerce_c_locale: c_int,
    coerce_c_locale_warn: c_int,
    utf8_mode: c_int,
    dev_mode: c_int,
    allocator: c_int,
}

const UNSET: c_int = -1;

/// `PyPreConfig_InitPythonConfig` of the C API.
#[unsafe(no_mangle)]
pub extern "C" fn PyPreConfig_InitPythonConfig(config: &mut PreConfig) {
    *config = PreConfig {
        kind: 2,
        parse_argv: 1,
        isolated: 0,
        use_environment: 1,
        configure_locale: 1,
        coerce_c_locale: UNSET,
        coerce_c_locale_warn: UNSET,
        utf8_mode: UNSET,
        dev_mode: UNSET,
        allocator: 0,
    };
}

/// `PyPreConfig_InitIsolatedConfig` of the C API.
#[unsafe(no_mangle)]
pub extern "C" fn PyPreConfig_InitIsolatedConfig(config: &mut PreConfig) {
    *config = PreConfig {
        kind: 3,
        parse_argv: 0,
        isolated: 1,
        use_environment: 0,
        configure_locale: 0,
        coerce_c_locale: 0,
        coerce_c_locale_warn: 0,
        utf8_mode: 0,
        dev_mode: 0,
        allocator: 0,
    };
}

/// `Py_PreInitialize` of the C API.
#[unsafe(no_mangle)]
pub extern "C" fn Py_PreInitialize(_config: &PreConfig) -> Status {
    Status::ok()
}

/// `Py_PreInitializeFromArgs` of the C API.
#[unsafe(no_mangle)]
pub extern "C" fn Py_PreInitializeFromArgs(_config: &PreConfig, _count: isize, _arguments: *const *mut u32) -> Status {
    Status::ok()
}

/// `Py_PreInitializeFromBytesArgs` of the C API.
#[unsafe(no_mangle)]
pub extern "C" fn Py_PreInitializeFromBytesArgs(
    _config: &PreConfig,
    _count: isize,
    _arguments: *const *mut c_char,
) -> Status {
    Status::ok()
}
