//! From source text to the abstract syntax tree.
//!
//! `parse` decodes the source (`decode`), tokenizes it (`tokens`), has `ruff_python_parser` make a tree of it, and lowers that tree to
//! 3.11's (`lower`). The parser reads a copy of the text in which the contents of string literals are masked: what is in
//! them is read by 3.11's rules (`literal`, `lower::strings`), and an f-string ends where 3.11 ends it.
//!
//! When a text is wrong, by the parser's judgement or by 3.11's narrower grammar, `diagnose` reads its tokens with 3.11's
//! grammar and finds the error that CPython reports, with its words and its place.

mod decode;
mod diagnose;
mod error;
mod identifiers;
mod lines;
mod literal;
mod lower;
mod tokens;

#[cfg(test)]
mod tests;

use ruff_python_ast::{self as ruff, PythonVersion};
use ruff_python_parser::{Mode as RuffMode, ParseOptions, parse_unchecked};

pub use decode::{CodecError, Encoding, decode};
pub use error::{ErrorKind, SyntaxError, Warning};

use crate::ast::{Interner, Mod, Stmt, StmtKind, Text, TypeIgnore};
use lines::Lines;
use lower::{Shared, TypeComments, Unit};
use tokens::{Kind, Rules, Tokens, tokenize};

/// What a text is parsed as: the `mode` of `compile`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// `exec`: a file.
    Exec,
    /// `eval`: one expression.
    Eval,
    /// `single`: one interactive statement.
    Single,
    /// `func_type`: the signature in a type comment.
    FuncType,
}

/// The options of a parse; the names are those of `compile`'s flags.
#[derive(Clone, Copy, Debug)]
pub struct Flags {
    /// `PyCF_TYPE_COMMENTS`: type comments are part of the tree.
    pub type_comments: bool,
    /// `PyCF_DONT_IMPLY_DEDENT`: in `single` mode, an open block is not closed by the end of the text.
    pub dont_imply_dedent: bool,
    /// `PyCF_ALLOW_INCOMPLETE_INPUT`: the error for a text that may go on is "incomplete input".
    pub allow_incomplete_input: bool,
    /// `sys.set_int_max_str_digits`; 0 for no limit.
    pub max_int_digits: usize,
}

impl Default for Flags {
    fn default() -> Flags {
        Flags { type_comments: false, dont_imply_dedent: false, allow_incomplete_input: false, max_int_digits: 4300 }
    }
}

/// A tree, and what is to be warned of.
#[derive(Debug)]
pub struct Parsed {
    /// The tree.
    pub tree: Mod,
    /// Deprecated spellings, in order.
    pub warnings: Vec<Warning>,
}

/// What a text begins as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    File,
    Expression,
    Interactive,
    FunctionType,
    /// The expression of an f-string.
    FString,
}

/// Right-nested expressions may be this deep, as CPython's parser has a stack of 6,000 rules.
const MAX_DEPTH: u32 = 5_900;

/// Parse a text that `decode` gave.
pub fn parse(text: &str, mode: Mode, flags: Flags) -> Result<Parsed, SyntaxError> {
    // Offsets are 32 bits wide, and the parser refuses more by panicking.
    if text.len() >= u32::MAX as usize / 2 {
        return Err(SyntaxError::without_place(ErrorKind::Memory, ""));
    }
    let text = normalise_newlines(text);
    let rules = Rules { type_comments: flags.type_comments, interactive: mode == Mode::Single };
    let tokens = tokenize(&text, rules);
    let lines = Lines::new(&text, 1, 0);
    let start = match mode {
        Mode::Exec => Start::File,
        Mode::Eval => Start::Expression,
        Mode::Single => Start::Interactive,
        Mode::FuncType => Start::FunctionType,
    };
    let mut shared = Shared {
        names: Interner::default(),
        warnings: Vec::new(),
        problem: None,
        max_int_digits: flags.max_int_digits,
        has_patterns: false,
        depth: 0,
        deepest: 0,
    };
    let type_comments = TypeComments::new(&tokens);
    let mut unit = Unit { text: &text, tokens: &tokens, lines: &lines, type_comments, shared: &mut shared };
    let tree = parse_unit(&mut unit, start)?;
    Ok(Parsed { tree, warnings: shared.warnings })
}

/// Newlines become `\n`, and the text ends with one.
fn normalise_newlines(text: &str) -> String {
    let mut text = if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.to_owned() };
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

