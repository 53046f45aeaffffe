//! The tokens of a source text as CPython 3.11's tokenizer sees them.
//!
//! The tokens serve four ends. They bound the nesting before the recursive parser sees the text; they tell
//! where string literals end by 3.11's rules (an f-string ends at its first own quote); the lowering asks them for places
//! that the parser's tree does not keep; and `diagnose` parses them to find what is wrong with a text.
//!
//! Invariants: the text has `\n` as its only newline; tokens are in order and do not overlap;
//! the list ends with `Kind::End`, or with `Kind::Error` where `Tokens::error` says what is wrong.

use super::error::{ErrorKind, Span};
use super::identifiers;

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// A name or a keyword.
    Name,
    /// A number.
    Number,
    /// A string or bytes literal with its prefix and quotes.
    String,
    /// An operator or a delimiter.
    Op,
    /// The end of a logical line.
    Newline,
    /// More indentation.
    Indent,
    /// Less indentation.
    Dedent,
    /// The end of the text.
    End,
    /// A character that cannot begin a token, or the place of `Tokens::error`.
    Error,
}

/// A token: what and where, in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: u32,
    pub(super) end: u32,
}

/// What the tokenizer itself found wrong.
#[derive(Clone, Debug)]
pub(super) struct TokenError {
    pub(super) kind: ErrorKind,
    pub(super) message: String,
    pub(super) span: Span,
    pub(super) form: TokenErrorForm,
    /// The text ended too early: more of it could mend this.
    pub(super) at_end: bool,
}

/// How CPython comes to an error of the tokenizer, which shows in the columns and the text that it reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenErrorForm {
    /// By the tokenizer itself, which also overrides errors of the parser before it.
    Raised,
    /// By the parser, at the end of the line.
    LineEnd,
    /// By the parser, at the start of the line.
    LineStart,
    /// By the parser, at the place, without an end.
    NoEnd,
    /// An open bracket at the end of the text.
    Unclosed,
}

/// A `# type:` comment.
#[derive(Clone, Copy, Debug)]
pub(super) struct TypeComment {
    /// How many tokens stand before it.
    pub(super) index: usize,
    /// Where the type itself stands, or the tag of an `ignore`.
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) is_ignore: bool,
}

/// A bracket that is open.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open {
    pub(super) bracket: u8,
    pub(super) position: u32,
}

/// A source text as tokens.
pub(super) struct Tokens {
    pub(super) tokens: Vec<Token>,
    pub(super) error: Option<TokenError>,
    /// The brackets that were open at the end or at the error.
    pub(super) open: Vec<Open>,
    pub(super) type_comments: Vec<TypeComment>,
    /// Numbers with a keyword right after them, which is deprecated: (message, position).
    pub(super) warnings: Vec<(String, u32)>,
    /// Where `async` and `await` are plain names, in order; see `old_names`.
    pub(super) plain_names: Vec<u32>,
}

/// Brackets may nest this deep.
const MAX_BRACKETS: usize = 200;
/// Blocks may nest this deep.
const MAX_INDENT: usize = 100;
const TAB_SIZE: u32 = 8;

/// Options that change what is a token.
#[derive(Clone, Copy, Default)]
pub(super) struct Rules {
    /// Record `# type:` comments.
    pub(super) type_comments: bool,
    /// `single` mode: where the text ends, a line ends.
    pub(super) interactive: bool,
    /// In `single` mode, the end of a text within a line does not close the blocks.
    pub(super) keep_open: bool,
}

