//! The module `sys`.

pub mod attributes;
pub mod frames;
pub mod hooks;
pub mod limits;
pub mod stderrprinter;

use habu_macros::pymodule;
use habu_runtime::exceptions::exc;
use habu_runtime::object::protocol;
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::threads::Thread;
use habu_runtime::types::int::Int;
use habu_runtime::types::module::Module;
use habu_runtime::types::str::Str;
use habu_runtime::{id, raise};

/// The module.
pub struct Sys;

/// The attribute `name` of `sys`.
pub fn get(name: &str) -> Result<Option<Ref>, Raised> {
    match Thread::current().interpreter().sys_dict.get() {
        Some(dict) => dict.get_str(name),
        None => Ok(None),
    }
}

/// Sets the attribute `name` of `sys`.
pub fn set(name: &str, value: &Object) -> Result<(), Raised> {
    match Thread::current().interpreter().sys_dict.get() {
        Some(dict) => dict.set_str(name, value),
        None => Ok(()),
    }
}

/// The optimisation level of the command line.
pub fn optimization() -> i32 {
    Thread::current().interpreter().config.flags.optimize
}

/// Prints the heap's statistics and those of the free lists to the process's standard error.
pub fn print_malloc_stats() {
    let interpreter = Thread::current().interpreter();
    if interpreter.heap.config().pymalloc {
        eprintln!("{}", interpreter.heap.stats());
    }
    let line = |count: u32, what: &str, size: usize| {
        let label = format!("{count} free {what} * {size} bytes each");
        eprintln!("{label:>48} ={:>21}", habu_heap::grouped(count as usize * size));
    };
    let (lists, dicts, _, tuples) = interpreter.free_lists.counts();
    line(dicts, "PyDictObjects", 48);
    line(0, "PyFloatObjects", 24);
    line(lists, "PyListObjects", 40);
    for (index, count) in tuples.into_iter().enumerate() {
        line(count, &format!("{}-sized PyTupleObjects", index + 1), 32 + 8 * index);
    }
}

/// The size of an object as `sys.getsizeof` tells it.
fn size_of_object(object: &Object) -> Result<usize, Raised> {
    let ty = object.type_ref();
    let Some(method) = protocol::lookup_special(object, id!(__sizeof__))? else {
        return Err(raise!(TypeError, "Type {} doesn't define __sizeof__", ty.full_name()));
    };
    let size = protocol::call0(&method)?;
    let Some(size) = size.downcast::<Int>() else { return Err(raise!(TypeError, "an integer is required")) };
    let Some(bytes) = size.to_i64().and_then(|size| usize::try_from(size).ok()) else {
        return Err(match size.is_negative() {
            true => raise!(ValueError, "__sizeof__() should return >= 0"),
            false => raise!(OverflowError, "Python int too large to convert to C ssize_t"),
        });
    };
    // By the type alone: a static type counts a head that it does not have.
    Ok(bytes + ty.preheader_size())
}

/// This module provides access to some objects used or maintained by the
/// interpreter and to functions that interact strongly with the interpreter.
///
/// Dynamic objects:
///
/// argv -- command line arguments; argv[0] is the script pathname if known
/// path -- module search path; path[0] is the script directory, else ''
/// modules -- dictionary of loaded modules
///
/// displayhook -- called to show results in an interactive session
/// excepthook -- called to handle any uncaught exception other than SystemExit
///   To customize printing in an interactive session or to install a custom
///   top-level exception handler, assign other functions to replace these.
///
/// stdin -- standard input file object; used by input()
/// stdout -- standard output file object; used by print()
/// stderr -- standard error object; used for error messages
///   By assigning other file objects (or objects that behave like files)
///   to these, it is possible to redirect all of the interpreter's I/O.
#[pymodule(name = "sys", with(FRAMES, HOOKS, LIMITS))]
impl Sys {
    /// Return the reference count of object.
    ///
    /// The count returned is generally one higher than you might expect,
    /// because it includes the (temporary) reference as an argument to
    /// getrefcount().
    fn getrefcount(object: &Object) -> Result<isize, Raised> {
        Ok(object.refcount())
    }

