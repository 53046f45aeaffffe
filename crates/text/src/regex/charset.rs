//! Character sets of patterns.
//!
//! A set is a list of items that are asked in order; the first one that has the character decides. For characters below
//! 256 the answers are worked out beforehand, unless they depend on the locale.

use super::Environment;
use super::case::{Fold, ascii_lower, unicode_lower};
use super::opcode::LOCALE_WORD;
use crate::unicode::case::to_upper;
use crate::unicode::{is_alnum, is_decimal, is_line_break, is_space};

/// An item of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Item {
    /// From here on, having the character means that it is not in the set; or the other way round.
    Negate,
    /// The characters from the first to the second.
    Range(u32, u32),
    /// As `Range`, for a lowered character or its upper case.
    RangeIgnore(u32, u32),
    /// A category by number.
    Category(u32),
    /// A bitmap of 256 characters at an index of the pool.
    Bitmap(u32),
    /// Chunks of bitmaps for the basic plane at an index of the pool.
    Chunks(u32),
}

/// A set of a program. Its items are a range of the program's.
#[derive(Clone, Debug)]
pub(super) struct Set {
    /// The answers below 256, the fold included.
    pub(super) small: [bool; 256],
    /// The answer above 255, where it is one for all.
    pub(super) high: Option<bool>,
    /// Whether the answers depend on the locale, so that `small` says nothing.
    pub(super) is_dynamic: bool,
    /// What is done to a character first.
    pub(super) fold: Fold,
    /// The items.
    pub(super) items: Vec<Item>,
}

impl Set {
    /// A set of items, with the answers that can be known.
    pub(super) fn new(items: Vec<Item>, fold: Fold, pool: &[u32]) -> Set {
        let by_locale = |item: &Item| matches!(item, Item::Category(category) if category | 1 == LOCALE_WORD | 1);
        let is_dynamic = fold == Fold::Locale || items.iter().any(by_locale);
        let mut set = Set { small: [false; 256], high: None, is_dynamic, fold, items };
        if is_dynamic {
            return set;
        }
        let plain = set.plain_table(pool);
        match fold {
            Fold::None => set.small = plain,
            _ => {
                for (code, slot) in (0..).zip(set.small.iter_mut()) {
                    let lower = if fold == Fold::Ascii { ascii_lower(code) } else { unicode_lower(code) };
                    *slot = plain.get(lower as usize).copied().unwrap_or_default();
                }
            }
        }
        set.high = set.answer_above();
        set
    }

    /// The answers below 256 without a fold, item by item.
    fn plain_table(&self, pool: &[u32]) -> [bool; 256] {
        let mut table = [false; 256];
        let mut decided = [false; 256];
        let mut answer = true;
        for &item in &self.items {
            if item == Item::Negate {
                answer = !answer;
                continue;
            }
            let (from, to) = match item {
                Item::Range(from, to) => (from.min(256), to.saturating_add(1).min(256)),
                _ => (0, 256),
            };
            for code in from..to {
                let index = code as usize;
                if !decided[index] && item_has(item, code, pool) {
                    decided[index] = true;
                    table[index] = answer;
                }
            }
        }
        for (slot, decided) in table.iter_mut().zip(decided) {
            *slot = if decided { *slot } else { !answer };
        }
        table
    }

    /// The answer for all characters above 255, where no item can tell them apart.
    fn answer_above(&self) -> Option<bool> {
        let mut answer = false;
        for item in &self.items {
            match item {
                Item::Negate => answer = !answer,
                Item::Range(_, 0..=255) | Item::Bitmap(_) | Item::Category(0 | 2 | 4 | 6) => {}
                Item::Category(1 | 3 | 5 | 7) if self.fold != Fold::Unicode => return Some(!answer),
                _ => return None,
            }
        }
        // Characters that fold to small ones (the Kelvin sign, say) are not all alike.
        (self.fold != Fold::Unicode).then_some(answer)
    }

    /// The answer for a character that `small` and `high` do not cover.
    #[cold]
    pub(super) fn ask(&self, code: u32, pool: &[u32], environment: &dyn Environment) -> bool {
        match self.fold {
            Fold::None => self.ask_plain(code, pool, environment),
            Fold::Ascii => self.ask_plain(ascii_lower(code), pool, environment),
            Fold::Unicode => self.ask_plain(unicode_lower(code), pool, environment),
            Fold::Locale => {
                let Ok(byte) = u8::try_from(code) else { return self.ask_plain(code, pool, environment) };
                self.ask_plain(u32::from(environment.lower(byte)), pool, environment)
                    || self.ask_plain(u32::from(environment.upper(byte)), pool, environment)
            }
        }
    }

    fn ask_plain(&self, code: u32, pool: &[u32], environment: &dyn Environment) -> bool {
        let mut answer = true;
        for &item in &self.items {
            let has = match item {
                Item::Negate => {
                    answer = !answer;
                    false
                }
                Item::Category(category) if category | 1 == LOCALE_WORD | 1 => {
                    is_locale_word(code, environment) != (category & 1 == 1)
                }
                item => item_has(item, code, pool),
            };
            if has {
                return answer;
            }
        }
        !answer
    }
}

/// Whether an item that does not depend on the locale has a character.
fn item_has(item: Item, code: u32, pool: &[u32]) -> bool {
    let word = |index: usize| pool.get(index).copied().unwrap_or_default();
    let bit = |start: usize| word(start + (code >> 5 & 7) as usize) >> (code & 31) & 1 != 0;
    match item {
        Item::Negate => false,
        Item::Range(from, to) => (from..=to).contains(&code),
        Item::RangeIgnore(from, to) => (from..=to).contains(&code) || (from..=to).contains(&to_upper(code)),
        Item::Category(category) => category_has(category, code),
        Item::Bitmap(start) => code < 256 && bit(start as usize),
        Item::Chunks(start) => {
            if code > 0xFFFF {
                return false;
            }
            let start = start as usize;
            let chunk = word(start + (code >> 10) as usize) >> ((code >> 8 & 3) * 8) & 0xFF;
            bit(start + 64 + chunk as usize * 8)
        }
    }
}

/// Whether a category has a character, the locale's ones apart.
pub(super) fn category_has(category: u32, code: u32) -> bool {
    let has = match category & !1 {
        0 => matches!(code, 0x30..=0x39),
        2 => matches!(code, 9..=13 | 32),
        4 => is_ascii_word(code),
        6 => code == 10,
        10 => is_decimal(code),
        12 => is_space(code),
        14 => is_unicode_word(code),
        16 => is_line_break(code),
        _ => false,
    };
    has != (category & 1 == 1)
}

/// ASCII letters, digits and the underscore.
#[inline]
pub(super) fn is_ascii_word(code: u32) -> bool {
    u8::try_from(code).is_ok_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Letters and digits of any script, and the underscore.
#[inline]
pub(super) fn is_unicode_word(code: u32) -> bool {
    if code < 0x80 { is_ascii_word(code) } else { is_alnum(code) }
}

/// Letters and digits of the locale, and the underscore.
pub(super) fn is_locale_word(code: u32, environment: &dyn Environment) -> bool {
    u8::try_from(code).is_ok_and(|byte| byte == b'_' || environment.is_alnum(byte))
}
