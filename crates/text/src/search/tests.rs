//! Compares searching and splitting with plain definitions and with CPython 3.11.

use super::split::*;
use super::trim::{CharSet, strip};
use super::*;
use crate::TextBuffer;
use crate::oracle::{Random, buffer, hex, python};

fn plain_find(text: &[u32], needle: &[u32]) -> Option<usize> {
    (0..=text.len().checked_sub(needle.len())?).find(|&at| text[at..].starts_with(needle))
}

fn plain_rfind(text: &[u32], needle: &[u32]) -> Option<usize> {
    (0..=text.len().checked_sub(needle.len())?).rev().find(|&at| text[at..].starts_with(needle))
}

#[test]
fn all_pairs_of_kinds_find_alike() {
    let mut random = Random(5);
    for round in 0..30_000 {
        let letters = 1 + random.below(3);
        let mut word = |limit: usize| -> Vec<u32> {
            (0..random.below(limit)).map(|_| 0x61 + random.below(letters) as u32).collect()
        };
        let (text, needle) = (word(if round % 50 == 0 { 900 } else { 40 }), word(if round % 4 == 0 { 40 } else { 5 }));
        let expected = plain_find(&text, &needle);
        let backwards = plain_rfind(&text, &needle);
        let narrow = |codes: &[u32]| codes.iter().map(|&code| code as u8).collect::<Vec<u8>>();
        let middle = |codes: &[u32]| codes.iter().map(|&code| code as u16).collect::<Vec<u16>>();
        let (t1, t2, n1, n2) = (narrow(&text), middle(&text), narrow(&needle), middle(&needle));
        for text in [Chars::One(&t1), Chars::Two(&t2), Chars::Four(&text)] {
            for needle in [Chars::One(&n1), Chars::Two(&n2), Chars::Four(&needle)] {
                assert_eq!(find_chars(text, needle), expected);
                assert_eq!(rfind_chars(text, needle), backwards);
            }
        }
    }
}

#[test]
fn the_worst_case_is_linear() {
    let text = vec![0x61_u16; 1_000_000];
    let mut needle = vec![0x61_u16; 50_000];
    needle[25_000] = 0x62;
    assert_eq!(find(&text, &needle), None);
    assert_eq!(rfind(&text, &needle), None);
    needle[25_000] = 0x61;
    assert_eq!(rfind(&text, &needle), Some(950_000));
    needle[0] = 0x62;
    assert_eq!((find(&text, &needle), rfind(&text, &needle)), (None, None));
    let pattern: Vec<u8> = needle.iter().map(|&unit| unit as u8).collect();
    let bytes = vec![b'a'; 1_000_000];
    assert_eq!((find(&bytes, &pattern), rfind(&bytes, &pattern)), (None, None));
}

#[test]
fn methods_agree_with_the_oracle() {
    let program = "import sys
def dec(x): return ''.join(chr(int(c, 16)) for c in x.split(',') if c)
def enc(x): return ','.join('%x' % ord(c) for c in x)
for line in sys.stdin:
    t, n, k = line.rstrip('\\n').split(' ')
    t, n, k = dec(t), dec(n), int(k)
    lists = [t.split(None, k), t.rsplit(None, k), t.splitlines(), t.splitlines(True)]
    lists += [t.split(n, k), t.rsplit(n, k)] if n else []
    lists += [[t.strip()], [t.lstrip()], [t.rstrip()], [t.strip(n)], [t.replace(n, 'xy', k)], [t.expandtabs(k)]]
    lists += [[repr(t)], [ascii(t)], [str(t.count(n))]]
    print('|'.join(';'.join(map(enc, l)) + (';' if l else '') for l in lists))";
    let alphabet =
        [0x61, 0x62, 0x20, 9, 10, 13, 0x85, 0x2028, 0x1F600, 0x27, 0x22, 0x5C, 0xE9, 0xAD, 0xD800, 0x1C, 0x3000, 0];
    let mut random = Random(11);
    let samples: Vec<(Vec<u32>, Vec<u32>, isize)> = (0..6000)
        .map(|_| {
            let letters = [6, 10, alphabet.len()][random.below(3)];
            let mut word = |limit: usize| -> Vec<u32> {
                (0..random.below(limit)).map(|_| alphabet[random.below(letters)]).collect()
            };
            (word(20), word(3), random.below(5) as isize - 1)
        })
        .collect();
    let lines_in: String = samples
        .iter()
        .map(|(text, needle, limit)| format!("{} {} {limit}\n", hex(text.iter().copied()), hex(needle.iter().copied())))
        .collect();
    let Some(answer) = python(program, &lines_in) else { return };
    for ((text, needle, limit), line) in samples.iter().zip(answer.lines()) {
        let (text, needle) = (buffer(text), buffer(needle));
        let got = crate::with_two!(text.as_chars(), needle.as_chars(), text, needle => shown(text, needle, *limit));
        assert_eq!(got, line, "{text:x?} {needle:x?} {limit}");
    }
}

