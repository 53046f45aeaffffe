//! Sources in UTF-8 with bytes that are not: CPython decodes token by token, so that such bytes in a comment do no harm, an error that comes
//! before them is told of first, and they themselves are an error of the token that has them.

use super::decode::{invalid, plain_lines};
use super::error::{ErrorKind, SyntaxError};
use super::tokens::{Kind, Rules, Token, Tokens, tokenize};
use super::{Flags, Mode, parse};

/// The text of a source with bytes that are not UTF-8, if they are where none is read; else the error.
pub(super) fn decode_by_token(source: &[u8]) -> Result<String, SyntaxError> {
    let source = plain_lines(source);
    // A name's character in place of each bad byte: so places stay what they are.
    let (stand_in, bad) = stand_in(&source);
    let tokens = tokenize(&stand_in, Rules::default());
    let lossy = || String::from_utf8_lossy(&source).into_owned();
    let Some((index, token)) = token_with(&tokens, &bad) else { return Ok(lossy()) };
    if let Err(error) = parse(&stand_in, Mode::Exec, Flags::default())
        && is_before(&error, &stand_in, token)
    {
        return Ok(lossy());
    }
    let range = token.start as usize..token.end as usize;
    let bytes = source.get(range).unwrap_or_default();
    Err(match token.kind {
        Kind::String => match in_string(bytes) {
            Some(message) => at_next(&source, &tokens, index, message),
            None => return Ok(lossy()),
        },
        _ => {
            let column = column_of(&source, token.end as usize);
            at(&source, token.start as usize, column, -1, invalid(bytes).unwrap_or_default())
        }
    })
}

/// The source with a `z` for each byte that is not UTF-8, and where these are.
fn stand_in(source: &[u8]) -> (String, Vec<usize>) {
    let (mut text, mut bad) = (String::with_capacity(source.len()), Vec::new());
    for chunk in source.utf8_chunks() {
        text.push_str(chunk.valid());
        for _ in chunk.invalid() {
            bad.push(text.len());
            text.push('z');
        }
    }
    (text, bad)
}

/// The first token, not a comment's, that has one of the bytes. A bytes literal is not decoded; what is wrong with it is told of elsewhere.
fn token_with(tokens: &Tokens, bad: &[usize]) -> Option<(usize, Token)> {
    bad.iter().find_map(|&position| {
        let index = tokens.tokens.partition_point(|token| token.end as usize <= position);
        let token = *tokens.tokens.get(index)?;
        let is_read = matches!(token.kind, Kind::Name | Kind::Number | Kind::String);
        (is_read && token.start as usize <= position).then_some((index, token))
    })
}

/// Whether the error's place is before the token.
fn is_before(error: &SyntaxError, text: &str, token: Token) -> bool {
    let before = text.get(..token.start as usize).unwrap_or_default();
    let line = before.matches('\n').count() as u32 + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() as i32 + 1;
    (error.line, error.offset) < (line, column)
}

/// What is wrong with a string literal: where depends on how its contents are read, all at once or piece by piece. `None` for bytes literals.
fn in_string(literal: &[u8]) -> Option<String> {
    let prefix = literal.iter().position(|byte| matches!(byte, b'"' | b'\''))?;
    let (prefix, quoted) = literal.split_at(prefix);
    let has = |letter: u8| prefix.iter().any(|byte| byte.eq_ignore_ascii_case(&letter));
    if has(b'b') {
        return None;
    }
    let quotes = match quoted {
        [a, b, c, ..] if a == b && b == c && quoted.len() >= 6 => 3,
        _ => 1,
    };
    let body = quoted.get(quotes..quoted.len().saturating_sub(quotes))?;
    let whole = has(b'r') || !has(b'f') && !body.contains(&b'\\');
    if whole {
        return invalid(body);
    }
    body.split(u8::is_ascii).find_map(invalid)
}

/// An error at the token that follows the strings beside the one at `index`: CPython reads all of them before it decodes any.
fn at_next(source: &[u8], tokens: &Tokens, index: usize, message: String) -> SyntaxError {
    let after = tokens.tokens.get(index..).unwrap_or_default();
    let next = after.iter().find(|token| token.kind != Kind::String).copied();
    let next = next.unwrap_or(Token { kind: Kind::End, start: source.len() as u32, end: source.len() as u32 });
    // A newline begins where its comment does, and has no extent.
    let start = if next.kind == Kind::Newline { next.end.max(next.start) } else { next.start } as usize;
    let column = column_of(source, start) + 1;
    let width = if matches!(next.kind, Kind::Newline | Kind::End) { 0 } else { next.end - next.start };
    at(source, start, column, column + width as i32, message)
}

/// Bytes from the start of the line.
fn column_of(source: &[u8], position: usize) -> i32 {
    let before = source.get(..position).unwrap_or(source);
    before.iter().rev().take_while(|byte| **byte != b'\n').count() as i32
}

/// The error, in the line of `position`.
fn at(source: &[u8], position: usize, offset: i32, end_offset: i32, message: String) -> SyntaxError {
    let before = source.get(..position).unwrap_or(source);
    let line = before.iter().filter(|byte| **byte == b'\n').count() as u32 + 1;
    let text = source.split(|byte| *byte == b'\n').nth(line as usize - 1).unwrap_or_default();
    SyntaxError {
        kind: ErrorKind::Syntax,
        message: format!("(unicode error) {message}"),
        line,
        offset,
        end_line: line,
        end_offset,
        text: Some(String::from_utf8_lossy(text).into_owned() + "\n"),
    }
}
