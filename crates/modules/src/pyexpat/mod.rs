//! `pyexpat`: the parser expat, which `xml.sax`, `xml.dom` and `xml.etree` stand on. `library` opens the system's expat, `parser` is the type,
//! `handlers` what expat calls, `constants` the names of errors, `capi` what compiled parsers ask for.

mod capi;
mod constants;
mod handlers;
mod library;
mod parser;

use std::ffi::{CStr, c_int};

use habu_macros::pymodule;
use habu_runtime::exceptions::exc;
use habu_runtime::object::{IntoObject, Object, PyType, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::int::Int;
use habu_runtime::types::list::List;
use habu_runtime::types::module::Module;
use habu_runtime::types::none;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;

use self::library::library;
use self::parser::Parser;
use crate::fill::set_type;
use crate::system::{Optional, state};

/// The place where the class of errors is kept.
const ERROR: &str = "pyexpat.ExpatError";

/// `ExpatError`
fn error_class() -> Result<Ref, Raised> {
    state::get(ERROR)?.ok_or_else(|| raise!(SystemError, "pyexpat has no ExpatError"))
}

/// What an error's number means.
fn error_text(code: c_int) -> Result<Option<String>, Raised> {
    // SAFETY: any number will do; what is given is static.
    let text = unsafe { (library()?.error_text)(code) };
    // SAFETY: as above.
    Ok((!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()))
}

/// An argument that may be None.
fn text_or_none<'a>(argument: Option<&'a Object>, shown: &str) -> Result<Option<&'a Str>, Raised> {
    match argument.filter(|argument| !argument.is(&none())) {
        None => Ok(None),
        Some(argument) => match argument.downcast::<Str>() {
            Some(text) => Ok(Some(text)),
            None => Err(raise!(TypeError, "{shown} must be str or None, not {}", argument.ty().full_name())),
        },
    }
}

/// The module.
pub(crate) struct PyExpat;

/// Python wrapper for Expat parser.
#[pymodule(name = "pyexpat")]
impl PyExpat {
    /// Return a new XML parser object.
    #[name = "ParserCreate"]
    #[signature(encoding = None, namespace_separator = None, intern = Optional::MISSING)]
    fn parser_create(
        encoding: Option<&Object>,
        namespace_separator: Option<&Object>,
        intern: Optional<&Object>,
    ) -> Result<Ref<Parser>, Raised> {
        let intern = match intern.0 {
            None => Some(Dict::new()?),
            Some(intern) if intern.is(&none()) => None,
            Some(intern) => match intern.downcast::<Dict>() {
                Some(intern) => Some(Ref::from_borrowed(intern)),
                None => return Err(raise!(TypeError, "intern must be a dictionary")),
            },
        };
        let encoding = text_or_none(encoding, "ParserCreate() argument 'encoding'")?;
        let separator = text_or_none(namespace_separator, "ParserCreate() argument 'namespace_separator'")?;
        Parser::new(encoding, separator, intern)
    }

    /// Returns string error for given number.
    #[name = "ErrorString"]
    fn error_string(code: i64) -> Result<Option<Ref<Str>>, Raised> {
        error_text(code as c_int)?.map(|text| Str::new(&text)).transpose()
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        let library = library()?;
        set_type(module, "XMLParserType", Parser::static_type())?;
        let error = match state::get(ERROR)? {
            Some(error) => error,
            None => {
                let made = crate::system::new_exception("xml.parsers.expat", "ExpatError", &[exc::Exception()])?;
                state::set(ERROR, &made)?;
                made
            }
        };
        module.set("error", &error)?;
        module.set("ExpatError", &error)?;
        // SAFETY: the functions take nothing and give static memory.
        let (text, version) = unsafe { (CStr::from_ptr((library.version_text)()), (library.version)()) };
        module.set("EXPAT_VERSION", &*Str::new(&text.to_string_lossy())?)?;
        let numbers = [version.major, version.minor, version.micro];
        let numbers = Tuple::build(3, |at| Ok(Int::from_i64(numbers[at].into())?.into_object()))?;
        module.set("version_info", &numbers)?;
        module.set("native_encoding", &*Str::intern("UTF-8")?)?;
        module.set("features", &*features()?)?;
        module.set("errors", &*constants::errors()?)?;
        module.set("model", &*constants::model()?)?;
        for (name, value) in ["NEVER", "UNLESS_STANDALONE", "ALWAYS"].into_iter().zip(0..) {
            module.set_int(&format!("XML_PARAM_ENTITY_PARSING_{name}"), value)?;
        }
        capi::add(module)
    }
}

/// What the library was built with, as pairs of a name and a number.
fn features() -> Result<Ref<List>, Raised> {
    let list = List::new()?;
    // SAFETY: the list is static and ends with a feature of the kind 0.
    unsafe {
        let mut at = (library()?.features)();
        while (*at).kind != 0 {
            let name = Str::new(&CStr::from_ptr((*at).name).to_string_lossy())?.into_object();
            list.push(Tuple::from_refs([name, (*at).value.into_object()?])?.into_object())?;
            at = at.add(1);
        }
    }
    Ok(list)
}
