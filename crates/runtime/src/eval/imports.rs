//! `import`: the instructions that import, through `builtins.__import__`.

use super::frame::Frame;
use crate::exceptions::exc;
use crate::object::protocol::attribute::ignore;
use crate::object::{Object, Raised, Ref, protocol};
use crate::raise;
use crate::threads::Thread;
use crate::types::dict::Dict;
use crate::types::module::Module;
use crate::types::singletons::none;
use crate::types::str::Str;

/// `IMPORT_NAME`
pub fn import_name(frame: &Frame, name: &Str, from: &Object, level: &Object) -> Result<Ref, Raised> {
    let builtins = frame.builtins();
    let function = match builtins.downcast_exact::<Dict>() {
        Some(dict) => dict.get(crate::id!(__import__))?,
        None => match protocol::get_item(builtins, crate::id!(__import__)) {
            Ok(found) => Some(found),
            Err(raised) => ignore(raised, exc::KeyError())?,
        },
    };
    let Some(function) = function else { return Err(raise!(ImportError, "__import__ not found")) };
    // SAFETY: the frame owns its locals.
    let locals = unsafe { frame.locals.as_ref() }.map_or_else(none, Object::to_ref);
    protocol::call(&function, &[name, frame.globals(), &locals, from, level])
}

/// `IMPORT_FROM`: an attribute of the module, or a submodule that is being imported in a circle.
pub fn import_from(module: &Object, name: &Str) -> Result<Ref, Raised> {
    if let Some(found) = protocol::lookup_attribute(module, name)? {
        return Ok(found);
    }
    let package = protocol::lookup_attribute(module, crate::id!(__name__))?;
    let package = package.and_then(|package| package.downcast_into::<Str>().ok());
    if let Some(package) = &package {
        let full = Str::from_format(format_args!("{package}.{name}"))?;
        if let Some(modules) = Thread::current().interpreter().modules.get()
            && let Some(found) = modules.get(&full)?
        {
            return Ok(found);
        }
    }
    Err(cannot_import(module, name, package))
}

/// The error of a name that a module lacks.
#[cold]
fn cannot_import(module: &Object, name: &Str, package: Option<Ref<Str>>) -> Raised {
    let message = (|| {
        let shown = match &package {
            Some(package) => protocol::repr(package)?,
            None => Str::new("<unknown module name>")?,
        };
        let unknown = "<unknown module name>";
        let package_text = match &package {
            Some(package) => Ref::clone(package),
            None => Str::new(unknown)?,
        };
        let _ = shown;
        let file = match module.downcast::<Module>() {
            Some(_) => protocol::lookup_attribute(module, crate::id!(__file__))?,
            None => None,
        };
        let file = file.and_then(|file| file.downcast_into::<Str>().ok());
        let text = match &file {
            None => Str::from_format(format_args!(
                "cannot import name {} from {} (unknown location)",
                protocol::repr(name)?,
                protocol::repr(&package_text)?
            ))?,
            Some(file) => {
                let spec = protocol::lookup_attribute(module, crate::id!(__spec__))?;
                let initializing = match spec {
                    Some(spec) => match protocol::lookup_attribute(&spec, &*Str::intern("_initializing")?)? {
                        Some(value) => protocol::truth(&value)?,
                        None => false,
                    },
                    None => false,
                };
                if initializing {
                    Str::from_format(format_args!(
                        "cannot import name {} from partially initialized module {} (most likely due to a circular import) ({})",
                        protocol::repr(name)?,
                        protocol::repr(&package_text)?,
                        file
                    ))?
                } else {
                    Str::from_format(format_args!(
                        "cannot import name {} from {} ({})",
                        protocol::repr(name)?,
                        protocol::repr(&package_text)?,
                        file
                    ))?
                }
            }
        };
        let path = file.map_or_else(none, Ref::into_object);
        let error =
            protocol::call_with_keywords(exc::ImportError(), &[&text], &[("name", &package_text), ("path", &path)])?;
        Ok::<Ref, Raised>(error)
    })();
    match message {
        Ok(error) => crate::exceptions::raise_object(error),
        Err(raised) => raised,
    }
}

/// `IMPORT_STAR`: the names in `__all__`, or all that do not begin with an underscore.
///
/// # Safety
/// The pointers are to what the frame that runs holds.
pub unsafe fn import_star(frame: *mut Frame, module: &Object) -> Result<(), Raised> {
    // SAFETY: the frame is the one that runs.
    let locals = unsafe { crate::types::frame::locals::fast_to_locals(frame) }?;
    let (names, all) = match protocol::lookup_attribute(module, crate::id!(__all__))? {
        Some(names) => (names, true),
        None => {
            let Some(dict) = protocol::lookup_attribute(module, crate::id!(__dict__))? else {
                return Err(raise!(ImportError, "from-import-* object has no __dict__ and no __all__"));
            };
            (protocol::mapping::keys(&dict)?.into_object(), false)
        }
    };
    let mut index = 0;
    loop {
        let name = match protocol::sequence::get_index(&names, index) {
            Ok(name) => name,
            Err(raised) => {
                ignore::<()>(raised, exc::IndexError())?;
                break;
            }
        };
        index += 1;
        let Some(text) = name.downcast::<Str>() else { return Err(bad_star_name(module, &name, all)) };
        if !all && text.len() > 0 && text.chars().at(0) == u32::from(b'_') {
            continue;
        }
        let value = protocol::get_attribute(module, text)?;
        match locals.downcast_exact::<Dict>() {
            Some(dict) => dict.set(text, &value)?,
            None => protocol::set_item(&locals, text, &value)?,
        }
    }
    // SAFETY: as above.
    unsafe { crate::types::frame::locals::locals_to_fast(frame, false) };
    Ok(())
}

#[cold]
fn bad_star_name(module: &Object, name: &Object, all: bool) -> Raised {
    let module_name = match protocol::get_attribute(module, crate::id!(__name__)) {
        Ok(module_name) => module_name,
        Err(raised) => return raised,
    };
    let Some(module_name) = module_name.downcast::<Str>() else {
        return raise!(TypeError, "module __name__ must be a string, not {}", module_name.ty().full_name());
    };
    let (what, place) = if all { ("Item", "in") } else { ("Key", "in") };
    let list = if all { "__all__" } else { "__dict__" };
    raise!(TypeError, "{what} {place} {module_name}.{list} must be str, not {}", name.ty().full_name())
}
