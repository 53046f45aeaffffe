//! From source text to the abstract syntax tree.
//!
//! `parse` decodes the source (`decode`), tokenizes it (`tokens`), has `ruff_python_parser` make a tree of it, and lowers that tree to
//! 3.11's (`lower`). The parser reads a copy of the text in which the contents of string literals are masked: what is in
//! them is read by 3.11's rules (`literal`, `lower::strings`), and an f-string ends where 3.11 ends it.
//!
//! When a text is wrong, by the parser's judgement or by 3.11's narrower grammar, `diagnose` reads its tokens with 3.11's
//! grammar and finds the error that CPython reports, with its words and its place.

mod badbytes;
mod decode;
mod diagnose;
mod error;
mod identifiers;
mod lines;
mod literal;
mod lower;
mod old_names;
mod tokens;

#[cfg(test)]
mod tests;

use ruff_python_ast::{self as ruff, PythonVersion};
use ruff_python_parser::{Mode as RuffMode, ParseOptions, parse_unchecked};

pub use decode::{Codec, CodecError, Encoding, check_file, declaration, decode};
pub use error::{ErrorKind, SyntaxError, Warning};

use crate::ast::{Interner, Mod, Text, TypeIgnore};
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
    /// `feature_version`: the minor version of Python 3 whose syntax is taken.
    pub feature_version: u8,
    /// `sys.set_int_max_str_digits`; 0 for no limit.
    pub max_int_digits: usize,
}

