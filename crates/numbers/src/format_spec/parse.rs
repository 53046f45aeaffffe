//! Parsing of a format specification.

use super::{Align, FormatError, Sign, quoted};

/// A parsed specification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The code point that pads; a space if none is given.
    pub fill: u32,
    /// Where the padding goes.
    pub align: Align,
    /// Which sign is shown, if one is given.
    pub sign: Option<Sign>,
    /// `z`: a negative zero loses its sign.
    pub no_negative_zero: bool,
    /// `#`: the alternate form.
    pub alternate: bool,
    /// The least width.
    pub width: Option<usize>,
    /// `,` or `_`: what separates groups of digits.
    pub grouping: Option<u8>,
    /// What stands after the point.
    pub precision: Option<usize>,
    /// The type as a code point; the default's if none is given.
    pub kind: u32,
}

/// What a specification means where it says nothing.
#[derive(Clone, Copy, Debug)]
pub struct Defaults<'a> {
    /// The type, as a code point: `s`, `d`, or 0 for floats and complex numbers.
    pub kind: u32,
    /// The alignment.
    pub align: Align,
    /// The name of the value's type, for messages.
    pub type_name: &'a str,
    /// The value of a code point beyond ASCII that is a decimal digit: widths may be written in any script.
    pub decimal: fn(u32) -> Option<u8>,
}

/// No digits beyond ASCII.
fn only_ascii(_: u32) -> Option<u8> {
    None
}

impl Defaults<'static> {
    /// For strings.
    pub const STR: Self = Defaults { kind: b's' as u32, align: Align::Left, type_name: "str", decimal: only_ascii };
    /// For floats.
    pub const FLOAT: Self = Defaults { kind: 0, align: Align::Right, type_name: "float", decimal: only_ascii };
    /// For complex numbers.
    pub const COMPLEX: Self = Defaults { kind: 0, align: Align::Right, type_name: "complex", decimal: only_ascii };
    /// For integers.
    pub const INT: Self = Defaults { kind: b'd' as u32, align: Align::Right, type_name: "int", decimal: only_ascii };
}

/// The specification's code points, and how far they are read.
struct Reader<F> {
    at: F,
    len: usize,
    pos: usize,
    decimal: fn(u32) -> Option<u8>,
}

impl<F: Fn(usize) -> u32> Reader<F> {
    fn peek(&self, ahead: usize) -> Option<u32> {
        let i = self.pos.checked_add(ahead)?;
        (i < self.len).then(|| (self.at)(i))
    }

    fn accept(&mut self, byte: u8) -> bool {
        let found = self.peek(0) == Some(u32::from(byte));
        self.pos += usize::from(found);
        found
    }

    /// A decimal number, if there is one.
    fn number(&mut self) -> Result<Option<usize>, FormatError> {
        let mut value = None;
        let digit = |code: u32| match code {
            0..128 => (code as u8).is_ascii_digit().then(|| code as u8 - b'0'),
            _ => (self.decimal)(code),
        };
        while let Some(digit) = self.peek(0).and_then(digit) {
            let next = value.unwrap_or(0isize).checked_mul(10).and_then(|v| v.checked_add(digit as isize));
            value = Some(next.ok_or_else(|| FormatError::value("Too many decimal digits in format string"))?);
            self.pos += 1;
        }
        Ok(value.map(|v| v as usize))
    }
}

fn align(c: Option<u32>) -> Option<Align> {
    match u8::try_from(c?).ok()? {
        b'<' => Some(Align::Left),
        b'>' => Some(Align::Right),
        b'^' => Some(Align::Center),
        b'=' => Some(Align::AfterSign),
        _ => None,
    }
}

impl Spec {
    /// The specification that says nothing.
    pub fn empty(defaults: &Defaults<'_>) -> Spec {
        Spec {
            fill: u32::from(b' '),
            align: defaults.align,
            sign: None,
            no_negative_zero: false,
            alternate: false,
            width: None,
            grouping: None,
            precision: None,
            kind: defaults.kind,
        }
    }

    /// Parses a specification of `len` code points, which `at` gives.
    pub fn parse(len: usize, at: impl Fn(usize) -> u32, defaults: &Defaults<'_>) -> Result<Spec, FormatError> {
        let mut spec = Spec::empty(defaults);
        spec.read(len, at, defaults)?;
        Ok(spec)
    }

