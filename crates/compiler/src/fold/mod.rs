//! The constant folder: evaluates, in the tree, what constants alone decide.
//!
//! Folded are operators on constants (as long as the result stays small), `not` before a comparison, tuples of constants,
//! subscripts of constants, lists and sets that are only tested or iterated, `__debug__`, and simple `%` formats of a tuple.
//! What would raise is left alone. A folded node keeps the location of the operation.
//!
//! CPython's counterpart is `ast_opt.c`.

mod arithmetic;
mod format;
mod number;
mod walk;

pub(crate) use arithmetic::{comparable, distinct};

use crate::ast::{CmpOp, Constant, Expr, ExprContext, ExprKind, Mod, Operator, UnaryOp};
use crate::depth::Depth;
use crate::error::Fault;

/// Folds a tree in place.
///
/// `optimize` is the level that decides `__debug__`; annotations are left as they are if they are kept as text.
/// `limit` bounds the depth of the recursion.
pub(crate) fn fold(tree: &mut Mod, optimize: i8, text_annotations: bool, limit: u32) -> Result<(), Fault> {
    Folder { optimize, text_annotations, depth: Depth::new(limit) }.module(tree)
}

/// The state of the walk.
struct Folder {
    optimize: i8,
    text_annotations: bool,
    depth: Depth,
}

/// The constant that an expression is.
fn constant(node: &Expr) -> Option<&Constant> {
    match &node.kind {
        ExprKind::Constant { value, .. } => Some(value),
        _ => None,
    }
}

/// Makes an expression a constant, where it stands.
fn become_constant(node: &mut Expr, value: Constant) {
    node.kind = ExprKind::Constant { value, kind: None };
}

/// The constants that expressions are, if all are.
fn constants(nodes: &[Expr]) -> Option<Box<[Constant]>> {
    nodes.iter().map(|node| constant(node).cloned()).collect()
}

fn has_starred(nodes: &[Expr]) -> bool {
    nodes.iter().any(|node| matches!(node.kind, ExprKind::Starred { .. }))
}

/// Folds a unary operator whose operand is folded.
fn fold_unary(node: &mut Expr) {
    let ExprKind::UnaryOp { op, operand } = &mut node.kind else { return };
    if let Some(value) = constant(operand) {
        if let Some(value) = arithmetic::unary(*op, value) {
            become_constant(node, value);
        }
        return;
    }
    if *op != UnaryOp::Not {
        return;
    }
    // `not a in b` becomes `a not in b`, which then stands where `a in b` stood.
    if let ExprKind::Compare { ops, .. } = &mut operand.kind
        && let [only] = ops.as_mut_slice()
    {
        *only = match only {
            CmpOp::Is => CmpOp::IsNot,
            CmpOp::IsNot => CmpOp::Is,
            CmpOp::In => CmpOp::NotIn,
            CmpOp::NotIn => CmpOp::In,
            _ => return,
        };
        let location = operand.location;
        let kind = std::mem::replace(&mut operand.kind, ExprKind::Constant { value: Constant::None, kind: None });
        node.kind = kind;
        node.location = location;
    }
}

/// Folds a binary operator whose operands are folded.
fn fold_binary(node: &mut Expr) {
    let ExprKind::BinOp { left, op, right } = &mut node.kind else { return };
    let op = *op;
    let Some(value) = constant(left) else { return };
    if let (Operator::Mod, Constant::Str(text), ExprKind::Tuple { elts, .. }) = (op, value, &mut right.kind)
        && !has_starred(elts)
    {
        if let Some(values) = format::fold(text, elts) {
            node.kind = ExprKind::JoinedStr { values };
        }
        return;
    }
    let Some(other) = constant(right) else { return };
    if let Some(value) = arithmetic::binary(op, value, other) {
        become_constant(node, value);
    }
}

/// Folds a tuple whose elements are folded.
fn fold_tuple(node: &mut Expr) {
    if let ExprKind::Tuple { elts, ctx: ExprContext::Load } = &node.kind
        && let Some(items) = constants(elts)
    {
        become_constant(node, Constant::Tuple(items));
    }
}

/// Folds a subscript whose parts are folded.
fn fold_subscript(node: &mut Expr) {
    if let ExprKind::Subscript { value, slice, ctx: ExprContext::Load } = &node.kind
        && let (Some(value), Some(index)) = (constant(value), constant(slice))
        && let Some(item) = arithmetic::subscript(value, index)
    {
        become_constant(node, item);
    }
}

/// Folds the right side of a final `in` or `not in`.
fn fold_compare(node: &mut Expr) {
    if let ExprKind::Compare { ops, comparators, .. } = &mut node.kind
        && let (Some(CmpOp::In | CmpOp::NotIn), Some(last)) = (ops.last(), comparators.last_mut())
    {
        fold_iterable(last);
    }
}

/// Folds a list or set that nobody can keep: it may be a tuple or a frozen set.
fn fold_iterable(node: &mut Expr) {
    match &mut node.kind {
        ExprKind::List { elts, ctx } if !has_starred(elts) => {
            let elts = std::mem::take(elts);
            let ctx = *ctx;
            node.kind = ExprKind::Tuple { elts, ctx };
            fold_tuple(node);
        }
        ExprKind::Set { elts } => {
            if let Some(items) = constants(elts) {
                become_constant(node, Constant::FrozenSet(distinct(items)));
            }
        }
        _ => {}
    }
}
