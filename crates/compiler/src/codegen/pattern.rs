//! `match` statements.
//!
//! A pattern looks at the value on top of the stack and takes it away. Names that it captures stay on the stack until the whole
//! pattern has matched, in the order in which they were captured, under whatever the pattern still needs
//! ([`Context::on_top`]). When a part does not match, all of that has to go: a jump out leads into a row of `POP_TOP`s,
//! at the one that removes as many values as there are ([`Context::fail_pop`]).

use std::collections::HashSet;

use super::{Compiler, Done};
use crate::ast::{CmpOp, Constant, Expr, ExprContext, ExprKind, MatchCase, Name, Operator, Pattern, PatternKind, Text};
use crate::depth::grow;
use crate::error::Fault;
use crate::flowgraph::{BlockId, Op};

/// Where the walk is in a pattern.
#[derive(Clone, Debug, Default)]
struct Context {
    /// The names captured so far, whose values are on the stack.
    stores: Vec<Name>,
    /// Whether a pattern that always matches may stand here.
    allow_irrefutable: bool,
    /// Where to go when something does not match: the block at index `n` removes `n` values first.
    fail_pop: Vec<BlockId>,
    /// How many values above the captured ones the patterns around still need.
    on_top: usize,
}

/// Whether the pattern is `_`.
fn is_wildcard(pattern: &Pattern) -> bool {
    matches!(pattern.kind, PatternKind::MatchAs { name: None, .. })
}

/// Whether the pattern is `*_`.
fn is_star_wildcard(pattern: &Pattern) -> bool {
    matches!(pattern.kind, PatternKind::MatchStar { name: None })
}

fn is_star(pattern: &Pattern) -> bool {
    matches!(pattern.kind, PatternKind::MatchStar { .. })
}

impl<'a> Compiler<'a> {
    pub(super) fn match_statement(&mut self, subject: &'a Expr, cases: &'a [MatchCase]) -> Done {
        self.expression(subject)?;
        let end = self.new_block();
        let default = cases.last().filter(|last| is_wildcard(&last.pattern) && cases.len() > 1);
        let refutable = cases.len() - usize::from(default.is_some());
        for (index, case) in cases.iter().enumerate().take(refutable) {
            self.unit.at = case.pattern.location.into();
            // The last case that looks at the subject takes it away.
            let is_last = index + 1 == refutable;
            if !is_last {
                self.emit(Op::Copy, 1);
            }
            let mut context =
                Context { allow_irrefutable: case.guard.is_some() || index + 1 == cases.len(), ..Context::default() };
            self.pattern(&case.pattern, &mut context)?;
            for name in &context.stores {
                self.store_name(name)?;
            }
            if let Some(guard) = &case.guard {
                let fail = self.fail_block(0, &mut context);
                self.jump_if(guard, fail, false)?;
            }
            if !is_last {
                self.emit(Op::PopTop, 0);
            }
            self.statements(&case.body)?;
            self.unlocate();
            self.emit_jump(Op::Jump, end);
            // What cleans up after a pattern that did not match belongs to the pattern.
            self.unit.at = case.pattern.location.into();
            self.emit_fail_pops(&mut context);
        }
        if let Some(default) = default {
            self.unit.at = default.pattern.location.into();
            // Without it, nothing would show the line of `case _`.
            self.emit(Op::Nop, 0);
            if let Some(guard) = &default.guard {
                self.jump_if(guard, end, false)?;
            }
            self.statements(&default.body)?;
            self.unlocate();
        }
        self.use_block(end);
        Ok(())
    }

    /// The block to jump to that removes `count` values.
    fn fail_block(&mut self, count: usize, context: &mut Context) -> BlockId {
        loop {
            if let Some(&block) = context.fail_pop.get(count) {
                return block;
            }
            let block = self.new_block();
            context.fail_pop.push(block);
        }
    }

    /// Jumps to where the values of this pattern are removed.
    fn jump_to_fail(&mut self, op: Op, context: &mut Context) {
        let target = self.fail_block(context.on_top + context.stores.len(), context);
        self.emit_jump(op, target);
    }

    /// Emits the row of `POP_TOP`s.
    fn emit_fail_pops(&mut self, context: &mut Context) {
        let blocks = std::mem::take(&mut context.fail_pop);
        for (count, block) in blocks.into_iter().enumerate().rev() {
            self.use_block(block);
            if count > 0 {
                self.emit(Op::PopTop, 0);
            }
        }
    }

