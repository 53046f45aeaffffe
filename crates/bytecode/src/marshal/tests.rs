//! Tests of marshal. The expected bytes and messages are those of CPython 3.11.

use num_bigint::BigInt;

use super::{MAX_DEPTH, MarshalError, Value, read, write};
use crate::{Constant, Text};

fn constant(constant: impl Into<Constant>) -> Value {
    Value::Constant(constant.into())
}

fn ints(items: &[i64]) -> Vec<Value> {
    items.iter().map(|&item| constant(item)).collect()
}

#[test]
fn messages_of_bad_data() {
    let cases: &[(&[u8], &str)] = &[
        (b"", "EOF read where object expected"),
        (b"0", "NULL object in marshal data for object"),
        (b"i\x01", "marshal data too short"),
        (b"l\xff\xff\xff\x7f", "marshal data too short"),
        (b"l\0\0\0\x80", "bad marshal data (long size out of range)"),
        (b"l\x01\0\0\0\0\0", "bad marshal data (unnormalized long data)"),
        (b"l\x01\0\0\0\xff\xff", "bad marshal data (digit out of range in long)"),
        (b"(\xff\xff\xff\xff", "bad marshal data (tuple size out of range)"),
        (b"[\xff\xff\xff\xff", "bad marshal data (list size out of range)"),
        (b"<\xff\xff\xff\xff", "bad marshal data (set size out of range)"),
        (b"s\xff\xff\xff\xff", "bad marshal data (bytes object size out of range)"),
        (b"u\xff\xff\xff\xff", "bad marshal data (string size out of range)"),
        (b"r\0\0\0\0", "bad marshal data (invalid reference)"),
        (b"r\xff\xff\xff\xff", "bad marshal data (invalid reference)"),
        (b"\xbe\x01\0\0\0r\0\0\0\0", "bad marshal data (invalid reference)"),
        (b"Q", "bad marshal data (unknown type code)"),
        (b"(\x01\0\0\x000", "NULL object in marshal data for tuple"),
        (b"[\x01\0\0\x000", "NULL object in marshal data for list"),
        (b"<\x01\0\0\x000", "NULL object in marshal data for set"),
        (b"{N", "EOF read where object expected"),
        (b"[\xff\xff\xff\x7f", "EOF read where object expected"),
        (b"s\xff\xff\xff\x7f", "marshal data too short"),
        (b"f\x01x", "could not convert string to float"),
        (b"f\x04 1.5", "could not convert string to float"),
        (b"f\x031_0", "could not convert string to float"),
        (b"g\0", "marshal data too short"),
        (b"c\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x000", "NULL object in marshal data for code object"),
        (b"c\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0NNNNNNNN\0\0\0\0NN", "bad argument to internal function"),
    ];
    for (data, message) in cases {
        assert_eq!(read(data).unwrap_err().to_string(), *message, "{data:?}");
    }
}

#[test]
fn good_data() {
    let cases: &[(&[u8], Value)] = &[
        (b"I\x01\x01\x01\x01\x01\x01\x01\x01", constant(72340172838076673)),
        (b"l\0\0\0\0", constant(0)),
        (b"l\xff\xff\xff\xff\x01\0", constant(-1)),
        (b"{0", Value::Dict(vec![])),
        (b"{N0", Value::Dict(vec![])),
        (b"z\x01\xff", constant("\u{ff}")),
        (b"f\x031.5", Value::Constant(Constant::Float(1.5))),
        (b"x\x031.5\x012", Value::Constant(Constant::Complex(1.5, 2.0))),
        (b"[\x02\0\0\0\xda\x01ar\0\0\0\0", Value::List(vec![constant("a"), constant("a")])),
        (b")\x02\xa9\x01\xe9\x05\0\0\0r\x01\0\0\0", {
            let inner = Constant::Tuple([Constant::Int(5)].into());
            Value::Constant(Constant::Tuple([inner, Constant::Int(5)].into()))
        }),
        (b"<\0\0\0\0 and what follows", Value::Set(vec![])),
        (b"{i\x01\0\0\0[\0\0\0\x000", Value::Dict(vec![(constant(1), Value::List(vec![]))])),
        (b"S", Value::StopIteration),
    ];
    for (data, value) in cases {
        assert_eq!(read(data).as_ref(), Ok(value), "{data:?}");
    }
}

