//! Case as `_sre` sees it: `ascii_tolower`, `unicode_tolower`, `ascii_iscased`, `unicode_iscased`.

use crate::unicode::case::{to_lower, to_upper};

/// The lower case of an ASCII letter; others stay.
#[inline]
pub fn ascii_lower(code: u32) -> u32 {
    if (0x41..=0x5A).contains(&code) { code | 0x20 } else { code }
}

/// The simple lower case.
#[inline]
pub fn unicode_lower(code: u32) -> u32 {
    if code < 0x80 { ascii_lower(code) } else { to_lower(code) }
}

/// Whether the code point is an ASCII letter.
#[inline]
pub fn ascii_is_cased(code: u32) -> bool {
    u8::try_from(code).is_ok_and(|byte| byte.is_ascii_alphabetic())
}

/// Whether the simple lower or upper case differs from the code point.
#[inline]
pub fn unicode_is_cased(code: u32) -> bool {
    to_lower(code) != code || to_upper(code) != code
}

/// How characters are made equal before they are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fold {
    None,
    Ascii,
    Unicode,
    Locale,
}
