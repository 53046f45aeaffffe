//! Compares the codecs with CPython 3.11's on random input, stops and all.

use super::handlers::{Handler, Replacement, Standard, decode_replacement, encode_replacement};
use super::*;
use crate::oracle::{Random, buffer, codes, hex, python};
use crate::{ByteSink, TextBuffer, TextSink};

const DECODERS: [&str; 9] = [
    "utf_8",
    "utf_16_le",
    "utf_16_be",
    "utf_32_le",
    "utf_32_be",
    "utf_7",
    "ascii",
    "unicode_escape",
    "raw_unicode_escape",
];

fn decode(name: &str, input: &[u8], from: usize, last: bool, sink: &mut TextBuffer) -> Result<usize, Stopped> {
    match name {
        "utf_8" => utf8::decode(input, from, last, sink),
        "utf_16_le" => utf16::decode(input, from, ByteOrder::Little, last, sink),
        "utf_16_be" => utf16::decode(input, from, ByteOrder::Big, last, sink),
        "utf_32_le" => utf32::decode(input, from, ByteOrder::Little, last, sink),
        "utf_32_be" => utf32::decode(input, from, ByteOrder::Big, last, sink),
        "utf_7" => utf7::decode(input, from, last, sink),
        "ascii" => single::decode_ascii(input, from, sink),
        "unicode_escape" => escape::decode(input, from, last, &mut None, sink),
        _ => escape::decode_raw(input, from, last, sink),
    }
}

/// Decodes with a handler until the end: the consumed length and the text, or the problem.
fn decode_all(name: &str, input: &[u8], last: bool, handler: &str) -> String {
    let mut sink = TextBuffer::default();
    let mut from = 0;
    loop {
        match decode(name, input, from, last, &mut sink) {
            Ok(consumed) => return format!("{consumed}:{}", hex(sink.as_chars().iter())),
            Err(Stopped::Problem(problem)) => {
                let standard = Standard::from_name(name.as_bytes());
                let next = match Handler::from_name(handler.as_bytes()) {
                    Some(handler) => decode_replacement(handler, standard, input, problem, &mut sink).unwrap(),
                    None => None,
                };
                match next {
                    Some(next) => from = next,
                    None => return format!("{} {} {}", problem.start, problem.end, problem.reason),
                }
            }
            Err(Stopped::OutOfMemory) => unreachable!(),
        }
    }
}

fn decoder_inputs(random: &mut Random) -> Vec<(&'static str, Vec<u8>)> {
    let mut inputs = Vec::new();
    for name in DECODERS {
        let alphabet: &[u8] = match name {
            "utf_8" => {
                b"ab\x80\x8f\x90\x9f\xa0\xbf\xc0\xc1\xc2\xc3\xdf\xe0\xe1\xec\xed\xee\xef\xf0\xf1\xf3\xf4\xf5\xff\x85"
            }
            "utf_7" => b"+-AGEa2DcQ/! \xff~w3YhA",
            "unicode_escape" | "raw_unicode_escape" => b"\\\\\\xuUNq017{}{}aF0000\n'b\xe9",
            "ascii" => b"abcdefgh\x80\xff",
            _ => b"\0\0\0\0\x01\xd8\xd9\xdc\xdd\xfe\xff\x10a\0",
        };
        for round in 0..3000 {
            let length = random.below(if round % 10 == 0 { 40 } else { 9 });
            inputs.push((name, (0..length).map(|_| alphabet[random.below(alphabet.len())]).collect()));
        }
    }
    inputs.push(("unicode_escape", b"\\N{SPACE}\\N{SPACE".to_vec()));
    inputs.push(("unicode_escape", b"\\N{no such name} \\U0010ffff \\U00110000".to_vec()));
    inputs
}

