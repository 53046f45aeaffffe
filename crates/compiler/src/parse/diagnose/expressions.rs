//! Expressions, from the loosest binding to the tightest.

use std::rc::Rc;

use super::super::tokens::Kind;
use super::node::{Node, NodeKind, Targets};
use super::parser::{Parse, Parser, Rule, Stop};

/// Operators by precedence, the loosest first; all associate to the left.
/// What `since` says of `@` and `@=`.
pub(super) const MATRIX: &str = "The '@' operator is";

const BINARY: [&[&str]; 6] = [&["|"], &["^"], &["&"], &["<<", ">>"], &["+", "-"], &["*", "/", "//", "%", "@"]];

impl Parser<'_, '_> {
    /// Expressions separated by commas, some of them starred: one node, a tuple if there is a comma.
    pub(super) fn star_expressions(&mut self) -> Parse<Node> {
        self.comma_list(Self::star_expression)
    }

    pub(super) fn comma_list(&mut self, item: fn(&mut Self) -> Parse<Node>) -> Parse<Node> {
        let start = self.peek().start;
        let first = item(self)?;
        if !self.at(",") {
            return Ok(first);
        }
        let mut items = vec![first];
        while self.accept(",") {
            match self.attempt(item)? {
                Some(next) => items.push(next),
                None => break,
            }
        }
        Ok(Node::new(NodeKind::Tuple(items.into()), start, self.last_end()))
    }

    fn star_expression(&mut self) -> Parse<Node> {
        if self.at("*") { self.starred_bitwise() } else { self.expression() }
    }

    /// `*a | b`
    fn starred_bitwise(&mut self) -> Parse<Node> {
        let start = self.peek().start;
        self.expect("*")?;
        let value = self.bitwise_or()?;
        Ok(Node::new(NodeKind::Starred(Rc::new(value)), start, self.last_end()))
    }

    /// `*expression`, as in calls.
    pub(super) fn starred_expression(&mut self) -> Parse<Node> {
        let start = self.peek().start;
        self.expect("*")?;
        let value = self.expression()?;
        Ok(Node::new(NodeKind::Starred(Rc::new(value)), start, self.last_end()))
    }

    /// An item of a display.
    pub(super) fn star_named_expression(&mut self) -> Parse<Node> {
        if self.at("*") { self.starred_bitwise() } else { self.named_expression() }
    }

    /// Items of a display; at least one.
    pub(super) fn star_named_expressions(&mut self) -> Parse<Vec<Node>> {
        let mut items = vec![self.star_named_expression()?];
        while self.at(",") {
            self.position += 1;
            match self.attempt(Self::star_named_expression)? {
                Some(item) => items.push(item),
                None => break,
            }
        }
        Ok(items)
    }

    /// `name := value`
    pub(super) fn assignment_expression(&mut self) -> Parse<Node> {
        let name = self.name()?;
        self.expect(":=")?;
        self.expression()?;
        self.since(8, "Assignment expressions are")?;
        Ok(Node::new(NodeKind::Other("named expression"), name.start, self.last_end()))
    }

    /// Whether `name :=` comes next.
    pub(super) fn at_assignment_expression(&mut self) -> bool {
        self.at_name() && self.at_ahead(1, ":=")
    }

    /// An expression where `:=` is allowed.
    pub(super) fn named_expression(&mut self) -> Parse<Node> {
        if self.at_assignment_expression() {
            return self.assignment_expression();
        }
        let position = self.position;
        let value = self.expression()?;
        if self.checking {
            self.check_named(position, &value)?;
        }
        if self.at(":=") { Err(Stop::Fail) } else { Ok(value) }
    }

