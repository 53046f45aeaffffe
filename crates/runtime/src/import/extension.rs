//! Loading compiled extensions: `dlopen`, the init function, and what it gives: a definition (multi-phase), or a finished module
//! (single-phase).

use std::cell::RefCell;
use std::ffi::{CStr, CString, c_int};
use std::ptr::NonNull;

use crate::exceptions::raise_import_error;
use crate::object::{Field, Object, PyType, Raised, Ref, protocol};
use crate::raise;
use crate::threads::Thread;
use crate::types::list::List;
use crate::types::module::definition_object::definition_of;
use crate::types::module::{Module, ModuleDefObject};
use crate::types::str::Str;
use crate::types::str::codecs;

/// The ends of the names of extensions' files, the most specific first.
pub const SUFFIXES: [&str; 3] = [".cpython-311-x86_64-linux-gnu.so", ".abi3.so", ".so"];

/// What an interpreter keeps of extensions.
pub struct Extensions {
    /// Modules of single-phase initialisation by file and name, to make them again.
    single: RefCell<Vec<(String, String, *const ModuleDefObject)>>,
    /// The modules by the number of their definition (`PyState_FindModule`).
    by_index: Field<List>,
    /// What extensions keep in the interpreter (`PyInterpreterState_GetDict`).
    dict: Field<crate::types::dict::Dict>,
    /// How libraries are opened (`sys.setdlopenflags`).
    pub open_flags: std::cell::Cell<c_int>,
}

impl Default for Extensions {
    fn default() -> Extensions {
        Extensions {
            single: RefCell::default(),
            by_index: Field::empty(),
            dict: Field::empty(),
            open_flags: std::cell::Cell::new(libc::RTLD_NOW),
        }
    }
}

/// The function that makes an extension's module, or its definition.
pub type Init = unsafe extern "C" fn() -> *mut Object;

/// Modules that the program in C around the interpreter brings (`PyImport_AppendInittab`); set before there is an interpreter.
static INITTAB: std::sync::Mutex<Vec<(String, Init)>> = std::sync::Mutex::new(Vec::new());

/// Adds a module of the program.
pub fn append_inittab(name: &str, init: Init) {
    if let Ok(mut table) = INITTAB.lock() {
        table.push((name.to_owned(), init));
    }
}

/// The function of a module of the program.
pub fn inittab(name: &str) -> Option<Init> {
    INITTAB.lock().ok()?.iter().rev().find(|(known, _)| known == name).map(|(_, init)| *init)
}

/// The names of the program's modules.
pub fn inittab_names() -> Vec<String> {
    INITTAB.lock().map(|table| table.iter().map(|(name, _)| name.clone()).collect()).unwrap_or_default()
}

/// The module of the program that a spec names.
pub fn create_from_inittab(spec: &Object, name: &Str) -> Result<Option<Ref>, Raised> {
    match inittab(&name.to_string_lossy()) {
        Some(init) => create_with(init, spec, name, name).map(Some),
        None => Ok(None),
    }
}

