//! Whole texts and simple statements.

use super::super::Start;
use super::super::tokens::Kind;
use super::node::{Node, NodeKind, Targets};
use super::parser::{Parse, Parser, Rule, Stop};

const AUGMENTED: [&str; 13] = ["+=", "-=", "*=", "@=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=", "**=", "//="];

impl Parser<'_, '_> {
    /// The text as a whole.
    pub(super) fn whole(&mut self) -> Parse<()> {
        match self.start {
            Start::File => {
                self.statements()?;
                self.expect_kind(Kind::End)
            }
            Start::Interactive => self.interactive(),
            Start::Expression => {
                self.comma_expressions()?;
                while self.accept_kind(Kind::Newline) {}
                self.expect_kind(Kind::End)
            }
            Start::FString => {
                self.star_expressions()?;
                while self.accept_kind(Kind::Newline) {}
                self.expect_kind(Kind::End)
            }
            Start::FunctionType => self.function_type(),
        }
    }

    /// Expressions without stars, as `eval` takes them.
    fn comma_expressions(&mut self) -> Parse<()> {
        self.expression()?;
        while self.accept(",") {
            if self.attempt(Self::expression)?.is_none() {
                break;
            }
        }
        Ok(())
    }

    /// One compound statement with a newline after it, or one line.
    fn interactive(&mut self) -> Parse<()> {
        if self.at_compound() && self.attempt(Self::compound)?.is_some() {
            self.expect_kind(Kind::Newline)?;
        } else {
            self.simple_statements()?;
        }
        if self.is_followed() {
            return self.raise_here("multiple statements found while compiling a single statement");
        }
        Ok(())
    }

    /// Whether there is more than blanks and comments after what was read.
    fn is_followed(&self) -> bool {
        let rest = self.unit.text.get(self.last_end() as usize..).unwrap_or_default();
        let blank = [' ', '\t', '\n', '\x0c'];
        rest.lines().map(|line| line.trim_start_matches(blank)).any(|line| !line.is_empty() && !line.starts_with('#'))
    }

    /// `(type, *type, **type) -> type`
    fn function_type(&mut self) -> Parse<()> {
        self.expect("(")?;
        if !self.at(")") {
            loop {
                if self.accept("**") {
                    self.expression()?;
                    break;
                }
                let is_starred = self.accept("*");
                self.expression()?;
                if !self.accept(",") {
                    break;
                }
                if is_starred && !self.at("**") {
                    return Err(Stop::Fail);
                }
            }
        }
        self.expect(")")?;
        self.expect("->")?;
        self.expression()?;
        while self.accept_kind(Kind::Newline) {}
        self.expect_kind(Kind::End)
    }

    /// Statements up to a dedent or the end.
    pub(super) fn statements(&mut self) -> Parse<()> {
        while !matches!(self.peek().kind, Kind::Dedent | Kind::End) {
            self.statement()?;
        }
        Ok(())
    }

    fn statement(&mut self) -> Parse<()> {
        if self.at_compound() && self.attempt(|parser| parser.nested(Self::compound))?.is_some() {
            return Ok(());
        }
        self.simple_statements()
    }

    /// Simple statements on one line.
    pub(super) fn simple_statements(&mut self) -> Parse<()> {
        self.simple_statement()?;
        while self.accept(";") {
            if self.at_kind(Kind::Newline) {
                break;
            }
            if self.attempt(Self::simple_statement)?.is_none() {
                break;
            }
        }
        self.expect_kind(Kind::Newline)
    }

    fn simple_statement(&mut self) -> Parse<()> {
        let work = |parser: &mut Self| {
            let start = parser.peek().start;
            parser.simple_statement_inner()?;
            Ok(Node::new(NodeKind::Other("statement"), start, parser.last_end()))
        };
        self.keep(Rule::SimpleStatement, work).map(|_| ())
    }

