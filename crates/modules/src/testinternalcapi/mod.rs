//! `_testinternalcapi`: what CPython's own tests ask of the runtime's inside: the configuration, the size of the collector's header, and how
//! deep calls are nested.

use habu_macros::pymodule;
use habu_runtime::object::{IntoObject, Raised, Ref};
use habu_runtime::threads::Thread;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::list::List;
use habu_runtime::types::module::Module;
use habu_runtime::types::none;
use habu_runtime::types::str::Str;

use crate::sys_::attributes::arguments;

/// What is in front of every collectable object, in bytes.
const COLLECTOR_HEADER: i64 = 16;

/// The module.
pub(crate) struct TestInternalCapi;

/// A list of strings.
fn texts<'a>(items: impl Iterator<Item = &'a str>) -> Result<Ref, Raised> {
    let list = List::new()?;
    for item in items {
        list.push(Str::new(item)?.into_object())?;
    }
    Ok(list.into_object())
}

/// The configuration under the names of `PyConfig`.
fn configuration() -> Result<Ref<Dict>, Raised> {
    let config = &Thread::current().interpreter().config;
    let flags = &config.flags;
    let dict = Dict::new()?;
    let numbers = [
        ("isolated", i64::from(flags.isolated)),
        ("use_environment", i64::from(flags.ignore_environment == 0)),
        ("dev_mode", i64::from(flags.dev_mode)),
        ("use_hash_seed", i64::from(config.hash_seeded)),
        ("tracemalloc", i64::from(config.trace_frames)),
        ("code_debug_ranges", i64::from(!config.no_debug_ranges)),
        ("parser_debug", i64::from(flags.debug)),
        ("site_import", i64::from(flags.no_site == 0)),
        ("bytes_warning", i64::from(flags.bytes_warning)),
        ("warn_default_encoding", i64::from(flags.warn_default_encoding)),
        ("inspect", i64::from(flags.inspect)),
        ("interactive", i64::from(flags.interactive)),
        ("optimization_level", i64::from(flags.optimize)),
        ("write_bytecode", i64::from(flags.dont_write_bytecode == 0)),
        ("verbose", i64::from(flags.verbose)),
        ("quiet", i64::from(flags.quiet)),
        ("user_site_directory", i64::from(flags.no_user_site == 0)),
        ("buffered_stdio", i64::from(!flags.unbuffered)),
        ("safe_path", i64::from(flags.safe_path)),
    ];
    for (name, value) in numbers {
        dict.set_str(name, &*value.into_object()?)?;
    }
    dict.set_str("argv", &*arguments(&config.argv)?)?;
    dict.set_str("orig_argv", &*arguments(&config.orig_argv)?)?;
    dict.set_str("warnoptions", &*texts(config.warn_options.iter().map(String::as_str))?)?;
    dict.set_str("xoptions", &*texts(config.x_options.iter().map(|(name, _)| name.as_str()))?)?;
    dict.set_str("executable", &*Str::new(&config.executable)?)?;
    dict.set_str("prefix", &*Str::new(&config.prefix.to_string_lossy())?)?;
    dict.set_str("base_prefix", &*Str::new(&config.base_prefix.to_string_lossy())?)?;
    dict.set_str("check_hash_pycs_mode", &*Str::new(&config.check_hash_pycs)?)?;
    let prefix = match &config.pycache_prefix {
        Some(prefix) => Str::new(prefix)?.into_object(),
        None => none(),
    };
    dict.set_str("pycache_prefix", &prefix)?;
    Ok(dict)
}

#[pymodule(name = "_testinternalcapi")]
impl TestInternalCapi {
    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        module.set("SIZEOF_PYGC_HEAD", &*COLLECTOR_HEADER.into_object()?)
    }

    /// The configuration of the interpreter.
    #[no_signature]
    fn get_config() -> Result<Ref<Dict>, Raised> {
        configuration()
    }

    /// The number of Python calls around this one.
    #[no_signature]
    fn get_recursion_depth() -> Result<i32, Raised> {
        let thread = Thread::current();
        // The call of this function does not count.
        Ok(thread.recursion_limit.get() - thread.recursion_remaining.get() - 1)
    }
}