thread_local! {
    /// The full name of the module whose init function runs.
    static CONTEXT: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// The full name of a module that calls itself `name` while it is imported from a package.
pub fn package_context(name: &str) -> String {
    CONTEXT.with_borrow_mut(|context| match context.take() {
        Some(full) if full.rsplit('.').next() == Some(name) && full.contains('.') => full,
        other => {
            *context = other;
            name.to_owned()
        }
    })
}

/// Gives the built-in types tables of their methods (`tp_methods`), which some extensions look functions up in. Each table is made once and
/// lives as long as the process.
fn fill_method_tables() {
    use crate::object::MethodDef;
    for ty in crate::types::registry::STATIC_TYPES {
        let count = ty.spec.methods.iter().map(|methods| methods.len()).sum::<usize>();
        if count == 0 || !ty.ty.tp_methods.get().is_null() {
            continue;
        }
        let mut table: Vec<std::mem::MaybeUninit<MethodDef>> = Vec::with_capacity(count + 1);
        for method in ty.spec.methods.iter().copied().flatten() {
            // SAFETY: an entry is plain words, which may be copied.
            table.push(unsafe { std::ptr::from_ref(method).cast::<std::mem::MaybeUninit<MethodDef>>().read() });
        }
        table.push(std::mem::MaybeUninit::zeroed());
        ty.ty.tp_methods.set(table.leak().as_ptr().cast());
    }
}

/// What is done before an extension is loaded; set once, by the crate that exports the C API.
static PREPARE: std::sync::OnceLock<fn() -> Result<(), Raised>> = std::sync::OnceLock::new();

/// Has something done before each extension is loaded: types that extensions refer to, but that no module has readied yet.
pub fn prepare_with(prepare: fn() -> Result<(), Raised>) {
    let _ = PREPARE.set(prepare);
}

/// `_imp.create_dynamic(spec)`: the module of an extension, executed when it has single-phase initialisation.
pub fn create_dynamic(spec: &Object) -> Result<Ref, Raised> {
    let (name, path) = (protocol::get_attribute_str(spec, "name")?, protocol::get_attribute_str(spec, "origin")?);
    let (Some(name), Some(path)) = (name.downcast::<Str>(), path.downcast::<Str>()) else {
        return Err(raise!(TypeError, "name and path of an extension must be strings"));
    };
    if let Some(module) = again(name, path)? {
        return Ok(module);
    }
    fill_method_tables();
    // What compiled code returns is checked from now on, as CPython always does.
    protocol::call::be_strict();
    if let Some(prepare) = PREPARE.get() {
        prepare()?;
    }
    let full = name.to_string_lossy();
    let last = full.rsplit('.').next().unwrap_or(&full).to_owned();
    let init = find_init(name, path, &last)?;
    create_with(init, spec, name, path)
}

/// Calls an init function and completes what it gives.
fn create_with(init: Init, spec: &Object, name: &Str, path: &Str) -> Result<Ref, Raised> {
    let full = name.to_string_lossy();
    let last = full.rsplit('.').next().unwrap_or(&full).to_owned();
    let before = CONTEXT.replace(Some(full.clone()));
    // SAFETY: the init function of an extension takes nothing and returns an object or null.
    let made = unsafe { init() };
    CONTEXT.set(before);
    let raised = Thread::current().has_exception();
    let Some(made) = NonNull::new(made) else {
        if !raised {
            return Err(raise!(SystemError, "initialization of {last} failed without raising an exception"));
        }
        return Err(Raised::set());
    };
    if raised {
        Raised::set().clear();
        return Err(raise!(SystemError, "initialization of {last} raised unreported exception"));
    }
    // SAFETY: what is not null is an object; one without a type is a definition that was not initialised.
    unsafe {
        if made.as_ref().ty.get().is_null() {
            return Err(raise!(SystemError, "init function of {last} returned uninitialized object"));
        }
        if let Some(definition) = made.as_ref().downcast::<ModuleDefObject>() {
            return definition.create(spec);
        }
        finish_single(Ref::from_owned(made), init, name, path)
    }
}

/// The init function of an extension's file.
fn find_init(name: &Str, path: &Str, last: &str) -> Result<Init, Raised> {
    let mut file = codecs::path_text(path)?.as_slice().to_vec();
    if !file.contains(&b'/') {
        file.splice(0..0, *b"./");
    }
    let Ok(file) = CString::new(file) else { return Err(raise!(ValueError, "embedded null character")) };
    let symbol = match last.is_ascii() {
        true => format!("PyInit_{last}"),
        false => {
            let encoded = codecs::encode(&*Str::new(last)?, Some(&*Str::new("punycode")?), None)?;
            format!("PyInitU_{}", String::from_utf8_lossy(encoded.as_slice()).replace('-', "_"))
        }
    };
    if is_cut_short(&file) {
        // The system would map what is not there, and the process would die of the first look at it.
        return Err(import_error(&format!("{}: file too short", path.to_string_lossy()), name, path));
    }
    // SAFETY: plain calls; the handle is never closed, so that the function stays.
    unsafe {
        let handle = libc::dlopen(file.as_ptr(), Thread::current().interpreter().extensions.open_flags.get());
        if handle.is_null() {
            let error = libc::dlerror();
            let text = if error.is_null() {
                "unknown dlopen() error".to_owned()
            } else {
                CStr::from_ptr(error).to_string_lossy().into_owned()
            };
            return Err(import_error(&text, name, path));
        }
        let Ok(symbol_name) = CString::new(symbol.clone()) else {
            return Err(raise!(ValueError, "embedded null character"));
        };
        let function = libc::dlsym(handle, symbol_name.as_ptr());
        if function.is_null() {
            let text = format!("dynamic module does not define module export function ({symbol})");
            return Err(import_error(&text, name, path));
        }
        Ok(std::mem::transmute::<*mut std::ffi::c_void, Init>(function))
    }
}

/// Whether a file is a shared object whose segments go beyond its end.
fn is_cut_short(file: &CStr) -> bool {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::FileExt;
    let check = || -> std::io::Result<bool> {
        let file = std::fs::File::open(std::ffi::OsStr::from_bytes(file.to_bytes()))?;
        let size = file.metadata()?.len();
        let mut header = [0u8; 64];
        file.read_exact_at(&mut header, 0)?;
        let word = |bytes: &[u8], at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap_or([0; 8]));
        let half = |at: usize| u64::from(u16::from_le_bytes([header[at], header[at + 1]]));
        // A 64-bit object of this byte order; what is none is the system's to refuse.
        if header[..6] != *b"\x7fELF\x02\x01" || half(54) < 56 {
            return Ok(false);
        }
        let mut segment = [0u8; 56];
        for index in 0..half(56) {
            let place = word(&header, 32).checked_add(index * half(54));
            let Some(place) = place.filter(|place| place.saturating_add(56) <= size) else { return Ok(true) };
            file.read_exact_at(&mut segment, place)?;
            const LOAD: [u8; 4] = [1, 0, 0, 0];
            if segment[..4] == LOAD && word(&segment, 8).saturating_add(word(&segment, 32)) > size {
                return Ok(true);
            }
        }
        Ok(false)
    };
    check().unwrap_or(false)
}

