//! The recogniser's state, its view of the tokens, and its errors.

use std::collections::HashMap;

use super::super::Start;
use super::super::error::{ErrorKind, SyntaxError};
use super::super::lower::Unit;
use super::super::tokens::{Kind, Token, TokenErrorForm};
use super::node::{Node, Targets};

/// Why a rule does not go on.
pub(super) enum Stop {
    /// The tokens are not what the rule wants.
    Fail,
    /// The mistake is known.
    Raise(Box<SyntaxError>),
    /// The text is nested too deeply.
    TooDeep,
}

pub(super) type Parse<T> = Result<T, Stop>;

/// Rules whose results are kept, because several alternatives begin with them.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Rule {
    Expression,
    Disjunction,
    Arguments,
    SimpleStatement,
}

/// A kept result: the node and the position after it, or a failure.
pub(super) type Kept = Option<(Node, usize)>;

/// CPython's parser gives up at 6,000 nested rules.
const MAX_DEPTH: u32 = 5_980;

pub(super) struct Parser<'p, 'a> {
    pub(super) unit: &'p mut Unit<'a>,
    pub(super) start: Start,
    /// The index of the next token.
    pub(super) position: usize,
    /// The greatest index of a token that was looked at.
    pub(super) furthest: usize,
    /// Whether mistakes are looked for.
    pub(super) checking: bool,
    /// The depth of brackets before each token.
    levels: Vec<u16>,
    pub(super) kept: HashMap<(Rule, usize), Kept>,
    /// Whether the contents of string literals are looked at.
    pub(super) checks_strings: bool,
    pub(super) checked_strings: HashMap<usize, Option<Box<SyntaxError>>>,
    depth: u32,
    /// The tokenizer's error was come to: nothing goes on from there.
    pub(super) hit: bool,
}

const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

impl<'p, 'a> Parser<'p, 'a> {
    pub(super) fn new(unit: &'p mut Unit<'a>, start: Start) -> Self {
        let mut level = 0_u16;
        let mut levels = Vec::with_capacity(unit.tokens.tokens.len());
        for &token in &unit.tokens.tokens {
            // As in CPython, a bracket's own level is the one after it.
            match unit.text.as_bytes().get(token.start as usize) {
                Some(b'(' | b'[' | b'{') if token.kind == Kind::Op => level += 1,
                Some(b')' | b']' | b'}') if token.kind == Kind::Op => level = level.saturating_sub(1),
                _ => {}
            }
            levels.push(level);
        }
        Parser {
            unit,
            start,
            position: 0,
            furthest: 0,
            checking: false,
            levels,
            kept: HashMap::new(),
            checks_strings: true,
            checked_strings: HashMap::new(),
            depth: 0,
            hit: false,
        }
    }

    /// One pass over the text.
    pub(super) fn run(&mut self, checking: bool) -> Parse<()> {
        self.checking = checking;
        self.position = 0;
        self.depth = 0;
        self.hit = false;
        self.kept.clear();
        let result = self.whole();
        self.stop_at_error(result)
    }

    /// A result, unless the tokenizer's error was come to.
    fn stop_at_error<T>(&self, result: Parse<T>) -> Parse<T> {
        match result {
            Err(Stop::TooDeep) => Err(Stop::TooDeep),
            _ if self.hit => Err(Stop::Raise(Box::new(self.token_error()))),
            result => result,
        }
    }

    pub(super) fn token(&self, index: usize) -> Token {
        let end = self.unit.text.len() as u32;
        let tokens = &self.unit.tokens.tokens;
        tokens.get(index).or(tokens.last()).copied().unwrap_or(Token { kind: Kind::End, start: end, end })
    }

    /// The token at the position.
    pub(super) fn peek(&mut self) -> Token {
        self.peek_at(0)
    }

    /// The token `ahead` of the position.
    pub(super) fn peek_at(&mut self, ahead: usize) -> Token {
        let last = self.unit.tokens.tokens.len().saturating_sub(1);
        let index = (self.position + ahead).min(last);
        self.furthest = self.furthest.max(index);
        self.hit |= self.is_token_error(index);
        self.token(index)
    }

