//! `pyexpat.errors` and `pyexpat.model`: names of what expat gives as numbers.

use habu_runtime::object::{Raised, Ref};
use habu_runtime::types::dict::Dict;
use habu_runtime::types::int::Int;
use habu_runtime::types::module::Module;
use habu_runtime::types::str::Str;

use super::error_text;

/// The names of the errors from 1 on (`enum XML_Error`).
const ERRORS: [&str; 43] = [
    "NO_MEMORY",
    "SYNTAX",
    "NO_ELEMENTS",
    "INVALID_TOKEN",
    "UNCLOSED_TOKEN",
    "PARTIAL_CHAR",
    "TAG_MISMATCH",
    "DUPLICATE_ATTRIBUTE",
    "JUNK_AFTER_DOC_ELEMENT",
    "PARAM_ENTITY_REF",
    "UNDEFINED_ENTITY",
    "RECURSIVE_ENTITY_REF",
    "ASYNC_ENTITY",
    "BAD_CHAR_REF",
    "BINARY_ENTITY_REF",
    "ATTRIBUTE_EXTERNAL_ENTITY_REF",
    "MISPLACED_XML_PI",
    "UNKNOWN_ENCODING",
    "INCORRECT_ENCODING",
    "UNCLOSED_CDATA_SECTION",
    "EXTERNAL_ENTITY_HANDLING",
    "NOT_STANDALONE",
    "UNEXPECTED_STATE",
    "ENTITY_DECLARED_IN_PE",
    "FEATURE_REQUIRES_XML_DTD",
    "CANT_CHANGE_FEATURE_ONCE_PARSING",
    "UNBOUND_PREFIX",
    "UNDECLARING_PREFIX",
    "INCOMPLETE_PE",
    "XML_DECL",
    "TEXT_DECL",
    "PUBLICID",
    "SUSPENDED",
    "NOT_SUSPENDED",
    "ABORTED",
    "FINISHED",
    "SUSPEND_PE",
    "RESERVED_PREFIX_XML",
    "RESERVED_PREFIX_XMLNS",
    "RESERVED_NAMESPACE_URI",
    "INVALID_ARGUMENT",
    "NO_BUFFER",
    "AMPLIFICATION_LIMIT_BREACH",
];

/// The kinds and quantities of content models (`enum XML_Content_Type`, `enum XML_Content_Quant`).
const MODEL: [(&str, i64); 10] = [
    ("XML_CTYPE_EMPTY", 1),
    ("XML_CTYPE_ANY", 2),
    ("XML_CTYPE_MIXED", 3),
    ("XML_CTYPE_NAME", 4),
    ("XML_CTYPE_CHOICE", 5),
    ("XML_CTYPE_SEQ", 6),
    ("XML_CQUANT_NONE", 0),
    ("XML_CQUANT_OPT", 1),
    ("XML_CQUANT_REP", 2),
    ("XML_CQUANT_PLUS", 3),
];

/// A module that is part of this one, in `sys.modules` too.
fn submodule(name: &str, doc: &str) -> Result<Ref<Module>, Raised> {
    let module = Module::new(name)?;
    module.set("__doc__", &*Str::new(doc)?)?;
    habu_runtime::import::modules()?.set(&*Str::intern(name)?, &module)?;
    Ok(module)
}

/// `pyexpat.errors`
pub(super) fn errors() -> Result<Ref<Module>, Raised> {
    let module = submodule("pyexpat.errors", "Constants used to describe error conditions.")?;
    let (codes, messages) = (Dict::new()?, Dict::new()?);
    for (name, code) in ERRORS.into_iter().zip(1..) {
        // An older library has fewer.
        let Some(text) = error_text(code)? else { continue };
        let (text, code) = (Str::new(&text)?, Int::from_i64(code.into())?);
        module.set(&format!("XML_ERROR_{name}"), &text)?;
        codes.set(&text, &code)?;
        messages.set(&code, &text)?;
    }
    module.set("codes", &codes)?;
    module.set("messages", &messages)?;
    Ok(module)
}

/// `pyexpat.model`
pub(super) fn model() -> Result<Ref<Module>, Raised> {
    let module = submodule("pyexpat.model", "Constants used to interpret content model information.")?;
    for (name, value) in MODEL {
        module.set_int(name, value)?;
    }
    Ok(module)
}