#[test]
fn written_bytes() {
    let float = |value| Value::Constant(Constant::Float(value));
    let cases: &[(Value, i32, &[u8])] = &[
        (float(0.1), 0, b"f\x130.10000000000000001"),
        (float(0.1), 2, b"g\x9a\x99\x99\x99\x99\x99\xb9?"),
        (Value::Constant(Constant::Complex(-1.5, 2.0)), 1, b"x\x04-1.5\x012"),
        (constant(1 << 31), 4, b"l\x03\0\0\0\0\0\0\0\x02\0"),
        (constant(-(1 << 31)), 4, b"i\0\0\0\x80"),
        (Value::Constant(Constant::BigInt(BigInt::from(-1i128 << 70))), 4, b"l\xfb\xff\xff\xff\0\0\0\0\0\0\0\0\0\x04"),
        (Value::Set(ints(&[3, 1, 2])), 4, b"<\x03\0\0\0i\x01\0\0\0i\x02\0\0\0i\x03\0\0\0"),
        (Value::Tuple(vec![Value::List(vec![])]), 4, b")\x01[\0\0\0\0"),
        (Value::Tuple(vec![Value::List(vec![])]), 3, b"(\x01\0\0\0[\0\0\0\0"),
        (constant("a b"), 4, b"\xfa\x03a b"),
        (constant("ab"), 4, b"\xda\x02ab"),
        (constant("ab"), 3, b"\xf4\x02\0\0\0ab"),
        (constant("ab"), 2, b"u\x02\0\0\0ab"),
        (Value::List(vec![constant("ab"), constant("ab")]), 4, b"[\x02\0\0\0\xda\x02abr\0\0\0\0"),
        (Value::StopIteration, 4, b"S"),
    ];
    for (value, version, data) in cases {
        let written = write(value, *version).unwrap();
        assert_eq!(written.escape_ascii().to_string(), data.escape_ascii().to_string(), "{value:?}");
        assert_eq!(write(&read(&written).unwrap(), *version), Ok(written));
    }
}

#[test]
fn round_trips() {
    let text = Text::from_code_points([0xE9, 0xD800, 0x1F600]).unwrap();
    let value = Value::Dict(vec![
        (constant("long".repeat(100).as_str()), Value::List(ints(&[i64::MIN, i64::MAX, 0, -1, 1 << 45]))),
        (Value::Constant(Constant::Str(text)), Value::FrozenSet(vec![Value::StopIteration])),
        (constant(1), Value::Constant(Constant::BigInt(BigInt::from(u128::MAX) * 12345))),
        (constant(2), Value::Constant(Constant::Tuple(vec![Constant::Ellipsis; 300].into()))),
        (constant(3), Value::Constant(Constant::Bytes(b"\x00\xff".as_slice().into()))),
    ]);
    for version in 0..=4 {
        assert_eq!(read(&write(&value, version).unwrap()).as_ref(), Ok(&value));
    }
}

#[test]
fn depth_is_bounded() {
    let nested = |depth: usize| (1..depth).fold(constant(1), |inner, _| Value::List(vec![inner]));
    let data = write(&nested(MAX_DEPTH), 4).unwrap();
    assert!(read(&data).is_ok());
    assert_eq!(write(&nested(MAX_DEPTH + 1), 4), Err(MarshalError::WriteTooDeep));
    let mut deeper = b"[\x01\0\0\0".to_vec();
    deeper.extend(data);
    assert_eq!(read(&deeper), Err(MarshalError::ReadTooDeep));
}

#[test]
fn references_cannot_explode() {
    // Each tuple holds the one before it twice: 2**100 elements if copied.
    let mut data = b"(\x65\0\0\0\xa9\0".to_vec();
    for index in 0..100u32 {
        data.extend(b"\xa9\x02");
        for _ in 0..2 {
            data.push(b'r');
            data.extend(index.to_le_bytes());
        }
    }
    assert_eq!(read(&data), Err(MarshalError::NoMemory));
}

#[test]
fn any_bytes_give_a_value_or_an_error() {
    let mut state = 12345u64;
    let mut random = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as usize
    };
    let alphabet = b"NFT.SiIlfgxysuatzZA()[{<>cr0\x01\x02\x00\x00\x00\x05\xa9\xdb\xe9\xfa\xe3\xff";
    for _ in 0..20_000 {
        let data: Vec<u8> = (0..random() % 60).map(|_| alphabet[random() % alphabet.len()]).collect();
        if let Ok(value) = read(&data) {
            let again = read(&write(&value, 4).unwrap()).unwrap();
            assert_eq!(write(&again, 4), write(&value, 4));
        }
    }
}
