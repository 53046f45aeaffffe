//! The module `_imp`: what the library's `importlib` asks of the interpreter.

use habu_macros::pymodule;
use habu_runtime::import::extension;
use habu_runtime::object::{Object, Raised, Ref, protocol};
use habu_runtime::raise;
use habu_runtime::threads::Thread;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::list::List;
use habu_runtime::types::module::Module;
use habu_runtime::types::none;
use habu_runtime::types::str::Str;

/// The module.
pub struct Imp;

/// (Extremely) low-level import machinery bits as used by importlib.
#[pymodule(name = "_imp")]
impl Imp {
    /// Return True if the import lock is currently held.
    ///
    /// On platforms without threads, return False.
    fn lock_held() -> Result<bool, Raised> {
        Ok(false)
    }

    /// Acquires the interpreter's import lock for the current thread.
    ///
    /// This lock should be used by import hooks to ensure thread-safety when importing
    /// modules. On platforms without threads, this function does nothing.
    fn acquire_lock() -> Result<(), Raised> {
        Ok(())
    }

    /// Release the interpreter's import lock.
    ///
    /// On platforms without threads, this function does nothing.
    fn release_lock() -> Result<(), Raised> {
        Ok(())
    }

    /// Returns the list of file suffixes used to identify extension modules.
    fn extension_suffixes() -> Result<Ref<List>, Raised> {
        let list = List::new()?;
        for suffix in extension::SUFFIXES {
            list.push(Str::new(suffix)?.into_object())?;
        }
        Ok(list)
    }

    /// Create an extension module.
    #[signature(spec, file = None, /)]
    fn create_dynamic(spec: &Object, file: Option<&Object>) -> Result<Ref, Raised> {
        let _ = file;
        extension::create_dynamic(spec)
    }

    /// Initialize an extension module.
    #[signature(mod_, /)]
    fn exec_dynamic(mod_: &Object) -> Result<i32, Raised> {
        extension::exec_dynamic(mod_)?;
        Ok(0)
    }

    /// Returns True if the module name corresponds to a built-in module.
    fn is_builtin(name: &Str) -> Result<i32, Raised> {
        let found = crate::BUILTIN_MODULES.iter().find(|module| name.equals(module.name));
        Ok(match found.map(|module| module.name) {
            None => 0,
            Some("sys" | "builtins") => -1,
            Some(_) => 1,
        })
    }

    /// Returns True if the module name corresponds to a frozen module.
    fn is_frozen(name: &Str) -> Result<bool, Raised> {
        let _ = name;
        Ok(false)
    }

    /// Returns True if the module name is of a frozen package.
    fn is_frozen_package(name: &Str) -> Result<bool, Raised> {
        Err(raise!(ImportError, "No such frozen object named {}", name))
    }

    /// Create a code object for a frozen module.
    #[signature(name, data = None, /)]
    fn get_frozen_object(name: &Str, data: Option<&Object>) -> Result<Ref, Raised> {
        let _ = data;
        Err(raise!(ImportError, "No such frozen object named {}", name))
    }

    /// Return info about the corresponding frozen module (if there is one) or None.
    #[signature(name, /, *, withdata = false)]
    fn find_frozen(name: &Str, withdata: bool) -> Result<Ref, Raised> {
        let _ = (name, withdata);
        Ok(none())
    }

    /// Initializes a frozen module.
    fn init_frozen(name: &Str) -> Result<Ref, Raised> {
        let _ = name;
        Ok(none())
    }

    /// Returns the list of available frozen modules.
    #[name = "_frozen_module_names"]
    fn frozen_module_names() -> Result<Ref<List>, Raised> {
        List::new()
    }

    /// (internal-only) Override PyConfig.use_frozen_modules.
    #[name = "_override_frozen_modules_for_tests"]
    #[signature(over_ride, /)]
    fn override_frozen(over_ride: i32) -> Result<(), Raised> {
        let _ = over_ride;
        Ok(())
    }

    /// Create an extension module.
    fn create_builtin(spec: &Object) -> Result<Ref, Raised> {
        let name = protocol::get_attribute(spec, &*Str::intern("name")?)?;
        let Some(name) = name.downcast::<Str>() else {
            return Err(raise!(TypeError, "name must be string, not {}", name.ty().name()));
        };
        if let Some(known) = habu_runtime::import::imported(name)? {
            return Ok(known);
        }
        match crate::BUILTIN_MODULES.iter().find(|module| name.equals(module.name)) {
            Some(definition) => Module::from_definition(definition).map(Ref::into_object),
            None => Ok(none()),
        }
    }

    /// Initialize a built-in module.
    #[name = "exec_builtin"]
    #[signature(mod_, /)]
    fn exec_builtin(mod_: &Object) -> Result<i32, Raised> {
        let _ = mod_;
        Ok(0)
    }

    /// Changes code.co_filename to specify the passed-in file path.
    #[name = "_fix_co_filename"]
    #[signature(code, path, /)]
    fn fix_co_filename(code: &habu_runtime::types::code::Code, path: &Str) -> Result<(), Raised> {
        code.set_filename(path)
    }

    fn source_hash(key: i64, source: &Object) -> Result<Ref<Bytes>, Raised> {
        let source = habu_runtime::types::buffer::ByteView::new(source)?;
        let hash = habu_bytecode::pyc::keyed_hash(key as u64, source.as_slice());
        Bytes::new(&hash)
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        let config = &Thread::current().interpreter().config;
        let check = if config.check_hash_pycs.is_empty() { "default" } else { &config.check_hash_pycs };
        module.set_text("check_hash_based_pycs", check)
    }
}

/// Makes the built-in module `name` and puts it into `sys.modules`, without the library's import machinery.
pub fn create(name: &str) -> Result<Ref<Module>, Raised> {
    let Some(definition) = crate::BUILTIN_MODULES.iter().find(|module| module.name == name) else {
        return Err(raise!(ImportError, "no built-in module named {name}"));
    };
    let module = Module::from_definition(definition)?;
    let modules: Ref<Dict> = habu_runtime::import::modules()?;
    modules.set_str(name, &module)?;
    Ok(module)
}
