//! String literals: concatenation, and f-strings by 3.11's rules.
//!
//! In 3.11 an f-string is a string to the tokenizer, and is taken apart afterwards: each replacement field's expression is
//! put in parentheses and parsed as a text of its own. That is visible: in which errors there are and where they point, and
//! in the columns of the nodes. So it is done the same way here.

use ruff_text_size::TextRange;

use super::super::error::{SyntaxError, Warning};
use super::super::lines::{Lines, Source};
use super::super::literal::{self, TextBuilder};
use super::super::tokens::{Kind, Rules, Token, tokenize};
use super::super::{Start, run_parser};
use super::{TypeComments, Unit};
use crate::ast::{Constant, Expr, ExprKind, Location, Text};

/// What a literal's prefix says.
#[derive(Clone, Copy, Default)]
pub(in super::super) struct Prefix {
    pub(in super::super) is_bytes: bool,
    is_raw: bool,
    pub(in super::super) is_format: bool,
    /// A small `u`, which the constant remembers.
    is_u: bool,
}

/// A string token taken apart.
#[derive(Clone, Copy)]
pub(in super::super) struct Literal {
    pub(in super::super) prefix: Prefix,
    /// Where the contents stand in the text.
    pub(in super::super) start: u32,
    pub(in super::super) end: u32,
}

/// Take a string token apart.
pub(in super::super) fn split(text: &str, token: Token) -> Literal {
    let bytes = text.get(token.start as usize..token.end as usize).unwrap_or_default().as_bytes();
    let length = bytes.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let mut prefix = Prefix::default();
    for byte in &bytes[..length] {
        match byte {
            b'b' | b'B' => prefix.is_bytes = true,
            b'r' | b'R' => prefix.is_raw = true,
            b'f' | b'F' => prefix.is_format = true,
            b'u' => prefix.is_u = true,
            _ => {}
        }
    }
    let quotes = &bytes[length..];
    let triple = quotes.len() >= 6 && quotes[1] == quotes[0] && quotes[2] == quotes[0];
    let quote = if triple { 3 } else { 1 };
    Literal { prefix, start: token.start + length as u32 + quote, end: token.end - quote }
}

/// A string that is being put together.
#[derive(Default)]
struct Parts {
    values: Vec<Expr>,
    literal: TextBuilder,
    is_format: bool,
}

/// Where and how the pieces of one string stand.
#[derive(Clone, Copy)]
struct Frame {
    /// The place of the whole concatenation, which all its nodes have.
    location: Location,
    /// Whether its constants have the kind `u`.
    is_u: bool,
    /// The token after the concatenation, where errors are reported.
    next: usize,
}

/// The expressions of a format specification may have one, and those of that may not.
const MAX_LEVEL: u32 = 2;

type Parse<T> = Result<T, Box<SyntaxError>>;

