//! Compares the character data and what is made of them with CPython 3.11's answers.

use super::case::{CaseChange, change_case, text_is_lower, text_is_title, text_is_upper};
use super::names::{Named, lookup, name};
use super::normalize::{Form, is_normalized, normalize};
use super::*;
use crate::oracle::{Random, buffer, codes, hex, python};
use crate::{Chars, TextBuffer};

#[test]
fn names_are_those_of_the_oracle() {
    let program = "import unicodedata as u
for i in range(0x110000):
    n = u.name(chr(i), '')
    if n: print('%x %s' % (i, n))";
    let Some(answer) = python(program, "") else { return };
    let mut lines = answer.lines().peekable();
    for code in 0..0x11_0000 {
        let expected = match lines.next_if(|line| line.split_once(' ').unwrap().0 == format!("{code:x}")) {
            Some(line) => line.split_once(' ').unwrap().1.to_owned(),
            None => String::new(),
        };
        let got = name(code).map(|name| name.to_string()).unwrap_or_default();
        assert_eq!(got, expected, "{code:x}");
        if !got.is_empty() && code % 7 == 0 {
            assert_eq!(lookup(got.to_lowercase().as_bytes(), false), Some(Named::Character(code)));
        }
    }
}

#[test]
fn lookup_is_exact() {
    assert_eq!(lookup(b"Latin Small Letter A", false), Some(Named::Character(0x61)));
    assert_eq!(lookup(b"LATINSMALLLETTERA", false), None);
    assert_eq!(lookup(b"LINE FEED", false), Some(Named::Character(10)));
    assert_eq!(lookup(b"CJK UNIFIED IDEOGRAPH-4E00", false), Some(Named::Character(0x4E00)));
    assert_eq!(lookup(b"HANGUL SYLLABLE GAG", false), Some(Named::Character(0xAC01)));
    let sequence = b"KATAKANA LETTER AINU P";
    assert_eq!(lookup(sequence, true), Some(Named::Sequence(&[0x31F7, 0x309A])));
    assert_eq!(lookup(sequence, false), None);
    assert_eq!(lookup(&[b'A'; 300], true), None);
}

fn samples() -> Vec<Vec<u32>> {
    let mut random = Random(7);
    let interesting: Vec<u32> = (0x20..0x7F)
        .chain(0xA0..0x180)
        .chain(0x1C0..0x250)
        .chain(0x300..0x460)
        .chain([0x930, 0x93C, 0xBC6, 0xBBE, 0xBD7, 0x1100, 0x1161, 0x11A8, 0xAC00, 0xAC01, 0xAC1C, 0xDC00, 0xFB01])
        .chain([0x1E9B, 0x323, 0x2126, 0x1F80, 0x1FB3, 0x130, 0x131, 0x1D15E, 0x1D165, 0x2F800, 0x10FFFF, 0x3A3, 0x27])
        .chain(0x1E00..0x2000)
        .chain(0x10400..0x10450)
        .collect();
    let mut samples: Vec<Vec<u32>> = (0..4000)
        .map(|_| (0..random.below(12)).map(|_| interesting[random.below(interesting.len())]).collect())
        .collect();
    samples.extend((0..2000).map(|_| {
        (0..random.below(9))
            .map(|_| [0x3A3, 0x41, 0x61, 0x2E, 0x20, 0xAD, 0x301, 0x1C5, 0x27][random.below(9)])
            .collect()
    }));
    samples.extend((0..500).map(|_| (0..random.below(60)).map(|_| 0x300 + random.below(0x70) as u32).collect()));
    samples.extend((0..0x11_0000).step_by(61).map(|code| vec![code]));
    samples
}

