//! `str`: text in 1, 2 or 4 bytes a character (PEP 393), immutable, hashed once, some of it interned.

pub mod intern;
pub mod value;

pub use value::{Chars, STR_TYPE, Str};

/// Whether the text may be a name in source (`str.isidentifier`).
pub fn is_identifier(text: &Str) -> bool {
    habu_text::unicode::predicates::text_is_identifier(match text.chars() {
        Chars::One(text) => habu_text::Chars::One(text),
        Chars::Two(text) => habu_text::Chars::Two(text),
        Chars::Four(text) => habu_text::Chars::Four(text),
    })
}
