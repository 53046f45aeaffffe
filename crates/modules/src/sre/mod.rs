//! `_sre`: the types behind `re`, on the engine of `habu_text::regex`.
//!
//! The package `re` compiles a pattern to code words; `compile` checks them and keeps the translated program in a `Pattern`. A
//! `Series` (in `series`) is one subject with the engine's working memory: whatever looks for matches one after another uses it.
//! CPython's counterpart is `Modules/_sre`.

mod found;
mod pattern;
mod replace;
mod scanner;
mod series;
mod subject;

use habu_heap::Buffer;
use habu_macros::pymodule;
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::int::Int;
use habu_runtime::types::list::List;
use habu_runtime::types::module::Module;
use habu_runtime::types::tuple::Tuple;
use habu_text::regex::{CODE_SIZE, MAGIC, MAX_GROUPS, MAX_REPEAT, case};

use crate::fill::set;
use pattern::{Parts, Pattern};

/// The code words in a list of integers.
fn words(code: &List) -> Result<Buffer<u32>, Raised> {
    let mut words = Buffer::with_capacity(code.len())?;
    let mut index = 0;
    while let Some(word) = code.get(index) {
        let Some(word) = word.downcast::<Int>() else { return Err(raise!(TypeError, "an integer is required")) };
        let Some(word) = word.to_i64().and_then(|word| u32::try_from(word).ok()) else {
            return Err(raise!(OverflowError, "regular expression code size limit exceeded"));
        };
        words.push(word)?;
        index += 1;
    }
    Ok(words)
}

/// What an integer holds as a code point; others are no letters.
fn code_point(character: i32) -> u32 {
    u32::try_from(character).unwrap_or(u32::MAX)
}

/// The functions of the module.
pub struct Sre;

#[pymodule(name = "_sre")]
impl Sre {
    #[signature(pattern, flags, code, groups, groupindex, indexgroup)]
    fn compile(
        pattern: &Object,
        flags: i32,
        code: &List,
        groups: isize,
        groupindex: &Dict,
        indexgroup: &Tuple,
    ) -> Result<Ref<Pattern>, Raised> {
        Pattern::compile(&words(code)?, Parts { pattern, flags, groups, groupindex, indexgroup })
    }

    fn getcodesize() -> Result<i32, Raised> {
        Ok(CODE_SIZE as i32)
    }

    fn ascii_iscased(character: i32) -> Result<bool, Raised> {
        Ok(case::ascii_is_cased(code_point(character)))
    }

    fn unicode_iscased(character: i32) -> Result<bool, Raised> {
        Ok(case::unicode_is_cased(code_point(character)))
    }

    fn ascii_tolower(character: i32) -> Result<i32, Raised> {
        Ok(u32::try_from(character).map_or(character, |code| case::ascii_lower(code) as i32))
    }

    fn unicode_tolower(character: i32) -> Result<i32, Raised> {
        Ok(u32::try_from(character).map_or(character, |code| case::unicode_lower(code) as i32))
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        for ty in [&pattern::PATTERN_TYPE, &found::MATCH_TYPE, &scanner::SCANNER_TYPE] {
            module.ready_type(ty)?;
        }
        set(module, "MAGIC", MAGIC as i64)?;
        set(module, "CODESIZE", CODE_SIZE as i64)?;
        set(module, "MAXREPEAT", MAX_REPEAT as i64)?;
        set(module, "MAXGROUPS", MAX_GROUPS as i64)?;
        set(module, "copyright", " SRE 2.2.2 Copyright (c) 1997-2002 by Secret Labs AB ")
    }
}
