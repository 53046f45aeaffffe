//! The three kinds of text: units of one, two and four bytes (PEP 393), and code generic over them.

/// A unit of stored text: a whole code point, in as few bytes as the text's largest one needs.
pub trait CodeUnit: Copy + Eq + Ord + Default + Send + Sync + std::fmt::Debug + 'static {
    /// The largest code point that a unit can hold.
    const MAX: u32;

    /// The code point.
    fn code(self) -> u32;

    /// The unit for a code point, where it fits.
    fn from_code(code: u32) -> Option<Self>;

    /// Index of the first occurrence of a unit.
    #[inline]
    fn position(text: &[Self], unit: Self) -> Option<usize> {
        // Whole chunks are tested without a branch for each unit, which the compiler turns into vector instructions.
        let (chunks, _) = text.as_chunks::<16>();
        let skipped = chunks.iter().take_while(|chunk| !chunk.iter().fold(false, |any, &other| any | (other == unit)));
        let from = skipped.count() * 16;
        let rest = text.get(from..)?;
        rest.iter().position(|&other| other == unit).map(|found| from + found)
    }

    /// Index of the last occurrence of a unit.
    fn last_position(text: &[Self], unit: Self) -> Option<usize> {
        text.iter().rposition(|&other| other == unit)
    }

    /// Index of the first occurrence of either unit.
    fn position2(text: &[Self], one: Self, two: Self) -> Option<usize> {
        text.iter().position(|&other| other == one || other == two)
    }

    /// The text as bytes, where the units are bytes.
    fn as_bytes(_text: &[Self]) -> Option<&[u8]> {
        None
    }

    /// The text with its kind.
    fn chars(text: &[Self]) -> Chars<'_>;
}

impl CodeUnit for u8 {
    const MAX: u32 = 0xFF;

    #[inline(always)]
    fn code(self) -> u32 {
        u32::from(self)
    }

    #[inline(always)]
    fn from_code(code: u32) -> Option<Self> {
        u8::try_from(code).ok()
    }

    #[inline]
    fn position(text: &[u8], unit: u8) -> Option<usize> {
        // A short text is looked through in the time that the call takes.
        if text.len() < 16 { text.iter().position(|&other| other == unit) } else { memchr::memchr(unit, text) }
    }

    #[inline]
    fn last_position(text: &[u8], unit: u8) -> Option<usize> {
        memchr::memrchr(unit, text)
    }

    #[inline]
    fn position2(text: &[u8], one: u8, two: u8) -> Option<usize> {
        memchr::memchr2(one, two, text)
    }

    #[inline(always)]
    fn as_bytes(text: &[u8]) -> Option<&[u8]> {
        Some(text)
    }

    fn chars(text: &[u8]) -> Chars<'_> {
        Chars::One(text)
    }
}

impl CodeUnit for u16 {
    const MAX: u32 = 0xFFFF;

    #[inline(always)]
    fn code(self) -> u32 {
        u32::from(self)
    }

    #[inline(always)]
    fn from_code(code: u32) -> Option<Self> {
        u16::try_from(code).ok()
    }

    fn chars(text: &[u16]) -> Chars<'_> {
        Chars::Two(text)
    }
}

impl CodeUnit for u32 {
    const MAX: u32 = 0x10_FFFF;

    #[inline(always)]
    fn code(self) -> u32 {
        self
    }

    #[inline(always)]
    fn from_code(code: u32) -> Option<Self> {
        Some(code)
    }

    fn chars(text: &[u32]) -> Chars<'_> {
        Chars::Four(text)
    }
}

/// Borrowed text of one of the three kinds.
#[derive(Clone, Copy, Debug)]
pub enum Chars<'a> {
    /// Code points up to U+00FF.
    One(&'a [u8]),
    /// Code points up to U+FFFF, surrogates among them.
    Two(&'a [u16]),
    /// All code points.
    Four(&'a [u32]),
}

/// Runs a body with the slice of a [`Chars`], whatever its kind.
#[macro_export]
macro_rules! with_units {
    ($chars:expr, $units:ident => $body:expr) => {
        match $chars {
            $crate::Chars::One($units) => $body,
            $crate::Chars::Two($units) => $body,
            $crate::Chars::Four($units) => $body,
        }
    };
}

impl<'a> Chars<'a> {
    /// The number of code points.
    #[inline]
    pub fn len(self) -> usize {
        with_units!(self, units => units.len())
    }

    /// Whether there is no code point.
    #[inline]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The code point at an index.
    #[inline]
    pub fn get(self, index: usize) -> Option<u32> {
        with_units!(self, units => units.get(index).map(|unit| unit.code()))
    }

    /// The code point at an index, which must be below the length (beyond it: 0).
    #[inline(always)]
    pub fn at(self, index: usize) -> u32 {
        self.get(index).unwrap_or_default()
    }

    /// The bytes of a unit: 1, 2 or 4.
    #[inline(always)]
    pub fn width(self) -> usize {
        match self {
            Chars::One(_) => 1,
            Chars::Two(_) => 2,
            Chars::Four(_) => 4,
        }
    }

    /// A number of the class of the largest code point: below 0x80, 0x100, 0x10000, or not, as that is.
    #[inline]
    pub fn class(self) -> u32 {
        // Or-ing keeps the highest bit that any of them has, and needs no comparisons.
        match self {
            Chars::One(units) if units.is_ascii() => 0,
            Chars::One(_) => 0x80,
            Chars::Two(units) => u32::from(units.iter().fold(0, |all, unit| all | unit)),
            Chars::Four(units) => units.iter().fold(0, |all, unit| all | unit),
        }
    }

    /// The part between two indices; both are held to the length.
    pub fn slice(self, start: usize, end: usize) -> Chars<'a> {
        let end = end.min(self.len());
        let start = start.min(end);
        match self {
            Chars::One(units) => Chars::One(units.get(start..end).unwrap_or_default()),
            Chars::Two(units) => Chars::Two(units.get(start..end).unwrap_or_default()),
            Chars::Four(units) => Chars::Four(units.get(start..end).unwrap_or_default()),
        }
    }

    /// The code points in order.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = u32> + ExactSizeIterator + 'a {
        (0..self.len()).map(move |index| self.get(index).unwrap_or_default())
    }

    /// Whether every code point is below U+0080.
    pub fn is_ascii(self) -> bool {
        match self {
            Chars::One(units) => units.is_ascii(),
            Chars::Two(units) => units.iter().all(|&unit| unit < 0x80),
            Chars::Four(units) => units.iter().all(|&unit| unit < 0x80),
        }
    }
}