    /// Moves the top of the stack under `count - 1` values.
    fn rotate(&mut self, count: usize) {
        for depth in (2..=count).rev() {
            self.emit_count(Op::Swap, depth);
        }
    }

    fn pattern(&mut self, node: &'a Pattern, context: &mut Context) -> Done {
        self.unit.at = node.location.into();
        grow(|| self.pattern_kind(node, context))
    }

    /// A pattern inside another one: it may match always.
    fn inner_pattern(&mut self, node: &'a Pattern, context: &mut Context) -> Done {
        let outer = std::mem::replace(&mut context.allow_irrefutable, true);
        self.pattern(node, context)?;
        context.allow_irrefutable = outer;
        Ok(())
    }

    fn pattern_kind(&mut self, node: &'a Pattern, context: &mut Context) -> Done {
        match &node.kind {
            PatternKind::MatchValue { value } => {
                if !matches!(value.kind, ExprKind::Constant { .. } | ExprKind::Attribute { .. }) {
                    return self.error("patterns may only match literals and attribute lookups");
                }
                self.expression(value)?;
                self.emit_comparison(CmpOp::Eq);
                self.jump_to_fail(Op::PopJumpIfFalse, context);
                Ok(())
            }
            PatternKind::MatchSingleton { value } => {
                self.load_constant(value.clone());
                self.emit_comparison(CmpOp::Is);
                self.jump_to_fail(Op::PopJumpIfFalse, context);
                Ok(())
            }
            PatternKind::MatchSequence { patterns } => self.sequence_pattern(patterns, context),
            PatternKind::MatchMapping { keys, patterns, rest } => {
                self.mapping_pattern(keys, patterns, rest.as_ref(), context)
            }
            PatternKind::MatchClass { cls, patterns, kwd_attrs, kwd_patterns } => {
                self.class_pattern(cls, patterns, kwd_attrs, kwd_patterns, context)
            }
            PatternKind::MatchStar { name } => self.capture(name.as_ref(), context),
            PatternKind::MatchAs { pattern: None, name } => {
                if !context.allow_irrefutable {
                    return match name {
                        Some(name) => self.error(format!("name capture '{name}' makes remaining patterns unreachable")),
                        None => self.error("wildcard makes remaining patterns unreachable"),
                    };
                }
                self.capture(name.as_ref(), context)
            }
            PatternKind::MatchAs { pattern: Some(pattern), name } => {
                context.on_top += 1;
                self.emit(Op::Copy, 1);
                self.pattern(pattern, context)?;
                context.on_top -= 1;
                self.capture(name.as_ref(), context)
            }
            PatternKind::MatchOr { patterns } => self.or_pattern(patterns, context),
        }
    }

    /// Takes the top of the stack as the value of a name.
    fn capture(&mut self, name: Option<&Name>, context: &mut Context) -> Done {
        let Some(name) = name else {
            self.emit(Op::PopTop, 0);
            return Ok(());
        };
        self.refuse_debug(name, ExprContext::Store)?;
        if context.stores.contains(name) {
            return self.error(format!("multiple assignments to name '{name}' in pattern"));
        }
        self.rotate(context.on_top + context.stores.len() + 1);
        context.stores.push(name.clone());
        Ok(())
    }

    fn sequence_pattern(&mut self, patterns: &'a [Pattern], context: &mut Context) -> Done {
        let star = patterns.iter().position(is_star);
        if patterns.iter().filter(|pattern| is_star(pattern)).count() > 1 {
            return self.error("multiple starred names in sequence pattern");
        }
        let only_wildcards = patterns.iter().all(|pattern| is_wildcard(pattern) || is_star_wildcard(pattern));
        context.on_top += 1;
        self.emit(Op::MatchSequence, 0);
        self.jump_to_fail(Op::PopJumpIfFalse, context);
        let length = match star {
            None => Some((patterns.len(), CmpOp::Eq)),
            Some(_) if patterns.len() > 1 => Some((patterns.len() - 1, CmpOp::GtE)),
            Some(_) => None,
        };
        if let Some((length, op)) = length {
            self.check_length(length, op, context);
        }
        context.on_top -= 1;
        match star {
            _ if only_wildcards => {
                self.emit(Op::PopTop, 0);
                Ok(())
            }
            Some(star) if is_star_wildcard(&patterns[star]) => self.match_by_index(patterns, star, context),
            _ => {
                self.emit_unpacking(
                    patterns.len(),
                    patterns.iter().map(is_star),
                    "too many expressions in star-unpacking sequence pattern",
                    "multiple starred expressions in sequence pattern",
                )?;
                self.match_unpacked(patterns, context)
            }
        }
    }