impl Default for Flags {
    fn default() -> Flags {
        Flags {
            type_comments: false,
            dont_imply_dedent: false,
            allow_incomplete_input: false,
            feature_version: 11,
            max_int_digits: 4300,
        }
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

/// Parse a text that `decode` gave.
pub fn parse(text: &str, mode: Mode, flags: Flags) -> Result<Parsed, SyntaxError> {
    let mut warnings = Vec::new();
    let tree = parse_warning(text, mode, flags, &mut warnings)?;
    Ok(Parsed { tree, warnings })
}

/// As [`parse`]; the warnings also come where there is an error, which they precede.
pub fn parse_warning(text: &str, mode: Mode, flags: Flags, warnings: &mut Vec<Warning>) -> Result<Mod, SyntaxError> {
    // Offsets are 32 bits wide, and the parser refuses more by panicking.
    if text.len() >= u32::MAX as usize / 2 {
        return Err(SyntaxError::without_place(ErrorKind::Memory, ""));
    }
    if text.contains('\0') {
        return Err(SyntaxError::without_place(ErrorKind::Syntax, decode::NULL_BYTES));
    }
    let text = normalise_newlines(text, mode);
    let rules = Rules {
        type_comments: flags.type_comments,
        interactive: mode == Mode::Single,
        keep_open: flags.dont_imply_dedent,
    };
    let mut tokens = tokenize(&text, rules);
    if flags.feature_version < 7 {
        tokens.take_async_for_names(&text);
    }
    let lines = Lines::new(&text, 1, 0);
    let start = match mode {
        Mode::Exec => Start::File,
        Mode::Eval => Start::Expression,
        Mode::Single => Start::Interactive,
        Mode::FuncType => Start::FunctionType,
    };
    let mut shared = Shared { names: Interner::default(), warnings: Vec::new(), problem: None, flags };
    let type_comments = TypeComments::new(&tokens);
    let mut unit = Unit { text: &text, tokens: &tokens, lines: &lines, type_comments, shared: &mut shared };
    let tree = parse_unit(&mut unit, start).map_err(|error| *error);
    *warnings = shared.warnings;
    tree
}

/// Newlines become `\n`. A file ends with one.
fn normalise_newlines(text: &str, mode: Mode) -> String {
    let mut text = if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.to_owned() };
    if mode == Mode::Exec && !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

fn parse_unit(unit: &mut Unit<'_>, start: Start) -> Result<Mod, Box<SyntaxError>> {
    let warned = unit.shared.warnings.len();
    let tree = match run_parser(unit, start)? {
        ruff::Mod::Expression(module) if start == Start::FunctionType => unit.function_type(*module.body),
        ruff::Mod::Expression(module) => Mod::Expression { body: unit.expression_body(module) },
        ruff::Mod::Module(module) => {
            let body = unit.body(module.body);
            match start {
                Start::Interactive => Mod::Interactive { body },
                _ => Mod::Module { body, type_ignores: type_ignores(unit) },
            }
        }
    };
    if let Some((problem, warned_before)) = unit.shared.problem.take() {
        if unit.shared.flags.allow_incomplete_input {
            return Err(Box::new(diagnose::diagnose(unit, start, warned)));
        }
        unit.shared.warnings.truncate(warned_before);
        return Err(Box::new(problem));
    }
    // A type comment where none can be is a token that does not fit.
    if let Some(comment) = unit.type_comments.first().and_then(|index| unit.tokens.type_comments.get(index)) {
        return Err(Box::new(unit.misplaced_type_comment(comment)));
    }
    Ok(tree)
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

/// A line of more tokens than this may be a deep chain, whose pieces the parser may drop recursively.
const LONG_LINE: usize = 3_000;

/// Have the parser make a tree of a text that 3.11's grammar accepts.
fn run_parser(unit: &mut Unit<'_>, start: Start) -> Result<ruff::Mod, Box<SyntaxError>> {
    let warned = unit.shared.warnings.len();
    unit.warn_numbers();
    diagnose::check(unit, start, warned)?;
    let mode = match start {
        Start::File | Start::Interactive => RuffMode::Module,
        Start::Expression | Start::FString | Start::FunctionType => RuffMode::Expression,
    };
    let masked = mask(unit.text, unit.tokens, start);
    let options = ParseOptions::from(mode).with_target_version(PythonVersion::PY311);
    let run = || parse_unchecked(&masked, options.clone());
    let parsed = match longest_line(unit.tokens) {
        ..=LONG_LINE => run(),
        length => stacker::grow((length * 512).clamp(1 << 20, 1 << 30), run),
    };
    let place = match (parsed.errors(), parsed.unsupported_syntax_errors()) {
        ([], []) => return Ok(parsed.into_syntax()),
        ([error, ..], _) => error.location,
        (_, [error, ..]) => error.range,
    };
    // Strings of two kinds side by side; or the parser refuses what 3.11 accepts, and its place is the best that is known.
    diagnose::check_strings(unit, start, warned)?;
    let (start, end) = (place.start().to_u32(), place.end().to_u32());
    Err(Box::new(unit.source().syntax_error("invalid syntax", start, end)))
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
fn mask(text: &str, tokens: &Tokens, start: Start) -> String {
    let mut masked = text.as_bytes().to_vec();
    let bytes = text.as_bytes();
    if start == Start::FunctionType {
        mask_function_type(&mut masked, text, tokens);
    }
    for (index, token) in tokens.tokens.iter().enumerate() {
        let range = token.start as usize..token.end as usize;
        match (token.kind, bytes.get(range.clone()).unwrap_or_default()) {
            (Kind::String, _) => mask_string(&mut masked, bytes, lower::split(text, *token)),
            (Kind::Name, _) if tokens.is_plain_name(*token) => masked[range].fill(b'x'),
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

/// Make a pair of a signature: its arguments without their stars, and its result.
fn mask_function_type(masked: &mut [u8], text: &str, tokens: &Tokens) {
    let mut depth = 0_u32;
    let mut before = "";
    for token in &tokens.tokens {
        let range = token.start as usize..token.end as usize;
        let word = text.get(range.clone()).unwrap_or_default();
        match word {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            "*" | "**" if depth == 1 && matches!(before, "(" | ",") => masked[range].fill(b' '),
            "->" if depth == 0 => masked[range].copy_from_slice(b", "),
            _ => {}
        }
        before = word;
    }
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
