//! Constants of code objects, as data.
//!
//! Equality here is that of CPython's constant table: types are told apart (`1`, `1.0` and
//! `True` are three constants), so are the zeros of both signs, and a NaN equals itself bit
//! for bit. A `HashMap<Constant, u32>` therefore merges exactly what CPython's compiler merges.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use num_bigint::BigInt;

use crate::{Code, Text};

/// A value that a code object can hold in `co_consts`.
#[derive(Clone, Debug)]
pub enum Constant {
    /// `None`
    None,
    /// `True`
    True,
    /// `False`
    False,
    /// `...`
    Ellipsis,
    /// An `int` that fits.
    Int(i64),
    /// An `int` that does not fit [`Constant::Int`]; see [`Constant::from_bigint`].
    BigInt(BigInt),
    /// A `float`.
    Float(f64),
    /// A `complex`: real and imaginary part.
    Complex(f64, f64),
    /// A `str`.
    Str(Text),
    /// A `bytes`.
    Bytes(Box<[u8]>),
    /// A `tuple`.
    Tuple(Box<[Constant]>),
    /// A `frozenset`, in the order in which it was built.
    FrozenSet(Box<[Constant]>),
    /// A code object.
    Code(Arc<Code>),
}

impl Constant {
    /// An `int`, as [`Constant::Int`] if it fits: each number has one representation.
    pub fn from_bigint(value: BigInt) -> Constant {
        match i64::try_from(&value) {
            Ok(small) => Constant::Int(small),
            Err(_) => Constant::BigInt(value),
        }
    }

    /// `True` or `False`.
    pub fn from_bool(value: bool) -> Constant {
        if value { Constant::True } else { Constant::False }
    }

    /// A number for each type, for hashing and ordering.
    fn rank(&self) -> u8 {
        match self {
            Constant::None => 0,
            Constant::True => 1,
            Constant::False => 2,
            Constant::Ellipsis => 3,
            Constant::Int(_) => 4,
            Constant::BigInt(_) => 5,
            Constant::Float(_) => 6,
            Constant::Complex(..) => 7,
            Constant::Str(_) => 8,
            Constant::Bytes(_) => 9,
            Constant::Tuple(_) => 10,
            Constant::FrozenSet(_) => 11,
            Constant::Code(_) => 12,
        }
    }
}

impl From<&str> for Constant {
    fn from(text: &str) -> Constant {
        Constant::Str(text.into())
    }
}

impl From<i64> for Constant {
    fn from(value: i64) -> Constant {
        Constant::Int(value)
    }
}

impl PartialEq for Constant {
    fn eq(&self, other: &Constant) -> bool {
        match (self, other) {
            (Constant::None, Constant::None)
            | (Constant::True, Constant::True)
            | (Constant::False, Constant::False)
            | (Constant::Ellipsis, Constant::Ellipsis) => true,
            (Constant::Int(a), Constant::Int(b)) => a == b,
            (Constant::BigInt(a), Constant::BigInt(b)) => a == b,
            (Constant::Float(a), Constant::Float(b)) => a.to_bits() == b.to_bits(),
            (Constant::Complex(a, b), Constant::Complex(c, d)) => {
                a.to_bits() == c.to_bits() && b.to_bits() == d.to_bits()
            }
            (Constant::Str(a), Constant::Str(b)) => a == b,
            (Constant::Bytes(a), Constant::Bytes(b)) => a == b,
            (Constant::Tuple(a), Constant::Tuple(b)) => a == b,
            (Constant::FrozenSet(a), Constant::FrozenSet(b)) => same_elements(a, b),
            (Constant::Code(a), Constant::Code(b)) => Arc::ptr_eq(a, b) || a.equals(b),
            _ => false,
        }
    }
}

impl Eq for Constant {}

/// Whether two lists of distinct constants hold the same ones in any order.
fn same_elements(a: &[Constant], b: &[Constant]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    if a == b {
        return true;
    }
    let set: std::collections::HashSet<&Constant> = a.iter().collect();
    b.iter().all(|item| set.contains(item))
}

impl Hash for Constant {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.rank().hash(state);
        match self {
            Constant::None | Constant::True | Constant::False | Constant::Ellipsis => {}
            Constant::Int(value) => value.hash(state),
            Constant::BigInt(value) => value.hash(state),
            Constant::Float(value) => value.to_bits().hash(state),
            Constant::Complex(real, imaginary) => {
                real.to_bits().hash(state);
                imaginary.to_bits().hash(state);
            }
            Constant::Str(text) => text.hash(state),
            Constant::Bytes(bytes) => bytes.hash(state),
            Constant::Tuple(items) => items.hash(state),
            // The order of a set's elements must not matter.
            Constant::FrozenSet(items) => items.len().hash(state),
            Constant::Code(code) => {
                code.name.hash(state);
                code.firstlineno.hash(state);
                code.code.hash(state);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Constant;
    use num_bigint::BigInt;
    use std::collections::HashSet;

    #[test]
    fn types_and_signs_are_told_apart() {
        let distinct = [
            Constant::Int(0),
            Constant::False,
            Constant::Float(0.0),
            Constant::Float(-0.0),
            Constant::Complex(0.0, 0.0),
            Constant::Complex(0.0, -0.0),
            Constant::Complex(-0.0, 0.0),
            Constant::Str("".into()),
            Constant::Bytes([].into()),
            Constant::Tuple([].into()),
            Constant::FrozenSet([].into()),
            Constant::Tuple([Constant::Int(0)].into()),
            Constant::Tuple([Constant::False].into()),
        ];
        let set: HashSet<_> = distinct.iter().cloned().collect();
        assert_eq!(set.len(), distinct.len());
        assert_eq!(Constant::Float(f64::NAN), Constant::Float(f64::NAN));
    }

    #[test]
    fn sets_compare_without_order() {
        let set = |items: &[i64]| Constant::FrozenSet(items.iter().map(|&item| Constant::Int(item)).collect());
        assert_eq!(set(&[1, 2, 3]), set(&[3, 1, 2]));
        assert_ne!(set(&[1, 2, 3]), set(&[1, 2, 4]));
        assert!(HashSet::from([set(&[1, 2])]).contains(&set(&[2, 1])));
    }

    #[test]
    fn numbers_have_one_representation() {
        assert_eq!(Constant::from_bigint(BigInt::from(7)), Constant::Int(7));
        assert_eq!(Constant::from_bigint(BigInt::from(i64::MIN)), Constant::Int(i64::MIN));
        assert!(matches!(Constant::from_bigint(BigInt::from(u64::MAX)), Constant::BigInt(_)));
    }
}