    /// getsizeof(object [, default]) -> int
    ///
    /// Return the size of object in bytes.
    #[no_signature]
    #[signature(object, default = None)]
    fn getsizeof(object: &Object, default: Option<&Object>) -> Result<Ref, Raised> {
        match size_of_object(&object.to_ref()) {
            Ok(size) => Ok(Int::from_u64(size as u64)?.into_object()),
            Err(raised) => match default {
                Some(default) => {
                    protocol::attribute::ignore::<Ref>(raised, exc::TypeError())?;
                    Ok(default.to_ref())
                }
                None => Err(raised),
            },
        }
    }

    /// ``Intern'' the given string.
    ///
    /// This enters the string in the (global) table of interned strings whose
    /// purpose is to speed up dictionary lookups. Return the string itself or
    /// the previously interned string object with the same value.
    fn intern(string: &Str) -> Result<Ref<Str>, Raised> {
        if !string.is_exact::<Str>() {
            return Err(raise!(TypeError, "can't intern {}", string.ty().full_name()));
        }
        Ok(habu_runtime::types::str::intern::intern(Ref::from_borrowed(string)))
    }

    /// Return the number of memory blocks currently allocated.
    fn getallocatedblocks() -> Result<usize, Raised> {
        let heap = &Thread::current().interpreter().heap;
        // Larger blocks of the domains that have pools count too; without pools nothing does.
        Ok(if heap.has_pools() { heap.allocated_blocks() + heap.large_blocks() } else { 0 })
    }

    /// Print debug info to stderr about the state of pymalloc and structseq.
    #[name = "_debugmallocstats"]
    fn debug_malloc_stats() -> Result<(), Raised> {
        print_malloc_stats();
        Ok(())
    }

    /// Clear the internal type lookup cache.
    #[name = "_clear_type_cache"]
    fn clear_type_cache() -> Result<(), Raised> {
        Ok(())
    }

    /// Return the current default encoding used by the Unicode implementation.
    fn getdefaultencoding() -> Result<&'static str, Raised> {
        Ok("utf-8")
    }

    /// Return the encoding used to convert Unicode filenames to OS filenames.
    fn getfilesystemencoding() -> Result<&'static str, Raised> {
        Ok("utf-8")
    }

    /// Return the error mode used Unicode to OS filename conversion.
    fn getfilesystemencodeerrors() -> Result<&'static str, Raised> {
        Ok("surrogateescape")
    }

    /// Return True if Python is exiting.
    fn is_finalizing() -> Result<bool, Raised> {
        Ok(habu_runtime::threads::Thread::current().interpreter().finalizing.get())
    }

    /// Exit the interpreter by raising SystemExit(status).
    ///
    /// If the status is omitted or None, it defaults to zero (i.e., success).
    /// If the status is an integer, it will be used as the system exit status.
    /// If it is another kind of object, it will be printed and the system
    /// exit status will be one (i.e., failure).
    #[signature(status = None, /)]
    fn exit(status: Option<&Object>) -> Result<Ref, Raised> {
        Err(match status {
            Some(status) if status.isinstance::<habu_runtime::types::tuple::Tuple>() => {
                let items = status
                    .downcast::<habu_runtime::types::tuple::Tuple>()
                    .map_or(&[][..], |items| items.as_borrowed_slice());
                habu_runtime::exceptions::raise_with_arguments(exc::SystemExit(), items)
            }
            Some(status) if habu_runtime::types::singletons::is_none(status) => {
                habu_runtime::exceptions::raise_with_arguments(exc::SystemExit(), &[])
            }
            Some(status) => habu_runtime::exceptions::raise_with_arguments(exc::SystemExit(), &[status]),
            None => habu_runtime::exceptions::raise_with_arguments(exc::SystemExit(), &[]),
        })
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        attributes::fill(module)
    }
}
