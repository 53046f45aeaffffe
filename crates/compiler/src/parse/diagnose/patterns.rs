//! Patterns of `match`.

use super::super::tokens::Kind;
use super::parser::{Parse, Parser, Stop};

impl Parser<'_, '_> {
    /// The patterns of a `case`: one, or a sequence without brackets.
    pub(super) fn patterns(&mut self) -> Parse<()> {
        self.maybe_star_pattern()?;
        while self.accept(",") {
            if self.attempt(Self::maybe_star_pattern)?.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn maybe_star_pattern(&mut self) -> Parse<()> {
        if self.accept("*") {
            self.name()?;
            return Ok(());
        }
        self.pattern()
    }

    /// Alternatives, perhaps with a name for what they match.
    fn pattern(&mut self) -> Parse<()> {
        self.nested(|parser| {
            parser.closed_pattern()?;
            while parser.accept("|") {
                parser.closed_pattern()?;
            }
            if parser.accept("as") {
                parser.as_name()?;
            }
            Ok(())
        })
    }

    fn as_name(&mut self) -> Parse<()> {
        let name = self.peek();
        if self.at("_") {
            return match self.checking {
                true => self.raise("cannot use '_' as a target", name.start, name.end),
                false => Err(Stop::Fail),
            };
        }
        if self.at_name() && !self.at_ahead(1, ".") && !self.at_ahead(1, "(") && !self.at_ahead(1, "=") {
            self.position += 1;
            return Ok(());
        }
        if self.checking {
            let target = self.attempt(Self::expression)?;
            if let Some(target) = target {
                return self.raise_at("invalid pattern target", &target);
            }
        }
        Err(Stop::Fail)
    }

    fn closed_pattern(&mut self) -> Parse<()> {
        let token = self.peek();
        match (token.kind, self.text(token)) {
            (Kind::Number, _) | (Kind::Op, "-") => self.number_pattern(),
            (Kind::String, _) => self.atom().map(|_| ()),
            (Kind::Name, "None" | "True" | "False") => {
                self.position += 1;
                Ok(())
            }
            (Kind::Name, _) => self.name_pattern(),
            (Kind::Op, "(") => self.sequence_pattern(")"),
            (Kind::Op, "[") => self.sequence_pattern("]"),
            (Kind::Op, "{") => self.mapping_pattern(),
            _ => Err(Stop::Fail),
        }
    }

    /// A number, or a complex number as a sum.
    fn number_pattern(&mut self) -> Parse<()> {
        self.accept("-");
        let real = self.peek();
        self.expect_kind(Kind::Number)?;
        if self.at_any(&["+", "-"]) {
            self.position += 1;
            if self.at_kind(Kind::Number) && self.text(real).ends_with(['j', 'J']) {
                return self.raise("real number required in complex literal", real.start, real.end);
            }
            let imaginary = self.peek();
            if imaginary.kind == Kind::Number && !self.text(imaginary).ends_with(['j', 'J']) {
                return self.raise("imaginary number required in complex literal", imaginary.start, imaginary.end);
            }
            self.expect_kind(Kind::Number)?;
        }
        Ok(())
    }

    /// A capture, a value or a class.
    fn name_pattern(&mut self) -> Parse<()> {
        self.name()?;
        while self.accept(".") {
            self.name()?;
        }
        if self.at("(") { self.class_pattern() } else { Ok(()) }
    }

    fn class_pattern(&mut self) -> Parse<()> {
        self.expect("(")?;
        let mut keyword_seen = false;
        while !self.at(")") {
            let token = self.peek();
            if self.name_ahead(0) && self.at_ahead(1, "=") {
                self.position += 2;
                self.pattern()?;
                keyword_seen = true;
            } else {
                self.pattern()?;
                if keyword_seen {
                    return match self.checking {
                        true => self.raise("positional patterns follow keyword patterns", token.start, self.last_end()),
                        false => Err(Stop::Fail),
                    };
                }
            }
            if !self.accept(",") {
                break;
            }
        }
        self.expect(")")
    }

    fn sequence_pattern(&mut self, close: &str) -> Parse<()> {
        self.position += 1;
        let mut count = 0;
        while !self.at(close) {
            let is_starred = self.at("*");
            self.maybe_star_pattern()?;
            count += 1;
            if !self.accept(",") {
                // `(*a)` would be a group, and those have no stars.
                if count == 1 && is_starred && close == ")" {
                    self.peek();
                    return Err(Stop::Fail);
                }
                break;
            }
        }
        self.expect(close)
    }

    fn mapping_pattern(&mut self) -> Parse<()> {
        self.expect("{")?;
        while !self.at("}") {
            if self.accept("**") {
                if self.at("_") {
                    return Err(Stop::Fail);
                }
                self.name()?;
                self.accept(",");
                break;
            }
            {
                self.mapping_key()?;
                self.expect(":")?;
                self.pattern()?;
            }
            if !self.accept(",") {
                break;
            }
        }
        self.expect("}")
    }

    fn mapping_key(&mut self) -> Parse<()> {
        let token = self.peek();
        let is_literal = matches!(token.kind, Kind::Number | Kind::String)
            || matches!(self.text(token), "-" | "None" | "True" | "False");
        if is_literal {
            return self.closed_pattern();
        }
        self.name()?;
        if !self.at(".") {
            return Err(Stop::Fail);
        }
        while self.accept(".") {
            self.name()?;
        }
        Ok(())
    }
}
