//! The module `_locale`: the C library's locale.

pub mod constants;

use habu_macros::pymodule;
use habu_runtime::exceptions::{exc, raise_object};
use habu_runtime::object::{Object, Raised, Ref, protocol};
use habu_runtime::raise;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::int::Int;
use habu_runtime::types::list::List;
use habu_runtime::types::module::Module;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;

use crate::system::state;
use crate::system::text::{CText, decode_c};
use crate::system::{CInt, last_error};

/// The module.
pub struct Locale;

/// Raises `locale.Error`.
fn error(message: &str) -> Raised {
    let make = || -> Result<Raised, Raised> {
        let text = Str::new(message)?;
        match state::get("locale.Error")? {
            Some(kind) => Ok(raise_object(protocol::call1(&kind, &text)?)),
            None => Ok(raise!(Exception, "{message}")),
        }
    };
    make().unwrap_or_else(|raised| raised)
}

/// The sizes of groups of digits, which end with 0 or CHAR_MAX.
///
/// # Safety
/// `sizes` is null or points to such a row.
unsafe fn grouping(sizes: *const libc::c_char) -> Result<Ref, Raised> {
    let list = List::new()?;
    let mut at = 0;
    // SAFETY: by the contract the row has an end.
    while let Some(size) = unsafe { sizes.wrapping_add(at).as_ref() } {
        if *size == 0 && at == 0 {
            break;
        }
        list.push(Int::from_i64((*size).into())?.into_object())?;
        if *size == 0 || *size == libc::c_char::MAX {
            break;
        }
        at += 1;
    }
    Ok(list.into_object())
}

/// A C string, or null for none.
fn optional_c(text: Option<&CText>) -> *const libc::c_char {
    text.map_or(std::ptr::null(), CText::as_ptr)
}

unsafe extern "C" {
    fn gettext(message: *const libc::c_char) -> *mut libc::c_char;
    fn dgettext(domain: *const libc::c_char, message: *const libc::c_char) -> *mut libc::c_char;
    fn dcgettext(domain: *const libc::c_char, message: *const libc::c_char, category: i32) -> *mut libc::c_char;
    fn textdomain(domain: *const libc::c_char) -> *mut libc::c_char;
    fn bindtextdomain(domain: *const libc::c_char, folder: *const libc::c_char) -> *mut libc::c_char;
    fn bind_textdomain_codeset(domain: *const libc::c_char, codeset: *const libc::c_char) -> *mut libc::c_char;
}

/// Support for POSIX locales.
#[pymodule(name = "_locale")]
impl Locale {
    /// Activates/queries locale processing.
    #[signature(category, locale = None, /)]
    #[shown("($module, category, locale=<unrepresentable>, /)")]
    fn setlocale(category: CInt, locale: Option<&Object>) -> Result<Ref<Str>, Raised> {
        let text = match locale.filter(|locale| !is_none(locale)) {
            None => None,
            Some(locale) => match locale.downcast::<Str>() {
                Some(locale) => Some(CText::of_str(locale)?),
                None => {
                    let got = locale.ty().full_name();
                    return Err(raise!(TypeError, "setlocale() argument 2 must be str or None, not {got}"));
                }
            },
        };
        // SAFETY: a C string or null; the result stays until the next call.
        unsafe {
            let result = libc::setlocale(category.0, optional_c(text.as_ref()));
            match (result.is_null(), text.is_some()) {
                (false, _) => decode_c(result),
                (true, true) => Err(error("unsupported locale setting")),
                (true, false) => Err(error("locale query failed")),
            }
        }
    }

    /// Returns numeric and monetary locale-specific parameters.
    fn localeconv() -> Result<Ref<Dict>, Raised> {
        let dict = Dict::new()?;
        // SAFETY: the structure and its texts stay until the locale is changed or asked for again.
        unsafe {
            let Some(now) = libc::localeconv().as_ref() else { return Err(error("locale query failed")) };
            for (name, text) in [
                ("decimal_point", now.decimal_point),
                ("thousands_sep", now.thousands_sep),
                ("int_curr_symbol", now.int_curr_symbol),
                ("currency_symbol", now.currency_symbol),
                ("mon_decimal_point", now.mon_decimal_point),
                ("mon_thousands_sep", now.mon_thousands_sep),
                ("positive_sign", now.positive_sign),
                ("negative_sign", now.negative_sign),
            ] {
                dict.set_str(name, &*decode_c(text)?)?;
            }
            dict.set_str("grouping", &*grouping(now.grouping)?)?;
            dict.set_str("mon_grouping", &*grouping(now.mon_grouping)?)?;
            for (name, value) in [
                ("int_frac_digits", now.int_frac_digits),
                ("frac_digits", now.frac_digits),
                ("p_cs_precedes", now.p_cs_precedes),
                ("p_sep_by_space", now.p_sep_by_space),
                ("n_cs_precedes", now.n_cs_precedes),
                ("n_sep_by_space", now.n_sep_by_space),
                ("p_sign_posn", now.p_sign_posn),
                ("n_sign_posn", now.n_sign_posn),
            ] {
                dict.set_str(name, &*Int::from_i64(value.into())?)?;
            }
        }
        Ok(dict)
    }