    fn simple_statement_inner(&mut self) -> Parse<()> {
        let token = self.peek();
        let keyword = if token.kind == Kind::Name { self.text(token) } else { "" };
        match keyword {
            "return" => {
                self.position += 1;
                self.attempt(Self::star_expressions)?;
                Ok(())
            }
            "import" => self.import(),
            "from" => self.import_from(),
            "raise" => self.raise_statement(),
            "pass" | "break" | "continue" => {
                self.position += 1;
                Ok(())
            }
            "del" => self.delete(),
            "yield" => self.yield_statement(),
            "assert" => {
                self.position += 1;
                self.expression()?;
                if self.accept(",") {
                    self.expression()?;
                }
                Ok(())
            }
            "global" | "nonlocal" => {
                self.position += 1;
                self.name()?;
                while self.accept(",") {
                    self.name()?;
                }
                Ok(())
            }
            _ => self.expression_statement(),
        }
    }

    fn yield_statement(&mut self) -> Parse<()> {
        let position = self.position;
        if self.checking {
            self.check_assignment()?;
            self.position = position;
        }
        self.yield_expression()?;
        Ok(())
    }

    /// An assignment or an expression.
    fn expression_statement(&mut self) -> Parse<()> {
        let position = self.position;
        if self.attempt(Self::assignment)?.is_some() {
            return Ok(());
        }
        if self.checking {
            self.position = position;
            self.check_assignment()?;
            self.position = position;
        }
        self.star_expressions()?;
        Ok(())
    }

    /// The value of an assignment.
    fn value(&mut self) -> Parse<Node> {
        if self.at("yield") { self.yield_expression() } else { self.star_expressions() }
    }

    fn assignment(&mut self) -> Parse<()> {
        let position = self.position;
        if self.attempt(Self::annotated)?.is_some() {
            return Ok(());
        }
        self.position = position;
        let chain = self.attempt(|parser| {
            parser.targets(1)?;
            parser.value()?;
            if parser.at("=") { Err(Stop::Fail) } else { Ok(()) }
        })?;
        if chain.is_some() {
            return Ok(());
        }
        self.position = position;
        self.single_target()?;
        if !self.at_any(&AUGMENTED) {
            return Err(Stop::Fail);
        }
        if self.at("@=") {
            self.since(5, super::expressions::MATRIX)?;
        }
        self.position += 1;
        self.value()?;
        Ok(())
    }

    /// `target: annotation = value`
    fn annotated(&mut self) -> Parse<()> {
        self.single_target()?;
        self.expect(":")?;
        self.expression()?;
        // Without a value behind it, the equals sign is what is wrong, not the target.
        self.attempt(|parser| {
            parser.expect("=")?;
            parser.value()
        })?;
        self.since(6, "Variable annotation syntax is")
    }

    /// A name, an attribute or a subscript, perhaps a name in parentheses.
    fn single_target(&mut self) -> Parse<()> {
        let target = self.primary()?;
        match target.kind {
            NodeKind::Name | NodeKind::Attribute | NodeKind::Subscript => Ok(()),
            _ => Err(Stop::Fail),
        }
    }

    /// `a = b =`, at least `least` times.
    fn targets(&mut self, least: usize) -> Parse<()> {
        let mut count = 0;
        loop {
            let target = self.attempt(|parser| {
                parser.star_targets()?;
                parser.expect("=")
            })?;
            if target.is_none() {
                break;
            }
            count += 1;
        }
        if count < least { Err(Stop::Fail) } else { Ok(()) }
    }