    /// `:=` after what is no name, and `=` in place of `==` or `:=`. `position` is where `value` begins.
    pub(super) fn check_named(&mut self, position: usize, value: &Node) -> Parse<()> {
        let after = self.position;
        if self.accept(":=") {
            if self.attempt(Self::expression)?.is_some() {
                return self.raise_at(format!("cannot use assignment expressions with {}", value.name()), value);
            }
            self.position = after;
            return Ok(());
        }
        self.position = position;
        let name = self.at_name() && self.at_ahead(1, "=");
        let start = self.peek().start;
        // A display or a generator in parentheses may be a target.
        let is_excluded = self.at_any(&["True", "None", "False"]) || self.at_bracketed_target()?;
        if is_excluded {
            self.position = after;
            return Ok(());
        }
        if let Some(left) = self.attempt(Self::bitwise_or)?
            && self.accept("=")
            && let Some(right) = self.attempt(Self::bitwise_or)?
            && !self.at_any(&["=", ":="])
        {
            if name {
                let message = "invalid syntax. Maybe you meant '==' or ':=' instead of '='?";
                return self.raise(message, start, right.end);
            }
            let message = format!("cannot assign to {} here. Maybe you meant '==' instead of '='?", left.name());
            return self.raise_at(message, &left);
        }
        self.position = after;
        Ok(())
    }

    /// Whether a list, a tuple or a generator expression comes next.
    fn at_bracketed_target(&mut self) -> Parse<bool> {
        if !self.at_any(&["(", "["]) {
            return Ok(false);
        }
        let is_target = |node: &Node| {
            matches!(node.kind, NodeKind::List(_) | NodeKind::Tuple(_) | NodeKind::Other("generator expression"))
        };
        let position = self.position;
        let open = self.token(position);
        let atom = self.attempt(Self::atom)?;
        self.position = position;
        // A group gives its content, which begins after the parenthesis.
        Ok(atom.is_some_and(|atom| is_target(&atom) && atom.start == open.start))
    }

    /// An expression without `:=`.
    pub(super) fn expression(&mut self) -> Parse<Node> {
        self.keep(Rule::Expression, Self::expression_inner)
    }

    fn expression_inner(&mut self) -> Parse<Node> {
        let position = self.position;
        if self.checking {
            self.check_expression()?;
            self.position = position;
            self.check_legacy()?;
            self.position = position;
        }
        if self.at("lambda") {
            return self.lambda();
        }
        let start = self.peek().start;
        let value = self.disjunction()?;
        if self.at("if") {
            let conditional = self.attempt(|parser| {
                parser.expect("if")?;
                parser.disjunction()?;
                parser.expect("else")?;
                parser.expression()
            })?;
            if conditional.is_some() {
                return Ok(Node::new(NodeKind::Other("conditional expression"), start, self.last_end()));
            }
        }
        Ok(value)
    }

    /// Two expressions side by side in brackets, and a conditional expression without `else`.
    fn check_expression(&mut self) -> Parse<()> {
        let first = self.peek();
        // CPython takes any beginning of a soft keyword for one here.
        let is_soft = first.kind == Kind::Name
            && ["match", "case", "_"].iter().any(|keyword| keyword.starts_with(self.text(first)));
        let is_name_string = self.at_name() && self.peek_at(1).kind == Kind::String;
        let Some(left) = self.attempt(Self::disjunction)? else { return Ok(()) };
        let after = self.position;
        if !is_soft && !is_name_string {
            let right = self.unchecked(|parser| parser.attempt(Self::expression_inner))?;
            if let Some(right) = right {
                let is_legacy = self.is_legacy(&left);
                if !is_legacy && self.last_level() > 0 {
                    return self.raise("invalid syntax. Perhaps you forgot a comma?", left.start, right.end);
                }
            }
            self.position = after;
        }
        if self.accept("if")
            && let Some(test) = self.attempt(Self::disjunction)?
            && !self.at_any(&["else", ":"])
        {
            return self.raise("expected 'else' after 'if' expression", left.start, test.end);
        }
        Ok(())
    }