/// What the oracle's program prints.
fn shown<H: CodeUnit, N: CodeUnit>(text: &[H], needle: &[N], limit: isize) -> String {
    let part = |range: Range<usize>| hex(text[range].iter().map(|unit| unit.code())) + ";";
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let backwards = |mut parts: Vec<Range<usize>>| -> Vec<Range<usize>> {
        parts.reverse();
        parts
    };
    let mut lists: Vec<Vec<Range<usize>>> = vec![
        words(text, most, is_text_space).collect(),
        backwards(words(text, most, is_text_space).rev().collect()),
        lines(text, false, is_text_line_break).collect(),
        lines(text, true, is_text_line_break).collect(),
    ];
    if !needle.is_empty() {
        lists.push(split(text, needle, most).collect());
        lists.push(backwards(rsplit(text, needle, most).collect()));
    }
    let set = CharSet::new(N::chars(needle));
    lists.push(vec![strip(text, true, true, is_text_space)]);
    lists.push(vec![strip(text, true, false, is_text_space)]);
    lists.push(vec![strip(text, false, true, is_text_space)]);
    lists.push(vec![strip(text, true, true, |code| set.contains(code))]);
    let mut out: Vec<String> = lists.into_iter().map(|list| list.into_iter().map(part).collect()).collect();
    let chars = H::chars(text);
    let mut written = |write: &dyn Fn(&mut TextBuffer) -> Result<(), OutOfMemory>| {
        let mut sink = TextBuffer::default();
        write(&mut sink).unwrap();
        out.push(hex(sink.as_chars().iter()) + ";");
    };
    written(&|sink| replace(text, needle, Chars::One(b"xy"), most, sink));
    written(&|sink| expand_tabs(chars, usize::try_from(limit).unwrap_or(0), sink));
    written(&|sink| repr::repr(chars, sink));
    written(&|sink| repr::ascii(chars, sink));
    written(&|sink| sink.push_latin1(count(text, needle, usize::MAX).to_string().as_bytes()));
    out.join("|")
}

#[test]
fn ranges_are_those_of_methods() {
    assert_eq!(range(0, isize::MAX, 5), Some(0..5));
    assert_eq!(range(-3, -1, 5), Some(2..4));
    assert_eq!(range(-9, 2, 5), Some(0..2));
    assert_eq!(range(6, isize::MAX, 5), None);
    assert_eq!(range(5, 9, 5), Some(5..5));
    assert_eq!(range(isize::MIN, isize::MIN, 5), Some(0..0));
}

#[test]
fn bytes_are_translated() {
    let mut table = [0; 256];
    table.iter_mut().zip(0..=255_u8).for_each(|(slot, byte)| *slot = byte.to_ascii_uppercase());
    let mut out = [0; 5];
    let length = translate_bytes(b"abcba", Some(&table), b"b", &mut out);
    assert_eq!(&out[..length], b"ACA");
    assert_eq!(compare(Chars::One(b"ab"), Chars::Two(&[0x61, 0x20AC])), Ordering::Less);
    assert!(starts_with_chars(Chars::Two(&[0x61, 0x20AC]), Chars::One(b"a")));
    assert!(!ends_with_chars(Chars::One(b"a"), Chars::One(b"ba")));
}