    /// Compares the length of the subject, which stays on the stack.
    fn check_length(&mut self, length: usize, op: CmpOp, context: &mut Context) {
        self.emit(Op::GetLen, 0);
        self.load_constant(Constant::Int(i64::try_from(length).unwrap_or(i64::MAX)));
        self.emit_comparison(op);
        self.jump_to_fail(Op::PopJumpIfFalse, context);
    }

    /// Matches values on the stack, the first on top, with patterns.
    fn match_unpacked(&mut self, patterns: &'a [Pattern], context: &mut Context) -> Done {
        context.on_top += patterns.len();
        for pattern in patterns {
            context.on_top -= 1;
            self.inner_pattern(pattern, context)?;
        }
        Ok(())
    }

    /// Matches items of the subject one by one: those that `*_` stands for need not be fetched.
    fn match_by_index(&mut self, patterns: &'a [Pattern], star: usize, context: &mut Context) -> Done {
        context.on_top += 1;
        for (index, pattern) in patterns.iter().enumerate() {
            if is_wildcard(pattern) || index == star {
                continue;
            }
            self.emit(Op::Copy, 1);
            let number = |value: usize| Constant::Int(i64::try_from(value).unwrap_or(i64::MAX));
            if index < star {
                self.load_constant(number(index));
            } else {
                // The subject need not know negative indices.
                self.emit(Op::GetLen, 0);
                self.load_constant(number(patterns.len() - index));
                self.emit(Op::BinaryOp, super::expression::operation(Operator::Sub));
            }
            self.emit(Op::BinarySubscr, 0);
            self.inner_pattern(pattern, context)?;
        }
        context.on_top -= 1;
        self.emit(Op::PopTop, 0);
        Ok(())
    }

    fn mapping_pattern(
        &mut self,
        keys: &'a [Expr],
        patterns: &'a [Pattern],
        rest: Option<&Name>,
        context: &mut Context,
    ) -> Done {
        if keys.len() != patterns.len() {
            return self.error(format!(
                "keys ({}) / patterns ({}) length mismatch in mapping pattern",
                keys.len(),
                patterns.len()
            ));
        }
        context.on_top += 1;
        self.emit(Op::MatchMapping, 0);
        self.jump_to_fail(Op::PopJumpIfFalse, context);
        if keys.is_empty() && rest.is_none() {
            context.on_top -= 1;
            self.emit(Op::PopTop, 0);
            return Ok(());
        }
        if !keys.is_empty() {
            self.check_length(keys.len(), CmpOp::GtE, context);
        }
        self.mapping_keys(keys)?;
        self.emit_count(Op::BuildTuple, keys.len());
        self.emit(Op::MatchKeys, 0);
        // The keys and the values are on the subject now.
        context.on_top += 2;
        self.fail_if_none(context);
        self.emit_count(Op::UnpackSequence, keys.len());
        context.on_top -= 1;
        self.match_unpacked(patterns, context)?;
        context.on_top -= 2;
        match rest {
            None => {
                self.emit(Op::PopTop, 0);
                self.emit(Op::PopTop, 0);
                Ok(())
            }
            Some(_) => {
                self.rest_of_mapping(keys.len());
                self.capture(rest, context)
            }
        }
    }

    /// Jumps away if the top of the stack is `None`; it stays there.
    fn fail_if_none(&mut self, context: &mut Context) {
        self.emit(Op::Copy, 1);
        self.load_constant(Constant::None);
        self.emit(Op::IsOp, 1);
        self.jump_to_fail(Op::PopJumpIfFalse, context);
    }

    /// Replaces the subject and the tuple of keys by a copy of the subject without those keys.
    fn rest_of_mapping(&mut self, keys: usize) {
        self.emit(Op::BuildMap, 0);
        self.emit(Op::Swap, 3);
        self.emit(Op::DictUpdate, 2);
        self.emit_count(Op::UnpackSequence, keys);
        for left in (1..=keys).rev() {
            self.emit_count(Op::Copy, 1 + left);
            self.emit(Op::Swap, 2);
            self.emit(Op::DeleteSubscr, 0);
        }
    }

