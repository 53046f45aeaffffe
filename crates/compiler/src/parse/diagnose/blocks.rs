//! Compound statements.

use super::super::tokens::{Kind, Token};
use super::node::Targets;
use super::parser::{Parse, Parser, Stop};

/// What `since` says of them.
const ASYNC_FUNCTION: &str = "Async functions are";

impl Parser<'_, '_> {
    /// Whether a compound statement may begin here.
    pub(super) fn at_compound(&mut self) -> bool {
        self.at_any(&["def", "@", "async", "if", "class", "with", "for", "try", "while", "match"])
    }

    pub(super) fn compound(&mut self) -> Parse<()> {
        let token = self.peek();
        match self.text(token) {
            "if" => self.if_statement(),
            "while" => self.while_statement(),
            "for" => self.for_statement(),
            "try" => self.try_statement(),
            "with" => self.with_statement(),
            "def" => self.function(),
            "class" => self.class(),
            "match" => self.match_statement(),
            "@" => self.decorated(),
            "async" => {
                self.position += 1;
                let token = self.peek();
                match self.text(token) {
                    "def" => self.function().and_then(|()| self.since(5, ASYNC_FUNCTION)),
                    "for" => self.for_statement().and_then(|()| self.since(5, "Async for loops are")),
                    "with" => self.with_statement().and_then(|()| self.since(5, "Async with statements are")),
                    _ => Err(Stop::Fail),
                }
            }
            _ => Err(Stop::Fail),
        }
    }

    /// The block after a colon. `what` is what it belongs to, `head` the token that begins that.
    pub(super) fn block(&mut self, what: &str, head: Token) -> Parse<()> {
        if !self.accept_kind(Kind::Newline) {
            return self.simple_statements();
        }
        if !self.accept_kind(Kind::Indent) {
            return match self.checking {
                true => {
                    let line = self.line(head);
                    self.raise_indentation(&format!("expected an indented block after {what} on line {line}"))
                }
                false => Err(Stop::Fail),
            };
        }
        self.statements()?;
        self.expect_kind(Kind::Dedent)
    }

    /// A colon; where the line ends without it, that is the mistake.
    fn colon(&mut self) -> Parse<()> {
        if self.accept(":") {
            return Ok(());
        }
        if self.checking && self.at_kind(Kind::Newline) {
            return self.raise_here("expected ':'");
        }
        Err(Stop::Fail)
    }

    fn if_statement(&mut self) -> Parse<()> {
        let head = self.peek();
        let what = format!("'{}' statement", self.text(head));
        self.position += 1;
        self.named_expression()?;
        self.colon()?;
        self.block(&what, head)?;
        // In CPython's parser each `elif` is nested in the one before; here they count, but do not nest.
        let mut chained = 0;
        while self.at("elif") {
            chained += 1;
            self.check_depth(chained)?;
            let head = self.peek();
            self.position += 1;
            self.named_expression()?;
            self.colon()?;
            self.block("'elif' statement", head)?;
        }
        if self.at("else") {
            self.check_depth(chained + 1)?;
        }
        self.else_block()
    }

    fn else_block(&mut self) -> Parse<()> {
        let head = self.peek();
        if !self.accept("else") {
            return Ok(());
        }
        self.force(":")?;
        self.block("'else' statement", head)
    }

    fn while_statement(&mut self) -> Parse<()> {
        let head = self.peek();
        self.position += 1;
        self.named_expression()?;
        self.colon()?;
        self.block("'while' statement", head)?;
        self.else_block()
    }

    fn for_statement(&mut self) -> Parse<()> {
        let head = self.peek();
        self.position += 1;
        let position = self.position;
        let target = self.attempt(|parser| {
            parser.star_targets()?;
            parser.expect("in")
        })?;
        if target.is_none() {
            if self.checking {
                self.position = position;
                if let Some(target) = self.attempt(Self::star_expressions)? {
                    return self.raise_invalid_target(Targets::For, &target);
                }
            }
            return Err(Stop::Fail);
        }
        self.star_expressions()?;
        self.colon()?;
        self.block("'for' statement", head)?;
        self.else_block()
    }

    fn with_statement(&mut self) -> Parse<()> {
        let head = self.peek();
        self.position += 1;
        let position = self.position;
        if self.at("(") {
            let parenthesised = self.attempt(|parser| {
                parser.expect("(")?;
                loop {
                    parser.with_item()?;
                    if !parser.accept(",") || parser.at(")") {
                        break;
                    }
                }
                parser.expect(")")?;
                parser.expect(":")
            })?;
            if parenthesised.is_some() {
                self.block("'with' statement", head)?;
                return self.since(9, "Parenthesized context managers are");
            }
            self.position = position;
        }
        let plain = self.attempt(|parser| {
            loop {
                parser.with_item()?;
                if !parser.accept(",") {
                    break;
                }
            }
            parser.expect(":")
        })?;
        if plain.is_some() {
            return self.block("'with' statement", head);
        }
        if self.checking {
            self.position = position;
            self.check_with(position)?;
        }
        Err(Stop::Fail)
    }

    /// A `with` whose line ends without its colon.
    fn check_with(&mut self, position: usize) -> Parse<()> {
        for is_parenthesised in [false, true] {
            self.position = position;
            let items = self.attempt(|parser| {
                if is_parenthesised {
                    parser.expect("(")?;
                }
                loop {
                    parser.expression()?;
                    if parser.accept("as") {
                        parser.star_target()?;
                    }
                    if !parser.accept(",") || is_parenthesised && parser.at(")") {
                        break;
                    }
                }
                if is_parenthesised {
                    parser.expect(")")?;
                }
                parser.expect_kind(Kind::Newline)
            })?;
            if items.is_some() {
                return self.raise_here("expected ':'");
            }
        }
        Ok(())
    }