    pub(super) fn text(&self, token: Token) -> &'a str {
        if self.unit.tokens.is_plain_name(token) {
            // Any name that is no keyword stands for it.
            return "_name";
        }
        let text: &'a str = self.unit.text;
        text.get(token.start as usize..token.end as usize).unwrap_or_default()
    }

    /// Whether the next token is this operator or keyword.
    pub(super) fn at(&mut self, text: &str) -> bool {
        self.at_ahead(0, text)
    }

    pub(super) fn at_ahead(&mut self, ahead: usize, text: &str) -> bool {
        let token = self.peek_at(ahead);
        matches!(token.kind, Kind::Op | Kind::Name) && self.text(token) == text
    }

    pub(super) fn at_any(&mut self, texts: &[&str]) -> bool {
        let token = self.peek();
        matches!(token.kind, Kind::Op | Kind::Name) && texts.contains(&self.text(token))
    }

    pub(super) fn at_kind(&mut self, kind: Kind) -> bool {
        self.peek().kind == kind
    }

    /// Whether the next token is an identifier.
    pub(super) fn at_name(&mut self) -> bool {
        let token = self.peek();
        token.kind == Kind::Name && !is_keyword(self.text(token))
    }

    pub(super) fn name_ahead(&mut self, ahead: usize) -> bool {
        let token = self.peek_at(ahead);
        token.kind == Kind::Name && !is_keyword(self.text(token))
    }

    /// Consume the next token if it is `text`.
    pub(super) fn accept(&mut self, text: &str) -> bool {
        let found = self.at(text);
        self.position += usize::from(found);
        found
    }

    pub(super) fn accept_kind(&mut self, kind: Kind) -> bool {
        let found = self.at_kind(kind);
        self.position += usize::from(found);
        found
    }

    pub(super) fn expect(&mut self, text: &str) -> Parse<()> {
        if self.accept(text) { Ok(()) } else { Err(Stop::Fail) }
    }

    pub(super) fn expect_kind(&mut self, kind: Kind) -> Parse<()> {
        if self.accept_kind(kind) { Ok(()) } else { Err(Stop::Fail) }
    }

    /// An identifier.
    pub(super) fn name(&mut self) -> Parse<Token> {
        if !self.at_name() {
            return Err(Stop::Fail);
        }
        let token = self.peek();
        self.position += 1;
        Ok(token)
    }

    /// A token that nothing else can stand for: its absence is an error in either pass.
    pub(super) fn force(&mut self, text: &str) -> Parse<()> {
        if self.accept(text) {
            return Ok(());
        }
        let token = self.peek();
        self.raise(format!("expected '{text}'"), token.start, token.end)
    }

    /// Try a rule: where it fails, nothing is consumed.
    pub(super) fn attempt<T>(&mut self, rule: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<Option<T>> {
        let position = self.position;
        let result = rule(self);
        match self.stop_at_error(result) {
            Ok(value) => Ok(Some(value)),
            Err(Stop::Fail) => {
                self.position = position;
                Ok(None)
            }
            Err(stop) => Err(stop),
        }
    }

    /// Whether a rule matches here. Nothing is consumed.
    pub(super) fn matches<T>(&mut self, rule: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<bool> {
        let position = self.position;
        let matched = self.attempt(rule)?.is_some();
        self.position = position;
        Ok(matched)
    }

    /// Run a rule without looking for mistakes.
    pub(super) fn unchecked<T>(&mut self, rule: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        let checking = std::mem::replace(&mut self.checking, false);
        let result = rule(self);
        self.checking = checking;
        result
    }

    /// Run a rule whose result is kept for this position.
    pub(super) fn keep(&mut self, rule: Rule, work: impl FnOnce(&mut Self) -> Parse<Node>) -> Parse<Node> {
        // As in CPython, the result is the same whether mistakes were looked for or not: what was parsed without
        // looking for them is not looked at again.
        let key = (rule, self.position);
        if let Some(kept) = self.kept.get(&key) {
            return match kept.clone() {
                Some((node, position)) => {
                    self.position = position;
                    Ok(node)
                }
                None => Err(Stop::Fail),
            };
        }
        let result = self.nested(work);
        match &result {
            Ok(node) => self.kept.insert(key, Some((node.clone(), self.position))),
            Err(Stop::Fail) => self.kept.insert(key, None),
            Err(_) => None,
        };
        result
    }

    /// Refuse what would be this much deeper than the current place.
    pub(super) fn check_depth(&self, more: u32) -> Parse<()> {
        /// How much CPython's parser nests for one statement in a file.
        const STATEMENT: u32 = 13;
        match self.depth.saturating_add(more) >= MAX_DEPTH - STATEMENT {
            true => Err(Stop::TooDeep),
            false => Ok(()),
        }
    }

    /// Run one level of nesting.
    pub(super) fn nested<T>(&mut self, work: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        if self.depth >= MAX_DEPTH {
            return Err(Stop::TooDeep);
        }
        self.depth += 1;
        let result = stacker::maybe_grow(128 * 1024, 2 * 1024 * 1024, || work(self));
        self.depth -= 1;
        result
    }

    /// The end of the last token that was consumed.
    pub(super) fn last_end(&self) -> u32 {
        self.position.checked_sub(1).map_or(0, |index| self.token(index).end)
    }

    /// The depth of brackets after the last token that was consumed.
    pub(super) fn last_level(&self) -> u16 {
        self.position.checked_sub(1).and_then(|index| self.levels.get(index)).copied().unwrap_or(0)
    }

    pub(super) fn line(&self, token: Token) -> u32 {
        self.unit.lines.position(token.start).0
    }

    // Errors.

    /// A message as it reads in this kind of text.
    pub(super) fn message(&self, message: &str) -> String {
        if self.start == Start::FString { format!("f-string: {message}") } else { message.to_owned() }
    }

    /// Whether the tokenizer has come to the end of the text, so that more of it could mend what is wrong.
    pub(super) fn is_at_end(&self) -> bool {
        let end = self.unit.text.len();
        let error = self.unit.tokens.error.as_ref();
        match error {
            Some(error) if self.hit => error.at_end,
            _ => {
                let token = self.token(self.furthest);
                token.start as usize >= end || token.end as usize >= end && !self.unit.text.ends_with('\n')
            }
        }
    }

    pub(super) fn is_token_error(&self, index: usize) -> bool {
        self.unit.tokens.error.is_some() && index + 1 >= self.unit.tokens.tokens.len()
    }

    pub(super) fn token_error(&self) -> SyntaxError {
        let mut error = super::token_error(self.unit)
            .unwrap_or_else(|| SyntaxError::without_place(ErrorKind::Syntax, "invalid syntax"));
        // What the tokenizer reports itself does not know of f-strings.
        let is_raised = self.unit.tokens.error.as_ref().is_some_and(|error| error.form == TokenErrorForm::Raised);
        if !is_raised {
            error.message = self.message(&error.message);
        }
        error
    }

    /// An error that the tokenizer would find in the rest of the text, given that another one was found at token `index`.
    pub(super) fn later_error(&self, index: usize) -> Option<SyntaxError> {
        let error = self.unit.tokens.error.as_ref()?;
        match error.form {
            TokenErrorForm::Raised => Some(self.token_error()),
            // Where the tokenizer stops for another reason, it is the open bracket that is told, if its line is over.
            _ => {
                let open = self.unit.tokens.open.last()?;
                let line = |offset| self.unit.lines.position(offset).0;
                if line(self.token(index).start) <= line(open.position) {
                    return None;
                }
                if error.form == TokenErrorForm::Unclosed {
                    return Some(self.token_error());
                }
                let message = self.message(&format!("'{}' was never closed", char::from(open.bracket)));
                let mut error = self.error_between(ErrorKind::Syntax, message, open.position, open.position);
                error.end_offset = 0;
                Some(error)
            }
        }
    }

    /// An error from `start` to before `end`.
    pub(super) fn error_between(&self, kind: ErrorKind, message: String, start: u32, end: u32) -> SyntaxError {
        let source = self.unit.source();
        if start as usize >= source.text.len() && !source.text.is_empty() {
            // The end of the text has a line, but no column.
            let last = source.last_char();
            let mut error = self.error_between(kind, message, last, last);
            (error.offset, error.end_offset) = (0, 0);
            return error;
        }
        let mut error = source.syntax_error(message, start, end);
        error.kind = kind;
        // CPython quotes a line with its newline only while it reads that line.
        let last = (source.text.len() as u32).saturating_sub(1);
        let reading = self.unit.lines.position(self.token(self.furthest).end.min(last)).0;
        if reading > error.line {
            error.text = error.text.map(|text| text.trim_end_matches('\n').to_owned());
        } else {
            error.text = Some(self.unit.buffer(start).to_owned());
        }
        let text = error.text.as_deref().unwrap_or_default();
        (error.offset, error.end_offset) = (self.offset_in(text, start), self.offset_in(text, end));
        error
    }

    /// The column of `place` in characters from 1: CPython counts them in the text that it quotes, though that may be
    /// another line or several.
    fn offset_in(&self, text: &str, place: u32) -> i32 {
        // Of an f-string's expression, the first column is subtracted in every line, though it counts in the first only.
        let shift = if self.start == Start::FString { self.unit.lines.shift_after_first(place) } else { 0 };
        let column = ((place - self.unit.lines.line_start(place)) as usize + 1).saturating_sub(shift as usize);
        let bytes = text.as_bytes().get(..column.min(text.len())).unwrap_or_default();
        (String::from_utf8_lossy(bytes).chars().count() + usize::from(column > text.len())) as i32
    }

    /// An error at a token. Indents and dedents have no place of their own: there it is where the tokenizer stands.
    pub(super) fn error_at_token(&self, kind: ErrorKind, message: &str, index: usize) -> SyntaxError {
        let token = self.token(index);
        let message = self.message(message);
        let source = self.unit.source();
        let is_last = token.start as usize >= source.text.len();
        if !matches!(token.kind, Kind::Indent | Kind::Dedent) && !is_last {
            return self.error_between(kind, message, token.start, token.end);
        }
        if source.text.is_empty() {
            let text = Some(String::new());
            return SyntaxError { end_offset: -1, text, ..SyntaxError::without_place(kind, message) };
        }
        let place = if is_last { source.last_char() } else { token.start };
        let mut error = self.error_between(kind, message, place, place);
        error.offset -= i32::from(!is_last);
        error.end_offset = -1;
        error
    }

    /// Stop with an error, unless the tokenizer's was come to before.
    fn stop<T>(&self, error: SyntaxError) -> Parse<T> {
        let error = if self.hit { self.token_error() } else { error };
        Err(Stop::Raise(Box::new(error)))
    }

    /// Report a mistake from `start` to before `end`.
    pub(super) fn raise<T>(&self, message: impl AsRef<str>, start: u32, end: u32) -> Parse<T> {
        let message = self.message(message.as_ref());
        self.stop(self.error_between(ErrorKind::Syntax, message, start, end))
    }

    /// Report a mistake at an expression.
    pub(super) fn raise_at<T>(&self, message: impl AsRef<str>, node: &Node) -> Parse<T> {
        self.raise(message, node.start, node.end)
    }

    /// Report a mistake at the last token that was looked at.
    pub(super) fn raise_here<T>(&self, message: &str) -> Parse<T> {
        self.stop(self.error_at_token(ErrorKind::Syntax, message, self.furthest))
    }

    /// Refuse syntax that came with 3.`minor` where an older version's is asked for (`feature_version`).
    pub(super) fn since(&self, minor: u8, what: &str) -> Parse<()> {
        if self.unit.shared.flags.feature_version >= minor {
            return Ok(());
        }
        self.raise_here(&format!("{what} only supported in Python 3.{minor} and greater"))
    }

    /// Report a missing block at the last token that was looked at.
    pub(super) fn raise_indentation<T>(&self, message: &str) -> Parse<T> {
        self.stop(self.error_at_token(ErrorKind::Indentation, message, self.furthest))
    }

    /// Report a mistake from `start` to where the tokenizer stands.
    pub(super) fn raise_from<T>(&self, message: &str, start: u32) -> Parse<T> {
        let end = self.token(self.furthest).end;
        let message = self.message(message);
        let mut error = self.error_between(ErrorKind::Syntax, message, start, end);
        error.end_offset -= 1;
        self.stop(error)
    }

    /// Report the part of an expression that cannot be a target, if there is one.
    pub(super) fn raise_invalid_target<T>(&self, targets: Targets, node: &Node) -> Parse<T> {
        let Some(invalid) = node.invalid_target(targets) else { return Err(Stop::Fail) };
        let verb = if targets == Targets::Delete { "delete" } else { "assign to" };
        self.raise_at(format!("cannot {verb} {}", invalid.name()), invalid)
    }
}

pub(super) fn is_keyword(name: &str) -> bool {
    KEYWORDS.contains(&name)
}