impl Unit<'_> {
    /// The strings that stand side by side in `range`, as one expression.
    pub(super) fn strings(&mut self, range: TextRange) -> Expr {
        let location = self.range(range);
        let first = self.token_at(range.start().to_u32());
        match self.concatenation(first, location) {
            Ok(expr) => expr,
            Err(error) => {
                self.problem(*error);
                Expr::new(super::expression::constant(Constant::None), location)
            }
        }
    }

    /// The strings that begin with token number `first`.
    pub(in super::super) fn concatenation(&mut self, first: usize, location: Location) -> Parse<Expr> {
        let mut tokens = Vec::new();
        while let Some(token) = self.token(first + tokens.len()).filter(|token| token.kind == Kind::String) {
            tokens.push(token);
        }
        let is_u = tokens.first().is_some_and(|&token| split(self.text, token).prefix.is_u);
        let frame = Frame { location, is_u, next: first + tokens.len() };
        let mut parts = Parts::default();
        let mut bytes: Option<Vec<u8>> = None;
        for (index, token) in tokens.into_iter().enumerate() {
            let literal = split(self.text, token);
            if literal.prefix.is_bytes {
                self.bytes(token, literal, bytes.get_or_insert_default(), frame)?;
            } else if !literal.prefix.is_format {
                self.plain(token, literal, &mut parts.literal, frame)?;
            }
            if index > 0 && literal.prefix.is_bytes != bytes.is_some()
                || index > 0 && bytes.is_some() && !literal.prefix.is_bytes
            {
                return self.fail(frame, "cannot mix bytes and nonbytes literals");
            }
            if literal.prefix.is_bytes && index > 0 && (parts.is_format || !parts.literal.is_empty()) {
                return self.fail(frame, "cannot mix bytes and nonbytes literals");
            }
            if literal.prefix.is_format {
                parts.is_format = true;
                let mut field = FieldParser { unit: &mut *self, token, literal, frame, position: literal.start };
                field.pieces(&mut parts, 0)?;
            }
        }
        if let Some(bytes) = bytes {
            let value = Constant::Bytes(bytes.into());
            return Ok(Expr::new(ExprKind::Constant { value, kind: None }, location));
        }
        if !parts.is_format {
            return Ok(text_constant(&mut parts.literal, frame));
        }
        Ok(parts.finish(frame))
    }

    /// An error about a string, which 3.11 reports at the token after it.
    fn fail<T>(&self, frame: Frame, message: impl Into<String>) -> Parse<T> {
        let (start, end) = self.token(frame.next).map_or((0, 0), |token| (token.start, token.end));
        let is_last = start as usize >= self.text.len();
        let start = if is_last { self.source().last_char() } else { start };
        let mut error = self.source().syntax_error(message, start, end);
        error.text = Some(self.buffer(start).to_owned());
        if is_last {
            // The end of the text has no place of its own.
            error.end_line = error.line;
            error.end_offset = -1;
        }
        Err(Box::new(error))
    }

    pub(in super::super) fn source(&self) -> Source<'_> {
        Source { text: self.text, lines: self.lines }
    }

    fn bytes(&mut self, token: Token, literal: Literal, out: &mut Vec<u8>, frame: Frame) -> Parse<()> {
        let text = self.text;
        let body = text.get(literal.start as usize..literal.end as usize).unwrap_or_default();
        if !body.is_ascii() {
            let message = "bytes can only contain ASCII literal characters";
            return Err(Box::new(self.source().syntax_error(message, token.start, token.end)));
        }
        if literal.prefix.is_raw {
            out.extend_from_slice(body.as_bytes());
            return Ok(());
        }
        match literal::decode_bytes(body, out) {
            Ok(invalid) => self.warn_escape(invalid, token),
            Err(message) => return self.fail(frame, message),
        }
        Ok(())
    }

    fn plain(&mut self, token: Token, literal: Literal, out: &mut TextBuilder, frame: Frame) -> Parse<()> {
        let text = self.text;
        let body = text.get(literal.start as usize..literal.end as usize).unwrap_or_default();
        self.text_piece(body, literal.prefix.is_raw, token, out, frame)
    }

    /// A piece of literal text.
    fn text_piece(&mut self, body: &str, is_raw: bool, token: Token, out: &mut TextBuilder, frame: Frame) -> Parse<()> {
        if is_raw {
            out.push_str(body);
            return Ok(());
        }
        match literal::decode_str(body, out) {
            Ok(invalid) => self.warn_escape(invalid, token),
            Err(message) => return self.fail(frame, message),
        }
        Ok(())
    }

    /// Pass on what the tokenizer warns of.
    pub(in super::super) fn warn_numbers(&mut self) {
        let numbers = self.number_warnings(u32::MAX);
        self.shared.warnings.extend(numbers);
    }

    /// What the tokenizer warns of up to a place.
    pub(in super::super) fn number_warnings(&self, end: u32) -> Vec<Warning> {
        let warning = |(message, at): &(String, u32)| {
            let (line, _) = self.lines.position(*at);
            let error = self.source().syntax_error(message.clone(), at.saturating_sub(1), *at);
            Warning { is_syntax: true, message: message.clone(), line, error }
        };
        self.tokens.warnings.iter().filter(|(_, at)| *at <= end).map(warning).collect()
    }

    fn warn_escape(&mut self, invalid: Option<literal::InvalidEscape>, token: Token) {
        let Some(invalid) = invalid else { return };
        let message = invalid.to_string();
        let (line, _) = self.lines.position(token.start);
        let error = self.source().syntax_error(message.clone(), token.start, token.end);
        self.shared.warnings.push(Warning { is_syntax: false, message, line, error });
    }
}

