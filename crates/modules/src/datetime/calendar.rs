//! The proleptic Gregorian calendar: days counted from 1 January of year 1, which is day 1.

/// The first year.
pub(super) const MIN_YEAR: i32 = 1;
/// The last year.
pub(super) const MAX_YEAR: i32 = 9999;
/// The number of the last day.
pub(super) const MAX_ORDINAL: i64 = 3_652_059;

const BEFORE_MONTH: [i32; 13] = [0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
const DAYS_IN_400_YEARS: i64 = 146_097;

pub(super) fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// How many days a month has; 0 for what is no month.
pub(super) fn days_in_month(year: i32, month: i32) -> i32 {
    match month {
        2 => 28 + i32::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

fn days_before_year(year: i32) -> i64 {
    let before = i64::from(year) - 1;
    before * 365 + before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400)
}

/// How many days of the year come before a month.
pub(super) fn days_before_month(year: i32, month: i32) -> i32 {
    let days = usize::try_from(month).ok().and_then(|month| BEFORE_MONTH.get(month)).copied().unwrap_or(0);
    days + i32::from(month > 2 && is_leap(year))
}

/// The number of a day.
pub(super) fn to_ordinal(year: i32, month: i32, day: i32) -> i64 {
    days_before_year(year) + i64::from(days_before_month(year, month) + day)
}

/// Year, month and day of a number.
pub(super) fn from_ordinal(ordinal: i64) -> (i32, i32, i32) {
    let (cycle, rest) = ((ordinal - 1).div_euclid(DAYS_IN_400_YEARS), (ordinal - 1).rem_euclid(DAYS_IN_400_YEARS));
    // The year is this one or the next.
    let mut year = (cycle * 400 + rest * 400 / DAYS_IN_400_YEARS + 1) as i32;
    while ordinal > days_before_year(year + 1) {
        year += 1;
    }
    while ordinal <= days_before_year(year) {
        year -= 1;
    }
    let in_year = (ordinal - days_before_year(year)) as i32;
    let mut month = ((in_year + 50) >> 5).min(12);
    while month > 1 && days_before_month(year, month) >= in_year {
        month -= 1;
    }
    while month < 12 && days_before_month(year, month + 1) < in_year {
        month += 1;
    }
    (year, month, in_year - days_before_month(year, month))
}

/// The day of the week, 0 for Monday.
pub(super) fn weekday(ordinal: i64) -> i32 {
    (ordinal + 6).rem_euclid(7) as i32
}

/// The Monday of the first week of an ISO year.
fn first_monday(year: i32) -> i64 {
    let first = to_ordinal(year, 1, 1);
    let day = i64::from(weekday(first));
    first - day + if day > 3 { 7 } else { 0 }
}

/// ISO year, week and day.
pub(super) fn iso_calendar(year: i32, month: i32, day: i32) -> (i32, i32, i32) {
    let today = to_ordinal(year, month, day);
    let year = match today {
        today if today < first_monday(year) => year - 1,
        today if today >= first_monday(year + 1) => year + 1,
        _ => year,
    };
    let since = today - first_monday(year);
    (year, (since / 7 + 1) as i32, (since % 7 + 1) as i32)
}

/// What is wrong with a date by weeks.
pub(super) enum IsoProblem {
    Year,
    Week,
    Day,
}

/// The date of an ISO year, week and day.
pub(super) fn from_iso_calendar(year: i32, week: i32, day: i32) -> Result<(i32, i32, i32), IsoProblem> {
    if !(MIN_YEAR..=MAX_YEAR).contains(&year) {
        return Err(IsoProblem::Year);
    }
    let long = || first_monday(year + 1) - first_monday(year) == 53 * 7;
    let exists = (1..=52).contains(&week) || (week == 53 && long());
    if !exists {
        return Err(IsoProblem::Week);
    }
    if !(1..=7).contains(&day) {
        return Err(IsoProblem::Day);
    }
    Ok(from_ordinal(first_monday(year) + i64::from(week - 1) * 7 + i64::from(day - 1)))
}

#[cfg(test)]
mod tests {
    use super::{MAX_ORDINAL, days_in_month, from_iso_calendar, from_ordinal, iso_calendar, to_ordinal, weekday};

    #[test]
    fn ordinals_and_dates_are_each_others_inverse() {
        assert_eq!(from_ordinal(1), (1, 1, 1));
        assert_eq!(from_ordinal(MAX_ORDINAL), (9999, 12, 31));
        for ordinal in (1..=MAX_ORDINAL).step_by(7).chain(730_000..740_000) {
            let (year, month, day) = from_ordinal(ordinal);
            assert!((1..=days_in_month(year, month)).contains(&day), "{ordinal}");
            assert_eq!(to_ordinal(year, month, day), ordinal);
        }
    }

    #[test]
    fn weeks_are_those_of_iso_8601() {
        assert_eq!(weekday(to_ordinal(2024, 2, 29)), 3);
        assert_eq!(iso_calendar(2021, 1, 3), (2020, 53, 7));
        assert_eq!(iso_calendar(2018, 12, 31), (2019, 1, 1));
        assert_eq!(from_iso_calendar(2020, 53, 7).ok(), Some((2021, 1, 3)));
        assert!(from_iso_calendar(2019, 53, 1).is_err());
    }
}
