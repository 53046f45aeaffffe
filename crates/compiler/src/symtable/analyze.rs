//! Decides what each name of each scope is, from how all scopes use it.
//!
//! Going down, a scope is told which names enclosing functions bind and which are declared global. Coming back, it is told which
//! names the scopes inside left free: it makes cells of those that it binds and hands the others on.
//! The walk keeps a stack of its own, since scopes nest as deep as the source says.

use std::collections::HashSet;
use std::rc::Rc;

use super::{
    DEF_BOUND, DEF_FREE_CLASS, DEF_GLOBAL, DEF_NONLOCAL, Resolution, SCOPE_OFFSET, ScopeId, ScopeKind, SymbolTable,
};
use crate::ast::Name;
use crate::error::Fault;

type Names = HashSet<Name>;

/// A scope whose children are being analysed.
struct Frame {
    scope: ScopeId,
    next_child: usize,
    /// The names that enclosing functions bind; `None` outside of everything.
    bound: Option<Names>,
    /// For each symbol, in order.
    resolutions: Vec<Resolution>,
    /// What children get.
    bound_inside: Rc<Names>,
    global_inside: Rc<Names>,
    /// What is left free, in the order in which it was found.
    free: Vec<Name>,
    /// The names in `free`.
    free_names: Names,
}

/// Resolves every name of the table.
pub(super) fn analyze(table: &mut SymbolTable) -> Result<(), Fault> {
    let mut frames = vec![Frame::enter(table, SymbolTable::TOP, None, Names::new())?];
    while let Some(frame) = frames.last_mut() {
        let child = table.scope(frame.scope).children.get(frame.next_child).copied();
        frame.next_child += 1;
        if let Some(child) = child {
            let bound = (*frame.bound_inside).clone();
            let global = (*frame.global_inside).clone();
            frames.push(Frame::enter(table, child, Some(bound), global)?);
            continue;
        }
        let Some(mut frame) = frames.pop() else { break };
        frame.finish(table);
        if let Some(parent) = frames.last_mut() {
            let child = table.scope(frame.scope);
            if child.has_free || child.child_has_free {
                table.scope_mut(parent.scope).child_has_free = true;
            }
            for name in frame.free {
                parent.add_free(&name);
            }
        }
    }
    Ok(())
}

impl Frame {
    /// Resolves the names of one scope as far as what encloses it decides.
    fn enter(
        table: &mut SymbolTable,
        id: ScopeId,
        mut bound: Option<Names>,
        mut global: Names,
    ) -> Result<Frame, Fault> {
        let scope = table.scope(id);
        let is_class = scope.kind == ScopeKind::Class;
        // What a class binds is not seen in its methods, so they get what encloses the class.
        let mut bound_inside = if is_class { bound.clone().unwrap_or_default() } else { Names::new() };
        let mut global_inside = if is_class { global.clone() } else { Names::new() };
        let mut local = Names::new();
        let mut free = Vec::new();
        let mut resolutions = Vec::new();
        let mut has_free = false;
        for (name, flags) in scope.symbols.iter() {
            let resolution = if flags & DEF_GLOBAL != 0 {
                if flags & DEF_NONLOCAL != 0 {
                    return Err(scope.directive_error(name, format!("name '{name}' is nonlocal and global")));
                }
                global.insert(name.clone());
                if let Some(bound) = &mut bound {
                    bound.remove(name);
                }
                Resolution::GlobalExplicit
            } else if flags & DEF_NONLOCAL != 0 {
                match &bound {
                    None => {
                        let message = "nonlocal declaration not allowed at module level".to_owned();
                        return Err(scope.directive_error(name, message));
                    }
                    Some(bound) if !bound.contains(name) => {
                        return Err(scope.directive_error(name, format!("no binding for nonlocal '{name}' found")));
                    }
                    Some(_) => Resolution::Free,
                }
            } else if flags & DEF_BOUND != 0 {
                local.insert(name.clone());
                global.remove(name);
                Resolution::Local
            } else if bound.as_ref().is_some_and(|bound| bound.contains(name)) {
                Resolution::Free
            } else {
                if !global.contains(name) && scope.nested {
                    has_free = true;
                }
                Resolution::GlobalImplicit
            };
            if resolution == Resolution::Free {
                has_free = true;
                free.push(name.clone());
            }
            resolutions.push(resolution);
        }
        if is_class {
            bound_inside.insert(Name::from("__class__"));
        } else {
            if scope.kind == ScopeKind::Function {
                bound_inside.extend(local);
            }
            bound_inside.extend(bound.iter().flatten().cloned());
            global_inside.extend(global);
        }
        table.scope_mut(id).has_free |= has_free;
        let mut frame = Frame {
            scope: id,
            next_child: 0,
            bound,
            resolutions,
            bound_inside: Rc::new(bound_inside),
            global_inside: Rc::new(global_inside),
            free: Vec::new(),
            free_names: Names::new(),
        };
        // The scope's own free names go to its parent too, but do not count as left free by a child.
        frame.free = free;
        Ok(frame)
    }

    fn add_free(&mut self, name: &Name) {
        if self.free_names.insert(name.clone()) {
            self.free.push(name.clone());
        }
    }

    /// Takes what the children left free into account.
    fn finish(&mut self, table: &mut SymbolTable) {
        let scope = table.scope_mut(self.scope);
        match scope.kind {
            ScopeKind::Function => {
                for ((name, _), resolution) in scope.symbols.iter().zip(&mut self.resolutions) {
                    if *resolution == Resolution::Local && self.free_names.remove(name) {
                        *resolution = Resolution::Cell;
                    }
                }
            }
            ScopeKind::Class => {
                if self.free_names.remove("__class__") {
                    scope.needs_class_cell = true;
                }
            }
            ScopeKind::Module | ScopeKind::Annotation => {}
        }
        let entries = &mut scope.symbols.entries;
        for ((_, flags), resolution) in entries.iter_mut().zip(&self.resolutions) {
            *flags |= (*resolution as u32) << SCOPE_OFFSET;
        }
        let own = &self.resolutions;
        let is_own_free = |index: usize| own.get(index) == Some(&Resolution::Free);
        let mut kept = Vec::new();
        let mut seen = Names::new();
        for name in std::mem::take(&mut self.free) {
            let index = scope.symbols.indices.get(&name).copied();
            let from_child = self.free_names.contains(&name);
            if !from_child && !index.is_some_and(is_own_free) {
                continue;
            }
            if !seen.insert(name.clone()) {
                continue;
            }
            if from_child {
                match index {
                    Some(_) => {
                        let flags = scope.symbols.get(&name).unwrap_or(0);
                        if scope.kind == ScopeKind::Class && flags & (DEF_BOUND | DEF_GLOBAL) != 0 {
                            scope.symbols.set(&name, flags | DEF_FREE_CLASS);
                        }
                    }
                    None => {
                        if self.bound.as_ref().is_none_or(|bound| bound.contains(&name)) {
                            scope.symbols.set(&name, (Resolution::Free as u32) << SCOPE_OFFSET);
                        }
                    }
                }
            }
            kept.push(name);
        }
        self.free = kept;
    }
}
