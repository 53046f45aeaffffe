//! What C says before an interpreter starts (`Py_SetProgramName` and its like), and what it may ask of paths afterwards.

use std::ffi::c_char;
use std::sync::Mutex;

use super::wide;

/// Texts that C set.
#[derive(Default, Clone)]
pub(crate) struct Before {
    pub(crate) program_name: Option<String>,
    pub(crate) home: Option<String>,
    pub(crate) path: Option<String>,
}

static BEFORE: Mutex<Before> = Mutex::new(Before { program_name: None, home: None, path: None });

/// What was set until now.
pub(crate) fn now() -> Before {
    BEFORE.lock().map(|before| before.clone()).unwrap_or_default()
}

pub(crate) fn change(change: impl FnOnce(&mut Before)) {
    if let Ok(mut before) = BEFORE.lock() {
        change(&mut before);
    }
}

/// A text for C, which stays for ever; the same text is made once.
fn kept(text: &str) -> *const u32 {
    static KEPT: Mutex<Vec<(String, usize)>> = Mutex::new(Vec::new());
    let Ok(mut kept) = KEPT.lock() else { return std::ptr::null() };
    if let Some((_, known)) = kept.iter().find(|(known, _)| known == text) {
        return *known as *const u32;
    }
    let made = wide::new(text);
    kept.push((text.to_owned(), made as usize));
    made
}

/// A text of the configuration of the interpreter that runs, null where none does.
fn configured(read: impl FnOnce(&habu_runtime::threads::Config) -> String) -> *const u32 {
    match habu_runtime::threads::start::main_interpreter() {
        Some(interpreter) => kept(&read(&interpreter.config)),
        None => std::ptr::null(),
    }
}

macro_rules! setters {
    ($($name:ident => $field:ident;)*) => {
        $(
            #[doc = concat!("`", stringify!($name), "` of the C API.")]
            ///
            /// # Safety
            /// Null, or a string with an end.
            #[unsafe(no_mangle)]
            pub unsafe extern "C" fn $name(text: *const u32) {
                // SAFETY: by the contract.
                let text = unsafe { wide::text(text) }.filter(|text| !text.is_empty());
                change(|before| before.$field = text);
            }
        )*
    };
}
setters! {
    Py_SetProgramName => program_name;
    Py_SetPythonHome => home;
    Py_SetPath => path;
}

macro_rules! getters {
    ($($name:ident => $value:expr;)*) => {
        $(
            #[doc = concat!("`", stringify!($name), "` of the C API.")]
            #[unsafe(no_mangle)]
            pub extern "C" fn $name() -> *const u32 {
                $value
            }
        )*
    };
}
getters! {
    Py_GetProgramName => kept(now().program_name.as_deref().unwrap_or("python3"));
    Py_GetPythonHome => now().home.map_or(std::ptr::null(), |home| kept(&home));
    Py_GetProgramFullPath => configured(|config| config.executable.clone());
    Py_GetPrefix => configured(|config| config.prefix.to_string_lossy().into_owned());
    Py_GetExecPrefix => configured(|config| config.prefix.to_string_lossy().into_owned());
    Py_GetPath => configured(|config| config.path.join(":"));
}

/// `Py_SetStandardStreamEncoding` of the C API: 0, or -1 where an interpreter runs already.
///
/// # Safety
/// Null, or strings with an end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn Py_SetStandardStreamEncoding(encoding: *const c_char, errors: *const c_char) -> i32 {
    if habu_runtime::threads::start::main_interpreter().is_some() {
        return -1;
    }
    // SAFETY: by the contract.
    let (encoding, errors) = unsafe { (wide::narrow(encoding), wide::narrow(errors)) };
    if encoding.is_some() || errors.is_some() {
        let text = format!("{}:{}", encoding.unwrap_or_default(), errors.unwrap_or_default());
        // SAFETY: the program starts its interpreter here, before it has threads that read the environment.
        unsafe { std::env::set_var("PYTHONIOENCODING", text.trim_end_matches(':')) };
    }
    0
}