fn parse_unit(unit: &mut Unit<'_>, start: Start) -> Result<Mod, SyntaxError> {
    let Ok(parsed) = run_parser(unit.text, unit.tokens, start) else {
        return Err(diagnose::diagnose(unit, start));
    };
    let tree = match parsed {
        ruff::Mod::Expression(module) => Mod::Expression { body: unit.expression_body(module) },
        ruff::Mod::Module(module) => {
            let body = unit.body(module.body);
            match start {
                Start::Interactive => interactive(unit, body)?,
                _ => Mod::Module { body, type_ignores: type_ignores(unit) },
            }
        }
    };
    // The parser lets commas between patterns be left out.
    if unit.shared.has_patterns
        && let Some(error) = diagnose::refuse(unit, start)
    {
        return Err(error);
    }
    if unit.shared.deepest > MAX_DEPTH {
        return Err(SyntaxError::without_place(ErrorKind::Memory, ""));
    }
    if let Some(problem) = unit.shared.problem.take() {
        return Err(problem);
    }
    if unit.type_comments.first().is_some() {
        return Err(diagnose::diagnose(unit, start));
    }
    Ok(tree)
}

/// One statement, or simple statements on one line.
fn interactive(unit: &Unit<'_>, mut body: Vec<Stmt>) -> Result<Mod, SyntaxError> {
    if body.is_empty() {
        body.push(Stmt::new(StmtKind::Pass, lower_empty(unit)));
    }
    Ok(Mod::Interactive { body })
}

/// The place of the newline that stands for an empty interactive statement.
fn lower_empty(unit: &Unit<'_>) -> crate::ast::Location {
    unit.lines.location(0, 0)
}

fn type_ignores(unit: &Unit<'_>) -> Vec<TypeIgnore> {
    let ignores = unit.tokens.type_comments.iter().filter(|comment| comment.is_ignore);
    ignores
        .map(|comment| TypeIgnore::TypeIgnore {
            lineno: unit.lines.position(comment.start).0 as i32,
            tag: Text::from(unit.text.get(comment.start as usize..comment.end as usize).unwrap_or_default()),
        })
        .collect()
}

/// The text is not a Python program, or not one of 3.11.
struct Refused;

/// A line of more tokens than this may be a deep chain, whose pieces the parser may drop recursively.
const LONG_LINE: usize = 3_000;

/// Have the parser make a tree of the text.
fn run_parser(text: &str, tokens: &Tokens, start: Start) -> Result<ruff::Mod, Refused> {
    if tokens.error.is_some() {
        return Err(Refused);
    }
    let mode = match start {
        Start::File | Start::Interactive => RuffMode::Module,
        Start::Expression | Start::FString => RuffMode::Expression,
        // The parser does not know signatures.
        Start::FunctionType => return Err(Refused),
    };
    let masked = mask(text, tokens);
    let options = ParseOptions::from(mode).with_target_version(PythonVersion::PY311);
    let run = || {
        let parsed = parse_unchecked(&masked, options.clone());
        let valid = parsed.errors().is_empty() && parsed.unsupported_syntax_errors().is_empty();
        if valid { Ok(parsed.into_syntax()) } else { Err(Refused) }
    };
    match longest_line(tokens) {
        ..=LONG_LINE => run(),
        length => stacker::grow((length * 512).clamp(1 << 20, 1 << 30), run),
    }
}

/// The number of tokens of the longest logical line.
fn longest_line(tokens: &Tokens) -> usize {
    let lines = tokens.tokens.split(|token| token.kind == Kind::Newline);
    lines.map(<[_]>::len).max().unwrap_or(0)
}

/// The text with the contents of string literals replaced by as many plain bytes.
///
/// Some words are replaced too, for the parser takes them amiss: `match` after a semicolon for a statement, and
/// `raise` before one for a mistake. The lowering reads names from the text itself, and a `break` that is written `raise` as that.
fn mask(text: &str, tokens: &Tokens) -> String {
    let mut masked = text.as_bytes().to_vec();
    let bytes = text.as_bytes();
    for (index, token) in tokens.tokens.iter().enumerate() {
        let range = token.start as usize..token.end as usize;
        match (token.kind, bytes.get(range.clone()).unwrap_or_default()) {
            (Kind::String, _) => mask_string(&mut masked, bytes, lower::split(text, *token)),
            (Kind::Name, b"match" | b"type" | b"lazy") if is_semicolon(bytes, tokens, index.checked_sub(1)) => {
                masked[range.start] = b'x';
            }
            (Kind::Name, b"raise") if is_semicolon(bytes, tokens, Some(index + 1)) => {
                masked[range].copy_from_slice(b"break");
            }
            _ => {}
        }
    }
    String::from_utf8(masked).unwrap_or_default()
}

fn is_semicolon(bytes: &[u8], tokens: &Tokens, index: Option<usize>) -> bool {
    let token = index.and_then(|index| tokens.tokens.get(index));
    token.is_some_and(|token| token.kind == Kind::Op && bytes.get(token.start as usize) == Some(&b';'))
}

/// Replace what is between the quotes. Newlines stay, and the backslash before one where it continues the string.
fn mask_string(masked: &mut [u8], bytes: &[u8], literal: lower::Literal) {
    for index in literal.start as usize..literal.end as usize {
        let is_continued = bytes.get(index) == Some(&b'\\') && bytes.get(index + 1) == Some(&b'\n');
        if let Some(byte) = masked.get_mut(index)
            && *byte != b'\n'
            && !is_continued
        {
            *byte = b'x';
        }
    }
}
