//! Atoms: names, literals and displays.

use super::super::lower::split;
use super::super::tokens::Kind;
use super::node::{Node, NodeKind, Targets};
use super::parser::{Parse, Parser, Stop, is_keyword};

impl Parser<'_, '_> {
    pub(super) fn atom(&mut self) -> Parse<Node> {
        let token = self.peek();
        let text = self.text(token);
        let kind = match token.kind {
            Kind::String => return self.strings(),
            Kind::Number => {
                if text.contains('_') {
                    self.since(6, "Underscores in numeric literals are")?;
                }
                NodeKind::Other("literal")
            }
            Kind::Name => match text {
                "True" => NodeKind::Other("True"),
                "False" => NodeKind::Other("False"),
                "None" => NodeKind::Other("None"),
                _ if is_keyword(text) => return Err(Stop::Fail),
                _ => NodeKind::Name,
            },
            Kind::Op => match text {
                "..." => NodeKind::Other("ellipsis"),
                "(" => return self.nested(Self::parenthesised),
                "[" => return self.nested(Self::list),
                "{" => return self.nested(Self::braces),
                _ => return Err(Stop::Fail),
            },
            _ => return Err(Stop::Fail),
        };
        self.position += 1;
        Ok(Node::new(kind, token.start, token.end))
    }

    /// Strings side by side. What is wrong inside of them is an error in either pass.
    fn strings(&mut self) -> Parse<Node> {
        let first = self.position;
        let start = self.peek().start;
        let mut is_format = false;
        while self.at_kind(Kind::String) {
            let token = self.peek();
            is_format |= split(self.unit.text, token).prefix.is_format;
            self.position += 1;
        }
        if self.hit {
            return Err(Stop::Fail);
        }
        if self.checks_strings && !self.checked_strings.contains_key(&first) {
            let location = self.unit.lines.location(start, self.last_end());
            let problem = self.unit.concatenation(first, location).err();
            self.checked_strings.insert(first, problem);
        }
        if let Some(Some(problem)) = self.checked_strings.get(&first) {
            return Err(Stop::Raise(problem.clone()));
        }
        if is_format {
            self.since(6, "Format strings are")?;
        }
        let name = if is_format { "f-string expression" } else { "literal" };
        Ok(Node::new(NodeKind::Other(name), start, self.last_end()))
    }

    /// A tuple, a group or a generator expression.
    fn parenthesised(&mut self) -> Parse<Node> {
        let open = self.position;
        let start = self.peek().start;
        self.expect("(")?;
        if self.accept(")") {
            return Ok(Node::new(NodeKind::Tuple([].into()), start, self.last_end()));
        }
        if self.at("yield") {
            let value = self.yield_expression()?;
            self.expect(")")?;
            return Ok(value);
        }
        let first = match self.attempt(Self::star_named_expression)? {
            Some(first) => first,
            None => return self.failed_group(open),
        };
        if self.accept(",") {
            let mut items = vec![first];
            if let Some(more) = self.attempt(Self::star_named_expressions)? {
                items.extend(more);
            }
            if self.accept(")") {
                return Ok(Node::new(NodeKind::Tuple(items.into()), start, self.last_end()));
            }
            return self.failed_group(open);
        }
        let is_starred = matches!(first.kind, NodeKind::Starred(_));
        if !is_starred && self.accept(")") {
            return Ok(first);
        }
        if !is_starred
            && self.at_any(&["for", "async"])
            && self.attempt(Self::comprehension)?.is_some()
            && self.accept(")")
        {
            return Ok(Node::new(NodeKind::Other("generator expression"), start, self.last_end()));
        }
        self.failed_group(open)
    }

    /// What may be wrong in parentheses; `open` is the token of the first one.
    fn failed_group(&mut self, open: usize) -> Parse<Node> {
        if self.checking {
            self.position = open + 1;
            let starred = self.attempt(|parser| {
                let starred = parser.starred_expression()?;
                parser.expect(")")?;
                Ok(starred)
            })?;
            if let Some(starred) = starred {
                return self.raise_at("cannot use starred expression here", &starred);
            }
            self.position = open + 1;
            let stars = self.peek();
            let doubled = self.attempt(|parser| {
                parser.expect("**")?;
                parser.expression()?;
                parser.expect(")")
            })?;
            if doubled.is_some() {
                return self.raise("cannot use double starred expression here", stars.start, stars.end);
            }
            self.check_comprehension(open)?;
        }
        Err(Stop::Fail)
    }

    /// Starred or unparenthesised items before `for`; `open` is the token of the bracket.
    pub(super) fn check_comprehension(&mut self, open: usize) -> Parse<()> {
        self.position = open + 1;
        let starred = self.attempt(|parser| {
            let starred = parser.starred_expression()?;
            parser.comprehension()?;
            Ok(starred)
        })?;
        if let Some(starred) = starred {
            return self.raise_at("iterable unpacking cannot be used in comprehension", &starred);
        }
        self.position = open;
        if self.at("(") {
            return Ok(());
        }
        self.position = open + 1;
        let items = self.attempt(|parser| {
            let first = parser.star_named_expression()?;
            parser.expect(",")?;
            let mut end = parser.last_end();
            if let Some(more) = parser.attempt(Self::star_named_expressions)? {
                end = more.last().map_or(end, |last| last.end);
            }
            parser.comprehension()?;
            Ok((first.start, end))
        })?;
        if let Some((start, end)) = items {
            return self.raise("did you forget parentheses around the comprehension target?", start, end);
        }
        Ok(())
    }

