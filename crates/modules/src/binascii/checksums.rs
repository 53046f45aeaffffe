//! CRC-32 (of zip and PNG) and CRC-CCITT (of binhex).

/// Remainders of a byte followed by 0 to 7 zero bytes.
const CRC32: [[u32; 256]; 8] = {
    let mut tables = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let (mut value, mut bit) = (byte as u32, 0);
        while bit < 8 {
            value = if value & 1 == 1 { value >> 1 ^ 0xedb8_8320 } else { value >> 1 };
            bit += 1;
        }
        tables[0][byte] = value;
        byte += 1;
    }
    let mut table = 1;
    while table < 8 {
        let mut byte = 0;
        while byte < 256 {
            let before = tables[table - 1][byte];
            tables[table][byte] = before >> 8 ^ tables[0][(before & 0xff) as usize];
            byte += 1;
        }
        table += 1;
    }
    tables
};

/// The CRC-32 of what `crc` is of, followed by `data`: eight bytes at a time.
pub(super) fn crc32(data: &[u8], crc: u32) -> u32 {
    let mut crc = !crc;
    let (groups, rest) = data.as_chunks::<8>();
    for group in groups {
        let low = crc ^ u32::from_le_bytes([group[0], group[1], group[2], group[3]]);
        let bytes = low.to_le_bytes();
        crc = 0;
        for index in 0..4 {
            crc ^= CRC32[7 - index][usize::from(bytes[index])] ^ CRC32[3 - index][usize::from(group[4 + index])];
        }
    }
    for byte in rest {
        crc = crc >> 8 ^ CRC32[0][usize::from(crc as u8 ^ byte)];
    }
    !crc
}

const CCITT: [u16; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let (mut value, mut bit) = ((byte as u16) << 8, 0);
        while bit < 8 {
            value = if value & 0x8000 != 0 { value << 1 ^ 0x1021 } else { value << 1 };
            bit += 1;
        }
        table[byte] = value;
        byte += 1;
    }
    table
};

/// The CRC-CCITT of what `crc` is of, followed by `data`.
pub(super) fn crc_hqx(data: &[u8], crc: u16) -> u16 {
    data.iter().fold(crc, |crc, byte| crc << 8 ^ CCITT[usize::from((crc >> 8) as u8 ^ byte)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_values_of_the_catalogue() {
        assert_eq!(crc32(b"123456789", 0), 0xcbf4_3926);
        assert_eq!(crc32(b"6789", crc32(b"12345", 0)), 0xcbf4_3926);
        assert_eq!(crc_hqx(b"123456789", 0), 0x31c3);
    }
}
