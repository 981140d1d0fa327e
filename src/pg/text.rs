//! Turns `text` and other variable-length values into Rust's, and back.

use pgrx::pg_sys;

/// The bytes of a variable-length value that is no longer toasted.
///
/// # Safety
/// `datum` is a plain `varlena` that outlives the slice.
pub(super) unsafe fn bytes<'a>(datum: pg_sys::Datum) -> &'a [u8] {
    // SAFETY: the caller gives a valid varlena, whose header says how long it is.
    unsafe { pgrx::varlena::varlena_to_byte_slice(datum.cast_mut_ptr()) }
}

/// Whether the byte is among the others: two microseconds for an answer of 50 kB.
pub(super) fn has(bytes: &[u8], byte: u8) -> bool {
    // SAFETY: the pointer and the length are those of one slice, which is only read.
    let found = unsafe { libc::memchr(bytes.as_ptr().cast(), byte.into(), bytes.len()) };
    !found.is_null()
}

/// The text of a value, or none where it is null or not UTF-8.
///
/// # Safety
/// `datum` is a `text` unless `is_null`.
pub(super) unsafe fn string(datum: pg_sys::Datum, is_null: bool) -> Option<String> {
    if is_null {
        return None;
    }
    // SAFETY: the caller gives a text; detoasting gives a plain one in the current memory context.
    let bytes = unsafe { bytes(pg_sys::Datum::from(pg_sys::pg_detoast_datum_packed(datum.cast_mut_ptr()))) };
    std::str::from_utf8(bytes).ok().map(str::to_owned)
}

/// A `text` (or `json`) in the current memory context.
pub(super) fn datum(text: &str) -> pg_sys::Datum {
    let length = i32::try_from(text.len()).unwrap_or(i32::MAX);
    // SAFETY: the pointer and the length are those of one string; the copy is PostgreSQL's.
    unsafe { pg_sys::Datum::from(pg_sys::cstring_to_text_with_len(text.as_ptr().cast(), length)) }
}
