//! The definition of a module made in C (`PyModuleDef`), which is an object, and modules made from it.

use std::cell::Cell;
use std::ffi::{CStr, c_char, c_int, c_void};

use habu_macros::{pymethods, pytype};

use super::Module;
use crate::object::slots::Inquiry;
use crate::object::visit::VisitProc;
use crate::object::{MethodDef, Object, PyType, Raised, Ref, protocol};
use crate::raise;
use crate::threads::Thread;
use crate::types::builtin_function::BuiltinFunction;
use crate::types::str::Str;

/// The definition of a module of an extension.
#[pytype(name = "moduledef", c_name = "PyModuleDef_Type", doc = "", basicsize = 104)]
pub struct ModuleDefObject {
    base: Object,
    /// The function that made a module of single-phase initialisation.
    pub init: Cell<Option<unsafe extern "C" fn() -> *mut Object>>,
    /// The number of the module, for `PyState_FindModule`.
    pub index: Cell<isize>,
    /// A copy of the dictionary of such a module, to make it again.
    pub copy: Cell<*mut Object>,
    /// The name.
    pub name: *const c_char,
    /// The docstring.
    pub doc: *const c_char,
    /// The bytes of a module's state; -1 for modules without one that have global state.
    pub size: isize,
    /// The functions.
    pub methods: *const MethodDef,
    /// The steps of multi-phase initialisation.
    pub slots: *const ModuleSlot,
    /// Shows what the state refers to.
    pub traverse: Option<unsafe extern "C" fn(&Object, VisitProc, *mut c_void) -> c_int>,
    /// Clears the state.
    pub clear: Option<Inquiry>,
    /// Frees the state.
    pub free: Option<unsafe extern "C" fn(*mut c_void)>,
}

crate::assert_layout!(ModuleDefObject, size 104, init @ 16, index @ 24, copy @ 32, name @ 40, size @ 56, methods @ 64, slots @ 72,
    traverse @ 80, free @ 96);

/// A step of multi-phase initialisation (`PyModuleDef_Slot`).
#[repr(C)]
pub struct ModuleSlot {
    /// 1 makes the module, 2 fills it; 0 ends the list.
    pub slot: c_int,
    /// The function.
    pub value: *mut c_void,
}

/// `Py_mod_create`
const CREATE: c_int = 1;
/// `Py_mod_exec`
const EXEC: c_int = 2;

#[pymethods]
impl ModuleDefObject {}

impl ModuleDefObject {
    /// The definition as an object, for `PyModuleDef_Init`: C code leaves its type and its number open.
    pub fn initialise(&self) {
        if self.index.get() == 0 {
            static LAST: std::sync::atomic::AtomicIsize = std::sync::atomic::AtomicIsize::new(0);
            self.base.refcount.set(self.base.refcount.get().max(1));
            self.base.ty.set(ModuleDefObject::type_object());
            self.index.set(LAST.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1);
        }
    }

    /// The name.
    pub fn name_text(&self) -> String {
        if self.name.is_null() {
            return String::new();
        }
        // SAFETY: the name is a C string that lives as long as the definition.
        unsafe { CStr::from_ptr(self.name) }.to_string_lossy().into_owned()
    }

    fn each_slot(&self) -> &[ModuleSlot] {
        if self.slots.is_null() {
            return &[];
        }
        let mut count = 0;
        // SAFETY: the list ends with 0.
        unsafe {
            while (*self.slots.add(count)).slot != 0 {
                count += 1;
            }
            std::slice::from_raw_parts(self.slots, count)
        }
    }

    /// The module of a definition and a spec: the first phase (`PyModule_FromDefAndSpec`).
    pub fn create(&self, spec: &Object) -> Result<Ref, Raised> {
        self.initialise();
        let name = protocol::get_attribute_str(spec, "name")?;
        let Some(name) = name.downcast::<Str>() else {
            return Err(raise!(TypeError, "name must be string, not {}", name.ty().full_name()));
        };
        if self.size < 0 {
            return Err(raise!(
                SystemError,
                "module {name}: m_size may not be negative for multi-phase initialization"
            ));
        }
        let (mut make, mut execs) = (None, false);
        for slot in self.each_slot() {
            match slot.slot {
                CREATE if make.is_some() => {
                    return Err(raise!(SystemError, "module {name} has multiple create slots"));
                }
                CREATE => make = Some(slot.value),
                EXEC => execs = true,
                other => return Err(raise!(SystemError, "module {name} uses unknown slot ID {other}")),
            }
        }
        let made = match make {
            None => Module::named(name)?.into_object(),
            Some(function) => self.call_create(function, spec, name)?,
        };
        match made.downcast::<Module>() {
            Some(module) => {
                module.state.set(std::ptr::null_mut());
                module.definition.set(std::ptr::from_ref(self).cast());
            }
            None if self.size > 0 || self.traverse.is_some() || self.clear.is_some() || self.free.is_some() => {
                return Err(raise!(SystemError, "module {name} is not a module object, but requests module state"));
            }
            None if execs => {
                return Err(raise!(
                    SystemError,
                    "module {name} specifies execution slots, but did not create a ModuleType instance"
                ));
            }
            None => {}
        }
        self.add_contents(&made, name)?;
        Ok(made)
    }

