//! ISO 8601: reading dates and times from text, and writing times.

use habu_runtime::object::{Raised, Ref, protocol};
use habu_runtime::raise;
use habu_runtime::types::str::Str;

use super::arguments::Clock;
use super::calendar::from_iso_calendar;
use super::delta::Delta;
use super::zone::{TimeZone, utc};

/// The error of text that is no date or time.
#[cold]
pub(super) fn invalid(text: &Str) -> Raised {
    match protocol::repr(text) {
        Ok(shown) => raise!(ValueError, "Invalid isoformat string: {shown}"),
        Err(raised) => raised,
    }
}

/// The characters of text, where what is not ASCII stands as 255.
pub(super) fn ascii(text: &Str) -> Result<habu_heap::Buffer<u8>, Raised> {
    let mut bytes = habu_heap::Buffer::with_capacity(text.len())?;
    for code in text.chars().iter() {
        bytes.push(u8::try_from(code).ok().filter(u8::is_ascii).unwrap_or(u8::MAX))?;
    }
    Ok(bytes)
}

fn digits(text: &[u8], from: usize, count: usize) -> Option<i32> {
    let digits = text.get(from..from.checked_add(count)?)?;
    digits.iter().try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + i32::from(byte - b'0')))
}

/// Year, month and day in text that has nothing else: a month and a day, or a week and perhaps a day.
pub(super) fn date(text: &[u8]) -> Option<(i32, i32, i32)> {
    let year = digits(text, 0, 4)?;
    let separated = *text.get(4)? == b'-';
    let mut at = 4 + usize::from(separated);
    if text.get(at) == Some(&b'W') {
        let week = digits(text, at + 1, 2)?;
        at += 3;
        let mut day = 1;
        if at < text.len() {
            if (text.get(at) == Some(&b'-')) != separated {
                return None;
            }
            at += usize::from(separated);
            day = digits(text, at, 1)?;
            at += 1;
        }
        return (at == text.len()).then(|| from_iso_calendar(year, week, day).ok()).flatten();
    }
    let month = digits(text, at, 2)?;
    at += 2;
    if (text.get(at) == Some(&b'-')) != separated {
        return None;
    }
    at += usize::from(separated);
    let day = digits(text, at, 2)?;
    (at + 2 == text.len()).then_some((year, month, day))
}

/// Where the date ends in the text of a date and a time.
pub(super) fn separator(text: &[u8]) -> Option<usize> {
    let length = text.len();
    let is_digit = |at: usize| text.get(at).is_some_and(u8::is_ascii_digit);
    if length == 7 {
        return Some(7);
    }
    if *text.get(4)? == b'-' {
        if *text.get(5)? != b'W' {
            return Some(10);
        }
        return match text.get(8) {
            _ if length < 8 => None,
            Some(b'-') if length == 9 => None,
            // A separator that is a hyphen is likelier than a time that begins with a digit right after the day.
            Some(b'-') if length > 10 && is_digit(10) => Some(8),
            Some(b'-') => Some(10),
            _ => Some(8),
        };
    }
    if *text.get(4)? != b'W' {
        return Some(8);
    }
    let end = (7..length).find(|at| !is_digit(*at)).unwrap_or(length);
    Some(match end {
        ..9 => end,
        end if end % 2 == 0 => 7,
        _ => 8,
    })
}

/// Hours, and perhaps minutes, seconds and parts of a second.
fn clock(text: &[u8]) -> Option<Clock> {
    let mut parts = [0; 3];
    let (mut at, mut separated) = (0, false);
    for (place, part) in parts.iter_mut().enumerate() {
        *part = digits(text, at, 2)?;
        at += 2;
        let next = text.get(at);
        if place == 0 {
            separated = next == Some(&b':');
        }
        if next.is_none() || place == 2 {
            break;
        }
        if separated && next != Some(&b':') {
            return None;
        }
        at += usize::from(separated);
    }
    let mut microsecond = 0;
    if at < text.len() {
        if !matches!(text.get(at), Some(b'.' | b',')) {
            return None;
        }
        let fraction = text.get(at + 1..)?;
        if fraction.is_empty() || !fraction.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let kept = fraction.len().min(6);
        microsecond = digits(fraction, 0, kept)? * 10i32.pow(6 - kept as u32);
    }
    let [hour, minute, second] = parts;
    Some(Clock { hour, minute, second, microsecond, fold: 0 })
}

/// A time of day, and its zone where there is one; nothing for what is no time.
pub(super) fn time(text: &[u8]) -> Result<Option<(Clock, Option<Ref>)>, Raised> {
    let sign = text.iter().position(|byte| matches!(byte, b'+' | b'-' | b'Z'));
    let (day, zone) = match sign {
        Some(at) => (text.get(..at).unwrap_or_default(), text.get(at + 1..)),
        None => (text, None),
    };
    let Some(clock_of_day) = clock(day) else { return Ok(None) };
    let Some(zone) = zone else { return Ok(Some((clock_of_day, None))) };
    let sign = sign.and_then(|at| text.get(at)).copied().unwrap_or(b'+');
    if sign == b'Z' {
        return match zone.is_empty() {
            true => Ok(Some((clock_of_day, Some(utc()?)))),
            false => Ok(None),
        };
    }
    if matches!(zone.len(), 0 | 1 | 3) {
        return Ok(None);
    }
    let Some(offset) = clock(zone) else { return Ok(None) };
    let sign = if sign == b'-' { -1 } else { 1 };
    let offset = Delta::new(0, sign * offset.seconds(), sign * i64::from(offset.microsecond))?;
    Ok(Some((clock_of_day, Some(TimeZone::of(&offset, None)?))))
}

/// A time of day with as much of it as asked for.
pub(super) fn clock_text(clock: Clock, precision: &str) -> Result<String, Raised> {
    let Clock { hour, minute, second, microsecond, .. } = clock;
    let precision = match precision {
        "auto" if microsecond == 0 => "seconds",
        "auto" => "microseconds",
        precision => precision,
    };
    Ok(match precision {
        "hours" => format!("{hour:02}"),
        "minutes" => format!("{hour:02}:{minute:02}"),
        "seconds" => format!("{hour:02}:{minute:02}:{second:02}"),
        "milliseconds" => format!("{hour:02}:{minute:02}:{second:02}.{:03}", microsecond / 1000),
        "microseconds" => format!("{hour:02}:{minute:02}:{second:02}.{microsecond:06}"),
        _ => return Err(raise!(ValueError, "Unknown timespec value")),
    })
}

#[cfg(test)]
mod tests {
    use super::{clock, date, separator};

    #[test]
    fn dates_are_read_in_all_forms() {
        for text in ["2021-01-03", "20210103", "2020-W53-7", "2020W537"] {
            assert_eq!(date(text.as_bytes()), Some((2021, 1, 3)), "{text}");
        }
        for text in ["2021-0103", "202101-03", "2021", "2020-W54", "2021-01-03x"] {
            assert_eq!(date(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn the_separator_is_found_without_looking_at_it() {
        for (text, at) in [("2020-01-01T10", 10), ("20200101T10", 8), ("2020-W01-1T10", 10), ("2020W01T10", 7)] {
            assert_eq!(separator(text.as_bytes()), Some(at), "{text}");
        }
    }

    #[test]
    fn parts_of_a_second_are_cut_after_six_digits() {
        assert_eq!(clock(b"10:20:30.1234567").map(|clock| clock.microsecond), Some(123_456));
        assert!(clock(b"10:2").is_none() && clock(b"1020:30").is_none());
    }
}
