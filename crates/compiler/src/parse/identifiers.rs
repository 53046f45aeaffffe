//! Which characters make an identifier, and its normal form.

use unicode_normalization::UnicodeNormalization;

/// The first character of `name` that cannot stand there, with its byte offset.
pub(super) fn first_invalid(name: &str) -> Option<(usize, char)> {
    name.char_indices().find(|&(index, c)| {
        let allowed =
            if index == 0 { c == '_' || unicode_ident::is_xid_start(c) } else { unicode_ident::is_xid_continue(c) };
        !allowed
    })
}

/// Whether `name` is one identifier, with nothing around or between its characters.
pub(super) fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 128)
}

/// The identifier in NFKC, as two spellings of one letter are one name.
pub(super) fn normalise(name: &str) -> std::borrow::Cow<'_, str> {
    if name.is_ascii() { name.into() } else { name.nfkc().collect::<String>().into() }
}

/// Whether `str.isprintable` holds, as far as a message about a stray character needs it:
/// controls, formats, separators, surrogates, private use and what is unassigned do not print.
pub(super) fn is_printable(c: char) -> bool {
    if c.is_control() || (c.is_whitespace() && c != ' ') {
        return false;
    }
    !matches!(
        u32::from(c),
        0xAD | 0x600..=0x605 | 0x61C | 0x6DD | 0x70F | 0x890..=0x891 | 0x8E2 | 0x180E | 0x200B..=0x200F
            | 0x202A..=0x202E | 0x2060..=0x206F | 0xE000..=0xF8FF | 0xFDD0..=0xFDEF | 0xFEFF | 0xFFF0..=0xFFFB
            | 0xFFFE..=0xFFFF | 0x110BD | 0x110CD | 0x13430..=0x1343F | 0x1BCA0..=0x1BCA3 | 0x1D173..=0x1D17A
            | 0xE0000..=0x10FFFF
    )
}
