//! Separators between groups of digits, and zeros before them up to a width.

use super::Locale;
use crate::OutOfMemory;

/// What separates digits, and into groups of which sizes.
#[derive(Clone, Copy, Debug)]
pub struct Grouping<'a> {
    /// The separator.
    pub separator: &'a str,
    /// The sizes of the groups from the right; the last repeats, 127 (or 0 at the start) ends grouping.
    pub sizes: &'a [u8],
}

impl<'a> Grouping<'a> {
    /// No separators.
    pub const NONE: Grouping<'static> = Grouping { separator: "", sizes: &[] };

    /// The grouping of `,` or `_`; with `_`, digits in a radix that is a power of two stand in fours.
    pub fn of(separator: Option<u8>, power_of_two: bool) -> Grouping<'static> {
        match separator {
            None => Grouping::NONE,
            Some(b',') => Grouping { separator: ",", sizes: &[3] },
            Some(_) if power_of_two => Grouping { separator: "_", sizes: &[4] },
            Some(_) => Grouping { separator: "_", sizes: &[3] },
        }
    }

    /// That of a locale.
    pub fn of_locale(locale: &Locale<'a>) -> Grouping<'a> {
        Grouping { separator: locale.thousands_separator, sizes: locale.grouping }
    }
}

/// Appends `digits` with separators to `out`, and before them as many zeros, separated likewise, as make it at least
/// `min_width` characters. A separator never comes first: one zero more does.
pub fn write_grouped(
    digits: &str,
    min_width: usize,
    grouping: &Grouping<'_>,
    out: &mut String,
) -> Result<(), OutOfMemory> {
    if grouping.sizes.is_empty() || grouping.separator.is_empty() {
        let zeros = min_width.saturating_sub(digits.len());
        out.try_reserve(zeros.saturating_add(digits.len())).map_err(|_| OutOfMemory)?;
        out.extend(std::iter::repeat_n('0', zeros));
        out.push_str(digits);
        return Ok(());
    }
    let groups = group_sizes(digits.len(), min_width, grouping)?;
    let total: usize = groups.iter().sum();
    let separators = groups.len().saturating_mul(grouping.separator.len());
    out.try_reserve(total.saturating_add(separators)).map_err(|_| OutOfMemory)?;
    let mut zeros = total - digits.len();
    let mut rest = digits;
    for (i, &size) in groups.iter().rev().enumerate() {
        if i > 0 {
            out.push_str(grouping.separator);
        }
        let padding = zeros.min(size);
        zeros -= padding;
        out.extend(std::iter::repeat_n('0', padding));
        let (group, after) = rest.split_at((size - padding).min(rest.len()));
        out.push_str(group);
        rest = after;
    }
    Ok(())
}

/// The sizes of the groups from the right, zeros included.
fn group_sizes(digits: usize, min_width: usize, grouping: &Grouping<'_>) -> Result<Vec<usize>, OutOfMemory> {
    let separator_len = grouping.separator.chars().count();
    let mut groups = Vec::new();
    let (mut digits, mut width) = (digits, min_width);
    let mut sizes = grouping.sizes.iter().copied();
    let mut size = usize::MAX;
    loop {
        match sizes.next() {
            Some(127) => (size, sizes) = (usize::MAX, [].iter().copied()),
            // The end of the list repeats what came before.
            Some(0) => sizes = [].iter().copied(),
            Some(next) => size = usize::from(next),
            None => {}
        }
        let group = size.min(digits.max(width).max(1));
        groups.try_reserve(1).map_err(|_| OutOfMemory)?;
        groups.push(group);
        digits = digits.saturating_sub(group);
        width = width.saturating_sub(group);
        if digits == 0 && width == 0 {
            return Ok(groups);
        }
        width = width.saturating_sub(separator_len);
    }
}