/// Tokenize `text`.
pub(super) fn tokenize(text: &str, rules: Rules) -> Tokens {
    let mut scanner = Scanner {
        text,
        bytes: text.as_bytes(),
        position: 0,
        out: Tokens {
            tokens: Vec::with_capacity(text.len() / 4),
            error: None,
            open: Vec::new(),
            type_comments: Vec::new(),
            warnings: Vec::new(),
            plain_names: Vec::new(),
        },
        indents: vec![(0, 0)],
        rules,
    };
    if let Err(error) = scanner.run() {
        let at = scanner.position as u32;
        scanner.push(Kind::Error, at, at);
        scanner.out.error = Some(*error);
    }
    scanner.out
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    position: usize,
    out: Tokens,
    /// The columns of the open blocks, with tabs to multiples of 8, and with tabs as 1.
    indents: Vec<(u32, u32)>,
    rules: Rules,
}

type Scan<T> = Result<T, Box<TokenError>>;

impl Scanner<'_> {
    fn peek(&self) -> u8 {
        self.peek_at(0)
    }

    /// The byte `ahead`, or 0 past the end: the text has no null bytes.
    fn peek_at(&self, ahead: usize) -> u8 {
        self.bytes.get(self.position + ahead).copied().unwrap_or(0)
    }

    fn push(&mut self, kind: Kind, start: u32, end: u32) {
        self.out.tokens.push(Token { kind, start, end });
    }

    fn run(&mut self) -> Scan<()> {
        let mut at_line_start = true;
        // The comment at the end of a line belongs to the line's newline.
        let mut comment = None;
        loop {
            if at_line_start {
                at_line_start = false;
                if !self.indentation()? {
                    at_line_start = self.position < self.bytes.len();
                    if at_line_start {
                        continue;
                    }
                }
            }
            while matches!(self.peek(), b' ' | b'\t' | 0x0c) {
                self.position += 1;
            }
            let start = self.position;
            match self.peek() {
                0 if start >= self.bytes.len() => return self.finish(),
                b'#' => {
                    comment = Some(start as u32);
                    self.comment();
                }
                b'\n' => {
                    let comment = comment.take();
                    self.position += 1;
                    if self.out.open.is_empty() {
                        // The newline itself has no extent, as it is for CPython.
                        self.push(Kind::Newline, comment.unwrap_or(start as u32), start as u32);
                        at_line_start = true;
                    }
                }
                b'\\' => self.continuation()?,
                b'0'..=b'9' => self.number()?,
                b'.' if self.peek_at(1).is_ascii_digit() => self.number()?,
                b'"' | b'\'' => self.string(start)?,
                b'a'..=b'z' | b'A'..=b'Z' | b'_' | 128.. => self.name()?,
                _ => self.operator()?,
            }
        }
    }

    /// The end of the text: close the line and the blocks.
    fn finish(&mut self) -> Scan<()> {
        let end = self.bytes.len() as u32;
        if let Some(open) = self.out.open.last().copied() {
            return self.unclosed(open);
        }
        let in_line = !self.text.ends_with('\n');
        let is_interactive = self.rules.interactive && !self.out.tokens.is_empty();
        if is_interactive && in_line {
            self.push(Kind::Newline, end, end);
        }
        if !(is_interactive && in_line && self.rules.keep_open) {
            for _ in 1..self.indents.len() {
                self.push(Kind::Dedent, end, end);
            }
        }
        // Closing blocks begins a line of its own, which ends too.
        if is_interactive && (!in_line || self.indents.len() > 1 && !self.rules.keep_open) {
            self.push(Kind::Newline, end, end);
        }
        self.push(Kind::End, end, end);
        Ok(())
    }

    fn unclosed<T>(&self, open: Open) -> Scan<T> {
        Err(Box::new(TokenError {
            kind: ErrorKind::Syntax,
            message: format!("'{}' was never closed", char::from(open.bracket)),
            span: Span::point(open.position),
            form: TokenErrorForm::Unclosed,
            at_end: true,
        }))
    }

    fn error<T>(&self, message: impl Into<String>, span: Span) -> Scan<T> {
        self.error_of(ErrorKind::Syntax, message, span, TokenErrorForm::Raised)
    }

    fn error_of<T>(&self, kind: ErrorKind, message: impl Into<String>, span: Span, form: TokenErrorForm) -> Scan<T> {
        Err(Box::new(TokenError { kind, message: message.into(), span, form, at_end: false }))
    }

    /// Read the white space that begins a line. False for a line without tokens, which is consumed.
    fn indentation(&mut self) -> Scan<bool> {
        let (mut column, mut alternative) = (0_u32, 0_u32);
        let mut continued: Option<(u32, u32)> = None;
        loop {
            match self.peek() {
                b' ' => {
                    column += 1;
                    alternative += 1;
                }
                b'\t' => {
                    column = (column / TAB_SIZE + 1) * TAB_SIZE;
                    alternative += 1;
                }
                0x0c => (column, alternative) = (0, 0),
                b'\\' => {
                    // The columns before the first continuation count.
                    continued = continued.or(Some((column, alternative)));
                    self.continuation()?;
                    continue;
                }
                _ => break,
            }
            self.position += 1;
        }
        match self.peek() {
            b'#' => {
                self.comment();
                if self.peek() == b'\n' {
                    self.position += 1;
                }
                return Ok(false);
            }
            b'\n' => {
                self.position += 1;
                return Ok(false);
            }
            // Blanks at the end of a text, without a newline, are indentation.
            0 if self.position >= self.bytes.len() && column == 0 => return Ok(false),
            _ => {}
        }
        let (column, alternative) = continued.unwrap_or((column, alternative));
        self.indent_to(column, alternative)?;
        Ok(true)
    }

    /// Open or close blocks for a line that begins at these columns.
    fn indent_to(&mut self, column: u32, alternative: u32) -> Scan<()> {
        let at = self.position as u32;
        let (top, top_alternative) = self.indents.last().copied().unwrap_or((0, 0));
        if column == top {
            if alternative != top_alternative {
                return self.tab_error();
            }
        } else if column > top {
            if self.indents.len() >= MAX_INDENT {
                return self.error_of(
                    ErrorKind::Indentation,
                    "too many levels of indentation",
                    Span::point(at),
                    TokenErrorForm::LineStart,
                );
            }
            if alternative <= top_alternative {
                return self.tab_error();
            }
            self.indents.push((column, alternative));
            self.push(Kind::Indent, at, at);
        } else {
            let mut closed = 0;
            while self.indents.len() > 1 && self.indents.last().is_some_and(|&(top, _)| column < top) {
                self.indents.pop();
                closed += 1;
            }
            let (top, top_alternative) = self.indents.last().copied().unwrap_or((0, 0));
            if column != top {
                return self.error_of(
                    ErrorKind::Indentation,
                    "unindent does not match any outer indentation level",
                    Span::point(at),
                    TokenErrorForm::LineEnd,
                );
            }
            if alternative != top_alternative {
                return self.tab_error();
            }
            // Only now: a level that does not fit is an error before any block is closed.
            for _ in 0..closed {
                self.push(Kind::Dedent, at, at);
            }
        }
        Ok(())
    }

    fn tab_error<T>(&self) -> Scan<T> {
        self.error_of(
            ErrorKind::Tab,
            "inconsistent use of tabs and spaces in indentation",
            Span::point(self.position as u32),
            TokenErrorForm::LineStart,
        )
    }

    /// Skip a comment up to its newline; note a type comment.
    fn comment(&mut self) {
        let start = self.position;
        while !matches!(self.peek(), b'\n' | 0) || (self.peek() == 0 && self.position < self.bytes.len()) {
            self.position += 1;
        }
        if self.rules.type_comments {
            self.type_comment(start);
        }
    }

    fn type_comment(&mut self, start: usize) {
        let Some(comment) = self.text.get(start..self.position) else { return };
        let blank = |c: char| c == ' ' || c == '\t';
        let Some(rest) = comment[1..].trim_start_matches(blank).strip_prefix("type:") else { return };
        // Exactly as in "# type: ": at least one blank may be missing in neither place.
        let body = rest.trim_start_matches(blank);
        let body_start = self.position - body.len();
        let ignore = body
            .strip_prefix("ignore")
            .filter(|tag| !tag.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte >= 128));
        let (type_start, is_ignore) = match ignore {
            Some(tag) => (self.position - tag.len(), true),
            None => (body_start, false),
        };
        self.out.type_comments.push(TypeComment {
            index: self.out.tokens.len(),
            start: type_start as u32,
            end: self.position as u32,
            is_ignore,
        });
    }

    /// A backslash: only a newline may follow it.
    fn continuation(&mut self) -> Scan<()> {
        let start = self.position as u32;
        self.position += 1;
        if self.peek() != b'\n' {
            return self.error_of(
                ErrorKind::Syntax,
                "unexpected character after line continuation character",
                // After the character that is wrong; at the end of the text there is none.
                Span::point(if self.position < self.bytes.len() { start + 1 } else { start }),
                TokenErrorForm::NoEnd,
            );
        }
        self.position += 1;
        if self.position >= self.bytes.len() {
            if let Some(open) = self.out.open.last().copied() {
                return self.unclosed(open);
            }
            return Err(Box::new(TokenError {
                kind: ErrorKind::Syntax,
                message: "unexpected EOF while parsing".into(),
                span: Span::point(start + 1),
                form: TokenErrorForm::LineEnd,
                at_end: true,
            }));
        }
        Ok(())
    }

    /// A name, or a string with a prefix.
    fn name(&mut self) -> Scan<()> {
        let start = self.position;
        let mut ascii = true;
        while matches!(self.peek(), b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'0'..=b'9' | 128..) {
            ascii &= self.peek() < 128;
            self.position += 1;
        }
        if ascii && matches!(self.peek(), b'"' | b'\'') && is_prefix(&self.bytes[start..self.position]) {
            return self.string(start);
        }
        if !ascii {
            self.check_identifier(start)?;
        }
        self.push(Kind::Name, start as u32, self.position as u32);
        Ok(())
    }

    /// Refuse characters that cannot stand in an identifier.
    fn check_identifier(&mut self, start: usize) -> Scan<()> {
        let Some(name) = self.text.get(start..self.position) else { return Ok(()) };
        let Some((offset, bad)) = identifiers::first_invalid(name) else { return Ok(()) };
        let at = (start + offset) as u32;
        self.position = start + offset;
        let code = u32::from(bad);
        let message = if identifiers::is_printable(bad) {
            format!("invalid character '{bad}' (U+{code:04X})")
        } else {
            format!("invalid non-printable character U+{code:04X}")
        };
        self.error(message, Span::point(at))
    }

    /// A string whose prefix begins at `start`; the position is at the quote.
    fn string(&mut self, start: usize) -> Scan<()> {
        let quote = self.peek();
        let triple = self.peek_at(1) == quote && self.peek_at(2) == quote;
        self.position += if triple { 3 } else { 1 };
        loop {
            let byte = self.peek();
            if self.position >= self.bytes.len() || (byte == b'\n' && !triple) {
                return self.unterminated(start, triple);
            }
            match byte {
                b'\\' => self.position += 1,
                _ if byte != quote => {}
                _ if !triple => break,
                _ if self.peek_at(1) == quote && self.peek_at(2) == quote => {
                    self.position += 2;
                    break;
                }
                _ => {}
            }
            self.position += 1;
        }
        self.position += 1;
        self.push(Kind::String, start as u32, self.position as u32);
        Ok(())
    }

    fn unterminated<T>(&mut self, start: usize, triple: bool) -> Scan<T> {
        let end = self.position.min(self.bytes.len());
        // The line on which the string was found to go on: for a triple-quoted one, the last.
        let newlines = self.bytes[..end].iter().filter(|&&byte| byte == b'\n').count();
        let is_end = self.position >= self.bytes.len();
        let line = if is_end { newlines.max(1) } else { newlines + 1 };
        let what = if triple { "triple-quoted string" } else { "string" };
        let message = format!("unterminated {what} literal (detected at line {line})");
        Err(Box::new(TokenError {
            kind: ErrorKind::Syntax,
            message,
            span: Span::point(start as u32),
            form: TokenErrorForm::Raised,
            at_end: is_end,
        }))
    }

    /// An operator, or a character that begins no token.
    fn operator(&mut self) -> Scan<()> {
        let start = self.position as u32;
        let length = operator_length(self.peek(), self.peek_at(1), self.peek_at(2));
        let byte = self.peek();
        match byte {
            b'(' | b'[' | b'{' => {
                if self.out.open.len() >= MAX_BRACKETS {
                    return self.error("too many nested parentheses", Span::point(start));
                }
                self.out.open.push(Open { bracket: byte, position: start });
            }
            b')' | b']' | b'}' => self.close(byte)?,
            _ => {}
        }
        if length == 0 {
            return self.stray_character();
        }
        self.position += length;
        self.push(Kind::Op, start, start + length as u32);
        Ok(())
    }

    /// A closing bracket has to fit the last open one.
    fn close(&mut self, bracket: u8) -> Scan<()> {
        let at = self.position as u32;
        let Some(open) = self.out.open.pop() else {
            return self.error(format!("unmatched '{}'", char::from(bracket)), Span::point(at));
        };
        if matches!((open.bracket, bracket), (b'(', b')') | (b'[', b']') | (b'{', b'}')) {
            return Ok(());
        }
        let between = &self.bytes[open.position as usize..self.position];
        let mut message = format!(
            "closing parenthesis '{}' does not match opening parenthesis '{}'",
            char::from(bracket),
            char::from(open.bracket)
        );
        if between.contains(&b'\n') {
            let before = &self.bytes[..open.position as usize];
            let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
            message.push_str(&format!(" on line {line}"));
        }
        self.error(message, Span::point(at))
    }

    /// A control character is an error of its own; `$`, `?`, `` ` `` and `!` are left to the parser.
    fn stray_character(&mut self) -> Scan<()> {
        let (start, byte) = (self.position as u32, self.peek());
        if byte < b' ' || byte == 0x7f {
            let message = format!("invalid non-printable character U+{byte:04X}");
            return self.error(message, Span::point(start));
        }
        self.position += 1;
        self.push(Kind::Error, start, start + 1);
        Ok(())
    }
}

