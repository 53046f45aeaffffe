//! Tests: jumps that depend on an expression, without making its truth value where that can be avoided.

use super::{Compiler, Done};
use crate::ast::{BoolOp, CmpOp, Expr, ExprKind, UnaryOp};
use crate::depth::grow;
use crate::flowgraph::{BlockId, Op};

/// The arguments of COMPARE_OP for the operators that it has.
fn comparison(op: CmpOp) -> (Op, u32) {
    match op {
        CmpOp::Lt => (Op::CompareOp, 0),
        CmpOp::LtE => (Op::CompareOp, 1),
        CmpOp::Eq => (Op::CompareOp, 2),
        CmpOp::NotEq => (Op::CompareOp, 3),
        CmpOp::Gt => (Op::CompareOp, 4),
        CmpOp::GtE => (Op::CompareOp, 5),
        CmpOp::Is => (Op::IsOp, 0),
        CmpOp::IsNot => (Op::IsOp, 1),
        CmpOp::In => (Op::ContainsOp, 0),
        CmpOp::NotIn => (Op::ContainsOp, 1),
    }
}

impl<'a> Compiler<'a> {
    /// Jumps to `target` if `node` is true (or, with `wanted` false, if it is false), and runs on otherwise.
    pub(super) fn jump_if(&mut self, node: &'a Expr, target: BlockId, wanted: bool) -> Done {
        grow(|| self.jump_if_kind(node, target, wanted))
    }

    fn jump_if_kind(&mut self, node: &'a Expr, target: BlockId, wanted: bool) -> Done {
        match &node.kind {
            ExprKind::UnaryOp { op: UnaryOp::Not, operand } => return self.jump_if(operand, target, !wanted),
            ExprKind::BoolOp { op, values } => {
                let Some((last, first)) = values.split_last() else { return Ok(()) };
                // The value that decides the whole: `or` is true at the first true one, `and` false at the first false one.
                let decides = *op == BoolOp::Or;
                let decided = if decides == wanted { target } else { self.new_block() };
                for value in first {
                    self.jump_if(value, decided, decides)?;
                }
                self.jump_if(last, target, wanted)?;
                if decided != target {
                    self.use_block(decided);
                }
                return Ok(());
            }
            ExprKind::IfExp { test, body, orelse } => {
                let end = self.new_block();
                let otherwise = self.new_block();
                self.jump_if(test, otherwise, false)?;
                self.jump_if(body, target, wanted)?;
                self.emit_unlocated_jump(Op::Jump, end);
                self.use_block(otherwise);
                self.jump_if(orelse, target, wanted)?;
                self.use_block(end);
                return Ok(());
            }
            ExprKind::Compare { left, ops, comparators } => {
                self.unit.at = node.location.into();
                if ops.len() > 1 {
                    return self.jump_if_chain(node, left, ops, comparators, target, wanted);
                }
            }
            _ => {}
        }
        self.expression(node)?;
        self.emit_jump(if wanted { Op::PopJumpIfTrue } else { Op::PopJumpIfFalse }, target);
        Ok(())
    }

    /// A chain of comparisons: each middle value is kept for the next one, and has to go if the chain ends early.
    fn jump_if_chain(
        &mut self,
        node: &'a Expr,
        left: &'a Expr,
        ops: &[CmpOp],
        comparators: &'a [Expr],
        target: BlockId,
        wanted: bool,
    ) -> Done {
        self.check_comparison(node);
        let cleanup = self.new_block();
        self.expression(left)?;
        let pairs = ops.iter().zip(comparators);
        let last = ops.len() - 1;
        for (index, (&op, comparator)) in pairs.enumerate() {
            self.expression(comparator)?;
            if index == last {
                self.emit_comparison(op);
            } else {
                self.emit(Op::Swap, 2);
                self.emit(Op::Copy, 2);
                self.emit_comparison(op);
                self.emit_jump(Op::PopJumpIfFalse, cleanup);
            }
        }
        self.emit_jump(if wanted { Op::PopJumpIfTrue } else { Op::PopJumpIfFalse }, target);
        let end = self.new_block();
        self.emit_unlocated_jump(Op::Jump, end);
        self.use_block(cleanup);
        self.emit(Op::PopTop, 0);
        if !wanted {
            self.emit_unlocated_jump(Op::Jump, target);
        }
        self.use_block(end);
        Ok(())
    }

    pub(super) fn emit_comparison(&mut self, op: CmpOp) {
        let (op, arg) = comparison(op);
        self.emit(op, arg);
    }

    /// A comparison, or a chain of them, as a value.
    pub(super) fn comparison_value(
        &mut self,
        node: &'a Expr,
        left: &'a Expr,
        ops: &[CmpOp],
        comparators: &'a [Expr],
    ) -> Done {
        self.check_comparison(node);
        self.expression(left)?;
        if let ([op], [comparator]) = (ops, comparators) {
            self.expression(comparator)?;
            self.emit_comparison(*op);
            return Ok(());
        }
        let cleanup = self.new_block();
        let last = ops.len().saturating_sub(1);
        for (index, (&op, comparator)) in ops.iter().zip(comparators).enumerate() {
            self.expression(comparator)?;
            if index == last {
                self.emit_comparison(op);
            } else {
                self.emit(Op::Swap, 2);
                self.emit(Op::Copy, 2);
                self.emit_comparison(op);
                self.emit_jump(Op::JumpIfFalseOrPop, cleanup);
            }
        }
        let end = self.new_block();
        self.emit_unlocated_jump(Op::Jump, end);
        self.use_block(cleanup);
        self.emit(Op::Swap, 2);
        self.emit(Op::PopTop, 0);
        self.use_block(end);
        Ok(())
    }

    /// `and` and `or` as values: the first value that decides, or the last one.
    pub(super) fn boolean_value(&mut self, op: BoolOp, values: &'a [Expr]) -> Done {
        let jump = if op == BoolOp::And { Op::JumpIfFalseOrPop } else { Op::JumpIfTrueOrPop };
        let end = self.new_block();
        let Some((last, first)) = values.split_last() else { return Ok(()) };
        for value in first {
            self.expression(value)?;
            self.emit_jump(jump, end);
            let next = self.new_block();
            self.use_block(next);
        }
        self.expression(last)?;
        self.use_block(end);
        Ok(())
    }

    /// `body if test else orelse` as a value.
    pub(super) fn conditional_value(&mut self, test: &'a Expr, body: &'a Expr, orelse: &'a Expr) -> Done {
        let end = self.new_block();
        let otherwise = self.new_block();
        self.jump_if(test, otherwise, false)?;
        self.expression(body)?;
        self.emit_unlocated_jump(Op::Jump, end);
        self.use_block(otherwise);
        self.expression(orelse)?;
        self.use_block(end);
        Ok(())
    }
}
