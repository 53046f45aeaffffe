//! `async` and `await` as plain names, as they were before 3.7 (`feature_version`).
//!
//! Then they were keywords only inside of `async def`, whose `async` is known by the `def` after it. Such a function ends where a line
//! begins that is not indented more than it.

use super::tokens::{Kind, Token, Tokens};

impl Tokens {
    /// Whether a token is a plain name though it is spelled as a keyword.
    pub(super) fn is_plain_name(&self, token: Token) -> bool {
        !self.plain_names.is_empty() && self.plain_names.binary_search(&token.start).is_ok()
    }

    /// Notes where `async` and `await` are plain names by the rules before 3.7.
    pub(super) fn take_async_for_names(&mut self, text: &str) {
        let word = |token: Option<&Token>| {
            let token = token.filter(|token| token.kind == Kind::Name)?;
            text.get(token.start as usize..token.end as usize)
        };
        let mut depth = 0_u32;
        // The depth of the outermost function that is `async`, and whether its first line is over.
        let mut inside: Option<(u32, bool)> = None;
        let mut plain = Vec::new();
        for (index, token) in self.tokens.iter().enumerate() {
            match token.kind {
                Kind::Indent => depth += 1,
                Kind::Dedent => depth = depth.saturating_sub(1),
                Kind::Newline => inside = inside.map(|(at, _)| (at, true)),
                _ => {
                    if inside.is_some_and(|(at, over)| over && depth <= at) {
                        inside = None;
                    }
                    let found = word(Some(token));
                    if !matches!(found, Some("async" | "await")) || inside.is_some() {
                        continue;
                    }
                    if found == Some("async") && word(self.tokens.get(index + 1)) == Some("def") {
                        inside = Some((depth, false));
                    } else {
                        plain.push(token.start);
                    }
                }
            }
        }
        self.plain_names = plain;
    }
}

#[cfg(test)]
mod tests {
    use crate::parse::{Flags, Mode, parse};

    fn accepts(text: &str, feature_version: u8) -> bool {
        parse(text, Mode::Exec, Flags { feature_version, ..Flags::default() }).is_ok()
    }

    #[test]
    fn async_and_await_are_names_before_3_7_outside_of_async_functions() {
        for text in ["async = 12", "await = 13", "def async(): pass", "import async", "(await for await in x)"] {
            assert!(accepts(text, 6), "{text}");
            assert!(!accepts(text, 7), "{text}");
        }
        assert!(accepts("def g():\n  async def f():\n    await x\n  await = 1\n", 6));
        assert!(!accepts("async def f():\n  async = 1\n", 6));
        assert!(!accepts("await x", 6));
    }

    #[test]
    fn syntax_is_refused_before_the_version_that_brought_it() {
        for (text, since) in [
            ("x: int", 6),
            ("a @ b", 5),
            ("a @= b", 5),
            ("with (a as b): pass", 9),
            ("async def f(): pass", 5),
            ("try: pass\nexcept* E: pass", 11),
            ("match a:\n  case 1: pass", 10),
            ("(a := 1)", 8),
            ("def f(a, /): pass", 8),
            ("def f(a, /, **k): pass", 8),
            ("f'{x}'", 6),
            ("f'{x=}'", 8),
            ("1_0", 6),
        ] {
            assert!(accepts(text, since), "{text}");
            assert!(!accepts(text, since - 1), "{text}");
        }
    }
}