    /// Pushes the keys of a mapping pattern, which must be literals or attributes, all different.
    fn mapping_keys(&mut self, keys: &'a [Expr]) -> Done {
        let mut seen = HashSet::new();
        for key in keys {
            match &key.kind {
                ExprKind::Constant { value, .. } => {
                    if !seen.insert(crate::fold::comparable(value)) {
                        let shown = crate::unparse::constant(value);
                        return self.error(format!("mapping pattern checks duplicate key ({shown})"));
                    }
                }
                ExprKind::Attribute { .. } => {}
                _ => {
                    return self.error("mapping pattern keys may only match literals and attribute lookups");
                }
            }
            self.expression(key)?;
        }
        Ok(())
    }

    fn class_pattern(
        &mut self,
        class: &'a Expr,
        patterns: &'a [Pattern],
        attributes: &'a [Name],
        attribute_patterns: &'a [Pattern],
        context: &mut Context,
    ) -> Done {
        if attributes.len() != attribute_patterns.len() {
            return self.error(format!(
                "kwd_attrs ({}) / kwd_patterns ({}) length mismatch in class pattern",
                attributes.len(),
                attribute_patterns.len()
            ));
        }
        for (index, name) in attributes.iter().enumerate() {
            self.refuse_debug(name, ExprContext::Store)?;
            let later = attributes.iter().zip(attribute_patterns).skip(index + 1);
            if let Some((_, repeated)) = later.clone().find(|(other, _)| *other == name) {
                let message = format!("attribute name repeated in class pattern: {name}");
                return Err(Fault::syntax(message, repeated.location));
            }
        }
        self.expression(class)?;
        let names = attributes.iter().map(|name| Constant::Str(Text::from(name.as_str()))).collect();
        self.load_constant(Constant::Tuple(names));
        self.emit_count(Op::MatchClass, patterns.len());
        // A tuple of the attributes has taken the subject's place, or `None`.
        context.on_top += 1;
        self.fail_if_none(context);
        let count = patterns.len() + attributes.len();
        self.emit_count(Op::UnpackSequence, count);
        context.on_top += count;
        context.on_top -= 1;
        for pattern in patterns.iter().chain(attribute_patterns) {
            context.on_top -= 1;
            if is_wildcard(pattern) {
                self.emit(Op::PopTop, 0);
                continue;
            }
            self.inner_pattern(pattern, context)?;
        }
        Ok(())
    }

    fn or_pattern(&mut self, patterns: &'a [Pattern], context: &mut Context) -> Done {
        let end = self.new_block();
        // The names of the first alternative, in its order: the others have to bind the same ones.
        let mut bound: Vec<Name> = Vec::new();
        for (index, alternative) in patterns.iter().enumerate() {
            self.unit.at = alternative.location.into();
            let mut inner = Context {
                allow_irrefutable: index + 1 == patterns.len() && context.allow_irrefutable,
                ..Context::default()
            };
            self.emit(Op::Copy, 1);
            self.pattern(alternative, &mut inner)?;
            if index == 0 {
                bound = inner.stores.clone();
            } else {
                self.reorder(&mut inner.stores, &bound)?;
            }
            self.emit_jump(Op::Jump, end);
            self.emit_fail_pops(&mut inner);
        }
        self.emit(Op::PopTop, 0);
        self.jump_to_fail(Op::Jump, context);
        self.use_block(end);
        // The captured values lie under the copy of the subject; bring each to where captured values belong.
        let rotations = bound.len() + 1 + context.on_top + context.stores.len();
        for name in bound {
            self.rotate(rotations);
            if context.stores.contains(&name) {
                return self.error(format!("multiple assignments to name '{name}' in pattern"));
            }
            context.stores.push(name);
        }
        self.emit(Op::PopTop, 0);
        Ok(())
    }

    /// Brings captured values into the order of `wanted`.
    fn reorder(&mut self, stores: &mut [Name], wanted: &[Name]) -> Done {
        const DIFFERENT: &str = "alternative patterns bind different names";
        if stores.len() != wanted.len() {
            return self.error(DIFFERENT);
        }
        for index in (0..wanted.len()).rev() {
            let Some(found) = stores.iter().position(|name| *name == wanted[index]) else {
                return self.error(DIFFERENT);
            };
            if found == index {
                continue;
            }
            if found > index {
                return Err(Fault::Internal("captured names out of order"));
            }
            // The values up to the found one go behind it, in the list and on the stack.
            stores[..=index].rotate_left(found + 1);
            for _ in 0..=found {
                self.rotate(index + 1);
            }
        }
        Ok(())
    }
}