    fn call_create(&self, function: *mut c_void, spec: &Object, name: &Str) -> Result<Ref, Raised> {
        type Create = unsafe extern "C" fn(&Object, *const ModuleDefObject) -> Option<Ref>;
        // SAFETY: the slot's number says so.
        let made = unsafe { std::mem::transmute::<*mut c_void, Create>(function)(spec, self) };
        let raised = Thread::current().has_exception();
        match made {
            None if !raised => {
                Err(raise!(SystemError, "creation of module {name} failed without setting an exception"))
            }
            None => Err(Raised::set()),
            Some(_) if raised => {
                let cause = Raised::set().take();
                let _ = raise!(SystemError, "creation of module {name} raised unreported exception");
                Err(crate::exceptions::set_cause_of_current(cause))
            }
            Some(made) => Ok(made),
        }
    }

    /// Adds the functions and the docstring.
    fn add_contents(&self, module: &Object, name: &Str) -> Result<(), Raised> {
        // SAFETY: the table is as the C API asks for.
        add_functions(module, unsafe { crate::types::type_::foreign::methods(self.methods) }, name)?;
        if !self.doc.is_null() {
            // SAFETY: a C string that lives as long as the definition.
            let doc = unsafe { CStr::from_ptr(self.doc) }.to_string_lossy();
            protocol::set_attribute(module, crate::id!(__doc__), Some(&*Str::new(&doc)?))?;
        }
        Ok(())
    }

    /// A module of single-phase initialisation (`PyModule_Create2`).
    pub fn create_single(&self) -> Result<Ref<Module>, Raised> {
        self.initialise();
        let name = self.name_text();
        if !self.slots.is_null() {
            return Err(raise!(SystemError, "module {name}: PyModule_Create is incompatible with m_slots"));
        }
        let name = Str::new(&crate::import::package_context(&name))?;
        let module = Module::named(&name)?;
        if self.size > 0 {
            module.state.set(allocate_state(self.size)?);
        }
        self.add_contents(&module, &name)?;
        module.definition.set(std::ptr::from_ref(self).cast());
        Ok(module)
    }

    /// The second phase: state is allocated and the steps are run (`PyModule_ExecDef`).
    pub fn execute(&self, module: &Module) -> Result<(), Raised> {
        let name = module.name_text().unwrap_or_default();
        if self.size >= 0 && module.state.get().is_null() {
            module.state.set(allocate_state(self.size)?);
        }
        for slot in self.each_slot() {
            if slot.slot != EXEC {
                continue;
            }
            type Exec = unsafe extern "C" fn(&Object) -> c_int;
            // SAFETY: the slot's number says so.
            let result = unsafe { std::mem::transmute::<*mut c_void, Exec>(slot.value)(module) };
            let raised = Thread::current().has_exception();
            if result != 0 {
                if !raised {
                    return Err(raise!(SystemError, "execution of module {name} failed without setting an exception"));
                }
                return Err(Raised::set());
            }
            if raised {
                Raised::set().clear();
                return Err(raise!(SystemError, "execution of module {name} raised unreported exception"));
            }
        }
        Ok(())
    }
}

/// Zeroed state of a module.
fn allocate_state(size: isize) -> Result<*mut c_void, Raised> {
    let size = size.max(1) as usize;
    let Some(memory) = habu_heap::alloc(habu_heap::Domain::Mem, size) else {
        return Err(crate::exceptions::memory_error());
    };
    // SAFETY: the block has this size.
    unsafe { memory.write_bytes(0, size) };
    Ok(memory.as_ptr().cast())
}

/// Adds the functions of a table to a module (`PyModule_AddFunctions`).
pub fn add_functions(module: &Object, methods: &'static [MethodDef], name: &Str) -> Result<(), Raised> {
    use crate::object::descriptor_tables::{METH_CLASS, METH_STATIC};
    for method in methods {
        if method.flags & (METH_CLASS | METH_STATIC) != 0 {
            return Err(raise!(ValueError, "module functions cannot set METH_CLASS or METH_STATIC"));
        }
        let function = BuiltinFunction::new(method, Some(module.to_ref()), Some(name.to_ref()))?;
        protocol::set_attribute(module, &*Str::intern(method.name())?, Some(&function))?;
    }
    Ok(())
}

/// The definition that a module was made from.
pub fn definition_of(module: &Module) -> Option<&ModuleDefObject> {
    // SAFETY: null, or a definition, which lives as long as its extension is loaded: for ever.
    unsafe { module.definition.get().cast::<ModuleDefObject>().as_ref() }
}
