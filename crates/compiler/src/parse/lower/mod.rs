//! From the tree of `ruff_python_parser` to ours.
//!
//! The parser's tree follows the newest Python; this is where it becomes 3.11's tree with 3.11's locations. Literals are read
//! again from the source text (`strings`, `literal`), because the parser saw their contents masked.
//!
//! Lowering consumes the parser's tree and cannot fail: what is wrong in a literal is kept as the unit's first error. So a tree of
//! any depth is taken apart piece by piece, on a native stack that grows as needed, and no deep tree is left to be dropped at once.

mod expression;
mod pattern;
mod statement;
mod strings;
mod type_comments;

use ruff_python_ast as ruff;
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::Flags;
use super::error::{SyntaxError, Warning};
use super::identifiers;
use super::lines::Lines;
use super::tokens::{Kind, Token, Tokens};
use crate::ast::{Interner, Location, Name};

pub(super) use strings::{Literal, split};
pub(super) use type_comments::TypeComments;

/// What all units of one source text share.
pub(super) struct Shared {
    pub(super) names: Interner,
    pub(super) warnings: Vec<Warning>,
    /// The first problem found in a literal, and how many warnings there were before it.
    pub(super) problem: Option<(SyntaxError, usize)>,
    pub(super) flags: Flags,
}

/// One text that was parsed: a source file, or an expression of an f-string.
pub(super) struct Unit<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: &'a Tokens,
    pub(super) lines: &'a Lines,
    pub(super) type_comments: TypeComments,
    /// Whether the text is an expression of an f-string, and how deep.
    pub(super) shared: &'a mut Shared,
}

/// Stack that has to be left for one level of lowering, and what is added where it is not.
const RED_ZONE: usize = 128 * 1024;
const SEGMENT: usize = 2 * 1024 * 1024;

impl Unit<'_> {
    fn location(&self, node: &impl Ranged) -> Location {
        self.range(node.range())
    }

    fn range(&self, range: TextRange) -> Location {
        self.lines.location(range.start().to_u32(), range.end().to_u32())
    }

    /// The name of an identifier. A dotted one may have blanks in it.
    fn name(&mut self, identifier: &ruff::Identifier) -> Name {
        let text: &str = self.text;
        let range = identifier.range;
        let spelled = text.get(range.start().to_usize()..range.end().to_usize()).unwrap_or_default();
        match identifiers::is_plain(spelled) {
            true => self.intern(spelled),
            false => self.intern(identifier.id.as_str()),
        }
    }

    fn intern(&mut self, text: &str) -> Name {
        self.shared.names.intern(&identifiers::normalise(text))
    }

    fn slice(&self, range: TextRange) -> &str {
        self.text.get(range.start().to_usize()..range.end().to_usize()).unwrap_or_default()
    }

    /// The index of the first token that begins at `offset` or later, without indents and dedents.
    fn token_at(&self, offset: u32) -> usize {
        let mut index = self.tokens.tokens.partition_point(|token| token.start < offset);
        while self.token(index).is_some_and(|token| matches!(token.kind, Kind::Indent | Kind::Dedent)) {
            index += 1;
        }
        index
    }

    /// The token number `index`, if there is one.
    fn token(&self, index: usize) -> Option<Token> {
        self.tokens.tokens.get(index).copied()
    }

    /// The text of a token.
    fn token_text(&self, token: Token) -> &str {
        self.text.get(token.start as usize..token.end as usize).unwrap_or_default()
    }

    /// Whether the token number `index` is the operator or keyword `text`.
    fn is_token(&self, index: usize, text: &str) -> bool {
        self.token(index)
            .is_some_and(|token| matches!(token.kind, Kind::Op | Kind::Name) && self.token_text(token) == text)
    }

    /// The place of a compound statement, which ends with its block's last token: a final `;` belongs to it.
    fn block_location(&self, start: TextSize, end: TextSize) -> Location {
        let mut end = end.to_u32();
        let next = self.token_at(end);
        if self.is_token(next, ";") {
            end = self.token(next).map_or(end, |token| token.end);
        }
        // The type comment of its last assignment does too.
        let mut comments = self.tokens.type_comments.iter();
        if let Some(comment) = comments.find(|comment| comment.index == next && !comment.is_ignore) {
            end = comment.end;
        }
        self.lines.location(start.to_u32(), end)
    }

    /// The line of `offset`, which is being read: from where a string of several lines began that ends in it.
    pub(in super::super) fn buffer(&self, offset: u32) -> &str {
        let source = self.source();
        let end = source.lines.line_start(offset) as usize + source.line_text(offset).len();
        let mut start = source.lines.line_start(offset);
        let tokens = &self.tokens.tokens;
        loop {
            let index = tokens.partition_point(|token| token.start < start);
            match index.checked_sub(1).and_then(|index| tokens.get(index)) {
                Some(token) if token.end > start => start = source.lines.line_start(token.start),
                // A line that a backslash continues is still there; a comment's backslash does not.
                before if self.is_continued(before.map_or(0, |token| token.end), start) => {
                    start = source.lines.line_start(start - 1);
                }
                _ => return source.text.get(start as usize..end).unwrap_or_default(),
            }
        }
    }

    /// Whether the line before `start` ends with a backslash that is not part of a comment. `end` is where its last token ends.
    fn is_continued(&self, end: u32, start: u32) -> bool {
        let rest = self.text.get(end as usize..start as usize).unwrap_or_default();
        let line = rest.strip_suffix("\\\n").unwrap_or_default();
        !line.contains('#') && rest.ends_with("\\\n")
    }

    /// Note a problem, unless there was one before it.
    fn problem(&mut self, problem: SyntaxError) {
        if self.shared.problem.is_none() {
            self.shared.problem = Some((problem, self.shared.warnings.len()));
        }
    }
}

/// Run one level of lowering on as much stack as it needs.
fn deep<T>(work: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(RED_ZONE, SEGMENT, work)
}
