//! The parameters of functions and lambdas.

use super::super::tokens::Token;
use super::parser::{Parse, Parser, Stop};

/// What a list of parameters has had so far.
#[derive(Default)]
struct Seen {
    any: bool,
    default: bool,
    slash: bool,
    star: bool,
}

impl Parser<'_, '_> {
    /// Parameters up to before the `)` of a function or the `:` of a lambda.
    pub(super) fn parameters(&mut self, is_lambda: bool) -> Parse<()> {
        let mut seen = Seen::default();
        let end = if is_lambda { ":" } else { ")" };
        while !self.at(end) {
            if self.at("**") {
                self.keyword_parameter(is_lambda, end)?;
                break;
            }
            if self.at("/") {
                self.slash(&mut seen)?;
            } else if self.at("*") {
                self.star(&mut seen, is_lambda, end)?;
            } else if self.at("(") && self.checking && !seen.default && !seen.slash && !seen.star {
                self.check_parenthesised(is_lambda)?;
                return Err(Stop::Fail);
            } else {
                let name = self.parameter(is_lambda)?;
                let has_default = self.default()?;
                if !has_default && seen.default && !seen.star {
                    return match self.checking && self.at_any(&[",", end]) {
                        true => self.raise("non-default argument follows default argument", name.start, name.end),
                        false => Err(Stop::Fail),
                    };
                }
                seen.default |= has_default;
            }
            seen.any = true;
            if !self.accept(",") {
                break;
            }
        }
        if seen.slash { self.since(8, "Positional-only parameters are") } else { Ok(()) }
    }

    /// A name, with an annotation where that is allowed. The token of the name, up to the annotation's end.
    fn parameter(&mut self, is_lambda: bool) -> Parse<Token> {
        let mut name = self.name()?;
        if !is_lambda && self.accept(":") {
            self.expression()?;
            name.end = self.last_end();
        }
        Ok(name)
    }

    fn default(&mut self) -> Parse<bool> {
        let equals = self.peek();
        if !self.accept("=") {
            return Ok(false);
        }
        if self.checking && self.at_any(&[",", ")"]) {
            return self.raise("expected default value expression", equals.start, equals.end);
        }
        self.expression()?;
        Ok(true)
    }

    fn slash(&mut self, seen: &mut Seen) -> Parse<()> {
        let slash = self.peek();
        self.position += 1;
        if self.checking {
            if seen.star {
                return self.raise("/ must be ahead of *", slash.start, slash.end);
            }
            if seen.slash {
                return self.raise("/ may appear only once", slash.start, slash.end);
            }
            if !seen.any {
                return match self.at(",") {
                    true => self.raise("at least one argument must precede /", slash.start, slash.end),
                    false => Err(Stop::Fail),
                };
            }
            if self.at("*") {
                let star = self.peek();
                return self.raise("expected comma between / and *", star.start, star.end);
            }
        }
        if seen.star || seen.slash || !seen.any {
            return Err(Stop::Fail);
        }
        seen.slash = true;
        Ok(())
    }

    fn star(&mut self, seen: &mut Seen, is_lambda: bool, end: &str) -> Parse<()> {
        let star = self.peek();
        self.position += 1;
        if seen.star {
            if self.checking && (self.at(",") || self.at_name()) {
                return self.raise("* argument may appear only once", star.start, star.end);
            }
            return Err(Stop::Fail);
        }
        seen.star = true;
        if self.at(",") {
            if self.at_ahead(1, end) || self.at_ahead(1, "**") {
                return self.bare_star(star, is_lambda);
            }
            return Ok(());
        }
        if self.at(end) {
            return self.bare_star(star, is_lambda);
        }
        self.name()?;
        if !is_lambda && self.accept(":") {
            // `*args: *Ts`
            if self.at("*") {
                // What follows is not a parameter that could have a default value: `=` is plainly wrong.
                return self.starred_expression().map(drop);
            } else {
                self.expression()?;
            }
        }
        if self.checking && self.at("=") {
            let equals = self.peek();
            return self.raise("var-positional argument cannot have default value", equals.start, equals.end);
        }
        Ok(())
    }

    fn bare_star(&self, star: Token, is_lambda: bool) -> Parse<()> {
        match self.checking {
            true if is_lambda => self.raise_here("named arguments must follow bare *"),
            true => self.raise("named arguments must follow bare *", star.start, star.end),
            false => Err(Stop::Fail),
        }
    }

    fn keyword_parameter(&mut self, is_lambda: bool, end: &str) -> Parse<()> {
        self.expect("**")?;
        self.parameter(is_lambda)?;
        if self.checking && self.at("=") {
            let equals = self.peek();
            return self.raise("var-keyword argument cannot have default value", equals.start, equals.end);
        }
        if self.accept(",") && !self.at(end) && self.checking {
            let next = self.peek();
            if self.at_any(&["*", "**", "/"]) {
                return self.raise("arguments cannot follow var-keyword argument", next.start, next.end);
            }
            if let Some(name) = self.attempt(|parser| parser.parameter(is_lambda))? {
                return self.raise("arguments cannot follow var-keyword argument", name.start, name.end);
            }
        }
        Ok(())
    }

    /// `def f((a, b)):`
    fn check_parenthesised(&mut self, is_lambda: bool) -> Parse<()> {
        let open = self.peek();
        let close = self.attempt(|parser| {
            parser.expect("(")?;
            loop {
                parser.parameter(is_lambda)?;
                if !parser.accept(",") || parser.at(")") {
                    break;
                }
            }
            let close = parser.peek();
            parser.expect(")")?;
            Ok(close)
        })?;
        let what = if is_lambda { "Lambda expression" } else { "Function" };
        match close {
            Some(close) => self.raise(format!("{what} parameters cannot be parenthesized"), open.start, close.end),
            None => Ok(()),
        }
    }
}
