//! Constant values as they stand in a tree.

use num_bigint::BigInt;

/// An immutable string that may hold lone surrogates.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Text(Box<[u32]>);

impl Text {
    /// Builds a string from code points. `None` if one of them is past 0x10FFFF.
    pub fn from_code_points(points: impl IntoIterator<Item = u32>) -> Option<Text> {
        let points: Box<[u32]> = points.into_iter().collect();
        points.iter().all(|&point| point <= 0x10_FFFF).then_some(Text(points))
    }

    /// The code points in order.
    pub fn code_points(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter().copied()
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Text {
        Text(text.chars().map(u32::from).collect())
    }
}

/// The value of a `Constant` node.
#[derive(Clone, Debug, PartialEq)]
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
    /// An `int` that does not fit [`Constant::Int`].
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
}