    fn with_item(&mut self) -> Parse<()> {
        self.expression()?;
        let after = self.position;
        if !self.accept("as") {
            return Ok(());
        }
        let position = self.position;
        let target = self.attempt(|parser| {
            parser.star_target()?;
            if parser.at_any(&[",", ")", ":"]) { Ok(()) } else { Err(Stop::Fail) }
        })?;
        if target.is_some() {
            return Ok(());
        }
        if self.checking {
            self.position = position;
            let target = self.attempt(Self::expression)?;
            if let Some(target) = target
                && self.at_any(&[",", ")", ":"])
            {
                return self.raise_invalid_target(Targets::Assign, &target);
            }
        }
        self.position = after;
        Ok(())
    }

    fn try_statement(&mut self) -> Parse<()> {
        let head = self.peek();
        self.position += 1;
        self.force(":")?;
        self.block("'try' statement", head)?;
        if !self.at_any(&["except", "finally"]) {
            return match self.checking {
                true => self.raise_here("expected 'except' or 'finally' block"),
                false => Err(Stop::Fail),
            };
        }
        let mut star: Option<bool> = None;
        while self.at("except") {
            let is_star = self.at_ahead(1, "*");
            if star.is_some_and(|star| star != is_star) {
                return self.mixed_handlers();
            }
            star = Some(is_star);
            self.handler()?;
        }
        if star.is_some() {
            self.else_block()?;
        }
        let head = self.peek();
        if self.accept("finally") {
            self.force(":")?;
            self.block("'finally' statement", head)?;
        }
        if star == Some(true) { self.since(11, "Exception groups are") } else { Ok(()) }
    }

    fn mixed_handlers(&mut self) -> Parse<()> {
        if !self.checking {
            return Err(Stop::Fail);
        }
        let except = self.peek();
        self.position += 1;
        let is_star = self.accept("*");
        let end = self.last_end();
        if is_star && (self.at(":") || self.at_kind(Kind::Newline)) {
            return self.raise_here("expected one or more exception types");
        }
        if is_star || !self.at(":") {
            self.expression()?;
            if self.accept("as") {
                self.name()?;
            }
        }
        self.expect(":")?;
        self.raise("cannot have both 'except' and 'except*' on the same 'try'", except.start, end)
    }

    fn handler(&mut self) -> Parse<()> {
        let head = self.peek();
        self.position += 1;
        let is_star = self.accept("*");
        let what = if is_star { "'except*' statement" } else { "'except' statement" };
        if is_star && self.checking && (self.at(":") || self.at_kind(Kind::Newline)) {
            return self.raise_here("expected one or more exception types");
        }
        if is_star || !self.at(":") && !self.at_kind(Kind::Newline) {
            let value = self.expression()?;
            if self.checking && self.at(",") {
                self.check_exceptions(value.start)?;
            }
            if self.accept("as") {
                self.name()?;
            }
        }
        self.colon()?;
        self.block(what, head)
    }

    /// `except A, B:`; `start` is where the first begins.
    fn check_exceptions(&mut self, start: u32) -> Parse<()> {
        let several = self.attempt(|parser| {
            while parser.accept(",") {
                if parser.attempt(Self::expression)?.is_none() {
                    break;
                }
            }
            if parser.accept("as") {
                parser.name()?;
            }
            parser.expect(":")
        })?;
        match several {
            Some(()) => self.raise_from("multiple exception types must be parenthesized", start),
            None => Ok(()),
        }
    }

    fn decorated(&mut self) -> Parse<()> {
        while self.accept("@") {
            self.named_expression()?;
            self.expect_kind(Kind::Newline)?;
        }
        if self.at("class") {
            return self.class();
        }
        let is_async = self.accept("async");
        self.function()?;
        if is_async { self.since(5, ASYNC_FUNCTION) } else { Ok(()) }
    }

    fn function(&mut self) -> Parse<()> {
        let head = self.peek();
        self.expect("def")?;
        self.name()?;
        self.force("(")?;
        self.parameters(false)?;
        self.expect(")")?;
        self.attempt(|parser| {
            parser.expect("->")?;
            parser.expression()
        })?;
        self.force(":")?;
        self.block("function definition", head)
    }

    fn class(&mut self) -> Parse<()> {
        let head = self.peek();
        self.expect("class")?;
        self.name()?;
        if self.accept("(") {
            if !self.at(")") {
                self.arguments()?;
            }
            self.expect(")")?;
        }
        self.colon()?;
        self.block("class definition", head)
    }

    fn match_statement(&mut self) -> Parse<()> {
        let head = self.peek();
        self.position += 1;
        let first = self.star_named_expression()?;
        if self.accept(",") {
            self.attempt(Self::star_named_expressions)?;
        } else if matches!(first.kind, super::node::NodeKind::Starred(_)) {
            return Err(Stop::Fail);
        }
        self.colon()?;
        self.expect_kind(Kind::Newline)?;
        if !self.accept_kind(Kind::Indent) {
            return match self.checking {
                true => {
                    let line = self.line(head);
                    self.raise_indentation(&format!(
                        "expected an indented block after 'match' statement on line {line}"
                    ))
                }
                false => Err(Stop::Fail),
            };
        }
        self.case()?;
        while self.at("case") {
            self.case()?;
        }
        self.expect_kind(Kind::Dedent)?;
        self.since(10, "Pattern matching is")
    }

    fn case(&mut self) -> Parse<()> {
        let head = self.peek();
        self.expect("case")?;
        self.patterns()?;
        if self.accept("if") {
            self.named_expression()?;
        }
        self.colon()?;
        self.block("'case' statement", head)
    }
}