    /// Mistakes in what is not an assignment, but may have been meant as one.
    fn check_assignment(&mut self) -> Parse<()> {
        let position = self.position;
        // A display with an annotation.
        let display = self.attempt(|parser| {
            let target = parser.primary()?;
            if !matches!(target.kind, NodeKind::List(_) | NodeKind::Tuple(_)) {
                return Err(Stop::Fail);
            }
            parser.expect(":")?;
            parser.expression()?;
            Ok(target)
        })?;
        if let Some(target) = display {
            let message = format!("only single target (not {}) can be annotated", target.name());
            return self.raise_at(message, &target);
        }
        self.position = position;
        let several = self.attempt(|parser| {
            let first = parser.star_named_expression()?;
            parser.expect(",")?;
            while parser.attempt(Self::star_named_expressions)?.is_some() {}
            parser.expect(":")?;
            parser.expression()?;
            Ok(first)
        })?;
        if let Some(first) = several {
            return self.raise_at("only single target (not tuple) can be annotated", &first);
        }
        self.position = position;
        let annotated = self.attempt(|parser| {
            let target = parser.expression()?;
            parser.expect(":")?;
            parser.expression()?;
            Ok(target)
        })?;
        if let Some(target) = annotated {
            return self.raise_at("illegal target for annotation", &target);
        }
        self.position = position;
        self.targets(0)?;
        let after = self.position;
        let target = self.attempt(|parser| {
            let target = parser.star_expressions()?;
            parser.expect("=")?;
            Ok(target)
        })?;
        if let Some(target) = target
            && target.invalid_target(Targets::Assign).is_some()
        {
            return self.raise_invalid_target(Targets::Assign, &target);
        }
        self.position = after;
        let target = self.attempt(|parser| {
            let target = parser.yield_expression()?;
            parser.expect("=")?;
            Ok(target)
        })?;
        if let Some(target) = target {
            return self.raise_at("assignment to yield expression not possible", &target);
        }
        self.position = position;
        let augmented = self.attempt(|parser| {
            let target = parser.star_expressions()?;
            if !parser.at_any(&AUGMENTED) {
                return Err(Stop::Fail);
            }
            parser.position += 1;
            parser.value()?;
            Ok(target)
        })?;
        if let Some(target) = augmented {
            let message = format!("'{}' is an illegal expression for augmented assignment", target.name());
            return self.raise_at(message, &target);
        }
        Ok(())
    }

    fn raise_statement(&mut self) -> Parse<()> {
        self.position += 1;
        if self.attempt(Self::expression)?.is_some() {
            self.attempt(|parser| {
                parser.expect("from")?;
                parser.expression()
            })?;
        }
        Ok(())
    }

    fn delete(&mut self) -> Parse<()> {
        self.position += 1;
        let position = self.position;
        let deleted = self.attempt(|parser| {
            let targets = parser.comma_list(Self::primary)?;
            let is_end = parser.at(";") || parser.at_kind(Kind::Newline);
            if is_end && targets.invalid_target(Targets::Delete).is_none() { Ok(()) } else { Err(Stop::Fail) }
        })?;
        if deleted.is_some() {
            return Ok(());
        }
        if self.checking {
            self.position = position;
            if let Some(targets) = self.attempt(Self::star_expressions)? {
                return self.raise_invalid_target(Targets::Delete, &targets);
            }
        }
        Err(Stop::Fail)
    }

    fn dotted_name(&mut self) -> Parse<()> {
        self.name()?;
        while self.accept(".") {
            self.name()?;
        }
        Ok(())
    }

    fn import(&mut self) -> Parse<()> {
        self.position += 1;
        loop {
            self.dotted_name()?;
            if self.accept("as") {
                self.name()?;
            }
            if !self.accept(",") {
                return Ok(());
            }
        }
    }

    fn import_from(&mut self) -> Parse<()> {
        self.position += 1;
        let mut dots = false;
        while self.at_any(&[".", "..."]) {
            self.position += 1;
            dots = true;
        }
        if !dots || !self.at("import") {
            self.dotted_name()?;
        }
        self.expect("import")?;
        if self.accept("*") {
            return Ok(());
        }
        let is_parenthesised = self.accept("(");
        self.import_name()?;
        loop {
            if !self.accept(",") {
                break;
            }
            if is_parenthesised && self.at(")") {
                break;
            }
            if !is_parenthesised && self.at_kind(Kind::Newline) {
                return match self.checking {
                    true => self.raise_here("trailing comma not allowed without surrounding parentheses"),
                    false => Err(Stop::Fail),
                };
            }
            self.import_name()?;
        }
        if is_parenthesised { self.expect(")") } else { Ok(()) }
    }

    fn import_name(&mut self) -> Parse<()> {
        self.name()?;
        if self.accept("as") {
            self.name()?;
        }
        Ok(())
    }
}
