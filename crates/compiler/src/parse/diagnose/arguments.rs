//! The arguments of calls and classes.

use super::node::{Node, NodeKind};
use super::parser::{Parse, Parser, Rule, Stop};

impl Parser<'_, '_> {
    /// `(arguments)`, or a generator expression as the only argument.
    pub(super) fn call(&mut self) -> Parse<()> {
        let open = self.position;
        self.expect("(")?;
        if self.accept(")") {
            return Ok(());
        }
        let generator = self.attempt(|parser| {
            if parser.at_assignment_expression() {
                parser.assignment_expression()?;
            } else {
                parser.expression()?;
            }
            if !parser.at_any(&["for", "async"]) {
                return Err(Stop::Fail);
            }
            parser.comprehension()?;
            parser.expect(")")
        })?;
        if generator.is_some() {
            return Ok(());
        }
        if self.checking {
            self.check_comprehension(open)?;
            self.position = open + 1;
        }
        self.arguments()?;
        self.expect(")")
    }

    /// Arguments up to before the closing parenthesis.
    pub(super) fn arguments(&mut self) -> Parse<()> {
        let work = |parser: &mut Self| {
            let start = parser.peek().start;
            parser.arguments_inner()?;
            Ok(Node::new(NodeKind::Other("arguments"), start, parser.last_end()))
        };
        self.keep(Rule::Arguments, work).map(|_| ())
    }

    fn arguments_inner(&mut self) -> Parse<()> {
        let start = self.position;
        let complete = self.attempt(|parser| {
            parser.args()?;
            parser.accept(",");
            if parser.at(")") { Ok(()) } else { Err(Stop::Fail) }
        })?;
        if complete.is_some() {
            return Ok(());
        }
        if self.checking {
            self.check_arguments(start)?;
        }
        Err(Stop::Fail)
    }

    /// As many arguments as there are. The node ends where they end, and tells what they end with.
    fn args(&mut self) -> Parse<Node> {
        let start = self.peek().start;
        let mut last = Vec::new();
        let mut keywords = Keywords::None;
        loop {
            let before = self.position;
            if !last.is_empty() && !self.accept(",") {
                break;
            }
            let argument = self.attempt(|parser| parser.argument(keywords))?;
            match argument {
                Some((node, kind)) => {
                    keywords = keywords.max(kind);
                    last.push(node);
                }
                None => {
                    self.position = before;
                    break;
                }
            }
        }
        if last.is_empty() {
            return Err(Stop::Fail);
        }
        let name = match keywords {
            Keywords::None => "positional",
            Keywords::Named => "keyword",
            Keywords::Unpacked => "unpacking",
        };
        // The arguments as a tuple, with what they end with as an item more.
        last.push(Node::new(NodeKind::Other(name), start, start));
        Ok(Node::new(NodeKind::Tuple(last.into()), start, self.last_end()))
    }

    /// One argument, given what came before it.
    fn argument(&mut self, before: Keywords) -> Parse<(Node, Keywords)> {
        let start = self.peek().start;
        if self.at("**") {
            self.position += 1;
            self.expression()?;
            return Ok((Node::new(NodeKind::Other("**"), start, self.last_end()), Keywords::Unpacked));
        }
        if self.at("*") {
            if before == Keywords::Unpacked {
                return Err(Stop::Fail);
            }
            let starred = self.starred_expression()?;
            return Ok((starred, Keywords::None));
        }
        if self.at_name() && self.at_ahead(1, "=") {
            if self.checking {
                self.check_keyword()?;
            }
            self.position += 2;
            self.expression()?;
            return Ok((Node::new(NodeKind::Other("keyword"), start, self.last_end()), Keywords::Named));
        }
        if before == Keywords::None && self.at_assignment_expression() {
            let node = self.assignment_expression()?;
            return if self.at("=") { Err(Stop::Fail) } else { Ok((node, Keywords::None)) };
        }
        if before != Keywords::None {
            // Only a keyword can follow; the token after a name has been looked at.
            if self.checking {
                self.check_keyword()?;
            }
            return Err(Stop::Fail);
        }
        let position = self.position;
        let value = self.expression()?;
        if self.at(":=") {
            return Err(Stop::Fail);
        }
        if self.at("=") {
            if self.checking {
                self.position = position;
                self.check_keyword()?;
            }
            return Err(Stop::Fail);
        }
        Ok((value, Keywords::None))
    }