    /// Compares two strings according to the locale.
    fn strcoll(os1: &Str, os2: &Str) -> Result<i32, Raised> {
        let (first, second) = (CText::of_str(os1)?, CText::of_str(os2)?);
        // SAFETY: both are C strings.
        Ok(unsafe { libc::strcoll(first.as_ptr(), second.as_ptr()) })
    }

    /// Return a string that can be used as a key for locale-aware comparisons.
    fn strxfrm(string: &Str) -> Result<Ref<Str>, Raised> {
        let text = CText::of_str(string)?;
        // SAFETY: a C string; without room only the length is told.
        let length = unsafe { libc::strxfrm(std::ptr::null_mut(), text.as_ptr(), 0) };
        let mut room = habu_heap::Buffer::<u8>::new();
        room.resize(length + 1, 0)?;
        // SAFETY: the room has the length that is told.
        unsafe { libc::strxfrm(room.as_mut_ptr().cast(), text.as_ptr(), length + 1) };
        crate::system::text::decode(room.get(..length).unwrap_or(&[]))
    }

    /// Return the value for the locale information associated with key.
    fn nl_langinfo(key: CInt) -> Result<Ref<Str>, Raised> {
        if !constants::CONSTANTS.iter().any(|(name, value)| *value == i64::from(key.0) && !name.starts_with("LC_")) {
            return Err(raise!(ValueError, "unsupported langinfo constant"));
        }
        // SAFETY: the text stays until the next call.
        unsafe { decode_c(libc::nl_langinfo(key.0)) }
    }

    /// Get the current locale encoding.
    fn getencoding() -> Result<Ref<Str>, Raised> {
        // SAFETY: the text stays until the next call.
        let text = unsafe { decode_c(libc::nl_langinfo(libc::CODESET)) }?;
        if text.len() == 0 { Str::new("utf-8") } else { Ok(text) }
    }

    /// gettext(msg) -> string
    ///
    /// Return translation of msg.
    fn gettext(msg: &Str) -> Result<Ref<Str>, Raised> {
        let text = CText::of_str(msg)?;
        // SAFETY: a C string.
        unsafe { decode_c(gettext(text.as_ptr())) }
    }

    /// dgettext(domain, msg) -> string
    ///
    /// Return translation of msg in domain.
    fn dgettext(domain: &Object, msg: &Str) -> Result<Ref<Str>, Raised> {
        let (domain, text) = (optional(domain)?, CText::of_str(msg)?);
        // SAFETY: C strings, or null.
        unsafe { decode_c(dgettext(optional_c(domain.as_ref()), text.as_ptr())) }
    }

    /// Return translation of msg in domain and category.
    fn dcgettext(domain: &Object, msg: &Str, category: CInt) -> Result<Ref<Str>, Raised> {
        let (domain, text) = (optional(domain)?, CText::of_str(msg)?);
        // SAFETY: C strings, or null.
        unsafe { decode_c(dcgettext(optional_c(domain.as_ref()), text.as_ptr(), category.0)) }
    }

    /// Set the C library's textdmain to domain, returning the new domain.
    fn textdomain(domain: &Object) -> Result<Ref<Str>, Raised> {
        let domain = optional(domain)?;
        // SAFETY: a C string, or null.
        let now = unsafe { textdomain(optional_c(domain.as_ref())) };
        // SAFETY: the text stays until the next call.
        if now.is_null() { Err(last_error()) } else { unsafe { decode_c(now) } }
    }

    /// Bind the C library's domain to dir.
    fn bindtextdomain(domain: &Str, dir: &Object) -> Result<Ref<Str>, Raised> {
        if domain.len() == 0 {
            return Err(error("domain must be a non-empty string"));
        }
        let domain = CText::of_str(domain)?;
        let folder = if is_none(dir) { None } else { Some(CText::of_path(dir)?) };
        // SAFETY: C strings, or null.
        let now = unsafe { bindtextdomain(domain.as_ptr(), optional_c(folder.as_ref())) };
        // SAFETY: the text stays until the next call.
        if now.is_null() { Err(last_error()) } else { unsafe { decode_c(now) } }
    }

    /// Bind the C library's domain to codeset.
    fn bind_textdomain_codeset(domain: &Str, codeset: &Object) -> Result<Option<Ref<Str>>, Raised> {
        let (domain, codeset) = (CText::of_str(domain)?, optional(codeset)?);
        // SAFETY: C strings, or null.
        let now = unsafe { bind_textdomain_codeset(domain.as_ptr(), optional_c(codeset.as_ref())) };
        // SAFETY: the text stays until the next call.
        if now.is_null() { Ok(None) } else { unsafe { decode_c(now) }.map(Some) }
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        for (name, value) in constants::CONSTANTS {
            module.set_int(name, *value)?;
        }
        let kind = crate::system::new_exception("locale", "Error", &[exc::Exception()])?;
        state::set("locale.Error", &kind)?;
        module.set("Error", &kind)
    }
}

/// A string or None.
fn optional(object: &Object) -> Result<Option<CText>, Raised> {
    if is_none(object) {
        return Ok(None);
    }
    match object.downcast::<Str>() {
        Some(text) => CText::of_str(text).map(Some),
        None => Err(raise!(TypeError, "argument must be str or None, not {}", object.ty().full_name())),
    }
}
