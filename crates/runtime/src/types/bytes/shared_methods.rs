//! The methods that `bytes` and `bytearray` share, written once: `shared_byte_methods!` puts them into a table of each.
//!
//! The type gives `lend` (its bytes, for a closure that runs no Python code), `make` (a new exact object) and `same` (the object
//! itself where it cannot change, else a copy).

/// Declares the tables `COMMON` and `COMMON_CASE` of methods for a type.
macro_rules! shared_byte_methods {
    ($Type:ident, $name:literal) => {
        impl $Type {
            fn make_all(
                parts: &habu_heap::Buffer<std::ops::Range<usize>>,
                text: &[u8],
                list: &List,
            ) -> Result<(), Raised> {
                for part in parts {
                    list.push($Type::make(text.get(part.clone()).unwrap_or_default())?.into_object())?;
                }
                Ok(())
            }

            /// A list of the parts that `cut` gives.
            fn parts(
                &self,
                cut: impl FnOnce(&[u8]) -> Result<habu_heap::Buffer<std::ops::Range<usize>>, Raised>,
            ) -> Result<Ref<List>, Raised> {
                let list = List::new()?;
                self.lend(|text| $Type::make_all(&cut(text)?, text, &list))?;
                Ok(list)
            }

            /// The part that `strip` and its kin leave.
            fn strip_to(&self, chars: Option<&Object>, start: bool, end: bool) -> Result<Ref<$Type>, Raised> {
                let (range, length) =
                    self.lend(|text| Ok::<_, Raised>((common::stripped(text, chars, start, end)?, text.len())))?;
                if range.len() == length {
                    return self.same();
                }
                self.lend(|text| $Type::make(text.get(range).unwrap_or_default()))
            }

            fn padded(&self, width: isize, fill: u8, split: fn(usize, isize) -> usize) -> Result<Ref<$Type>, Raised> {
                let missing = usize::try_from(width).map_or(0, |width| width.saturating_sub(self.len()));
                if missing == 0 {
                    return self.same();
                }
                if $name == "bytes" && width > isize::MAX - 33 {
                    return Err(raise!(OverflowError, "byte string is too large"));
                }
                let left = split(missing, width);
                let out = self.lend(|text| common::pad(text, left, missing - left, fill))?;
                $Type::make(&out)
            }

            fn recased(&self, case: common::Case) -> Result<Ref<$Type>, Raised> {
                let out = self.lend(|text| common::change_case(text, case))?;
                $Type::make(&out)
            }

            fn located(
                &self,
                name: &str,
                arguments: &[&Object],
                names: Option<&Tuple>,
                search: fn(&[u8], &[u8]) -> Option<usize>,
            ) -> Result<Option<usize>, Raised> {
                let arguments = FindArguments::parse(name, arguments, names)?;
                let needle = common::Needle::new(arguments.wanted)?;
                Ok(self.lend(|text| common::locate(text, &arguments, &needle, search)))
            }
        }

        #[habu_macros::pymethods(table = COMMON)]
        impl $Type {
            /// B.count(sub[, start[, end]]) -> int
            ///
            /// Return the number of non-overlapping occurrences of subsection sub in
            /// bytes B[start:end].  Optional arguments start and end are interpreted
            /// as in slice notation.
            #[raw]
            #[no_signature]
            fn count(&self, arguments: &[&Object], names: Option<&Tuple>) -> Result<usize, Raised> {
                let arguments = FindArguments::parse("count", arguments, names)?;
                let needle = common::Needle::new(arguments.wanted)?;
                Ok(self.lend(|text| common::count(text, &arguments, &needle)))
            }

            /// B.find(sub[, start[, end]]) -> int
            ///
            /// Return the lowest index in B where subsection sub is found,
            /// such that sub is contained within B[start,end].  Optional
            /// arguments start and end are interpreted as in slice notation.
            ///
            /// Return -1 on failure.
            #[raw]
            #[no_signature]
            fn find(&self, arguments: &[&Object], names: Option<&Tuple>) -> Result<isize, Raised> {
                Ok(self.located("find", arguments, names, search::find)?.map_or(-1, |at| at as isize))
            }

            /// B.rfind(sub[, start[, end]]) -> int
            ///
            /// Return the highest index in B where subsection sub is found,
            /// such that sub is contained within B[start,end].  Optional
            /// arguments start and end are interpreted as in slice notation.
            ///
            /// Return -1 on failure.
            #[raw]
            #[no_signature]
            fn rfind(&self, arguments: &[&Object], names: Option<&Tuple>) -> Result<isize, Raised> {
                Ok(self.located("rfind", arguments, names, search::rfind)?.map_or(-1, |at| at as isize))
            }

            /// B.index(sub[, start[, end]]) -> int
            ///
            /// Return the lowest index in B where subsection sub is found,
            /// such that sub is contained within B[start,end].  Optional
            /// arguments start and end are interpreted as in slice notation.
            ///
            /// Raises ValueError when the subsection is not found.
            #[raw]
            #[no_signature]
            fn index(&self, arguments: &[&Object], names: Option<&Tuple>) -> Result<usize, Raised> {
                let found = self.located("index", arguments, names, search::find)?;
                found.ok_or_else(|| raise!(ValueError, "subsection not found"))
            }

            /// B.rindex(sub[, start[, end]]) -> int
            ///
            /// Return the highest index in B where subsection sub is found,
            /// such that sub is contained within B[start,end].  Optional
            /// arguments start and end are interpreted as in slice notation.
            ///
            /// Raise ValueError when the subsection is not found.
            #[raw]
            #[no_signature]
            fn rindex(&self, arguments: &[&Object], names: Option<&Tuple>) -> Result<usize, Raised> {
                let found = self.located("rindex", arguments, names, search::rfind)?;
                found.ok_or_else(|| raise!(ValueError, "subsection not found"))
            }

            /// B.startswith(prefix[, start[, end]]) -> bool
            ///
            /// Return True if B starts with the specified prefix, False otherwise.
            /// With optional start, test B beginning at that position.
            /// With optional end, stop comparing B at that position.
            /// prefix can also be a tuple of bytes to try.
            #[raw]
            #[no_signature]
            fn startswith(&self, arguments: &[&Object], names: Option<&Tuple>) -> Result<bool, Raised> {
                let arguments = FindArguments::parse("startswith", arguments, names)?;
                self.lend(|text| common::affix(text, "startswith", &arguments, search::starts_with))
            }

            /// B.endswith(suffix[, start[, end]]) -> bool
            ///
            /// Return True if B ends with the specified suffix, False otherwise.
            /// With optional start, test B beginning at that position.
            /// With optional end, stop comparing B at that position.
            /// suffix can also be a tuple of bytes to try.
            #[raw]
            #[no_signature]
            fn endswith(&self, arguments: &[&Object], names: Option<&Tuple>) -> Result<bool, Raised> {
                let arguments = FindArguments::parse("endswith", arguments, names)?;
                self.lend(|text| common::affix(text, "endswith", &arguments, search::ends_with))
            }

            /// Return a copy with all occurrences of substring old replaced by new.
            ///
            ///   count
            ///     Maximum number of occurrences to replace.
            ///     -1 (the default value) means replace all occurrences.
            ///
            /// If the optional argument count is given, only the first count occurrences are
            /// replaced.
            #[signature(old, new, count = -1, /)]
            fn replace(&self, old: ByteView, new: ByteView, count: isize) -> Result<Ref<$Type>, Raised> {
                match self.lend(|text| common::replace(text, &old, &new, count))? {
                    Some(out) => $Type::make(&out),
                    None => self.same(),
                }
            }

            /// Return a list of the sections in the bytes, using sep as the delimiter.
            ///
            ///   sep
            ///     The delimiter according which to split the bytes.
            ///     None (the default value) means split on ASCII whitespace characters
            ///     (space, tab, return, newline, formfeed, vertical tab).
            ///   maxsplit
            ///     Maximum number of splits to do.
            ///     -1 (the default value) means no limit.
            #[signature(sep = None, maxsplit = -1)]
            fn split(&self, sep: Option<&Object>, maxsplit: isize) -> Result<Ref<List>, Raised> {
                let most = limit(maxsplit);
                let Some(sep) = sep.filter(|sep| !is_none(sep)) else {
                    return self.parts(|text| Ok(habu_heap::Buffer::try_from_iter(words(text, most, is_byte_space))?));
                };
                let sep = common::separator(sep)?;
                self.parts(|text| Ok(habu_heap::Buffer::try_from_iter(split(text, &sep, most))?))
            }

            /// Return a list of the sections in the bytes, using sep as the delimiter.
            ///
            ///   sep
            ///     The delimiter according which to split the bytes.
            ///     None (the default value) means split on ASCII whitespace characters
            ///     (space, tab, return, newline, formfeed, vertical tab).
            ///   maxsplit
            ///     Maximum number of splits to do.
            ///     -1 (the default value) means no limit.
            ///
            /// Splitting is done starting at the end of the bytes and working to the front.
            #[signature(sep = None, maxsplit = -1)]
            fn rsplit(&self, sep: Option<&Object>, maxsplit: isize) -> Result<Ref<List>, Raised> {
                let most = limit(maxsplit);
                let reversed = |mut parts: habu_heap::Buffer<std::ops::Range<usize>>| {
                    parts.reverse();
                    parts
                };
                let Some(sep) = sep.filter(|sep| !is_none(sep)) else {
                    return self.parts(|text| {
                        Ok(reversed(habu_heap::Buffer::try_from_iter(words(text, most, is_byte_space).rev())?))
                    });
                };
                let sep = common::separator(sep)?;
                self.parts(|text| Ok(reversed(habu_heap::Buffer::try_from_iter(rsplit(text, &sep, most))?)))
            }

            /// Return a list of the lines in the bytes, breaking at line boundaries.
            ///
            /// Line breaks are not included in the resulting list unless keepends is given and
            /// true.
            #[signature(keepends = 0)]
            #[shown("($self, /, keepends=False)")]
            fn splitlines(&self, keepends: i32) -> Result<Ref<List>, Raised> {
                self.parts(|text| Ok(habu_heap::Buffer::try_from_iter(lines(text, keepends != 0, is_byte_line_break))?))
            }

            /// Partition the bytes into three parts using the given separator.
            ///
            /// This will search for the separator sep in the bytes. If the separator is found,
            /// returns a 3-tuple containing the part before the separator, the separator
            /// itself, and the part after it.
            ///
            /// If the separator is not found, returns a 3-tuple containing the original bytes
            /// object and two empty bytes objects.
            fn partition(&self, sep: &Object) -> Result<Ref<Tuple>, Raised> {
                let view = common::separator(sep)?;
                match self.lend(|text| search::find(text, &view)) {
                    Some(at) => self.three(at, sep, view.len()),
                    None => Tuple::from_refs([
                        self.same()?.into_object(),
                        $Type::make(b"")?.into_object(),
                        $Type::make(b"")?.into_object(),
                    ]),
                }
            }

            /// Partition the bytes into three parts using the given separator.
            ///
            /// This will search for the separator sep in the bytes, starting at the end. If
            /// the separator is found, returns a 3-tuple containing the part before the
            /// separator, the separator itself, and the part after it.
            ///
            /// If the separator is not found, returns a 3-tuple containing two empty bytes
            /// objects and the original bytes object.
            fn rpartition(&self, sep: &Object) -> Result<Ref<Tuple>, Raised> {
                let view = common::separator(sep)?;
                match self.lend(|text| search::rfind(text, &view)) {
                    Some(at) => self.three(at, sep, view.len()),
                    None => Tuple::from_refs([
                        $Type::make(b"")?.into_object(),
                        $Type::make(b"")?.into_object(),
                        self.same()?.into_object(),
                    ]),
                }
            }

            /// Strip leading and trailing bytes contained in the argument.
            ///
            /// If the argument is omitted or None, strip leading and trailing ASCII whitespace.
            #[signature(bytes = None, /)]
            fn strip(&self, bytes: Option<&Object>) -> Result<Ref<$Type>, Raised> {
                self.strip_to(bytes, true, true)
            }

            /// Strip leading bytes contained in the argument.
            ///
            /// If the argument is omitted or None, strip leading  ASCII whitespace.
            #[signature(bytes = None, /)]
            fn lstrip(&self, bytes: Option<&Object>) -> Result<Ref<$Type>, Raised> {
                self.strip_to(bytes, true, false)
            }

            /// Strip trailing bytes contained in the argument.
            ///
            /// If the argument is omitted or None, strip trailing ASCII whitespace.
            #[signature(bytes = None, /)]
            fn rstrip(&self, bytes: Option<&Object>) -> Result<Ref<$Type>, Raised> {
                self.strip_to(bytes, false, true)
            }

            /// Return a bytes object with the given prefix string removed if present.
            ///
            /// If the bytes starts with the prefix string, return bytes[len(prefix):].
            /// Otherwise, return a copy of the original bytes.
            fn removeprefix(&self, prefix: ByteView) -> Result<Ref<$Type>, Raised> {
                let rest = |text: &[u8]| match text.strip_prefix(&*prefix) {
                    Some(rest) if prefix.len() > 0 => $Type::make(rest).map(Some),
                    _ => Ok(None),
                };
                self.lend(rest)?.map_or_else(|| self.same(), Ok)
            }

            /// Return a bytes object with the given suffix string removed if present.
            ///
            /// If the bytes ends with the suffix string and that suffix is not empty,
            /// return bytes[:-len(prefix)].  Otherwise, return a copy of the original
            /// bytes.
            fn removesuffix(&self, suffix: ByteView) -> Result<Ref<$Type>, Raised> {
                let rest = |text: &[u8]| match text.strip_suffix(&*suffix) {
                    Some(rest) if suffix.len() > 0 => $Type::make(rest).map(Some),
                    _ => Ok(None),
                };
                self.lend(rest)?.map_or_else(|| self.same(), Ok)
            }

            /// Return a copy with each character mapped by the given translation table.
            ///
            ///   table
            ///     Translation table, which must be a bytes object of length 256.
            ///
            /// All characters occurring in the optional argument delete are removed.
            /// The remaining characters are mapped through the given translation table.
            #[signature(table, /, delete = None)]
            #[shown("($self, table, /, delete=b'')")]
            fn translate(&self, table: &Object, delete: Option<&Object>) -> Result<Ref<$Type>, Raised> {
                let table = if is_none(table) { None } else { Some(ByteView::new(table)?) };
                common::check_translation(table.as_deref())?;
                let delete = delete.map(ByteView::new).transpose()?;
                let out =
                    self.lend(|text| common::translate(text, table.as_deref(), delete.as_deref().unwrap_or_default()))?;
                $Type::make(&out)
            }

            /// Return a translation table useable for the bytes or bytearray translate method.
            ///
            /// The returned table will be one where each byte in frm is mapped to the byte at
            /// the same position in to.
            ///
            /// The bytes objects frm and to must be of the same length.
            #[staticmethod]
            #[signature(frm, to, /)]
            fn maketrans(frm: ByteView, to: ByteView) -> Result<Ref<Bytes>, Raised> {
                Bytes::new(&common::make_translation(&frm, &to)?)
            }

            /// Concatenate any number of bytes objects.
            ///
            /// The bytes whose method is called is inserted in between each pair.
            ///
            /// The result is returned as a new bytes object.
            ///
            /// Example: b'.'.join([b'ab', b'pq', b'rs']) -> b'ab.pq.rs'.
            #[shown("($self, iterable_of_bytes, /)")]
            fn join(&self, iterable: &Object) -> Result<Ref<$Type>, Raised> {
                self.joined(iterable)
            }

            /// Create a string of hexadecimal numbers from a bytes object.
            ///
            ///   sep
            ///     An optional single character or byte to separate hex bytes.
            ///   bytes_per_sep
            ///     How many bytes between separators.  Positive values count from the
            ///     right, negative values count from the left.
            ///
            /// Example:
            /// >>> value = b'\xb9\x01\xef'
            /// >>> value.hex()
            /// 'b901ef'
            /// >>> value.hex(':')
            /// 'b9:01:ef'
            /// >>> value.hex(':', 2)
            /// 'b9:01ef'
            /// >>> value.hex(':', -2)
            /// 'b901:ef'
            #[signature(sep = None, bytes_per_sep = 1)]
            #[shown("($self, /, sep=<unrepresentable>, bytes_per_sep=1)")]
            fn hex(&self, sep: Option<&Object>, bytes_per_sep: i32) -> Result<Ref<Str>, Raised> {
                self.lend(|text| common::hex(text, sep, bytes_per_sep))
            }

            /// Decode the bytes using the codec registered for encoding.
            ///
            ///   encoding
            ///     The encoding with which to decode the bytes.
            ///   errors
            ///     The error handling scheme to use for the handling of decoding errors.
            ///     The default is 'strict' meaning that decoding errors raise a
            ///     UnicodeDecodeError. Other possible values are 'ignore' and 'replace'
            ///     as well as any other name registered with codecs.register_error that
            ///     can handle UnicodeDecodeErrors.
            #[signature(encoding = None, errors = None)]
            #[shown("($self, /, encoding='utf-8', errors='strict')")]
            fn decode(&self, encoding: Option<&Str>, errors: Option<&Str>) -> Result<Ref<Str>, Raised> {
                crate::types::str::codecs::decode_method(self, encoding, errors)
            }
        }

        #[habu_macros::pymethods(table = COMMON_CASE)]
        impl $Type {
            /// B.capitalize() -> copy of B
            ///
            /// Return a copy of B with only its first character capitalized (ASCII)
            /// and the rest lower-cased.
            #[no_signature]
            fn capitalize(&self) -> Result<Ref<$Type>, Raised> {
                self.recased(common::Case::Capitalize)
            }

            /// B.lower() -> copy of B
            ///
            /// Return a copy of B with all ASCII characters converted to lowercase.
            #[no_signature]
            fn lower(&self) -> Result<Ref<$Type>, Raised> {
                self.recased(common::Case::Lower)
            }

            /// B.swapcase() -> copy of B
            ///
            /// Return a copy of B with uppercase ASCII characters converted
            /// to lowercase ASCII and vice versa.
            #[no_signature]
            fn swapcase(&self) -> Result<Ref<$Type>, Raised> {
                self.recased(common::Case::Swap)
            }

            /// B.title() -> copy of B
            ///
            /// Return a titlecased version of B, i.e. ASCII words start with uppercase
            /// characters, all remaining cased characters have lowercase.
            #[no_signature]
            fn title(&self) -> Result<Ref<$Type>, Raised> {
                self.recased(common::Case::Title)
            }

            /// B.upper() -> copy of B
            ///
            /// Return a copy of B with all ASCII characters converted to uppercase.
            #[no_signature]
            fn upper(&self) -> Result<Ref<$Type>, Raised> {
                self.recased(common::Case::Upper)
            }

            /// B.isalnum() -> bool
            ///
            /// Return True if all characters in B are alphanumeric
            /// and there is at least one character in B, False otherwise.
            #[no_signature]
            fn isalnum(&self) -> Result<bool, Raised> {
                Ok(self.lend(|text| common::all(text, |byte| byte.is_ascii_alphanumeric())))
            }

            /// B.isalpha() -> bool
            ///
            /// Return True if all characters in B are alphabetic
            /// and there is at least one character in B, False otherwise.
            #[no_signature]
            fn isalpha(&self) -> Result<bool, Raised> {
                Ok(self.lend(|text| common::all(text, |byte| byte.is_ascii_alphabetic())))
            }

            /// B.isascii() -> bool
            ///
            /// Return True if B is empty or all characters in B are ASCII,
            /// False otherwise.
            #[no_signature]
            fn isascii(&self) -> Result<bool, Raised> {
                Ok(self.lend(<[u8]>::is_ascii))
            }

            /// B.isdigit() -> bool
            ///
            /// Return True if all characters in B are digits
            /// and there is at least one character in B, False otherwise.
            #[no_signature]
            fn isdigit(&self) -> Result<bool, Raised> {
                Ok(self.lend(|text| common::all(text, |byte| byte.is_ascii_digit())))
            }

            /// B.islower() -> bool
            ///
            /// Return True if all cased characters in B are lowercase and there is
            /// at least one cased character in B, False otherwise.
            #[no_signature]
            fn islower(&self) -> Result<bool, Raised> {
                Ok(self.lend(|text| common::has_case(text, u8::is_ascii_lowercase, u8::is_ascii_uppercase)))
            }

            /// B.isupper() -> bool
            ///
            /// Return True if all cased characters in B are uppercase and there is
            /// at least one cased character in B, False otherwise.
            #[no_signature]
            fn isupper(&self) -> Result<bool, Raised> {
                Ok(self.lend(|text| common::has_case(text, u8::is_ascii_uppercase, u8::is_ascii_lowercase)))
            }

            /// B.isspace() -> bool
            ///
            /// Return True if all characters in B are whitespace
            /// and there is at least one character in B, False otherwise.
            #[no_signature]
            fn isspace(&self) -> Result<bool, Raised> {
                Ok(self.lend(|text| common::all(text, |byte| is_byte_space(u32::from(byte)))))
            }

            /// B.istitle() -> bool
            ///
            /// Return True if B is a titlecased string and there is at least one
            /// character in B, i.e. uppercase characters may only follow uncased
            /// characters and lowercase characters only cased ones. Return False
            /// otherwise.
            #[no_signature]
            fn istitle(&self) -> Result<bool, Raised> {
                Ok(self.lend(common::is_title))
            }

            /// Return a centered string of length width.
            ///
            /// Padding is done using the specified fill character.
            #[signature(width, fillchar = common::FillByte(b' '), /)]
            #[shown("($self, width, fillchar=b' ', /)")]
            fn center(&self, width: isize, fillchar: common::FillByte) -> Result<Ref<$Type>, Raised> {
                self.padded(width, fillchar.0, |all, width| all / 2 + (all & width as usize & 1))
            }

            /// Return a left-justified string of length width.
            ///
            /// Padding is done using the specified fill character.
            #[signature(width, fillchar = common::FillByte(b' '), /)]
            #[shown("($self, width, fillchar=b' ', /)")]
            fn ljust(&self, width: isize, fillchar: common::FillByte) -> Result<Ref<$Type>, Raised> {
                self.padded(width, fillchar.0, |_, _| 0)
            }

            /// Return a right-justified string of length width.
            ///
            /// Padding is done using the specified fill character.
            #[signature(width, fillchar = common::FillByte(b' '), /)]
            #[shown("($self, width, fillchar=b' ', /)")]
            fn rjust(&self, width: isize, fillchar: common::FillByte) -> Result<Ref<$Type>, Raised> {
                self.padded(width, fillchar.0, |all, _| all)
            }

            /// Pad a numeric string with zeros on the left, to fill a field of the given width.
            ///
            /// The original string is never truncated.
            fn zfill(&self, width: isize) -> Result<Ref<$Type>, Raised> {
                if usize::try_from(width).unwrap_or(0) <= self.len() {
                    return self.same();
                }
                let out = self.lend(|text| common::zfill(text, width))?;
                $Type::make(&out)
            }

            /// Return a copy where all tab characters are expanded using spaces.
            ///
            /// If tabsize is not given, a tab size of 8 characters is assumed.
            #[signature(tabsize = 8)]
            fn expandtabs(&self, tabsize: i32) -> Result<Ref<$Type>, Raised> {
                let out = self.lend(|text| common::expand_tabs(text, tabsize))?;
                $Type::make(&out)
            }
        }
    };
}

pub(crate) use shared_byte_methods;
