//! `pydebug.h`, `fileobject.h` (the variables): options of the command line as older interfaces have them, and what text the system takes.

use std::ffi::{c_int, c_ulong};
use std::sync::atomic::{AtomicI32, Ordering};

use habu_runtime::threads::config::Flags;

use crate::border::Text;

// SAFETY: the only texts in variables are constants.
unsafe impl Sync for Text {}

macro_rules! flags {
    ($($name:ident = |$flags:ident| $value:expr;)*) => {
        $(
            #[doc = concat!("`", stringify!($name), "` of the C API.")]
            #[unsafe(no_mangle)]
            pub static $name: AtomicI32 = AtomicI32::new(0);
        )*

        /// Sets the variables to what the interpreter was started with.
        pub fn set_flags(flags: &Flags) {
            $(
                let $flags = flags;
                $name.store($value, Ordering::Relaxed);
            )*
        }
    };
}
flags! {
    Py_DebugFlag = |flags| flags.debug;
    Py_VerboseFlag = |flags| flags.verbose;
    Py_QuietFlag = |flags| flags.quiet;
    Py_InteractiveFlag = |flags| flags.interactive;
    Py_InspectFlag = |flags| flags.inspect;
    Py_OptimizeFlag = |flags| flags.optimize;
    Py_NoSiteFlag = |flags| flags.no_site;
    Py_BytesWarningFlag = |flags| flags.bytes_warning;
    Py_FrozenFlag = |_flags| 0;
    Py_IgnoreEnvironmentFlag = |flags| flags.ignore_environment;
    Py_DontWriteBytecodeFlag = |flags| flags.dont_write_bytecode;
    Py_NoUserSiteDirectory = |flags| flags.no_user_site;
    Py_UnbufferedStdioFlag = |flags| c_int::from(flags.unbuffered);
    Py_HashRandomizationFlag = |flags| flags.hash_randomization;
    Py_IsolatedFlag = |flags| flags.isolated;
    Py_UTF8Mode = |flags| flags.utf8_mode;
}

/// What the program was compiled from (`Py_Version`): 3.11.7.
#[unsafe(no_mangle)]
pub static Py_Version: c_ulong = 0x030b_07f0;

/// The encoding of file names and arguments.
#[unsafe(no_mangle)]
pub static Py_FileSystemDefaultEncoding: Text = Text(c"utf-8".as_ptr());

/// How what is not of that encoding is passed through.
#[unsafe(no_mangle)]
pub static Py_FileSystemDefaultEncodeErrors: Text = Text(c"surrogateescape".as_ptr());

/// Whether the encoding was set by hand.
#[unsafe(no_mangle)]
pub static Py_HasFileSystemDefaultEncoding: c_int = 1;