/// The literal text so far as a constant.
fn text_constant(literal: &mut TextBuilder, frame: Frame) -> Expr {
    let kind = frame.is_u.then(|| Text::from("u"));
    Expr::new(ExprKind::Constant { value: Constant::Str(literal.take()), kind }, frame.location)
}

impl Parts {
    /// Make a constant of the literal text so far, if there is any.
    fn flush(&mut self, frame: Frame) {
        if !self.literal.is_empty() {
            self.values.push(text_constant(&mut self.literal, frame));
        }
    }

    fn finish(mut self, frame: Frame) -> Expr {
        self.flush(frame);
        Expr::new(ExprKind::JoinedStr { values: self.values }, frame.location)
    }
}

/// Reads the contents of one f-string token.
struct FieldParser<'u, 'a> {
    unit: &'u mut Unit<'a>,
    token: Token,
    literal: Literal,
    frame: Frame,
    /// The next byte to read.
    position: u32,
}

impl<'a> FieldParser<'_, 'a> {
    fn text(&self) -> &'a str {
        self.unit.text
    }

    /// The byte at the position, or `None` at the end of the literal.
    fn peek(&self) -> Option<u8> {
        self.peek_at(0)
    }

    fn peek_at(&self, ahead: u32) -> Option<u8> {
        let at = self.position + ahead;
        if at >= self.literal.end {
            return None;
        }
        self.text().as_bytes().get(at as usize).copied()
    }

    fn fail<T>(&self, message: impl Into<String>) -> Parse<T> {
        self.unit.fail(self.frame, message)
    }

    fn slice(&self, start: u32, end: u32) -> &'a str {
        self.text().get(start as usize..end as usize).unwrap_or_default()
    }

    /// Literal text and replacement fields in turn, up to the end, or in a format specification to its `}`.
    fn pieces(&mut self, parts: &mut Parts, level: u32) -> Parse<()> {
        loop {
            self.literal_text(parts, level)?;
            match self.peek() {
                Some(b'{') => self.field(parts, level)?,
                _ => return Ok(()),
            }
        }
    }

    /// Literal text up to the next field or end. Doubled braces stand for single ones outside of specifications.
    fn literal_text(&mut self, parts: &mut Parts, level: u32) -> Parse<()> {
        let is_raw = self.literal.prefix.is_raw;
        let mut start = self.position;
        while let Some(byte) = self.peek() {
            match byte {
                b'\\' if !is_raw => {
                    self.position += 1;
                    match self.peek() {
                        Some(b'N') if self.peek_at(1) == Some(b'{') => self.skip_name(),
                        // The backslash stands for itself, and the brace is looked at again.
                        Some(b'{' | b'}') => {
                            if self.peek() == Some(b'{') {
                                self.unit.warn_escape(Some(literal::InvalidEscape::Char('{')), self.token);
                            }
                            self.piece_with_backslash(start, parts)?;
                            start = self.position;
                        }
                        Some(_) => self.position += 1,
                        None => {}
                    }
                }
                b'{' | b'}' => {
                    if level > 0 {
                        break;
                    }
                    if self.peek_at(1) == Some(byte) {
                        self.piece(start, self.position + 1, parts)?;
                        self.position += 2;
                        start = self.position;
                    } else if byte == b'}' {
                        return self.fail("f-string: single '}' is not allowed");
                    } else {
                        break;
                    }
                }
                _ => self.position += 1,
            }
        }
        self.piece(start, self.position, parts)
    }

    /// To after the `}` of `\N{...}`; the position is at the `N`.
    fn skip_name(&mut self) {
        while self.peek().is_some_and(|byte| byte != b'}') {
            self.position += 1;
        }
        if self.peek().is_some() {
            self.position += 1;
        }
    }

    fn piece(&mut self, start: u32, end: u32, parts: &mut Parts) -> Parse<()> {
        let body = self.slice(start, end);
        self.unit.text_piece(body, self.literal.prefix.is_raw, self.token, &mut parts.literal, self.frame)
    }

    /// Text that ends with a backslash before a brace.
    fn piece_with_backslash(&mut self, start: u32, parts: &mut Parts) -> Parse<()> {
        self.piece(start, self.position - 1, parts)?;
        parts.literal.push_str("\\");
        Ok(())
    }

    /// A replacement field; the position is at its `{`.
    fn field(&mut self, parts: &mut Parts, level: u32) -> Parse<()> {
        if level >= MAX_LEVEL {
            return self.fail("f-string: expressions nested too deeply");
        }
        self.position += 1;
        let start = self.position;
        self.find_expression_end()?;
        let end = self.position;
        if self.peek().is_none() {
            return self.fail("f-string: expecting '}'");
        }
        let value = self.expression(start, end)?;
        let mut debug = None;
        if self.peek() == Some(b'=') {
            // Before 3.6 there are no f-strings at all, which is found later.
            if matches!(self.unit.shared.flags.feature_version, 6 | 7) {
                return self
                    .fail("f-string: self documenting expressions are only supported in Python 3.8 and greater");
            }
            self.position += 1;
            while self.peek().is_some_and(|byte| matches!(byte, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r')) {
                self.position += 1;
            }
            if self.peek().is_none() {
                return self.fail("f-string: expecting '}'");
            }
            debug = Some(self.slice(start, self.position));
        }
        let conversion = self.conversion()?;
        let mut format_spec = None;
        if self.peek().is_none() {
            return self.fail("f-string: expecting '}'");
        }
        if self.peek() == Some(b':') {
            self.position += 1;
            let mut inner = Parts { is_format: true, ..Parts::default() };
            self.pieces(&mut inner, level + 1)?;
            // What ends the specification has the place of this one token, not of the concatenation.
            let location = self.unit.lines.location(self.token.start, self.token.end);
            format_spec = Some(Box::new(inner.finish(Frame { location, ..self.frame })));
        }
        if self.peek() != Some(b'}') {
            return self.fail("f-string: expecting '}'");
        }
        self.position += 1;
        // `{x=}` shows the representation unless something else is asked for.
        let conversion = match conversion {
            None if debug.is_some() && format_spec.is_none() => i32::from(b'r'),
            None => -1,
            Some(conversion) => conversion,
        };
        if let Some(debug) = debug {
            parts.literal.push_str(debug);
        }
        parts.flush(self.frame);
        let kind = ExprKind::FormattedValue { value: Box::new(value), conversion, format_spec };
        parts.values.push(Expr::new(kind, self.frame.location));
        Ok(())
    }

    /// `!s`, `!r` or `!a`.
    fn conversion(&mut self) -> Parse<Option<i32>> {
        if self.peek() != Some(b'!') {
            return Ok(None);
        }
        self.position += 1;
        let Some(conversion) = self.peek() else { return self.fail("f-string: expecting '}'") };
        if !matches!(conversion, b's' | b'r' | b'a') {
            return self.fail("f-string: invalid conversion character: expected 's', 'r', or 'a'");
        }
        self.position += 1;
        Ok(Some(conversion.into()))
    }

    /// Move to what ends the expression: `!`, `:`, `=` or `}` outside of brackets and strings.
    fn find_expression_end(&mut self) -> Parse<()> {
        let mut open: Vec<u8> = Vec::new();
        let mut quote: Option<(u8, u32)> = None;
        while let Some(byte) = self.peek() {
            if byte == b'\\' {
                return self.fail("f-string expression part cannot include a backslash");
            }
            if let Some((mark, length)) = quote {
                if byte == mark && (1..length).all(|ahead| self.peek_at(ahead) == Some(mark)) {
                    self.position += length;
                    quote = None;
                } else {
                    self.position += 1;
                }
                continue;
            }
            match byte {
                b'\'' | b'"' => {
                    let triple = self.peek_at(1) == Some(byte) && self.peek_at(2) == Some(byte);
                    let length = if triple { 3 } else { 1 };
                    quote = Some((byte, length));
                    self.position += length;
                    continue;
                }
                b'[' | b'{' | b'(' => {
                    if open.len() >= 200 {
                        return self.fail("f-string: too many nested parenthesis");
                    }
                    open.push(byte);
                }
                b'#' => return self.fail("f-string expression part cannot include '#'"),
                b'!' | b':' | b'}' | b'=' | b'<' | b'>' if open.is_empty() => {
                    // Comparisons do not end the expression.
                    if self.peek_at(1) == Some(b'=') && matches!(byte, b'!' | b'=' | b'<' | b'>') {
                        self.position += 2;
                        continue;
                    }
                    if !matches!(byte, b'<' | b'>') {
                        break;
                    }
                }
                b']' | b'}' | b')' => match open.pop() {
                    Some(opening) if matches!((opening, byte), (b'(', b')') | (b'[', b']') | (b'{', b'}')) => {}
                    Some(opening) => {
                        return self.fail(format!(
                            "f-string: closing parenthesis '{}' does not match opening parenthesis '{}'",
                            char::from(byte),
                            char::from(opening)
                        ));
                    }
                    None => return self.fail(format!("f-string: unmatched '{}'", char::from(byte))),
                },
                _ => {}
            }
            self.position += 1;
        }
        if quote.is_some() {
            return self.fail("f-string: unterminated string");
        }
        if let Some(&opening) = open.last() {
            return self.fail(format!("f-string: unmatched '{}'", char::from(opening)));
        }
        Ok(())
    }

    /// Parse the expression from `start` to before `end`, as a text of its own.
    fn expression(&mut self, start: u32, end: u32) -> Parse<Expr> {
        let source = self.slice(start, end);
        if source.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\n' | 0x0c | b'\r')) {
            return match self.peek() {
                Some(byte @ (b'!' | b':' | b'=')) => {
                    self.fail(format!("f-string: expression required before '{}'", char::from(byte)))
                }
                _ => self.fail("f-string: empty expression not allowed"),
            };
        }
        let text = format!("({source})\n");
        let (line, column) = self.place(start);
        let lines = Lines::new(&text, line, column);
        let tokens = tokenize(&text, Rules::default());
        let mut unit = Unit {
            text: &text,
            tokens: &tokens,
            lines: &lines,
            type_comments: TypeComments::default(),
            shared: &mut *self.unit.shared,
        };
        match run_parser(&mut unit, Start::FString)? {
            ruff_python_ast::Mod::Expression(module) => Ok(*unit.expression_body(module)),
            ruff_python_ast::Mod::Module(_) => self.fail("f-string: invalid syntax"),
        }
    }

    /// Line and column where 3.11 believes the expression's text to begin: at its `{`.
    fn place(&self, start: u32) -> (u32, u32) {
        let before = self.slice(self.token.start, start - 1);
        let lines = before.bytes().filter(|&byte| byte == b'\n').count() as u32;
        let (token_line, token_column) = self.unit.lines.position(self.token.start);
        // Right after the brace the line may end; then no column is counted.
        let rest = self.slice(start, self.literal.end);
        let blank = rest.trim_start_matches([' ', '\t', '\x0c']);
        let column = match (blank.starts_with('\n'), before.rfind('\n')) {
            (true, _) => 0,
            (false, None) => before.len() as u32,
            (false, Some(newline)) => (before.len() - newline - 1) as u32,
        };
        let column = if lines > 0 { column } else { token_column + column };
        (token_line + lines, column)
    }
}
