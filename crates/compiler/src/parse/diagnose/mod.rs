//! What is wrong with a text: 3.11's error for it.
//!
//! CPython parses a text that it refuses twice. The first pass ends at some token. The second pass tries, at the places where
//! people err, whether the text is one of the known mistakes, and reports the first that fits. Where none fits, the token at which
//! the first pass ended is "invalid syntax". Errors of the tokenizer take precedence when they come later in the text.
//!
//! The recogniser here does the same over the list of tokens. It is a recursive descent parser without a tree: what it
//! keeps of an expression (`Node`) is what the messages speak of. `Parser::checking` tells the passes apart.
//! `Parser::furthest` is the last token that was looked at, which CPython's messages point to.

mod arguments;
mod atoms;
mod blocks;
mod expressions;
mod node;
mod parameters;
mod parser;
mod patterns;
mod statements;

use super::Start;
use super::error::{ErrorKind, SyntaxError};
use super::lower::Unit;
use super::tokens::{Kind, TokenErrorForm};
use parser::{Parser, Stop};

/// Refuse a text that 3.11's grammar does not accept.
///
/// What is wrong inside of string literals is found later, unless the text is wrong elsewhere too. `warned` is how many warnings there were
/// before this text.
pub(super) fn check(unit: &mut Unit<'_>, start: Start, warned: usize) -> Result<(), Box<SyntaxError>> {
    let mut parser = Parser::new(unit, start);
    parser.checks_strings = false;
    match parser.run(false) {
        Ok(()) => Ok(()),
        Err(Stop::TooDeep) => Err(Box::new(too_deep())),
        Err(_) => Err(Box::new(diagnose(unit, start, warned))),
    }
}

/// What is wrong in the string literals of a text that is otherwise right.
pub(super) fn check_strings(unit: &mut Unit<'_>, start: Start, warned: usize) -> Result<(), Box<SyntaxError>> {
    match Parser::new(unit, start).run(false) {
        Err(Stop::Raise(_)) => Err(Box::new(diagnose(unit, start, warned))),
        _ => Ok(()),
    }
}

fn too_deep() -> SyntaxError {
    SyntaxError::without_place(ErrorKind::Memory, "")
}

/// The error that CPython 3.11 reports for a text that it refuses.
///
/// The first pass warns of the strings that it comes to, the second is silent; numbers are warned of when they become tokens.
pub(super) fn diagnose(unit: &mut Unit<'_>, start: Start, warned: usize) -> SyntaxError {
    unit.shared.warnings.truncate(warned);
    let (error, end) = find_error(unit, start);
    let numbers = unit.number_warnings(end);
    unit.shared.warnings.splice(warned..warned, numbers);
    error
}

/// The error, and where the last token begins that was looked at.
fn find_error(unit: &mut Unit<'_>, start: Start) -> (SyntaxError, u32) {
    let mut parser = Parser::new(unit, start);
    let error = passes(&mut parser);
    (error, parser.token(parser.furthest).start)
}

fn passes(parser: &mut Parser<'_, '_>) -> SyntaxError {
    let may_go_on = parser.unit.shared.flags.allow_incomplete_input;
    let first = parser.run(false);
    if may_go_on && parser.is_at_end() {
        let string =
            parser.unit.tokens.error.as_ref().filter(|error| parser.hit && error.form == TokenErrorForm::Raised);
        if let Some(error) = string {
            // A string that is not closed: the tokenizer is back at its beginning.
            let mut error =
                parser.error_between(ErrorKind::Syntax, "incomplete input".into(), error.span.start, error.span.start);
            error.end_offset = -1;
            return error;
        }
        return parser.error_at_token(ErrorKind::Syntax, "incomplete input", parser.furthest);
    }
    match first {
        Err(Stop::TooDeep) => return too_deep(),
        Err(Stop::Raise(error)) => {
            // What the first pass reports is not looked into further.
            let later = if parser.hit { None } else { parser.later_error(parser.furthest) };
            return later.unwrap_or(*error);
        }
        _ => {}
    }
    let last = parser.furthest;
    let warned = parser.unit.shared.warnings.len();
    let second = parser.run(true);
    parser.unit.shared.warnings.truncate(warned);
    match second {
        Err(Stop::TooDeep) => return too_deep(),
        Err(Stop::Raise(error)) => {
            let later = if parser.hit { None } else { parser.later_error(parser.furthest) };
            return later.unwrap_or(*error);
        }
        _ => {}
    }
    let token = parser.token(last);
    match token.kind {
        Kind::Indent => return parser.error_at_token(ErrorKind::Indentation, "unexpected indent", last),
        Kind::Dedent => return parser.error_at_token(ErrorKind::Indentation, "unexpected unindent", last),
        _ => {}
    }
    let error = if token.start as usize >= parser.unit.text.len() {
        // The end has no column.
        let mut error = parser.error_at_token(ErrorKind::Syntax, "invalid syntax", last);
        (error.offset, error.end_offset) = (0, 0);
        error
    } else {
        let message = parser.message("invalid syntax");
        parser.error_between(ErrorKind::Syntax, message, token.start, token.end)
    };
    parser.later_error(parser.furthest).unwrap_or(error)
}

/// The error of the tokenizer itself, in the form that CPython gives to it.
fn token_error(unit: &Unit<'_>) -> Option<SyntaxError> {
    let error = unit.tokens.error.as_ref()?;
    let source = unit.source();
    let mut result = source.error(error.kind, error.message.clone(), error.span);
    let line_length = source.line_text(error.span.start).chars().count() as i32;
    match error.form {
        // The text is quoted without its newline.
        TokenErrorForm::Raised => result.text = result.text.map(|text| text.trim_end_matches('\n').to_owned()),
        TokenErrorForm::LineEnd => (result.offset, result.end_offset) = (line_length, -1),
        TokenErrorForm::LineStart => (result.offset, result.end_offset) = (1, 0),
        TokenErrorForm::NoEnd => result.end_offset = 0,
        TokenErrorForm::Unclosed => {
            result.end_offset = 0;
            let last_line = source.lines.position((source.text.len() as u32).saturating_sub(1)).0;
            if result.line == last_line {
                result.text = Some(unit.buffer(error.span.start).to_owned());
            } else {
                result.text = result.text.map(|text| text.trim_end_matches('\n').to_owned());
            }
        }
    }
    Some(result)
}