    /// Whether an expression is the name of what was a statement once.
    fn is_legacy(&self, node: &Node) -> bool {
        let text = self.unit.text.get(node.start as usize..node.end as usize);
        matches!(node.kind, NodeKind::Name) && matches!(text, Some("print" | "exec"))
    }

    /// `print x` and `exec x`.
    fn check_legacy(&mut self) -> Parse<()> {
        if !self.at_name() {
            return Ok(());
        }
        let name = self.peek();
        self.position += 1;
        if self.at("(") {
            return Ok(());
        }
        let Some(value) = self.attempt(Self::star_expressions)? else { return Ok(()) };
        let text = self.text(name);
        if matches!(text, "print" | "exec") {
            let message = format!("Missing parentheses in call to '{text}'. Did you mean {text}(...)?");
            return self.raise(message, name.start, value.end);
        }
        Ok(())
    }

    fn lambda(&mut self) -> Parse<Node> {
        let start = self.peek().start;
        self.expect("lambda")?;
        self.parameters(true)?;
        self.expect(":")?;
        self.nested(Self::expression)?;
        Ok(Node::new(NodeKind::Other("lambda"), start, self.last_end()))
    }

    pub(super) fn yield_expression(&mut self) -> Parse<Node> {
        let start = self.peek().start;
        self.expect("yield")?;
        let from = self.attempt(|parser| {
            parser.expect("from")?;
            parser.expression()
        })?;
        if from.is_none() {
            self.attempt(Self::star_expressions)?;
        }
        Ok(Node::new(NodeKind::Other("yield expression"), start, self.last_end()))
    }

    pub(super) fn disjunction(&mut self) -> Parse<Node> {
        self.keep(Rule::Disjunction, |parser| parser.boolean("or", |parser| parser.boolean("and", Self::inversion)))
    }

    /// Operands joined by `or` or `and`.
    fn boolean(&mut self, operator: &str, operand: impl Fn(&mut Self) -> Parse<Node>) -> Parse<Node> {
        let start = self.peek().start;
        let mut value = operand(self)?;
        while self.at(operator) {
            let more = self.attempt(|parser| {
                parser.expect(operator)?;
                operand(parser)
            })?;
            if more.is_none() {
                break;
            }
            value = Node::new(NodeKind::Other("expression"), start, self.last_end());
        }
        Ok(value)
    }

    fn inversion(&mut self) -> Parse<Node> {
        if !self.at("not") {
            return self.comparison();
        }
        let start = self.peek().start;
        self.position += 1;
        self.nested(Self::inversion)?;
        Ok(Node::new(NodeKind::Other("expression"), start, self.last_end()))
    }

    fn comparison(&mut self) -> Parse<Node> {
        let start = self.peek().start;
        let left = self.bitwise_or()?;
        let is_in = self.at("in");
        let mut compared = false;
        while self.attempt(Self::comparison_rest)?.is_some() {
            compared = true;
        }
        if !compared {
            return Ok(left);
        }
        let left = is_in.then(|| Rc::new(left));
        Ok(Node::new(NodeKind::Comparison(left), start, self.last_end()))
    }

    /// An operator and its right operand.
    fn comparison_rest(&mut self) -> Parse<Node> {
        if self.accept("not") {
            self.expect("in")?;
        } else if self.accept("is") {
            self.accept("not");
        } else if self.at_any(&["==", "!=", "<=", "<", ">=", ">", "in"]) {
            self.position += 1;
        } else {
            return Err(Stop::Fail);
        }
        self.bitwise_or()
    }

    pub(super) fn bitwise_or(&mut self) -> Parse<Node> {
        self.binary(0)
    }

    fn binary(&mut self, level: usize) -> Parse<Node> {
        let Some(operators) = BINARY.get(level) else { return self.factor() };
        let start = self.peek().start;
        let mut value = self.binary(level + 1)?;
        while self.at_any(operators) {
            let is_matrix = self.at("@");
            let more = self.attempt(|parser| {
                parser.position += 1;
                let right = parser.binary(level + 1)?;
                if is_matrix {
                    parser.since(5, MATRIX)?;
                }
                Ok(right)
            })?;
            if more.is_none() {
                break;
            }
            value = Node::new(NodeKind::Other("expression"), start, self.last_end());
        }
        Ok(value)
    }

