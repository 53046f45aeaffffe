//! Patterns of `match`.

use ruff_python_ast as ruff;

use super::{Unit, deep};
use crate::ast::{Constant, Pattern, PatternKind};

impl Unit<'_> {
    /// Lower one pattern.
    pub(super) fn pattern(&mut self, pattern: ruff::Pattern) -> Pattern {
        deep(|| {
            use ruff_text_size::Ranged;
            let location = self.range(pattern.range());
            Pattern::new(self.pattern_kind(pattern), location)
        })
    }

    fn patterns(&mut self, patterns: impl IntoIterator<Item = ruff::Pattern>) -> Vec<Pattern> {
        patterns.into_iter().map(|pattern| self.pattern(pattern)).collect()
    }

    fn pattern_kind(&mut self, pattern: ruff::Pattern) -> PatternKind {
        match pattern {
            ruff::Pattern::MatchValue(node) => PatternKind::MatchValue { value: self.boxed(*node.value) },
            ruff::Pattern::MatchSingleton(node) => PatternKind::MatchSingleton {
                value: match node.value {
                    ruff::Singleton::None => Constant::None,
                    ruff::Singleton::True => Constant::True,
                    ruff::Singleton::False => Constant::False,
                },
            },
            ruff::Pattern::MatchSequence(node) => PatternKind::MatchSequence { patterns: self.patterns(node.patterns) },
            ruff::Pattern::MatchMapping(node) => PatternKind::MatchMapping {
                keys: self.exprs(node.keys),
                patterns: self.patterns(node.patterns),
                rest: node.rest.map(|rest| self.name(&rest)),
            },
            ruff::Pattern::MatchClass(node) => {
                let cls = self.boxed(*node.cls);
                let patterns = self.patterns(node.arguments.patterns);
                let (mut kwd_attrs, mut kwd_patterns) = (Vec::new(), Vec::new());
                for keyword in node.arguments.keywords {
                    kwd_attrs.push(self.name(&keyword.attr));
                    kwd_patterns.push(self.pattern(keyword.pattern));
                }
                PatternKind::MatchClass { cls, patterns, kwd_attrs, kwd_patterns }
            }
            ruff::Pattern::MatchStar(node) => {
                PatternKind::MatchStar { name: node.name.map(|name| self.name(&name)).filter(|name| name != "_") }
            }
            ruff::Pattern::MatchAs(node) => {
                let pattern = node.pattern.map(|pattern| Box::new(self.pattern(*pattern)));
                PatternKind::MatchAs { pattern, name: node.name.map(|name| self.name(&name)) }
            }
            ruff::Pattern::MatchOr(node) => PatternKind::MatchOr { patterns: self.patterns(node.patterns) },
        }
    }
}
