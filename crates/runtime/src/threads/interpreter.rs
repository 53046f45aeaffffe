//! An interpreter: all that is not immutable and not a thread's own.

use crate::exceptions::BaseException;
use crate::gc::GcState;
use crate::object::Type;
use crate::object::field::Field;
use crate::types::dict::Dict;
use crate::types::list::List;

/// The state of one interpreter (`PyInterpreterState`).
pub struct Interpreter {
    /// The collector's state.
    pub gc: GcState,
    /// Interned strings: each string is its own key and value; the table's references are not counted.
    pub interned: crate::types::str::intern::InternTable,
    /// Attribute lookups on types, by version and name.
    pub type_cache: crate::types::type_::cache::TypeCache,
    /// `sys.modules`
    pub modules: Field<Dict>,
    /// The dictionary of `sys`.
    pub sys_dict: Field<Dict>,
    /// The dictionary of `builtins`.
    pub builtins: Field<Dict>,
    /// A copy of `builtins` as it was at start-up.
    pub builtins_copy: Field<Dict>,
    /// Copies of the dictionaries of modules that are made once for a process, by name.
    pub module_copies: Field<Dict>,
    /// A MemoryError made at start-up, for when there is no memory to make one.
    pub memory_error: Field<BaseException>,
    /// More of them, which are given away before it.
    pub memory_errors: [Field<BaseException>; crate::exceptions::reserve::READY],
    /// `ExceptionGroup`, once it was made.
    pub exception_group: Field<Type>,
    /// Whether frozen modules are used: 1 or -1 where `_imp._override_frozen_modules_for_tests` said so, 0 for what the options say.
    pub frozen_modules: std::cell::Cell<i32>,
    /// `sys.setswitchinterval`, in seconds.
    pub switch_interval: std::cell::Cell<f64>,
    /// Who may handle objects.
    pub lock: super::lock::InterpreterLock,
    /// The threads, the newest last.
    pub threads: super::spawn::Threads,
    /// The hooks of `sys.addaudithook`.
    pub audit_hooks: Field<List>,
    /// Counts changes of the warnings filters.
    pub warning_filters_version: std::cell::Cell<i64>,
    /// What the interpreter was started with.
    pub config: Box<super::config::Config>,
    /// The module `importlib._bootstrap`.
    pub importlib: Field,
    /// Codecs and error handlers.
    pub codecs: crate::types::str::codecs::CodecRegistry,
    /// How often `-b` was given.
    pub bytes_warning: std::cell::Cell<i32>,
    /// Objects that built-in modules keep, by name.
    pub module_state: Field<Dict>,
    /// What `_asyncio` keeps.
    pub asyncio: Field,
    /// Functions called at exit, by `atexit`.
    pub at_exit: Field<List>,
    /// Formats that the functions of `_struct` used last.
    pub struct_formats: Field<Dict>,
    /// Whether the interpreter is ending: exit functions have run.
    pub finalizing: std::cell::Cell<bool>,
    /// The limit of `sys.set_int_max_str_digits`.
    pub int_max_str_digits: crate::types::int::text::DigitLimit,
    /// What evaluation keeps.
    pub eval: crate::eval::InterpreterState,
    /// Dead objects that the next ones are made of.
    pub free_lists: crate::object::free_list::FreeLists,
    /// What `_tracemalloc` keeps, or null.
    pub memory_tracer: std::cell::Cell<*const ()>,
    /// Counts code objects that ended: what is remembered by their addresses is valid as long as this does not change.
    pub codes_freed: std::cell::Cell<u64>,
    /// Compiled extensions that were loaded.
    pub extensions: crate::import::extension::Extensions,
    /// The lock of the import system.
    pub import_lock: crate::import::lock::ImportLock,
    /// What `-X importtime` keeps.
    pub import_times: crate::import::timing::ImportTimes,
    /// Memory of all objects.
    pub heap: Box<habu_heap::Heap>,
}
