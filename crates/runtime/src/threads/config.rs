//! What an interpreter is started with: the command line, the environment, where the library is. It does not change afterwards.

use std::ffi::OsString;
use std::path::PathBuf;

/// The flags of the command line, as `sys.flags` shows them.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// `-d`
    pub debug: i32,
    /// `-i`: inspect after the program.
    pub inspect: i32,
    /// `-i`: act as a terminal's interpreter.
    pub interactive: i32,
    /// `-O`, `-OO`
    pub optimize: i32,
    /// `-B`
    pub dont_write_bytecode: i32,
    /// `-s`
    pub no_user_site: i32,
    /// `-S`
    pub no_site: i32,
    /// `-E`
    pub ignore_environment: i32,
    /// `-v`
    pub verbose: i32,
    /// `-b`
    pub bytes_warning: i32,
    /// `-q`
    pub quiet: i32,
    /// `PYTHONHASHSEED` is not set or `random`.
    pub hash_randomization: i32,
    /// `-I`
    pub isolated: i32,
    /// `-X dev`
    pub dev_mode: bool,
    /// `-X utf8`
    pub utf8_mode: i32,
    /// `-X warn_default_encoding`
    pub warn_default_encoding: i32,
    /// `-P`
    pub safe_path: bool,
    /// `-X int_max_str_digits` and PYTHONINTMAXSTRDIGITS; -1 where neither is given.
    pub int_max_str_digits: i32,
    /// `-u`
    pub unbuffered: bool,
}

/// What an interpreter does about signals.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Signals {
    /// At its start it ignores SIGPIPE and SIGXFSZ and handles SIGINT; its main thread runs handlers.
    #[default]
    Handled,
    /// At its start it leaves the process's actions alone; its main thread may set handlers.
    Left,
    /// None of its threads is the main one of the process: it sets no handlers at all.
    Elsewhere,
}

/// What an interpreter is started with.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The flags.
    pub flags: Flags,
    /// `sys.argv`
    pub argv: Vec<OsString>,
    /// `sys.orig_argv`
    pub orig_argv: Vec<OsString>,
    /// `sys.executable`
    pub executable: String,
    /// `sys.prefix`
    pub prefix: PathBuf,
    /// `sys.base_prefix`
    pub base_prefix: PathBuf,
    /// The folder of the pure-Python library.
    pub library: PathBuf,
    /// `sys.path` before `site`.
    pub path: Vec<String>,
    /// `-W` and `PYTHONWARNINGS`, in order.
    pub warn_options: Vec<String>,
    /// `-X` options: name and value.
    pub x_options: Vec<(String, Option<String>)>,
    /// `sys.pycache_prefix`
    pub pycache_prefix: Option<String>,
    /// Whether PYTHONHASHSEED gives a seed.
    pub hash_seeded: bool,
    /// `-X tracemalloc` and `PYTHONTRACEMALLOC`: the frames of a traceback, 0 for no tracing.
    pub trace_frames: i32,
    /// `-X faulthandler`, PYTHONFAULTHANDLER and development mode: tracebacks on fatal signals from the start.
    pub faulthandler: bool,
    /// `-X no_debug_ranges` and `PYTHONNODEBUGRANGES`: code objects have lines, but no columns.
    pub no_debug_ranges: bool,
    /// `-X importtime` and `PYTHONPROFILEIMPORTTIME`: tell how long each import takes.
    pub import_times: bool,
    /// PYTHONMALLOCSTATS: print the heap's statistics at the end.
    pub malloc_stats: bool,
    /// What it does about signals.
    pub signals: Signals,
    /// `PYTHONIOENCODING`
    pub io_encoding: Option<String>,
    /// How `.pyc` files are checked: `default`, `always`, `never`.
    pub check_hash_pycs: String,
}