    fn list(&mut self) -> Parse<Node> {
        let open = self.position;
        let start = self.peek().start;
        self.expect("[")?;
        if self.accept("]") {
            return Ok(Node::new(NodeKind::List([].into()), start, self.last_end()));
        }
        if let Some(items) = self.attempt(Self::star_named_expressions)? {
            if self.accept("]") {
                return Ok(Node::new(NodeKind::List(items.into()), start, self.last_end()));
            }
            let is_starred = items.iter().any(|item| matches!(item.kind, NodeKind::Starred(_)));
            if items.len() == 1
                && !is_starred
                && !self.ends_with_comma()
                && self.at_any(&["for", "async"])
                && self.attempt(Self::comprehension)?.is_some()
                && self.accept("]")
            {
                return Ok(Node::new(NodeKind::Other("list comprehension"), start, self.last_end()));
            }
        }
        if self.checking {
            self.check_comprehension(open)?;
        }
        Err(Stop::Fail)
    }

    fn ends_with_comma(&self) -> bool {
        self.position.checked_sub(1).is_some_and(|index| self.text(self.token(index)) == ",")
    }

    /// A dict, a set, or a comprehension of either.
    fn braces(&mut self) -> Parse<Node> {
        let open = self.position;
        let start = self.peek().start;
        self.expect("{")?;
        let kind = if self.at("}") {
            Some("dict literal")
        } else {
            match self.attempt(Self::dict_contents)? {
                Some(kind) => Some(kind),
                None => {
                    self.position = open + 1;
                    self.attempt(Self::set_contents)?
                }
            }
        };
        if let Some(kind) = kind
            && self.accept("}")
        {
            return Ok(Node::new(NodeKind::Other(kind), start, self.last_end()));
        }
        if self.checking {
            self.position = open + 1;
            let stars = self.peek();
            let doubled = self.attempt(|parser| {
                parser.expect("**")?;
                parser.bitwise_or()?;
                parser.comprehension()?;
                parser.expect("}")
            })?;
            if doubled.is_some() {
                return self.raise("dict unpacking cannot be used in dict comprehension", stars.start, stars.end);
            }
            self.check_comprehension(open)?;
        }
        Err(Stop::Fail)
    }

    /// `key: value, **more`, up to the closing brace.
    fn dict_contents(&mut self) -> Parse<&'static str> {
        let first = self.position;
        let mut count = 0;
        loop {
            if count > 0 && self.at("}") {
                break;
            }
            let item = self.position;
            let pair = self.attempt(Self::pair)?;
            if pair.is_none() {
                // In either pass, as it is in CPython.
                self.position = item;
                self.check_pair(count > 0)?;
                return Err(Stop::Fail);
            }
            count += 1;
            if count == 1 && self.at_any(&["for", "async"]) && !self.is_double_starred(first) {
                self.comprehension()?;
                return Ok("dict comprehension");
            }
            if !self.accept(",") {
                break;
            }
        }
        if !self.at("}") {
            return Err(Stop::Fail);
        }
        Ok("dict literal")
    }

    fn is_double_starred(&self, position: usize) -> bool {
        self.text(self.token(position)) == "**"
    }

    fn pair(&mut self) -> Parse<()> {
        if self.accept("**") {
            self.bitwise_or()?;
            return Ok(());
        }
        self.expression()?;
        self.expect(":")?;
        self.expression()?;
        Ok(())
    }

    /// A key without a value, or with a starred one. Only after another pair a missing colon is told.
    fn check_pair(&mut self, is_later: bool) -> Parse<()> {
        let Some(key) = self.attempt(Self::expression)? else { return Ok(()) };
        let colon = self.peek();
        if !self.accept(":") {
            if is_later {
                // The last character of the key, with no end.
                let message = "':' expected after dictionary key";
                let error: Parse<()> = self.raise(message, key.end.saturating_sub(1), key.end);
                return match error {
                    Err(Stop::Raise(mut error)) => {
                        error.end_offset = 0;
                        Err(Stop::Raise(error))
                    }
                    other => other,
                };
            }
            return Ok(());
        }
        let star = self.peek();
        if self.at("*") {
            self.position += 1;
            if self.attempt(Self::bitwise_or)?.is_some() {
                return self.raise_from("cannot use a starred expression in a dictionary value", star.start);
            }
        } else if self.at_any(&["}", ","]) {
            return self.raise("expression expected after dictionary key and ':'", colon.start, colon.end);
        }
        Ok(())
    }

    fn set_contents(&mut self) -> Parse<&'static str> {
        let items = self.star_named_expressions()?;
        if self.at("}") {
            return Ok("set display");
        }
        let is_single = items.len() == 1 && !self.ends_with_comma();
        if is_single && !matches!(items[0].kind, NodeKind::Starred(_)) {
            self.comprehension()?;
            return Ok("set comprehension");
        }
        Err(Stop::Fail)
    }

    /// `for ... in ... if ...`, at least once. Returns the end of the last clause.
    pub(super) fn comprehension(&mut self) -> Parse<u32> {
        self.comprehension_clause()?;
        loop {
            let end = self.last_end();
            if !self.at_any(&["for", "async"]) || self.attempt(Self::comprehension_clause)?.is_none() {
                return Ok(end);
            }
        }
    }

    fn comprehension_clause(&mut self) -> Parse<()> {
        let is_async = self.accept("async");
        self.expect("for")?;
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
        self.disjunction()?;
        while self.at("if") {
            let test = self.attempt(|parser| {
                parser.expect("if")?;
                parser.disjunction()
            })?;
            if test.is_none() {
                break;
            }
        }
        if is_async { self.since(6, "Async comprehensions are") } else { Ok(()) }
    }
}