/// Whether `name` can stand before a quote.
fn is_prefix(name: &[u8]) -> bool {
    let mut lower = [0; 2];
    match name {
        [a] => lower[0] = a.to_ascii_lowercase(),
        [a, b] => lower = [a.to_ascii_lowercase(), b.to_ascii_lowercase()],
        _ => return false,
    }
    matches!(&lower, [b'r' | b'u' | b'b' | b'f', 0] | b"br" | b"rb" | b"fr" | b"rf")
}

/// The length of the operator that begins with these bytes, or 0.
fn operator_length(a: u8, b: u8, c: u8) -> usize {
    match (a, b, c) {
        (b'*', b'*', b'=') | (b'/', b'/', b'=') | (b'<', b'<', b'=') | (b'>', b'>', b'=') | (b'.', b'.', b'.') => 3,
        (b'+' | b'-' | b'*' | b'/' | b'%' | b'@' | b'&' | b'|' | b'^' | b'=' | b'!' | b'<' | b'>' | b':', b'=', _)
        | (b'*', b'*', _)
        | (b'/', b'/', _)
        | (b'<', b'<' | b'>', _)
        | (b'>', b'>', _)
        | (b'-', b'>', _) => 2,
        (
            b'+' | b'-' | b'*' | b'/' | b'%' | b'@' | b'&' | b'|' | b'^' | b'~' | b'<' | b'>' | b'(' | b')' | b'['
            | b']' | b'{' | b'}' | b',' | b':' | b'.' | b';' | b'=',
            _,
            _,
        ) => 1,
        _ => 0,
    }
}

mod number;
