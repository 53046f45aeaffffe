//! `PyStatus`: how a step of starting an interpreter ended.

use std::ffi::{CStr, c_char, c_int};

/// `PyStatus`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Status {
    kind: c_int,
    function: *const c_char,
    message: *const c_char,
    code: c_int,
}

const OK: c_int = 0;
const ERROR: c_int = 1;
const EXIT: c_int = 2;

impl Status {
    pub(crate) fn ok() -> Status {
        Status { kind: OK, function: std::ptr::null(), message: std::ptr::null(), code: 0 }
    }

    pub(crate) fn error(function: &'static CStr, message: &'static CStr) -> Status {
        Status { kind: ERROR, function: function.as_ptr(), message: message.as_ptr(), code: 0 }
    }

    /// An error with a text of its own, which stays for ever.
    pub(crate) fn failure(message: &str) -> Status {
        let message = message.strip_prefix("Fatal Python error: ").unwrap_or(message).trim_end();
        let text = std::ffi::CString::new(message).unwrap_or_default().into_raw();
        Status { kind: ERROR, function: std::ptr::null(), message: text, code: 0 }
    }

    pub(crate) fn no_memory() -> Status {
        Status { kind: ERROR, function: std::ptr::null(), message: c"memory allocation failed".as_ptr(), code: 0 }
    }

    pub(crate) fn exit(code: c_int) -> Status {
        Status { kind: EXIT, function: std::ptr::null(), message: std::ptr::null(), code }
    }

    pub(crate) fn is_ok(&self) -> bool {
        self.kind == OK
    }

    /// What went wrong, in words.
    pub(crate) fn message(&self) -> String {
        let text = |text: *const c_char| {
            // SAFETY: null or a text that stays for ever.
            (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned())
        };
        if self.kind == EXIT {
            return format!("it ended with exit code {}", self.code);
        }
        let function = text(self.function).map(|function| format!("{function}: ")).unwrap_or_default();
        function + &text(self.message).unwrap_or_else(|| "<message not set>".to_owned())
    }

    /// Ends the process as the status says.
    pub(crate) fn leave(self) -> ! {
        if self.kind == EXIT {
            std::process::exit(self.code);
        }
        habu_modules::startup::complain(format_args!("Fatal Python error: {}", self.message()));
        std::process::exit(1);
    }
}

/// `PyStatus_Ok` of the C API.
#[unsafe(no_mangle)]
pub extern "C" fn PyStatus_Ok() -> Status {
    Status::ok()
}

/// `PyStatus_Error` of the C API.
#[unsafe(no_mangle)]
pub extern "C" fn PyStatus_Error(message: *const c_char) -> Status {
    Status { kind: ERROR, function: std::ptr::null(), message, code: 0 }
}

/// `PyStatus_NoMemory` of the C API.
#[unsafe(no_mangle)]
pub extern "C" fn PyStatus_NoMemory() -> Status {
    Status::no_memory()
}

/// `PyStatus_Exit` of the C API.
#[unsafe(no_mangle)]
pub extern "C" fn PyStatus_Exit(code: c_int) -> Status {
    Status::exit(code)
}

/// `PyStatus_IsError` of the C API.
#[unsafe(no_mangle)]
pub extern "C" fn PyStatus_IsError(status: Status) -> c_int {
    c_int::from(status.kind == ERROR)
}

/// `PyStatus_IsExit` of the C API.
#[unsafe(no_mangle)]
pub extern "C" fn PyStatus_IsExit(status: Status) -> c_int {
    c_int::from(status.kind == EXIT)
}

/// `PyStatus_Exception` of the C API.
#[unsafe(no_mangle)]
pub extern "C" fn PyStatus_Exception(status: Status) -> c_int {
    c_int::from(status.kind != OK)
}

/// `Py_ExitStatusException` of the C API.
#[unsafe(no_mangle)]
pub extern "C" fn Py_ExitStatusException(status: Status) {
    if status.is_ok() {
        habu_modules::startup::complain(format_args!(
            "Fatal Python error: Py_ExitStatusException() must not be called on success"
        ));
    }
    status.leave();
}