    /// As `parse`, into an empty specification that stays where it is: a copy of what was just written field by field is waited for.
    pub fn read(&mut self, len: usize, at: impl Fn(usize) -> u32, defaults: &Defaults<'_>) -> Result<(), FormatError> {
        let mut reader = Reader { at, len, pos: 0, decimal: defaults.decimal };
        self.read_alignment_to_width(&mut reader, defaults)?;
        self.read_grouping(&mut reader)?;
        if reader.accept(b'.') {
            self.precision = reader.number()?;
            if self.precision.is_none() {
                return Err(FormatError::value("Format specifier missing precision"));
            }
        }
        if reader.len - reader.pos > 1 {
            return Err(invalid(&reader, defaults));
        }
        self.kind = reader.peek(0).unwrap_or(defaults.kind);
        self.check_grouping()
    }

    /// Parses a specification given as a string.
    pub fn parse_str(text: &str, defaults: &Defaults<'_>) -> Result<Spec, FormatError> {
        if text.is_ascii() {
            let bytes = text.as_bytes();
            return Spec::parse(bytes.len(), |i| u32::from(bytes[i]), defaults);
        }
        let points: Vec<u32> = text.chars().map(u32::from).collect();
        Spec::parse(points.len(), |i| points[i], defaults)
    }

    fn read_alignment_to_width<F: Fn(usize) -> u32>(
        &mut self,
        reader: &mut Reader<F>,
        defaults: &Defaults<'_>,
    ) -> Result<(), FormatError> {
        let (mut fill_given, mut align_given) = (false, false);
        if let (Some(fill), Some(found)) = (reader.peek(0), align(reader.peek(1))) {
            (self.fill, self.align) = (fill, found);
            (fill_given, align_given) = (true, true);
            reader.pos += 2;
        } else if let Some(found) = align(reader.peek(0)) {
            self.align = found;
            align_given = true;
            reader.pos += 1;
        }
        self.sign = if reader.accept(b'+') {
            Some(Sign::Plus)
        } else if reader.accept(b'-') {
            Some(Sign::Minus)
        } else if reader.accept(b' ') {
            Some(Sign::Space)
        } else {
            None
        };
        self.no_negative_zero = reader.accept(b'z');
        self.alternate = reader.accept(b'#');
        // A zero before the width asks for padding with zeros, unless a fill is given: then it belongs to the width.
        if !fill_given && reader.accept(b'0') {
            self.fill = u32::from(b'0');
            if !align_given && defaults.align == Align::Right {
                self.align = Align::AfterSign;
            }
        }
        self.width = reader.number()?;
        Ok(())
    }

    fn read_grouping<F: Fn(usize) -> u32>(&mut self, reader: &mut Reader<F>) -> Result<(), FormatError> {
        let both = || FormatError::value("Cannot specify both ',' and '_'.");
        if reader.accept(b',') {
            self.grouping = Some(b',');
        }
        if reader.accept(b'_') {
            if self.grouping.is_some() {
                return Err(both());
            }
            self.grouping = Some(b'_');
        }
        if self.grouping == Some(b'_') && reader.accept(b',') {
            return Err(both());
        }
        Ok(())
    }

    /// Whether nothing is asked for but a type, a precision and the alternate form, and the locale says nothing.
    pub fn is_plain(&self) -> bool {
        self.width.is_none()
            && self.sign.is_none()
            && self.grouping.is_none()
            && !self.no_negative_zero
            && self.kind != u32::from(b'n')
    }

    fn check_grouping(&self) -> Result<(), FormatError> {
        let Some(separator) = self.grouping else { return Ok(()) };
        match u8::try_from(self.kind) {
            Ok(b'd' | b'e' | b'f' | b'g' | b'E' | b'F' | b'G' | b'%' | 0) => Ok(()),
            Ok(b'b' | b'o' | b'x' | b'X') if separator == b'_' => Ok(()),
            _ => Err(FormatError::Value(format!(
                "Cannot specify '{}' with {}.",
                char::from(separator),
                quoted(self.kind)
            ))),
        }
    }
}

fn invalid<F: Fn(usize) -> u32>(reader: &Reader<F>, defaults: &Defaults<'_>) -> FormatError {
    let (before, after) = ("Invalid format specifier '", format!("' for object of type '{}'", defaults.type_name));
    let points = (0..reader.len).map(|index| (reader.at)(index));
    match points.clone().map(char::from_u32).collect::<Option<String>>() {
        Some(text) => FormatError::Value(format!("{before}{text}{after}")),
        None => FormatError::Points(
            before.chars().map(u32::from).chain(points).chain(after.chars().map(u32::from)).collect(),
        ),
    }
}
