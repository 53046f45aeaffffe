//! Several interpreters in one process, each with a lock, a heap and types of its own.
//!
//! Compiled extensions refer to static types and constants by their symbols and change their counts without atomic instructions; so what the process
//! has of those belongs to one lock. An interpreter that is to run beside another therefore gets a copy of all of it: each is one more copy of
//! `libpython3.11.so.1.0` in a link namespace of its own (`dlmopen`), with its own C library and its own extensions. Nothing is shared but what
//! belongs to the process: descriptors, the working folder, the environment that it was started with, signals.
//!
//! ```no_run
//! let one = habu_interpreters::Interpreter::start("target/release/libpython3_11.so", &["-I"])?;
//! assert_eq!(one.run("import math; x = math.tau"), 0);
//! assert_eq!(one.evaluate("round(x)"), Ok("6".to_owned()));
//! # Ok::<(), habu_interpreters::Error>(())
//! ```
//!
//! Invariants: an interpreter's main thread is one of its own, made by its own C library, on which all that it is asked for runs. Callers wait for
//! their turn and the answer, so an `Interpreter` may be used from any thread, and from several. None of them sets handlers of signals.
//!
//! Rejected: interpreters that share their static types, as CPython's sub-interpreters do, with one lock for all or counts that lose updates.

mod library;

use std::ffi::{CString, OsStr, c_char, c_int, c_void};
use std::fmt;
use std::path::Path;

use library::Library;

/// Why there is no interpreter, or no value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Error {
    /// The library could not be loaded, or is none of Habu's: the system's words. The C library has room for eleven copies at a time.
    Library(String),
    /// The interpreter did not start.
    Start(String),
    /// The expression raised an exception, which was shown on the interpreter's standard error; the exit code that it means.
    Raised(i32),
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Library(text) => write!(formatter, "the interpreter's library: {text}"),
            Error::Start(text) => write!(formatter, "the interpreter did not start: {text}"),
            Error::Raised(code) => write!(formatter, "an exception was raised (exit code {code})"),
        }
    }
}

impl std::error::Error for Error {}

/// Takes a text.
type Take = extern "C" fn(*mut c_void, *const u8, usize);
type Start = unsafe extern "C" fn(*const *const c_char, usize, Take, *mut c_void) -> *const c_void;
type Run = unsafe extern "C" fn(*const c_void, c_int, *const u8, usize, Take, *mut c_void) -> c_int;
type End = unsafe extern "C" fn(*const c_void) -> c_int;

/// What `_Habu_ServedRun` does.
const STATEMENTS: c_int = 0;
const EXPRESSION: c_int = 1;

/// What `_Habu_ServedEnd` gives where the library must stay.
const THREADS_LEFT: c_int = -2;

/// An interpreter. Dropping it ends it: threads of the program are waited for, exit functions run, modules are cleared.
pub struct Interpreter {
    library: Library,
    served: *const c_void,
    run: Run,
    end: End,
}

// SAFETY: the other side takes one caller at a time, from whatever thread.
unsafe impl Send for Interpreter {}
// SAFETY: as above.
unsafe impl Sync for Interpreter {}

/// Keeps a text that the interpreter gives, in the `String` that `place` points to.
extern "C" fn keep(place: *mut c_void, text: *const u8, length: usize) {
    // SAFETY: this module hands over a `String` each time, and the text is as long as the interpreter says.
    unsafe { *place.cast::<String>() = String::from_utf8_lossy(std::slice::from_raw_parts(text, length)).into_owned() };
}

impl Interpreter {
    /// Loads one more copy of Habu's shared library and starts the interpreter in it, with options of Python's command line (`-I`, `-X`,
    /// `--memory-limit`, ...), and without a program.
    pub fn start(library: impl AsRef<Path>, options: &[&str]) -> Result<Interpreter, Error> {
        let library = Library::load(OsStr::new(library.as_ref())).map_err(Error::Library)?;
        let find = |name| library.find(name).map_err(Error::Library);
        let (start, run, end) = (find(c"_Habu_ServedStart")?, find(c"_Habu_ServedRun")?, find(c"_Habu_ServedEnd")?);
        // SAFETY: the functions with these names have these types.
        let (start, run, end) = unsafe {
            (
                std::mem::transmute::<*mut c_void, Start>(start),
                std::mem::transmute::<*mut c_void, Run>(run),
                std::mem::transmute::<*mut c_void, End>(end),
            )
        };
        let options: Result<Vec<CString>, _> = options.iter().map(|option| CString::new(*option)).collect();
        let options = options.map_err(|error| Error::Start(error.to_string()))?;
        let pointers: Vec<*const c_char> = options.iter().map(|option| option.as_ptr()).collect();
        let mut why = String::new();
        // SAFETY: as many strings as said, which live through the call; `keep` gets the place of a `String`.
        let served = unsafe { start(pointers.as_ptr(), pointers.len(), keep, (&raw mut why).cast()) };
        if served.is_null() {
            // Its thread has ended; what it had begun is left where it is.
            library.leave();
            return Err(Error::Start(why));
        }
        Ok(Interpreter { library, served, run, end })
    }

    fn ask(&self, kind: c_int, text: &str, answer: &mut String) -> i32 {
        let place = std::ptr::from_mut(answer).cast();
        // SAFETY: the interpreter has not ended; the text is as long as said; `keep` gets the place of a `String`.
        unsafe { (self.run)(self.served, kind, text.as_ptr(), text.len(), keep, place) }
    }

    /// Runs statements in the module `__main__`, after what other threads have asked for. The exit code that their end means: 0, 1 for an exception,
    /// which was shown, or what `sys.exit` was given; the interpreter stays as it is.
    pub fn run(&self, source: &str) -> i32 {
        self.ask(STATEMENTS, source, &mut String::new())
    }

    /// The value of an expression in `__main__`, as `str()` shows it.
    pub fn evaluate(&self, expression: &str) -> Result<String, Error> {
        let mut text = String::new();
        match self.ask(EXPRESSION, expression, &mut text) {
            0 => Ok(text),
            code => Err(Error::Raised(code)),
        }
    }
}

impl Drop for Interpreter {
    fn drop(&mut self) {
        // SAFETY: nobody else uses the interpreter any more.
        let code = unsafe { (self.end)(self.served) };
        if code == THREADS_LEFT {
            self.library.leave();
        }
    }
}