fn import_error(text: &str, name: &Str, path: &Str) -> Raised {
    let kind = crate::exceptions::exc::ImportError();
    raise_import_error(kind, Some(name), Some(path), format_args!("{text}"))
}

/// A module that an init function made itself: it is noted for `PyState_FindModule` and for being imported again.
fn finish_single(module: Ref, init: Init, name: &Str, path: &Str) -> Result<Ref, Raised> {
    let definition = module.downcast::<Module>().and_then(definition_of);
    let (Some(own), Some(definition)) = (module.downcast::<Module>(), definition) else {
        return Err(raise!(SystemError, "initialization of {name} did not return an extension module"));
    };
    definition.init.set(Some(init));
    own.set("__file__", path)?;
    super::modules()?.set(name, &module)?;
    let extensions = &Thread::current().interpreter().extensions;
    extensions.add(&module, definition)?;
    if definition.size == -1 {
        let copy = own.dictionary()?.copy()?.into_object();
        let old = definition.copy.replace(copy.into_pointer().as_ptr());
        if let Some(old) = NonNull::new(old) {
            // SAFETY: the definition owned its copy.
            drop(unsafe { Ref::from_owned(old) });
        }
    }
    let entry = (path.to_string_lossy(), name.to_string_lossy(), std::ptr::from_ref(definition));
    extensions.single.borrow_mut().push(entry);
    Ok(module)
}

/// A module of single-phase initialisation that was made before: from the copy of its dictionary, or by its init function.
fn again(name: &Str, path: &Str) -> Result<Option<Ref>, Raised> {
    let extensions = &Thread::current().interpreter().extensions;
    let (file, text) = (path.to_string_lossy(), name.to_string_lossy());
    let known = extensions.single.borrow().iter().find(|entry| entry.0 == file && entry.1 == text).map(|entry| entry.2);
    // SAFETY: definitions live as long as their extension is loaded: for ever.
    let Some(definition) = (unsafe { known.and_then(|known| known.as_ref()) }) else { return Ok(None) };
    let module = if definition.size == -1 {
        // SAFETY: the definition owns its copy.
        let Some(copy) = (unsafe { definition.copy.get().as_ref() }) else { return Ok(None) };
        // The module that is there already gets what it had at first once more.
        let module = match super::modules()?.get(name)?.and_then(|found| found.downcast_into::<Module>().ok()) {
            Some(module) => module,
            None => {
                let module = Module::named(name)?;
                module.definition.set(std::ptr::from_ref(definition).cast());
                module
            }
        };
        module.dictionary()?.update(copy)?;
        module.into_object()
    } else {
        let Some(init) = definition.init.get() else { return Ok(None) };
        // SAFETY: as when it was first called.
        match NonNull::new(unsafe { init() }) {
            // SAFETY: the function gives a new reference.
            Some(module) => unsafe { Ref::from_owned(module) },
            None => return Err(Raised::set()),
        }
    };
    super::modules()?.set(name, &module)?;
    extensions.add(&module, definition)?;
    Ok(Some(module))
}

/// `_imp.exec_dynamic(module)`: the second phase, unless it was run.
pub fn exec_dynamic(module: &Object) -> Result<(), Raised> {
    let Some(module) = module.downcast::<Module>() else { return Ok(()) };
    match definition_of(module) {
        Some(definition) if module.state.get().is_null() => definition.execute(module),
        _ => Ok(()),
    }
}

impl Extensions {
    /// What extensions keep in the interpreter (`PyInterpreterState_GetDict`).
    pub fn dict(&self) -> Result<Ref<crate::types::dict::Dict>, Raised> {
        match self.dict.get() {
            Some(dict) => Ok(dict),
            None => {
                let dict = crate::types::dict::Dict::new()?;
                self.dict.set(Some(dict.clone()));
                Ok(dict)
            }
        }
    }

    /// Notes the module of a definition (`PyState_AddModule`).
    pub fn add(&self, module: &Object, definition: &ModuleDefObject) -> Result<(), Raised> {
        let list = match self.by_index.get() {
            Some(list) => list,
            None => {
                let list = List::new()?;
                self.by_index.set(Some(list.clone()));
                list
            }
        };
        let index = definition.index.get().max(0) as usize;
        while list.len() <= index {
            list.push(crate::types::none())?;
        }
        drop(list.replace(index, module.to_ref()));
        Ok(())
    }

    /// The module of a definition (`PyState_FindModule`).
    pub fn find(&self, definition: &ModuleDefObject) -> Option<Ref> {
        let index = usize::try_from(definition.index.get()).ok().filter(|index| *index > 0)?;
        self.by_index.get()?.get(index).filter(|module| !crate::types::singletons::is_none(module))
    }

    /// Forgets the module of a definition (`PyState_RemoveModule`).
    pub fn remove(&self, definition: &ModuleDefObject) {
        if let (Some(list), Ok(index)) = (self.by_index.get(), usize::try_from(definition.index.get()))
            && index < list.len()
        {
            drop(list.replace(index, crate::types::none()));
        }
    }
}

// The layout of definitions begins with an object's header.
const _: fn() -> &'static crate::object::Type = ModuleDefObject::type_object;