#[test]
fn cases_and_forms_are_those_of_the_oracle() {
    let program = "import sys, unicodedata as u
for line in sys.stdin:
    s = ''.join(chr(int(c, 16)) for c in line.strip().split(',') if c)
    r = [s.lower(), s.upper(), s.title(), s.capitalize(), s.swapcase(), s.casefold()]
    r += [u.normalize(f, s) for f in ('NFC', 'NFD', 'NFKC', 'NFKD')]
    print('|'.join(','.join('%x' % ord(c) for c in t) for t in r), *(int(x) for x in
          (s.islower(), s.isupper(), s.istitle(), s.isidentifier(), s.isspace(), s.isalnum(), s.isprintable(),
           *(u.is_normalized(f, s) for f in ('NFC', 'NFD', 'NFKC', 'NFKD')))), sep='|')";
    let samples = samples();
    let input: String = samples.iter().map(|sample| hex(sample.iter().copied()) + "\n").collect();
    let Some(answer) = python(program, &input) else { return };
    for (sample, line) in samples.iter().zip(answer.lines()) {
        let expected: Vec<&str> = line.split('|').collect();
        let text = buffer(sample);
        let chars = text.as_chars();
        let changes = [
            CaseChange::Lower,
            CaseChange::Upper,
            CaseChange::Title,
            CaseChange::Capitalize,
            CaseChange::Swap,
            CaseChange::Fold,
        ];
        for (change, expected) in changes.iter().zip(&expected) {
            let mut out = TextBuffer::default();
            change_case(chars, *change, &mut out).unwrap();
            assert_eq!(out.as_chars().iter().collect::<Vec<_>>(), codes(expected), "{change:?} {sample:x?}");
        }
        let forms = [Form::Nfc, Form::Nfd, Form::Nfkc, Form::Nfkd];
        for (form, expected) in forms.iter().zip(&expected[6..]) {
            assert_eq!(normalize(chars, *form).unwrap(), codes(expected), "{form:?} {sample:x?}");
        }
        let mut answers = vec![
            text_is_lower(chars),
            text_is_upper(chars),
            text_is_title(chars),
            predicates::text_is_identifier(chars),
            predicates::text_is_space(chars),
            predicates::text_is_alnum(chars),
            predicates::text_is_printable(chars),
        ];
        answers.extend(forms.map(|form| is_normalized(chars, form).unwrap()));
        let answers: Vec<&str> = answers.iter().map(|&answer| if answer { "1" } else { "0" }).collect();
        assert_eq!(answers, expected[10..], "{sample:x?}");
    }
}

#[test]
fn single_characters() {
    assert_eq!(category(0x378), "Cn");
    assert_eq!(category(0xD800), "Cs");
    assert_eq!(bidirectional(0x5D0), "R");
    assert_eq!(east_asian_width(0x4E00), "W");
    assert!(is_mirrored(0x28));
    assert_eq!(numeric(0xBD), Some(0.5));
    assert_eq!((decimal(0x663), digit(0xB2), decimal(0xB2)), (Some(3), Some(2), None));
    assert_eq!(decomposition(0xC5), Some(("", &[0x41, 0x30A][..])));
    assert_eq!(decomposition(0xFB01), Some(("compat", &[0x66, 0x69][..])));
    assert!((0..0x80).all(|code| is_space(code) == (type_record(code).flags & flag::SPACE != 0)));
    assert!((0..0x80).all(|code| is_line_break(code) == (type_record(code).flags & flag::LINE_BREAK != 0)));
    // The simple upper case of a character that has a longer one is the first of that, as in CPython.
    assert_eq!(case::to_upper(0xDF), 0x53);
    assert!(!is_printable(u32::MAX) && !is_alpha(u32::MAX));
    assert!(predicates::text_is_decimal(Chars::Two(&[0x31, 0x663])));
}

#[test]
fn the_old_database_is_that_of_the_oracle() {
    let program = "from unicodedata import ucd_3_2_0 as u
for i in range(0, 0x30000):
    c = chr(i)
    print(u.category(c), u.bidirectional(c) or '-', u.combining(c), u.east_asian_width(c), u.mirrored(c),
          u.decimal(c, -1), u.digit(c, -1), int(u.numeric(c, -1) != -1), int(u.decomposition(c) != ''),
          *(','.join('%x' % ord(x) for x in u.normalize(f, c)) for f in ('NFC', 'NFD', 'NFKC', 'NFKD')))";
    let Some(answer) = python(program, "") else { return };
    for (code, line) in (0..).zip(answer.lines()) {
        let signed = |value: Option<u8>| value.map_or(-1, i32::from);
        let class = Some(old::bidirectional(code)).filter(|class| !class.is_empty()).unwrap_or("-");
        let forms = [Form::Nfc, Form::Nfd, Form::Nfkc, Form::Nfkd];
        let normal: Vec<String> =
            forms.iter().map(|&form| hex(old::normalize(Chars::Four(&[code]), form).unwrap())).collect();
        let got = format!(
            "{} {class} {} {} {} {} {} {} {} {}",
            old::category(code),
            old::combining(code),
            old::east_asian_width(code),
            u8::from(old::is_mirrored(code)),
            signed(old::decimal(code)),
            signed(old::digit(code)),
            u8::from(old::numeric(code).is_some()),
            u8::from(old::decomposition(code).is_some()),
            normal.join(" ")
        );
        assert_eq!(got, line, "{code:x}");
    }
}

#[test]
fn numbers_become_ascii() {
    let mut out = Vec::new();
    let text = [0x663, 0x31, 0x2003, 0x2E, 0xB2, 0x32];
    assert_eq!(ascii_number(Chars::Two(&text), &mut out), Ok(4));
    assert_eq!(out, b"31 .");
}