    /// `True=`, `a.b=`, and a generator as the value of a keyword. The position stays.
    fn check_keyword(&mut self) -> Parse<()> {
        let position = self.position;
        let first = self.peek();
        if self.at_any(&["True", "False", "None"]) && self.at_ahead(1, "=") {
            let equals = self.peek_at(1);
            return self.raise(format!("cannot assign to {}", self.text(first)), first.start, equals.end);
        }
        if self.at_name() && self.at_ahead(1, "=") {
            let equals = self.peek_at(1);
            let generator = self.matches(|parser| {
                parser.position += 2;
                parser.expression()?;
                parser.comprehension()
            })?;
            if generator {
                let message = "invalid syntax. Maybe you meant '==' or ':=' instead of '='?";
                return self.raise(message, first.start, equals.end);
            }
        } else if let Some(value) = self.attempt(Self::expression)? {
            let equals = self.peek();
            if self.at("=") {
                let message = "expression cannot contain assignment, perhaps you meant \"==\"?";
                return self.raise(message, value.start, equals.end);
            }
        }
        self.position = position;
        Ok(())
    }

    /// Mistakes between the arguments that begin at `start`.
    fn check_arguments(&mut self, start: usize) -> Parse<()> {
        self.position = start;
        let args = self.attempt(Self::args)?;
        let after = self.position;
        let ending = args.as_ref().map_or("", last_name);
        if matches!(ending, "keyword" | "unpacking") && self.accept(",") && self.at("*") {
            let star = self.peek();
            let message = "iterable argument unpacking follows keyword argument unpacking";
            return self.raise(message, star.start, star.end);
        }
        self.position = start;
        let generator = self.attempt(|parser| {
            let value = parser.expression()?;
            let end = parser.comprehension()?;
            parser.expect(",")?;
            parser.attempt(|parser| {
                let args = parser.attempt(Self::args)?;
                if args.is_none() {
                    parser.expression()?;
                    parser.comprehension()?;
                }
                Ok(())
            })?;
            Ok((value.start, end))
        })?;
        const GENERATOR: &str = "Generator expression must be parenthesized";
        if let Some((start, end)) = generator {
            return self.raise(GENERATOR, start, end);
        }
        let Some(args) = args else { return Ok(()) };
        let NodeKind::Tuple(items) = &args.kind else { return Ok(()) };
        let Some((_, items)) = items.split_last() else { return Ok(()) };
        self.position = after;
        if let Some(end) = self.attempt(Self::comprehension)?
            && items.len() > 1
            && let Some(last) = items.last()
        {
            return self.raise(GENERATOR, last.start, end);
        }
        self.position = after;
        let generator = self.attempt(|parser| {
            parser.expect(",")?;
            let value = parser.expression()?;
            let end = parser.comprehension()?;
            Ok((value.start, end))
        })?;
        if let Some((start, end)) = generator {
            return self.raise(GENERATOR, start, end);
        }
        self.position = after;
        if self.accept(",") && self.attempt(Self::args)?.is_some() {
            let message = match ending {
                "unpacking" => "positional argument follows keyword argument unpacking",
                _ => "positional argument follows keyword argument",
            };
            return self.raise_here(message);
        }
        Ok(())
    }
}

/// What the arguments end with: the name of the item more.
fn last_name(args: &Node) -> &'static str {
    match &args.kind {
        NodeKind::Tuple(items) => items.last().map_or("", Node::name),
        _ => "",
    }
}

/// Which keyword arguments there were.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Keywords {
    None,
    Named,
    Unpacked,
}