    fn factor(&mut self) -> Parse<Node> {
        let start = self.peek().start;
        if self.at_any(&["+", "-", "~"]) {
            self.position += 1;
            self.nested(Self::factor)?;
            return Ok(Node::new(NodeKind::Other("expression"), start, self.last_end()));
        }
        let base = self.await_primary()?;
        if self.at("**") {
            let power = self.attempt(|parser| {
                parser.expect("**")?;
                parser.nested(|parser| parser.nested(Self::factor))
            })?;
            if power.is_some() {
                return Ok(Node::new(NodeKind::Other("expression"), start, self.last_end()));
            }
        }
        Ok(base)
    }

    fn await_primary(&mut self) -> Parse<Node> {
        if !self.at("await") {
            return self.primary();
        }
        let start = self.peek().start;
        self.position += 1;
        self.primary()?;
        self.since(5, "Await expressions are")?;
        Ok(Node::new(NodeKind::Other("await expression"), start, self.last_end()))
    }

    /// An atom with its attributes, calls and subscripts.
    pub(super) fn primary(&mut self) -> Parse<Node> {
        let start = self.peek().start;
        let mut value = self.atom()?;
        loop {
            // After an expression, any bracket is looked at as that of a comprehension.
            if self.checking && self.at_any(&["[", "{"]) {
                let open = self.position;
                self.check_comprehension(open)?;
                self.position = open;
            }
            let kind = if self.at(".") {
                let attribute = self.attempt(|parser| {
                    parser.expect(".")?;
                    parser.name()
                })?;
                attribute.map(|_| NodeKind::Attribute)
            } else if self.at("(") {
                self.attempt(Self::call)?.map(|()| NodeKind::Other("function call"))
            } else if self.at("[") {
                self.attempt(Self::subscript)?.map(|()| NodeKind::Subscript)
            } else {
                None
            };
            match kind {
                Some(kind) => value = Node::new(kind, start, self.last_end()),
                None => return Ok(value),
            }
        }
    }

    fn subscript(&mut self) -> Parse<()> {
        self.expect("[")?;
        loop {
            if self.at("*") {
                self.starred_expression()?;
            } else {
                self.slice()?;
            }
            if !self.accept(",") || self.at("]") {
                break;
            }
        }
        self.expect("]")
    }

    fn slice(&mut self) -> Parse<()> {
        if self.at_assignment_expression() {
            self.assignment_expression()?;
            return Ok(());
        }
        let position = self.position;
        if !self.at(":") {
            let value = self.expression()?;
            if !self.at(":") {
                if self.checking {
                    self.check_named(position, &value)?;
                }
                return Ok(());
            }
        }
        self.expect(":")?;
        self.attempt(Self::expression)?;
        if self.accept(":") {
            self.attempt(Self::expression)?;
        }
        Ok(())
    }

    /// Targets of an assignment or a `for`: names, attributes, subscripts, and displays of them.
    pub(super) fn star_targets(&mut self) -> Parse<Node> {
        let targets = self.comma_list(Self::star_target)?;
        Ok(targets)
    }

    /// One target, perhaps starred.
    pub(super) fn star_target(&mut self) -> Parse<Node> {
        let start = self.peek().start;
        if self.accept("*") {
            if self.at("*") {
                return Err(Stop::Fail);
            }
            let value = self.nested(Self::star_target)?;
            return Ok(Node::new(NodeKind::Starred(Rc::new(value)), start, self.last_end()));
        }
        let target = self.primary()?;
        if target.invalid_target(Targets::Assign).is_some() { Err(Stop::Fail) } else { Ok(target) }
    }
}