#[test]
fn decoders_agree_with_the_oracle() {
    let program = "import sys, codecs, warnings
warnings.simplefilter('ignore')
for line in sys.stdin:
    name, data = line.rstrip('\\n').split(' ')
    data = bytes.fromhex(data)
    f = getattr(codecs, name + '_decode')
    out = []
    for h in ('strict', 'ignore', 'replace', 'surrogateescape', 'surrogatepass', 'backslashreplace'):
        for last in (True, False):
            try:
                s, n = f(data, h) if name == 'ascii' else f(data, h, last)
                out.append('%d:%s' % (n, ','.join('%x' % ord(c) for c in s)))
            except UnicodeError as e:
                out.append('%d %d %s' % (e.start, e.end, e.reason))
    print(*out, sep='|')";
    let inputs = decoder_inputs(&mut Random(1));
    let lines: String = inputs
        .iter()
        .map(|(name, input)| {
            let bytes: String = input.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{name} {bytes}\n")
        })
        .collect();
    let Some(answer) = python(program, &lines) else { return };
    let handlers = ["strict", "ignore", "replace", "surrogateescape", "surrogatepass", "backslashreplace"];
    for ((name, input), line) in inputs.iter().zip(answer.lines()) {
        let got: Vec<String> = handlers
            .iter()
            .flat_map(|handler| [true, false].map(|last| decode_all(name, input, last, handler)))
            .collect();
        assert_eq!(got.join("|"), line, "{name} {:?}", input.escape_ascii().to_string());
    }
}

const ENCODERS: [&str; 10] = [
    "utf_8",
    "utf_16_le",
    "utf_16_be",
    "utf_32_le",
    "utf_32_be",
    "utf_7",
    "ascii",
    "latin_1",
    "unicode_escape",
    "raw_unicode_escape",
];

fn encode(name: &str, text: Chars<'_>, from: usize, sink: &mut Vec<u8>) -> Result<(), Stopped> {
    match name {
        "utf_8" => utf8::encode(text, from, sink),
        "utf_16_le" => utf16::encode(text, from, ByteOrder::Little, sink),
        "utf_16_be" => utf16::encode(text, from, ByteOrder::Big, sink),
        "utf_32_le" => utf32::encode(text, from, ByteOrder::Little, sink),
        "utf_32_be" => utf32::encode(text, from, ByteOrder::Big, sink),
        "utf_7" => Ok(utf7::encode(text, sink)?),
        "ascii" => single::encode_ascii(text, from, sink),
        "latin_1" => single::encode_latin1(text, from, sink),
        "unicode_escape" => Ok(escape::encode(text, sink)?),
        _ => Ok(escape::encode_raw(text, sink)?),
    }
}

use crate::Chars;

fn encode_all(name: &str, text: Chars<'_>, handler: &str) -> String {
    let mut sink = Vec::new();
    let mut from = 0;
    loop {
        match encode(name, text, from, &mut sink) {
            Ok(()) => return sink.iter().map(|byte| format!("{byte:02x}")).collect(),
            Err(Stopped::Problem(problem)) => {
                let standard = Standard::from_name(name.as_bytes());
                let mended = match Handler::from_name(handler.as_bytes()) {
                    Some(handler) => encode_replacement(handler, standard, text, problem).unwrap(),
                    None => None,
                };
                match mended {
                    Some((Replacement::Text(ascii), next)) => {
                        encode(name, Chars::One(&ascii), 0, &mut sink).unwrap();
                        from = next;
                    }
                    Some((Replacement::Bytes(bytes), next)) => {
                        sink.push_bytes(&bytes).unwrap();
                        from = next;
                    }
                    None => return format!("{} {} {}", problem.start, problem.end, problem.reason),
                }
            }
            Err(Stopped::OutOfMemory) => unreachable!(),
        }
    }
}

#[test]
fn encoders_agree_with_the_oracle() {
    let program = "import sys, codecs
for line in sys.stdin:
    s = ''.join(chr(int(c, 16)) for c in line.strip().split(',') if c)
    out = []
    for name in '''utf_8 utf_16_le utf_16_be utf_32_le utf_32_be utf_7 ascii latin_1 unicode_escape
                   raw_unicode_escape'''.split():
        for h in ('strict', 'ignore', 'replace', 'backslashreplace', 'xmlcharrefreplace', 'namereplace',
                  'surrogatepass'):
            try:
                out.append(getattr(codecs, name + '_encode')(s, h)[0].hex())
            except UnicodeError as e:
                out.append('%d %d %s' % (e.start, e.end, e.reason))
    print(*out, sep='|')";
    let alphabet = [
        0x41, 0x62, 0x2B, 0x2D, 0x5C, 0x7E, 0x7F, 0, 9, 10, 13, 0x80, 0xE9, 0xFF, 0x100, 0x20AC, 0xD800, 0xDC80, 0xDFFF,
    ];
    let mut random = Random(3);
    let samples: Vec<Vec<u32>> = (0..3000)
        .map(|round| {
            let length = random.below(if round % 10 == 0 { 400 } else { 9 });
            let wide = round % 3;
            (0..length)
                .map(|_| match random.below(20) {
                    19 if wide == 2 => 0x1F600 + random.below(16) as u32,
                    at => alphabet[if wide == 0 { at % 14 } else { at % alphabet.len() }],
                })
                .collect()
        })
        .collect();
    let lines: String = samples.iter().map(|sample| hex(sample.iter().copied()) + "\n").collect();
    let Some(answer) = python(program, &lines) else { return };
    let handlers =
        ["strict", "ignore", "replace", "backslashreplace", "xmlcharrefreplace", "namereplace", "surrogatepass"];
    for (sample, line) in samples.iter().zip(answer.lines()) {
        let text = buffer(sample);
        let got = ENCODERS.iter().flat_map(|name| handlers.map(|handler| encode_all(name, text.as_chars(), handler)));
        for ((index, got), expected) in got.enumerate().zip(line.split('|')) {
            assert_eq!(got, expected, "{} {} {sample:x?}", ENCODERS[index / 7], handlers[index % 7]);
        }
    }
}

