//! `Pattern.sub` and `Pattern.subn`.

use habu_runtime::import::import_module;
use habu_runtime::object::protocol::{call, call1, get_attribute_str, is_callable};
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::types::bytes::{Bytes, common};
use habu_runtime::types::list::List;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::{Str, join};
use habu_text::regex::Mode;

use super::found::Match;
use super::pattern::Pattern;
use super::series::Series;
use super::subject::Subject;

/// What stands in the place of a match.
enum Filling {
    /// This.
    Text(Ref),
    /// What a call with the match gives.
    Call(Ref),
}

impl Filling {
    /// From what `sub` was given: a function, or a template, which `re` parses where there is a backslash in it.
    fn new(pattern: &Pattern, template: &Object) -> Result<Filling, Raised> {
        if is_callable(template) {
            return Ok(Filling::Call(template.to_ref()));
        }
        match Subject::new(template) {
            Ok(text) if !text.chars().iter().any(|code| code == u32::from(b'\\')) => {
                return Ok(Filling::Text(template.to_ref()));
            }
            Ok(_) => {}
            // `re` says what is wrong with it.
            Err(raised) => raised.clear(),
        }
        let parse = get_attribute_str(&*import_module("re")?, "_subx")?;
        let filling = call(&parse, &[pattern, template])?;
        Ok(if is_callable(&filling) { Filling::Call(filling) } else { Filling::Text(filling) })
    }
}

/// Replaces up to `count` matches (0: all); gives the new text and how many there were.
pub(super) fn replace(
    pattern: &Pattern,
    template: &Object,
    string: &Object,
    count: isize,
) -> Result<(Ref, isize), Raised> {
    let filling = Filling::new(pattern, template)?;
    let series = Series::new(pattern, string, 0, isize::MAX)?;
    let pieces = List::new()?;
    let (mut last, mut made) = (0, 0);
    while count == 0 || made < count {
        let Some(found) = series.next(pattern, Mode::Search)? else { break };
        let span = found.span;
        if last < span.start {
            pieces.push(series.subject.slice(last, span.start)?)?;
        }
        let piece = match &filling {
            Filling::Text(text) => text.clone(),
            Filling::Call(function) => {
                let found_object = Match::new(pattern, &series, &found, string)?;
                // The function may match too, with the same working memory.
                drop(found);
                call1(function, &found_object)?
            }
        };
        if !is_none(&piece) {
            pieces.push(piece)?;
        }
        last = span.end;
        made += 1;
    }
    if last < series.endpos {
        pieces.push(series.subject.slice(last, series.endpos)?)?;
    }
    Ok((joined(&series.subject, &pieces)?, made))
}

/// The pieces as one text.
fn joined(subject: &Subject, pieces: &List) -> Result<Ref, Raised> {
    if !subject.is_bytes() {
        return Ok(join(&Str::empty(), pieces)?.into_object());
    }
    if pieces.len() == 1
        && let Some(piece) = pieces.get(0)
        && piece.is_exact::<Bytes>()
    {
        return Ok(piece);
    }
    Ok(Bytes::new(&common::join(b"", pieces)?)?.into_object())
}
