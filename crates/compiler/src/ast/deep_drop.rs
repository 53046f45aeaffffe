//! Dropping deep trees without deep native recursion.
//!
//! The drop glue of a chain of boxes recurses once for each link. `Expr` and `Stmt`, the two types through
//! which every deep chain passes, hand their contents to `drop_bounded`, which recurses like the glue to a
//! small depth and keeps the rest in a list that the outermost call works off.

use std::cell::{Cell, RefCell};

use super::{Constant, Expr, ExprKind, Stmt, StmtKind};

/// How deep the native recursion may go: each level is a few hundred bytes of stack.
const LIMIT: u32 = 100;

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    static WAITING: RefCell<Vec<Contents>> = const { RefCell::new(Vec::new()) };
}

/// What was in a dropped node.
enum Contents {
    Expr(#[expect(dead_code, reason = "held to be dropped")] ExprKind),
    Stmt(#[expect(dead_code, reason = "held to be dropped")] StmtKind),
}

impl Drop for Expr {
    fn drop(&mut self) {
        if !matches!(self.kind, ExprKind::Name { .. } | ExprKind::Constant { .. }) {
            let leaf = ExprKind::Constant { value: Constant::None, kind: None };
            drop_bounded(Contents::Expr(std::mem::replace(&mut self.kind, leaf)));
        }
    }
}

impl Drop for Stmt {
    fn drop(&mut self) {
        if !matches!(self.kind, StmtKind::Pass) {
            drop_bounded(Contents::Stmt(std::mem::replace(&mut self.kind, StmtKind::Pass)));
        }
    }
}

/// Drop `contents`, now or when the calls that are under way have returned.
fn drop_bounded(contents: Contents) {
    // While a thread ends its variables may be gone; then the plain recursion has to do.
    let Ok(depth) = DEPTH.try_with(Cell::get) else { return };
    if depth >= LIMIT {
        let _ = WAITING.try_with(|waiting| waiting.borrow_mut().push(contents));
        return;
    }
    let _ = DEPTH.try_with(|cell| cell.set(depth + 1));
    drop(contents);
    if depth == 0 {
        // The borrow ends before the contents are dropped, which may push more.
        while let Ok(Some(next)) = WAITING.try_with(|waiting| waiting.borrow_mut().pop()) {
            drop(next);
        }
    }
    let _ = DEPTH.try_with(|cell| cell.set(depth));
}
