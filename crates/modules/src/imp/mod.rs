//! The module `_imp`: what the library's `importlib` asks of the interpreter.

pub mod frozen;

use habu_macros::pymodule;
use habu_runtime::import::extension;
use habu_runtime::object::{Object, PyType, Raised, Ref, protocol};
use habu_runtime::raise;
use habu_runtime::threads::Thread;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::code::Code;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::list::List;
use habu_runtime::types::module::Module;
use habu_runtime::types::none;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::{eval, id};

/// The module.
pub struct Imp;

/// (Extremely) low-level import machinery bits as used by importlib.
#[pymodule(name = "_imp")]
impl Imp {
    /// Return True if the import lock is currently held.
    ///
    /// On platforms without threads, return False.
    fn lock_held() -> Result<bool, Raised> {
        Ok(Thread::current().interpreter().import_lock.is_held())
    }

    /// Acquires the interpreter's import lock for the current thread.
    ///
    /// This lock should be used by import hooks to ensure thread-safety when importing
    /// modules. On platforms without threads, this function does nothing.
    fn acquire_lock() -> Result<(), Raised> {
        Thread::current().interpreter().import_lock.acquire();
        Ok(())
    }

    /// Release the interpreter's import lock.
    ///
    /// On platforms without threads, this function does nothing.
    fn release_lock() -> Result<(), Raised> {
        Thread::current().interpreter().import_lock.release()
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
    #[shown("($module, spec, file=<unrepresentable>, /)")]
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
            None => i32::from(extension::inittab(&name.to_string_lossy()).is_some()),
            Some("sys" | "builtins") => -1,
            Some(_) => 1,
        })
    }

    /// Returns True if the module name corresponds to a frozen module.
    fn is_frozen(name: &Str) -> Result<bool, Raised> {
        Ok(frozen::find(name).is_some())
    }

    /// Returns True if the module name is of a frozen package.
    fn is_frozen_package(name: &Str) -> Result<bool, Raised> {
        frozen::find(name).map(|module| module.is_package).ok_or_else(|| not_frozen(name))
    }

    /// Create a code object for a frozen module.
    #[signature(name, data = None, /)]
    fn get_frozen_object(name: &Str, data: Option<&Object>) -> Result<Ref, Raised> {
        let Some(data) = data.filter(|data| !is_none(data)) else {
            let module = frozen::find(name).ok_or_else(|| not_frozen(name))?;
            return module.code().map(Ref::into_object);
        };
        let view = habu_runtime::types::buffer::ByteView::new(data)?;
        let code = crate::marshal_::reading::loads(view.as_slice());
        match code.map(Ref::downcast_into::<Code>) {
            Ok(Ok(code)) => Ok(code.into_object()),
            Ok(Err(_)) => Err(raise!(TypeError, "frozen object {} is not a code object", protocol::repr(name)?)),
            Err(raised) => {
                raised.clear();
                Err(import_error(format_args!("Frozen object named {} is invalid", protocol::repr(name)?), name))
            }
        }
    }

    /// Return info about the corresponding frozen module (if there is one) or None.
    ///
    /// The returned info (a 2-tuple):
    ///
    ///  * data         the raw marshalled bytes
    ///  * is_package   whether or not it is a package
    ///  * origname     the originally frozen module's name, or None if not
    ///                 a stdlib module (this will usually be the same as
    ///                 the module's current name)
    #[signature(name, /, *, withdata = false)]
    fn find_frozen(name: &Str, withdata: bool) -> Result<Ref, Raised> {
        let Some(module) = frozen::find(name) else { return Ok(none()) };
        let data = match withdata {
            true => {
                let marshal = habu_runtime::import::import_module("marshal")?;
                let dumped = protocol::call_method(&marshal, &*Str::intern("dumps")?, &[&*module.code()?])?;
                protocol::call(habu_runtime::types::memoryview::MemoryView::type_object(), &[&dumped])?
            }
            false => none(),
        };
        let origin = match module.origin {
            Some(origin) => Str::intern(origin)?.into_object(),
            None => none(),
        };
        let is_package = habu_runtime::types::boolean(module.is_package);
        Ok(Tuple::from_refs([data, is_package, origin])?.into_object())
    }

    /// Initializes a frozen module.
    fn init_frozen(name: &Str) -> Result<Ref, Raised> {
        let Some(found) = frozen::find(name) else { return Ok(none()) };
        let modules = habu_runtime::import::modules()?;
        let module = match modules.get(name)?.map(Ref::downcast_into::<Module>) {
            Some(Ok(module)) => module,
            _ => Module::new(found.name)?,
        };
        modules.set(name, &module)?;
        run_frozen(found, &module)?;
        Ok(module.into_object())
    }

    /// Returns the list of available frozen modules.
    #[name = "_frozen_module_names"]
    fn frozen_module_names() -> Result<Ref<List>, Raised> {
        let names = List::new()?;
        for module in frozen::FROZEN {
            names.push(Str::intern(module.name)?.into_object())?;
        }
        Ok(names)
    }

    /// (internal-only) Override PyConfig.use_frozen_modules.
    ///
    /// (-1: "off", 1: "on", 0: no override)
    /// See frozen_modules() in Lib/test/support/import_helper.py.
    #[name = "_override_frozen_modules_for_tests"]
    #[signature(over_ride, /)]
    #[shown("($module, override, /)")]
    fn override_frozen(over_ride: i32) -> Result<(), Raised> {
        Thread::current().interpreter().frozen_modules.set(over_ride.signum());
        Ok(())
    }

    /// Create an extension module.
    fn create_builtin(spec: &Object) -> Result<Ref, Raised> {
        let name = protocol::get_attribute(spec, &*Str::intern("name")?)?;
        let Some(name) = name.downcast::<Str>() else {
            return Err(raise!(TypeError, "name must be string, not {}", name.ty().full_name()));
        };
        if let Some(known) = habu_runtime::import::imported(name)? {
            return Ok(known);
        }
        match crate::BUILTIN_MODULES.iter().find(|module| name.equals(module.name)) {
            Some(definition) => Module::from_definition(definition).map(Ref::into_object),
            None => Ok(extension::create_from_inittab(spec, name)?.unwrap_or_else(none)),
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

    #[signature(key, source)]
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

/// An ImportError about a module.
fn import_error(message: std::fmt::Arguments<'_>, name: &Str) -> Raised {
    let raised = raise!(ImportError, "{message}");
    let exception = raised.take();
    if let Err(raised) = Str::intern("name").and_then(|slot| protocol::set_attribute(&exception, &slot, Some(name))) {
        raised.clear();
    }
    Thread::current().set_exception(exception)
}

fn not_frozen(name: &Str) -> Raised {
    import_error(format_args!("No such frozen object named {name}"), name)
}

/// Runs the code of a frozen module in a module, as C does at start-up, without the import machinery.
pub fn run_frozen(found: &frozen::Frozen, module: &Module) -> Result<(), Raised> {
    let code = found.code()?;
    let dict = module.dictionary()?;
    if found.is_package {
        module.set("__path__", &*List::new()?)?;
    }
    if let Some(origin) = found.origin {
        module.set("__origname__", &*Str::intern(origin)?)?;
    }
    if dict.get(id!(__builtins__))?.is_none() {
        dict.set(id!(__builtins__), &eval::builtins())?;
    }
    eval::run_code(&code, &dict, &dict).map(drop)
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
