//! What pickling shares with the library: the tables of `copyreg` and `_compat_pickle`, fetched when the module is made.

use habu_runtime::import::import_module;
use habu_runtime::object::{Object, Raised, Ref, protocol};
use habu_runtime::raise;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;

use crate::system::state;

/// Module, attribute and what the attribute is called in errors.
const TABLES: [[&str; 2]; 8] = [
    ["copyreg", "dispatch_table"],
    ["copyreg", "_extension_registry"],
    ["copyreg", "_inverted_registry"],
    ["copyreg", "_extension_cache"],
    ["_compat_pickle", "NAME_MAPPING"],
    ["_compat_pickle", "IMPORT_MAPPING"],
    ["_compat_pickle", "REVERSE_NAME_MAPPING"],
    ["_compat_pickle", "REVERSE_IMPORT_MAPPING"],
];

/// One of the tables.
#[derive(Clone, Copy)]
pub(super) enum Table {
    /// `copyreg.dispatch_table`
    Dispatch,
    /// `copyreg._extension_registry`
    Extensions,
    /// `copyreg._inverted_registry`
    InvertedExtensions,
    /// `copyreg._extension_cache`
    ExtensionCache,
    /// Names of Python 2 with their modules.
    Names,
    /// Modules of Python 2.
    Imports,
    /// Names of Python 3 with their modules.
    ReverseNames,
    /// Modules of Python 3.
    ReverseImports,
}

fn key([module, attribute]: [&str; 2]) -> String {
    format!("_pickle:{module}.{attribute}")
}

/// Fetches all tables.
pub(super) fn fill() -> Result<(), Raised> {
    for place in TABLES {
        let [module, attribute] = place;
        let table = protocol::get_attribute_str(&*import_module(module)?, attribute)?;
        if !table.isinstance::<Dict>() {
            let name = table.ty().name();
            return Err(raise!(RuntimeError, "{module}.{attribute} should be a dict, not {name}"));
        }
        state::set(&key(place), &table)?;
    }
    let encode = protocol::get_attribute_str(&*import_module("codecs")?, "encode")?;
    if !protocol::is_callable(&encode) {
        return Err(raise!(RuntimeError, "codecs.encode should be a callable, not {}", encode.ty().name()));
    }
    state::set("_pickle:encode", &encode)
}

impl Table {
    /// The table.
    pub(super) fn get(self) -> Result<Ref<Dict>, Raised> {
        let place = TABLES.get(self as usize).copied().unwrap_or_default();
        let table = state::get(&key(place))?.and_then(|table| table.downcast_into::<Dict>().ok());
        table.ok_or_else(|| raise!(RuntimeError, "{} is missing", place.join(".")))
    }
}

/// `codecs.encode`
pub(super) fn codecs_encode() -> Result<Ref, Raised> {
    state::get("_pickle:encode")?.ok_or_else(|| raise!(RuntimeError, "codecs.encode is missing"))
}

/// Module and name in one version of Python as they are called in the other.
pub(super) fn translate(module: &mut Ref<Str>, name: &mut Ref<Str>, to_old: bool) -> Result<(), Raised> {
    let (names, imports, prefix) = match to_old {
        true => (Table::ReverseNames, Table::ReverseImports, "REVERSE_"),
        false => (Table::Names, Table::Imports, ""),
    };
    let pair = Tuple::from_refs([module.clone().into_object(), name.clone().into_object()])?;
    if let Some(found) = names.get()?.get(&pair)? {
        let Some([new_module, new_name]) = found.downcast::<Tuple>().map(Tuple::as_slice) else {
            let given = found.ty().name();
            return Err(raise!(
                RuntimeError,
                "_compat_pickle.{prefix}NAME_MAPPING values should be 2-tuples, not {given}"
            ));
        };
        match (new_module.downcast::<Str>(), new_name.downcast::<Str>()) {
            (Some(new_module), Some(new_name)) => {
                *module = Ref::from_borrowed(new_module);
                *name = Ref::from_borrowed(new_name);
            }
            _ => {
                let (first, second) = (new_module.ty().name(), new_name.ty().name());
                return Err(raise!(
                    RuntimeError,
                    "_compat_pickle.{prefix}NAME_MAPPING values should be pairs of str, not ({first}, {second})"
                ));
            }
        }
        return Ok(());
    }
    if let Some(found) = imports.get()?.get(module)? {
        match found.downcast::<Str>() {
            Some(new_module) => *module = Ref::from_borrowed(new_module),
            None => {
                let given = found.ty().name();
                return Err(raise!(
                    RuntimeError,
                    "_compat_pickle.{prefix}IMPORT_MAPPING values should be strings, not {given}"
                ));
            }
        }
    }
    Ok(())
}

/// The attribute with a name that may have dots: the object and the one that it was found in.
pub(super) fn deep_attribute(object: &Object, path: &str) -> Result<(Ref, Ref), Raised> {
    let (mut parent, mut found) = (object.to_ref(), object.to_ref());
    for name in path.split('.') {
        parent = found;
        found = protocol::get_attribute_str(&parent, name)?;
    }
    Ok((found, parent))
}