#[test]
fn measured_text_is_decoded_in_place() {
    let text = "abc é ж 😀".as_bytes();
    let shape = utf8::measure(text).unwrap();
    assert_eq!(shape, utf8::Shape { length: 9, maximum: 0x10_FFFF });
    let mut units = vec![0_u32; shape.length];
    assert!(utf8::decode_into(text, &mut units));
    assert_eq!(units[8], 0x1F600);
    assert_eq!(utf8::measure("é".as_bytes()).unwrap().maximum, 0xFF);
    assert_eq!(utf8::measure("Ā".as_bytes()).unwrap().maximum, 0xFFFF);
    assert_eq!(utf8::measure(b"\xed\xa0\x80"), None);
    assert_eq!(utf8::encoded_length(Chars::Four(&units)), Some(text.len()));
    assert!(!utf8::decode_into(text, &mut [0_u16; 9]));
}

#[test]
fn tables_invert() {
    let table: Vec<u32> = (0..256).map(|byte| if byte == 7 { 0xFFFE } else { 0x400 + byte }).collect();
    let table = buffer(&table);
    let inverse = single::EncodingTable::build(table.as_chars()).unwrap().unwrap();
    assert_eq!(
        (inverse.get(0x400), inverse.get(0x441), inverse.get(0x407), inverse.get(0)),
        (Some(0), Some(0x41), None, None)
    );
    let mut out = Vec::new();
    let stopped = inverse.encode(Chars::Two(&[0x401, 0x41, 0x42, 0x402]), 0, &mut out);
    assert_eq!(stopped, Err(Stopped::problem(1, 3, single::UNDEFINED)));
    let mut text = TextBuffer::default();
    assert_eq!(
        single::decode_table(b"\x01\x07", 0, table.as_chars(), &mut text),
        Err(Stopped::problem(1, 2, single::UNDEFINED))
    );
    assert_eq!(text.as_chars().iter().collect::<Vec<_>>(), [0x401]);
}

#[test]
fn bytes_escapes() {
    use bytes_escape::{EscapeError, OnWrongEscape, decode, repr};
    let run = |input: &[u8], wrong| {
        let mut out = Vec::new();
        decode(input, wrong, &mut out).map(|invalid| (out, invalid.map(|invalid| (invalid.position, invalid.octal))))
    };
    assert_eq!(run(b"\\x41\\101\\\n\\q\\777", OnWrongEscape::Strict), Ok((b"AA\\q\xff".to_vec(), Some((11, false)))));
    assert_eq!(run(b"\\xz1\\x1", OnWrongEscape::Replace), Ok((b"?z1?".to_vec(), None)));
    assert_eq!(run(b"a\\x1", OnWrongEscape::Strict), Err(EscapeError::Invalid(1)));
    assert_eq!(run(b"a\\", OnWrongEscape::Ignore), Err(EscapeError::Trailing));
    let shown = |input: &[u8]| {
        let mut out = Vec::new();
        repr(input, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    assert_eq!(shown(b"a'b\n\xff"), "b\"a'b\\n\\xff\"");
    assert_eq!(shown(b"a'b\"\\"), "b'a\\'b\"\\\\'");
    assert_eq!(codes("41,42"), [0x41, 0x42]);
    let mut text = TextBuffer::default();
    text.push_code(1).unwrap();
}
