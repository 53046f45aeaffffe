//! What the recogniser keeps of an expression: enough to name it in a message.

use std::rc::Rc;

/// An expression: what it is, and its first and last token.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) kind: NodeKind,
    /// Where it begins and ends, in bytes.
    pub(super) start: u32,
    pub(super) end: u32,
}

/// What an expression is, as far as messages tell.
#[derive(Clone, Debug)]
pub(super) enum NodeKind {
    Name,
    Attribute,
    Subscript,
    Starred(Rc<Node>),
    List(Rc<[Node]>),
    Tuple(Rc<[Node]>),
    /// A comparison: with its left operand, if its first operator is `in`.
    Comparison(Option<Rc<Node>>),
    /// All else, by the name that messages give it.
    Other(&'static str),
}

/// What an expression is tried as.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Targets {
    Assign,
    For,
    Delete,
}

impl Node {
    pub(super) fn new(kind: NodeKind, start: u32, end: u32) -> Node {
        Node { kind, start, end }
    }

    /// The name that messages have for it.
    pub(super) fn name(&self) -> &'static str {
        match self.kind {
            NodeKind::Name => "name",
            NodeKind::Attribute => "attribute",
            NodeKind::Subscript => "subscript",
            NodeKind::Starred(_) => "starred",
            NodeKind::List(_) => "list",
            NodeKind::Tuple(_) => "tuple",
            NodeKind::Comparison(_) => "comparison",
            NodeKind::Other(name) => name,
        }
    }

    /// The first part of it that cannot be a target.
    pub(super) fn invalid_target(&self, targets: Targets) -> Option<&Node> {
        match &self.kind {
            NodeKind::Name | NodeKind::Attribute | NodeKind::Subscript => None,
            NodeKind::List(items) | NodeKind::Tuple(items) => {
                items.iter().find_map(|item| item.invalid_target(targets))
            }
            NodeKind::Starred(_) if targets == Targets::Delete => Some(self),
            NodeKind::Starred(value) => value.invalid_target(targets),
            // The `in` of a `for` may have been taken for a comparison.
            NodeKind::Comparison(left) if targets == Targets::For => {
                left.as_ref().and_then(|left| left.invalid_target(targets))
            }
            _ => Some(self),
        }
    }
}
